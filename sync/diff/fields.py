"""Compares matched rows with their contacts, field by field.

What enters: the sheet's table and the Book. What leaves: which fields differ in more than form.
What never happens here: calling a value different because it is written differently.
"""

import datetime
import os
from collections.abc import Container
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sync import canonical
from sync.book import Book, GroupNames
from sync.change import Remark
from sync.diff.rows import Verdicts
from sync.mapping import ColumnSpec, CustomFieldSpec, Mapping
from sync.sheet import GROUP_SEPARATOR
from sync.tables import differing, labels, text_at

_WORTH_THREADS = 1 << 16  # rows

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def canonical_column(field_name: str, mapping: Mapping, texts: pd.Series) -> pd.Series:
    """A field's texts in the form to compare by; missing where empty."""
    spec = mapping.columns[field_name]
    if field_name in ("gsm", "email"):
        return canonical.key_column(field_name, texts)
    plain = canonical.text_column(texts)
    if isinstance(spec, CustomFieldSpec) and spec.type == "date":
        return plain.map(lambda text: _day(text, spec.output), na_action="ignore").astype("str")
    if isinstance(spec, CustomFieldSpec) and spec.type == "choice":
        return plain.map(canonical.label, na_action="ignore").astype("str")
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
    rows: Rows,
    positions: Rows,
    book: Book,
    mapping: Mapping,
    left_out: Container[tuple[str, int]] = frozenset(),
) -> dict[str, Flags]:
    """For each mapped field whether each row wants another value than the contact at its position has.

    A cell that was left out because it cannot be used is not empty: it clears nothing. A difference of form alone
    counts only where the mapping asks to rewrite.
    """

    def differs(name: str) -> Flags:
        return _differs(name, table[name].array, rows, positions, book, mapping, left_out)

    if len(rows) < _WORTH_THREADS:
        return {name: differs(name) for name in mapping.columns}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as threads:  # Arrow and numpy hold no lock while they work
        return dict(zip(mapping.columns, threads.map(differs, mapping.columns), strict=True))


def _differs(
    name: str,
    texts: Any,  # noqa: ANN401 - pandas' own arrays
    rows: Rows,
    positions: Rows,
    book: Book,
    mapping: Mapping,
    left_out: Container[tuple[str, int]],
) -> Flags:
    """`differing_fields` for one field."""
    desired = texts if len(rows) == len(texts) else texts.take(rows)
    # Texts that are equal mean the same; only the others need a closer look.
    differs = differing(desired, book.column(name).array, positions)
    clears = mapping.clears(name)
    closer = np.flatnonzero(differs if clears else differs & ~np.asarray(desired.isna()))
    stored = book.column(name, positions[closer])
    meant = canonical_column(name, mapping, pd.Series(desired.take(closer)))
    existing = canonical_column(name, mapping, stored)
    filled = meant.notna().to_numpy(dtype=bool)
    rewrites = mapping.columns[name].rewrite
    changed = filled if rewrites else filled & (meant != existing.fillna("")).to_numpy(dtype=bool)
    if not rewrites and _may_be_dates(mapping.columns[name]):
        changed[changed] = [
            not canonical.same(name, one, other)
            for one, other in zip(meant.array[changed], existing.fillna("").array[changed], strict=True)
        ]
    if clears:
        emptied = ~filled & existing.notna().to_numpy(dtype=bool)
        emptied[emptied] = [(name, row) not in left_out for row in rows[closer[emptied]].tolist()]
        changed = changed | emptied
    found = np.zeros(len(rows), dtype=bool)
    found[closer] = changed
    return found


def _may_be_dates(spec: ColumnSpec) -> bool:
    """Whether a field's texts may be dates without being declared: what reads an echo knows no types, and must agree.

    Otherwise a server that writes dates its own way would be sent the same date again and again.
    """
    return isinstance(spec, CustomFieldSpec) and spec.type == "text"


class GroupWishes:
    """Which groups each row's contact is to be in.

    Attributes:
        own: the groups that the mapping and the sheet name.
    """

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
        self.own = {*self._always, *(group for groups, _ in self._by_cell.values() for group in groups)}

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
        return self._wanted(text_at(self._cells, row))

    def _wanted(self, cell: str) -> list[int]:
        named = self._by_cell[cell][0] if cell else []
        return list(dict.fromkeys([*self._always, *named]))

    def target(self, row: int, existing: tuple[int, ...]) -> tuple[int, ...]:
        """The groups that the row's contact is to be in, given where it is now."""
        return self._target(text_at(self._cells, row), existing)

    def _target(self, cell: str, existing: tuple[int, ...]) -> tuple[int, ...]:
        match self._mode:
            case "keep":
                return existing
            case "add":
                return tuple(dict.fromkeys([*existing, *self._wanted(cell)]))
            case "exact":
                # An empty cell names no groups; it takes nobody out of any, unless told to.
                silent = self._column and self._keeps_blank and not cell
                others = [group for group in existing if silent or group not in self.own]
                return tuple(dict.fromkeys([*others, *self._wanted(cell)]))

    def differ(self, rows: Rows, stored: pd.Series, positions: Rows) -> Flags:
        """Whether each row's contact, at its position in the book, is to be in other groups than it is.

        `stored` are the groups of all contacts as the book has them.

        Rows that say the same of contacts in the same groups are compared once.
        """
        if not self.any or self._mode == "keep":
            return np.zeros(len(rows), dtype=bool)
        cells = self._cells.array if len(rows) == len(self._cells) else self._cells.array.take(rows)
        said, said_texts = pd.factorize(cells)
        has, has_texts = pd.factorize(stored.array)
        has = has[positions]
        pairs, distinct = pd.factorize(said.astype(np.int64) * (len(has_texts) + 1) + has)
        found = []
        for pair in distinct.tolist():
            cell, groups = divmod(pair, len(has_texts) + 1)
            existing = tuple(int(group) for group in str(has_texts[groups]).split())
            target = self._target("" if cell == -1 else str(said_texts[cell]), existing)
            found.append(set(target) != set(existing))
        return np.array(found, dtype=bool)[pairs]
