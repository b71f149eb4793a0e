"""Canonical forms: two texts that mean the same have the same one."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import canonical

# Letters, blanks and marks that people's texts hold, the troublesome among them.
TEXTS = st.text(st.sampled_from("aAiIıİçÇşŞğö.,@- \t\n\u00a0\u200b\u0307\u0327\x0b\x1f190+5xn"), max_size=12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ISPARTA", "ısparta"),
        ("İZMİR", "izmir"),
        ("i\u0307zmir", "izmir"),
        ("ÇĞÖŞÜ", "çğöşü"),
        ("", ""),
    ],
)
def test_lower_case_follows_the_turkish_rules(text: str, expected: str) -> None:
    assert canonical.turkish_lower(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("izmir", "İZMİR"), ("ısparta", "ISPARTA"), ("şule", "ŞULE")])
def test_upper_case_follows_the_turkish_rules(text: str, expected: str) -> None:
    assert canonical.turkish_upper(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("İLKER IŞIK", "İlker Işık"),
        ("ilker ışık", "İlker Işık"),
        ("ayşe-nur öz", "Ayşe-Nur Öz"),
        ("ankara'da", "Ankara'da"),
        ("ankara’da", "Ankara’da"),
    ],
)
def test_title_case_follows_the_turkish_rules(text: str, expected: str) -> None:
    assert canonical.turkish_title(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("  Ali \t Can\n", "Ali Can"), ("Ali\u00a0Can", "Ali Can"), ("S\u0327ule", "Şule"), (" \u00a0 ", "")],
)
def test_squeezed_text_has_single_blanks_and_composed_letters(text: str, expected: str) -> None:
    assert canonical.squeezed(text) == expected


@pytest.mark.parametrize("header", ["CEP TELEFONU", " cep  telefonu ", "Cep\nTelefonu", "Cep\u00a0Telefonu"])
def test_a_label_does_not_count_case_and_blanks(header: str) -> None:
    assert canonical.label(header) == canonical.label("Cep Telefonu")


def test_a_label_keeps_the_two_turkish_letters_i_apart() -> None:
    assert canonical.label("SIRA") != canonical.label("Sira")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("27.09.2024", "2024-09-27"),
        ("27/09/2024", "2024-09-27"),
        ("27-9-2024", "2024-09-27"),
        ("7.9.2024", "2024-09-07"),
        ("27 . 09 . 2024", "2024-09-27"),
        ("2024-09-27", "2024-09-27"),
        ("2024-09-27 00:00:00", "2024-09-27"),
        ("2024-09-27T00:00", "2024-09-27"),
        ("27 Eylül 2024", "2024-09-27"),
        ("27 EYLÜL 2024", "2024-09-27"),
        ("1 KASIM 2024", "2024-11-01"),
        ("1. Ağustos 2024", "2024-08-01"),
        ("27\u00a0Eylül\u00a02024", "2024-09-27"),
        (" 29.02.2024 ", "2024-02-29"),
    ],
)
def test_a_date_is_read_in_every_documented_form(text: str, expected: str) -> None:
    assert canonical.date(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "29.02.2023", "31.04.2024", "32.01.2024", "09/27/2024", "27 Septembre 2024", "27.09.24", "0", "45562",
     "00.00.0000", "2024-09-27 14:30:00", "2024", "27.09.2024 x"],
)  # fmt: skip
def test_what_is_no_date_has_no_date(text: str) -> None:
    assert canonical.date(text) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0530 111 22 01", "+905301112201"),
        ("+90 530 111 22 01", "+905301112201"),
        ("+49 1512 3456789", "+4915123456789"),
        ("yok gibi", "yokgibi"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_the_key_of_a_phone_is_e164_where_it_is_one(text: str, expected: str) -> None:
    assert canonical.of_key("gsm", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Ali@Example.COM ", "ali@example.com"),
        ("ALI@EXAMPLE.COM", "ali@example.com"),
        ("İLETİSİM@example.com", "iletisim@example.com"),
        ("ali@xn--mnchen-3ya.example", "ali@münchen.example"),
        ("ali@xn--\u00e7", "ali@xn--\u00e7"),
        ("kein zeichen", "keinzeichen"),
    ],
)
def test_the_key_of_an_email_is_small_and_in_unicode(text: str, expected: str) -> None:
    assert canonical.of_key("email", text) == expected


def test_the_key_of_any_other_field_is_squeezed() -> None:
    assert canonical.of_key("custom:3", "  M \u00a0 7 ") == "M 7"


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("gsm", "0530 111 22 01", "+905301112201"),
        ("email", "Ali@Example.com", "ali@example.com"),
        ("name", "Ali  Can ", "Ali Can"),
        ("custom:1", "27/09/2024", "27 Eylül 2024"),
    ],
)
def test_two_forms_of_one_value_are_the_same(field: str, one: str, other: str) -> None:
    assert canonical.same(field, one, other)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("gsm", "+905301112201", "+905301112202"),
        ("gsm", "", "+905301112202"),
        ("email", "ali@example.com", "ali@example.org"),
        ("name", "Ali", "ali"),
        ("name", "27/09/2024", "27.09.2024"),
        ("custom:1", "27/09/2024", "28/09/2024"),
        ("custom:1", "yok", "bilinmiyor"),
    ],
)
def test_two_values_are_not_the_same(field: str, one: str, other: str) -> None:
    assert not canonical.same(field, one, other)


@pytest.mark.parametrize("key", ["gsm", "email", "custom:3"])
@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_a_column_has_the_forms_that_its_texts_have_one_by_one(key: str, texts: list[str]) -> None:
    column = canonical.key_column(key, pd.Series(texts, dtype="str"))

    assert [None if pd.isna(form) else form for form in column] == [
        canonical.of_key(key, text) or None for text in texts
    ]


NEARLY_STORED = st.from_regex(r"[+0]?905[0-9]{8,9}[0-9x ٣]", fullmatch=True)


@given(texts=st.lists(NEARLY_STORED, min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_a_number_that_looks_stored_has_the_form_that_the_library_gives_it(texts: list[str]) -> None:
    column = canonical.gsm_column(pd.Series(texts, dtype="str"))

    assert column.tolist() == [canonical.gsm(text) for text in texts]


BLANKS = st.lists(st.sampled_from(["ali", " ", "@", "ş", "\u00a0", "xn--", "A", ""]), max_size=5).map("".join)


@pytest.mark.parametrize("key", ["email", "custom:3"])
@given(texts=st.lists(st.none() | BLANKS, min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_a_column_of_plain_and_odd_texts_has_the_forms_of_its_texts(key: str, texts: list[str | None]) -> None:
    column = canonical.key_column(key, pd.Series(texts, dtype="str"))

    assert [None if pd.isna(form) else form for form in column] == [
        canonical.of_key(key, text or "") or None for text in texts
    ]


@pytest.mark.parametrize("key", ["email", "custom:3"])
@given(text=TEXTS.map(lambda text: text.replace("\u0307", "")))
@settings(max_examples=150, deadline=None)
def test_a_canonical_form_is_its_own_canonical_form(key: str, text: str) -> None:
    form = canonical.of_key(key, text)

    assert canonical.of_key(key, form) == form


def test_a_missing_text_has_no_canonical_form() -> None:
    texts = pd.Series([None, "x"], dtype="str")

    assert [canonical.key_column(key, texts).isna().tolist() for key in ("gsm", "email", "custom:3")] == [
        [True, False]
    ] * 3
