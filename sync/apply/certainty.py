"""Makes absence certain for adds of which the plan could not know: the book had shown nothing to learn from.

What enters: the book, read again once the run's first add was found. What leaves: what speaks against an add.
What never happens here: a request.
"""

from collections.abc import Awaitable, Callable

import pandas as pd

from sync.book import Book
from sync.change import Remark
from sync.coverage import LOOK_UP, SWEEP

ReadAgain = Callable[[str], Awaitable[Book]]
"""Reads the book for all adds that are left and have such a key."""


class Certainty:
    """What is known about the values of one key."""

    def __init__(self, key: str, book: Book) -> None:
        self._key = key
        self._coverage = book.coverage
        self._ids: dict[str, list[int]] = {}
        keys = book.keys(key)
        for value, contact_id in zip(keys, book.table["id"], strict=True):
            if not pd.isna(value):
                self._ids.setdefault(value, []).append(int(contact_id))

    def objection(self, value: str) -> Remark | None:
        """Why a contact with this value must not be added; None where it is certain that there is none."""
        if ids := self._ids.get(value):
            return Remark("contact_appeared", {"ids": ", ".join(map(str, ids))})
        evidence = self._coverage.evidence(self._key, pd.Series([value], dtype="str")).iloc[0]
        if evidence in (LOOK_UP, SWEEP):
            return None
        return Remark("absence_uncertain", {"key": self._key, "value": value})
