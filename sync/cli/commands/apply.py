"""`imsync apply`: carries out a saved plan."""

import click

from sync import runs
from sync.cli.options import Options, allow_option, common_options, limit_option, verify_option
from sync.cli.progress import set_up_logging
from sync.cli.run_names import RUN, named_run
from sync.cli.running import carried_out, show_plan
from sync.cli.settings import context
from sync.cli.state import at_home


@click.command()
@click.argument("plan", type=RUN)
@allow_option
@limit_option
@verify_option
@common_options(asks=True)
def apply(plan: str, allowed: tuple[str, ...], limit: int | None, options: Options, *, verify: bool) -> int:
    """Carry out a saved plan, given by its file or its id.

    “last” is the newest plan that was not begun. Where another run is newer, that is told.

    \b
    imsync apply friday.run
    imsync apply last
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    path = named_run(options, plan, "plan")
    run_file = runs.RunFile.open(path)
    here = context(at_home(options, path), run_file.meta.api, saved_url=run_file.meta.base_url)
    with here.lock(f"imsync apply {run_file.meta.run}"):
        runs.check_appliable(run_file, here.account, here.clock.now())
        here.state.record_elsewhere(run_file.meta.run, run_file.path)
        show_plan(here, run_file, options, allowed=allowed, limit=limit, brief=options.yes)
        return carried_out(here, run_file, options, allowed=allowed, limit=limit, verify=verify)
