"""`imsync check`: the person's first look at their own file."""

from pathlib import Path

import click

from sync import messages
from sync.cli import printing
from sync.cli.options import Options, common_options, files_argument, mapping_option
from sync.cli.progress import set_up_logging
from sync.outcome import Summary
from sync.report import check_text
from sync.run import check as check_files
from sync.run import read_mapping


@click.command()
@files_argument
@mapping_option
@common_options(remote=False)
def check(files: tuple[Path, ...], mapping_path: Path, options: Options) -> int:
    """Read, map and validate files; report every bad cell. Nothing is sent.

    \b
    imsync check customers.xlsx -m customers.yaml
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    found = check_files(files, read_mapping(mapping_path))
    summary = Summary(run=None, status="planned", rows=len(found.sheet), outcomes=found.outcomes)
    if options.as_json:
        table = found.sheet.table
        issues = [
            {
                "file": found.sheet.inputs[int(table["input"].iloc[row])].name,
                "row": int(table["row"].iloc[row]),
                "column": remark.column,
                "code": remark.code,
                "message": messages.text(remark.code, remark.values),
            }
            for row, remarks in sorted(found.remarks.items())
            for remark in remarks
        ]
        printing.result_object({**summary.to_dict(), "issues": issues})
    elif not options.quiet:
        printing.result(check_text(found.sheet, found.outcomes, found.remarks))
    return summary.exit_code
