"""Reads a workbook as the person sees it.

What enters: a file's bytes, and the sheet that the mapping names. What leaves: records with their row numbers.
What never happens here: losing a leading zero that a number format shows; running a formula.
"""

import datetime
import io
import re
import zipfile
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.utils import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException

from sync.errors import UsageError
from sync.reader.csv_file import Records
from sync.sheet import ErrorCell, PaddedNumber

# A cell with a formula and nothing, or an empty value, behind it.
_UNSOLVED = re.compile(
    rb'<c\b[^>]*?\br="([A-Z]+)(\d+)"[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
# A workbook that unpacks to more than this is not an address book.
_LARGEST = 2 << 30
# A number format that shows a whole number with leading zeros, such as 00000000000 or 0000 000 00 00.
_ZEROS = re.compile(r'0[0 ()/\-\\"]*0')


def read_xlsx(name: str, content: bytes, *, sheet: str | None) -> Records:
    """All rows of the sheet (the first visible one when none is named) that hold anything but blanks.

    Cells are texts, numbers, dates, booleans, None, `PaddedNumber` or `ErrorCell`.

    Raises:
        UsageError: not a workbook, encrypted, too large, or without that sheet.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
                raise UsageError("workbook_too_large", file=name)
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        encrypted = content.startswith(b"\xd0\xcf\x11\xe0")
        raise UsageError("workbook_encrypted" if encrypted else "workbook_broken", file=name) from error
    try:
        visible = [each.title for each in workbook.worksheets if each.sheet_state == "visible"]
        if sheet is not None and sheet not in workbook.sheetnames:
            raise UsageError("sheet_unknown", file=name, sheet=sheet, known=", ".join(workbook.sheetnames))
        if sheet is None and not visible:
            raise UsageError("workbook_without_sheets", file=name)
        chosen = workbook[sheet or visible[0]]
        chosen.reset_dimensions()  # some exporters declare a range that is too small
        numbers: list[int] = []
        cells: list[list[Any]] = []
        unsolved = _formulas_without_value(content, chosen)
        for number, row in enumerate(chosen.iter_rows(), start=1):
            record = _record(row)
            for place in unsolved.get(number, ()):
                record += [None] * (place - len(record))
                record[place - 1] = ErrorCell("")
            if any(value is not None and value != "" for value in record):
                numbers.append(number)
                cells.append(record)
    except UsageError:
        raise
    except Exception as error:  # the library raises whatever the XML inside provokes
        raise UsageError("workbook_broken", file=name) from error
    finally:
        workbook.close()
    return Records(numbers, cells, sheet=chosen.title)


def _formulas_without_value(content: bytes, sheet: Any) -> dict[int, list[int]]:  # noqa: ANN401 - see the stubs
    """The places of formulas whose result the file does not hold: columns (from 1) by row.

    The library shows such a cell as blank, but the person who opens the file in Excel sees a value.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = archive.read(sheet._worksheet_path.lstrip("/"))  # noqa: SLF001 - the library has no public way
    found: dict[int, list[int]] = {}
    if b"<f" in part:
        for column, row in _UNSOLVED.findall(part):
            found.setdefault(int(row), []).append(column_index_from_string(column.decode()))
    return found


def _record(row: Iterable[Any]) -> list[Any]:
    values = [_value(cell) for cell in row]
    while values and values[-1] is None:
        values.pop()
    return values


def _value(cell: Any) -> Any:  # noqa: ANN401 - openpyxl's cells hold anything
    value = cell.value
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if cell.data_type == "e":
        return ErrorCell(str(value))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    shown = (cell.number_format or "").split(";")[0]  # the part for numbers that are not negative
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0 and _ZEROS.fullmatch(shown):
        return PaddedNumber(value, shown.count("0"))
    return value


def text_of(value: Any) -> str:  # noqa: ANN401
    """A cell's text as the person sees it: no `.0`, no exponent, dates as `2024-09-27`."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case PaddedNumber():
            return str(value.number).zfill(value.width)
        case ErrorCell():
            return value.text
        case float():
            return format(Decimal(repr(value)), "f")
        case datetime.datetime() if value.time() == datetime.time():
            return value.date().isoformat()
        case datetime.datetime():
            return value.isoformat(sep=" ")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return str(value)
