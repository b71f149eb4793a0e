"""What searches of an account find, as the last run has learned it.

What enters: what a run has learned. What leaves: the same, with its date, for the next run.
What never happens here: a contact's data on disk; a run that fails because a hint is damaged.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from sync.lookup import Forms

_FILE = "search.json"


@dataclass(frozen=True, slots=True)
class Learned:
    """What searches find, and when that was learned (in ISO form; empty where nothing was)."""

    forms: Forms = field(default_factory=Forms)
    at: str = ""


def recall_search(folder: Path) -> Learned:
    """What was learned of the account whose folder this is; nothing where that is not known or cannot be read."""
    try:
        data = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return Learned(Forms.from_dict(data["forms"]), str(data["at"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return Learned()  # it is learned again with a few requests


def remember_search(folder: Path, learned: Learned) -> None:
    """Writes what was learned for the next run: the file is whole or as it was before, and private to the user."""
    draft = folder / f".{_FILE}.{os.getpid()}"
    descriptor = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"forms": learned.forms.to_dict(), "at": learned.at}, file)
    draft.replace(folder / _FILE)
