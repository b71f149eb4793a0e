"""Rows of a run as every report shows them.

What enters: a run's record. What leaves: flat records with their messages. What never happens here: writing.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sync import messages
from sync.record import NO_INPUT, ReportRow, RunRecord
from sync.sheet import NOWHERE, Input

COLUMNS = (
    "file", "sheet", "row", "key", "outcome", "contact_id", "changes", "code", "message", "attempts", "column",
)  # fmt: skip


class Record(NamedTuple):
    """One row, its fields in the order of `COLUMNS`; `changes` is `{field: [before, after]}`."""

    file: str
    sheet: str
    row: int | None
    key: str
    outcome: str
    contact_id: int | None
    changes: dict[str, list[Any]]
    code: str
    message: str
    attempts: int
    column: str

    def flat(self) -> list[Any]:
        """The fields as a table's cells: `changes` as a JSON object, nothing as the empty text."""
        row = "" if self.row is None else self.row
        changes = json.dumps(self.changes, ensure_ascii=False) if self.changes else ""
        contact_id = "" if self.contact_id is None else self.contact_id
        return [
            self.file, self.sheet, row, self.key, self.outcome, contact_id, changes, self.code, self.message,
            self.attempts, self.column,
        ]  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return dict(zip(COLUMNS, self, strict=True))


def records(run: RunRecord, *outcomes: str) -> Iterator[Record]:
    """The run's rows with these outcomes (all, when none is named); of a plan, what they would become."""
    inputs = run.inputs()
    for row in run.rows(*outcomes, planned=is_plan(run)):
        yield record(row, inputs)


def is_plan(run: RunRecord) -> bool:
    """Whether the run has not been carried out, so that its reports tell what would happen."""
    return not run.meta.applied_at


def source(inputs: Sequence[Input], row: ReportRow) -> Input:
    """Where the row stands; a contact whose row has left the sheet stands nowhere."""
    return NOWHERE if row.input == NO_INPUT else inputs[row.input]


def record(row: ReportRow, inputs: Sequence[Input]) -> Record:
    """One row with its place and its message."""
    found = source(inputs, row)
    first = row.remarks[0] if row.remarks else None
    return Record(
        file=found.name,
        sheet=found.sheet,
        row=row.row or None,
        key=row.key,
        outcome=row.outcome,
        contact_id=row.contact_id,
        changes={**row.changes, **{name: list(pair) for name, pair in row.altered.items()}},
        code=first.code if first else "",
        message=reasons(row),
        attempts=row.attempts,
        column=first.column if first else "",
    )


def reasons(row: ReportRow) -> str:
    """Everything that there is to say about a row, each remark after the header of its cell."""
    parts = []
    for remark in row.remarks:
        said = messages.text(remark.code, remark.values)
        parts.append(f"{remark.column}: {said}" if remark.column else said)
    return " ".join(parts)
