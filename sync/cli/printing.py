"""The one place that prints: results to standard output, everything else to standard error.

What enters: text. What leaves: the same text, on the right stream. What never happens here: a secret.
"""

import io
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:  # `--version` and `--help` wait for neither of them
    from typing import Any

    from sync.cli.log_lines import JsonLines


class _Door:
    """How this process speaks.

    Attributes:
        lines: makes lines of whatever is told, where `--log-format json` asks for that.
        objects: takes the results of jobs that are summed up later.
    """

    def __init__(self) -> None:
        self.lines: JsonLines | None = None
        self.objects: list[dict[str, Any]] | None = None


_DOOR = _Door()


def tell_lines(lines: "JsonLines | None") -> None:
    """From now on what is told comes as lines that these make; None ends that."""
    _DOOR.lines = lines


def tells_lines() -> bool:
    """Whether what is told comes as lines for programs."""
    return _DOOR.lines is not None


def note_run(run: str | None) -> None:
    """From now on the lines are about this run."""
    if _DOOR.lines is not None:
        _DOOR.lines.run = run


def event(code: str, **more: "Any") -> None:  # noqa: ANN401 - whatever JSON takes
    """A line for programs alone: where a person reads, nothing is printed."""
    if _DOOR.lines is not None:
        _written(_DOOR.lines.line(code, more={"event": code, **more}))


@contextmanager
def collected() -> "Iterator[list[dict[str, Any]]]":
    """Keeps the result objects instead of printing them."""
    before, _DOOR.objects = _DOOR.objects, []
    try:
        yield _DOOR.objects
    finally:
        _DOOR.objects = before


def plain(text: str) -> None:
    """Prints a text without colours as it is; a reader who has gone away misses it."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError:  # a closed pipe, a full disk behind it
        sys.stdout = io.StringIO()


def result(text: str) -> None:
    """Prints a result; a reader who has gone away misses it, and the run goes on."""
    import click

    try:
        click.echo(text, color=True)  # what is to be plain has no colours in it; Windows needs them translated
    except OSError:  # a closed pipe, a full disk behind it
        sys.stdout = io.StringIO()


def result_object(data: Mapping[str, object], *, shown: bool = True) -> None:
    """Prints the one JSON object of `--json`; where it is collected, that happens whether it is `shown` or not."""
    import json

    if _DOOR.objects is not None:
        _DOOR.objects.append(dict(data))
    elif shown:
        result(json.dumps(data, ensure_ascii=False))


def told(text: str) -> None:
    """Prints something for the person at the screen that is no result."""
    if _DOOR.lines is not None:
        _written(_DOOR.lines.line(text))
    else:
        _written(text)


def error(text: str) -> None:
    """Prints what went wrong."""
    if _DOOR.lines is not None:
        _written(_DOOR.lines.line(text, level="error"))
    else:
        _written(text)


def _written(text: str) -> None:
    with suppress(OSError):
        print(text, file=sys.stderr)
