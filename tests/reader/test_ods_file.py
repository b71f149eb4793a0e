"""OpenDocument .ods workbooks."""

import datetime
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.errors import UsageError
from sync.grid import Cell, Kind, Merged
from sync.reader.ods_file import OdsFile
from sync.reader.workbook_file import SheetInfo
from tests.writers import Error, Padded, Percent, expected_rows, ods_of, write_ods, zipped

from .workbooks import flipped, one_cell, refusal, rows, survives, truncated

MOMENT = datetime.datetime(2024, 9, 27, 13, 30, 5)  # noqa: DTZ001 - a cell knows no zone
TABLE = [
    [None, "Müşteri", "Cep"],
    [],
    [" x ", "İğ\nüş", 5001112233, True, False],
    [1.5, -2, 12345678901, datetime.date(2024, 9, 27), MOMENT],
    [datetime.time(13, 30), datetime.timedelta(hours=25, minutes=3), Padded(5001112233, 11), Percent(0.125)],
    [Error("#N/A"), Error("#REF!"), "   ", "#N/A", "007", "a  b\tc"],
    ["  "],
]
SMALL = write_ods({"Sayfa1": [["Ad", "Cep"], ["Ayşe", Padded(5001112233, 11)]]})
STRING = 'office:value-type="string"'
FLOAT = 'office:value-type="float" office:value="{}"'
DATE = 'office:value-type="date" office:date-value="{}"'
TIME = 'office:value-type="time" office:time-value="{}"'
X = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'


def sheet(inside: str, styles: str = "") -> bytes:
    return ods_of(f'<table:table table:name="A">{inside}</table:table>', styles)


def row(*cells: str, facts: str = "") -> str:
    return f"<table:table-row {facts}>{''.join(cells)}</table:table-row>"


def cell(facts: str, inside: str = "") -> str:
    return f"<table:table-cell {facts}>{inside}</table:table-cell>"


def read(content: bytes) -> Cell:
    found = one_cell(OdsFile, content)
    assert isinstance(found, Cell)
    return found


def test_a_table_reads_as_it_was_written() -> None:
    assert expected_rows(TABLE) == rows(OdsFile("a", write_ods({"Sayfa1": TABLE})).read("Sayfa1"))


def test_the_sheet_that_is_asked_for_is_read() -> None:
    file = OdsFile("a", write_ods({"Bir": [["1"]], "İki": [["2"]], "Üç": [["3"]]}))
    assert [{1: [Cell("1")]}, {1: [Cell("2")]}, {1: [Cell("3")]}] == [
        rows(file.read(name)) for name in ("Bir", "İki", "Üç")
    ]
    assert refusal(OdsFile, SMALL, "Başka") == "sheet_unknown"


def test_sheets_come_in_order_with_their_visibility() -> None:
    styles = '<style:style style:name="ta1" style:family="table"><style:table-properties table:display="false"/>'
    tables = '<table:table table:name="Bir"/><table:table table:name="İki" table:style-name="ta1"/>'
    content = ods_of(tables, styles + "</style:style>")
    assert (SheetInfo("Bir", True), SheetInfo("İki", False)) == OdsFile("a", content).sheets


def test_a_repeated_blank_tail_costs_nothing() -> None:
    blank = cell('table:number-columns-repeated="16383"')
    tail = row(cell('table:number-columns-repeated="16384"'), facts='table:number-rows-repeated="1048574"')
    content = sheet(row(X, blank) + row(facts='table:number-rows-repeated="3"') + row(X, X) + tail)
    assert {1: [Cell("x")], 5: [Cell("x"), Cell("x")]} == rows(OdsFile("a", content).read("A"))


def test_repeated_values_stand_in_every_cell() -> None:
    twice = X.replace("office:", 'table:number-columns-repeated="2" office:', 1)
    content = sheet(row(twice, X, facts='table:number-rows-repeated="2"') + row(cell(""), X))
    assert {1: [Cell("x")] * 3, 2: [Cell("x")] * 3, 3: [Cell(""), Cell("x")]} == rows(OdsFile("a", content).read("A"))


@pytest.mark.parametrize(
    "content",
    [
        sheet(row(X.replace("office:", 'table:number-columns-repeated="1000000000" office:', 1))),
        sheet(row(X, facts='table:number-rows-repeated="1000000000"')),
        sheet(row(*[X] * 20, facts='table:number-rows-repeated="1000000"')),
        sheet(row(cell('office:value-type="string"', "<text:p>" + '<text:s text:c="1000000"/>' * 5 + "</text:p>"))),
    ],
)
def test_more_values_than_a_sheet_can_have_are_refused(content: bytes) -> None:
    assert refusal(OdsFile, content) == "workbook_too_large"


def test_a_value_far_away_is_refused_with_its_place() -> None:
    far = row(cell('table:number-columns-repeated="16383"'), X)
    with pytest.raises(UsageError) as caught:
        OdsFile("a", sheet(row(X) * 2000 + far)).read("A")
    assert ("workbook_too_sparse", "XFD2001") == (caught.value.code, caught.value.values["cell"])


@pytest.mark.parametrize(
    ("facts", "inside", "text", "kind"),
    [
        (FLOAT.format("5.001112233E9"), "<text:p>5,00E+09</text:p>", "5001112233", Kind.NUMBER),
        ('office:value-type="currency" office:value="12.50"', "<text:p>12,50 ₺</text:p>", "12.5", Kind.NUMBER),
        ('office:value-type="percentage" office:value="0.125"', "", "12.5%", Kind.PERCENT),
        (DATE.format("2024-09-27"), "", "2024-09-27", Kind.DATE),
        (DATE.format("2024-09-27T00:00:00"), "", "2024-09-27", Kind.DATE),
        (DATE.format("2024-09-27T13:30:00.400000000"), "", "2024-09-27 13:30:00", Kind.MOMENT),
        (DATE.format("-0044-03-15"), "<text:p>15.03.-44</text:p>", "15.03.-44", Kind.TEXT),
        (TIME.format("PT13H30M00S"), "", "13:30:00", Kind.TIME),
        (TIME.format("PT25H03M00.0000001S"), "", "25:03:00", Kind.DURATION),
        (TIME.format("-PT1H30M"), "", "-01:30:00", Kind.DURATION),
        (TIME.format("P1DT1H"), "", "25:00:00", Kind.DURATION),
        (TIME.format("soon"), "<text:p>soon</text:p>", "soon", Kind.TEXT),
        ('office:value-type="boolean" office:boolean-value="true"', "<text:p>DOĞRU</text:p>", "TRUE", Kind.TRUTH),
        ('office:value-type="string" office:string-value="Ayşe"', "", "Ayşe", Kind.TEXT),
        (STRING, "<text:p>#YOK</text:p>", "#YOK", Kind.TEXT),
        (f'table:formula="of:=NA()" {STRING} calcext:value-type="error"', "<text:p>#YOK</text:p>", "#YOK", Kind.ERROR),
        (f'table:formula="of:=1/0" {FLOAT.format(0)}', "<text:p>#SAYI/0!</text:p>", "#SAYI/0!", Kind.ERROR),
        (f'table:formula="of:=A(" {STRING}', "<text:p>Hata:502</text:p>", "Hata:502", Kind.ERROR),
        ('table:formula="of:=1"', "", "", Kind.UNSOLVED),
        (f'table:formula="of:=1+1" {FLOAT.format(2)}', "<text:p>2</text:p>", "2", Kind.NUMBER),
        (STRING, "<text:p>a</text:p><text:p/><text:p>b</text:p>", "a\n\nb", Kind.TEXT),
        (STRING, '<text:p>a<text:s text:c="2"/>b<text:tab/>c<text:line-break/>d</text:p>', "a  b\tc\nd", Kind.TEXT),
        (STRING, "<text:p>d <text:span>e</text:span><text:a>f<text:s/></text:a></text:p>", "d ef ", Kind.TEXT),
        (STRING, "<text:p>\n   a\n   b</text:p>", "a b", Kind.TEXT),
        (STRING, "<office:annotation><text:p>a</text:p></office:annotation><text:p>x</text:p>", "x", Kind.TEXT),
        (STRING, "<text:p>x</text:p><draw:frame><text:p>a</text:p></draw:frame>", "x", Kind.TEXT),
    ],
)
def test_a_cell_reads_as_it_is_shown(facts: str, inside: str, text: str, kind: Kind) -> None:
    assert Cell(text, kind) == read(sheet(row(cell(facts, inside))))


@pytest.mark.parametrize(
    ("before", "facts", "inside", "text"),
    [
        ("", 'number:decimal-places="0" number:min-integer-digits="11"', "", "05001112233"),
        ("<number:text>0</number:text>", 'number:min-integer-digits="1"', "", "05001112233"),
        ("", 'number:decimal-places="2" number:min-integer-digits="11"', "", "5001112233"),
        ("", 'number:grouping="true" number:min-integer-digits="1"', "", "5001112233"),
        ("", 'number:min-integer-digits="999999999"', "", "5001112233"),
        ("", 'number:min-integer-digits="11"', "<number:embedded-text> </number:embedded-text>", "05001112233"),
    ],
)
def test_leading_zeros_of_a_style_are_kept(before: str, facts: str, inside: str, text: str) -> None:
    style = f"{before}<number:number {facts}>{inside}</number:number>"
    styles = f'<number:number-style style:name="N1">{style}</number:number-style>'
    styles += '<style:style style:name="parent" style:family="table-cell" style:data-style-name="N1"/>'
    styles += '<style:style style:name="ce1" style:family="table-cell" style:parent-style-name="parent"/>'
    number = 'office:value-type="float" office:value="5001112233"'
    own = row(cell(f'table:style-name="ce1" {number}'))
    of_row = row(cell(number), facts='table:default-cell-style-name="ce1"')
    column = '<table:table-column table:default-cell-style-name="ce1"/>'
    assert [text] * 3 == [
        read(sheet(own, styles)).text,
        read(sheet(of_row, styles)).text,
        read(sheet(column + row(cell(number)), styles)).text,
    ]


def test_styles_that_are_each_others_parents_have_an_end() -> None:
    styles = "".join(
        f'<style:style style:name="{one}" style:family="table-cell" style:parent-style-name="{other}"/>'
        for one, other in ("ab", "ba")
    )
    number = cell('table:style-name="a" office:value-type="float" office:value="5"')
    assert Cell("5", Kind.NUMBER) == read(sheet(row(number), styles))


def test_what_is_hidden_and_merged_is_told() -> None:
    merged = X.replace("office:", 'table:number-columns-spanned="2" table:number-rows-spanned="2" office:', 1)
    covered = X.replace("table:table-cell", "table:covered-table-cell")
    content = sheet(
        '<table:table-column/><table:table-column table:visibility="collapse"/>'
        "<table:table-header-rows>"
        + row(merged, covered, X)
        + "</table:table-header-rows>"
        + row(covered, covered, X, facts='table:visibility="collapse"')
        + row(X, facts='table:visibility="filter"')
        + '<table:table-row-group table:display="false">'
        + row(X, facts='table:number-rows-repeated="2"')
        + "</table:table-row-group>"
        + row(X)
        + row(facts='table:visibility="collapse"')
    )
    grid = OdsFile("a", content).read("A")
    assert [1, 2, 3, 4, 5, 6] == grid.numbers.tolist()
    assert [Cell("x"), Cell(""), Cell("x")] == grid.row(0)
    assert frozenset({2, 3, 4, 5}) == grid.hidden_rows
    assert grid.filtered
    assert frozenset({1}) == grid.hidden_columns
    assert (Merged(1, 2, 0, 1),) == grid.merged


def test_a_table_within_a_cell_is_no_sheet() -> None:
    inner = f'<table:table table:name="B">{row(X, X, X)}</table:table>'
    file = OdsFile("a", sheet(row(cell("", inner), X)))
    assert (SheetInfo("A", True),) == file.sheets
    assert {1: [Cell(""), Cell("x")]} == rows(file.read("A"))


def test_earlier_versions_of_cells_are_not_read() -> None:
    tracked = f"<table:tracked-changes><table:table>{row(X)}</table:table>{row(X)}</table:tracked-changes>"
    content = ods_of(f'{tracked}<table:table table:name="A">{row(X, X)}</table:table>')
    assert {1: [Cell("x"), Cell("x")]} == rows(OdsFile("a", content).read("A"))


def test_what_is_encrypted_is_told() -> None:
    assert refusal(OdsFile, ods_of("", manifest="<manifest:encryption-data/>")) == "workbook_encrypted"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"Ad;Cep\n",
        b"<?xml version='1.0'?><office:document/>",
        zipped({"a": b""}),
        zipped({"content.xml": b"<a/>"}),
        zipped({"content.xml": b"<a>"}),
        ods_of("", mimetype="application/vnd.oasis.opendocument.text"),
    ],
)
def test_what_is_no_spreadsheet_is_refused(content: bytes) -> None:
    assert refusal(OdsFile, content) == "workbook_broken"


@pytest.mark.parametrize(
    "prologue",
    [
        '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
    ],
)
def test_a_part_that_defines_entities_is_refused(prologue: str) -> None:
    assert (
        refusal(OdsFile, ods_of(f'<table:table table:name="A">{row(X)}</table:table>', prologue=prologue))
        == "workbook_broken"
    )


def test_elements_nested_without_end_are_refused() -> None:
    assert refusal(OdsFile, sheet("<table:table-row-group>" * 100_000)) == "workbook_broken"


def test_a_file_that_was_cut_off_is_refused() -> None:
    for content in truncated(SMALL):
        assert refusal(OdsFile, content) == "workbook_broken"


def test_a_part_that_was_cut_off_never_leads_to_another_error() -> None:
    with zipfile.ZipFile(io.BytesIO(SMALL)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, part in parts.items():
        for end in range(0, len(part), 7):
            survives(OdsFile, zipped({**parts, name: part[:end]}))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), min_size=1, max_size=8), st.booleans())
def test_flipped_bytes_never_lead_to_another_error(flips: list[tuple[int, int]], inside: bool) -> None:
    if not inside:
        survives(OdsFile, flipped(SMALL, flips))
        return
    with zipfile.ZipFile(io.BytesIO(SMALL)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    survives(OdsFile, zipped({**parts, "content.xml": flipped(parts["content.xml"], flips)}))
