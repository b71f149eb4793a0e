"""Columns of texts: a number for each text."""

from itertools import pairwise

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from sync.tables import as_arrow, fingerprints, octets

CELLS = st.lists(st.none() | st.text(alphabet="aş\0€", max_size=20) | st.text(max_size=40), max_size=20)


@given(CELLS, st.integers(0, 5))
def test_equal_texts_have_equal_numbers_and_different_texts_different_ones(cells: list[str | None], start: int) -> None:
    texts = pd.Series(cells, dtype="str").iloc[start:]

    found = fingerprints(texts).tolist()

    alone = [int(fingerprints(pd.Series([cell], dtype="str"))[0]) for cell in cells[start:]]
    assert found == alone  # what stands around a text does not count
    assert len(set(found)) == len(set(cells[start:]))
    assert [number == 0 for number in found] == [cell is None for cell in cells[start:]]


@given(CELLS)
def test_the_bytes_of_a_column_are_those_of_its_texts(cells: list[str | None]) -> None:
    texts = pd.Series(cells, dtype="str").iloc[1:]

    letters, ends = octets(as_arrow(texts))

    found = [bytes(letters[start:end]).decode() for start, end in pairwise(ends)]
    assert found == [cell or "" for cell in cells[1:]]
