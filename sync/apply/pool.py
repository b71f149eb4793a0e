"""The pool: carries out the changes of a run, several at once.

What enters: the changes of the run file, an AddressBook, a Journal. What leaves: nothing; the journal has it all.
What never happens here: a new change after a fatal error or a stop; two changes of one contact at once (a plan has one
change for each contact).
"""

import asyncio
from collections.abc import Iterable, Iterator

from sync.addressbook import AddressBook, Control, Journal
from sync.apply.certainty import ReadAgain
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
        self._slots = asyncio.Semaphore(settings.workers)
        self._stop = stop
        settler = Settler(
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

    async def carry_out(self, changes: Iterator[Pending], bar: Bar) -> None:
        """Carries out the changes until they are done or the run is told to stop.

        Raises:
            RunStopped: not authorised, unreachable, the brake, or a journal that cannot be written. Requests under way
                have come to their end; what was not carried out is still pending.
        """
        async with asyncio.TaskGroup() as tasks:
            for pending in changes:
                await self._slots.acquire()
                if self._stop.is_set():
                    self._slots.release()
                    break
                self._active += 1
                try:
                    await self._sender.make_certain(pending)
                except RunStopped as error:
                    self._end(error)
                    self._active -= 1
                    self._slots.release()
                    break
                if self._sender.needs_proof(pending):
                    self._feeding = False  # nobody writes after it as long as it is not settled
                    await self._carry_out(pending, bar, proves=True)
                    self._feeding = True
                else:
                    tasks.create_task(self._carry_out(pending, bar))
            self._feeding = False
        if self._fatal is not None:
            raise self._fatal

    async def _carry_out(self, pending: Pending, bar: Bar, *, proves: bool = False) -> None:
        try:
            result = await self._sender.carry_out(pending)
            if result is not None:
                bar.advance()
                self._watch(result)
                if proves and result.outcome == "added":
                    await self._sender.prove(pending.change, result)
        except RunStopped as error:
            self._end(error)
        finally:
            self._active -= 1
            self._slots.release()

    def _end(self, error: RunStopped) -> None:
        """Stops the run; the first error is the one that is told."""
        self._fatal = self._fatal or error
        self._stop.set()

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
