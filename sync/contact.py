"""Contacts and groups, as the API names them.

What enters and leaves: plain values. What never happens here: reading, comparing, sending.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

PLAIN_FIELDS = ("name", "surname", "email", "gsm")


def custom_field_name(number: int) -> str:
    """The name under which custom field `number` stands beside the plain fields, such as `custom:3`."""
    return f"custom:{number}"


def custom_field_number(name: str) -> int | None:
    """The custom field's id in a name such as `custom:3`; None for a plain field's name."""
    return int(name.removeprefix("custom:")) if name.startswith("custom:") else None


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact of the address book.

    Texts are as stored or as meant, an absent one is the empty text. `id` is None before the API has given one.
    """

    id: int | None = None
    name: str = ""
    surname: str = ""
    email: str = ""
    gsm: str = ""
    custom_fields: Mapping[int, str] = field(default_factory=dict)
    groups: tuple[int, ...] = ()

    def value(self, field_name: str) -> str:
        """The text of a plain field, or of a custom field named such as `custom:3` (empty where it has none)."""
        number = custom_field_number(field_name)
        if number is not None:
            return self.custom_fields.get(number, "")
        return str(getattr(self, field_name))

    def with_values(self, values: Mapping[str, str]) -> "Contact":
        """This contact with some fields replaced; keys are named as for `value`."""
        custom = dict(self.custom_fields)
        for name, text in values.items():
            number = custom_field_number(name)
            if number is not None:
                custom[number] = text
        return Contact(
            self.id,
            values.get("name", self.name),
            values.get("surname", self.surname),
            values.get("email", self.email),
            values.get("gsm", self.gsm),
            custom,
            self.groups,
        )

    def to_dict(self) -> dict[str, Any]:
        """The contact as JSON can hold it (custom field ids become texts)."""
        return {
            "id": self.id,
            **{name: getattr(self, name) for name in PLAIN_FIELDS},
            "custom_fields": {str(number): text for number, text in sorted(self.custom_fields.items())},
            "groups": list(self.groups),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Contact":
        """The inverse of `to_dict`."""
        return cls(
            id=data["id"],
            **{name: data[name] for name in PLAIN_FIELDS},
            custom_fields={int(number): text for number, text in data["custom_fields"].items()},
            groups=tuple(data["groups"]),
        )


@dataclass(frozen=True, slots=True)
class Group:
    """One group. `count` is the API's own figure (None where it gave none); children are one level deep."""

    id: int
    name: str
    count: int | None = None
    children: tuple["Group", ...] = ()

    def family(self) -> Iterator["Group"]:
        """The group itself, then its children."""
        yield self
        yield from self.children

    def to_dict(self) -> dict[str, Any]:
        """The group as JSON can hold it."""
        return {
            "id": self.id,
            "name": self.name,
            "count": self.count,
            "children": [child.to_dict() for child in self.children],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Group":
        """The inverse of `to_dict`."""
        return cls(data["id"], data["name"], data["count"], tuple(cls.from_dict(child) for child in data["children"]))
