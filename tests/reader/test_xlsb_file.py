"""Binary .xlsb workbooks."""

import datetime
import io
import struct
import zipfile

import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.errors import UsageError
from sync.grid import Cell, Kind, Merged
from sync.reader import limits
from sync.reader.workbook_file import SheetInfo
from sync.reader.xlsb_file import XlsbFile
from tests.writers import (
    Error,
    Padded,
    Percent,
    cell_record,
    expected_rows,
    record,
    row_record,
    wide,
    write_xlsb,
    xlsb_of,
    zipped,
)

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
SMALL = write_xlsb({"Sayfa1": [["Ad", "Cep"], ["Ayşe", Padded(5001112233, 11)]]})


def page(*records: bytes) -> bytes:
    return xlsb_of({"A": record(129) + record(145) + b"".join(records) + record(146) + record(130)}, ["General"], ["x"])


def test_a_table_reads_as_it_was_written() -> None:
    content = write_xlsb({"Sayfa1": TABLE})
    assert expected_rows(TABLE) == rows(XlsbFile("a", content).read("Sayfa1"))


def test_another_reader_finds_the_same_values_in_what_the_tests_write() -> None:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(write_xlsb({"Sayfa1": TABLE})))
    found = book.get_sheet_by_name("Sayfa1").to_python(skip_empty_area=False)
    assert ["", "Müşteri", "Cep", "", ""] == found[0]
    assert [" x ", "İğ\nüş", 5001112233, True, False] == found[2]
    assert [1.5, -2, 12345678901] == found[3][:3]
    assert MOMENT == found[3][4]
    assert [datetime.time(13, 30), datetime.timedelta(hours=25, minutes=3), 5001112233, 0.125] == found[4][:4]


def test_sheets_come_in_order_with_their_visibility() -> None:
    content = write_xlsb({"Bir": [], "İki": [], "Üç": []}, states={"İki": 1, "Üç": 2})
    assert (SheetInfo("Bir", True), SheetInfo("İki", False), SheetInfo("Üç", False)) == XlsbFile("a", content).sheets


def test_a_sheet_that_is_not_there_is_told() -> None:
    assert refusal(XlsbFile, SMALL, "Başka") == "sheet_unknown"


def test_what_is_hidden_and_merged_is_told() -> None:
    columns = record(390) + record(60, struct.pack("<4IH", 1, 1, 2560, 0, 1)) + record(391)
    after = record(161, struct.pack("<4I", 0, 3, 0, 1)) + record(162) + record(176, struct.pack("<4I", 0, 1, 0, 1))
    table = [["a", "b", "c"], ["d", "e", "f"], [], ["g"], ["h"]]
    content = write_xlsb({"A": table}, hidden_rows=[2, 3, 900], columns=columns, after=after)
    grid = XlsbFile("a", content).read("A")
    assert frozenset({2}) == grid.hidden_rows
    assert grid.filtered
    assert frozenset({1}) == grid.hidden_columns
    assert (Merged(1, 2, 0, 1),) == grid.merged


def test_hidden_rows_without_a_filter_are_not_filtered() -> None:
    assert not XlsbFile("a", write_xlsb({"A": [["a"], ["b"]]}, hidden_rows=[2])).read("A").filtered


def test_days_count_from_1904_where_the_workbook_says_so() -> None:
    content = write_xlsb({"A": [[datetime.date(2024, 9, 27)]]}, epoch_1904=True)
    assert Cell("2028-09-28", Kind.DATE) == one_cell(XlsbFile, content)


@pytest.mark.parametrize(
    ("number", "data", "cell"),
    [
        (2, struct.pack("<I", (-5 << 2 | 2) & 0xFFFFFFFF), Cell("-5", Kind.NUMBER)),
        (2, struct.pack("<I", 1250 << 2 | 3), Cell("12.5", Kind.NUMBER)),
        (2, struct.pack("<I", struct.unpack("<Q", struct.pack("<d", 1.5))[0] >> 32), Cell("1.5", Kind.NUMBER)),
        (6, wide("Ayşe"), Cell("Ayşe")),
        (8, wide("formül") + b"\0\0\0\0\0\0", Cell("formül")),
        (9, struct.pack("<d", 2.5) + b"\0\0", Cell("2.5", Kind.NUMBER)),
        (10, b"\1\0\0", Cell("TRUE", Kind.TRUTH)),
        (11, b"\x2a\0\0", Cell("#N/A", Kind.ERROR)),
        (62, b"\0" + wide("biçimli"), Cell("biçimli")),
        (6, struct.pack("<I", 2) + "a".encode("utf-16-le") + b"\x00\xd8", Cell("a\ufffd")),
    ],
)
def test_every_record_of_a_cell_is_read(number: int, data: bytes, cell: Cell) -> None:
    assert cell == one_cell(XlsbFile, page(row_record(0), cell_record(number, 0, 0, data)))


def test_a_short_cell_follows_the_one_before_it() -> None:
    short = record(18, struct.pack("<II", 0, 0))
    content = page(row_record(0), cell_record(1, 2, 0, b""), short, short)
    assert [Cell(""), Cell(""), Cell(""), Cell("x"), Cell("x")] == XlsbFile("a", content).read("A").row(0)


@pytest.mark.parametrize(
    "damage",
    [
        cell_record(6, 0, 0, struct.pack("<I", 0xFFFFFF00)),  # a text that is longer than its record
        cell_record(7, 0, 0, struct.pack("<I", 5)),  # a shared text that is not there
        cell_record(5, 0, 0, b"\0"),
        cell_record(7, 20_000, 0, struct.pack("<I", 0)),  # a column that no sheet has
        row_record(0xFFFFFFFE) + cell_record(7, 0, 0, struct.pack("<I", 0)),
        b"\x05\xff\xff\xff\xff",
        b"\x07",
    ],
)
def test_damaged_records_are_refused(damage: bytes) -> None:
    part = record(129) + record(145) + row_record(0) + damage
    assert refusal(XlsbFile, xlsb_of({"A": part}, ["General"], ["x"])) == "workbook_broken"


def test_a_value_far_away_is_refused_with_its_place() -> None:
    near = b"".join(row_record(y) + cell_record(7, 0, 0, struct.pack("<I", 0)) for y in range(2000))
    far = row_record(1_048_575) + cell_record(7, 16_383, 0, struct.pack("<I", 0))
    with pytest.raises(UsageError) as caught:
        XlsbFile("a", page(near, far)).read("A")
    assert ("workbook_too_sparse", "XFD1048576") == (caught.value.code, caught.value.values["cell"])


def test_a_value_far_down_is_no_trouble() -> None:
    far = row_record(1_048_575) + cell_record(7, 1, 0, struct.pack("<I", 0))
    assert {1_048_576: [Cell(""), Cell("x")]} == rows(XlsbFile("a", page(far)).read("A"))


def test_one_long_text_shared_by_many_cells_does_not_multiply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.reader.workbook_file.LARGEST_TEXT", 1_000_000)
    cells = [row_record(y) + cell_record(7, 0, 0, struct.pack("<I", 0)) for y in range(100)]
    content = xlsb_of({"A": b"".join(cells)}, ["General"], ["x" * 30_000])
    assert refusal(XlsbFile, content) == "workbook_too_large"


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    target = io.BytesIO(SMALL)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("xl/bomb.bin", b"")
        archive.filelist[-1].file_size = limits.LARGEST_UNPACKED
    assert refusal(XlsbFile, target.getvalue()) == "workbook_too_large"


def test_a_part_that_is_there_twice_is_refused() -> None:
    target = io.BytesIO(SMALL)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("XL/Workbook.bin", b"")
    assert refusal(XlsbFile, target.getvalue()) == "workbook_broken"


def test_what_is_encrypted_is_told() -> None:
    wrapped = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert refusal(XlsbFile, wrapped) == "workbook_encrypted"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"Ad;Cep\n", zipped({"a": b""}), bytes(1000)])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    assert refusal(XlsbFile, content) == "workbook_broken"


def test_a_file_that_was_cut_off_is_refused() -> None:
    for content in truncated(SMALL):
        assert refusal(XlsbFile, content) == "workbook_broken"


def test_a_part_that_was_cut_off_never_leads_to_another_error() -> None:
    with zipfile.ZipFile(io.BytesIO(SMALL)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, part in parts.items():
        for end in range(0, len(part), 3):
            survives(XlsbFile, zipped({**parts, name: part[:end]}))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), min_size=1, max_size=8), st.booleans())
def test_flipped_bytes_never_lead_to_another_error(flips: list[tuple[int, int]], inside: bool) -> None:
    if not inside:
        survives(XlsbFile, flipped(SMALL, flips))
        return
    with zipfile.ZipFile(io.BytesIO(SMALL)) as archive:
        parts = {name: flipped(archive.read(name), flips) for name in archive.namelist() if name.endswith(".bin")}
        others = {name: archive.read(name) for name in archive.namelist() if not name.endswith(".bin")}
    survives(XlsbFile, zipped({**others, **parts}))


def test_a_sheet_whose_records_end_too_early_is_refused_instead_of_losing_rows() -> None:
    whole = cell_record(5, 0, 0, struct.pack("<d", 1.0))

    with pytest.raises(UsageError, match="workbook_broken"):
        XlsbFile("a", xlsb_of({"A": row_record(0) + whole})).read("A")
