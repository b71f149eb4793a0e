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
from sync.run.applying import apply, expected, has_work, refuse_broken_guards, resume
from sync.run.checking import Checked, check, write_rejected
from sync.run.context import Context
from sync.run.ending import begun_runs, summary
from sync.run.exporting import Exported, check_targets, export
from sync.run.planning import plan
from sync.run.reconciling import Reconciled, reconcile
from sync.run.undoing import plan_undo

__all__ = [
    "SCHEMA_FILE",
    "Checked",
    "ColumnGuess",
    "Context",
    "Examination",
    "Exported",
    "Guess",
    "KnownBook",
    "Reconciled",
    "apply",
    "begun_runs",
    "check",
    "check_targets",
    "column_letters",
    "examination",
    "expected",
    "export",
    "has_work",
    "initial_mapping",
    "known_book",
    "plan",
    "plan_undo",
    "read_mapping",
    "reconcile",
    "refuse_broken_guards",
    "resume",
    "summary",
    "write_rejected",
    "write_reports",
]
