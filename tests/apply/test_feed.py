"""Changes that are announced to the journal together, ahead of their turn."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from sync.book import Book
from sync.change import Change
from tests.apply.carrying import add, carried_out, edit, existing, nobody_else, stop_before
from tests.fakes import LOST_AFTER, START, Fault, MemoryBook, MemoryJournal


@pytest.mark.parametrize("workers", [1, 3, 40])
def test_every_intent_comes_before_its_request_however_many_are_announced_together(workers: int) -> None:
    book = MemoryBook()

    done = carried_out(book, [add(n) for n in range(1, 61)], workers=workers, announces=16)

    for n in range(1, 61):
        own = [name for name, what in book.log if what in (n, f"+90500{n:07}") and name != "get"]
        assert own == ["sending", "add", "settled"]
    assert set(done.outcomes.values()) == {"added"}


def test_after_the_first_ones_so_many_are_announced_together() -> None:
    journal = Batches()

    carried_out(MemoryBook(), [add(n) for n in range(1, 21)], workers=2, announces=8, journal=journal)

    assert journal.batches == [[4, 5, 6, 7, 8, 9, 10, 11], [12, 13, 14, 15, 16, 17, 18, 19], [20]]


def test_what_has_to_be_looked_at_first_is_not_announced_ahead() -> None:
    journal = Batches()
    book = MemoryBook()
    for n in range(1, 11):
        book.put(existing(n, custom_fields={5: "gizli"}))  # more than the page had shown: each is read first

    carried_out(
        book, [edit(n, existing(n, custom_fields={}), name="Deniz") for n in range(1, 11)], announces=8, journal=journal
    )

    assert journal.batches == []


def test_an_announced_change_that_is_not_sent_any_more_is_taken_back() -> None:
    book, stop = MemoryBook(), asyncio.Event()
    book.before = stop_before(stop, "add", 6)

    done = carried_out(book, [add(n) for n in range(1, 61)], workers=2, announces=16, stop=stop)

    assert done.error is None
    sent = {int(str(what)[-7:]) for name, what in book.log if name == "add"}
    announced = {what for name, what in book.log if name == "sending"}
    assert announced - sent
    assert {n for n, state in done.journal.states.items() if state == "unsent"} == announced - sent
    assert {n for n, state in done.journal.states.items() if state == "settled"} == sent


def test_after_a_fatal_error_nothing_stays_announced_that_was_not_sent() -> None:
    book = MemoryBook(adds={8: Fault("stop")})

    done = carried_out(book, [add(n) for n in range(1, 61)], workers=4, announces=16)

    assert done.error is not None
    assert "sending" not in done.journal.states.values()


def test_what_was_announced_long_before_its_turn_is_announced_again() -> None:
    book = MemoryBook()
    book.before = lambda name, count: book.clock.advance(3600) if (name, count) == ("add", 6) else None

    done = carried_out(book, [add(n) for n in range(1, 21)], workers=1, announces=16, stale_after=timedelta(days=1))

    announced = [what for name, what in book.log if name == "sending"]
    assert announced.count(5) == 1
    assert announced.count(8) == 2
    assert set(done.outcomes.values()) == {"added"}


def test_a_lost_answer_among_announced_ones_is_settled_like_any_other() -> None:
    book = MemoryBook(adds=dict.fromkeys(range(4, 40), LOST_AFTER))

    done = carried_out(book, [add(n) for n in range(1, 31)], workers=4, announces=16)

    assert set(done.outcomes.values()) == {"added"}
    assert len(book.contacts) == 30


def test_a_plan_that_is_old_is_not_announced_but_read_again() -> None:
    journal, asked = Batches(), list[int]()
    adds, read_at = [add(n) for n in range(1, 31)], START - timedelta(minutes=16)

    async def read(first: int, is_wanted: Callable[[Change], bool]) -> tuple[Book, int]:
        asked.append(first)
        book, _ = await nobody_else(first, is_wanted)
        return book, first + 9

    carried_out(MemoryBook(), adds, announces=8, journal=journal, read_at=read_at, read_again=read)

    assert asked == [1, 11, 21]
    # The first one that the book is read for goes by itself; then the next ones can be announced.
    assert journal.batches == [[*range(4, 11)], [*range(12, 20)], [20], [*range(22, 30)], [30]]


@pytest.mark.parametrize("full_at", range(1, 40, 3))
def test_a_journal_that_cannot_be_written_ends_the_run_at_any_moment(full_at: int) -> None:
    journal = MemoryJournal(full_at=full_at)
    book = MemoryBook()

    done = carried_out(book, [add(n) for n in range(1, 31)], workers=3, announces=8, journal=journal)

    assert done.error is not None
    announced = {what for name, what in book.log if name == "sending"}
    assert {int(str(what)[-7:]) for name, what in book.log if name == "add"} <= announced


class Batches(MemoryJournal):
    """Notes what is announced together."""

    @property
    def batches(self) -> list[list[int]]:
        return self.__dict__.setdefault("_batches", [])

    async def announced(self, changes: Sequence[int]) -> None:
        self.batches.append(list(changes))
        await super().announced(changes)
