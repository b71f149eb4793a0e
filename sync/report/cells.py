"""What a cell of a workbook can hold, and what a sheet may be called.

What enters: texts of others. What leaves: texts that Excel and LibreOffice open without a complaint.
What never happens here: a text that is changed without a mark in it.
"""

import re
from dataclasses import dataclass

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

MOST_ROWS = 1_048_576 - 1  # Excel's limit, less the header
MOST_COLUMNS = 16_384
LONGEST = 32_767  # characters in a cell: Excel's limit, letters beyond the first 65,536 of Unicode counted twice
REPLACED = "\ufffd"
_UNSTORABLE = re.compile(rf"{ILLEGAL_CHARACTERS_RE.pattern}|[\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(x[0-9A-Fa-f]{4}_)")  # in a workbook such a text stands for one character
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31
_RESERVED = "history"  # Excel keeps that name for itself


@dataclass(slots=True)
class Losses:
    """What cells could not hold: how many had characters replaced, and how many were cut."""

    replaced: int = 0
    cut: int = 0


def storable(text: str, losses: Losses | None = None) -> str:
    """The text as a cell can hold it: without control characters and not too long; what is lost is counted."""
    if _UNSTORABLE.search(text):
        text = _UNSTORABLE.sub(REPLACED, text)
        if losses:
            losses.replaced += 1
    if 2 * len(text) > LONGEST and _units(text) > LONGEST:
        text = text.encode("utf-16-le")[: 2 * (LONGEST - 1)].decode("utf-16-le", errors="ignore") + "…"
        if losses:
            losses.cut += 1
    return text


def escaped(text: str) -> str:
    """The text so that no part of it, such as `_x0041_`, is read as the character which that stands for."""
    return _ESCAPE.sub(r"_x005F_\1", text) if "_x" in text else text


def sheet_name(name: str, *, otherwise: str) -> str:
    """A name that a sheet can have, as near to this one as can be."""
    found = _NOT_IN_NAMES.sub("_", _UNSTORABLE.sub("_", name)).strip("'")
    while _units(found) > _LONGEST_NAME:
        found = found[:-1]
    if not found.strip():
        return otherwise
    return f"{found}_" if found.lower() == _RESERVED else found


def _units(text: str) -> int:
    """How long Excel takes the text to be."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2
