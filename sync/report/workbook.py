"""report.xlsx: a summary and the rows; beside them what a comparison finds on the book's side.

What enters: a run's record. What leaves: a workbook. What never happens here: a formula; a cell that Excel refuses.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from sync.outcome import OUTCOMES, Summary
from sync.reconciliation import BookSide
from sync.record import RunRecord
from sync.report.book_side import DUPLICATE_COLUMNS, duplicate_rows, remote_only_columns, remote_only_rows
from sync.report.reach import reach_lines
from sync.report.rows import COLUMNS, records

MOST_ROWS = 1_048_576 - 1  # Excel's limit, less the header
_LONGEST = 32_767  # characters in a cell: Excel's limit
_NOT_IN_EXCEL = re.compile(ILLEGAL_CHARACTERS_RE.pattern + "|[\ufffe\uffff]")
_WIDTH = 24
_WIDTHS = (22, 16, 8, 28, 12, 12, 48, 22, 80, 10, 20)
_HEADER = PatternFill("solid", start_color="1F3A5F")
_FILLS = {
    "added": "DDF0DD", "edited": "DDE8F7", "deleted": "EADCF4", "rejected": "F9DEDC", "conflict": "FCE8C8",
    "failed": "F9DEDC", "unresolved": "FCE8C8", "pending": "EEEEEE",
}  # fmt: skip


def write_workbook(
    run: RunRecord, summary: Summary, path: Path, *, all_rows: bool, book_side: BookSide | None = None
) -> None:
    """Writes the workbook; rows beyond what a sheet holds go on in further sheets."""
    workbook = Workbook(write_only=True)
    _summary_sheet(workbook.create_sheet("Summary"), run, summary, book_side)
    shown = OUTCOMES if all_rows else tuple(outcome for outcome in OUTCOMES if outcome != "unchanged")
    rows = _Table(workbook, "Rows", COLUMNS, _WIDTHS)
    for each in records(run, *shown):
        fill = _FILLS.get(each.outcome)
        cells = rows.cells(each.flat())
        if fill:
            cells[COLUMNS.index("outcome")].fill = PatternFill("solid", start_color=fill)
        cells[COLUMNS.index("message")].alignment = Alignment(wrap_text=True, vertical="top")
        rows.append(cells)
    if book_side is not None:
        columns = remote_only_columns(book_side)
        alone = _Table(workbook, "Remote only", columns, (_WIDTH,) * len(columns))
        for contact in remote_only_rows(book_side):
            alone.append(alone.cells(contact))
        shared = _Table(workbook, "Duplicates", DUPLICATE_COLUMNS, (_WIDTH,) * len(DUPLICATE_COLUMNS))
        for contact in duplicate_rows(book_side):
            shared.append(shared.cells(contact))
    workbook.save(path)


class _Table:
    """Rows under a header; a sheet that is full is followed by another one."""

    def __init__(self, workbook: Workbook, name: str, columns: Sequence[str], widths: Sequence[int]) -> None:
        self._workbook, self._name, self._columns, self._widths = workbook, name, columns, widths
        self._sheets = self._written = 0
        self._sheet = self._next_sheet()

    def _next_sheet(self) -> Any:  # noqa: ANN401 - the stubs do not know what a write-only sheet can do
        self._sheets, self._written = self._sheets + 1, 0
        name = self._name if self._sheets == 1 else f"{self._name} {self._sheets}"
        sheet: Any = self._workbook.create_sheet(name)
        for index, width in enumerate(self._widths, start=1):
            sheet.column_dimensions[get_column_letter(index)].width = width
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(self._columns))}1"
        header = [_cell(sheet, name) for name in self._columns]
        for cell in header:
            cell.font = Font(bold=True, color="FFFFFF")
            cell.fill = _HEADER
        sheet.append(header)
        return sheet

    def cells(self, values: Iterable[Any]) -> list[Any]:
        """The values as cells of the sheet that the next row goes to."""
        if self._written == MOST_ROWS:
            self._sheet = self._next_sheet()
        return [_cell(self._sheet, value) for value in values]

    def append(self, cells: list[Any]) -> None:
        """Adds a row."""
        self._sheet.append(cells)
        self._written += 1


def _summary_sheet(
    sheet: Any,  # noqa: ANN401 - see _Table
    run: RunRecord,
    summary: Summary,
    book_side: BookSide | None,
) -> None:
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
        *((outcome, count) for outcome, count in summary.to_dict()["outcomes"].items()),
        *(_book_facts(book_side) if book_side is not None else ()),
        ("Stored otherwise", summary.altered),
        ("Requests", sum(summary.requests.values())),
        ("Retries", summary.retries),
        ("Seconds", round(summary.seconds, 1)),
    )
    for name, value in facts:
        title = _cell(sheet, name)
        title.font = Font(bold=True)
        sheet.append([title, _cell(sheet, value)])


def _book_facts(side: BookSide) -> Iterable[tuple[str, Any]]:
    yield "Contacts read", len(side.book)
    yield "Remote only", len(side.remote_only)
    yield "Duplicates in the book", len(side.duplicates)
    for number, told in enumerate(reach_lines(side.book)):
        yield "" if number else "Book read", told


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
