"""In: the rates of what may go wrong, outages, a seed; a request's number, moment and method.

Out: for each request, what goes wrong with it, if anything.
Never here: sleeping, sockets, the book, the bytes of an answer.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import fsum
from threading import Lock
from typing import Final, Literal

from sync.sandbox.outages import Outage, Outages

Answering = Literal["own", "refusal", "nothing", "reset", "page", "cut", "noise", "misshapen", "empty"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What a request comes to, and its answer.

    Attributes:
        name: as the ledger has it; for those with a rate also that of their rate in `Faults`.
        carried_out: whether the API's method is carried out: what it does to the book stays done.
        answer: what is sent. "own": what the API answers; "refusal": the envelope with `code` instead; "nothing": the
            connection is closed; "reset": it is reset; "page": a page of HTML, as from a proxy, with an HTTP status of
            5xx; "cut": half a body, less than Content-Length promises, then the connection is closed; "noise": a
            warning in HTML before the body; "misshapen": the format, but not the envelope; "empty": no body. The last
            three come with HTTP status 200, but for a refusal of the API's own behind the noise.
        about: what happens, in the words of the command line's help.
        code: of a refusal.
        status: that of HTTP with a refusal, where it is not its code.
        retry_after: how a refusal says when to come again.
        waits: whether `Faults.delay` passes before the request is carried out, or after.
    """

    name: str
    carried_out: bool
    answer: Answering
    about: str = ""
    code: int | None = None
    status: int | None = None
    retry_after: Literal["absent", "seconds", "date"] = "absent"
    waits: Literal["no", "before", "after"] = "no"


# A chance is laid against the rates in this order; a fault that is put in before others changes what seeds mean.
FAULTS: Final = (
    Fault("too_many", False, "refusal", "429 with Retry-After in seconds", 429, retry_after="seconds"),
    Fault("unavailable", False, "refusal", "503 in the envelope", 503),
    Fault("lost_before", False, "nothing", "Hung up on, nothing done"),
    Fault("lost_after", True, "nothing", "Carried out and hung up on"),
    Fault("too_many_bare", False, "refusal", "429 without Retry-After", 429),
    Fault("too_many_dated", False, "refusal", "429 with Retry-After as a date", 429, retry_after="date"),
    Fault("unavailable_in_body", False, "refusal", "503 in the envelope, 200 in HTTP", 503, 200),
    Fault("page_before", False, "page", "5xx with a page of HTML, nothing done"),
    Fault("page_after", True, "page", "Carried out, then such a page"),
    Fault("cut_before", False, "cut", "Half a body, then hung up on, nothing done"),
    Fault("cut_after", True, "cut", "Carried out, then half of the body"),
    Fault("noise_before", False, "noise", "200 with a warning and no answer, nothing done"),
    Fault("noise_after", True, "noise", "Carried out, such a warning before the answer"),
    Fault("misshapen_before", False, "misshapen", "200 in an unknown shape, nothing done"),
    Fault("misshapen_after", True, "misshapen", "Carried out, 200 in such a shape"),
    Fault("empty_before", False, "empty", "200 without a body, nothing done"),
    Fault("empty_after", True, "empty", "Carried out, 200 without a body"),
    Fault("reset_before", False, "reset", "The connection is reset, nothing done"),
    Fault("reset_after", True, "reset", "Carried out, then the connection is reset"),
    Fault("slow", True, "own", "Carried out at once, answered --delay later", waits="after"),
    Fault("late_write", True, "nothing", "Carried out --delay later, never answered", waits="before"),
)
"""The faults that have a rate."""

UNAUTHORISED: Final = Fault("unauthorised", False, "refusal", code=401)
OUT: Final[Mapping[str, Fault]] = {
    # A connection that was open when the others began to be refused can still bring a request.
    "refuse": Fault("outage", False, "nothing"),
    "hang_up": Fault("outage", False, "nothing"),
    "unavailable": Fault("outage", False, "refusal", code=503),
}


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong, how often, and with which methods.

    The fields not named here are the rates of `FAULTS`, where each is explained: 0 to 1, together at most 1.

    Attributes:
        retry_after: whole seconds, said with a 429.
        page_statuses: the HTTP statuses of pages of HTML; the requests' numbers go through them in turn.
        delay: seconds by which a slow answer and a late write are late.
        latency: seconds that pass between reading any request and carrying it out.
        unauthorised_from: the number of the first request that is answered 401, as are all after it; None: no end.
        outages: when nothing is carried out. They, and `unauthorised_from`, touch every method.
        seed: of the chances; the same requests in the same order meet the same faults.
        only: the methods that rates and latency touch; empty: all. Other requests use up no chance.

    Raises:
        ValueError: a rate below 0, rates above 1 together, a negative time, no status of a page or one that is not
            5xx, a number below 1.
    """

    too_many: float = 0.0
    unavailable: float = 0.0
    lost_before: float = 0.0
    lost_after: float = 0.0
    too_many_bare: float = 0.0
    too_many_dated: float = 0.0
    unavailable_in_body: float = 0.0
    page_before: float = 0.0
    page_after: float = 0.0
    cut_before: float = 0.0
    cut_after: float = 0.0
    noise_before: float = 0.0
    noise_after: float = 0.0
    misshapen_before: float = 0.0
    misshapen_after: float = 0.0
    empty_before: float = 0.0
    empty_after: float = 0.0
    reset_before: float = 0.0
    reset_after: float = 0.0
    slow: float = 0.0
    late_write: float = 0.0
    retry_after: int = 1
    page_statuses: tuple[int, ...] = (500, 502, 504)
    delay: float = 5.0
    latency: float = 0.0
    unauthorised_from: int | None = None
    outages: tuple[Outage, ...] = ()
    seed: int = 0
    only: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        rates = [rate for _, rate in self.rates]
        if min(rates) < 0 or fsum(rates) > 1:
            raise ValueError("fault rates are 0 to 1, and together at most 1")
        if min(self.retry_after, self.latency, self.delay) < 0:
            raise ValueError("retry_after, latency and delay are seconds, from 0")
        if not self.page_statuses or not all(500 <= each <= 599 for each in self.page_statuses):  # noqa: PLR2004
            raise ValueError("the statuses of pages are 500 to 599, at least one")
        if self.unauthorised_from is not None and self.unauthorised_from < 1:
            raise ValueError("requests are numbered from 1")

    @property
    def rates(self) -> tuple[tuple[Fault, float], ...]:
        """The faults with their rates, in the order in which a chance is laid against them."""
        return tuple((fault, getattr(self, fault.name)) for fault in FAULTS)

    def touch(self, method: str) -> bool:
        """Says whether requests for `method` can meet faults of a rate, and latency."""
        return not self.only or method in self.only


class FaultDice:
    """Draws, for one request after the other, from seeded chances."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._rates = [(fault, rate) for fault, rate in faults.rates if rate]
        self._random = random.Random(faults.seed)  # noqa: S311 - repeatable on purpose, guards nothing
        self._lock = Lock()

    def draw(self, method: str) -> Fault | None:
        """Returns the fault that the next request meets; one chance is used up for each request that can meet one."""
        if not self._rates or not self._faults.touch(method):
            return None
        with self._lock:
            chance = self._random.random()
        for fault, rate in self._rates:
            if chance < rate:
                return fault
            chance -= rate
        return None


class Fate:
    """What each request meets: an outage, the end of its authorisation, or what the dice say; the first one counts.

    Args:
        faults: what goes wrong.
        monotonic: the clock of outages, which begins here, in seconds.
    """

    def __init__(self, faults: Faults, monotonic: Callable[[], float]) -> None:
        self.outages = Outages(faults.outages, monotonic)
        self._unauthorised_from = faults.unauthorised_from
        self._dice = FaultDice(faults)

    def of(self, number: int, at: float, method: str) -> Fault | None:
        """Returns the fault that the request of this number meets, which was read at this moment."""
        if outage := self.outages.meeting(number, at):
            return OUT[outage.how]
        if self._unauthorised_from is not None and number >= self._unauthorised_from:
            return UNAUTHORISED
        return self._dice.draw(method)
