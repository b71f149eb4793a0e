"""report.xlsx: a summary and the rows.

What enters: a run's record. What leaves: a workbook. What never happens here: a formula; a cell that Excel refuses.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from sync.outcome import OUTCOMES, Summary
from sync.record import RunRecord
from sync.report.rows import COLUMNS, records

_MOST_ROWS = 1_048_576 - 1  # Excel's limit, less the header
_LONGEST = 32_767  # characters in a cell: Excel's limit
_NOT_IN_EXCEL = re.compile(ILLEGAL_CHARACTERS_RE.pattern + "|[\ufffe\uffff]")
_WIDTHS = (22, 16, 8, 28, 12, 12, 48, 22, 80, 10, 20)
_HEADER = PatternFill("solid", start_color="1F3A5F")
_FILLS = {
    "added": "DDF0DD", "edited": "DDE8F7", "rejected": "F9DEDC", "conflict": "FCE8C8", "failed": "F9DEDC",
    "unresolved": "FCE8C8", "pending": "EEEEEE",
}  # fmt: skip


def write_workbook(run: RunRecord, summary: Summary, path: Path, *, all_rows: bool) -> None:
    """Writes the workbook; rows beyond what a sheet holds go on in further sheets."""
    workbook = Workbook(write_only=True)
    _summary_sheet(workbook.create_sheet("Summary"), run, summary)
    shown = OUTCOMES if all_rows else tuple(outcome for outcome in OUTCOMES if outcome != "unchanged")
    sheet, written, number = _rows_sheet(workbook, 1), 0, 1
    for each in records(run, *shown):
        if written == _MOST_ROWS:
            number, written = number + 1, 0
            sheet = _rows_sheet(workbook, number)
        fill = _FILLS.get(each.outcome)
        cells = [_cell(sheet, value) for value in each.flat()]
        if fill:
            cells[COLUMNS.index("outcome")].fill = PatternFill("solid", start_color=fill)
        cells[COLUMNS.index("message")].alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append(cells)
        written += 1
    workbook.save(path)


def _summary_sheet(sheet: Any, run: RunRecord, summary: Summary) -> None:  # noqa: ANN401 - see _rows_sheet
    sheet.column_dimensions["A"].width = 24
    sheet.column_dimensions["B"].width = 60
    meta = run.meta
    facts: Iterable[tuple[str, Any]] = (
        ("Run", meta.run),
        ("Status", summary.status),
        ("Job", meta.job),
        ("Files", ", ".join(each.name for each in run.inputs())),
        ("Planned at", meta.created),
        ("Applied at", meta.applied_at or "not applied"),
        ("API", meta.base_url),
        ("Rows", summary.rows),
        *((outcome, summary.outcomes.get(outcome, 0)) for outcome in OUTCOMES),
        ("Stored otherwise", summary.altered),
        ("Requests", sum(summary.requests.values())),
        ("Retries", summary.retries),
        ("Seconds", round(summary.seconds, 1)),
    )
    for name, value in facts:
        title = _cell(sheet, name)
        title.font = Font(bold=True)
        sheet.append([title, _cell(sheet, value)])


def _rows_sheet(workbook: Workbook, number: int) -> Any:  # noqa: ANN401 - the stubs do not know what a write-only sheet can do
    sheet: Any = workbook.create_sheet("Rows" if number == 1 else f"Rows {number}")
    for index, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}1"
    header = [_cell(sheet, name) for name in COLUMNS]
    for cell in header:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = _HEADER
    sheet.append(header)
    return sheet


def _cell(sheet: Any, value: Any) -> Any:  # noqa: ANN401 - text or number
    """A cell that shows the value and is never a formula."""
    if isinstance(value, str):
        value = text(value)
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def text(value: str) -> str:
    """The text as Excel can hold it: no control characters, not too long."""
    value = _NOT_IN_EXCEL.sub("\ufffd", value)
    return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
