"""The fast path for dates gives the answers that cleaning text by text gives, and leaves the rest to it."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.grid import Kind
from sync.mapping import CustomFieldSpec
from sync.reader.dates import date, dates
from sync.reader.findings import Finding
from sync.reader.plain_dates import plain_dates

NUMBERS = st.sampled_from(
    ["1", "2", "9", "10", "12", "13", "27", "28", "29", "30", "31", "32", "99", "00", "01", "02", "09", "2024", "2023",
     "2000", "1900", "1000", "0999", "0001", "0000", "9999", "24", "024", "20240", "٢٧", "२७", "1७", "2\u200b7", "-1",
     "2:", "202:", "1/", "Eyl", "a"]
)  # fmt: skip
MARKS = st.sampled_from(
    [".", "/", "-", ".", "/", "-", "", " ", ". ", " .", "..", ",", ":", "–", "\u2024", "\x00", "\n"]
)
AROUND = st.sampled_from([""] * 8 + [" ", "\u00a0", "\ufeff", "\n", "'", "+", "0", " 00:00:00", "T09:05", " Cuma", "é"])
COMPOSED = st.tuples(AROUND, NUMBERS, MARKS, NUMBERS, MARKS, NUMBERS, AROUND).map("".join)
LONELY = st.sampled_from(["", " ", "-", "20240927", "27 Eylül 2024", "2024-09-27 13:30:00", "45562"])
TEXTS = st.lists(st.one_of(COMPOSED, COMPOSED, COMPOSED, LONELY, st.text(max_size=11), st.none()), max_size=8)
INPUTS = st.lists(
    st.sampled_from(
        ["%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%Y.%d.%m", "%d-%m.%Y", "%d.%m.%y", "%d%m%Y", "%d. %m. %Y",
         "%m-%Y-%d", "%d %B %Y"]
    ),
    max_size=3,
)  # fmt: skip
OUTPUTS = st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%Y%m%d", "gün %d, ay %m: %Y", "[%Y] %m~%d", "%d.%m.%Y %%", "%j/%Y"])


def spec(inputs: list[str], output: str = "%d/%m/%Y") -> CustomFieldSpec:
    return CustomFieldSpec.model_validate({"column": "Doğum", "type": "date", "input": inputs, "output": output})


def text_by_text(texts: pd.Series, made: CustomFieldSpec) -> tuple[dict[int, str], dict[int, Finding]]:
    answers = {row: date(text, made) for row, text in texts.dropna().items()}
    return (
        {row: answer for row, answer in answers.items() if isinstance(answer, str) and answer},
        {row: answer for row, answer in answers.items() if isinstance(answer, Finding)},
    )


@given(TEXTS, INPUTS, OUTPUTS, st.sampled_from([None, Kind.TEXT, Kind.DATE]))
@settings(max_examples=400, deadline=None)
def test_a_column_gets_the_values_and_findings_that_its_texts_get_one_by_one(
    found: list[str | None], inputs: list[str], output: str, kind: Kind | None
) -> None:
    texts = pd.Series(found, index=range(100, 100 + 3 * len(found), 3), dtype="str")
    made = spec(inputs, output)

    cleaned = dates(texts, made, None if kind is None else np.full(len(texts), kind, dtype=np.int8))

    assert (cleaned.values.dropna().to_dict(), cleaned.bad) == text_by_text(texts, made)
    assert (str(cleaned.values.dtype), cleaned.values.index.tolist()) == ("str", texts.index.tolist())


@given(TEXTS, INPUTS)
@settings(max_examples=200, deadline=None)
def test_the_numbers_of_a_workbook_are_the_dates_that_their_texts_are(
    found: list[str | None], inputs: list[str]
) -> None:
    texts = pd.Series(found, dtype="str")

    cleaned = dates(texts, spec(inputs), np.full(len(texts), Kind.NUMBER, dtype=np.int8))

    values, bad = text_by_text(texts, spec(inputs))
    assert (cleaned.values.dropna().to_dict(), set(cleaned.bad)) == (values, set(bad))


@pytest.mark.parametrize("inputs", [[], ["%d.%m.%Y"], ["%m.%d.%Y", "%d.%m.%Y"], ["%Y.%m.%d"]])
def test_of_every_day_and_of_none_the_same_is_said(inputs: list[str]) -> None:
    table = product(range(33), range(15), (999, 1000, 1900, 2000, 2023, 2024, 9999))
    texts = pd.Series([f"{day:02}.{month:02}.{year:04}" for day, month, year in table], dtype="str")

    cleaned = dates(texts, spec(inputs))

    assert (cleaned.values.dropna().to_dict(), cleaned.bad) == text_by_text(texts, spec(inputs))


@pytest.mark.parametrize("text", ["21.01.2024", "1/1/1991", "2024-1-12"])
def test_whatever_one_letter_of_a_day_is_replaced_by_the_same_is_said(text: str) -> None:
    letters = [*map(chr, range(256)), ""]
    texts = pd.Series([text[:at] + letter + text[at + 1 :] for at in range(len(text)) for letter in letters])

    cleaned = dates(texts.astype("str"), spec([]))

    assert (cleaned.values.dropna().to_dict(), cleaned.bad) == text_by_text(texts, spec([]))


@pytest.mark.parametrize("text", ["27.09.2024", "27/9/2024", "27-09.2024", "2024-09-27", "2024/9/27"])
def test_plain_days_take_the_fast_path(text: str) -> None:
    assert plain_dates(pd.Series([None, text], dtype="str"), spec([])).tolist()[1] == "27/09/2024"


@pytest.mark.parametrize("text", ["7.9.2024", "07.9.2024", "7.09.2024", "07.09.2024"])
@pytest.mark.parametrize("inputs", [["%d.%m.%Y"], ["%Y-%m-%d", "%d.%m.%Y"], ["%d.%m.%Y", "%d %B %Y"]])
def test_they_take_it_too_where_the_mapping_names_their_format_before_all_others(text: str, inputs: list[str]) -> None:
    assert plain_dates(pd.Series([text], dtype="str"), spec(inputs)).tolist() == ["07/09/2024"]


def test_behind_a_format_that_is_not_known_to_it_the_fast_path_reads_nothing() -> None:
    assert plain_dates(pd.Series(["07.09.2024"], dtype="str"), spec(["%d.%m.%y", "%d.%m.%Y"])).isna().all()


def test_a_column_of_many_pieces_keeps_its_order() -> None:
    texts = pd.Series([f"{number % 28 + 1}.{number % 12 + 1}.{2000 + number % 7}" for number in range(70_000)])
    texts[3::5] = "2024-09-27"
    texts[4::5] = None

    cleaned = dates(texts.astype("str")[17:], spec([]))

    assert (cleaned.values.dropna().to_dict(), cleaned.bad) == text_by_text(texts[17:], spec([]))
