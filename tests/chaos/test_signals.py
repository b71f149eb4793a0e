"""Signals and two commands at once, on real processes; more of them stand in `tests/cli/test_interruption.py`."""

import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest

from sync.runs import RunFile
from sync.sandbox import Faults
from tests.chaos.stage import until
from tests.cli.conftest import Desk, people
from tests.cli.test_interruption import SHEET
from tests.cli.test_sync import book, shown

pytestmark = pytest.mark.timeout(300)

_BOTH = ("--rate", "2000", "--settle-after", "2", "--timeout", "2")


@pytest.mark.fault(
    "A signal, or the time is up",
    "SIGTERM while changes are sent",
    "sends nothing new, settles what is under way (exit 6); resume goes on",
)
def test_a_termination_drains_like_an_interrupt_and_resume_goes_on(desk: Desk) -> None:
    desk.sheet(SHEET)

    process = desk.start("sync", "sheet.csv", "-m", "mapping.yaml", "--yes", "--json", "--rate", "150")
    assert until(lambda: desk.calls("add-contact", "edit-contact") >= 10, process), process.communicate()
    process.terminate()
    process.communicate()
    assert 6 == process.returncode
    written = desk.calls("add-contact", "edit-contact")
    resumed = desk.run("resume", "--json", *_BOTH)

    assert 10 <= written < 40
    assert (0, {"added": 60, "edited": 2}) == (resumed.code, shown(resumed.summary))
    assert 62 == desk.calls("add-contact", "edit-contact")  # what was drained was not sent again


@pytest.mark.fault(
    "A signal, or the time is up",
    "a second signal while it ends",
    "stops at once; resume settles what was under way",
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_second_signal_stops_at_once_and_resume_settles_what_was_under_way(
    desk_with: Callable[..., Desk], number: signal.Signals
) -> None:
    desk = desk_with(faults=Faults(latency=4.0, only=frozenset({"edit-contact", "add-contact"})))
    desk.sheet(people(6))
    process = desk.start("sync", "sheet.csv", "-m", "mapping.yaml", "--yes", "--json", "--rate", "500")
    assert until(lambda: _sent(desk) > 0, process), process.communicate()

    process.send_signal(number)
    time.sleep(0.3)  # two signals that come together are one
    assert process.poll() is None  # it drains
    process.send_signal(number)
    _, said = process.communicate()

    assert 6 == process.returncode, said
    assert 0 == desk.calls("add-contact")  # nobody waited for the answers
    resumed = desk.run("resume", "--json", "--rate", "2000", "--settle-after", "6", "--timeout", "6")
    assert (0, {"added": 6}) == (resumed.code, shown(resumed.summary))
    assert {1} == set(Counter(each["gsm"] for each in book(desk)).values())


def _sent(desk: Desk) -> int:
    """How many changes are under way, as the run file has it."""
    for path in (desk.folder / "state" / "runs").glob("*.run"):
        run_file = RunFile.open(path)
        found = run_file.count("sending")
        run_file.close()
        return found
    return 0


@pytest.mark.fault(
    "Somebody else is at work",
    "two commands of one account start together",
    "one runs, the other is refused and names it (exit 4)",
)
def test_of_two_commands_started_together_one_runs_and_the_other_names_it(desk: Desk) -> None:
    desk.sheet(people(40))
    words = ("sync", "sheet.csv", "-m", "mapping.yaml", "--yes", "--json", "--rate", "12")

    both = [desk.start(*words), desk.start(*words)]
    said = [process.communicate()[1] for process in both]

    codes = [process.returncode for process in both]
    assert [0, 4] == sorted(codes)
    winner = both[codes.index(0)].pid
    assert f"under way: imsync sync sheet.csv (process {winner})" in said[codes.index(4)]
    assert 43 == len(book(desk))


@pytest.mark.fault(
    "Somebody else is at work",
    "a second plan of the same sheet is applied",
    "it is refused: another run has written since (exit 4)",
)
def test_of_two_saved_plans_of_one_sheet_the_second_is_refused(desk: Desk) -> None:
    desk.sheet(people(3))
    for plan in ("monday.run", "tuesday.run"):
        ended = desk.run("plan", "sheet.csv", "-m", "mapping.yaml", "-o", plan, "--json", "--rate", "2000")
        assert 0 == ended.code, ended.err

    first, second = (
        desk.run("apply", plan, "--yes", "--json", "--rate", "2000") for plan in ("monday.run", "tuesday.run")
    )

    assert (0, {"added": 3}) == (first.code, shown(first.summary))
    assert 4 == second.code
    assert "has written to this account since" in second.err
    assert 6 == len(book(desk))
