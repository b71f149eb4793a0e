"""Guards: counts, and shares from twenty rows up."""

from typing import Any

import pytest

from sync.diff import Breach, breaches
from sync.mapping import Guards


def broken(guards: dict[str, Any], *, adds: int = 0, edits: int = 0, rows: int = 0, matched: int = 0) -> list[Breach]:
    return breaches(adds=adds, edits=edits, rows=rows, matched=matched, guards=Guards.model_validate(guards))


def test_a_count_that_is_reached_is_not_broken() -> None:
    assert broken({"max_adds": 5}, adds=5, rows=5) == []


def test_a_count_that_is_passed_is_broken() -> None:
    assert broken({"max_adds": 5}, adds=6, rows=100) == [Breach("max_adds", 6, 100, "5")]


def test_a_count_holds_among_a_handful_of_rows_too() -> None:
    assert broken({"max_edits": 0}, edits=1, rows=1, matched=1) == [Breach("max_edits", 1, 1, "0")]


def test_a_share_that_is_reached_is_not_broken() -> None:
    assert broken({"max_edits": "30%"}, edits=6, matched=20) == []


def test_a_share_that_is_passed_is_broken_from_twenty_rows_up() -> None:
    assert broken({"max_edits": "30%"}, edits=7, matched=20) == [Breach("max_edits", 7, 20, "30%")]


def test_a_share_means_nothing_below_twenty_rows() -> None:
    assert broken({"max_edits": "30%"}, edits=19, matched=19) == []


def test_a_share_of_edits_counts_against_the_matched_rows() -> None:
    assert broken({"max_edits": "30%"}, edits=10, rows=1000, matched=30) == [Breach("max_edits", 10, 30, "30%")]


def test_a_share_of_adds_counts_against_all_rows() -> None:
    assert broken({"max_adds": "10%"}, adds=11, rows=100, matched=0) == [Breach("max_adds", 11, 100, "10%")]


def test_edits_are_limited_to_thirty_percent_unless_the_mapping_says_otherwise() -> None:
    assert broken({}, edits=31, adds=10_000, rows=10_100, matched=100) == [Breach("max_edits", 31, 100, "30%")]


def test_a_guard_can_be_taken_off() -> None:
    assert broken({"max_edits": None}, edits=100, matched=100) == []


def test_every_broken_guard_is_told() -> None:
    found = broken({"max_adds": 1, "max_edits": 1}, adds=2, edits=2, rows=4, matched=2)

    assert [breach.guard for breach in found] == ["max_adds", "max_edits"]


@pytest.mark.parametrize(("edits", "expected"), [(100, 0), (101, 1)])
def test_a_share_of_a_hundred_percent_lets_everything_pass(edits: int, expected: int) -> None:
    assert len(broken({"max_edits": "100%"}, edits=edits, matched=100)) == expected


def test_no_delete_is_allowed_unless_the_mapping_says_so() -> None:
    assert [Breach("max_deletes", 1, 101, "0")] == breaches(
        adds=0, edits=0, rows=100, matched=100, guards=Guards.model_validate({}), deletes=1
    )


@pytest.mark.parametrize(("deletes", "expected"), [(10, 0), (11, 1)])
def test_a_share_of_deletes_counts_against_the_contacts_that_are_known_with_the_deleted_ones(
    deletes: int, expected: int
) -> None:
    guards = Guards.model_validate({"max_deletes": "10%"})

    found = breaches(adds=0, edits=0, rows=0, matched=100 - deletes, guards=guards, deletes=deletes)

    assert expected == len(found)


@pytest.mark.parametrize(("count", "expected"), [(1, 0), (2, 1)])
def test_among_a_handful_one_may_be_taken_away_and_a_share_binds_from_the_second_on(count: int, expected: int) -> None:
    deletes = Guards.model_validate({"max_deletes": "10%"})
    removals = Guards.model_validate({"max_removals": "10%"})

    assert expected == len(breaches(adds=0, edits=0, rows=3, matched=3, guards=deletes, deletes=count))
    assert expected == len(breaches(adds=0, edits=0, rows=3, matched=3, guards=removals, removals=count, known=5))


def test_removals_count_against_what_the_job_remembers() -> None:
    guards = Guards.model_validate({"max_removals": "10%"})

    found = breaches(adds=0, edits=0, rows=500, matched=500, guards=guards, removals=11, known=100)

    assert found == [Breach("max_removals", 11, 100, "10%")]
    assert breaches(adds=0, edits=0, rows=500, matched=500, guards=guards, removals=10, known=100) == []
