"""Contacts in a person's words, and contacts in the book that may be one person.

What enters: the Book, and positions in it. What leaves: ids with what tells them apart; groups of duplicates.
What never happens here: merging or deleting anything.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from sync import canonical
from sync.book import Book
from sync.contact import Contact
from sync.reconciliation import Duplicates
from sync.tables import fingerprints

_NAMED = 5  # contacts in one message


class People:
    """Names contacts for messages."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def described(self, positions: Sequence[int], key: str) -> str:
        """The contacts' ids, each with what tells it apart from others that share this key."""
        named = [_described(each, key) for each in self._book.contacts(np.array(positions[:_NAMED]))]
        more = f" … ({len(positions)})" if len(positions) > _NAMED else ""
        return ", ".join(named) + more


def shared_keys(
    book: Book, key: str, rows: npt.NDArray[np.int64], positions: npt.NDArray[np.int64], texts: pd.Series
) -> Iterator[tuple[int, str]]:
    """The rows whose text of a key other contacts of the book have, and which.

    Args:
        book: the contacts.
        key: the key.
        rows: the rows.
        positions: where each row's own contact stands; negative where it has none.
        texts: each row's text.
    """
    given = canonical.key_column(key, texts.reset_index(drop=True))
    if given.isna().all():
        return
    stored = book.keys(key)
    having = np.flatnonzero(stored.isin(given.dropna()))
    owners: dict[str, list[int]] = {}
    for position, value in zip(having.tolist(), stored.array[having].tolist(), strict=True):
        owners.setdefault(value, []).append(position)
    people = People(book)
    for place in np.flatnonzero(given.isin(list(owners))).tolist():
        others = [each for each in owners[str(given.iat[place])] if each != positions[place]]
        if others:
            yield int(rows[place]), people.described(others, key)


def _described(contact: Contact, key: str) -> str:
    others = [contact.value(field).strip() for field in ("email", "gsm") if field != key]
    facts = [f"{contact.name} {contact.surname}".strip(), next(filter(None, others), "")]
    return f"{contact.id} ({', '.join(filter(None, facts))})" if any(facts) else str(contact.id)


def book_duplicates(book: Book, keys: Iterable[str]) -> list[Duplicates]:
    """The contacts of the book that share a key, for each key in turn; groups in the order of the book."""
    found = []
    for key in keys:
        values = book.keys(key)
        marks = pd.Series(fingerprints(values))
        rows = np.flatnonzero(marks.duplicated(keep=False) & values.notna())
        same = values.take(rows)
        for value, members in same.groupby(same, sort=False).groups.items():
            positions = np.array(members)
            if len(positions) > 1:
                contacts = list(book.contacts(positions))
                ids = tuple(each.id for each in contacts if each.id is not None)
                found.append(Duplicates(key, str(value), ids, _survivor(contacts)))
    return found


def _survivor(contacts: Iterable[Contact]) -> int:
    def rank(contact: Contact) -> tuple[int, int, int]:
        return (-sum(1 for text in _texts(contact) if text.strip()), -len(contact.groups), contact.id or 0)

    return min(contacts, key=rank).id or 0


def _texts(contact: Contact) -> Iterator[str]:
    yield from (contact.name, contact.surname, contact.email, contact.gsm)
    yield from contact.custom_fields.values()
