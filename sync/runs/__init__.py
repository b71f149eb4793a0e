"""The run file and the state directory: where plans, journals and accounts are kept."""

from typing import TYPE_CHECKING

from sync.lazy import lazy_attributes

if TYPE_CHECKING:
    from sync.runs.binding import check_appliable, check_resumable
    from sync.runs.journal import RunJournal
    from sync.runs.read_back import record_read_back
    from sync.runs.run_file import ROW_BATCH, RunFile
    from sync.runs.state import Account, StateDirectory

__all__ = [
    "ROW_BATCH",
    "Account",
    "RunFile",
    "RunJournal",
    "StateDirectory",
    "check_appliable",
    "check_resumable",
    "record_read_back",
]

# Where each is; it is imported when it is first asked for, so that nobody who looks for a run waits for tables.
_HOMES = {
    "ROW_BATCH": "sync.runs.run_file",
    "Account": "sync.runs.state",
    "RunFile": "sync.runs.run_file",
    "RunJournal": "sync.runs.journal",
    "StateDirectory": "sync.runs.state",
    "check_appliable": "sync.runs.binding",
    "check_resumable": "sync.runs.binding",
    "record_read_back": "sync.runs.read_back",
}

if not TYPE_CHECKING:  # a type checker would take any name for one of these
    __getattr__ = lazy_attributes(__name__, _HOMES)
