"""A run file in, reports out: report.csv, report.json, report.xlsx, the rejected rows, and text for the terminal."""

from sync.report.checked import check_data, check_text, rejected_rows
from sync.report.files import check_folder
from sync.report.rejected import write_rows
from sync.report.reports import write_reports
from sync.report.text import end_text, plan_text, visible

__all__ = [
    "check_data",
    "check_folder",
    "check_text",
    "end_text",
    "plan_text",
    "rejected_rows",
    "visible",
    "write_reports",
    "write_rows",
]
