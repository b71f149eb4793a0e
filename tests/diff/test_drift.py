"""Guards against an input that is not what it used to be."""

from typing import Any

import pytest

from sync.diff import drift_breaches
from sync.diff.guards import Breach
from sync.mapping import Guards
from sync.remembered import Figures


def before(rows: int = 100, **facts: Any) -> Figures:
    own: dict[str, Any] = {"filled": {"name": rows, "gsm": rows}, "bad": {"name": 0, "gsm": 0}}
    return Figures("r", "", rows, content="", **{**own, **facts})


def now(rows: int = 100, **facts: Any) -> dict[str, Any]:
    return {"rows": rows, "filled": {"name": rows, "gsm": rows}, "bad": {"name": 0, "gsm": 0}, **facts}


def broken(figures: dict[str, Any], *accepted: Figures, **limits: Any) -> list[str]:
    return [each.guard for each in drift_breaches(figures, accepted, Guards(**limits))]


def test_the_first_run_is_measured_by_a_count_alone() -> None:
    assert broken(now(1)) == []
    assert broken(now(9), min_rows=10) == ["min_rows"]
    assert broken(now(10), min_rows=10) == []


def test_fewer_rows_than_the_share_of_the_last_run_are_too_few() -> None:
    assert drift_breaches(now(49), [before()], Guards()) == [Breach("min_rows", 49, 100, "50%")]
    assert broken(now(50), before()) == []
    assert broken(now(49), before(), min_rows=None) == []
    assert broken(now(49), before(60), before(1000)) == []  # the last one counts


def test_a_share_of_a_handful_means_nothing() -> None:
    assert broken(now(1), before(19)) == []


def test_a_column_that_held_something_in_most_rows_must_not_be_empty() -> None:
    emptied = now(filled={"name": 0, "gsm": 100})

    assert broken(emptied, before()) == ["same_columns"]
    assert broken(emptied, before(filled={"name": 50, "gsm": 100})) == []
    assert broken(now(filled={"name": 1, "gsm": 100}), before()) == []


@pytest.mark.parametrize(("bad", "guards"), [(20, []), (21, ["max_bad"])])
def test_bad_cells_may_be_so_many_more_than_in_the_worst_run(bad: int, guards: list[str]) -> None:
    assert broken(now(bad={"name": 0, "gsm": bad}), before(), max_bad="10%") == guards
    worse = before(bad={"name": 0, "gsm": 10})
    assert broken(now(bad={"name": 0, "gsm": bad + 10}), before(), worse, max_bad="10%") == guards


def test_the_limit_of_bad_cells_may_be_a_count_or_none() -> None:
    figures = now(bad={"name": 0, "gsm": 6})

    assert broken(figures, before(), max_bad=5) == ["max_bad"]
    assert broken(figures, before(), max_bad=6) == []
    assert broken(now(bad={"name": 100, "gsm": 100}), before(), max_bad=None) == []
