"""`imsync sync`: plan and apply in one go."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync import run
from sync.cli.options import (
    Options,
    allow_option,
    blacklist_option,
    bring_back_option,
    common_options,
    files_argument,
    limit_option,
    mapping_option,
    partial_option,
    resume_first_option,
    settle_option,
    skip_same_option,
    verify_option,
)
from sync.cli.progress import set_up_logging
from sync.cli.running import carried_out, finished, finished_first, kept, show_plan, skipped, waited
from sync.cli.settings import context

if TYPE_CHECKING:
    from sync.reader import MappingFile
    from sync.run import Context

_GOES_ON = (0, 3)  # exit codes of the run that was finished first, after which another one is begun


@click.command()
@files_argument
@mapping_option
@click.option("--dry-run", is_flag=True, help="Stop after the plan.")
@allow_option
@limit_option
@verify_option
@partial_option
@blacklist_option
@bring_back_option
@skip_same_option
@settle_option
@resume_first_option
@common_options(asks=True)
def sync(
    files: tuple[Path, ...],
    mapping_path: Path,
    allowed: tuple[str, ...],
    limit: int | None,
    settle: float | None,
    options: Options,
    *,
    verify: bool,
    dry_run: bool,
    partial: bool,
    blacklist: bool,
    bring_back: bool,
    skip_same_input: bool,
    resume_first: bool,
) -> int:
    """Plan and apply in one go: read the files, read the book, show what changes, ask, do it, report every row.

    \b
    imsync sync customers.xlsx -m customers.yaml
    imsync sync north.csv south.csv -m customers.yaml --dry-run
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    mapping_file = run.read_mapping(mapping_path)
    api = mapping_file.mapping.api
    here = context(options, api.model_dump(), saved_url=api.base_url)
    waited(here, files, settle)
    return synced(
        here,
        files,
        mapping_file,
        options,
        allowed=allowed,
        limit=limit,
        verify=verify,
        dry_run=dry_run,
        partial=partial,
        blacklist=blacklist,
        brings_back=bring_back,
        skip_same=skip_same_input and not bring_back,
        resume_first=resume_first,
    )


def synced(
    here: "Context",
    files: tuple[Path, ...],
    mapping_file: "MappingFile",
    options: Options,
    *,
    allowed: tuple[str, ...] = (),
    limit: int | None = None,
    verify: bool = False,
    dry_run: bool = False,
    partial: bool = False,
    blacklist: bool = False,
    brings_back: bool = False,
    skip_same: bool = False,
    resume_first: bool = False,
) -> int:
    """The whole job; the exit code."""
    with here.lock(f"imsync sync {files[0]}"):
        if resume_first and not dry_run:
            job = mapping_file.mapping.name or mapping_file.path.stem
            options, code = finished_first(here, job, options, allowed=allowed, limit=limit)
            if code not in _GOES_ON:
                return code
        if skip_same and (last := run.same_input(here, files, mapping_file)):
            return skipped(last, options)
        work = run.plan(here, files, mapping_file, partial=partial, blacklist=blacklist, brings_back=brings_back)
        run_file = finished(here, work, drains=False)
        show_plan(here, run_file, options, allowed=allowed, limit=limit)
        if dry_run:
            return kept(run_file, options, allowed=allowed)
        return carried_out(here, run_file, options, allowed=allowed, limit=limit, verify=verify)
