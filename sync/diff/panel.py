"""Three ways: what the sheet wants, what the book has, and what both had when they agreed last.

What enters: which fields differ, what is remembered. What leaves: which of them are written all the same.
What never happens here: a value that somebody changed in the panel overwritten unless the mapping says so.
"""

from collections.abc import Mapping as Dictionary
from typing import Any

import numpy as np
import numpy.typing as npt

from sync.book import Book
from sync.change import Remark
from sync.diff.fields import GroupWishes
from sync.diff.past import Past
from sync.diff.rows import Verdicts
from sync.hashes import EMPTY, UNKNOWN
from sync.mapping import Mapping

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def weigh_panel_changes(
    differs: Dictionary[str, Flags],
    rows: Rows,
    positions: Rows,
    book: Book,
    mapping: Mapping,
    past: Past,
    wishes: GroupWishes,
    verdicts: Verdicts,
) -> tuple[dict[str, Flags], dict[int, tuple[str, ...]]]:
    """The fields that are to be written, and for each row those in which the panel's value stays.

    Args:
        differs: for each field whether each of the rows wants another value than its contact has; `groups` too.
        rows: the rows that have a contact.
        positions: where those contacts stand.
        book: the contacts.
        mapping: says whose change counts.
        past: what both sides had when they agreed last.
        wishes: the groups that each row's contact is to be in.
        verdicts: where decisions go.
    """
    written = dict(differs)
    changed: dict[str, Flags] = {}
    baseless: dict[str, Flags] = {}
    for name in mapping.columns:
        changed[name], baseless[name] = _changed_in_panel(name, differs[name], positions, book, past)
    _note_baseless(baseless, rows, past, verdicts)
    changed["groups"] = _groups_changed(differs["groups"], rows, positions, book, past, wishes)
    touched = np.flatnonzero(np.logical_or.reduce(list(changed.values())))
    if not len(touched):
        return written, {}
    for name, flags in changed.items():
        if mapping.panel_change(name) == "keep":
            written[name] = differs[name] & ~flags
    kept: dict[int, tuple[str, ...]] = {}
    for place in touched.tolist():
        row = int(rows[place])
        here = [name for name, flags in changed.items() if flags[place]]
        by = {
            rule: ", ".join(name for name in here if mapping.panel_change(name) == rule)
            for rule in ("conflict", "keep", "overwrite")
        }
        if by["conflict"]:
            verdicts.decide(row, "conflict", Remark("panel_changed", {"fields": by["conflict"]}))
        elif by["keep"]:
            remark = Remark("panel_kept", {"fields": by["keep"]})
            if any(flags[place] for flags in written.values()):
                verdicts.note(row, remark)
                kept[row] = tuple(by["keep"].split(", "))
            else:
                verdicts.decide(row, "held", remark)
        if by["overwrite"] and not by["conflict"]:
            verdicts.note(row, Remark("panel_overwritten", {"fields": by["overwrite"]}))
    return written, kept


def _groups_changed(differs: Flags, rows: Rows, positions: Rows, book: Book, past: Past, wishes: GroupWishes) -> Flags:
    """Where a row's contact is to enter a group that somebody took it out of, or to leave one that it was put into."""
    found = np.zeros(len(differs), dtype=bool)
    closer = np.flatnonzero(differs)
    if not len(closer) or not len(past.remembered):
        return found
    ids: Any = book.table["id"].to_numpy()[positions[closer]]
    bases = past.remembered.base("groups", past.remembered.places(ids))
    texts = book.column("groups", positions[closer]).fillna("")
    for place, row, base, text in zip(
        closer.tolist(), rows[closer].tolist(), bases.tolist(), texts.tolist(), strict=True
    ):
        before = frozenset[int]() if base == EMPTY else past.remembered.group_sets.get(base)
        if before is not None:
            now = tuple(map(int, text.split()))
            wanted = set(wishes.target(row, now))
            found[place] = bool((wanted - set(now)) & before or (set(now) - wanted) - before)
    return found


def _note_baseless(baseless: Dictionary[str, Flags], rows: Rows, past: Past, verdicts: Verdicts) -> None:
    """Notes the rows that are compared two ways. Before a job's first run all are, and nobody expects otherwise."""
    if not len(past.remembered) or not baseless:
        return
    for place in np.flatnonzero(np.logical_or.reduce(list(baseless.values()))).tolist():
        fields = ", ".join(name for name, flags in baseless.items() if flags[place])
        verdicts.note(int(rows[place]), Remark("compared_two_ways", {"fields": fields}))


def _changed_in_panel(name: str, differs: Flags, positions: Rows, book: Book, past: Past) -> tuple[Flags, Flags]:
    """Where a field differs, and the book's value is not the one that both sides had last; or that one is not known."""
    found, baseless = np.zeros(len(differs), dtype=bool), np.zeros(len(differs), dtype=bool)
    closer = np.flatnonzero(differs)
    if not len(closer) or not len(past.remembered):
        return found, baseless
    ids: Any = book.table["id"].to_numpy()[positions[closer]]
    base = past.remembered.base(name, past.remembered.places(ids))
    known = base != UNKNOWN
    baseless[closer[~known]] = True
    closer, base = closer[known], base[known]
    if len(closer):
        stored = past.remembered.hashes.of_field(name, book.column(name, positions[closer]))
        found[closer] = stored != base
    return found, baseless
