"""Carries out one delete: makes sure of the contact, deletes it, finds out what became of it where an answer was lost.

What enters: a delete, with the contact as it is to be found. What leaves: how it ended.
What never happens here: a delete of a contact that is seen to be another than the one that was planned.
"""

import asyncio
from collections.abc import Callable
from typing import Literal

from sync.addressbook import AddressBook, Journal
from sync.apply.settling import Open, pause
from sync.apply.verify import shows_more
from sync.change import Change, Remark, Settled, disagreements
from sync.clock import Clock
from sync.contact import Contact
from sync.errors import CallFailed, Gone, NotDone, Refused, RunStopped, Unsure

_TRIES = 3  # of one delete, each settled before the next
_WAIT = 1.0
DELETES_TO_CHECK = 3


class Remover:
    """Carries out deletes, several at once.

    Args:
        book: where to delete.
        journal: told around every request.
        clock: for the waits.
        stop: ends every wait.
        sends: False only settles what is unsure.
        reads_all: whether every contact is read again before it is deleted.
        is_stale: whether what was read of the book is so old that a contact is read again before it is deleted.
    """

    def __init__(
        self,
        book: AddressBook,
        journal: Journal,
        clock: Clock,
        stop: asyncio.Event,
        *,
        sends: bool,
        reads_all: bool,
        is_stale: Callable[[], bool],
    ) -> None:
        self._book = book
        self._journal = journal
        self._clock = clock
        self._stop = stop
        self._sends = sends
        self._is_stale = is_stale
        self._checked = 0
        self._always_read = reads_all

    async def remove(self, number: int, change: Change, *, unsure: bool) -> Settled | None:
        """How the delete ended; None where it is left as it is because the run stops.

        Args:
            number: of the change.
            change: the delete; its `existing` is the contact as it is to be found.
            unsure: it was sent before, and nobody knows what became of it.
        """
        wait = _WAIT
        for left in reversed(range(_TRIES + 1)):
            if (unsure or self._must_read) and (ended := await self._looked_at(change, unsure=unsure)):
                return ended
            if not left:
                break
            if not self._sends:
                return None
            answer = await self._sent(number, change)
            match answer:
                case Settled() if not unsure or answer.outcome == "deleted":
                    return answer
                case Open.STOPPED:
                    return None
            # Once one answer is lost, what later ones say is no proof: only reading back is.
            unsure = True
            if not await pause(wait, self._clock, self._stop):
                return None
            wait *= 2
        return Settled("unresolved", _id(change), Remark("delete_unresolved", {"tries": _TRIES}))

    async def _looked_at(self, change: Change, *, unsure: bool) -> Settled | None:
        """How the delete ends by what the contact is now; None where it is there as planned."""
        assert change.existing is not None, "a delete has a contact"
        try:
            current = await self._book.get(_id(change))
        except Gone:
            return _deleted(change) if unsure else _gone(change)
        except Refused as error:
            return Settled("unresolved" if unsure else "failed", _id(change), _told(error))
        self._checked += 1
        self._always_read |= shows_more(change.existing, current)
        moved = ", ".join(disagreements(change.existing, current))
        if not moved:
            return None
        if unsure:
            return Settled("unresolved", _id(change), Remark("delete_found_other", {"fields": moved}), stored=current)
        return Settled("conflict", _id(change), Remark("contact_moved", {"fields": moved}), stored=current)

    async def _sent(self, number: int, change: Change) -> Settled | Literal[Open.UNSURE, Open.STOPPED]:
        if self._stop.is_set():
            return Open.STOPPED
        await self._journal.sending(number)
        try:
            await self._book.delete(_id(change))
        except RunStopped as error:
            if error.unsure:
                await self._journal.unsure(number, error.code)
            else:
                await self._journal.unsent(number)
            raise
        except Unsure as error:
            await self._journal.unsure(number, error.code)
            return Open.UNSURE
        except Gone:
            return _gone(change)
        except (Refused, NotDone) as error:
            return Settled("failed", _id(change), _told(error))
        return _deleted(change)

    @property
    def _must_read(self) -> bool:
        return self._always_read or self._checked < DELETES_TO_CHECK or self._is_stale()


def _id(change: Change) -> int:
    contact: Contact | None = change.existing
    assert contact is not None, "a delete has a contact"
    assert contact.id is not None, "a contact that was read has an id"
    return contact.id


def _deleted(change: Change) -> Settled:
    return Settled("deleted", _id(change))


def _gone(change: Change) -> Settled:
    """Somebody else has deleted it."""
    return Settled("unchanged", _id(change), Remark("delete_already_gone"))


def _told(error: CallFailed) -> Remark:
    return Remark(error.code, {**error.values, "status": error.status or "", "message": error.message})
