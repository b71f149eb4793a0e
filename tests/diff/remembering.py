"""What earlier runs of a job have left, out of literal contacts.

What enters: contacts as both sides had them when they agreed last. What leaves: a Past.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sync.contact import Contact
from sync.diff.past import Past
from sync.hashes import UNKNOWN, Hashes
from sync.mapping import Mapping as Rules
from sync.remembered import Remembered
from sync.sheet import Issue, Sheet

from .making import sheet_of

HASHES = Hashes(b"a key of sixteen")


def group_base(*groups: int) -> int:
    return HASHES.of_value("groups", " ".join(map(str, groups)))


def past_of(
    mapping: Rules,
    contacts: Iterable[Contact],
    *,
    identities: Mapping[int, str] | None = None,
    written: Iterable[int] | None = None,
    added: Iterable[int] | None = None,
    unknown: Iterable[tuple[int, str]] = (),
    remembered: Mapping[str, Any] | None = None,
    **parts: Any,
) -> Past:
    """What is known of these contacts, each of which a row became by its identity, or by its strongest key.

    Args:
        mapping: of the job.
        contacts: as both sides had them.
        identities: of their rows, by contact.
        written: which of them the job wrote; all, unless it is said.
        added: which of them the job added; those that it wrote, unless it is said.
        unknown: contacts and fields of which nobody knows what they were.
        remembered: other parts of what is remembered.
        parts: other parts of the past.
    """
    known = sorted(contacts, key=lambda each: each.id or 0)
    ids = np.array([each.id for each in known], dtype=np.int64)
    fields = (*mapping.columns, "groups")
    bases = np.zeros((len(known), len(fields)), dtype=np.int64)
    for column, name in enumerate(fields):
        texts = [" ".join(map(str, each.groups)) if name == "groups" else each.value(name) for each in known]
        bases[:, column] = HASHES.of_field(name, pd.Series(texts, dtype="str"))
    for contact_id, name in unknown:
        bases[ids == contact_id, fields.index(name)] = UNKNOWN
    wrote = set(ids.tolist() if written is None else written)
    given: dict[str, Any] = {
        "fields": fields,
        "contact_ids": ids,
        "who": np.array([_who(each, mapping, identities or {}) for each in known], dtype=np.int64),
        "marks": np.zeros(len(known), dtype=np.int64),
        "written": np.isin(ids, list(wrote)),
        "added": np.isin(ids, list(wrote if added is None else added)),
        "bases": bases,
        "group_sets": {group_base(*each.groups): frozenset(each.groups) for each in known if each.groups},
        **(remembered or {}),
    }
    return Past(Remembered(HASHES, **given), **{"job": "customers", "now": "2026-11-21", **parts})


def _who(contact: Contact, mapping: Rules, identities: Mapping[int, str]) -> int:
    if contact.id in identities:
        return int(HASHES.of_texts("identity", pd.Series([identities[contact.id]], dtype="str"))[0])
    key = next(key for key in mapping.keys if contact.value(key))
    return HASHES.of_value(key, contact.value(key))


def who_by(key: str, value: str) -> int:
    """Who a row with this strongest key is."""
    return HASHES.of_value(key, value)


def identified_sheet(
    mapping: Rules, rows: Sequence[Mapping[str, str]], *, issues: Iterable[Issue] = (), **columns: Sequence[str | None]
) -> Sheet:
    """A sheet with an `identity` column, and others such as `chosen`."""
    sheet = sheet_of(mapping, [{k: v for k, v in row.items() if k != "identity"} for row in rows], issues=issues)
    table = sheet.table.copy()
    columns = {"identity": [row.get("identity") for row in rows], **columns}
    for name, texts in columns.items():
        table[name] = pd.Series(list(texts), index=table.index, dtype="str")
    return replace(sheet, table=table)
