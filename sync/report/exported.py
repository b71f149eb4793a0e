"""Files that hold a book: one row for each contact, all cells texts.

What enters: headers and batches of rows. What leaves: a .csv or .xlsx file that a mapping can read back.
What never happens here: a cell that a program runs as a formula; a half-written file; a file replaced unasked.
"""

import csv
import errno
import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pandas as pd
from lxml.etree import LxmlError
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from sync import formulas
from sync.drafts import new_draft
from sync.errors import UsageError
from sync.report.cells import MOST_ROWS, escaped
from sync.report.cells import storable as in_cell

_LONGEST_IN_CSV = 1 << 19  # characters: half of what a cell may have to be read back
_SHEET = "Kişiler"
_WIDTH = 22
_NO_ROOM = {"IO_ENOSPC": os.strerror(errno.ENOSPC)}  # as the XML library calls it
_AS_TEXT = "@"  # Excel's number format for texts: what is typed over a cell keeps its leading zeros

Row = Sequence[str]


def storable(texts: pd.Series, kind: str) -> pd.Series:
    """The texts as a file of this kind can hold them; no program reads what is replaced as what it was."""
    if kind == "xlsx":
        return texts.map(in_cell, na_action="ignore").astype("str")
    special = texts.str.contains("\x00", regex=False) | (texts.str.len() > _LONGEST_IN_CSV)
    special = special.fillna(value=False).astype(bool)
    if not special.any():
        return texts
    return texts.mask(special).fillna(texts[special].map(_cut).astype("str"))


def _cut(content: str) -> str:
    content = content.replace("\0", "\ufffd")
    return content if len(content) <= _LONGEST_IN_CSV else content[: _LONGEST_IN_CSV - 1] + "…"


def check_place(path: Path) -> None:
    """Raises UsageError where no file can be written."""
    draft = _draft(path)
    try:
        draft.touch(mode=0o600)
        draft.unlink()
    except OSError as error:
        raise UsageError("file_unwritable", file=str(path), reason=error.strerror or str(error)) from error


def write_text(path: Path, content: str) -> None:
    """Puts a whole text file in place."""
    _put(path, lambda draft: draft.write_text(content, encoding="utf-8", newline="\n"))


def write_contacts(path: Path, headers: Sequence[str], rows: Iterable[Row]) -> tuple[str, ...]:
    """Writes the rows below the headers, and returns the names of the sheets (none of a CSV)."""
    sheets: list[str] = []

    def write(draft: Path) -> None:
        if path.suffix.lower() == ".csv":
            _write_csv(draft, headers, rows)
        else:
            sheets.extend(_write_workbook(draft, headers, rows))

    _put(path, write)
    return tuple(sheets)


def _write_csv(path: Path, headers: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(headers)
        writer.writerows(map(formulas.defused, row) for row in rows)


def _write_workbook(path: Path, headers: Sequence[str], rows: Iterable[Row]) -> list[str]:
    workbook = Workbook(write_only=True)
    names: list[str] = []
    sheet: Any = None
    written = MOST_ROWS
    for row in rows:
        if written == MOST_ROWS:
            sheet, written = _sheet(workbook, names, headers), 0
        sheet.append([_cell(sheet, each) for each in row])
        written += 1
    if sheet is None:
        _sheet(workbook, names, headers)
    workbook.save(path)
    return names


def _sheet(workbook: Workbook, names: list[str], headers: Sequence[str]) -> Any:  # noqa: ANN401 - a write-only sheet
    names.append(_SHEET if not names else f"{_SHEET} {len(names) + 1}")
    sheet: Any = workbook.create_sheet(names[-1])
    for index in range(1, len(headers) + 1):
        sheet.column_dimensions[get_column_letter(index)].width = _WIDTH
    sheet.freeze_panes = "A2"
    cells = [WriteOnlyCell(sheet, value=header) for header in headers]
    for cell in cells:
        cell.font = Font(bold=True)
    sheet.append(cells)
    return sheet


def _cell(sheet: Any, value: str) -> Any:  # noqa: ANN401
    """A cell that is a text whatever it looks like; nothing where there is no text."""
    if not value:
        return None
    value = escaped(value)
    if value[0].isalpha():
        return value  # looks like nothing else, and is written sooner
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    cell.number_format = _AS_TEXT
    return cell


def _put(path: Path, write: Callable[[Path], object]) -> None:
    draft, reason = _draft(path), None
    with _silent_ends():
        try:
            os.close(new_draft(draft))
            write(draft)
            draft.replace(path)
        except (OSError, LxmlError) as error:
            reason = getattr(error, "strerror", None) or _NO_ROOM.get(str(error), str(error))
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
    if reason is not None:
        raise UsageError("file_unwritable", file=str(path), reason=reason)


@contextmanager
def _silent_ends() -> Iterator[None]:
    """What openpyxl began and could not end is cleared away without a word: each part tells the full disk again."""
    before = sys.unraisablehook
    sys.unraisablehook = lambda _: None
    try:
        yield
        gc.collect()
    finally:
        sys.unraisablehook = before


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")
