"""A client whose requests are answered by a sandbox in the same process, without sockets and without waiting.

What enters: a book, semantics. What leaves: the book as it was read, and how.
What never happens here: a rule of the API, which the sandbox has.
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from sync.book import Book
from sync.contact import Contact
from sync.lookup import Forms
from sync.progress import NoProgress, Progress
from sync.remote import Client, read_book
from sync.remote.pace import Pace
from sync.remote.transport import Raw
from sync.sandbox import BookState, Semantics
from sync.sandbox.answers import Account
from sync.sandbox.desk import BASE_PATH, Desk
from sync.sandbox.faults import Faults
from sync.sandbox.ledger import Ledger
from sync.settings import ApiSettings, Credentials
from tests.fakes import FakeClock

MOST_REQUESTS = 20_000


class TooManyRequests(Exception):
    """The reading goes on and on."""


class NoPace(Pace):
    """Lets everybody send at once."""

    async def wait(self) -> None:
        pass


class Direct:
    """A transport to a sandbox in this process: the requests are those that a server would get.

    Args:
        state: the book; it stays the caller's.
        semantics: how the API behaves.
    """

    def __init__(self, state: BookState, semantics: Semantics) -> None:
        self._desk = Desk(Account(state, semantics, time.monotonic), Faults(), Ledger(None, time.monotonic), time.sleep)
        self._posts = 0

    async def post(self, path: str, body: bytes, content_type: str) -> Raw:
        self._posts += 1
        if self._posts > MOST_REQUESTS:
            raise TooManyRequests
        await asyncio.sleep(0)  # so that others who are under way may send between
        reply = self._desk.receive(BASE_PATH + path, content_type, body)
        assert reply is not None
        return Raw(reply.status, {"content-type": reply.content_type}, reply.body)


@dataclass(frozen=True)
class Reading:
    """A book as it was read.

    Attributes:
        requests: by method.
        left: the ids that the server has when all is read.
    """

    book: Book
    forms: Forms
    requests: Mapping[str, int]
    left: frozenset[int]

    @property
    def total(self) -> int:
        return sum(self.requests.values())

    @property
    def ids(self) -> set[int]:
        return {int(number) for number in self.book.table["id"]}

    def evidence(self, key: str, values: Sequence[str]) -> list[str | None]:
        found = self.book.coverage.evidence(key, pd.Series(list(values), dtype="str"))
        return [None if pd.isna(each) else str(each) for each in found]


def wanted(*rows: Sequence[str | None], keys: Sequence[str] = ("gsm", "email")) -> pd.DataFrame:
    return pd.DataFrame.from_records([tuple(row) for row in rows], columns=list(keys)).astype("str")


def read(
    groups: Sequence[Mapping[str, Any]],
    contacts: Sequence[Mapping[str, Any]],
    rows: pd.DataFrame,
    *,
    forms: Forms | None = None,
    wire: Any = "json",
    workers: int = 4,
    semantics: Semantics | None = None,
) -> Reading:
    """What reading gives of a book that has these groups and contacts."""
    state = BookState.from_dict({"groups": list(groups), "contacts": list(contacts)})
    return read_state(state, rows, forms=forms, wire=wire, workers=workers, semantics=semantics)


def read_state(
    state: BookState,
    rows: pd.DataFrame,
    *,
    forms: Forms | None = None,
    wire: Any = "json",
    workers: int = 4,
    semantics: Semantics | None = None,
    progress: Progress | None = None,
    written: Sequence[Contact] = (),
) -> Reading:
    """What reading gives of a book that was built before."""

    async def go() -> Reading:
        client = _client(wire)
        client._transport = Direct(state, semantics or Semantics())  # type: ignore[assignment]
        client.forms = forms or Forms()
        client.requests.clear()
        progress_shown = progress or NoProgress()
        book = await read_book(client, rows, workers=workers, progress=progress_shown, written=written)
        return Reading(book, client.forms, dict(client.requests), frozenset(state.contacts))

    return asyncio.run(go())


@cache
def _client(wire: Any) -> Client:
    """One for all readings: to make one takes longer than to read a small book."""
    api = ApiSettings(base_url="http://127.0.0.1/v1", rate=1e6, wire=wire)
    clock = FakeClock()
    secrets = Credentials("sandbox-key", "sandbox-hash")
    return Client(api, secrets, clock=clock, chance=random.Random(1), pace=NoPace(1e6, clock))
