"""`imsync resume`: finishes an interrupted run."""

import click

from sync import messages, run, runs
from sync.cli import printing
from sync.cli.options import Options, allow_option, common_options, limit_option, verify_option
from sync.cli.progress import set_up_logging
from sync.cli.run_names import LAST, RUN, named_run
from sync.cli.running import applied
from sync.cli.settings import context
from sync.cli.state import at_home


@click.command()
@click.argument("run_name", metavar="[RUN]", required=False, type=RUN, default=LAST)
@allow_option
@limit_option
@verify_option
@common_options(asks=True)
def resume(run_name: str, allowed: tuple[str, ...], limit: int | None, options: Options, *, verify: bool) -> int:
    """Finish an interrupted run: the named one, or (as “last”) the one that was begun last.

    Where a newer one was only planned, that is told. Changes whose answer was lost are settled first;
    nothing is sent twice. A run that is finished can be read back too.

    \b
    imsync resume
    imsync resume 20261121T2130-7f3a9c
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    path = named_run(options, run_name, "begun")
    run_file = runs.RunFile.open(path)
    here = context(at_home(options, path), run_file.meta.api, saved_url=run_file.meta.base_url)
    if not (verify or options.quiet or run.has_work(run_file)) and run_file.meta.applied_at:
        printing.told(messages.text("resume_nothing", {"run": run_file.meta.run}))
    with here.lock(f"imsync resume {run_file.meta.run}"):
        work = run.resume(here, run_file, allowed=allowed, limit=limit, verify=verify)
        return applied(here, run_file, options, work, limit=limit)
