"""In: the rates of what may go wrong, a seed.

Out: for each request, what goes wrong with it, if anything.
Never here: sleeping, sockets, the book.
"""

import random
from dataclasses import dataclass
from threading import Lock
from typing import Literal

Fault = Literal["too_many", "unavailable", "lost_before", "lost_after"]


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong, how often, and with which methods. Rates are 0 to 1, together at most 1.

    Attributes:
        too_many: 429 with `Retry-After`; nothing is carried out.
        unavailable: 503; nothing is carried out.
        lost_before: the request is read, nothing is carried out, the connection is closed without an answer.
        lost_after: the request is carried out, then the connection is closed without an answer.
        retry_after: whole seconds, sent with a 429.
        latency: seconds that pass between reading a request and carrying it out.
        seed: of the chances; the same requests in the same order meet the same faults.
        only: the methods that faults and latency touch; empty: all. Other requests use up no chance.

    Raises:
        ValueError: a rate below 0, rates above 1 together, or a negative time.
    """

    too_many: float = 0.0
    unavailable: float = 0.0
    lost_before: float = 0.0
    lost_after: float = 0.0
    retry_after: int = 1
    latency: float = 0.0
    seed: int = 0
    only: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        rates = [rate for _, rate in self.rates]
        if min(rates) < 0 or sum(rates) > 1:
            raise ValueError("fault rates are 0 to 1, and together at most 1")
        if self.retry_after < 0 or self.latency < 0:
            raise ValueError("retry_after and latency are seconds, from 0")

    @property
    def rates(self) -> tuple[tuple[Fault, float], ...]:
        """The faults with their rates, in the order in which a chance is laid against them."""
        return (
            ("too_many", self.too_many),
            ("unavailable", self.unavailable),
            ("lost_before", self.lost_before),
            ("lost_after", self.lost_after),
        )

    def touch(self, method: str) -> bool:
        """Says whether requests for `method` can meet faults and latency."""
        return not self.only or method in self.only


class FaultDice:
    """Draws, for one request after the other, from seeded chances."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._random = random.Random(faults.seed)  # noqa: S311 - repeatable on purpose, guards nothing
        self._lock = Lock()

    def draw(self, method: str) -> Fault | None:
        """Returns the fault that the next request meets; one chance is used up for each request that can meet one."""
        if not self._faults.touch(method):
            return None
        with self._lock:
            chance = self._random.random()
        for fault, rate in self._faults.rates:
            if chance < rate:
                return fault
            chance -= rate
        return None
