"""How text looks on a terminal: how wide it is, and in which colours.

What enters: lines. What leaves: lines that fit, painted where that is wanted.
What never happens here: asking what the terminal is (the command line does); a colour around text that was not made
harmless before.
"""

import textwrap
from dataclasses import dataclass

_RESET = "\x1b[0m"
_COLOURS = {"strong": "\x1b[1m", "faint": "\x1b[2m", "bad": "\x1b[31m", "new": "\x1b[32m", "changed": "\x1b[33m"}


@dataclass(frozen=True, slots=True)
class Look:
    """What the text is made for."""

    width: int = 100
    coloured: bool = False

    def paint(self, colour: str, text: str) -> str:
        """The text in a colour (`strong`, `faint`, `bad`, `new`, `changed`), where colours are wanted."""
        return f"{_COLOURS[colour]}{text}{_RESET}" if self.coloured and colour and text else text

    def fold(self, text: str, *, first: str = "", then: str = "", most: int = 100) -> list[str]:
        """The text in lines that fit, at most so many; the first and the others begin with what is given.

        At a space that does not break (U+00A0) no line ends; it becomes a plain one.
        """
        lines = textwrap.wrap(
            text,
            self.width,
            initial_indent=first,
            subsequent_indent=then,
            break_on_hyphens=False,
            max_lines=most,
            placeholder=" …",
        )
        return [line.replace("\u00a0", " ") for line in lines] or [first]
