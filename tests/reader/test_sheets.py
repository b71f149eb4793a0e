"""Files and a mapping in, one Sheet out."""

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from sync.errors import MappingError
from sync.grid import Cell, Kind
from sync.sheet import Unused

from .making import GSM, column, csv_file, issues, mapping_file, places, read, refused, workbook, workbook_bytes

MAPPING = """version: 1
fields:
  name: Ad
  gsm: Cep Telefonu
"""
PHONE = "+905301112201"


@pytest.mark.parametrize(
    "header", ["Cep Telefonu", "CEP TELEFONU", " cep  telefonu ", '"Cep\nTelefonu"', "Cep\u00a0Telefonu"]
)
def test_a_header_is_found_without_regard_to_case_blanks_and_line_breaks(tmp_path: Path, header: str) -> None:
    sheet = read(tmp_path, MAPPING, csv_file(tmp_path, f"Ad;{header}\nAli;05301112201\n"))

    assert column(sheet, "gsm") == [PHONE]


def test_headers_are_compared_by_the_turkish_rules(tmp_path: Path) -> None:
    text = "version: 1\nfields:\n  name: İsim\n  surname: IŞIK\n  gsm: Cep\n"

    sheet = read(tmp_path, text, csv_file(tmp_path, "isim;ışık;CEP\nAli;Kaya;05301112201\n"))

    assert (column(sheet, "name"), column(sheet, "surname")) == (["Ali"], ["Kaya"])


@pytest.mark.parametrize("position", ["C", "c", 3])
def test_a_doubled_header_is_placed_by_position(tmp_path: Path, position: str | int) -> None:
    text = f"version: 1\nfields:\n  gsm: {{position: {position}}}\n"

    sheet = read(tmp_path, text, csv_file(tmp_path, "Ad;Cep;Cep\nAli;x;05301112201\n"))

    assert column(sheet, "gsm") == [PHONE]


@pytest.mark.parametrize("name", ["customers.csv", "customers.xlsx"])
def test_a_missing_header_is_placed_by_position(tmp_path: Path, name: str) -> None:
    text = "version: 1\nfields:\n  name: Ad\n  gsm: {position: C}\n"
    path = (
        csv_file(tmp_path, "Ad;Soyad;\nAli;Kaya;05301112201\n")
        if name.endswith("csv")
        else workbook(tmp_path, [["Ad", "Soyad"], ["Ali", "Kaya", "05301112201"]])
    )

    sheet = read(tmp_path, text, path)

    assert (column(sheet, "gsm"), issues(sheet)) == ([PHONE], [])


def missing(folder: Path, mapping: str, *paths: Path) -> MappingError:
    with pytest.raises(MappingError) as caught:
        read(folder, mapping, *paths)
    return caught.value


def test_every_missing_column_is_told_at_once_with_its_place_in_the_mapping(tmp_path: Path) -> None:
    text = """version: 1
fields:
  name: Ad
  surname: {column: Soyad}
  gsm: {position: Z}
custom_fields:
  1: Şehir
groups:
  column: Grup
"""
    error = missing(tmp_path, text, csv_file(tmp_path, "Isim;Sehir;Sehir;Grup;Grup\nAli;a;b;c;d\n"))

    assert sorted(places(error.problems)) == [
        (3, 9, "column_unknown"),
        (4, 21, "column_unknown"),
        (5, 19, "column_beyond"),
        (7, 6, "column_unknown"),
        (9, 11, "column_doubled"),
    ]


def test_a_missing_column_is_told_the_nearest_header_and_all(tmp_path: Path) -> None:
    error = missing(tmp_path, MAPPING, csv_file(tmp_path, "Ad;Cep Telefon\nAli;5\n"))

    assert [problem.values["near"] for problem in error.problems] == ["Cep Telefon"]
    assert error.problems[0].values["known"] == "Ad, Cep Telefon"


def test_a_doubled_column_is_told_with_its_places(tmp_path: Path) -> None:
    error = missing(tmp_path, MAPPING, csv_file(tmp_path, "CEP TELEFONU;Ad;Cep Telefonu\n5;Ali;6\n"))

    assert [(problem.code, problem.values["places"]) for problem in error.problems] == [("column_doubled", "1, 3")]


def test_columns_missing_in_several_files_are_told_at_once(tmp_path: Path) -> None:
    one = csv_file(tmp_path, "Ad\nAli\n", "one.csv")
    two = csv_file(tmp_path, "Cep Telefonu\n5\n", "two.csv")

    error = missing(tmp_path, MAPPING, one, two)

    assert [(problem.values["file"], problem.values["header"]) for problem in error.problems] == [
        (str(one), "Cep Telefonu"),
        (str(two), "Ad"),
    ]


def test_rows_of_several_files_keep_their_file_sheet_and_row(tmp_path: Path) -> None:
    one = csv_file(tmp_path, "Ad;Cep Telefonu\nAli;05301112201\n\nVeli;05301112202\n")
    two = workbook(tmp_path, [["Cep Telefonu", "Ad"], [5301112203, "Ayşe"]], sheet="Bayiler")

    sheet = read(tmp_path, MAPPING, one, two)

    assert [(found.name, found.kind, found.sheet) for found in sheet.inputs] == [
        ("customers.csv", "csv", ""),
        ("customers.xlsx", "xlsx", "Bayiler"),
    ]
    assert sheet.table[["input", "row", "cells"]].to_numpy().tolist() == [[0, 2, 0], [0, 4, 1], [1, 2, 0]]
    assert column(sheet, "name") == ["Ali", "Veli", "Ayşe"]
    assert list(sheet.cells()) == [
        [Cell("Ali"), Cell("05301112201")],
        [Cell("Veli"), Cell("05301112202")],
        [Cell("5301112203", Kind.NUMBER), Cell("Ayşe")],
    ]


def test_an_issue_in_a_later_file_points_at_its_row_of_the_whole_sheet(tmp_path: Path) -> None:
    one = csv_file(tmp_path, "Ad;Cep Telefonu\nAli;05301112201\nVeli;05301112202\n", "one.csv")
    two = csv_file(tmp_path, "Ad;Cep Telefonu\nAyşe;yok\n", "two.csv")

    sheet = read(tmp_path, MAPPING, one, two)

    assert issues(sheet) == [(2, "Cep Telefonu", "yok", "phone_invalid")]


def test_a_file_with_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    assert len(read(tmp_path, MAPPING, csv_file(tmp_path, "Ad;Cep Telefonu\n"))) == 0


def test_a_file_with_a_header_alone_may_stand_beside_one_with_rows(tmp_path: Path) -> None:
    one = csv_file(tmp_path, "Ad;Cep Telefonu\n", "one.csv")
    two = csv_file(tmp_path, "Ad;Cep Telefonu\nAli;05301112201\n", "two.csv")

    sheet = read(tmp_path, MAPPING, one, two)

    assert sheet.table[["input", "row", "cells"]].to_numpy().tolist() == [[1, 2, 0]]


def test_texts_that_mean_an_empty_cell_are_empty(tmp_path: Path) -> None:
    text = MAPPING + 'source: {empty: ["-", yok]}\n'

    sheet = read(tmp_path, text, csv_file(tmp_path, "Ad;Cep Telefonu\n - ;05301112201\nYOK;-\nyoktur;05301112202\n"))

    assert (column(sheet, "name"), column(sheet, "gsm")) == ([None, None, "yoktur"], [PHONE, None, "+905301112202"])


def test_a_row_that_is_too_short_lacks_its_last_cells(tmp_path: Path) -> None:
    sheet = read(tmp_path, MAPPING, csv_file(tmp_path, "Ad;Cep Telefonu\nAli\n"))

    assert (column(sheet, "gsm"), issues(sheet)) == ([None], [])


def test_a_row_that_is_too_long_is_an_issue(tmp_path: Path) -> None:
    sheet = read(tmp_path, MAPPING, csv_file(tmp_path, "Ad;Cep Telefonu\nAli;05301112201;x\nVeli;05301112202;;\n"))

    assert issues(sheet) == [(0, "", "", "row_too_long")]


def test_a_constant_stands_in_every_row(tmp_path: Path) -> None:
    text = MAPPING + "custom_fields: {3: {value: import-2026}}\n"

    sheet = read(tmp_path, text, csv_file(tmp_path, "Ad;Cep Telefonu\nAli;05301112201\nVeli;5\n"))

    assert column(sheet, "custom:3") == ["import-2026", "import-2026"]


def test_the_header_row_can_be_named(tmp_path: Path) -> None:
    text = MAPPING + "source: {header_row: 3}\n"
    rows = [["Müşteri listesi"], [], ["Ad", "Cep Telefonu"], ["Ali", "05301112201"]]

    sheet = read(tmp_path, text, workbook(tmp_path, rows))

    assert (sheet.inputs[0].header_row, sheet.table["row"].tolist(), column(sheet, "gsm")) == (3, [4], [PHONE])


def test_the_header_row_is_detected_below_a_title(tmp_path: Path) -> None:
    # "source: everything here is detected when left out"
    rows = [["Müşteri listesi"], [], ["Ad", "Cep Telefonu"], ["Ali", "05301112201"]]

    sheet = read(tmp_path, MAPPING, workbook(tmp_path, rows))

    assert (sheet.inputs[0].header_row, column(sheet, "gsm")) == (3, [PHONE])


def test_a_header_row_that_is_blank_is_told(tmp_path: Path) -> None:
    text = MAPPING + "source: {header_row: 2}\n"

    assert refused(tmp_path, text, csv_file(tmp_path, "Ad;Cep Telefonu\n\nAli;5\n"))[0] == "header_row_missing"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("customers.csv", b"", "file_empty"),
        ("customers.csv", b"\n ; \n", "file_empty"),
        ("customers.csv", b"PK\x03\x04rest", "file_cut_off"),
        ("customers.ods", b"PK\x03\x04", "file_cut_off"),
        ("customers.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "workbook_broken"),
        ("customers.csv.gz", b"\x1f\x8b", "file_damaged"),
        ("customers.pdf", b"%PDF-1.7", "file_is_no_sheet"),
        ("customers.xls", b"<html><body><table><tr><td>Ad</td></tr></table>", "file_is_web_page"),
        ("customers.xls", b"\xef\xbb\xbf \n<!DOCTYPE HTML>", "file_is_web_page"),
        ("customers.csv", b"Ad;Cep\nAli;\x00\n", "file_is_binary"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_its_path(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = csv_file(tmp_path, content, name)

    found, values = refused(tmp_path, MAPPING, path)

    assert (found, values["file"]) == (code, str(path))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path, MAPPING, tmp_path / "missing.csv")[0] == "file_unreadable"


@pytest.mark.parametrize("name", ["CUSTOMERS.CSV", "customers.tsv", "customers.txt", "customers", "customers.xls"])
def test_the_ending_of_a_text_file_may_vary(tmp_path: Path, name: str) -> None:
    assert len(read(tmp_path, MAPPING, csv_file(tmp_path, "Ad\tCep Telefonu\nAli\t05301112201\n", name))) == 1


def test_an_error_cell_is_an_issue_and_no_value(tmp_path: Path) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        page = book.worksheets[0]
        page.append(["Ad", "Cep Telefonu"])
        page.append(["x", "05301112201"])
        page["A2"].value, page["A2"].data_type = "#N/A", "e"

    path = tmp_path / "customers.xlsx"
    path.write_bytes(workbook_bytes(fill))

    sheet = read(tmp_path, MAPPING, path)

    assert issues(sheet) == [(0, "Ad", "#N/A", "error_cell")]


FULL = """version: 1
fields:
  id: No
  name: {column: Ad, transforms: [title]}
  email: E-posta
  gsm: Cep
custom_fields:
  1: {column: Doğum, type: date}
  2: {column: Şehir, type: choice, choices: {ist: İstanbul}}
  3: {value: import}
groups: {column: Grup}
source: {empty: [yok]}
"""
HEADER = ["No", "Ad", "E-posta", "Cep", "Doğum", "Şehir", "Grup"]
TYPED: list[list[Any]] = [
    [1001, "ALİ IŞIK", "Ali@example.com", 5301112201, datetime.date(1984, 9, 27), "İST", "VIP; Bayiler"],
    [None, "yok", None, "0530 111 22 02", "27 Eylül 1984", None, None],
    [1002.0, " Ayşe ", "bozuk", "bozuk", "31.04.2024", "ank", "VIP"],
]
WRITTEN = [
    ["1001", "ALİ IŞIK", "Ali@example.com", "5301112201", "1984-09-27", "İST", "VIP; Bayiler"],
    ["", "yok", "", "0530 111 22 02", "27 Eylül 1984", "", ""],
    ["1002", " Ayşe ", "bozuk", "bozuk", "31.04.2024", "ank", "VIP"],
]


def test_the_same_table_is_the_same_sheet_from_a_workbook_and_from_a_csv(tmp_path: Path) -> None:
    one = read(tmp_path, FULL, workbook(tmp_path, [HEADER, *TYPED]))
    lines = "\n".join("|".join(row) for row in [HEADER, *WRITTEN])
    other = read(tmp_path, FULL, csv_file(tmp_path, lines))

    pd.testing.assert_frame_equal(one.table, other.table)
    assert issues(one) == issues(other)


def test_a_table_is_read_as_it_is_meant(tmp_path: Path) -> None:
    sheet = read(tmp_path, FULL, workbook(tmp_path, [HEADER, *TYPED]))

    assert {name: column(sheet, name) for name in sheet.table.columns if name not in ("input", "row", "cells")} == {
        "name": ["Ali Işık", None, "Ayşe"],
        "email": ["Ali@example.com", None, None],
        "gsm": [PHONE, "+905301112202", None],
        "custom:1": ["27/09/1984", "27/09/1984", None],
        "custom:2": ["İstanbul", None, None],
        "custom:3": ["import", "import", "import"],
        "id": ["1001", None, "1002"],
        "groups": ["VIP\nBayiler", None, "VIP"],
    }
    assert {(row, header, code) for row, header, _, code in issues(sheet)} == {
        (2, "E-posta", "email_invalid"),
        (2, "Cep", "phone_invalid"),
        (2, "Doğum", "date_impossible"),
        (2, "Şehir", "choice_unknown"),
    }


def test_the_mapping_file_knows_where_each_part_of_it_stands(tmp_path: Path) -> None:
    found = mapping_file(tmp_path, FULL)

    problem = found.problem(("custom_fields", 2, "choices"), "choice_unknown")

    assert (problem.line, problem.column) == (9, 45)


def test_a_formula_whose_result_the_file_does_not_hold_is_an_issue_and_not_a_blank(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Ad", "Cep Telefonu"])  # type: ignore[union-attr]
    book.active.append(["Ali", '="0530"&"1112201"'])  # type: ignore[union-attr]
    book.active.append(["Veli", "05301112202"])  # type: ignore[union-attr]
    path = tmp_path / "formulas.xlsx"
    book.save(path)  # openpyxl stores formulas without results, as many exporters do

    sheet = read(tmp_path, MAPPING, path)

    assert [(issue.code, issue.row, issue.column) for issue in sheet.issues] == [
        ("formula_without_value", 0, "Cep Telefonu")
    ]
    assert column(sheet, "gsm") == [None, "+905301112202"]


def test_where_no_header_fits_the_likely_header_is_named_and_not_the_title(tmp_path: Path) -> None:
    text = "Üye Listesi;;\n;;\nAd Soyad;Cep Tel;E-posta\nAli Kaya;0500 111 22 01;a@example.com\n"

    with pytest.raises(MappingError) as caught:
        read(tmp_path, "version: 1\nfields: {name: Adı, gsm: Cep Telefonu}\n", csv_file(tmp_path, text))

    assert ["Ad Soyad, Cep Tel, E-posta"] * 2 == [problem.values["known"] for problem in caught.value.problems]


def test_columns_that_the_mapping_does_not_name_are_told(tmp_path: Path) -> None:
    sheet = read(tmp_path, GSM, csv_file(tmp_path, "Ad;Cep;;Cep Tel 2\nAli;0500 111 22 01;x;y\n"))

    assert ((Unused("Ad"), Unused("Cep Tel 2")),) == sheet.unused


def test_headers_that_stand_several_times_are_told_once_with_the_letters_of_their_columns(tmp_path: Path) -> None:
    text = "Not;Cep;Ad;NOT ;Ad;Not\nx;0500 111 22 01;Ali;y;Veli;z\n"
    mapping = "version: 1\nfields: {gsm: Cep, name: {position: C}}\n"

    sheet = read(tmp_path, mapping, csv_file(tmp_path, text))

    assert ((Unused("Not", ("A", "D", "F")), Unused("Ad", ("E",))),) == sheet.unused


def test_a_number_below_zero_is_no_phone_number(tmp_path: Path) -> None:
    sheet = read(tmp_path, GSM, workbook(tmp_path, [["Cep"], [-5001112201], [5001112202]]))

    assert [(0, "Cep", "-5001112201", "phone_invalid")] == issues(sheet)
    assert [None, "+905001112202"] == column(sheet, "gsm")
