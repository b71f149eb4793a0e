"""In: the values that an add or edit sends.

Out: what the server makes of them before it stores them.
Never here: a refusal; contacts that are stored already.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from sync.sandbox.phones import in_form
from sync.sandbox.semantics import Reformat, Semantics

MAX_NAME: Final = 30  # characters that "cut" leaves of a name

_NAMES: Final = frozenset({"name", "surname"})
_UPPER: Final = str.maketrans({"i": "İ", "ı": "I"})
_LOWER: Final = str.maketrans({"I": "ı", "İ": "i"})
_WORD: Final = re.compile(r"[^\W_]+")
_DATE: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")


def stored(semantics: Semantics, field: str, value: str) -> str:
    """Returns what is stored for `value`; `field` is name, surname, email, gsm or `custom`.

    "trimmed": no blanks at the ends, one between words; "upper", "titled": names in capitals, or each word begun with
    one, by Turkish rules; "lower_email": e-mail addresses in small letters; "iso_dates": 27/09/2024 in a custom field
    becomes 2024-09-27. These change the form only. "cut" loses what a name has beyond 30 characters, "dropped_email"
    an address that has a `+` or anything beyond ASCII.
    """
    for name, (fields, change) in _CHANGES.items():
        if name in semantics.values and field in fields:
            value = change(value)
    if field == "gsm" and semantics.phone_stored != "as_sent":
        return in_form(value, semantics.phone_stored)
    return value


def _upper(text: str) -> str:
    return text.translate(_UPPER).upper()


def _titled(text: str) -> str:
    return _WORD.sub(lambda word: _upper(word[0][0]) + word[0][1:].translate(_LOWER).lower(), text)


def _iso(text: str) -> str:
    return _DATE.sub(r"\3-\2-\1", text) if _DATE.fullmatch(text) else text


def _without_odd_address(text: str) -> str:
    return "" if "+" in text or not text.isascii() else text


# In the order in which they are done.
_CHANGES: Final[Mapping[Reformat, tuple[frozenset[str], Callable[[str], str]]]] = {
    "trimmed": (_NAMES | {"email", "gsm", "custom"}, lambda text: " ".join(text.split())),
    "upper": (_NAMES, _upper),
    "titled": (_NAMES, _titled),
    "cut": (_NAMES, lambda text: text[:MAX_NAME]),
    "lower_email": (frozenset({"email"}), str.lower),
    "dropped_email": (frozenset({"email"}), _without_odd_address),
    "iso_dates": (frozenset({"custom"}), _iso),
}
