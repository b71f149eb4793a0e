"""`imsync init` and `imsync schema`, as a person starts them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sync.errors import UsageError
from sync.reader import initial_mapping

from .conftest import Desk, contact, people, small_book

HEADER = ("Üye / Müşteri", "Cep Tel", "Mail", "Doğum Tarihi", "Şehir", "Grup")


def members(count: int) -> list[list[str]]:
    """Rows of an export: a full name in one cell, no surnames."""
    cities = ("İstanbul", "Ankara", "İzmir")
    return [
        [f"{name} {surname}", phone, mail, f"{1 + number % 28:02d}.05.1984", cities[number % 3], group]
        for number, (name, surname, mail, phone, _, group) in enumerate(people(count))
    ]


def test_a_guessed_mapping_can_be_checked_at_once(desk: Desk) -> None:
    desk.sheet(members(30), "uyeler listesi.csv", HEADER)

    made = desk.run("init", "uyeler listesi.csv", "-o", "uyeler.yaml")
    checked = desk.run("check", "uyeler listesi.csv", "-m", "uyeler.yaml", "--json")

    assert (0, "") == (made.code, made.err)
    assert 'imsync check "uyeler listesi.csv" -m uyeler.yaml' in made.out
    for header, meaning in (("Üye / Müşteri", "name and surname"), ("Cep Tel", "phone number"), ("Grup", "groups")):
        assert any(line.split("  ")[1:] and header in line and meaning in line for line in made.out.splitlines()), (
            header
        )
    assert (0, 30) == (checked.code, checked.summary["outcomes"]["pending"]), checked.err
    assert (desk.folder / "uyeler.yaml").read_text("utf-8").startswith("# yaml-language-server: $schema=imsync.schema")
    assert json.loads((desk.folder / "imsync.schema.json").read_text("utf-8"))["$id"] == "urn:imsync:mapping:1"
    assert [path.name for path in desk.folder.iterdir() if path.name.endswith(".tmp")] == []
    assert desk.calls("get-groups") == 0


def test_a_dash_stands_for_standard_output(desk: Desk) -> None:
    desk.sheet(members(3), header=HEADER)

    made = desk.run("init", "sheet.csv", "-o", "-")

    assert (0, desk.run("init", "sheet.csv").out) == (made.code, made.out)
    assert "fields:" in made.out
    assert not (desk.folder / "-").exists()
    assert not (desk.folder / "imsync.schema.json").exists()


def test_a_mapping_that_is_there_is_left_as_it_is_unless_told(desk: Desk) -> None:
    desk.sheet(members(3), header=HEADER)
    desk.write("imsync.schema.json", '{"$id": "somebody else"}')
    before = (desk.folder / "mapping.yaml").read_text("utf-8")

    refused = desk.run("init", "sheet.csv", "-o", "mapping.yaml")

    assert (2, "") == (refused.code, refused.out)
    assert "mapping.yaml exists" in refused.err
    assert "--force" in refused.err
    assert before == (desk.folder / "mapping.yaml").read_text("utf-8")

    forced = desk.run("init", "sheet.csv", "-o", "mapping.yaml", "--force", "--json", "--job", "Gece: işi")

    assert 0 == forced.code, forced.err
    assert forced.summary["mapping"] == (desk.folder / "mapping.yaml").read_text("utf-8")
    assert 'name: "Gece: işi"' in forced.summary["mapping"]
    assert (None, "mapping.yaml") == (forced.summary["schema"], forced.summary["path"])
    assert "imsync schema -o FILE" in forced.summary["mapping"]
    assert '{"$id": "somebody else"}' == (desk.folder / "imsync.schema.json").read_text("utf-8")
    assert ["full_name", "gsm", "email", "candidate", "candidate", "groups"] == [
        each["taken_for"] for each in forced.summary["columns"]
    ]


def test_the_sheet_with_the_phones_is_found_and_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["Yapılacaklar", "Kim"])
    book.worksheets[0].append(["Liste gönderilecek", "Ayşe"])
    page = book.create_sheet("Üyeler 2026")
    for row in [("2026 üye listesi",), (), ("Ad", "Cep"), *((name, phone) for name, _, _, phone, *_ in people(9))]:
        page.append(row)
    book.save(tmp_path / "kitap.xlsx")

    grid, guess = initial_mapping(tmp_path / "kitap.xlsx", sheet=None, job=None, book=None)

    assert ("Üyeler 2026", 3, True) == (grid.sheet, guess.header_row, guess.has_key)
    assert "  sheet: Üyeler 2026 " in guess.text
    with pytest.raises(UsageError, match="sheet_unknown"):
        initial_mapping(tmp_path / "kitap.xlsx", sheet="Uyeler", job=None, book=None)


def test_without_a_file_to_write_the_mapping_is_all_that_is_printed(desk: Desk) -> None:
    desk.sheet([["Ayşe", "İzmir"], ["Işık", "Van"]], header=("Ad", "Şehir"))

    made = desk.run("init", "sheet.csv")

    assert 3 == made.code  # it says plainly why the mapping cannot be used
    assert "no column was found that holds mobile numbers" in made.err
    assert made.out.startswith("# yaml-language-server: ")
    assert "NOT USABLE YET" in made.out
    assert {"mapping.yaml", "sheet.csv"} == {path.name for path in desk.folder.iterdir()}


def test_with_the_book_custom_fields_get_their_real_ids(desk_with: Callable[..., Desk]) -> None:
    rows = members(12)
    desk = desk_with(book_of_members(rows))
    desk.sheet(rows, header=HEADER)

    made = desk.run("init", "sheet.csv", "--from-book", "-o", "new.yaml", "--rate", "2000")
    text = (desk.folder / "new.yaml").read_text("utf-8")

    assert 0 == made.code, made.err
    assert "  1: {column: Doğum Tarihi, type: date}" in text
    assert "  2: Şehir " in text
    assert "#   3, filled in 12 of the contacts" in text
    assert "elle yazılmış" not in text
    assert "elle yazılmış" in made.out
    assert 0 == desk.calls("add-contact", "edit-contact", "delete-contact")
    assert not (desk.folder / "reports").exists()


def book_of_members(rows: list[list[str]]) -> dict[str, Any]:
    """The small book, with these people in a group and three custom fields."""
    book = small_book()
    book["custom_fields"] = [1, 2, 3]
    book["contacts"] += [
        contact(
            1000 + number,
            *row[0].split(),
            row[2],
            f"+90{row[1].replace(' ', '')[1:]}",
            {"1": row[3].replace(".", "/"), "2": row[4], "3": "elle yazılmış"},
            [7],
        )
        for number, row in enumerate(rows)
    ]
    return book


def test_without_credentials_the_book_is_not_looked_at(desk: Desk) -> None:
    desk.sheet(members(3), header=HEADER)

    made = desk.run("init", "sheet.csv", "--from-book", "-o", "new.yaml", ILETIMERKEZI_API_KEY="")

    assert (2, "") == (made.code, made.out)
    assert "no credentials" in made.err
    assert not (desk.folder / "new.yaml").exists()


def test_the_schema_is_printed_or_written(desk: Desk) -> None:
    printed = desk.run("schema")
    written = desk.run("schema", "-o", "missing/schema.json")

    assert 0 == printed.code, printed.err
    assert "https://json-schema.org/draft/2020-12/schema" == printed.summary["$schema"]
    assert (2, "") == (written.code, written.out)
    assert "missing/schema.json cannot be written" in written.err
