"""The forms in which a key is looked for."""

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync import canonical, lookup

PHONE = "+905301112201"


@pytest.mark.parametrize(
    ("form", "term"),
    [
        ("national", "5301112201"),
        ("e164", "+905301112201"),
        ("international", "905301112201"),
        ("trunk", "05301112201"),
    ],
)
def test_a_phone_has_a_term_in_each_form(form: str, term: str) -> None:
    assert lookup.term("gsm", form, PHONE) == term


def test_a_text_that_is_no_phone_is_searched_as_it_stands() -> None:
    assert [lookup.term("gsm", form, "yok") for form in lookup.forms("gsm")] == ["yok", "", "", ""]


def test_an_email_is_searched_as_it_stands_and_in_ascii_where_that_differs() -> None:
    folding = lookup.Forms(folds=frozenset({"email"}))
    assert folding.terms("email", "ali@şirket.example") == ["ali@şirket.example", "ali@xn--irket-idb.example"]
    assert folding.terms("email", "ali@example.com") == ["ali@example.com"]


def test_an_email_is_searched_in_capitals_too_unless_both_letters_were_shown_to_be_found_alike() -> None:
    assert lookup.Forms().terms("email", "ali@example.com") == ["ali@example.com", "ALI@EXAMPLE.COM"]
    met = lookup.Forms({"email": ("address",)})
    assert met.terms("email", "ali@example.com") == ["ali@example.com"]
    assert met.other_terms("email", "ali@example.com") == ["ALI@EXAMPLE.COM"]
    assert lookup.Forms.from_dict(lookup.Forms(folds=frozenset({"email"})).to_dict()).folds == {"email"}


@pytest.mark.parametrize(
    ("stored", "form"),
    [
        ("5301112201", "national"),
        ("+905301112201", "e164"),
        ("905301112201", "international"),
        ("05301112201", "trunk"),
        ("0530 111 22 01", "0### ### ## ##"),
        ("+90 (530) 111 22 01", "+90 (###) ### ## ##"),
        ("0090 5301112201", "0090 ##########"),
        ("+49 171 1234567", "+49 ### #######"),
        ("0530 111 22 01 dahili 4", "other"),
    ],
)
def test_the_form_in_which_a_phone_is_stored_is_recognised(stored: str, form: str) -> None:
    assert lookup.stored_form("gsm", stored) == form


@given(stored=st.text(st.sampled_from("+0159 ()ax"), min_size=1, max_size=8))
@example(stored="+")
@example(stored="+12")
@example(stored="+abc")
@settings(max_examples=200, deadline=None)
def test_whatever_the_book_has_as_a_phone_has_a_form(stored: str) -> None:
    form = lookup.stored_form("gsm", stored)

    assert form == "other" or lookup.term("gsm", form, canonical.gsm(stored)) == stored


@given(stored=st.text(min_size=1, max_size=12))
@settings(max_examples=100, deadline=None)
def test_whatever_the_book_has_as_an_email_has_a_form(stored: str) -> None:
    form = lookup.stored_form("email", stored)

    assert form == "other" or lookup.term("email", form, canonical.email(stored)) == stored


@given(stored=st.text(st.sampled_from("+0159 ()ax"), min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_every_phone_of_the_book_can_be_searched_for(stored: str) -> None:
    value = canonical.of_key("gsm", stored)

    assert bool(lookup.Forms().terms("gsm", value)) == bool(value)


def test_only_the_forms_that_work_are_searched() -> None:
    forms = lookup.Forms({"gsm": ("national", "trunk")})

    assert forms.terms("gsm", PHONE) == ["5301112201", "05301112201"]


def test_every_form_is_searched_where_nothing_is_known() -> None:
    assert lookup.Forms().terms("gsm", PHONE) == ["5301112201", "+905301112201", "905301112201", "05301112201"]


def test_a_key_is_proven_where_a_form_works_and_none_is_blind() -> None:
    forms = lookup.Forms({"gsm": ("national",), "email": ("address",)}, frozenset({"email"}))

    assert [forms.proven(key) for key in ("gsm", "email", "custom:3")] == [True, False, False]


def test_forms_come_back_from_their_dict() -> None:
    forms = lookup.Forms({"gsm": ("national", "e164")}, frozenset({"email"}))

    assert lookup.Forms.from_dict(forms.to_dict()) == forms


def test_a_layout_is_filled_with_the_digits_of_another_number() -> None:
    assert lookup.term("gsm", "+90 ### ### ## ##", "+905009998877") == "+90 500 999 88 77"


@pytest.mark.parametrize("layout", ["+49 ### ### ####", "####", "+90 ###", "other"])
def test_a_layout_into_which_a_number_does_not_fit_gives_no_term(layout: str) -> None:
    assert lookup.term("gsm", layout, PHONE) == ""


@given(
    values=st.lists(st.sampled_from([PHONE, "+491711234567", "+12015550123", "+390500123456", "yok", "+90212555", ""])),
    form=st.sampled_from(["national", "e164", "international", "trunk", "0### ### ## ##", "other"]),
)
@settings(max_examples=60, deadline=None)
def test_the_terms_of_a_column_are_those_of_its_values(values: list[str], form: str) -> None:
    column = pd.Series([value or None for value in values], dtype="str")

    found = lookup.texts("gsm", form, column)

    assert list(found) == [lookup.term("gsm", form, value) if value else "" for value in values]


@given(
    values=st.lists(st.sampled_from(["ali@example.com", "ali@şirket.example", "x@" + "ü" * 80, ""])),
    form=st.sampled_from(["address", "ascii", "capitals", "other"]),
)
@settings(max_examples=40, deadline=None)
def test_the_terms_of_a_column_of_emails_are_those_of_its_values(values: list[str], form: str) -> None:
    column = pd.Series([value or None for value in values], dtype="str")

    found = lookup.texts("email", form, column)

    assert list(found) == [lookup.term("email", form, value) if value else "" for value in values]
