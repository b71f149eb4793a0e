"""The two ways of reading an .xlsx sheet, quick and careful, give the same cells; damage never costs a row silently."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.errors import UsageError
from sync.grid import Cell, Grid, Kind, Merged
from sync.reader.xlsx_file import XlsxFile
from tests.writers import Error, zipped

from .making import workbook_bytes
from .workbooks import flipped, rows, survives, truncated


class QuickFile(XlsxFile):
    """A workbook that must not be read the careful way."""

    def _read_carefully(self, sheet: str) -> Grid:
        raise AssertionError(sheet)


@dataclass(frozen=True)
class Number:
    """A stored number under a format."""

    value: float
    code: str = "General"


@dataclass(frozen=True)
class Formula:
    """A formula, and the result that the file holds: None for no result, where the writer can leave it out."""

    result: Any = None
    code: str = "General"


@dataclass(frozen=True)
class Page:
    """A sheet: cells, and what is hidden and merged; indexes from 0."""

    table: list[list[Any]]
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    merged: tuple[int, int, int, int] | None = None
    filtered: bool = False
    epoch_1904: bool = False


def by_openpyxl(page: Page) -> bytes:  # noqa: C901, PLR0912 - one case for each type
    book = openpyxl.Workbook()
    if page.epoch_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.worksheets[0]
    sheet.title = "Sayfa1"
    for y, row in enumerate(page.table, start=1):
        for x, value in enumerate(row, start=1):
            cell = sheet.cell(y, x)
            match value:
                case None:
                    pass
                case Number():
                    cell.value, cell.number_format = value.value, value.code
                case Formula():
                    cell.value, cell.number_format = '="a"&"b"', value.code
                case Error():
                    cell.value, cell.data_type = value.text, "e"
                case str():
                    cell.value, cell.data_type = value, "s"
                case _:
                    cell.value = value
    for index in page.hidden_rows:
        sheet.row_dimensions[index + 1].hidden = True
    for index in page.hidden_columns:
        sheet.column_dimensions[openpyxl.utils.get_column_letter(index + 1)].hidden = True
    if page.merged:
        top, bottom, left, right = page.merged
        sheet.merge_cells(start_row=top + 1, end_row=bottom + 1, start_column=left + 1, end_column=right + 1)
    if page.filtered:
        sheet.auto_filter.ref = "A1:B9"
        sheet.auto_filter.add_filter_column(0, ["x"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def by_xlsxwriter(page: Page, *, inline: bool = False) -> bytes:  # noqa: C901, PLR0912 - as above
    target = io.BytesIO()
    options = {"in_memory": not inline, "constant_memory": inline, "date_1904": page.epoch_1904}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet("Sayfa1")
        styles = {}
        for y, row in enumerate(page.table):
            if y in page.hidden_rows:
                sheet.set_row(y, options={"hidden": True})
            for x, value in enumerate(row):
                code = getattr(value, "code", "General")
                if code not in styles:
                    styles[code] = book.add_format({"num_format": code})
                match value:
                    case None:
                        sheet.write_blank(y, x, None, styles[code])
                    case Number():
                        sheet.write_number(y, x, value.value, styles[code])
                    case Formula():
                        sheet.write_formula(
                            y, x, '="a"&"b"', styles[code], "" if value.result is None else value.result
                        )
                    case Error():
                        sheet.write_formula(y, x, "=NA()", None, value.text)
                    case bool():
                        sheet.write_boolean(y, x, value)
                    case _:
                        sheet.write_string(y, x, value)
        for index in page.hidden_columns:
            sheet.set_column(index, index, None, None, {"hidden": True})
        if page.merged and not inline:
            sheet.merge_range(*[page.merged[each] for each in (0, 2, 1, 3)], "birleşik", book.add_format())
        if page.filtered:
            sheet.autofilter(0, 0, 8, 1)
            sheet.filter_column(0, "x == a")
    return target.getvalue()


def by_xlsxwriter_inline(page: Page) -> bytes:
    return by_xlsxwriter(page, inline=True)


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


WRITERS: list[Callable[[Page], bytes]] = [by_openpyxl, by_xlsxwriter, by_xlsxwriter_inline]


def quickly(content: bytes) -> Grid:
    return QuickFile("a.xlsx", content).read("Sayfa1")


def carefully(content: bytes) -> Grid:
    return XlsxFile("a.xlsx", content)._read_carefully("Sayfa1")


def facts(grid: Grid) -> Any:
    """Everything that a grid says of its cells, apart from blank columns at its right."""
    found = rows(grid)
    width = max(map(len, found.values()), default=0)
    hidden = grid.hidden_rows & found.keys()
    return {
        "rows": found,
        "sheet": grid.sheet,
        "hidden rows": hidden,
        "filtered": grid.filtered and bool(hidden),
        "hidden columns": {index for index in grid.hidden_columns if index < width},
        "merged": {each for each in grid.merged if each.first_row in found and each.first_column < width},
    }


NUMBERS = [
    *(
        "General",
        "0",
        "00000000000",
        "000",
        "0.00",
        "0%",
        "0.00%",
        "%0",
        "#,##0",
        "#,##0.00 ₺",
        "[$₺-41F]#,##0.00",
        "@",
    ),
    *("0E+00", "0.00E+00", "# ?/?", '"0"0000000000', "0000 000 00 00", "(000) 000", "[Red]0;[Blue]-0;0", "0;;;", "#0"),
    *("[>=100]000000;00", "0.0%;[Red]-0.0%", "[<=9999999]###-####;(###) ###-####", "_-* #,##0.00_-", "0_);(0)", "0,"),
    *(
        'General" adet"',
        '0" gün"',
        '"yıl"0',
        "[Magenta]General",
        "0\\d",
        '[=1]"evet";[=0]"hayır";0',
        "\\+00 000",
        "??0",
    ),
]
DAYS = [
    *("dd/mm/yyyy", "dd\\.mm\\.yyyy", "yyyy-mm-dd hh:mm", "d mmmm yyyy", "dddd", "mmm", "yyyy", "m/d/yy h:mm", "mmmmm"),
    *("[$-41F]dd mmmm yyyy dddd;@", "[$-F800]dddd, mmmm dd, yyyy", "[Red]dd/mm/yyyy", 'yyyy" yılı"', "dd/mm/yyyy;@"),
]
TIMES = ["hh:mm:ss", "h:mm\\ AM/PM", "mm:ss", "hh:mm", "[$-F400]h:mm:ss\\ AM/PM"]
DURATIONS = ["[h]:mm:ss", "[mm]:ss", "[hh]:mm", "[s]"]

words = st.text(
    st.sampled_from("aİıŞğü0 \t\n<>&'\";,=#_xéß\u200b😀\u00a0")
    | st.characters(min_codepoint=32, exclude_categories=["Cs"]),
    min_size=1,
    max_size=8,
).filter(lambda text: not re.search("[\ufffe\uffff]|_x[0-9A-Fa-f]{4}_", text))
telling = st.sampled_from(
    [
        "007",
        "05001112233",
        "1,5",
        "=1+1",
        "#N/A",
        "27.09.2024",
        "TRUE",
        "+905001112233",
        "_x00",
        " x ",
        "1e5",
    ]
)
floats = st.floats(allow_nan=False, allow_infinity=False, width=64, min_value=-1e15, max_value=1e15)
numbers = st.builds(Number, st.integers(-(10**15) + 1, 10**15 - 1) | floats, st.sampled_from(NUMBERS))
seconds = st.integers(0, 86_399).map(lambda second: second / 86_400)
days = st.builds(
    lambda day, part, code: Number(day + part, code),
    st.integers(61, 2_957_000),
    st.just(0) | seconds,
    st.sampled_from(DAYS),
)
times = st.builds(Number, seconds, st.sampled_from(TIMES))
durations = st.builds(
    lambda second, code: Number(second / 86_400, code), st.integers(0, 10**7), st.sampled_from(DURATIONS)
)
errors = st.sampled_from(["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"])
formulas = st.builds(
    Formula,
    st.none() | st.integers(-9, 10**12) | st.booleans() | errors | st.sampled_from(["ab", "İ", "", "007"]),
    st.sampled_from([*NUMBERS, "dd/mm/yyyy"]),
)
cells = st.none() | words | telling | numbers | days | times | durations | st.booleans() | errors.map(Error) | formulas
pages = st.builds(
    Page,
    st.lists(st.lists(cells, max_size=5), min_size=1, max_size=6).map(lambda table: [*table, ["son"] * 6]),
    hidden_rows=st.sets(st.integers(0, 6), max_size=2).map(tuple),
    hidden_columns=st.sets(st.integers(0, 6), max_size=2).map(tuple),
    merged=st.sampled_from([None, None, (0, 1, 0, 0), (1, 3, 1, 2), (0, 0, 1, 4)]),
    filtered=st.booleans(),
    epoch_1904=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(pages, st.sampled_from(WRITERS))
def test_both_ways_read_the_same_cells(page: Page, write: Callable[[Page], bytes]) -> None:
    content = write(page)
    assert facts(carefully(content)) == facts(quickly(content))


def test_cells_of_other_types_far_below_in_long_columns_stay_what_they_are() -> None:
    count = 23_000  # more rows than one piece of a column has, and no multiple of what is read at once
    odd = {
        4_000: [True, 7.5, "a\r\nb", Number(45_562.5, "dd/mm/yyyy hh:mm")],
        9_999: ["", False, Number(7, "000"), "yok"],
        22_998: [Error("#N/A"), Number(1e15), True, Formula(None)],
    }
    usual = ["metin", Number(0), Number(45_000, "dd/mm/yyyy"), Number(45_001, "dd/mm/yyyy")]
    usual_cells = [Cell("metin"), Cell("0", Kind.NUMBER), Cell("2023-03-15", Kind.DATE), Cell("2023-03-16", Kind.DATE)]
    table = [odd.get(row, usual) for row in range(count)]
    table = [[Number(value) if type(value) is float else value for value in cells] for cells in table]

    grid = quickly(by_xlsxwriter(Page(table)))

    found = list(grid.rows())
    assert [
        [("TRUE", Kind.TRUTH), ("7.5", Kind.NUMBER), ("a\nb", Kind.TEXT), ("2024-09-27 12:00:00", Kind.MOMENT)],
        [("", Kind.TEXT), ("FALSE", Kind.TRUTH), ("007", Kind.PADDED), ("yok", Kind.TEXT)],
        [("#N/A", Kind.ERROR), ("1" + "0" * 15, Kind.NUMBER), ("TRUE", Kind.TRUTH), ("", Kind.UNSOLVED)],
    ] == [found[row] for row in odd]
    assert [row for row, cells in enumerate(found) if cells != usual_cells] == list(odd)


# Sheets written by hand, as no usual writer writes them

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PADDED = parts_of(by_xlsxwriter(Page([["Ad", Number(5001112233, "00000000000")]])))


def by_hand(first_row: str, *, columns: str = "", after: str = "", shared: str = "") -> bytes:
    """A workbook with this first row, and numbers in A9 and F9; style 1 is of eleven digits."""
    parts = dict(PADDED)
    parts["xl/worksheets/sheet1.xml"] = (
        f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}">{columns}<sheetData>'
        f'<row r="1">{first_row}</row><row r="9"><c r="A9"><v>9</v></c><c r="F9"><v>9</v></c></row></sheetData>'
        f"{after}</worksheet>"
    ).encode()
    if shared:
        parts["xl/sharedStrings.xml"] = f'<?xml version="1.0"?><sst xmlns="{MAIN}">{shared}</sst>'.encode()
    return zipped(parts)


def first(grid: Grid) -> Cell:
    """Cell A1."""
    return rows(grid).get(1, [Cell("")])[0]


def waits(why: str) -> pytest.MarkDecorator:
    """The right expectation, which the reader does not meet yet."""
    return pytest.mark.xfail(reason=why)


BY_HAND = {
    "formula with result": ('<c r="A1"><f>1+1</f><v>2</v></c>', Cell("2", Kind.NUMBER)),
    "shared formula": ('<c r="A1"><f t="shared" si="0"/><v>2</v></c>', Cell("2", Kind.NUMBER)),
    "error alone": ('<c r="A1" t="e"><v>#N/A</v></c>', Cell("#N/A", Kind.ERROR)),
    "error of an empty formula": ('<c r="A1" t="e"><f></f><v>#REF!</v></c>', Cell("#REF!", Kind.ERROR)),
    "type before place": ('<c t="e" r="A1"><v>#N/A</v></c>', Cell("#N/A", Kind.ERROR)),
    "style before place": ('<c s="1" r="A1"><v>7</v></c>', Cell("00000000007", Kind.PADDED)),
    "line break in the tag": ('<c\n r="A1" s="1"><v>7</v></c>', Cell("00000000007", Kind.PADDED)),
    "blanks around equal signs": ('<c r = "A1" s = "1"><v>7</v></c>', Cell("00000000007", Kind.PADDED)),
    "single quotes": ("<c r='A1' s='1'><v>7</v></c>", Cell("00000000007", Kind.PADDED)),
    "small letters": ('<c r="a1" s="1"><v>7</v></c>', Cell("00000000007", Kind.PADDED)),
    "exponent": ('<c r="A1" s="1"><v>1E3</v></c>', Cell("00000001000", Kind.PADDED)),
    "text of digits": ('<c r="A1" s="1" t="str"><f>"7"</f><v>7</v></c>', Cell("7")),
    "more than 15 digits": ('<c r="A1"><v>1234567890123456789</v></c>', Cell("1234567890123460000", Kind.NUMBER)),
    "day": ('<c r="A1" t="d"><v>2024-09-27</v></c>', Cell("2024-09-27", Kind.DATE)),
    "moment": ('<c r="A1" t="d"><v>2024-09-27T13:30:00.000</v></c>', Cell("2024-09-27 13:30:00", Kind.MOMENT)),
    "no place": ('<c s="1"><v>7</v></c>', Cell("00000000007", Kind.PADDED)),
    "in two runs": ('<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', Cell("ab")),
    "with a reading aid": ('<c r="A1" t="inlineStr"><is><t>a</t><rPh sb="0" eb="1"><t>b</t></rPh></is></c>', Cell("a")),
    "looks like a cell": ('<c r="A1" t="str"><v>&lt;c r="B1" t="e"&gt;</v></c>', Cell('<c r="B1" t="e">')),
    "comment": ('<!-- <c r="A1"><v>1</v></c> --><c r="A1"><v>2</v></c>', Cell("2", Kind.NUMBER)),
    "formula of an empty text": ('<c r="A1" t="str"><f>""</f><v></v></c>', Cell("")),
    "formula without result": ('<c r="A1"><f>1+1</f></c>', Cell("", Kind.UNSOLVED)),
}


@pytest.mark.parametrize(("cell", "expected"), BY_HAND.values(), ids=BY_HAND)
def test_a_cell_reads_as_excel_shows_it_however_its_xml_is_written(cell: str, expected: Cell) -> None:
    assert expected == first(XlsxFile("a.xlsx", by_hand(cell + '<c r="F1"><v>1</v></c>')).read("Sayfa1"))


@pytest.mark.parametrize(
    "cell", ['<c r="A1" t="e"> <v>#N/A</v></c>', '<c r="A1" t="e"><v xml:space="preserve">#N/A</v></c>']
)
def test_an_error_is_never_a_blank(cell: str) -> None:
    assert Cell("#N/A", Kind.ERROR) == first(XlsxFile("a.xlsx", by_hand(cell)).read("Sayfa1"))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("""<c r="A1" t='e'><v>#N/A</v></c>""", Cell("#N/A", Kind.ERROR)),
        ("""<c r="A1" s='1'><v>7</v></c>""", Cell("00000000007", Kind.PADDED)),
    ],
)
def test_a_cell_with_both_kinds_of_quotes_reads_as_excel_shows_it(cell: str, expected: Cell) -> None:
    assert expected == first(XlsxFile("a.xlsx", by_hand(cell)).read("Sayfa1"))


@pytest.mark.parametrize("error", ["#SPILL!", "#CALC!", "#ERROR!"])
def test_an_error_of_a_newer_program_is_an_error_cell(error: str) -> None:
    cell = f'<c r="A1" t="e"><v>{error}</v></c>'
    assert Cell(error, Kind.ERROR) == first(XlsxFile("a.xlsx", by_hand(cell)).read("Sayfa1"))


def test_a_row_of_formulas_without_results_is_not_lost_at_the_end() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.worksheets[0].append(["Ad", "Cep"])
        book.worksheets[0].append(["=Liste!A1", "=Liste!B1"])

    file = XlsxFile("a.xlsx", workbook_bytes(fill))
    assert {1: [Cell("Ad"), Cell("Cep")], 2: [Cell("", Kind.UNSOLVED)] * 2} == rows(file.read("Sheet"))


@pytest.mark.parametrize(
    ("number", "code", "expected"),
    [
        (2958465.99999997, "dd/mm/yyyy hh:mm", Cell("9999-12-31 23:59:59", Kind.MOMENT)),
        (5001112233, "[h]:mm", Cell("5001112233", Kind.NUMBER)),
    ],
)
def test_a_number_at_the_end_of_all_days_costs_nothing(number: float, code: str, expected: Cell) -> None:
    content = by_xlsxwriter(Page([[Number(number, code)]]))
    assert expected == first(XlsxFile("a.xlsx", content).read("Sayfa1"))


@waits("the quick reader knows no days before 1900, and makes some up")
def test_a_number_below_all_days_is_a_number() -> None:
    assert Cell("-2.5", Kind.NUMBER) == first(quickly(by_xlsxwriter(Page([[Number(-2.5, "dd/mm/yyyy")]]))))


@pytest.mark.parametrize("way", [quickly, carefully])
def test_a_day_whose_format_shows_the_time_alone_is_a_time(way: Callable[[bytes], Grid]) -> None:
    page = Page([[Number(45562.5625, "hh:mm")]])
    assert Cell("13:30:00", Kind.TIME) == first(way(by_xlsxwriter(page)))


def test_a_phone_number_in_a_column_of_days_is_a_number_the_careful_way_too() -> None:
    page = Page([[Number(5001112233, "dd/mm/yyyy")]])
    assert Cell("5001112233", Kind.NUMBER) == first(carefully(by_xlsxwriter(page)))


def test_escaped_characters_are_characters_the_careful_way_too() -> None:
    content = by_hand('<c r="A1" t="s"><v>0</v></c>', shared="<si><t>a_x000D_b</t></si>")
    assert Cell("a\nb") == first(quickly(content)) == first(carefully(content))


def test_an_empty_text_is_the_result_of_a_formula_the_careful_way_too() -> None:
    assert {9} == rows(carefully(by_hand('<c r="A1" t="str"><f>""</f><v></v></c>'))).keys()


@waits("openpyxl knows 0 and 1 alone")
def test_a_truth_may_be_written_as_a_word_the_careful_way_too() -> None:
    assert Cell("TRUE", Kind.TRUTH) == first(carefully(by_hand('<c r="A1" t="b"><v>true</v></c>')))


@pytest.mark.parametrize(
    "content",
    [
        by_hand("", columns='<cols><col min="7" max="16384" hidden="1"/></cols>'),
        by_hand("", after='<mergeCells><mergeCell ref="A20:B21"/></mergeCells>'),
    ],
    ids=["columns", "merged"],
)
def test_what_is_hidden_or_merged_beyond_the_last_cell_does_not_count(content: bytes) -> None:
    grid = quickly(content)
    assert (frozenset(), ()) == (grid.hidden_columns, grid.merged)


def test_hidden_rows_below_the_last_one_do_not_count() -> None:
    assert frozenset() == quickly(by_openpyxl(Page([["Ad"], ["Ali"]], hidden_rows=(4, 5)))).hidden_rows


def test_hidden_rows_and_merged_ranges_are_known_however_their_xml_is_written() -> None:
    content = by_hand('<c r="A1"><v>1</v></c>', after="<mergeCells><mergeCell ref='A1:B1'/></mergeCells>")
    assert (Merged(1, 1, 0, 1),) == XlsxFile("a.xlsx", content).read("Sayfa1").merged


@waits("the quick way reads what a merged range covers, which nobody sees")
def test_a_value_under_a_merged_range_is_not_seen() -> None:
    content = by_hand(
        '<c r="A1"><v>1</v></c><c r="B1"><v>2</v></c>', after='<mergeCells><mergeCell ref="A1:B1"/></mergeCells>'
    )
    assert [Cell("1", Kind.NUMBER)] == rows(quickly(content))[1] == rows(carefully(content))[1]


# Damage

TABLE = [["Ad", "Cep", "Not"], *([f"Ad {number}", Number(number, "0000"), f"not {number}"] for number in range(40))]
WHOLE = {write.__name__: write(Page(TABLE)) for write in WRITERS}
PARTS = [(writer, part) for writer, content in WHOLE.items() for part in parts_of(content)]
DATA_PARTS = [(writer, part) for writer, part in PARTS if part.endswith(("sheet1.xml", "sharedStrings.xml"))]


def outcome(content: bytes) -> dict[int, list[Cell]] | str:
    """The rows, or the code of the error."""
    try:
        return rows(XlsxFile("a.xlsx", content).read("Sayfa1"))
    except UsageError as error:
        return error.code


@pytest.mark.parametrize(("writer", "part"), DATA_PARTS)
def test_a_part_that_was_cut_off_never_gives_fewer_rows(writer: str, part: str) -> None:
    parts = parts_of(WHOLE[writer])
    whole = outcome(WHOLE[writer])
    assert 41 == len(whole)
    for cut in [*range(0, len(parts[part]), 151), *range(len(parts[part]) - 40, len(parts[part]))]:
        assert outcome(zipped({**parts, part: parts[part][:cut]})) in ("workbook_broken", whole), cut


@pytest.mark.parametrize("writer", WHOLE)
def test_a_file_that_was_cut_off_is_refused(writer: str) -> None:
    for content in truncated(WHOLE[writer]):
        survives(XlsxFile, content)
        assert outcome(content) == "workbook_broken"


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_flipped_bytes_never_lead_to_another_error(writer: str, flips: list[tuple[int, int]]) -> None:
    survives(XlsxFile, flipped(WHOLE[writer], flips))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(PARTS),
    st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_flipped_bytes_in_a_part_never_lead_to_another_error(
    place: tuple[str, str], flips: list[tuple[int, int]]
) -> None:
    parts = parts_of(WHOLE[place[0]])
    survives(XlsxFile, zipped({**parts, place[1]: flipped(parts[place[1]], flips)}))
