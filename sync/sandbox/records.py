"""In: values that were checked elsewhere.

Out: the records of which the emulated book consists; they do not change, a changed contact is a new record.
Never here: rules of the API, files, HTTP.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


class StateError(ValueError):
    """A book's file (or dict) does not have the documented shape. The text says which part and why."""


def is_moment(text: str) -> bool:
    """Says whether `text` is a date and time as the blacklist writes it, such as `2024-09-27 01:10:00`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    # Exactly this form, so that moments may be compared as texts.
    return moment.tzinfo is None and f"{moment:%Y-%m-%d %H:%M:%S}" == text


@dataclass(frozen=True, slots=True)
class Credentials:
    """The key and the hash that a request must carry, both passed through unchanged (contract, Credentials)."""

    key: str = "sandbox-key"
    hash: str = field(default="sandbox-hash", repr=False)


@dataclass(frozen=True, slots=True)
class StoredContact:
    """A contact of the book; texts are kept exactly as they were given.

    Attributes:
        custom_fields: custom field id → value, never an empty value.
        groups: ids of the groups it is directly in, each once, in the order in which they were sent.
    """

    id: int
    name: str = ""
    surname: str = ""
    email: str = ""
    gsm: str = ""
    custom_fields: Mapping[int, str] = field(default_factory=dict)
    groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """A main group (`parent` is None) or a child of one; there is no third level (contract, Methods)."""

    id: int
    name: str
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Blacklisted:
    """A number that must not get messages, and since when (`2024-09-27 01:10:00`)."""

    number: str
    added: str
