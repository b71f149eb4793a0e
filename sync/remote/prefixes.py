"""The shared beginnings of many texts, and what it costs to search for them instead of for each text.

What enters: the texts that are wanted, and what is known about where the book's contacts lie. What leaves: the search
terms that are likely to cost the fewest requests. What never happens here: a request.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sync.lookup import SHORTEST_TERM
from sync.remote.methods import MOST_ROWS

_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Branch:
    """Wanted texts that share a beginning.

    Attributes:
        start: the beginning, as long as it can be: of a single text the whole text.
        texts: the texts, sorted, each once.
    """

    start: str
    texts: Sequence[str]

    def split(self) -> "list[Branch]":
        """The branches one letter further on; a text that ends here stands alone."""
        return _split(self.texts, len(self.start) + 1)


def branch_of(texts: Iterable[str]) -> list[Branch]:
    """One branch of all texts, in a list; an empty list where there are none."""
    ordered = sorted(set(texts))
    return [Branch(_shared(ordered), ordered)] if ordered else []


def branches(texts: Iterable[str]) -> list[Branch]:
    """The widest branches that can be searched for; texts that are too short for a search are left out."""
    return _split(sorted({text for text in texts if len(text) >= SHORTEST_TERM}), SHORTEST_TERM)


def _shared(ordered: Sequence[str]) -> str:
    """The beginning that all of the sorted texts share."""
    first, last = ordered[0], ordered[-1]
    ends = (place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other)
    return first[: next(ends, min(len(first), len(last)))]


def _split(ordered: Sequence[str], letters: int) -> list[Branch]:
    found = []
    first = 0
    while first < len(ordered):
        start = ordered[first][:letters]
        # A text that ends here begins all the others with its start: it is its own branch.
        end = first + 1 if len(start) < letters else bisect_right(ordered, start + _LAST, first)
        part = ordered[first:end]
        found.append(Branch(_shared(part), part))
        first = end
    return found


class Density:
    """How many contacts lie under a beginning, judged by a sample.

    Args:
        sample: the texts of some contacts.
        each: so many contacts each of them stands for.
    """

    def __init__(self, sample: Iterable[str], each: float) -> None:
        self._sample = sorted(sample)
        self._each = each

    def pages(self, start: str) -> int:
        """How many pages a search for the beginning is likely to have; at least one."""
        low = bisect_left(self._sample, start)
        contacts = self._each * (bisect_right(self._sample, start + _LAST, low) - low)
        return max(1, -int(-contacts // MOST_ROWS))


@dataclass(frozen=True, slots=True)
class Sweeps:
    """What to search for.

    Attributes:
        branches: the beginnings, each to be read to its end.
        requests: how many requests that is likely to take.
    """

    branches: Sequence[Branch]
    requests: int


def cheapest(wanted: Iterable[Branch], density: Density) -> Sweeps:
    """The beginnings that together cover the wanted texts with the fewest requests, as far as the density tells."""
    found: list[Branch] = []
    requests = 0
    for each in wanted:
        pages = density.pages(each.start)
        narrower = cheapest(each.split(), density) if pages > 1 and len(each.texts) > 1 else None
        if narrower is not None and narrower.requests < pages:
            found += narrower.branches
            requests += narrower.requests
        else:
            found.append(each)
            requests += pages
    return Sweeps(found, requests)
