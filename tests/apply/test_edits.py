"""Edits: the complete contact, what an unsure one becomes, what somebody else changed stays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from sync.apply import Pending
from sync.apply.renewed import ReadAgain
from sync.book import Book
from sync.change import Change
from sync.coverage import Coverage
from sync.errors import Refused
from tests.apply.carrying import carried_out, edit, existing
from tests.fakes import LOST_AFTER, LOST_BEFORE, NOT_DONE, START, Fault, MemoryBook


def book_with(*numbers: int, **switches: object) -> MemoryBook:
    book = MemoryBook(**switches)  # type: ignore[arg-type]
    for number in numbers:
        book.put(existing(number))
    return book


def test_an_edit_is_read_announced_sent_and_settled_in_this_order() -> None:
    done = carried_out(book_with(1), [edit(1, name="Deniz")])

    assert [name for name, _ in done.book.log] == ["get", "sending", "edit", "get", "settled"]
    assert done.outcomes == {1: "edited"}
    assert done.book.contacts[1] == existing(1, name="Deniz")


@pytest.mark.parametrize("semantics", ["replace", "patch"])
def test_an_edit_sends_the_complete_contact(semantics: str) -> None:
    book = book_with(1, semantics=semantics)

    carried_out(book, [edit(1, email="ada@example.com")])

    assert book.contacts[1] == existing(1, email="ada@example.com")


@pytest.mark.parametrize("semantics", ["replace", "patch"])
def test_what_is_to_be_cleared_is_sent_empty_and_looked_for(semantics: str) -> None:
    book = book_with(1, semantics=semantics)

    done = carried_out(book, [edit(1, custom_fields={1: ""})])

    assert book.sent[0].custom_fields == {1: ""}
    assert book.contacts[1].custom_fields == {}
    assert dict(done.result(1).altered) == {}


@pytest.mark.fault(
    "The server stores something else",
    "an edit that clears a field",
    "told as altered where the field is still there",
)
def test_what_was_not_cleared_is_altered() -> None:
    book = book_with(1)
    book.alters = lambda contact: replace(contact, custom_fields={1: "01/02/2024"})

    done = carried_out(book, [edit(1, custom_fields={1: ""})])

    assert done.result(1).altered == {"custom:1": ["", "01/02/2024"]}


def test_a_group_that_was_to_be_left_and_was_not_is_altered() -> None:
    book = book_with(1)
    book.put(existing(1, groups=(7, 8)))
    book.alters = lambda contact: replace(contact, groups=(7, 8))

    done = carried_out(book, [edit(1, existing(1, groups=(7, 8)), groups=(7,))])

    assert done.result(1).altered == {"groups": [[7], [7, 8]]}


# Extra data


def test_what_a_contact_read_by_itself_shows_beyond_the_page_is_kept() -> None:
    book = book_with(1)
    book.put(existing(1, custom_fields={1: "01/02/2024", 5: "gizli"}, groups=(7, 9), email="more@example.com"))

    done = carried_out(book, [edit(1, name="Deniz")])

    stored = book.contacts[1]
    assert (stored.custom_fields, stored.groups, stored.email) == (
        {1: "01/02/2024", 5: "gizli"},
        (7, 9),
        "more@example.com",
    )
    assert done.outcomes == {1: "edited"}


def test_once_more_is_shown_every_edit_is_preceded_by_a_read() -> None:
    book = MemoryBook()
    for n in range(1, 21):
        book.put(existing(n, custom_fields={1: "01/02/2024", 5: f"gizli {n}"}))

    carried_out(book, [edit(n, name="Deniz") for n in range(1, 21)])

    assert book.calls("get") == 20 + 1
    assert all(book.contacts[n].custom_fields[5] == f"gizli {n}" for n in range(1, 21))


@pytest.mark.parametrize("workers", [1, 4, 8])
def test_extra_data_survives_however_many_workers_there_are(workers: int) -> None:
    book = MemoryBook()
    for n in range(1, 41):
        book.put(existing(n, custom_fields={1: "01/02/2024", 5: f"gizli {n}"}))

    carried_out(book, [edit(n, name="Deniz") for n in range(1, 41)], workers=workers)

    assert all(book.contacts[n].custom_fields.get(5) == f"gizli {n}" for n in range(1, 41))


def test_where_nothing_more_is_shown_only_the_first_edits_are_read() -> None:
    book = book_with(*range(1, 21))

    carried_out(book, [edit(n, name="Deniz") for n in range(1, 21)])

    assert 1 <= book.calls("get") <= 5
    assert book.calls("edit") == 20


def test_groups_entered_and_left_are_laid_over_those_of_now() -> None:
    book = MemoryBook()
    book.put(existing(1, groups=(7, 8, 9)))

    carried_out(book, [edit(1, existing(1, groups=(7, 8, 9)), groups=(7, 9, 10))])

    assert set(book.contacts[1].groups) == {7, 9, 10}


# Moved or gone


def test_an_edit_of_a_contact_that_is_gone_is_a_conflict() -> None:
    done = carried_out(MemoryBook(), [edit(1, name="Deniz")])

    assert (done.outcomes, done.code(1)) == ({1: "conflict"}, "contact_gone")


@pytest.mark.fault("Somebody else is at work", "a contact is deleted before its edit", "a conflict is told")
def test_an_edit_whose_contact_goes_between_the_read_and_the_write_is_a_conflict() -> None:
    book = book_with(1)
    book.before = lambda name, _: book.contacts.clear() if name == "edit" else None

    done = carried_out(book, [edit(1, name="Deniz")])

    assert (done.outcomes, done.code(1)) == ({1: "conflict"}, "contact_gone")


@pytest.mark.fault(
    "Somebody else is at work",
    "the field of an edit was changed after it was read",
    "a conflict is told, nothing is sent",
)
def test_an_edit_of_a_field_that_somebody_else_changed_is_a_conflict_and_not_sent() -> None:
    book = book_with()
    book.put(existing(1, name="Panelden"))

    done = carried_out(book, [edit(1, name="Deniz")])

    assert (done.outcomes, done.code(1)) == ({1: "conflict"}, "contact_moved")
    assert book.calls("edit") == 0
    assert book.contacts[1].name == "Panelden"


def test_groups_that_somebody_else_changed_are_a_conflict() -> None:
    book = book_with()
    book.put(existing(1, groups=(7, 11)))

    done = carried_out(book, [edit(1, groups=(7, 8))])

    assert done.outcomes == {1: "conflict"}


@pytest.mark.fault("Somebody else is at work", "another field was changed after it was read", "both are kept")
def test_an_edit_of_another_field_than_somebody_else_changed_keeps_both() -> None:
    book = book_with()
    book.put(existing(1, surname="Panelden"))

    done = carried_out(book, [edit(1, name="Deniz")])

    assert done.outcomes == {1: "edited"}
    assert (book.contacts[1].name, book.contacts[1].surname) == ("Deniz", "Panelden")


def test_a_difference_of_form_is_no_move() -> None:
    book = book_with()
    book.put(replace(existing(1), gsm="0500 000 00 01"))

    done = carried_out(book, [edit(1, gsm="+905000000001", name="Deniz")])

    assert done.outcomes == {1: "edited"}


def test_what_is_already_as_meant_is_unchanged_and_not_sent() -> None:
    book = book_with()
    book.put(existing(1, name="Deniz"))

    done = carried_out(book, [edit(1, name="Deniz")])

    assert (done.outcomes, book.calls("edit")) == ({1: "unchanged"}, 0)


def panel(book: MemoryBook, asked: list[int]) -> ReadAgain:
    """Reads the whole book."""

    async def read(first: int, is_wanted: Callable[[Change], bool]) -> tuple[Book, int]:  # noqa: ARG001
        asked.append(first)
        return Book.of(book.contacts.values(), (), Coverage()), 10**9

    return read


@pytest.mark.fault(
    "Somebody else is at work",
    "an edit waits longer than 15 minutes",
    "its contact is read again first",
)
def test_stale_edits_are_read_again_together_before_they_are_sent() -> None:
    book, asked = book_with(*range(1, 11)), list[int]()
    book.put(existing(9, name="Panelden"))
    edits = [edit(n, name="Deniz") for n in range(1, 11)]

    done = carried_out(book, edits, read_at=START - timedelta(minutes=16), read_again=panel(book, asked))

    assert (asked, book.calls("get")) == ([1], 3 + 1)  # the first ones are read alone, to see whether that shows more
    assert done.outcomes[9] == "conflict"
    assert book.contacts[9].name == "Panelden"


def test_a_stale_edit_whose_contact_was_not_met_is_read_alone() -> None:
    book = book_with(*range(1, 11))
    edits = [edit(n, name="Deniz") for n in range(1, 11)]

    done = carried_out(book, edits, read_at=START - timedelta(minutes=16))

    assert book.calls("get") == 10 + 1
    assert set(done.outcomes.values()) == {"edited"}


def test_edits_that_become_stale_while_the_run_goes_on_are_read_again() -> None:
    book, asked = book_with(*range(1, 11)), list[int]()
    book.before = lambda name, _: book.clock.advance(200) if name == "edit" else None

    carried_out(book, [edit(n, name="Deniz") for n in range(1, 11)], read_again=panel(book, asked))

    assert asked == [6]


# Refused, not done, unsure


@pytest.mark.parametrize("code", [400, 422, 463, 466, 472, 473])
def test_a_refused_edit_is_failed(code: int) -> None:
    book = book_with(1, 2, edits={1: Fault("refused", code)})

    done = carried_out(book, [edit(1, name="Deniz"), edit(2, name="Deniz")])

    assert done.outcomes == {1: "failed", 2: "edited"}
    assert book.contacts[1].name == "Ada"


def test_an_edit_that_was_certainly_not_done_is_failed() -> None:
    done = carried_out(book_with(1, edits={1: NOT_DONE}), [edit(1, name="Deniz")])

    assert done.outcomes == {1: "failed"}


def test_an_unsure_edit_that_arrived_is_read_back_and_not_repeated() -> None:
    book = book_with(1, edits={1: LOST_AFTER})

    done = carried_out(book, [edit(1, name="Deniz")])

    assert done.outcomes == {1: "edited"}
    assert book.calls("edit") == 1
    assert [name for name, _ in book.log] == ["get", "sending", "edit", "unsure", "get", "settled"]


def test_an_unsure_edit_that_did_not_arrive_is_repeated() -> None:
    book = book_with(1, edits={1: LOST_BEFORE})

    done = carried_out(book, [edit(1, name="Deniz")])

    assert done.outcomes == {1: "edited"}
    assert book.contacts[1].name == "Deniz"
    assert list(done.journal.of(1)) == ["sending", "unsure", "sending", "settled"]


@pytest.mark.fault("Trouble that lasts, or comes back", "an edit is lost again and again", "is unresolved, and told")
def test_an_edit_that_is_lost_again_and_again_is_unresolved() -> None:
    book = book_with(1, edits=dict.fromkeys(range(1, 20), LOST_BEFORE))

    done = carried_out(book, [edit(1, name="Deniz")])

    assert done.outcomes == {1: "unresolved"}
    assert book.calls("edit") <= 5


def test_the_last_lost_answer_is_read_back_too() -> None:
    book = book_with(1, edits={1: LOST_BEFORE, 2: LOST_BEFORE, 3: LOST_AFTER})

    done = carried_out(book, [edit(1, name="Deniz")])

    assert book.contacts[1].name == "Deniz"
    assert done.outcomes == {1: "edited"}


def test_an_unsure_edit_whose_contact_is_gone_is_a_conflict() -> None:
    book = book_with(1, edits={1: LOST_AFTER})
    book.before = lambda name, count: book.contacts.clear() if (name, count) == ("get", 2) else None

    done = carried_out(book, [edit(1, name="Deniz")])

    assert (done.outcomes, done.code(1)) == ({1: "conflict"}, "contact_gone")


def test_an_unsure_edit_of_which_the_server_dropped_a_field_is_edited_and_altered() -> None:
    """It is not `contact_moved`, which says that nothing was sent: our own write is what moved it."""
    book = book_with(1, edits={1: LOST_AFTER})
    book.alters = lambda contact: replace(contact, custom_fields={1: "01/02/2024"})

    done = carried_out(book, [edit(1, name="Deniz", custom_fields={3: "yeni"})])

    assert done.outcomes == {1: "edited"}
    assert done.result(1).altered == {"custom:3": ["yeni", ""]}


def test_what_else_became_of_a_contact_whose_edit_was_lost_is_told() -> None:
    book = book_with(1, edits={1: LOST_AFTER})
    book.alters = lambda contact: replace(contact, surname="X")

    done = carried_out(book, [edit(1, name="Deniz")])

    assert (done.outcomes, done.result(1).altered) == ({1: "edited"}, {"surname": ["Deneme", "X"]})


def test_what_else_became_of_a_contact_whose_edit_an_earlier_run_left_is_told() -> None:
    book = book_with()
    book.put(existing(1, name="Deniz", surname="X"))

    done = carried_out(book, [Pending(1, edit(1, name="Deniz"), START - timedelta(hours=3))])

    assert (done.outcomes, done.result(1).altered) == ({1: "edited"}, {"surname": ["Deneme", "X"]})


def test_an_edit_that_may_still_land_is_never_called_failed() -> None:
    """command-line.md: failed means that it is certain that nothing was written."""
    book = book_with(1, edits={1: Fault("lost_before", lands_after=2.0), 2: NOT_DONE})

    done = carried_out(book, [edit(1, name="Deniz")])

    assert book.holders("gsm", "+905000000001")[0].name == "Deniz"
    assert done.outcomes[1] in ("edited", "unresolved")


def test_an_unsure_edit_left_by_an_earlier_run_is_read_back_first() -> None:
    book = book_with()
    book.put(existing(1, name="Deniz"))

    done = carried_out(book, [Pending(1, edit(1, name="Deniz"), START - timedelta(hours=3))])

    assert (done.outcomes, book.calls("edit")) == ({1: "edited"}, 0)


def test_a_refused_read_back_leaves_an_unsure_edit_unresolved() -> None:
    error = Refused("api_invalid_values", status=422, message="Hata")
    book = book_with(1, edits={1: LOST_AFTER}, gets={2: error})

    done = carried_out(book, [edit(1, name="Deniz")])

    assert done.outcomes == {1: "unresolved"}


# Altered


@pytest.mark.parametrize(
    ("stored", "altered"),
    [
        ({"name": " Deniz "}, {}),
        ({"gsm": "05000000001"}, {}),
        ({"name": "DENİZ"}, {"name": ["Deniz", "DENİZ"]}),
        ({"groups": ()}, {"groups": [[7], []]}),
        ({"custom_fields": {}}, {"custom:1": ["01/02/2024", ""]}),
    ],
)
def test_an_edit_is_compared_with_its_echo(stored: dict, altered: dict) -> None:  # type: ignore[type-arg]
    book = book_with(1)
    book.alters = lambda contact: replace(contact, **stored)

    done = carried_out(book, [edit(1, name="Deniz")])

    assert done.outcomes == {1: "edited"}
    assert dict(done.result(1).altered) == altered
    assert book.calls("edit") == 1


def rewritten(number: int) -> Change:
    """An edit that changes the form alone, as a mapping asks for with `rewrite`."""
    before = existing(number, name="  Ada")
    return replace(edit(number, before, name="Ada"), exact=("name",))


def test_a_form_that_is_to_be_rewritten_is_sent_though_it_means_the_same() -> None:
    book = book_with(1)
    book.put(existing(1, name="  Ada"))

    done = carried_out(book, [rewritten(1)])

    assert (done.outcomes, dict(done.result(1).altered)) == ({1: "edited"}, {})
    assert book.contacts[1].name == "Ada"


def test_a_form_that_was_to_be_rewritten_and_is_stored_otherwise_is_altered() -> None:
    book = book_with(1)
    book.put(existing(1, name="  Ada"))
    book.alters = lambda contact: replace(contact, name=f" {contact.name}")

    done = carried_out(book, [rewritten(1)])

    assert done.result(1).altered == {"name": ["Ada", " Ada"]}
