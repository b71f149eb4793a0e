"""Rows that no key finds, and that earlier runs knew: changed keys, and contacts that were erased.

What enters: the rows' keys, the Book, what is remembered. What leaves: for each row the contact that it became once.
What never happens here: taking a row for a remembered one where a second one could be meant.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from sync.book import Book
from sync.change import Remark
from sync.diff.numbered import NONE, numbered
from sync.diff.past import Past, who
from sync.diff.rows import Verdicts, strongest
from sync.hashes import EMPTY, UNKNOWN, Marks

NOBODY = -1


def remembered_contacts(keys: pd.DataFrame, table: pd.DataFrame, book: Book, past: Past) -> Marks:
    """The contact that each row became in an earlier run; `NOBODY` for rows whose strongest key the book has.

    A row is known by its identity, else by its strongest key; else by a weaker key that names exactly one remembered
    row, and that one has left the sheet.
    """
    found = np.full(len(keys), NOBODY, dtype=np.int64)
    rows = _lost(keys, book)
    if not len(rows) or not len(past.remembered):
        return found
    found[rows] = past.remembered.contacts_of(who(rows, keys, table, past))
    unknown = rows[found[rows] == NOBODY]
    if len(unknown) and past.full:
        found[unknown] = _by_weaker_keys(unknown, keys, table, past)
    return found


def identified_contacts(keys: pd.DataFrame, table: pd.DataFrame, past: Past) -> Marks:
    """The contact that each row became in an earlier run by its identity alone; `NOBODY` where it does not say.

    A row whose contact a person, or the sheet, names by its id says enough.
    """
    found = np.full(len(keys), NOBODY, dtype=np.int64)
    if "identity" not in table or not len(past.remembered):
        return found
    named = keys["id"].notna().to_numpy(dtype=bool) if "id" in keys else np.zeros(len(keys), dtype=bool)
    rows = np.flatnonzero(table["identity"].notna().to_numpy(dtype=bool) & ~named)
    texts = pd.Series(table["identity"].array.take(rows))
    found[rows] = past.remembered.contacts_of(past.remembered.hashes.of_texts("identity", texts))
    return found


def to_look_at(contacts: Marks, keys: pd.DataFrame, table: pd.DataFrame, book: Book, past: Past) -> list[int]:
    """The contacts of rows (see `remembered_contacts`) that were not read, and of which nobody knows whether they are.

    One that is known to be erased is looked for no more.
    """
    rows = np.flatnonzero(contacts != NOBODY)
    rows = rows[~np.isin(contacts[rows], book.table["id"].to_numpy())]
    if len(rows) and past.remembered.erased and not past.brings_back:
        rows = rows[~np.isin(who(rows, keys, table, past), list(past.remembered.erased))]
    return sorted(set(contacts[rows].tolist()))


def positions_of(contacts: Marks, book: Book) -> Marks:
    """Where contacts stand in the book's table; `NOBODY` where they do not."""
    if not (contacts != NOBODY).any():
        return contacts
    found: Marks = pd.Index(book.table["id"]).get_indexer(pd.Index(contacts)).astype(np.int64)
    return found


def hold_erased(
    adds: Marks, contacts: Marks, keys: pd.DataFrame, table: pd.DataFrame, past: Past, verdicts: Verdicts
) -> dict[int, str]:
    """Holds the rows that would be added though their contact was erased; since when each is known to be."""
    known = past.remembered.erased
    if past.brings_back or not (known or past.gone):
        return {}
    names = dict(zip(adds.tolist(), who(adds, keys, table, past).tolist(), strict=True))
    held: dict[int, str] = {}
    for row, name in names.items():
        if name in known or int(contacts[row]) in past.gone:
            held[row] = known.get(name, past.now)
            verdicts.decide(row, "held", Remark("erased_in_panel", {"since": held[row]}))
    return held


def _lost(keys: pd.DataFrame, book: Book) -> Marks:
    """The rows whose strongest key no contact of the book has."""
    leading, lost = strongest(keys), np.zeros(len(keys), dtype=bool)
    for rank, key in enumerate(map(str, keys.columns)):
        rows = np.flatnonzero(leading == rank)
        if len(rows) and key != "id":  # an id that the book lacks is no row of ours to find again
            lost[rows] = numbered(book.keys(key), keys[key]).wanted[rows] == NONE
    return np.flatnonzero(lost)


def _by_weaker_keys(rows: Marks, keys: pd.DataFrame, table: pd.DataFrame, past: Past) -> Marks:
    remembered, leading = past.remembered, strongest(keys)[rows]
    found = np.full(len(rows), NOBODY, dtype=np.int64)
    weaker = [(rank, key) for rank, key in enumerate(map(str, keys.columns)) if rank and key in remembered.fields]
    if not weaker:
        return found
    everybody = np.arange(len(keys))
    names = (who(everybody, keys, table, past, by_identity=by) for by in (False, True))
    still_here = np.isin(remembered.who, _union(names))
    for rank, key in weaker:
        having = np.flatnonzero((leading < rank) & keys[key].take(rows).notna().to_numpy(dtype=bool))
        having = having[~keys[key].duplicated(keep=False).to_numpy(dtype=bool)[rows[having]]]
        bases = remembered.base(key, np.arange(len(remembered)))
        once = np.flatnonzero(
            ~pd.Series(bases).duplicated(keep=False).to_numpy(dtype=bool) & (bases != EMPTY) & (bases != UNKNOWN)
        )
        if not len(once):
            continue
        place = pd.Index(bases[once]).get_indexer(
            pd.Index(remembered.hashes.of_field(key, keys[key].take(rows[having])))
        )
        named = once[place]
        contacts = np.where((place >= 0) & ~still_here[named], remembered.contact_ids[named], NOBODY)
        other = (found[having] != NOBODY) & (contacts != NOBODY) & (found[having] != contacts)
        found[having] = np.where(contacts != NOBODY, contacts, found[having])
        found[having[other]] = NOBODY
    return found


def _union(marks: Iterable[Marks]) -> Marks:
    return np.unique(np.concatenate(list(marks)))
