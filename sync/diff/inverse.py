"""Turns a change that a run has carried out into the one that undoes it.

What enters: the change with what the run stored, the contact as it is now, the account's groups, the Book.
What leaves: the inverse change, or why there is none. What never happens here: undoing what somebody has done since.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from sync import canonical, lookup, messages
from sync.book import Book
from sync.change import Carried, Change, Remark, disagreements
from sync.contact import Contact
from sync.diff.guards import FEWEST_FOR_SHARES, Breach

_MOST_MOVED = 30  # percent
_LONGEST = 40  # letters of a value in a remark


@dataclass(frozen=True, slots=True)
class Inverse:
    """What undoing one change comes to.

    Attributes:
        planned: what the row becomes if all goes well: added, edited, deleted, unchanged, conflict, unresolved.
        change: what is to be done, None where there is nothing.
        remark: what there is to tell, None where all is well.
        moved: whether somebody has changed the contact since, so that it is left as it is.
    """

    planned: str
    change: Change | None = None
    remark: Remark | None = None
    moved: bool = False


class Inverter:
    """Inverts changes, one at a time.

    Args:
        groups: the ids of the account's groups.
        placeholders: those that were removed and are created again: former id → placeholder.
        names: what groups are or were called, by id.
        absent: what is known of keys that contacts are to be added with again.
    """

    def __init__(
        self,
        groups: Collection[int],
        placeholders: Mapping[int, int],
        names: Mapping[str, str],
        absent: "Absence",
    ) -> None:
        self._groups = frozenset(groups)
        self._placeholders = placeholders
        self._names = names
        self._absent = absent

    def inverse(self, row: int, done: Carried, current: Contact | None) -> Inverse:
        """What undoes the change.

        Args:
            row: of the undo.
            done: the change.
            current: the contact as it is now, None where it is not there.
        """
        if done.outcome == "unresolved":
            return self._of_unknown(row, done, current)
        match done.change.kind:
            case "add":
                return _delete(row, done, current)
            case "edit":
                return self._edit(row, done, done.stored or done.change.desired, current)
            case "delete":
                return self._add(row, done)

    def _of_unknown(self, row: int, done: Carried, current: Contact | None) -> Inverse:
        """A change of which the run never knew whether it was carried out; an edit's contact may show it."""
        kind, key = done.change.kind, done.key or str(done.contact_id or "")
        if kind == "add":
            return Inverse("unresolved", None, Remark("undo_add_unresolved", {"value": key}))
        if kind == "delete":
            return Inverse("unresolved", None, Remark("undo_delete_unresolved", {"value": key}))
        if current is not None:
            found = self._edit(row, done, done.change.desired, current)
            if found.planned == "unchanged":
                return replace(found, remark=Remark("undo_edit_not_seen"))
            if found.planned == "edited":
                return found
        return Inverse("unresolved", None, Remark("undo_edit_unresolved", {"value": key}))

    # Edits

    def _edit(self, row: int, done: Carried, stored: Contact, current: Contact | None) -> Inverse:
        if current is None:
            return Inverse("conflict", None, Remark("undo_edit_gone"), moved=True)
        before = done.change.existing
        assert before is not None, "an edit has a contact"
        back: dict[str, str] = {}
        moved: list[str] = []
        for name in (name for name in done.change.fields if name != "groups"):
            was, is_now = _sendable(name, before.value(name)), current.value(name)
            if is_now in (was, before.value(name)):
                continue
            if canonical.same(name, is_now, stored.value(name)):
                back[name] = was
            elif not canonical.same(name, is_now, was):
                moved.append(name)
        if moved:
            return Inverse("conflict", None, _moved(dict.fromkeys(moved, (stored, current))), moved=True)
        groups, missing = self._groups_before(done, before, stored, current)
        if missing:
            return self._without_group(missing)
        fields = (*back, *(["groups"] if set(groups) != set(current.groups) else []))
        if not fields:
            return Inverse("unchanged", None, Remark("undo_as_before"))
        desired = replace(current.with_values(back), groups=groups if "groups" in fields else current.groups)
        exact = tuple(name for name in back if canonical.same(name, current.value(name), back[name]))
        return Inverse("edited", Change(row, "edit", done.change.keys, current, desired, fields, exact))

    def _groups_before(
        self, done: Carried, before: Contact, stored: Contact, current: Contact
    ) -> tuple[tuple[int, ...], list[int]]:
        """The contact's groups without those that the run put it into, with those that it took it out of.

        Besides, the groups that it was in and that are there no more.
        """
        if "groups" not in done.change.fields:
            return current.groups, []
        desired = set(done.change.desired.groups)
        entered = (desired - set(before.groups)) & set(stored.groups)
        left = [group for group in before.groups if group not in desired and group not in stored.groups]
        again, missing = self._places(left)
        groups = [group for group in current.groups if group not in entered]
        groups += [group for group in again if group not in groups]
        if set(groups) == set(before.groups):
            groups = list(before.groups)  # in the order that it had
        return tuple(groups), missing

    def _places(self, groups: Iterable[int]) -> tuple[list[int], list[int]]:
        """The groups, placeholders for those that are created again; besides, those that are there no more."""
        found, missing = [], []
        for group in groups:
            if group in self._groups:
                found.append(group)
            elif group in self._placeholders:
                found.append(self._placeholders[group])
            else:
                missing.append(group)
        return found, missing

    def _without_group(self, missing: Iterable[int]) -> Inverse:
        names = ", ".join(f"“{self._names.get(str(group), group)}”" for group in missing)
        return Inverse("conflict", None, Remark("undo_group_gone", {"groups": names}), moved=True)

    # Deletes

    def _add(self, row: int, done: Carried) -> Inverse:
        """The contact again, where it is certain that nobody has its keys."""
        before = done.change.existing
        assert before is not None, "a delete has a contact"
        keys = searchable_keys(before)
        if not keys:
            return Inverse("conflict", None, Remark("undo_no_key"))
        if objection := self._absent.objection(keys):
            return Inverse("conflict", None, objection, moved=objection.code == "undo_key_taken")
        groups, missing = self._places(before.groups)
        if missing:
            return self._without_group(missing)
        desired = replace(before, id=None, gsm=_sendable("gsm", before.gsm), groups=tuple(groups))
        return Inverse("added", Change(row, "add", keys, None, desired, tuple(disagreements(Contact(), before))))


# Adds


def _delete(row: int, done: Carried, current: Contact | None) -> Inverse:
    """The contact away, unless somebody has changed anything of it."""
    if current is None:
        return Inverse("unchanged", None, Remark("undo_already_gone"))
    stored = done.stored or replace(done.change.desired, id=done.contact_id)
    if moved := disagreements(stored, current):
        return Inverse("conflict", None, _moved(dict.fromkeys(moved, (stored, current))), moved=True)
    fields = tuple(disagreements(current, Contact()))
    return Inverse("deleted", Change(row, "delete", done.change.keys, current, Contact(), fields))


def _moved(pairs: Mapping[str, tuple[Contact, Contact]]) -> Remark:
    """What the run stored and what is there now, of each field that somebody has changed."""
    told = [
        f"{messages.field_words(name)}: {_shown(stored, name)} → {_shown(current, name)}"
        for name, (stored, current) in pairs.items()
    ]
    return Remark("undo_moved", {"fields": ", ".join(pairs), "values": "; ".join(told)})


def _shown(contact: Contact, name: str) -> str:
    text = ", ".join(map(str, sorted(contact.groups))) if name == "groups" else contact.value(name)
    return f"“{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}”"


def _sendable(name: str, text: str) -> str:
    """A text as the API takes it back: a phone with marks, as panels store them, it refuses (466)."""
    plain = name != "gsm" or text.removeprefix("+").isdecimal()
    return text if plain else canonical.of_key("gsm", text)


# Keys and guards


def searchable_keys(contact: Contact) -> dict[str, str]:
    """The keys by which searches can find a contact, canonical, the strongest first."""
    found = {key: canonical.of_key(key, contact.value(key)) for key in lookup.SEARCHABLE}
    return {key: value for key, value in found.items() if value}


class Absence:
    """What is known about keys that contacts are to be added with again.

    Args:
        book: read for these keys.
        wanted: their values, by key.
    """

    def __init__(self, book: Book, wanted: Mapping[str, Collection[str]]) -> None:
        self._coverage = book.coverage
        self._ids: dict[tuple[str, str], list[int]] = {}
        for key, values in wanted.items():
            keys = book.keys(key)
            having = keys.isin(list(values)).to_numpy(dtype=bool)
            for value, contact_id in zip(keys[having], book.table["id"][having], strict=True):
                self._ids.setdefault((key, value), []).append(int(contact_id))

    def objection(self, keys: Mapping[str, str]) -> Remark | None:
        """Why a contact with these keys must not be added; None where it is certain that there is none."""
        for key, value in keys.items():
            if ids := self._ids.get((key, value)):
                return Remark("undo_key_taken", {"key": key, "value": value, "ids": ", ".join(map(str, ids))})
        key, value = next(iter(keys.items()))
        if not self._coverage.proves_absent(key, value):
            return Remark("absence_uncertain", {"key": key, "value": value})
        return None


def undo_breaches(*, moved: int, carried: int) -> list[Breach]:
    """The guard that an undo breaks where others have changed too much of what the run did."""
    if carried < FEWEST_FOR_SHARES or moved * 100 <= _MOST_MOVED * carried:
        return []
    return [Breach("max_moved", moved, carried, f"{_MOST_MOVED}%")]


def as_planned(found: Inverse, current: Contact | None) -> bool:
    """Whether a contact was found as the run left it; one that was not may only have been read too early."""
    return current is None or found.planned in ("edited", "deleted", "added")
