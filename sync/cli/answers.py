"""Turns errors into answers: what, where, what next, and the exit code.

What enters: an error. What leaves: text on standard error, an exit code. What never happens here: a bare traceback.
"""

import traceback
from collections.abc import Callable, Sequence
from typing import Any

from sync import messages
from sync.cli import printing
from sync.cli.log_lines import masked
from sync.cli.options import Options
from sync.errors import ImsyncError, MappingError
from sync.outcome import Summary
from sync.report import visible


def answer(error: BaseException | None, arguments: Sequence[str], *, code: int) -> int:
    """Tells the person what went wrong and returns the exit code; `code` is for what is no ImsyncError."""
    if isinstance(error, ImsyncError):
        code = error.exit_code
        tell(error)
    elif error is None:
        printing.error(f"imsync: {messages.phrase('stopped')}")
    else:
        printing.error(masked(f"imsync: {messages.phrase('bug', error=f'{type(error).__name__}: {error}')}"))
        if {"-v", "--verbose"} & set(arguments):
            printing.error(masked("".join(traceback.format_exception(error))))
        else:
            printing.error(messages.phrase("bug_advice"))
    if "--json" in arguments:
        status = {4: "refused", 5: "aborted", 6: "aborted", 1: "aborted"}.get(code)
        said: dict[str, Any] = {
            "code": None,
            "message": masked(str(error or messages.phrase("stopped"))),
            "exit_code": code,
        }
        if isinstance(error, ImsyncError):
            said = error_data(error)
        if isinstance(error, MappingError):
            said["problems"] = [messages.problem_text(problem) for problem in error.problems]
        empty = Summary(run=None, status="aborted", rows=0, outcomes={}).to_dict()
        printing.result_object({**empty, "status": status, "error": said})
    return code


def error_data(error: ImsyncError) -> dict[str, Any]:
    """An error for programs."""
    return {"code": error.code, "message": messages.error_text(error), "exit_code": error.exit_code}


def telling(options: Options) -> Callable[..., None]:
    """Tells sentences of the message catalogue, by code and values, unless nothing but errors is wanted."""

    def told(code: str, **values: Any) -> None:  # noqa: ANN401 - a template prints any value
        if not options.quiet:
            printing.told(f"imsync: {visible(messages.text(code, values))}")

    return told


def tell(error: ImsyncError) -> None:
    """Prints an error: all its problems where it has several."""
    if isinstance(error, MappingError):
        for problem in error.problems:
            printing.error(visible(messages.problem_text(problem)))
        if len(error.problems) == 1 and not error.problems[0].line:
            return  # the file as a whole: there is nothing to count
    printing.error(f"imsync: {visible(messages.error_text(error))}")
