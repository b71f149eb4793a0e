"""Which moments of sending are booked: for one process, or in a file for all processes of an account.

What enters: the moment, a rate, how many slots. What leaves: slots, each with its moment and the end of its validity.
What never happens here: more than the rate in a sliding second, whoever is killed and whatever the file holds; waiting
while the lock is held.

A slot may be sent between its moment and its end. Slot n is booked for no earlier than a second after the end of slot
n - rate, or after the moment at which that one was really sent, where its owner has said so. So of two requests whose
numbers differ by a multiple of the rate, the later one goes at least a second later, and no second holds more requests
than the rate. What a killed process had booked counts as sent at its end.

Moments are those of the monotonic clock, which all processes share from one start of the machine to the next and which
nobody can set. The file also says by how much the wall's clock was ahead of it. Where that has changed, the machine was
restarted or slept, or its clock was set, and moments cannot be compared: like those of a damaged file, or moments that
are further ahead than anybody books, they count as just now. That costs a second of silence; it neither blocks nor
bursts.
"""

import math
import os
import struct
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from filelock import FileLock, Timeout

from sync.clock import Clock
from sync.errors import RunStopped

T = TypeVar("T")

WINDOW = 1.0
CATCH_UP = 0.02  # seconds by which slots may lag behind the clock before they are given up
_CATCH_UP_QUICK, _QUICK = 0.1, 0.01  # the same where slots lie closer than that: a busy moment would lose many of them
LOWEST_SHARE = 1 / 16  # of the rate, after push-back upon push-back
LONGEST_SILENCE = 120.0  # that a server may ask for
_SPREAD = 1.002  # slots lie so much further apart than the rate asks, for wake-ups and wires that are not exact
_AHEAD = 0.05  # seconds' worth of slots booked at once
_MOST_IN_WINDOW = 1000  # a higher rate is kept within a shorter window
_RING = 1024  # moments remembered
_FAR = 3.0  # seconds, and so many slots: further ahead nobody books
_CLOCKS_DRIFT = 5.0  # seconds by which the two clocks may move against each other
_NEVER = float("-inf")
_LOCK_AGAIN = 0.002
_MAGIC = b"imsyncP1"
_LAYOUT = struct.Struct(f"<8sqddddd{_RING}d")
_SUM = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Slot:
    """One moment of sending.

    Attributes:
        number: counted over all processes.
        due: not before.
        until: not after.
    """

    number: int
    due: float
    until: float


@dataclass(frozen=True, slots=True)
class Spent:
    """What became of a slot: the moment at which it was sent, None where it was not."""

    slot: Slot
    moment: float | None


@dataclass(frozen=True, slots=True)
class Bound:
    """A rate as it is kept: so many in a window, and so far apart.

    At 10 a second: 10 in each second. At 0.5: one in each two seconds. At 2000: 1000 in each half second.
    """

    count: int
    window: float

    @classmethod
    def of(cls, rate: float) -> "Bound":
        """The bound that never exceeds the rate."""
        parts = math.ceil(rate / _MOST_IN_WINDOW)
        return cls(max(1, int(rate / parts)), 1 / parts if rate >= 1 else WINDOW / rate)

    @property
    def spacing(self) -> float:
        """Seconds between two slots."""
        return self.window * _SPREAD / self.count


@dataclass(slots=True)
class Timetable:
    """The slots that are booked.

    Attributes:
        booked: so many, ever.
        next: the moment of the next one.
        silent_until: before which the server wants no request.
        share: of the rate, that the server takes at the moment.
        halved_at: when the share was halved last.
        moments: of the last slots, number n at n % 1024: when each was sent, or until when it may be.
    """

    booked: int = 0
    next: float = _NEVER
    silent_until: float = _NEVER
    share: float = 1.0
    halved_at: float = _NEVER
    moments: list[float] = field(default_factory=lambda: [_NEVER] * _RING)

    def book(self, now: float, rate: float) -> list[Slot]:
        """The next slots, a twentieth of a second's worth, but at least one."""
        bound = Bound.of(rate)
        spacing = max(bound.spacing, 1 / (rate * self.share))
        catch_up = _CATCH_UP_QUICK if spacing < _QUICK else CATCH_UP
        # A slot that is far from the next may wait longer for whoever wakes late.
        grace = max(catch_up, min(spacing / 2, WINDOW / 2))
        slots = []
        for _ in range(max(1, int(_AHEAD / spacing))):
            even = max(self.next, now - catch_up, self.silent_until)
            due = max(even, self._moment(self.booked - bound.count) + bound.window)
            slot = Slot(self.booked, due, max(due, now) + grace)
            self.moments[slot.number % _RING] = slot.until
            self.booked += 1
            self.next = max(even, due - catch_up) + spacing
            slots.append(slot)
        return slots

    def settle(self, spent: Sequence[Spent], rate: float) -> None:
        """Takes note of what became of slots that were booked before."""
        bound = Bound.of(rate)
        for each in spent:
            number = each.slot.number
            if self.booked - _RING <= number < self.booked:
                # One that was not sent leaves its place in the window as it was before.
                before = self._moment(number - bound.count)
                self.moments[number % _RING] = before if each.moment is None else each.moment
        last = self.booked - 1
        for each in sorted(spent, key=lambda each: -each.slot.number):
            if each.moment is not None or each.slot.number != last:
                break
            self.next = min(self.next, each.slot.due)  # nobody has booked after it
            last -= 1

    def believed(self, now: float, rate: float, *, same_clock: bool) -> None:
        """Makes every moment one that can be: where it cannot, it counts as just now."""
        if not same_clock:
            self.booked = max(self.booked, _RING)  # so that all of them count
            self.moments = [now] * _RING
            self.next, self.silent_until, self.share, self.halved_at = now, _NEVER, 1.0, _NEVER
            return
        latest = now + _FAR + 3 * max(Bound.of(rate).spacing, 1 / (rate * LOWEST_SHARE))
        if not max(self.moments) <= latest:
            self.moments = [moment if moment <= latest else now for moment in self.moments]
        self.next = self.next if self.next <= latest else now
        self.silent_until = self.silent_until if self.silent_until <= now + LONGEST_SILENCE else _NEVER
        self.share = self.share if LOWEST_SHARE <= self.share <= 1 else 1.0
        self.halved_at = min(self.halved_at, now)

    def _moment(self, number: int) -> float:
        return self.moments[number % _RING] if max(0, self.booked - _RING) <= number < self.booked else _NEVER


class Slots(Protocol):
    """Where the timetable is kept."""

    async def change(self, work: Callable[[Timetable, float], T], rate: float) -> T:
        """What `work` returns, given the timetable and the moment; nobody else changes it meanwhile."""
        ...


class OwnSlots:
    """The timetable of one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._table = Timetable()

    async def change(self, work: Callable[[Timetable, float], T], rate: float) -> T:  # noqa: ARG002 - see Slots
        """See `Slots.change`."""
        return work(self._table, self._clock.monotonic())


class SlotFile:
    """The timetable of all processes that know the file, changed under a lock that the kernel releases."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._lock = FileLock(path.with_name(f"{path.name}.lock"), mode=0o600)

    async def change(self, work: Callable[[Timetable, float], T], rate: float) -> T:
        """See `Slots.change`.

        Raises:
            RunStopped: the file cannot be read or written.
        """
        try:
            while True:
                with suppress(Timeout):
                    self._lock.acquire(blocking=False)
                    break
                await self._clock.sleep(_LOCK_AGAIN)
            try:
                table = self._read(rate)
                result = work(table, self._clock.monotonic())
                self._write(table)
            finally:
                self._lock.release()
        except OSError as error:
            raise RunStopped("pace_unusable", file=self.path, reason=error.strerror or str(error)) from error
        return result

    def _read(self, rate: float) -> Timetable:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return Timetable()
        now = self._clock.monotonic()
        table, same_clock = Timetable(), False
        if len(content) == _LAYOUT.size + _SUM.size and content.endswith(_sum(content[: _LAYOUT.size])):
            magic, booked, ahead, even, silent_until, share, halved_at, *moments = _LAYOUT.unpack_from(content)
            if magic == _MAGIC and booked >= 0:
                table = Timetable(booked, even, silent_until, share, halved_at, moments)
                same_clock = abs(self._wall_ahead() - ahead) <= _CLOCKS_DRIFT
        table.believed(now, rate, same_clock=same_clock)
        return table

    def _write(self, table: Timetable) -> None:
        scalars = (self._wall_ahead(), table.next, table.silent_until, table.share, table.halved_at)
        content = _LAYOUT.pack(_MAGIC, table.booked, *scalars, *table.moments)
        # In place: a page cache is enough for what matters for a second, and no disk can be too full for it.
        with open(self.path, "r+b" if self.path.exists() else "xb", opener=_private) as file:
            file.write(content + _sum(content))

    def _wall_ahead(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()


def _sum(content: bytes) -> bytes:
    return _SUM.pack(zlib.crc32(content))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
