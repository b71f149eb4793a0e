"""Makes the plan: what each row becomes, and the changes that it takes.

What enters: a Sheet, a Book, a Mapping. What leaves: a Plan. What never happens here: a request, a clock, chance.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from sync.book import Book
from sync.change import Change, Plan
from sync.contact import Contact
from sync.diff.fields import GroupWishes, differing_fields
from sync.diff.matching import Matches, match_rows
from sync.diff.rows import open_rows, place, row_keys, settle_duplicates, strongest
from sync.mapping import Mapping
from sync.sheet import Sheet
from sync.tables import labels, number_at, present, text_at


def make_plan(sheet: Sheet, book: Book, mapping: Mapping) -> Plan:
    """What every row of the sheet becomes, and the changes, made one by one as they are asked for."""
    keys = row_keys(sheet.table, mapping)
    verdicts = open_rows(sheet, keys)
    wishes = GroupWishes(book, mapping, sheet.table)
    wishes.reject_unknown(verdicts)
    table = settle_duplicates(sheet, keys, mapping, verdicts)
    if table is not sheet.table:
        keys = row_keys(table, mapping)  # a merged row has the keys of all its parts
    places = _Places(sheet)
    matches = match_rows(keys, book, on_key_change=mapping.on_key_change, places=places, verdicts=verdicts)
    matched = matches.matched
    differs = differing_fields(table, matched, book, mapping, sheet.left_out)
    differs["groups"] = _groups_differ(wishes, matched, book)

    planned = pd.Series("unchanged", index=sheet.table.index, dtype="str")
    planned[differs.index[differs.any(axis=1)]] = "edited"
    planned[matches.adds] = "added"
    for row, outcome in verdicts.outcomes.items():
        planned.at[row] = outcome
    contact_ids = pd.Series(pd.NA, index=sheet.table.index, dtype="Int64")
    contact_ids[matched.index] = book.table["id"].to_numpy()[matched.to_numpy()]
    rows = pd.DataFrame({"planned": planned, "contact_id": contact_ids, "key": _leading_values(keys)})
    changes = _Changes(table, keys, book, mapping, matches, differs, wishes)
    return Plan(rows, verdicts.remarks, changes, len(matched), verdicts.notes)


def _leading_values(keys: pd.DataFrame) -> pd.Series:
    """Each row's strongest key, canonical; the empty text where it has none."""
    leading = strongest(keys)
    values = pd.Series("", index=keys.index, dtype="str")
    for key in keys.columns:
        values = values.where(leading != key, keys[key])
    return values.fillna("")


def _groups_differ(wishes: GroupWishes, matched: pd.Series, book: Book) -> pd.Series:
    """Whether a matched row's contact is to be in other groups than it is."""
    if not wishes.any:
        return pd.Series(data=False, index=matched.index)
    stored = book.table["groups"].to_numpy()
    found = []
    for row, position in matched.items():
        existing = tuple(int(group) for group in stored[position].split())
        found.append(set(wishes.target(int(str(row)), existing)) != set(existing))
    return pd.Series(found, index=matched.index, dtype="bool")


class _Places(dict[int, str]):
    """Names rows for people, each when it is asked for."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self._sheet = sheet

    def __missing__(self, row: int) -> str:
        return place(self._sheet, row)


class _Changes:
    """The changes of a plan, in the order of the rows; each is made when it is reached."""

    def __init__(
        self,
        table: pd.DataFrame,
        keys: pd.DataFrame,
        book: Book,
        mapping: Mapping,
        matches: Matches,
        differs: pd.DataFrame,
        wishes: GroupWishes,
    ) -> None:
        self._table = table
        self._keys = keys
        self._book = book
        self._fields = tuple(mapping.columns)
        self._positions = matches.positions
        self._differs = differs
        self._wishes = wishes
        edits = differs.index[differs.any(axis=1)]
        self._rows = edits.append(matches.adds).sort_values()

    def __iter__(self) -> Iterator[Change]:
        for row in labels(self._rows):
            keys = present(self._keys, row)
            position = number_at(self._positions, row)
            yield self._edit(row, keys, position) if position >= 0 else self._add(row, keys)

    def _add(self, row: int, keys: dict[str, str]) -> Change:
        values = present(self._table[list(self._fields)], row)
        desired = Contact(groups=tuple(self._wishes.wanted(row))).with_values(values)
        fields = [*values, *(["groups"] if desired.groups else [])]
        return Change(row, "add", keys, None, desired, tuple(fields))

    def _edit(self, row: int, keys: dict[str, str], position: int) -> Change:
        existing = self._book.contact(position)
        fields = [str(name) for name, differs in self._differs.loc[row].items() if differs]
        values = {name: text_at(self._table[name], row) for name in fields if name != "groups"}
        desired = existing.with_values(values)
        if "groups" in fields:
            desired = replace(desired, groups=self._wishes.target(row, existing.groups))
        return Change(row, "edit", keys, existing, desired, tuple(fields))
