"""What speaks against an add, and what is known of contacts, since the book was read again."""

import pytest

from sync.apply.renewed import Renewed
from sync.book import Book
from sync.change import Remark
from sync.coverage import Coverage
from tests.fakes import START

from .carrying import add, edit, existing, phone

BOOK = Book.of(
    [existing(1), existing(2), existing(3, email="ece@example.com"), existing(4).with_values({"gsm": phone(1)})],
    (),
    Coverage({"gsm": frozenset({phone(9)})}),
)


def renewed() -> Renewed:
    return Renewed(BOOK, START, lambda change: change.kind == "add", first=5, last=9)


@pytest.mark.parametrize(("number", "covered"), [(4, False), (5, True), (9, True), (10, False)])
def test_it_is_known_for_the_wanted_changes_with_these_numbers(number: int, covered: bool) -> None:
    assert renewed().covers(number, add(1)) is covered
    assert not renewed().covers(number, edit(1, name="Eda"))


def test_contacts_that_have_appeared_speak_against_an_add_and_are_named() -> None:
    found = renewed()

    assert found.objection("gsm", phone(1)) == Remark("contact_appeared", {"ids": "1, 4"})
    assert found.objection("gsm", phone(2)) == Remark("contact_appeared", {"ids": "2"})
    assert found.objection("email", "ece@example.com") == Remark("contact_appeared", {"ids": "3"})


def test_an_absence_must_be_certain() -> None:
    assert renewed().objection("gsm", phone(9)) is None
    uncertain = Remark("absence_uncertain", {"key": "gsm", "value": phone(8)})
    assert renewed().objection("gsm", phone(8)) == uncertain


def test_a_contact_is_as_it_was_read_or_was_not_met() -> None:
    assert renewed().contact(2) == existing(2)
    assert renewed().contact(99) is None
