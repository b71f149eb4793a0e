"""What past runs did, and what can be done about them now; offline.

What enters: the state directory, what somebody calls a run. What leaves: runs as they stand.
What never happens here: a request; a change to a run file.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from sync import messages
from sync.apply.emptied_groups import open_groups
from sync.errors import UsageError
from sync.history import Advice, PastRun, UnreadableRun
from sync.outcome import TROUBLED
from sync.record import Reason, RunMeta
from sync.run.ending import begun_runs, summary
from sync.runs import RunFile, StateDirectory

LAST = "last"
Last = Literal["newest", "begun", "undoable", "plan"]
_NONE = {"newest": "run_none_yet", "begun": "run_none", "undoable": "undo_none", "plan": "plan_none"}
_MOST_NAMED = 5
_BEGINNING = 1000  # letters of a report.json, in which the run's id stands
_CHANGES = ("added", "edited", "deleted")
_OLDEST_PLAN = timedelta(hours=24)  # as `sync.runs.binding` has it


def find(state: StateDirectory, name: str, last: Last = "newest") -> Path:
    """The file of a run: by its path, its id, an unambiguous beginning of its id, or `last`.

    Args:
        state: where runs are remembered.
        name: what somebody calls it.
        last: what `last` means: the newest run, the one that was begun last, the one of those that is no undo, or the
            newest plan that was not begun.

    Raises:
        UsageError: there is no such run, or there are several.
    """
    known = state.runs()
    with suppress(UsageError):
        return state.find_run(name)
    if name == LAST:
        found = next(_meant(state, known, last), None)
        if found is None:
            raise UsageError(_NONE[last], state=state.path, last=_newest(known))
        return found
    begun = [run for run in known if name and run.startswith(name)]
    if len(begun) > 1:
        more = ", …" if len(begun) > _MOST_NAMED else ""
        raise UsageError("run_ambiguous", run=name, runs=", ".join(begun[:_MOST_NAMED]) + more)
    if not begun:
        raise UsageError("run_unknown", run=name, state=str(state.path), last=_newest(known))
    return known[begun[0]]


def id_of(path: Path) -> str:
    """The id of the run in a file; the file's name where the file cannot be read."""
    try:
        return _looked(path).run
    except UsageError:
        return path.stem


def _meant(state: StateDirectory, known: Mapping[str, Path], last: Last) -> Iterator[Path]:
    """The runs that `last` could mean, the likeliest first."""
    if last == "newest":
        yield from sorted(known.values(), key=_made, reverse=True)
    elif last == "plan":
        yield from (path for path in sorted(known.values(), key=_made, reverse=True) if _is_plan(path))
    else:
        for path in begun_runs(state):
            if last == "begun" or not _looked(path).undoes:
                yield path


def _looked(path: Path) -> RunMeta:
    run_file = RunFile.open(path, look=True)
    run_file.close()
    return run_file.meta


def _is_plan(path: Path) -> bool:
    try:
        meta = _looked(path)
    except UsageError:
        return False  # a damaged file among others must not hide them
    return meta.status == "planned" and not meta.applied_at


def _newest(known: Mapping[str, Path]) -> str:
    """The ids of the newest runs, for whoever named none of them."""
    return ", ".join(list(known)[:_MOST_NAMED])


def past_runs(state: StateDirectory, now: datetime, *, most: int | None = None) -> list[PastRun | UnreadableRun]:
    """The runs that can be found, the newest first; those whose files cannot be read are among them."""
    known = sorted(state.runs().items(), key=lambda each: _made(each[1]), reverse=True)
    return [looked_at(state, run, path, now) for run, path in known[:most]]


def run_count(state: StateDirectory) -> int:
    """How many runs can be found."""
    return len(state.runs())


def looked_at(state: StateDirectory, run: str, path: Path, now: datetime) -> PastRun | UnreadableRun:
    """How a run stands, or why its file cannot be read."""
    try:
        run_file = RunFile.open(path, look=True)
    except UsageError as error:
        return UnreadableRun(run, path, error)
    try:
        return past_run(state, run_file, now)
    except UsageError as error:
        return UnreadableRun(run, path, error)
    finally:
        run_file.close()


def past_run(state: StateDirectory, run_file: RunFile, now: datetime, *, reasons: bool = False) -> PastRun:
    """How the run stands; with `reasons`, why rows did not make it too."""
    meta = run_file.meta
    last, part = state.last_part(meta.account)
    known = {meta.run} if meta.applied_at else {meta.run, *([meta.after] if part == meta.after_part else [])}
    superseded = meta.status == "superseded" or (meta.status != "completed" and last not in known)
    running = meta.status == "applying" and last == meta.run and state.is_held(meta.account)
    found = summary(run_file, reports=_reports(meta))
    return PastRun(
        path=run_file.path,
        meta=meta,
        inputs=run_file.inputs(),
        summary=found,
        ended_at=run_file.last_moment(),
        advice=() if running else tuple(_advice(run_file, found.outcomes, now, superseded=superseded)),
        running=running,
        superseded=superseded,
        reasons=_reasons(run_file) if reasons else {},
    )


def _reports(meta: RunMeta) -> list[Path]:
    """The run's reports that are still where they were written; none where those of another run have replaced them."""
    paths = [path for path in map(Path, meta.reports) if path.is_file()]
    for path in paths:
        if path.suffix == ".json":
            with path.open(encoding="utf-8", errors="replace") as file:
                if f'"{meta.run}"' not in file.read(_BEGINNING):
                    return []
    return paths


def _reasons(run_file: RunFile) -> dict[str, list[Reason]]:
    planned = not run_file.meta.applied_at
    return {outcome: run_file.reasons(outcome, planned=planned) for outcome in (*TROUBLED, "held")}


def _made(path: Path) -> tuple[str, float]:
    """When a run was planned, to sort by; of a file that cannot be read, when it was written to last."""
    try:
        run_file = RunFile.open(path, look=True)
    except UsageError:
        moment = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return moment.isoformat(timespec="seconds"), path.stat().st_mtime
    run_file.close()
    made = datetime.fromisoformat(run_file.meta.created).astimezone(UTC).isoformat(timespec="seconds")
    return made, path.stat().st_mtime  # of two that were made in one second, the one that was written to later


def _advice(run_file: RunFile, outcomes: Mapping[str, int], now: datetime, *, superseded: bool) -> Iterator[Advice]:
    """What can be done next, the first thing first."""
    meta, changes = run_file.meta, any(outcomes.get(outcome) for outcome in _CHANGES)
    changes = changes or any(run_file.removals(planned=not meta.applied_at).get(outcome) for outcome in _CHANGES)
    if not meta.applied_at:
        if changes or meta.breaches:
            yield _plan_advice(run_file.path, meta, now, superseded=superseded)
        return
    if meta.status not in ("completed", "superseded") and not superseded and _has_work(run_file):
        yield Advice("past_next_resume", f"imsync resume {meta.run}")
    if changes:
        if meta.undone_by:
            yield Advice("past_next_undone", f"imsync runs show {meta.undone_by[-1]}", {"run": meta.undone_by[-1]})
        else:
            yield Advice("past_next_undo", f"imsync undo {meta.run}")


def _has_work(run_file: RunFile) -> bool:
    return bool(run_file.count("planned", "sending", "unsure")) or any(open_groups(run_file.meta))


def _plan_advice(path: Path, meta: RunMeta, now: datetime, *, superseded: bool) -> Advice:
    if superseded or now - datetime.fromisoformat(meta.read_at) > _OLDEST_PLAN:
        return Advice("past_next_stale")
    lifted = "".join(f" --allow {each['guard']}" for each in meta.breaches)
    code = "page_next_allow" if lifted else "page_next_apply"
    return Advice(code, f"imsync apply {messages.shell_word(path)}{lifted}")
