"""`imsync undo`: puts back what a run changed."""

from itertools import islice
from typing import TYPE_CHECKING

import click

from sync import run, runs
from sync.cli.options import Options, allow_option, common_options, limit_option
from sync.cli.progress import set_up_logging
from sync.cli.run_names import RUN, named_run
from sync.cli.running import carried_out, finished, kept, show_plan
from sync.cli.settings import context
from sync.cli.state import at_home, state_directory
from sync.errors import UsageError

if TYPE_CHECKING:
    from sync.runs import StateDirectory

_NAMED = 3  # of the last runs, where none was said


@click.command()
@click.argument("run_name", metavar="RUN", required=False, type=RUN)
@click.option("--dry-run", is_flag=True, help="Stop after the plan.")
@allow_option
@limit_option
@common_options(asks=True)
def undo(run_name: str | None, allowed: tuple[str, ...], limit: int | None, options: Options, *, dry_run: bool) -> int:
    """Put back what a run changed: edits are reverted, added contacts are deleted.

    A contact that somebody has changed since is left as it is, and listed. The undo is a run of its own: it is shown
    before it begins, and “resume” finishes it. “last” is the run that was carried out last and is
    no undo. Where another run is newer, that is told.

    \b
    imsync undo last
    imsync undo 20261121T2130-7f3a9c
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    state = state_directory(options)
    if run_name is None:
        raise UsageError("undo_run_missing", last=_last_runs(state))
    path = named_run(options, run_name, "undoable")
    undone = runs.RunFile.open(path)
    here = context(at_home(options, path), undone.meta.api, saved_url=undone.meta.base_url)
    undone.close()
    with here.lock(f"imsync undo {path.stem}"):
        run_file = finished(here, run.plan_undo(here, path), drains=False)
        show_plan(here, run_file, options, allowed=allowed, limit=limit)
        if dry_run:
            return kept(run_file, options, allowed=allowed)
        return carried_out(here, run_file, options, allowed=allowed, limit=limit)


def _last_runs(state: "StateDirectory") -> str:
    """The ids of the runs that were begun last, the latest first."""
    names = {path: name for name, path in state.runs().items()}
    return ", ".join(names[path] for path in islice(run.begun_runs(state), _NAMED))
