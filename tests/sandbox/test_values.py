"""What becomes of the values that an add or edit sends."""

from collections.abc import Callable
from typing import Any

import pytest

from sync.sandbox import Semantics


def added(serve: Callable[..., Any], part: str, **semantics: Any) -> Any:
    api = serve(semantics=Semantics(**semantics))
    echo = api.got("add-contact", f'"contact": {{{part}}}')
    assert api.contact(echo["id"]) == echo
    return echo


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("as_sent", "05000000009"),
        ("e164", "+905000000009"),
        ("international", "905000000009"),
        ("trunk", "05000000009"),
        ("national", "5000000009"),
        ("spaced", "0500 000 00 09"),
    ],
)
def test_a_number_is_stored_and_shown_in_the_chosen_form(serve: Callable[..., Any], form: Any, expected: str) -> None:
    assert added(serve, '"gsm": "05000000009"', phone_stored=form)["gsm"] == expected


def test_contacts_that_were_loaded_keep_their_form(serve: Callable[..., Any]) -> None:
    api = serve(semantics=Semantics(phone_stored="spaced", values=("upper",)))

    assert (api.contact(1010)["gsm"], api.contact(1010)["name"]) == ("05000000002", "Çağla")


def test_an_edit_brings_what_it_sends_into_the_form(serve: Callable[..., Any]) -> None:
    api = serve(semantics=Semantics(edit="patch", phone_stored="national", values=("upper",)))

    edited = api.got("edit-contact", '"contact": {"id": 1009, "gsm": "+905000000001"}')

    assert (edited["gsm"], edited["name"]) == ("5000000001", "Işık")


@pytest.mark.parametrize("number", ["0500 000 00 09", "+4915100000006", "0500 000 00 02"])
def test_a_number_that_the_server_shows_can_be_sent_back(serve: Callable[..., Any], number: str) -> None:
    book = {"contacts": [{"id": 1, "gsm": number}, {"id": 2, "gsm": "0500 000 00 02"}]}
    api = serve(book=book, semantics=Semantics(phone_stored="spaced"))

    assert api.code("edit-contact", f'"contact": {{"id": 1, "gsm": "{number}"}}') == 200


def test_a_number_that_was_let_in_once_is_let_in_again_but_not_into_another_contact(serve: Callable[..., Any]) -> None:
    api = serve(book={"contacts": [{"id": 1, "gsm": "0500 000 00 09"}, {"id": 2, "name": "Ali"}]})

    codes = [api.code("edit-contact", f'"contact": {{"id": {each}, "gsm": "0500 000 00 09"}}') for each in (1, 2)]

    assert codes == [200, 466]


@pytest.mark.parametrize(
    ("values", "sent", "expected"),
    [
        (("trimmed",), '"name": "  Ali   Can "', {"name": "Ali Can"}),
        (("upper",), '"name": "ışıl", "surname": "ipek"', {"name": "IŞIL", "surname": "İPEK"}),
        (("titled",), '"name": "IŞIL ipek", "surname": "İNCİ"', {"name": "Işıl İpek", "surname": "İnci"}),
        (("lower_email",), '"email": "Ali@Example.COM"', {"email": "ali@example.com"}),
        (("cut",), f'"name": "{"a" * 31}", "email": "{"b" * 40}@x"', {"name": "a" * 30, "email": "b" * 40 + "@x"}),
        (("dropped_email",), '"name": "Ali", "email": "ali+1@example.com"', {"email": ""}),
        (("dropped_email",), '"name": "Ali", "email": "çağla@example.com"', {"email": ""}),
        (("dropped_email",), '"email": "ali@example.com"', {"email": "ali@example.com"}),
        (("trimmed", "upper", "cut"), f'"name": " i {"x" * 40}"', {"name": "İ " + "X" * 28}),
        ((), '"name": "  Ali   Can "', {"name": "  Ali   Can "}),
    ],
)
def test_values_are_changed_as_the_semantics_say(
    serve: Callable[..., Any], values: Any, sent: str, expected: dict[str, str]
) -> None:
    echo = added(serve, sent, values=values)

    assert {name: echo[name] for name in expected} == expected


def test_dates_of_custom_fields_are_stored_in_another_form(serve: Callable[..., Any]) -> None:
    fields = '{"custom_field": [{"id": 1, "value": "27/09/2024"}, {"id": 2, "value": "27/9 sabah"}]}'

    echo = added(serve, f'"name": "Ali", "custom_fields": {fields}', values=("iso_dates",))

    assert [each["value"] for each in echo["custom_fields"]] == ["2024-09-27", "27/9 sabah"]


SEVERAL = '"name": "Ali", "groups": {"group": [{"id": 9}, {"id": 12}]}'


@pytest.mark.parametrize(("taken", "expected"), [("all", [9, 12]), ("first", [9]), ("none", [])])
def test_an_add_in_json_takes_so_many_of_several_groups(
    serve: Callable[..., Any], taken: Any, expected: list[int]
) -> None:
    assert added(serve, SEVERAL, groups_on_add=taken)["groups"] == expected


@pytest.mark.parametrize("taken", ["first", "none"])
def test_one_group_in_json_and_several_in_xml_are_always_taken(serve: Callable[..., Any], taken: Any) -> None:
    api = serve(semantics=Semantics(groups_on_add=taken))

    one = api.got("add-contact", '"contact": {"name": "Ali", "groups": {"group": {"id": 9}}}')
    api.xml("add-contact", "<contact><name>Can</name><groups><id>9</id><id>12</id></groups></contact>")
    edited = api.got("edit-contact", '"contact": {"id": 1010, "name": "Çağla", "groups": {"id": [7, 9]}}')

    assert (one["groups"], api.contact(1013)["groups"], edited["groups"]) == ([9], [9, 12], [7, 9])
