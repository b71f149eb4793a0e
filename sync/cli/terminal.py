"""What the terminal is: how wide, and whether it takes colours.

What enters: the environment, standard output. What leaves: a Look. What never happens here: printing.
"""

import os
import shutil
import sys

from sync.report import Look

_WIDTH = 100  # of a pipe or a file
_FARTHEST = 66  # percent of the width: what begins farther right leaves no room to go on below it
_NARROWEST, _WIDEST = 40, 120  # longer lines are hard to read


def look() -> Look:
    """What results are made for: a terminal, as wide as it is and in colour, or a pipe or a file, plain."""
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size((_WIDTH, 24)).columns if terminal else _WIDTH
    return Look(min(max(width, _NARROWEST), _WIDEST), coloured=_coloured(terminal=terminal))


def fitted(text: str) -> str:
    """The text with lines as wide as the terminal; in a pipe or a file as it is.

    What follows stands below what the line says: below the last column of a table's line. No word is broken, so that
    paths and commands can be copied.
    """
    if not sys.stdout.isatty():
        return text
    width = look().width
    return "\n".join(folded for line in text.split("\n") for folded in _folded(line, width))


def _folded(line: str, width: int) -> list[str]:
    if len(line) <= width:
        return [line]
    import textwrap

    indent = len(line) - len(line.lstrip())
    column = line.rfind("  ", indent, width * _FARTHEST // 100) + 2  # 1 where there is none
    then = column if column > indent else indent + 2
    return textwrap.wrap(
        line[then:] if column > indent else line.lstrip(),
        width,
        initial_indent=line[:then] if column > indent else line[:indent],
        subsequent_indent=" " * then,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _coloured(*, terminal: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return terminal and os.environ.get("TERM") != "dumb"
