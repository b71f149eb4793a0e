"""The sheet: the input, cleaned; each row with its place.

What enters: what the reader read. What leaves: tables with declared columns. What never happens here: opening files.
"""

import datetime
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sync.tables import number_at

GROUP_SEPARATOR = "\n"


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A workbook's cell that shows an error such as #N/A."""

    text: str


@dataclass(frozen=True, slots=True)
class PaddedNumber:
    """A workbook's whole number whose format shows leading zeros."""

    number: int
    width: int


def cell_to_json(cell: Any) -> Any:  # noqa: ANN401 - a cell as its file types it
    """A cell as JSON can hold it; whatever is not a JSON value becomes `{its type: its text}`."""
    match cell:
        case None | str() | bool() | int() | float():
            return cell
        case PaddedNumber():
            return {"padded": [cell.number, cell.width]}
        case ErrorCell():
            return {"error": cell.text}
        case datetime.datetime() | datetime.date() | datetime.time():
            return {type(cell).__name__: cell.isoformat()}
        case _:
            return {"text": str(cell)}


def cell_from_json(data: Any) -> Any:  # noqa: ANN401
    """The inverse of `cell_to_json`; a cell of a type that only its text is known of comes back as that text."""
    match data:
        case {"padded": [number, width]}:
            return PaddedNumber(number, width)
        case {"error": text}:
            return ErrorCell(text)
        case {"datetime": text}:
            return datetime.datetime.fromisoformat(text)
        case {"date": text}:
            return datetime.date.fromisoformat(text)
        case {"time": text}:
            return datetime.time.fromisoformat(text)
        case {"text": text}:
            return text
        case _:
            return data


@dataclass(frozen=True, slots=True)
class Input:
    """One file (and its sheet) as it was found.

    Attributes:
        path: where it was read from.
        sheet: the sheet's name, empty for a CSV.
        header: the header cells, as texts; `header_row` is their row number as Excel shows it.
        encoding, delimiter: of a CSV, empty for a workbook.
        sha256: of the file's bytes.
        cells: the data rows as they stood, one list a row, typed as the file types them; not cleaned.
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
    cells: list[list[Any]] = field(repr=False, compare=False, default_factory=list)


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
class Sheet:
    """Rows ready to be compared.

    `table` has one row for each data row that holds anything but blanks, in the order of reading, indexed from 0, with
    the columns `input` (index into `inputs`), `row` (number as Excel shows it; in a CSV the line on which the record
    starts), `cells` (index into that input's cells), then one string column for each field that the mapping gives
    (`name` … `custom:3`, and `id`), and `groups` (labels joined by `GROUP_SEPARATOR`). A missing value is an empty
    cell.
    """

    table: pd.DataFrame
    inputs: tuple[Input, ...]
    issues: tuple[Issue, ...]

    def __len__(self) -> int:
        return len(self.table)

    def cells(self, row: int) -> list[Any]:
        """The row's cells as they stood in the file."""
        return self.inputs[number_at(self.table["input"], row)].cells[number_at(self.table["cells"], row)]
