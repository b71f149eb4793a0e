"""What search finds: words, letters, forms of numbers, and when it sees a write."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from sync.sandbox import Semantics
from sync.sandbox.phones import in_form
from sync.sandbox.shelf import CHUNK, Shelf

NUMBERS = {
    1: "+905000000001",
    2: "905000000002",
    3: "05000000003",
    4: "5000000004",
    5: "0500 000 00 05",
    6: "+4915100000006",
}
FORMS = {
    "e164": "+905000000001",
    "international": "905000000001",
    "trunk": "05000000001",
    "national": "5000000001",
    "spaced": "0500 000 00 01",
}


def found(api: Any, key: str) -> list[int]:
    """The ids that a key finds; 465 is none."""
    response = api.json("search-contacts", f'"search": {{"key": "{key}"}}').json()["response"]
    assert response["status"]["code"] in {200, 465}
    return [each["id"] for each in response.get("contacts", [])]


def one_contact(serve: Callable[..., Any], semantics: Semantics, **texts: str) -> Any:
    return serve(book={"contacts": [{"id": 1, **texts}]}, semantics=semantics)


@pytest.mark.parametrize(
    ("search", "key", "expected"),
    [
        ("token", "işık", True),
        ("token", "işı", False),
        ("token", "yıldız", True),
        ("token", "905000000001", True),
        ("token", "+905000000001", False),
        ("token", "90500", False),
        ("token", "example", True),
        ("token", "isik@example.com", False),
        ("token", "su deniz", False),
        ("token_prefix", "işı", True),
        ("token_prefix", "şık", False),
        ("token_prefix", "den", True),
        ("token_prefix", "90500", True),
        ("token_prefix", "+90500", False),
        ("token_prefix", "isik@exa", False),
        ("phrase", "+905000000001", True),
        ("phrase", "+90500", False),
        ("phrase", "isik@example.com", True),
        ("phrase", "example.com", True),
        ("phrase", "isik@com", False),
        ("phrase", "su deniz", True),
        ("phrase", "deniz su", False),
        ("phrase", "deniz yıldız", False),
        ("phrase", "+++", False),
        ("phrase_prefix", "+90500", True),
        ("phrase_prefix", "isik@exa", True),
        ("phrase_prefix", "sik@exa", False),
    ],
)
def test_words_are_found_as_the_semantics_say(serve: Callable[..., Any], search: Any, key: str, expected: bool) -> None:
    texts = {"name": "Işık Su Deniz", "surname": "Yıldız", "email": "isik@example.com", "gsm": "+905000000001"}

    api = one_contact(serve, Semantics(search=search), **texts)

    assert bool(found(api, key)) is expected


@pytest.mark.parametrize("search", ["prefix", "token", "phrase"])
@pytest.mark.parametrize("mark", ["\\u0000", "\\u0001", "\\u0002"])
def test_no_key_reaches_the_marks_between_fields(serve: Callable[..., Any], search: Any, mark: str) -> None:
    api = one_contact(serve, Semantics(search=search, phone_key="normalised"), name="Ali", gsm="+905000000001")

    assert found(api, f"{mark}{mark}Ali") == ([1] if search == "phrase" else [])
    assert found(api, f"{mark}5000000001") == []


@pytest.mark.parametrize(
    ("case", "stored", "key", "expected"),
    [
        ("english", "ALI", "ali", True),
        ("english", "İPEK", "ipek", False),
        ("english", "IŞIK", "ışık", False),
        ("english", "IŞIK", "işik", True),
        ("turkish", "İPEK", "ipek", True),
        ("turkish", "IŞIK", "ışık", True),
        ("turkish", "IŞIK", "işik", False),
        ("turkish", "ALI@EXAMPLE.COM", "ali@", False),
        ("plain", "ÇAĞLA", "cagla", True),
        ("plain", "cagla", "ÇAĞLA", True),
        ("plain", "IŞIK", "isik", True),
        ("exact", "Ali", "Ali", True),
        ("exact", "Ali", "ali", False),
    ],
)
@pytest.mark.parametrize("search", ["substring", "token_prefix", "phrase_prefix"])
def test_letters_are_one_as_the_semantics_say(
    serve: Callable[..., Any], search: Any, case: Any, stored: str, key: str, expected: bool
) -> None:
    if search == "token_prefix":
        key = key.rstrip("@")

    api = one_contact(serve, Semantics(search=search, case=case), name=stored)

    assert bool(found(api, key)) is expected


def test_a_word_that_english_lower_case_takes_apart_is_still_one_word(serve: Callable[..., Any]) -> None:
    api = one_contact(serve, Semantics(search="token", case="english"), name="İPEK")

    assert (found(api, "İPEK"), found(api, "pek")) == ([1], [])


def mixed(serve: Callable[..., Any], **semantics: Any) -> Any:
    contacts = [{"id": number, "gsm": gsm} for number, gsm in NUMBERS.items()]
    return serve(book={"contacts": contacts}, semantics=Semantics(**semantics))


@pytest.mark.parametrize(
    ("form", "expected"), [("e164", "+90500"), ("international", "90500"), ("trunk", "0500"), ("national", "500")]
)
def test_search_looks_at_the_form_that_is_indexed_and_shows_what_is_stored(
    serve: Callable[..., Any], form: Any, expected: str
) -> None:
    api = mixed(serve, search="prefix", phone_indexed=form)

    assert found(api, expected) == [1, 2, 3, 4, 5]
    assert [each["gsm"] for each in api.got("search-contacts", f'"search": {{"key": "{expected}"}}')] == [
        NUMBERS[number] for number in (1, 2, 3, 4, 5)
    ]


def test_digits_are_indexed_for_numbers_of_any_country(serve: Callable[..., Any]) -> None:
    api = mixed(serve, search="prefix", phone_indexed="digits")

    assert found(api, "4915") == [6]
    assert found(api, "050000000") == [3, 5]
    assert found(api, "+90") == []


def test_a_mixed_book_is_searched_as_it_is_stored(serve: Callable[..., Any]) -> None:
    api = mixed(serve, search="prefix")

    assert [found(api, key) for key in ("+90500", "90500", "0500", "500")] == [[1], [2], [3, 5], [4]]


@pytest.mark.parametrize("key", ["+90500000000{}", "90500000000{}", "050000000 0{}", "(500) 000-00-0{}"])
def test_a_normalised_key_finds_its_number_in_any_form(serve: Callable[..., Any], key: str) -> None:
    api = mixed(serve, search="token", phone_key="normalised")

    assert [found(api, key.format(number)) for number in range(1, 6)] == [[1], [2], [3], [4], [5]]


def test_a_key_that_is_no_full_number_is_taken_as_it_stands(serve: Callable[..., Any]) -> None:
    normalised = mixed(serve, search="prefix", phone_key="normalised")

    assert found(normalised, "050000000") == [3]
    assert found(normalised, "+4915100000006") == [6]


def test_a_literal_key_finds_its_own_form_alone(serve: Callable[..., Any]) -> None:
    api = mixed(serve, search="prefix")

    assert [found(api, f"0500000000{number}") for number in (1, 3)] == [[], [3]]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("written", FORMS.values())
def test_every_form_is_read_and_written(form: Any, written: str) -> None:
    assert in_form(written, form) == FORMS[form]


@pytest.mark.parametrize("text", ["", "+4915100000006", "1500000000", "50000000", "+90500000000x", "009905000000001"])
def test_what_is_no_turkish_number_stays_as_it_is(text: str) -> None:
    assert in_form(text, "trunk") == text


# When search sees a write


def add(api: Any, name: str) -> int:
    return int(api.got("add-contact", f'"contact": {{"name": "{name}"}}')["id"])


def test_search_sees_a_write_after_as_many_writes_as_it_lags(serve: Callable[..., Any]) -> None:
    api = serve(semantics=Semantics(lag_writes=2))
    added = add(api, "Yepyeni")

    seen = [found(api, "yepyeni")]
    for _ in range(2):
        add(api, "Sonraki")
        seen.append(found(api, "yepyeni"))

    assert seen == [[], [], [added]]


def test_search_sees_a_write_after_as_many_seconds_as_it_lags(serve: Callable[..., Any]) -> None:
    now = 100.0
    api = serve(semantics=Semantics(lag_seconds=5.0), monotonic=lambda: now)
    added = add(api, "Yepyeni")

    now = 104.9
    early = found(api, "yepyeni")
    now = 105.0

    assert (early, found(api, "yepyeni")) == ([], [added])


def test_until_then_search_finds_an_edited_contact_by_what_it_was(serve: Callable[..., Any]) -> None:
    now = 0.0
    api = serve(semantics=Semantics(lag_seconds=1.0), monotonic=lambda: now)
    api.got("edit-contact", '"contact": {"id": 1009, "name": "Yepyeni"}')

    (shown,) = api.got("search-contacts", '"search": {"key": "Işık"}')
    assert (shown["id"], shown["name"], found(api, "yepyeni")) == (1009, "Yepyeni", [])

    now = 1.0
    assert (found(api, "Işık"), found(api, "yepyeni")) == ([], [1009])


def test_a_deleted_contact_is_gone_at_once_and_does_not_come_back(serve: Callable[..., Any]) -> None:
    now = 0.0
    api = serve(semantics=Semantics(lag_seconds=1.0), monotonic=lambda: now)
    added = add(api, "Yepyeni")
    for number in (1009, added):
        assert api.code("delete-contact", f'"contact": {{"id": {number}}}') == 200

    before = found(api, "Işık")
    now = 9.0

    assert (before, found(api, "yepyeni")) == ([], [])


def test_listings_of_a_group_do_not_lag(serve: Callable[..., Any]) -> None:
    api = serve(semantics=Semantics(lag_writes=9))
    api.got("add-contact", '"contact": {"name": "Yeni", "groups": {"group": {"id": 7}}}')

    assert [each["id"] for each in api.got("get-group-contacts", '"group": {"id": 7}')] == [1010, 1012]


def test_what_was_found_is_found_anew_after_a_write(api: Any) -> None:
    before = found(api, "0000000")
    api.got("add-contact", '"contact": {"gsm": "+905000000009"}')
    after = found(api, "0000000")
    api.code("delete-contact", '"contact": {"id": 1009}')

    assert (before, after, found(api, "0000000")) == ([1009, 1010, 1011], [1009, 1010, 1011, 1012], [1010, 1011, 1012])


def test_a_shelf_finds_what_a_plain_look_at_every_text_finds() -> None:
    chance = random.Random(3)
    texts = {("", "", number): f"\0{chance.randrange(10**4):04}" for number in range(0, 6 * CHUNK, 2)}
    shelf = Shelf(sorted(texts.items()))
    for _ in range(12 * CHUNK):
        place = ("", "", chance.randrange(-9, 6 * CHUNK))
        if place in texts:
            shelf.remove(place)
            del texts[place]
        else:
            texts[place] = f"\0{chance.randrange(10**4):04}"
            shelf.put(place, texts[place])

    for needles in [("\x0012",), ("7",), ("34", "99"), ("4\0",), ("x",), ()]:
        assert shelf.find(needles) == sorted(
            place for place, text in texts.items() if any(needle in text for needle in needles)
        )


def test_a_shelf_that_is_emptied_can_be_filled_again() -> None:
    shelf = Shelf([])
    shelf.put(("", "", 5), "beş")
    shelf.remove(("", "", 5))
    shelf.put(("", "", 3), "üç")

    assert (shelf.find(("beş",)), shelf.find(("üç",))) == ([], [("", "", 3)])
