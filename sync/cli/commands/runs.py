"""`imsync runs`: what past runs did, offline."""

import click

from sync import messages
from sync.cli import printing
from sync.cli.options import Options, common_options
from sync.cli.progress import set_up_logging
from sync.cli.state import state_directory
from sync.cli.terminal import look
from sync.clock import SystemClock
from sync.report.past import run_object, run_text, runs_text
from sync.run import past
from sync.runs import RunFile

_SHOWN = 20


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def runs() -> None:
    """Show what past runs did. Nothing is sent.

    A run is given by its id, an unambiguous beginning of it, its file, or “last”.

    \b
    imsync runs list
    imsync runs show last
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
        printing.told(messages.text("runs_older", {"count": f"{count - len(found):,}"}))
    return 0


@runs.command("show")
@click.argument("run_name", metavar="RUN", default=past.LAST)
@common_options(remote=False, state=True)
def show(run_name: str, options: Options) -> int:
    """Tell the whole story of a run on a page; of the last one where none is named.

    \b
    imsync runs show 20261121T2130-7f3a9c
    """  # noqa: D301
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    state = state_directory(options)
    run_file = RunFile.open(past.find(state, run_name), look=True)
    try:
        found = past.past_run(state, run_file, SystemClock().now(), reasons=True)
        if options.as_json:
            printing.result_object(run_object(found))
        else:
            printing.result(run_text(run_file, found, look=look()))
    finally:
        run_file.close()
    return 0
