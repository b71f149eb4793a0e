"""Compares matched rows with their contacts, field by field.

What enters: the sheet's table and the Book. What leaves: which fields differ in more than form.
What never happens here: calling a value different because it is written differently.
"""

import datetime
from collections.abc import Container
from functools import lru_cache

import pandas as pd

from sync import canonical
from sync.book import Book, GroupNames
from sync.change import Remark
from sync.diff.rows import Verdicts
from sync.mapping import CustomFieldSpec, Mapping
from sync.sheet import GROUP_SEPARATOR
from sync.tables import labels, text_at


def canonical_column(field_name: str, mapping: Mapping, texts: pd.Series) -> pd.Series:
    """A field's texts in the form to compare by; missing where empty."""
    spec = mapping.columns[field_name]
    if field_name in ("gsm", "email"):
        return canonical.key_column(field_name, texts)
    plain = canonical.text_column(texts)
    if isinstance(spec, CustomFieldSpec) and spec.type == "date":
        return plain.map(lambda text: _day(text, spec.output), na_action="ignore").astype("str")
    return plain


@lru_cache(maxsize=65536)
def _day(text: str, output: str) -> str:
    """A date's canonical form, read as the mapping stores dates, else by itself; the text where it is no date."""
    try:
        return datetime.datetime.strptime(text, output).date().isoformat()  # noqa: DTZ007 - a day, no moment
    except ValueError:
        return canonical.date(text) or text


def differing_fields(
    table: pd.DataFrame,
    matched: pd.Series,
    book: Book,
    mapping: Mapping,
    left_out: Container[tuple[str, int]] = frozenset(),
) -> pd.DataFrame:
    """For each matched row and each mapped field, whether the sheet wants another value than the book has.

    A cell that was left out because it cannot be used is not empty: it clears nothing.
    """
    rows = table.loc[matched.index]
    found = {}
    for name in mapping.columns:
        desired = canonical_column(name, mapping, rows[name])
        stored = book.column(name, pd.Index(matched.to_numpy())).set_axis(matched.index)
        existing = canonical_column(name, mapping, stored)
        differs = desired.notna() & (desired != existing.fillna("")).fillna(value=True).astype(bool)
        if mapping.clears(name):
            told = pd.Series([(name, row) not in left_out for row in labels(matched.index)], index=matched.index)
            differs |= desired.isna() & existing.notna() & told.astype(bool)
        found[name] = differs
    return pd.DataFrame(found, index=matched.index)


class GroupWishes:
    """Which groups each row's contact is to be in."""

    def __init__(self, book: Book, mapping: Mapping, table: pd.DataFrame) -> None:
        self._names = GroupNames(book.groups)
        self._mode = mapping.groups.mode
        self._keeps_blank = mapping.on_blank == "keep"
        self._column = mapping.groups.column or ""
        self._always = [group for name in mapping.groups.always for group in self._names.find(name)[:1]]
        self._cells: pd.Series = table["groups"] if "groups" in table else pd.Series(index=table.index, dtype="str")
        self._by_cell: dict[str, tuple[list[int], list[Remark]]] = {
            cell: self._resolved(cell) for cell in self._cells.dropna().unique()
        }
        self._own = {*self._always, *(group for groups, _ in self._by_cell.values() for group in groups)}

    @property
    def any(self) -> bool:
        """Whether the mapping says anything about groups."""
        return bool(self._always or self._by_cell)

    def _resolved(self, cell: str) -> tuple[list[int], list[Remark]]:
        groups, remarks = [], []
        for label in cell.split(GROUP_SEPARATOR):
            found = self._names.find(label)
            if len(found) == 1:
                groups.append(found[0])
            elif found:
                candidates = ", ".join(f"{self._names.path(each)} ({each})" for each in found)
                remarks.append(Remark("group_ambiguous", {"group": label, "candidates": candidates}, self._column))
            else:
                known = self._names.some_paths()
                remarks.append(Remark("group_unknown", {"group": label, "known": known}, self._column))
        return groups, remarks

    def reject_unknown(self, verdicts: Verdicts) -> None:
        """Rejects the rows that name a group which is unknown or ambiguous."""
        bad = {cell: remarks for cell, (_, remarks) in self._by_cell.items() if remarks}
        for row in labels(self._cells.index[self._cells.isin(list(bad))]):
            for remark in bad[text_at(self._cells, row)]:
                verdicts.decide(row, "rejected", remark)

    def wanted(self, row: int) -> list[int]:
        """The groups that the mapping and the row's cell name, in that order."""
        cell = text_at(self._cells, row)
        named = self._by_cell[cell][0] if cell else []
        return list(dict.fromkeys([*self._always, *named]))

    def target(self, row: int, existing: tuple[int, ...]) -> tuple[int, ...]:
        """The groups that the row's contact is to be in, given where it is now."""
        match self._mode:
            case "keep":
                return existing
            case "add":
                return tuple(dict.fromkeys([*existing, *self.wanted(row)]))
            case "exact":
                # An empty cell names no groups; it takes nobody out of any, unless told to.
                silent = self._column and self._keeps_blank and not text_at(self._cells, row)
                others = [group for group in existing if silent or group not in self._own]
                return tuple(dict.fromkeys([*others, *self.wanted(row)]))
