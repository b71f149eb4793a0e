"""rejected.csv and rejected.xlsx: the rows that did not make it, ready to be corrected and fed in again.

What enters: a run's record. What leaves: one file for each input that has such rows.
What never happens here: changing a cell; making a text a formula.
"""

import csv
import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from sync.record import ReportRow, RunRecord
from sync.report.files import place
from sync.report.rows import is_plan, reasons
from sync.report.workbook import text
from sync.sheet import ErrorCell, Input, PaddedNumber

REASON = "imsync: reason"
_OUTCOMES = ("rejected", "conflict", "failed")


def write_all(run: RunRecord, folder: Path) -> list[Path]:
    """Writes the files; none where every row made it."""
    inputs = run.inputs()
    by_input: dict[int, list[ReportRow]] = {}
    for row in run.rows(*_OUTCOMES, planned=is_plan(run)):
        by_input.setdefault(row.input, []).append(row)
    paths = []
    for number, rows in sorted(by_input.items()):
        found = inputs[number]
        stem = "rejected" if len(inputs) == 1 else f"rejected-{number + 1}-{Path(found.name).stem}"
        if found.kind == "csv":
            paths.append(place(folder, f"{stem}.csv", lambda path, f=found, r=rows: _write_csv(f, r, path)))  # type: ignore[misc]
        else:
            paths.append(place(folder, f"{stem}.xlsx", lambda path, f=found, r=rows: _write_xlsx(f, r, path)))  # type: ignore[misc]
    return paths


def _filled(cells: Sequence[Any] | None, width: int) -> list[Any]:
    """The row's cells, as many as the header has (or more)."""
    found = list(cells or [])
    return found + [None] * (width - len(found))


def _write_csv(found: Input, rows: Sequence[ReportRow], path: Path) -> None:
    encoding = found.encoding
    # Only our own column may lack letters in an old code page; the cells came from it.
    with path.open("w", encoding=encoding, errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=found.delimiter)
        writer.writerow([*found.header, REASON])
        for row in rows:
            writer.writerow([*_filled(row.cells, len(found.header)), reasons(row)])


def _write_xlsx(found: Input, rows: Sequence[ReportRow], path: Path) -> None:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(found.sheet or "Rejected")
    sheet.append([_cell(sheet, header) for header in (*found.header, REASON)])
    for row in rows:
        cells = _filled(row.cells, len(found.header))
        sheet.append([_cell(sheet, cell) for cell in (*cells, reasons(row))])
    workbook.save(path)


def _cell(sheet: Any, value: Any) -> Any:  # noqa: ANN401 - a cell as its file types it
    cell: Any
    match value:
        case PaddedNumber(number, width):
            cell = WriteOnlyCell(sheet, value=number)
            cell.number_format = "0" * width
        case ErrorCell(shown):
            cell = WriteOnlyCell(sheet, value=shown)
            cell.data_type = "s"
        case str():
            cell = WriteOnlyCell(sheet, value=text(value))
            cell.data_type = "s"
        case datetime.datetime() if value.time() == datetime.time():
            cell = WriteOnlyCell(sheet, value=value)
            cell.number_format = "dd.mm.yyyy"
        case _:
            cell = WriteOnlyCell(sheet, value=value)
    return cell
