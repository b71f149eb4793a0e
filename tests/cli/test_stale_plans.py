"""Plans and files of runs that are older than what the account has seen since: nothing is added twice."""

import shutil
from collections import Counter

from tests.cli.conftest import Desk, Ended, people

_FAST = ("--json", "--rate", "2000", "--report-dir", "reports")


def begun(desk: Desk) -> str:
    """The id of a run that has carried out four of ten adds."""
    desk.sheet(people(10))
    ended = desk.run("sync", "sheet.csv", "-m", "mapping.yaml", "--limit", "4", "--yes", *_FAST)
    assert ended.code == 6
    return str(ended.summary["run"])


def resumed(desk: Desk, run: str) -> Ended:
    return desk.run("resume", run, "--yes", *_FAST)


def doubled(desk: Desk) -> list[str]:
    held = Counter(contact.gsm for contact in desk.server.state.contacts.values())
    return [gsm for gsm, count in held.items() if count > 1]


def test_a_plan_that_was_made_before_an_interrupted_run_went_on_is_refused(desk: Desk) -> None:
    run = begun(desk)
    desk.run("plan", "sheet.csv", "-m", "mapping.yaml", "-o", "later.run", *_FAST)
    assert resumed(desk, run).code == 0

    applied = desk.run("apply", "later.run", "--yes", *_FAST)

    assert applied.code == 4
    assert f"another run ({run}) has written" in applied.err
    assert not doubled(desk)


def test_a_copy_of_an_interrupted_run_cannot_be_resumed_after_the_run_itself(desk: Desk) -> None:
    run = begun(desk)
    shutil.copy(desk.folder / "state" / "runs" / f"{run}.run", desk.folder / "copy.run")
    assert resumed(desk, run).code == 0

    again = resumed(desk, "copy.run")

    assert again.code == 4
    assert f"run {run} has gone on since this file" in again.err
    assert not doubled(desk)


def test_an_undo_that_was_saved_before_the_run_went_on_is_refused(desk: Desk) -> None:
    run = begun(desk)
    undo = desk.run("undo", run, *_FAST).summary["run"]
    assert resumed(desk, run).code == 0
    there = len(desk.server.state.contacts)

    applied = desk.run("apply", str(undo), "--yes", *_FAST)

    assert applied.code == 4
    assert len(desk.server.state.contacts) == there
