"""Faults of every kind and kills at random, on the real command line: nothing lost, nothing doubled, all told."""

import random
from pathlib import Path

import pytest

from tests.chaos.stage import Stage
from tests.chaos.storm import Storm, weathered
from tests.chaos.verdict import breaches, same_book
from tests.chaos.world import made


@pytest.mark.fault(
    "The process is killed, or the power fails",
    "at random moments, while a third of all requests go wrong",
    "loses, doubles and hides nothing",
)
@pytest.mark.timeout(600)
def test_a_storm_of_faults_and_kills_loses_doubles_and_hides_nothing(tmp_path: Path) -> None:
    came = weathered(Storm(rows=80, kills=2, most=60, lag=0.2, outage=(5, 7), settle_after=2.5), tmp_path)

    assert not came.breaches
    assert came.figures["kills"] == 2
    assert came.figures["faults"] > 25


@pytest.mark.fault(
    "Trouble that lasts, or comes back",
    "the answer of every single add is lost",
    "every contact is found and adopted, none is doubled",
)
@pytest.mark.parametrize("others", [0, 8])
@pytest.mark.timeout(300)
def test_with_the_answer_of_every_add_lost_every_row_is_adopted_and_none_is_doubled(
    tmp_path: Path, others: int
) -> None:
    world = made(adds=30, others=others, seed=8)
    stage = Stage(tmp_path, world, rate=500, workers=6, settle_after=3.0, timeout=2.0)

    with stage.sandbox("--fault-lost-after", "1", "--fault-only", "add-contact", "--lag-seconds", "0.5"):
        code, said = stage.finish(chance=random.Random(1))

    left = stage.left()
    assert (0, {"added": 30}) == (code, left.outcomes), said
    assert 30 == len(left.written("add-contact"))
    assert not breaches(world, left)
    assert not same_book(world, left.book)
