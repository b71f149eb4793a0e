"""A plan written into a new run file.

What enters: a sheet and its plan. What leaves: rows and changes in a file's tables, the fingerprint of the changes.
What never happens here: a row left out; the cells kept of a row whose work is done.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sync.change import Departures, Plan, Remark
from sync.record import NO_INPUT
from sync.sheet import Sheet

STANDARD_INPUT = "-"
_INSERTED = 1 << 14  # rows that are made of columns at once
_DONE = ("unchanged", "duplicate")  # rows about which nothing more is to be told than where they are
_PENDING = {"added": "pending", "edited": "pending", "deleted": "pending"}


def write_plan(connection: sqlite3.Connection, sheet: Sheet, plan: Plan) -> str:
    """Fills a new file's inputs, rows and changes; returns the fingerprint of the changes."""
    for number, each in enumerate(sheet.inputs):
        data = {name: getattr(each, name) for name in each.__slots__ if name not in ("cells", "notes")}
        data["notes"] = [asdict(note) for note in each.notes]
        if each.path != STANDARD_INPUT:  # a plan may be applied from another folder
            data["path"] = str(Path(each.path).absolute())
        connection.execute("INSERT INTO inputs VALUES (?, ?)", (number, json.dumps(data)))
    connection.executemany(
        "INSERT INTO rows (number, input, row, key, planned, outcome, contact_id, remarks, notes, cells)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        chain(_row_records(sheet, plan), _departure_records(len(sheet), plan.departures)),
    )
    digest = hashlib.sha256()

    def change_records() -> Iterator[tuple[int, str]]:
        for change in chain(plan.changes, plan.departures.changes):
            data = json.dumps(change.to_dict(), ensure_ascii=False)
            digest.update(data.encode() + b"\n")
            yield change.row, data

    connection.executemany("INSERT INTO changes (number, data) VALUES (?, ?)", change_records())
    return digest.hexdigest()


def first_counts(plan: Plan) -> dict[str, Any]:
    """How many rows there are before anything is sent."""
    planned = plan.counts()
    outcomes: dict[str, int] = {}
    for outcome, count in planned.items():
        so_far = _PENDING.get(outcome, outcome)
        outcomes[so_far] = outcomes.get(so_far, 0) + count
    removals: dict[str, int] = {"pending": planned["deleted"]} if planned.get("deleted") else {}
    for outcome, count in plan.departures.counts().items():
        so_far = _PENDING.get(outcome, outcome)
        removals[so_far] = removals.get(so_far, 0) + count
    return {
        "transitions": 0, "rows": len(plan.rows), "planned": planned, "outcomes": outcomes, "altered": 0,
        "removals": removals,
    }  # fmt: skip


def _row_records(sheet: Sheet, plan: Plan) -> Iterator[tuple[Any, ...]]:
    """The rows, made of columns batch by batch; those whose work is done keep no cells."""
    done = plan.rows["planned"].isin(_DONE).to_numpy(dtype=bool)
    if any(each.cells is None for each in sheet.inputs):
        done = np.ones_like(done)  # the rows of an undo stand in no file
    cells = sheet.cells(~done)
    for start in range(0, len(sheet), _INSERTED):
        rows = range(start, min(start + _INSERTED, len(sheet)))
        part, planned = sheet.table.iloc[start : rows.stop], plan.rows.iloc[start : rows.stop]
        outcomes = planned["planned"].tolist()
        texts: list[str | None] = [None] * len(rows)
        for place in np.flatnonzero(~done[start : rows.stop]).tolist():
            texts[place] = json.dumps([cell.to_json() for cell in next(cells)], ensure_ascii=False)
        yield from zip(
            rows,
            part["input"].tolist(),
            part["row"].tolist(),
            planned["key"].tolist(),
            outcomes,
            [_PENDING.get(outcome, outcome) for outcome in outcomes],
            [None if found is pd.NA else found for found in planned["contact_id"].tolist()],
            _said(plan.remarks, rows),
            _said(plan.notes, rows),
            texts,
            strict=True,
        )


def _departure_records(first: int, departures: Departures) -> Iterator[tuple[Any, ...]]:
    """The contacts whose rows have left the sheet, numbered from `first` on."""
    columns = (departures.rows[name].tolist() for name in ("planned", "contact_id", "key"))
    for number, (planned, contact_id, key) in enumerate(zip(*columns, strict=True), start=first):
        remarks = _remarks_json(departures.remarks.get(number))
        yield number, NO_INPUT, 0, key, planned, _PENDING.get(planned, planned), contact_id, remarks, "[]", None


def _said(remarks: Mapping[int, list[Remark]], rows: range) -> list[str]:
    """For each of the rows what there is to say, as JSON."""
    return [_remarks_json(remarks.get(row)) for row in rows] if remarks else ["[]"] * len(rows)


def _remarks_json(remarks: list[Remark] | None) -> str:
    return json.dumps([remark.to_dict() for remark in remarks], ensure_ascii=False) if remarks else "[]"
