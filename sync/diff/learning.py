"""What a plan teaches about its rows, to be remembered once they are in the book as planned.

What enters: what became of the rows, the Book. What leaves: a Learnt.
What never happens here: learning of a row that is already remembered as it is.
"""

from collections.abc import Iterable
from collections.abc import Mapping as Dictionary

import numpy as np
import pandas as pd

from sync.book import Book
from sync.diff.past import Past, contents, who
from sync.diff.rows import strongest_values
from sync.hashes import UNKNOWN, Marks, meant
from sync.mapping import Mapping
from sync.remembered import Learnt
from sync.sheet import Sheet


def learnt(
    sheet: Sheet,
    table: pd.DataFrame,
    keys: pd.DataFrame,
    book: Book,
    mapping: Mapping,
    past: Past,
    *,
    unchanged: tuple[Marks, Marks],
    changed: Marks,
    kept: Dictionary[int, tuple[str, ...]],
    erased: Dictionary[int, str],
    own_groups: Iterable[int] = (),
) -> Learnt:
    """What is to be remembered.

    Args:
        sheet: the rows as they were read.
        table: the same, merged.
        keys: their keys.
        book: the contacts.
        mapping: the mapping.
        past: what is remembered.
        unchanged: the rows that say what the book has, and where their contacts stand.
        changed: the rows that are written.
        kept: for rows that are written the fields in which the panel's value stays.
        erased: rows whose contacts were erased, and since when that is known.
        own_groups: the groups that the mapping and the sheet name.
    """
    fields = (*mapping.columns, "groups")
    same, positions, marks = _new(*unchanged, keys, table, book, fields, past)
    gone = np.array(sorted(erased), dtype=np.int64)
    rows = np.concatenate([same, changed, gone])
    content = np.full(len(rows), UNKNOWN, dtype=np.int64)
    content[len(same) : len(same) + len(changed)] = contents(changed, table, mapping, past)
    bases = np.full((len(rows), len(fields)), UNKNOWN, dtype=np.int64)
    for place, name in enumerate(fields):
        bases[: len(same), place] = past.remembered.hashes.of_field(name, book.column(name, positions))
    groups = meant("groups", book.column("groups", positions)).drop_duplicates().dropna()
    return Learnt(
        fields=fields,
        rows=rows,
        who=who(rows, keys, table, past),
        content=content,
        marks=np.concatenate([marks, np.full(len(changed) + len(gone), UNKNOWN, dtype=np.int64)]),
        bases=bases,
        kept=kept,
        erased=erased,
        figures=figures(sheet, past.mapping_sha256, past.rules),
        group_sets=dict(zip(past.remembered.hashes.of_field("groups", groups).tolist(), groups.tolist(), strict=True)),
        own_groups=tuple(sorted(own_groups)),
    )


def figures(sheet: Sheet, mapping_sha256: str, rules: str) -> dict[str, object]:
    """What later runs measure their input by: how many rows, and for each column how many cells, and bad ones."""
    filled: dict[str, int] = {}
    bad: dict[str, int] = {}
    for each in sheet.understood:
        filled[each.name] = filled.get(each.name, 0) + each.filled
        bad[each.name] = bad.get(each.name, 0) + each.bad
    content = " ".join([mapping_sha256, *sorted(f"{each.sheet}:{each.sha256}" for each in sheet.inputs)])
    return {"rows": len(sheet), "filled": filled, "bad": bad, "content": content, "rules": rules}


def _new(
    rows: Marks,
    positions: Marks,
    keys: pd.DataFrame,
    table: pd.DataFrame,
    book: Book,
    fields: tuple[str, ...],
    past: Past,
) -> tuple[Marks, Marks, Marks]:
    """The rows that are not remembered as they are, where their contacts stand, and their marks."""
    ids = book.table["id"].to_numpy()[positions]
    columns = [
        pd.Series(ids).astype("str"),
        pd.Series(strongest_values(keys).array.take(rows)),
        *(book.column(name, positions) for name in fields if name != "groups"),
        meant("groups", book.column("groups", positions)),
    ]
    if "identity" in table:
        columns.append(pd.Series(table["identity"].array.take(rows)))
    marks = past.remembered.hashes.of_rows(" ".join(["row", *fields]), columns)
    places = past.remembered.places(ids)
    if len(past.remembered):
        new = (places < 0) | (past.remembered.marks[places] != marks)
        rows, positions, marks = rows[new], positions[new], marks[new]
    return rows, positions, marks
