"""Makes the plan: what each row becomes, and the changes that it takes.

What enters: a Sheet, a Book, a Mapping. What leaves: a Plan. What never happens here: a request, a clock, chance.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from sync.book import Book
from sync.change import Change, Departures, Plan, Remark
from sync.contact import Contact
from sync.diff.departures import find_departures
from sync.diff.fields import Flags, GroupWishes, Rows, differing_fields
from sync.diff.known import hold_erased, identified_contacts, positions_of, remembered_contacts
from sync.diff.learning import learnt
from sync.diff.matching import match_rows
from sync.diff.panel import weigh_panel_changes
from sync.diff.past import Past
from sync.diff.people import shared_keys
from sync.diff.quarantine import hold_quarantined
from sync.diff.rows import (
    Verdicts,
    open_rows,
    place,
    reject_doubled_identities,
    row_keys,
    settle_duplicates,
    strongest_values,
)
from sync.mapping import Mapping
from sync.sheet import Sheet
from sync.tables import as_texts

_BATCH = 1 << 15  # changes that are made at once; taking rows out of a long column has its price each time
_UNCHANGED, _EDITED, _ADDED = range(3)


def make_plan(sheet: Sheet, book: Book, mapping: Mapping, past: Past | None = None) -> Plan:
    """What every row of the sheet becomes, and the changes, made batch by batch as they are asked for.

    With `past` it is weighed what earlier runs have left, and the plan says what this one teaches.
    """
    keys = row_keys(sheet.table, mapping)
    verdicts = open_rows(sheet, keys)
    wishes = GroupWishes(book, mapping, sheet.table)
    wishes.reject_unknown(verdicts)
    table = settle_duplicates(sheet, keys, mapping, verdicts)
    reject_doubled_identities(sheet, mapping, verdicts)
    if table is not sheet.table:
        keys = row_keys(table, mapping)  # a merged row has the keys of all its parts
    places = _Places(sheet)
    contacts = np.full(len(table), -1, dtype=np.int64)
    if past is not None:
        contacts = remembered_contacts(keys, table, book, past)
    matches = match_rows(
        keys,
        book,
        on_key_change=mapping.on_key_change,
        places=places,
        verdicts=verdicts,
        known=positions_of(contacts, book),
        identified=None if past is None else positions_of(identified_contacts(keys, table, past), book),
    )
    erased = {} if past is None else hold_erased(matches.adds, contacts, keys, table, past, verdicts)
    matched = matches.matched
    positions = matches.positions[matched]
    differs = differing_fields(table, matched, positions, book, mapping, sheet.left_out)
    differs["groups"] = wishes.differ(matched, book.column("groups"), positions)
    kept: dict[int, tuple[str, ...]] = {}
    if past is not None:
        differs, kept = weigh_panel_changes(differs, matched, positions, book, mapping, past, wishes, verdicts)
    edited = np.logical_or.reduce(list(differs.values()))
    if past is not None:
        writing = np.concatenate([matched[edited], matches.adds])
        hold_quarantined(writing[verdicts.undecided(len(table))[writing]], keys, table, mapping, past, verdicts)
    still_open = verdicts.undecided(len(table))
    edited &= still_open[matched]
    adds = matches.adds[still_open[matches.adds]]

    codes = np.full(len(table), _UNCHANGED, dtype=np.int32)
    codes[matched[edited]] = _EDITED
    codes[adds] = _ADDED
    contact_ids = np.zeros(len(table), dtype=np.int64)
    contact_ids[matched] = book.table["id"].to_numpy()[positions]
    rows = pd.DataFrame(
        {
            "planned": _outcomes(codes, verdicts),
            "contact_id": pd.arrays.IntegerArray(contact_ids, matches.positions < 0),
            "key": strongest_values(keys).fillna(""),
        },
        index=sheet.table.index,
    )
    changes = _Changes(
        table, keys, book, mapping, matches.positions, matched[edited], adds, _only(differs, edited), wishes
    )
    _note_shared_keys(changes, book, mapping, verdicts)
    taught, departures = None, Departures()
    if past is not None:
        departures = find_departures(sheet, table, keys, rows, book, mapping, past, wishes.own)
        same = ~edited & still_open[matched]
        taught = learnt(
            sheet,
            table,
            keys,
            book,
            mapping,
            past,
            unchanged=(matched[same], positions[same]),
            changed=np.sort(np.concatenate([matched[edited], adds])),
            kept=kept,
            erased=erased,
            own_groups=wishes.own,
        )
    return Plan(rows, verdicts.remarks, changes, len(matched), verdicts.notes, taught, departures)


def _outcomes(codes: Any, verdicts: Verdicts) -> pd.Series:  # noqa: ANN401 - an array of codes
    """The outcomes of all rows as texts."""
    names = ["unchanged", "edited", "added"]
    for outcome in dict.fromkeys(verdicts.outcomes.values()):
        decided = [row for row, each in verdicts.outcomes.items() if each == outcome]
        codes[decided] = len(names)
        names.append(outcome)
    return as_texts(pa.DictionaryArray.from_arrays(codes, names).cast(pa.large_string()))


def _only(differs: dict[str, Flags], rows: Flags) -> dict[str, Flags]:
    return {name: flags[rows] for name, flags in differs.items()}


def _note_shared_keys(changes: "_Changes", book: Book, mapping: Mapping, verdicts: Verdicts) -> None:
    """Notes rows that give a contact a key which another contact of the book has."""
    for key in mapping.keys:
        if key in mapping.columns:
            rows, positions, texts = changes.giving(key)
            for row, ids in shared_keys(book, key, rows, positions, texts):
                remark = Remark("key_of_other_contact", {"key": key, "ids": ids}, mapping.labels[key] or key)
                verdicts.note(row, remark)


class _Places(dict[int, str]):
    """Names rows for people, each when it is asked for."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self._sheet = sheet

    def __missing__(self, row: int) -> str:
        return place(self._sheet, row)


class _Changes:
    """The changes of a plan, in the order of the rows; they are made batch by batch."""

    def __init__(
        self,
        table: pd.DataFrame,
        keys: pd.DataFrame,
        book: Book,
        mapping: Mapping,
        positions: Rows,
        edits: Rows,
        adds: Rows,
        differs: dict[str, Flags],
        wishes: GroupWishes,
    ) -> None:
        self._table = table
        self._keys = keys
        self._book = book
        self._fields = tuple(mapping.columns)
        self._rewrites = [name for name, spec in mapping.columns.items() if spec.rewrite]
        self._positions = positions
        self._edits = edits
        self._differs = differs
        self._adds = adds
        self._wishes = wishes

    def __iter__(self) -> Iterator[Change]:
        rows = np.sort(np.concatenate([self._edits, self._adds]))
        for start in range(0, len(rows), _BATCH):
            yield from self._batch(rows[start : start + _BATCH])

    def giving(self, field: str) -> tuple[Rows, Rows, pd.Series]:
        """The rows that give their contact another text of a field, the contacts' positions, and the texts."""
        rows = np.concatenate([self._edits[self._differs[field]], self._adds])
        return rows, self._positions[rows], self._table[field].take(rows)

    def _batch(self, rows: Rows) -> Iterator[Change]:
        keys = _present(self._keys, list(self._keys.columns), rows)
        texts = _present(self._table, self._fields, rows)
        positions = self._positions[rows]
        existing = self._book.contacts(positions[positions >= 0])
        at = np.searchsorted(self._edits, rows)
        for row, position, edit, own_keys, values in zip(
            rows.tolist(), positions.tolist(), at.tolist(), keys, texts, strict=True
        ):
            if position < 0:
                yield self._add(row, own_keys, values)
            else:
                fields = [name for name, differs in self._differs.items() if differs[edit]]
                yield self._edit(row, own_keys, values, next(existing), fields)

    def _add(self, row: int, keys: dict[str, str], values: dict[str, str]) -> Change:
        desired = Contact(groups=tuple(self._wishes.wanted(row))).with_values(values)
        fields = [*values, *(["groups"] if desired.groups else [])]
        return Change(row, "add", keys, None, desired, tuple(fields), self._exact(values))

    def _edit(
        self, row: int, keys: dict[str, str], values: dict[str, str], existing: Contact, fields: Sequence[str]
    ) -> Change:
        desired = existing.with_values({name: values.get(name, "") for name in fields if name != "groups"})
        if "groups" in fields:
            desired = replace(desired, groups=self._wishes.target(row, existing.groups))
        return Change(row, "edit", keys, existing, desired, tuple(fields), self._exact(values))

    def _exact(self, values: dict[str, str]) -> tuple[str, ...]:
        return tuple(name for name in self._rewrites if name in values)


def _present(table: pd.DataFrame, names: Sequence[str], rows: Rows) -> list[dict[str, str]]:
    """For each of the rows its texts that are not missing, by column."""
    found: list[dict[str, str]] = [{} for _ in range(len(rows))]
    for name in names:
        texts = table[name].array.take(rows)
        for given, text, absent in zip(found, texts.tolist(), texts.isna().tolist(), strict=True):
            if not absent:
                given[name] = text
    return found
