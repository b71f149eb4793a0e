"""Listings page by page: every contact is read, and where one may have slipped past, that is noticed."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.contact import Contact
from sync.remote.paging import Pages, Paging, together

FULL = 1000  # the most rows of a page
person = cache(Contact)


@dataclass
class Listing:
    """A listing that may change between two requests.

    Attributes:
        ids: in the order of the listing.
        change: called before each request with the ids and how many requests there were.
        most: rows that the server gives at most; whole: it gives so many whatever was asked for.
        last: the last page that the server is willing to show.
    """

    ids: list[int]
    change: Callable[[list[int], int], None] = lambda _ids, _count: None
    most: int = FULL
    whole: bool = False
    last: int = 1 << 30
    asked: list[tuple[int, int]] = field(default_factory=list)
    kept: set[int] = field(default_factory=set)

    async def fetch(self, *, page: int, row_count: int) -> Sequence[Contact]:
        self.change(self.ids, len(self.asked))
        self.asked.append((page, row_count))
        rows = self.most if self.whole else min(row_count, self.most)
        shown = [] if page > self.last else self.ids[(page - 1) * rows : page * rows]
        found = [person(number) for number in shown]
        await asyncio.sleep(0)
        return found

    def keep(self, contacts: Sequence[Contact]) -> None:
        self.kept |= {contact.id for contact in contacts if contact.id is not None}


def read(
    listing: Listing,
    *,
    workers: int = 1,
    expected: int = 1,
    seen: bool = True,
    most: int = 1 << 30,
) -> Pages:
    paging = Paging(listing.keep, workers)
    paging.seen = seen
    return asyncio.run(paging.read(listing.fetch, expected=expected, go_on=lambda _: most))


def at(moment: int, what: Callable[[list[int]], None]) -> Callable[[list[int], int], None]:
    """Does it before the request with this number, counted from 0."""
    return lambda ids, count: what(ids) if count == moment else None


def numbers(count: int) -> list[int]:
    return list(range(1, count + 1))


# Still listings


@pytest.mark.parametrize("workers", [1, 3, 8])
@pytest.mark.parametrize("expected", [1, 2, 4, 40])
@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2000, 3000, 4500])
def test_a_still_listing_is_read_whole_and_without_doubt(count: int, expected: int, workers: int) -> None:
    listing = Listing(numbers(count))

    pages = read(listing, workers=workers, expected=expected)

    assert (pages.ended, pages.doubtful, pages.contacts, listing.kept) == (
        True, False, set(numbers(count)), set(numbers(count))
    )  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, 999])
def test_what_fits_into_a_page_takes_one_request(count: int) -> None:
    listing = Listing(numbers(count))

    read(listing)

    assert listing.asked == [(1, FULL)]


@pytest.mark.parametrize(("count", "most"), [(1500, 3), (4500, 6), (9500, 12), (12_500, 15)])
def test_a_listing_with_its_check_takes_a_request_for_each_page_and_one_or_two(count: int, most: int) -> None:
    listing = Listing(numbers(count))

    read(listing, expected=-(-count // FULL), workers=4)

    assert len(listing.asked) <= most


@pytest.mark.parametrize("count", [1500, 2500, 5500, 16_500])
def test_an_end_that_comes_unexpected_costs_at_most_as_many_requests_again(count: int) -> None:
    listing = Listing(numbers(count))

    asyncio.run(Paging(listing.keep, 8).read(listing.fetch, checks=False))

    assert len(listing.asked) <= 2 * -(-count // FULL)


def test_no_more_pages_are_fetched_than_are_allowed() -> None:
    listing = Listing(numbers(9500))

    pages = read(listing, workers=8, expected=1, most=0)

    assert (pages.ended, pages.overflows, listing.asked) == (False, True, [(1, FULL)])


def test_a_page_that_is_not_full_is_no_overflow() -> None:
    assert not read(Listing(numbers(999))).overflows
    assert read(Listing(numbers(1001))).overflows


# Servers with habits of their own


@pytest.mark.parametrize("workers", [1, 4])
def test_a_server_that_shows_one_page_only_is_not_believed(workers: int) -> None:
    listing = Listing(numbers(2500), last=1)

    pages = read(listing, workers=workers, seen=False)

    assert pages.ended
    assert pages.doubtful


def test_a_full_page_with_nothing_behind_it_is_believed_once_a_second_page_was_seen() -> None:
    paging = Paging(lambda _: None, 1)

    async def go() -> list[bool]:
        listings = Listing(numbers(1000)), Listing(numbers(1001)), Listing(numbers(1000))
        return [(await paging.read(listing.fetch)).doubtful for listing in listings]

    assert asyncio.run(go()) == [True, False, False]


def test_a_server_that_shows_the_first_page_again_and_again_is_not_believed() -> None:
    listing = Listing(numbers(2500))

    async def first(*, page: int, row_count: int) -> Sequence[Contact]:  # noqa: ARG001 - it does not heed the page
        return await listing.fetch(page=1, row_count=row_count)

    pages = asyncio.run(Paging(listing.keep, 1).read(first))

    assert pages.ended
    assert pages.doubtful
    assert len(listing.asked) <= 3


@pytest.mark.parametrize("count", [1500, 2000, 2500, 12_500])
def test_a_server_that_gives_whole_pages_only_is_believed_when_still(count: int) -> None:
    listing = Listing(numbers(count), whole=True)

    pages = read(listing)

    assert pages.contacts == set(numbers(count))
    assert not pages.doubtful


# Listings that shift


@pytest.mark.parametrize("moment", [1, 2])
@pytest.mark.parametrize("whole", [False, True])
def test_a_deletion_before_the_boundary_that_hides_a_contact_is_noticed(moment: int, whole: bool) -> None:
    listing = Listing(numbers(2500), change=at(moment, lambda ids: ids.remove(5)), whole=whole)

    pages = read(listing)

    assert set(numbers(2500)) - listing.kept - {5}
    assert pages.doubtful


@pytest.mark.parametrize("moment", [1, 2])
def test_an_insertion_that_shows_a_contact_twice_is_noticed(moment: int) -> None:
    pages = read(Listing(numbers(2500), change=at(moment, lambda ids: ids.insert(0, 9999))))

    assert pages.doubtful


def test_a_deletion_that_makes_the_last_page_vanish_is_noticed() -> None:
    listing = Listing(numbers(2001), change=at(1, lambda ids: ids.remove(5)))

    assert read(listing).doubtful


def test_a_deletion_that_leaves_exactly_one_page_is_noticed() -> None:
    listing = Listing(numbers(1001), change=at(1, lambda ids: ids.remove(5)))

    pages = read(listing)

    assert 1001 not in listing.kept
    assert pages.doubtful


def test_a_contact_added_at_the_end_meanwhile_is_no_loss() -> None:
    listing = Listing(numbers(2500), change=at(2, lambda ids: ids.append(9999)))

    pages = read(listing)

    assert listing.kept == {*numbers(2500), 9999}
    assert not pages.doubtful


def test_a_deletion_behind_what_was_read_hides_nobody() -> None:
    listing = Listing(numbers(2500), change=at(1, lambda ids: ids.remove(2300)))

    pages = read(listing)

    assert set(numbers(2500)) - {2300} <= listing.kept
    assert not pages.doubtful


@pytest.mark.parametrize("moment", [1, 2, 3])
def test_pages_that_are_fetched_together_notice_a_deletion_too(moment: int) -> None:
    listing = Listing(numbers(4500), change=at(moment, lambda ids: ids.remove(5)))

    pages = read(listing, workers=4, expected=5)

    assert pages.doubtful or set(numbers(4500)) - {5} <= listing.kept


MOMENTS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3400)), min_size=1, max_size=2)
COUNTS = st.sampled_from([1001, 1500, 2000, 2001, 3400])


@pytest.mark.fault(
    "Somebody else is at work",
    "contacts are added while pages are read",
    "pages that shifted are noticed and read again",
)
@settings(max_examples=40)
@given(COUNTS, MOMENTS, st.sampled_from([1, 4]))
def test_insertions_hide_nobody_unnoticed(count: int, moments: list[tuple[int, int]], workers: int) -> None:
    def change(ids: list[int], number: int) -> None:
        for moment, place in moments:
            if moment == number:
                ids.insert(place % (len(ids) + 1), 10_000 + place)

    listing = Listing(numbers(count), change=change)

    pages = read(listing, workers=workers, expected=4)

    assert pages.doubtful or set(numbers(count)) <= listing.kept


@pytest.mark.fault(
    "Somebody else is at work",
    "contacts are deleted while pages are read",
    "pages that shifted are noticed and read again",
)
@settings(max_examples=40)
@given(COUNTS, MOMENTS, st.sampled_from([1, 4]))
def test_deletions_hide_nobody_unnoticed(count: int, moments: list[tuple[int, int]], workers: int) -> None:
    gone: set[int] = set()

    def change(ids: list[int], number: int) -> None:
        gone.update(ids.pop(place % len(ids)) for moment, place in moments if moment == number)

    listing = Listing(numbers(count), change=change)

    pages = read(listing, workers=workers, expected=4)

    assert pages.doubtful or set(numbers(count)) - gone <= listing.kept


def test_a_deletion_that_an_insertion_at_the_end_seems_to_undo_is_noticed_in_a_long_listing() -> None:
    def change(ids: list[int], count: int) -> None:
        if count == 5:
            del ids[0]
            ids.insert(len(ids) - 1, 99_999)

    assert read(Listing(numbers(11_500), change=change)).doubtful


# Together


def test_results_come_in_the_order_of_the_items_with_so_many_under_way_at_once() -> None:
    under_way, most = 0, 0

    async def work(item: int) -> int:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(5 - item % 5):
            await asyncio.sleep(0)
        under_way -= 1
        return item * 2

    assert asyncio.run(together(work, range(20), 3)) == [item * 2 for item in range(20)]
    assert most == 3


def test_the_first_error_ends_all() -> None:
    done: list[int] = []

    async def work(item: int) -> None:
        await asyncio.sleep(0)
        if item == 2:
            raise KeyError(item)
        done.append(item)

    with pytest.raises(KeyError):
        asyncio.run(together(work, range(50), 2))
    assert len(done) < 10
