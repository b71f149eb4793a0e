"""Cells with more than an e-mail address in them, and what is said of them."""

import pandas as pd
import pytest
from email_validator import validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.mapping import ColumnSpec
from sync.reader import emails
from sync.reader.clean import Cleaned, clean_column

SPEC = ColumnSpec(column="E-posta")


def cleaned(*texts: str) -> Cleaned:
    return clean_column("email", SPEC, pd.Series(texts, dtype="str"))


@pytest.mark.parametrize(
    "text",
    ["mailto:ali@example.com", "mailto:ali@example.com?subject=x", "<ali@example.com>", "Ali Can <ali@example.com>",
     '"Ali" <ali@example.com>;', "<mailto:ali@example.com>", "ali@example.com.", "ali@example.com,", "ali@example.com;",
     "E-posta: ali@example.com", "ali@EXAMPLE.com", "ali\u200b@example.com", "\u00a0ali@example.com\u00a0",
     "ali@example.com; ali@EXAMPLE.COM"],
)  # fmt: skip
def test_what_people_and_programs_put_around_an_address_is_no_part_of_it(text: str) -> None:
    found = cleaned(text)

    assert (found.values.tolist(), found.bad, found.notes) == (["ali@example.com"], {}, {})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ali@ÖRNEK.İSTANBUL", "ali@örnek.istanbul"),
        ("ali@GMAİL.com", "ali@gmail.com"),
        ("ALI@EXAMPLE.COM", "ALI@example.com"),
        ("ali@o\u0308rnek.com", "ali@örnek.com"),
    ],
)
def test_a_domain_has_small_letters_and_the_rest_stays(text: str, address: str) -> None:
    assert cleaned(text).values.tolist() == [address]


@pytest.mark.parametrize(
    "text",
    ["ali@example.com, can@example.com", "ali@example.com;can@example.com", "ali@example.com can@example.com",
     "ali@example.com\ncan@example.com", "ali@example.com / can@example.com", "ali@example.com ve can@example.com",
     "Ali <ali@example.com>, can@example.com"],
)  # fmt: skip
def test_of_several_addresses_the_first_is_used_and_the_others_are_said(text: str) -> None:
    found = cleaned(text)

    assert found.values.tolist() == ["ali@example.com"]
    assert (found.notes[0].code, found.notes[0].values) == (
        "email_several",
        {"used": "ali@example.com", "left": "can@example.com"},
    )


@pytest.mark.parametrize("text", ["ali can@example.com, can@example.com", "ali@, can@example.com", "a@b@c.com"])
def test_no_address_is_taken_out_of_a_broken_one(text: str) -> None:
    assert cleaned(text).bad[0].code == "email_invalid"


@pytest.mark.parametrize(("text", "letter"), [("şule@example.com", "ş"), ("ALİ@example.com", "İ")])
def test_a_turkish_letter_before_the_at_sign_is_named(text: str, letter: str) -> None:
    assert letter in cleaned(text).bad[0].values["letter"]


CELLS = st.lists(
    st.sampled_from(
        ["ali", "a.b", "@", "example.com", "EXAMPLE.Com", "şirket.com.tr", ".", " ", ",", ";", "/", "<", ">", "mailto:",
         "xn--", "-", "İ", "ı", "\u200b", "\u00a0", "\n", "'", '"', ".local", "?", "E-posta:"]
    ),
    min_size=1, max_size=9,
).map("".join)  # fmt: skip


@given(CELLS)
@settings(max_examples=300, deadline=None)
def test_a_column_has_what_its_cells_have_one_by_one(text: str) -> None:
    found = cleaned(text)
    answer = emails.email(text)

    assert found.values.dropna().tolist() == [
        value for value in [getattr(answer, "value", answer)] if value and isinstance(value, str)
    ]
    assert (bool(found.bad), bool(found.notes)) == (hasattr(answer, "code"), hasattr(answer, "note"))


PLAIN = st.from_regex(
    r"[a-zA-Z0-9_+.%'-]{1,12}@[a-zA-Z0-9.-]{1,12}\.(com|com\.tr|local|test|arpa|x|co-m|c0m)", fullmatch=True
)


@given(st.lists(PLAIN | st.emails() | CELLS, min_size=1, max_size=4))
@settings(max_examples=300, deadline=None)
def test_the_fast_path_gives_what_the_library_gives(texts: list[str]) -> None:
    found = emails.known_addresses(pd.Series(texts, dtype="str")).dropna()

    for row, address in found.items():
        library = validate_email(texts[row].strip(), check_deliverability=False, allow_smtputf8=False)
        assert library.normalized == address


def test_the_fast_path_knows_plain_addresses() -> None:
    texts = pd.Series(["ali@example.com", " Ali.Can@EXAMPLE.com ", "a-b_c+1@sub.example.com.tr"], dtype="str")

    assert emails.known_addresses(texts).tolist() == ["ali@example.com", "Ali.Can@example.com", texts[2]]


@given(CELLS)
@settings(max_examples=200, deadline=None)
def test_a_cleaned_address_is_its_own(text: str) -> None:
    values = cleaned(text).values.dropna()
    again = clean_column("email", SPEC, values)

    assert (again.values.tolist(), again.bad, again.notes) == (values.tolist(), {}, {})
