"""Contacts, groups, changes and cells: values that survive their JSON form."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.book import Book, GroupNames
from sync.change import Change, Remark
from sync.contact import Contact, Group, custom_field_name, custom_field_number
from sync.coverage import Coverage
from sync.grid import Cell, Kind

TEXT = st.text(max_size=8)
CONTACTS = st.builds(
    Contact,
    id=st.none() | st.integers(1, 9999),
    name=TEXT,
    surname=TEXT,
    email=TEXT,
    gsm=TEXT,
    custom_fields=st.dictionaries(st.integers(1, 20), TEXT, max_size=4),
    groups=st.lists(st.integers(1, 99), max_size=4).map(tuple),
)
STORED = CONTACTS.filter(lambda contact: contact.id is not None)


@given(CONTACTS)
def test_a_contact_comes_back_from_json(contact: Contact) -> None:
    assert Contact.from_dict(json.loads(json.dumps(contact.to_dict()))) == contact


@given(st.lists(STORED, max_size=4))
def test_a_book_gives_back_the_contacts_that_it_was_made_of(contacts: list[Contact]) -> None:
    book = Book.of(contacts, (), Coverage())

    assert [book.contact(position) for position in range(len(book))] == contacts


@given(CONTACTS, CONTACTS, st.sampled_from(["add", "edit"]))
def test_a_change_comes_back_from_json(existing: Contact, desired: Contact, kind: Any) -> None:
    change = Change(3, kind, {"gsm": "+905301112201"}, existing if kind == "edit" else None, desired, ("name",))

    assert Change.from_dict(json.loads(json.dumps(change.to_dict()))) == change


def test_a_group_with_children_comes_back_from_json() -> None:
    group = Group(1, "Bayiler", 5, (Group(2, "Ankara"), Group(3, "İzmir", 0)))

    assert Group.from_dict(json.loads(json.dumps(group.to_dict()))) == group


def test_a_remark_comes_back_from_json() -> None:
    remark = Remark("email_invalid", {"cell": "ali@"}, "E-posta")

    assert Remark.from_dict(json.loads(json.dumps(remark.to_dict()))) == remark


@pytest.mark.parametrize(
    "cell",
    [
        Cell(""), Cell("Ali"), Cell("TRUE", Kind.TRUTH), Cell("5", Kind.NUMBER), Cell("0532", Kind.PADDED),
        Cell("#N/A", Kind.ERROR), Cell("2024-09-27", Kind.DATE), Cell("", Kind.UNSOLVED),
    ],
)  # fmt: skip
def test_a_cell_comes_back_from_json(cell: Cell) -> None:
    assert Cell.from_json(json.loads(json.dumps(cell.to_json()))) == cell


def test_the_differences_of_a_change_show_both_sides() -> None:
    existing = Contact(1, name="Ali", custom_fields={2: "İzmir"}, groups=(3, 1))
    desired = Contact(1, name="Ali", custom_fields={2: ""}, groups=(1, 3, 5))
    change = Change(0, "edit", {}, existing, desired, ("name", "custom:2", "groups"))

    assert change.differences == {"custom:2": ["İzmir", ""], "groups": [[1, 3], [1, 3, 5]]}


def test_with_values_replaces_only_what_it_names() -> None:
    contact = Contact(1, name="Ali", gsm="5", custom_fields={1: "a", 2: "b"}, groups=(7,))

    assert contact.with_values({"name": "Veli", "custom:2": "", "custom:3": "c"}) == Contact(
        1, name="Veli", gsm="5", custom_fields={1: "a", 2: "", 3: "c"}, groups=(7,)
    )


def test_a_custom_fields_name_and_number_are_inverse() -> None:
    assert custom_field_number(custom_field_name(7)) == 7
    assert custom_field_number("name") is None


def test_group_names_find_a_group_named_by_digits_before_an_id() -> None:
    names = GroupNames([Group(1, "2024"), Group(2024, "Eski")])

    assert (names.find("2024"), names.find(2024), names.find("1"), names.find("5")) == ([1], [2024], [1], [])
