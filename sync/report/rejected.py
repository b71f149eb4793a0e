"""rejected.csv and rejected.xlsx: the rows that did not make it, ready to be corrected and fed in again.

What enters: a run's record. What leaves: one file for each input that has such rows.
What never happens here: changing a cell; making a text a formula.
"""

import csv
import datetime
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from sync.record import ReportRow, RunRecord
from sync.report.files import place
from sync.report.rows import is_plan, reasons
from sync.report.workbook import text
from sync.sheet import ErrorCell, Input, PaddedNumber

REASON = "imsync: reason"
_OUTCOMES = ("rejected", "conflict", "failed")


def write_all(run: RunRecord, folder: Path) -> list[Path]:
    """Writes the files; none where every row made it, and then none of an earlier run is left.

    A file that is itself an input of the run (a corrected `rejected.csv`) is neither replaced nor removed.
    """
    inputs = run.inputs()
    spared = {Path(each.path).resolve() for each in inputs}
    by_input: dict[int, list[ReportRow]] = {}
    for row in run.rows(*_OUTCOMES, planned=is_plan(run)):
        by_input.setdefault(row.input, []).append(row)
    paths = []
    for number, rows in sorted(by_input.items()):
        found = inputs[number]
        stem = "rejected" if len(inputs) == 1 else f"rejected-{number + 1}-{Path(found.name).stem}"
        write = partial(_write_csv if found.kind == "csv" else _write_xlsx, found, rows)
        paths.append(place(folder, f"{stem}.{found.kind}", write, spared=spared))
    for stale in (folder / "rejected.csv", folder / "rejected.xlsx"):
        if stale not in paths and stale.resolve() not in spared:
            with suppress(OSError):
                stale.unlink()
    return paths


def _table(found: Input, rows: Sequence[ReportRow]) -> Iterator[list[Any]]:
    """The header, then the rows as they stood; the reason at the far right, in the place of an earlier one's."""
    earlier = [index for index, header in enumerate(found.header) if header == REASON]

    def own(cells: Sequence[Any]) -> list[Any]:
        return [cell for index, cell in enumerate(cells) if index not in earlier]

    width = max(len(own(cells)) for cells in (found.header, *(row.cells or () for row in rows)))

    def filled(cells: Sequence[Any]) -> list[Any]:
        return own(cells) + [""] * (width - len(own(cells)))

    yield [*filled(found.header), REASON]
    for row in rows:
        yield [*filled(row.cells or ()), reasons(row)]


def _write_csv(found: Input, rows: Sequence[ReportRow], path: Path) -> None:
    # Only our own column may lack letters in an old code page; the cells came from it.
    with path.open("w", encoding=found.encoding, errors="replace", newline="") as file:
        csv.writer(file, delimiter=found.delimiter).writerows(_table(found, rows))


def _write_xlsx(found: Input, rows: Sequence[ReportRow], path: Path) -> None:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(found.sheet or "Rejected")
    for record in _table(found, rows):
        sheet.append([_cell(sheet, cell) for cell in record])
    workbook.save(path)


def _cell(sheet: Any, value: Any) -> Any:  # noqa: ANN401 - a cell as its file types it
    cell: Any
    match value:
        case PaddedNumber(number, width):
            cell = WriteOnlyCell(sheet, value=number)
            cell.number_format = "0" * width
        case ErrorCell(shown):
            cell = WriteOnlyCell(sheet, value=shown)
            cell.data_type = "s"
        case str():
            cell = WriteOnlyCell(sheet, value=text(value))
            cell.data_type = "s"
        case datetime.datetime() if value.time() == datetime.time():
            cell = WriteOnlyCell(sheet, value=value)
            cell.number_format = "dd.mm.yyyy"
        case _:
            cell = WriteOnlyCell(sheet, value=value)
    return cell
