"""Reads .xlsx and .xlsm workbooks as the person sees them.

What enters: a file's bytes, and a sheet's name. What leaves: a Grid.
What never happens here: losing a leading zero that a number format shows; running a formula; letting a hostile file
take the process down.

Two readers share the work. The quick one hands over values at the speed of Rust, but knows neither number formats nor
errors nor formulas without a result, and a value far away from the table makes it end the whole process: what the
sheet's XML says of those is looked up first (`sheet_scan`). Sheets that are written in no usual way go to openpyxl,
which knows everything and takes its time.
"""

import datetime
import gc
import io
import math
import posixpath
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import python_calamine
from lxml import etree
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.utils.escape import unescape

from sync.errors import UsageError
from sync.grid import Cell, Column, Grid, Kind, Merged
from sync.reader.limits import LARGEST_AREA, LARGEST_CAREFUL_PART, LARGEST_TEXT, LEAST_FILLED, MOST_COLUMNS, MOST_ROWS
from sync.reader.sheet_scan import Scan, farthest, last_row, near, scan_sheet, text_lengths, text_uses
from sync.reader.shown import (
    builtin_format,
    duration_cell,
    moment_cell,
    number_cell,
    number_text,
    text_cell,
    time_cell,
    truth_cell,
)
from sync.reader.workbook_file import Archive, SheetCells, SheetInfo, known_sheet, library_border, safe_parser

_BATCH = 2_000  # so many rows are Python objects at the same time: they stay in the processor's cache
_BATCHES = 10  # so many become one piece of a column
_WHOLE = 1e15
_SHARED_TEXTS = "xl/sharedStrings.xml"  # the quick reader holds all of them, and looks nowhere else
_SHOWS_MORE = (Kind.PADDED, Kind.PERCENT, Kind.TIME)  # kinds that a value alone does not tell


class XlsxFile:
    """An open workbook.

    Raises:
        UsageError: it is no workbook, damaged, or larger than is safe.
    """

    def __init__(self, name: str, content: bytes) -> None:
        self._name = name
        self._content = content
        self._archive = Archive(name, content)
        if self._archive.size(_SHARED_TEXTS) > LARGEST_TEXT:
            raise UsageError("workbook_too_large", file=name)
        with library_border(name):
            self._parts, self.sheets = self._sheets()
            self._styles = self._number_formats()

    def read(self, sheet: str) -> Grid:
        """The sheet's rows that hold anything but blanks.

        Raises:
            UsageError: the sheet is damaged, or reaches farther than is safe.
        """
        known_sheet(self._name, self.sheets, sheet)
        formats = {style: code for style, code in self._styles.items() if number_cell(1.0, code).kind in _SHOWS_MORE}
        with library_border(self._name), ThreadPoolExecutor(max_workers=1) as pool:
            # The quick reader works beside Python; it gets a sheet only when that is known to be safe.
            book = pool.submit(_quick_book, self._content)
            page = None
            values = near(lambda: self._open(sheet))
            if values is not None and self._shared_texts_are_usual(sheet, values):
                page = pool.submit(_quick_sheet, book, sheet)
            scan = scan_sheet(lambda: self._open(sheet), formats)
            if scan.usual:
                self._refuse_far_cells(sheet, scan)
                if page is None and self._shared_texts_are_usual(sheet, scan.cells):
                    page = pool.submit(_quick_sheet, book, sheet)
            if scan.usual and page is not None:
                try:
                    return self._read_quickly(page.result(), scan, formats)
                except (OverflowError, _GivenUp):  # such as a number too large for the duration that its format shows
                    pass
            return self._read_carefully(sheet)

    def _open(self, sheet: str) -> IO[bytes]:
        return self._archive.open(self._parts[sheet])

    def _part(self, name: str) -> etree._Element:
        return etree.fromstring(self._archive.read(name), safe_parser())

    def _related(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part refers to: `{id: (last word of the type, part)}`."""
        folder, base = posixpath.split(part)
        root = self._part(posixpath.join(folder, "_rels", f"{base}.rels"))
        return {
            str(each.get("Id", "")): (
                str(each.get("Type", "")).rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, str(each.get("Target", "")))).lstrip("/"),
            )
            for each in root
            if isinstance(each.tag, str)
        }

    def _sheets(self) -> tuple[dict[str, str], tuple[SheetInfo, ...]]:
        """The worksheets' parts by name, and the worksheets in their order."""
        self._workbook = next(part for kind, part in self._related("").values() if kind == "officeDocument")
        related = self._related(self._workbook)
        parts: dict[str, str] = {}
        found = []
        for sheet in self._part(self._workbook).iter("{*}sheet"):
            title = str(sheet.get("name", ""))
            target = next((value for name, value in sheet.items() if str(name).endswith("}id")), "")
            kind, part = related.get(str(target), ("", ""))
            if kind == "worksheet" and title not in parts:
                parts[title] = part
                found.append(SheetInfo(title, visible=sheet.get("state", "visible") == "visible"))
        return parts, tuple(found)

    def _number_formats(self) -> dict[int, str]:
        """The number format of each cell style."""
        part = next((part for kind, part in self._related(self._workbook).values() if kind == "styles"), None)
        if part is None or part not in self._archive:
            return {}
        root = self._part(part)
        own = {int(each.get("numFmtId", "0")): each.get("formatCode", "") for each in root.iter("{*}numFmt")}
        cell_styles = root.find("{*}cellXfs")
        numbers = [int(each.get("numFmtId", "0")) for each in (cell_styles if cell_styles is not None else ())]
        return {style: own.get(number) or builtin_format(number) for style, number in enumerate(numbers)}

    def _refuse_far_cells(self, sheet: str, scan: Scan) -> None:
        """Raises UsageError where the table that holds all cells would be much larger than what is in it."""
        largest = max(LARGEST_AREA, LEAST_FILLED * scan.cells)
        if scan.area > largest:
            scan.last_row = last_row(lambda: self._open(sheet))
        if scan.area > largest or scan.last_row > MOST_ROWS or max(scan.columns, default=0) >= MOST_COLUMNS:
            cell = farthest(lambda: self._open(sheet))
            raise UsageError("workbook_too_sparse", file=self._name, sheet=sheet, cell=cell)

    def _shared_texts_are_usual(self, sheet: str, cells: int) -> bool:
        """Whether the texts that cells share are whole, and written as the quick reader expects them.

        Raises:
            UsageError: they are so long that the cells together would hold too much.
        """
        part = next((part for kind, part in self._related(self._workbook).values() if kind == "sharedStrings"), None)
        if part is None or part not in self._archive:
            return part is None
        lengths = text_lengths(lambda: self._archive.open(part))
        if lengths is None:
            return False
        if (lengths > LARGEST_TEXT // max(cells, 1)).any():  # a long text that many cells share would be many texts
            uses = text_uses(lambda: self._open(sheet), len(lengths))
            if int((lengths * uses).sum()) > LARGEST_TEXT:
                raise UsageError("workbook_too_large", file=self._name)
        return True

    # The quick way

    def _read_quickly(self, page: python_calamine.CalamineSheet, scan: Scan, formats: dict[int, str]) -> Grid:
        sheet = page.name
        if page.start is None or page.end is None:
            return self._read_carefully(sheet) if scan.unsolved else Grid.of_rows([], [], sheet=sheet)
        (_, left), (bottom, right) = page.start, page.end
        if any(row > bottom + 1 or not left <= column <= right for row, column in scan.unsolved):
            return self._read_carefully(sheet)  # the quick reader's table ends where its values end
        first = page.start[1]
        width = page.end[1] - first + 1
        overlays = [_Overlay(place + first, scan, formats) for place in range(width)]
        built = [_Building() for _ in range(width)]
        rows = page.iter_rows()
        start = 1
        with _no_collection():
            while batch := list(islice(rows, _BATCH)):
                for place, values in enumerate(zip(*batch, strict=True)):
                    built[place].add(overlays[place].laid(values, start))
                start += len(batch)
        count = start - 1
        blank = Column(pd.Series(pd.array(pa.repeat(pa.scalar("", pa.large_string()), count), dtype="str")))
        columns = (*[blank] * first, *[each.column() for each in built])
        grid = Grid(np.arange(1, count + 1, dtype=np.int64), columns, sheet=sheet).held()
        hidden = scan.hidden_rows.intersection(grid.numbers.tolist()) if scan.hidden_rows else frozenset()
        last = int(grid.numbers[-1]) if len(grid) else 0
        return replace(
            grid,
            hidden_rows=frozenset(hidden),
            filtered=scan.filtered and bool(hidden),
            hidden_columns=frozenset(place for place in scan.hidden_columns if place < len(columns)),
            merged=tuple(each for each in scan.merged if each.first_row <= last and each.first_column < len(columns)),
        )

    # The careful way

    def _refuse_what_takes_too_long(self, sheet: str) -> None:
        """Raises UsageError for parts that define entities, as workbooks never do, or are too large to be read so."""
        for part in self._archive.names:
            before = b""
            size = 0
            with self._archive.open(part) as file:
                while read := file.read(1 << 20):
                    size += len(read)
                    plain = (before + read).replace(b"\0", b"")  # as ASCII, whatever the encoding
                    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
                        raise UsageError("workbook_broken", file=self._name)
                    before = read[-40:]
            if size > LARGEST_CAREFUL_PART and part.endswith(".xml"):
                raise UsageError("workbook_unusual", file=self._name, sheet=sheet)

    def _read_carefully(self, sheet: str) -> Grid:
        self._refuse_what_takes_too_long(sheet)
        book = _numbers_alone(self._content, data_only=True)
        page, epoch_1904 = book[sheet], book.epoch == CALENDAR_MAC_1904
        formulas = _numbers_alone(self._content, data_only=False)[sheet]
        cells = SheetCells(self._name, sheet)
        for (row, column), cell in page._cells.items():  # noqa: SLF001 - the public ways make every cell of the area
            blank = cell.value is None and cell.data_type != "str"  # that type without a value is an empty text
            unsolved = blank and (found := formulas._cells.get((row, column))) and found.data_type == "f"  # noqa: SLF001
            shown = Cell("", Kind.UNSOLVED) if unsolved else _careful_cell(cell, epoch_1904=epoch_1904)
            cells.put(row, column - 1, shown)
        return cells.grid(
            hidden_rows=(number for number, each in page.row_dimensions.items() if each.hidden),
            filtered=lambda _: bool(page.auto_filter.filterColumn),
            hidden_columns=(
                index
                for each in page.column_dimensions.values()
                if each.hidden
                for index in range((each.min or 1) - 1, each.max or 1)
            ),
            merged=(
                Merged(each.min_row, each.max_row, each.min_col - 1, each.max_col - 1)
                for each in page.merged_cells.ranges
            ),
        )


def _quick_book(content: bytes) -> python_calamine.CalamineWorkbook:
    with _rust():
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))


def _quick_sheet(book: "Future[python_calamine.CalamineWorkbook]", sheet: str) -> python_calamine.CalamineSheet:
    with _rust():
        return book.result().get_sheet_by_name(sheet)


@contextmanager
def _rust() -> Iterator[None]:
    """Turns whatever the quick reader raises into `_GivenUp`: where Rust gives up, what comes out is no Exception."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise _GivenUp from error


class _GivenUp(Exception):
    """The quick reader cannot read the sheet."""


class _NumbersAlone(ExcelReader):
    """openpyxl's reader, without its way of telling days: those that it cannot show become errors, with a warning."""

    def read_worksheets(self) -> None:
        book: Any = self.wb
        book._date_formats = book._timedelta_formats = frozenset()  # noqa: SLF001 - it leaves no other way
        super().read_worksheets()


def _numbers_alone(content: bytes, *, data_only: bool) -> openpyxl.Workbook:
    reader = _NumbersAlone(io.BytesIO(content), data_only=data_only)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions, which say nothing about cells
        reader.read()
    return reader.wb


class _Overlay:
    """What the scan knows of one column, laid over the quick reader's values."""

    def __init__(self, column: int, scan: Scan, formats: dict[int, str]) -> None:
        self._styled = [
            (np.sort(np.concatenate(rows)), formats[style])
            for (place, style), rows in scan.styled.items()
            if place == column
        ]
        self._cells = {row: Cell("", Kind.UNSOLVED) for row, place in scan.unsolved if place == column}
        self._cells |= {row: Cell(shown, Kind.ERROR) for (row, place), shown in scan.errors.items() if place == column}
        self._rows = np.array(sorted(self._cells), dtype=np.int64)

    def laid(self, found: Sequence[Any], start: int) -> Sequence[Any]:
        """The values of the rows from `start`, with Cells where the value alone does not tell what is shown."""
        if not self._styled and not self._cells:
            return found
        values = list(found)
        end = start + len(values)
        for rows, code in self._styled:
            low, high = np.searchsorted(rows, (start, end))
            for row in rows[low:high].tolist():
                value = values[row - start]
                if isinstance(value, float):
                    values[row - start] = number_cell(value, code)
                elif isinstance(value, datetime.datetime):  # the format shows its time alone
                    values[row - start] = _cell(value.time())
        low, high = np.searchsorted(self._rows, (start, end))
        for row in self._rows[low:high].tolist():
            values[row - start] = self._cells[row]
        return values


class _Building:
    """A column that grows batch by batch."""

    def __init__(self) -> None:
        self._texts: list[pa.Array] = []
        self._latest: list[pa.Array] = []
        self._kinds: list[npt.NDArray[np.int8]] = []

    def add(self, values: Sequence[Any]) -> None:
        """Appends values as the quick reader types them, and Cells."""
        texts, kinds = _texts_and_kinds(values)
        self._latest.append(texts if isinstance(texts, pa.Array) else pa.array(texts, pa.large_string()))
        if len(self._latest) == _BATCHES:
            self._texts.append(pa.concat_arrays(self._latest))
            self._latest.clear()
        self._kinds.append(kinds)

    def column(self) -> Column:
        """The column, whole."""
        pieces = [*self._texts, *self._latest]
        texts = pa.chunked_array(pieces, pa.large_string())
        if any(_holds(piece, b"\r") for piece in pieces):  # line breaks as another system writes them
            texts = pc.replace_substring_regex(texts, "\r\n?", "\n")
        kinds = np.concatenate(self._kinds)
        return Column(pd.Series(pd.array(texts, dtype="str")), kinds if kinds.any() else None)


def _holds(texts: pa.Array, letter: bytes) -> bool:
    """Whether one of the texts has that letter of ASCII."""
    content = texts.buffers()[2]
    return content is not None and bool((np.frombuffer(content, dtype=np.uint8) == ord(letter)).any())


def _texts_and_kinds(values: Sequence[Any]) -> tuple[Any, npt.NDArray[np.int8]]:
    """How the cells of a column read; the quick ways are for what nearly all columns are made of."""
    kinds = np.zeros(len(values), dtype=np.int8)
    if type(values[0]) is str and (texts := _all_texts(values)) is not None:
        return texts, kinds
    types = set(map(type, values))
    if types == {float} and (numbers := _whole(values)) is not None:
        kinds[:] = Kind.NUMBER
        return numbers.cast(pa.large_string()), kinds
    if types == {datetime.date}:
        kinds[:] = Kind.DATE
        return pa.array(values, pa.date32()).cast(pa.string()).cast(pa.large_string()), kinds
    others = [place for place, value in enumerate(values) if type(value) is not str]
    if types <= {str, float} and all(math.isfinite(values[place]) for place in others):
        kinds[others] = Kind.NUMBER
        return [value if type(value) is str else number_text(value) for value in values], kinds
    if types <= {str, datetime.date}:
        kinds[others] = Kind.DATE
        return [value if type(value) is str else value.isoformat() for value in values], kinds
    cells = [value if type(value) is Cell else _cell(value) for value in values]
    kinds = np.fromiter((cell[1] for cell in cells), dtype=np.int8, count=len(values))
    return [cell[0] for cell in cells], kinds


def _all_texts(values: Sequence[Any]) -> pa.Array | None:
    """The values as an array of texts; None where one is something else."""
    try:
        found = pa.array(values, pa.large_string())  # quicker than asking each value for its type
    except pa.ArrowTypeError:
        return None
    return None if found.null_count else found


def _whole(values: Sequence[float]) -> pa.Array | None:
    """The numbers as whole ones; None where one is not, or has more digits than Excel keeps."""
    found = pa.array(values, pa.float64()).to_numpy()
    if not (np.abs(found) < _WHOLE).all():
        return None
    whole = found.astype(np.int64)
    return pa.array(whole) if (whole == found).all() else None


@contextmanager
def _no_collection() -> Iterator[None]:
    """Python's search for circles among objects, off: there are none, and it would look at millions of cells."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _cell(value: Any) -> Cell:  # noqa: ANN401 - whatever a workbook's library hands over
    """A value without a number format as a cell."""
    match value:
        case str():
            return text_cell(value)
        case bool():
            return truth_cell(value)
        case int() | float():
            return number_cell(float(value))
        case datetime.datetime():
            return moment_cell(value)
        case datetime.date():
            return Cell(value.isoformat(), Kind.DATE)
        case datetime.timedelta():
            return duration_cell(round(value.total_seconds()))
        case datetime.time():
            return time_cell(round(value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6))
        case _:
            return Cell("") if value is None else Cell(str(value))


def _careful_cell(cell: Any, *, epoch_1904: bool) -> Cell:  # noqa: ANN401 - cells of openpyxl hold anything
    value = cell.value
    if cell.data_type == "e":
        return Cell(str(value), Kind.ERROR)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_cell(float(value), cell.number_format or "General", epoch_1904=epoch_1904)
    if isinstance(value, str):
        return text_cell(unescape(value))
    return _cell(value)
