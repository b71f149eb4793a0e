"""Past runs: found by what somebody calls them, ordered by when they were made, with what can be done next."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sync import messages
from sync.change import Settled
from sync.errors import UsageError
from sync.history import PastRun
from sync.run import past
from sync.runs import RunFile, RunJournal, StateDirectory
from tests.runs.building import a_meta, a_run, journaled

READ_AT = datetime.fromisoformat(a_meta().read_at)
NOW = READ_AT + timedelta(hours=1)

Add = Callable[..., Path]


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path / "state")


@pytest.fixture
def add(state: StateDirectory) -> Add:
    def added(run: str, **facts: Any) -> Path:
        path = state.new_run_path(run)
        a_run(path, 6, run=run, **facts).close()
        return path

    return added


def writer(state: StateDirectory, run: str) -> None:
    """Makes this run the one that has written to the account last."""
    folder = state.path / "accounts" / a_meta().account
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "last-writer").write_text(run, encoding="utf-8")


def begun(path: Path, status: str, *, settled: bool = True, **facts: Any) -> None:
    """Lets the run begin, and its first change end."""
    run_file = RunFile.open(path)

    async def work(journal: RunJournal) -> None:
        await journal.sending(0)
        await journal.settled(0, Settled("added", 77))

    if settled:
        journaled(run_file, work)
    for name, value in {"applied_at": "2026-11-21T12:05:00+00:00", "status": status, **facts}.items():
        setattr(run_file.meta, name, value)
    run_file.save_meta()
    run_file.close()


def stands(state: StateDirectory, path: Path, now: datetime = NOW) -> PastRun:
    run_file = RunFile.open(path, look=True)
    try:
        return past.past_run(state, run_file, now, reasons=True)
    finally:
        run_file.close()


def next_ones(found: PastRun) -> list[tuple[str, str]]:
    return [(each.code, each.command) for each in found.advice]


def test_runs_are_ordered_by_when_they_were_made_not_by_their_ids(state: StateDirectory, add: Add) -> None:
    add("20261121T1200-ffffff", created="2026-11-21T09:00:01+00:00")
    add("20261121T1200-aaaaaa", created="2026-11-21T09:00:02+00:00")
    add("20261121T0300-eeeeee", created="2026-11-21T12:30:00+03:00")  # another zone: half an hour later

    found = [each.meta.run for each in past.past_runs(state, NOW) if isinstance(each, PastRun)]
    assert found == ["20261121T0300-eeeeee", "20261121T1200-aaaaaa", "20261121T1200-ffffff"]
    assert past.find(state, "last").stem == "20261121T0300-eeeeee"
    assert len(past.past_runs(state, NOW, most=2)) == 2


def test_a_run_is_found_by_an_unambiguous_beginning_alone(state: StateDirectory, add: Add) -> None:
    wanted = add("20261121T1200-abcdef")
    add("20261121T1200-abc000")

    assert past.find(state, "20261121T1200-abcd") == wanted
    with pytest.raises(UsageError) as several:
        past.find(state, "20261121T1200-abc")
    assert several.value.code == "run_ambiguous"
    for name in ("nichts", "", "last-one"):
        with pytest.raises(UsageError) as unknown:
            past.find(state, name)
        assert unknown.value.code == "run_unknown"


def test_an_id_that_another_one_begins_with_is_that_run(state: StateDirectory, add: Add) -> None:
    wanted = add("20261121T1200-abc")
    add("20261121T1200-abcdef")

    assert past.find(state, "20261121T1200-abc") == wanted


def test_last_is_unknown_where_there_are_no_runs(state: StateDirectory) -> None:
    with pytest.raises(UsageError) as error:
        past.find(state, "last")
    assert error.value.code == "run_none_yet"


LASTS = {
    "newest": "20261121T1204-a",  # an undo that was only planned
    "plan": "20261121T1204-a",
    "begun": "20261121T1203-a",
    "undoable": "20261121T1202-a",
}


@pytest.mark.parametrize("last", LASTS)
def test_last_is_the_last_run_that_can_be_meant(state: StateDirectory, add: Add, last: past.Last) -> None:
    for minute in range(1, 5):
        add(f"20261121T120{minute}-a", created=f"2026-11-21T12:0{minute}:00+00:00", undoes="x" if minute > 2 else "")
    for minute in range(1, 4):
        path, moment = state.find_run(f"20261121T120{minute}-a"), f"2026-11-21T13:0{minute}:00+00:00"
        begun(path, "completed", settled=False, applied_at=moment)

    assert past.find(state, "last", last).stem == LASTS[last]


@pytest.mark.parametrize(("last", "code"), [("plan", "plan_none"), ("begun", "run_none"), ("undoable", "undo_none")])
def test_where_no_run_can_be_meant_the_error_names_those_that_there_are(
    state: StateDirectory, add: Add, last: past.Last, code: str
) -> None:
    path = add("20261121T1201-a", status="superseded", undoes="x")
    if last == "undoable":
        begun(path, "completed", settled=False)
    with pytest.raises(UsageError) as error:
        past.find(state, "last", last)

    assert (error.value.code, error.value.values["last"]) == (code, "20261121T1201-a")


def test_a_damaged_file_hides_no_plan(state: StateDirectory, add: Add) -> None:
    wanted = add("20261121T1201-a")
    state.new_run_path("20261121T1202-b").write_bytes(b"SQLite format 3\0" + b"x" * 5000)

    assert past.find(state, "last", "plan") == wanted


def test_of_two_runs_of_one_second_the_one_written_to_later_is_the_last(state: StateDirectory, add: Add) -> None:
    earlier, later = add("20261121T1201-f"), add("20261121T1201-a")
    os.utime(earlier, (1, 1))

    assert past.find(state, "last") == later


def test_an_unknown_run_is_answered_with_the_newest_ones(state: StateDirectory, add: Add) -> None:
    add("20261121T1201-a")
    with pytest.raises(UsageError) as error:
        past.find(state, "nothing")

    assert "The newest runs: 20261121T1201-a." in messages.error_text(error.value)


def test_a_run_that_was_saved_elsewhere_is_found_and_listed(state: StateDirectory, tmp_path: Path) -> None:
    path = tmp_path / "friday.run"
    a_run(path, 6, run="20261121T1200-abcdef").close()
    state.record_elsewhere("20261121T1200-abcdef", path)

    assert past.find(state, "20261121T12") == path
    assert [each.path for each in past.past_runs(state, NOW)] == [path]


def test_a_fresh_plan_can_be_applied_and_an_old_one_cannot(state: StateDirectory, add: Add) -> None:
    path = add("20261121T1200-abcdef")

    assert next_ones(stands(state, path)) == [("page_next_apply", f"imsync apply {path}")]
    assert next_ones(stands(state, path, READ_AT + timedelta(hours=25))) == [("past_next_stale", "")]


def test_a_plan_over_a_guard_is_applied_with_that_guard_lifted(state: StateDirectory, add: Add) -> None:
    breaches = [{"guard": "max_adds", "count": 3, "limit": 1, "base": 6}]
    path = add("20261121T1200-abcdef", breaches=breaches)

    assert next_ones(stands(state, path)) == [("page_next_allow", f"imsync apply {path} --allow max_adds")]


def test_a_plan_after_which_another_run_has_written_is_superseded(state: StateDirectory, add: Add) -> None:
    path = add("20261121T1200-abcdef", after="20261120T0900-000001")
    writer(state, "20261120T0900-000001")
    assert not stands(state, path).superseded
    writer(state, "20261121T1300-000002")

    assert stands(state, path).superseded
    assert next_ones(stands(state, path)) == [("past_next_stale", "")]


def test_an_interrupted_run_can_be_resumed_unless_another_has_written(state: StateDirectory, add: Add) -> None:
    path = add("20261121T1200-abcdef")
    begun(path, "interrupted")
    writer(state, "20261121T1200-abcdef")
    resume, undo = "imsync resume 20261121T1200-abcdef", "imsync undo 20261121T1200-abcdef"
    assert next_ones(stands(state, path)) == [("past_next_resume", resume), ("past_next_undo", undo)]
    writer(state, "20261121T1300-000002")

    assert next_ones(stands(state, path)) == [("past_next_undo", undo)]


def test_a_killed_run_can_be_resumed_and_its_figures_are_those_of_the_journal(state: StateDirectory, add: Add) -> None:
    path = add("20261121T1200-abcdef")
    begun(path, "applying")
    writer(state, "20261121T1200-abcdef")
    found = stands(state, path)

    assert (found.summary.status, found.summary.outcomes["added"], found.summary.outcomes["pending"]) == (
        "aborted", 1, 1,
    )  # fmt: skip
    assert found.advice[0].code == "past_next_resume"


def test_an_undone_run_names_its_undo(state: StateDirectory, add: Add) -> None:
    path = add("20261121T1200-abcdef")
    begun(path, "completed", undone_by=["20261121T1300-000001", "20261121T1400-000002"])
    writer(state, "20261121T1400-000002")

    assert next_ones(stands(state, path)) == [("past_next_undone", "imsync runs show 20261121T1400-000002")]
    assert not stands(state, path).superseded


def test_a_run_that_changed_nothing_has_nothing_to_undo(state: StateDirectory, add: Add) -> None:
    path = add("20261121T1200-abcdef")
    begun(path, "completed", settled=False)

    assert next_ones(stands(state, path)) == []


def test_reasons_are_those_of_the_end_not_of_the_plan(state: StateDirectory, add: Add) -> None:
    path = add("20261121T1200-abcdef")
    run_file = RunFile.open(path)
    failed = Settled("failed", remark=None)

    async def work(journal: RunJournal) -> None:
        await journal.sending(0)
        await journal.settled(0, failed)

    journaled(run_file, work)
    run_file.close()
    begun(path, "completed", settled=False)
    found = stands(state, path)

    assert found.summary.outcomes["failed"] == 1
    assert [(each.first.code, each.count) for each in found.reasons["rejected"]] == [("phone_too_short", 1)]
    assert found.reasons["failed"] == []


def test_a_damaged_file_counts_as_made_when_it_was_written_last(state: StateDirectory, add: Add) -> None:
    add("20261121T1200-abcdef", created=datetime(2020, 1, 1, tzinfo=UTC).isoformat())
    broken = state.new_run_path("20190101T0000-000000")
    broken.write_bytes(b"SQLite format 3\0" + b"x" * 100)

    assert past.find(state, "last") == broken
    assert not isinstance(past.past_runs(state, NOW)[0], PastRun)
