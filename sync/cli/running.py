"""Runs coroutines with signals, and ends a command: reports, summary, exit code.

What enters: a Context and what is to be done. What leaves: an exit code.
What never happens here: a write after the first Ctrl-C; an end without a report.
"""

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Collection, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from sync import messages, run
from sync.cli import printing
from sync.cli.answers import error_data, tell
from sync.cli.options import Options
from sync.cli.terminal import look
from sync.errors import ImsyncError, RunRefused, RunStopped, UsageError
from sync.outcome import Summary
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

    # A look through all that was loaded stops the loop for a tenth of a second, and slots of the pace are lost.
    gc.freeze()
    try:
        return asyncio.run(supervised())
    finally:
        gc.unfreeze()


def show_plan(
    context: Context,
    run_file: RunFile,
    options: Options,
    *,
    allowed: Collection[str] = (),
    limit: int | None = None,
) -> None:
    """Prints the plan, unless only JSON or nothing is wanted."""
    if not (options.as_json or options.quiet):
        forecast = run.expected(context, run_file)
        shown = plan_text(run_file, run.summary(run_file), forecast, look=look(), allowed=allowed, limit=limit)
        printing.result(f"{shown}\n")


def kept(run_file: RunFile, options: Options, *, allowed: Collection[str] = (), detailed: bool = False) -> int:
    """Ends a command that stops after the plan: reports, what to do next, the exit code.

    4 for a guard that is broken and not lifted, 10 for differences where that is asked for, else 3 for troubled rows.
    """
    refusal = None
    try:
        run.refuse_broken_guards(run_file, allowed)
    except RunRefused as error:
        refusal = error
    code = ended(run_file, options, refusal=refusal, planned=True)
    if refusal is not None:
        tell(refusal)
    elif run_file.count("planned"):
        if not (options.as_json or options.quiet):
            printing.result(messages.text("plan_saved", {"plan": messages.shell_word(run_file.path)}))
        if detailed:
            return _DIFFERENCES
    return code


def carried_out(
    context: Context,
    run_file: RunFile,
    options: Options,
    *,
    allowed: Collection[str],
    limit: int | None,
    verify: bool = False,
) -> int:
    """Guards, asks, applies, reports; the exit code."""
    try:
        run.refuse_broken_guards(run_file, allowed)
        if run_file.count("planned"):
            _confirm(run_file, options, limit)
    except RunRefused as error:
        tell(error)
        return ended(run_file, options, refusal=error)
    work = run.apply(context, run_file, limit=limit, allowed=allowed, verify=verify)
    return applied(context, run_file, options, work, limit=limit)


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


def ended(
    run_file: RunFile,
    options: Options,
    *,
    refusal: RunRefused | None = None,
    planned: bool = False,
    code: int | None = None,
) -> int:
    """Writes the reports, prints the summary and the reports' paths, and returns the exit code.

    Args:
        run_file: the run.
        options: what the command line said.
        refusal: why nothing was sent.
        planned: whether the command was to stop after the plan, so that its rows are told as they would be.
        code: the exit code, where the run's end does not decide it.
    """

    def summed_up(reports: Sequence[Path]) -> Summary:
        found = run.summary(run_file, reports=reports, refused=refusal is not None and not planned)
        return found.with_status("refused") if refusal else found

    folder = options.report_dir or Path("reports") / run_file.meta.run
    paths: list[Path] = []
    try:
        paths = run.write_reports(run_file, summed_up, folder, all_rows=options.all_rows)
        run_file.note_reports(paths)
    except (UsageError, RunStopped) as error:  # a full disk takes the reports too, and the run is told all the same
        tell(error)
        code = code or _NO_REPORTS
    summary = summed_up(paths)
    if options.as_json:
        printing.result_object({**summary.to_dict(), **({"error": error_data(refusal)} if refusal else {})})
    elif not options.quiet:
        if run_file.meta.applied_at:
            printing.result(end_text(summary))
        printing.result("\n".join(["Reports:", *(f"  {path}" for path in paths)]))
    return summary.exit_code if code is None else code


def _confirm(run_file: RunFile, options: Options, limit: int | None) -> None:
    """Raises RunRefused unless somebody says yes."""
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise RunRefused("no_terminal", plan=messages.shell_word(run_file.path))
    outcomes, changes = run_file.outcomes(planned=True), run_file.count("planned")
    question = f"Add {outcomes.get('added', 0):,} and edit {outcomes.get('edited', 0):,} contacts?"
    if run_file.meta.undoes:
        deletes, edits, adds = (outcomes.get(name, 0) for name in ("deleted", "edited", "added"))
        again = f" and add {adds:,} again, with new ids" if adds else ""
        question = f"Delete {deletes:,} contacts, put back {edits:,}{again}?"
    if limit is not None and limit < changes:
        question = f"Carry out the first {limit:,} of {changes:,} changes?"
    with contextlib.suppress(click.Abort):
        if click.confirm(question, default=False, err=True):
            return
    raise RunRefused("not_confirmed", plan=messages.shell_word(run_file.path))
