"""rejected.*: the person's own cells, ready to be corrected and fed in again."""

import csv
import datetime
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import load_workbook

from sync.change import Remark
from sync.grid import Cell, Kind
from tests.report.records import TOO_SHORT, WORKBOOK, MemoryRun, a_row, an_input, rejected, reported

REASON, ROW = "imsync: reason", "imsync: row"
MESSAGE = "Row 2: Telefon: “0500” is too short for a phone number. Correct the cell, or leave it empty."


def read_csv(path: Path, encoding: str, delimiter: str) -> list[list[str]]:
    text = path.read_bytes().decode(encoding)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def workbook_cells(tmp_path: Path, *values: str | Cell) -> list[Any]:
    """The cells of a rejected row as openpyxl reads them back."""
    header = tuple(f"H{n}" for n in range(len(values)))
    run = MemoryRun([rejected(2, *values)], [an_input(**{**slots(WORKBOOK), "header": header})])
    reported(run, tmp_path)
    (_, row) = openpyxl.load_workbook(tmp_path / "rejected.xlsx").active.iter_rows()  # type: ignore[union-attr]
    return list(row[: len(values)])


def slots(found: Any) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__slots__ if name != "cells"}


# CSV


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [
        ("utf-8", ";"),
        ("utf-8", ","),
        ("utf-8", "\t"),
        ("utf-8", "|"),
        ("utf-8-sig", ";"),
        ("utf-16", ";"),
        ("windows-1254", ";"),
        ("iso-8859-9", ","),
    ],
)
def test_a_csv_comes_back_with_its_cells_delimiter_and_encoding(tmp_path: Path, encoding: str, delimiter: str) -> None:
    found = an_input(encoding=encoding, delimiter=delimiter, header=("Ad Soyad", "Telefon; ev", "Şehir"))
    ours = ["  Işık ĞÜŞ ", "=1+1", 'a"b;c,d\te\r\nf']

    reported(MemoryRun([rejected(2, *ours), a_row(3), rejected(4, "", "0012", "-")], [found]), tmp_path)

    table = read_csv(tmp_path / "rejected.csv", encoding, delimiter)
    assert table[0] == ["Ad Soyad", "Telefon; ev", "Şehir", REASON]
    assert [row[:3] for row in table[1:]] == [ours, ["", "0012", "-"]]
    assert all(row[3] for row in table[1:])


def test_a_byte_order_mark_stays_and_none_is_invented(tmp_path: Path) -> None:
    for name, encoding in (("with", "utf-8-sig"), ("without", "utf-8")):
        reported(MemoryRun([rejected(2, "Ada", "1")], [an_input(encoding=encoding)]), tmp_path / name)

    assert (tmp_path / "with" / "rejected.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert not (tmp_path / "without" / "rejected.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_reason_with_letters_that_the_encoding_lacks_does_not_break_the_file(tmp_path: Path) -> None:
    remark = Remark("contact_moved", {"fields": "“名” 👍"})
    row = a_row(2, "conflict", remarks=[remark], cells=["Işık", "0500"])

    reported(MemoryRun([row], [an_input(encoding="windows-1254")]), tmp_path)

    table = read_csv(tmp_path / "rejected.csv", "windows-1254", ";")
    assert table[1][:2] == ["Işık", "0500"]


@pytest.mark.parametrize("outcome", ["rejected", "conflict", "failed"])
def test_what_did_not_make_it_is_there_with_its_reason(tmp_path: Path, outcome: str) -> None:
    row = a_row(2, outcome, cells=["Ada", "0500"], remarks=[TOO_SHORT])

    reported(MemoryRun([row]), tmp_path)

    table = read_csv(tmp_path / "rejected.csv", "utf-8", ";")
    assert [table[1][0], table[1][1], table[1][-1]] == ["Ada", "0500", MESSAGE]


@pytest.mark.parametrize("outcome", ["added", "edited", "unchanged", "duplicate", "pending", "unresolved", "held"])
def test_what_made_it_or_may_have_is_not_there(tmp_path: Path, outcome: str) -> None:
    reported(MemoryRun([a_row(2, outcome, cells=["Ada", "0500"])]), tmp_path)

    assert not (tmp_path / "rejected.csv").exists()


def test_a_short_row_keeps_its_reason_under_the_reason(tmp_path: Path) -> None:
    found = an_input(header=("A", "B", "C"))

    reported(MemoryRun([rejected(2, "a")], [found]), tmp_path)

    assert read_csv(tmp_path / "rejected.csv", "utf-8", ";")[1] == ["a", "", "", MESSAGE]


def test_a_long_row_keeps_its_cells_and_its_reason_under_the_reason(tmp_path: Path) -> None:
    reported(
        MemoryRun([rejected(2, "a", "b", "c", "d"), rejected(3, "a", "b")], [an_input(header=("A", "B"))]), tmp_path
    )

    header, long, short = read_csv(tmp_path / "rejected.csv", "utf-8", ";")
    place = header.index(REASON)
    assert long[:4] == ["a", "b", "c", "d"]
    assert (long[place], short[place]) == (MESSAGE, MESSAGE.replace("Row 2", "Row 3"))


def test_a_file_that_was_rejected_before_has_one_reason_column(tmp_path: Path) -> None:
    found = an_input(name="rejected.csv", header=("Ad", "Telefon", REASON))

    reported(MemoryRun([rejected(2, "Ada", "0500", "an old reason")], [found]), tmp_path)

    table = read_csv(tmp_path / "rejected.csv", "utf-8", ";")
    assert table == [["Ad", "Telefon", REASON], ["Ada", "0500", MESSAGE]]


def test_each_input_has_a_file_of_its_own(tmp_path: Path) -> None:
    inputs = [an_input(name="a.csv"), an_input(name="b.csv", delimiter=","), an_input(name="a.csv"), WORKBOOK]
    rows = [rejected(2, "x", "1"), rejected(2, "y", "2", input=1), rejected(2, "z", "3", input=2)]

    reported(MemoryRun([*rows, a_row(2, input=3)], inputs), tmp_path)

    names = sorted(path.name for path in tmp_path.glob("rejected*"))
    assert len(names) == 3
    assert [read_csv(tmp_path / name, "utf-8", d)[1][0] for name, d in zip(names, ";,;", strict=True)] == [
        "x",
        "y",
        "z",
    ]


def test_an_input_with_a_name_as_long_as_a_disk_takes_has_a_file_too(tmp_path: Path) -> None:
    inputs = [an_input(name="ğ" * 120 + ".csv"), an_input(name="ğ" * 120 + ".CSV")]

    paths = reported(MemoryRun([rejected(2, "a", "1"), rejected(2, "b", "1", input=1)], inputs), tmp_path)

    assert len([path for path in paths if path.name.startswith("rejected-")]) == 2


# Workbooks


def test_a_workbook_comes_back_with_its_header_and_reason(tmp_path: Path) -> None:
    reported(MemoryRun([rejected(5, "Ada", "0500")], [WORKBOOK]), tmp_path)

    workbook = openpyxl.load_workbook(tmp_path / "rejected.xlsx")
    assert workbook.sheetnames == ["Müşteriler"]
    assert [[cell.value for cell in row] for row in workbook["Müşteriler"].iter_rows()] == [
        ["Ad", "Telefon", ROW, REASON],
        ["Ada", "0500", 5, MESSAGE.replace("Row 2", "Row 5")],
    ]


@pytest.mark.parametrize(
    "value",
    [
        "0012",
        "=1+1",
        "@x",
        "+905000000001",
        "#N/A",
        "  boşluk  ",
        "satır\nsonu",
        "Iıİi ğüş 👍",
        "ğ" * 32_767,
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_workbooks_text_comes_back_as_it_was(tmp_path: Path, value: str) -> None:
    (cell,) = workbook_cells(tmp_path, value)

    assert cell.value == value
    assert cell.data_type != "f"


def test_a_text_that_a_workbook_takes_for_a_character_is_read_as_the_text(tmp_path: Path) -> None:
    reported(MemoryRun([rejected(2, "_x0041_", "_x000D_")], [WORKBOOK]), tmp_path)

    (_, row) = load_workbook(str(tmp_path / "rejected.xlsx")).get_sheet_by_index(0).to_python()
    assert row[:2] == ["_x0041_", "_x000D_"]


def test_what_is_typed_over_a_text_stays_a_text(tmp_path: Path) -> None:
    text, number, blank = workbook_cells(tmp_path, "0532", Cell("5", Kind.NUMBER), "")

    assert (text.number_format, number.number_format, blank.number_format) == ("@", "General", "General")


def test_the_workbook_can_be_filtered_and_its_columns_are_as_wide_as_their_texts(tmp_path: Path) -> None:
    found = an_input(**{**slots(WORKBOOK), "header": ("Ad", "Açıklama")})
    reported(MemoryRun([rejected(2, "Ada", "x" * 25), rejected(3, "Ece", "y" * 900)], [found]), tmp_path)

    sheet = openpyxl.load_workbook(tmp_path / "rejected.xlsx").active
    assert isinstance(sheet, Worksheet)
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:D3")
    widths = [sheet.column_dimensions[letter].width for letter in "ABCD"]
    assert widths == [6, 40, len(ROW) + 3, 80]


def test_what_a_workbook_cannot_hold_is_told_in_the_reason(tmp_path: Path) -> None:
    reported(MemoryRun([rejected(2, "a\x0bb", "ğ" * 40_000), rejected(3, "Ada", "0")], [WORKBOOK]), tmp_path)

    sheet = openpyxl.load_workbook(tmp_path / "rejected.xlsx").active
    assert isinstance(sheet, Worksheet)
    (first, second) = (row[-1] for row in sheet.iter_rows(min_row=2, values_only=True))
    assert str(first).endswith(
        "In this row, characters that no workbook can hold were replaced by “\ufffd” (Ad). Correct them too."
        " In this row, text that does not fit into a cell was cut (Telefon). Correct that in the original."
    )
    assert "In this row" not in str(second)


@pytest.mark.parametrize(
    ("cell", "value", "number_format"),
    [
        (Cell("5", Kind.NUMBER), 5, "General"),
        (Cell("-5.25", Kind.NUMBER), -5.25, "General"),
        (Cell("5001234567", Kind.NUMBER), 5001234567, "General"),
        (Cell("TRUE", Kind.TRUTH), True, "General"),
        (Cell("FALSE", Kind.TRUTH), False, "General"),
        (Cell(""), None, "General"),
        (Cell("000532", Kind.PADDED), 532, "000000"),
        (Cell("50%", Kind.PERCENT), 0.5, "0%"),
        (Cell("12.5%", Kind.PERCENT), 0.125, "0.0%"),
        (Cell("2024-09-27", Kind.DATE), datetime.datetime(2024, 9, 27), "dd.mm.yyyy"),  # noqa: DTZ001 - no zones here
        (Cell("2024-09-27 14:30:05", Kind.MOMENT), datetime.datetime(2024, 9, 27, 14, 30, 5), "dd.mm.yyyy hh:mm:ss"),  # noqa: DTZ001
        (Cell("09:15:00", Kind.TIME), datetime.time(9, 15), "hh:mm:ss"),
        (Cell("25:03:00", Kind.DURATION), datetime.timedelta(hours=25, minutes=3), "[h]:mm:ss"),
        (Cell("1850-01-01", Kind.DATE), "1850-01-01", "General"),
    ],
)
def test_a_cell_that_is_no_text_comes_back_typed(tmp_path: Path, cell: Cell, value: Any, number_format: str) -> None:
    (found,) = workbook_cells(tmp_path, cell)

    assert (type(found.value), found.value, found.number_format) == (type(value), value, number_format)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (Cell("#REF!", Kind.ERROR), "#REF!"),
        (Cell("#YOK", Kind.ERROR), "#N/A"),
        (Cell("", Kind.UNSOLVED), "#N/A"),
    ],
)
def test_a_cell_without_a_usable_value_is_an_error_cell_still(tmp_path: Path, cell: Cell, shown: str) -> None:
    (found,) = workbook_cells(tmp_path, cell)

    assert (found.value, found.data_type) == (shown, "e")


def test_a_header_that_looks_like_a_formula_is_text(tmp_path: Path) -> None:
    found = an_input(**{**slots(WORKBOOK), "header": ("=Ad", "Telefon")})

    reported(MemoryRun([rejected(2, "Ada", "1")], [found]), tmp_path)

    first = openpyxl.load_workbook(tmp_path / "rejected.xlsx").active["A1"]  # type: ignore[index]
    assert (first.value, first.data_type) == ("=Ad", "s")


def test_a_control_character_in_a_cell_does_not_break_the_workbook(tmp_path: Path) -> None:
    (cell,) = workbook_cells(tmp_path, "a\x0bb")

    assert cell.value == "a\ufffdb"


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [("Ö" * 31, "Ö" * 31), ("Ö" * 32, "Ö" * 31), ("History", "History_"), ("", "Rejected"), ("a/b[1]", "a_b_1_")],
)
def test_any_sheet_name_can_be_written(tmp_path: Path, sheet: str, expected: str) -> None:
    found = an_input(**{**slots(WORKBOOK), "sheet": sheet})

    reported(MemoryRun([rejected(2, "Ada", "1")], [found]), tmp_path)

    assert openpyxl.load_workbook(tmp_path / "rejected.xlsx").sheetnames == [expected]


def test_a_workbook_that_was_rejected_before_has_each_of_our_columns_once(tmp_path: Path) -> None:
    found = an_input(**{**slots(WORKBOOK), "header": ("Ad", "Telefon", ROW, REASON)})

    reported(MemoryRun([rejected(9, "Ada", "0500", Cell("5", Kind.NUMBER), "an old reason")], [found]), tmp_path)

    sheet = openpyxl.load_workbook(tmp_path / "rejected.xlsx").active
    assert isinstance(sheet, Worksheet)
    assert list(sheet.iter_rows(values_only=True)) == [
        ("Ad", "Telefon", ROW, REASON),
        ("Ada", "0500", 9, MESSAGE.replace("Row 2", "Row 9")),
    ]


# In a folder that is used again


def test_no_rejected_file_of_an_earlier_run_is_left(tmp_path: Path) -> None:
    reported(MemoryRun([rejected(2, "Ada", "0500")]), tmp_path)

    reported(MemoryRun([a_row(2)]), tmp_path)

    assert not (tmp_path / "rejected.csv").exists()


def test_a_corrected_file_that_is_fed_in_again_is_neither_replaced_nor_removed(tmp_path: Path) -> None:
    mine = tmp_path / "rejected.csv"
    mine.write_text("corrected by hand", encoding="utf-8")
    found = an_input(path=str(mine), name=mine.name)

    paths = reported(MemoryRun([rejected(2, "Ada", "0500")], [found]), tmp_path)
    reported(MemoryRun([a_row(2)], [found]), tmp_path)

    assert mine.read_text(encoding="utf-8") == "corrected by hand"
    assert tmp_path / "rejected-2.csv" in paths
