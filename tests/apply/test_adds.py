"""Adds: intent before the request, what an unsure one becomes, never two contacts."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from sync.addressbook import Control
from sync.apply import Pending
from sync.apply.renewed import ReadAgain
from sync.book import Book
from sync.change import Change, Remark, Settled
from sync.contact import Contact
from sync.coverage import Coverage
from sync.errors import Refused, Unreachable
from tests.apply.carrying import PERSON, add, carried_out, edit, existing, nobody_else, phone
from tests.fakes import LOST_AFTER, LOST_BEFORE, NOT_DONE, START, Fault, MemoryBook

SHARED = Contact(500, "Başka", "Biri", "", phone(1), {9: "elle"}, (5,))


# The plain way


def test_an_add_is_announced_before_it_is_sent_and_settled_after() -> None:
    done = carried_out(MemoryBook(), [add(1)])

    assert done.book.log == [("sending", 1), ("add", phone(1)), ("get", 1001), ("settled", 1)]
    assert (done.result(1).outcome, done.result(1).contact_id, dict(done.result(1).altered)) == ("added", 1001, {})


@pytest.mark.parametrize("workers", [1, 3, 8])
def test_every_intent_comes_before_its_request_whatever_the_number_of_workers(workers: int) -> None:
    done = carried_out(MemoryBook(), [add(n) for n in range(1, 31)], workers=workers)

    for n in range(1, 31):
        order = [entry for entry in done.book.log if entry in (("sending", n), ("add", phone(n)), ("settled", n))]
        assert order == [("sending", n), ("add", phone(n)), ("settled", n)]
    assert set(done.outcomes.values()) == {"added"}


def test_the_stored_contact_is_kept() -> None:
    done = carried_out(MemoryBook(), [add(1)])

    assert done.result(1).stored == done.book.contacts[1001]


@pytest.mark.parametrize("code", [422, 466, 472])
def test_a_refused_add_is_failed_and_the_others_go_on(code: int) -> None:
    done = carried_out(MemoryBook(adds={2: Fault("refused", code)}), [add(1), add(2), add(3)])

    assert done.outcomes == {1: "added", 2: "failed", 3: "added"}
    assert done.result(2).remark is not None
    assert done.result(2).remark.values["status"] == code
    assert done.result(2).remark.values["message"] == "Hata"


def test_an_add_that_was_certainly_not_done_is_failed_and_not_sent_again() -> None:
    done = carried_out(MemoryBook(adds={1: NOT_DONE}), [add(1), add(2)])

    assert done.outcomes == {1: "failed", 2: "added"}
    assert done.code(1) == "api_not_done"
    assert done.book.calls("add") == 2


# Unsure adds


@pytest.mark.parametrize("lag", [0.0, 5.0, 25.0])
def test_an_unsure_add_that_is_found_is_adopted_and_not_sent_again(lag: float) -> None:
    done = carried_out(MemoryBook(adds={1: LOST_AFTER}, lag=lag), [add(1)])

    assert (done.result(1).outcome, done.result(1).contact_id) == ("added", 1001)
    assert done.book.calls("add") == 1
    assert list(done.journal.of(1)) == ["sending", "unsure", "settled"]


def test_the_waits_between_searches_grow() -> None:
    book = MemoryBook(adds={1: LOST_AFTER}, lag=40.0)

    carried_out(book, [add(1)])

    assert book.clock.slept == sorted(book.clock.slept)
    assert book.calls("find") <= 10


def test_an_add_lost_before_the_write_is_sent_again_once_its_absence_is_certain() -> None:
    book = MemoryBook(adds={1: LOST_BEFORE})

    done = carried_out(book, [add(1), add(2)], workers=2)

    assert done.outcomes == {1: "added", 2: "added"}
    assert len(book.holders("gsm", phone(1))) == 1
    assert list(done.journal.of(1)) == ["sending", "unsure", "sending", "settled"]


@pytest.mark.parametrize("settle_after", [5.0, 60.0, 120.0])
def test_an_add_is_not_sent_again_before_settle_after_is_over(settle_after: float) -> None:
    moments = []
    book = MemoryBook(adds={1: LOST_BEFORE})
    book.before = lambda name, _: moments.append(book.clock.seconds - 1000.0) if name == "add" else None

    carried_out(book, [add(1), add(2)], workers=2, settle_after=settle_after)

    assert len(moments) == 3
    assert moments[2] >= settle_after


def test_an_add_is_not_sent_again_before_a_later_write_has_been_found() -> None:
    book = MemoryBook(adds={1: LOST_BEFORE})

    carried_out(book, [add(1), add(2)], workers=2)

    last_two_adds = [index for index, entry in enumerate(book.log) if entry[0] == "add"][1:]
    assert ("find", phone(2)) in book.log[last_two_adds[0] : last_two_adds[1]]


def test_a_control_that_is_not_found_proves_nothing() -> None:
    book = MemoryBook(adds={1: LOST_BEFORE}, lag=1e9)

    done = carried_out(book, [add(1), add(2)], workers=2)

    assert done.outcomes == {1: "unresolved", 2: "added"}
    assert book.calls("add") == 2


def test_a_contact_written_before_is_no_control_until_twice_the_time_is_over() -> None:
    """docs/design.md: the last adds of a run have no later write."""
    moments = []
    book = MemoryBook(adds={2: LOST_BEFORE})
    book.before = lambda name, _: moments.append(book.clock.seconds - 1000.0) if name == "add" else None

    done = carried_out(book, [add(1), add(2)], workers=1)

    assert done.outcomes == {1: "added", 2: "added"}
    assert moments[2] >= 120.0
    assert len(book.holders("gsm", phone(2))) == 1


def test_a_contact_with_another_kind_of_key_is_no_control() -> None:
    by_email = replace(add(2), keys={"email": "a@example.com"}, desired=replace(PERSON, email="a@example.com"))
    book = MemoryBook(adds={1: LOST_BEFORE})

    done = carried_out(book, [add(1), by_email], workers=2)

    assert done.outcomes == {1: "unresolved", 2: "added"}
    assert book.calls("add") == 2


@pytest.mark.fault(
    "Search is late",
    "an add is unsure, and no later contact could show how late search is",
    "is unresolved, and told",
)
def test_an_add_lost_before_the_write_with_nothing_to_compare_with_is_unresolved() -> None:
    book = MemoryBook(adds={1: LOST_BEFORE})

    done = carried_out(book, [add(1)])

    assert done.outcomes == {1: "unresolved"}
    assert done.code(1) == "add_unresolved"
    assert book.calls("add") == 1
    assert book.holders("gsm", phone(1)) == []


@pytest.mark.parametrize("lag", [0.0, 14.0, 59.0, 100.0])
@pytest.mark.parametrize("lands_after", [None, 10.0, 29.0])
def test_the_last_add_of_a_run_is_never_doubled(lag: float, lands_after: float | None) -> None:
    book = MemoryBook(adds={3: Fault("lost_before", lands_after=lands_after)}, lag=lag)

    done = carried_out(book, [add(1), add(2), add(3)], workers=1)

    assert len(book.holders("gsm", phone(3))) <= 1
    assert done.outcomes[3] in ("added", "unresolved")


def test_the_waits_go_on_growing_while_an_add_waits_for_a_control() -> None:
    book = MemoryBook(adds={1: LOST_BEFORE})

    carried_out(book, [add(1)], settle_after=300.0)

    assert book.calls("find") <= 60


@pytest.mark.fault("Trouble that lasts, or comes back", "an add lands long after its time-out", "is adopted")
def test_an_add_that_lands_late_is_adopted() -> None:
    book = MemoryBook(adds={1: Fault("lost_before", lands_after=40.0)}, lag=5.0)

    done = carried_out(book, [add(1), *(add(n) for n in range(2, 6))], workers=4)

    assert book.calls("add") == 5
    assert set(done.outcomes.values()) == {"added"}
    assert len(book.holders("gsm", phone(1))) == 1


@pytest.mark.fault("Search is late", "an add is unsure", "its absence counts only while a later contact is found")
@pytest.mark.parametrize("latency", [0.3, 0.7, 2.0])
def test_absence_counts_only_while_the_control_is_seen(latency: float) -> None:
    """The index shows the lost add between the look for it and the look for a control that was written later."""
    doubled = []
    for tenths in range(600, 680):
        book = MemoryBook(adds={2: LOST_AFTER}, lag=tenths / 10, latency=latency)
        carried_out(book, [add(1), add(2), add(3)], workers=2, settle_after=60.0)
        if len(book.holders("gsm", phone(2))) > 1:
            doubled.append(tenths / 10)

    assert doubled == []


def test_an_add_lost_three_times_is_failed_only_when_each_absence_was_certain() -> None:
    book = MemoryBook(adds={1: LOST_BEFORE, 3: LOST_BEFORE, 5: LOST_BEFORE})

    done = carried_out(book, [add(n) for n in range(1, 9)], workers=2)

    for n in range(1, 9):
        holders = len(book.holders("gsm", phone(n)))
        assert (done.outcomes[n], holders) in {("added", 1), ("unresolved", 0), ("failed", 0)}


def test_an_add_that_is_lost_again_and_again_says_how_often_it_was_tried() -> None:
    class Losing(MemoryBook):
        async def add(self, contact: Contact) -> Contact:
            if contact.gsm == phone(1):
                self._count("add", contact.gsm)
                raise LOST_BEFORE.error()
            return await super().add(contact)

    book = Losing()
    done = carried_out(book, [add(n) for n in range(1, 30)], workers=2)

    assert done.result(1) == Settled("failed", remark=Remark("add_keeps_failing", {"tries": 3}))
    assert book.log.count(("add", phone(1))) == 3


@pytest.mark.fault("Somebody else is at work", "an unsure add is found twice", "a conflict is told")
def test_two_contacts_found_are_a_conflict() -> None:
    book = MemoryBook(adds={1: LOST_AFTER})
    book.put(replace(SHARED, id=501))

    done = carried_out(book, [add(1)])

    assert (done.outcomes, done.code(1)) == ({1: "conflict"}, "add_found_several")
    assert done.result(1).remark is not None
    assert "501" in done.result(1).remark.values["ids"]
    assert book.calls("add") == 1


def test_a_contact_found_with_other_keys_is_a_conflict() -> None:
    book = MemoryBook(adds={1: LOST_BEFORE})
    book.put(replace(SHARED, email="else@example.com"))

    done = carried_out(book, [add(1, email="ada@example.com")])

    assert (done.outcomes, done.code(1)) == ({1: "conflict"}, "add_found_other")
    assert book.calls("add") == 1


def test_keys_are_compared_by_what_they_mean() -> None:
    book = MemoryBook(adds={1: LOST_AFTER})
    book.alters = lambda contact: replace(contact, gsm="0500 000 00 01", email="ADA@example.com")

    done = carried_out(book, [add(1, email="ada@example.com")])

    assert done.outcomes == {1: "added"}


def test_an_adopted_contact_with_other_details_is_altered() -> None:
    book = MemoryBook(adds={1: LOST_BEFORE})
    book.put(SHARED)

    done = carried_out(book, [add(1)])

    assert done.outcomes == {1: "added"}
    assert done.result(1).contact_id == 500
    assert done.result(1).altered["name"] == ["Ada", "Başka"]
    assert done.code(1) == "stored_altered"


def test_what_an_adopted_contact_has_is_not_erased_by_completing_its_groups() -> None:
    book = MemoryBook(adds={1: LOST_BEFORE})
    book.put(SHARED)

    carried_out(book, [add(1, groups=(7, 8))])

    assert book.contacts[500].custom_fields.get(9) == "elle"
    assert 5 in book.contacts[500].groups


def test_a_refused_search_leaves_an_unsure_add_unresolved() -> None:
    error = Refused("api_invalid_values", status=422, message="Hata")
    book = MemoryBook(adds={1: LOST_BEFORE}, finds={1: error})

    done = carried_out(book, [add(1), add(2)])

    assert done.outcomes == {1: "unresolved", 2: "added"}


@pytest.mark.fault(
    "Trouble that lasts, or comes back",
    "searches for an unsure add fail for too long",
    "the run ends (exit 6), the add stays unsure; resume settles it",
)
def test_searches_that_fail_for_too_long_end_the_run_and_the_add_stays_unsure() -> None:
    error = Unreachable("api_unreachable", host="example.com", method="search-contacts", reason="503")
    book = MemoryBook(adds={1: LOST_BEFORE}, finds={1: error})

    done = carried_out(book, [add(1), add(2)])

    assert done.error is error
    assert done.journal.states[1] == "unsure"
    assert 2 not in done.outcomes


# Resumed


def test_an_add_left_unsure_by_an_earlier_run_is_searched_for_first() -> None:
    book = MemoryBook()
    book.put(existing(1001, name="Ada"))
    change = add(1001)

    done = carried_out(book, [Pending(1001, change, START - timedelta(minutes=5))])

    assert done.outcomes == {1001: "added"}
    assert book.calls("add") == 0


def test_an_add_left_unsure_and_absent_is_not_sent_again_without_a_control() -> None:
    book = MemoryBook()

    done = carried_out(book, [Pending(1, add(1), START - timedelta(minutes=5))])

    assert done.outcomes == {1: "unresolved"}
    assert book.calls("add") == 0


def test_an_add_left_unsure_is_sent_again_when_a_later_add_of_this_run_is_found() -> None:
    book = MemoryBook()

    done = carried_out(book, [Pending(1, add(1), START - timedelta(minutes=5)), add(2)], workers=2)

    assert done.outcomes == {1: "added", 2: "added"}
    assert len(book.holders("gsm", phone(1))) == 1


def test_settling_alone_sends_nothing() -> None:
    book = MemoryBook()
    book.put(existing(2))
    lost_at = START - timedelta(minutes=5)
    unsure = [Pending(n, add(n), lost_at, lost_at) for n in (1, 2)]
    lost_edit = Pending(3, edit(3, name="Deniz"), START - timedelta(minutes=5))
    book.put(existing(3))

    done = carried_out(book, [*unsure, lost_edit], workers=2, sends=False)

    assert book.sent == []
    # What is certain is settled; what would have to be sent is left for whoever may send it.
    assert done.outcomes == {2: "added"}
    assert done.journal.states.get(1) == "unsent"
    assert 3 not in done.journal.states


def test_an_add_that_is_settled_late_is_given_up_only_after_a_control_was_looked_for() -> None:
    book = MemoryBook()
    book.put(existing(2))
    lost_at = START - timedelta(hours=8)
    control = Control(lost_at, "gsm", phone(2), 2)

    done = carried_out(book, [Pending(1, add(1), lost_at, lost_at)], written=[control])

    assert done.outcomes == {1: "added"}


def test_an_add_that_waited_long_for_its_turn_is_not_taken_for_absent_too_soon() -> None:
    """It left only when the outage was over, and landed later still; the next one was announced with it."""
    book = MemoryBook(adds={4: Fault("lost_before", lands_after=30.0)})
    book.before = lambda name, count: book.clock.advance(200) if (name, count) == ("add", 4) else None

    done = carried_out(book, [add(n) for n in range(1, 7)], workers=2)

    assert set(done.outcomes.values()) == {"added"}
    assert len(book.holders("gsm", phone(4))) == 1


def test_a_contact_that_was_adopted_shows_nothing_about_what_was_sent_after_it_was_announced() -> None:
    book = MemoryBook()
    book.put(existing(1))
    early, late = START - timedelta(minutes=30), START - timedelta(minutes=20)

    done = carried_out(book, [Pending(1, add(1), late, early), Pending(2, add(2), late, early)], sends=False)

    assert done.outcomes[1] == "added"
    assert done.journal.states.get(2) == "unsent"


def test_an_answer_that_shows_a_stranger_is_not_taken_for_the_new_contact() -> None:
    stranger = replace(existing(77), groups=(3,))
    book = MemoryBook(answers={4: stranger})
    book.put(stranger)

    done = carried_out(book, [add(n, groups=(7, 8)) for n in range(1, 7)])

    assert set(done.outcomes.values()) == {"added"}
    assert done.result(4).contact_id not in (None, 77)
    assert book.contacts[77] == stranger
    assert len(book.holders("gsm", phone(4))) == 1


def test_an_add_whose_answer_shows_a_stranger_and_that_no_search_shows_is_unresolved() -> None:
    """Perhaps the server has changed the number: a second add would be one more contact."""
    book = MemoryBook(alters=lambda contact: _scrambled(contact) if contact.name == "X" else contact)

    done = carried_out(book, [*(add(n) for n in range(1, 5)), add(5, name="X"), add(6)], workers=2)

    assert (done.outcomes[5], done.code(5)) == ("unresolved", "add_answered_other")
    assert len([each for each in book.sent if each.gsm == phone(5)]) == 1


@pytest.mark.fault(
    "The clock is wrong",
    "the clock is set forwards while an add is settled",
    "nothing is absent too soon",
)
def test_a_clock_that_is_set_forwards_makes_nothing_absent_too_soon() -> None:
    book = MemoryBook(adds={4: Fault("lost_before", lands_after=20.0)})
    book.before = lambda name, count: book.clock.set_forwards(120) if (name, count) == ("add", 6) else None

    done = carried_out(book, [add(n) for n in range(1, 9)], workers=2)

    assert set(done.outcomes.values()) == {"added"}
    assert len(book.holders("gsm", phone(4))) == 1


@pytest.mark.parametrize("lag", [0.0, 2.0, 9.0])
def test_a_lost_add_is_settled_while_many_others_are_written_though_searches_are_late(lag: float) -> None:
    book = MemoryBook(adds={4: LOST_BEFORE}, lag=lag)
    book.before = lambda name, _: book.clock.advance(0.1) if name == "add" else None

    done = carried_out(book, [add(n) for n in range(1, 701)], workers=8, settle_after=15.0)

    assert set(done.outcomes.values()) == {"added"}
    sent_again = [place for place, contact in enumerate(book.sent) if contact.gsm == phone(4)][1]
    assert sent_again < 690  # before the end


@pytest.mark.fault(
    "The clock is wrong",
    "the clock is set backwards while an add is settled",
    "no earlier contact counts as a later one",
)
def test_a_clock_that_is_set_backwards_makes_no_earlier_contact_a_later_one() -> None:
    book = MemoryBook(adds={4: Fault("lost_before", lands_after=100.0)}, lag=5.0)
    book.before = lambda name, count: book.clock.set_forwards(-3600) if (name, count) == ("add", 4) else None

    done = carried_out(book, [add(n) for n in range(1, 5)], settle_after=60.0)

    assert len(book.holders("gsm", phone(4))) == 1
    assert done.outcomes[4] == "added"


def test_an_add_of_half_a_day_ago_is_not_waited_for_half_a_day() -> None:
    book = MemoryBook()
    book.put(existing(2))
    lost_at = START - timedelta(hours=12)
    control = Control(lost_at + timedelta(minutes=1), "gsm", phone(2), 2)
    began = book.clock.seconds

    done = carried_out(book, [Pending(1, add(1), lost_at, lost_at)], written=[control])

    assert done.outcomes == {1: "added"}
    assert book.clock.seconds - began < 600


def _scrambled(contact: Contact) -> Contact:
    return replace(contact, gsm="+905009999999", name="Y")


# Several groups


def test_groups_that_an_add_left_out_are_completed_by_an_edit() -> None:
    book = MemoryBook(one_group=True)

    done = carried_out(book, [add(1, groups=(7, 8, 9))])

    assert book.contacts[1001].groups == (7, 8, 9)
    assert (book.calls("add"), book.calls("edit")) == (1, 1)
    assert (done.outcomes, dict(done.result(1).altered)) == ({1: "added"}, {})


def test_groups_that_arrived_need_no_edit() -> None:
    book = MemoryBook()

    carried_out(book, [add(1, groups=(7, 8, 9))])

    assert book.calls("edit") == 0


def test_groups_that_cannot_be_completed_are_reported_as_altered() -> None:
    book = MemoryBook(one_group=True, edits={1: Fault("refused", 463)})

    done = carried_out(book, [add(1, groups=(7, 8))])

    assert done.outcomes == {1: "added"}
    assert done.result(1).altered == {"groups": [[7, 8], [7]]}


@pytest.mark.parametrize("fault", [LOST_AFTER, LOST_BEFORE], ids=["lost-after", "lost-before"])
def test_an_unsure_completing_edit_is_read_back_and_repeated_if_needed(fault: Fault) -> None:
    book = MemoryBook(one_group=True, edits={1: fault})

    done = carried_out(book, [add(1, groups=(7, 8))])

    assert book.contacts[1001].groups == (7, 8)
    assert (done.outcomes, dict(done.result(1).altered)) == ({1: "added"}, {})


# Altered


@pytest.mark.fault(
    "The server stores something else",
    "an add",
    "told as altered with both values, unless only the form differs",
)
@pytest.mark.parametrize(
    ("stored", "altered"),
    [
        ({"gsm": "0500 000 00 01"}, {}),
        ({"gsm": "905000000001"}, {}),
        ({"name": "Ada "}, {}),
        ({"custom_fields": {1: "2024-02-01"}}, {}),
        ({"groups": (7, 8)}, {}),
        ({"name": "ADA"}, {"name": ["Ada", "ADA"]}),
        ({"surname": ""}, {"surname": ["Deneme", ""]}),
        ({"gsm": "+905000000002"}, {"gsm": [phone(1), "+905000000002"]}),
        ({"custom_fields": {}}, {"custom:1": ["01/02/2024", ""]}),
        ({"custom_fields": {1: "02/01/2024"}}, {"custom:1": ["01/02/2024", "02/01/2024"]}),
        ({"groups": ()}, {"groups": [[7], []]}),
        ({"email": "x@example.com"}, {"email": ["", "x@example.com"]}),
    ],
)
def test_a_difference_of_form_is_none_and_any_other_is_altered(stored: dict, altered: dict) -> None:  # type: ignore[type-arg]
    book = MemoryBook()
    book.alters = lambda contact: replace(contact, **stored)

    done = carried_out(book, [add(1)])

    assert done.outcomes == {1: "added"}
    assert dict(done.result(1).altered) == altered
    assert done.code(1) == ("stored_altered" if altered else "")
    assert book.calls("add") == 1


# Stale plans


@pytest.mark.fault("Somebody else is at work", "an add waits long for its turn", "its absence is looked up again")
def test_adds_whose_absence_is_old_are_looked_up_again_together() -> None:
    book, asked = MemoryBook(), list[int]()

    async def read(first: int, is_wanted: Callable[[Change], bool]) -> tuple[Book, int]:
        asked.append(first)
        assert is_wanted(add(3))
        certain = Coverage({"gsm": frozenset(map(phone, (2, 3, 4)))})
        return Book.of([replace(SHARED, id=77)], (), certain), first + 2

    done = carried_out(book, [add(n) for n in range(1, 5)], read_at=START - timedelta(minutes=16), read_again=read)

    assert (done.outcomes, done.code(1)) == ({1: "conflict", 2: "added", 3: "added", 4: "added"}, "contact_appeared")
    assert (asked, book.calls("find")) == ([1, 4], 0)


def test_an_add_whose_absence_is_fresh_is_not_looked_up_again() -> None:
    book = MemoryBook()

    carried_out(book, [add(1)], read_at=START - timedelta(minutes=14))

    assert book.calls("find") == 0


def test_an_add_of_whose_absence_nothing_is_known_when_it_is_old_is_not_sent() -> None:
    book = MemoryBook()

    done = carried_out(book, [add(1), add(2)], read_at=START - timedelta(minutes=16), read_again=book_read(certain=[2]))

    assert (done.outcomes, done.code(1)) == ({1: "conflict", 2: "added"}, "absence_uncertain")


def test_the_book_is_read_again_each_time_that_what_was_read_is_old() -> None:
    book, asked = MemoryBook(), list[int]()
    book.before = lambda name, _: book.clock.advance(200) if name == "add" else None

    async def read(first: int, is_wanted: Callable[[Change], bool]) -> tuple[Book, int]:
        asked.append(first)
        return await nobody_else(first, is_wanted)

    carried_out(book, [add(n) for n in range(1, 13)], read_again=read)

    assert asked == [6, 11]


# The first ones


def test_the_first_adds_go_alone_whatever_the_number_of_workers() -> None:
    book = MemoryBook()

    done = carried_out(book, [add(n) for n in range(1, 11)], workers=8)

    writes = [name for name, _ in book.log if name in ("add", "settled")]
    assert writes[:6] == ["add", "settled"] * 3
    assert writes[6:8] == ["add", "add"]
    assert set(done.outcomes.values()) == {"added"}


def test_a_first_add_whose_answer_is_lost_does_not_hold_up_the_others() -> None:
    book = MemoryBook(adds={1: LOST_BEFORE})

    done = carried_out(book, [add(1), add(2)], workers=2)

    assert done.outcomes == {1: "added", 2: "added"}


def test_first_adds_that_are_all_stored_otherwise_in_one_field_end_the_run() -> None:
    book = MemoryBook(alters=lambda contact: replace(contact, surname="X"))

    done = carried_out(book, [add(n) for n in range(1, 31)], workers=8)

    assert done.error is not None
    assert (done.error.code, done.error.values["field"]) == ("canaries_altered", "surname")
    assert book.calls("add") == 3


def test_first_adds_that_are_stored_otherwise_may_be_accepted() -> None:
    book = MemoryBook(alters=lambda contact: replace(contact, surname="X"))

    done = carried_out(book, [add(n) for n in range(1, 31)], accepts_altered=True)

    assert (done.error, book.calls("add")) == (None, 30)


def test_first_adds_that_are_stored_otherwise_in_different_fields_are_the_rows_own_matter() -> None:
    fields = iter(["name", "surname", "name"])
    book = MemoryBook(alters=lambda contact: replace(contact, **{next(fields, "name"): "X"}))

    assert carried_out(book, [add(n) for n in range(1, 4)]).error is None


def test_an_answer_that_does_not_tell_what_is_stored_is_not_believed() -> None:
    book = MemoryBook(alters=lambda contact: replace(contact, surname="X"), parrots=True)

    done = carried_out(book, [add(1), add(2)])

    assert [dict(done.result(number).altered) for number in (1, 2)] == [{"surname": ["Deneme", "X"]}] * 2


def test_an_answer_that_was_found_true_once_is_believed() -> None:
    book = MemoryBook()

    carried_out(book, [add(n) for n in range(1, 6)])

    assert book.calls("get") == 1


# Proving


def test_the_first_add_with_an_unproven_key_goes_alone_and_is_searched_for() -> None:
    book = MemoryBook(lag=3.0)

    done = carried_out(book, [add(n) for n in range(1, 6)], workers=4, unproven=frozenset({"gsm"}))

    second = book.log.index(("add", phone(2)))
    assert ("find", phone(1)) in book.log[:second]
    assert set(done.outcomes.values()) == {"added"}


def test_a_key_is_proven_once() -> None:
    book = MemoryBook()

    carried_out(book, [add(n) for n in range(1, 6)], workers=4, unproven=frozenset({"gsm"}))

    assert book.calls("find") == 1


def test_a_search_that_never_finds_the_first_add_ends_the_run_before_the_second() -> None:
    book = MemoryBook(lag=1e9)

    done = carried_out(book, [add(1), add(2)], workers=4, unproven=frozenset({"gsm"}))

    assert done.error is not None
    assert done.error.code == "search_blind"
    assert done.outcomes == {1: "added"}
    assert book.calls("add") == 1


def test_edits_need_no_proof() -> None:
    book = MemoryBook()
    book.put(existing(1))

    carried_out(book, [edit(1, name="Deniz")], unproven=frozenset({"gsm"}))

    assert book.calls("find") == 0


def test_a_refused_first_add_proves_nothing_so_the_next_goes_alone_too() -> None:
    book = MemoryBook(adds={1: Fault("refused", 466)})

    done = carried_out(book, [add(1), add(2), add(3)], workers=4, unproven=frozenset({"gsm"}))

    assert done.outcomes == {1: "failed", 2: "added", 3: "added"}
    assert book.log.index(("find", phone(2))) < book.log.index(("add", phone(3)))


def test_an_unsure_first_add_is_settled_before_anything_else_is_sent() -> None:
    book = MemoryBook(adds={1: LOST_AFTER}, lag=10.0)

    done = carried_out(book, [add(1), add(2)], workers=4, unproven=frozenset({"gsm"}))

    assert set(done.outcomes.values()) == {"added"}
    assert book.log.index(("settled", 1)) < book.log.index(("add", phone(2)))


def test_a_refused_proving_search_does_not_crash_the_run() -> None:
    error = Refused("api_invalid_values", status=422, message="Hata")
    book = MemoryBook(finds={1: error})

    done = carried_out(book, [add(1), add(2)], unproven=frozenset({"gsm"}))

    assert done.outcomes[1] == "added"


# What the plan could not know


def book_read(*contacts: Contact, certain: Sequence[int] = ()) -> ReadAgain:
    """What reading the book again shows, and which phones it proves to be nobody's."""

    async def read(first: int, is_wanted: Callable[[Change], bool]) -> tuple[Book, int]:  # noqa: ARG001
        return Book.of(contacts, (), Coverage({"gsm": frozenset(map(phone, certain))})), 10**9

    return read


def test_after_the_first_add_each_other_needs_a_certain_absence() -> None:
    book = MemoryBook()

    done = carried_out(
        book,
        [add(1), add(2), add(3), add(4)],
        unproven=frozenset({"gsm"}),
        read_again=book_read(replace(existing(2), id=77), certain=[3]),
    )

    assert done.outcomes == {1: "added", 2: "conflict", 3: "added", 4: "conflict"}
    assert [done.code(number) for number in (2, 4)] == ["contact_appeared", "absence_uncertain"]


def test_a_run_that_goes_on_reads_the_book_before_its_next_add() -> None:
    book = MemoryBook()
    book.put(existing(1))
    control = Control(START, "gsm", phone(1), 1)

    done = carried_out(
        book,
        [add(2), add(3)],
        uncertified=frozenset({"gsm"}),
        written=[control],
        read_again=book_read(certain=[3]),
    )

    assert done.outcomes == {2: "conflict", 3: "added"}
    assert done.shown("find")[0] == ("find", phone(1))


def test_a_book_that_cannot_be_read_again_ends_the_run_before_the_next_add() -> None:
    async def unreachable(_first: int, _is_wanted: Callable[[Change], bool]) -> tuple[Book, int]:
        raise Unreachable("api_unreachable", host="example.com", method="search-contacts", reason="503")

    done = carried_out(MemoryBook(), [add(1), add(2)], unproven=frozenset({"gsm"}), read_again=unreachable)

    assert done.outcomes == {1: "added"}
    assert isinstance(done.error, Unreachable)
