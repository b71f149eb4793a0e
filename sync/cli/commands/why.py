"""`imsync why`: one row's whole story, offline."""

import click

from sync.cli import printing
from sync.cli.options import Options, common_options
from sync.cli.progress import set_up_logging
from sync.cli.run_names import RUN, named_run
from sync.cli.terminal import look


@click.command()
@click.argument("run_name", metavar="RUN", type=RUN)
@click.argument("asked", metavar="ROW|PHONE|EMAIL")
@common_options(remote=False, state=True)
def why(run_name: str, asked: str, options: Options) -> int:
    """Tell one row's whole story: its cells, what matched, what differed, each request and answer, what to do.

    The row is given by its number as Excel shows it, by FILE:NUMBER or SHEET:NUMBER where there are several, by a
    phone number in any spelling, or by an e-mail. “last” is the newest run. Nothing is sent.

    \b
    imsync why last 4711
    imsync why 20261121T2130-7f3a9c "0500 111 22 33"
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    from sync.report.told import stories_text, story_object
    from sync.run.asked import MOST, asked_rows
    from sync.runs import RunFile

    run_file = RunFile.open(named_run(options, run_name), look=True)
    try:
        stories = asked_rows(run_file, asked)
        if options.as_json:
            data = [story_object(run_file, each) for each in stories]
            printing.result_object({"status": "completed", "run": run_file.meta.run, "rows": data})
        else:
            printing.result(stories_text(run_file, stories, look=look(), most=MOST))
    finally:
        run_file.close()
    return 0
