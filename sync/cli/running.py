"""Runs coroutines with signals, and ends a command: reports, summary, exit code.

What enters: a Context and what is to be done. What leaves: an exit code.
What never happens here: a write after the first Ctrl-C; an end without a report.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Collection, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from sync import messages, run
from sync.cli import printing
from sync.cli.answers import tell
from sync.cli.options import Options
from sync.errors import ImsyncError, RunRefused, RunStopped, UsageError
from sync.report import end_text, plan_text
from sync.run import Context
from sync.runs import RunFile

T = TypeVar("T")

_DIFFERENCES = 10
_NO_REPORTS = 3


def finished(context: Context, work: Coroutine[Any, Any, T], *, drains: bool) -> T:
    """What the coroutine returns.

    The first SIGINT or SIGTERM sets `context.stop` where the work drains by itself, and cancels it where it does not;
    the second one stops at once.

    Raises:
        RunStopped: work that does not drain was stopped.
    """

    async def supervised() -> T:
        loop = asyncio.get_running_loop()
        task = loop.create_task(work)

        def on_signal() -> None:
            if context.stop.is_set() or not drains:
                task.cancel()
            else:
                printing.told("\nStopping: requests under way come to their end. Once more stops at once.")
            context.stop.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, on_signal)
            except NotImplementedError:  # Windows
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(on_signal))
        try:
            return await task
        except asyncio.CancelledError:
            raise RunStopped("stopped_at_once" if drains else "stopped") from None

    return asyncio.run(supervised())


def show_plan(context: Context, run_file: RunFile, options: Options) -> None:
    """Prints the plan, unless only JSON or nothing is wanted."""
    if not (options.as_json or options.quiet):
        printing.result(plan_text(run_file, run.summary(run_file), rate=context.api.rate))


def carried_out(
    context: Context, run_file: RunFile, options: Options, *, allowed: Collection[str], limit: int | None
) -> int:
    """Guards, asks, applies, reports; the exit code."""
    try:
        run.refuse_broken_guards(run_file, allowed)
        if run_file.count("planned"):
            _confirm(run_file, options)
    except RunRefused as error:
        tell(error)
        return ended(run_file, options, refused=True)
    return applied(context, run_file, options, run.apply(context, run_file, limit=limit, allowed=allowed), limit=limit)


def applied(
    context: Context, run_file: RunFile, options: Options, work: Coroutine[Any, Any, None], *, limit: int | None
) -> int:
    """Runs the apply or resume, reports whatever came of it, and returns the exit code."""
    code = None
    try:
        finished(context, work, drains=True)
    except RunRefused:
        raise
    except ImsyncError as error:
        tell(error)
        printing.told(messages.text("resume_advice", {"run": run_file.meta.run}))
        code = error.exit_code
    pending = run_file.count("planned", "sending", "unsure")
    if code is None and pending:
        said = "interrupted" if context.stop.is_set() else "limit_reached"
        printing.told(messages.text(said, {"pending": pending, "run": run_file.meta.run, "limit": limit}))
    return ended(run_file, options, code=code)


def ended(run_file: RunFile, options: Options, *, refused: bool = False, code: int | None = None) -> int:
    """Writes the reports, prints the summary and the reports' paths, and returns the exit code."""
    folder = options.report_dir or Path("reports") / run_file.meta.run
    paths: list[Path] = []
    try:
        paths = run.write_reports(
            run_file,
            lambda reports: run.summary(run_file, reports=reports, refused=refused),
            folder,
            all_rows=options.all_rows,
        )
    except UsageError as error:  # a full disk takes the reports too; what became of the run is told all the same
        tell(error)
        code = code or _NO_REPORTS
    summary = run.summary(run_file, reports=paths, refused=refused)
    if options.as_json:
        printing.result_object(summary.to_dict())
    elif not options.quiet:
        if run_file.meta.applied_at:
            printing.result(f"\n{end_text(summary)}")
        printing.result("\n".join(["Reports:", *(f"  {path}" for path in paths)]))
    return summary.exit_code if code is None else code


def planned_exit_code(run_file: RunFile, *, detailed: bool) -> int:
    """The exit code of a plan: 10 for differences where that is asked for, else 3 for troubled rows, else 0."""
    if detailed and run_file.count("planned"):
        return _DIFFERENCES
    return run.summary(run_file).exit_code


def _confirm(run_file: RunFile, options: Options) -> None:
    """Raises RunRefused unless somebody says yes."""
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise RunRefused("no_terminal", plan=run_file.path)
    outcomes = run_file.outcomes(planned=True)
    question = f"Add {outcomes.get('added', 0):,} and edit {outcomes.get('edited', 0):,} contacts?"
    with contextlib.suppress(click.Abort):
        if click.confirm(question, default=False, err=True):
            return
    raise RunRefused("not_confirmed", plan=run_file.path)
