"""In: the semantics, a contact's texts, a search key.

Out: the text that search looks into for a contact, and what that text has to contain for the key to find it.
Never here: the book. Every semantics ends in a plain `in`, so that a search of the whole book stays quick.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from sync.sandbox.phones import in_form, national_digits, only_digits
from sync.sandbox.records import StoredContact
from sync.sandbox.semantics import Case, Search, Semantics

# Marks in a contact's text; no key can hold them, see _MARKS.
_FIELD: Final = "\x00"  # before each field
_WORD: Final = "\x01"  # before the first word of a field, between words and after the last
_NUMBER: Final = "\x02"  # around the national digits of the contact's number

_MARKS: Final = dict.fromkeys(map(ord, (_FIELD, _WORD, _NUMBER)), "\ufffd")

# Names are upper-cased by Turkish rules (i → İ, ı → I) and e-mail addresses by English ones (i → I). A search that
# serves both has to take the four letters as one; every other letter is compared without regard to case only.
_ONE_I: Final = str.maketrans({"I": "i", "İ": "i", "ı": "i"})
_TURKISH: Final = str.maketrans({"I": "ı", "İ": "i"})

_WORDS: Final = re.compile(r"[^\W_]+")


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_ONE_I).lower())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


_FOLDS: Final[Mapping[Case, Callable[[str], str]]] = {
    "folded": lambda text: text.translate(_ONE_I).lower(),
    "english": str.lower,
    "turkish": lambda text: text.translate(_TURKISH).lower(),
    "plain": _plain,
    "exact": lambda text: text,
}

# What a key, or its words, are turned into; None where no text can contain it.
_NEEDLES: Final[Mapping[Search, Callable[[str], str]]] = {
    "substring": lambda key: key,
    "prefix": lambda key: _FIELD + key,
    "token": lambda key: _WORD + key + _WORD,
    "token_prefix": lambda key: _WORD + key,
    "phrase": lambda key: _WORD + key + _WORD,
    "phrase_prefix": lambda key: _WORD + key,
}
_OF_WORDS: Final = frozenset({"token", "token_prefix", "phrase", "phrase_prefix"})
_OF_SEVERAL_WORDS: Final = frozenset({"phrase", "phrase_prefix"})


class Matcher:
    """What is looked into, and for what, under one semantics."""

    def __init__(self, semantics: Semantics) -> None:
        self._semantics = semantics
        self._fold = _FOLDS[semantics.case]
        self._by_words = semantics.search in _OF_WORDS

    def text(self, contact: StoredContact) -> str:
        """Returns one text to search in for all fields of a contact."""
        parts = [self._number(contact.gsm), contact.name, contact.surname, contact.email]
        text = "".join(map(self._part, parts))
        if self._semantics.phone_key == "normalised":
            text += f"{_NUMBER}{national_digits(contact.gsm) or ''}{_NUMBER}"
        return text

    def needles(self, key: str) -> tuple[str, ...]:
        """Returns texts of which a contact's text has to contain one; none at all where nothing can be found."""
        words = self._words(key) if self._semantics.search in _OF_SEVERAL_WORDS else self._folded(key)
        needles = (_NEEDLES[self._semantics.search](words),) if words else ()
        digits = national_digits(key) if self._semantics.phone_key == "normalised" else None
        return (*needles, _NUMBER + digits + _NUMBER) if digits else needles

    def _number(self, gsm: str) -> str:
        match self._semantics.phone_indexed:
            case "as_stored":
                return gsm
            case "digits":
                return only_digits(gsm)
            case form:
                return in_form(gsm, form)

    def _part(self, field: str) -> str:
        if not self._by_words:
            return _FIELD + self._folded(field)
        return f"{_FIELD}{_WORD}{self._words(field)}{_WORD}"

    def _words(self, text: str) -> str:
        # Cut first: folding can take a letter apart (İ by English rules) into one and a mark that is no letter.
        return _WORD.join(map(self._fold, _WORDS.findall(text)))

    def _folded(self, text: str) -> str:
        return self._fold(text.translate(_MARKS))
