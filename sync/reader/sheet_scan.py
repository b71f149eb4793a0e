"""Looks through a worksheet's XML for what the quick reader of workbooks does not tell.

What enters: a worksheet part of a workbook. What leaves: where special cells are, what is hidden, how far it reaches.
What never happens here: reading values; holding the whole part in memory.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import IO

import numpy as np
import numpy.typing as npt

from sync.grid import Merged

_CHUNK = 1 << 23
_LONGEST_ROW = 1 << 28
_EXACT = 7  # row numbers with so many digits are looked at one by one

_PLACE = re.compile(rb'<c r="([A-Z]+)(\d+)"')
_ROW = re.compile(rb'<c r="[A-Z]+(\d+)"')
_CELL = re.compile(rb"<c[\s/>]")
_ERROR = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*?\bt="e"[^>]*>(?:<f\b(?:[^>]*/>|[^>]*>[^<]*</f>))?<v>([^<]*)')
_FORMULA = re.compile(rb'<c r="([A-Z]+)(\d+)"([^>]*)>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(<v\s*/>|<v>\s*</v>|)\s*</c>')
_HIDDEN_ROW = re.compile(rb'<row\b(?=[^>]*?\bhidden="(?:1|true)")[^>]*?\br="(\d+)"')
_COLUMNS = re.compile(rb"<col\b[^>]*>")
_MERGED = re.compile(rb'<mergeCell\b[^>]*?\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_END = re.compile(rb"</worksheet\s*>\s*$")
# What no usual writer writes, and the patterns here would miss: comments and CDATA, prefixes.
_UNUSUAL = {b"<!": re.compile(b"<!"), b":c": re.compile(rb"<\w+:c\b")}


@dataclass(slots=True)
class Scan:
    """What a worksheet's XML says.

    Attributes:
        usual: whether it is written in the usual way; if not, nothing else here is to be relied on.
        columns: the letters of all columns with cells, as indexes from 0.
        last_row: no cell is in a row beyond this one.
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


def scan_sheet(open_part: Callable[[], IO[bytes]], styles: Collection[int]) -> Scan:
    """Looks through the part once.

    Args:
        open_part: opens the part from its start.
        styles: the style indexes whose cells are looked for.

    Raises:
        ValueError: the part is cut off.
    """
    scan = Scan()
    styled = (
        re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*?\bs="(' + b"|".join(b"%d" % style for style in styles) + rb')"')
        if styles
        else None
    )
    longest = 0
    with open_part() as part:
        for number, chunk in enumerate(_chunks(part)):
            if (number == 0 and b"<worksheet" not in chunk) or any(
                mark in chunk and pattern.search(chunk) for mark, pattern in _UNUSUAL.items()
            ):
                scan.usual = False
                return scan
            letters, rows, longest = _references(chunk, longest)
            scan.last_row = max(scan.last_row, *rows, 0)
            if chunk.count(b"<c") != len(letters) != len(_CELL.findall(chunk)):
                scan.usual = False  # a cell that does not say where it is
                return scan
            scan.cells += len(letters)
            scan.columns.update(column_index(each.rstrip(b"0123456789")) for each in set(letters))
            _find_special(chunk, scan, styled)
            _find_hidden(chunk, scan)
        if not _END.search(chunk):
            raise ValueError("cut off")
        scan.filtered = b"<filterColumn" in chunk  # what follows the rows is in the last piece
        scan.merged = [
            Merged(int(top), int(bottom), column_index(left), column_index(right))
            for left, top, right, bottom in _MERGED.findall(chunk)
        ]
    scan.last_row = max(scan.last_row, 10 ** min(longest, _EXACT - 1) - 1)
    return scan


def last_row(open_part: Callable[[], IO[bytes]]) -> int:
    """The last row with a cell, exactly."""
    with open_part() as part:
        return max((int(row) for chunk in _chunks(part) for row in set(_ROW.findall(chunk))), default=0)


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


def _chunks(part: IO[bytes]) -> Iterator[bytes]:
    """The part in pieces that end before a row begins."""
    rest = b""
    while read := part.read(_CHUNK):
        rest += read
        cut = rest.rfind(b"<row")
        if cut > 0:
            yield rest[:cut]
            rest = rest[cut:]
        elif len(rest) > _LONGEST_ROW:
            break
    yield rest


def _references(chunk: bytes, longest: int) -> tuple[list[bytes], list[int], int]:
    """Each cell's column letters, the row numbers that stand with them, and the digits of the longest one so far."""
    last = None
    for last in _PLACE.finditer(chunk, max(chunk.rfind(b"<row"), 0)):
        longest = max(longest, len(last[2]))
    # A row number with more digits than the last one, or with many, is part of what is found, and so told apart.
    letters = re.findall(rb'<c r="([A-Z]+\d{%d,}|[A-Z]+)\d*"' % min(longest + 1, _EXACT), chunk)
    rows = [each[len(each.rstrip(b"0123456789")) :] for each in set(letters)]
    return letters, [int(row) for row in rows if row], max(longest, *map(len, rows), 0)


def _find_special(chunk: bytes, scan: Scan, styled: re.Pattern[bytes] | None) -> None:
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
