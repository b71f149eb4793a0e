"""Numbers as Excel shows them under their number formats."""

import datetime

import pytest

from sync.grid import Cell, Kind
from sync.reader.shown import builtin_format, error_cell, moment_cell, number_cell, text_cell


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5001112233.0, "5001112233"),
        (5001112233, "5001112233"),
        (12.5, "12.5"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (1e20, "100000000000000000000"),
        (12345678901234567, "12345678901234600"),
        (-1.25, "-1.25"),
    ],
)
def test_a_number_has_neither_exponent_nor_more_than_15_digits(value: float, text: str) -> None:
    assert Cell(text, Kind.NUMBER) == number_cell(value)


@pytest.mark.parametrize(
    "code",
    [
        '"gün" 0',
        "[Red]0",
        '0" adet"',
        '0.00" dm"',
        "#,##0.00",
        "0.00E+00",
        "# ?/?",
        "@",
        "General",
        "GENERAL",
        "[Blue]General",
        '#,##0.00\\ "TL"',
        "[$₺-41F]#,##0.00",
        r"_-* #,##0.00\ [$YTL-41F]_-;\-* #,##0.00\ [$YTL-41F]_-",
        "0\\ d",
        "",
        ";;;",
        '"',
        "[",
        "\\",
        "0" * 2000,
        "0" * 300,
        "0",
        "#",
    ],
)
def test_a_format_without_days_shows_a_number(code: str) -> None:
    assert Cell("45562", Kind.NUMBER) == number_cell(45562.0, code)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (5001112233, "00000000000", "05001112233"),
        (5001112233, "0000 000 00 00", "05001112233"),
        (5001112233, "0000\\ 000\\ 00\\ 00", "05001112233"),
        (5001112233, '0000" "000" "00" "00', "05001112233"),
        (5001112233, "0\\(000\\)\\ 000\\ 00\\ 00", "05001112233"),
        (5001112233, "0000\\-0000000", "05001112233"),
        (5001112233, "00000000000;@", "05001112233"),
        (5001112233, "00000000000;[Red]-00000000000", "05001112233"),
        (5001112233, "[$-41F]00000000000", "05001112233"),
        (5001112233, "0##########", "05001112233"),
        (5001112233, '"0"0000000000', "05001112233"),
        (5001112233, "\\0##########", "05001112233"),
        (5001112233, '"0"#', "05001112233"),
        (5001112233, "[<=9999999]0000000;00000000000", "05001112233"),
        (7, "000", "007"),
        (12345, "000", "12345"),
    ],
)
def test_leading_zeros_of_a_format_are_kept(value: float, code: str, text: str) -> None:
    assert Cell(text, Kind.PADDED) == number_cell(value, code)


@pytest.mark.parametrize(("value", "code"), [(-7, "000"), (7.5, "000"), (7, "0,000"), (7, "000.00"), (7, "000E+0")])
def test_what_is_no_whole_number_is_not_padded(value: float, code: str) -> None:
    assert Kind.NUMBER is number_cell(value, code).kind


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [(0.5, "0%", "50%"), (0.125, "0%", "12.5%"), (0.285, "%0.00", "28.5%"), (1, "%0", "100%"), (-0.2, "0.00%", "-20%")],
)
def test_a_share_keeps_all_its_decimals(value: float, code: str, text: str) -> None:
    assert Cell(text, Kind.PERCENT) == number_cell(value, code)


@pytest.mark.parametrize(
    "code",
    [
        *(builtin_format(number) for number in (14, 15, 16, 17, 22, 27, 36, 50, 58)),
        "dd.mm.yyyy",
        "dd/mm/yyyy;@",
        "[$-41F]d mmmm yyyy;@",
        "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy",
        "[Red]yyyy\\-mm\\-dd",
        'd "günü" mmmm',
        "mmm-yy",
        "D.M.YYYY",
        "yyyy",
        "mm",
        "dd.mm.yyyy hh:mm",
        'yyyy"年"m"月"d"日"',
    ],
)
def test_a_day_is_recognised_by_its_format(code: str) -> None:
    assert Cell("2024-09-27", Kind.DATE) == number_cell(45562, code)


@pytest.mark.parametrize("code", [*(builtin_format(number) for number in (18, 19, 20, 21, 45, 47)), "h:mm:ss.000"])
def test_a_time_is_recognised_by_its_format(code: str) -> None:
    assert Cell("13:30:00", Kind.TIME) == number_cell(0.5625, code)
    assert Cell("13:30:00", Kind.TIME) == number_cell(45562.5625, code)


@pytest.mark.parametrize("code", [builtin_format(46), "[h]:mm", "[hh]:mm:ss", "[HH]:MM", "[mm]:ss", "[s]"])
def test_hours_beyond_a_day_are_a_duration(code: str) -> None:
    assert Cell("25:03:00", Kind.DURATION) == number_cell(25.05 / 24, code)
    assert Cell("-01:30:00", Kind.DURATION) == number_cell(-1.5 / 24, code)


@pytest.mark.parametrize(
    ("serial", "cell"),
    [
        (0.5, Cell("12:00:00", Kind.TIME)),
        (1, Cell("1900-01-01", Kind.DATE)),
        (59, Cell("1900-02-28", Kind.DATE)),
        (60, Cell("1900-02-29")),
        (60.5, Cell("1900-02-29 12:00:00")),
        (61, Cell("1900-03-01", Kind.DATE)),
        (45562.5625, Cell("2024-09-27 13:30:00", Kind.MOMENT)),
        (45562.9999999, Cell("2024-09-28", Kind.DATE)),
        (2958465, Cell("9999-12-31", Kind.DATE)),
        (2958465.9999999, Cell("2958465.9999999", Kind.NUMBER)),
        (2958466, Cell("2958466", Kind.NUMBER)),
        (-1, Cell("-1", Kind.NUMBER)),
        (1e300, number_cell(1e300)),
    ],
)
def test_days_are_counted_as_excel_counts_them(serial: float, cell: Cell) -> None:
    assert cell == number_cell(serial, "dd.mm.yyyy hh:mm")


def test_the_other_date_system_begins_in_1904() -> None:
    assert Cell("1904-01-01", Kind.DATE) == number_cell(0, "dd.mm.yyyy", epoch_1904=True)
    assert Cell("2024-09-27", Kind.DATE) == number_cell(45562 - 1462, "dd.mm.yyyy", epoch_1904=True)


def test_a_part_of_the_format_is_chosen_by_the_number() -> None:
    code = "00000;-0;dd.mm.yyyy"
    assert ("00005", "-5", Kind.TIME) == (
        number_cell(5, code).text,
        number_cell(-5, code).text,
        number_cell(0, code).kind,
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_an_error(value: float) -> None:
    assert Cell("#NUM!", Kind.ERROR) == number_cell(value, "0%")


def test_a_moment_is_rounded_to_the_second() -> None:
    almost = datetime.datetime(2024, 9, 27, 23, 59, 59, 999_999)  # noqa: DTZ001
    assert Cell("2024-09-28", Kind.DATE) == moment_cell(almost)


def test_line_breaks_are_all_alike() -> None:
    assert Cell("a\nb\nc\nd") == text_cell("a\r\nb\rc\nd")


def test_an_unknown_error_is_an_error_still() -> None:
    assert (Cell("#N/A", Kind.ERROR), Kind.ERROR) == (error_cell(0x2A), error_cell(99).kind)
