"""Cells with more than a phone number in them, and what is said of them."""

import pandas as pd
import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync import canonical
from sync.mapping import PhoneColumn
from sync.reader import phones
from sync.reader.clean import Cleaned, clean_column
from sync.reader.findings import Finding, Used

CELL = "+905301112201"
MOBILE = PhoneColumn(column="Cep")
MOBILE_TYPES = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def cleaned(texts: list[str], spec: PhoneColumn = MOBILE) -> Cleaned:
    return clean_column("gsm", spec, pd.Series(texts, dtype="str"))


def finding(text: str) -> Finding | None:
    return cleaned([text]).bad.get(0)


def value_and_note(text: str, spec: PhoneColumn = MOBILE) -> tuple[str, str, str]:
    """The value of a cell, and of its note the code and what is left."""
    found = cleaned([text], spec)
    assert found.bad == {}
    note = found.notes.get(0)
    return (str(found.values[0]), note.code, note.values["left"]) if note else (str(found.values[0]), "", "")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("0530 111 22 01 dahili 12", "dahili 12"),
        ("05301112201 dah. 12", "dah. 12"),
        ("05301112201 DAHİLİ: 12", "DAHİLİ: 12"),
        ("0530 111 22 01 (dahili 12)", "(dahili 12)"),
        ("0530 111 22 01 / 12", "12"),
        ("05301112201 ext 5", "ext 5"),
        ("05301112201x12", "x12"),
        ("05301112201#12", "#12"),
        ("05301112201,,12", "12"),
    ],
)
def test_a_mobiles_extension_is_left_out_and_said(text: str, left: str) -> None:
    assert value_and_note(text) == (CELL, "phone_extension", left)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("0530 111 22 01 (eşi)", "eşi"),
        ("(annesi) 0530 111 22 01", "annesi"),
        ("0530 111 22 01 eşi", "eşi"),
        ("05301112201eşi", "eşi"),
        ("GSM: 0530 111 22 01", "GSM"),
        ("Cep:05301112201", "Cep"),
        ("Anne Adı 0530 111 22 01 (iş)", "Anne Adı, iş"),
    ],
)
def test_a_remark_beside_a_number_is_left_out_and_said(text: str, left: str) -> None:
    assert value_and_note(text) == (CELL, "phone_remark", left)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("05301112201,05301112202", "05301112202"),
        ("05301112201;05301112202", "05301112202"),
        ("05301112201 | 05301112202", "05301112202"),
        ("0530 111 22 01\n0530 111 22 02", "0530 111 22 02"),
        ("0530 111 22 01 / 0530 111 22 02", "0530 111 22 02"),
        ("0530/1112201 / 0530/1112202", "0530/1112202"),
        ("0530 111 22 01 - 0530 111 22 02", "0530 111 22 02"),
        ("0530-111-22-01-0530-111-22-02", "0530-111-22-02"),
        ("0530 111 22 01 ve 0530 111 22 02", "0530 111 22 02"),
        ("0530 111 22 01 veya 0530 111 22 02", "0530 111 22 02"),
        ("05301112201 05301112202", "05301112202"),
        ("0530 111 22 01 0530 111 22 02", "0530 111 22 02"),
        ("+905301112201+905301112202", "+905301112202"),
        ("0530 111 22 01 0530 111 22 02 0530 111 22 03", "0530 111 22 02, 0530 111 22 03"),
        ("0212 345 67 89 / 0530 111 22 01", "0212 345 67 89"),
        ("ev 0212 345 67 89 cep 0530 111 22 01", "0212 345 67 89, ev, cep"),
        ("05301112201, 0530 111 22", "0530 111 22"),
    ],
)
def test_of_several_numbers_the_first_mobile_is_used_and_the_others_are_said(text: str, left: str) -> None:
    assert value_and_note(text) == (CELL, "phone_several", left)


@pytest.mark.parametrize(
    "text", ["05301112201 / 0530 111 22 01", "Tel: 0530 111 22 01", "tel:05301112201", "TEL 0530 111 22 01"]
)
def test_nothing_is_said_where_nothing_is_left_out(text: str) -> None:
    assert value_and_note(text) == (CELL, "", "")


def test_where_any_kind_is_accepted_a_mobile_still_comes_first() -> None:
    spec = PhoneColumn(column="Telefon", kind="any")

    assert [value_and_note(text, spec)[0] for text in ("0212 345 67 89, 05301112201", "0212 345 67 89 dahili 4")] == [
        CELL,
        "+902123456789",
    ]


@pytest.mark.parametrize("text", ["0212 345 67 89, 0212 345 67 80", "0212 345 67 89-90", "0212 345 67 89 dahili 12"])
def test_a_cell_without_a_mobile_is_rejected_however_many_numbers_it_holds(text: str) -> None:
    assert finding(text) == Finding("phone_not_mobile")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("O530 111 22 01", "O"),
        ("O 530 111 22 01", "O"),
        ("053O 111 22 01", "O"),
        ("0530 111 22 0l", "l"),
        ("0530 111 22 O1 (eşi)", "O"),
        ("0530a1112201", "a"),
    ],
)
def test_a_letter_among_the_digits_is_named_and_never_read(text: str, letter: str) -> None:
    assert finding(text) == Finding("phone_letter", {"letter": letter})


def test_a_foreign_number_without_its_plus_is_shown_with_it() -> None:
    assert finding("994501234567") == Finding("phone_invalid", {"near": "+994501234567"})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0530 111 22 01 0530 111 22", "phone_invalid"),
        ("0530 111 22 01 23 45", "phone_too_long"),
        ("ali5301112201@example.com", "phone_invalid"),
        ("05301112201 = 2", "phone_invalid"),
        ("0530 abc 111 22 01", "phone_invalid"),
        ("0530 111 22 01 (12.05.2024)", "phone_invalid"),
        ("0530 111 22 01 " * 100, "phone_invalid"),
    ],
)
def test_what_can_be_read_in_no_way_or_in_several_is_rejected(text: str, code: str) -> None:
    found = finding(text)

    assert found is not None
    assert found.code == code


def test_a_cell_of_invisible_marks_is_an_empty_cell() -> None:
    found = cleaned(["\u200b\ufeff "])

    assert (found.values.isna().tolist(), found.bad, found.notes) == ([True], {}, {})


PIECES = st.sampled_from(
    ["0530 111 22 01", "5301112202", "+90", "0090", "0212 345 67 89", "+4915123456789", "994501234567", "12", "0", ".0",
     "O", "eşi", "dahili 12", "x5", "#5", "tel:", "ve", "GSM", "(", ")", "@", "\u200b", "\u00a0", "\u0665", "\uff0b"]
)  # fmt: skip
GAPS = st.sampled_from(["", " ", "/", " / ", "-", " - ", ",", ";", "\n", ".", "|", "+", "'"])
CELLS = st.lists(st.tuples(PIECES, GAPS), min_size=1, max_size=5).map(
    lambda pairs: "".join(piece + gap for piece, gap in pairs)
)


@given(st.one_of(CELLS, st.text("0059+5301234 ()-./,\u00a0٥xO\n", max_size=18)))
@example("530111220.0")
@settings(max_examples=300, deadline=None)
def test_the_fast_path_gives_what_the_slow_path_gives(text: str) -> None:
    fast = canonical.turkish_mobiles(pd.Series([text], dtype="str"))[0]

    assert fast is None or pd.isna(fast) or phones.phone(text, MOBILE) == fast


@given(CELLS)
@settings(max_examples=300, deadline=None)
def test_a_number_that_the_library_accepts_is_the_one_that_is_used(text: str) -> None:
    try:
        number = phonenumbers.parse(text, "TR")
    except phonenumbers.NumberParseException:
        return
    if phonenumbers.number_type(number) not in MOBILE_TYPES or number.extension:
        return

    answer = phones.phone(text, MOBILE)

    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    has_letters = any(letter.isalpha() or letter == "@" for letter in text)  # the library reads some, and we do not
    assert has_letters or answer == e164 or isinstance(answer, Used)


@given(st.lists(st.one_of(CELLS, st.text(max_size=8)), min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
def test_every_cell_has_a_value_or_is_bad_or_holds_nothing_and_a_value_is_its_own(texts: list[str]) -> None:
    found = cleaned(texts)

    values = found.values.dropna()
    rest = set(range(len(texts))) - set(values.index) - set(found.bad)
    assert set(values.index).isdisjoint(found.bad)
    assert set(found.notes) <= set(values.index)
    assert [texts[row] for row in rest if canonical.visible(texts[row]).strip().strip("'’\"").strip()] == []
    again = clean_column("gsm", MOBILE, values)
    assert again.values.to_dict() == values.to_dict()
    assert (again.bad, again.notes) == ({}, {})


def test_the_fast_path_reads_a_long_column_with_missing_cells_in_its_own_order() -> None:
    texts = pd.Series([None, "0530 111 22 01", "yok", "\u00a0+905301112202", ""] * 30_000, dtype="str")[7:]

    found = canonical.turkish_mobiles(texts)

    assert found.index.equals(texts.index)
    assert found.dropna().value_counts().to_dict() == {CELL: 29_998, "+905301112202": 29_999}
    assert {label % 5 for label in found.dropna().index} == {1, 3}
