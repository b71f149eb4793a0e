"""Old .xls workbooks."""

import datetime
import re
import struct
from typing import Any

import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.grid import Cell, Kind, Merged
from sync.reader.workbook_file import SheetInfo
from sync.reader.xls_file import XlsFile
from tests.writers import Error, Padded, Percent, expected_rows, write_xls

from .workbooks import flipped, one_cell, refusal, rows, survives, truncated

MOMENT = datetime.datetime(2024, 9, 27, 13, 30, 5)  # noqa: DTZ001 - a cell knows no zone
TABLE = [
    [None, "Müşteri", "Cep"],
    [],
    [" x ", "İğ\nüş", 5001112233, True, False],
    [1.5, -2, 12345678901, datetime.date(2024, 9, 27), MOMENT],
    [datetime.time(13, 30), datetime.timedelta(hours=25, minutes=3), Padded(5001112233, 11), Percent(0.125)],
    [Error("#N/A"), Error("#REF!"), "   ", "#N/A", "007"],
    ["  "],
]
SMALL = write_xls({"Sayfa1": [["Ad", "Cep"], ["Ayşe", Padded(5001112233, 11)]]})


def biff(number: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", number, len(data)) + data


def excel_5(text: str, *, code_page: int | None = 1254, password: bool = False) -> bytes:
    """A workbook of Excel 5: bytes in a code page, and no compound file around it."""
    letters = text.encode("cp1254")
    head = biff(0x0809, struct.pack("<HHHH", 0x0500, 5, 0, 1994))
    if password:
        head += biff(0x002F, struct.pack("<HH", 1, 2))
    if code_page:
        head += biff(0x0042, struct.pack("<H", code_page))
    name = "Çalışma".encode("cp1254")
    bound = len(head) + 4 + 6 + 1 + len(name) + 4
    head += biff(0x0085, struct.pack("<IBB", bound, 0, 0) + bytes([len(name)]) + name) + biff(0x000A)
    sheet = biff(0x0809, struct.pack("<HHHH", 0x0500, 0x10, 0, 1994))
    sheet += biff(0x0204, struct.pack("<HHHH", 0, 0, 0, len(letters)) + letters)
    return head + sheet + biff(0x000A)


def changed(change: Any, *values: list[Any]) -> bytes:
    return write_xls({"A": list(values)}, change=change)


def test_a_table_reads_as_it_was_written() -> None:
    assert expected_rows(TABLE) == rows(XlsFile("a", write_xls({"Sayfa1": TABLE})).read("Sayfa1"))


def test_a_sheet_can_be_read_again() -> None:
    file = XlsFile("a", SMALL)
    assert rows(file.read("Sayfa1")) == rows(file.read("Sayfa1"))


def test_sheets_come_in_order_with_their_visibility() -> None:
    def hide(book: xlwt.Workbook) -> None:
        book.get_sheet(1).visibility = 1
        book.get_sheet(2).visibility = 2

    content = write_xls({"Bir": [["x"]], "İki": [], "Üç": []}, change=hide)
    assert (SheetInfo("Bir", True), SheetInfo("İki", False), SheetInfo("Üç", False)) == XlsFile("a", content).sheets


def test_a_sheet_that_is_not_there_is_told() -> None:
    assert refusal(XlsFile, SMALL, "Başka") == "sheet_unknown"


def test_what_is_hidden_and_merged_is_told() -> None:
    def change(book: xlwt.Workbook) -> None:
        page = book.get_sheet(0)
        page.row(1).hidden = True
        page.col(1).hidden = True
        page.merge(0, 1, 0, 1)

    grid = XlsFile("a", changed(change, ["a", None, "c"], [None, None, "f"], ["g"])).read("A")
    assert frozenset({2}) == grid.hidden_rows
    assert not grid.filtered
    assert frozenset({1}) == grid.hidden_columns
    assert (Merged(1, 2, 0, 1),) == grid.merged


def test_a_filter_is_told() -> None:
    def change(book: xlwt.Workbook) -> None:
        book.get_sheet(0).row(1).hidden = True

    content = changed(change, ["a"], ["b"])
    calc_mode = content.index(biff(0x000D, b"\1\0"))  # a record before the cells that nobody needs
    content = content[:calc_mode] + biff(0x009B, b"\1\0") + content[calc_mode + 6 :]
    assert XlsFile("a", content).read("A").filtered


def test_days_count_from_1904_where_the_workbook_says_so() -> None:
    def change(book: xlwt.Workbook) -> None:
        book.dates_1904 = True

    assert Cell("2028-09-28", Kind.DATE) == one_cell(XlsFile, changed(change, [datetime.date(2024, 9, 27)]))


def test_a_formula_shows_its_result() -> None:
    def change(book: xlwt.Workbook) -> None:
        book.get_sheet(0).write(0, 0, xlwt.Formula('"a"&"b"'))

    content = changed(change, [])
    formula = re.search(
        rb"\x06\x00[\x16-\x40]\x00\x00\x00\x00\x00[\x01-\x30]\x00", content, re.DOTALL
    )  # row 0, column 0, a style
    assert formula is not None
    solved = content[: formula.end()] + struct.pack("<d", 2.5) + content[formula.end() + 8 :]
    assert Cell("2.5", Kind.NUMBER) == one_cell(XlsFile, solved)


@pytest.mark.parametrize("code_page", [1254, None])
def test_files_of_excel_5_have_turkish_letters(code_page: int | None) -> None:
    file = XlsFile("a", excel_5("Şükrü İğdır", code_page=code_page))
    assert (SheetInfo("Çalışma", True),) == file.sheets
    assert {1: [Cell("Şükrü İğdır")]} == rows(file.read("Çalışma"))


def test_what_is_encrypted_is_told() -> None:
    wrapped = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert refusal(XlsFile, excel_5("x", password=True)) == "workbook_encrypted"
    assert refusal(XlsFile, wrapped) == "workbook_encrypted"


def test_values_are_read_where_styles_cannot_be() -> None:
    xf = biff(0x00E0, bytes(20))[:4]
    place = SMALL.index(xf)
    content = SMALL[: place + 4] + b"\xff\xff" + SMALL[place + 6 :]  # a font that is not there
    assert [Cell("Ayşe"), "5001112233"] == [
        cell if index == 0 else cell.text[-10:]
        for index, cell in enumerate(XlsFile("a", content).read("Sayfa1").row(1))
    ]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"Ad;Cep\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(1000)])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    assert refusal(XlsFile, content) == "workbook_broken"


def test_a_file_that_was_cut_off_never_leads_to_another_error() -> None:
    for content in (*truncated(SMALL), *truncated(excel_5("Şükrü"), 200)):
        survives(XlsFile, content)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), min_size=1, max_size=8), st.booleans())
def test_flipped_bytes_never_lead_to_another_error(flips: list[tuple[int, int]], old: bool) -> None:
    survives(XlsFile, flipped(excel_5("Şükrü") if old else SMALL, flips))
