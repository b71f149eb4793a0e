"""`imsync export`: all of the book that can be reached, as a file that a mapping reads back."""

from pathlib import Path

import click

from sync import messages, report, run
from sync.cli import printing
from sync.cli.options import WITHOUT_CHANGES, WITHOUT_REPORTS, Options, common_options
from sync.cli.progress import set_up_logging
from sync.cli.running import finished
from sync.cli.settings import context
from sync.cli.terminal import look
from sync.outcome import Summary

_PATH = click.Path(path_type=Path)


@click.command()
@click.option(
    "-o",
    "--output",
    required=True,
    type=_PATH,
    metavar="FILE",
    help="The file to write, ending in .csv or .xlsx.",
)
@click.option(
    "-m", "--mapping", "mapping_path", type=_PATH, metavar="MAPPING", help="Call custom fields as this mapping does."
)
@click.option(
    "--write-mapping",
    "written_mapping",
    type=_PATH,
    metavar="MAPPING",
    help="Write the mapping that reads the file back here.  [default: beside the file, ending in .yaml]",
)
@click.option("--force", is_flag=True, help="Replace an earlier export and its mapping.")
@common_options(idle=(*WITHOUT_CHANGES, *WITHOUT_REPORTS))
def export(
    output: Path, mapping_path: Path | None, written_mapping: Path | None, options: Options, *, force: bool
) -> int:
    """Write all of the book that can be reached to a .csv or .xlsx file, and the mapping that reads it back.

    \b
    imsync export -o book.xlsx
    imsync plan book.xlsx -m book.yaml
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    target = written_mapping or output.with_suffix(".yaml")
    run.check_targets(output, target, force=force)
    mapping = run.read_mapping(mapping_path).mapping if mapping_path else None
    here = context(
        options,
        mapping.api.model_dump() if mapping else {},
        saved_url=mapping.api.base_url if mapping else None,
        reports=False,
    )
    with here.lock(f"imsync export -o {output}"):
        work = run.export(here, output, target, labels=mapping.labels if mapping else None)
        found = finished(here, work, drains=False)
    if options.as_json:
        printing.result_object(_object(found))
    elif not options.quiet:
        printing.result("\n".join(_told(found)))
    return 0


def _told(found: "run.Exported") -> list[str]:
    values = {"contacts": len(found.book), "file": found.path, "requests": sum(found.requests.values())}
    lines = [messages.text("export_written", values)]
    if len(found.sheets) > 1:
        lines.append(messages.text("export_sheets", {"sheets": len(found.sheets)}))
    if found.beside:
        lines.append(messages.text("export_beside", {"cells": found.beside}))
    if found.replaced:
        lines.append(messages.text("export_replaced", {"cells": found.replaced}))
    if found.groups_left:
        lines.append(messages.text("export_groups_left", {"count": found.groups_left}))
    lines += report.reach_lines(found.book)
    words = {"file": messages.shell_word(found.path), "mapping": messages.shell_word(found.mapping)}
    lines.append(messages.text("export_back", words))
    here = look()
    return [folded for line in lines for folded in here.fold(report.visible(line), then="  ")]


def _object(found: "run.Exported") -> dict[str, object]:
    summary = Summary(
        run=None,
        status="completed",
        rows=0,
        outcomes={},
        remote_only=len(found.book),
        requests=found.requests,
        retries=found.retries,
        seconds=found.seconds,
        reports=(str(found.path), str(found.mapping)),
    )
    return {
        **summary.to_dict(),
        "contacts": len(found.book),
        "cells_beside": found.beside,
        "cells_replaced": found.replaced,
        "groups_left_out": found.groups_left,
        "reach": report.reach_data(found.book),
    }
