"""Formulas written as texts, and read back as they were."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.formulas import defused, restored

TEXTS = st.text() | st.text("'=@+-\t\r \n0123456789().a", max_size=12)


@pytest.mark.parametrize("text", ["=1+1", " =1", "@SUM(A1)", "-Ek", "+Artı", "\t=1", "\rx", "'=1", "-1+cmd|x", "+"])
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", ["+905001000100", "+90 (500) 100-01-00", "-5", "Ayşe", "'tırnak'", "", " x", "a=1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert defused(text) == text


@given(st.lists(TEXTS.map(lambda text: text.encode("utf-8", "replace").decode())))
def test_what_was_defused_is_restored(texts: list[str]) -> None:
    column = pd.Series([defused(text) for text in texts], dtype="str")

    assert restored(column).tolist() == texts


def test_a_missing_text_stays_missing() -> None:
    assert restored(pd.Series(["'=1", None], dtype="str")).isna().tolist() == [False, True]
