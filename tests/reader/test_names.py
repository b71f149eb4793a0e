"""Names and other texts: what is removed, what is told, parts of a name, transforms."""

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync.mapping import ColumnSpec, CustomFieldSpec
from sync.reader import names
from sync.reader.clean import Cleaned, clean_column
from sync.reader.findings import Finding

LETTERS = "aAiIıİşŞğĞüÜöÖçÇâ"


def cleaned(*texts: str, **options: object) -> Cleaned:
    spec = ColumnSpec.model_validate({"column": "Ad", **options})
    return clean_column("name", spec, pd.Series(texts, dtype="str"))


def value(text: str, **options: object) -> str | None:
    found = cleaned(text, **options)
    assert found.bad == {}
    return None if pd.isna(found.values[0]) else str(found.values[0])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("S\u0327u\u0308kru\u0308", "Şükrü"),
        ("Ali\u00a0Can", "Ali Can"),
        ("\ufeffAli", "Ali"),
        ("A\u00adli", "Ali"),
        ("\u202aAli\u202c", "Ali"),
        ("Ali\u200b \u200e", "Ali"),
        ("Kâmil  Öz", "Kâmil  Öz"),
        ("\u200b", None),
    ],
)
def test_what_nobody_sees_is_not_stored(text: str, shown: str | None) -> None:
    assert value(text) == shown


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("Ä°stanbul", "İstanbul"),
        ("Ã¼mit", "ümit"),
        ("Ä°lker IÅŸÄ±k", "İlker Işık"),
        ("Ã‡iÄŸdem", "Çiğdem"),
        ("Å\x9eule", "Şule"),
        ("ÄŸ", "ğ"),
        ("Ã„Â°stanbul", "İstanbul"),
        ("Ã\u00a0", "à"),
    ],
)
def test_text_that_was_read_in_the_wrong_encoding_is_shown_as_it_was(text: str, near: str) -> None:
    assert cleaned(text).bad == {0: Finding("mojibake", {"near": near})}


def test_text_that_was_read_in_the_wrong_encoding_is_known_before_it_is_transformed() -> None:
    assert cleaned("Ã¼mit", transforms=["upper"]).bad == {0: Finding("mojibake", {"near": "ümit"})}


@pytest.mark.parametrize(
    "text",
    ["SÃO", "Kâmil", "Â", "Ångström", "Müller-Lüdenscheidt", "Łódź", "Đặng", "Ğ°", "ALİ’NİN", "YEŞİLDAĞ’IN", "HÂLÂ’YI",
     "«HÂLÂ»", "Иван", "محمد"],
)  # fmt: skip
def test_text_that_is_as_it_should_be_stays(text: str) -> None:
    assert value(text) == text


@given(st.text(LETTERS + "bcd -'", min_size=1, max_size=12), st.sampled_from(["windows-1254", "windows-1252"]))
@settings(max_examples=200, deadline=None)
def test_every_turkish_text_is_known_again_after_the_wrong_encoding(text: str, codec: str) -> None:
    byte = {number: bytes([number]).decode(codec, "ignore") or chr(number) for number in range(256)}
    broken = "".join(byte[each] for each in text.encode())

    assert names.repaired(broken) == ("" if text.isascii() else text)
    assert names.repaired(text) == ""


def test_a_lost_letter_is_told() -> None:
    assert cleaned("\ufffdule").bad == {0: Finding("lost_letter")}


@pytest.mark.parametrize(
    ("text", "titled"),
    [
        ("İLKER IŞIK", "İlker Işık"),
        ("İLKER-CAN", "İlker-Can"),
        ("o'neill", "O'Neill"),
        ("D’ANGELO", "D’Angelo"),
        ("ANKARA'DA", "Ankara'da"),
        ("MEHMET ALİ", "Mehmet Ali"),
        ("mc", "Mc"),
        ("2. KAT", "2. Kat"),
        ("I\u0307LKER", "İlker"),
    ],
)
def test_a_title_follows_the_turkish_rules(text: str, titled: str) -> None:
    assert value(text, transforms=["title"]) == titled


@pytest.mark.parametrize(
    ("text", "given", "surname"),
    [
        ("Ayşe Nur  Kaya", "Ayşe Nur", "Kaya"),
        ("KAYA, Ayşe Nur", "Ayşe Nur", "KAYA"),
        ("DEMİR KAYA , Ayşe", "Ayşe", "DEMİR KAYA"),
        ("Ayşe", "Ayşe", None),
        ("Ayşe Kaya,", "Ayşe", "Kaya"),
        ("Ayşe\u00a0Kaya", "Ayşe", "Kaya"),
    ],
)
def test_a_full_name_has_two_parts(text: str, given: str, surname: str | None) -> None:
    assert (value(text, part="given"), value(text, part="surname")) == (given, surname)


def test_a_part_is_taken_before_the_transforms() -> None:
    assert value("AYŞE  NUR KAYA", part="given", transforms=["title"]) == "Ayşe Nur"


def test_transforms_come_in_their_order() -> None:
    assert (value("ALİ", transforms=["lower", "title"]), value("ALİ", transforms=["title", "lower"])) == ("Ali", "ali")


def test_an_unknown_choice_is_answered_with_the_nearest() -> None:
    spec = CustomFieldSpec(column="Durum", type="choice", choices={"Evli": "1", "Bekar": "2"})

    found = clean_column("custom:2", spec, pd.Series(["EVLİ", "bekâr", "xyz"], dtype="str"))

    assert found.values.dropna().to_dict() == {0: "1"}
    assert {row: bad.values["near"] for row, bad in found.bad.items()} == {1: "Bekar", 2: ""}


TEXTS = st.text(
    st.one_of(st.sampled_from(LETTERS + " \n\t\u00a0\u200b\u00ad\u0307\ufffd\x01ÃÄÅ¼°Ÿ"), st.characters()), max_size=10
)


@given(TEXTS)
@example("Ã\u200b¼")
@example("Ã\u00ad")
@settings(max_examples=400, deadline=None)
def test_a_column_has_what_its_cells_have_one_by_one_and_a_value_is_its_own(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()  # no halves of surrogate pairs: no file holds them
    found = cleaned(text)
    answer = names.name(text, ColumnSpec(column="Ad"))

    values = found.values.dropna()
    assert values.tolist() == ([answer] if answer and isinstance(answer, str) else [])
    assert found.bad == ({0: answer} if isinstance(answer, Finding) else {})
    assert found.notes == {}
    again = cleaned(*values)
    assert (again.values.tolist(), again.bad) == (values.tolist(), {})


@given(st.text(LETTERS + "bB -'.3", max_size=12), st.sampled_from(["squeeze", "title", "upper", "lower"]))
@settings(max_examples=200, deadline=None)
def test_a_transformed_text_is_its_own(text: str, transform: str) -> None:
    once = value(text, transforms=[transform])

    assert value(once or "", transforms=[transform]) == once


def test_the_index_stays_and_missing_stays_missing() -> None:
    texts = pd.Series(["Ali", None, "A\x01"], index=[7, 9, 4], dtype="str")

    found = clean_column("name", ColumnSpec(column="Ad"), texts)

    assert found.values.index.tolist() == [7, 9, 4]
    assert found.values.dropna().to_dict() == {7: "Ali"}
    assert found.bad == {4: Finding("control_character")}
