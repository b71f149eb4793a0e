"""rejected.csv and rejected.xlsx: the rows that did not make it, ready to be corrected and fed in again.

What enters: a run's record. What leaves: one file for each input that has such rows.
What never happens here: changing a cell; making a text a formula.
"""

import csv
import datetime
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from sync import messages
from sync.grid import Cell, Kind
from sync.record import ReportRow, RunRecord
from sync.report.cells import Losses, escaped, sheet_name, storable
from sync.report.folder import ReportFolder, Tell, untold
from sync.report.rows import is_plan, reasons
from sync.sheet import CONTACT_ID, OURS, REASON, ROW, Input

_OUTCOMES = ("rejected", "conflict", "failed")
_DETECTED = ";\t,|"  # delimiters that need no `sep=` line
_ASCII = str.maketrans({"“": "'", "”": "'", "’": "'", "–": "-", "…": "...", "→": "->"})
_ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
_FIRST_DAY = "1900-03-01"  # Excel counts the days before it in a calendar of its own, or not at all
_AS_TEXT = "@"  # so that a phone typed over a text keeps its leading zero
_MEASURED, _MARGIN, _WIDEST, _REASON_WIDTH = 500, 3, 40, 80
_LINE, _HIGHEST = 15.0, 405.0  # points
_LONGEST_STEM = 50  # letters of an input's name, so that with what is put around it a disk takes it
_BOLD, _WRAPPED = Font(name="Calibri", bold=True), Alignment(wrap_text=True)
_Line = tuple[list[Cell], list[Cell]]  # the input's own cells, and ours


def write_all(run: RunRecord, folder: Path, tell: Tell = untold) -> list[Path]:
    """Writes the files of a run; none where every row made it, and then none of an earlier run is left.

    The rows of an undo are changes, not rows that could be corrected.
    """
    if run.meta.undoes:
        return []
    return write_rows(run.inputs(), run.rows(*_OUTCOMES, planned=is_plan(run)), folder, tell)


def write_rows(inputs: Sequence[Input], rows: Iterable[ReportRow], folder: Path, tell: Tell = untold) -> list[Path]:
    """Writes one file for each input with such rows.

    A file that is itself an input of the run (a corrected `rejected.csv`) is neither replaced nor removed. One that is
    not known to be as imsync wrote it (rows corrected, and not yet fed in again) is kept under another name.

    Args:
        inputs: of the run.
        rows: those that did not make it.
        folder: the files go directly into it.
        tell: is told of each file that was kept, and of each that could not have its name.

    Raises:
        UsageError: the folder cannot be written.
    """
    by_input: dict[int, list[ReportRow]] = {}
    for row in rows:
        by_input.setdefault(row.input, []).append(row)
    target = ReportFolder(folder, inputs, tell)
    paths = []
    for number, found in sorted(by_input.items()):
        source = inputs[number]
        stem = "rejected" if len(inputs) == 1 else f"rejected-{number + 1}-{Path(source.name).stem[:_LONGEST_STEM]}"
        write = partial(_write_csv if source.kind == "csv" else _write_xlsx, source, found)
        paths.append(target.place(f"{stem}.{source.kind}", write))
    for stale in ("rejected.csv", "rejected.xlsx"):
        if folder / stale not in paths:
            target.remove(stale)
    return paths


def _table(found: Input, rows: Sequence[ReportRow], *, plain: bool = False, numbered: bool = False) -> Iterator[_Line]:
    """The header, then the rows as they stood; our columns at the far right, in the place of an earlier file's.

    Where a row is in conflict there is a column for the id of the contact that is meant, to be filled in. `plain` makes
    our quotation marks and dashes those of ASCII; `numbered` gives the row's number a column of its own.
    """
    earlier = [index for index, header in enumerate(found.header) if header in OURS]
    chosen = found.header.index(CONTACT_ID) if CONTACT_ID in found.header else None

    def own(cells: Sequence[Cell]) -> list[Cell]:
        return [cell for index, cell in enumerate(cells) if index not in earlier]

    header = own([Cell(text) for text in found.header])
    width = max(len(header), *(len(own(row.cells or ())) for row in rows))

    def filled(cells: list[Cell]) -> list[Cell]:
        return cells + [Cell("")] * (width - len(cells))

    asks = any(row.outcome == "conflict" for row in rows)
    ours = [Cell(title) for title, wanted in ((CONTACT_ID, asks), (ROW, numbered), (REASON, True)) if wanted]
    yield filled(header), ours
    for row in rows:
        cells = row.cells or []
        answer = [cells[chosen] if chosen is not None and chosen < len(cells) else Cell("")] if asks else []
        number = [Cell(str(row.row), Kind.NUMBER)] if numbered else []
        reason = f"{messages.phrase('row_reason', row=row.row)} {reasons(row)}"
        yield filled(own(cells)), [*answer, *number, Cell(reason.translate(_ASCII) if plain else reason)]


def _write_csv(found: Input, rows: Sequence[ReportRow], path: Path) -> None:
    # Only our own column may lack letters in an old code page, and it must not look like another one's.
    in_unicode = found.encoding.lower().startswith("utf")
    with path.open("w", encoding=found.encoding, errors="replace", newline="") as file:
        if found.delimiter not in _DETECTED:
            file.write(f"sep={found.delimiter}\r\n")
        if found.quote == "none":
            for record in _table(found, rows, plain=not in_unicode):
                *cells, reason = (cell.text for cell in (*record[0], *record[1]))
                file.write(found.delimiter.join([*cells, reason.replace(found.delimiter, " ")]) + "\r\n")
            return
        writer = csv.writer(
            file,
            delimiter=found.delimiter,
            quotechar=found.quote,
            quoting=csv.QUOTE_ALL
            if found.quote == "'"
            else csv.QUOTE_MINIMAL,  # that mark is known by being everywhere
        )
        writer.writerows(
            [cell.text for cell in (*own, *ours)] for own, ours in _table(found, rows, plain=not in_unicode)
        )


def _write_xlsx(found: Input, rows: Sequence[ReportRow], path: Path) -> None:
    workbook = Workbook(write_only=True)
    sheet: Any = workbook.create_sheet(sheet_name(found.sheet, otherwise="Rejected"))  # a write-only sheet
    table = _table(found, rows, numbered=True)
    own, ours = next(table)
    header = [cell.text for cell in (*own, *ours)]
    for place_, width in enumerate(_widths(header, rows), start=1):
        sheet.column_dimensions[get_column_letter(place_)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{len(rows) + 1}"
    sheet.append([_header_cell(sheet, text) for text in header])
    for number, (cells, (*others, reason)) in enumerate(table, start=2):
        said = " ".join((reason.text, *_lost(header, cells)))
        sheet.row_dimensions[number].height = min(_LINE * (1 + len(said) // _REASON_WIDTH), _HIGHEST)
        told = _cell(sheet, Cell(said))
        told.alignment = _WRAPPED
        sheet.append([*(_cell(sheet, cell) for cell in (*cells, *others)), told])
    workbook.properties.creator = "imsync"
    workbook.save(path)


def _widths(header: Sequence[str], rows: Sequence[ReportRow]) -> Iterator[int]:
    """How wide the columns are: as their longest text among the first rows, within bounds."""
    for place_, title in enumerate(header):
        if title == REASON:
            yield _REASON_WIDTH
            continue
        texts = (row.cells[place_].text for row in rows[:_MEASURED] if row.cells and place_ < len(row.cells))
        longest = max((len(text) for text in texts), default=0)
        yield min(max(len(title), longest) + _MARGIN, _WIDEST)


def _lost(header: Sequence[str], cells: Sequence[Cell]) -> Iterator[str]:
    """What there is to say where a workbook cannot hold what stood in the input."""
    losses = [(title or str(number), Losses()) for number, title in enumerate(header, start=1)]
    for (_, each), cell in zip(losses, cells, strict=False):
        storable(cell.text, each)
    for code, names in (
        ("rejected_replaced", [title for title, each in losses if each.replaced]),
        ("rejected_cut", [title for title, each in losses if each.cut]),
    ):
        if names:
            yield messages.text(code, {"columns": ", ".join(names)})


def _header_cell(sheet: Any, title: str) -> Any:  # noqa: ANN401 - openpyxl's cells have no common type
    cell: Any = WriteOnlyCell(sheet, value=escaped(storable(title)) or None)
    if title:
        cell.data_type = "s"
        cell.font = _BOLD
    return cell


def _cell(sheet: Any, cell: Cell) -> Any:  # noqa: ANN401 - as above
    """The cell typed as its input's file typed it; a text is never a formula, and what replaces it stays a text."""
    value, number_format = _typed(cell)
    written: Any = WriteOnlyCell(sheet, value=escaped(storable(value)) if isinstance(value, str) else value)
    if cell.kind in (Kind.ERROR, Kind.UNSOLVED):
        written.data_type = "e"  # so that it is one still when it is fed in again uncorrected
    elif isinstance(value, str):
        written.data_type = "s"
    if number_format or (cell.kind is Kind.TEXT and value):
        written.number_format = number_format or _AS_TEXT
    return written


def _typed(cell: Cell) -> tuple[Any, str]:
    """A value for openpyxl, and its number format where the usual one would show it otherwise."""
    shown, kind = cell
    match kind:
        case Kind.NUMBER:
            return (int(shown) if shown.lstrip("-").isdecimal() else float(shown)), ""
        case Kind.PADDED:
            return int(shown), "0" * len(shown)
        case Kind.PERCENT:
            decimals = len(shown.rstrip("%").partition(".")[2])
            return float(Decimal(shown.rstrip("%")) / 100), f"0.{'0' * decimals}%" if decimals else "0%"
        case Kind.DATE if shown >= _FIRST_DAY:
            return datetime.date.fromisoformat(shown), "dd.mm.yyyy"
        case Kind.MOMENT if shown >= _FIRST_DAY:
            return datetime.datetime.fromisoformat(shown), "dd.mm.yyyy hh:mm:ss"
        case Kind.TIME:
            return datetime.time.fromisoformat(shown), "hh:mm:ss"
        case Kind.DURATION:
            hours, minutes, seconds = (int(part) for part in shown.lstrip("-").split(":"))
            duration = datetime.timedelta(hours=hours, minutes=minutes, seconds=seconds)
            return (-duration if shown.startswith("-") else duration), "[h]:mm:ss"
        case Kind.TRUTH:
            return shown == "TRUE", ""
        case Kind.ERROR | Kind.UNSOLVED:
            return shown if shown in _ERRORS else "#N/A", ""
        case _:
            return shown or None, ""
