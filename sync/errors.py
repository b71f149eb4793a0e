"""The family of errors, by what may be done next.

Every error carries a message code and named values, never a sentence: `sync.messages` makes the sentence.

    ImsyncError
    ├── UsageError            mapping, input, base URL or run file is wrong           exit 2
    │   └── MappingError      every mistake of a mapping at once
    │       └── JobsError     every mistake of imsync.toml at once
    ├── RunRefused            stopped before writing: guard, stale plan, lock …       exit 4
    ├── RunStopped            the run ends early and can be resumed                   exit 6
    │   ├── NotAuthorised     the API does not accept the credentials                 exit 5
    │   ├── WrongAddress      the base URL is not the API's (404, a redirect)         exit 2
    │   └── Unreachable       reads failed for longer than the retry budget           exit 6
    └── CallFailed            one write did not succeed; the run goes on
        ├── Refused           the API said no, for good
        │   └── Gone          the contact is not there (465)
        ├── NotDone           retries ran out, and it is certain that nothing was written
        └── Unsure            the write may have happened
"""

from dataclasses import dataclass, field
from typing import Any


class ImsyncError(Exception):
    """Anything that has an answer for the person at the screen.

    Args:
        code: a code of the message catalogue.
        values: what the message's template names.
    """

    exit_code = 1

    def __init__(self, code: str, **values: Any) -> None:  # noqa: ANN401 - a template prints any value
        super().__init__(code, values)
        self.code = code
        self.values = values


class UsageError(ImsyncError):
    """The command line, a mapping, an input file, the base URL or a run file is wrong."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file: where it stands and what it is.

    `line` and `column` count from 1, as editors do; 0 where a place is not known.
    """

    file: str
    line: int
    column: int
    code: str
    values: dict[str, Any] = field(default_factory=dict)


class MappingError(UsageError):
    """A mapping with mistakes: all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("mapping_wrong", count=len(problems), file=problems[0].file if problems else "")
        self.problems = problems


class JobsError(MappingError):
    """A file of jobs with mistakes: all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.code = "jobs_wrong"


class RunRefused(ImsyncError):
    """Stopped before anything was written."""

    exit_code = 4


class RunStopped(ImsyncError):
    """The run ends before its plan does; what is left stays pending and `resume` goes on.

    Attributes:
        unsure: it came as the answer to a write, but not from the API itself: the write may have happened.
    """

    exit_code = 6
    unsure = False


class NotAuthorised(RunStopped):
    """The API answered 401: nothing more may be sent."""

    exit_code = 5


class WrongAddress(RunStopped):
    """The API answered 404 or a redirect: the base URL is not the API's."""

    exit_code = 2


class Unreachable(RunStopped):
    """A read failed until its retry budget was used up."""


class CallFailed(ImsyncError):
    """One request did not succeed. A run goes on with the next change; a command that only read can be repeated.

    Args:
        code: a code of the message catalogue.
        status: the API's status code, or None where there was no readable answer.
        message: the API's own (Turkish) message, as sent, or an empty text.
    """

    exit_code = 6

    def __init__(self, code: str, *, status: int | None = None, message: str = "", **values: Any) -> None:  # noqa: ANN401
        super().__init__(code, status=status, message=message, **values)
        self.status = status
        self.message = message


class Refused(CallFailed):
    """The API refused this request for good; repeating it is useless."""


class Gone(Refused):
    """The contact does not exist (any more): status 465 to get, edit or delete."""


class NotDone(CallFailed):
    """Retries ran out, and nothing was written: no connection was made, or each answer said so."""


class Unsure(CallFailed):
    """The request left and no readable answer came back: the write may have happened, or may still happen."""
