"""Retries by tenacity: how often, how long, and with what waits.

What enters: a request that can be repeated. What leaves: its answer, or the last trouble.
What never happens here: repeating a write that may have happened (such trouble is no `TryAgain`).
"""

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from sync.clock import Clock

T = TypeVar("T")

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0
_LONGEST_PAUSE = 120.0  # a Retry-After beyond this is not believed


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

    async def run(self, send: Callable[[], Awaitable[T]], on_retry: Callable[[int, TryAgain], None]) -> T:
        """What `send` returns, sent again after each TryAgain while the budget lasts.

        `on_retry` is told the number of the attempt that failed, and why.

        Raises:
            TryAgain: the last one, when the budget is used up.
        """
        started = self._clock.monotonic()
        attempts = AsyncRetrying(
            retry=retry_if_exception_type(TryAgain),
            stop=lambda state: (
                stop_after_attempt(self._attempts)(state)
                or self._clock.monotonic() - started + state.upcoming_sleep > self._patience
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


def pause_of(header: str | None) -> float | None:
    """The seconds of a `Retry-After` header; None where it is absent or not a plain number of seconds."""
    if header is None or not header.strip().isdecimal():
        return None
    return min(_LONGEST_PAUSE, float(header))
