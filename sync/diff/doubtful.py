"""Rows of which it is not certain who they are, so that one may be somebody who seems to have left the sheet.

What enters: what the rows become, the Book, what is remembered. What leaves: for a contact the rows that may be it.
What never happens here: a contact told from a row by anything but names that clearly differ.
"""

from collections.abc import Iterator
from difflib import SequenceMatcher

import numpy as np
import pandas as pd

from sync import canonical
from sync.book import Book
from sync.contact import Contact
from sync.diff.past import Past, who
from sync.diff.rows import place, strongest_values
from sync.hashes import Marks
from sync.sheet import Sheet
from sync.tables import text_at

_TROUBLED = ("rejected", "conflict", "held", "duplicate")
_ALIKE = 0.75  # of two names; a letter more or less, or two that were exchanged, stays above
_MOST_PAIRS = 100_000  # of rows and contacts whose names are compared letter by letter
_LISTED = 3


class Doubtful:
    """The rows of a sheet that may be somebody else than their keys say, or nobody that is known.

    Such is a row whose phone cannot be read tonight, one whose phone is a copy of another row's, and, where it looks
    the same as the contact, one that is new.
    """

    def __init__(
        self, sheet: Sheet, table: pd.DataFrame, keys: pd.DataFrame, rows: pd.DataFrame, book: Book, past: Past
    ) -> None:
        self._sheet, self._table = sheet, sheet.table
        values = strongest_values(keys)
        shared = values.duplicated(keep=False).to_numpy(dtype=bool) & values.notna().to_numpy(dtype=bool)
        troubled = np.flatnonzero(shared | rows["planned"].isin(_TROUBLED).to_numpy(dtype=bool))
        self._rows = list(self._unknown(troubled, keys, table, book, past))
        self._names = {row: self._name(row) for row in self._rows}
        self._new: dict[str, list[int]] = {}
        for row in np.flatnonzero((rows["planned"] == "added").to_numpy(dtype=bool)).tolist():
            for sign in self._signs(row):
                self._new.setdefault(sign, []).append(row)

    def may_be(self, contact: Contact, others: int) -> list[str]:
        """The first of the rows that may be this contact, as people find them; `others` are asked about as well."""
        name = _full_name(contact.name, contact.surname)
        signs = {sign for sign in (name, *_keys(contact.email, contact.gsm)) if sign}
        closely = len(self._rows) * others <= _MOST_PAIRS
        found = [row for row in self._rows if self._is_alike(row, name, signs, closely=closely)]
        found += [row for sign in sorted(signs) for row in self._new.get(sign, ())]
        return [place(self._sheet, row) for row in dict.fromkeys(found)][:_LISTED]

    def _unknown(self, rows: Marks, keys: pd.DataFrame, table: pd.DataFrame, book: Book, past: Past) -> Iterator[int]:
        """Those that are not known as another contact, which has a name like theirs, or as one that was erased."""
        if not len(rows):
            return
        names = who(rows, keys, table, past)
        rows, names = (each[~np.isin(names, list(past.remembered.erased))] for each in (rows, names))
        contacts = past.remembered.contacts_of(names)
        at = pd.Index(book.table["id"]).get_indexer(pd.Index(contacts))
        known = iter(book.contacts(at[at >= 0]))
        for row, position in zip(rows.tolist(), at.tolist(), strict=True):
            if position < 0:
                yield row
                continue
            contact = next(known)
            name, own = _full_name(contact.name, contact.surname), self._name(row)
            if own and name and not _alike(own, name):
                yield row

    def _is_alike(self, row: int, name: str, signs: set[str], *, closely: bool) -> bool:
        own = self._names[row]
        if not own or not name or not signs.isdisjoint(self._signs(row)):
            return True
        return _alike(own, name) if closely else not set(own.split()).isdisjoint(name.split())

    def _signs(self, row: int) -> list[str]:
        """By what a row and a contact are seen to be the same: the whole name, the e-mail, the number."""
        return [sign for sign in (self._name(row), *_keys(self._text(row, "email"), self._text(row, "gsm"))) if sign]

    def _name(self, row: int) -> str:
        return _full_name(self._text(row, "name"), self._text(row, "surname"))

    def _text(self, row: int, field: str) -> str:
        return text_at(self._table[field], row) if field in self._table else ""


def _full_name(name: str, surname: str) -> str:
    return canonical.label(f"{name} {surname}")


def _keys(email: str, gsm: str) -> list[str]:
    return [canonical.of_key("email", email), canonical.of_key("gsm", gsm)]


def _alike(one: str, other: str) -> bool:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE
