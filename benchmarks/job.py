"""The whole job: `imsync sync`, and the script that a competent user would write (naive.py), side by side.

    python benchmarks/job.py [--rows N] [--rate N]

As many rows as contacts, one row in a hundred differs in a field. Both meet the same book, on a sandbox that is started
anew and answers at once, at the same rate limit; each is a process of its own from its start to its end, imports and
reports included. Afterwards the book is compared with what it has to be, contact by contact. Exits with 1 where a
contact is wrong, or imsync does not hold what it promises: at least 80 times fewer requests, less time of clock and
processor, at most 1.5 times the memory.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from measuring import HERE, Taken, environment, whole
from people import HASH, KEY
from served import served

RATE = 1000
FEWER_REQUESTS, MOST_MEMORY = 80, 1.5
WAYS = ("imsync", "naive.py")
SERVER_ROOM = 100_000  # rows that the script is still waited for


@dataclass(frozen=True, slots=True)
class Job:
    """One way of the job: what it took, its requests by method, and how many contacts are wrong afterwards."""

    taken: Taken
    requests: Mapping[str, int]
    wrong: int

    @property
    def all_requests(self) -> int:
        """Requests in all."""
        return sum(self.requests.values())


def people(folder: Path, *words: str) -> str:
    """Runs people.py in a process of its own: what this one has held would count as the peak of those it starts."""
    command = [sys.executable, str(HERE / "people.py"), str(folder), *words]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def make(folder: Path, rows: int, *, changed: bool) -> None:
    """Makes the book and the sheet."""
    people(folder, str(rows), *(["--changed"] if changed else []))


def wrong_contacts(folder: Path, saved: Path) -> int:
    """How many contacts of a book are wrong."""
    return int(people(folder, "--check", str(saved)))


def credentials(bytecode: Path | None) -> dict[str, str]:
    """The environment of both ways."""
    names = {"ILETIMERKEZI_API_KEY": KEY, "ILETIMERKEZI_API_HASH": HASH}
    return {**environment(bytecode), **names}


def command_of(way: str, folder: Path, url: str, rate: float) -> list[str]:
    """The command of one way."""
    if way == "naive.py":
        return [sys.executable, str(HERE / "naive.py"), "sheet.csv", url, str(rate)]
    own = ["--state-dir", str(folder / "state"), "--report-dir", str(folder / "reports"), "--json", "--yes", "--quiet"]
    return [
        sys.executable,
        "-m",
        "sync",
        "sync",
        "sheet.csv",
        "-m",
        "mapping.yaml",
        "--base-url",
        url,
        "--rate",
        str(rate),
        *own,
    ]


def one(way: str, folder: Path, bytecode: Path | None, rate: float) -> Job:
    """Does the job in one way, on a server of its own."""
    env, saved = credentials(bytecode), folder / f"{way}.json"
    with served(folder / "book.json", saved, sys.executable, env) as (url, stop):
        taken, code = whole(command_of(way, folder, url, rate), env, folder)
        requests = stop()
    if code:
        sys.exit(f"{way} ended with {code}: {taken.answer}")
    return Job(taken, requests, wrong_contacts(folder, saved))


def warmed(folder: Path, bytecode: Path) -> None:
    """Does the job once for a few rows, so that the bytecode is there."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        few = Path(name)
        make(few, 200, changed=True)
        for way in WAYS:
            one(way, few, bytecode, RATE)


def compared(folder: Path, bytecode: Path | None, rows: int, rate: float = RATE) -> dict[str, Job]:
    """Each way that can be waited for."""
    make(folder, rows, changed=True)
    return {way: one(way, folder, bytecode, rate) for way in WAYS if way == "imsync" or rows <= SERVER_ROOM}


def kept(jobs: Mapping[str, Job]) -> dict[str, bool]:
    """What is promised, and whether it is so."""
    ours, naive = jobs["imsync"], jobs["naive.py"]
    return {
        f"at least {FEWER_REQUESTS} x fewer requests": naive.all_requests >= FEWER_REQUESTS * ours.all_requests,
        "less time of the clock": ours.taken.seconds < naive.taken.seconds,
        "less time of the processor": ours.taken.cpu < naive.taken.cpu,
        "no wrong contact": not ours.wrong,
        f"at most {MOST_MEMORY} x the memory": ours.taken.peak <= MOST_MEMORY * naive.taken.peak,
    }


def main() -> int:
    """Does the job in both ways and prints a line for each."""
    parser = argparse.ArgumentParser(description="The whole job: imsync beside a script of less than 100 lines.")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=RATE)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bytecode = folder / "bytecode"
        warmed(folder, bytecode)
        jobs = compared(folder, bytecode, given.rows, given.rate)
    sys.stdout.write(f"{'way':12}{'seconds':>10}{'processor':>11}{'peak MiB':>10}{'requests':>10}{'wrong':>8}\n")
    for way, job in jobs.items():
        figures = f"{job.taken.seconds:10.1f}{job.taken.cpu:11.2f}{job.taken.peak:10.0f}"
        sys.stdout.write(f"{way:12}{figures}{job.all_requests:10,}{job.wrong:8,}  {json.dumps(job.requests)}\n")
    found = kept(jobs) if len(jobs) == len(WAYS) else {}
    for promise, holds in found.items():
        sys.stdout.write(f"{'holds ' if holds else 'MISSED'} {promise}\n")
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
