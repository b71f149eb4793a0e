"""What is said of many rows at once: what goes for all of them, and an ellipsis for what differs from row to row.

What enters: a message's code, the values of one row after the other. What leaves: words that are true of each of them.
What never happens here: one row's value told as if it were every row's.
"""

import re
import string
from collections.abc import Collection, Mapping
from typing import Any

from sync import messages

_ELLIPSIS = "…"
_TOLD = 3  # values of one row
_EXAMPLE = 30  # letters of what stands in a row that is given as an example
_DESCRIBED = re.compile(r" \([^)]*\)")  # what stands after a contact's id, so that a person knows who it is
_MANY = 2  # whatever number it is, it is told as one of several


class _Varies(str):
    """A value that is not the same for all rows; a template prints it as an ellipsis, whatever form it asks for."""

    __slots__ = ()

    def __new__(cls) -> "_Varies":
        return super().__new__(cls, _ELLIPSIS)

    def __format__(self, form: str) -> str:
        return _ELLIPSIS

    def __int__(self) -> int:
        return _MANY


class Common:
    """The values that several remarks of one kind have in common."""

    def __init__(self, code: str, values: Mapping[str, Any]) -> None:
        self._code, self._values = code, values
        self._differing: dict[str, None] = {}

    def add(self, values: Mapping[str, Any]) -> None:
        """Takes the values of one more."""
        if values == self._values:
            return
        for name in {**self._values, **values}:
            if values.get(name) != self._values.get(name):
                self._differing[name] = None

    def text(self) -> str:
        """What goes for all of them."""
        return general_text(self._code, self._values, self._differing)

    def what(self) -> str:
        """The same without what to do about it."""
        return messages.parts(self._code, _told(self._code, self._values, self._differing))[0]

    def example(self, values: Mapping[str, Any]) -> str:
        """What one of them has that the others lack; empty where they are all alike."""
        return example(values, self._differing)


def general_text(code: str, values: Mapping[str, Any], differing: Collection[str]) -> str:
    """The message, with an ellipsis for each of these values; what is said only of some is left out."""
    return messages.text(code, _told(code, values, differing))


def _told(code: str, values: Mapping[str, Any], differing: Collection[str]) -> dict[str, Any]:
    told = dict(values)
    for name in differing:
        told[name] = "" if name in messages.CATALOGUE[code].hints else _Varies()
    if "why" in differing and "because" in values:  # a message within a message, whose own values differ
        told["why"] = _within(str(values["because"]))
    return told


def example(values: Mapping[str, Any], differing: Collection[str]) -> str:
    """What a person looks for among the values that differ: the cell; else all of them, of contacts the ids alone."""
    names = [name for name in values if name in differing and values[name] not in (None, "") and name != "why"]
    if "cell" in names:
        return str(values["cell"])
    told = [
        messages.field_words(values[name]) if name in messages.FIELD_NAMES else _DESCRIBED.sub("", str(values[name]))
        for name in names[:_TOLD]
    ]
    return " / ".join(told)


def place_with_example(place: str, there: str) -> str:
    """A row's place, and after it the beginning of what stands there where that differs from row to row."""
    if len(there) > _EXAMPLE:
        there = f"{there[: _EXAMPLE - 1]}…"
    return f"{place} (“{there}”)" if there else place


def _within(code: str) -> str:
    found = messages.CATALOGUE[code]
    names = {name for part in (found.what, found.next) for _, name, _, _ in string.Formatter().parse(part) if name}
    return found.text(dict.fromkeys([*names, found.by], _Varies()))
