"""Deletes: made sure of before, settled where an answer was lost, never of another contact than the planned one."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from sync.apply import Pending
from sync.change import Change, Remark, Settled
from sync.contact import Contact
from sync.errors import Refused, RunStopped
from tests.fakes import LOST_AFTER, LOST_BEFORE, NOT_DONE, START, Fault, MemoryBook, MemoryJournal

from .carrying import carried_out, existing, stop_before


def delete(number: int, before: Contact | None = None) -> Change:
    found = before or existing(number)
    return Change(number, "delete", {"gsm": found.gsm}, found, Contact(), ("name", "gsm"))


def book_with(*numbers: int, **switches: object) -> MemoryBook:
    book = MemoryBook(**switches)  # type: ignore[arg-type]
    for number in numbers:
        book.put(existing(number))
    return book


def test_a_contact_is_read_deleted_and_gone() -> None:
    book = book_with(1)
    done = carried_out(book, [delete(1)])

    assert done.outcomes == {1: "deleted"}
    assert done.result(1).contact_id == 1
    assert book.contacts == {}
    assert done.shown("get", "delete") == [("get", 1), ("delete", 1)]


def test_the_first_deletes_alone_are_preceded_by_a_read() -> None:
    book = book_with(*range(1, 11))
    done = carried_out(book, [delete(number) for number in range(1, 11)])

    assert set(done.outcomes.values()) == {"deleted"}
    assert (book.calls("get"), book.calls("delete")) == (3, 10)


def test_every_delete_is_preceded_by_a_read_where_contacts_show_more_than_was_planned() -> None:
    book = book_with(*range(1, 11))
    book.put(existing(1, email="ada@example.com"))
    done = carried_out(book, [delete(number) for number in range(1, 11)])

    assert done.outcomes[1] == "conflict"
    assert (book.calls("get"), book.calls("delete")) == (10, 9)


@pytest.mark.fault(
    "Somebody else is at work",
    "a contact was changed before undo deletes it",
    "it is not deleted, and told",
)
@pytest.mark.parametrize("moved", [{"name": "Eda"}, {"groups": (7, 9)}, {"custom_fields": {}}])
def test_a_contact_that_somebody_has_changed_is_not_deleted(moved: dict[str, object]) -> None:
    book = book_with(1)
    book.put(replace(existing(1), **moved))  # type: ignore[arg-type]
    done = carried_out(book, [delete(1)])

    assert (done.outcomes, done.code(1)) == ({1: "conflict"}, "contact_moved")
    assert book.calls("delete") == 0


def test_a_contact_that_differs_in_form_alone_is_deleted() -> None:
    book = book_with(1)
    book.put(replace(existing(1), gsm="0500 000 00 01"))

    assert carried_out(book, [delete(1)]).outcomes == {1: "deleted"}


def test_a_contact_that_somebody_else_has_deleted_is_unchanged() -> None:
    done = carried_out(MemoryBook(), [delete(1)])

    assert (done.outcomes, done.code(1)) == ({1: "unchanged"}, "delete_already_gone")


@pytest.mark.parametrize("fault", [LOST_AFTER, LOST_BEFORE])
def test_a_delete_whose_answer_was_lost_is_read_back_and_repeated_if_need_be(fault: Fault) -> None:
    book = book_with(1, deletes={1: fault})
    done = carried_out(book, [delete(1)])

    assert done.outcomes == {1: "deleted"}
    assert book.contacts == {}
    assert book.calls("delete") == (1 if fault is LOST_AFTER else 2)


@pytest.mark.fault("Trouble that lasts, or comes back", "a delete is lost again and again", "is unresolved, and told")
def test_a_delete_that_never_arrives_is_unresolved() -> None:
    book = book_with(1, deletes=dict.fromkeys(range(1, 9), LOST_BEFORE))
    done = carried_out(book, [delete(1)])

    assert (done.outcomes, done.code(1)) == ({1: "unresolved"}, "delete_unresolved")
    assert book.calls("delete") == 3


def test_a_contact_that_changed_after_an_answer_was_lost_is_not_deleted_again() -> None:
    book = book_with(1, deletes={1: LOST_BEFORE})
    book.before = lambda name, count: book.put(existing(1, name="Eda")) if (name, count) == ("get", 2) else None
    done = carried_out(book, [delete(1)])

    assert (done.outcomes, done.code(1)) == ({1: "unresolved"}, "delete_found_other")
    assert book.calls("delete") == 1


@pytest.mark.parametrize("fault", [NOT_DONE, Fault("refused", 400)])
def test_a_delete_that_is_refused_has_failed(fault: Fault) -> None:
    book = book_with(1, deletes={1: fault})

    assert carried_out(book, [delete(1)]).outcomes == {1: "failed"}
    assert 1 in book.contacts


@pytest.mark.fault(
    "The process is killed, or the power fails",
    "after a delete was sent",
    "resume reads whether the contact is there",
)
@pytest.mark.parametrize("there", [True, False])
def test_a_delete_that_was_sent_before_a_kill_is_settled_by_a_read(there: bool) -> None:
    book = book_with(*([1] if there else []))
    done = carried_out(book, [Pending(1, delete(1), START)])

    assert done.outcomes == {1: "deleted"}
    assert book.calls("delete") == (1 if there else 0)


def test_where_nothing_may_be_sent_an_unsure_delete_stays_as_it_is() -> None:
    book = book_with(1)
    done = carried_out(book, [Pending(1, delete(1), START), Pending(2, delete(2), START)], sends=False)

    assert done.outcomes == {2: "deleted"}
    assert book.calls("delete") == 0


def test_after_a_stop_no_delete_is_sent() -> None:
    stop = asyncio.Event()
    book = book_with(1, 2)
    book.before = stop_before(stop, "get", 1)
    done = carried_out(book, [delete(1), delete(2)], stop=stop)

    assert done.outcomes == {}
    assert book.calls("delete") == 0


def test_the_intent_is_durable_before_the_request_leaves() -> None:
    book = book_with(1)
    done = carried_out(book, [delete(1)], journal=MemoryJournal())

    names = [name for name, _ in done.book.log]
    assert names.index("sending") < names.index("delete") < names.index("settled")


# To the letter


def test_how_a_delete_ended_names_its_contact_whatever_it_was() -> None:
    book = book_with(1, 3, deletes={1: Fault("refused", 400)})
    book.put(existing(4, name="Eda"))
    done = carried_out(book, [delete(1), delete(2), delete(3), delete(4)])

    words = {"status": 400, "message": "Hata"}
    assert [done.result(number) for number in (1, 2, 3)] == [
        Settled("failed", 1, Remark("api_unparsed", words)),
        Settled("unchanged", 2, Remark("delete_already_gone")),
        Settled("deleted", 3),
    ]
    moved = Remark("contact_moved", {"fields": "name"})
    assert done.result(4) == Settled("conflict", 4, moved, stored=existing(4, name="Eda"))


def test_a_contact_that_cannot_be_read_is_not_deleted() -> None:
    refused = Refused("api_unparsed", status=400, message="Hata")
    book = book_with(1, 2, gets={1: refused, 2: refused})
    done = carried_out(book, [delete(1), Pending(2, delete(2), START)])

    remark = Remark("api_unparsed", {"status": 400, "message": "Hata"})
    assert [done.result(number) for number in (1, 2)] == [
        Settled("failed", 1, remark),
        Settled("unresolved", 2, remark),
    ]
    assert book.calls("delete") == 0


def test_a_delete_that_is_repeated_and_answered_then_needs_no_further_look() -> None:
    book = book_with(1, deletes={1: LOST_BEFORE})
    done = carried_out(book, [delete(1)])

    assert done.shown("get", "delete") == [("get", 1), ("delete", 1), ("get", 1), ("delete", 1)]
    assert list(done.journal.of(1)) == ["sending", "unsure", "sending", "settled"]


def test_a_delete_that_never_arrives_is_tried_three_times_with_growing_waits() -> None:
    book = book_with(1, deletes=dict.fromkeys(range(1, 4), LOST_BEFORE))
    done = carried_out(book, [delete(1)])

    assert done.result(1) == Settled("unresolved", 1, Remark("delete_unresolved", {"tries": 3}))
    assert (book.calls("get"), book.calls("delete"), book.clock.slept) == (4, 3, [1.0, 2.0, 4.0])


def test_a_refusal_after_a_lost_answer_is_no_proof_that_the_contact_is_still_there() -> None:
    book = book_with(1, deletes={1: LOST_BEFORE, 2: Fault("refused", 400)})
    done = carried_out(book, [delete(1)])

    assert done.outcomes == {1: "deleted"}
    assert book.calls("delete") == 3


@pytest.mark.parametrize(("unsure", "left"), [(True, "unsure"), (False, "unsent")])
def test_a_delete_during_which_the_run_is_stopped_is_unsure_only_where_it_may_have_arrived(
    unsure: bool, left: str
) -> None:
    class Stopping(MemoryBook):
        async def delete(self, contact_id: int) -> None:
            error = RunStopped("api_unreachable", host="example.com", method="delete", reason=str(contact_id))
            error.unsure = unsure
            raise error

    book = Stopping()
    book.put(existing(1))
    done = carried_out(book, [delete(1)])

    assert (done.error is not None, list(done.journal.of(1))) == (True, ["sending", left])


def test_what_was_read_long_ago_is_read_again_before_each_delete() -> None:
    book = book_with(*range(1, 11))
    carried_out(book, [delete(number) for number in range(1, 11)], read_at=START - timedelta(minutes=16))

    assert (book.calls("get"), book.calls("delete")) == (10, 10)


def test_where_every_contact_is_to_be_read_before_its_delete_it_is() -> None:
    book = book_with(*range(1, 11))
    carried_out(book, [delete(number) for number in range(1, 11)], reads_deletes=True)

    assert (book.calls("get"), book.calls("delete")) == (10, 10)
