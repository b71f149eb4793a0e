"""What a plan is to know of its job's earlier runs, and who its rows are.

What enters: what is remembered, rows. What leaves: hashes by which rows are known again.
What never happens here: a decision about a row.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sync.diff.rows import strongest
from sync.hashes import UNKNOWN, Marks
from sync.mapping import Mapping as ColumnMapping
from sync.remembered import Remembered


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier runs of the job have left, and what has become of it by now.

    Attributes:
        remembered: what they have left.
        job: whose they are.
        gone: contacts that are remembered and that the API knows no more.
        elsewhere: contacts that another job of the account remembers.
        mapping_sha256: of the mapping by which this plan is made.
        rules: of what it says about which rows there are and who they are.
        full: whether the sheet is the whole of it.
        brings_back: whether rows whose contacts were erased are to be added again.
        now: the day that is told as the first on which something was seen.
    """

    remembered: Remembered
    job: str = ""
    mapping_sha256: str = ""
    rules: str = ""
    full: bool = True
    brings_back: bool = False
    now: str = ""
    gone: frozenset[int] = field(default_factory=frozenset)
    elsewhere: frozenset[int] = field(default_factory=frozenset)


def who(rows: Marks, keys: pd.DataFrame, table: pd.DataFrame, past: Past, *, by_identity: bool = True) -> Marks:
    """Who each of the rows is: a hash of its identity, where it has one, else of its strongest key."""
    hashes, found = past.remembered.hashes, np.full(len(rows), UNKNOWN, dtype=np.int64)
    leading = strongest(keys)[rows]
    for rank, key in enumerate(map(str, keys.columns)):
        having = np.flatnonzero(leading == rank)
        if len(having):
            found[having] = hashes.of_field(key, keys[key].take(rows[having]))
    if by_identity and "identity" in table:
        texts = pd.Series(table["identity"].array.take(rows))
        having = np.flatnonzero(texts.notna())
        found[having] = hashes.of_texts("identity", texts.take(having))
    return found


def contents(rows: Marks, table: pd.DataFrame, mapping: ColumnMapping, past: Past) -> Marks:
    """What each of the rows says, by this mapping."""
    names = [*mapping.columns, *(["groups"] if "groups" in table else [])]
    columns = [pd.Series(table[name].array.take(rows)) for name in names]
    columns.append(pd.Series(past.mapping_sha256, index=range(len(rows)), dtype="str"))
    return past.remembered.hashes.of_rows("content", columns)
