"""One pace for all requests: never above the rate in any sliding second, evenly spread.

What enters: callers who want to send. What leaves: each of them, at its slot, in the order of coming.
What never happens here: a burst; a slot lost because somebody woke late.
"""

import asyncio
from collections import deque

from sync.clock import Clock

_WINDOW = 1.0
_CATCH_UP = 0.02  # seconds by which slots may lag behind the clock before they are given up
_LOWEST_SHARE = 1 / 16  # of the rate, after push-back upon push-back
_RECOVERY_SHARE = 1 / 20  # of the rate, won back by each answer that did not push back


class Pace:
    """Gives out moments of sending.

    Slots are booked at absolute moments, so that waking late loses none, and a guard over the last second keeps the
    bound even where slots were caught up. The pace halves when the server pushes back, and recovers step by step.
    """

    def __init__(self, rate: float, clock: Clock) -> None:
        self._limit = rate
        self._rate = rate
        self._clock = clock
        self._turns: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None
        self._next = 0.0
        self._not_before = 0.0
        self._halved_at = float("-inf")
        self._sent: deque[float] = deque(maxlen=max(1, int(rate)))

    @property
    def rate(self) -> float:
        """Requests a second at the moment."""
        return self._rate

    async def wait(self) -> None:
        """Returns when the caller may send."""
        async with self._turn():
            while True:
                now = self._clock.monotonic()
                due = max(self._next, self._not_before)
                if len(self._sent) == self._sent.maxlen:
                    due = max(due, self._sent[0] + max(_WINDOW, len(self._sent) / self._limit))
                if now >= due:
                    break
                await self._clock.sleep(due - now)
            self._next = max(due, now - _CATCH_UP) + 1 / self._rate
            self._sent.append(now)

    def _turn(self) -> asyncio.Lock:
        """The queue of the running loop: planning and applying each have a loop, and one pace."""
        loop = asyncio.get_running_loop()
        if self._turns is None or self._turns[0] is not loop:
            self._turns = (loop, asyncio.Lock())
        return self._turns[1]

    def pushed_back(self, pause: float | None) -> None:
        """The server answered 429 or 503: half the pace, at most once a second, and `pause` seconds of silence."""
        now = self._clock.monotonic()
        if now - self._halved_at >= _WINDOW:
            self._halved_at = now
            self._rate = max(self._rate / 2, self._limit * _LOWEST_SHARE)
        if pause is not None:
            self._not_before = max(self._not_before, now + pause)

    def answered(self) -> None:
        """The server answered without pushing back."""
        self._rate = min(self._limit, self._rate + self._limit * _RECOVERY_SHARE)
