"""The one place that prints: results to standard output, everything else to standard error.

What enters: text. What leaves: the same text, on the right stream. What never happens here: a secret.
"""

import json
import os
import sys
from typing import Any


def result(text: str) -> None:
    """Prints a result; a reader who has gone away misses it, and the run goes on."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def result_object(data: dict[str, Any]) -> None:
    """Prints the one JSON object of `--json`."""
    result(json.dumps(data, ensure_ascii=False))


def told(text: str) -> None:
    """Prints something for the person at the screen that is no result."""
    print(text, file=sys.stderr)
