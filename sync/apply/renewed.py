"""The part of the book that was read again while a run goes on: what the plan knew is too old, or was nothing.

What enters: the book, read again for some of the changes. What leaves: what speaks against an add, and contacts as they
were then. What never happens here: a request.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

import pandas as pd

from sync.book import Book
from sync.change import Change, Remark
from sync.contact import Contact
from sync.coverage import LOOK_UP, SWEEP

ReadAgain = Callable[[int, Callable[[Change], bool]], Awaitable[tuple[Book, int]]]
"""Reads the book for a change (its number) and for those that follow it, as far as they are wanted; with the book comes
the number of the last change that it was read for."""


class Renewed:
    """What is known since `at` about the wanted changes with the numbers `first` to `last`."""

    def __init__(self, book: Book, at: datetime, wanted: Callable[[Change], bool], *, first: int, last: int) -> None:
        self.at = at
        self._wanted = wanted
        self._book = book
        self._first, self._last = first, last
        self._places = {int(each): place for place, each in enumerate(book.table["id"])}
        self._keys: dict[str, dict[str, list[int]]] = {}

    def covers(self, number: int, change: Change) -> bool:
        """Whether the book was read for the change with this number."""
        return self._first <= number <= self._last and self._wanted(change)

    def objection(self, key: str, value: str) -> Remark | None:
        """Why a contact with this value must not be added; None where it is certain that there is none."""
        if ids := self._having(key).get(value):
            return Remark("contact_appeared", {"ids": ", ".join(map(str, ids))})
        evidence = self._book.coverage.evidence(key, pd.Series([value], dtype="str")).iloc[0]
        if evidence in (LOOK_UP, SWEEP):
            return None
        return Remark("absence_uncertain", {"key": key, "value": value})

    def contact(self, contact_id: int) -> Contact | None:
        """The contact as it was read, None where it was not met."""
        place = self._places.get(contact_id)
        return None if place is None else self._book.contact(place)

    def _having(self, key: str) -> dict[str, list[int]]:
        """The ids of the contacts that have each value of a key."""
        if key not in self._keys:
            self._keys[key] = {}
            for value, contact_id in zip(self._book.keys(key), self._book.table["id"], strict=True):
                if not pd.isna(value):
                    self._keys[key].setdefault(value, []).append(int(contact_id))
        return self._keys[key]
