"""Runs that are forgotten: what goes, what stays, and that nothing else is touched."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sync.errors import UsageError
from sync.report.folder import RECORD
from sync.run import past
from sync.run.purging import forget, old_runs
from sync.runs import RunFile, StateDirectory
from tests.runs.building import a_meta, a_run

MADE = datetime.fromisoformat(a_meta().created)
AGE = timedelta(days=90)
LATER = MADE + AGE + timedelta(days=1)
RUN = "20261121T1200-abcdef"

Add = Callable[..., Path]


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path / "state")


@pytest.fixture
def add(state: StateDirectory) -> Add:
    def added(run: str = RUN, **facts: Any) -> Path:
        path = state.new_run_path(run)
        a_run(path, 6, run=run, **facts).close()
        return path

    return added


def reported(path: Path, folder: Path, run: str = RUN) -> list[Path]:
    """Reports of the run, as a command leaves them."""
    folder.mkdir(parents=True)
    paths = [folder / "report.json", folder / "report.csv"]
    paths[0].write_text(f'{{"summary": {{"run": "{run}"}}}}', encoding="utf-8")
    paths[1].write_text("satır", encoding="utf-8")
    run_file = RunFile.open(path)
    run_file.note_reports(paths)
    run_file.close()
    return paths


def test_only_runs_that_are_old_enough_go(state: StateDirectory, add: Add) -> None:
    old, young = add(), add("20270101T1200-000000", created=(MADE + timedelta(days=5)).isoformat())
    found = old_runs(state, LATER, AGE)
    forget(found)

    assert [each.run for each in found] == [RUN]
    assert (old.exists(), young.exists()) == (False, True)
    assert list(past.past_runs(state, LATER)[0].path.parent.iterdir()) == [young]


def test_what_was_written_to_last_counts_not_when_it_was_made(state: StateDirectory, add: Add) -> None:
    path = add(applied_at=(MADE + timedelta(days=5)).isoformat(), status="completed")

    assert old_runs(state, LATER, AGE) == []
    assert [each.run for each in old_runs(state, LATER + timedelta(days=5), AGE)] == [path.stem]


def test_a_run_that_can_still_be_finished_is_kept(state: StateDirectory, add: Add) -> None:
    path = add(applied_at=MADE.isoformat(), status="interrupted")
    folder = state.path / "accounts" / a_meta().account
    folder.mkdir(parents=True)
    (folder / "last-writer").write_text(RUN, encoding="utf-8")
    (kept,) = old_runs(state, LATER, AGE)
    forget([kept])

    assert (kept.files, kept.stays) == ((), "purge_unfinished")
    assert path.exists()
    (folder / "last-writer").write_text("another", encoding="utf-8")  # now nobody can resume it
    forget(old_runs(state, LATER, AGE))
    assert not path.exists()


def test_its_reports_and_their_empty_folder_go_too(state: StateDirectory, add: Add, tmp_path: Path) -> None:
    paths = reported(add(), tmp_path / "reports" / RUN)
    forget(old_runs(state, LATER, AGE))

    assert not any(path.exists() for path in paths)
    assert not (tmp_path / "reports" / RUN).exists()
    assert (tmp_path / "reports").exists()


def test_what_was_noted_of_its_rejected_rows_goes_with_the_folder(
    state: StateDirectory, add: Add, tmp_path: Path
) -> None:
    reported(add(), tmp_path / "reports" / RUN)
    (tmp_path / "reports" / RUN / RECORD).write_text("", encoding="utf-8")

    forget(old_runs(state, LATER, AGE))

    assert not (tmp_path / "reports" / RUN).exists()


def test_a_folder_with_something_else_in_it_stays(state: StateDirectory, add: Add, tmp_path: Path) -> None:
    reported(add(), tmp_path / "reports" / RUN)
    note = tmp_path / "reports" / RUN / "not.txt"
    note.write_text("benim", encoding="utf-8")
    forget(old_runs(state, LATER, AGE))

    assert list(note.parent.iterdir()) == [note]


def test_reports_stay_where_that_is_wanted_and_where_they_are_another_runs(
    state: StateDirectory, add: Add, tmp_path: Path
) -> None:
    wanted = reported(add(), tmp_path / "one")
    forget(old_runs(state, LATER, AGE, reports=False))
    assert all(path.exists() for path in wanted)

    replaced = reported(add(), tmp_path / "two", run="20270101T1200-000000")
    forget(old_runs(state, LATER, AGE))
    assert all(path.exists() for path in replaced)


def test_a_run_that_was_saved_elsewhere_is_only_forgotten(state: StateDirectory, tmp_path: Path) -> None:
    path = tmp_path / "friday.run"
    a_run(path, 6, run=RUN).close()
    state.record_elsewhere(RUN, path)
    (found,) = old_runs(state, LATER, AGE)
    forget([found])

    assert found.elsewhere == path
    assert path.exists()
    assert state.runs() == {}


def test_a_damaged_file_and_its_log_go_by_their_own_age(state: StateDirectory) -> None:
    path = state.new_run_path(RUN)
    path.write_bytes(b"SQLite format 3\0" + b"x" * 100)
    log = path.with_name(f"{path.name}-wal")
    log.write_bytes(b"x")
    written = datetime.fromtimestamp(path.stat().st_mtime, MADE.tzinfo)

    assert old_runs(state, written + AGE - timedelta(hours=1), AGE) == []
    forget(old_runs(state, written + AGE + timedelta(hours=1), AGE))
    assert not path.exists()
    assert not log.exists()


def test_the_run_file_goes_last_so_that_nothing_is_left_that_nobody_knows(
    state: StateDirectory, add: Add, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = add()
    reports = reported(path, tmp_path / "reports" / RUN)
    found = old_runs(state, LATER, AGE)
    unlink = Path.unlink

    def refused(each: Path, *, missing_ok: bool = False) -> None:
        if each == reports[1]:
            raise PermissionError(13, "Permission denied")
        unlink(each, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refused)
    with pytest.raises(UsageError) as error:
        forget(found)

    assert (error.value.code, path.exists(), reports[0].exists()) == ("purge_failed", True, False)
    monkeypatch.undo()
    forget(old_runs(state, LATER, AGE))
    assert not path.exists()
