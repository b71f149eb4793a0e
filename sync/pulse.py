"""How many requests were sent in which second.

What enters: each request as it leaves. What leaves: counts by second, to each reader what is new to it.
What never happens here: a look at the clock; a count handed to the same reader twice.
"""

from collections.abc import Callable
from typing import NamedTuple


class Beat(NamedTuple):
    """How many requests were sent in one second of POSIX time, or in a part of it, and how many of them once more."""

    second: int
    requests: int
    again: int


Beats = Callable[[], list[Beat]]
"""What was sent since it was asked the last time."""


class Pulse:
    """The requests of one client by the second; a clock that is set back begins a second anew."""

    def __init__(self) -> None:
        self._beats: list[Beat] = []

    def sent(self, second: int, *, again: bool) -> None:
        """Counts a request."""
        if self._beats and self._beats[-1].second == second:
            _, requests, repeated = self._beats[-1]
            self._beats[-1] = Beat(second, requests + 1, repeated + again)
        else:
            self._beats.append(Beat(second, 1, int(again)))

    def reader(self) -> Beats:
        """Gives at first all that was sent so far, then each time what was sent since, be it the rest of a second."""
        place, known = 0, Beat(0, 0, 0)

        def news() -> list[Beat]:
            nonlocal place, known
            found = self._beats[place:]
            if not found or found[-1] == known:
                return []
            first = found[0]
            begun = known if first.second == known.second else Beat(0, 0, 0)
            place, known = len(self._beats) - 1, found[-1]
            rest = Beat(first.second, first.requests - begun.requests, first.again - begun.again)
            return [rest, *found[1:]] if rest.requests else found[1:]

        return news
