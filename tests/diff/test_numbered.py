"""Numbers for texts: equal exactly where the texts are, even where fingerprints collide."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.diff import numbered as module
from sync.diff.numbered import NONE, numbered
from sync.tables import fingerprints

CELLS = st.lists(st.none() | st.sampled_from(["a", "b", "ab", "ba", ""]), max_size=8)


def colliding(texts: pd.Series) -> np.ndarray:
    """Fingerprints of which only the lengths of the texts are left."""
    return np.array(
        [0 if text is None else len(text) for text in texts.astype(object).where(texts.notna(), None)], "u8"
    )


@pytest.mark.parametrize("marks", [fingerprints, colliding])
@given(stored=CELLS, wanted=CELLS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_texts_have_one_number_exactly_where_they_are_equal(
    marks: Callable[[pd.Series], np.ndarray],
    stored: list[str | None],
    wanted: list[str | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "fingerprints", marks)

    found = numbered(pd.Series(stored, dtype="str"), pd.Series(wanted, dtype="str"))

    for text, number in zip(stored, found.stored, strict=True):
        assert (number == NONE) == (text is None)
        if number != NONE:
            assert found.first[number] == stored.index(text)
            assert found.count[number] == stored.count(text)
    for text, number in zip(wanted, found.wanted, strict=True):
        if text is None or text not in stored:
            assert number == NONE
        else:
            assert number == found.stored[stored.index(text)]
