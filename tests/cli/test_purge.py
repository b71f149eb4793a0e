"""`imsync runs purge`, in this process."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runs.building import a_run

from .shell import Shell, shell_with  # noqa: F401 - a fixture

OLD, YOUNG = "20200101T0000-000001", "29990101T0000-000002"


@pytest.fixture
def shell(shell_with: Callable[..., Shell], tmp_path: Path) -> Shell:  # noqa: F811
    """An old run and one that is not yet old."""
    runs = tmp_path / "state" / "runs"
    for run, created in ((OLD, "2020-01-01T00:00:00+00:00"), (YOUNG, "2999-01-01T00:00:00+00:00")):
        a_run(runs / f"{run}.run", 6, run=run, created=created).close()
    return shell_with()


def left(folder: Path) -> list[str]:
    return sorted(path.stem for path in (folder / "state" / "runs").iterdir())


def test_old_runs_are_deleted_once_somebody_has_said_yes(shell: Shell, tmp_path: Path) -> None:
    refused = shell("runs", "purge", "--older-than", "90d", "--json")
    assert (refused.code, refused.summary["error"]["code"], left(tmp_path)) == (4, "purge_no_terminal", [OLD, YOUNG])

    ended = shell("runs", "purge", "--older-than", "90d", "--yes")
    assert (ended.code, left(tmp_path)) == (0, [YOUNG])
    assert "Deleted: runs: 1, reports: 0." in ended.out
    assert "No run is that old." in shell("runs", "purge", "--older-than", "12w").out


def test_a_dry_run_deletes_nothing(shell: Shell, tmp_path: Path) -> None:
    ended = shell("runs", "purge", "--older-than", "90d", "--dry-run", "--json")

    assert (ended.code, left(tmp_path)) == (0, [OLD, YOUNG])
    (found,) = json.loads(ended.out)["runs"]
    assert found["run"] == OLD
    assert found["deleted"] == [os.fspath(tmp_path / "state" / "runs" / f"{OLD}.run")]


@pytest.mark.parametrize("age", ["0d", "90 days", "-3", "1.5d", "", "∞"])
def test_an_age_that_is_none_is_refused(shell: Shell, tmp_path: Path, age: str) -> None:
    ended = shell("runs", "purge", f"--older-than={age}", "--yes", "--json")

    assert (ended.code, ended.summary["error"]["code"], left(tmp_path)) == (2, "purge_age_wrong", [OLD, YOUNG])


def test_quiet_says_nothing(shell: Shell) -> None:
    ended = shell("runs", "purge", "--older-than", "1d", "--yes", "-q")

    assert (ended.code, ended.out, ended.err) == (0, "", "")
