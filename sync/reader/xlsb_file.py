"""Reads a binary .xlsb workbook as the person sees it, from the records of its parts.

What enters: a file's bytes, and the sheet to read. What leaves: the sheet's cells with their kinds.
What never happens here: running a formula; believing a length that a record states.

The numbers and shapes of the records are those of [MS-XLSB].
"""

import posixpath
import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

from lxml import etree

from sync.errors import UsageError
from sync.grid import Cell, Grid, Merged
from sync.reader.limits import LARGEST_TEXT, MOST_COLUMNS, MOST_RANGES, MOST_VALUES
from sync.reader.shown import builtin_format, error_cell, number_cell, text_cell, truth_cell
from sync.reader.workbook_file import Archive, SheetCells, SheetInfo, known_sheet, library_border, safe_parser

# A row; cells with column, style and value have the numbers up to 11.
_ROW = 0
# A cell right of the one before it, so without a column.
_SHORT_FIRST, _SHORT_LAST = 12, 18
_SHORT_TO_LONG = 11
_SHARED_ITEM = 19
_RICH_TEXT = 62
_FORMAT, _STYLE, _STYLES_BEGIN, _STYLES_END = 44, 47, 617, 618
_COLUMNS, _MERGED, _FILTER, _CELLS_END = 60, 176, 161, 146
_BOOK_FACTS, _SHEET = 153, 156

_BLOCK = 1 << 18
# A record is never longer than this: the longest text of a cell has 32,767 characters, and its runs.
_LONGEST_RECORD = 1 << 24
_ROW_HIDDEN = 0x10
_NULL = 0xFFFFFFFF
_MOST_STYLES = 1 << 20

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"

_cell_head = struct.Struct("<II").unpack_from
_double = struct.Struct("<d").unpack_from
_long = struct.Struct("<I").unpack_from
_four = struct.Struct("<4I").unpack_from
_half_double = struct.Struct("<Q").pack


class _Relation(NamedTuple):
    kind: str
    part: str


class XlsbFile:
    """An .xlsb workbook.

    Raises:
        UsageError: encrypted, too large, or not a workbook.
    """

    def __init__(self, name: str, content: bytes) -> None:
        self._name = name
        self._archive = Archive(name, content)
        self._epoch_1904 = False
        self._parts: list[str] = []
        self._texts: list[Cell] | None = None
        self._codes: list[str] | None = None
        with library_border(name):
            starts = [each for each in self._relations("").values() if each.kind == "officeDocument"]
            self._book = starts[0].part
            self._book_relations = self._relations(self._book)
            self.sheets = tuple(self._sheets())

    def _sheets(self) -> Iterator[SheetInfo]:
        with self._archive.open(self._book) as stream:
            for record, data in _records(stream):
                if record == _BOOK_FACTS:
                    self._epoch_1904 = bool(data[0] & 1)
                elif record == _SHEET:
                    identifier, place = _wide_text(data, 8)
                    title, _ = _wide_text(data, place)
                    relation = self._book_relations.get(identifier)
                    if relation is not None and relation.kind == "worksheet":
                        self._parts.append(relation.part)
                        yield SheetInfo(title, _long(data)[0] & 3 == 0)

    def _relations(self, part: str) -> dict[str, _Relation]:
        """What a part (or the whole archive) points to, by identifier."""
        folder, file = posixpath.split(part)
        listing = posixpath.join(folder, "_rels", f"{file}.rels")
        if listing not in self._archive:
            return {}
        root = etree.fromstring(self._archive.read(listing), safe_parser())
        found = {}
        for each in root.iter(_RELATION):
            target = str(each.get("Target", ""))
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[str(each.get("Id"))] = _Relation(str(each.get("Type", "")).rsplit("/", 1)[-1], path)
        return found

    def read(self, sheet: str) -> Grid:
        """The rows of one sheet.

        Raises:
            UsageError: there is no such sheet, or it is broken or too large.
        """
        place = known_sheet(self._name, self.sheets, sheet)
        with library_border(self._name):
            if self._codes is None:
                self._codes = self._number_formats()
            if self._texts is None:
                self._texts = self._shared_texts()
            with self._archive.open(self._parts[place]) as stream:
                return self._grid(stream, self.sheets[place].name, self._codes, self._texts)

    def _part(self, kind: str) -> IO[bytes] | None:
        parts = [each.part for each in self._book_relations.values() if each.kind == kind]
        return self._archive.open(parts[0]) if parts else None

    def _number_formats(self) -> list[str]:
        """The number format's code of each style."""
        stream = self._part("styles")
        if stream is None:
            return []
        written: dict[int, str] = {}
        styles: list[int] = []
        among_cells = False
        with stream:
            for record, data in _records(stream):
                if record == _FORMAT:
                    written[int.from_bytes(data[:2], "little")] = _wide_text(data, 2)[0]
                elif record == _STYLES_BEGIN:
                    among_cells = True
                elif record == _STYLES_END:
                    break
                elif record == _STYLE and among_cells:
                    styles.append(int.from_bytes(data[2:4], "little"))
                    if len(styles) > _MOST_STYLES:
                        raise UsageError("workbook_too_large", file=self._name)
        return [written.get(number) or builtin_format(number) for number in styles]

    def _shared_texts(self) -> list[Cell]:
        stream = self._part("sharedStrings")
        if stream is None:
            return []
        texts: list[Cell] = []
        characters = 0
        with stream:
            for record, data in _records(stream):
                if record == _SHARED_ITEM:
                    text = _wide_text(data, 1)[0]
                    characters += len(text)
                    if len(texts) >= MOST_VALUES or characters > LARGEST_TEXT:
                        raise UsageError("workbook_too_large", file=self._name)
                    texts.append(text_cell(text))
        return texts

    def _grid(self, stream: IO[bytes], title: str, codes: list[str], texts: list[Cell]) -> Grid:  # noqa: C901, PLR0912 - one branch for each record
        cells = SheetCells(self._name, title)
        shown = _Shown(codes, texts, epoch_1904=self._epoch_1904)
        hidden_rows: list[int] = []
        hidden_columns: list[tuple[int, int]] = []
        merged: list[Merged] = []
        filtered = range(0)
        complete = False
        put, cell_of = cells.put, shown.cell
        row, column = 0, -1
        for record, data in _records(stream):
            if _ROW < record < _SHORT_FIRST or record == _RICH_TEXT:
                column, style = _cell_head(data)
                cell = cell_of(record, data, style & 0xFFFFFF, 8)
                if cell is not None:
                    put(row, column, cell)
            elif record == _ROW:
                row, column = _long(data)[0] + 1, -1
                if data[11] & _ROW_HIDDEN and len(hidden_rows) < MOST_VALUES:
                    hidden_rows.append(row)
            elif _SHORT_FIRST <= record <= _SHORT_LAST:
                column += 1
                cell = cell_of(record - _SHORT_TO_LONG, data, _long(data)[0] & 0xFFFFFF, 4)
                if cell is not None:
                    put(row, column, cell)
            elif record == _COLUMNS:
                first, last = _cell_head(data)
                if data[16] & 1 and len(hidden_columns) < MOST_COLUMNS:
                    hidden_columns.append((first, min(last, MOST_COLUMNS - 1)))
            elif record == _MERGED and len(merged) < MOST_RANGES:
                first_row, last_row, first, last = _four(data)
                merged.append(Merged(first_row + 1, last_row + 1, first, last))
            elif record == _CELLS_END:
                complete = True
            elif record == _FILTER:
                first_row, last_row, _, _ = _four(data)
                filtered = range(first_row + 1, last_row + 2)
        if not complete:
            raise ValueError("cut off")
        return cells.grid(
            hidden_rows=hidden_rows,
            filtered=lambda number: number in filtered,
            hidden_columns=_within(hidden_columns),
            merged=merged,
        )


def _within(ranges: list[tuple[int, int]]) -> set[int]:
    """The indexes that ranges name, each walked through once however often it is named."""
    found: set[int] = set()
    end = 0
    for first, last in sorted(ranges):
        found.update(range(max(first, end), last + 1))
        end = max(end, last + 1)
    return found


class _Shown:
    """Shows the values of one workbook."""

    def __init__(self, codes: list[str], texts: list[Cell], *, epoch_1904: bool) -> None:
        self._codes = codes
        self._texts = texts
        self._epoch_1904 = epoch_1904

    def cell(self, record: int, data: bytes, style: int, place: int) -> Cell | None:
        """The cell of one record, whose value begins at `place`; None for a blank one."""
        match record:
            case 7:  # one of the shared texts
                index: int = _long(data, place)[0]
                return self._texts[index]
            case 2:  # a number in 32 bits
                return self._number(_rk(_long(data, place)[0]), style)
            case 5 | 9:  # a number; these and the following also as a formula's result
                return self._number(_double(data, place)[0], style)
            case 6 | 8:  # a text
                return text_cell(_wide_text(data, place)[0])
            case 62:  # a text with formatting
                return text_cell(_wide_text(data, place + 1)[0])
            case 4 | 10:  # TRUE or FALSE
                return truth_cell(data[place])
            case 3 | 11:  # an error
                return error_cell(data[place])
            case _:
                return None

    def _number(self, value: float, style: int) -> Cell:
        code = self._codes[style] if style < len(self._codes) else "General"
        return number_cell(value, code, epoch_1904=self._epoch_1904)


def _rk(packed: int) -> float:
    """A number in 32 bits: the upper half of a float, or a whole number, and perhaps a hundredth of it."""
    if packed & 2:
        value: float = (packed >> 2) - (1 << 30 if packed & 1 << 31 else 0)
    else:
        value = _double(_half_double((packed & ~3) << 32))[0]
    return value / 100 if packed & 1 else value


def _wide_text(data: bytes, place: int) -> tuple[str, int]:
    """A text after its length, and where it ends.

    Raises:
        ValueError: the record is shorter than the text.
    """
    (length,) = _long(data, place)
    start = place + 4
    if length == _NULL:
        return "", start
    end = start + 2 * length
    if end > len(data):
        raise ValueError("a text that is longer than its record")
    return data[start:end].decode("utf-16-le", "replace"), end


def _records(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:  # noqa: C901 - calls would double the time
    """The records of a part: a number of one or two bytes, a length of one to four, and that many bytes.

    Raises:
        ValueError: the part ends within a record, or one is too long.
    """
    block = stream.read(_BLOCK)
    size = len(block)
    place = 0
    while True:
        if size - place < 6:  # noqa: PLR2004 - the longest head of a record
            block = block[place:] + stream.read(_BLOCK)
            size, place = len(block), 0
            if not block:
                return
        record = block[place]
        place += 1
        if record & 0x80:
            record = (record & 0x7F) | (block[place] & 0x7F) << 7
            place += 1
        length = block[place]
        place += 1
        if length & 0x80:
            length &= 0x7F
            for shift in (7, 14, 21):
                more = block[place]
                place += 1
                length |= (more & 0x7F) << shift
                if not more & 0x80:
                    break
        if length > _LONGEST_RECORD:
            raise ValueError("a record of more than 16 MiB")
        end = place + length
        if end > size:
            block = block[place:] + stream.read(max(_BLOCK, length))
            size, place, end = len(block), 0, length
            if end > size:
                raise ValueError("the part ends within a record")
        yield record, block[place:end]
        place = end
