"""The storm: everything that the sandbox can do to a run, and kills besides.

What enters: how many rows and kills, a seed, a folder. What leaves: every breach of the invariants, and figures.
What never happens here: a fault of which the run is told.
"""

import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos.stage import SYNC, Stage
from tests.chaos.verdict import breaches, same_book
from tests.chaos.world import made

# Five in a hundred requests of each kind: lost before and after the write, reset, 429, 5xx, truncated, malformed.
_SHARES = {
    "lost-before": 0.05,
    "lost-after": 0.05,
    "reset-before": 0.025,
    "reset-after": 0.025,
    "429": 0.005,
    "429-bare": 0.04,
    "429-dated": 0.005,
    "503": 0.0125,
    "503-in-body": 0.0125,
    "page-before": 0.0125,
    "page-after": 0.0125,
    "cut-before": 0.025,
    "cut-after": 0.025,
    "noise-before": 0.0125,
    "noise-after": 0.0125,
    "misshapen-before": 0.0125,
    "misshapen-after": 0.0125,
}
_TROUBLED_ROWS = 3
_TOLD_SHARE = 0.02  # of rows that may be told not to have come about: a third of all requests go wrong


@dataclass(frozen=True)
class Storm:
    """How hard it blows.

    Attributes:
        rows: of the sheet.
        kills: at random moments.
        most: requests after the start of a process at which it is killed at the latest.
        lag: seconds until a search sees a write.
        outage: from and to, in seconds of the server.
        settle_after: of the run.
        rate, workers: of the run.
        seed: of the kills and the faults.
    """

    rows: int
    kills: int
    most: int
    lag: float
    outage: tuple[float, float]
    settle_after: float
    rate: float = 1000.0
    workers: int = 24
    seed: int = 5


@dataclass(frozen=True)
class Weathered:
    """What came of it."""

    breaches: list[str]
    figures: dict[str, Any]


def weathered(storm: Storm, folder: Path) -> Weathered:
    """Runs a sheet through the storm, then once more in calm, where what was told to be missing has to come about."""
    world = made(
        adds=storm.rows * 70 // 100,
        edits=storm.rows * 15 // 100,
        same=storm.rows * 14 // 100,
        wrong=storm.rows - storm.rows * 70 // 100 - storm.rows * 15 // 100 - storm.rows * 14 // 100,
        others=storm.rows // 20,
        seed=storm.seed,
    )
    stage = Stage(folder, world, rate=storm.rate, workers=storm.workers, settle_after=storm.settle_after, timeout=2.0)
    shares = [word for name, share in _SHARES.items() for word in (f"--fault-{name}", str(share))]
    outage = f"{storm.outage[0]}-{storm.outage[1]}:hang-up"
    began = time.monotonic()
    options = ("--lag-seconds", str(storm.lag), "--outage", outage, "--retry-after", "1", "--seed", str(storm.seed))
    with stage.sandbox(*shares, *options):
        code, said = stage.finish(kills=storm.kills, chance=random.Random(storm.seed), most=storm.most)
    seconds = time.monotonic() - began
    if code != _TROUBLED_ROWS:
        return Weathered([f"the run ended with {code}: {said}"], {})
    left = stage.left()
    found = breaches(world, left, admitted=int(storm.rows * _TOLD_SHARE))
    with stage.sandbox():
        code, said = stage.run(*SYNC)
    if code != _TROUBLED_ROWS:
        found.append(f"the sync that mends ended with {code}: {said}")
    found += [f"at last: {each}" for each in same_book(world, stage.left().book)]
    return Weathered(
        found,
        {
            "seconds": round(seconds),
            "outcomes": left.outcomes,
            "requests": len(left.ledger),
            "faults": sum(each["fault"] is not None for each in left.ledger),
            "lives": stage.lives - 1,
            "kills": stage.kills,
            "gave up": stage.gave_up,
            "retries": left.summary["retries"],
        },
    )
