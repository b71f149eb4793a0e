"""Compares what was stored with what was meant.

What enters: contacts. What leaves: the fields that differ in more than form, or in form where that counts.
What never happens here: a request.
"""

from sync import canonical
from sync.change import Change
from sync.contact import PLAIN_FIELDS, Contact, custom_field_name


def field_names(contact: Contact) -> list[str]:
    """The contact's plain fields and its custom fields."""
    return [*PLAIN_FIELDS, *(custom_field_name(number) for number in contact.custom_fields)]


def altered_fields(change: Change, meant: Contact, stored: Contact) -> dict[str, list[object]]:
    """`{field: [meant, stored]}` for each field that was stored otherwise than meant.

    Groups differ where one that was meant is missing, or one that was to be left is still there.
    """
    found: dict[str, list[object]] = {
        name: [meant.value(name), stored.value(name)]
        for name in field_names(meant)
        if not _same(change, name, meant.value(name), stored.value(name))
    }
    left = set(change.existing.groups if change.existing else ()) - set(meant.groups)
    if set(meant.groups) - set(stored.groups) or left & set(stored.groups):
        found["groups"] = [sorted(meant.groups), sorted(stored.groups)]
    return found


def _same(change: Change, name: str, meant: str, stored: str) -> bool:
    return meant == stored if name in change.exact else canonical.same(name, meant, stored)


def moved_fields(change: Change, current: Contact) -> list[str]:
    """The fields that the change touches and that somebody else has changed since the contact was read."""
    assert change.existing is not None, "only an edit can find its contact moved"
    existing = change.existing
    moved = [
        name
        for name in change.fields
        if name != "groups" and not canonical.same(name, existing.value(name), current.value(name))
    ]
    if "groups" in change.fields and set(existing.groups) != set(current.groups):
        moved.append("groups")
    return moved


def shows_more(existing: Contact, current: Contact) -> bool:
    """Whether a contact read by itself shows something that the page it was read on did not."""
    return bool(set(current.groups) - set(existing.groups)) or any(
        current.value(name) and not existing.value(name) for name in field_names(current)
    )


def with_untouched(change: Change, meant: Contact, sent: Contact) -> Contact:
    """What was meant, and in the fields that the change does not touch what was sent: nobody asked for others.

    A field that was empty when the contact was read is left out: a page may not have shown it.
    """
    kept = {
        name: sent.value(name)
        for name in field_names(sent)
        if name not in change.fields and change.existing is not None and change.existing.value(name)
    }
    return meant.with_values(kept)


def rebased(change: Change, current: Contact) -> Contact:
    """What the change means for the contact as it is now: everything else on it stays."""
    assert change.existing is not None, "only an edit has a contact to rebase on"
    values = {name: change.desired.value(name) for name in change.fields if name != "groups"}
    entered = [group for group in change.desired.groups if group not in change.existing.groups]
    left = set(change.existing.groups) - set(change.desired.groups)
    kept = [group for group in current.groups if group not in left]
    merged = current.with_values(values)
    groups = tuple(dict.fromkeys([*kept, *entered]))
    if set(groups) == set(change.desired.groups):
        groups = change.desired.groups  # in the order that was meant
    return Contact(
        **{name: getattr(merged, name) for name in ("id", *PLAIN_FIELDS, "custom_fields")},
        groups=groups,
    )
