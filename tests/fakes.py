"""Fakes that are written, not patched: a clock, an address book in memory, a journal.

What enters: switches. What leaves: the protocols of `sync`, kept as simply as can be.
What never happens here: waiting, chance, a file.
"""

import asyncio
import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sync import canonical
from sync.change import Settled
from sync.contact import PLAIN_FIELDS, Contact
from sync.errors import Gone, ImsyncError, NotDone, Refused, RunStopped, Unsure

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
_ROUNDS = 12  # of the loop, in which everybody else may come to rest before the clock is moved on
_WRITE_TAKES = 0.01  # seconds


class FakeClock:
    """Time that passes only while somebody sleeps; sleepers wake in the order of their moments.

    Args:
        lateness: for one sleep after the other, so many seconds it wakes late; none when it is used up.
    """

    def __init__(self, lateness: Iterable[float] = ()) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []
        self._lateness = iter(lateness)
        self._sleepers: list[tuple[float, int]] = []
        self._count = 0
        self._ahead = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds - 1000.0 + self._ahead)

    def set_forwards(self, seconds: float) -> None:
        """Somebody sets the wall's clock; no time passes."""
        self._ahead += seconds

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        # A real clock always goes on, even where a float cannot hold so small a step.
        moment = max(self.seconds + seconds + next(self._lateness, 0.0), math.nextafter(self.seconds, math.inf))
        self._count += 1
        me = (moment, self._count)
        heapq.heappush(self._sleepers, me)
        try:
            rounds = 0
            while rounds < _ROUNDS:
                await asyncio.sleep(0)
                rounds = rounds + 1 if self._sleepers[0] == me else 0
            self.seconds = max(self.seconds, moment)
        finally:
            self._sleepers.remove(me)
            heapq.heapify(self._sleepers)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one write.

    Attributes:
        kind: lost_before (nothing is written), lost_after (it is), not_done, refused, or stop (RunStopped).
        code: of a refusal.
        lands_after: with lost_before, the write happens all the same, so many seconds later.
    """

    kind: str
    code: int = 422
    lands_after: float | None = None

    def error(self) -> ImsyncError:
        match self.kind:
            case "lost_before" | "lost_after":
                return Unsure("api_no_answer", reason="closed")
            case "not_done":
                return NotDone("api_not_done", reason="503")
            case "stop":
                return RunStopped("api_unreachable", host="example.com", method="add-contact", reason="closed")
            case _:
                return Refused(_REFUSALS[self.code], status=self.code, message="Hata")


_REFUSALS = {
    400: "api_unparsed",
    422: "api_invalid_values",
    463: "api_group_unknown",
    466: "api_number_invalid",
    471: "api_term_too_short",
    472: "api_contact_empty",
    473: "api_custom_field_unknown",
}
LOST_BEFORE, LOST_AFTER, NOT_DONE = Fault("lost_before"), Fault("lost_after"), Fault("not_done")


@dataclass
class MemoryBook:
    """An address book in memory.

    Attributes:
        adds, edits, deletes: what goes wrong with the n-th add, edit or delete, counted from 1.
        gets, finds: an error for the n-th get or find.
        lag: seconds until a search sees a new contact.
        latency: seconds that one search takes.
        semantics: whether an edit clears ("replace") or keeps ("patch") what it does not name.
        alters: what the server makes of every contact that is written.
        one_group: an add stores the first group only.
        answers: what the n-th add is answered with, whatever is stored.
        parrots: the answer to a write shows what was sent, whatever is stored.
        log: every call, in order, such as ("add", "+905000000001").
        before: called before each call, with its name and how many of them there have been.
    """

    clock: FakeClock = field(default_factory=FakeClock)
    contacts: dict[int, Contact] = field(default_factory=dict)
    groups: frozenset[int] = frozenset(range(1, 20))
    custom_fields: frozenset[int] = frozenset(range(1, 20))
    adds: Mapping[int, Fault] = field(default_factory=dict)
    edits: Mapping[int, Fault] = field(default_factory=dict)
    deletes: Mapping[int, Fault] = field(default_factory=dict)
    gets: Mapping[int, ImsyncError] = field(default_factory=dict)
    finds: Mapping[int, ImsyncError] = field(default_factory=dict)
    lag: float = 0.0
    latency: float = 0.0
    semantics: str = "replace"
    alters: Callable[[Contact], Contact] = lambda contact: contact
    one_group: bool = False
    parrots: bool = False
    answers: Mapping[int, Contact] = field(default_factory=dict)
    log: list[tuple[str, object]] = field(default_factory=list)
    before: Callable[[str, int], None] = lambda _name, _count: None
    sent: list[Contact] = field(default_factory=list)
    visible_at: dict[int, float] = field(default_factory=dict)
    _landing: list[tuple[float, str, Contact]] = field(default_factory=list)
    _calls: dict[str, int] = field(default_factory=dict)

    def put(self, contact: Contact) -> None:
        """Somebody else writes a contact, which searches see at once."""
        assert contact.id is not None
        self.contacts[contact.id] = contact
        self.visible_at[contact.id] = self.clock.seconds

    def calls(self, name: str) -> int:
        return self._calls.get(name, 0)

    def holders(self, key: str, value: str) -> list[Contact]:
        """Every contact that has the key, whether a search sees it yet or not, late writes included."""
        self._land(math.inf)
        return [each for each in self.contacts.values() if canonical.of_key(key, each.value(key)) == value]

    # The protocol

    async def find(self, key: str, value: str) -> list[Contact]:
        count = self._count("find", value)
        if self.latency:
            await self.clock.sleep(self.latency)
        if error := self.finds.get(count):
            raise error
        self._land(self.clock.seconds)
        return [
            contact
            for number, contact in self.contacts.items()
            if self.visible_at.get(number, 0.0) <= self.clock.seconds
            and canonical.of_key(key, contact.value(key)) == value
        ]

    async def get(self, contact_id: int) -> Contact:
        count = self._count("get", contact_id)
        await asyncio.sleep(0)
        if error := self.gets.get(count):
            raise error
        self._land(self.clock.seconds)
        return self._existing(contact_id)

    async def add(self, contact: Contact) -> Contact:
        return await self._write("add", contact, self.adds)

    async def edit(self, contact: Contact) -> Contact:
        return await self._write("edit", contact, self.edits)

    async def delete(self, contact_id: int) -> None:
        fault = self.deletes.get(self._count("delete", contact_id))
        self.clock.advance(_WRITE_TAKES)
        await asyncio.sleep(0)
        if fault is None or fault.kind == "lost_after":
            self._existing(contact_id)
            del self.contacts[contact_id]
        if fault is not None:
            raise fault.error()

    # How it is done

    def _count(self, name: str, what: object) -> int:
        self._calls[name] = self._calls.get(name, 0) + 1
        self.before(name, self._calls[name])
        self.log.append((name, what))
        return self._calls[name]

    async def _write(self, name: str, contact: Contact, faults: Mapping[int, Fault]) -> Contact:
        count = self._count(name, contact.gsm or contact.email)
        fault = faults.get(count)
        self.sent.append(contact)
        self.clock.advance(_WRITE_TAKES)
        await asyncio.sleep(0)
        if fault is None:
            stored = self._store(name, contact)
            if name == "add" and count in self.answers:
                return self.answers[count]
            return replace(contact, id=stored.id) if self.parrots else stored
        if fault.kind == "lost_after":
            self._store(name, contact)
        if fault.lands_after is not None:
            self._landing.append((self.clock.seconds + fault.lands_after, name, contact))
        raise fault.error()

    def _land(self, until: float) -> None:
        due = [item for item in self._landing if item[0] <= until]
        self._landing = [item for item in self._landing if item[0] > until]
        for moment, name, contact in sorted(due, key=lambda item: item[0]):
            stored = self._store(name, contact)
            if name == "add" and stored.id is not None:
                self.visible_at[stored.id] = moment + self.lag

    def _existing(self, contact_id: int) -> Contact:
        if contact_id not in self.contacts:
            raise Gone("api_contact_gone", status=465, message="Kişi bulunamadı.")
        return self.contacts[contact_id]

    def _store(self, name: str, contact: Contact) -> Contact:
        if name == "edit":
            assert contact.id is not None
            stored = self._edited(self._existing(contact.id), contact)
        else:
            groups = contact.groups[:1] if self.one_group else contact.groups
            stored = replace(contact, id=max(self.contacts, default=1000) + 1, groups=groups)
            self.visible_at[stored.id or 0] = self.clock.seconds + self.lag
        for refused, code in (
            (not any(stored.value(each).strip() for each in PLAIN_FIELDS), 472),
            (bool(stored.gsm) and not stored.gsm.lstrip("+").isdecimal(), 466),
            (not self.custom_fields.issuperset(stored.custom_fields), 473),
            (not self.groups.issuperset(stored.groups), 463),
        ):
            if refused:
                raise Fault("refused", code).error()
        kept = {number: text for number, text in stored.custom_fields.items() if text}
        stored = self.alters(replace(stored, custom_fields=kept))
        self.contacts[stored.id or 0] = stored
        return stored

    def _edited(self, present: Contact, contact: Contact) -> Contact:
        if self.semantics == "replace":
            return contact
        return replace(contact, custom_fields={**present.custom_fields, **contact.custom_fields})


@dataclass
class MemoryJournal:
    """A journal that records every transition, in order, in a log that it may share with a book.

    Attributes:
        full_at: the n-th transition cannot be written, nor can any later one.
        begun: each transition with the length of the log when it was asked for.
    """

    log: list[tuple[str, object]] = field(default_factory=list)
    results: dict[int, list[Settled]] = field(default_factory=dict)
    states: dict[int, str] = field(default_factory=dict)
    full_at: int | None = None
    begun: list[tuple[str, int, int]] = field(default_factory=list)
    hurried: bool = False
    _written: int = 0

    async def announced(self, changes: Sequence[int]) -> None:
        for change in changes:
            await self._write("sending", change)

    async def sending(self, change: int) -> None:
        await self._write("sending", change)

    async def unsent(self, change: int) -> None:
        await self._write("unsent", change)

    async def unsure(self, change: int, code: str) -> None:
        assert code
        await self._write("unsure", change)

    async def settled(self, change: int, result: Settled) -> None:
        await self._write("settled", change)
        self.results.setdefault(change, []).append(result)

    def hurry(self) -> None:
        self.hurried = True

    @property
    def outcomes(self) -> dict[int, str]:
        return {change: results[-1].outcome for change, results in sorted(self.results.items())}

    def of(self, change: int) -> Iterator[str]:
        """The transitions of one change."""
        return (name for name, number in self.log if number == change and name in _TRANSITIONS)

    async def _write(self, name: str, change: int) -> None:
        self._written += 1
        self.begun.append((name, change, len(self.log)))
        if self.full_at is not None and self._written >= self.full_at:
            raise RunStopped("journal_failed", file="a.run", reason="disk full")
        await asyncio.sleep(0)  # the disk
        self.log.append((name, change))
        self.states[change] = name


_TRANSITIONS = ("sending", "unsent", "unsure", "settled")
