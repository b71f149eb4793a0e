"""How a key is looked for: the forms in which it may be written, and what searches are known to find.

What enters: canonical keys, and stored texts. What leaves: search terms. What never happens here: searching.

No single form of a phone number finds it under every way of searching: ten national digits fail where the server
compares beginnings, `+90…` fails where it stores the local form.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import phonenumbers

from sync import canonical

SEARCHABLE = ("gsm", "email")
"""The keys that search looks into (the API's page on search-contacts); names are not keys."""

SHORTEST_TERM = 3
"""Letters that a search term must have (the API's page on search-contacts: fewer are answered 471)."""

OTHER = "other"
"""The name of a stored form in which no other value can be written."""

_FORMS: Mapping[str, tuple[str, ...]] = {
    "gsm": ("national", "e164", "international", "trunk"),
    "email": ("address", "ascii"),
}
_MARKS = " ()-./"  # what people put between the digits of a phone number
_TURKISH = "+90"
_TURKISH_LENGTH = 13  # of a Turkish number in E.164


def term(key: str, form: str, value: str) -> str:
    """A canonical value's text in one form, to be searched for; empty where the value has no such form.

    Args:
        key: `gsm` or `email`.
        form: one of `forms(key)`; for phones also a layout, such as `+90 ### ### ## ##`, for `capitals` see
            `stored_form`.
        value: as `canonical.of_key` gives it.
    """
    if key == "email":
        return {"address": value, "capitals": value.upper(), "ascii": _ascii(value)}.get(form, "")
    country, national = _split(value)
    if not country:  # no international number: it can only be looked for as it stands
        return value if form == "national" else ""
    match form:
        case "e164":
            return value
        case "international":
            return value[1:]
        case "trunk":
            return f"0{national}"
        case "national":
            return national
        case _:
            return _laid_out(form, country, national)


def _split(value: str) -> tuple[str, str]:
    """A canonical phone's country code and national digits; two empty texts where it is no international number."""
    if value.startswith(_TURKISH) and len(value) == _TURKISH_LENGTH:
        return "90", value[3:]
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return "", ""
    return str(number.country_code), phonenumbers.national_significant_number(number)


def _laid_out(layout: str, country: str, national: str) -> str:
    """The digits in the places of a layout; empty where they do not fit into it."""
    if layout.count("#") != len(national) or not layout.count("#"):
        return ""
    if (before := re.sub(r"\D", "", layout.partition("#")[0])) not in ("", "0") and before.lstrip("0") != country:
        return ""
    digits = iter(national)
    return "".join(next(digits) if letter == "#" else letter for letter in layout)


def texts(key: str, form: str, values: pd.Series) -> pd.Series:
    """`term` for a column of canonical values; the empty text where a value is missing or has no such form."""
    filled = values.fillna("").astype("str")
    if key == "email":
        if form == "address":
            return filled
        if form == "capitals":
            return filled.str.upper()
        beyond = ~filled.str.match(r"^[\x00-\x7f]*$").astype(bool)
        special = filled.where(beyond, "")
        return special.map(lambda value: term(key, form, value)).astype("str") if beyond.any() else special
    turkish = filled.str.startswith(_TURKISH) & (filled.str.len() == _TURKISH_LENGTH)
    quick = {"e164": 0, "international": 1, "national": 3, "trunk": 3}
    if form not in quick:
        return filled.map(lambda value: term(key, form, value)).astype("str")
    found = filled.str.slice(quick[form])
    if form == "trunk":
        found = "0" + found
    if turkish.all():
        return found
    rest = filled[~turkish].map(lambda value: term(key, form, value) if value else "").astype("str")
    return found.where(turkish, rest.reindex(filled.index, fill_value=""))


def _ascii(address: str) -> str:
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return ""
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return ""


def stored_form(key: str, stored: str) -> str:
    """In which form a text is stored.

    Returns:
        One of `forms(key)`; for an e-mail address in capitals `capitals`; for a phone that is written with marks its
        layout, such as `0### ### ## ##`; else `other`: a form in which no other value can be written.
    """
    value = canonical.of_key(key, stored)
    known = (*_FORMS[key], "capitals") if key == "email" else _FORMS[key]
    found = next((form for form in known if term(key, form, value) == stored), None)
    return found or (_layout(stored, value) if key == "gsm" else OTHER)


def stored_forms(key: str, stored: pd.Series, values: pd.Series) -> pd.Series:
    """`stored_form` for a column of stored texts and their canonical values; missing where a value is missing.

    Of texts that no usual form explains, all with the same pattern of digits and marks count as the first of them does.
    """
    found = pd.Series(pd.NA, index=stored.index, dtype="str")
    for form in _FORMS[key]:
        found = found.mask(found.isna() & (texts(key, form, values) == stored) & (stored != ""), form)
    rest = stored[found.isna() & values.notna()]
    patterns = rest.str.replace("[0-9]", "9", regex=True)
    firsts = rest[~patterns.duplicated()]
    names = {pattern: stored_form(key, text) for pattern, text in zip(patterns[firsts.index], firsts, strict=True)}
    return found.fillna(patterns.map(names).astype("str")) if names else found


def _layout(stored: str, value: str) -> str:
    """A stored phone with `#` for each national digit; `other` where there is more in it than digits and marks."""
    country, national = _split(value)
    if not country or re.search(rf"[^0-9+{re.escape(_MARKS)}]", stored):
        return OTHER
    places = [place for place, letter in enumerate(stored) if letter.isdecimal()][-len(national) :]
    if "".join(stored[place] for place in places) != national:
        return OTHER
    layout = "".join("#" if place in places else letter for place, letter in enumerate(stored))
    return layout if _laid_out(layout, country, national) == stored else OTHER


def is_layout(form: str) -> bool:
    """Whether a stored form is a layout, such as `0### ### ## ##`: one with marks of its own."""
    return "#" in form


def forms(key: str) -> tuple[str, ...]:
    """All forms of a key that may be met in any book, the likeliest first."""
    return _FORMS[key]


@dataclass(slots=True)
class Forms:
    """What searches are known to find: learned from contacts that were read, and looked for.

    Attributes:
        working: for each key the forms whose whole texts found known contacts, together covering every stored form
            seen.
        blind: keys for which some stored form was found by no search: no absence is certain for them.
        seen: for each key the stored forms that were met.
        starts: for each key the forms whose beginnings found known contacts, together covering every stored form seen.
            Without an entry, searches find whole texts only.
        anywhere: keys for which any part of a text is found.
        contacts: for each key how many contacts that have it were read in one run, at most.
        swept: for each key the beginnings under which earlier sweeps have met no stored form but those in `seen`, by
            the form that was searched in.
        folds: keys of which small and capital letters are found alike, the Turkish i and I too. An address that may be
            stored in capitals has to be looked for in them, too, elsewhere.
    """

    working: dict[str, tuple[str, ...]] = field(default_factory=dict)
    blind: frozenset[str] = frozenset()
    seen: dict[str, frozenset[str]] = field(default_factory=dict)
    starts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    anywhere: frozenset[str] = frozenset()
    contacts: dict[str, int] = field(default_factory=dict)
    swept: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    folds: frozenset[str] = frozenset()

    def proven(self, key: str) -> bool:
        """Whether control searches have shown what finds this key."""
        return key in self.working and key not in self.blind

    def forget(self, key: str) -> None:
        """No contact with this key was met: whatever was learned cannot be checked."""
        for known in (self.working, self.seen, self.starts, self.contacts, self.swept):
            known.pop(key, None)
        self.blind -= {key}
        self.anywhere -= {key}
        self.folds -= {key}

    def usual(self, key: str) -> tuple[str, ...]:
        """The forms of a key in which a contact that nobody has met may be stored."""
        return (*_FORMS[key], "capitals") if key == "email" and key not in self.folds else _FORMS[key]

    def terms(self, key: str, value: str, layouts: Iterable[str] = ()) -> list[str]:
        """The terms to search for a value: in the forms that work; in all forms where the value has none of those.

        Args:
            key: `gsm` or `email`.
            value: as `canonical.of_key` gives it.
            layouts: further forms to try.
        """
        for names in (self.working.get(key, ()), self.usual(key)):
            if terms := _terms(key, value, (*names, *layouts)):
                return terms
        return []

    def other_terms(self, key: str, value: str) -> list[str]:
        """The terms that would show the value in a form that was not met yet."""
        known = self.terms(key, value)
        return [text for text in _terms(key, value, self.usual(key)) if text not in known]

    def to_dict(self) -> dict[str, Any]:
        """The forms as JSON can hold them."""
        return {
            "working": _listed(self.working),
            "blind": sorted(self.blind),
            "seen": {key: sorted(names) for key, names in self.seen.items()},
            "starts": _listed(self.starts),
            "anywhere": sorted(self.anywhere),
            "contacts": dict(self.contacts),
            "swept": {key: _listed(forms) for key, forms in self.swept.items()},
            "folds": sorted(self.folds),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Forms":
        """The inverse of `to_dict`."""
        return cls(
            working={key: tuple(map(str, names)) for key, names in data["working"].items()},
            blind=frozenset(map(str, data["blind"])),
            seen={key: frozenset(map(str, names)) for key, names in data.get("seen", {}).items()},
            starts={key: tuple(map(str, names)) for key, names in data.get("starts", {}).items()},
            anywhere=frozenset(map(str, data.get("anywhere", ()))),
            contacts={key: int(count) for key, count in data.get("contacts", {}).items()},
            swept={
                key: {form: tuple(map(str, terms)) for form, terms in forms.items()}
                for key, forms in data.get("swept", {}).items()
            },
            folds=frozenset(map(str, data.get("folds", ()))),
        )


def _terms(key: str, value: str, names: Iterable[str]) -> list[str]:
    """A value's texts in these forms, each once."""
    tried = (term(key, form, value) for form in names)
    return list(dict.fromkeys(text for text in tried if text))


def _listed(names: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    return {key: list(each) for key, each in names.items()}
