"""What somebody may have meant who has mistyped a name.

What enters: what was typed, the names that there are. What leaves: those that are near.
What never happens here: a guess; a name that only looks a little alike is no help.
"""

from collections.abc import Iterable

_LONG = 6  # letters; of so long a word two may be wrong, of a shorter one only one


def near(typed: str, names: Iterable[str]) -> list[str]:
    """The names that differ from what was typed in a letter or two, or that begin with it, the nearest first."""
    word = typed.strip("-").lower()
    most = 2 if len(word) >= _LONG else 1
    found = []
    for name in dict.fromkeys(names):
        known = name.strip("-").lower()
        distance = _distance(word, known)
        begins = len(word) > 1 and known.startswith(word)
        if begins or (distance <= most and distance < min(len(word), len(known))):
            found.append((distance, name))
    return [name for _, name in sorted(found)]


def _distance(one: str, other: str) -> int:
    """How many letters have to be put in, taken out, replaced, or swapped with the next one."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        row = [at]
        for place, its in enumerate(other, 1):
            cost = min(last[place] + 1, row[-1] + 1, last[place - 1] + (letter != its))
            if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == its:
                cost = min(cost, before[place - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
