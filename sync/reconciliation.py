"""What comparing in both directions finds on the book's side.

What enters: what the diff found. What leaves: data for reports. What never happens here: a decision about a contact.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sync.book import Book


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Contacts that share a key.

    Attributes:
        key, value: the key, and its canonical value.
        ids: theirs, in the order of the book.
        survivor: the one to keep: it has the most fields filled, then the most groups, then the smallest id.
    """

    key: str
    value: str
    ids: tuple[int, ...]
    survivor: int


@dataclass(frozen=True, slots=True)
class BookSide:
    """The book, read as far as it can be.

    Attributes:
        remote_only: where the contacts that no row means stand in the book's table.
        duplicates: contacts of the book that share a key.
    """

    book: Book
    remote_only: npt.NDArray[np.int64]
    duplicates: Sequence[Duplicates]
