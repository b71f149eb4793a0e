"""The cells of one sheet as they were found: columns of texts, each cell with its kind.

What enters: what a file's reader found. What leaves: columns for cleaning, and single rows as they stood.
What never happens here: opening files; deciding what a cell means.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_BATCH = 10_000  # so many rows are Python objects at the same time


class Kind(IntEnum):
    """What a cell is in its file, and so what its text looks like; in a CSV every cell is a text."""

    TEXT = 0
    """As it stands, blanks included; the empty text is a blank cell."""
    NUMBER = 1
    """Without exponent, thousands separators or a needless `.0`; at most 15 digits: `12.5`, `5001112233`."""
    PADDED = 2
    """A whole number with the leading zeros that its format shows: `05001112233`."""
    PERCENT = 3
    """`50%`, `12.5%`."""
    DATE = 4
    """`2024-09-27`."""
    MOMENT = 5
    """A day and a time that is not midnight: `2024-09-27 13:30:00`."""
    TIME = 6
    """`13:30:00`."""
    DURATION = 7
    """Hours (24 or more too), minutes, seconds: `25:03:00`."""
    TRUTH = 8
    """`TRUE` or `FALSE`."""
    ERROR = 9
    """What the cell shows: `#N/A`, `#REF!` …"""
    UNSOLVED = 10
    """A formula whose result the file does not hold; its text is empty."""


class Cell(NamedTuple):
    """One cell: its text as the person sees it, and its kind."""

    text: str
    kind: Kind = Kind.TEXT

    def to_json(self) -> Any:  # noqa: ANN401 - a JSON value
        """The cell as JSON can hold it: a text as itself, others as `[kind, text]`."""
        return self.text if self.kind is Kind.TEXT else [int(self.kind), self.text]

    @classmethod
    def from_json(cls, data: Any) -> "Cell":  # noqa: ANN401
        """The inverse of `to_json`."""
        return cls(data) if isinstance(data, str) else cls(data[1], Kind(data[0]))


@dataclass(frozen=True, slots=True)
class Column:
    """The cells of one column.

    Attributes:
        texts: string dtype, index from 0; the empty text where the cell is blank, never missing.
        kinds: a `Kind` for each cell (int8); None where all are texts.
    """

    texts: pd.Series
    kinds: npt.NDArray[np.int8] | None = None

    def cell(self, row: int) -> Cell:
        """One cell, by its index."""
        return Cell(str(self.texts.iat[row]), Kind.TEXT if self.kinds is None else Kind(int(self.kinds[row])))

    def rows(self, *kinds: Kind) -> npt.NDArray[np.intp]:
        """The indexes of the cells of these kinds other than TEXT."""
        return np.flatnonzero(np.isin(self.kinds, kinds)) if self.kinds is not None else np.empty(0, dtype=np.intp)

    def start_at(self, index: int) -> "Column":
        """The column without the cells before this one; nothing is copied."""
        texts = self.texts.iloc[index:].reset_index(drop=True)
        return Column(texts, None if self.kinds is None else self.kinds[index:])

    def take(self, rows: npt.NDArray[Any]) -> "Column":
        """The column of these rows (a mask, or indexes)."""
        texts = self.texts[rows] if rows.dtype == bool else self.texts.take(rows)
        return Column(texts.reset_index(drop=True), None if self.kinds is None else self.kinds[rows])


def _plainly_filled(column: Column, rows: npt.NDArray[np.intp], *, whole: bool) -> npt.NDArray[np.bool_]:
    """Whether each of the rows has a cell that begins with a letter, digit or mark of ASCII."""
    texts = pa.array(column.texts if whole else column.texts.take(rows))
    return np.asarray(pc.and_(pc.greater(texts, "!"), pc.less(texts, "\x7f")), dtype=bool)


def _filled(column: Column, rows: npt.NDArray[np.intp], *, whole: bool) -> npt.NDArray[np.bool_]:
    """Whether each of the rows has a cell with anything but blanks."""
    texts = pa.array(column.texts if whole else column.texts.take(rows))
    blank = pc.or_(pc.utf8_is_space(texts), pc.equal(pc.binary_length(texts), 0))
    kinds = False if column.kinds is None else column.kinds[rows] != 0
    return ~np.asarray(blank, dtype=bool) | kinds


class Merged(NamedTuple):
    """A merged range: row numbers as Excel shows them, columns from 0; all inclusive."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows of one sheet that hold anything but blanks, header and titles included.

    Attributes:
        numbers: for each row its number as Excel shows it, ascending; in a CSV the line on which the record starts.
        columns: all of the same length as `numbers`.
        widths: how many cells each row really had, where rows of a CSV differ; None where all have all.
        sheet: its name, empty for a CSV.
        encoding, delimiter, quote: of a CSV.
        hidden_rows: numbers of rows that the person does not see (hidden, or filtered out).
        filtered: whether a filter hides some of them.
        hidden_columns: indexes of columns that the person does not see.
        merged: merged ranges; their value stands in the first cell, the others are blank.
        unstyled: the number formats could not be read, so leading zeros that they show are missing.
    """

    numbers: npt.NDArray[np.int64]
    columns: tuple[Column, ...]
    widths: npt.NDArray[np.int64] | None = None
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    quote: str = ""
    hidden_rows: frozenset[int] = frozenset()
    filtered: bool = False
    hidden_columns: frozenset[int] = frozenset()
    merged: tuple[Merged, ...] = field(default=(), repr=False)
    unstyled: bool = False

    def __len__(self) -> int:
        return len(self.numbers)

    def row(self, index: int) -> list[Cell]:
        """One row's cells, as many as it has in the file."""
        columns = self.columns if self.widths is None else self.columns[: int(self.widths[index])]
        return [column.cell(index) for column in columns]

    def rows(self) -> Iterator[list[Cell]]:
        """All rows, as `row` gives them one by one."""
        for start in range(0, len(self), _BATCH):
            end = start + _BATCH
            columns = []
            for column in self.columns:
                texts = column.texts.iloc[start:end].tolist()
                if column.kinds is None:
                    columns.append([Cell(text) for text in texts])
                else:
                    kinds = column.kinds[start:end].tolist()
                    columns.append([Cell(text, Kind(kind)) for text, kind in zip(texts, kinds, strict=True)])
            for place, row in enumerate(zip(*columns, strict=True), start=start):
                yield list(row) if self.widths is None else list(row[: int(self.widths[place])])

    def take(self, kept: npt.NDArray[np.bool_]) -> "Grid":
        """The grid of the rows that the mask keeps."""
        numbers = self.numbers[kept]
        return replace(
            self,
            numbers=numbers,
            columns=tuple(column.take(kept) for column in self.columns),
            widths=None if self.widths is None else self.widths[kept],
            hidden_rows=self.hidden_rows.intersection(numbers.tolist()) if self.hidden_rows else frozenset(),
        )

    def held(self) -> "Grid":
        """The grid of the rows that hold anything but blanks."""
        blank = np.arange(len(self))
        for filled in (_plainly_filled, _filled):  # the first look is quick and settles nearly every row
            for column in self.columns:
                blank = blank[~filled(column, blank, whole=len(blank) == len(self))]
                if not len(blank):
                    return self
        kept = np.ones(len(self), dtype=bool)
        kept[blank] = False
        return self.take(kept)

    def below(self, index: int) -> "Grid":
        """The grid of the rows below this one; merged ranges that begin above are left out."""
        start, top = index + 1, int(self.numbers[index])
        return replace(
            self,
            numbers=self.numbers[start:],
            columns=tuple(column.start_at(start) for column in self.columns),
            widths=None if self.widths is None else self.widths[start:],
            hidden_rows=frozenset(row for row in self.hidden_rows if row > top),
            merged=tuple(merged for merged in self.merged if merged.first_row > top),
        )

    def without_hidden(self) -> "Grid":
        """The grid of the rows that the person sees."""
        return self.take(~np.isin(self.numbers, list(self.hidden_rows))) if self.hidden_rows else self

    def with_merged_filled(self) -> "Grid":
        """The grid in which a value merged over several rows stands in each of them, as the person sees it."""
        columns = list(self.columns)
        orders: dict[int, npt.NDArray[np.intp]] = {}
        for merged in self.merged:
            first, second, end = np.searchsorted(
                self.numbers, (merged.first_row, merged.first_row + 1, merged.last_row + 1)
            )
            if first < second < end and merged.first_column < len(columns):
                orders.setdefault(merged.first_column, np.arange(len(self)))[second:end] = first
        for index, order in orders.items():
            columns[index] = columns[index].take(order)
        return replace(self, columns=tuple(columns))

    def blank_column(self) -> Column:
        """A column without anything in it."""
        return Column(pd.Series("", index=range(len(self)), dtype="str"))

    @classmethod
    def of_rows(cls, numbers: Sequence[int], rows: Sequence[Sequence[Cell | str]], **facts: Any) -> "Grid":  # noqa: ANN401
        """A grid of rows of cells; blank rows are left out. For files that are read cell by cell.

        Args:
            numbers: the rows' numbers.
            rows: cells, or texts alone; rows may differ in width.
            facts: the grid's other attributes.
        """
        cells = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
        kept = [index for index, row in enumerate(cells) if any(cell.kind or cell.text.strip() for cell in row)]
        cells = [cells[index] for index in kept]
        width = max((len(row) for row in cells), default=0)
        blank = Cell("")
        columns = []
        for place in range(width):
            column = [row[place] if place < len(row) else blank for row in cells]
            kinds = np.array([cell.kind for cell in column], dtype=np.int8)
            columns.append(
                Column(pd.Series([cell.text for cell in column], dtype="str"), kinds if kinds.any() else None)
            )
        widths = np.array([len(row) for row in cells], dtype=np.int64)
        return cls(
            np.array([numbers[index] for index in kept], dtype=np.int64),
            tuple(columns),
            widths=None if (widths == width).all() else widths,
            **facts,
        )
