"""Workbooks as the person sees them."""

import datetime
import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest

from sync.errors import UsageError
from sync.reader.csv_file import Records
from sync.reader.xlsx_file import read_xlsx, text_of
from sync.sheet import ErrorCell, PaddedNumber

from .making import workbook_bytes


def records(content: bytes, sheet: str | None = None) -> Records:
    return read_xlsx("customers.xlsx", content, sheet=sheet)


def refusal(content: bytes, sheet: str | None = None) -> tuple[str, dict[str, Any]]:
    with pytest.raises(UsageError) as caught:
        records(content, sheet)
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

    return text_of(records(workbook_bytes(fill)).cells[0][0])


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

    assert records(workbook_bytes(fill)).cells == [[PaddedNumber(7, 3)]]


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#NAME?"])
def test_an_error_cell_is_no_text(error: str) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        cell = book.worksheets[0]["A1"]
        cell.value = error
        cell.data_type = "e"

    assert records(workbook_bytes(fill)).cells == [[ErrorCell(error)]]


def test_blank_rows_are_left_out_and_counted() -> None:
    found = records(of_rows(["Ad"], [], [None, "  "], ["Ali"], [""], ["Veli"]))

    assert (found.cells, found.numbers) == ([["Ad"], ["Ali"], ["Veli"]], [1, 4, 6])


def test_rows_far_below_keep_their_number() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["B3"] = "Ad"
        book.worksheets[0]["B5000"] = "Ali"

    assert records(workbook_bytes(fill)).numbers == [3, 5000]
    assert records(workbook_bytes(fill)).cells == [[None, "Ad"], [None, "Ali"]]


def two_sheets(state: str) -> bytes:
    def fill(book: openpyxl.Workbook) -> None:
        book.worksheets[0].title = "Ayarlar"
        book.worksheets[0].append(["gizli"])
        book.worksheets[0].sheet_state = state
        book.create_sheet("Müşteriler").append(["Ad"])

    return workbook_bytes(fill)


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_the_first_visible_sheet_is_read(state: str) -> None:
    found = records(two_sheets(state))

    assert (found.sheet, found.cells) == ("Müşteriler", [["Ad"]])


def test_the_first_of_several_visible_sheets_is_read() -> None:
    assert records(two_sheets("visible")).sheet == "Ayarlar"


@pytest.mark.parametrize("sheet", ["Ayarlar", "Müşteriler"])
def test_a_named_sheet_is_read_hidden_or_not(sheet: str) -> None:
    assert records(two_sheets("hidden"), sheet).sheet == sheet


def test_a_sheet_that_is_not_there_is_told_with_those_that_are() -> None:
    assert refusal(two_sheets("visible"), "Bayiler") == (
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

    assert records(wrong).cells == [["Ad", "Soyad", "Cep"], ["Ali", "Kaya", "5"], ["Veli", "Demir", "6"]]


def test_a_sheet_without_any_cell_has_no_records() -> None:
    assert records(of_rows()).cells == []


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
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))[0] == "workbook_encrypted"
