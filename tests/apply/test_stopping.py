"""How a run ends early: fatal errors, the brake, a stop from outside, a full disk."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from sync.book import Book
from sync.change import Change
from sync.contact import Contact
from sync.errors import NotAuthorised, RunStopped, WrongAddress
from tests.apply.carrying import add, carried_out, edit, existing, nobody_else, phone, stop_before
from tests.fakes import LOST_BEFORE, NOT_DONE, START, Fault, MemoryBook, MemoryJournal

SHARED = [400, 463, 473]
OWN = [422, 466, 472]


def refused(code: int, *, first: int = 1, times: int = 1000) -> dict[int, Fault]:
    return dict.fromkeys(range(first, first + times), Fault("refused", code))


# The brake


@pytest.mark.fault(
    "Refusals, one after the other",
    "twenty rows in a row are refused for one shared cause",
    "the run stops (exit 6)",
)
@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("code", SHARED)
def test_twenty_shared_errors_in_a_row_end_the_run(code: int, workers: int) -> None:
    book = MemoryBook(adds=refused(code))

    done = carried_out(book, [add(n) for n in range(1, 101)], workers=workers)

    assert done.error is not None
    assert (done.error.code, done.error.exit_code) == ("brake", 6)
    assert done.error.values["status"] == code
    assert 20 <= book.calls("add") < 20 + workers
    assert set(done.outcomes.values()) == {"failed"}


@pytest.mark.fault(
    "Refusals, one after the other",
    "every row is refused for a cause of its own",
    "the run goes on; each row is told",
)
@pytest.mark.parametrize("code", OWN)
def test_errors_of_the_rows_own_never_end_the_run(code: int) -> None:
    done = carried_out(MemoryBook(adds=refused(code)), [add(n) for n in range(1, 61)])

    assert done.error is None
    assert list(done.outcomes.values()) == ["failed"] * 60


def test_nineteen_and_a_success_do_not_end_the_run() -> None:
    faults = {n: Fault("refused", 473) for n in range(1, 100) if n % 20}

    done = carried_out(MemoryBook(adds=faults), [add(n) for n in range(1, 100)])

    assert done.error is None


def test_different_shared_errors_in_turn_do_not_end_the_run() -> None:
    faults = {n: Fault("refused", SHARED[n % 3]) for n in range(1, 100)}

    done = carried_out(MemoryBook(adds=faults), [add(n) for n in range(1, 100)])

    assert done.error is None


def test_the_brake_is_pulled_by_edits_too() -> None:
    book = MemoryBook(edits=refused(463))
    for n in range(1, 51):
        book.put(existing(n))

    done = carried_out(book, [edit(n, name="Deniz") for n in range(1, 51)])

    assert done.error is not None
    assert done.error.code == "brake"
    assert book.calls("edit") == 20


# Fatal errors


class Locked(MemoryBook):
    """From the n-th add on, nobody is let in."""

    from_add = 1

    async def add(self, contact: Contact) -> Contact:
        if self.calls("add") + 1 >= self.from_add:
            self._count("add", contact.gsm)
            await asyncio.sleep(0)
            raise NotAuthorised("api_not_authorised", message="Üyelik bilgileri hatalı")
        return await super().add(contact)


@pytest.mark.parametrize("workers", [1, 4])
def test_a_fatal_error_ends_everything_and_the_unsent_change_is_planned_again(workers: int) -> None:
    book = Locked()
    book.from_add = 6

    done = carried_out(book, [add(n) for n in range(1, 51)], workers=workers)

    assert isinstance(done.error, NotAuthorised)
    assert done.outcomes == dict.fromkeys(range(1, 6), "added")
    assert book.calls("add") < 6 + workers
    assert {done.journal.states[n] for n in done.journal.states if n > 5} == {"unsent"}


def test_the_first_fatal_error_is_the_one_that_is_told() -> None:
    done = carried_out(Locked(), [add(n) for n in range(1, 10)], workers=8)

    assert done.error is not None
    assert done.error.code == "api_not_authorised"


def test_adds_that_wait_to_be_settled_stay_unsure_when_the_run_ends() -> None:
    book = Locked(adds={1: LOST_BEFORE})
    book.from_add = 5

    done = carried_out(book, [add(n) for n in range(1, 20)], workers=2)

    assert isinstance(done.error, NotAuthorised)
    assert done.journal.states[1] == "unsure"
    assert 1 not in done.outcomes
    assert book.holders("gsm", phone(1)) == []


@pytest.mark.fault(
    "The disk is full, or cannot be written",
    "the journal cannot be written any more",
    "the run ends; nothing that is not noted down is sent",
)
@pytest.mark.parametrize("full_at", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_journal_that_cannot_be_written_ends_the_run_and_nothing_unannounced_is_sent(
    full_at: int, workers: int
) -> None:
    book = MemoryBook()

    done = carried_out(book, [add(n) for n in range(1, 31)], workers=workers, journal=MemoryJournal(full_at=full_at))

    assert done.error is not None
    assert done.error.code == "journal_failed"
    announced = {number for name, number in book.log if name == "sending"}
    sent = {int(contact.gsm[-7:]) for contact in book.sent}
    assert sent <= announced


@pytest.mark.fault("Refusals, one after the other", "the server takes nothing any more", "the run stops (exit 6)")
def test_a_server_that_takes_nothing_any_more_ends_the_run() -> None:
    """command-line.md, exit 6: server unreachable for too long; the rest is pending, not failed one by one."""
    book = MemoryBook(adds=dict.fromkeys(range(11, 1000), NOT_DONE))

    done = carried_out(book, [add(n) for n in range(1, 201)], workers=4)

    assert done.error is not None
    assert list(done.outcomes.values()).count("failed") < 100


# A stop from outside


@pytest.mark.fault(
    "A signal, or the time is up",
    "while requests are under way",
    "these are settled, nothing else is sent",
)
@pytest.mark.parametrize("workers", [1, 4])
def test_after_a_stop_what_is_under_way_is_settled_and_nothing_else_is_sent(workers: int) -> None:
    stop = asyncio.Event()
    book = MemoryBook(before=stop_before(stop, "add", 10))

    done = carried_out(book, [add(n) for n in range(1, 51)], workers=workers, stop=stop)

    assert done.error is None
    assert book.calls("add") < 10 + workers
    assert set(done.outcomes.values()) == {"added"}
    assert len(done.outcomes) == book.calls("add")
    assert set(done.journal.states.values()) == {"settled"}


def test_after_a_stop_no_worker_sends_what_it_had_not_sent() -> None:
    stop = asyncio.Event()
    book = MemoryBook(before=stop_before(stop, "add", 10))

    done = carried_out(book, [add(n) for n in range(1, 51)], workers=8, stop=stop)

    tenth_add = [index for index, entry in enumerate(book.log) if entry[0] == "add"][9]
    announced_after = [
        change for name, change, position in done.journal.begun if name == "sending" and position > tenth_add
    ]
    assert announced_after == []


def test_a_stop_before_the_first_change_sends_nothing() -> None:
    stop = asyncio.Event()
    stop.set()

    done = carried_out(MemoryBook(), [add(n) for n in range(1, 10)], stop=stop)

    assert done.book.log == []


def test_an_edit_whose_contact_is_being_read_when_the_stop_comes_is_not_sent() -> None:
    stop = asyncio.Event()
    book = MemoryBook(before=stop_before(stop, "get", 1))
    book.put(existing(1))

    done = carried_out(book, [edit(1, name="Deniz")], stop=stop)

    assert book.calls("edit") == 0
    assert done.outcomes == {}


def test_an_unsure_edit_is_left_unsure_by_a_stop() -> None:
    stop = asyncio.Event()
    book = MemoryBook(before=stop_before(stop, "edit", 1), edits={1: LOST_BEFORE})
    book.put(existing(1))

    done = carried_out(book, [edit(1, name="Deniz")], stop=stop)

    assert (done.outcomes, done.journal.states, book.calls("edit")) == ({}, {1: "unsure"}, 1)


@pytest.mark.fault(
    "A signal, or the time is up",
    "while an unsure add is searched for",
    "it stays unsure; resume settles it",
)
def test_an_unsure_add_is_left_unsure_by_a_stop() -> None:
    stop = asyncio.Event()
    book = MemoryBook(before=stop_before(stop, "find", 3), adds={1: LOST_BEFORE})

    done = carried_out(book, [add(1)], stop=stop)

    assert (done.error, done.outcomes, done.journal.states) == (None, {}, {1: "unsure"})


def test_an_add_found_absent_when_the_stop_comes_is_not_sent_again() -> None:
    stop = asyncio.Event()
    book = MemoryBook(adds={1: LOST_BEFORE})

    def before(name: str, _: int) -> None:
        if name == "find" and book.clock.seconds >= 1060.0:
            stop.set()

    book.before = before

    carried_out(book, [add(1), add(2)], workers=2, stop=stop)

    assert book.calls("add") == 2


def test_a_stop_during_a_proving_search_is_no_blind_search() -> None:
    stop = asyncio.Event()
    book = MemoryBook(before=stop_before(stop, "find", 2), lag=10.0)

    done = carried_out(book, [add(1), add(2)], stop=stop, unproven=frozenset({"gsm"}))

    assert done.error is None
    assert done.outcomes == {1: "added"}
    assert book.calls("add") == 1


# An error that nobody expected


def test_a_bug_ends_the_run_with_that_bug() -> None:
    class Broken(MemoryBook):
        async def add(self, contact: Contact) -> Contact:
            raise ZeroDivisionError(contact.gsm)

    with pytest.raises(BaseExceptionGroup) as caught:
        carried_out(Broken(), [add(1), add(2)])

    assert caught.group_contains(ZeroDivisionError)


def test_a_run_stopped_is_told_as_itself_not_in_a_group() -> None:
    book = MemoryBook(adds={1: Fault("stop")})

    done = carried_out(book, [add(1)])

    assert type(done.error) is RunStopped
    assert done.journal.states == {1: "unsent"}


class BehindAProxy(MemoryBook):
    """Carries an add out; then something that is not the API answers with a redirect."""

    async def add(self, contact: Contact) -> Contact:
        await super().add(contact)
        error = WrongAddress("api_wrong_address", url="https://example.com/v1", reason="HTTP 302")
        error.unsure = True
        raise error


def test_a_stop_that_came_from_somebody_else_than_the_api_leaves_the_write_unsure() -> None:
    done = carried_out(BehindAProxy(), [add(1), add(2)])

    assert isinstance(done.error, WrongAddress)
    assert done.journal.states == {1: "unsure"}


@pytest.mark.parametrize("at", ["stop", "fatal"])
def test_one_worker_and_a_change_that_waits_to_be_settled_do_not_hold_up_the_end(at: str) -> None:
    stop = asyncio.Event()
    book = MemoryBook(adds={5: LOST_BEFORE, **({8: Fault("stop")} if at == "fatal" else {})})
    if at == "stop":
        book.before = stop_before(stop, "add", 8)

    done = carried_out(book, [add(n) for n in range(1, 31)], workers=1, stop=stop)

    assert (done.error is not None) == (at == "fatal")
    assert done.journal.states[5] == "unsure"


def test_a_stop_ends_the_reading_again_at_once() -> None:
    stop, book = asyncio.Event(), MemoryBook()

    async def slow(first: int, is_wanted: Callable[[Change], bool]) -> tuple[Book, int]:
        stop.set()
        await asyncio.Event().wait()
        return await nobody_else(first, is_wanted)

    done = carried_out(book, [add(1), add(2)], stop=stop, read_at=START - timedelta(minutes=16), read_again=slow)

    assert (done.error, done.outcomes, book.sent) == (None, {}, [])
