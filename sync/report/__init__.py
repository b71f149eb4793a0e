"""A run file in, reports out: report.csv, report.json, report.xlsx, the rejected rows, and text for the terminal."""

from sync.report.reports import write_reports
from sync.report.text import check_text, end_text, plan_text

__all__ = ["check_text", "end_text", "plan_text", "write_reports"]
