"""A kill at everything that a run makes durable: it ends in the same book as a run that nobody kills."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.every_write import Result, as_result

_ROOT = Path(__file__).parents[2]


def played(game: str, folder: Path) -> list[Result]:
    """All cases of a game, from a process without threads: see `every_write`."""
    words = [sys.executable, "-m", "tests.chaos.every_write", game, str(folder)]
    done = subprocess.run(words, cwd=_ROOT, stdout=subprocess.PIPE, check=True)
    return [as_result(each) for each in json.loads(done.stdout)["results"]]


def wrong(results: list[Result]) -> list[str]:
    return [f"{each.case}, {each.codes}: {said}" for each in results for said in each.breaches]


@pytest.mark.fault(
    "The process is killed, or the power fails",
    "before or after any state of a change is on the disk",
    "resume ends like an unbroken run: nothing is lost, nothing doubled",
)
@pytest.mark.timeout(600)
def test_a_run_killed_at_many_transitions_of_sixty_changes_ends_like_an_unbroken_one(tmp_path: Path) -> None:
    results = played("some transitions", tmp_path)  # all of them: `make chaos`

    assert {each.case.moment for each in results} == {"before", "after"}
    assert sum(len(each.deaths) for each in results) >= 30
    assert not wrong(results)


@pytest.mark.fault(
    "The process is killed, or the power fails",
    "at any durable step, from the plan to the reports",
    "resume, or the same command, ends like an unbroken run",
)
@pytest.mark.timeout(600)
def test_a_run_killed_at_many_of_its_durable_steps_from_the_plan_to_the_reports_ends_like_an_unbroken_one(
    tmp_path: Path,
) -> None:
    results = played("some steps", tmp_path)

    killed = [each.case for each in results if each.codes[0] == -9]
    (unbroken,) = (each for each in results if each.case.step == 0)
    assert len(unbroken.steps) > 20
    assert len(killed) >= len(results) - 3  # a lost answer more or less moves the last ones
    assert not wrong(results)
