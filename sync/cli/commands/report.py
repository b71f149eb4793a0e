"""`imsync report`: writes the reports of a past run again, offline."""

from pathlib import Path

import click

from sync.cli import printing
from sync.cli.answers import telling
from sync.cli.options import Options, common_options, report_options
from sync.cli.progress import set_up_logging
from sync.cli.run_names import LAST, RUN, named_run
from sync.outcome import Summary
from sync.report.formats import FORMATS


@click.command()
@click.argument("run_name", metavar="[RUN]", type=RUN, default=LAST)
@click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), help="Only this one; may be repeated.")
@report_options
@common_options(remote=False, state=True)
def report(run_name: str, formats: tuple[str, ...], options: Options) -> int:
    """Write the reports of a past run again; of the last one where none is named, or “last”. Nothing is sent.

    \b
    imsync report last
    imsync report 20261121T2130-7f3a9c --format xlsx --report-dir friday
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    from sync import report as reports
    from sync import run
    from sync.runs import RunFile

    run_file = RunFile.open(named_run(options, run_name), look=True)

    def summed_up(paths: list[Path]) -> Summary:
        return run.summary(run_file, reports=paths)

    try:
        folder = options.report_dir or Path("reports") / run_file.meta.run
        paths = reports.write_reports(
            run_file, summed_up, folder, all_rows=options.all_rows, formats=formats or FORMATS, tell=telling(options)
        )
        if options.as_json:
            printing.result_object(summed_up(paths).to_dict())
        elif not options.quiet:
            printing.result("\n".join(str(path) for path in paths))
    finally:
        run_file.close()
    return 0
