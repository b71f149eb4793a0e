"""A night on which nothing changed: `imsync sync` of as many rows as contacts, the second night of a job.

    python benchmarks/night.py [--rows N] [--stages]

The first night is not measured: it leaves what a job remembers. The second one is a process of its own from its start
to its end, imports, memory and reports included; the sandbox is another. Exits with 1 where the night does not hold
what it promises: no write, at most rows ÷ 1000 + 20 requests, at 100,000 rows less than 10 s of processor time and
600 MiB.

With `--stages` the second night is run once more and each of its parts is timed from inside.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import job
from measuring import HERE, Taken, whole
from served import served

READS = frozenset({"get-groups", "get-group-contacts", "search-contacts", "get-contact"})
Stage = dict[str, float | str]
MOST_CPU, MOST_MIB, ROWS = 10.0, 600.0, 100_000


def second_night(folder: Path, bytecode: Path | None, rows: int, *, stages: bool) -> tuple[job.Job, list[Stage]]:
    """The second night, and its parts where they are asked for."""
    job.make(folder, rows, changed=False)
    env, saved = job.credentials(bytecode), folder / "saved.json"
    nights, port = [], 0
    for _ in range(2):  # a server for each night, so that each has its own count; the book stays as it is
        with served(folder / "book.json", saved, sys.executable, env, port) as (url, stop):
            port = urlsplit(url).port or 0
            taken, code = whole(job.command_of("imsync", folder, url, job.RATE), env, folder)
            nights.append(job.Job(taken, stop(), job.wrong_contacts(folder, saved)))
        if code:
            sys.exit(f"the night ended with {code}: {taken.answer}")
    if len(list(folder.glob("state/accounts/*/memory/*.memory"))) != 1:
        sys.exit("the second night did not remember the first one")
    return nights[-1], staged(folder, env, saved, port) if stages else []


def staged(folder: Path, env: dict[str, str], saved: Path, port: int) -> list[Stage]:
    """One more night, its parts timed from inside."""
    with served(folder / "book.json", saved, sys.executable, env, port) as (url, stop):
        command = job.command_of("imsync", folder, url, job.RATE)
        told = folder / "stages.json"
        _, code = whole([command[0], str(HERE / "stages.py"), str(told), *command[3:]], env, folder)
        stop()
    if code:
        sys.exit(f"the night ended with {code}")
    found: list[Stage] = json.loads(told.read_text(encoding="utf-8"))
    return found


def kept(night: job.Job, rows: int) -> dict[str, bool]:
    """What is promised, and whether it is so."""
    taken: Taken = night.taken
    most = rows // 1000 + 20
    found = {
        "no write": night.requests.keys() <= READS and not night.wrong,
        f"at most {most:,} requests": night.all_requests <= most,
    }
    if rows == ROWS:
        found[f"less than {MOST_CPU:.0f} s of processor time"] = taken.cpu < MOST_CPU
        found[f"less than {MOST_MIB:.0f} MiB"] = taken.peak < MOST_MIB
    return found


def lines(stages: list[Stage]) -> list[str]:
    """The parts as a table's lines."""
    shown = [f"{'part':26}{'seconds':>10}{'processor':>11}{'peak MiB after':>16}"]
    figures = "{part:26}{seconds:10.2f}{cpu:11.2f}{peak:16.0f}".format_map
    return [*shown, *map(figures, stages)]


def requests_of(requests: Mapping[str, int]) -> str:
    """The requests by method, in words."""
    return ", ".join(f"{count:,} {name}" for name, count in sorted(requests.items()))


def main() -> int:
    """Runs the nights and prints what the second one took."""
    parser = argparse.ArgumentParser(description="A night on which nothing changed.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--stages", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bytecode = folder / "bytecode"
        job.warmed(folder, bytecode)
        night, stages = second_night(folder, bytecode, given.rows, stages=given.stages)
    taken = night.taken
    sys.stdout.write(
        f"{given.rows:,} rows: {taken.seconds:.1f} s, {taken.cpu:.2f} s of processor time, {taken.peak:.0f} MiB;"
        f" {night.all_requests:,} requests: {requests_of(night.requests)}\n"
    )
    if stages:
        sys.stdout.write("\n".join(lines(stages)) + "\n")
    found = kept(night, given.rows)
    for promise, holds in found.items():
        sys.stdout.write(f"{'holds ' if holds else 'MISSED'} {promise}\n")
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
