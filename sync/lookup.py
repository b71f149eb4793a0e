"""How a key is looked for: the forms in which it may be written, and which of them are known to work.

What enters: canonical keys, and stored texts. What leaves: search terms. What never happens here: searching.

No single form of a phone number finds it under every way of searching: ten national digits fail where the server
compares beginnings, `+90…` fails where it stores the local form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import phonenumbers

from sync import canonical

SEARCHABLE = ("gsm", "email")
"""The keys that search looks into (the API's page on search-contacts); names are not keys."""

_FORMS: Mapping[str, tuple[str, ...]] = {
    "gsm": ("national", "e164", "international", "trunk"),
    "email": ("address", "ascii"),
}


def term(key: str, form: str, value: str) -> str:
    """The search term for a canonical value in one form; empty where the value has no such form."""
    if key == "email":
        return value if form == "address" else _ascii(value)
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:  # no international number: it can only be looked for as it stands
        return value if form == "national" else ""
    national = phonenumbers.national_significant_number(number)
    return {"national": national, "e164": value, "international": value[1:], "trunk": f"0{national}"}[form]


def _ascii(address: str) -> str:
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return ""
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return ""


def stored_form(key: str, stored: str) -> str:
    """In which form a text is stored: one of the key's forms, or `other`."""
    value = canonical.of_key(key, stored)
    return next((form for form in _FORMS[key] if term(key, form, value) == stored), "other")


def forms(key: str) -> tuple[str, ...]:
    """All forms of a key, the likeliest first."""
    return _FORMS[key]


@dataclass(slots=True)
class Forms:
    """Which forms to search in.

    Attributes:
        working: for each key the forms that found known contacts, together covering every stored form seen.
        blind: keys for which some stored form was found by no search: no absence is certain for them.
    """

    working: dict[str, tuple[str, ...]] = field(default_factory=dict)
    blind: frozenset[str] = frozenset()

    def proven(self, key: str) -> bool:
        """Whether control searches have shown what finds this key."""
        return key in self.working and key not in self.blind

    def terms(self, key: str, value: str) -> list[str]:
        """The terms to search for a value: in the forms that work; in all forms where the value has none of those."""
        for names in (self.working.get(key, ()), _FORMS[key]):
            tried = (term(key, form, value) for form in names)
            if terms := list(dict.fromkeys(text for text in tried if text)):
                return terms
        return []

    def to_dict(self) -> dict[str, Any]:
        """The forms as JSON can hold them."""
        return {"working": {key: list(names) for key, names in self.working.items()}, "blind": sorted(self.blind)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Forms":
        """The inverse of `to_dict`."""
        return cls({key: tuple(names) for key, names in data["working"].items()}, frozenset(data["blind"]))
