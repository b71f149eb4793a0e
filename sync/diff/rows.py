"""Which rows can be compared at all, and by what.

What enters: a Sheet. What leaves: the rows' keys; rejected rows and duplicates with their reasons.
What never happens here: looking at the book.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from sync import canonical
from sync.change import Remark
from sync.mapping import Mapping as ColumnMapping
from sync.sheet import Issue, Sheet
from sync.tables import fingerprints, labels, number_at, text_at

_LISTED = 5  # rows in one message


@dataclass(slots=True)
class Verdicts:
    """What has been decided about rows so far: an outcome for each decided row, and the remarks; and mere notes."""

    outcomes: dict[int, str] = field(default_factory=dict)
    remarks: dict[int, list[Remark]] = field(default_factory=dict)
    notes: dict[int, list[Remark]] = field(default_factory=dict)

    def decide(self, row: int, outcome: str, remark: Remark) -> None:
        """Decides a row, once: a later remark on a decided row is added, its outcome stays."""
        self.outcomes.setdefault(row, outcome)
        _add(self.remarks, row, remark)

    def note(self, row: int, remark: Remark) -> None:
        """Adds what is merely worth knowing of a row."""
        _add(self.notes, row, remark)

    def still_open(self, index: pd.Index) -> pd.Index:
        """The rows of the index that are not decided."""
        return index[~index.isin(list(self.outcomes))] if self.outcomes else index

    def undecided(self, rows: int) -> npt.NDArray[np.bool_]:
        """For each of so many rows whether it is not decided."""
        found = np.ones(rows, dtype=bool)
        found[list(self.outcomes)] = False
        return found


def _add(remarks: dict[int, list[Remark]], row: int, remark: Remark) -> None:
    """Adds a remark on a row, which stands once however many fields the same cell feeds."""
    found = remarks.setdefault(row, [])
    if remark not in found:
        found.append(remark)


def row_keys(table: pd.DataFrame, mapping: ColumnMapping) -> pd.DataFrame:
    """The match keys of a sheet's table, canonical, a column each, strongest first; missing where a row has none.

    Where a person has chosen the contact, its id is the row's only key: that settles what the others would say.
    """
    keys = pd.DataFrame({key: canonical.key_column(key, table[key]) for key in mapping.keys})
    if "chosen" not in table or table["chosen"].isna().all():
        return keys
    chosen = canonical.key_column("id", table["chosen"])
    keys = keys.mask(chosen.notna())
    ids = chosen if "id" not in keys else chosen.fillna(keys["id"])
    return pd.DataFrame({"id": ids, **{key: keys[key] for key in mapping.keys if key != "id"}})


def strongest(keys: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Which of the keys is each row's strongest, by its place; as many as there are keys where a row has none."""
    found = np.full(len(keys), len(keys.columns), dtype=np.intp)
    for place in reversed(range(len(keys.columns))):
        found[keys.iloc[:, place].notna().to_numpy(dtype=bool)] = place
    return found


def strongest_values(keys: pd.DataFrame) -> pd.Series:
    """Each row's strongest key, canonical; missing where it has none."""
    values = pd.Series(pd.NA, index=keys.index, dtype="str") if keys.columns.empty else keys.iloc[:, 0]
    for key in keys.columns[1:]:
        if not values.hasnans:
            break
        values = values.fillna(keys[key])
    return values


def open_rows(sheet: Sheet, keys: pd.DataFrame) -> Verdicts:
    """Rejects rows with a bad cell, and rows without any key."""
    verdicts = Verdicts()
    for issue in sheet.issues:
        verdicts.decide(issue.row, "rejected", _remark(issue))
    for note in sheet.notes:
        verdicts.note(note.row, _remark(note))
    keyless = keys.index[keys.isna().all(axis=1)]
    for row in labels(verdicts.still_open(keyless)):
        verdicts.decide(row, "rejected", Remark("row_without_key", {"keys": ", ".join(keys.columns)}))
    return verdicts


def _remark(issue: Issue) -> Remark:
    return Remark(issue.code, {**issue.values, "cell": issue.cell}, issue.column)


def checked_rows(sheet: Sheet, mapping: ColumnMapping) -> Verdicts:
    """Everything that can be said about the rows without the book."""
    keys = row_keys(sheet.table, mapping)
    verdicts = open_rows(sheet, keys)
    settle_duplicates(sheet, keys, mapping, verdicts)
    reject_doubled_identities(sheet, mapping, verdicts)
    return verdicts


def settle_duplicates(sheet: Sheet, keys: pd.DataFrame, mapping: ColumnMapping, verdicts: Verdicts) -> pd.DataFrame:
    """Decides about rows that have the same strongest key, and returns the sheet's table, merged where asked."""
    merged: dict[str, dict[int, str]] = {}
    for place_, members in _repeated(keys, verdicts):
        key = str(keys.columns[place_])
        if mapping.duplicates == "merge":
            _merge(sheet, members, key, verdicts, merged)
        elif mapping.duplicates == "error":
            for row in members:
                others = _listed(sheet, members, row)
                verdicts.decide(row, "rejected", Remark("duplicate_rows", {"key": key, "rows": others}))
        else:
            winner = members[0] if mapping.duplicates == "first" else members[-1]
            _lose(sheet, members, winner, key, verdicts)
    if not merged:
        return sheet.table
    table = sheet.table.copy(deep=False)
    for name, texts in merged.items():
        given = pd.Series(texts, dtype="str")
        table[name] = table[name].mask(table.index.isin(given.index), given.reindex(table.index))
    return table


def reject_doubled_identities(sheet: Sheet, mapping: ColumnMapping, verdicts: Verdicts) -> None:
    """Rejects the open rows that have one identity and different strongest keys: an identity is one person."""
    if mapping.identity is None or "identity" not in sheet.table:
        return
    rows = np.flatnonzero(verdicts.undecided(len(sheet)) & sheet.table["identity"].notna().to_numpy(dtype=bool))
    texts = pd.Series(sheet.table["identity"].array.take(rows), index=rows)
    doubled = texts[texts.duplicated(keep=False).to_numpy()]
    for members in doubled.groupby(doubled, sort=False).groups.values():
        for row in labels(members):
            values = {"cell": text_at(sheet.table["identity"], row), "rows": _listed(sheet, labels(members), row)}
            verdicts.decide(row, "rejected", Remark("identity_doubled", values, mapping.identity.column))


def _repeated(keys: pd.DataFrame, verdicts: Verdicts) -> Iterator[tuple[int, list[int]]]:
    """The rows that are open and have one strongest key, with the key's place; groups in the order of first rows."""
    leading, values = strongest(keys), strongest_values(keys)
    rows = np.flatnonzero(verdicts.undecided(len(keys)) & (leading < len(keys.columns)))
    marks = fingerprints(values)[rows] ^ leading[rows].astype(np.uint64)
    ordered = np.sort(marks)
    if (ordered[1:] == ordered[:-1]).any():  # seldom, and seen sooner than who they are
        rows = rows[pd.Series(marks).duplicated(keep=False).to_numpy()]
        same = pd.DataFrame({"key": leading[rows], "value": values.array[rows]}, index=rows)
        for members in same.groupby(["key", "value"], sort=False).groups.values():
            if len(members) > 1:
                yield int(leading[members[0]]), labels(members)


def _listed(sheet: Sheet, members: list[int], row: int) -> str:
    """The places of the other rows, as many as a person reads."""
    count = len(members) - 1
    others = [other for other in members[: _LISTED + 1] if other != row][:_LISTED]
    shown = ", ".join(place(sheet, other) for other in others)
    return f"{shown} … ({count})" if count > _LISTED else shown


def _lose(sheet: Sheet, members: list[int], winner: int, key: str, verdicts: Verdicts) -> None:
    for row in members:
        if row != winner:
            verdicts.decide(row, "duplicate", Remark("duplicate_of", {"key": key, "row": place(sheet, winner)}))


def _merge(sheet: Sheet, members: list[int], key: str, verdicts: Verdicts, merged: dict[str, dict[int, str]]) -> None:
    """Gives the first row the first value that is not blank of each field; rows whose values differ are rejected."""
    rows = sheet.table.loc[members]
    first: dict[str, str] = {}
    for name in rows.columns:
        if name in ("input", "row", "cells"):
            continue
        values = rows[name].dropna().unique()
        if len(values) > 1:
            for row in members:
                others = _listed(sheet, members, row)
                remark = Remark("duplicates_differ", {"key": key, "field": name, "rows": others})
                verdicts.decide(row, "rejected", remark)
            return
        if len(values):
            first[str(name)] = str(values[0])
    for name, text in first.items():
        merged.setdefault(name, {})[members[0]] = text
    _lose(sheet, members, members[0], key, verdicts)


def place(sheet: Sheet, row: int) -> str:
    """A row's place for people: its number, with the file's name where there are several."""
    number = number_at(sheet.table["row"], row)
    if len(sheet.inputs) == 1:
        return str(number)
    return f"{sheet.inputs[number_at(sheet.table['input'], row)].name}:{number}"
