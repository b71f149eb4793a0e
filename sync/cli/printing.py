"""The one place that prints: results to standard output, everything else to standard error.

What enters: text. What leaves: the same text, on the right stream. What never happens here: a secret.
"""

import io
import json
import sys
from contextlib import suppress
from typing import Any

import click


def result(text: str) -> None:
    """Prints a result; a reader who has gone away misses it, and the run goes on."""
    try:
        click.echo(text, color=True)  # what is to be plain has no colours in it; Windows needs them translated
    except OSError:  # a closed pipe, a full disk behind it
        sys.stdout = io.StringIO()


def result_object(data: dict[str, Any]) -> None:
    """Prints the one JSON object of `--json`."""
    result(json.dumps(data, ensure_ascii=False))


def told(text: str) -> None:
    """Prints something for the person at the screen that is no result."""
    with suppress(OSError):
        print(text, file=sys.stderr)
