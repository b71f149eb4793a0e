"""What cleaning says of a cell, and columns cleaned text by text, each different text once.

What enters: a column of texts (missing where empty) and a function that cleans one text. What leaves: a cleaned column.
What never happens here: knowing what a text means; dropping a row.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sync.tables import labels


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to say of a cell: a message code and its values."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)


class Used(NamedTuple):
    """A value that is used although there is something to say of its cell."""

    value: str
    note: Finding


Answer = str | Finding | Used
"""What one text comes to: its value (the empty text for an empty cell), or why it cannot be used, or both."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A column's values, missing where empty or bad; by the row's index what is bad, and notes on cells in use."""

    values: pd.Series
    bad: dict[int, Finding]
    notes: dict[int, Finding] = field(default_factory=dict)


def each(texts: pd.Series, clean: Callable[[str], Answer]) -> Cleaned:
    """The column with each different text cleaned once."""
    places, distinct = pd.factorize(texts)
    answers = [clean(text) for text in distinct]
    values = pd.Series([_value(answer) for answer in answers], dtype="str").array
    found = {place: answer for place, answer in enumerate(answers) if not isinstance(answer, str)}
    bad, notes = {}, {}
    if found:
        rows = np.flatnonzero(np.isin(places, list(found)))
        for label, place in zip(labels(texts.index[rows]), places[rows], strict=True):
            answer = found[int(place)]
            if isinstance(answer, Used):
                notes[label] = answer.note
            else:
                bad[label] = answer
    return Cleaned(pd.Series(values.take(places, allow_fill=True), index=texts.index, dtype="str"), bad, notes)


def _value(answer: Answer) -> str | None:
    value = answer.value if isinstance(answer, Used) else answer
    return value if isinstance(value, str) and value else None


def with_fast_path(texts: pd.Series, known: pd.Series, clean: Callable[[str], Answer]) -> Cleaned:
    """The values that are known already, and the rest cleaned one by one."""
    rest = texts[known.isna() & texts.notna()]
    if rest.empty:
        return Cleaned(known, {})
    cleaned = each(rest, clean)
    return Cleaned(known.fillna(cleaned.values), cleaned.bad, cleaned.notes)
