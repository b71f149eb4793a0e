"""In: a phone number as somebody wrote it.

Out: the same number in one of the forms in which servers keep numbers; what is no Turkish number stays as it is.
Never here: a judgement whether a number exists.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

Form = Literal["e164", "international", "trunk", "national", "spaced"]

_SEPARATORS: Final = re.compile(r"[\s().\-/]+")
_TURKISH: Final = re.compile(r"(?:\+90|0090|90|0)?([2-9][0-9]{9})")

_FORMS: Final[Mapping[Form, Callable[[str], str]]] = {
    "e164": lambda digits: f"+90{digits}",
    "international": lambda digits: f"90{digits}",
    "trunk": lambda digits: f"0{digits}",
    "national": lambda digits: digits,
    "spaced": lambda digits: f"0{digits[:3]} {digits[3:6]} {digits[6:8]} {digits[8:]}",
}


def national_digits(text: str) -> str | None:
    """Returns the ten national digits of a full Turkish number in any form; None for everything else."""
    found = _TURKISH.fullmatch(_SEPARATORS.sub("", text))
    return found[1] if found else None


def in_form(text: str, form: Form) -> str:
    """Returns a Turkish number in `form`; any other text as it is."""
    digits = national_digits(text)
    return text if digits is None else _FORMS[form](digits)


def only_digits(text: str) -> str:
    """Returns the digits of a number of any country."""
    return "".join(each for each in text if each.isascii() and each.isdigit())
