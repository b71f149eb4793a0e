"""Cleans columns: from the texts that people write to the values that the API stores.

What enters: a column of texts (missing where empty) and its spec. What leaves: a column of values, the bad cells, and
notes on cells that are used although something in them is not.
What never happens here: dropping a row; guessing a value that the cell does not hold.
"""

import difflib
import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from sync import canonical
from sync.mapping import ColumnSpec, CustomFieldSpec, PhoneColumn
from sync.reader.dates import dates
from sync.reader.emails import emails
from sync.reader.findings import Answer, Cleaned, Finding, each
from sync.reader.names import names, transformed
from sync.reader.phones import phones
from sync.sheet import GROUP_SEPARATOR

__all__ = ["Cleaned", "Finding", "clean_column", "clean_groups"]


def clean_column(name: str, spec: ColumnSpec, texts: pd.Series, kinds: npt.NDArray[np.int8] | None = None) -> Cleaned:
    """The values of the field `name` (as `Contact.value` names it), after the spec's transforms.

    Args:
        name: the field.
        spec: its part of the mapping.
        texts: string dtype; missing where the cell is empty.
        kinds: a `sync.grid.Kind` for each text; None where all are texts.
    """
    if isinstance(spec, PhoneColumn):
        return phones(transformed(texts, spec), spec, kinds)
    if name == "email":
        return emails(transformed(texts, spec))
    if name == "id":
        return each(transformed(texts, spec), _contact_id)
    if isinstance(spec, CustomFieldSpec) and spec.type == "date":
        return dates(transformed(texts, spec), spec, kinds)
    if isinstance(spec, CustomFieldSpec) and spec.type == "choice":
        return _choices(transformed(texts, spec), spec)
    return names(texts, spec)


def clean_groups(texts: pd.Series, separator: str | None) -> pd.Series:
    """Group labels, squeezed, joined by `GROUP_SEPARATOR`; several in a cell stand between ; , or | by default."""
    pattern = re.escape(separator) if separator else "[;,|]"

    def labels(text: str) -> str:
        return GROUP_SEPARATOR.join(label for part in re.split(pattern, text) if (label := _squeezed(part)))

    return each(texts, labels).values


def _squeezed(text: str) -> str:
    return canonical.squeezed(canonical.visible(text))


def _contact_id(text: str) -> Answer:
    text = _squeezed(text)
    return text if not text or re.fullmatch(r"[1-9][0-9]{0,17}", text) else Finding("id_invalid")


def _choices(texts: pd.Series, spec: CustomFieldSpec) -> Cleaned:
    written = {canonical.label(choice): choice for choice in spec.choices}

    def choice(text: str) -> Answer:
        label = canonical.label(canonical.visible(text))
        if not label:
            return ""
        if label in written:
            return spec.choices[written[label]]
        near = difflib.get_close_matches(label, written, n=1)
        values = {"near": written[near[0]] if near else "", "known": ", ".join(spec.choices)}
        return Finding("choice_unknown", values)

    return each(texts, choice)
