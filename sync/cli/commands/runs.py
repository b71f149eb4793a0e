"""`imsync runs`: what past runs did, offline."""

import re
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from sync import messages
from sync.cli import printing
from sync.cli.asking import confirmed
from sync.cli.options import Options, common_options
from sync.cli.progress import set_up_logging
from sync.cli.run_names import LAST, RUN, named_run
from sync.cli.state import state_directory
from sync.cli.terminal import look
from sync.errors import RunRefused, UsageError
from sync.report import visible

if TYPE_CHECKING:
    from sync.run.purging import Old

_SHOWN = 20
_AGE = re.compile(r"([1-9]\d{0,4})([dw]?)")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def runs() -> None:
    """Show what past runs did, or forget them. Nothing is sent.

    A run is given by its id, an unambiguous beginning of it, its file, or “last”. In every command “last” is the newest
    run that the command can work on: of all runs here and for “report” and “why”, of plans that were not begun for
    “apply”, of runs that were begun for “resume”, and of those that are no undo for “undo”. Where it is not the newest
    of all, the command says so.

    \b
    imsync runs list
    imsync runs show last
    imsync runs purge --older-than 90d
    """  # noqa: D301 - click's mark for lines that stay as they are


@runs.command("list")
@click.option(
    "-n", "--limit", type=click.IntRange(min=1), default=_SHOWN, show_default=True, metavar="N", help="The newest N."
)
@click.option("--all", "everything", is_flag=True, help="All of them.")
@common_options(remote=False, state=True)
def list_(limit: int, options: Options, *, everything: bool) -> int:
    """List the runs, the newest first: when, what, which files and account, what became of the rows, what next.

    \b
    imsync runs list --all
    """  # noqa: D301
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    from sync.clock import SystemClock
    from sync.report.past import run_object, runs_text
    from sync.run import past

    state = state_directory(options)
    found = past.past_runs(state, SystemClock().now(), most=None if everything else limit)
    count = past.run_count(state)
    if options.as_json:
        runs_found = [run_object(each) for each in found]
        printing.result_object({"status": "completed", "runs": runs_found, "count": count})
        return 0
    if found:
        printing.result(runs_text(found, look=look()))
    else:
        printing.told(messages.text("runs_none", {"state": state.path}))
    if len(found) < count and not options.quiet:
        printing.told(messages.text("runs_older", {"count": count - len(found)}))
    return 0


@runs.command("show")
@click.argument("run_name", metavar="[RUN]", type=RUN, default=LAST)
@common_options(remote=False, state=True)
def show(run_name: str, options: Options) -> int:
    """Tell the whole story of a run on a page; of the last one where none is named, or “last”.

    \b
    imsync runs show 20261121T2130-7f3a9c
    """  # noqa: D301
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    from sync.clock import SystemClock
    from sync.report.past import run_object, run_text
    from sync.run import past
    from sync.runs import RunFile

    state = state_directory(options)
    run_file = RunFile.open(named_run(options, run_name), look=True)
    try:
        found = past.past_run(state, run_file, SystemClock().now(), reasons=True)
        if options.as_json:
            printing.result_object(run_object(found))
        else:
            printing.result(run_text(run_file, found, look=look()))
    finally:
        run_file.close()
    return 0


@runs.command("purge")
@click.option("--older-than", "age", required=True, metavar="AGE", help="Days or weeks: 90d, 12w.")
@click.option("--keep-reports", is_flag=True, help="Delete the run files alone.")
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@common_options(remote=False, state=True, asks=True)
def purge(age: str, options: Options, *, keep_reports: bool, dry_run: bool) -> int:
    """Forget runs to which nothing was written for so long, and their reports.

    They hold people's names and numbers. What is forgotten can be neither undone nor told of any more. A run that can
    still be resumed is kept, and so is a file that was saved elsewhere with “plan -o”.

    \b
    imsync runs purge --older-than 90d
    imsync runs purge --older-than 12w --yes --quiet
    """  # noqa: D301
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    from sync.clock import SystemClock
    from sync.run.purging import forget, old_runs

    found = old_runs(state_directory(options), SystemClock().now(), _days(age), reports=not keep_reports)
    going = [each for each in found if each.files]
    values = {"runs": len(going), "reports": sum(_is_report(path.name) for each in going for path in each.files)}
    if going and not dry_run:
        _confirm(values, options)
        forget(going)
    if options.as_json:
        status = "planned" if dry_run else "completed"
        printing.result_object({"status": status, "runs": [_object(each) for each in found]})
        return 0
    if not options.quiet:
        said = "purge_plan" if dry_run else "purge_done"
        printing.result(messages.text(said if going else "purge_nothing", values))
        for each in found:
            if each.stays:
                printing.told(visible(messages.text(each.stays, {"run": each.run})))
            if each.elsewhere is not None:
                printing.told(visible(messages.text("purge_elsewhere", {"file": each.elsewhere})))
    return 0


def _days(age: str) -> timedelta:
    match = _AGE.fullmatch(age.strip().lower())
    if match is None:
        raise UsageError("purge_age_wrong", age=age)
    return timedelta(days=int(match[1]) * (7 if match[2] == "w" else 1))


def _is_report(name: str) -> bool:
    return name.startswith(("report", "rejected"))


def _confirm(values: dict[str, int], options: Options) -> None:
    """Raises RunRefused unless somebody says yes."""
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise RunRefused("purge_no_terminal")
    if confirmed(messages.text("purge_ask", values)):
        return
    raise RunRefused("purge_not_confirmed")


def _object(each: "Old") -> dict[str, object]:
    kept = messages.text(each.stays, {"run": each.run}) if each.stays else None
    return {
        "run": each.run,
        "deleted": [str(path) for path in each.files],
        "kept": kept,
        "elsewhere": None if each.elsewhere is None else str(each.elsewhere),
    }
