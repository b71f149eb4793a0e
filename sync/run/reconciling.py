"""Compares the sheet and the book in both directions, for a report.

What enters: a Context, paths, a mapping. What leaves: what each row would become, and what the book has beside.
What never happens here: a write to the book; a plan that could be carried out.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sync import diff
from sync.diff.missing_groups import NotingGroups
from sync.outcome import Summary
from sync.reader import MappingFile
from sync.reconciliation import BookSide
from sync.run.context import Context
from sync.run.ending import summary
from sync.run.planning import compare, read_rows, run_meta
from sync.runs import RunFile


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Both sides: the rows in a run file that is for reports alone, and what the book has beside."""

    run_file: RunFile
    book_side: BookSide

    def summary(self, reports: Sequence[Path] = ()) -> Summary:
        """The summary object; there is no run to go back to."""
        found = summary(self.run_file, reports=reports)
        return replace(found, run=None, remote_only=len(self.book_side.remote_only))

    @property
    def differences(self) -> int:
        """How many rows and contacts are not on both sides alike, as far as that can be said."""
        outcomes = self.run_file.outcomes(planned=True)
        return outcomes.get("added", 0) + outcomes.get("edited", 0) + len(self.book_side.remote_only)


async def reconcile(
    context: Context, files: Sequence[Path], mapping_file: MappingFile, *, folder: Path, blacklist: bool = False
) -> Reconciled:
    """Reads the sheet and all of the book that can be reached, and compares them; the account must be locked.

    Args:
        context: what every run works with.
        files: the sheet's.
        mapping_file: the mapping.
        folder: for a file that is of no use once the reports are written.
        blacklist: note the rows whose number is on it.

    Raises:
        RunRefused: there are no data rows.
    """
    started = context.clock.monotonic()
    sheet = read_rows(context, files, mapping_file)
    async with context.client() as client:
        found = await compare(context, client, sheet, mapping_file, blacklist=blacklist, whole=True)
        run = f"reconcile-{found.read_at.astimezone():%Y%m%dT%H%M}-{secrets.token_hex(3)}"
        keys = diff.row_keys(found.sheet.table, mapping_file.mapping)
        side = BookSide(
            found.book,
            diff.remote_only(keys, found.plan.rows, found.book),
            diff.book_duplicates(found.book, mapping_file.mapping.keys),
        )
        meta = run_meta(context, client, mapping_file, found, run=run, started=started)
    made = replace(found.plan, changes=NotingGroups(found.plan.changes, found.new_groups, meta.new_groups))
    return Reconciled(RunFile.create(folder / run, meta, found.sheet, made, sent=client.pulse.reader()()), side)
