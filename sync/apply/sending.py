"""Carries out one change: sends it, settles it, compares what was stored.

What enters: a pending change. What leaves: its end, in the journal.
What never happens here: an unsure add sent again before it is certain that it did not happen.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sync import canonical, lookup
from sync.addressbook import AddressBook, Journal
from sync.apply.removing import Remover
from sync.apply.renewed import ReadAgain, Renewed
from sync.apply.settling import Open, Settler, pause, strongest
from sync.apply.verify import altered_fields, moved_fields, rebased, shows_more, with_untouched
from sync.change import Change, Remark, Settled
from sync.clock import Clock
from sync.contact import Contact
from sync.errors import CallFailed, Gone, NotDone, Refused, RunStopped, Unreachable, Unsure

_TRIES = 3  # of one change, each settled before the next
EDITS_TO_CHECK = 3
STALE_AFTER = timedelta(minutes=15)
_ANNOUNCED_FOR = timedelta(seconds=30)  # after that, what is settled after a kill would count from too early
_WAIT = 1.0


@dataclass(frozen=True, slots=True)
class ApplySettings:
    """How the changes are carried out.

    Attributes:
        workers: so many changes are under way at once.
        settle_after: seconds after which an unsure add that no search shows counts as not done, given a control.
        timeout: seconds after which a request is given up.
        read_at: when the book was read; what was read longer ago than `stale_after` is read again first.
        unproven: the match keys for which no search has found a known contact yet.
        uncertified: the match keys for which one has, after the plan was made: absence is still to be made certain.
        announces: so many changes are announced to the journal together, ahead of their turn.
        accepts_altered: go on though the first changes were all stored otherwise than meant.
        reads_deletes: every contact is read again before it is deleted, not the first ones alone.
        sends: False only settles what is unsure: nothing is sent, and what would have to be stays as it is.
    """

    workers: int
    settle_after: float
    read_at: datetime
    timeout: float = 30.0
    unproven: frozenset[str] = frozenset()
    uncertified: frozenset[str] = frozenset()
    stale_after: timedelta = STALE_AFTER
    reads_deletes: bool = False
    sends: bool = True
    announces: int = 1
    accepts_altered: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """One change to carry out; with `sent_at`, one of which nobody knows what became.

    Attributes:
        sent_at: by when it had left, at the latest.
        announced_at: before it left.
    """

    number: int
    change: Change
    sent_at: datetime | None = None
    announced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """When an add had not left yet: by the wall's clock, and by this process's own where it was this one."""

    at: datetime | None
    moment: float | None


class Sender:
    """Carries out changes, one `carry_out` each, several at once."""

    def __init__(
        self,
        book: AddressBook,
        journal: Journal,
        settler: Settler,
        settings: ApplySettings,
        clock: Clock,
        stop: asyncio.Event,
        read_again: ReadAgain,
    ) -> None:
        self._book = book
        self._journal = journal
        self._settler = settler
        self._settings = settings
        self._clock = clock
        self._stop = stop
        self._read_book = read_again
        self._unproven = set(settings.unproven)
        self._uncertified = set(settings.uncertified)
        self._certain_later: set[str] = set()  # keys of whose absences the plan could know nothing
        self._renewed: Renewed | None = None
        self._edits_checked = 0
        self._always_read = False
        self._echoes: dict[str, bool] = {}  # for each kind of change, whether the answer to it tells what is stored
        self._remover = Remover(
            book,
            journal,
            clock,
            stop,
            sends=settings.sends,
            reads_all=settings.reads_deletes,
            is_stale=lambda: self._is_old(settings.read_at),
        )

    async def carry_out(self, pending: Pending) -> Settled | None:
        """How the change ended; None where it is left as it is because the run stops."""
        match pending.change.kind:
            case "add":
                result = await self._add(pending)
            case "edit":
                result = await self._edit(pending)
            case "delete":
                unsure = pending.sent_at is not None
                result = await self._remover.remove(pending.number, pending.change, unsure=unsure)
        return result

    def can_announce(self, pending: Pending) -> bool:
        """Whether a change will be sent as it is, without a look at anything first."""
        change = pending.change
        if not self._settings.sends or pending.sent_at is not None or self._needs_renewal(pending):
            return False
        if change.kind == "add":
            return self._appeared(pending) is None
        return change.kind == "edit" and self._seen_lately(pending) is change.existing

    # Adds

    def needs_proof(self, pending: Pending) -> bool:
        """Whether no search has shown an add's kind of key yet: it must go alone, then be searched for."""
        change = pending.change
        return change.kind == "add" and pending.sent_at is None and strongest(change)[0] in self._unproven

    async def prove(self, change: Change, added: Settled) -> None:
        """Searches for the contact that was just added, as the control for all later adds with this kind of key.

        Raises:
            RunStopped: no search finds it, so no absence is certain.
        """
        key, value = strongest(change)
        if await self._shown(key, value, added.contact_id):
            self._unproven.discard(key)
            self._uncertified.add(key)

    async def _shown(self, key: str, value: str, contact_id: int | None) -> bool:
        """Waits until a search shows a contact that was added; False where the run stops meanwhile.

        Raises:
            RunStopped: no search finds it.
        """
        waited, wait = 0.0, _WAIT
        while not await self._finds(key, value, contact_id):
            if waited >= self._settings.settle_after:
                raise RunStopped("search_blind", key=key, id=contact_id, seconds=round(waited))
            if not await pause(wait, self._clock, self._stop):
                return False
            waited, wait = waited + wait, wait * 2
        return True

    async def renew(self, pending: Pending) -> None:
        """Reads the book again for this change and those after it, where what is known is too old, or was nothing.

        When the run is told to stop meanwhile, it returns at once, with nothing read.

        That takes far fewer requests than to look at each contact before its change is sent.

        Raises:
            RunStopped: it cannot be read.
        """
        if pending.sent_at is not None or not self._settings.sends or not self._needs_renewal(pending):
            return
        key = self._key(pending.change)
        control = self._settler.newest_control(key) if key in self._uncertified & self._settings.uncertified else None
        if control:  # the run was killed, perhaps before it was shown
            await self._shown(key, control.value, control.contact_id)
        self._certain_later |= self._uncertified
        self._uncertified.clear()
        at, stale = self._clock.now(), self._is_old(self._settings.read_at)

        def wanted(change: Change) -> bool:
            return change.kind != "delete" and (stale or self._key(change) in self._certain_later)

        reading = asyncio.ensure_future(self._read_book(pending.number, wanted))
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait((reading, stopping), return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                book, last = reading.result()
                self._renewed = Renewed(book, at, wanted, first=pending.number, last=last)
        finally:
            for each in (reading, stopping):
                each.cancel()
            await asyncio.gather(reading, stopping, return_exceptions=True)

    def _needs_renewal(self, pending: Pending) -> bool:
        change = pending.change
        renewed = self._renewal(pending)
        if change.kind == "delete" or (renewed is not None and not self._is_old(renewed.at)):
            return False
        uncertain = self._key(change) in self._uncertified | self._certain_later
        return uncertain or self._is_old(self._settings.read_at)

    def _renewal(self, pending: Pending) -> Renewed | None:
        """What was read again lately for this change."""
        found = self._renewed
        return found if found is not None and found.covers(pending.number, pending.change) else None

    def _key(self, change: Change) -> str:
        """The key by which an add is looked for; the empty text for other changes."""
        return strongest(change)[0] if change.kind == "add" else ""

    async def _finds(self, key: str, value: str, contact_id: int | None) -> bool:
        try:
            return contact_id in {contact.id for contact in await self._book.find(key, value)}
        except Refused:
            return False  # a search that is refused shows nothing

    async def _add(self, pending: Pending) -> Settled | None:
        change, sent_at = pending.change, pending.sent_at
        if sent_at is None and (appeared := self._appeared(pending)):
            return appeared
        is_announced = sent_at is None and pending.announced_at is not None
        announced = Announced(pending.announced_at, self._clock.monotonic() if is_announced else None)
        for _ in range(_TRIES):
            if sent_at is None:
                if not self._settings.sends:
                    await self._journal.unsent(pending.number)
                    return None
                if not is_announced:
                    announced = Announced(self._clock.now(), self._clock.monotonic())
                answer = await self._sent(pending, self._book.add, change.desired, is_announced=is_announced)
                is_announced = False
                match answer:
                    case Contact():
                        return await self._answered(pending, answer, announced)
                    case Settled():
                        return answer
                    case Open.STOPPED:
                        return None
                # It may have waited long for its turn, or for the end of an outage: only now it has left for certain.
                sent_at = self._clock.now()
            result = await self._settled_add(change, sent_at, announced)
            if result is not Open.ABSENT:
                return result
            sent_at = None
        return Settled("failed", remark=Remark("add_keeps_failing", {"tries": _TRIES}))

    def _appeared(self, pending: Pending) -> Settled | None:
        """How an add ends whose absence was read again, and is none."""
        renewed = self._renewal(pending)
        remark = renewed.objection(*strongest(pending.change)) if renewed is not None else None
        return None if remark is None else Settled("conflict", remark=remark)

    async def _answered(self, pending: Pending, answer: Contact, announced: Announced) -> Settled | None:
        """How an answered add ended; where the answer shows somebody else, it is looked for, not sent again."""
        change = pending.change
        if not _is_other(change, answer):
            return await self._added(change, answer, announced)
        await self._journal.unsure(pending.number, "add_answered_other")
        result = await self._settled_add(change, self._clock.now(), announced)
        if result is not Open.ABSENT:
            return result
        key, value = strongest(change)
        values = {"id": answer.id, "key": key, "value": value, "stored": answer.value(key)}
        return Settled("unresolved", remark=Remark("add_answered_other", values))

    async def _settled_add(
        self, change: Change, sent_at: datetime, announced: Announced
    ) -> Settled | Literal[Open.ABSENT] | None:
        """How an unsure add ended, None where the run stops meanwhile, or that it certainly did not happen."""
        try:
            verdict = await self._settler.settle(change, sent_at)
        except Refused as error:
            return Settled("unresolved", remark=_told("search_refused", error))
        match verdict:
            case Contact():
                return await self._added(change, verdict, announced)
            case Remark():
                unresolved = verdict.code == "add_unresolved"
                return Settled("unresolved" if unresolved else "conflict", remark=verdict)
            case Open.STOPPED:
                return None
            case Open.ABSENT:
                return Open.ABSENT

    async def _added(self, change: Change, stored: Contact, announced: Announced) -> Settled | None:
        if announced.at is not None:
            self._settler.note_written(change, stored, announced.at, announced.moment)
        stored = await self._confirmed(change, change.desired, stored)
        if len(change.desired.groups) > 1 and set(change.desired.groups) - set(stored.groups):
            if not self._settings.sends:
                return None
            stored = await self._with_all_groups(change, stored)
        return _ended("added", change, replace(change.desired, id=stored.id), stored)

    async def _with_all_groups(self, change: Change, stored: Contact) -> Contact:
        """The new contact, put into the groups that it lacks: several in one add are documented for XML alone.

        What is still missing then is reported as stored otherwise than meant.
        """
        assert stored.id is not None, "what was added has an id"
        for _ in range(_TRIES):
            missing = [group for group in change.desired.groups if group not in stored.groups]
            if not missing:
                break
            try:
                return await self._book.edit(replace(stored, groups=(*stored.groups, *missing)))
            except Unsure:
                await pause(_WAIT, self._clock, self._stop)
            except CallFailed:
                break
            with suppress(CallFailed):
                stored = await self._book.get(stored.id)
        return stored

    # Edits

    async def _edit(self, pending: Pending) -> Settled | None:
        change, wait = pending.change, _WAIT
        sent = change.desired if pending.sent_at is not None else None
        for left in reversed(range(_TRIES + 1)):
            meant = await self._meant_now(pending, sent)
            if isinstance(meant, Settled):
                return meant
            if not left:
                break
            if not self._settings.sends:
                return None
            is_announced = sent is None and pending.announced_at is not None
            answer = await self._sent(pending, self._book.edit, meant, is_announced=is_announced)
            match answer:
                case Contact():
                    return _ended("edited", change, meant, await self._confirmed(change, meant, answer))
                case Settled() if sent is None:
                    return answer
                case Open.STOPPED:
                    return None
            # Once one answer is lost, what later ones say is no proof: only reading back is.
            sent = meant
            if not await pause(wait, self._clock, self._stop):
                return None
            wait *= 2
        return Settled("unresolved", remark=Remark("edit_unresolved", {"tries": _TRIES}))

    async def _meant_now(self, pending: Pending, sent: Contact | None) -> Contact | Settled:
        """What the edit means for the contact as it is now; its end, where there is nothing (more) to send.

        Args:
            pending: the edit.
            sent: what was sent without an answer; whatever else has become of the contact then is reported.
        """
        change = pending.change
        current = self._seen_lately(pending) if sent is None else None
        if current is change.existing:
            return change.desired
        if current is None:
            answer = await self._read_alone(change, unsure=sent is not None)
            if isinstance(answer, Settled):
                return answer
            current = answer
        meant = rebased(change, current)
        asked = meant if sent is None else with_untouched(change, meant, sent)
        if not altered_fields(change, meant, current):
            return _ended("unchanged" if sent is None else "edited", change, asked, current)
        if moved := moved_fields(change, current):
            return _moved(change, moved, asked, current, unsure=sent is not None)
        return meant

    def _seen_lately(self, pending: Pending) -> Contact | None:
        """The contact as it was read before: with the plan, or again since; None where it has to be read now."""
        existing = pending.change.existing
        assert existing is not None, "an edit has a contact"
        assert existing.id is not None, "a contact that was read has an id"
        if self._always_read or self._edits_checked < EDITS_TO_CHECK:
            return None
        if not self._is_old(self._settings.read_at):
            return existing
        renewed = self._renewal(pending)
        return None if renewed is None else renewed.contact(existing.id)

    async def _read_alone(self, change: Change, *, unsure: bool) -> Contact | Settled:
        """The contact as it is now, or how the edit ends where it cannot be read."""
        assert change.existing is not None, "an edit has a contact"
        assert change.existing.id is not None, "a contact that was read has an id"
        try:
            current = await self._book.get(change.existing.id)
        except Gone as error:
            return Settled("conflict", remark=_told("contact_gone", error))
        except Refused as error:
            return Settled("unresolved", remark=_told(error.code, error)) if unsure else _failed(error)
        self._edits_checked += 1
        self._always_read |= shows_more(change.existing, current)
        return current

    # Either

    async def _confirmed(self, change: Change, meant: Contact, echo: Contact) -> Contact:
        """The contact as it is stored: what the answer to the write shows, once a first such answer was found true.

        Where it was not, each contact is read back from then on.
        """
        assert echo.id is not None, "what was written has an id"
        if self._echoes.get(change.kind):
            return echo
        current = None
        for wait in (0.0, _WAIT):
            if wait and (change.kind in self._echoes or not await pause(wait, self._clock, self._stop)):
                break
            try:
                current = await self._book.get(echo.id)
            except (CallFailed, Unreachable):
                continue  # nothing is known; the next answer is compared
            if altered_fields(change, meant, current) == altered_fields(change, meant, echo):
                self._echoes.setdefault(change.kind, True)
                return echo
        if current is None:
            return echo
        self._echoes[change.kind] = False
        return current

    async def _sent(
        self,
        pending: Pending,
        request: Callable[[Contact], Awaitable[Contact]],
        contact: Contact,
        *,
        is_announced: bool,
    ) -> Contact | Settled | Literal[Open.UNSURE, Open.STOPPED]:
        """Sends one write: the contact as stored, how the change ended, or why neither can be said."""
        if self._stop.is_set():
            if is_announced:
                await self._journal.unsent(pending.number)
            return Open.STOPPED
        is_old = pending.announced_at is not None and self._clock.now() - pending.announced_at > _ANNOUNCED_FOR
        if not is_announced or is_old:
            await self._journal.sending(pending.number)
        try:
            return await request(contact)
        except RunStopped as error:
            if error.unsure:
                await self._journal.unsure(pending.number, error.code)
            else:
                await self._journal.unsent(pending.number)
            raise
        except Unsure as error:
            await self._journal.unsure(pending.number, error.code)
            return Open.UNSURE
        except Gone as error:
            return Settled("conflict", remark=_told("contact_gone", error))
        except (Refused, NotDone) as error:
            return _failed(error)

    def _is_old(self, read_at: datetime) -> bool:
        return self._clock.now() - read_at > self._settings.stale_after


def _is_other(change: Change, stored: Contact) -> bool:
    """Whether a contact that an add was answered with has none of the row's keys, and is otherwise not as meant."""
    keys = {key: canonical.of_key(key, stored.value(key)) for key in change.keys if key in lookup.SEARCHABLE}
    if not keys[strongest(change)[0]] or any(keys[key] == change.keys[key] for key in keys):
        return False
    return bool(set(altered_fields(change, change.desired, stored)) - set(keys))


def _ended(outcome: str, change: Change, meant: Contact, stored: Contact) -> Settled:
    altered = altered_fields(change, meant, stored)
    remark = Remark("stored_altered", {"fields": ", ".join(altered)}) if altered else None
    return Settled(outcome, stored.id, remark, altered, stored)


def _moved(change: Change, moved: list[str], meant: Contact, current: Contact, *, unsure: bool) -> Settled:
    """How an edit ends whose contact has other values than those that were read."""
    if not unsure:
        return Settled("conflict", remark=Remark("contact_moved", {"fields": ", ".join(moved)}), stored=current)
    others = [name for name in altered_fields(change, meant, current) if name in moved]
    if others:
        return Settled("unresolved", remark=Remark("edit_found_other", {"fields": ", ".join(others)}), stored=current)
    return _ended("edited", change, meant, current)  # our own write has moved it; the server dropped the rest


def _failed(error: Refused | NotDone) -> Settled:
    return Settled("failed", remark=_told(error.code, error))


def _told(code: str, error: CallFailed) -> Remark:
    values: Mapping[str, object] = {**error.values, "status": error.status or "", "message": error.message}
    return Remark(code, values)
