"""A run file in, reports out: report.csv, report.json, report.xlsx, the rejected rows, and text for the terminal."""

from sync.report.files import check_folder
from sync.report.reports import write_reports
from sync.report.text import check_text, end_text, plan_text, visible

__all__ = ["check_folder", "check_text", "end_text", "plan_text", "visible", "write_reports"]
