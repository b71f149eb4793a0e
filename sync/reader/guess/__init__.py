"""Guesses what the columns of a sheet mean, from headers and cells, and writes that down as a mapping.

What enters: a sheet's cells as found; what was seen of the book, where somebody read it. What leaves: a mapping's text.
What never happens here: opening files.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sync.contact import custom_field_name
from sync.grid import Grid
from sync.reader.guess.columns import ColumnGuess, SheetView, guessed_columns
from sync.reader.guess.fields import FieldMatches, KnownBook
from sync.reader.guess.text import SCHEMA_FILE, MappingText
from sync.reader.workbook_file import column_letters

__all__ = ["SCHEMA_FILE", "ColumnGuess", "Guess", "KnownBook", "column_letters", "guess_mapping"]


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping's text, and how it came about.

    Attributes:
        warnings: codes of the message catalogue with values: what the person should know before using it.
        field_samples: for each custom field of the book that no column was recognised for, a few of its values.
    """

    text: str
    columns: tuple[ColumnGuess, ...]
    header_row: int
    warnings: tuple[tuple[str, dict[str, object]], ...] = ()
    field_samples: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def has_key(self) -> bool:
        """Whether rows can find their contacts, so that the mapping can be used."""
        return any(each.role in ("gsm", "email") for each in self.columns)


def guess_mapping(
    grid: Grid, *, file_name: str, job: str, book: KnownBook | None = None, named_sheet: bool = False
) -> Guess:
    """The mapping that headers and cells suggest.

    Args:
        grid: one sheet with at least one row.
        file_name: as the person wrote it.
        job: what the mapping is to be called.
        book: what was seen of the account, so that custom fields get their real ids; None where nobody looked.
        named_sheet: the person asked for this very sheet, so it stands in the mapping.
    """
    sheet = SheetView(grid)
    columns = guessed_columns(sheet)
    matches = FieldMatches(sheet, columns, book) if book else None
    if matches:
        columns = [
            replace(each, role=custom_field_name(matches.ids[each.index])) if each.index in matches.ids else each
            for each in columns
        ]
    writing = MappingText(sheet, columns, book, matches)
    return Guess(
        writing.text(file_name=file_name, job=job, named_sheet=named_sheet),
        tuple(columns),
        sheet.header_row,
        tuple(_warnings(sheet, columns)),
        matches.left_samples() if matches else {},
    )


def _warnings(sheet: SheetView, columns: Iterable[ColumnGuess]) -> Iterator[tuple[str, dict[str, object]]]:
    if not sheet.has_header:
        yield "guess_no_header", {"row": sheet.header_row}
    roles = {each.role for each in columns}
    if not roles & {"gsm", "email"}:
        yield "guess_no_keys", {}
    if not sheet.rows:
        yield "guess_no_rows", {}
