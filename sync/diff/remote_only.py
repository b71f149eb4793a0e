"""Contacts of the book that no row means.

What enters: the rows' keys, what they become, the Book. What leaves: the contacts' positions.
What never happens here: counting a contact as nobody's while a row that was not compared has its key.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from sync.book import Book

# Rows that name a contact although they were not, or could not be, matched to it.
_NAMING = ("rejected", "duplicate", "conflict", "held")


def remote_only(keys: pd.DataFrame, rows: pd.DataFrame, book: Book) -> npt.NDArray[np.int64]:
    """The positions of the contacts that no row matched, and whose keys no rejected or conflicting row has, by id.

    `rows` says what becomes of the rows (see `sync.change.Plan`).
    """
    matched = rows["contact_id"].dropna().astype("int64")
    claimed = book.table["id"].isin(matched.unique()).to_numpy(dtype=bool)
    naming = rows["planned"].isin(_NAMING).to_numpy(dtype=bool)
    if naming.any():
        for key in keys:
            named = keys[key][naming].dropna().unique()
            if len(named):
                claimed = claimed | book.keys(str(key)).isin(named).to_numpy(dtype=bool)
    alone = np.flatnonzero(~claimed)
    return alone[np.argsort(book.table["id"].to_numpy()[alone])]
