"""`imsync check`: the person's first look at their own file."""

from pathlib import Path

import click

from sync import messages, report, run
from sync.cli import printing
from sync.cli.answers import telling
from sync.cli.options import Options, common_options, files_argument, mapping_option
from sync.cli.progress import set_up_logging
from sync.cli.terminal import fitted


@click.command()
@files_argument
@mapping_option
@click.option(
    "--report-dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the rejected rows there, ready to be corrected and fed in again.",
)
@common_options(remote=False)
def check(files: tuple[Path, ...], mapping_path: Path, options: Options) -> int:
    """Read, map and validate files; report every bad cell. Nothing is sent.

    \b
    imsync check customers.xlsx -m customers.yaml
    imsync check 'exports/*.csv' -m customers.yaml --report-dir to-correct
    """  # noqa: D301 - click's mark for lines that stay as they are
    from sync.outcome import Summary

    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    found = run.check(files, run.read_mapping(mapping_path))
    paths = run.write_rejected(found, options.report_dir, telling(options)) if options.report_dir else []
    summary = Summary(
        run=None, status="planned", rows=len(found.sheet), outcomes=found.outcomes, reports=tuple(map(str, paths))
    )
    if options.as_json:
        printing.result_object({**summary.to_dict(), **report.check_data(found.sheet, found.remarks, found.notes)})
    elif not options.quiet:
        printing.result(fitted(report.check_text(found.sheet, found.decided, found.remarks, found.notes)))
        if paths:
            printing.result("\n".join(["", messages.phrase("check_to_correct"), *(f"  {path}" for path in paths)]))
        elif found.outcomes["rejected"] and not options.report_dir:
            printing.result(fitted(f"\n{messages.phrase('check_advice')}"))
    return summary.exit_code
