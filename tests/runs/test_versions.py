"""A file of the version before is made one of the present, whole or not at all; one of a later version is refused."""

import sqlite3
from pathlib import Path

import pytest

from sync.errors import UsageError
from sync.messages import error_text
from sync.runs import RunFile, versions
from tests.runs.building import a_run, change_of


def of_version_two(path: Path) -> None:
    """A file as version 2 wrote it: it had no table `log`."""
    a_run(path, 12).close()
    connection = sqlite3.connect(path)
    connection.executescript("DROP TABLE log; PRAGMA user_version = 2;")
    connection.close()


def facts(path: Path) -> tuple[int, set[str]]:
    """The version of a file, and its tables."""
    connection = sqlite3.connect(path)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return version, {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    finally:
        connection.close()


def test_a_file_of_the_version_before_is_made_one_of_the_present(tmp_path: Path) -> None:
    of_version_two(tmp_path / "a.run")

    run_file = RunFile.open(tmp_path / "a.run")

    assert run_file.computed_fingerprint() == run_file.meta.fingerprint
    assert next(run_file.changes("planned"))[1] == change_of(0)
    run_file.close()
    a_run(tmp_path / "new.run", 12).close()
    assert facts(tmp_path / "a.run") == facts(tmp_path / "new.run")


def test_a_file_of_the_version_before_is_read_as_it_is_where_it_is_only_looked_at(tmp_path: Path) -> None:
    of_version_two(tmp_path / "a.run")
    before = (tmp_path / "a.run").read_bytes()

    run_file = RunFile.open(tmp_path / "a.run", look=True)

    assert (run_file.meta.job, run_file.row_count) == ("müşteriler", 12)
    run_file.close()
    assert (tmp_path / "a.run").read_bytes() == before


def test_an_upgrade_that_breaks_off_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_version_two(tmp_path / "a.run")
    before = facts(tmp_path / "a.run")

    step = versions.MIGRATIONS[2]

    def breaks_off(connection: sqlite3.Connection) -> None:
        step(connection)
        connection.execute("INSERT INTO nowhere VALUES (1)")

    with monkeypatch.context() as patch:
        patch.setattr(versions, "MIGRATIONS", {2: breaks_off})
        with pytest.raises(UsageError):
            RunFile.open(tmp_path / "a.run")

    assert facts(tmp_path / "a.run") == before
    RunFile.open(tmp_path / "a.run").close()
    assert facts(tmp_path / "a.run")[0] == versions.VERSION


@pytest.mark.parametrize(
    ("version", "advice"), [(versions.VERSION + 1, "Update this one"), (1, "Make the plan again"), (0, "Make the plan")]
)
@pytest.mark.parametrize("look", [False, True])
def test_a_version_that_cannot_be_read_is_refused_and_left_as_it_is(
    tmp_path: Path, version: int, advice: str, look: bool
) -> None:
    a_run(tmp_path / "a.run").close()
    connection = sqlite3.connect(tmp_path / "a.run")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    before = facts(tmp_path / "a.run")

    with pytest.raises(UsageError) as caught:
        RunFile.open(tmp_path / "a.run", look=look)

    assert advice in error_text(caught.value)
    assert facts(tmp_path / "a.run") == before


def test_two_processes_that_upgrade_one_file_at_once_do_it_once(tmp_path: Path) -> None:
    of_version_two(tmp_path / "a.run")
    connection = sqlite3.connect(tmp_path / "a.run", isolation_level=None)

    versions.upgrade(connection)
    versions.upgrade(connection)

    assert connection.execute("SELECT * FROM log").fetchall() == [("closed",)]
    connection.close()
