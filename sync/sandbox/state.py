"""In: changes that were checked against the API's rules, or a book's file.

Out: the emulated book as it is now; the file, written whole or not at all.
Never here: the API's rules, codes and formats. One lock guards every change.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import RLock
from typing import Self

from sync.sandbox.records import Blacklisted, StateError, StoredContact, StoredGroup
from sync.sandbox.state_file import Parts, dict_of, parts_of


class BookState:
    """Contacts, groups, custom field ids, blacklist and credentials of one emulated account.

    Attributes:
        lock: held for every change and for every answer; may be taken again by the thread that holds it.
        credentials: the key and hash that requests must carry.
        api_access: the panel's switch "Allow API access"; off, every request is answered 401 (contract, Credentials).
        custom_fields: ids that contacts may have values for.
        contacts: id → contact, ordered by id.
        groups: id → group, ordered by id.
        blacklist: numbers with the moments they were added, in the order of the file.
        revision: grows by one with every change to contacts and groups.
        changes: the id of the contact for each change to one, in order; it only grows.
    """

    def __init__(self, parts: Parts | None = None) -> None:
        parts = parts or Parts()
        self.lock = RLock()
        self.credentials = parts.credentials
        self.api_access = parts.api_access
        self.custom_fields = frozenset(parts.custom_fields)
        self.contacts = {contact.id: contact for contact in parts.contacts}
        self.groups = {group.id: group for group in parts.groups}
        self.blacklist: tuple[Blacklisted, ...] = parts.blacklist
        self.revision = 0
        self.changes: list[int] = []
        self._next_contact = parts.next_contact
        self._next_group = parts.next_group

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Self:
        """Returns the book that a dict of the file's shape describes.

        The shape: `{"credentials": {"key", "hash"}, "custom_fields": [1, 2], "groups": [{"id", "name", "parent"}],
        "contacts": [{"id", "name", "surname", "email", "gsm", "custom_fields": {"1": "…"}, "groups": [7]}],
        "blacklist": [{"number", "added": "2024-09-27 01:10:00"}], "api_access": true,
        "next_ids": {"contact": 1001, "group": 1}}`. Every part may be missing.

        Raises:
            StateError: a part is malformed.
        """
        return cls(parts_of(data))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Returns the book of a JSON file.

        Raises:
            StateError: the file is not JSON, or not a book.
            OSError: the file cannot be read.
        """
        try:
            return cls(parts_of(json.loads(path.read_text(encoding="utf-8"))))
        except StateError as error:
            raise StateError(f"{path}: {error}") from error
        except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
            raise StateError(f"{path}: not a JSON file in UTF-8: {error}") from error

    def to_dict(self) -> dict[str, object]:
        """Returns the book in the shape that `from_dict` reads."""
        with self.lock:
            parts = Parts(
                self.credentials,
                self.api_access,
                tuple(sorted(self.custom_fields)),
                tuple(self.groups.values()),
                tuple(self.contacts.values()),
                self.blacklist,
                self._next_contact,
                self._next_group,
            )
        return dict_of(parts)  # the records never change, so the lock is not needed any more

    def save(self, path: Path) -> None:
        """Writes the book to `path`: a reader, or a crash, finds the old file or the new one, never half of one.

        Raises:
            OSError: the file cannot be written.
        """
        text = _text_of(self.to_dict())
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def admits(self, key: str, hash_: str) -> bool:
        """Says whether a request with this key and hash is let in."""
        return self.api_access and (key, hash_) == (self.credentials.key, self.credentials.hash)

    def children_of(self, group_id: int) -> list[StoredGroup]:
        """Returns the groups directly under a main group, ordered by id."""
        return [group for group in self.groups.values() if group.parent == group_id]

    def add_contact(self, contact: StoredContact) -> StoredContact:
        """Stores `contact` under the next id, whatever its own says, and returns it with that id."""
        with self._change():
            stored = replace(contact, id=self._next_contact)
            self._next_contact += 1
            self.contacts[stored.id] = stored
            self.changes.append(stored.id)
        return stored

    def put_contact(self, contact: StoredContact) -> None:
        """Stores `contact` in the place of the one that has its id."""
        with self._change():
            self.contacts[contact.id] = contact
            self.changes.append(contact.id)

    def delete_contact(self, contact_id: int) -> None:
        """Forgets a contact; its id is never given again."""
        with self._change():
            del self.contacts[contact_id]
            self.changes.append(contact_id)

    def add_group(self, name: str, parent: int | None) -> StoredGroup:
        """Stores a new group under the next id and returns it."""
        with self._change():
            group = StoredGroup(self._next_group, name, parent)
            self._next_group += 1
            self.groups[group.id] = group
        return group

    def put_group(self, group: StoredGroup) -> None:
        """Stores `group` in the place of the one that has its id."""
        with self._change():
            self.groups[group.id] = group

    def delete_group(self, group_id: int) -> None:
        """Forgets a group and its children, and takes their contacts out of them; the contacts stay."""
        with self._change():
            gone = {group_id, *(child.id for child in self.children_of(group_id))}
            for contact in [each for each in self.contacts.values() if not gone.isdisjoint(each.groups)]:
                left = tuple(group for group in contact.groups if group not in gone)
                self.contacts[contact.id] = replace(contact, groups=left)
                self.changes.append(contact.id)
            for each in gone:
                del self.groups[each]

    @contextmanager
    def _change(self) -> Iterator[None]:
        with self.lock:
            yield
            self.revision += 1


def _text_of(book: Mapping[str, object]) -> str:
    """Returns the book as JSON, an item of a list on a line of its own; quicker by far than indenting everything."""
    parts = []
    for name, part in book.items():
        value = "[\n  " + ",\n  ".join(map(_json, part)) + "\n ]" if isinstance(part, list) else _json(part)
        parts.append(f"{_json(name)}: {value}")
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
