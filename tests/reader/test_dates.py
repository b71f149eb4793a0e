"""Dates as people and programs write them, and what is said of those that cannot be used."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.grid import Kind
from sync.mapping import CustomFieldSpec
from sync.reader.clean import Cleaned, clean_column
from sync.reader.findings import Finding


def cleaned(texts: list[str], kinds: list[Kind] | None = None, **options: object) -> Cleaned:
    spec = CustomFieldSpec.model_validate({"column": "Doğum", "type": "date", **options})
    found = clean_column(
        "custom:1", spec, pd.Series(texts, dtype="str"), None if kinds is None else np.array(kinds, dtype=np.int8)
    )
    assert set(found.values.dropna().index).isdisjoint(found.bad)
    return found


@pytest.mark.parametrize(
    "text",
    ["27.9.2024", "27 . 09 . 2024", "2024/09/27", "2024.09.27", "27-Eyl-2024", "27.Eyl.2024", "27/Eylül/2024",
     "27 EYL. 2024", "27. Eylül 2024", "Cuma, 27 Eylül 2024", "CUMA 27 EYLÜL 2024", "27 Eylül 2024 Cuma",
     "27.09.2024 (Cuma)", "Cum. 27.09.2024", "2024-09-27 13:30:00", "2024-09-27T13:30", "2024-09-27T13:30:00.5Z",
     "27.09.2024 13:30", "27.09.2024 13.30", "27.09.2024, 9:05", "27\u00a0Eylu\u0308l\u00a02024", "27.09.2024\u200b"],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert cleaned([text]).values.tolist() == ["27/09/2024"]


@pytest.mark.parametrize("text", ["27.09.24", "27/9/24", "27 Eyl 24", "27-Eyl-24", "Pazar 12.09.24"])
def test_a_year_of_two_digits_is_never_guessed(text: str) -> None:
    assert cleaned([text]).bad == {0: Finding("date_two_digit_year")}


def test_a_year_of_two_digits_is_read_where_the_mapping_says_so() -> None:
    assert cleaned(["27.09.24"], input=["%d.%m.%y"]).values.tolist() == ["27/09/2024"]


@pytest.mark.parametrize(
    ("text", "near"),
    [("31.02.2024", ""), ("29.02.2023", ""), ("00.01.2024", ""), ("09/27/2024", "27.09.2024"), ("31 Nisan 2024", "")],
)
def test_a_day_that_there_is_not_is_said_to_be_none(text: str, near: str) -> None:
    assert cleaned([text]).bad == {0: Finding("date_impossible", {"near": near})}


def test_a_weekday_that_the_day_is_not_is_a_contradiction() -> None:
    assert cleaned(["Pazar, 27 Eylül 2024"]).bad == {0: Finding("date_other_weekday")}


def test_a_plain_number_of_a_workbook_is_shown_as_the_day_that_excel_would_show() -> None:
    found = cleaned(["29221", "45562.5", "29221", "27.09.2024"], [Kind.NUMBER, Kind.NUMBER, Kind.TEXT, Kind.DATE])

    assert found.bad == {
        0: Finding("date_is_number", {"shown": "01.01.1980"}),
        1: Finding("date_is_number", {"shown": "27.09.2024"}),
        2: Finding("date_invalid"),
    }
    assert found.values.dropna().to_dict() == {3: "27/09/2024"}


@pytest.mark.parametrize("text", ["5", "20240927", "-3", "0.5"])
def test_a_number_that_no_day_has_is_no_date(text: str) -> None:
    assert cleaned([text], [Kind.NUMBER]).bad == {0: Finding("date_invalid")}


def test_a_number_is_a_date_where_the_mapping_reads_digits_alone() -> None:
    assert cleaned(["20240927"], [Kind.NUMBER], input=["%Y%m%d"]).values.tolist() == ["27/09/2024"]


def test_a_workbooks_moment_is_read_whatever_input_says() -> None:
    assert cleaned(["2024-09-27 13:30:00"], [Kind.MOMENT], input=["%d.%m.%Y"]).values.tolist() == ["27/09/2024"]


@given(st.dates(min_value=datetime.date(1000, 1, 1)), st.sampled_from(["%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y"]))
@settings(max_examples=200, deadline=None)
def test_every_day_comes_back_as_itself(day: datetime.date, form: str) -> None:
    values = cleaned([day.strftime(form)]).values

    assert values.tolist() == [f"{day:%d/%m/%Y}"]
    assert cleaned(values.tolist()).values.tolist() == values.tolist()


@given(st.lists(st.text("0123 2024./-:,TZ EylülCumaOcak", max_size=14), min_size=1, max_size=4), st.booleans())
@settings(max_examples=300, deadline=None)
def test_every_cell_has_a_value_or_is_bad_or_blank(texts: list[str], numbers: bool) -> None:
    found = cleaned(texts, [Kind.NUMBER] * len(texts) if numbers else None)

    rest = set(range(len(texts))) - set(found.values.dropna().index) - set(found.bad)
    assert [texts[row] for row in rest if texts[row].strip()] == []
