"""Writes all reports of a run.

What enters: a run's record, its summary, a folder. What leaves: the paths that were written.
What never happens here: a formula from a cell; a row left out.
"""

import csv
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sync.outcome import Summary
from sync.record import RunRecord
from sync.report import rejected
from sync.report.files import place
from sync.report.rows import COLUMNS, harmless, records
from sync.report.workbook import write_workbook


def write_reports(
    run: RunRecord, summary: Callable[[list[Path]], Summary], folder: Path, *, all_rows: bool = False
) -> list[Path]:
    """Writes report.xlsx, report.csv, the rejected rows of each input that has any, and report.json.

    Args:
        run: the run or plan.
        summary: gives the summary object, once the paths are known.
        folder: the files go directly into it.
        all_rows: the workbook shows unchanged rows too.

    Raises:
        UsageError: the folder cannot be written.
    """
    spared = {Path(each.path).resolve() for each in run.inputs()}  # an input is never replaced by a report
    workbook = partial(write_workbook, run, summary([]), all_rows=all_rows)
    paths = [
        place(folder, "report.xlsx", workbook, spared=spared),
        place(folder, "report.csv", partial(_write_csv, run), spared=spared),
    ]
    paths += rejected.write_all(run, folder)
    name, placed = "report.json", None
    while placed is None or placed.name != name:  # it names itself, so a neighbour is written once more under its name
        name = placed.name if placed else name
        told = [*paths, folder / name]
        placed = place(folder, name, partial(_write_json, run, summary(told)), spared=spared)
    return [*paths, placed]


def _write_csv(run: RunRecord, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(COLUMNS)
        for each in records(run):
            writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in each.flat()])


def _write_json(run: RunRecord, summary: Summary, path: Path) -> None:
    """The summary and the rows, written row by row so that a million need no more memory than one."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"summary": ' + json.dumps(summary.to_dict(), ensure_ascii=False) + ',\n"rows": [')
        for number, each in enumerate(records(run)):
            file.write(("," if number else "") + "\n" + json.dumps(each.to_dict(), ensure_ascii=False))
        file.write("\n]}\n")
