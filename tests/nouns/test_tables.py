"""Columns of texts: a number for each text."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import tables
from sync.tables import as_arrow, differing, fingerprints, octets

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


@pytest.mark.parametrize("alphabet", ["ab", "aş\0€"])
@pytest.mark.parametrize("size", [1, 8, 13, 16, None])
@settings(max_examples=40)
@given(data=st.data())
def test_texts_are_told_apart_whichever_way_they_are_compared(
    alphabet: str, size: int | None, data: st.DataObject
) -> None:
    stored_texts = st.text(alphabet, min_size=size or 0, max_size=size or 12)
    stored = data.draw(st.lists(stored_texts if size else st.none() | stored_texts, min_size=1, max_size=12))
    positions = data.draw(st.lists(st.integers(0, len(stored) - 1), max_size=8))
    other = st.none() | stored_texts | st.text(alphabet, max_size=20)
    near = [data.draw(st.just(stored[at]) | other) for at in positions]
    first = data.draw(st.integers(0, len(positions)))

    for fewest in (1, 1 << 40):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tables, "_WORTH_NUMBERS", fewest)
            patch.setattr(tables, "_FEW", data.draw(st.sampled_from([0, 1 << 14])))
            one = pd.Series(near, dtype="str").array[first:]
            found = differing(one, pd.Series(stored, dtype="str").array, np.array(positions[first:], dtype=np.int64))
        for told, text, at in zip(found.tolist(), near[first:], positions[first:], strict=True):
            assert told == (text != stored[at]) or (text is None and stored[at] is None)
