"""`python -m tests.chaos`: the long chaos tests, which take a good half hour. `make chaos` starts them.

What enters: seeds, how many rows. What leaves: figures and breaches on standard output; exit code 1 for any breach.
What never happens here: a folder that is deleted although something in it was wrong.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.chaos.storm import Storm, weathered

_ROOT = Path(__file__).parents[2]
_SHOWN = 20  # breaches of one part


def _told(name: str, seconds: float, breaches: list[str], figures: object) -> bool:
    _say(f"{name}: {seconds:.0f} s, {json.dumps(figures, ensure_ascii=False)}, {len(breaches)} breaches")
    for each in breaches[:_SHOWN]:
        _say(f"  {each}")
    return not breaches


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - what this command is for


def _storms(rows: int, seeds: list[int], folder: Path) -> Iterator[bool]:
    for seed in seeds:
        storm = Storm(rows, kills=20, most=rows // 5, lag=2.0, outage=(60, 90), settle_after=8.0, seed=seed)
        came = weathered(storm, folder / f"storm-{seed}")
        yield _told(f"storm of {rows:,} rows, seed {seed}", came.figures.get("seconds", 0), came.breaches, came.figures)


def _every_write(folder: Path) -> Iterator[bool]:
    for game in ("transitions", "steps", "sixty"):
        words = [sys.executable, "-m", "tests.chaos.every_write", game, str(folder / game)]
        done = subprocess.run(words, cwd=_ROOT, stdout=subprocess.PIPE, check=True)
        played = json.loads(done.stdout)
        results = played["results"]
        wrong = [f"{each['case']}: {said}" for each in results for said in each["breaches"]]
        figures = {"cases": len(results), "kills": sum(each["codes"].count(-9) for each in results)}
        yield _told(f"kills, {game}", played["seconds"], wrong, figures)


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="The long chaos tests.")
    parser.add_argument("--rows", type=int, default=10_000, help="of the sheet (default: 10,000)")
    parser.add_argument("--only", choices=("storm", "kills"), help="one half of them")
    parser.add_argument("seeds", type=int, nargs="*", default=[5], help="of storms (default: 5)")
    said = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="imsync-chaos-"))
    good = [*(_every_write(folder) if said.only != "storm" else ())]
    good += [*(_storms(said.rows, said.seeds, folder) if said.only != "kills" else ())]
    if all(good):
        shutil.rmtree(folder)
        return 0
    _say(f"What is left of them is in {folder}.")
    return 1


if __name__ == "__main__":
    sys.exit(_main())
