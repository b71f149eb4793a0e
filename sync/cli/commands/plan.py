"""`imsync plan`: shows what would change, and saves the plan."""

from pathlib import Path

import click

from sync import run
from sync.cli.options import (
    Options,
    blacklist_option,
    bring_back_option,
    common_options,
    files_argument,
    mapping_option,
    partial_option,
    settle_option,
)
from sync.cli.progress import set_up_logging
from sync.cli.running import finished, kept, show_plan, waited
from sync.cli.settings import context


@click.command()
@files_argument
@mapping_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Save the plan here.  [default: the state directory]",
)
@click.option("--detailed-exitcode", "detailed", is_flag=True, help="Exit 10 when there are differences.")
@partial_option
@blacklist_option
@bring_back_option
@settle_option
@common_options()
def plan(
    files: tuple[Path, ...],
    mapping_path: Path,
    output: Path | None,
    settle: float | None,
    options: Options,
    *,
    detailed: bool,
    partial: bool,
    blacklist: bool,
    bring_back: bool,
) -> int:
    """Read the book, show what would change, save the plan. Nothing is written to the book.

    \b
    imsync plan customers.xlsx -m customers.yaml -o friday.run
    imsync apply friday.run
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    mapping_file = run.read_mapping(mapping_path)
    api = mapping_file.mapping.api
    here = context(options, api.model_dump(), saved_url=api.base_url)
    waited(here, files, settle)
    with here.lock(f"imsync plan {files[0]}"):
        work = run.plan(
            here, files, mapping_file, output=output, partial=partial, blacklist=blacklist, brings_back=bring_back
        )
        run_file = finished(here, work, drains=False)
    show_plan(here, run_file, options)
    return kept(run_file, options, detailed=detailed)
