"""In: from when to when the API is out of order, and how; a request's number and moment; a clock.

Out: whether a request meets an outage, and whether connections are refused now.
Never here: sockets, sleeping.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, get_args

How = Literal["refuse", "hang_up", "unavailable"]
By = Literal["seconds", "requests"]

WAYS: Final[tuple[How, ...]] = get_args(How)


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which nothing is carried out.

    Attributes:
        start: when it begins: seconds since the server was built, or the number of a request, from 1.
        end: when it is over: the first second, or the first request, that no longer meets it.
        how: "refuse": connections are refused, and those that are open end; "hang_up": requests are read, then the
            connection is closed; "unavailable": they are answered 503.
        by: what start and end count. Connections can only be refused by seconds: there is no request to count.

    Raises:
        ValueError: an unknown word, an end that is not after the start, a start before the first, refusing by requests.
    """

    start: float
    end: float
    how: How = "refuse"
    by: By = "seconds"

    def __post_init__(self) -> None:
        if self.how not in WAYS or self.by not in get_args(By):
            raise ValueError(f"an outage is by {' or '.join(get_args(By))}, and {' or '.join(WAYS)}")
        if not (1 if self.by == "requests" else 0) <= self.start < self.end:
            raise ValueError("an outage begins at second 0 or request 1 at the earliest, and ends later than it begins")
        if self.how == "refuse" and self.by == "requests":
            raise ValueError("connections are refused by seconds only: a refused one brings no request to count")


class Outages:
    """The outages of one server.

    Args:
        outages: where they overlap, the first counts.
        monotonic: the clock, which is only looked at if there are outages by seconds.
    """

    def __init__(self, outages: tuple[Outage, ...], monotonic: Callable[[], float]) -> None:
        self._outages = outages
        self._refusals = tuple(each for each in outages if each.how == "refuse")
        self._monotonic = monotonic
        self._since = monotonic() if any(each.by == "seconds" for each in outages) else 0.0

    def meeting(self, number: int, at: float) -> Outage | None:
        """Returns the outage that the request of this number meets, which was read at this moment."""
        for outage in self._outages:
            if outage.start <= (number if outage.by == "requests" else at - self._since) < outage.end:
                return outage
        return None

    def refusing(self) -> bool:
        """Says whether connections are refused now."""
        if not self._refusals:
            return False
        passed = self._monotonic() - self._since
        return any(each.start <= passed < each.end for each in self._refusals)
