"""What somebody may have meant who has mistyped a name.

What enters: what was typed, the names that there are. What leaves: those that are near.
What never happens here: a guess; a name that only looks a little alike is no help.
"""

from collections.abc import Iterable
from difflib import get_close_matches

_ALIKE = 0.72  # of 1: in a word of four letters two may be exchanged


def near(typed: str, names: Iterable[str]) -> list[str]:
    """The names that begin with what was typed, then those that differ from it in a letter or two."""
    word = typed.strip("-").lower()
    known = {name.strip("-").lower(): name for name in names}
    begin = [name for name in known if len(word) > 1 and name.startswith(word)]
    alike = get_close_matches(word, known, cutoff=_ALIKE)
    return [known[name] for name in dict.fromkeys([*begin, *alike])]
