"""Turns errors into answers: what, where, what next, and the exit code.

What enters: an error. What leaves: text on standard error, an exit code. What never happens here: a bare traceback.
"""

import traceback
from collections.abc import Sequence

from sync import messages
from sync.cli import printing
from sync.errors import ImsyncError, MappingError
from sync.outcome import Summary


def answer(error: BaseException | None, arguments: Sequence[str], *, code: int) -> int:
    """Tells the person what went wrong and returns the exit code; `code` is for what is no ImsyncError."""
    if isinstance(error, ImsyncError):
        code = error.exit_code
        tell(error)
    elif error is None:
        printing.told("imsync: stopped.")
    else:
        printing.told(f"imsync: an unexpected error, which is a bug: {type(error).__name__}: {error}")
        if {"-v", "--verbose"} & set(arguments):
            printing.told("".join(traceback.format_exception(error)))
        else:
            printing.told("Run it again with -v for the details. A run that had begun can be resumed: imsync resume")
    if "--json" in arguments:
        status = {4: "refused", 5: "aborted", 6: "aborted", 1: "aborted"}.get(code)
        said = {"code": error.code if isinstance(error, ImsyncError) else None, "exit_code": code}
        empty = Summary(run=None, status="aborted", rows=0, outcomes={}).to_dict()
        printing.result_object({**empty, "status": status, "error": said})
    return code


def tell(error: ImsyncError) -> None:
    """Prints an error: all its problems where it has several."""
    if isinstance(error, MappingError):
        for problem in error.problems:
            printing.told(messages.problem_text(problem))
    printing.told(f"imsync: {messages.error_text(error)}")
