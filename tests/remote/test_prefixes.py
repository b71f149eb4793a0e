"""Shared beginnings: nothing is left out, and they never cost more than the texts one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.remote.prefixes import Branch, Density, branch_of, branches, cheapest

TEXTS = st.one_of(
    st.text(alphabet="05+", max_size=9),
    st.text(alphabet="aıİç@.", max_size=8),
    st.integers(0, 10**7 - 1).map(lambda number: f"+90500{number:07}"),
)
WANTED = st.lists(TEXTS, max_size=40)
BOOKS = st.tuples(st.lists(TEXTS, max_size=40), st.sampled_from([1.0, 99.5, 1000.0, 5000.0]))


def searchable(texts: list[str]) -> set[str]:
    return {text for text in texts if len(text) >= 3}


@given(WANTED)
def test_the_widest_branches_share_out_every_text_that_can_be_searched_for(texts: list[str]) -> None:
    found = branches(texts)

    assert sorted(text for each in found for text in each.texts) == sorted(searchable(texts))
    assert all(text.startswith(each.start) for each in found for text in each.texts)


@given(WANTED, BOOKS)
def test_the_chosen_branches_share_out_every_text(texts: list[str], book: tuple[list[str], float]) -> None:
    chosen = cheapest(branches(texts), Density(*book)).branches

    assert sorted(text for each in chosen for text in each.texts) == sorted(searchable(texts))
    assert all(text.startswith(each.start) for each in chosen for text in each.texts)


@given(WANTED, BOOKS)
def test_no_chosen_term_is_too_short_to_be_searched_for(texts: list[str], book: tuple[list[str], float]) -> None:
    assert all(len(each.start) >= 3 for each in cheapest(branches(texts), Density(*book)).branches)


@given(WANTED, BOOKS)
def test_the_estimate_is_the_pages_of_the_chosen_branches_and_at_most_a_look_up_of_each_text(
    texts: list[str], book: tuple[list[str], float]
) -> None:
    density = Density(*book)

    found = cheapest(branches(texts), density)

    assert found.requests == sum(density.pages(each.start) for each in found.branches)
    assert found.requests <= sum(density.pages(text) for text in searchable(texts))
    assert found.requests <= sum(density.pages(each.start) for each in branches(texts))


@given(st.lists(st.integers(0, 10**7 - 1).map(lambda number: f"+90500{number:07}"), max_size=40, unique=True))
def test_where_no_text_stands_for_more_than_a_page_the_estimate_never_exceeds_the_number_of_texts(
    texts: list[str],
) -> None:
    assert cheapest(branches(texts), Density([], 1.0)).requests <= len(texts)
    assert cheapest(branches(texts), Density(texts, 1000.0)).requests <= len(texts)


@given(WANTED, BOOKS, st.integers(3, 12))
def test_no_fixed_depth_is_cheaper(texts: list[str], book: tuple[list[str], float], depth: int) -> None:
    density = Density(*book)

    fixed = {text[:depth] for text in searchable(texts)}

    assert cheapest(branches(texts), density).requests <= sum(density.pages(start) for start in fixed)


@given(WANTED)
def test_a_branch_splits_into_longer_branches_of_the_same_texts(texts: list[str]) -> None:
    for each in branches(texts):
        parts = each.split()
        if len(each.texts) > 1:
            assert all(len(part.texts) < len(each.texts) for part in parts)
        assert sorted(text for part in parts for text in part.texts) == list(each.texts)


@given(st.lists(TEXTS, max_size=30), TEXTS, st.sampled_from([0.5, 1.0, 700.0]))
def test_the_density_counts_what_begins_so(sample: list[str], start: str, each: float) -> None:
    contacts = each * sum(text.startswith(start) for text in sample)

    assert Density(sample, each).pages(start) == max(1, -int(-contacts // 1000))


@pytest.mark.parametrize(
    ("texts", "starts"),
    [
        (["+905001", "+905002"], ["+90500"]),
        (["+905001"], ["+905001"]),
        (["+90", "+905", "0500"], ["+90", "0500"]),
        (["05", ""], []),
    ],
)
def test_a_branch_begins_as_long_as_its_texts_agree(texts: list[str], starts: list[str]) -> None:
    assert [each.start for each in branches(texts)] == starts


def test_one_branch_of_all_texts_may_begin_with_nothing() -> None:
    assert branch_of([]) == []
    assert branch_of(["b", "a", "b"]) == [Branch("", ["a", "b"])]


def test_only_what_overflows_is_narrowed() -> None:
    crowded = [f"+905321{number:06}" for number in range(5000)]
    wanted = ["+905321000001", "+905321999999", "+905551000001", "+905551999999"]

    found = cheapest(branches(wanted), Density(crowded, 1.0))

    assert sorted(each.start for each in found.branches) == ["+905321000001", "+905321999999", "+905551"]
    assert found.requests == 3
