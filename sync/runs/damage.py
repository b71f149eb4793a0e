"""Damage that only reading shows: SQLite checks how its pages hang together, not what we keep in them.

What enters: a function that reads a run file, its first argument. What leaves: what it returns, or an error of ours.
What never happens here: an error of SQLite or of a parser that gets as far as the person.
"""

import inspect
import sqlite3
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar, cast

from sync.errors import UsageError
from sync.runs.opening import trouble

_Reading = TypeVar("_Reading", bound=Callable[..., Any])
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)


def unless_damaged(read: _Reading) -> _Reading:
    """Tells damage that the function meets; where it is an iterator, also what it meets later."""

    @wraps(read)
    def at_once(run_file: Any, /, *args: Any, **named: Any) -> Any:  # noqa: ANN401
        try:
            return read(run_file, *args, **named)
        except sqlite3.Error as error:
            raise trouble(run_file.path, error) from error
        except _UNREADABLE as error:
            raise UsageError("run_file_damaged", file=str(run_file.path), reason=str(error)) from error

    @wraps(read)
    def one_by_one(run_file: Any, /, *args: Any, **named: Any) -> Iterator[Any]:  # noqa: ANN401
        try:
            yield from read(run_file, *args, **named)
        except sqlite3.Error as error:
            raise trouble(run_file.path, error) from error
        except _UNREADABLE as error:
            raise UsageError("run_file_damaged", file=str(run_file.path), reason=str(error)) from error

    return cast("_Reading", one_by_one if inspect.isgeneratorfunction(read) else at_once)
