"""Runs coroutines with signals, and ends a command: reports, summary, exit code.

What enters: a Context and what is to be done. What leaves: an exit code.
What never happens here: a write after the first Ctrl-C; an end without a report.
"""

import gc
import signal
import sys
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sync import messages, report, run
from sync.cli import printing
from sync.cli.answers import error_data, tell, telling
from sync.cli.asking import confirmed
from sync.cli.options import Options
from sync.cli.stopping import SIGNALS
from sync.cli.terminal import fitted, look
from sync.errors import ImsyncError, RunRefused, RunStopped, UsageError
from sync.outcome import Summary

if TYPE_CHECKING:
    from sync.remembered import Figures
    from sync.run import Context
    from sync.runs import RunFile

T = TypeVar("T")

_DIFFERENCES = 10
_TROUBLED = 3
_NO_REPORTS = 3


def finished(context: "Context", work: Coroutine[Any, Any, T], *, drains: bool) -> T:
    """What the coroutine returns.

    The first SIGINT or SIGTERM sets `context.stop` where the work drains by itself, and cancels it where it does not;
    the second one stops at once.

    Raises:
        RunStopped: work that does not drain was stopped.
    """
    import asyncio

    async def supervised() -> T:
        loop = asyncio.get_running_loop()
        task = loop.create_task(work)

        def on_signal() -> None:
            if context.stop.is_set() or not drains:
                task.cancel()
            else:
                printing.told(f"\n{messages.phrase('stopping')}")
            context.stop.set()
            SIGNALS.seen = True

        timer: asyncio.Task[None] | None = None
        if context.ends_at is not None:
            timer = loop.create_task(_at_the_end(context, lambda: context.stop.set() if drains else task.cancel()))
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, on_signal)
            except NotImplementedError:  # Windows
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(on_signal))
        try:
            return await task
        except asyncio.CancelledError:
            if context.time_is_up and not drains:
                raise RunStopped("time_limit_before") from None
            raise RunStopped("stopped_at_once" if drains else "stopped") from None
        finally:
            if timer is not None:
                timer.cancel()

    # A look through all that was loaded stops the loop for a tenth of a second, and slots of the pace are lost.
    gc.freeze()
    try:
        return asyncio.run(supervised())
    finally:
        gc.unfreeze()


async def _at_the_end(context: "Context", stop: Callable[[], object]) -> None:
    """Stops when the time of the run is up."""
    assert context.ends_at is not None
    while not context.time_is_up:
        await context.clock.sleep(context.ends_at - context.clock.monotonic())
    stop()


def show_plan(
    context: "Context",
    run_file: "RunFile",
    options: Options,
    *,
    allowed: Collection[str] = (),
    limit: int | None = None,
    brief: bool = False,
) -> None:
    """Prints the plan, or (`brief`) its figures, unless only JSON or nothing is wanted."""
    printing.note_run(run_file.meta.run)
    if printing.tells_lines():
        printing.event("planned", outcomes=run.summary(run_file).outcomes)
    if not (options.as_json or options.quiet):
        forecast = run.expected(context, run_file)
        shown = report.plan_text(
            run_file, run.summary(run_file), forecast, look=look(), allowed=allowed, limit=limit, brief=brief
        )
        printing.result(f"{shown}\n")


def skipped(last: "Figures", options: Options) -> int:
    """Ends a command that has nothing to do, as its input is that of the last run; the exit code."""
    if not options.quiet:
        printing.told(messages.text("input_same", {"run": last.run}))
    summary = Summary(run=None, status="completed", rows=last.rows, outcomes={"held": last.rows})
    printing.result_object(summary.to_dict(), shown=options.as_json)
    return 0


def kept(run_file: "RunFile", options: Options, *, allowed: Collection[str] = (), detailed: bool = False) -> int:
    """Ends a command that stops after the plan: reports, what to do next, the exit code.

    4 for a guard that is broken and not lifted, 10 for differences where that is asked for, else 3 for troubled rows.
    """
    refusal = None
    try:
        run.refuse_broken_guards(run_file, allowed)
    except RunRefused as error:
        refusal = error
    differs = refusal is None and run_file.count("planned") > 0
    code = ended(run_file, options, refusal=refusal, planned=True, code=_DIFFERENCES if detailed and differs else None)
    if refusal is not None:
        tell(refusal)
    elif differs and not (options.as_json or options.quiet):
        printing.result(fitted(messages.text("plan_saved", {"plan": messages.shell_word(run_file.path)})))
    return code


def waited(context: "Context", files: Sequence[Path], settle: float | None) -> None:
    """Waits until the files have stopped changing, where that is wanted.

    Raises:
        RunRefused: they go on changing.
        RunStopped: the time of the run is up, or somebody has stopped it.
    """
    if settle is not None:
        work = run.wait_until_settled(files, settle, context.clock, context.progress)
        finished(context, work, drains=False)


def finished_first(
    context: "Context", job: str, options: Options, *, allowed: Collection[str], limit: int | None
) -> tuple[Options, int]:
    """Finishes the interrupted run of the job, where there is one; the account must be locked.

    Returns:
        The options of what follows, which know of it, and the exit code: with any but 0 and 3 nothing may follow.
    """
    run_file = run.unfinished_run(context, job)
    if run_file is None:
        return options, 0
    if not options.quiet:
        printing.told(messages.text("resuming_first", {"run": run_file.meta.run}))
    folder = options.report_dir / run_file.meta.run if options.report_dir else None
    work = run.resume(context, run_file, allowed=allowed, limit=limit)
    with printing.collected() as objects:
        code = applied(context, run_file, replace(options, report_dir=folder), work, limit=limit)
    if code not in (0, _TROUBLED):
        printing.result_object(objects[-1], shown=options.as_json)
        return options, code
    printing.note_run(None)
    return replace(options, resumed={**objects[-1], "exit_code": code}), code


def carried_out(
    context: "Context",
    run_file: "RunFile",
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
    context: "Context", run_file: "RunFile", options: Options, work: Coroutine[Any, Any, None], *, limit: int | None
) -> int:
    """Runs the apply or resume, reports whatever came of it, and returns the exit code."""
    code = None
    printing.note_run(run_file.meta.run)
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
        if context.stop.is_set() and context.time_is_up:
            said = "time_limit"
        told = messages.text(said, {"pending": pending, "run": run_file.meta.run, "limit": limit})
        printing.told(f"imsync: {told}")
    return ended(run_file, options, code=code)


def ended(
    run_file: "RunFile",
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
        paths = run.write_reports(run_file, summed_up, folder, all_rows=options.all_rows, tell=telling(options))
        run_file.note_reports(paths)
    except (UsageError, RunStopped) as error:  # a full disk takes the reports too, and the run is told all the same
        tell(error)
        code = code or _NO_REPORTS
    summary = summed_up(paths)
    if code is None:
        code = summary.exit_code
    if code == 0 and options.resumed:
        code = int(options.resumed["exit_code"])
    said = {**summary.to_dict(), **({"error": error_data(refusal)} if refusal else {})}
    printing.result_object({**said, **({"resumed": options.resumed} if options.resumed else {})}, shown=options.as_json)
    told = {name: said[name] for name in ("outcomes", "departed", "removed", "seconds") if name in said}
    printing.event("ended", status=summary.status, exit_code=code, **told)
    if not (options.as_json or options.quiet):
        if run_file.meta.applied_at:
            printing.result(fitted(report.end_text(summary)))
        printing.result("\n".join([messages.phrase("reports"), *(f"  {path}" for path in paths)]))
    return code


# What is asked, by what there is to do; no word is said of what there is not.
_ASKED = {("added", "edited"): "ask_sync", ("added",): "ask_adds", ("edited",): "ask_edits"}
_ASKED_OF_UNDO = {
    ("edited", "deleted"): "ask_undo", ("deleted",): "ask_undo_deletes", ("edited",): "ask_undo_edits",
    ("added", "edited", "deleted"): "ask_undo_adds",
}  # fmt: skip


def _confirm(run_file: "RunFile", options: Options, limit: int | None) -> None:
    """Raises RunRefused unless somebody says yes."""
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise RunRefused("no_terminal", plan=messages.shell_word(run_file.path))
    outcomes, changes = run_file.outcomes(planned=True), run_file.count("planned")
    values: dict[str, Any] = {name: outcomes.get(name, 0) for name in ("added", "edited", "deleted")}
    kinds = tuple(name for name, count in values.items() if count)
    code = (_ASKED_OF_UNDO if run_file.meta.undoes else _ASKED).get(kinds, "ask_parts")
    departed = run_file.removals(planned=True) if run_file.meta.departed else {}
    if departed.get("deleted") or departed.get("edited"):
        code = "ask_parts"
    if code == "ask_parts":
        counts = {"add": values["added"], "edit": values["edited"]}
        counts |= {"delete": departed.get("deleted", 0) or values["deleted"], "removal": departed.get("edited", 0)}
        values = {"parts": ", ".join(messages.counted(count, noun) for noun, count in counts.items() if count)}
    elif len(kinds) == 1:
        values = {"contacts": messages.counted(values[kinds[0]], "contact")}
    if limit is not None and limit < changes:
        code, values = "ask_limit", {"limit": limit, "changes": changes}
    if confirmed(messages.phrase(code, **values)):
        return
    raise RunRefused("not_confirmed", plan=messages.shell_word(run_file.path))
