"""What a job's earlier runs have left to know.

What enters: hashes, contact ids, figures. What leaves: the same, found by contact, by row or by field.
What never happens here: a value of a contact; deciding about a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sync.hashes import UNKNOWN, Hashes, Marks

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a full run that came to its end had before it.

    Attributes:
        run, at: which run, and when its plan was made.
        rows: how many rows.
        filled, bad: for each column that the mapping names how many cells hold something, how many of them cannot be
            used.
        content: of the input and the mapping together, the same only where nothing has changed.
        rules: of what the mapping says about which rows there are and who they are.
    """

    run: str
    at: str
    rows: int
    filled: Mapping[str, int]
    bad: Mapping[str, int]
    content: str
    rules: str = ""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that was refused, or stored otherwise than meant: its content then, why, and since when."""

    content: int
    reason: str
    since: str


@dataclass(frozen=True)
class Remembered:
    """What is known of the rows that a job once wrote, or saw in the book as they are.

    Attributes:
        hashes: with the key of this memory.
        fields: the fields of `bases`, a column each.
        contact_ids: the contacts, in ascending order.
        who: for each contact who its row was: a hash of its identity, else of its strongest key.
        marks: for each contact a hash of the row and the contact as they stood.
        written: whether the job wrote it.
        added: whether the job added it, rather than meeting it in the book.
        bases: what each field was when both sides agreed last; `UNKNOWN` where nobody can say.
        erased: rows (as in `who`) whose contact was erased in the panel, and since when that is known.
        quarantined: rows (as in `who`) that are not sent again as they are.
        accepted: the figures of full runs, the latest first.
        outdated: how many contacts were remembered by another normaliser, so that their bases say nothing.
        group_sets: the groups that a base of `groups` stands for.
        own_groups: the groups that the mapping or a sheet of the job has ever named.
    """

    hashes: Hashes
    fields: tuple[str, ...] = ()
    contact_ids: Marks = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    who: Marks = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    marks: Marks = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    written: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))
    added: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))
    bases: Marks = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    erased: Mapping[int, str] = field(default_factory=dict)
    quarantined: Mapping[int, Quarantined] = field(default_factory=dict)
    accepted: tuple[Figures, ...] = ()
    outdated: int = 0
    group_sets: Mapping[int, frozenset[int]] = field(default_factory=dict)
    own_groups: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.contact_ids)

    def places(self, contact_ids: Marks) -> Marks:
        """Where each contact stands here; -1 where it is not remembered."""
        if not len(self.contact_ids):
            return np.full(len(contact_ids), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.contact_ids, contact_ids), len(self.contact_ids) - 1)
        return np.where(self.contact_ids[at] == contact_ids, at, -1).astype(np.int64)

    def was_added(self, contact_id: int) -> bool:
        """Whether the job added this contact."""
        (at,) = self.places(np.array([contact_id], dtype=np.int64))
        return bool(at >= 0 and len(self.added) and self.added[at])

    def base(self, field_name: str, places: Marks) -> Marks:
        """What a field was for the contacts at these places; `UNKNOWN` where nobody can say."""
        found = np.full(len(places), UNKNOWN, dtype=np.int64)
        if field_name in self.fields:
            known = places >= 0
            found[known] = self.bases[places[known], self.fields.index(field_name)]
        return found

    def contacts_of(self, who: Marks) -> Marks:
        """The contact that each row became; -1 where none is remembered, or more than one."""
        index, contacts = self._by_who
        at = index.get_indexer(pd.Index(who))
        return np.where(at >= 0, contacts[at] if len(contacts) else -1, -1).astype(np.int64)

    @cached_property
    def _by_who(self) -> tuple[pd.Index, Marks]:
        once = ~pd.Series(self.who).duplicated(keep=False).to_numpy(dtype=bool)
        once &= self.who != UNKNOWN
        return pd.Index(self.who[once]), self.contact_ids[once]


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a plan has learned of its rows, to be remembered when they are in the book as planned.

    Attributes:
        fields: the fields of `bases`, a column each.
        rows: indexes of rows; the other columns are as long.
        who: who each row is (see `Remembered`).
        content: a hash of what each row says; `UNKNOWN` for a row that says what the book has.
        marks, bases: of rows that say what the book has (see `Remembered`); `UNKNOWN` for others.
        kept: for a row that is written the fields in which the panel's value stays.
        erased: for rows whose contact was erased in the panel, as is known now, when that was seen first.
        figures: of the input.
        group_sets: the ids of the groups that a base of `groups` stands for, as a text.
        own_groups: the groups that the mapping and the sheet name; below zero those that are added first.
    """

    fields: tuple[str, ...]
    rows: Marks
    who: Marks
    content: Marks
    marks: Marks
    bases: Marks
    kept: Mapping[int, tuple[str, ...]]
    erased: Mapping[int, str]
    figures: Mapping[str, Any]
    group_sets: Mapping[int, str] = field(default_factory=dict)
    own_groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a run that has written is to leave in memory.

    Attributes:
        fields: the fields of `bases`, a column each.
        contact_ids, who, marks, written, added, bases: as in `Remembered`; a base that is `UNKNOWN` in a row that is
            written leaves what was remembered, see `keeps`.
        keeps: for each contact whether an unknown base leaves the one that was remembered.
        gone: contacts that somebody else has deleted: their rows are not to bring them back.
        seen: the day on which that was seen.
        forgotten: contacts that are not to be remembered any more; nor is that their rows were refused.
        erased, quarantined: as in `Remembered`, to be added.
        released: rows (as in `who`) that are neither any more.
        accepted: the figures, where the run is a full one that came to its end.
        group_sets, own_groups: as in `Learnt`, to be added.
    """

    fields: tuple[str, ...]
    contact_ids: Marks
    who: Marks
    marks: Marks
    written: Flags
    bases: Marks
    keeps: Flags
    added: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))
    gone: tuple[int, ...] = ()
    seen: str = ""
    forgotten: tuple[int, ...] = ()
    erased: Mapping[int, str] = field(default_factory=dict)
    quarantined: Mapping[int, Quarantined] = field(default_factory=dict)
    released: frozenset[int] = frozenset()
    accepted: Figures | None = None
    group_sets: Mapping[int, str] = field(default_factory=dict)
    own_groups: tuple[int, ...] = ()
