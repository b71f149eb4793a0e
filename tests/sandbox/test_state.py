"""The book as a file: what is read, what is written, what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from sync.sandbox import BookState, StateError


def test_a_saved_book_is_loaded_as_it_was(book: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    state = BookState.from_dict(book)

    state.save(path)

    assert BookState.load(path).to_dict() == state.to_dict()


def test_the_dict_has_the_shape_that_it_is_read_from(book: dict[str, Any]) -> None:
    expected = {**book, "api_access": True, "next_ids": {"contact": 1012, "group": 13}}
    expected["contacts"][2]["email"] = ""
    expected["contacts"][2]["custom_fields"] = {}

    assert BookState.from_dict(book).to_dict() == expected


def test_every_part_has_a_default() -> None:
    assert BookState.from_dict({"comment": "parts that are not known are passed over"}).to_dict() == {
        "credentials": {"key": "sandbox-key", "hash": "sandbox-hash"},
        "api_access": True,
        "next_ids": {"contact": 1001, "group": 1},
        "custom_fields": [1, 2, 3],
        "groups": [],
        "contacts": [],
        "blacklist": [],
    }


def test_an_id_is_not_given_again_after_saving_and_loading(book: dict[str, Any], tmp_path: Path) -> None:
    state = BookState.from_dict(book)
    state.delete_contact(1011)
    state.delete_group(12)
    state.save(tmp_path / "book.json")

    loaded = BookState.load(tmp_path / "book.json").to_dict()

    assert loaded["next_ids"] == {"contact": 1012, "group": 13}


def test_saving_replaces_the_file_and_leaves_nothing_else_behind(tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    path.write_text("older", encoding="utf-8")

    BookState().save(path)

    assert json.loads(path.read_text(encoding="utf-8"))["contacts"] == []
    assert list(tmp_path.iterdir()) == [path]


def test_saving_into_a_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        BookState().save(tmp_path / "missing" / "book.json")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_file_that_is_not_json_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "book.json"
    path.write_bytes(content)

    with pytest.raises(StateError, match=r"book\.json: not a JSON file"):
        BookState.load(path)


def test_a_malformed_part_is_refused_with_the_file_and_the_place(tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    path.write_text('{"contacts": [{"id": 5, "gsm": 905000000001}]}', encoding="utf-8")

    with pytest.raises(StateError, match=r"book\.json: contact 5: gsm: a text was expected"):
        BookState.load(path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "the book: an object"),
        ({"credentials": {"key": 5}}, "credentials.key: a text"),
        ({"api_access": "yes"}, "api_access: true or false"),
        ({"custom_fields": {"1": "x"}}, "custom_fields: a list"),
        ({"custom_fields": ["x"]}, "custom_fields: a whole number"),
        ({"groups": [{"name": "Bayiler"}]}, "groups.id: a whole number"),
        ({"groups": [{"id": 1}, {"id": 1}]}, "id 1 appears twice"),
        ({"groups": [{"id": 1, "parent": 2}]}, "group 1: parent 2"),
        ({"groups": [{"id": 1}, {"id": 2, "parent": 1}, {"id": 3, "parent": 2}]}, "group 3: parent 2"),
        ({"contacts": [{"id": 0}]}, "contacts.id: a whole number from 1"),
        ({"contacts": [{"id": True}]}, "contacts.id: a whole number from 1"),
        ({"contacts": [{"id": 1}, {"id": 1}]}, "id 1 appears twice"),
        ({"contacts": [{"id": 1, "name": None}]}, "contact 1: name: a text"),
        ({"contacts": [{"id": 1, "name": "\ud800"}]}, "contact 1: name: a text that UTF-8"),
        ({"contacts": [{"id": 1, "groups": [9]}]}, "contact 1: a group"),
        ({"contacts": [{"id": 1, "custom_fields": {"9": "x"}}]}, "contact 1: a custom field"),
        ({"contacts": [{"id": 1, "custom_fields": []}]}, "contact 1: custom_fields: an object"),
        ({"blacklist": [{"number": "+905000000008", "added": "27/09/2024"}]}, "blacklist: added"),
        ({"blacklist": [{"added": "2024-09-27 01:10:00"}]}, "blacklist: number: a text"),
        ({"next_ids": {"contact": "many"}}, "next_ids: a whole number"),
    ],
)
def test_a_malformed_book_is_refused_with_the_place(data: Any, message: str) -> None:
    with pytest.raises(StateError, match=message):
        BookState.from_dict(data)


def test_contacts_and_credentials_do_not_show_the_hash() -> None:
    assert "sandbox-hash" not in repr(BookState().credentials)
