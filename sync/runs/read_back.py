"""What reading the plan back has found, in the run file.

What enters: rows that are otherwise in the book than the plan says. What leaves: nothing, once it is on the disk.
What never happens here: forgetting how the run itself has left a row.
"""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sync.change import Differences, Remark
from sync.errors import RunStopped
from sync.runs.opening import fold_log
from sync.runs.run_file import RunFile

_OURS = "verified_"  # how the codes of remarks begin that are made here
_AS_JSON = f'"code": "{_OURS}'


def record_read_back(
    run_file: RunFile, first: int, last: int, found: Iterable[tuple[int, Remark, Differences]], at: datetime
) -> None:
    """Makes durable what reading back has found of the rows from the first to the last, all of it or nothing.

    What it found there before is taken away: the rows are as the run has left them, and this is laid over them. Each
    finding is a transition too, in which the change's state stays what it is.

    Args:
        run_file: the run.
        first: the number of the first of these rows.
        last: that of the last.
        found: a row's number, what there is to say, and the fields that are otherwise, `{field: [meant, now]}`.
        at: when it was found.

    Raises:
        RunStopped: the disk is full, or the file cannot be written for another reason.
    """
    connection, moment = run_file.connection, at.isoformat(timespec="milliseconds")
    before = "SELECT number, remarks, altered FROM rows WHERE number BETWEEN ? AND ? AND instr(remarks, ?)"
    try:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            for number, remarks, altered in connection.execute(before, (first, last, _AS_JSON)).fetchall():
                _say(connection, number, moment, "", *_as_left(json.loads(remarks), json.loads(altered)))
            for number, remark, otherwise in found:
                remarks, altered = _said(connection, number)
                replaced = {name: altered[name] for name in otherwise if name in altered}
                told = Remark(remark.code, {**remark.values, "otherwise": list(otherwise), "replaced": replaced})
                _say(connection, number, moment, remark.code, [*remarks, told.to_dict()], {**altered, **otherwise})
    except sqlite3.Error as error:
        raise RunStopped("journal_failed", file=str(run_file.path), reason=str(error)) from error
    fold_log(connection)


def _said(connection: sqlite3.Connection, number: int) -> tuple[list[Any], Differences]:
    query = "SELECT remarks, altered FROM rows WHERE number = ?"
    remarks, altered = connection.execute(query, (number,)).fetchone()
    return json.loads(remarks), json.loads(altered)


def _say(
    connection: sqlite3.Connection, number: int, at: str, code: str, remarks: list[Any], altered: Differences
) -> None:
    values = (json.dumps(remarks, ensure_ascii=False), json.dumps(altered, ensure_ascii=False), number)
    connection.execute("UPDATE rows SET remarks = ?, altered = ? WHERE number = ?", values)
    connection.execute(
        "INSERT INTO transitions (change, state, at, detail) SELECT number, state, ?, ? FROM changes WHERE number = ?",
        (at, code, number),
    )


def _as_left(remarks: list[Any], altered: Differences) -> tuple[list[Any], Differences]:
    """What was said of a row before it was read back."""
    for each in remarks:
        if each["code"].startswith(_OURS):
            otherwise = each["values"]["otherwise"]
            altered = {name: pair for name, pair in altered.items() if name not in otherwise}
            altered |= each["values"]["replaced"]
    return [each for each in remarks if not each["code"].startswith(_OURS)], altered
