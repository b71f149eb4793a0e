"""Finds the contact that each row means.

What enters: the rows' keys and the Book. What leaves: for each row one contact, none for certain, or a conflict.
What never happens here: choosing among contacts that fit equally; an add where absence is not certain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from sync.book import Book
from sync.change import Remark
from sync.diff.numbered import NONE, numbered
from sync.diff.people import People
from sync.diff.rows import Verdicts, strongest
from sync.tables import number_at, text_at

Positions = npt.NDArray[np.int64]
_NOBODY, _UNKNOWN = -1, -2


@dataclass(frozen=True, slots=True)
class Matches:
    """For each row of the sheet the position of its contact in the book's table.

    -1 where it has none and is an add, -2 where it is not open.
    """

    positions: Positions

    @property
    def adds(self) -> Positions:
        """The rows that no contact matches."""
        return np.flatnonzero(self.positions == _NOBODY)

    @property
    def matched(self) -> Positions:
        """The rows that a contact matches."""
        return np.flatnonzero(self.positions >= 0)


def match_rows(
    keys: pd.DataFrame,
    book: Book,
    *,
    on_key_change: str,
    places: Mapping[int, str],
    verdicts: Verdicts,
    known: Positions | None = None,
    identified: Positions | None = None,
) -> Matches:
    """Matches the open rows; conflicts and rejected rows go to the verdicts.

    Args:
        keys: as from `row_keys`, all rows.
        book: the contacts, and what is certain about others.
        on_key_change: `edit` lets a weaker key decide where the stronger one differs.
        places: names a row for people.
        verdicts: what is decided already, and where decisions go.
        known: where the contact stands that each row is known to mean by other than its keys; below 0 for none.
        identified: the same by its identity, where that is not only of rows that no key finds.
    """
    known = np.full(len(keys), _NOBODY, dtype=np.int64) if known is None else known
    pointers = {str(key): _Pointer(book.keys(str(key)), keys[key]) for key in keys}
    open_rows = verdicts.undecided(len(keys))
    if "id" in pointers:
        for row in np.flatnonzero(open_rows & pointers["id"].has & (pointers["id"].count == 0)).tolist():
            verdicts.decide(row, "rejected", Remark("id_unknown", {"id": text_at(keys["id"], row)}))
        open_rows = verdicts.undecided(len(keys))
    positions, plain = _plain_matches(keys, pointers)
    positions = np.where(plain & (positions == _NOBODY), known, positions)
    positions[~open_rows] = _UNKNOWN
    people = People(book)
    for row in np.flatnonzero(open_rows & ~plain).tolist():
        decided = _decide(row, pointers, people, int(known[row]), on_key_change=on_key_change)
        if isinstance(decided, Remark):
            verdicts.decide(row, "conflict", decided)
            positions[row] = _UNKNOWN
        else:
            positions[row] = decided
    _need_certainty(keys, positions, book, verdicts)
    if identified is not None:
        _agree_with_identities(positions, identified, book, verdicts)
    _one_row_a_contact(keys, positions, pointers, book, places, verdicts)
    positions[~verdicts.undecided(len(keys))] = _UNKNOWN
    _no_shared_weaker_key(keys, positions, places, verdicts)
    positions[~verdicts.undecided(len(keys))] = _UNKNOWN
    return Matches(positions)


class _Pointer:
    """Where one key of the rows points: at which contacts.

    Attributes:
        has: whether each row has the key.
        count: how many contacts have each row's value.
        first: the position of the first of them; -1 where there is none.
    """

    def __init__(self, contacts: pd.Series, rows: pd.Series) -> None:
        self._contacts = contacts
        self._numbers = numbered(contacts, rows)
        self.has = rows.notna().to_numpy(dtype=bool)
        found = self._numbers.wanted != NONE
        self.count = np.zeros(len(rows), dtype=np.int64)
        self.count[found] = self._numbers.count[self._numbers.wanted[found]]
        self.first = np.full(len(rows), _NOBODY, dtype=np.int64)
        self.first[found] = self._numbers.first[self._numbers.wanted[found]]

    @cached_property
    def _sorted(self) -> tuple[Positions, Positions]:
        order = np.argsort(self._numbers.stored, kind="stable")
        return order, self._numbers.stored[order]

    def positions(self, row: int) -> list[int]:
        """Where the contacts with the row's value stand."""
        if self.count[row] <= 1:
            return [int(self.first[row])] if self.count[row] else []
        order, numbers = self._sorted
        start, end = np.searchsorted(numbers, [self._numbers.wanted[row], self._numbers.wanted[row] + 1])
        return [int(position) for position in order[start:end]]

    def contact_has(self, position: int) -> bool:
        """Whether a contact has the key."""
        return bool(self._numbers.stored[position] != NONE)

    def agrees(self, row: int, position: int) -> bool:
        """Whether the row and the contact have the same value."""
        return bool(self.has[row] and self._numbers.stored[position] == self._numbers.wanted[row] != NONE)


def _plain_matches(keys: pd.DataFrame, pointers: Mapping[str, _Pointer]) -> tuple[Positions, npt.NDArray[np.bool_]]:
    """For each row one contact, or none at all; and about which rows all keys agree, so that it is true."""
    leading = strongest(keys)
    position = np.full(len(keys), _NOBODY, dtype=np.int64)
    plain = np.ones(len(keys), dtype=bool)
    decided = np.zeros(len(keys), dtype=bool)
    for rank, pointer in enumerate(pointers.values()):
        plain &= pointer.count <= 1
        one = pointer.count == 1
        leads = one & (leading == rank)
        position[leads] = pointer.first[leads]
        decided |= leads
        # A further key must point nowhere or at the same contact; a weaker key alone needs the closer look.
        plain &= ~one | leads | (decided & (pointer.first == position))
    return position, plain


def _decide(
    row: int, pointers: Mapping[str, _Pointer], people: People, known: int, *, on_key_change: str
) -> int | Remark:
    """The contact of one row, `_NOBODY`, or why that cannot be said."""
    names = [key for key, pointer in pointers.items() if pointer.has[row]]
    at = {key: pointers[key].positions(row) for key in names}
    for rank, key in enumerate(names):
        found = at[key]
        if not found:
            continue
        stronger = names[:rank]
        fitting = [each for each in found if not any(pointers[name].contact_has(each) for name in stronger)]
        if known in found and not fitting:
            return known
        if not fitting and on_key_change != "edit":
            ids = people.described(found, key)
            return Remark("key_changed", {"key": key, "stronger": ", ".join(stronger), "ids": ids})
        candidates = _narrowed(fitting or found, [at[further] for further in names[rank + 1 :]])
        if len(candidates) > 1:
            return Remark("several_contacts", {"key": key, "ids": people.described(candidates, key)})
        for further in names[rank + 1 :]:
            if at[further] and candidates[0] not in at[further]:
                values = {
                    "key": key,
                    "id": people.described(candidates, key),
                    "further": further,
                    "ids": people.described(at[further], further),
                }
                return Remark("keys_disagree", values)
        return candidates[0]
    return known


def _narrowed(candidates: Sequence[int], further: Sequence[Sequence[int]]) -> Sequence[int]:
    """The candidates that further keys point at too, as long as any are left."""
    for positions in further:
        both = set(positions).intersection(candidates)
        candidates = [each for each in candidates if each in both] if both else candidates
    return candidates


def _need_certainty(keys: pd.DataFrame, positions: Positions, book: Book, verdicts: Verdicts) -> None:
    """An add needs a certain absence under the row's strongest key."""
    adds = np.flatnonzero(positions == _NOBODY)
    leading = strongest(keys)[adds]
    for rank, key in enumerate(map(str, keys.columns)):
        rows = adds[leading == rank]
        if not len(rows):
            continue
        values = keys[key].take(rows)
        uncertain = book.coverage.evidence(key, values).isna().to_numpy(dtype=bool)
        for row, value in zip(rows[uncertain].tolist(), values.array[uncertain].tolist(), strict=True):
            verdicts.decide(row, "conflict", Remark("absence_uncertain", {"key": key, "value": value}))


def _agree_with_identities(positions: Positions, identified: Positions, book: Book, verdicts: Verdicts) -> None:
    """A row whose keys find another contact than the one that it is known to be means one of two people."""
    ids = book.table["id"]
    for row in np.flatnonzero((positions >= 0) & (identified >= 0) & (positions != identified)).tolist():
        values = {"id": number_at(ids, int(positions[row])), "known": number_at(ids, int(identified[row]))}
        verdicts.decide(row, "conflict", Remark("identity_elsewhere", values))
        positions[row] = _UNKNOWN


def _one_row_a_contact(
    keys: pd.DataFrame,
    positions: Positions,
    pointers: Mapping[str, _Pointer],
    book: Book,
    places: Mapping[int, str],
    verdicts: Verdicts,
) -> None:
    """Of several rows that mean one contact, the one with the strongest key keeps it; the others are in conflict."""
    matched = np.flatnonzero(positions >= 0)
    taken = matched[np.bincount(positions[matched], minlength=1)[positions[matched]] > 1]
    if not len(taken):
        return
    leading = strongest(keys)

    def rank(row: int) -> tuple[int, int, int]:
        """How strong the key is by which a row and its contact agree, then the row's own strongest; then its place."""
        agree = [pointer.agrees(row, int(positions[row])) for pointer in pointers.values()]
        first = agree.index(True) if True in agree else len(agree)  # no key agrees where memory knows the contact
        return (first, int(leading[row]), row)

    for rows in pd.Series(taken).groupby(positions[taken]).groups.values():
        first, *others = sorted(taken[rows].tolist(), key=rank)
        values = {"id": number_at(book.table["id"], int(positions[first])), "row": places[first]}
        for row in others:
            verdicts.decide(row, "conflict", Remark("contact_taken", values))


def _no_shared_weaker_key(
    keys: pd.DataFrame, positions: Positions, places: Mapping[int, str], verdicts: Verdicts
) -> None:
    """A row without the strongest key must not share its own with a row that has it: they may be one person.

    Once that other row is in the book, this row would match its contact. And were this row added while the other is in
    conflict, the other would match this row's contact.
    """
    leading = strongest(keys)
    is_open = positions != _UNKNOWN
    for rank in range(1, len(keys.columns)):
        _yield_to(is_open, np.flatnonzero(is_open & (leading == rank)), keys, rank, leading, places, verdicts)
    for rank in range(1, len(keys.columns)):
        in_conflict = np.zeros(len(keys), dtype=bool)
        in_conflict[[row for row, outcome in verdicts.outcomes.items() if outcome == "conflict"]] = True
        adds = np.flatnonzero((positions == _NOBODY) & verdicts.undecided(len(keys)) & (leading == rank))
        _yield_to(in_conflict, adds, keys, rank, leading, places, verdicts)


def _yield_to(
    others: npt.NDArray[np.bool_],
    alone: Positions,
    keys: pd.DataFrame,
    rank: int,
    leading: npt.NDArray[np.intp],
    places: Mapping[int, str],
    verdicts: Verdicts,
) -> None:
    """Takes back the rows that have only a weaker key, where one of the others that has a stronger one shares it."""
    if not len(alone):
        return
    key, values = str(keys.columns[rank]), keys.iloc[:, rank]
    stronger = np.flatnonzero(others & (leading < rank) & values.notna().to_numpy(dtype=bool))
    stronger = stronger[values.array[stronger].isin(values.array[alone])]
    owner = dict(zip(values.array[stronger].tolist(), stronger.tolist(), strict=True))
    shared = alone[values.array[alone].isin(list(owner))]
    for row, value in zip(shared.tolist(), values.array[shared].tolist(), strict=True):
        verdicts.decide(row, "conflict", Remark("key_of_other_row", {"key": key, "row": places[owner[value]]}))
