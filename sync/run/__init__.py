"""Joins the rooms: read the sheet, read the book, diff them into a plan, guard the plan, apply it, report every row.

Each module is one part of that sentence; `context` is what all of them work with.
"""

from sync.reader import (
    SCHEMA_FILE,
    ColumnGuess,
    Guess,
    KnownBook,
    column_letters,
    initial_mapping,
    read_mapping,
)
from sync.remote import Examination
from sync.report import write_reports
from sync.run.account import examination, known_book
from sync.run.applying import apply, expected, refuse_broken_guards, resume
from sync.run.checking import Checked, check, write_rejected
from sync.run.context import Context
from sync.run.ending import begun_runs, summary
from sync.run.planning import plan

__all__ = [
    "SCHEMA_FILE",
    "Checked",
    "ColumnGuess",
    "Context",
    "Examination",
    "Guess",
    "KnownBook",
    "apply",
    "begun_runs",
    "check",
    "column_letters",
    "examination",
    "expected",
    "initial_mapping",
    "known_book",
    "plan",
    "read_mapping",
    "refuse_broken_guards",
    "resume",
    "summary",
    "write_rejected",
    "write_reports",
]
