"""A sandbox in this process whose requests go wrong by chance, and a run that is killed at a durable moment.

What enters: which faults there are and how often, at which durable step to die. What leaves: answers, or how none came.
What never happens here: a socket, a real second, a judgement; a killed run that writes, or is heard, once it is dead.
"""

import asyncio
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any
from unittest.mock import patch

from sync.remote.transport import NoAnswer, NotConnected, Raw
from sync.sandbox import BookState, Semantics
from sync.sandbox.answers import Account
from sync.sandbox.desk import BASE_PATH, Desk, HangUp
from sync.sandbox.faults import FAULTS, Faults
from sync.sandbox.ledger import Entry, Ledger
from sync.sandbox.records import StoredContact
from sync.sandbox.replies import Reply
from tests.chaos.durable import _Connection
from tests.fakes import FakeClock
from tests.property.worlds import Wire

WRITES = ("add-contact", "edit-contact", "delete-contact")
LATE = 45.0  # seconds: a late write lands within the time that an unsure one is waited for
TIMEOUT = 30.0
# "ignored": an edit is answered 200 with the contact as it was; "parroted": with what was sent. Nothing is stored.
OURS = ("silent_before", "silent_after", "no_connection", "ignored", "parroted")
KINDS = (*(each.name for each in FAULTS), *OURS)


class Killed(Exception):
    """The machine is switched off."""


@dataclass(frozen=True)
class Write:
    """One write that changed the book.

    Attributes:
        before, after: the contact; None where there was none, or is none any more.
        others: the other contacts at that moment.
        late: it was carried out long after it was sent.
    """

    contact_id: int
    before: StoredContact | None
    after: StoredContact | None
    others: tuple[StoredContact, ...]
    late: bool


@dataclass
class Server:
    """What stands behind the line.

    Attributes:
        kinds, share: the faults that there are now, and of how many requests one meets them.
        sent: requests, heard or not, by method.
        late: writes that were heard and are not carried out yet: when they are, what was sent, and whose they are.
        writes: those that changed the book, of whoever is sending now.
        dead: a run was killed, and nothing that it still tries comes about.
    """

    state: BookState
    semantics: Semantics
    clock: FakeClock
    kinds: tuple[str, ...] = ()
    share: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    sent: Counter[str] = field(default_factory=Counter)
    late: list[tuple[float, str, bytes, str, list[Write]]] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    dead: bool = False

    def __post_init__(self) -> None:
        self.ledger = Ledger(None, self.clock.monotonic)
        self._account = Account(self.state, self.semantics, self.clock.monotonic)
        self._calm = self._desk(Faults(), self._account)

    def _desk(self, faults: Faults, account: Account, ledger: Ledger | None = None) -> Desk:
        now = lambda: self.clock.now().timestamp()  # noqa: E731 - it goes on
        return Desk(account, faults, ledger or self.ledger, lambda _: None, self.clock.monotonic, now)

    def meets(self) -> str | None:
        """The fault of the next request."""
        return self.chance.choice(self.kinds) if self.kinds and self.chance.random() < self.share else None

    def receive(
        self, path: str, body: bytes, content_type: str, fault: str = "", *, late: list[Write] | None = None
    ) -> Raw:
        """The answer to a request that is heard; what it writes is noted in `late`, where it comes late.

        Raises:
            NoAnswer: there is none.
        """
        desk = self._desk(Faults(**{fault: 1.0}, retry_after=3), self._account) if fault else self._calm
        book = dict(self.state.contacts)
        reply = desk.receive(BASE_PATH + path, content_type, body)
        self._note(book, late)
        if isinstance(reply, HangUp) or reply.sent is not None:
            raise NoAnswer("line_closed")
        return _raw(reply)

    def pretend(self, path: str, body: bytes, content_type: str, *, parroted: bool) -> Raw:
        """The answer to an edit that is not carried out, and that says it was."""
        number, at = self.ledger.arrive()
        account, method = self._account, "edit-contact"
        if parroted:
            account = Account(BookState.from_dict(self.state.to_dict()), self.semantics, self.clock.monotonic)
        else:
            path = path.replace(method, "get-contact")
        reply = self._desk(Faults(), account, Ledger(None, self.clock.monotonic)).receive(
            BASE_PATH + path, content_type, body
        )
        assert isinstance(reply, Reply)
        self.ledger.record(Entry(number, at, method, "json", reply.status, "ignored", None, carried_out=False))
        return _raw(reply)

    def land(self, *, all_of_them: bool = False) -> None:
        """Carries out the late writes whose moment has come."""
        due = [each for each in self.late if all_of_them or each[0] <= self.clock.seconds]
        self.late = [each for each in self.late if each not in due]
        for _, path, body, content_type, writes in due:
            with suppress(NoAnswer):
                self.receive(path, body, content_type, late=writes)

    def _note(self, book: dict[int, StoredContact], late: list[Write] | None) -> None:
        """Notes the write, if the last request was one and was carried out."""
        entry = self.ledger.entries[-1]
        if entry.method in WRITES and entry.carried_out:
            assert entry.contact_id is not None
            before, after = (each.get(entry.contact_id) for each in (book, self.state.contacts))
            others = tuple(each for number, each in book.items() if number != entry.contact_id)
            write = Write(entry.contact_id, before, after, others, late is not None)
            (self.writes if late is None else late).append(write)


class Exposed(Wire):
    """The transport."""

    def __init__(self, server: Server) -> None:
        super().__init__(server.state, server.semantics)
        self._server = server

    async def post(self, path: str, body: bytes, content_type: str) -> Raw:
        server = self._server
        await asyncio.sleep(0)  # so that others who are under way may send between
        server.land()
        if server.dead:
            raise Killed
        method, fault = path.strip("/").removesuffix("/json"), server.meets()
        server.sent[method] += 1
        if fault == "no_connection":
            raise NotConnected("line_refused")
        if fault == "late_write" and method not in WRITES:
            fault = "silent_before"
        if fault in ("ignored", "parroted") and method == "edit-contact":
            return server.pretend(path, body, content_type, parroted=fault == "parroted")
        if fault in ("silent_before", "silent_after", "late_write"):
            if fault == "late_write":
                server.late.append((server.clock.seconds + LATE, path, body, content_type, server.writes))
            elif fault == "silent_after":
                server.receive(path, body, content_type)
            await server.clock.sleep(TIMEOUT)
            raise NoAnswer("line_silent")
        if fault == "slow":
            raw = server.receive(path, body, content_type)
            await server.clock.sleep(TIMEOUT / 2)
            return raw
        return server.receive(path, body, content_type, "" if fault is None or fault in OURS else fault)


def _raw(reply: Reply) -> Raw:
    headers = {"Content-Type": reply.content_type}
    if reply.retry_after is not None:
        headers["Retry-After"] = reply.retry_after
    return Raw(reply.status, headers, reply.body)


class _Death:
    """Counts durable steps, and ends everything at one of them."""

    def __init__(self, server: Server, state: Path, step: int, *, after: bool) -> None:
        self._server = server
        self._state = state
        self._step = step
        self._after = after
        self._lock = Lock()
        self.grave = state.with_name("grave")  # the state as it was then

    def around(self, make_durable: Callable[[], Any], _: sqlite3.Connection | None) -> Any:
        with self._lock:
            if self._server.dead:
                raise Killed
            self._step -= 1
            if not self._step:
                if self._after:
                    make_durable()
                self._server.dead = True
                shutil.copytree(self._state, self.grave)
                raise Killed
        return make_durable()


@contextmanager
def dying(server: Server, state: Path, step: int, *, after: bool) -> Iterator[None]:
    """Within it all ends at the n-th durable step, from 1, before or after it is on the disk; at 0 nothing ends.

    What a dead run still does comes to nothing: afterwards `state` is as it was at that moment.
    """
    death, made, rename = _Death(server, state, step, after=after), list[sqlite3.Connection](), Path.replace

    class Mortal(_Connection):
        around, begins = staticmethod(death.around), staticmethod(lambda _: None)

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            made.append(self)

    def renamed(draft: Path, target: Any) -> Path:
        found: Path = death.around(partial(rename, draft, target), None)
        return found

    try:
        with (
            patch("sqlite3.connect", partial(sqlite3.connect, factory=Mortal)),
            patch.object(Path, "replace", renamed),
        ):
            yield
    except Exception:
        if not server.dead:
            raise
    finally:
        for each in made:
            each.close()
    if server.dead:
        shutil.rmtree(state)
        rename(death.grave, state)
        server.dead = False
