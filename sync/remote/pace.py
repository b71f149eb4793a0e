"""One pace for all requests of an account: never above the rate in any sliding second, evenly spread.

What enters: callers who want to send. What leaves: each of them, at its slot, in the order of coming.
What never happens here: a burst; a slot lost because somebody woke a little late.
"""

import asyncio
from collections import deque
from pathlib import Path

from sync.clock import Clock
from sync.remote.slots import LOWEST_SHARE, WINDOW, OwnSlots, Slot, SlotFile, Slots, Spent, Timetable

_MOST_GRANTED = 1000  # requests between their slot and the wire
_RECOVERY_SHARE = 1 / 20  # of the rate, won back by each answer that did not push back


class Pace:
    """Gives out moments of sending.

    Slots are booked a few at a time, and at absolute moments, so that waking late loses none. The pace halves when the
    server pushes back, and recovers step by step. Once shared, all this holds for all processes together.
    """

    def __init__(self, rate: float, clock: Clock) -> None:
        self._limit = rate
        self._clock = clock
        self._turns: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None
        self._slots: Slots = OwnSlots(clock)
        self._open: deque[Slot] = deque()  # booked, to be sent
        self._granted: deque[Slot] = deque(maxlen=_MOST_GRANTED)  # whose requests have not left yet
        self._spent: list[Spent] = []  # since the last booking
        # What the timetable says, and what has come since the last booking.
        self._share, self._halved_at, self._silent_until = 1.0, float("-inf"), float("-inf")
        self._halved, self._won = False, 0

    @property
    def rate(self) -> float:
        """Requests a second at the moment."""
        return self._limit * self._share

    def share_through(self, path: Path) -> None:
        """From now on keeps the pace together with all processes that use the file."""
        if not (isinstance(self._slots, SlotFile) and self._slots.path == path):
            self._slots = SlotFile(path, self._clock)
            self._spent = []
            self._open.clear()
            self._granted.clear()

    async def wait(self) -> None:
        """Returns when the caller may send.

        Raises:
            RunStopped: the file through which the pace is shared cannot be used.
        """
        async with self._turn():
            while True:
                now = self._clock.monotonic()
                while self._open and now > self._open[0].until:
                    self._spent.append(Spent(self._open.popleft(), None))
                if not self._open:
                    self._open.extend(await self._slots.change(self._booked, self._limit))
                elif now >= self._open[0].due:
                    slot = self._open.popleft()
                    self._granted.append(slot)
                    self._spent.append(Spent(slot, now))
                    return
                else:
                    await self._clock.sleep(self._open[0].due - now)

    def left(self) -> None:
        """A request has left, some time after its slot: the connection had to be made first, or the machine was busy.

        The bound holds for these moments. Which request it was does not matter: the first slot is the first to go.
        """
        if self._granted:
            self._spent.append(Spent(self._granted.popleft(), self._clock.monotonic()))

    def _booked(self, table: Timetable, now: float) -> list[Slot]:
        """The next slots, after the timetable has been told what has happened since the last ones."""
        table.settle(self._spent, self._limit)
        if self._halved and self._halved_at - table.halved_at >= WINDOW:
            table.share, table.halved_at = max(table.share / 2, LOWEST_SHARE), self._halved_at
        table.share = min(1.0, table.share + self._won * _RECOVERY_SHARE)
        table.silent_until = max(table.silent_until, self._silent_until)
        slots = table.book(now, self._limit)
        self._share, self._silent_until = table.share, table.silent_until
        self._spent, self._halved, self._won = [], False, 0
        return slots

    def _turn(self) -> asyncio.Lock:
        """The queue of the running loop: planning and applying each have a loop, and one pace."""
        loop = asyncio.get_running_loop()
        if self._turns is None or self._turns[0] is not loop:
            self._turns = (loop, asyncio.Lock())
        return self._turns[1]

    def pushed_back(self, pause: float | None) -> None:
        """The server answered 429 or 503: half the pace, at most once a second, and `pause` seconds of silence."""
        now = self._clock.monotonic()
        if now - self._halved_at >= WINDOW:
            self._halved_at = now
            self._share = max(self._share / 2, LOWEST_SHARE)
            self._halved = True
        if pause is not None:
            self._silent_until = max(self._silent_until, now + pause)
        self._spent.extend(Spent(slot, None) for slot in self._open)  # they were booked at the old pace
        self._open.clear()

    def answered(self) -> None:
        """The server answered without pushing back."""
        if self._share < 1:
            self._share = min(1.0, self._share + _RECOVERY_SHARE)
            self._won += 1
