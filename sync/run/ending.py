"""How a run ended.

What enters: run files. What leaves: the summary object, the runs whose apply has begun.
What never happens here: a change to a run file.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sync.errors import UsageError
from sync.history import Tally
from sync.outcome import Summary
from sync.runs import RunFile, StateDirectory


def summary(run_file: RunFile, *, reports: Sequence[Path] = (), refused: bool = False) -> Summary:
    """The summary object of a run; of a plan that is not carried out, what its rows would become."""
    meta = run_file.meta
    planned = not meta.applied_at
    tally = run_file.tally()
    removals = run_file.removals(planned=True) if planned and not refused and meta.departed else tally.removals
    found = Summary(
        run=meta.run,
        status="planned",
        rows=tally.rows,
        outcomes=_outcomes(run_file, tally, planned=planned and not refused),
        altered=tally.altered,
        removed=_removed(removals),
        departed=removals if meta.departed else {},
        remote_only=meta.remote_only,
        requests=meta.requests,
        retries=meta.retries,
        seconds=meta.seconds,
        reports=tuple(str(path) for path in reports),
        verified=meta.verified,
    )
    if planned:
        return found.with_status("refused") if refused else found
    if meta.status in ("interrupted", "aborted"):
        return found.with_status("interrupted" if meta.status == "interrupted" else "aborted")
    if meta.status != "completed":  # killed while it was being applied
        return found.with_status("aborted")
    return found.with_status("completed_with_errors" if found.troubled else "completed")


def _outcomes(run_file: RunFile, tally: Tally, *, planned: bool) -> dict[str, int]:
    """How many rows ended how; of an undo, deletes too."""
    found = dict(tally.planned if planned else tally.outcomes)
    return {"deleted": 0, **found} if run_file.meta.undoes else found


def _removed(found: Mapping[str, int]) -> dict[str, int]:
    """What was taken out of the book, or out of groups."""
    return {"deleted": found.get("deleted", 0), "from_groups": found.get("edited", 0), "failed": found.get("failed", 0)}


def begun_runs(state: StateDirectory) -> Iterator[Path]:
    """The files of the runs whose apply has begun, the one begun last first."""
    found: list[tuple[str, Path]] = []
    for path in state.run_paths():
        try:
            run_file = RunFile.open(path, look=True)
        except UsageError:
            continue  # a damaged file among others must not hide them
        if run_file.meta.applied_at:
            found.append((run_file.meta.applied_at, path))
        run_file.close()
    return (path for _, path in sorted(found, reverse=True))
