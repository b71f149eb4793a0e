"""The sheet: the input, cleaned; each row with its place.

What enters: what the reader read. What leaves: tables with declared columns. What never happens here: opening files.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from sync.grid import Cell, Grid

GROUP_SEPARATOR = "\n"


# The headers of our own columns in `rejected.*`: why a row did not make it, the contact that a person chose for it, and
# (in a workbook) the number that the row had.
REASON = "imsync: reason"
CONTACT_ID = "imsync: contact id"
ROW = "imsync: row"
OURS = (REASON, CONTACT_ID, ROW)


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth knowing about how a file was read: a message code (`read_…`) and its values."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Input:
    """One file (and its sheet) as it was found.

    Attributes:
        path: where it was read from.
        sheet: the sheet's name, empty for a CSV.
        header: the header cells, as texts; `header_row` is their row number as Excel shows it.
        encoding, delimiter: of a CSV, empty for a workbook.
        sha256: of the file's bytes.
        quote: what encloses cells of a CSV; `none` where nothing does.
        notes: what is worth knowing about how it was read.
        cells: the data rows as they stood, not cleaned; None where they are not at hand.
    """

    path: str
    name: str
    kind: str
    sheet: str
    header: tuple[str, ...]
    header_row: int
    encoding: str
    delimiter: str
    sha256: str
    quote: str = '"'
    notes: tuple[Note, ...] = ()
    cells: Grid | None = field(repr=False, compare=False, default=None)


NOWHERE = Input(
    path="", name="", kind="", sheet="", header=(), header_row=0, encoding="", delimiter="", sha256=""
)  # of what stands in no file


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong with a cell or a row: data with a code, never an exception.

    Attributes:
        row: index of the row in the Sheet's table.
        column: the cell's header, empty where the row as a whole is meant.
        cell: the cell's text.
    """

    code: str
    row: int
    column: str = ""
    cell: str = ""
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Understood:
    """How one column was understood.

    Attributes:
        input: index into the Sheet's inputs.
        name: the field, as `Contact.value` names it; `groups`.
        header: the column's; those of joined columns with a + between them.
        filled, bad: how many cells hold something, and how many of those cannot be used.
        samples: cells before and after cleaning.
    """

    input: int
    name: str
    header: str
    filled: int
    bad: int
    samples: tuple[tuple[str, str], ...]


class Unused(NamedTuple):
    """A header that the mapping does not name; where it stands several times, the letters of the columns that it means.

    Headers that differ in case and blanks alone are one.
    """

    header: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows ready to be compared.

    `table` has one row for each data row that holds anything but blanks, in the order of reading, indexed from 0, with
    the columns `input` (index into `inputs`), `row` (number as Excel shows it; in a CSV the line on which the record
    starts), `cells` (index into that input's cells), then one string column for each field that the mapping gives
    (`name` … `custom:3`, and `id`), `groups` (labels joined by `GROUP_SEPARATOR`), and `chosen` (the contact id that a
    person chose in a `rejected.*`). A missing value is an empty cell.

    Attributes:
        issues: what rejects a row.
        notes: what does not, and is to be told all the same.
        left_out: `(field, row)` of cells that cannot be used and are left out of their rows.
        understood: how each column was understood.
        unused: for each input the headers that the mapping does not name.
        partial: whether a file is one of our `rejected.*`, and so a part of something.
    """

    table: pd.DataFrame
    inputs: tuple[Input, ...]
    issues: tuple[Issue, ...]
    notes: tuple[Issue, ...] = ()
    left_out: frozenset[tuple[str, int]] = frozenset()
    understood: tuple[Understood, ...] = ()
    unused: tuple[tuple[Unused, ...], ...] = ()
    partial: bool = False

    def __len__(self) -> int:
        return len(self.table)

    def cells(self, kept: npt.NDArray[np.bool_] | None = None) -> Iterator[list[Cell]]:
        """For each row (of those that the mask keeps, where there is one) its cells as they stood in the file."""
        start = 0
        for each in self.inputs:
            assert each.cells is not None
            end = start + len(each.cells)
            yield from (each.cells if kept is None else each.cells.take(kept[start:end])).rows()
            start = end
