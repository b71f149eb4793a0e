"""CSV files as they stand: encodings, delimiters, line numbers, broken ones."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.errors import UsageError
from sync.grid import Grid
from sync.mapping import Source
from sync.reader.csv_file import read_csv

from .making import texts


def records(content: str | bytes, **source: Any) -> Grid:
    raw = content if isinstance(content, bytes) else content.encode()
    return read_csv("customers.csv", raw, Source(**source))


def refusal(content: str | bytes, *, encoding: str | None = None) -> tuple[str, dict[str, object]]:
    with pytest.raises(UsageError) as caught:
        records(content, encoding=encoding)
    return caught.value.code, caught.value.values


TABLE = "Ad;Şehir\nAyşe;İğdır\nIşık;Öz\n"
CELLS = [["Ad", "Şehir"], ["Ayşe", "İğdır"], ["Işık", "Öz"]]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TABLE.encode(), "utf-8"),
        (TABLE.encode("utf-8-sig"), "utf-8-sig"),
        (TABLE.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TABLE.encode("utf-16-be"), "utf-16"),
        (TABLE.encode("windows-1254"), "windows-1254"),
    ],
)
def test_the_encoding_is_detected(content: bytes, encoding: str) -> None:
    found = records(content)

    assert (texts(found), found.encoding) == (CELLS, encoding)


@pytest.mark.parametrize("encoding", ["iso-8859-9", "windows-1254", "utf-16-le", "cp857"])
def test_the_encoding_can_be_named(encoding: str) -> None:
    assert texts(records(TABLE.encode(encoding), encoding=encoding)) == CELLS


def test_a_byte_order_mark_is_no_part_of_the_header_even_where_the_encoding_is_named() -> None:
    assert texts(records(TABLE.encode("utf-8-sig"), encoding="utf-8")) == CELLS


def test_bytes_that_do_not_fit_the_named_encoding_are_told_with_their_line() -> None:
    assert refusal(TABLE.encode("windows-1254"), encoding="utf-8") == (
        "encoding_wrong",
        {"file": "customers.csv", "encoding": "utf-8", "line": 1},
    )


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_detected(delimiter: str) -> None:
    found = records(TABLE.replace(";", delimiter))

    assert (texts(found), found.delimiter) == (CELLS, delimiter)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("Ad;Adres\nAli;Ankara, Çankaya, 5\nVeli;İzmir, Bornova\n", ";"),
        ("Ad,Not\nAli,a;b\nVeli,a;b;c\n", ","),
        ('Ad;Not\nAli;"a;b;c,d,e,f"\n', ";"),
        ('Ad,"Soyad; unvan"\nAli,Kaya\nVeli,Demir\n', ","),
        ("Ad|Not\nAli|a, b\n", "|"),
        ('Ad\tNot\nAli\t"iki\nsatır, üç; dört"\n', "\t"),
    ],
)
def test_a_delimiter_inside_cells_does_not_mislead(text: str, delimiter: str) -> None:
    assert records(text).delimiter == delimiter


def test_the_delimiter_can_be_named() -> None:
    assert texts(records("Ad#Cep\nAli;x#5\n", delimiter="#")) == [["Ad", "Cep"], ["Ali;x", "5"]]


def test_a_file_of_one_column_is_read() -> None:
    assert texts(records("Cep\n+905301112201\n+905301112202\n")) == [["Cep"], ["+905301112201"], ["+905301112202"]]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_excels_own_line_declares_the_delimiter_and_counts_as_a_line(end: str) -> None:
    found = records(end.join(["sep=|", "Ad|Cep", "Ali|5", ""]))

    assert (texts(found), found.numbers.tolist(), found.delimiter) == ([["Ad", "Cep"], ["Ali", "5"]], [2, 3], "|")


def test_a_tab_can_be_declared_by_excels_own_line() -> None:
    assert records("sep=\t\nAd\tCep\n").delimiter == "\t"


def test_excels_own_line_is_known_behind_a_byte_order_mark() -> None:
    found = records("SEP=;\nAd;Cep\n".encode("utf-8-sig"))

    assert (texts(found), found.numbers.tolist()) == ([["Ad", "Cep"]], [2])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_number_of_a_record_is_the_line_on_which_it_starts(end: str) -> None:
    lines = ["Ad;Not", "Ali;x", 'Veli;"bir', "iki", 'üç"', "Ayşe;y"]

    assert records(end.join(lines)).numbers.tolist() == [1, 2, 3, 6]


def test_line_numbers_are_right_behind_excels_own_line_and_a_quoted_cell() -> None:
    assert records('sep=;\nAd;Not\n"a\nb";x\nAli;y\n').numbers.tolist() == [2, 3, 5]


def test_blank_lines_are_left_out_and_counted() -> None:
    found = records("\nAd;Cep\n\n ; \nAli;5\n;;\n\u00a0;\t\nVeli;6\n\n")

    assert (texts(found), found.numbers.tolist()) == ([["Ad", "Cep"], ["Ali", "5"], ["Veli", "6"]], [2, 5, 8])


def test_cells_are_unchanged() -> None:
    text = 'Ad;Not\n  Ali ;"""evet"", dedi"\nVeli;\'0532\n'

    assert texts(records(text)) == [["Ad", "Not"], ["  Ali ", '"evet", dedi'], ["Veli", "'0532"]]


def test_records_of_other_widths_are_kept_as_they_are() -> None:
    assert texts(records("Ad;Cep\nAli\nVeli;5;6\n")) == [["Ad", "Cep"], ["Ali"], ["Veli", "5", "6"]]


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_a_file_of_nothing_has_no_records(text: str) -> None:
    assert texts(records(text)) == []


def test_a_nul_character_is_told_with_its_line() -> None:
    assert refusal(b"Ad;Cep\nAli;5\nVe\x00li;6\n") == ("file_is_binary", {"file": "customers.csv", "line": 3})


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_byte_order_mark_is_detected(encoding: str) -> None:
    found = records(TABLE.encode(encoding))

    assert (texts(found), found.encoding) == (CELLS, encoding)


def test_a_quotation_mark_that_is_not_closed_is_told_with_the_line_where_its_record_starts() -> None:
    code, values = refusal('Ad;Not\nAli;x\nVeli;"y\nAyşe;z\nFatma;t\n')

    assert (code, values["line"]) == ("csv_broken", 3)


def test_a_quotation_mark_that_is_not_closed_is_told_with_its_line_behind_excels_own_line() -> None:
    code, values = refusal('sep=;\nAd;Not\nAli;"x\n')

    assert (code, values["line"]) == ("csv_broken", 3)


@given(
    rows=st.lists(
        st.lists(st.text("abŞı;,|\t\"' \n1", max_size=5), min_size=2, max_size=2).filter(
            lambda row: any(cell.strip() for cell in row)
        ),
        min_size=1,
        max_size=6,
    ),
    delimiter=st.sampled_from(";,\t|"),
)
@settings(max_examples=200, deadline=None)
def test_what_a_csv_writer_writes_is_read_as_it_was(rows: list[list[str]], delimiter: str) -> None:
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter).writerows(rows)

    assert texts(records(target.getvalue(), delimiter=delimiter)) == rows
