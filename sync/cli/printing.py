"""The one place that prints: results to standard output, everything else to standard error.

What enters: text. What leaves: the same text, on the right stream. What never happens here: a secret.
"""

import io
import sys
from collections.abc import Mapping
from contextlib import suppress


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


def result_object(data: Mapping[str, object]) -> None:
    """Prints the one JSON object of `--json`."""
    import json

    result(json.dumps(data, ensure_ascii=False))


def told(text: str) -> None:
    """Prints something for the person at the screen that is no result."""
    with suppress(OSError):
        print(text, file=sys.stderr)
