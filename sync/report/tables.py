"""Tables of a workbook: rows beyond counting, quicker than cell by cell, inside a workbook that openpyxl makes.

What enters: rows of texts and numbers. What leaves: sheets with a frozen header and a filter, in one .xlsx file.
What never happens here: a formula (each text is written as a text); all rows in memory; a row left out.
"""

import re
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import IO, Self
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from sync.report.cells import MOST_COLUMNS, MOST_ROWS, Losses, escaped, storable

_HEADER = PatternFill("solid", start_color="1F3A5F")
_OTHERS_HEADER = PatternFill("solid", start_color="5A6470")
_HEADER_FONT = Font(name="Calibri", bold=True, color="FFFFFF")
_PLAIN = Alignment(vertical="top", horizontal="left")
_WRAPPED = Alignment(vertical="top", wrap_text=True)
_END = b"</sheetData>"
_EXTENT = re.compile(rb"<dimension ref=[^>]*/>")
_LAST = b"</worksheet>"
_PIECE = 1 << 20
_LINE, _HIGHEST = 15.0, 405.0  # points
_SURE = 16_000  # letters that fit into a cell, whichever they are
_QUICKEST = 1  # of zlib's levels; the others take three times as long for a tenth less


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        title: its header.
        width: in letters.
        wrapped: long texts go on in further lines.
        own: it is the input's, not ours.
    """

    title: str
    width: float
    wrapped: bool = False
    own: bool = False


class Book:
    """A workbook that is being made: sheets of openpyxl's, and tables whose rows wait in a file until it is saved.

    Rows in memory would be too many, and openpyxl takes most of its time for cells that all look alike.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is where rows wait, in files without a name."""
        self.workbook = Workbook()
        self.losses = Losses()
        self._folder = folder
        self._tables: list[Table] = []
        self._plain, self._wrapped = self._style(_PLAIN), self._style(_WRAPPED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for table in self._tables:
            table.close()

    @property
    def first_sheet(self) -> Worksheet:
        """The sheet in front of the tables."""
        return self.workbook.worksheets[0]

    def table(self, name: str, columns: Sequence[Column], *, optional: bool = False) -> "Table":
        """A table, its sheets after those of the tables before it; an optional one without rows gets none."""
        styles = [self._wrapped if column.wrapped else self._plain for column in columns]
        made = Table(name, columns, styles, self.losses, optional, tempfile.TemporaryFile(dir=self._folder))  # noqa: SIM115 - saved, then closed
        self._tables.append(made)
        return made

    def _style(self, alignment: Alignment) -> int:
        """The number under which the workbook knows how such cells look."""
        sheet = self.workbook.create_sheet()  # a cell's style lives on in the workbook, the sheet does not
        cell = sheet.cell(1, 1)
        cell.alignment = alignment
        self.workbook.remove(sheet)
        return int(cell.style_id)

    def save(self, path: Path) -> None:
        """Writes the workbook; the tables cannot be added to any more."""
        parts: dict[str, tuple[Table, int]] = {}
        for table in self._tables:
            for number in range(table.sheets):
                sheet = self.workbook.create_sheet(table.sheet_name(number))
                table.dress(sheet, number)
                parts[sheet.title] = table, number
        frame = BytesIO()
        self.workbook.save(frame)
        # A sheet knows its place in the archive once the workbook has been saved.
        places = {sheet.path.lstrip("/"): parts.get(sheet.title) for sheet in self.workbook.worksheets}
        with (
            zipfile.ZipFile(frame) as made,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_QUICKEST) as archive,
        ):
            for part in made.infolist():
                rows = places.get(part.filename)
                content = made.read(part)
                with archive.open(part.filename, "w", force_zip64=rows is not None) as file:
                    if rows is None:
                        file.write(content)
                        continue
                    table, number = rows
                    before, end, after = content.partition(_END)
                    file.write(table.before_rows(number, before))
                    table.copy_rows(number, file)
                    file.write(end + table.after_rows(number, after))


class Table:
    """Rows under a header; a sheet that is full is followed by another one.

    Attributes:
        columns: those that have a header; they may be named as late as when all rows are there.
        rules: for a column (by its place) how its cells look.
    """

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        styles: Sequence[int],
        losses: Losses,
        optional: bool,
        waiting: IO[bytes],
    ) -> None:
        """`styles` are the columns'; further columns have the first of them."""
        self.name = name
        self.columns = list(columns)
        self._plain = styles[0]
        self.rules: list[tuple[int, Rule]] = []
        self._losses, self._optional, self._waiting = losses, optional, waiting
        self._written = 0
        self._ends: list[tuple[int, int]] = []  # of each full sheet: its rows, and where they end in the file
        self._wide = [(place, column.width) for place, column in enumerate(columns) if column.wrapped]
        self._cells: list[tuple[str, str, str]] = []
        for style in styles:
            self._add_column(style)

    @property
    def sheets(self) -> int:
        """How many sheets it takes."""
        return len(self._ends) + (not self._optional or self._written > 0)

    def append(self, values: Sequence[str | int | None]) -> None:
        """Adds a row; nothing is written where there is nothing."""
        if self._written == MOST_ROWS:
            self._ends.append((self._written, self._waiting.tell()))
            self._written = 0
        self._written += 1
        number = str(self._written + 1)
        while len(values) > len(self._cells) < MOST_COLUMNS:
            self._add_column(self._plain)
        parts = ['<row r="', number, self._height(values)]
        for (start, as_text, as_number), value in zip(self._cells, values, strict=False):
            if isinstance(value, str):
                if not value:
                    continue
                parts += (start, number, as_text, *self._text(value), "</t></is></c>")
            elif value is not None:
                parts += (start, number, as_number, str(value), "</v></c>")
        parts.append("</row>")
        self._waiting.write("".join(parts).encode())

    def _height(self, values: Sequence[str | int | None]) -> str:
        """How high the row is, where a text goes on in further lines: not every program looks for itself."""
        lines = 1
        for place, width in self._wide:
            value = values[place]
            if isinstance(value, str) and (len(value) > width or "\n" in value):
                lines = max(lines, sum(1 + int(len(line) / width) for line in value.split("\n")))
        return f'" ht="{min(lines * _LINE, _HIGHEST):g}">' if lines > 1 else '">'

    def _text(self, value: str) -> tuple[str, str]:
        """What closes the tag before a text, and the text as XML holds it."""
        if not (
            value.isprintable()
            and value[0] != " "
            and value[-1] != " "
            and "&" not in value
            and "<" not in value
            and ">" not in value
            and "_x" not in value
            and len(value) < _SURE
        ):
            value = escape(escaped(storable(value, self._losses)), {"\r": "&#13;"})
            if value != value.strip():
                return ' xml:space="preserve">', value
        return ">", value

    def _add_column(self, style: int) -> None:
        """The XML around a cell of the next column: before its row's number, and after it for texts and for numbers."""
        letter = get_column_letter(len(self._cells) + 1)
        self._cells.append((f'<c r="{letter}', f'" s="{style}" t="inlineStr"><is><t', f'" s="{style}"><v>'))

    def sheet_name(self, number: int) -> str:
        """What one of its sheets is called."""
        return f"{self.name} {number + 1}" if number else self.name

    def dress(self, sheet: Worksheet, number: int) -> None:
        """Everything of one of its sheets but the rows: header, widths, filter, colours, how it is printed."""
        last = self._rows(number) + 1
        for place, column in enumerate(self.columns, start=1):
            cell = sheet.cell(1, place)
            cell.value = storable(column.title, self._losses)
            cell.data_type = "s"
            cell.font, cell.fill, cell.alignment = _HEADER_FONT, _OTHERS_HEADER if column.own else _HEADER, _WRAPPED
            sheet.column_dimensions[get_column_letter(place)].width = column.width
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = self._extent(number)
        for place, rule in self.rules:
            letter = get_column_letter(place + 1)
            sheet.conditional_formatting.add(f"{letter}2:{letter}{max(last, 2)}", rule)
        ours = sum(not column.own for column in self.columns)
        sheet.print_area = f"A1:{get_column_letter(ours)}{last}"
        sheet.print_title_rows = "1:1"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)

    def copy_rows(self, number: int, file: IO[bytes]) -> None:
        """Writes the rows of one of its sheets."""
        start = self._ends[number - 1][1] if number else 0
        end = self._ends[number][1] if number < len(self._ends) else self._waiting.seek(0, SEEK_END)
        self._waiting.seek(start)
        while start < end:
            start += file.write(self._waiting.read(min(_PIECE, end - start)))

    def before_rows(self, number: int, xml: bytes) -> bytes:
        """What stands before the rows: as openpyxl made it, with the place that the rows take."""
        return _EXTENT.sub(f'<dimension ref="{self._extent(number)}"/>'.encode(), xml, count=1)

    def after_rows(self, number: int, xml: bytes) -> bytes:
        """What follows the rows: as openpyxl made it, and that a number may be a text (no mark in each such cell)."""
        extent = self._extent(number)
        told = f'<ignoredErrors><ignoredError sqref="{extent}" numberStoredAsText="1"/></ignoredErrors>'
        return xml.replace(_LAST, told.encode() + _LAST)

    def close(self) -> None:
        """Lets go of the rows."""
        self._waiting.close()

    def _extent(self, number: int) -> str:
        """Which cells a sheet has."""
        return f"A1:{get_column_letter(len(self.columns))}{self._rows(number) + 1}"

    def _rows(self, number: int) -> int:
        return self._ends[number][0] if number < len(self._ends) else self._written
