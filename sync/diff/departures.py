"""Contacts that the job once wrote, and whose rows have left the sheet.

What enters: what the rows become, the Book, what is remembered. What leaves: for each such contact what becomes of it.
What never happens here: touching a contact that another hand may want to keep, or that a row of the sheet may mean.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sync import canonical
from sync.book import Book
from sync.change import Change, Departures, Remark
from sync.contact import PLAIN_FIELDS, Contact, custom_field_name
from sync.diff.doubtful import Doubtful
from sync.diff.past import Past, who
from sync.diff.remote_only import remote_only
from sync.hashes import EMPTY, UNKNOWN, Marks
from sync.mapping import Mapping as ColumnMapping
from sync.sheet import Sheet
from sync.tables import as_texts

_UNREAD = ("skipped_hidden_rows",)  # what a sheet has and was not read


def departed_contacts(keys: pd.DataFrame, table: pd.DataFrame, past: Past) -> Marks:
    """The contacts that the job has written and of which no row says any more that it is them, in ascending order.

    Empty where the sheet is not the whole.
    """
    remembered = past.remembered
    if not past.full or not remembered.written.any():
        return np.zeros(0, dtype=np.int64)
    left: Marks = remembered.contact_ids[remembered.written & ~np.isin(remembered.who, _present(keys, table, past))]
    return left


def _present(keys: pd.DataFrame, table: pd.DataFrame, past: Past) -> Marks:
    """Who the rows are, by their identities and by their keys: what is remembered may be from before either."""
    everybody = np.arange(len(keys))
    by_key = who(everybody, keys, table, past, by_identity=False)
    return by_key if "identity" not in table else np.concatenate([by_key, who(everybody, keys, table, past)])


def find_departures(
    sheet: Sheet,
    table: pd.DataFrame,
    keys: pd.DataFrame,
    rows: pd.DataFrame,
    book: Book,
    mapping: ColumnMapping,
    past: Past,
    own_groups: Iterable[int],
) -> Departures:
    """What becomes of the contacts whose rows have left the sheet; nothing unless the mapping asks for it.

    Args:
        sheet: the rows as they were read.
        table: the same, merged.
        keys: their keys.
        rows: what becomes of them (see `sync.change.Plan`).
        book: the contacts.
        mapping: says what is to be done.
        past: what is remembered.
        own_groups: the groups that the mapping and the sheet name.
    """
    ids = departed_contacts(keys, table, past) if mapping.remote_only != "report" else np.zeros(0, dtype=np.int64)
    if not len(ids):
        return Departures()
    alone = remote_only(keys, rows, book)
    positions = alone[np.isin(book.table["id"].to_numpy()[alone], ids)]
    doubtful = Doubtful(sheet, table, keys, rows, book, past)
    judge = _Judge(mapping, past, doubtful, frozenset(own_groups), len(positions), _objection(sheet, past))
    found = [judge.decided(contact) for contact in book.contacts(positions)]
    gone = [int(each) for each in ids if int(each) in past.gone]
    first = len(sheet)
    return Departures(
        rows=pd.DataFrame(
            {
                "planned": as_texts(
                    pd.array([each.planned for each in found] + ["unchanged"] * len(gone), dtype="str")
                ),
                "contact_id": pd.array([each.contact.id or 0 for each in found] + gone, dtype="Int64"),
                "key": as_texts(pd.array([each.key for each in found] + [""] * len(gone), dtype="str")),
            }
        ),
        remarks={
            **{first + number: [each.remark] for number, each in enumerate(found) if each.remark},
            **{first + len(found) + number: [Remark("departed_gone")] for number in range(len(gone))},
        },
        changes=[each.change(first + number) for number, each in enumerate(found) if each.desired is not None],
        known=len(past.remembered),
    )


def _objection(sheet: Sheet, past: Past) -> Remark | None:
    """Why nobody can be said to have left the sheet tonight; None where it can be said."""
    if any(note.code in _UNREAD for each in sheet.inputs for note in each.notes):
        return Remark("departed_unread")
    accepted = past.remembered.accepted
    if not accepted or accepted[0].rules != past.rules:
        return Remark("departed_new_rules")
    return None


@dataclass(frozen=True, slots=True)
class _Decided:
    """What becomes of one contact; `desired` is None where nothing is sent."""

    contact: Contact
    keys: Mapping[str, str]
    planned: str
    remark: Remark | None = None
    desired: Contact | None = None

    @property
    def key(self) -> str:
        return next(iter(self.keys.values()), "")

    def change(self, row: int) -> Change:
        """The change that brings it about."""
        assert self.desired is not None, "something is sent"
        if self.planned == "deleted":
            return Change(row, "delete", self.keys, self.contact, self.desired, tuple(_filled(self.contact)))
        return Change(row, "edit", self.keys, self.contact, self.desired, ("groups",))


class _Judge:
    """Decides about contacts, one by one."""

    def __init__(
        self,
        mapping: ColumnMapping,
        past: Past,
        doubtful: Doubtful,
        named_groups: frozenset[int],
        count: int,
        objection: Remark | None,
    ) -> None:
        self._mapping = mapping
        self._past = past
        self._doubtful = doubtful
        self._named_groups = named_groups
        self._own_groups = past.remembered.own_groups | named_groups
        self._count = count
        self._objection = objection

    def decided(self, contact: Contact) -> _Decided:
        """What becomes of a contact whose row has left the sheet."""
        assert contact.id is not None, "a contact of the book has an id"
        keys = {key: canonical.of_key(key, contact.value(key)) for key in self._mapping.keys if key != "id"}
        keys = {key: value for key, value in keys.items() if value}
        if contact.id in self._past.elsewhere:
            return _Decided(contact, keys, "unchanged", Remark("departed_other_job"))
        if self._objection is not None:
            return _Decided(contact, keys, "held", self._objection)
        if places := self._doubtful.may_be(contact, self._count):
            return _Decided(contact, keys, "held", Remark("departed_maybe", {"rows": ", ".join(places)}))
        if self._mapping.remote_only == "remove_from_groups":
            groups = tuple(group for group in contact.groups if group not in self._groups_to_leave(contact.id))
            if len(groups) == len(contact.groups):
                return _Decided(contact, keys, "unchanged", Remark("departed_no_groups"))
            return _Decided(contact, keys, "edited", desired=replace(contact, groups=groups))
        return self._delete(contact, keys)

    def _groups_to_leave(self, contact_id: int) -> frozenset[int]:
        """The job's groups, but for those into which somebody else has put the contact since."""
        base = self._base("groups", contact_id)
        if base == UNKNOWN:
            return self._named_groups
        return self._own_groups & self._past.remembered.group_sets.get(base, frozenset())

    def _delete(self, contact: Contact, keys: dict[str, str]) -> _Decided:
        """Away with it, unless the panel has something of it that the job has not written."""
        assert contact.id is not None, "a contact of the book has an id"
        if not self._past.remembered.was_added(contact.id) and self._mapping.on_panel_change != "overwrite":
            return _Decided(contact, keys, "conflict", Remark("departed_not_added"))
        by: dict[str, list[str]] = {"conflict": [], "keep": [], "overwrite": []}
        for name in self._panels(contact):
            by[self._mapping.panel_change(name)].append(name)
        for rule, outcome in (("conflict", "conflict"), ("keep", "held")):
            if by[rule]:
                return _Decided(contact, keys, outcome, Remark("departed_changed", {"fields": ", ".join(by[rule])}))
        return _Decided(contact, keys, "deleted", desired=Contact())

    def _panels(self, contact: Contact) -> Iterator[str]:
        """The fields in which the contact has something that is not what the job had written, or seen there, last."""
        assert contact.id is not None, "a contact of the book has an id"
        remembered, filled = self._past.remembered, _filled(contact)
        for name in dict.fromkeys([*filled, *remembered.fields]):
            base = self._base(name, contact.id)
            if name == "groups":
                groups = " ".join(map(str, contact.groups))
                if set(contact.groups) - self._own_groups or base != remembered.hashes.of_value(name, groups):
                    yield name
            elif name not in filled:
                if base not in (EMPTY, UNKNOWN):  # somebody has emptied it
                    yield name
            elif base != remembered.hashes.of_value(name, contact.value(name)):
                yield name

    def _base(self, field: str, contact_id: int) -> int:
        remembered = self._past.remembered
        return int(remembered.base(field, remembered.places(np.array([contact_id], dtype=np.int64)))[0])


def _filled(contact: Contact) -> list[str]:
    names = [*PLAIN_FIELDS, *map(custom_field_name, sorted(contact.custom_fields))]
    return [*(name for name in names if contact.value(name)), *(["groups"] if contact.groups else [])]
