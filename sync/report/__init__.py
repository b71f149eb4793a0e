"""A run file in, reports out: report.csv, report.json, report.xlsx, the rejected rows, and text for the terminal."""

from typing import TYPE_CHECKING

from sync.lazy import lazy_attributes

if TYPE_CHECKING:
    from sync.report.book_side import book_side_text
    from sync.report.checked import check_data, check_text, rejected_rows
    from sync.report.files import check_folder
    from sync.report.look import Look
    from sync.report.planned import breach_text, plan_text
    from sync.report.reach import reach_data, reach_lines
    from sync.report.rejected import write_rows
    from sync.report.reports import write_reports
    from sync.report.text import departed_counts, end_text, visible

__all__ = [
    "Look",
    "book_side_text",
    "breach_text",
    "check_data",
    "check_folder",
    "check_text",
    "departed_counts",
    "end_text",
    "plan_text",
    "reach_data",
    "reach_lines",
    "rejected_rows",
    "visible",
    "write_reports",
    "write_rows",
]

# Where each is; it is imported when it is first asked for, so that text for the terminal waits for no workbook.
_HOMES = {
    "Look": "sync.report.look",
    "book_side_text": "sync.report.book_side",
    "breach_text": "sync.report.planned",
    "check_data": "sync.report.checked",
    "check_folder": "sync.report.files",
    "check_text": "sync.report.checked",
    "departed_counts": "sync.report.text",
    "end_text": "sync.report.text",
    "plan_text": "sync.report.planned",
    "reach_data": "sync.report.reach",
    "reach_lines": "sync.report.reach",
    "rejected_rows": "sync.report.checked",
    "visible": "sync.report.text",
    "write_reports": "sync.report.reports",
    "write_rows": "sync.report.rejected",
}

if not TYPE_CHECKING:  # a type checker would take any name for one of these
    __getattr__ = lazy_attributes(__name__, _HOMES)
