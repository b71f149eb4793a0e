"""What a plan has learned of its rows, and what became of them: what memory is to be told.

What enters: a plan's Learnt; a run file. What leaves: the same, beside the rows' outcomes.
What never happens here: memory; a row whose outcome is not durable told as done.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sync.change import Remark
from sync.contact import Contact
from sync.remembered import Learnt
from sync.runs.damage import unless_damaged

if TYPE_CHECKING:
    from sync.runs.run_file import RunFile

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Taught:
    """One row that a run has something to say of.

    Attributes:
        who, content: see `sync.remembered.Learnt`.
        kept: the fields in which the panel's value stays.
        outcome: what became of the row.
        contact_id: its contact, where it has one.
        stored: the contact as the API showed it last, where the run has written it.
        altered: whether it was stored otherwise than meant.
        remarks: what there is to say.
    """

    who: int
    content: int
    kept: tuple[str, ...]
    outcome: str
    contact_id: int | None
    stored: Contact | None
    altered: bool
    remarks: tuple[Remark, ...]


def write_learnt(connection: sqlite3.Connection, learnt: Learnt) -> None:
    """Writes what a plan has learned into its new file."""
    width = 8 * len(learnt.fields)
    bases = learnt.bases.astype("<i8").tobytes()
    connection.executemany(
        "INSERT INTO learnt VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (
                row,
                who,
                content,
                mark,
                bases[place * width : place * width + width] if mark else b"",
                json.dumps(learnt.kept[row]) if row in learnt.kept else "[]",
                learnt.erased.get(row, ""),
            )
            for place, (row, who, content, mark) in enumerate(
                zip(
                    learnt.rows.tolist(),
                    learnt.who.tolist(),
                    learnt.content.tolist(),
                    learnt.marks.tolist(),
                    strict=True,
                )
            )
        ),
    )


@unless_damaged
def seen_rows(run_file: "RunFile") -> list[tuple[int, int, int, bytes]]:
    """Of the rows that say what the book has, and were not remembered so: contact, who, mark, bases."""
    query = "SELECT contact_id, who, mark, bases FROM learnt JOIN rows USING (number) WHERE mark <> 0"
    found: list[Any] = run_file.connection.execute(query).fetchall()
    return found


@unless_damaged
def erased_rows(run_file: "RunFile") -> dict[int, str]:
    """The rows (as in `who`) that were held because their contact was erased, and since when that is known."""
    return dict(run_file.connection.execute("SELECT who, erased FROM learnt WHERE erased <> ''"))


@unless_damaged
def departed_contacts(run_file: "RunFile", *, gone: bool) -> list[int]:
    """The contacts whose rows have left the sheet and with which the job has nothing to do any more.

    With `gone` those that somebody else has deleted, otherwise the others.
    """
    query = """
        SELECT contact_id FROM rows WHERE number >= ? AND contact_id IS NOT NULL
        AND outcome IN ('deleted', 'edited', 'unchanged')
        AND (coalesce(json_extract(remarks, '$[0].code'), '') IN ('departed_gone', 'delete_already_gone')) = ?"""
    return [contact_id for (contact_id,) in run_file.connection.execute(query, (run_file.row_count, gone))]


@unless_damaged
def taught_rows(run_file: "RunFile") -> Iterator[Taught]:
    """The rows that were to be written and of which something became, in order, read in batches."""
    query = """
        SELECT number, who, content, kept, outcome, contact_id, stored, altered, remarks
        FROM learnt JOIN rows USING (number) JOIN changes USING (number)
        WHERE number > ? AND content <> 0 AND outcome IN ('added', 'edited', 'unchanged', 'failed')
        ORDER BY number LIMIT ?"""
    last = -1
    while batch := run_file.connection.execute(query, (last, _BATCH)).fetchall():
        for _, who, content, kept, outcome, contact_id, stored, altered, remarks in batch:
            yield Taught(
                who=who,
                content=content,
                kept=tuple(json.loads(kept)),
                outcome=outcome,
                contact_id=contact_id,
                stored=Contact.from_dict(json.loads(stored)) if stored else None,
                altered=altered != "{}",
                remarks=tuple(map(Remark.from_dict, json.loads(remarks))),
            )
        last = batch[-1][0]
