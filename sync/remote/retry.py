"""Retries by tenacity: how often, how long, and with what waits.

What enters: a request that can be repeated. What leaves: its answer, or the last trouble.
What never happens here: repeating a write that may have happened (such trouble is no `TryAgain`).
"""

import random
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from sync.clock import Clock
from sync.remote.slots import LONGEST_SILENCE

T = TypeVar("T")

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0
_LONGEST_PAUSE = LONGEST_SILENCE  # a Retry-After beyond this is not believed
_HTTP_DATE = re.compile(r"[A-Za-z]{3,9}, ?\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d\d:\d\d:\d\d [A-Za-z]{3}")


class TryAgain(Exception):
    """Nothing was written, and the request may be sent again.

    Attributes:
        reason: in a word or two, for the person who reads that retries ran out.
        pause: seconds that the server asked for (`Retry-After`), None where it did not.
    """

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.pause = pause


class Retries:
    """The budget of one request: attempts and seconds, with back-off and jitter between the attempts."""

    def __init__(self, *, attempts: int, patience: float, clock: Clock, chance: random.Random) -> None:
        self._attempts = attempts
        self._patience = patience
        self._clock = clock
        self._chance = chance

    async def run(
        self,
        send: Callable[[], Awaitable[T]],
        on_retry: Callable[[int, TryAgain], None],
        *,
        queued: Callable[[], float] = lambda: 0.0,
    ) -> T:
        """What `send` returns, sent again after each TryAgain while the budget lasts.

        `on_retry` is told the number of the attempt that failed, and why. `queued` says how many seconds the request
        has waited to be sent: they are not taken from its budget.

        Raises:
            TryAgain: the last one, when the budget is used up.
        """
        started = self._clock.monotonic()
        attempts = AsyncRetrying(
            retry=retry_if_exception_type(TryAgain),
            stop=lambda state: (
                stop_after_attempt(self._attempts)(state)
                or self._clock.monotonic() - started - queued() + state.upcoming_sleep > self._patience
            ),
            wait=self._wait,
            sleep=self._clock.sleep,
            before_sleep=lambda state: on_retry(state.attempt_number, _trouble(state)),
            reraise=True,
        )
        return await attempts(send)

    def _wait(self, state: RetryCallState) -> float:
        longest: float = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (state.attempt_number - 1))
        jittered = longest * (0.5 + self._chance.random() / 2)
        pause = _trouble(state).pause
        return jittered if pause is None else min(_LONGEST_PAUSE, pause) + jittered / 4


def _trouble(state: RetryCallState) -> TryAgain:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, TryAgain), "tenacity retries nothing else here"
    return error


def pause_of(header: str | None, now: datetime) -> float | None:
    """The seconds that a `Retry-After` header asks for, as such or as a date; None where it says neither.

    A date that is past asks for none, and no server is believed that asks for more than two minutes.
    """
    text = (header or "").strip()
    if text.isdecimal() and text.isascii():
        return min(_LONGEST_PAUSE, float(text))
    moment = http_date(text)
    return None if moment is None else min(_LONGEST_PAUSE, max(0.0, (moment - now).total_seconds()))


def http_date(text: str) -> datetime | None:
    """The moment that a date in a header names; None where it names none."""
    if not _HTTP_DATE.fullmatch(text):
        return None
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
