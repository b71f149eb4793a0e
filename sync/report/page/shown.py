"""Texts of others as the page shows them: whatever would act unseen is made to be seen.

What enters: a cell, a name, an answer of the API. What leaves: text without a character that steers anything.
What never happens here: a character dropped without a mark; escaping for HTML (markup does that).
"""

import re

from sync import messages

LONGEST = 400  # letters of one value
_BEFORE_DIFFERENCE = 40  # letters that are kept before the first that differs
_MARKS = {"\n": "⏎", "\t": "⇥"}
_JOINED_PICTURES = re.compile(
    "(?<=[\U0001f000-\U0001faff\ufe0f\u2600-\u27bf])\u200d(?=[\U0001f000-\U0001faff\u2600-\u27bf])"
)
_OUTER_BLANKS = re.compile(r"^ +| +$")


def shown(text: str, *, most: int = LONGEST) -> str:
    """The text with marks for blanks at its ends and for characters that cannot be seen, cut where it is too long."""
    return _visible(_cut(text, 0, most))


def shown_pair(before: str, after: str, *, most: int = LONGEST) -> tuple[str, str]:
    """Two texts; long ones are cut so that the first letter that differs is there."""
    if max(len(before), len(after)) <= most:
        return _visible(before), _visible(after)
    same = min(len(before), len(after))
    first = next((at for at in range(same) if before[at] != after[at]), same)
    start = max(0, first - _BEFORE_DIFFERENCE)
    return _visible(_cut(before, start, most)), _visible(_cut(after, start, most))


def _cut(text: str, start: int, most: int) -> str:
    left = len(text) - start - most
    before = "…" if start else ""
    return f"{before}{text[start : start + most]}{messages.label('page_more_letters', count=left) if left > 0 else ''}"


def _visible(text: str) -> str:
    if text[:1] == " " or text[-1:] == " ":
        text = _OUTER_BLANKS.sub(lambda found: "␣" * len(found[0]), text)
    if text.isprintable():
        return text
    kept = {found.start() for found in _JOINED_PICTURES.finditer(text)}
    return "".join(letter if letter.isprintable() or at in kept else _mark(letter) for at, letter in enumerate(text))


def _mark(letter: str) -> str:
    return _MARKS.get(letter) or f"⟨U+{ord(letter):04X}⟩"
