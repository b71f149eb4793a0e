"""What the readers of all kinds of workbooks share: their shape, the archive around the parts, the grid at the end.

What enters: bytes, and cells one by one. What leaves: parts, and a grid of the rows that hold something.
What never happens here: an error of a library that comes out as itself; memory without bounds.
"""

import io
import posixpath
import zipfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from sync.errors import UsageError
from sync.grid import Cell, Column, Grid, Merged
from sync.reader.limits import (
    LARGEST_AREA,
    LARGEST_PART,
    LARGEST_RATIO,
    LARGEST_REPETITIVE,
    LARGEST_TEXT,
    LARGEST_UNPACKED,
    LEAST_FILLED,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_VALUES,
)

if TYPE_CHECKING:
    from lxml import etree

_COMPOUND = b"\xd0\xcf\x11\xe0"
_LOCKED = 1  # the flag of an entry with a password


class SheetInfo(NamedTuple):
    """A worksheet: its name, and whether the person sees it."""

    name: str
    visible: bool


class WorkbookFile(Protocol):
    """A workbook that has been opened.

    Attributes:
        sheets: its worksheets in their order; sheets that hold a chart or macros are none.
    """

    sheets: tuple[SheetInfo, ...]

    def read(self, sheet: str) -> Grid:
        """The rows of one sheet.

        Raises:
            UsageError: there is no such sheet, or it is broken or too large.
        """
        ...


@contextmanager
def library_border(name: str) -> Iterator[None]:
    """Turns whatever a library raises, as broken files provoke anything, into one error with an answer."""
    try:
        yield
    except UsageError:
        raise
    except Exception as error:
        raise UsageError("workbook_broken", file=name) from error


def known_sheet(name: str, sheets: tuple[SheetInfo, ...], sheet: str) -> int:
    """The place of the sheet with this name.

    Raises:
        UsageError: there is none.
    """
    names = [each.name for each in sheets]
    if sheet not in names:
        raise UsageError("sheet_unknown", file=name, sheet=sheet, known=", ".join(names))
    return names.index(sheet)


def safe_parser(target: Any = None) -> "etree.XMLParser":  # noqa: ANN401 - any object with the methods of a target
    """A parser that follows nothing that the file points to, for a tree or for a target."""
    from lxml import etree  # noqa: PLC0415 - what guesses at a CSV needs this module, but no XML

    return etree.XMLParser(target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


class Archive:
    """The parts of a zip archive, by their names in whatever case.

    Raises:
        UsageError: not an archive, protected by a password, too large, made to swell, or with two parts of one name.
    """

    def __init__(self, name: str, content: bytes) -> None:
        if content.startswith(_COMPOUND):  # how Office wraps what it encrypts
            encrypted = "EncryptedPackage".encode("utf-16-le") in content
            raise UsageError("workbook_encrypted" if encrypted else "workbook_broken", file=name)
        self._name = name
        with library_border(name):
            self._archive = zipfile.ZipFile(io.BytesIO(content))
            entries = self._archive.infolist()
        self._entries = {entry.filename.lower(): entry for entry in entries}
        plain = all(posixpath.normpath(entry.filename) == entry.filename.rstrip("/") for entry in entries)
        if len(self._entries) != len(entries) or not plain:  # readers could take different ones for the same part
            raise UsageError("workbook_broken", file=name)
        if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
            raise UsageError("workbook_too_large", file=name)
        repetitive = [entry for entry in entries if entry.file_size > LARGEST_RATIO * entry.compress_size]
        if sum(entry.file_size for entry in repetitive) > LARGEST_REPETITIVE:
            largest = max(repetitive, key=lambda entry: entry.file_size)
            times = largest.file_size // max(largest.compress_size, 1)
            raise UsageError("workbook_swells", file=name, part=largest.filename, times=times)
        if any(entry.flag_bits & _LOCKED for entry in entries):
            raise UsageError("workbook_encrypted", file=name)

    @property
    def names(self) -> list[str]:
        """The names of all parts."""
        return list(self._entries)

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._entries

    def size(self, part: str) -> int:
        """How many bytes the archive says that a part has; 0 where there is none."""
        entry = self._entries.get(part.lower())
        return entry.file_size if entry else 0

    def open(self, part: str) -> IO[bytes]:
        """A part to be read piece by piece, within `library_border`.

        Raises:
            UsageError: there is no such part, or it cannot be unpacked.
        """
        with library_border(self._name):
            return self._archive.open(self._entries[part.lower()])

    def read(self, part: str) -> bytes:
        """A small part as a whole.

        Raises:
            UsageError: as `open`, or the part is not small.
        """
        with library_border(self._name), self.open(part) as stream:
            content = stream.read(LARGEST_PART + 1)
        if len(content) > LARGEST_PART:
            raise UsageError("workbook_too_large", file=self._name)
        return content


class _Found(NamedTuple):
    """The cells of one column that hold something, as they came."""

    rows: "array[int]"
    kinds: bytearray
    texts: list[str]


class SheetCells:
    """Collects the cells of one sheet in any order; of two in one place the later one counts.

    Memory grows with the cells that hold something, not with their places.
    """

    def __init__(self, file: str, sheet: str) -> None:
        self._file = file
        self._sheet = sheet
        self._columns: dict[int, _Found] = {}
        self._count = 0
        self._characters = 0

    def put(self, row: int, column: int, cell: Cell) -> None:
        """One cell: row as Excel shows it, column from 0.

        Raises:
            UsageError: a place that no sheet has, or more than is read.
        """
        text, kind = cell
        if not text and not kind:
            return
        found = self._columns.get(column)
        if found is None:
            if not 0 <= column < MOST_COLUMNS:
                raise UsageError("workbook_broken", file=self._file)
            found = self._columns[column] = _Found(array("i"), bytearray(), [])
        if not 0 < row <= MOST_ROWS:
            raise UsageError("workbook_broken", file=self._file)
        self._count += 1
        self._characters += len(text)
        if self._count > MOST_VALUES or self._characters > LARGEST_TEXT:
            raise UsageError("workbook_too_large", file=self._file)
        found.rows.append(row)
        found.kinds.append(kind)
        found.texts.append(text)

    def grid(
        self,
        *,
        hidden_rows: Iterable[int] = (),
        filtered: Callable[[int], bool] = lambda _: False,
        hidden_columns: Iterable[int] = (),
        merged: Iterable[Merged] = (),
    ) -> Grid:
        """The rows that hold anything but blanks, from column A to the last one that does.

        Args:
            hidden_rows: numbers of rows that the person does not see.
            filtered: whether a filter hides this one of them.
            hidden_columns: indexes of columns that the person does not see.
            merged: merged ranges.

        Raises:
            UsageError: a value far away from the others would make the grid too large.
        """
        present = np.zeros(MOST_ROWS + 1, dtype=bool)
        width = 0
        for place, found in self._columns.items():
            full = np.fromiter(
                (bool(kind) or not text.isspace() for kind, text in zip(found.kinds, found.texts, strict=True)),
                dtype=bool,
                count=len(found.texts),
            )
            if full.any():
                present[np.frombuffer(found.rows, dtype=np.int32)[full]] = True
                width = max(width, place + 1)
        numbers = np.flatnonzero(present).astype(np.int64)
        if len(numbers) * width > max(LARGEST_AREA, LEAST_FILLED * self._count):
            raise UsageError(
                "workbook_too_sparse",
                file=self._file,
                sheet=self._sheet,
                cell=f"{column_letters(width - 1)}{min(self._columns[width - 1].rows)}",
            )
        index = np.cumsum(present) - 1
        columns = tuple(self._column(place, present, index, len(numbers)) for place in range(width))
        hidden = frozenset(row for row in hidden_rows if 0 < row <= MOST_ROWS and present[row])
        last = int(numbers[-1]) if len(numbers) else 0
        return Grid(
            numbers,
            columns,
            sheet=self._sheet,
            hidden_rows=hidden,
            filtered=any(filtered(row) for row in hidden),
            hidden_columns=frozenset(place for place in hidden_columns if 0 <= place < width),
            merged=tuple(each for each in merged if each.first_row <= last and each.first_column < width),
        )

    def _column(self, place: int, present: npt.NDArray[np.bool], index: npt.NDArray[np.intp], length: int) -> Column:
        found = self._columns.pop(place, None)
        texts = np.full(length, "", dtype=object)
        if found is None:
            return Column(pd.Series(texts, dtype="str"))
        rows = np.frombuffer(found.rows, dtype=np.int32)
        kept = present[rows]
        places = index[rows[kept]]
        texts[places] = np.array(found.texts, dtype=object)[kept]
        kinds = np.zeros(length, dtype=np.int8)
        kinds[places] = np.frombuffer(found.kinds, dtype=np.int8)[kept]
        return Column(pd.Series(texts, dtype="str"), kinds if kinds.any() else None)


def column_letters(place: int) -> str:
    """A column's letters, from its index: A, B … Z, AA."""
    letters = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
