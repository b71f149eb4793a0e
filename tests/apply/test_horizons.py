"""How long an unsure add is looked for before it counts as absent, to the second."""

import asyncio
from datetime import timedelta

import pytest

from sync.addressbook import Control
from sync.apply.settling import Open, Settler
from sync.change import Remark
from sync.contact import Contact
from tests.fakes import START, MemoryBook

from .carrying import add, existing, phone

SETTLE_AFTER, TIMEOUT = 60.0, 30.0


def settler_of(book: MemoryBook, *written: Control) -> Settler:
    return Settler(
        book,
        SETTLE_AFTER,
        book.clock,
        timeout=TIMEOUT,
        stop=asyncio.Event(),
        slots=asyncio.Semaphore(1),
        written=written,
    )


def settled(settler: Settler, *, sent: float = 0.0) -> Contact | Remark | Open:
    """What became of an add that was sent so many seconds before now, as its worker hears it."""

    async def go() -> Contact | Remark | Open:
        async with settler._slots:
            return await settler.settle(add(1), START - timedelta(seconds=sent))

    return asyncio.run(asyncio.wait_for(go(), timeout=30))


def control(number: int, *, at: float, moment: float | None = None, key: str = "gsm") -> Control:
    """A contact that was written so many seconds after the fakes' time begins."""
    value = phone(number) if key == "gsm" else f"{number}@example.com"
    return Control(START + timedelta(seconds=at), key, value, number, moment)


def book_with(*numbers: int, shown_after: float = 0.0) -> MemoryBook:
    book = MemoryBook()
    for number in numbers:
        book.put(existing(number))
        book.visible_at[number] += shown_after
    return book


@pytest.mark.parametrize(
    ("shown_after", "earliest", "latest"),
    [
        (0.0, 60.0, 75.0),  # `settle_after`, where searches are quick
        (40.0, 30.0 + 2 * 40.0, 30.0 + 2 * 55.0 + 15.0),  # the time-out and twice the lag
        (400.0, 600.0, 615.0),  # and no more than ten times `settle_after`, however late they are
    ],
)
def test_absence_while_a_later_contact_is_found_takes_the_timeout_and_twice_the_lag(
    shown_after: float, earliest: float, latest: float
) -> None:
    book = book_with(2, shown_after=shown_after)
    settler = settler_of(book, control(2, at=1.0, moment=book.clock.seconds + 0.5))
    settler.others_may_write = lambda _waiting: True

    assert settled(settler) is Open.ABSENT
    assert earliest <= book.clock.seconds - 1000.0 < latest


@pytest.mark.parametrize(
    ("shown_after", "earliest", "latest"),
    [(0.0, 120.0, 135.0), (100.0, 60.0 + 2 * 100.0, 60.0 + 2 * 115.0 + 15.0), (500.0, 600.0, 615.0)],
)
def test_absence_with_nothing_written_later_takes_twice_as_long_or_twice_the_lag_more(
    shown_after: float, earliest: float, latest: float
) -> None:
    book = book_with(2, shown_after=shown_after)
    settler = settler_of(book, control(2, at=-1.0, moment=book.clock.seconds - 1.0))

    assert settled(settler) is Open.ABSENT
    assert earliest <= book.clock.seconds - 1000.0 < latest


def test_with_nothing_to_compare_with_it_is_unresolved_after_settle_after_and_says_how_long() -> None:
    book = MemoryBook()

    assert settled(settler_of(book)) == Remark("add_unresolved", {"value": phone(1), "seconds": 60})
    assert book.clock.slept == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]


def test_a_control_that_no_search_shows_is_looked_for_ten_times_as_long() -> None:
    book = MemoryBook()
    settler = settler_of(book, control(2, at=-1.0))

    found = settled(settler)

    assert isinstance(found, Remark)
    assert found.code == "add_unresolved"
    assert 600.0 <= book.clock.seconds - 1000.0 < 615.0


def test_an_add_of_long_ago_is_looked_for_for_settle_after_at_least() -> None:
    book = MemoryBook()
    settler = settler_of(book, control(2, at=-7200.0))

    found = settled(settler, sent=7200.0)

    assert isinstance(found, Remark)
    assert found.values["seconds"] == pytest.approx(7260, abs=15)
    assert 60.0 <= book.clock.seconds - 1000.0 < 75.0


def test_an_add_that_waits_for_a_control_is_counted_once_and_no_more_when_it_has_ended() -> None:
    settler = settler_of(MemoryBook())
    asked: list[int] = []

    def others(waiting: int) -> bool:
        asked.append(waiting)
        return len(asked) % 4 != 0

    settler.others_may_write = others
    settled(settler)
    settled(settler)

    assert asked == [1] * 8


def test_of_the_contacts_written_later_the_oldest_is_looked_for_and_none_with_another_kind_of_key() -> None:
    book = book_with(2, 3, 4)
    settler = settler_of(
        book,
        control(5, at=-5.0, key="email"),
        control(2, at=-1.0),
        control(3, at=1.0),
        control(4, at=2.0),
    )
    settler.others_may_write = lambda _waiting: True

    assert settled(settler) is Open.ABSENT
    assert {value for name, value in book.log if name == "find"} == {phone(1), phone(3)}


def test_of_the_contacts_written_before_the_newest_is_looked_for() -> None:
    book = book_with(2, 3)
    settler = settler_of(book, control(3, at=-1.0), control(2, at=-2.0), control(4, at=-0.5, key="email"))

    assert settled(settler) is Open.ABSENT
    assert {value for name, value in book.log if name == "find"} == {phone(1), phone(3)}
    assert settler.newest_control("gsm") == control(3, at=-1.0)
    assert settler.newest_control("id") is None


def test_while_it_waits_an_add_gives_its_place_to_others() -> None:
    book = MemoryBook()
    settler = settler_of(book)
    took: list[float] = []

    async def another() -> None:
        async with settler._slots:
            took.append(book.clock.seconds)

    async def go() -> None:
        async with settler._slots:
            waiting = asyncio.create_task(another())
            await settler.settle(add(1), START)
            await waiting

    asyncio.run(asyncio.wait_for(go(), timeout=30))

    assert took == [1000.0]
    assert settler.waits.is_set()
