"""Texts that a spreadsheet program would run as formulas, written so that it does not, and read back as they were.

What enters: texts, or a column of them. What leaves: the texts with an apostrophe before a formula, or without it.
What never happens here: an apostrophe before a phone number such as `+90…`; two texts that become one.
"""

import re

import pandas as pd

# An apostrophe that stands there already gets another one: so each text can be read back.
_FORMULA = re.compile(r"'*(?:[\t\r]|\s*(?:[=@]|[+\-](?![\d\s().\-]+$)))")
_DEFUSED = re.compile(f"'{_FORMULA.pattern}")


def defused(text: str) -> str:
    """The text, with an apostrophe before it where it would be a formula."""
    return f"'{text}" if not text[:1].isalnum() and _FORMULA.match(text) else text


def restored(texts: pd.Series) -> pd.Series:
    """The inverse of `defused` for a column; missing stays missing."""
    begins = texts.str.startswith("'").fillna(value=False).astype(bool)
    if not begins.any():
        return texts
    found = texts[begins].map(lambda text: text[1:] if _DEFUSED.match(text) else text).astype("str")
    return texts.mask(begins).fillna(found)
