"""Runs that nobody watches: they wait for their input, finish what was interrupted, and end in time.

What enters: a desk. What leaves: how its commands ended. What never happens here: a wait that is longer than a moment.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from sync.cli.durations import DURATION
from sync.clock import SystemClock
from sync.run import settled
from tests.cli.conftest import Desk, people


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30.0), ("90", 90.0), ("1.5h", 5400.0), ("2 d", 172800.0), ("12W", 7257600.0)]
)
def test_a_span_of_time_is_read(text: str, seconds: float) -> None:
    assert seconds == DURATION.convert(text, None, None)


@pytest.mark.parametrize("text", ["", "0", "0s", "-1h", "1y", "soon", "1h30m"])
def test_what_is_no_span_of_time_is_refused_with_examples(desk: Desk, text: str) -> None:
    ended = desk.run("sync", "sheet.csv", "-m", "mapping.yaml", "--settle", text)

    assert 2 == ended.code
    assert "30s, 10m, 2h" in ended.err


def test_a_file_that_stands_still_is_read_after_the_time_to_settle(desk: Desk) -> None:
    desk.sheet(people(2))

    ended = desk.sync("--settle", "0.1s")

    assert 0 == ended.code
    assert "Waiting until the files have not changed for 0.1 s." in ended.err
    assert 2 == ended.summary["outcomes"]["added"]


@pytest.mark.fault(
    "Files change or are damaged",
    "the sheet is still being written",
    "waits; is not read as long as it grows",
)
def test_a_file_that_goes_on_growing_is_not_read(desk: Desk) -> None:
    sheet = desk.sheet(people(2))
    moment = 0.0

    class Growing(SystemClock):
        def monotonic(self) -> float:
            return moment

        async def sleep(self, seconds: float) -> None:
            nonlocal moment
            moment += seconds
            with sheet.open("a", encoding="utf-8") as file:
                file.write("x")

    with patch("sync.clock.SystemClock", Growing), patch.object(settled, "_BETWEEN_LOOKS", (20.0, 20.0)):
        ended = desk.sync("--settle", "30s")

    assert 4 == ended.code
    assert "input_growing" == ended.summary["error"]["code"]
    assert 3600 <= moment <= 3660
    assert [] == list(desk.server.ledger)


@pytest.mark.fault(
    "The process is killed, or the power fails",
    "and the nightly job runs again",
    "finishes the interrupted run first",
)
def test_an_interrupted_run_of_the_job_is_finished_first(desk: Desk) -> None:
    desk.sheet(people(4))
    first = desk.sync("--limit", "1")
    assert 6 == first.code
    desk.sheet([*people(4), *people(2, first=10)])

    ended = desk.sync("--resume-first")

    assert 0 == ended.code
    summary = ended.summary
    assert f"First run {first.summary['run']} is finished" in ended.err
    assert (first.summary["run"], 0, 4) == (
        summary["resumed"]["run"],
        summary["resumed"]["exit_code"],
        summary["resumed"]["outcomes"]["added"],
    )
    assert {"added": 2, "unchanged": 4} == {name: count for name, count in summary["outcomes"].items() if count}
    assert (desk.folder / "reports" / first.summary["run"] / "report.csv").is_file()
    assert 6 == len(desk.report())
    assert 6 == desk.calls("add-contact")


def test_the_resumed_runs_rejected_rows_show_in_the_exit_code(desk: Desk) -> None:
    desk.sheet([*people(2), ["Kötü", "Numara", "", "12", "", ""]])
    assert 6 == desk.sync("--limit", "1").code
    desk.sheet(people(2))

    ended = desk.sync("--resume-first")

    assert 3 == ended.code
    assert "completed" == ended.summary["status"]
    assert 3 == ended.summary["resumed"]["exit_code"]


def test_an_interrupted_run_of_another_job_is_left_to_the_plan(desk: Desk) -> None:
    desk.sheet(people(2))
    assert 6 == desk.sync("--limit", "1").code
    desk.write("other.yaml", (desk.folder / "mapping.yaml").read_text(encoding="utf-8"))

    ended = desk.run("sync", "sheet.csv", "-m", "other.yaml", "--yes", "--json", "--rate", "2000", "--resume-first")

    assert 0 == ended.code
    assert "resumed" not in ended.summary


def test_nothing_new_is_begun_where_the_interrupted_run_does_not_come_to_its_end(desk: Desk) -> None:
    desk.sheet(people(4))
    first = desk.sync("--limit", "1")

    ended = desk.sync("--resume-first", "--limit", "1")

    assert 6 == ended.code
    assert first.summary["run"] == ended.summary["run"]
    assert 2 == desk.calls("add-contact")


def time_up_after(calls: int) -> type[SystemClock]:
    """A clock whose hour is over once it was asked so often."""
    asked = 0

    class Clock(SystemClock):
        def monotonic(self) -> float:
            nonlocal asked
            asked += 1
            return super().monotonic() + (7200.0 if asked > calls else 0.0)

    return Clock


def test_a_run_whose_time_is_up_before_its_plan_writes_nothing(desk: Desk) -> None:
    desk.sheet(people(2))

    with patch("sync.clock.SystemClock", time_up_after(1)):
        ended = desk.sync("--max-runtime", "1h")

    assert 6 == ended.code
    assert "time_limit_before" == ended.summary["error"]["code"]
    assert 0 == desk.calls("add-contact")


@pytest.mark.fault(
    "A signal, or the time is up",
    "the time given with --max-runtime is up",
    "ends as after Ctrl-C; the next run resumes it",
)
def test_a_run_whose_time_is_up_stops_as_after_ctrl_c_and_is_resumed(desk: Desk) -> None:
    desk.sheet(people(3))
    desk.run("plan", "sheet.csv", "-m", "mapping.yaml", "-o", "a.run", "--rate", "2000")

    with patch("sync.clock.SystemClock", time_up_after(1)):
        ended = desk.run("apply", "a.run", "--yes", "--json", "--max-runtime", "1h", "--report-dir", "reports")

    assert 6 == ended.code
    assert "the time of --max-runtime is up; 3 rows are pending." in ended.err
    assert ("interrupted", 3) == (ended.summary["status"], ended.summary["outcomes"]["pending"])
    assert 0 == desk.run("resume", "--rate", "2000", "--json").code
    assert 3 == desk.calls("add-contact")


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_with_json_logs_standard_error_holds_nothing_but_objects_with_the_run(desk: Desk) -> None:
    desk.sheet([*people(2), ["Kötü", "Numara", "kotu@example.com", "12", "", ""]])

    ended = desk.sync("--log-format", "json", "--settle", "0.05s")

    told = lines(ended.err)
    assert 3 == ended.code
    assert {"at", "level", "logger", "run", "message"} <= set.intersection(*map(set, told))
    assert [None] == [line["run"] for line in told if "Waiting" in line["message"]]
    (planned,) = (line for line in told if line.get("event") == "planned")
    (last,) = (line for line in told if line.get("event") == "ended")
    assert ended.summary["run"] == planned["run"] == last["run"]
    assert ("completed_with_errors", 3) == (last["status"], last["exit_code"])
    assert ended.summary["outcomes"] == last["outcomes"]


def test_errors_too_are_json_lines(desk: Desk) -> None:
    ended = desk.run("sync", "none.csv", "-m", "mapping.yaml", "--log-format", "json")

    assert 2 == ended.code
    assert ["error"] == [line["level"] for line in lines(ended.err)]


def test_one_commands_log_format_is_not_the_next_ones(desk: Desk) -> None:
    desk.run("sync", "none.csv", "-m", "mapping.yaml", "--log-format", "json")

    assert desk.run("sync", "none.csv", "-m", "mapping.yaml").err.startswith("imsync: ")


def test_without_a_terminal_nothing_is_asked_and_nothing_is_sent(desk: Desk) -> None:
    desk.sheet(people(1))

    ended = desk.run("sync", "sheet.csv", "-m", "mapping.yaml", "--resume-first", "--settle", "0.05s")

    assert 4 == ended.code
    assert 0 == desk.calls("add-contact")


def test_a_plan_waits_for_its_input_too(desk_with: Callable[..., Desk], tmp_path: Path) -> None:
    desk = desk_with()
    desk.sheet(people(1))

    ended = desk.run("plan", "sheet.csv", "-m", "mapping.yaml", "--settle", "0.05s", "-o", str(tmp_path / "p.run"))

    assert 0 == ended.code
    assert "Waiting" in ended.err
