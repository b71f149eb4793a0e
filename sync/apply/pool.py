"""The pool: carries out the changes of a run, several at once.

What enters: the changes of the run file, an AddressBook, a Journal. What leaves: nothing; the journal has it all.
What never happens here: a new change after a fatal error or a stop; two changes of one contact at once (a plan has one
change for each contact).
"""

import asyncio
from collections.abc import Iterable, Iterator

from sync.addressbook import AddressBook, Control, Journal
from sync.apply.feed import Feed
from sync.apply.renewed import ReadAgain
from sync.apply.sending import ApplySettings, Pending, Sender
from sync.apply.settling import Settler
from sync.change import Settled
from sync.clock import Clock
from sync.errors import RunStopped
from sync.progress import Bar

# An error whose cause all rows share, so often in a row, is not the rows' fault: 400 (our request), 463 (a group) and
# 473 (a custom field) that do not exist.
_SHARED_ERRORS = (400, 463, 473)
_NOT_DONE = "api_not_done"  # nor is a server that takes nothing any more
_BRAKE_AFTER = 20
_CANARIES = 3  # changes of each kind that go alone before the pool opens
_MOST_WAITING = 1000  # unsure changes; beyond that no new ones are sent until some are settled


class Pool:
    """Carries out changes with a bounded number under way; those that wait to be settled hold no place."""

    def __init__(
        self,
        book: AddressBook,
        journal: Journal,
        settings: ApplySettings,
        clock: Clock,
        stop: asyncio.Event,
        *,
        read_again: ReadAgain,
        written: Iterable[Control] = (),
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._clock = clock
        self._slots = asyncio.Semaphore(settings.workers)
        self._places = asyncio.Semaphore(settings.workers + _MOST_WAITING)
        self._stop = stop
        self._settler = settler = Settler(
            book,
            settings.settle_after,
            clock,
            timeout=settings.timeout,
            stop=stop,
            slots=self._slots,
            written=written,
        )
        settler.others_may_write = lambda waiting: self._feeding or self._active > waiting
        self._sender = Sender(book, journal, settler, settings, clock, stop, read_again)
        self._feeding = True
        self._active = 0
        self._fatal: RunStopped | None = None
        self._shared_error = ("", 0)  # its message code, and how often it came in a row
        self._canaries: dict[str, list[Settled]] = {}

    async def carry_out(self, changes: Iterator[Pending], bar: Bar) -> None:
        """Carries out the changes until they are done or the run is told to stop.

        Raises:
            RunStopped: not authorised, unreachable, the brake, or a journal that cannot be written. Requests under way
                have come to their end; what was not carried out is still pending.
        """
        feed = Feed(changes, self._journal, self._clock, most=self._settings.announces, is_plain=self._is_plain)
        async with asyncio.TaskGroup() as tasks:
            unused = None
            try:
                while unused is None and not self._stop.is_set() and (pending := await feed.next()) is not None:
                    unused = None if await self._begun(pending, bar, tasks) else pending
            except RunStopped as error:
                self._end(error)
            self._feeding = False
            self._journal.hurry()
            try:
                await feed.close(unused)
            except RunStopped as error:
                self._end(error)
        if self._fatal is not None:
            raise self._fatal

    async def _begun(self, pending: Pending, bar: Bar, tasks: asyncio.TaskGroup) -> bool:
        """Sets a change going when its turn comes; whether it did, or the run is told to stop before that."""
        await self._admitted()
        try:
            if not self._stop.is_set():
                await self._sender.renew(pending)
        except RunStopped as error:
            self._end(error)
        if self._stop.is_set():
            self._slots.release()
            self._places.release()
            return False
        await self._begin(pending, bar, tasks)
        return True

    async def _begin(self, pending: Pending, bar: Bar, tasks: asyncio.TaskGroup) -> None:
        """Sets a change going; returns at once, but for the first ones of each kind."""
        self._active += 1
        proves, is_canary = self._sender.needs_proof(pending), self._is_canary(pending)
        if proves:
            self._feeding = False  # nobody writes after it as long as it is not settled
            await self._carry_out(pending, bar, proves=True, is_canary=is_canary)
            self._feeding = True
            return
        task = tasks.create_task(self._carry_out(pending, bar, is_canary=is_canary))
        if is_canary:
            await self._ended_or_waits(task)

    def _is_plain(self, pending: Pending) -> bool:
        """Whether a change can be announced ahead of its turn."""
        alone = self._is_canary(pending) or self._sender.needs_proof(pending)
        return not alone and self._sender.can_announce(pending)

    async def _ended_or_waits(self, task: asyncio.Task[None]) -> None:
        """Returns when a change has come to its end, or waits to be settled: for that, others may have to be sent."""
        self._settler.waits.clear()
        waits = asyncio.ensure_future(self._settler.waits.wait())
        await asyncio.wait({task, waits}, return_when=asyncio.FIRST_COMPLETED)
        waits.cancel()

    async def _admitted(self) -> None:
        """Waits for a worker, and until few enough changes wait to be settled."""
        self._feeding = not self._places.locked()
        await self._places.acquire()
        self._feeding = True
        await self._slots.acquire()

    async def _carry_out(self, pending: Pending, bar: Bar, *, proves: bool = False, is_canary: bool = False) -> None:
        try:
            try:
                result = await self._sender.carry_out(pending)
            finally:
                self._slots.release()  # what has been answered only has to be written down
            if result is not None:
                self._watch(result)
                if is_canary:
                    self._watch_canary(pending.change.kind, result)
                await self._journal.settled(pending.number, result)
                bar.advance()
                if proves and result.outcome == "added":
                    await self._sender.prove(pending.change, result)
        except RunStopped as error:
            self._end(error)
        finally:
            self._active -= 1
            self._places.release()

    def _is_canary(self, pending: Pending) -> bool:
        """Whether too few changes of this kind have come to their end to open the pool for it."""
        sends = self._settings.sends and pending.sent_at is None
        return sends and len(self._canaries.get(pending.change.kind, ())) < _CANARIES

    def _watch_canary(self, kind: str, result: Settled) -> None:
        """Stops the run where all first changes of a kind were stored otherwise than meant, in the same field."""
        seen = self._canaries.setdefault(kind, [])
        seen.append(result)
        if len(seen) < _CANARIES or self._settings.accepts_altered:
            return
        common = set(seen[0].altered).intersection(*(each.altered for each in seen))
        if common:
            field = min(common)
            meant, stored = result.altered[field]
            self._end(RunStopped("canaries_altered", count=_CANARIES, field=field, meant=meant, stored=stored))

    def _end(self, error: RunStopped) -> None:
        """Stops the run; the first error is the one that is told."""
        self._fatal = self._fatal or error
        self._stop.set()
        self._journal.hurry()

    def _watch(self, result: Settled) -> None:
        """Pulls the brake when the same shared error comes too often in a row."""
        remark = result.remark if result.outcome == "failed" else None
        if remark is None or not (remark.values.get("status") in _SHARED_ERRORS or remark.code == _NOT_DONE):
            self._shared_error = ("", 0)
            return
        last, times = self._shared_error
        times = times + 1 if remark.code == last else 1
        self._shared_error = (remark.code, times)
        if times < _BRAKE_AFTER:
            return
        if remark.code == _NOT_DONE:
            self._end(RunStopped("api_takes_nothing", times=times, reason=remark.values["reason"]))
        else:
            status, message = remark.values["status"], remark.values["message"]
            self._end(RunStopped("brake", times=times, status=status, message=message))
