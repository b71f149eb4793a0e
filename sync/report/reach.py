"""How far the book could be read, said plainly.

What enters: a Book that was read as far as can be. What leaves: sentences, and the same as data.
What never happens here: calling a book complete: the API has no way to show that it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sync import messages
from sync.book import Book, GroupNames

_TERMS, _GROUPS = 12, 8  # in one sentence, and sentences


@dataclass(frozen=True, slots=True)
class _Short:
    """A group of which fewer contacts were seen than it counts."""

    group: int
    path: str
    seen: int
    count: int


def reach_lines(book: Book) -> list[str]:
    """What was read, and what may be missing."""
    reach = book.coverage.reach
    terms = reach.terms if reach else ()
    shown = ", ".join(f"“{term}”" for term in terms[:_TERMS])
    if len(terms) > _TERMS:
        shown += f" … ({len(terms)})"
    told = [messages.text("reach_searched", {"terms": shown}) if terms else messages.text("reach_groups", {})]
    short = _short(book)
    told += [
        messages.text("reach_short", {"group": each.path, "seen": each.seen, "count": each.count})
        for each in short[:_GROUPS]
    ]
    if len(short) > _GROUPS:
        told.append(messages.text("reach_short_more", {"groups": len(short) - _GROUPS}))
    return told


def reach_data(book: Book) -> dict[str, Any]:
    """The same for programs."""
    reach = book.coverage.reach
    return {
        "terms": list(reach.terms) if reach else [],
        "short": [
            {"id": each.group, "group": each.path, "seen": each.seen, "count": each.count} for each in _short(book)
        ],
    }


def _short(book: Book) -> Sequence[_Short]:
    """The groups that are short; a main group's count may be that of its family, so its family is what was seen."""
    short = dict(book.coverage.reach.short) if book.coverage.reach else {}
    names = GroupNames(book.groups)
    found = []
    for main in book.groups:
        for group in main.family():
            if group.id in short:
                seen, count = short[group.id]
                if group.children:
                    seen = _members(book, {each.id for each in group.family()}) if seen < count else seen
                if seen < count:
                    found.append(_Short(group.id, names.path(group.id), seen, count))
    return found


def _members(book: Book, groups: set[int]) -> int:
    """How many contacts are in any of the groups."""
    counts = book.table["groups"].value_counts()
    return sum(
        int(count)
        for ids, count in zip(counts.index, counts, strict=True)
        if not groups.isdisjoint(map(int, str(ids).split()))
    )
