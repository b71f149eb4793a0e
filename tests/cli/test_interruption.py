"""Kills, signals and wrong moments: nothing is lost, nothing is doubled."""

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from sync.sandbox import Faults
from tests.cli.conftest import Desk, people
from tests.cli.test_sync import ROWS, book, shown

SHEET = [*ROWS[:2], *people(60)]


def contents(desk: Desk) -> list[tuple[Any, ...]]:
    """The book without the ids that the server gave."""
    return sorted(
        (each["gsm"], each["name"], each["surname"], each["email"], str(each["custom_fields"]), str(each["groups"]))
        for each in book(desk)
    )


def until(done: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    """Waits for something that the running command is about to do."""
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end, "it never came so far"
        assert process.poll() is None, process.communicate()
        time.sleep(0.002)


def kill_when(desk: Desk, writes: int, *, how: int = signal.SIGKILL, rate: int = 150) -> int:
    """Starts a sync and signals it once the server has seen so many writes; the exit code."""
    process = desk.start(
        "sync",
        "sheet.csv",
        "-m",
        "mapping.yaml",
        "--yes",
        "--json",
        "--rate",
        str(rate),
        "--settle-after",
        "2",
        "--timeout",
        "2",
    )
    until(lambda: desk.calls("add-contact", "edit-contact") >= writes, process)
    process.send_signal(how)
    process.communicate(timeout=60)
    return process.returncode


UNBROKEN = sorted(
    [
        ("+905001000100", "Ayşe", "Kaya", "ayse@example.com", str({"1": "27/09/1984", "2": "gizli"}), "[7, 9]"),
        ("+905001000101", "Çağla", "Öz", "cagla@example.com", "{}", "[7]"),
        ("+905001000102", "Deniz", "Ak", "deniz@example.com", "{}", "[9]"),
        *(("+90500" + row[3][-7:], row[0], row[1], row[2], "{}", "[7, 9]") for row in people(60)),
    ]
)


@pytest.mark.parametrize("writes", [1, 30, 61])
def test_a_run_killed_at_any_moment_ends_like_an_unbroken_one(desk_with: Callable[..., Desk], writes: int) -> None:
    desk = desk_with()
    desk.sheet(SHEET)

    assert kill_when(desk, writes) == -signal.SIGKILL
    resumed = desk.run("resume", "--json", "--rate", "2000", "--settle-after", "2", "--timeout", "2")

    assert (resumed.code, shown(resumed.summary)) == (0, {"added": 60, "edited": 2})
    assert UNBROKEN == contents(desk)


@pytest.mark.fault("The process is killed, or the power fails", "while answers are lost, too", "resume doubles nothing")
def test_kills_with_lost_answers_still_double_nothing(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(faults=Faults(lost_after=0.2, seed=2, only=frozenset({"add-contact", "edit-contact"})))
    desk.sheet(SHEET)

    kill_when(desk, 20)
    resumed = desk.run("resume", "--json", "--rate", "2000", "--settle-after", "2", "--timeout", "2")

    assert (resumed.code, shown(resumed.summary)) == (0, {"added": 60, "edited": 2})
    assert {1} == set(Counter(each["gsm"] for each in book(desk)).values())


@pytest.mark.fault(
    "A signal, or the time is up",
    "Ctrl-C while changes are sent",
    "sends nothing new, settles what is under way (exit 6); resume goes on",
)
def test_the_first_interrupt_drains_and_resume_goes_on(desk: Desk) -> None:
    desk.sheet(SHEET)

    assert kill_when(desk, 10, how=signal.SIGINT) == 6
    written = desk.calls("add-contact", "edit-contact")
    resumed = desk.run("resume", "--json", "--rate", "2000")

    assert 10 <= written < 40
    assert (resumed.code, shown(resumed.summary)) == (0, {"added": 60, "edited": 2})
    assert desk.calls("add-contact", "edit-contact") == 62  # what was drained was not sent again


def test_resume_with_nothing_left_gives_the_final_object_again(desk: Desk) -> None:
    desk.sheet(ROWS)
    first = desk.sync(apart=True)
    requests = len(desk.server.ledger)

    again = desk.run("resume", "--json", "--report-dir", "reports")

    assert (3, first.summary) == (again.code, again.summary)
    assert requests == len(desk.server.ledger)


def test_resume_without_any_run_is_a_usage_error(desk: Desk) -> None:
    ended = desk.run("resume")

    assert ended.code == 2
    assert "nothing to resume" in ended.err


@pytest.mark.fault(
    "The process is killed, or the power fails",
    "and a new sync comes instead of resume",
    "it settles what was unsure first; the killed run is superseded",
)
@pytest.mark.timeout(400)  # it waits as long as a request that was killed may still arrive
def test_a_new_sync_settles_what_a_killed_one_left_and_supersedes_it(desk: Desk) -> None:
    desk.sheet(SHEET)
    kill_when(desk, 15)
    (old,) = [path.stem for path in (desk.folder / "state" / "runs").glob("*.run")]

    ended = desk.sync("--settle-after", "2", "--timeout", "2")
    refused = desk.run("resume", old, "--json")

    outcomes = shown(ended.summary)
    assert ended.code == 0
    assert {"added", "unchanged", "edited"} >= set(outcomes)
    assert {1} == set(Counter(each["gsm"] for each in book(desk)).values())
    assert len(book(desk)) == 63
    assert refused.code == 4
    assert "another run" in refused.err


@pytest.mark.fault(
    "Somebody else is at work",
    "a sync while another one runs",
    "it is refused and names the other (exit 4)",
)
def test_of_two_syncs_at_once_one_is_refused_and_names_the_other(desk: Desk) -> None:
    desk.sheet(SHEET)
    first = desk.start("sync", "sheet.csv", "-m", "mapping.yaml", "--yes", "--json", "--rate", "12")
    until(lambda: bool(desk.server.ledger), first)

    second = desk.sync()

    assert second.code == 4
    assert "another run of this account is under way: imsync sync sheet.csv (process" in second.err
    out, _ = first.communicate(timeout=60)
    assert first.returncode == 0, out


@pytest.mark.fault(
    "Trouble that lasts, or comes back",
    "credentials end in the middle of a run",
    "stops (exit 5); resume finishes it with new ones",
)
def test_credentials_that_end_in_the_middle_stop_the_run_and_resume_finishes_it(desk: Desk) -> None:
    desk.sheet(SHEET)
    process = desk.start(
        "sync", "sheet.csv", "-m", "mapping.yaml", "--yes", "--json", "--rate", "200", "--workers", "4"
    )
    until(lambda: desk.calls("add-contact") >= 10, process)
    desk.server.state.api_access = False
    _, err = process.communicate(timeout=60)
    refused = sum(entry.code == 401 for entry in desk.server.ledger)
    desk.server.state.api_access = True
    resumed = desk.run("resume", "--json", "--rate", "2000")

    assert process.returncode == 5
    assert "Allow API access" in err
    assert 1 <= refused <= 4  # one for each worker at most
    assert (resumed.code, shown(resumed.summary)) == (0, {"added": 60, "edited": 2})
    assert {1} == set(Counter(each["gsm"] for each in book(desk)).values())
