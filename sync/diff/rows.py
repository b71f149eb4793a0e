"""Which rows can be compared at all, and by what.

What enters: a Sheet. What leaves: the rows' keys; rejected rows and duplicates with their reasons.
What never happens here: looking at the book.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from sync import canonical
from sync.change import Remark
from sync.mapping import Mapping as ColumnMapping
from sync.sheet import Issue, Sheet
from sync.tables import labels, number_at, text_at

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
        self.remarks.setdefault(row, []).append(remark)

    def still_open(self, index: pd.Index) -> pd.Index:
        """The rows of the index that are not decided."""
        return index[~index.isin(list(self.outcomes))] if self.outcomes else index


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


def strongest(keys: pd.DataFrame) -> pd.Series:
    """The name of each row's strongest key; missing where it has none at all."""
    found = pd.Series(pd.NA, index=keys.index, dtype="str")
    for key in reversed(keys.columns):
        found = found.where(keys[key].isna(), key)
    return found


def open_rows(sheet: Sheet, keys: pd.DataFrame) -> Verdicts:
    """Rejects rows with a bad cell, and rows without any key."""
    verdicts = Verdicts()
    for issue in sheet.issues:
        verdicts.decide(issue.row, "rejected", _remark(issue))
    for note in sheet.notes:
        verdicts.notes.setdefault(note.row, []).append(_remark(note))
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
    return verdicts


def settle_duplicates(sheet: Sheet, keys: pd.DataFrame, mapping: ColumnMapping, verdicts: Verdicts) -> pd.DataFrame:
    """Decides about rows that have the same strongest key, and returns the sheet's table, merged where asked."""
    table = sheet.table
    index = verdicts.still_open(table.index)
    leading = strongest(keys.loc[index])
    value = pd.Series(pd.NA, index=index, dtype="str")
    for key in keys.columns:
        value = value.where(leading != key, keys[key].loc[index])
    same = pd.DataFrame({"key": leading, "value": value})
    same = same[same.duplicated(keep=False)]
    for rows in same.groupby(["key", "value"], sort=False).groups.values():
        members = labels(rows)
        key = text_at(leading, members[0])
        if mapping.duplicates == "merge":
            table = _merged(sheet, table, members, key, verdicts)
        elif mapping.duplicates == "error":
            for row in members:
                others = _listed(sheet, members, row)
                verdicts.decide(row, "rejected", Remark("duplicate_rows", {"key": key, "rows": others}))
        else:
            winner = members[0] if mapping.duplicates == "first" else members[-1]
            _lose(sheet, members, winner, key, verdicts)
    return table


def _listed(sheet: Sheet, members: list[int], row: int) -> str:
    """The places of the other rows, as many as a person reads."""
    others = [other for other in members if other != row]
    shown = ", ".join(place(sheet, other) for other in others[:_LISTED])
    return f"{shown} … ({len(others)} in all)" if len(others) > _LISTED else shown


def _lose(sheet: Sheet, members: list[int], winner: int, key: str, verdicts: Verdicts) -> None:
    for row in members:
        if row != winner:
            verdicts.decide(row, "duplicate", Remark("duplicate_of", {"key": key, "row": place(sheet, winner)}))


def _merged(sheet: Sheet, table: pd.DataFrame, members: list[int], key: str, verdicts: Verdicts) -> pd.DataFrame:
    """The table with the first row holding the first value that is not blank; rows whose values differ are rejected."""
    fields = [name for name in table.columns if name not in ("input", "row", "cells")]
    merged: Mapping[str, str] = {}
    for name in fields:
        values = table.loc[members, name].dropna().unique()
        if len(values) > 1:
            for row in members:
                others = _listed(sheet, members, row)
                remark = Remark("duplicates_differ", {"key": key, "field": name, "rows": others})
                verdicts.decide(row, "rejected", remark)
            return table
        if len(values):
            merged = {**merged, name: values[0]}
    table = table.copy()
    for name, text in merged.items():
        table.loc[members[0], name] = text
    _lose(sheet, members, members[0], key, verdicts)
    return table


def place(sheet: Sheet, row: int) -> str:
    """A row's place for people: its number, with the file's name where there are several."""
    number = number_at(sheet.table["row"], row)
    if len(sheet.inputs) == 1:
        return str(number)
    return f"{sheet.inputs[number_at(sheet.table['input'], row)].name}:{number}"
