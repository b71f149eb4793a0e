"""In: nothing; this is a description.

Out: what a parsed body offers, so that each method's shape is written once for both wire formats.
Never here: JSON or XML.
"""

from collections.abc import Collection, Sequence
from typing import Final, Protocol

MAX_ID_DIGITS: Final = 18


class MalformedError(Exception):
    """The request has a shape that the API does not document; it is answered 400. Names parts, never values."""


class Node(Protocol):
    """A part of a request. Every method raises `MalformedError` where the part has another shape than asked for."""

    def members(self, allowed: Collection[str] | None = None) -> "dict[str, Node]":
        """Returns the named parts of this one; with `allowed`, no other names may appear."""

    def text(self) -> str:
        """Returns a text as it was sent."""

    def number(self) -> int:
        """Returns a whole number."""

    def identity(self) -> int | None:
        """Returns an id, or None where it was sent empty."""

    def parent(self) -> int | None:
        """Returns a parent group's id, or None where the group is a main group: empty or 0 (contract, Methods)."""

    def custom_fields(self) -> "Sequence[Node]":
        """Returns the parts of a contact's `custom_fields`."""

    def group_ids(self, *, adding: bool) -> "Sequence[Node]":
        """Returns the ids in a contact's `groups`; add and edit differ in JSON (contract, Shapes that differ)."""


def identity_of(digits: str) -> int:
    """Returns the id that a text of ASCII digits writes."""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MAX_ID_DIGITS):
        raise MalformedError("an id is a number")
    return int(digits)
