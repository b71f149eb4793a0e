"""removed.csv: contacts whose rows have left the sheet, as a person reads them and a program can act on them.

What enters: a run's record. What leaves: rows of a table.
What never happens here: JSON; a group's id without its name beside it.
"""

from collections.abc import Iterator
from typing import Any

from sync.record import ReportRow, RunRecord
from sync.report.row_cells import RowCells
from sync.report.rows import is_plan, reasons

REMOVED_COLUMNS = ("contact_id", "key", "outcome", "changes", "groups", "group_ids", "code", "message", "attempts")


def removed_rows(run: RunRecord) -> Iterator[list[Any]]:
    """A row for each of them, with `REMOVED_COLUMNS`; `groups` are those that the contact leaves."""
    made, names = RowCells(run), run.meta.groups
    for row in run.departures(planned=is_plan(run)):
        left = _left_groups(row)
        yield [
            "" if row.contact_id is None else row.contact_id,
            row.key,
            row.outcome,
            made.changes(row).replace("\n", "; "),
            ", ".join(names.get(str(each), str(each)) for each in left),
            ", ".join(str(each) for each in left),
            ", ".join(dict.fromkeys(remark.code for remark in row.remarks)),
            reasons(row),
            row.attempts,
        ]


def _left_groups(row: ReportRow) -> list[int]:
    before, after = row.changes.get("groups", [[], []])
    return [each for each in before or () if each not in (after or ())]
