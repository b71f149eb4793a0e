"""What the terminal is: how wide, and whether it takes colours.

What enters: the environment, standard output. What leaves: a Look. What never happens here: printing.
"""

import os
import shutil
import sys

from sync.report import Look

_WIDTH = 100  # of a pipe or a file
_NARROWEST, _WIDEST = 40, 120  # longer lines are hard to read


def look() -> Look:
    """What results are made for: a terminal, as wide as it is and in colour, or a pipe or a file, plain."""
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size((_WIDTH, 24)).columns if terminal else _WIDTH
    return Look(min(max(width, _NARROWEST), _WIDEST), coloured=_coloured(terminal=terminal))


def _coloured(*, terminal: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return terminal and os.environ.get("TERM") != "dumb"
