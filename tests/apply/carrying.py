"""Carries out changes against the fakes, and shows what came of them.

What enters: a book, changes, settings. What leaves: the journal, the error, the log of both.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sync import messages
from sync.addressbook import Control
from sync.apply import ApplySettings, Pending, Pool
from sync.apply.renewed import ReadAgain
from sync.book import Book
from sync.change import Change, Settled
from sync.contact import Contact
from sync.coverage import Coverage
from sync.errors import RunStopped
from sync.progress import NoProgress
from tests.fakes import START, MemoryBook, MemoryJournal

PERSON = Contact(None, "Ada", "Deneme", "", "", {1: "01/02/2024"}, (7,))


def phone(number: int) -> str:
    return f"+90500{number:07}"


def add(number: int, **changes: Any) -> Change:
    """An add of the person with this number."""
    desired = replace(PERSON, gsm=phone(number), **changes)
    keys = {key: value for key, value in (("gsm", desired.gsm), ("email", desired.email)) if value}
    return Change(number, "add", keys, None, desired, ("name", "surname", "gsm", "custom:1", "groups"))


def existing(number: int, **changes: Any) -> Contact:
    """The contact that an edit of this number is about."""
    return replace(PERSON, id=number, gsm=phone(number), **changes)


def edit(number: int, before: Contact | None = None, **changes: Any) -> Change:
    """An edit of such a contact; `changes` are the fields that become different."""
    found = before or existing(number)
    custom = changes.pop("custom_fields", None)
    fields = (*changes, *(f"custom:{n}" for n in custom or {}))
    desired = replace(found, **changes, custom_fields={**found.custom_fields, **(custom or {})})
    return Change(number, "edit", {"gsm": phone(number)}, found, desired, fields)


@dataclass
class Done:
    """What came of it."""

    book: MemoryBook
    journal: MemoryJournal
    error: RunStopped | None

    @property
    def outcomes(self) -> dict[int, str]:
        return self.journal.outcomes

    def result(self, number: int) -> Settled:
        (settled,) = self.journal.results[number]
        return settled

    def code(self, number: int) -> str:
        remark = self.result(number).remark
        return remark.code if remark else ""

    def shown(self, *names: str) -> list[tuple[str, object]]:
        return [entry for entry in self.book.log if entry[0] in names]


def carried_out(
    book: MemoryBook,
    changes: Iterable[Change | Pending],
    *,
    workers: int = 1,
    journal: MemoryJournal | None = None,
    stop: asyncio.Event | None = None,
    settle_after: float = 60.0,
    read_again: ReadAgain | None = None,
    written: Iterable[Control] = (),
    **settings: Any,
) -> Done:
    """Carries the changes out; the log of the book and that of the journal are one."""
    journal = journal or MemoryJournal()
    journal.log = book.log
    pending = (each if isinstance(each, Pending) else Pending(each.row, each) for each in changes)

    async def go() -> RunStopped | None:
        chosen = ApplySettings(workers, settle_after, **{"read_at": START, **settings})
        pool = Pool(
            book,
            journal,
            chosen,
            book.clock,
            stop or asyncio.Event(),
            read_again=read_again or nobody_else,
            written=written,
        )
        with NoProgress().stage("Applying", None, "row") as bar:
            try:
                await asyncio.wait_for(pool.carry_out(pending, bar), timeout=30)
            except RunStopped as error:
                return error
        return None

    done = Done(book, journal, asyncio.run(go()))
    for results in journal.results.values():
        for settled in results:
            if settled.remark is not None:  # whatever is told can be said
                assert messages.text(settled.remark.code, settled.remark.values)
    if done.error is not None:
        assert messages.error_text(done.error)
    return done


async def nobody_else(first: int, is_wanted: Callable[[Change], bool]) -> tuple[Book, int]:  # noqa: ARG001
    """A book that has nobody with any phone of these tests, for certain; it was read for all changes."""
    return Book.of((), (), Coverage({"gsm": frozenset(phone(number) for number in range(1000))})), 10**9


def stop_before(event: asyncio.Event, name: str, count: int) -> Callable[[str, int], None]:
    """Sets the event just before the n-th call of this name is made."""

    def before(called: str, times: int) -> None:
        if (called, times) == (name, count):
            event.set()

    return before


def each_of(*changes: Change) -> Iterator[Pending]:
    return (Pending(change.row, change) for change in changes)
