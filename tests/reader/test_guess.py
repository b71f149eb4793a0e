"""What is made of headers and cells: the roles of columns, and a mapping that can be used at once."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sync import canonical, language
from sync.cli.commands.schema import mapping_schema
from sync.contact import Contact, Group
from sync.errors import MappingError
from sync.grid import Cell, Grid, Kind
from sync.mapping import ColumnSpec, Mapping
from sync.reader.guess import Guess, KnownBook, column_letters, guess_mapping
from sync.reader.guess.text import quoted
from sync.reader.mapping_file import YAML, read_mapping

SCHEMA = mapping_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
CITIES = ("İstanbul", "Ankara", "İzmir", "Bursa")


def grid(*rows: Sequence[Cell | str], **facts: Any) -> Grid:
    return Grid.of_rows(range(1, len(rows) + 1), rows, **facts)


def phone(number: int) -> str:
    return f"0500 1{number:06d}"


def table(header: Sequence[str], *columns: Sequence[str], count: int = 12) -> list[list[str]]:
    """A header, and rows that go through each column's cells over and over."""
    return [list(header), *([cells[row % len(cells)] for cells in columns] for row in range(count))]


def guessed(*rows: Sequence[Cell | str], book: KnownBook | None = None, **facts: Any) -> Guess:
    return guess_mapping(grid(*rows, **facts), file_name="customers.xlsx", job="customers", book=book)


def roles(guess: Guess) -> dict[str, str]:
    return {each.header or column_letters(each.index): each.role for each in guess.columns}


def mapping_of(text: str, folder: Path) -> Mapping:
    path = folder / "guessed.yaml"
    path.write_text(text, encoding="utf-8", newline="\n")
    return read_mapping(path).mapping


def schema_mistakes(text: str) -> list[str]:
    data = json.loads(json.dumps(YAML(typ="safe", pure=True).load(text)))
    return [error.message for error in VALIDATOR.iter_errors(data)]


def uncommented(text: str) -> str:
    """The mapping after a person has given every field an id and taken the marks away."""
    ids = iter(range(1, 1000))
    text = re.sub(r"^# custom_fields:$", "custom_fields:", text, flags=re.MULTILINE)
    return re.sub(r"^#   ID:", lambda _: f"  {next(ids)}:", text, flags=re.MULTILINE)


PHONES = [phone(number) for number in range(50)]
MAILS = [f"kisi{number}@example.com" for number in range(50)]
GIVEN = ["Ayşe", "Mehmet", "Çağla", "Işık", "Deniz"]
FULL = ["Ayşe Yılmaz", "Mehmet Ali Öz", "Çağla Ak", "Işık, Deniz"]


# Headers and cells


def test_the_usual_turkish_columns_are_known(tmp_path: Path) -> None:
    rows = table(
        ("Ad", "Soyad", "E-posta", "Cep Telefonu", "Grup"), GIVEN, ["Yılmaz", "Öz"], MAILS, PHONES, ["Bayiler"]
    )

    guess = guessed(*rows)

    assert roles(guess) == {
        "Ad": "name",
        "Soyad": "surname",
        "E-posta": "email",
        "Cep Telefonu": "gsm",
        "Grup": "groups",
    }
    mapping = mapping_of(guess.text, tmp_path)
    assert mapping.match == ("gsm", "email")
    assert (mapping.name, mapping.source.header_row, mapping.groups.column) == ("customers", 1, "Grup")
    assert schema_mistakes(guess.text) == []


@pytest.mark.parametrize(
    ("header", "cells", "role"),
    [
        ("FIRST NAME", GIVEN, "name"),
        ("İSİM", GIVEN, "name"),
        ("Müşteri Adı", GIVEN, "name"),
        ("Müşteri Adı", FULL, "full_name"),
        ("Ad-Soyad", FULL, "full_name"),
        ("ADI SOYADI", FULL, "full_name"),
        ("Üye / Müşteri", FULL, "full_name"),
        ("Isim Soyisim", FULL, "full_name"),
        ("Name", FULL, "full_name"),
        ("Ad", ["Ali Can", "Ayşe", "Mehmet Ali"], "name"),
        ("Müşteri", ["Öz Ticaret Ltd. Şti.", "Ak Holding A.Ş."], "name"),
        ("LAST NAME", GIVEN, "surname"),
        ("Soyadı *", GIVEN, "surname"),
        ("MAİL", MAILS, "email"),
        ("hiçbir şey", MAILS, "email"),
        ("Etiketler", ["Bayi", "VIP"], "groups"),
        ("Kan Grubu", ["A Rh+", "B Rh+"], "candidate"),
        ("Müşteri No", ["000012", "000013"], "candidate"),
        ("Ad", PHONES, "candidate"),
    ],
)
def test_a_header_is_read_without_case_and_punctuation(header: str, cells: list[str], role: str) -> None:
    assert roles(guessed(*table(("GSM", header), PHONES, cells)))[header] == role


@pytest.mark.parametrize("header", ["GSM", "İletişim", "", "Not", "E-posta"])
def test_a_column_of_mobiles_is_the_phone_whatever_it_is_called(header: str) -> None:
    guess = guessed(*table(("Ad", header, "Şehir"), GIVEN, PHONES, CITIES))

    assert [each.role for each in guess.columns][1] == "gsm"


def test_of_two_columns_with_mobiles_the_fuller_one_wins_and_the_other_is_told() -> None:
    rows = table(("Telefon", "Cep 2", "Yakını Tel"), PHONES, [*[""] * 9, PHONES[1]], PHONES[20:])

    guess = guessed(*rows)

    assert roles(guess) == {"Telefon": "gsm", "Cep 2": "candidate", "Yakını Tel": "candidate"}
    assert "“Cep 2” holds mobile numbers too" in guess.text
    assert "“Yakını Tel” holds mobile numbers too" in guess.text


def test_landlines_are_no_phone_column_while_there_are_mobiles() -> None:
    rows = table(("Telefon", "GSM"), ["0212 345 67 89", "0312 345 67 89"], PHONES)

    assert roles(guessed(*rows)) == {"Telefon": "candidate", "GSM": "gsm"}


def test_numbers_of_another_country_are_phones_under_a_phones_header() -> None:
    assert roles(guessed(*table(("Ad", "Phone"), GIVEN, ["+49 1512 3456789", "+49 1512 3456780"])))["Phone"] == "gsm"


def test_numbers_that_excel_has_spoiled_are_phones_under_a_phones_header_and_are_told_by_check() -> None:
    spoiled = table(["Cep Telefonu", "Bakiye"], ["5,00E+09"], ["1,20E+05"])

    assert roles(guessed(*spoiled))["Cep Telefonu"] == "gsm"


def test_a_full_name_is_split_only_without_a_column_of_surnames(tmp_path: Path) -> None:
    both = guessed(*table(("Ad Soyad", "Cep"), FULL, PHONES))
    apart = guessed(*table(("Ad", "Soyad", "Cep"), FULL, GIVEN, PHONES))

    fields = mapping_of(both.text, tmp_path).fields
    assert fields.name == ColumnSpec(column="Ad Soyad", part="given")
    assert fields.surname == ColumnSpec(column="Ad Soyad", part="surname")
    assert roles(apart) == {"Ad": "name", "Soyad": "surname", "Cep": "gsm"}


def test_further_columns_get_a_type() -> None:
    days = [Cell("2024-09-27", Kind.DATE), Cell("2023-01-02", Kind.DATE)]
    rows = table(("Cep", "Doğum", "Şehir", "Not"), PHONES, ["27.09.1984", "1 Mart 1990"], CITIES, MAILS[:0] or PHONES)
    notes = [[*row[:3], f"not {number}"] for number, row in enumerate(rows)]
    typed = [[*row, days[number % 2]] for number, row in enumerate(notes)]
    typed[0] = ["Cep", "Doğum", "Şehir", "Not", "Kayıt"]

    guess = guessed(*typed)

    assert {each.header: each.type for each in guess.columns if each.role == "candidate"} == {
        "Doğum": "date",
        "Şehir": "choice",
        "Not": "text",
        "Kayıt": "date",
    }


def test_a_choice_has_every_text_of_the_file_and_one_spelling_of_each() -> None:
    cells = [*["İstanbul"] * 2600, *["istanbul"] * 10, *["Ankara"] * 2500, "Bursa"]
    guess = guessed(*table(("Cep", "Şehir"), [phone(number) for number in range(len(cells))], cells, count=len(cells)))

    assert (
        "#   ID: {column: Şehir, type: choice, choices: {İstanbul: İstanbul, Ankara: Ankara, Bursa: Bursa}}"
        in guess.text
    )


def test_no_cell_of_a_person_is_in_the_mapping() -> None:
    rows = table(("Ad", "Soyad", "Cep", "Mail", "Not"), GIVEN, ["Yılmazer"], PHONES, MAILS, MAILS[::-1], count=40)

    text = guessed(*rows).text

    assert [cell for row in rows[1:] for cell in row if cell in text] == []


def test_texts_that_mean_nothing_are_named() -> None:
    rows = table(("Ad", "Cep", "Araç"), ["Ayşe", "-"], [*PHONES[:5], "Yok"], ["var", "yok"])
    plain = table(("Ad", "Cep"), ["Ayşe", "-"], [*PHONES[:5], "yok"])

    assert 'empty: ["-"] ' in guessed(*rows).text
    assert 'empty: ["-", yok] ' in guessed(*plain).text


# The header row


def test_titles_above_the_header_are_passed_over() -> None:
    rows = [
        ["2026 MÜŞTERİ LİSTESİ", "", "", ""],
        ["Hazırlayan:", "Ayşe Yılmaz", "", ""],
        ["Kişi", "", "İletişim", ""],
        *table(("Ad", "Soyad", "Cep", "Mail"), GIVEN, GIVEN, PHONES, MAILS),
    ]

    guess = guessed(*rows)

    assert guess.header_row == 4
    assert "header_row: 4 " in guess.text
    assert set(roles(guess).values()) == {"name", "surname", "gsm", "email"}


def test_headers_that_nobody_knows_are_found_by_the_rows_below_them() -> None:
    rows = [["Rapor", "", ""], *table(("Alpha", "Beta", "Gamma"), GIVEN, PHONES, ["12", "13"])]

    assert guessed(*rows).header_row == 2


def test_the_header_row_is_numbered_as_the_person_sees_it() -> None:
    rows = [["Liste", ""], ["", ""], ["", ""], *table(("Ad", "Cep"), GIVEN, PHONES)]

    assert guessed(*rows).header_row == 4


def test_a_file_without_headers_is_told(tmp_path: Path) -> None:
    guess = guessed(*table((*GIVEN[:1], PHONES[30], MAILS[30]), GIVEN, PHONES, MAILS), delimiter=";", encoding="utf-8")

    assert ("guess_no_header", {"row": 1}) in guess.warnings
    assert "does not look like headers" in guess.text
    mapping_of(guess.text, tmp_path)


def test_what_was_detected_stands_in_the_mapping_as_a_comment() -> None:
    text = guessed(*table(("Ad", "Cep"), GIVEN, PHONES), delimiter="\t", encoding="windows-1254").text

    assert re.search(r"^  # encoding: windows-1254 +# detected$", text, re.MULTILINE)
    assert re.search(r'^  # delimiter: "\\x09" +# detected$', text, re.MULTILINE)


def test_a_sheet_stands_in_the_mapping_when_it_was_asked_for(tmp_path: Path) -> None:
    found = grid(*table(("Ad", "Cep"), GIVEN, PHONES), sheet="Yes: #1")

    named = guess_mapping(found, file_name="a.xlsx", job="a", named_sheet=True)
    first = guess_mapping(found, file_name="a.xlsx", job="a")

    assert mapping_of(named.text, tmp_path).source.sheet == "Yes: #1"
    assert mapping_of(first.text, tmp_path).source.sheet is None


# What cannot be used, or is hard to name


def test_without_a_key_the_mapping_says_that_it_cannot_be_used(tmp_path: Path) -> None:
    guess = guessed(*table(("Ad", "Şehir"), GIVEN, CITIES))

    assert (False, [("guess_no_keys", {})]) == (guess.has_key, list(guess.warnings))
    assert "NOT USABLE YET" in guess.text
    with pytest.raises(MappingError) as caught:
        mapping_of(guess.text, tmp_path)
    assert [problem.code for problem in caught.value.problems] == ["mapping_no_keys"]


def test_without_any_known_column_the_mapping_is_still_yaml(tmp_path: Path) -> None:
    with pytest.raises(MappingError) as caught:
        mapping_of(guessed(*table(("Foo", "Bar"), ["1"], ["2"])).text, tmp_path)

    assert [problem.code for problem in caught.value.problems] == ["mapping_no_fields"]


def test_a_header_alone_is_enough(tmp_path: Path) -> None:
    guess = guessed(("Ad", "Cep Telefonu", "Mail"))

    assert ["name", "gsm", "email"] == [each.role for each in guess.columns]
    assert ("guess_no_rows", {}) in guess.warnings
    mapping_of(guess.text, tmp_path)


def test_columns_with_the_same_header_or_none_go_by_their_place(tmp_path: Path) -> None:
    guess = guessed(*table(("Bilgi", "bilgi ", ""), GIVEN, PHONES, MAILS))

    fields = mapping_of(guess.text, tmp_path).fields
    assert (fields.gsm and fields.gsm.position, fields.email and fields.email.position) == ("B", "C")
    assert "several columns are called “bilgi”" in guess.text


def test_groups_without_a_header_of_their_own_are_left_out(tmp_path: Path) -> None:
    guess = guessed(*table(("Cep", "Grup", "Grup"), PHONES, ["Bayiler"], ["VIP"]))

    assert mapping_of(guess.text, tmp_path).groups.column is None


def test_in_a_csv_cells_beyond_the_header_are_no_column() -> None:
    rows = [["Ad", "Cep"], *([name, PHONES[number], "shifted"] for number, name in enumerate(GIVEN))]

    assert len(guessed(*rows, delimiter=";").columns) == 2
    assert len(guessed(*rows, sheet="Sayfa1").columns) == 3


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_a_columns_letters_are_excels(index: int, letters: str) -> None:
    assert letters == column_letters(index)
    assert index == ColumnSpec(position=letters).index


ODD_TEXTS = (
    "yes", "No", "on", "~", "null", "0532", "1.5", "a: b", "a #b", "#a", "- a", "? a", "'", '"', '\\"', "\\", "a\nb",
    "{a}", "[a", "a, b", "&a", "*a", "!a", "%a", "@a", "`a", "|", ">", "", " ", "\u2028", "\x85", "\x07", "😀", "<<",
    "Ad", "ad", " AD ", "Grup", "grup", "ID", "e1", "0x1", "1:30", "2024-01-01", "=", "é", "e\u0301", "\ufeff", "...",
)  # fmt: skip
ODD = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), st.sampled_from(ODD_TEXTS))


@given(text=ODD)
def test_a_quoted_text_comes_back_within_brackets_too(text: str) -> None:
    written = quoted(text)

    assert (
        YAML(typ="safe", pure=True).load(f"a: {written}\nb: {{c: {written}, {written}: 1}} # x\n")
        == {
            "a": text,
            "b": {"c": text, text: 1} if text != "c" else {"c": 1},
        }
        or text == "c"
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(headers=st.lists(ODD, max_size=6), name=ODD, job=ODD.filter(bool), csv=st.booleans(), data=st.data())
def test_any_headers_give_a_mapping_that_finds_its_columns_again(
    tmp_path: Path, headers: list[str], name: str, job: str, data: st.DataObject, *, csv: bool
) -> None:
    place = data.draw(st.integers(0, len(headers)))
    headers = [*headers[:place], "Cep", *headers[place:]]
    cells = [[data.draw(ODD) if each != place else PHONES[row] for each in range(len(headers))] for row in range(4)]
    rows = [headers, *cells]
    found = grid(*rows, **({"delimiter": ";", "encoding": "utf-8"} if csv else {"sheet": name or "Sayfa1"}))

    guess = guess_mapping(found, file_name=name, job=job, named_sheet=not csv)
    text = guess.text
    assume(guess.header_row == 1)  # odd cells may look more like headers than odd headers do

    for written in (text, uncommented(text)):
        mapping = mapping_of(written, tmp_path)
        assert schema_mistakes(written) == []
        assert mapping.name == job
        header_at = list(found.numbers).index(mapping.source.header_row)
        header = [canonical.label(cell.text) for cell in found.row(header_at)]
        for spec in mapping.columns.values():
            if spec.column is not None:
                assert header.count(canonical.label(spec.column)) == 1
            else:
                assert spec.index is not None
                assert spec.index < len(found.columns)
        if mapping.groups.column is not None:
            assert header.count(canonical.label(mapping.groups.column)) == 1
    assert [each.index for each in guess.columns if each.role == "gsm"] == [place]


# With the book


def book_of(rows: Sequence[Sequence[str]], **fields: Sequence[str]) -> KnownBook:
    """Contacts with the rows' phones, and custom fields such as f3."""
    contacts = tuple(
        Contact(
            id=number,
            gsm=f"+90{canonical.bare_phone(row[0])[-10:]}",
            custom_fields={int(name[1:]): texts[number % len(texts)] for name, texts in fields.items()},
        )
        for number, row in enumerate(rows)
    )
    groups = (Group(7, "Müşteriler"), Group(9, "Bayiler", children=(Group(10, "Ankara"),)))
    return KnownBook(groups, contacts)


def test_a_custom_field_is_recognised_by_the_contacts_of_the_rows(tmp_path: Path) -> None:
    rows = table(
        ("Cep", "Bülten", "SMS", "Doğum"),
        PHONES,
        ["Evet", "Hayır"],
        ["Evet", "Evet", "Evet", "Hayır"],
        ["27.09.1984", "1.3.1990"],
    )
    book = book_of(
        rows[1:], f4=["EVET", "EVET", "EVET", "HAYIR"], f5=["Evet", "Hayır"], f6=["27/09/1984", "01/03/1990"], f8=["x"]
    )

    guess = guessed(*rows, book=book)

    assert roles(guess) == {"Cep": "gsm", "Bülten": "custom:5", "SMS": "custom:4", "Doğum": "custom:6"}
    custom = mapping_of(guess.text, tmp_path).custom_fields
    assert {4: {"Evet": "EVET", "Hayır": "HAYIR"}, 5: {}, 6: {}} == {
        key: dict(it.choices) for key, it in custom.items()
    }
    assert (custom[6].type, custom[6].output) == ("date", "%d/%m/%Y")
    assert {8: ("x",)} == guess.field_samples
    assert "#   8, filled in 12 of the contacts" in guess.text


def test_without_common_contacts_the_values_decide(tmp_path: Path) -> None:
    rows = table(("Cep", "Şehir", "Kod"), PHONES, ["İstanbul", "Ankara", "İzmir"], ["A1", "B2", "C3"], count=30)
    book = book_of([[phone(900 + number)] for number in range(9)], f1=["ANKARA", "izmir", "İstanbul", "Van"])

    guess = guessed(*rows, book=book)

    assert roles(guess) == {"Cep": "gsm", "Şehir": "custom:1", "Kod": "candidate"}
    mapping_of(guess.text, tmp_path)


def test_two_fields_that_fit_equally_well_are_left_to_the_person() -> None:
    rows = table(("Cep", "Şehir"), PHONES, CITIES)
    book = book_of(rows[1:], f1=CITIES, f2=CITIES)

    guess = guessed(*rows, book=book)

    assert roles(guess)["Şehir"] == "candidate"
    assert "its cells may be those of one of these fields: 1, 2" in guess.text


def test_two_columns_that_fit_one_field_are_left_to_the_person() -> None:
    rows = table(("Cep", "Ev Şehri", "İş Şehri"), PHONES, CITIES, CITIES)

    assert roles(guessed(*rows, book=book_of(rows[1:], f1=CITIES)))["Ev Şehri"] == "candidate"


def test_a_books_own_format_of_dates_is_kept(tmp_path: Path) -> None:
    rows = table(("Cep", "Doğum"), PHONES, ["27.09.1984", "1.3.1990"])
    book = book_of(rows[1:], f6=["1984-09-27", "1990-03-01"])

    assert mapping_of(guessed(*rows, book=book).text, tmp_path).custom_fields[6].output == "%Y-%m-%d"


def test_groups_that_the_account_lacks_are_listed() -> None:
    rows = table(("Cep", "Grup"), PHONES, ["bayiler; Bayiler/Ankara", "Yazlıkçılar, 7"])

    text = guessed(*rows, book=book_of(rows[1:])).text

    assert "#   Yazlıkçılar\n" in text
    assert "#   bayiler" not in text
    assert "#   7" not in text


def test_no_value_of_the_book_is_in_the_mapping() -> None:
    rows = table(("Cep", "Not"), PHONES, GIVEN)

    assert "gizli" not in guessed(*rows, book=book_of(rows[1:], f6=["gizli", "çok gizli"])).text


# In Turkish


def _turkish_and_english(rows: Sequence[Sequence[Cell | str]], **facts: Any) -> tuple[str, str]:
    english = guessed(*rows, **facts).text
    language.speak("tr")
    try:
        return guessed(*rows, **facts).text, english
    finally:
        language.speak("en")


CITY_ROWS = table(("Cep", "Şehir", "Grup"), PHONES, CITIES, ["Yazlıkçılar", "7"])
IN_BOTH: dict[str, tuple[Sequence[Sequence[Cell | str]], dict[str, Any]]] = {
    "usual": (table(("Müşteri No", "Ad", "Cep", "Grup"), ["007", "0008"], GIVEN, PHONES, ["A", "B"]), {"sheet": "x"}),
    "full name": (table(("Ad Soyad", "E-posta", "Mail 2"), FULL, MAILS, MAILS[3:]), {"delimiter": ";"}),
    "doubled": (table(("Tel", "Tel", ""), PHONES, PHONES[20:], ["27.09.1984"]), {"encoding": "utf-8"}),
    "no headers": (table((GIVEN[0], PHONES[30], MAILS[30]), GIVEN, PHONES, MAILS), {}),
    "no keys": (table(("Ad", "Bilgi"), GIVEN, ["-", "a", "b"]), {}),
    "keys alone": (table(("Cep",), PHONES), {}),
    "book": (CITY_ROWS, {"book": True}),
}


@pytest.mark.parametrize("name", IN_BOTH)
def test_in_turkish_every_comment_is_turkish_and_the_mapping_says_the_same(name: str) -> None:
    rows, facts = IN_BOTH[name]
    if facts.get("book"):
        facts = {"book": book_of(CITY_ROWS[1:], f1=CITIES, f2=CITIES, f8=["x"])}

    turkish, english = _turkish_and_english(rows, **facts)

    comments = [line.partition("# ")[2] for line in turkish.splitlines() if "# " in line][1:]
    words = set(re.findall(r"[a-z]+", " ".join(comments).lower()))
    found = words & {
        "the",
        "what",
        "which",
        "with",
        "is",
        "are",
        "not",
        "of",
        "to",
        "from",
        "row",
        "rows",
        "this",
        "it",
    }
    assert len(comments) > 5
    assert found == set(), turkish
    assert YAML(typ="safe", pure=True).load(turkish) == YAML(typ="safe", pure=True).load(english)
