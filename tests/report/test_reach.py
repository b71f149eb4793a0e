"""How far the book was read, in sentences and as data."""

from sync.book import Book
from sync.contact import Contact, Group
from sync.coverage import Coverage, Reach
from sync.report import reach_data, reach_lines

GROUPS = (Group(7, "Müşteriler", 3), Group(9, "Bayiler", 2, (Group(10, "Ankara", 4),)))
CONTACTS = (Contact(1, groups=(7,)), Contact(2, groups=(9,)), Contact(3, groups=(10,)), Contact(4))


def a_book(reach: Reach) -> Book:
    return Book.of(CONTACTS, GROUPS, Coverage(reach=reach))


def test_what_was_searched_for_is_named() -> None:
    (told,) = reach_lines(a_book(Reach(("+90", ".com"))))

    assert "all that searches for “+90”, “.com” show" in told
    assert "there may be others" in told


def test_of_many_terms_some_are_named() -> None:
    (told,) = reach_lines(a_book(Reach(tuple(f"05{n:02}" for n in range(30)))))

    assert "“0511” … (30) show" in told


def test_without_searches_only_groups_were_read() -> None:
    (told,) = reach_lines(a_book(Reach()))

    assert told.startswith("Every group was read. A contact in no group is in no listing")


def test_a_group_that_showed_less_than_it_counts_is_named() -> None:
    book = a_book(Reach(("+90",), {7: (1, 3), 10: (1, 4)}))

    assert reach_lines(book)[1:] == [
        "1 of the 3 contacts that group “Müşteriler” counts were seen.",
        "1 of the 4 contacts that group “Bayiler/Ankara” counts were seen.",
    ]
    assert reach_data(book)["short"][1] == {"id": 10, "group": "Bayiler/Ankara", "seen": 1, "count": 4}


def test_a_main_group_may_count_those_of_the_groups_within_it() -> None:
    book = a_book(Reach(("+90",), {9: (1, 2)}))

    assert (len(reach_lines(book)), reach_data(book)["short"]) == (1, [])


def test_of_many_short_groups_some_are_named() -> None:
    groups = tuple(Group(n, f"Grup {n}", 5) for n in range(1, 12))
    book = Book.of([], groups, Coverage(reach=Reach(("+90",), dict.fromkeys(range(1, 12), (0, 5)))))

    told = reach_lines(book)

    assert (len(told), told[-1].split(" group")[0]) == (10, "3 other")
