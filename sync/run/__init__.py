"""Joins the rooms: read the sheet, read the book, diff them into a plan, guard the plan, apply it, report every row.

Each module is one part of that sentence; `context` is what all of them work with.
"""

from typing import TYPE_CHECKING

from sync.lazy import lazy_attributes

if TYPE_CHECKING:
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
    from sync.run.remembering import same_input
    from sync.run.settled import wait_until_settled
    from sync.run.undoing import plan_undo
    from sync.run.unfinished import unfinished_run

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
    "same_input",
    "summary",
    "unfinished_run",
    "wait_until_settled",
    "write_rejected",
    "write_reports",
]

# Where each is; it is imported when it is first asked for, so that `check` waits for nothing that talks to the API.
_HOMES = {
    "Checked": "sync.run.checking",
    "ColumnGuess": "sync.reader",
    "Context": "sync.run.context",
    "Examination": "sync.remote",
    "Exported": "sync.run.exporting",
    "Guess": "sync.reader",
    "KnownBook": "sync.reader",
    "Reconciled": "sync.run.reconciling",
    "SCHEMA_FILE": "sync.reader",
    "apply": "sync.run.applying",
    "begun_runs": "sync.run.ending",
    "check": "sync.run.checking",
    "check_targets": "sync.run.exporting",
    "column_letters": "sync.reader",
    "examination": "sync.run.account",
    "expected": "sync.run.applying",
    "export": "sync.run.exporting",
    "has_work": "sync.run.applying",
    "initial_mapping": "sync.reader",
    "known_book": "sync.run.account",
    "plan": "sync.run.planning",
    "plan_undo": "sync.run.undoing",
    "read_mapping": "sync.reader",
    "reconcile": "sync.run.reconciling",
    "refuse_broken_guards": "sync.run.applying",
    "resume": "sync.run.applying",
    "same_input": "sync.run.remembering",
    "summary": "sync.run.ending",
    "unfinished_run": "sync.run.unfinished",
    "wait_until_settled": "sync.run.settled",
    "write_rejected": "sync.run.checking",
    "write_reports": "sync.report",
}

if not TYPE_CHECKING:  # a type checker would take any name for one of these
    __getattr__ = lazy_attributes(__name__, _HOMES)
