"""Writes all reports of a run.

What enters: a run's record, its summary, a folder. What leaves: the paths that were written.
What never happens here: a formula from a cell; a row left out; a file written over that is not ours.
"""

import csv
import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TextIO

from sync.formulas import defused
from sync.outcome import Summary
from sync.reconciliation import BookSide
from sync.record import RunRecord
from sync.report import rejected
from sync.report.book_side import (
    DUPLICATE_COLUMNS,
    duplicate_objects,
    duplicate_rows,
    remote_only_columns,
    remote_only_objects,
    remote_only_rows,
)
from sync.report.departed import departed_objects
from sync.report.folder import ReportFolder, Tell, untold
from sync.report.formats import FORMATS
from sync.report.page import write_page
from sync.report.reach import reach_data
from sync.report.removed import REMOVED_COLUMNS, removed_rows
from sync.report.rows import COLUMNS, records
from sync.report.workbook import write_workbook

VERSION = 1  # of report.json; its schema (report.schema.json) is published with it
_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def write_reports(
    run: RunRecord,
    summary: Callable[[list[Path]], Summary],
    folder: Path,
    *,
    all_rows: bool = False,
    book_side: BookSide | None = None,
    formats: Collection[str] = FORMATS,
    tell: Tell = untold,
) -> list[Path]:
    """Writes report.html, report.xlsx, report.csv, the rejected rows of each input that has any, and report.json.

    With a `book_side` also remote-only.csv and duplicates.csv; of a run that takes contacts out of the book because the
    sheet lacks them, removed.csv; each where there are any.

    Args:
        run: the run or plan.
        summary: gives the summary object, once the paths are known.
        folder: the files go directly into it.
        all_rows: the workbook shows unchanged rows too.
        book_side: what a comparison in both directions found on the book's side.
        formats: which of them.
        tell: is told of each file that was kept under another name, and of each report that could not have its own.

    Raises:
        UsageError: the folder cannot be written.
    """
    target = ReportFolder(folder, run.inputs(), tell)
    paths: list[Path] = []
    if "csv" in formats:
        paths.append(target.place("report.csv", partial(_write_csv, run)))
        paths += _write_listings(run, book_side, target)
    if "rejected" in formats:
        paths += rejected.write_all(run, folder, tell)
    if "xlsx" in formats:
        workbook = partial(
            write_workbook, run, summary(paths), all_rows=all_rows, book_side=book_side, reports=tuple(paths)
        )
        paths.insert(0, target.place("report.xlsx", workbook))
    if "html" in formats:
        page = partial(write_page, run, summary(paths), reports=tuple(paths), book_side=book_side)
        paths.insert(0, target.place("report.html", page))  # what a person opens first
    return [*paths, _place_json(run, summary, book_side, target, paths)] if "json" in formats else paths


def _place_json(
    run: RunRecord,
    summary: Callable[[list[Path]], Summary],
    side: BookSide | None,
    target: ReportFolder,
    paths: list[Path],
) -> Path:
    """Writes report.json; it names itself, so a neighbour is written once more under its name."""
    name, placed = "report.json", None
    while placed is None or placed.name != name:
        name = placed.name if placed else name
        told = [*paths, target.path / name]
        placed = target.place(name, partial(_write_json, run, summary(told), side))
    return placed


def _write_csv(run: RunRecord, path: Path) -> None:
    _write_table(COLUMNS, (each.flat() for each in records(run)), path)


def _write_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(cell) if isinstance(cell, str) else cell for cell in row])


@lru_cache(maxsize=1024)  # most columns say the same in nearly every row
def _cell(text: str) -> str:
    return defused(visible(text))


def visible(text: str) -> str:
    """The text without characters that steer a terminal or turn its direction: each leaves a mark."""
    return text if text.isprintable() else _STEERING.sub("\ufffd", text)


def _write_listings(run: RunRecord, side: BookSide | None, target: ReportFolder) -> list[Path]:
    """Writes the tables of contacts that have rows; of those that have none, none of an earlier run is left."""
    listings: list[tuple[str, int, Sequence[str], Iterable[Sequence[Any]]]] = []
    if run.meta.removes:
        listings.append(("removed.csv", run.meta.departed, REMOVED_COLUMNS, removed_rows(run)))
    if side is not None:
        listings += (
            ("remote-only.csv", len(side.remote_only), remote_only_columns(side), remote_only_rows(side)),
            ("duplicates.csv", len(side.duplicates), DUPLICATE_COLUMNS, duplicate_rows(side)),
        )
    paths = []
    for name, found, columns, rows in listings:
        if found:
            paths.append(target.place(name, partial(_write_table, columns, rows)))
        else:
            target.remove(name)
    return paths


def _write_json(run: RunRecord, summary: Summary, side: BookSide | None, path: Path) -> None:
    """The summary and the rows, written row by row so that a million need no more memory than one."""
    # A path may hold bytes that are no letters: with a backslash they are what JSON writes for them.
    with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f'{{"version": {VERSION},\n"summary": ' + json.dumps(summary.to_dict(), ensure_ascii=False))
        if side is not None:
            file.write(',\n"reach": ' + json.dumps(reach_data(side.book), ensure_ascii=False))
            _write_list(file, "remote_only", remote_only_objects(side))
            _write_list(file, "duplicates", duplicate_objects(side))
        if run.meta.removes:
            _write_list(file, "removed", departed_objects(run))
        _write_list(file, "rows", (each.to_dict() for each in records(run)))
        file.write("}\n")


def _write_list(file: TextIO, name: str, objects: Iterable[dict[str, Any]]) -> None:
    encode = json.JSONEncoder(ensure_ascii=False).encode  # `json.dumps` makes one for each object
    file.write(f',\n"{name}": [')
    file.writelines(("," if number else "") + "\n" + encode(each) for number, each in enumerate(objects))
    file.write("\n]")
