"""Coverage: what was searched for, and what that proves."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import lookup
from sync.coverage import CONTROL, LOOK_UP, SWEEP, Coverage, Searched

ALL = Searched(frozenset({"+90", "905", "050", "500"}))
PHONES = [f"+90500123450{digit}" for digit in range(4)]
TERMS = st.lists(st.text(alphabet="059+", min_size=1, max_size=6), max_size=6).map(frozenset)


def evidence(coverage: Coverage, key: str, *values: str) -> list[str | None]:
    found = coverage.evidence(key, pd.Series(list(values), dtype="str"))
    return [None if pd.isna(each) else str(each) for each in found]


@given(TERMS, TERMS, st.lists(st.text(alphabet="059+", max_size=8), max_size=12))
def test_a_text_is_covered_by_any_beginning_or_ending_that_was_searched_for(
    starts: frozenset[str], ends: frozenset[str], texts: list[str]
) -> None:
    covered = Searched(starts, ends).covers(pd.Series(texts, dtype="str"))

    assert covered.tolist() == [
        text != "" and (text.startswith(tuple(starts)) or text.endswith(tuple(ends))) for text in texts
    ]


def test_nothing_is_proven_where_nothing_was_searched_for() -> None:
    assert evidence(Coverage(), "gsm", *PHONES) == [None] * 4


def test_a_look_up_proves_its_own_value_alone() -> None:
    coverage = Coverage(looked_up={"gsm": {PHONES[1]}})

    assert evidence(coverage, "gsm", *PHONES) == [None, LOOK_UP, None, None]
    assert evidence(coverage, "email", PHONES[1]) == [None]


@pytest.mark.parametrize("missing", lookup.forms("gsm"))
def test_a_value_is_swept_when_every_form_was_searched_for_its_text(missing: str) -> None:
    whole = dict.fromkeys(lookup.forms("gsm"), ALL)

    assert evidence(Coverage(swept={"gsm": [whole]}), "gsm", PHONES[0]) == [SWEEP]
    assert evidence(Coverage(swept={"gsm": [{**whole, missing: Searched()}]}), "gsm", PHONES[0]) == [None]


def test_a_form_that_a_value_cannot_have_is_not_asked_for() -> None:
    swept = {"address": Searched(ends=frozenset({".com"})), "ascii": Searched()}

    coverage = Coverage(swept={"email": [swept]})

    assert evidence(coverage, "email", "ada@example.com", "ada@örnek.com") == [SWEEP, None]


def test_forms_in_which_a_value_has_no_text_at_all_prove_nothing() -> None:
    coverage = Coverage(swept={"gsm": [{"+49 ### #######": Searched(frozenset({"+49"}))}]})

    assert evidence(coverage, "gsm", PHONES[0]) == [None]


def test_a_look_up_counts_before_a_sweep() -> None:
    coverage = Coverage(looked_up={"gsm": {PHONES[0]}}, swept={"gsm": [{"e164": ALL}]})

    assert evidence(coverage, "gsm", *PHONES[:2]) == [LOOK_UP, SWEEP]


def test_nothing_is_proven_for_a_key_that_searches_do_not_find() -> None:
    coverage = Coverage({"gsm": set(PHONES)}, uncertain=frozenset({"gsm"}), swept={"gsm": [{"e164": ALL}]})

    assert evidence(coverage, "gsm", *PHONES) == [None] * 4


def test_where_nothing_was_learned_the_first_add_is_to_prove_it() -> None:
    assert evidence(Coverage(unproven=frozenset({"gsm"})), "gsm", *PHONES) == [CONTROL] * 4


def test_a_look_up_proves_nothing_where_no_search_was_seen_to_find_anybody() -> None:
    coverage = Coverage(looked_up={"gsm": {PHONES[0]}}, unproven=frozenset({"gsm"}))

    assert evidence(coverage, "gsm", *PHONES[:2]) == [CONTROL, CONTROL]


def test_the_evidence_stands_at_the_places_of_the_values() -> None:
    coverage = Coverage(looked_up={"gsm": {PHONES[1]}})

    found = coverage.evidence("gsm", pd.Series(PHONES[:2], index=[7, 3], dtype="str"))

    assert found.index.tolist() == [7, 3]
    assert found[3] == LOOK_UP
    assert pd.isna(found[7])
    assert coverage.evidence("gsm", pd.Series([], dtype="str")).empty


def test_one_value_is_judged_as_a_column_is() -> None:
    coverage = Coverage(looked_up={"gsm": {PHONES[1]}})

    assert coverage.proves_absent("gsm", PHONES[1])
    assert not coverage.proves_absent("gsm", PHONES[0])
