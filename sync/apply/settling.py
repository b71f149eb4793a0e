"""Finds out what became of an add whose answer was lost.

What enters: the change, and when it was sent. What leaves: the contact, certain absence, or why neither can be said.
What never happens here: an add sent again; a contact adopted that may be somebody else's.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import Enum
from typing import Literal

from sync import canonical
from sync.addressbook import CONTROLS, AddressBook, Control
from sync.change import Change, Remark
from sync.clock import Clock
from sync.contact import Contact

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 15.0
_LAST_HORIZON = 2  # times `settle_after`, where nothing will be written later
_LONGEST_HORIZON = 10  # times `settle_after`: a run that is resumed late cannot measure the lag


class Open(Enum):
    """What can be said of a change that has not ended."""

    UNSURE = "unsure"  # it was sent, and nobody knows what became of it
    ABSENT = "absent"  # for certain: it may be sent again
    STOPPED = "stopped"  # the run is ending: it stays as it is, and `resume` goes on with it


class Settler:
    """Looks for unsure adds with growing waits.

    Absence counts as certain when every form that works finds nothing while a contact written later is found, and that
    at least `settle_after` seconds after the request was sent; more, where contacts that were written took longer than
    that to be found: the request's time-out plus twice that lag. The last adds of a run have no later write: for them
    it takes twice as long, while the newest contact that the run did write is found. These horizons are assumptions.

    Args:
        book: where to look.
        settle_after: seconds.
        timeout: seconds after which a request is given up.
        clock: for the waits.
        stop: ends every wait.
        slots: a waiting add gives its place to others.
        written: what earlier parts of the run have added, oldest first.
    """

    def __init__(
        self,
        book: AddressBook,
        settle_after: float,
        clock: Clock,
        *,
        timeout: float,
        stop: asyncio.Event,
        slots: asyncio.Semaphore,
        written: Iterable[Control] = (),
    ) -> None:
        self._book = book
        self._settle_after = settle_after
        self._timeout = timeout
        self._clock = clock
        self._stop = stop
        self._slots = slots
        self._written: deque[Control] = deque(written, maxlen=CONTROLS)
        self._lags: dict[int, float] = {}  # contact id → seconds after which a search found it, at most
        self._stuck = 0  # adds past the horizon that wait for a control
        self.waits = asyncio.Event()  # set when a change begins to wait
        self.others_may_write: Callable[[int], bool] = lambda _waiting: False

    def note_written(self, change: Change, contact: Contact, sent_at: datetime, moment: float | None) -> None:
        """Remembers a contact that is certain to be in the book as a control for adds sent before it."""
        key, value = strongest(change)
        if contact.id is not None:
            self._written.append(Control(sent_at, key, value, contact.id, moment))

    def newest_control(self, key: str) -> Control | None:
        """The contact with such a key that the run has added last."""
        return max((each for each in self._written if each.key == key), key=lambda each: each.sent_at, default=None)

    async def settle(self, change: Change, sent_at: datetime) -> Contact | Remark | Literal[Open.ABSENT, Open.STOPPED]:
        """What became of the add.

        Returns:
            The contact, where exactly one has all of the row's keys; a remark where that cannot be said; or `Open`.
        """
        wait, stuck = _FIRST_WAIT, False
        control, lag, alone_since = None, None, None
        # The wall's clock may be set meanwhile: only what had passed before is measured by it.
        passed, began = max(0.0, (self._clock.now() - sent_at).total_seconds()), self._clock.monotonic()
        try:
            while True:
                # The control was looked for before this search: what the search lacks was not merely slower to show.
                if found := await self._book.find(*strongest(change)):
                    return _adopted(change, found)
                waited = passed + self._clock.monotonic() - began
                later = control is not None and lag is not None and control.is_later(sent_at, began)
                if later and lag is not None and waited >= self._horizon(lag):
                    return Open.ABSENT
                if waited >= self._settle_after and not later:
                    self._stuck += not stuck
                    stuck = True
                    if not self.others_may_write(self._stuck):
                        alone_since = self._clock.monotonic() if alone_since is None else alone_since
                        alone = self._clock.monotonic() - alone_since
                        if (verdict := self._last_verdict(change, waited, lag, alone)) is not None:
                            return verdict
                # One that is later is kept until a search shows it: newer ones would for ever be too new.
                if control is None or not control.is_later(sent_at, began):
                    control = self._control(change, sent_at, began)
                lag = None if control is None else await self._lag(control)
                if not await self._pause(wait):
                    return Open.STOPPED
                wait = min(wait * 2, _LONGEST_WAIT)
        finally:
            self._stuck -= stuck

    def _last_verdict(
        self, change: Change, waited: float, lag: float | None, alone: float
    ) -> Remark | Literal[Open.ABSENT] | None:
        """What can be said of an add when nothing will be written later; None as long as it is worth looking again."""
        if lag is not None and waited >= self._last_horizon(lag):
            return Open.ABSENT
        # However late it is: the newest contact that was written is looked for first, and for a while.
        too_long = waited >= self._settle_after * _LONGEST_HORIZON and alone >= self._settle_after
        if self._written and not too_long:
            return None
        _, value = strongest(change)
        return Remark("add_unresolved", {"value": value, "seconds": round(waited)})

    def _control(self, change: Change, sent_at: datetime, moment: float) -> Control | None:
        """A contact with the same kind of key that the run has written: later than this add, or else the newest one."""
        key, _ = strongest(change)
        same = [control for control in self._written if control.key == key]
        later = [control for control in same if control.is_later(sent_at, moment)]
        # Of those written later, the oldest has had the longest time to be found.
        return later[0] if later else self.newest_control(key)

    async def _lag(self, control: Control) -> float | None:
        """Seconds after which a search found the control, at most; None while none finds it."""
        if control.contact_id not in self._lags:
            found = await self._book.find(control.key, control.value)
            if control.contact_id not in {contact.id for contact in found}:
                return None
            passed = (self._clock.now() - control.sent_at).total_seconds()
            if control.moment is not None:
                passed = self._clock.monotonic() - control.moment
            self._lags[control.contact_id] = max(0.0, passed)
        return self._lags[control.contact_id]

    def _horizon(self, lag: float) -> float:
        """Seconds after which an add is absent that no search shows, while a later one is found."""
        return max(self._settle_after, min(self._timeout + 2 * lag, self._settle_after * _LONGEST_HORIZON))

    def _last_horizon(self, lag: float) -> float:
        wanted = max(self._settle_after * _LAST_HORIZON, self._settle_after + 2 * lag)
        return min(wanted, self._settle_after * _LONGEST_HORIZON)

    async def _pause(self, seconds: float) -> bool:
        """Waits without holding a worker's slot; False when the run is told to stop meanwhile."""
        self._slots.release()
        self.waits.set()
        try:
            return await pause(seconds, self._clock, self._stop)
        finally:
            await self._slots.acquire()


async def pause(seconds: float, clock: Clock, stop: asyncio.Event) -> bool:
    """Waits; False when `stop` is set before the time is over."""
    if stop.is_set():
        return False
    sleeper, stopper = asyncio.ensure_future(clock.sleep(seconds)), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({sleeper, stopper}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sleeper.cancel()
        stopper.cancel()
    return not stop.is_set()


def strongest(change: Change) -> tuple[str, str]:
    """The change's strongest key that search can see, and its value."""
    return next((key, value) for key, value in change.keys.items() if key in ("gsm", "email"))


def _adopted(change: Change, found: list[Contact]) -> Contact | Remark:
    """The one contact that has all of the row's keys; a remark where there is not exactly one.

    The plan knew no contact under these keys, so such a one is new, and another that shares only the strongest key
    must not be joined by a second.
    """
    ids = ", ".join(str(contact.id) for contact in found)
    if len(found) > 1:
        return Remark("add_found_several", {"ids": ids})
    (contact,) = found
    if all(canonical.of_key(key, contact.value(key)) == value for key, value in change.keys.items()):
        return contact
    return Remark("add_found_other", {"ids": ids})
