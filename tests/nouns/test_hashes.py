"""Keyed hashes: the same for what means the same."""

import numpy as np
import pandas as pd

from sync.hashes import EMPTY, Hashes

HASHES = Hashes(b"a key")


def texts(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def test_forms_of_one_value_have_one_hash() -> None:
    phones = HASHES.of_field("gsm", texts("+905001112233", "0500 111 22 33", "+905001112234"))
    dates = HASHES.of_field("custom:1", texts("27/09/1984", "1984-09-27", "28/09/1984"))
    names = HASHES.of_field("name", texts("Ayşe  Su ", "Ayşe Su", "Ayşe su"))

    for found in (phones, dates, names):
        assert found[0] == found[1] != found[2]


def test_an_empty_value_has_a_hash_of_its_own() -> None:
    found = HASHES.of_field("email", texts("", None, "a@example.com"))

    assert found.tolist()[:2] == [EMPTY, EMPTY]
    assert found[2] != EMPTY


def test_one_text_has_another_hash_in_another_field_and_with_another_key() -> None:
    name = HASHES.of_value("name", "Ali")

    assert name == HASHES.of_field("name", texts("Ali"))[0]
    assert len({name, HASHES.of_value("surname", "Ali"), Hashes(b"b").of_value("name", "Ali")}) == 3


def test_a_rows_hash_knows_where_its_texts_end() -> None:
    found = HASHES.of_rows("row", [texts("a", "ab", None), texts("bc", "c", "abc")])

    assert len(set(found.tolist())) == 3
    assert np.array_equal(found, HASHES.of_rows("row", [texts("a", "ab", ""), texts("bc", "c", "abc")]))
