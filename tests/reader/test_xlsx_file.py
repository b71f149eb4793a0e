"""Workbooks as the person sees them."""

import datetime
import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest

from sync.errors import UsageError
from sync.grid import Cell, Grid, Kind
from sync.reader.xlsx_file import XlsxFile

from .making import texts, workbook_bytes


def records(content: bytes) -> Grid:
    """The rows of the first sheet."""
    file = XlsxFile("customers.xlsx", content)
    return file.read(file.sheets[0].name)


def refusal(content: bytes) -> tuple[str, dict[str, Any]]:
    with pytest.raises(UsageError) as caught:
        records(content)
    return caught.value.code, caught.value.values


def of_rows(*rows: list[Any]) -> bytes:
    def fill(book: openpyxl.Workbook) -> None:
        for row in rows:
            book.worksheets[0].append(row)

    return workbook_bytes(fill)


def shown(value: Any, number_format: str | None = None) -> str:
    """The text of a workbook's one cell."""

    def fill(book: openpyxl.Workbook) -> None:
        cell = book.worksheets[0]["A1"]
        cell.value = value
        if number_format:
            cell.number_format = number_format

    return records(workbook_bytes(fill)).row(0)[0].text


def with_part(content: bytes, name: str, change: Any) -> bytes:
    """The workbook with one of its parts rewritten."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as archive:
        for entry in source.infolist():
            part = source.read(entry)
            archive.writestr(entry, change(part) if entry.filename == name else part)
    return target.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ayşe", "Ayşe"),
        (5301112201, "5301112201"),
        (5301112201.0, "5301112201"),
        (905301112201, "905301112201"),
        (1.5, "1.5"),
        (1e-7, "0.0000001"),
        (True, "TRUE"),
        (False, "FALSE"),
        (datetime.date(2024, 9, 27), "2024-09-27"),
        (datetime.datetime(2024, 9, 27), "2024-09-27"),  # noqa: DTZ001 - a cell knows no zone
        (datetime.datetime(2024, 9, 27, 14, 30), "2024-09-27 14:30:00"),  # noqa: DTZ001
        ("#N/A", "#N/A"),
        ("007", "007"),
    ],
)
def test_a_cell_reads_as_it_is_shown(value: Any, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("number", "number_format", "text"),
    [
        (5301112201, "00000000000", "05301112201"),
        (7, "000", "007"),
        (12345, "000", "12345"),
        (7, "0", "7"),
        (7.0, "000", "007"),
    ],
)
def test_a_leading_zero_in_a_number_format_is_kept(number: float, number_format: str, text: str) -> None:
    assert shown(number, number_format) == text


@pytest.mark.parametrize("number_format", ["0000 000 00 00", '0000" "000" "00" "00', "0000\\-0000000", "00000000000;@"])
def test_a_leading_zero_is_kept_where_the_format_has_blanks_or_marks_too(number_format: str) -> None:
    assert re.sub(r"\D", "", shown(5301112201, number_format)) == "05301112201"


def test_a_number_with_leading_zeros_keeps_its_number_beside_its_text() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.worksheets[0].append([7])
        book.worksheets[0]["A1"].number_format = "000"

    assert list(records(workbook_bytes(fill)).rows()) == [[Cell("007", Kind.PADDED)]]


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#NAME?"])
def test_an_error_cell_is_no_text(error: str) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        cell = book.worksheets[0]["A1"]
        cell.value = error
        cell.data_type = "e"

    assert list(records(workbook_bytes(fill)).rows()) == [[Cell(error, Kind.ERROR)]]


def test_blank_rows_are_left_out_and_counted() -> None:
    found = records(of_rows(["Ad"], [], [None, "  "], ["Ali"], [""], ["Veli"]))

    assert (texts(found), found.numbers.tolist()) == ([["Ad", ""], ["Ali", ""], ["Veli", ""]], [1, 4, 6])


def test_rows_far_below_keep_their_number() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["B3"] = "Ad"
        book.worksheets[0]["B5000"] = "Ali"

    assert records(workbook_bytes(fill)).numbers.tolist() == [3, 5000]
    assert texts(records(workbook_bytes(fill))) == [["", "Ad"], ["", "Ali"]]


def two_sheets(state: str) -> bytes:
    def fill(book: openpyxl.Workbook) -> None:
        book.worksheets[0].title = "Ayarlar"
        book.worksheets[0].append(["gizli"])
        book.worksheets[0].sheet_state = state
        book.create_sheet("Müşteriler").append(["Ad"])

    return workbook_bytes(fill)


@pytest.mark.parametrize("state", ["hidden", "veryHidden", "visible"])
def test_sheets_are_listed_with_whether_the_person_sees_them(state: str) -> None:
    file = XlsxFile("customers.xlsx", two_sheets(state))

    assert file.sheets == (("Ayarlar", state == "visible"), ("Müşteriler", True))


@pytest.mark.parametrize(("sheet", "cells"), [("Ayarlar", [["gizli"]]), ("Müşteriler", [["Ad"]])])
def test_each_sheet_can_be_read_hidden_or_not(sheet: str, cells: list[list[str]]) -> None:
    found = XlsxFile("customers.xlsx", two_sheets("hidden")).read(sheet)

    assert (found.sheet, texts(found)) == (sheet, cells)


def test_a_sheet_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(UsageError) as caught:
        XlsxFile("customers.xlsx", two_sheets("visible")).read("Bayiler")

    assert (caught.value.code, caught.value.values) == (
        "sheet_unknown",
        {"file": "customers.xlsx", "sheet": "Bayiler", "known": "Ayarlar, Müşteriler"},
    )


@pytest.mark.parametrize("declared", ["A1", "A1:A1", "A1:B2"])
def test_a_declared_range_that_is_too_small_loses_nothing(declared: str) -> None:
    content = of_rows(["Ad", "Soyad", "Cep"], ["Ali", "Kaya", "5"], ["Veli", "Demir", "6"])
    wrong = with_part(
        content,
        "xl/worksheets/sheet1.xml",
        lambda part: re.sub(rb'<dimension ref="[^"]*"', f'<dimension ref="{declared}"'.encode(), part),
    )

    assert texts(records(wrong)) == [["Ad", "Soyad", "Cep"], ["Ali", "Kaya", "5"], ["Veli", "Demir", "6"]]


def test_a_sheet_without_any_cell_has_no_records() -> None:
    assert texts(records(of_rows())) == []


@pytest.mark.parametrize("content", [b"", b"Ad;Cep\nAli;5\n", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_told(content: bytes) -> None:
    assert refusal(content) == ("workbook_broken", {"file": "customers.xlsx"})


def test_an_archive_that_is_no_workbook_is_told() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("readme.txt", "x")

    assert refusal(target.getvalue())[0] == "workbook_broken"


def test_a_workbook_whose_sheet_is_damaged_is_told() -> None:
    damaged = with_part(of_rows(["Ad"]), "xl/worksheets/sheet1.xml", lambda part: part[: len(part) // 2])

    assert refusal(damaged)[0] == "workbook_broken"


def test_a_protected_workbook_is_told() -> None:
    protected = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")

    assert refusal(protected)[0] == "workbook_encrypted"
