"""The summary: counts and exit codes."""

import pytest

from sync.outcome import OUTCOMES, Status, Summary


def summary(status: Status = "completed", altered: int = 0, **outcomes: int) -> Summary:
    return Summary(None, status, sum(outcomes.values()), outcomes, altered=altered)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (summary(added=1, edited=1, unchanged=1), 0),
        (summary("planned", added=1), 0),
        (summary("planned", added=1, rejected=1), 3),
        (summary("completed_with_errors", conflict=1), 3),
        (summary(failed=1), 3),
        (summary(unresolved=1), 3),
        (summary(added=1, altered=1), 3),
        (summary(duplicate=1, held=1), 0),
        (summary("refused", rejected=1), 4),
        (summary("interrupted", pending=1), 6),
        (summary("aborted", pending=1, failed=1), 6),
    ],
)
def test_the_exit_code_says_how_the_run_ended(found: Summary, code: int) -> None:
    assert found.exit_code == code


def test_the_object_holds_every_outcome() -> None:
    every = {outcome: 0 for outcome in OUTCOMES if outcome != "deleted"}

    assert summary(added=2).to_dict()["outcomes"] == every | {"added": 2}


def test_deletes_are_an_outcome_of_an_undo_alone() -> None:
    assert summary(deleted=0).to_dict()["outcomes"] == dict.fromkeys(OUTCOMES, 0)


def test_the_object_has_the_documented_fields_in_their_order() -> None:
    assert list(summary().to_dict()) == [
        "run", "status", "rows", "outcomes", "altered", "removed", "remote_only", "requests", "retries", "seconds",
        "reports",
    ]  # fmt: skip


def test_rows_that_are_not_in_the_book_as_the_sheet_says_are_counted() -> None:
    found = summary(added=9, duplicate=9, held=9, pending=9, rejected=1, conflict=2, failed=4, unresolved=8, altered=16)

    assert found.troubled == 31
