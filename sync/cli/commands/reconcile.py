"""`imsync reconcile`: the differences between the sheet and the book in both directions."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from sync import messages, report, run
from sync.cli import printing
from sync.cli.answers import telling
from sync.cli.options import WITHOUT_CHANGES, Options, blacklist_option, common_options, files_argument, mapping_option
from sync.cli.progress import set_up_logging
from sync.cli.running import finished
from sync.cli.settings import context
from sync.cli.terminal import look
from sync.outcome import Summary

_DIFFERENCES = 10


@click.command()
@files_argument
@mapping_option
@click.option("--detailed-exitcode", "detailed", is_flag=True, help="Exit 10 when there are differences.")
@blacklist_option
@common_options(idle=WITHOUT_CHANGES)
def reconcile(files: tuple[Path, ...], mapping_path: Path, options: Options, *, detailed: bool, blacklist: bool) -> int:
    """Compare in both directions, and report: rows that the book lacks or has otherwise, contacts that no row means.

    Nothing is written to the book, and no plan is saved.

    \b
    imsync reconcile customers.xlsx -m customers.yaml
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    mapping_file = run.read_mapping(mapping_path)
    api = mapping_file.mapping.api
    here = context(options, api.model_dump(), saved_url=api.base_url)
    with TemporaryDirectory(prefix="imsync-") as folder:
        with here.lock(f"imsync reconcile {files[0]}"):
            work = run.reconcile(here, files, mapping_file, folder=Path(folder), blacklist=blacklist)
            found = finished(here, work, drains=False)
        try:
            return _told(found, options, detailed=detailed)
        finally:
            found.run_file.close()


def _told(found: "run.Reconciled", options: Options, *, detailed: bool) -> int:
    """Writes the reports, prints what was found, and returns the exit code."""
    run_file, side = found.run_file, found.book_side
    if not (options.as_json or options.quiet):
        shown = report.plan_text(run_file, found.summary(), None, look=look())
        printing.result(f"{shown}\n\n{report.book_side_text(side, run_file.meta.labels, look())}\n")

    def summed_up(reports: Sequence[Path]) -> Summary:
        return found.summary(reports)

    folder = options.report_dir or Path("reports") / run_file.meta.run
    paths = run.write_reports(
        run_file, summed_up, folder, all_rows=options.all_rows, book_side=side, tell=telling(options)
    )
    summary = found.summary(paths)
    if options.as_json:
        printing.result_object(
            {**summary.to_dict(), "duplicates": len(side.duplicates), "reach": report.reach_data(side.book)}
        )
    elif not options.quiet:
        printing.result("\n".join([messages.phrase("reports"), *(f"  {path}" for path in paths)]))
    return _DIFFERENCES if detailed and found.differences else summary.exit_code
