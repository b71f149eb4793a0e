"""Reads an old .xls workbook (Excel 5 to 2003) as the person sees it.

What enters: a file's bytes, and the sheet to read. What leaves: the sheet's cells with their kinds.
What never happens here: running a formula or a macro; a word of the library on the screen.
"""

import io
import struct
from collections.abc import Callable
from dataclasses import replace

import xlrd

from sync.errors import UsageError
from sync.grid import Cell, Grid, Merged
from sync.reader.limits import MOST_RANGES
from sync.reader.shown import BLANK, builtin_format, error_cell, number_cell, text_cell, truth_cell
from sync.reader.workbook_file import SheetCells, SheetInfo, known_sheet, library_border

# Files of Excel 5 and 95 hold bytes; where they do not say in which code page, it is most likely the Turkish one.
_TURKISH = "cp1254"
_UNICODE_SINCE = 80
# Records of a sheet, by their numbers in [MS-XLS].
_FILTER_MODE, _DIMENSIONS, _END = 0x009B, 0x0200, 0x000A


class _Nowhere(io.TextIOBase):
    """What the library would print."""

    def write(self, text: str) -> int:
        return len(text)


class XlsFile:
    """An .xls workbook.

    Raises:
        UsageError: encrypted, or not a workbook.
    """

    def __init__(self, name: str, content: bytes) -> None:
        self._name = name
        self._content = content
        self._styled = True
        try:
            self._book = self._open()
        except UsageError:
            raise
        except Exception:  # noqa: BLE001 - styles that the library cannot read: values are worth more than they are
            self._styled = False
            with library_border(name):
                self._book = self._open()
        with library_border(name):
            # The library tells a sheet's visibility only after reading the sheet.
            visibilities = self._book._sheet_visibility  # noqa: SLF001
            self.sheets = tuple(
                SheetInfo(sheet, visibility == 0)
                for sheet, visibility in zip(self._book.sheet_names(), visibilities, strict=True)
            )

    def _open(self) -> xlrd.Book:
        def opened(encoding: str | None) -> xlrd.Book:
            return xlrd.open_workbook(
                file_contents=self._content,
                logfile=_Nowhere(),
                use_mmap=False,
                formatting_info=self._styled,
                on_demand=True,
                ragged_rows=True,
                encoding_override=encoding,
            )

        try:
            book = opened(None)
        except Exception as error:
            if "encrypted" in str(error).lower() or "EncryptedPackage".encode("utf-16-le") in self._content:
                raise UsageError("workbook_encrypted", file=self._name) from error
            raise
        if book.biff_version < _UNICODE_SINCE and book.codepage is None:
            book = opened(_TURKISH)
        return book

    def read(self, sheet: str) -> Grid:
        """The rows of one sheet.

        Raises:
            UsageError: there is no such sheet, or it is broken.
        """
        place = known_sheet(self._name, self.sheets, sheet)
        try:
            return self._read(place)
        except UsageError:
            raise
        except Exception as error:
            if not self._styled:
                raise UsageError("workbook_broken", file=self._name) from error
        self._styled = False  # what has no meaning without styles, such as a broken merged range, is left out
        with library_border(self._name):
            self._book = self._open()
            return self._read(place)

    def _read(self, place: int) -> Grid:
        page = self._book.sheet_by_index(place)
        cells = SheetCells(self._name, self.sheets[place].name)
        shown = _Shown(self._book)
        for row in range(page.nrows):
            types, values = page.row_types(row), page.row_values(row)
            for column, (kind, value) in enumerate(zip(types, values, strict=True)):
                if kind == xlrd.XL_CELL_NUMBER or kind == xlrd.XL_CELL_DATE:  # noqa: PLR1714 - the quicker way
                    style = page.cell_xf_index(row, column) if self._styled else -1
                    cells.put(row + 1, column, shown.number(value, style, is_date=kind == xlrd.XL_CELL_DATE))
                elif kind != xlrd.XL_CELL_EMPTY and kind != xlrd.XL_CELL_BLANK:  # noqa: PLR1714
                    cells.put(row + 1, column, shown.others.get(kind, _blank)(value))
        hidden = [row + 1 for row, facts in page.rowinfo_map.items() if facts.hidden]
        filtered = bool(hidden) and self._filtered(place)
        grid = cells.grid(
            hidden_rows=hidden,
            filtered=lambda _: filtered,
            hidden_columns=[column for column, facts in page.colinfo_map.items() if facts.hidden],
            merged=[
                Merged(first_row + 1, last_row, first_column, last_column - 1)
                for first_row, last_row, first_column, last_column in page.merged_cells[:MOST_RANGES]
            ],
        )
        self._book.unload_sheet(place)
        return replace(grid, unstyled=not self._styled)

    def _filtered(self, place: int) -> bool:
        """Whether a filter is on: a record that the library skips says so, before the sheet's cells."""
        stream, position = self._book.mem, self._book._sh_abs_posn[place]  # noqa: SLF001
        while 0 <= position <= len(stream) - 4:
            record, length = struct.unpack_from("<HH", stream, position)
            if record in {_FILTER_MODE, _DIMENSIONS, _END}:
                return bool(record == _FILTER_MODE)
            position += 4 + length
        return False


def _blank(_: object) -> Cell:
    return BLANK


class _Shown:
    """Shows the values of one workbook."""

    others: dict[int, Callable[[object], Cell]]

    def __init__(self, book: xlrd.Book) -> None:
        self._book = book
        self._epoch_1904 = book.datemode == 1
        self._codes: dict[int, str] = {}
        self.others = {
            xlrd.XL_CELL_TEXT: lambda value: text_cell(str(value)),
            xlrd.XL_CELL_BOOLEAN: truth_cell,
            xlrd.XL_CELL_ERROR: lambda value: error_cell(int(str(value))),
        }

    def number(self, value: float, style: int, *, is_date: bool) -> Cell:
        """A number, under the style of its cell; without styles the library still tells what is a date."""
        if style < 0:
            return number_cell(value, "yyyy-mm-dd h:mm" if is_date else "General", epoch_1904=self._epoch_1904)
        code = self._codes.get(style)
        if code is None:
            code = self._codes[style] = self._code(style)
        return number_cell(value, code, epoch_1904=self._epoch_1904)

    def _code(self, style: int) -> str:
        if style >= len(self._book.xf_list):
            return "General"
        key = self._book.xf_list[style].format_key
        listed = self._book.format_map.get(key)
        code: str | None = listed.format_str if listed is not None else None
        return code or builtin_format(key)
