"""Rows that were refused, or stored otherwise than meant, and say the same as then.

What enters: the rows that would be written, what is remembered. What leaves: those of them that are held.
What never happens here: holding a row after it, or the mapping, has changed.
"""

import numpy as np
import pandas as pd

from sync.change import Remark
from sync.diff.past import Past, contents, who
from sync.diff.rows import Verdicts
from sync.hashes import Marks
from sync.mapping import Mapping


def hold_quarantined(
    rows: Marks, keys: pd.DataFrame, table: pd.DataFrame, mapping: Mapping, past: Past, verdicts: Verdicts
) -> None:
    """Holds the rows that would only fail, or be altered, again."""
    known = past.remembered.quarantined
    if not known or not len(rows):
        return
    names = who(rows, keys, table, past)
    suspects = np.flatnonzero(np.isin(names, list(known)))
    says = contents(rows[suspects], table, mapping, past)
    for place, content in zip(suspects.tolist(), says.tolist(), strict=True):
        found = known[int(names[place])]
        if found.content == content:
            remark = Remark("quarantined", {"since": found.since, "because": found.reason})
            verdicts.decide(int(rows[place]), "held", remark)
