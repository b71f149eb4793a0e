"""In: the dict that a book's JSON file holds.

Out: the records in it, checked against one another; and the dict again.
Never here: a repair. What is malformed is refused with the place and the reason.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sync.sandbox.records import Blacklisted, Credentials, StateError, StoredContact, StoredGroup, is_moment

DEFAULT_CUSTOM_FIELDS: Final = (1, 2, 3)
FIRST_CONTACT_ID: Final = 1001
FIRST_GROUP_ID: Final = 1


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a book consists of; contacts and groups are ordered by id."""

    credentials: Credentials = field(default_factory=Credentials)
    api_access: bool = True
    custom_fields: tuple[int, ...] = DEFAULT_CUSTOM_FIELDS
    groups: tuple[StoredGroup, ...] = ()
    contacts: tuple[StoredContact, ...] = ()
    blacklist: tuple[Blacklisted, ...] = ()
    next_contact: int = FIRST_CONTACT_ID
    next_group: int = FIRST_GROUP_ID


def parts_of(data: object) -> Parts:
    """Returns the parts of a book; unknown keys are passed over, missing ones get their defaults.

    Raises:
        StateError: a part has another type than documented, an id appears twice, or one points at nothing.
    """
    book = _object(data, "the book")
    credentials = _object(book.get("credentials", {}), "credentials")
    fields = tuple(
        _id(value, "custom_fields")
        for value in _list(book.get("custom_fields", list(DEFAULT_CUSTOM_FIELDS)), "custom_fields")
    )
    groups = _groups(_list(book.get("groups", []), "groups"))
    contacts = _contacts(_list(book.get("contacts", []), "contacts"), {group.id for group in groups}, set(fields))
    next_ids = _object(book.get("next_ids", {}), "next_ids")
    access = book.get("api_access", True)
    if not isinstance(access, bool):
        raise StateError("api_access: true or false was expected")
    return Parts(
        credentials=Credentials(
            _text(credentials.get("key", Credentials().key), "credentials.key"),
            _text(credentials.get("hash", Credentials().hash), "credentials.hash"),
        ),
        api_access=access,
        custom_fields=fields,
        groups=groups,
        contacts=contacts,
        blacklist=tuple(
            _blacklisted(_object(each, "blacklist")) for each in _list(book.get("blacklist", []), "blacklist")
        ),
        # An id is never given twice, not even after its contact was deleted and the book saved and loaded.
        next_contact=_next(next_ids.get("contact", FIRST_CONTACT_ID), [contact.id for contact in contacts]),
        next_group=_next(next_ids.get("group", FIRST_GROUP_ID), [group.id for group in groups]),
    )


def dict_of(parts: Parts) -> dict[str, object]:
    """Returns the dict that `parts_of` reads, ready for JSON."""
    return {
        "credentials": {"key": parts.credentials.key, "hash": parts.credentials.hash},
        "api_access": parts.api_access,
        "next_ids": {"contact": parts.next_contact, "group": parts.next_group},
        "custom_fields": list(parts.custom_fields),
        "groups": [{"id": group.id, "name": group.name, "parent": group.parent} for group in parts.groups],
        "contacts": [
            {
                "id": contact.id,
                "name": contact.name,
                "surname": contact.surname,
                "email": contact.email,
                "gsm": contact.gsm,
                "custom_fields": {str(field): value for field, value in contact.custom_fields.items()},
                "groups": list(contact.groups),
            }
            for contact in parts.contacts
        ],
        "blacklist": [{"number": each.number, "added": each.added} for each in parts.blacklist],
    }


def _groups(items: Iterable[object]) -> tuple[StoredGroup, ...]:
    found: dict[int, StoredGroup] = {}
    for item in items:
        group = _object(item, "groups")
        number = _id(group.get("id"), "groups.id")
        if number in found:
            raise StateError(f"groups: id {number} appears twice")
        parent = None if group.get("parent") is None else _id(group["parent"], f"group {number}: parent")
        found[number] = StoredGroup(number, _text(group.get("name", ""), f"group {number}: name"), parent)
    for each in found.values():
        if each.parent is not None and (each.parent not in found or found[each.parent].parent is not None):
            raise StateError(f"group {each.id}: parent {each.parent} is not a main group of this book")
    return tuple(found[number] for number in sorted(found))


def _contacts(items: Iterable[object], groups: set[int], fields: set[int]) -> tuple[StoredContact, ...]:
    found: dict[int, StoredContact] = {}
    for item in items:
        contact = _object(item, "contacts")
        number = _id(contact.get("id"), "contacts.id")
        where = f"contact {number}"
        if number in found:
            raise StateError(f"contacts: id {number} appears twice")
        own_groups = [_id(each, f"{where}: groups") for each in _list(contact.get("groups", []), f"{where}: groups")]
        custom = {
            _id(key, f"{where}: custom_fields"): _text(value, f"{where}: custom_fields")
            for key, value in _object(contact.get("custom_fields", {}), f"{where}: custom_fields").items()
        }
        if not groups.issuperset(own_groups):
            raise StateError(f"{where}: a group it is in is not in groups")
        if not fields.issuperset(custom):
            raise StateError(f"{where}: a custom field it has is not in custom_fields")
        found[number] = StoredContact(
            number,
            name=_text(contact.get("name", ""), f"{where}: name"),
            surname=_text(contact.get("surname", ""), f"{where}: surname"),
            email=_text(contact.get("email", ""), f"{where}: email"),
            gsm=_text(contact.get("gsm", ""), f"{where}: gsm"),
            custom_fields={field: value for field, value in custom.items() if value},
            groups=tuple(dict.fromkeys(own_groups)),
        )
    return tuple(found[number] for number in sorted(found))


def _blacklisted(item: Mapping[str, object]) -> Blacklisted:
    added = _text(item.get("added"), "blacklist: added")
    if not is_moment(added):
        raise StateError("blacklist: added is a date and time such as 2024-09-27 01:10:00")
    return Blacklisted(_text(item.get("number"), "blacklist: number"), added)


def _next(given: object, used: list[int]) -> int:
    return max(_id(given, "next_ids"), *(number + 1 for number in used), 1)


def _object(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise StateError(f"{where}: an object was expected")
    return value


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise StateError(f"{where}: a list was expected")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise StateError(f"{where}: a text was expected")
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which no answer could carry
        raise StateError(f"{where}: a text that UTF-8 cannot hold") from None
    return value


def _id(value: object, where: str) -> int:
    """Returns an id: a whole number from 1; the keys of JSON objects are texts."""
    if isinstance(value, str) and re.fullmatch("[0-9]{1,18}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise StateError(f"{where}: a whole number from 1 was expected")
    return value
