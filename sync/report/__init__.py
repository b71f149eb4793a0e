"""A run file in, reports out: report.csv, report.json, report.xlsx, the rejected rows, and text for the terminal."""

from sync.report.book_side import book_side_text
from sync.report.checked import check_data, check_text, rejected_rows
from sync.report.files import check_folder
from sync.report.look import Look
from sync.report.planned import breach_text, plan_text
from sync.report.reach import reach_data, reach_lines
from sync.report.rejected import write_rows
from sync.report.reports import write_reports
from sync.report.text import end_text, visible

__all__ = [
    "Look",
    "book_side_text",
    "breach_text",
    "check_data",
    "check_folder",
    "check_text",
    "end_text",
    "plan_text",
    "reach_data",
    "reach_lines",
    "rejected_rows",
    "visible",
    "write_reports",
    "write_rows",
]
