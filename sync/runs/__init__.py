"""The run file and the state directory: where plans, journals and accounts are kept."""

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
