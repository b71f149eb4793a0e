"""What the documents leave open and the sandbox lets one choose."""

from collections.abc import Callable
from typing import Any

import pytest

from sync.sandbox import Semantics

EMPTY = {"name": "", "surname": "", "email": "", "gsm": "", "custom_fields": [], "groups": []}


def test_replace_clears_what_an_edit_omits(serve: Callable[..., Any]) -> None:
    api = serve(semantics=Semantics(edit="replace"))

    assert api.got("edit-contact", '"contact": {"id": 1009, "name": "Işıl"}') == {**EMPTY, "id": 1009, "name": "Işıl"}


def test_replace_clears_a_custom_field_that_is_not_in_the_list(serve: Callable[..., Any]) -> None:
    api = serve(semantics=Semantics(edit="replace"))
    fields = '{"custom_field": [{"id": 3, "value": "yeni"}]}'

    edited = api.got("edit-contact", f'"contact": {{"id": 1009, "name": "Işık", "custom_fields": {fields}}}')

    assert edited["custom_fields"] == [{"id": 3, "value": "yeni"}]


def test_patch_keeps_what_an_edit_omits(serve: Callable[..., Any]) -> None:
    api = serve(semantics=Semantics(edit="patch"))

    assert api.got("edit-contact", '"contact": {"id": 1009, "name": "Işıl"}') == {
        "id": 1009,
        "name": "Işıl",
        "surname": "Yıldız",
        "email": "isik@example.com",
        "gsm": "+905000000001",
        "custom_fields": [{"id": 1, "value": "27/09/2024"}, {"id": 2, "value": "cip"}],
        "groups": [9, 12],
    }


def test_patch_keeps_a_custom_field_that_is_not_in_the_list(serve: Callable[..., Any]) -> None:
    api = serve(semantics=Semantics(edit="patch"))
    fields = '{"custom_field": [{"id": 2, "value": "yeni"}]}'

    edited = api.got("edit-contact", f'"contact": {{"id": 1009, "custom_fields": {fields}}}')

    assert edited["custom_fields"] == [{"id": 1, "value": "27/09/2024"}, {"id": 2, "value": "yeni"}]


@pytest.mark.parametrize("edit", ["replace", "patch"])
def test_what_is_sent_empty_is_cleared(serve: Callable[..., Any], edit: Any) -> None:
    api = serve(semantics=Semantics(edit=edit))

    edited = api.got(
        "edit-contact",
        '"contact": {"id": 1009, "name": "Işık", "surname": "", "email": "", "gsm": "", "custom_fields":'
        ' {"custom_field": [{"id": 1, "value": ""}, {"id": 2, "value": ""}]}, "groups": {"id": []}}',
    )

    assert edited == {**EMPTY, "id": 1009, "name": "Işık"}


@pytest.mark.parametrize("edit", ["replace", "patch"])
def test_groups_that_are_sent_are_the_whole_list(serve: Callable[..., Any], edit: Any) -> None:
    api = serve(semantics=Semantics(edit=edit))

    edited = api.got("edit-contact", '"contact": {"id": 1009, "name": "Işık", "groups": {"id": [7]}}')

    assert edited["groups"] == [7]


@pytest.mark.parametrize(
    ("search", "key", "expected"),
    [
        ("substring", "+905000000001", [1009]),
        ("substring", "5000000002", [1010]),
        ("substring", "0000000", [1009, 1010, 1011]),
        ("substring", "ağl", [1010]),
        ("substring", "example.com", [1009, 1010]),
        ("prefix", "+905000000001", [1009]),
        ("prefix", "+905", [1009, 1011]),
        ("prefix", "0500", [1010]),
        ("prefix", "çağ", [1010]),
        ("prefix", "örn", [1010]),
        ("prefix", "isik@", [1009]),
    ],
)
def test_a_search_finds(serve: Callable[..., Any], search: Any, key: str, expected: list[int]) -> None:
    api = serve(semantics=Semantics(search=search))

    assert [each["id"] for each in api.got("search-contacts", f'"search": {{"key": "{key}"}}')] == expected


@pytest.mark.parametrize(
    ("search", "key"),
    [
        ("substring", "905000000002"),  # the stored form is local
        ("substring", "Çağla Örnek"),  # fields are searched one by one
        ("substring", "27/09/2024"),  # not in custom fields
        ("substring", "Müşteriler"),  # not in groups
        ("prefix", "5000000001"),
        ("prefix", "ağla"),
        ("prefix", "example"),
        ("prefix", "\\u0000isik"),
    ],
)
def test_a_search_does_not_find(serve: Callable[..., Any], search: Any, key: str) -> None:
    api = serve(semantics=Semantics(search=search))

    assert api.code("search-contacts", f'"search": {{"key": "{key}"}}') == 465


@pytest.mark.parametrize(
    ("stored", "key"),
    [
        ("ışık", "IŞIK"),
        ("IŞIK", "ışık"),
        ("Işık", "işik"),
        ("ısık", "ISIK"),
        ("isik", "ISIK"),
        ("İPEK", "ipek"),
        ("ipek", "İPEK"),
        ("ipek", "IPEK"),
        ("ÇAĞLA", "çağla"),
        ("çağla", "ÇAĞLA"),
        ("ÖZGÜ", "özgü"),
    ],
)
@pytest.mark.parametrize("search", ["substring", "prefix"])
def test_case_does_not_matter_with_turkish_letters(
    serve: Callable[..., Any], search: Any, stored: str, key: str
) -> None:
    api = serve(book={"contacts": [{"id": 1, "name": stored}]}, semantics=Semantics(search=search))

    assert api.code("search-contacts", f'"search": {{"key": "{key}"}}') == 200


@pytest.mark.parametrize(("stored", "key"), [("ışık", "ISIK"), ("Çağla", "cagla"), ("Örnek", "ornek")])
def test_letters_with_and_without_marks_are_different_letters(serve: Callable[..., Any], stored: str, key: str) -> None:
    api = serve(book={"contacts": [{"id": 1, "name": stored}]})

    assert api.code("search-contacts", f'"search": {{"key": "{key}"}}') == 465


def test_a_search_sees_an_edit_at_once(api: Any) -> None:
    api.got("edit-contact", '"contact": {"id": 1009, "name": "Yepyeni"}')

    assert [each["id"] for each in api.got("search-contacts", '"search": {"key": "yepyeni"}')] == [1009]
    assert api.code("search-contacts", '"search": {"key": "Işık"}') == 465


@pytest.mark.parametrize("wrong", [{"edit": "merge"}, {"search": "fuzzy"}])
def test_unknown_semantics_are_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="semantics are"):
        Semantics(**wrong)
