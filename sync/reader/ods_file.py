"""Reads an OpenDocument .ods workbook as the person sees it.

What enters: a file's bytes, and the sheet to read. What leaves: the sheet's cells with their kinds.
What never happens here: running a formula; following an entity or a link; a tree of the whole sheet in memory.
"""

import datetime
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from lxml import etree

from sync.errors import UsageError
from sync.grid import Cell, Grid, Kind, Merged
from sync.reader.limits import LARGEST_CELL, MOST_COLUMNS, MOST_RANGES, MOST_REPEATED, MOST_ROWS
from sync.reader.shown import BLANK, duration_cell, moment_cell, number_cell, text_cell, time_cell, truth_cell
from sync.reader.workbook_file import Archive, SheetCells, SheetInfo, known_sheet, library_border, safe_parser

_KINDS = (b"application/vnd.oasis.opendocument.spreadsheet", b"application/vnd.oasis.opendocument.spreadsheet-template")
_BLOCK = 1 << 16
_FAMILY_DEPTH = 20
_MOST_ZEROS = 300
_DAY_HOURS = 24

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TABLE, _TEXT = f"{{{_OASIS}office:1.0}}", f"{{{_OASIS}table:1.0}}", f"{{{_OASIS}text:1.0}}"
_STYLE, _NUMBER, _DRAW = f"{{{_OASIS}style:1.0}}", f"{{{_OASIS}datastyle:1.0}}", f"{{{_OASIS}drawing:1.0}}"
_SHEET = f"{_TABLE}table"
_TRACKED = f"{_TABLE}tracked-changes"
# Within these, a table is no sheet.
_NESTING = (_SHEET, _TRACKED)
_LOCKED = f"{{{_OASIS}manifest:1.0}}encryption-data"

_REPEATED_COLUMNS, _REPEATED_ROWS = f"{_TABLE}number-columns-repeated", f"{_TABLE}number-rows-repeated"
_SPANNED_COLUMNS, _SPANNED_ROWS = f"{_TABLE}number-columns-spanned", f"{_TABLE}number-rows-spanned"
_VISIBILITY, _DISPLAY = f"{_TABLE}visibility", f"{_TABLE}display"
_STYLE_NAME, _DEFAULT_STYLE = f"{_TABLE}style-name", f"{_TABLE}default-cell-style-name"
_FORMULA, _VALUE_TYPE, _VALUE = f"{_TABLE}formula", f"{_OFFICE}value-type", f"{_OFFICE}value"
_TEXT_VALUE, _TRUTH_VALUE = f"{_OFFICE}string-value", f"{_OFFICE}boolean-value"
_DATE_VALUE, _TIME_VALUE = f"{_OFFICE}date-value", f"{_OFFICE}time-value"
_ERROR_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"

# What hangs on a cell or a sheet without being in it: comments, drawings, earlier versions of changed cells.
_BESIDE = {
    f"{_OFFICE}annotation",
    _TRACKED,
    f"{_TABLE}covered-table-cell",
    f"{_TABLE}shapes",
    f"{_OFFICE}dde-source",
    f"{_TEXT}note",
    f"{_TEXT}ruby-text",
    f"{_TABLE}detective",
}
# How a formula's failure is shown, in English or Turkish.
_FAILURE = re.compile(
    r"#(?:N/A|YOK|REF!|BAŞV!|DIV/0!|SAYI/0!|BÖL/0!|VALUE!|DEĞER!|NAME\?|AD\?|NUM!|SAYI!|NULL!|BOŞ!)"
    r"|(?:Err|Hata): ?\d{3}",
    re.IGNORECASE,
)
_TRUTHS = {"TRUE", "FALSE", "DOĞRU", "YANLIŞ"}
_DURATION = re.compile(r"(-?)P(?:(\d{1,7})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:[.,]\d+)?)S)?)?")
# XML cannot hold these signs, so they stand for the blanks that are meant until the others have been joined.
_MEANT_SPACE, _MEANT_TAB, _MEANT_BREAK = "\x00", "\x01", "\x02"
_MEANT = str.maketrans({_MEANT_SPACE: " ", _MEANT_TAB: "\t", _MEANT_BREAK: "\n"})
_BLANKS = re.compile(r"[ \t\r\n]+")


class OdsFile:
    """An .ods workbook.

    Raises:
        UsageError: encrypted, too large, or not an OpenDocument spreadsheet.
    """

    def __init__(self, name: str, content: bytes) -> None:
        self._name = name
        self._archive = Archive(name, content)
        self._styles = _Styles()
        with library_border(name):
            if self._is_locked():
                raise UsageError("workbook_encrypted", file=name)
            if "mimetype" in self._archive and self._archive.read("mimetype").strip() not in _KINDS:
                raise UsageError("workbook_broken", file=name)
            if "styles.xml" in self._archive:
                self._parse("styles.xml", self._styles)
            listing = _Listing()
            self._parse("content.xml", listing)
            if not listing.is_spreadsheet:
                raise UsageError("workbook_broken", file=name)
        self.sheets = tuple(
            SheetInfo(title, style not in listing.hidden_styles) for title, style in listing.titles_and_styles
        )

    def _is_locked(self) -> bool:
        if "META-INF/manifest.xml" not in self._archive:
            return False
        root = etree.fromstring(self._archive.read("META-INF/manifest.xml"), safe_parser())
        return any(True for _ in root.iter(_LOCKED))

    def _parse(self, part: str, target: "_Target") -> None:
        parser = safe_parser(target)
        with self._archive.open(part) as stream:
            while block := stream.read(_BLOCK):
                parser.feed(block)
                if target.done:
                    return
        parser.close()

    def read(self, sheet: str) -> Grid:
        """The rows of one sheet.

        Raises:
            UsageError: there is no such sheet, or it is broken or too large.
        """
        place = known_sheet(self._name, self.sheets, sheet)
        cells = SheetCells(self._name, sheet)
        page = _Page(self._name, place, cells, self._styles.copy())
        with library_border(self._name):
            self._parse("content.xml", page)
            return cells.grid(
                hidden_rows=page.hidden_rows,
                filtered=page.filtered_rows.__contains__,
                hidden_columns=page.hidden_columns,
                merged=page.merged,
            )


class _Target:
    """What the parser tells of a part, without a tree.

    Attributes:
        done: nothing more needs to be read.
    """

    done = False

    def doctype(self, name: str, public: str | None, system: str | None) -> None:  # noqa: ARG002
        """The declaration in which entities could be defined; no program writes one."""
        raise ValueError("a document type")

    def start(self, tag: str, attributes: Any) -> None:  # noqa: ANN401 - a mapping of the library's own
        """An element begins."""

    def close(self) -> None:
        """The part ends."""


class _Listing(_Target):
    """The sheets, and which styles hide theirs."""

    def __init__(self) -> None:
        self.is_spreadsheet = False
        self.titles_and_styles: list[tuple[str, str]] = []
        self.hidden_styles: set[str] = set()
        self._style = ""
        self._depth = 0

    def start(self, tag: str, attributes: Any) -> None:  # noqa: ANN401
        if tag in _NESTING:
            if tag == _SHEET and not self._depth and self.is_spreadsheet:
                title = attributes.get(f"{_TABLE}name", "")
                self.titles_and_styles.append((title, attributes.get(_STYLE_NAME, "")))
            self._depth += 1
        elif tag == f"{_STYLE}style":
            self._style = attributes.get(f"{_STYLE}name", "")
        elif tag == f"{_STYLE}table-properties":
            if attributes.get(_DISPLAY) == "false":
                self.hidden_styles.add(self._style)
        elif tag == f"{_OFFICE}spreadsheet":
            self.is_spreadsheet = True

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag in _NESTING:
            self._depth -= 1


class _DataStyle(NamedTuple):
    """How numbers are shown: the code that Excel would use, and the style for numbers that are not negative."""

    code: str
    positive: str = ""


class _Styles(_Target):
    """The styles of a part, as far as they tell how numbers are shown."""

    def __init__(self) -> None:
        self._data: dict[str, _DataStyle] = {}
        self._cells: dict[str, tuple[str, str]] = {}
        self._codes: dict[str, str] = {}
        self._name = ""
        self._code = ""
        self._positive = ""
        self._literal = False

    def copy(self) -> "_Styles":
        """The same styles, to which others can be added."""
        other = _Styles()
        other._data, other._cells = dict(self._data), dict(self._cells)
        return other

    def code(self, style: str) -> str:
        """The number format's code of a cell's style."""
        code = self._codes.get(style)
        if code is None:
            code = self._codes[style] = self._found(style)
        return code

    def _found(self, style: str) -> str:
        for _ in range(_FAMILY_DEPTH):
            data, parent = self._cells.get(style, ("", ""))
            if data:
                shown = self._data.get(data, _DataStyle("General"))
                return self._data.get(shown.positive, shown).code
            if not parent:
                break
            style = parent
        return "General"

    def start(self, tag: str, attributes: Any) -> None:  # noqa: ANN401
        if tag == f"{_STYLE}style":
            if attributes.get(f"{_STYLE}family") == "table-cell":
                shown, parent = attributes.get(f"{_STYLE}data-style-name"), attributes.get(f"{_STYLE}parent-style-name")
                self._cells[attributes.get(f"{_STYLE}name", "")] = (shown or "", parent or "")
        elif tag == f"{_STYLE}map":
            condition = attributes.get(f"{_STYLE}condition", "").replace(" ", "")
            if condition.startswith(("value()>", "value()<=1.79769313486231")):  # the latter is any number, no text
                self._positive = self._positive or attributes.get(f"{_STYLE}apply-style-name", "")
        elif tag.startswith(_NUMBER):
            self._number_part(tag.removeprefix(_NUMBER), attributes)

    def _number_part(self, part: str, attributes: Any) -> None:  # noqa: ANN401
        if part.endswith("-style"):
            self._name = attributes.get(f"{_STYLE}name", "")
            self._positive = ""
            self._code = ""
            if part == "time-style":
                elapsed = attributes.get(f"{_NUMBER}truncate-on-overflow") == "false"
                self._code = "[h]:mm:ss" if elapsed else "h:mm:ss"
        elif part == "text":
            self._literal = True
            self._code += '"'
        elif part == "number":
            digits = min(max(int(attributes.get(f"{_NUMBER}min-integer-digits", "1")), 0), _MOST_ZEROS)
            self._code += "0" * digits if digits else "#"
            if attributes.get(f"{_NUMBER}grouping") == "true":
                self._code += ","
            if attributes.get(f"{_NUMBER}decimal-places", "0") != "0":
                self._code += ".0"
        elif part == "scientific-number":
            self._code += "0E+0"
        elif part == "fraction":
            self._code += "?/?"

    def data(self, text: str) -> None:
        """A text; of those, the literals within a number's style count."""
        if self._literal:
            self._code += text.replace('"', "")

    def end(self, tag: str) -> None:
        """An element ends."""
        if not tag.startswith(_NUMBER):
            return
        if tag == f"{_NUMBER}text":
            self._literal = False
            self._code += '"'
        elif tag.endswith("-style"):
            self._data[self._name] = _DataStyle(self._code or "General", self._positive)


class _Row(NamedTuple):
    """The row that is being read."""

    number: int
    times: int
    hidden: bool
    filtered: bool
    style: str
    cells: list[tuple[int, int, Cell]]


class _Page(_Target):
    """The cells of one sheet."""

    def __init__(self, file: str, wanted: int, cells: SheetCells, styles: _Styles) -> None:
        self.hidden_rows: list[int] = []
        self.filtered_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.merged: list[Merged] = []
        self._file = file
        self._wanted = wanted
        self._cells = cells
        self._styles = styles
        self._before = 0  # sheets
        self._inside = False  # the wanted sheet
        self._skipped = 0  # elements one in another
        self._repeated = 0
        self._row = _Row(0, 1, False, False, "", [])
        self._column = 0
        self._column_styles: list[str] = []
        self._row_groups: list[bool] = []
        self._column_groups: list[bool] = []
        self._cell: dict[str, str] | None = None
        self._paragraphs: list[str] = []
        self._pieces: list[str] | None = None
        self._length = 0
        self._starts: dict[str, Callable[[Any], None]] = {
            f"{_TABLE}table-cell": self._cell_starts,
            f"{_TEXT}p": self._paragraph_starts,
            f"{_TABLE}table-row": self._row_starts,
            f"{_TEXT}s": self._spaces,
            f"{_TEXT}tab": lambda _: self.data(_MEANT_TAB),
            f"{_TEXT}line-break": lambda _: self.data(_MEANT_BREAK),
            f"{_TABLE}table-column": self._columns,
            f"{_TABLE}table-row-group": lambda each: self._row_groups.append(each.get(_DISPLAY) == "false"),
            f"{_TABLE}table-column-group": lambda each: self._column_groups.append(each.get(_DISPLAY) == "false"),
            _SHEET: self._sheet_starts,
        }
        self._ends: dict[str, Callable[[], None]] = {
            f"{_TABLE}table-cell": self._cell_ends,
            f"{_TEXT}p": self._paragraph_ends,
            f"{_TABLE}table-row": self._row_ends,
            f"{_TABLE}table-row-group": lambda: self._leave(self._row_groups),
            f"{_TABLE}table-column-group": lambda: self._leave(self._column_groups),
            _SHEET: self._sheet_ends,
        }

    def start(self, tag: str, attributes: Any) -> None:  # noqa: ANN401
        if self._skipped:
            self._skipped += 1
            return
        starts = self._starts.get(tag)
        if starts is not None:
            starts(attributes)
        elif tag in _BESIDE or tag.startswith(_DRAW):
            if tag == f"{_TABLE}covered-table-cell":
                self._column += _times(attributes, _REPEATED_COLUMNS)
            self._skipped = 1
        elif not self._inside:
            self._styles.start(tag, attributes)

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._skipped:
            self._skipped -= 1
            return
        ends = self._ends.get(tag)
        if ends is not None:
            ends()
        elif not self._inside:
            self._styles.end(tag)

    def data(self, text: str) -> None:
        """A text, or a part of one."""
        if self._skipped:
            return
        if self._pieces is not None:
            self._length += len(text)
            if self._length > LARGEST_CELL:
                raise UsageError("workbook_too_large", file=self._file)
            self._pieces.append(text)
        elif not self._inside:
            self._styles.data(text)

    def _sheet_starts(self, _: Any) -> None:  # noqa: ANN401
        if not self._inside and self._before == self._wanted:
            self._inside = True
        else:
            self._before += not self._inside  # a sheet within a cell is none
            self._skipped = 1

    def _sheet_ends(self) -> None:
        self._inside = False
        self._before += 1  # the parser tells the rest of its block all the same
        self.done = True

    def _leave(self, groups: list[bool]) -> None:
        if groups:
            groups.pop()

    def _columns(self, attributes: Any) -> None:  # noqa: ANN401
        first = len(self._column_styles)
        times = min(_times(attributes, _REPEATED_COLUMNS), MOST_COLUMNS - first)
        self._column_styles += [attributes.get(_DEFAULT_STYLE, "")] * times
        if attributes.get(_VISIBILITY, "visible") != "visible" or any(self._column_groups):
            self.hidden_columns.update(range(first, first + times))

    def _row_starts(self, attributes: Any) -> None:  # noqa: ANN401
        visibility = attributes.get(_VISIBILITY, "visible")
        self._row = _Row(
            self._row.number + self._row.times,
            _times(attributes, _REPEATED_ROWS),
            visibility != "visible" or any(self._row_groups),
            visibility == "filter",
            attributes.get(_DEFAULT_STYLE, ""),
            [],
        )
        self._column = 0

    def _row_ends(self) -> None:
        row = self._row
        if not row.cells:
            return
        values = row.times * sum(times for _, times, _ in row.cells)
        self._repeated += values - len(row.cells)
        last_column = max(column + times for column, times, _ in row.cells)
        if self._repeated > MOST_REPEATED or row.number + row.times - 1 > MOST_ROWS or last_column > MOST_COLUMNS:
            raise UsageError("workbook_too_large", file=self._file)
        for number in range(row.number, row.number + row.times):
            for first, times, cell in row.cells:
                for column in range(first, first + times):
                    self._cells.put(number, column, cell)
            if row.hidden:
                self.hidden_rows.append(number)
                if row.filtered:
                    self.filtered_rows.add(number)

    def _cell_starts(self, attributes: Any) -> None:  # noqa: ANN401
        self._cell = dict(attributes)
        self._paragraphs = []
        self._length = 0

    def _cell_ends(self) -> None:
        attributes, self._cell = self._cell, None
        if attributes is None:
            return
        times = _times(attributes, _REPEATED_COLUMNS)
        if _SPANNED_COLUMNS in attributes or _SPANNED_ROWS in attributes:
            self._merge(_times(attributes, _SPANNED_ROWS), _times(attributes, _SPANNED_COLUMNS))
        if self._paragraphs or _VALUE_TYPE in attributes or _FORMULA in attributes:
            cell = self._shown(attributes, "\n".join(self._paragraphs))
            if cell is not BLANK:
                self._row.cells.append((self._column, times, cell))
        self._column += times

    def _merge(self, rows: int, columns: int) -> None:
        if (rows > 1 or columns > 1) and len(self.merged) < MOST_RANGES:
            first = self._row.number
            self.merged.append(Merged(first, first + rows - 1, self._column, self._column + columns - 1))

    def _shown(self, attributes: dict[str, str], text: str) -> Cell:
        kind = attributes.get(_VALUE_TYPE)
        is_formula = _FORMULA in attributes
        if attributes.get(_ERROR_TYPE) == "error" or (is_formula and _FAILURE.fullmatch(text)):
            return Cell(text or "#N/A", Kind.ERROR)
        if kind in {"float", "currency", "percentage"} and _VALUE in attributes:
            if text in _TRUTHS and attributes[_VALUE] in {"0", "1"}:  # how LibreOffice writes what a formula found
                return truth_cell(attributes[_VALUE] == "1")
            code = "0%" if kind == "percentage" else self._styles.code(self._style(attributes))
            return number_cell(float(attributes[_VALUE]), code)
        if kind == "date" and _DATE_VALUE in attributes:
            return _day(attributes[_DATE_VALUE]) or text_cell(text)
        if kind == "time" and _TIME_VALUE in attributes:
            elapsed = "[" in self._styles.code(self._style(attributes))
            return _time(attributes[_TIME_VALUE], elapsed=elapsed) or text_cell(text)
        if kind == "boolean" and _TRUTH_VALUE in attributes:
            return truth_cell(attributes[_TRUTH_VALUE] in {"true", "1"})
        if not self._paragraphs and _TEXT_VALUE in attributes:
            return text_cell(attributes[_TEXT_VALUE])
        if is_formula and not text and kind != "string" and not self._paragraphs:  # LibreOffice: an empty text
            return Cell("", Kind.UNSOLVED)
        return text_cell(text)

    def _style(self, attributes: dict[str, str]) -> str:
        """The cell's own style, or else its row's or column's."""
        style = attributes.get(_STYLE_NAME) or self._row.style
        if not style and self._column < len(self._column_styles):
            style = self._column_styles[self._column]
        return style

    def _paragraph_starts(self, _: Any) -> None:  # noqa: ANN401
        if self._cell is not None:
            self._pieces = []

    def _paragraph_ends(self) -> None:
        if self._pieces is None:
            return
        text = "".join(self._pieces)
        self._pieces = None
        if "\n" in text or "  " in text or "\t" in text or text[:1] == " ":
            text = _BLANKS.sub(" ", text).removeprefix(" ")
        if _MEANT_SPACE in text or _MEANT_TAB in text or _MEANT_BREAK in text:
            text = text.translate(_MEANT)
        self._length += 1
        self._paragraphs.append(text)

    def _spaces(self, attributes: Any) -> None:  # noqa: ANN401
        self.data(_MEANT_SPACE * min(_times(attributes, f"{_TEXT}c"), LARGEST_CELL))


def _times(attributes: Any, name: str) -> int:  # noqa: ANN401
    """How often something is repeated; once where nothing is said."""
    written = attributes.get(name)
    return max(int(written), 1) if written else 1


def _day(written: str) -> Cell | None:
    """A day as the format writes it, such as 2024-09-27T13:30:00; None where it is none that we know."""
    try:
        return moment_cell(datetime.datetime.fromisoformat(written).replace(tzinfo=None))
    except (ValueError, OverflowError):
        return None


def _time(written: str, *, elapsed: bool) -> Cell | None:
    """A time as the format writes it, such as PT13H30M00S; of a day or more, it is a duration."""
    found = _DURATION.fullmatch(written)
    if not found:
        return None
    days, hours, minutes = (int(part or 0) for part in found.groups()[1:4])
    seconds = ((days * _DAY_HOURS + hours) * 60 + minutes) * 60 + round(float((found[5] or "0").replace(",", ".")))
    if found[1]:
        seconds = -seconds
    if elapsed or not 0 <= seconds < _DAY_HOURS * 3600:
        return duration_cell(seconds)
    return time_cell(seconds)
