"""In: a contact's texts, a search key.

Out: whether the key finds the contact, under the semantics that were chosen.
Never here: HTTP, the stored book, a guess at which semantics the real API has.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

# Stands before every field in a contact's searchable text, so that "a field starts with" is a plain `in`, too.
_START: Final = "\x00"

# Names are upper-cased by Turkish rules (i → İ, ı → I) and e-mail addresses by English ones (i → I). A search that
# serves both has to take the four letters as one; every other letter is compared without regard to case only.
_ONE_I: Final = str.maketrans({"I": "i", "İ": "i", "ı": "i", _START: "\ufffd"})


def fold(text: str) -> str:
    """Returns `text` in the form in which it is searched: lower case, with I, İ, ı and i taken as one letter."""
    return text.translate(_ONE_I).lower()


def searchable(fields: Iterable[str]) -> str:
    """Returns one text to search in for all `fields` of a contact; worked out once for each stored contact."""
    return "".join(_START + fold(field) for field in fields)


# What a key is turned into; a contact is found when its searchable text contains it. A semantics that needs more than
# `in` (tokens, a lagging index) makes this a table of predicates.
_NEEDLES: Final[dict[str, Callable[[str], str]]] = {
    "substring": fold,
    "prefix": lambda key: _START + fold(key),
}


@dataclass(frozen=True, slots=True)
class Semantics:
    """How the sandbox behaves where the API's documents are silent.

    Attributes:
        edit: "replace": what an edit omits is cleared; "patch": it is kept. In both, `groups` that are sent are the
            whole list, and a custom field that is sent empty is cleared. Under "patch" each custom field counts for
            itself: one that is not in the list is kept (an empty list therefore clears nothing).
        search: "substring": the key may stand anywhere in gsm, name, surname or e-mail; "prefix": at their beginning.
            Neither regards case (see `fold`); phone numbers are compared as they are stored.

    Raises:
        ValueError: an unknown name of a semantics.
    """

    edit: Literal["replace", "patch"] = "replace"
    search: Literal["substring", "prefix"] = "substring"

    def __post_init__(self) -> None:
        if self.edit not in {"replace", "patch"}:
            raise ValueError(f"edit semantics are replace or patch, not {self.edit}")
        if self.search not in _NEEDLES:
            raise ValueError(f"search semantics are {' or '.join(_NEEDLES)}, not {self.search}")

    def needle(self, key: str) -> str:
        """Returns what a contact's `searchable` text has to contain for `key` to find it."""
        return _NEEDLES[self.search](key)
