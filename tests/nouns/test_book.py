"""A book in columns, whole or grown page by page."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sync import book as book_module
from sync.book import Book, BookBuilder
from sync.contact import Contact
from sync.coverage import Coverage

from .test_contact import STORED

A, B = "+905001112201", "+905001112202"


@given(st.lists(st.lists(STORED, max_size=4), max_size=4))
def test_a_book_that_grows_page_by_page_holds_what_was_read_last_of_each_contact(pages: list[list[Contact]]) -> None:
    builder = BookBuilder()
    for page in pages:
        builder.keep(page)
        builder.keys("gsm")  # asking in between changes nothing

    book = builder.book((), Coverage())

    last = {contact.id: contact for page in pages for contact in page}
    assert {contact.id: contact for contact in book.contacts(np.arange(len(book)))} == last
    assert len(book) == len(builder) == len(last)
    assert set(builder.ids) == set(last)


@given(st.lists(STORED, max_size=12))
def test_a_growing_book_knows_the_keys_of_its_book(contacts: list[Contact]) -> None:
    builder = BookBuilder()
    for contact in contacts:
        builder.keep([contact])
        builder.keys("custom:3")

    book = builder.book((), Coverage())

    for key in ("id", "gsm", "email", "custom:3"):
        assert builder.keys(key).fillna("").tolist() == book.keys(key).fillna("").tolist()
        assert builder.column("email").tolist() == book.column("email").tolist()


def test_what_is_read_often_is_kept_once() -> None:
    builder = BookBuilder()
    page = [Contact(number, gsm=f"+90500{number:07}") for number in range(book_module._CHUNK)]

    for _ in range(5):
        builder.keep(page)

    assert sum(len(chunk) for chunk in builder._chunks) <= 3 * len(page)
    assert builder.keys("gsm").tolist() == [contact.gsm for contact in page]


def test_keep_says_how_many_contacts_are_new() -> None:
    builder = BookBuilder()

    assert builder.keep([Contact(1, gsm=A), Contact(2, gsm=B)]) == 2
    assert builder.keep([Contact(2, gsm=A), Contact(3), Contact(None)]) == 1
    assert (builder.seen(2), builder.seen(4)) == (True, False)
    assert builder.keys("gsm").fillna("").tolist() == [A, A, ""]


def test_a_custom_field_is_missing_where_a_contact_has_none_and_empty_where_it_is_empty() -> None:
    book = Book.of([Contact(1, custom_fields={3: ""}), Contact(2, custom_fields={12: "x"})], (), Coverage())

    assert list(book.table.columns) == ["id", "name", "surname", "email", "gsm", "custom:3", "custom:12", "groups"]
    assert book.column("custom:3").isna().tolist() == [False, True]
    assert book.column("custom:4", np.array([1])).isna().tolist() == [True]


def test_an_empty_book_has_the_plain_columns() -> None:
    book = BookBuilder().book((), Coverage())

    assert len(book) == 0
    assert list(book.contacts(np.arange(0))) == []
    assert [len(book.keys(key)) for key in ("id", "gsm", "custom:1")] == [0, 0, 0]
