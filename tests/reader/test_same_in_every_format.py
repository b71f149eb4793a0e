"""Random tables, written in every format, read back as they were."""

import csv
import datetime
import io
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync.mapping import Source
from sync.reader.csv_file import read_csv
from sync.reader.ods_file import OdsFile
from sync.reader.workbook_file import WorkbookFile
from sync.reader.xls_file import XlsFile
from sync.reader.xlsb_file import XlsbFile
from sync.reader.xlsx_file import XlsxFile
from tests.writers import (
    ERRORS,
    Error,
    Padded,
    Percent,
    Sheets,
    expected_rows,
    write_ods,
    write_xls,
    write_xlsb,
    write_xlsx_openpyxl,
    write_xlsx_xlsxwriter,
)

from .workbooks import rows

FORMATS: dict[str, tuple[Callable[[Sheets], bytes], Callable[[str, bytes], WorkbookFile]]] = {
    "xlsx by openpyxl": (write_xlsx_openpyxl, XlsxFile),
    "xlsx by xlsxwriter": (write_xlsx_xlsxwriter, XlsxFile),
    "xlsx by xlsxwriter, texts in the cells": (partial(write_xlsx_xlsxwriter, in_memory=False), XlsxFile),
    "xls": (write_xls, XlsFile),
    "xlsb": (write_xlsb, XlsbFile),
    "ods": (write_ods, OdsFile),
}

letters = st.sampled_from("aZİıŞğÜöç \t\n<>&'\";,|=+@#_0é😀\u00a0") | st.characters(
    min_codepoint=32, exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"
)
words = st.text(letters, min_size=1, max_size=10).filter(lambda text: not re.search("_x[0-9A-Fa-f]{4}_", text))
telling = st.sampled_from(
    [
        *("007", "05001112233", "+905001112233", "1,5", "1.5", "1e5", "5,00111E+09", "-3", "%50", "TRUE", "DOĞRU"),
        *("=1+1", "@x", "#N/A", "#REF!", "27.09.2024", "2024-09-27", "13:30", "  ", " x ", "x\ny", '"', '""', "'05"),
    ]
)
seconds = st.integers(0, 86_399)
days = st.dates(datetime.date(1900, 3, 1), datetime.date(9999, 12, 31))
times = seconds.map(lambda second: datetime.time(second // 3600, second // 60 % 60, second % 60))
values = (
    st.none()
    | words
    | telling
    | st.integers(-(10**15) + 1, 10**15 - 1)
    | st.builds(lambda digits, places: digits / 10**places, st.integers(-(10**14), 10**14), st.integers(0, 12))
    | st.booleans()
    | days
    | st.builds(datetime.datetime.combine, days, times)
    | times
    | st.builds(datetime.timedelta, seconds=st.integers(0, 10**8))
    | st.builds(Padded, st.integers(0, 10**12), st.integers(2, 15))
    | st.builds(Percent, st.integers(-(10**6), 10**6).map(lambda share: share / 10_000))
    | st.sampled_from(sorted(ERRORS)).map(Error)
)
tables = st.lists(st.lists(values, max_size=6), min_size=1, max_size=6)


@pytest.mark.parametrize("format_", FORMATS)
@settings(max_examples=60, deadline=None)
@given(table=tables)
@example(table=[[Error(error) for error in ERRORS], [None], ["son", " "], []])
@example(table=[[" a", "a ", "a  b", "   ", "a\n\nb", "\ta", "a\t"], [True, False, 0, -0.0, 0.1 + 0.2]])
def test_a_table_reads_as_it_was_written(format_: str, table: list[list[Any]]) -> None:
    write, opens = FORMATS[format_]
    assert expected_rows(table) == rows(opens("a", write({"Sayfa1": table})).read("Sayfa1"))


@settings(max_examples=60, deadline=None)
@given(
    table=st.lists(st.lists(words | telling | st.just(""), min_size=3, max_size=3), min_size=1, max_size=6),
    delimiter=st.sampled_from(";,\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_of_texts_reads_as_it_was_written_as_csv(
    table: list[list[str]], delimiter: str, encoding: str, end: str
) -> None:
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter, lineterminator=end).writerows(table)
    grid = read_csv("a", target.getvalue().encode(encoding), Source(encoding=encoding, delimiter=delimiter, quote='"'))
    assert list(expected_rows(table).values()) == list(rows(grid).values())
