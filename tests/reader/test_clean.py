"""Columns cleaned: phones, e-mails, dates, choices, groups, texts, transforms."""

from typing import Any

import email_validator
import pandas as pd
import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync import canonical
from sync.mapping import ColumnSpec, CustomFieldSpec, PhoneColumn
from sync.reader.clean import clean_column, clean_groups

CELL = "+905301112201"


def cleaned(name: str, spec: ColumnSpec, text: str) -> str:
    """The value of one cell; the code in brackets where it is bad; nothing where it is empty."""
    found = clean_column(name, spec, pd.Series([text], dtype="str"))
    if found.bad:
        assert pd.isna(found.values.iloc[0])
        return f"[{found.bad[0].code}]"
    return "" if pd.isna(found.values.iloc[0]) else str(found.values.iloc[0])


def phone(text: str, **options: Any) -> str:
    return cleaned("gsm", PhoneColumn(column="Cep", **options), text)


def email(text: str) -> str:
    return cleaned("email", ColumnSpec(column="E-posta"), text)


def date(text: str, **options: Any) -> str:
    return cleaned("custom:1", CustomFieldSpec(column="Doğum", type="date", **options), text)


# Phones


@pytest.mark.parametrize(
    "text",
    [
        "+905301112201", "905301112201", "00905301112201", "05301112201", "5301112201", "0530 111 22 01",
        "530 111 22 01", "(0530) 111 22 01", "0 (530) 111 22 01", "+90 (530) 111-22-01", "0530-111-22-01",
        "0530.111.22.01", "0530/1112201", "+90 0530 111 22 01", "+90 (0) 530 111 22 01", " 0530 111 22 01\n",
        "0530\u00a0111\u00a022\u00a001", "0530\u202f111\u202f22\u202f01", "0530\u2007111 22 01",
        "\u202a+905301112201\u202c", "\u200e0530 111 22 01", "0530\u200b1112201", "\ufeff05301112201",
        "0530\u00ad1112201", "0530\u2013111\u201322\u201301", "0530\u2011111\u201122\u201101", "5301112201.0",
        "5301112201,0", "'05301112201", "Tel: 0530 111 22 01", "٠٥٣٠١١١٢٢٠١", "0530\u061c1112201", "0530\u20631112201",
    ],
)  # fmt: skip
def test_a_turkish_mobile_is_read_in_every_spelling(text: str) -> None:
    assert phone(text) == CELL


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0532", "[phone_too_short]"),
        ("5", "[phone_invalid]"),
        ("0530 111 22 01 23 45", "[phone_too_long]"),
        ("yok", "[phone_invalid]"),
        ("5,05057E+09", "[phone_lost_digits]"),
        ("5.05057E+09", "[phone_lost_digits]"),
        ("9,05057e+11", "[phone_lost_digits]"),
        ("5E+09", "[phone_lost_digits]"),
        ("0312 111 22 01", "[phone_not_mobile]"),
        ("0850 111 22 01", "[phone_not_mobile]"),
        ("444 1 234", "[phone_not_mobile]"),
        ("0590 111 22 01", "[phone_invalid]"),
    ],
)
def test_what_is_no_mobile_is_rejected_with_the_reason(text: str, found: str) -> None:
    assert phone(text) == found


@pytest.mark.parametrize("text", ["0530 ALI VELI", "0530 111 KAYA", "0530 111 2 ABC", "1-800-FLOWERS"])
def test_letters_are_not_read_as_the_digits_of_a_telephone_keypad(text: str) -> None:
    assert phone(text).startswith("[phone_")


def test_a_landline_is_accepted_where_any_kind_is() -> None:
    assert phone("0312 111 22 01", kind="any") == "+903121112201"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+49 1512 3456789", "+4915123456789"),
        ("0044 7400 123456", "+447400123456"),
        ("+49 30 123456", "[phone_not_mobile]"),
    ],
)
def test_a_foreign_number_with_its_country_code_is_read(text: str, found: str) -> None:
    assert phone(text) == found


@pytest.mark.parametrize("mark", ["\u00a0", "\u202f", "\u2007", "\u200b", "\u200e", "\u00ad", "\ufeff"])
def test_blanks_and_marks_that_a_turkish_mobile_may_hold_any_other_number_may_hold_too(mark: str) -> None:
    found = [phone(f"0312{mark}111{mark}22 01", kind="any"), phone(f"+49{mark}1512{mark}3456789")]

    assert found == ["+903121112201", "+4915123456789"]


def test_a_number_without_a_country_code_belongs_to_the_region() -> None:
    assert (phone("01512 3456789", region="DE"), phone("+90 530 111 22 01", region="DE")) == ("+4915123456789", CELL)


@st.composite
def mobiles(draw: st.DrawFn) -> str:
    """A Turkish mobile number in some spelling."""
    national = draw(st.from_regex(r"5[0-9]{9}", fullmatch=True))
    gaps = st.sampled_from(["", " ", "-", ".", "\u00a0", "\u202f", " - ", "/", "(", ") "])
    prefix = draw(st.sampled_from(["", "0", "90", "+90", "0090"]))
    first, second, third, fourth = (draw(gaps) for _ in range(4))
    return f"{prefix}{first}{national[:3]}{second}{national[3:6]}{third}{national[6:8]}{fourth}{national[8:]}"


def by_the_library(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text.replace("\u202f", " "), "TR")  # a blank that the library does not know
    except phonenumbers.NumberParseException:
        return None
    mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    is_one = phonenumbers.is_valid_number_for_region(number, "TR") and mobile
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if is_one else None


def by_the_fast_path(texts: list[str]) -> list[str | None]:
    return [None if pd.isna(found) else found for found in canonical.turkish_mobiles(pd.Series(texts, dtype="str"))]


@given(st.lists(mobiles(), min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_the_fast_path_gives_spellings_of_turkish_mobiles_what_the_library_gives(texts: list[str]) -> None:
    assert by_the_fast_path(texts) == [by_the_library(text) for text in texts]


@given(st.lists(st.text("0059+5301234 ()-./\u00a0٥x\n", min_size=8, max_size=16), min_size=1, max_size=5))
@example(["5٣٠١١١٢٢٠١", "5301112201\n", "+ 90 5301112201", "+(90)5301112201", ")5301112201(", "0 0905301112201"])
@example(["500000000٥"])
@example(["+0905301112201", "++905301112201", "90+5301112201", "00 90 530 111 22 01", "0-0-9-0-5301112201"])
@settings(max_examples=200, deadline=None)
def test_the_fast_path_accepts_nothing_that_the_library_rejects(texts: list[str]) -> None:
    found = by_the_fast_path(texts)

    assert [
        (text, fast) for text, fast in zip(texts, found, strict=True) if fast not in (None, by_the_library(text))
    ] == []


# E-mails


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ali@example.com", "ali@example.com"),
        ("  ali@example.com\n", "ali@example.com"),
        ("ali.veli+x@mail.example.com", "ali.veli+x@mail.example.com"),
        ("ali@example.com\u200b", "ali@example.com"),
        ("ali@şirket.com.tr", "ali@şirket.com.tr"),
        ("ali@ŞİRKET.com.tr", "ali@şirket.com.tr"),
        ("ali@xn--irket-idb.com.tr", "ali@şirket.com.tr"),
    ],
)
def test_an_email_is_read(text: str, found: str) -> None:
    assert email(text) == found


def test_capital_letters_in_an_email_are_no_mistake_and_no_other_key() -> None:
    assert canonical.email(email("ALI@EXAMPLE.COM")) == "ali@example.com"


@pytest.mark.parametrize(
    "text",
    ["ali", "ali@", "@example.com", "ali@example", "ali@@example.com", "ali veli@example.com", "ali@exam ple.com",
     "ali..veli@example.com", ".ali@example.com", "ali.@example.com", "ali@-example.com", "ali@example-.com",
     "ali@example..com", "şule@example.com", "ali@1.2.3.4"],
)  # fmt: skip
def test_what_is_no_email_is_rejected(text: str) -> None:
    assert email(text) == "[email_invalid]"


LABEL = st.text("abZİşx0-_", min_size=1, max_size=4)


@given(
    local=st.lists(st.text("aZ09_+-%.ş", min_size=1, max_size=4), min_size=1, max_size=3).map(".".join),
    domain=st.lists(LABEL, min_size=1, max_size=3).map(".".join),
    ending=st.sampled_from(
        [".com", ".com.tr", ".test", ".local", ".localhost", ".invalid", ".arpa", ".onion", ".c", ""]
    ),
)
@example(local="ali", domain="foo", ending=".local")
@example(local="ali", domain="foo", ending=".invalid")
@settings(max_examples=250, deadline=None)
def test_an_email_is_accepted_exactly_where_the_library_accepts_it(local: str, domain: str, ending: str) -> None:
    text = f"{local}@{domain}{ending}"
    try:
        checked = email_validator.validate_email(text, check_deliverability=False, allow_smtputf8=False)
        wanted = canonical.email(checked.normalized)
    except email_validator.EmailNotValidError:
        wanted = "[email_invalid]"

    found = email(text)

    assert (found if found.startswith("[") else canonical.email(found)) == wanted


# Dates


@pytest.mark.parametrize(
    "text",
    ["27.09.2024", "27/09/2024", "27-09-2024", "2024-09-27", "27 Eylül 2024", "27 EYLÜL 2024", "27 eyl 2024",
     "2024-09-27 00:00:00", " 27.9.2024 "],
)  # fmt: skip
def test_a_date_is_read_in_every_documented_form(text: str) -> None:
    assert date(text) == "27/09/2024"


@pytest.mark.parametrize("text", ["yok", "2024", "27.09", "12 Mart", "45562", "27 Septembre 2024", "01.01.0024"])
def test_what_is_no_date_is_rejected(text: str) -> None:
    assert date(text) == "[date_invalid]"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("27.09.2024", "27/09/2024"),
        ("2024-09-27", "27/09/2024"),  # a workbook's own dates
        ("27/09/2024", "[date_invalid]"),
        ("27 Eylül 2024", "[date_invalid]"),
        ("31.04.2024", "[date_invalid]"),
    ],
)
def test_input_narrows_what_is_read(text: str, found: str) -> None:
    assert date(text, input=["%d.%m.%Y"]) == found


def test_input_can_read_the_month_first() -> None:
    assert date("09/27/2024", input=["%m/%d/%Y"]) == "27/09/2024"


def test_output_is_the_form_in_which_a_date_is_stored() -> None:
    assert date("27.09.2024", output="%Y-%m-%d") == "2024-09-27"


# Choices, ids, texts


@pytest.mark.parametrize(
    ("text", "found"), [("ist", "İstanbul"), ("İST", "İstanbul"), (" ist ", "İstanbul"), ("ank", "[choice_unknown]")]
)
def test_a_choice_is_found_without_regard_to_case_and_blanks(text: str, found: str) -> None:
    spec = CustomFieldSpec(column="Şehir", type="choice", choices={"ist": "İstanbul"})

    assert cleaned("custom:2", spec, text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("12", "12"), (" 12 ", "12"), ("0", "[id_invalid]"), ("1.5", "[id_invalid]"), ("a", "[id_invalid]")],
)
def test_an_id_is_a_whole_number(text: str, found: str) -> None:
    assert cleaned("id", ColumnSpec(column="No"), text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("  Ali  ", "Ali"),
        ("S\u0327ule", "Şule"),
        ("iki\nsatır", "iki\nsatır"),
        ("=1+1", "=1+1"),
        ("a\x01b", "[control_character]"),
        ("a\x7fb", "[control_character]"),
        ("a\x0bb", "[control_character]"),
    ],
)
def test_a_text_is_kept_but_for_blanks_at_its_ends(text: str, found: str) -> None:
    assert cleaned("name", ColumnSpec(column="Ad"), text) == found


@pytest.mark.parametrize(
    ("transforms", "text", "found"),
    [
        (["title"], "İLKER IŞIK", "İlker Işık"),
        (["upper"], "ilker ışık", "İLKER IŞIK"),
        (["lower"], "İLKER IŞIK", "ilker ışık"),
        (["squeeze"], "Ali   Can", "Ali Can"),
        (["squeeze", "title"], "  ALİ   CAN ", "Ali Can"),
    ],
)
def test_transforms_follow_the_turkish_rules_in_their_order(transforms: list[str], text: str, found: str) -> None:
    assert cleaned("name", ColumnSpec(column="Ad", transforms=transforms), text) == found


@pytest.mark.parametrize(
    ("separator", "text", "found"),
    [
        (None, "VIP", "VIP"),
        (None, "VIP; Bayiler ,Müşteriler|X", "VIP\nBayiler\nMüşteriler\nX"),
        (None, "VIP;; ;", "VIP"),
        (";", "VIP, eski; Bayiler", "VIP, eski\nBayiler"),
        (" / ", "VIP / Bayiler/Ankara", "VIP\nBayiler/Ankara"),
        (".", "a.b", "a\nb"),
    ],
)
def test_a_group_cell_holds_several_groups(separator: str | None, text: str, found: str) -> None:
    assert clean_groups(pd.Series([text], dtype="str"), separator).tolist() == [found]


@pytest.mark.parametrize("text", [";", " , ", "|;"])
def test_a_group_cell_of_separators_alone_is_an_empty_cell(text: str) -> None:
    assert clean_groups(pd.Series([text], dtype="str"), None).isna().tolist() == [True]


def test_bad_cells_are_told_by_their_row_and_the_others_keep_their_values() -> None:
    texts = pd.Series(["05301112201", None, "yok", "0530 111 22 01"], index=[5, 6, 7, 8], dtype="str")

    found = clean_column("gsm", PhoneColumn(column="Cep"), texts)

    assert {row: bad.code for row, bad in found.bad.items()} == {7: "phone_invalid"}
    assert found.values.dropna().to_dict() == {5: CELL, 8: CELL}
