"""`imsync run`: named jobs, one after the other, with one summary and the worst exit code."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from sync.cli.commands import run as run_command
from sync.cli.stopping import SIGNALS
from sync.clock import SystemClock
from tests.cli.conftest import Desk, people

TWO = """\
[defaults]
rate = 2000

[jobs.first]
files = ["in/first-*.csv"]
mapping = "mapping.yaml"

[jobs.second]
files = ["second.csv"]
mapping = "mapping.yaml"
report_dir = "second-reports"
"""


@pytest.fixture
def two(desk: Desk) -> Desk:
    """A desk with two jobs."""
    (desk.folder / "in").mkdir()
    desk.sheet(people(2), "in/first-1.csv")
    desk.sheet(people(3, first=10), "second.csv")
    desk.write("imsync.toml", TWO)
    return desk


def test_all_jobs_run_one_after_the_other_with_one_object(two: Desk) -> None:
    ended = two.run("run", "--all", "--json")

    assert 0 == ended.code
    found = ended.summary
    assert ("completed", 0, 0) == (found["status"], found["exit_code"], found["forgotten"])
    assert [("first", 0, 2), ("second", 0, 3)] == [
        (job["job"], job["exit_code"], job["outcomes"]["added"]) for job in found["jobs"]
    ]
    assert (two.folder / "second-reports" / "report.csv").is_file()


def test_one_job_is_run_by_its_name(two: Desk) -> None:
    ended = two.run("run", "second")

    assert 0 == ended.code
    assert 3 == two.calls("add-contact")
    assert "completed, exit code 0" in ended.out.splitlines()[-1]
    assert "3 added" in ended.out.splitlines()[-1]


def test_a_job_that_fails_keeps_no_other_from_running_and_the_worst_code_counts(two: Desk) -> None:
    (two.folder / "in" / "first-1.csv").unlink()

    ended = two.run("run", "--all", "--json")

    assert 2 == ended.code
    first, second = ended.summary["jobs"]
    assert (2, "jobs_no_match") == (first["exit_code"], first["error"]["code"])
    assert (0, 3) == (second["exit_code"], second["outcomes"]["added"])


def test_troubled_rows_of_any_job_show_in_the_exit_code(two: Desk) -> None:
    two.sheet([*people(2), ["Kötü", "Numara", "", "12", "", ""]], "in/first-1.csv")

    ended = two.run("run", "--all")

    assert 3 == ended.code
    assert "completed with errors, exit code 3" in ended.out


def test_after_a_signal_no_further_job_is_begun(two: Desk) -> None:
    real = run_command._one

    def stopped(*args: object, **named: object) -> object:
        done = real(*args, **named)  # type: ignore[arg-type]
        SIGNALS.seen = True
        return done

    with patch.object(run_command, "_one", stopped):
        ended = two.run("run", "--all", "--json")

    assert 6 == ended.code
    assert [0, None] == [job["exit_code"] for job in ended.summary["jobs"]]
    assert 2 == two.calls("add-contact")


def test_no_job_is_begun_when_the_time_is_up(two: Desk) -> None:
    moments = iter([0.0, 0.0, 3600.0])

    with patch.object(run_command.time, "monotonic", lambda: next(moments, 3600.0)):
        ended = two.run("run", "--all", "--max-runtime", "1h")

    assert 6 == ended.code
    assert "second  not begun" in ended.out


def test_a_dry_run_writes_nothing(two: Desk) -> None:
    ended = two.run("run", "--all", "--json", "--dry-run")

    assert ["planned", "planned"] == [job["status"] for job in ended.summary["jobs"]]
    assert 0 == two.calls("add-contact")


def test_paths_are_meant_from_the_folder_of_the_file(two: Desk, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    two.folder, folder = elsewhere, two.folder

    ended = two.run("run", "second", "--config", str(folder / "imsync.toml"))

    assert 0 == ended.code
    assert (folder / "second-reports" / "report.csv").is_file()
    assert [] == list(elsewhere.iterdir())


def test_the_jobs_are_listed(two: Desk) -> None:
    shown = two.run("run", "--list")
    objects = two.run("run", "--list", "--json").summary["jobs"]

    assert ["first   in/first-*.csv -m mapping.yaml", "second  second.csv -m mapping.yaml"] == shown.out.splitlines()
    assert {"job": "first", "files": ["in/first-*.csv"], "mapping": "mapping.yaml", "profile": None} == objects[0]


def test_it_has_to_be_said_which_jobs(two: Desk) -> None:
    for words in ([], ["--all", "first"], ["frist"]):
        ended = two.run("run", *words)
        assert 2 == ended.code
        assert "first, second" in ended.err


def test_mistakes_in_the_file_are_told_with_their_lines_before_anything_runs(two: Desk) -> None:
    two.write("imsync.toml", TWO.replace("mapping =", "maping ="))

    ended = two.run("run", "--all", "--json")

    assert 2 == ended.code
    assert 4 == len(ended.summary["error"]["problems"])
    assert "imsync.toml:6:1:" in ended.err
    assert [] == list(two.server.ledger)


def test_without_a_file_it_is_said_where_one_is_looked_for(desk: Desk) -> None:
    ended = desk.run("run", "--all")

    assert 2 == ended.code
    assert "imsync.toml" in ended.err
    assert "--config" in ended.err


def test_runs_that_are_older_than_the_file_keeps_them_are_forgotten(two: Desk) -> None:
    assert 0 == two.run("run", "second").code
    (path,) = (two.folder / "state" / "runs").glob("*.run")
    reports = two.folder / "second-reports"

    class Later(SystemClock):
        def now(self) -> datetime:
            return super().now() + timedelta(days=100)

    with patch("sync.clock.SystemClock", Later):
        ended = two.run("run", "first", "--json")

    assert 1 == ended.summary["forgotten"]
    assert not path.exists()
    assert [] == [each.name for each in reports.glob("report.*")]


def test_json_logs_name_the_job_and_the_run(two: Desk) -> None:
    ended = two.run("run", "--all", "--json", "--log-format", "json")

    lines = [json.loads(line) for line in ended.err.splitlines()]
    runs = {job["job"]: job["run"] for job in ended.summary["jobs"]}
    assert runs == {line["job"]: line["run"] for line in lines if line.get("event") == "ended"}
    assert {"event": "jobs_ended", "exit_code": 0, "jobs": {"first": 0, "second": 0}}.items() <= lines[-1].items()
    assert "IMSYNC_JOB" not in os.environ
