"""The book: the remote contacts as read, with what is known about its completeness.

What enters: contacts and groups that somebody read. What leaves: a table to compare with, and certainty about absence.
What never happens here: a request.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from sync import canonical
from sync.contact import PLAIN_FIELDS, Contact, Group, custom_field_number
from sync.coverage import Coverage

_TABLE = {"id": "int64", **dict.fromkeys((*PLAIN_FIELDS, "custom_fields", "groups"), "str")}


@dataclass(frozen=True, slots=True)
class Book:
    """Contacts and groups, as stored.

    `table` has one row for each contact: `id`, the plain fields, `custom_fields` (a JSON object, ids in order) and
    `groups` (ids joined by blanks). Texts are as the API gave them; an absent one is the empty text.
    """

    table: pd.DataFrame
    groups: tuple[Group, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)

    @classmethod
    def of(cls, contacts: Iterable[Contact], groups: Iterable[Group], coverage: Coverage) -> "Book":
        """A book of these contacts."""
        rows = [
            (
                contact.id,
                *(contact.value(name) for name in PLAIN_FIELDS),
                json.dumps(dict(sorted(contact.custom_fields.items())), ensure_ascii=False),
                " ".join(str(group) for group in contact.groups),
            )
            for contact in contacts
        ]
        table = pd.DataFrame.from_records(rows, columns=list(_TABLE)).astype(_TABLE)
        return cls(table, tuple(groups), coverage)

    def __len__(self) -> int:
        return len(self.table)

    def contact(self, position: int) -> Contact:
        """The contact at a position of the table."""
        row = self.table.iloc[position]
        return Contact(
            id=int(row["id"]),
            **{name: str(row[name]) for name in PLAIN_FIELDS},
            custom_fields={int(number): text for number, text in json.loads(row["custom_fields"]).items()},
            groups=tuple(int(group) for group in row["groups"].split()),
        )

    def column(self, field_name: str, positions: pd.Index | None = None) -> pd.Series:
        """The stored texts of a plain or custom field, for all contacts or for some; the empty text where absent."""
        table = self.table if positions is None else self.table.loc[positions]
        number = custom_field_number(field_name)
        if number is None:
            return table[field_name]
        wanted = str(number)
        return table["custom_fields"].map(lambda text: json.loads(text).get(wanted, "")).astype("str")

    def keys(self, key: str) -> pd.Series:
        """The canonical forms of a match key for all contacts; missing where a contact has none."""
        if key == "id":
            return self.table["id"].astype("str")
        return canonical.key_column(key, self.column(key))


class GroupNames:
    """Finds groups by name or id."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self._ids: dict[int, str] = {}
        self._by_label: dict[str, list[int]] = {}
        for main in groups:
            for group in main.family():
                path = group.name if group is main else f"{main.name}/{group.name}"
                self._ids[group.id] = path
                for name in {canonical.label(group.name), canonical.label(path)}:
                    self._by_label.setdefault(name, []).append(group.id)

    def find(self, name: str | int) -> list[int]:
        """The ids of the groups that a label, a path such as `Bayiler/Ankara`, or an id may mean."""
        if isinstance(name, str):
            found = self._by_label.get(canonical.label(name), [])
            if found or not name.strip().isdecimal():
                return found
        number = int(name)
        return [number] if number in self._ids else []

    @property
    def by_id(self) -> Mapping[int, str]:
        """Every group's name, its main group's before it, by id."""
        return self._ids

    def path(self, group_id: int) -> str:
        """The group's name, its main group's before it; the id itself where it is not known."""
        return self._ids.get(group_id, str(group_id))

    def some_paths(self, most: int = 8) -> str:
        """The groups' names, as many as a message can bear."""
        paths = sorted(self._ids.values(), key=canonical.turkish_lower)
        return ", ".join(paths[:most]) + (f" … ({len(paths)} in all)" if len(paths) > most else "")
