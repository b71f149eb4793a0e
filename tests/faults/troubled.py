"""One run in which one request meets one fault: in this process, without sockets, without a real second.

What enters: a fault, and the moment at which it comes. What leaves: how the run ended, what its rows became, the book.
What never happens here: a judgement; a fault that comes at another moment.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sync.clock import Clock
from sync.errors import ImsyncError
from sync.remote.transport import NoAnswer, NotConnected, Raw
from sync.runs import RunFile
from sync.sandbox import BookState, Semantics
from sync.sandbox.answers import Account
from sync.sandbox.desk import BASE_PATH, Desk, HangUp
from sync.sandbox.faults import FAULTS, Faults
from sync.sandbox.ledger import Ledger
from sync.sandbox.outages import Outage
from sync.sandbox.replies import CONTENT_TYPES, Reply, render
from tests.faults.words import Moment
from tests.property.worlds import Office, Told, Wire, World, office

LATE = 45.0  # seconds: a late write lands within the time that an unsure one is waited for
TIMEOUT = 30.0
_ENDLESS = 10**9


_CUSTOMERS = 7
_LAST_OLD = 4


def world() -> World:
    """Three adds, one of them into a group that is missing, and two edits; two contacts that nobody means."""
    contacts = [
        {
            "id": number,
            "name": "Eski",
            "surname": f"Kişi{number}",
            "email": f"eski{number}@example.com",
            "gsm": f"+90500100010{number}",
            "custom_fields": {"5": "kalır"},
            "groups": [_CUSTOMERS],
        }
        for number in range(1, 5)
    ]
    rows = [{"name": "Ayşe", "surname": "Yeni", "gsm": f"0500 200 01 0{number}"} for number in range(3)]
    rows[2]["groups"] = "Yeni Grup"
    rows += [{"name": "Değişti", "surname": f"Kişi{number}", "gsm": f"0500 100 01 0{number}"} for number in (1, 2)]
    rules = {
        "version": 1,
        "source": {"header_row": 1, "encoding": "utf-8", "delimiter": ";"},
        "match": ["gsm"],
        "fields": {"name": {"column": "Ad"}, "surname": {"column": "Soyad"}, "gsm": {"column": "Cep"}},
        "groups": {"column": "Grup", "create_missing": True},
        "guards": {"max_edits": "100%"},
    }
    return World(contacts, rows, rules, Semantics(), "json", remembers=True, gathered=False)


@dataclass
class Watch:
    """Waits for one moment."""

    moment: Moment
    met: bool = False
    armed: bool = False
    counts: Counter[str] = field(default_factory=Counter)

    def sees(self, method: str, contact: int | None) -> bool | None:
        """True: now; False: the request before it, whose answer is lost; None: neither."""
        if self.moment.after and not self.armed:
            self.counts[method] += method == self.moment.after
            self.armed = self.counts[self.moment.after] == self.moment.after_number
            return False if self.armed else None
        about = self.moment.about
        if method != self.moment.method or (about and about != ("old" if (contact or 0) <= _LAST_OLD else "new")):
            return None
        self.counts["of it"] += 1
        self.met = self.counts["of it"] == self.moment.number
        return self.met or None


@dataclass
class Line:
    """What happens on the line: the fault comes at each of the moments, once.

    Attributes:
        fault: by its name in `words`; empty: none.
        phase: that goes on; those of `moments` in it are waited for.
        sent: the methods in order.
    """

    fault: str
    moments: list[Moment]
    clock: Clock
    phase: str = ""
    sent: list[str] = field(default_factory=list)
    late: set["asyncio.Task[Any]"] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.watches = [Watch(moment) for moment in self.moments]

    @property
    def phases(self) -> set[str]:
        return {moment.phase for moment in self.moments}

    @property
    def met(self) -> bool:
        """Whether the fault has come at every moment."""
        return all(watch.met for watch in self.watches)

    def meets(self, method: str, contact: int | None) -> str | None:
        """The fault that this request meets."""
        self.sent.append(method)
        seen = {
            watch.sees(method, contact): watch
            for watch in self.watches
            if watch.moment.phase == self.phase and not watch.met
        }
        if True in seen:
            return self.fault or None
        if False in seen:
            return "lost_after" if seen[False].moment.carried_out else "lost_before"
        return None


class Troubled(Wire):
    """The transport."""

    def __init__(self, state: BookState, semantics: Semantics, line: Line) -> None:
        super().__init__(state, semantics)
        self._account = Account(state, semantics, time.monotonic)
        self._line = line

    def _out_of_order(self, fault: str) -> Desk:
        rated = {each.name for each in FAULTS}
        if fault in rated:
            faults = Faults(**{fault: 1.0}, retry_after=3)
        elif fault == "unauthorised":
            faults = Faults(unauthorised_from=1)
        else:
            faults = Faults(outages=(Outage(1, _ENDLESS, fault.removeprefix("outage_"), "requests"),))  # type: ignore[arg-type]
        now = self._line.clock.now().timestamp
        ledger = Ledger(None, time.monotonic)
        return Desk(self._account, faults, ledger, lambda _: None, time.monotonic, now)

    async def post(self, path: str, body: bytes, content_type: str) -> Raw:
        method = path.strip("/").removesuffix("/json")
        fault = self._line.meets(method, _contact(body))
        if fault is None:
            return await super().post(path, body, content_type)
        return await self._spoilt(fault, path, body, content_type)

    async def _spoilt(self, fault: str, path: str, body: bytes, content_type: str) -> Raw:
        clock = self._line.clock
        if fault in ("outage_refuse", "no_connection"):
            raise NotConnected("line_refused")
        if fault == "redirect":
            return Raw(302, {"location": "https://elsewhere.example.com/v1", "content-type": "text/html"}, b"")
        if fault.isdecimal():
            return _raw(Reply(int(fault), CONTENT_TYPES["json"], render("json", int(fault), None, Semantics())))
        if fault in ("silent_before", "silent_after", "late_write"):
            if fault == "silent_after":
                await super().post(path, body, content_type)
            if fault == "late_write":
                task = asyncio.ensure_future(self._later(path, body, content_type))
                self._line.late.add(task)
            await clock.sleep(TIMEOUT)
            raise NoAnswer("line_silent")
        reply = self._out_of_order(fault).receive(BASE_PATH + path, content_type, body)
        if fault == "slow":
            await clock.sleep(TIMEOUT / 2)
        if isinstance(reply, HangUp) or reply.sent is not None:
            raise NoAnswer("line_closed")
        return _raw(reply)

    async def _later(self, path: str, body: bytes, content_type: str) -> None:
        await self._line.clock.sleep(LATE)
        await super().post(path, body, content_type)


def _contact(body: bytes) -> int | None:
    """The contact that a request is about, where it says one by its id."""
    found = json.loads(body)["request"].get("contact", {}).get("id")
    return None if found is None else int(found)


def _raw(reply: Reply) -> Raw:
    headers = {"Content-Type": reply.content_type}
    if reply.retry_after is not None:
        headers["Retry-After"] = reply.retry_after
    return Raw(reply.status, headers, reply.body)


@dataclass(frozen=True)
class Ended:
    """How it went.

    Attributes:
        met: whether the fault came, at every moment.
        error: with which the command ended, None where it went through.
        codes: of the rows that did not come about.
        outcomes: of the command.
        book: what the server has afterwards, without ids.
        mended: the same after the person's next command, in calm weather: sync again, resume, or undo again.
        sent: the methods in order, up to the end of the command that met the fault.
    """

    met: bool
    error: ImsyncError | None
    codes: list[str]
    outcomes: Mapping[str, int]
    book: list[Any]
    mended: list[Any]
    sent: list[str]


def run_with(fault: str, *moments: Moment) -> Ended:
    """Plans and applies, and where a moment asks for it undoes; then does what a person would do next."""
    with _line(fault, list(moments)) as (here, line):
        files: list[RunFile] = []
        try:
            error, told = _phases(here, line, files)
            book, sent = view(here), list(line.sent)
            line.phase = "calm"
            _mended(here, line, files, error, told)
            outcomes = {name: count for name, count in told.outcomes.items() if count} if told else {}
            return Ended(line.met, error, _codes(told), outcomes, book, view(here), sent)
        finally:
            for each in files:
                each.close()


@contextmanager
def _line(fault: str, moments: list[Moment]) -> Iterator[tuple[Office, Line]]:
    made: list[Line] = []
    with office(world(), lambda state, semantics: Troubled(state, semantics, made[0])) as here:
        made.append(Line(fault, moments, here._clock))
        yield here, made[0]


def _phases(here: Office, line: Line, files: list[RunFile]) -> tuple[ImsyncError | None, Told | None]:
    told = None
    try:
        line.phase = "plan"
        files.append(here.plan()[0])
        line.phase = "apply"
        told = here.apply(files[0])
        if "undo" in line.phases:
            line.phase = "undo"
            files.append(here.plan_undo(files[0])[0])
            told = here.apply(files[-1])
    except ImsyncError as error:
        return error, here.told(files[-1]) if files else None
    return None, told


def _mended(here: Office, line: Line, files: list[RunFile], error: ImsyncError | None, told: Told | None) -> None:
    """A run that was stopped is resumed; after one with rows that failed, or none at all, one syncs or undoes again."""
    if error is not None and files:
        here.resume(files[-1])
    elif error is not None or (told and told.of("failed", "unresolved", "conflict")):
        files.append(here.plan_undo(files[0])[0] if "undo" in line.phases else here.plan()[0])
        here.apply(files[-1])


def _codes(told: Told | None) -> list[str]:
    rows = sorted(told.of("failed", "unresolved", "conflict")) if told else []
    return [code for row in rows for code in told.codes(row)[:1]] if told else []


def view(here: Office) -> list[Any]:
    groups = here.server.groups
    return sorted(
        (
            each.name,
            each.surname,
            each.gsm,
            each.email,
            tuple(sorted(each.custom_fields.items())),
            tuple(sorted(groups[number].name for number in each.groups)),
        )
        for each in here.contacts.values()
    ) + sorted(each.name for each in groups.values())
