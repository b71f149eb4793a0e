"""Finds the contact that each row means.

What enters: the rows' keys and the Book. What leaves: for each row one contact, none for certain, or a conflict.
What never happens here: choosing among contacts that fit equally; an add where absence is not certain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sync.book import Book
from sync.change import Remark
from sync.diff.rows import Verdicts, strongest
from sync.tables import labels, number_at, present, text_at

_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Matches:
    """For each row that is still open the position of its contact in the book's table; `NOBODY` (-1) is an add."""

    positions: pd.Series

    @property
    def adds(self) -> pd.Index:
        """The rows that no contact matches."""
        return self.positions.index[self.positions == _NOBODY]

    @property
    def matched(self) -> pd.Series:
        """The rows that a contact matches, with its position."""
        return self.positions[self.positions != _NOBODY]


def match_rows(
    keys: pd.DataFrame, book: Book, *, on_key_change: str, places: Mapping[int, str], verdicts: Verdicts
) -> Matches:
    """Matches the open rows; conflicts and rejected rows go to the verdicts.

    Args:
        keys: as from `row_keys`, all rows.
        book: the contacts, and what is certain about others.
        on_key_change: `edit` lets a weaker key decide where the stronger one differs.
        places: names a row for people.
        verdicts: what is decided already, and where decisions go.
    """
    keys = keys.loc[verdicts.still_open(keys.index)]
    index = _KeyIndex(book, keys)
    if "id" in keys:
        for row in labels(keys.index[keys["id"].notna()]):
            text = text_at(keys["id"], row)
            if not index.positions("id", text):
                verdicts.decide(row, "rejected", Remark("id_unknown", {"id": text}))
        keys = keys.loc[verdicts.still_open(keys.index)]
    positions = _plain_matches(keys, index)
    for row in labels(positions.index[positions.isna()]):
        decided = _decide(present(keys, row), index, book, on_key_change=on_key_change)
        if isinstance(decided, Remark):
            verdicts.decide(row, "conflict", decided)
        else:
            positions.at[row] = decided
    positions = positions.dropna().astype("int64")
    _need_certainty(keys, positions, book, verdicts)
    _one_row_a_contact(keys, positions, index, book, places, verdicts)
    _no_shared_weaker_key(keys, positions, places, verdicts)
    return Matches(positions.loc[verdicts.still_open(positions.index)])


class _KeyIndex:
    """The book's contacts by key."""

    def __init__(self, book: Book, keys: pd.DataFrame) -> None:
        self.columns: dict[str, pd.Series] = {str(key): book.keys(str(key)) for key in keys}
        self.counts: dict[str, pd.Series] = {}
        self.first: dict[str, pd.Series] = {}
        self._several: dict[str, dict[str, list[int]]] = {}
        for key, values in self.columns.items():
            having = values.dropna()
            self.counts[key] = having.value_counts()
            once = having[~having.duplicated()]
            self.first[key] = pd.Series(once.index, index=once.to_numpy())
            repeated = having[having.duplicated(keep=False)]
            self._several[key] = {str(value): labels(rows) for value, rows in repeated.groupby(repeated).groups.items()}

    def positions(self, key: str, value: str) -> list[int]:
        """Where contacts with this key stand."""
        if value in self._several[key]:
            return self._several[key][value]
        found = self.first[key].get(value)
        return [] if found is None else [int(found)]

    def value(self, key: str, position: int) -> str | None:
        """A contact's key, None where it has none."""
        return text_at(self.columns[key], position) or None


def _plain_matches(keys: pd.DataFrame, index: _KeyIndex) -> pd.Series:
    """The rows about which all keys agree: one contact, or none at all; missing where a closer look is needed."""
    leading = strongest(keys)
    position = pd.Series(_NOBODY, index=keys.index, dtype="Int64")
    plain = pd.Series(data=True, index=keys.index)
    decided = pd.Series(data=False, index=keys.index)
    for key in keys.columns:
        has = keys[key].notna()
        count = keys[key].map(index.counts[key]).fillna(0).astype("int64")
        here = keys[key].map(index.first[key]).astype("Int64")
        plain &= ~has | (count <= 1)
        leads = has & (leading == key)
        position = position.where(~(leads & (count == 1)), here)
        decided |= leads & (count == 1)
        # A further key must point nowhere or at the same contact; a weaker key alone needs the closer look.
        further = has & ~leads & (count == 1)
        plain &= ~further | (decided & (here == position).fillna(value=False).astype(bool))
    return position.where(plain)


def _decide(row: Mapping[str, str], index: _KeyIndex, book: Book, *, on_key_change: str) -> int | Remark:
    """The contact of one row, `_NOBODY`, or why that cannot be said."""
    names = list(row)
    at = {key: index.positions(key, value) for key, value in row.items()}

    def ids(positions: Sequence[int]) -> str:
        return ", ".join(str(number_at(book.table["id"], position)) for position in positions)

    for rank, key in enumerate(names):
        found = at[key]
        if not found:
            continue
        fitting = [each for each in found if all(index.value(stronger, each) is None for stronger in names[:rank])]
        if not fitting and on_key_change != "edit":
            return Remark("key_changed", {"key": key, "stronger": ", ".join(names[:rank]), "ids": ids(found)})
        candidates = _narrowed(fitting or found, [at[further] for further in names[rank + 1 :]])
        if len(candidates) > 1:
            return Remark("several_contacts", {"key": key, "ids": ids(candidates)})
        for further in names[rank + 1 :]:
            if at[further] and candidates[0] not in at[further]:
                values = {"key": key, "id": ids(candidates), "further": further, "ids": ids(at[further])}
                return Remark("keys_disagree", values)
        return candidates[0]
    return _NOBODY


def _narrowed(candidates: Sequence[int], further: Sequence[Sequence[int]]) -> Sequence[int]:
    """The candidates that further keys point at too, as long as any are left."""
    for positions in further:
        both = [each for each in candidates if each in positions]
        candidates = both or candidates
    return candidates


def _need_certainty(keys: pd.DataFrame, positions: pd.Series, book: Book, verdicts: Verdicts) -> None:
    """An add needs a certain absence under the row's strongest key."""
    adds = positions.index[positions == _NOBODY]
    leading = strongest(keys.loc[adds])
    for row in labels(adds):
        key = text_at(leading, row)
        value = text_at(keys[key], row)
        if not book.coverage.proves_absent(key, value):
            verdicts.decide(row, "conflict", Remark("absence_uncertain", {"key": key, "value": value}))


def _one_row_a_contact(
    keys: pd.DataFrame,
    positions: pd.Series,
    index: _KeyIndex,
    book: Book,
    places: Mapping[int, str],
    verdicts: Verdicts,
) -> None:
    """Of several rows that mean one contact, the one with the strongest key keeps it; the others are in conflict."""
    matched = positions[positions != _NOBODY]
    taken = matched[matched.duplicated(keep=False)]

    def rank(row: int) -> tuple[int, int, int]:
        """How strong the key is by which a row and its contact agree, then the row's own strongest; then its place."""
        position = number_at(positions, row)
        has = [bool(text_at(keys[key], row)) for key in keys.columns]
        agree = [text_at(keys[key], row) == index.value(str(key), position) for key in keys.columns]
        return (agree.index(True), has.index(True), row)

    for rows in taken.groupby(taken).groups.values():
        first, *others = sorted(labels(rows), key=rank)
        values = {"id": number_at(book.table["id"], number_at(positions, first)), "row": places[first]}
        for row in others:
            verdicts.decide(row, "conflict", Remark("contact_taken", values))


def _no_shared_weaker_key(
    keys: pd.DataFrame, positions: pd.Series, places: Mapping[int, str], verdicts: Verdicts
) -> None:
    """A row without the strongest key must not share its own with a row that has it: they may be one person.

    Once that other row is in the book, this row would match its contact.
    """
    index = verdicts.still_open(positions.index)
    keys = keys.loc[index]
    leading = strongest(keys)
    for rank, key in enumerate(keys.columns):
        if rank == 0:
            continue
        alone = keys[key][leading == key]
        stronger = keys[key][keys[key].notna() & leading.isin(list(keys.columns[:rank]))]
        owner = dict(zip(stronger, labels(stronger.index), strict=True))
        shared = alone[alone.isin(list(owner))]
        for row, value in zip(labels(shared.index), shared, strict=True):
            verdicts.decide(row, "conflict", Remark("key_of_other_row", {"key": key, "row": places[owner[value]]}))
