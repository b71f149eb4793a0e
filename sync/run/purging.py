"""Forgets old runs: their files, and the reports that were written of them.

What enters: the state directory, an age. What leaves: what would go, what stays and why; then the deletion.
What never happens here: a run forgotten that can still be finished; a file deleted that is not known to be the run's.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sync.errors import UsageError
from sync.history import PastRun, UnreadableRun
from sync.report.folder import RECORD
from sync.run.past import looked_at
from sync.runs import StateDirectory


@dataclass(frozen=True, slots=True)
class Old:
    """A run that is old enough.

    Attributes:
        files: what goes, in the order in which it does; the run file is the last, since it knows of the others.
        stays: why it is kept, as the code of a message; empty where it goes.
        elsewhere: the run file, where somebody has saved it outside the state directory: it is left.
    """

    run: str
    files: tuple[Path, ...]
    stays: str = ""
    elsewhere: Path | None = None


def old_runs(state: StateDirectory, now: datetime, age: timedelta, *, reports: bool = True) -> list[Old]:
    """The runs to which nothing was written for so long, the newest first; with `reports`, theirs go too."""
    found = []
    for run, path in state.runs().items():
        each = looked_at(state, run, path, now)
        if now - _written(each) < age:
            continue
        found.append(to_forget(state, run, path, each, reports=reports))
    return found


def to_forget(
    state: StateDirectory, run: str, path: Path, found: PastRun | UnreadableRun, *, reports: bool = True
) -> Old:
    """What goes of a run when it is forgotten, or why it stays."""
    own = state.files_of(run)
    elsewhere = None if path in own else path
    if isinstance(found, UnreadableRun):
        return Old(run, tuple(own), elsewhere=elsewhere)
    if any(one.code == "past_next_resume" for one in found.advice):
        return Old(run, (), "purge_unfinished", elsewhere)
    told = [Path(report) for report in found.summary.reports] if reports else []
    return Old(run, (*told, *own), elsewhere=elsewhere)


def _written(run: PastRun | UnreadableRun) -> datetime:
    """When something was written to a run last."""
    if isinstance(run, UnreadableRun):
        return datetime.fromtimestamp(run.path.stat().st_mtime, UTC)
    moments = (run.meta.created, run.meta.applied_at, run.ended_at)
    return max(datetime.fromisoformat(moment) for moment in moments if moment)


def forget(runs: Iterable[Old]) -> None:
    """Deletes what goes; a folder of reports that is empty then goes too.

    Raises:
        UsageError: a file cannot be deleted; what was deleted before stays deleted.
    """
    for each in runs:
        for path in each.files:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise UsageError("purge_failed", file=path, reason=error.strerror or str(error)) from error
        for folder in {path.parent for path in each.files if path.parent.name == each.run}:
            with suppress(OSError):  # something else is in it
                (folder / RECORD).unlink(missing_ok=True)
                folder.rmdir()
