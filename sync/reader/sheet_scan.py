"""Looks through a worksheet's XML for what the quick reader of workbooks does not tell.

What enters: a worksheet part of a workbook. What leaves: where special cells are, what is hidden, how far it reaches.
What never happens here: reading values; holding the whole part in memory.
"""

import re
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import IO

import numpy as np
import numpy.typing as npt

from sync.grid import Merged
from sync.reader.limits import MOST_ROWS

_CHUNK = 1 << 23
_LONGEST_ROW = 1 << 28
_MANY_DIGITS = 7  # row numbers with so many are looked at one by one

# Cells are counted as they are usually written: where they stand first, then style and type, nothing twice.
_CELL = re.compile(rb'<c r="([A-Z]+)\d++"(?: (?:s|t|cm|vm|ph)="\w*+")*+/?>')
_CELL_NOT_FAR = re.compile(_CELL.pattern.replace(rb"\d++", rb"\d{1,%d}+" % (_MANY_DIGITS - 1)))
_ANY_CELL = re.compile(rb"<c[\s/>]")
_PLACE = re.compile(rb'<c r="([A-Z]+)(\d+)"')
_ROW_OF_CELL = re.compile(rb'<c r="[A-Z]+(\d+)"')
_FAR_ROW = re.compile(rb'<c r="[A-Z]+(\d{%d,})"' % _MANY_DIGITS)
_ROW = re.compile(rb'<row\b[^>]*?\br="(\d+)"')
_ERROR = re.compile(
    rb'<c r="([A-Z]+)(\d+)"[^>]*?\bt="e"[^>]*>\s*(?:<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*)?<v(?: [^>]*)?>([^<]*)'
)
_FORMULA = re.compile(
    rb'<c r="([A-Z]+)(\d+)"([^>]*)>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(<v\b[^>]*/>|<v\b[^>]*>\s*</v>|)\s*</c>'
)
_HIDDEN_ROW = re.compile(rb'<row\b(?=[^>]*?\bhidden="(?:1|true)")[^>]*?\br="(\d+)"')
_COLUMNS = re.compile(rb"<col\b[^>]*>")
_MERGED = re.compile(rb'<mergeCell\b[^>]*?\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_DECLARATION = rb"(?:\xef\xbb\xbf)?(?:<\?xml(?:(?!encoding)[^>])*(?:encoding=[\"'](?i:utf-8)[^>]*)?>\s*)?"
_START = re.compile(_DECLARATION + rb"<worksheet\b")
_END = re.compile(rb"</worksheet\s*>\s*$")
_START_OF_TEXTS = re.compile(_DECLARATION + rb"<sst\b")
_END_OF_TEXTS = re.compile(rb"(?:</sst\s*>|<sst\b[^>]*/>)\s*$")
_SHARED = re.compile(rb'\bt="s"[^>]*>\s*<v>(\d{1,9})</v>')
_TAIL = 200
# Whatever might be a reference, but is none in the first 26 columns and 999,999 rows; and one in the rows below those.
_NOT_NEAR = re.compile(rb"""r\s*+=\s*+["'](?![A-Za-z]?+\d{1,6}+["'])""")
_LATE_ROW = re.compile(rb"""[A-Za-z]?(\d{7})["']""")
# What no usual writer writes, and the patterns here would miss: prefixes, comments and CDATA, attributes between '.
# Where they cannot be is seen at once by one letter, soon by two.
_UNUSUAL = (
    (b":", b":c", re.compile(rb"<\w+:c\b")),
    (b"!", b"<!", re.compile(b"<!")),
    (b"'", b"='", re.compile(rb"<(?:c|row|f|v|col|mergeCell)\b(?:[^>\"]|\"[^\"]*\")*='")),
)
# The errors that the quick reader knows; another one makes it give up.
_KNOWN_ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"}


@dataclass(slots=True)
class Scan:
    """What a worksheet's XML says.

    Attributes:
        usual: whether it is written in the usual way; if not, nothing else here is to be relied on.
        columns: the letters of all columns with cells, as indexes from 0.
        last_row: no cell is in a row beyond this one; a bound that `last_row` makes exact.
        cells: how many cells there are.
        errors: `{(row, column): what the cell shows}`; rows from 1, columns from 0.
        unsolved: the places of formulas whose result the file does not hold.
        styled: for each (column, style index) that was asked for, the rows.
    """

    usual: bool = True
    columns: set[int] = field(default_factory=set)
    last_row: int = 0
    cells: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    unsolved: list[tuple[int, int]] = field(default_factory=list)
    styled: dict[tuple[int, int], list[npt.NDArray[np.int64]]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    filtered: bool = False
    merged: list[Merged] = field(default_factory=list)

    @property
    def area(self) -> int:
        """How many cells a table from the first to the last place would have, at most."""
        return self.last_row * (max(self.columns) - min(self.columns) + 1) if self.columns else 0


def near(open_part: Callable[[], IO[bytes]]) -> int | None:
    """About how many values there are, where all cells are in the first 26 columns; None where that is not certain.

    Much quicker than a scan. It looks at whatever might be a cell's reference, to whatever it belongs.
    """
    values = 0
    rest = b""
    inside = False
    with open_part() as part:
        for piece in _ahead(part):
            text = rest + piece
            cut = text.rfind(b"<")  # tags are looked at whole
            start = 0
            if not inside:
                start = text.find(b"<sheetData")
                if start < 0 or not _START.match(text):
                    return None
                inside = True
            for far in _NOT_NEAR.finditer(text, start, max(cut, 0)):
                if text.find(b"</sheetData>", start, far.start()) >= 0:
                    return values
                row = _LATE_ROW.match(text, far.end())
                if row is None or int(row[1]) > MOST_ROWS:
                    return None
            octets = np.frombuffer(text, dtype=np.uint8, offset=start)
            values += int(np.count_nonzero(octets == ord("v"))) // 2  # each stands between two such tags
            rest = text[cut:] if cut >= 0 else text
            if len(rest) > _LONGEST_ROW:
                return None
    return values


def scan_sheet(open_part: Callable[[], IO[bytes]], styles: Collection[int]) -> Scan:
    """Looks through the part once; where it is not written in the usual way, or cut off, it says so and stops.

    Args:
        open_part: opens the part from its start.
        styles: the style indexes whose cells are looked for.

    Raises:
        ValueError: two rows have the same number.
    """
    scan = Scan()
    styled = (
        re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*?\bs="(' + b"|".join(b"%d" % style for style in styles) + rb')"')
        if styles
        else None
    )
    rows: list[npt.NDArray[np.int64]] = []
    chunk = b""
    with open_part() as part:
        for number, chunk in enumerate(_chunks(part)):
            scan.usual = (
                bool(number or _START.match(chunk))
                and not any(one in chunk and two in chunk and found.search(chunk) for one, two, found in _UNUSUAL)
                and _count(chunk, scan)
                and _find_special(chunk, scan, styled)
            )
            if not scan.usual:
                return scan
            _find_hidden(chunk, scan)
            rows.append(np.array(list(map(int, _ROW.findall(chunk))), dtype=np.int64))
    scan.usual = bool(_END.search(chunk))
    scan.filtered = b"<filterColumn" in chunk  # what follows the rows is in the last piece
    scan.merged = [
        Merged(int(top), int(bottom), column_index(left), column_index(right))
        for left, top, right, bottom in _MERGED.findall(chunk)
    ]
    numbers = np.concatenate(rows)
    if (np.diff(numbers) <= 0).any() and len(np.unique(numbers)) < len(numbers):
        raise ValueError("two rows with one number")  # of which readers take the later one
    return scan


def last_row(open_part: Callable[[], IO[bytes]]) -> int:
    """The last row with a cell, exactly."""
    with open_part() as part:
        return max((int(row) for chunk in _chunks(part) for row in set(_ROW_OF_CELL.findall(chunk))), default=0)


def text_lengths(open_part: Callable[[], IO[bytes]]) -> npt.NDArray[np.int64] | None:
    """How long each of the texts is that cells share, marks included; None where they are written in no usual way."""
    starts: list[npt.NDArray[np.int64]] = []
    size, end, last = 0, b"", b""
    with open_part() as part:
        while read := part.read(_CHUNK):
            last = last[-_TAIL:] + read[-_TAIL:]
            if not size and not _START_OF_TEXTS.match(read):
                return None
            octets = np.frombuffer(end + read, dtype=np.uint8)
            found = np.flatnonzero((octets[:-2] == ord("<")) & (octets[1:-1] == ord("s")) & (octets[2:] == ord("i")))
            starts.append(found + size - len(end))
            size += len(read)
            end = read[-2:]
    if not _END_OF_TEXTS.search(last):
        return None
    return np.diff(np.append(np.concatenate(starts or [np.empty(0, dtype=np.int64)]), size))


def text_uses(open_part: Callable[[], IO[bytes]], texts: int) -> npt.NDArray[np.int64]:
    """How many cells show each of so many shared texts."""
    uses = np.zeros(texts, dtype=np.int64)
    with open_part() as part:
        for chunk in _chunks(part):
            numbers = np.array(list(map(int, _SHARED.findall(chunk))), dtype=np.int64)
            uses += np.bincount(numbers[numbers < texts], minlength=texts)
    return uses


def farthest(open_part: Callable[[], IO[bytes]]) -> str:
    """The names of the cells that are farthest down and farthest right, such as `XFD1048576`."""
    lowest = widest = 0
    names = ("", "")
    with open_part() as part:
        for chunk in _chunks(part):
            for letters, row in _PLACE.findall(chunk):
                name = (letters + row).decode()
                if int(row) > lowest:
                    lowest, names = int(row), (name, names[1])
                if column_index(letters) >= widest:
                    widest, names = column_index(letters), (names[0], name)
    return names[0] if names[0] == names[1] else f"{names[0]} / {names[1]}"


def _ahead(part: IO[bytes]) -> Iterator[bytes]:
    """The part in pieces; the next one is unpacked while one is looked at."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        ahead = pool.submit(part.read, _CHUNK)
        while read := ahead.result():
            ahead = pool.submit(part.read, _CHUNK)
            yield read


def _chunks(part: IO[bytes]) -> Iterator[bytes]:
    """The part in pieces that end before a row begins."""
    rest = b""
    while read := part.read(_CHUNK):
        rest += read
        cut = max(rest.rfind(b"<row "), rest.rfind(b"<row>"))
        if cut > 0:
            yield rest[:cut]
            rest = rest[cut:]
        elif len(rest) > _LONGEST_ROW:
            break
    yield rest


def _count(chunk: bytes, scan: Scan) -> bool:
    """Counts the cells, and how far they reach; whether all are written in the usual way."""
    cells = chunk.count(b"<c")
    letters = _CELL_NOT_FAR.findall(chunk)
    far: list[bytes] = []
    if len(letters) != cells:
        letters = _CELL.findall(chunk)
        if cells != len(letters) != len(_ANY_CELL.findall(chunk)):
            return False
        far = _FAR_ROW.findall(chunk)
    scan.cells += len(letters)
    scan.columns.update(map(column_index, set(letters)))
    scan.last_row = max(scan.last_row, *map(int, set(far)), 10 ** (_MANY_DIGITS - 1) - 1)
    return True


def _find_special(chunk: bytes, scan: Scan, styled: re.Pattern[bytes] | None) -> bool:
    """Finds the cells that the quick reader does not tell apart; whether it knows their errors."""
    if b't="e"' in chunk:
        for column, row, shown in _ERROR.findall(chunk):
            scan.errors[int(row), column_index(column)] = shown.decode(errors="replace")
    if b"<f" in chunk:
        # A formula whose result is the empty text has a type and an empty value: that is solved.
        scan.unsolved += [
            (int(row), column_index(column))
            for column, row, attributes, value in _FORMULA.findall(chunk)
            if not (value and b't="str"' in attributes)
        ]
    if styled is not None:
        found: dict[tuple[int, int], list[int]] = {}
        for column, row, style in styled.findall(chunk):
            found.setdefault((column_index(column), int(style)), []).append(int(row))
        for place, rows in found.items():
            scan.styled.setdefault(place, []).append(np.array(rows, dtype=np.int64))
    return _KNOWN_ERRORS.issuperset(scan.errors.values())


def _find_hidden(chunk: bytes, scan: Scan) -> None:
    if b'hidden="' in chunk:
        scan.hidden_rows.update(map(int, _HIDDEN_ROW.findall(chunk)))
        for tag in _COLUMNS.findall(chunk):
            first, last = re.search(rb'\bmin="(\d{1,5})"', tag), re.search(rb'\bmax="(\d{1,5})"', tag)
            if first and last and re.search(rb'\bhidden="(?:1|true)"', tag):
                scan.hidden_columns.update(range(int(first[1]) - 1, int(last[1])))


def column_index(letters: bytes) -> int:
    """The index from 0 of a column: `A` is 0, `AA` is 26."""
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1
