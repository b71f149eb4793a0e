"""`imsync run`: named jobs from imsync.toml, one after the other."""

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from sync import language, messages
from sync.cli import printing
from sync.cli.answers import error_data, tell
from sync.cli.commands.sync import sync
from sync.cli.durations import DURATION
from sync.cli.jobs_file import FILE, Job, Jobs, read_jobs
from sync.cli.options import Options, common_options
from sync.cli.progress import set_up_logging
from sync.cli.state import state_directory
from sync.cli.stopping import SIGNALS
from sync.errors import ImsyncError, UsageError
from sync.report import departed_counts, visible

# The worst first: a bug, credentials, a mistake, an interruption, a refusal, troubled rows.
_WORST = (1, 5, 2, 6, 4, 3, 10, 0)
_STOPPED = 6
_NO_TIME = 1.0  # seconds in which no job can be begun


@dataclass(frozen=True, slots=True)
class _Done:
    """How a job ended.

    Attributes:
        code: its exit code; None where it was not begun.
        found: its object.
    """

    job: str
    code: int | None
    found: dict[str, Any]


@click.command()
@click.argument("names", nargs=-1, metavar="[JOB…]")
@click.option("--all", "everything", is_flag=True, help="All jobs of the file, one after the other.")
@click.option("--list", "listed", is_flag=True, help="Only say which jobs there are.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help=f"The jobs.  [default: {FILE}]")
@click.option("--dry-run", is_flag=True, help="Stop each job after its plan.")
@click.option("--max-runtime", type=DURATION, metavar="TIME", help="For all jobs together: 90m, 2h.")
@common_options(remote=False, state=True)
def run(
    names: tuple[str, ...],
    config: Path | None,
    options: Options,
    *,
    everything: bool,
    listed: bool,
    dry_run: bool,
) -> int:
    """Run named jobs from imsync.toml, as “imsync sync --yes” would; nothing is ever asked.

    All paths in the file are meant from the folder in which it stands. Runs older than its keep_runs are forgotten
    at the end.

    \b
    imsync run customers
    imsync run --all --log-format json
    imsync run --list
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    path = (config or Path(FILE)).absolute()
    if not path.is_file():
        raise UsageError("jobs_no_file", file=path)
    jobs = read_jobs(path, sync)
    if listed:
        _list(jobs, options)
        return 0
    if everything == bool(names):
        raise UsageError("jobs_which", known=", ".join(jobs.jobs))
    unknown = [name for name in names if name not in jobs.jobs]
    if unknown:
        raise UsageError("jobs_unknown", job=", ".join(unknown), known=", ".join(jobs.jobs))
    chosen = [jobs.jobs[name] for name in (names or jobs.jobs)]
    with contextlib.chdir(path.parent):
        done = list(_each(chosen, jobs, options, dry_run=dry_run))
        set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
        forgotten = 0 if dry_run else _forgotten(jobs, options)
    return _ended(done, forgotten, options)


def _each(jobs: Sequence[Job], file: Jobs, options: Options, *, dry_run: bool) -> Iterator[_Done]:
    """Runs one job after the other; none after somebody has asked to stop, or when the time is up."""
    SIGNALS.seen = False
    began = time.monotonic()
    for job in jobs:
        left = None if options.max_runtime is None else options.max_runtime - (time.monotonic() - began)
        if SIGNALS.seen or (left is not None and left < _NO_TIME):
            yield _Done(job.name, None, {"status": None})
            continue
        yield _one(job, file, options, left, dry_run=dry_run)


def _one(job: Job, file: Jobs, options: Options, left: float | None, *, dry_run: bool) -> _Done:
    from sync.cli.main import ended

    if not (options.quiet or options.as_json):
        printing.result(f"\n== {job.name} ==\n")
    files = job.files(Path.cwd())
    words = [*_words(job, file, options, left), *(["--dry-run"] if dry_run else []), "--", *files]
    with printing.collected() as objects, _named(job.name):
        if files:
            code = ended(["sync", *words])
        else:
            error = UsageError("jobs_no_match", job=job.name, patterns=", ".join(job.patterns))
            tell(error)
            objects.append({"run": None, "status": None, "error": error_data(error)})
            code = error.exit_code
    return _Done(job.name, code, objects[-1] if objects else {"run": None, "status": None})


def _words(job: Job, file: Jobs, options: Options, left: float | None) -> Iterator[str]:
    """The options of the job's command."""
    yield from ("-m", job.mapping, "--yes", f"--log-format={options.log_format}")
    yield from (word for word in job.words if left is None or not word.startswith("--max-runtime="))
    if left is not None:
        yield f"--max-runtime={min(left, job.max_runtime or left):.3f}"
    folder = options.state_dir or file.state_dir
    if folder is not None:
        yield f"--state-dir={folder}"
    # With --json the job's own text is no result; its object is collected.
    yield from (
        word for word, said in (("--json", options.as_json), ("-q", options.quiet), ("-v", options.verbose)) if said
    )


@contextlib.contextmanager
def _named(job: str) -> Iterator[None]:
    """The job's log lines have its name."""
    before = os.environ.get("IMSYNC_JOB")
    os.environ["IMSYNC_JOB"] = job
    try:
        yield
    finally:
        os.environ.pop("IMSYNC_JOB")
        if before is not None:
            os.environ["IMSYNC_JOB"] = before


def _forgotten(jobs: Jobs, options: Options) -> int:
    """Forgets the runs that are old enough; how many they were."""
    if jobs.keep_runs is None:
        return 0
    from sync.clock import SystemClock
    from sync.run.purging import forget, old_runs

    state = state_directory(
        options if options.state_dir or not jobs.state_dir else Options(state_dir=Path(jobs.state_dir))
    )
    try:
        old = [each for each in old_runs(state, SystemClock().now(), timedelta(seconds=jobs.keep_runs)) if each.files]
        forget(old)
    except ImsyncError as error:  # what the jobs did is told all the same
        tell(error)
        return 0
    return len(old)


def _list(jobs: Jobs, options: Options) -> None:
    if options.as_json:
        found = [
            {"job": each.name, "files": list(each.patterns), "mapping": each.mapping, "profile": each.profile}
            for each in jobs.jobs.values()
        ]
        printing.result_object({"status": "completed", "config": str(jobs.path), "jobs": found})
        return
    widest = max(map(len, jobs.jobs))
    for each in jobs.jobs.values():
        profile = f"  ({each.profile})" if each.profile else ""
        printing.result(visible(f"{each.name:<{widest}}  {', '.join(each.patterns)} -m {each.mapping}{profile}"))


def _ended(done: Sequence[_Done], forgotten: int, options: Options) -> int:
    """Tells how all of it ended; the worst exit code."""
    codes = [_STOPPED if each.code is None else each.code for each in done]
    code = min(codes, key=lambda one: _WORST.index(one) if one in _WORST else -1)
    if options.as_json:
        jobs = [{"job": each.job, "exit_code": each.code, **each.found} for each in done]
        printing.result_object({"status": _status(code), "exit_code": code, "jobs": jobs, "forgotten": forgotten})
    elif not options.quiet:
        widest = max(len(each.job) for each in done)
        lines = [f"{each.job:<{widest}}  {_said(each)}" for each in done]
        printing.result("\n".join(["", *lines]))
        if forgotten:
            printing.result(messages.text("jobs_forgotten", {"runs": forgotten}))
    printing.event("jobs_ended", exit_code=code, jobs={each.job: each.code for each in done})
    return code


def _status(code: int) -> str:
    told = {0: "completed", 3: "completed_with_errors", 4: "refused", 6: "interrupted"}
    return told.get(code, "aborted")


def _said(done: _Done) -> str:
    if done.code is None:
        return messages.phrase("job_not_begun")
    outcomes = done.found.get("outcomes") or {}
    status = done.found.get("status")
    plan = status in ("planned", "refused")
    when = "would" if plan else "done"
    counted = ", ".join(
        f"{language.number(count)} {messages.label(f'page_{when}_{outcome}')}"
        for outcome, count in outcomes.items()
        if count
    )
    departed = departed_counts(done.found.get("departed") or {}, plan=plan)
    return messages.phrase(
        "job_ended",
        code=done.code,
        run=done.found.get("run") or "–",
        status=messages.label(f"page_status_{status}") if status else "–",
        counts=". ".join(each for each in (counted or "–", departed) if each),
    )
