"""Applying a plan of many changes: the memory it takes, and the journal's part of the processor time.

    python benchmarks/applying.py [--rows N] [--calls N] [--rate N]

First a plan of N changes, half adds and half edits, is carried out and reported as `imsync apply` does it, against an
address book in this process: printed are the seconds of each part, and the peak of memory so far. Then changes are sent
over HTTP to a small server on this machine (a process of its own), once with the journal at full durability and once
with one that writes nothing: what the second one saves is the journal's part. It depends on the rate: the more requests
a second, the more transitions share a commit. Exits with 1 where the memory is over 400 MiB, or the part over 5 %.
"""

import argparse
import asyncio
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd

from sync.change import Change, Plan, Settled
from sync.clock import SystemClock
from sync.contact import Contact
from sync.grid import Grid
from sync.progress import NoProgress
from sync.record import RunMeta
from sync.remote import Pace
from sync.run import Context, applying, summary, write_reports
from sync.runs import RunFile, RunJournal, StateDirectory
from sync.settings import ApiSettings, Credentials
from sync.sheet import Input, Sheet

MOST_MIB, MOST_SHARE = 400, 0.05
FIRST_ID = 10_000_000
HEADER = ("Ad", "Soyad", "E-posta", "Cep", "Doğum", "Şehir")


# The plan


def contact(number: int, name: str = "Ayşe Gül") -> Contact:
    """The contact that a row means; its id is that of the contact which an even row edits."""
    texts = {1: "27/09/1984", 2: "İstanbul", 3: f"M{number:07}"}
    address = f"musteri.{number}@example.com"
    return Contact(FIRST_ID + number, name, "Yılmaz", address, f"+9050{number:08}", texts, (10, 20))


def changes(rows: int) -> Iterator[Change]:
    """An edit and an add in turn."""
    for number in range(rows):
        desired, keys = contact(number), {"gsm": f"+9050{number:08}", "email": f"musteri.{number}@example.com"}
        if number % 2:
            meant = Contact(None, *(getattr(desired, each) for each in desired.__slots__[1:]))
            yield Change(number, "add", keys, None, meant, ("name", "surname", "email", "gsm", "custom:1", "groups"))
        else:
            yield Change(number, "edit", keys, contact(number, "Ayşe"), desired, ("name",))


def make(path: Path, rows: int) -> None:
    """Writes the plan."""
    lines = (
        ["Ayşe Gül", "Yılmaz", f"musteri.{n}@example.com", f"050 {n}", "27.09.1984", "İstanbul"] for n in range(rows)
    )
    grid = Grid.of_rows(range(2, rows + 2), list(lines))
    found = Input(
        path="-", name="customers.csv", kind="csv", sheet="", header=HEADER, header_row=1, encoding="utf-8",
        delimiter=";", sha256="0", cells=grid,
    )  # fmt: skip
    table = pd.DataFrame({"input": 0, "row": range(2, rows + 2), "cells": range(rows)}).astype("int64")
    planned = pd.DataFrame(
        {
            "planned": ["added" if n % 2 else "edited" for n in range(rows)],
            "contact_id": pd.array([None if n % 2 else FIRST_ID + n for n in range(rows)], dtype="Int64"),
            "key": [f"+9050{n:08}" for n in range(rows)],
        }
    )
    plan = Plan(planned, {}, changes(rows), matched=rows // 2)
    moment = SystemClock().now().isoformat()
    meta = RunMeta(
        run="20261122T1200-abc123", account="0", created=moment, read_at=moment, base_url="http://127.0.0.1/v1",
        api={}, job="benchmark", mapping="mapping.yaml", mapping_sha256="0", keys=["gsm", "email"],
        labels={}, forms={"working": {"gsm": ["national"]}, "blind": []}, groups={"10": "Müşteriler", "20": "VIP"},
        applied_at=moment, status="applying",
    )  # fmt: skip
    RunFile.create(path, meta, Sheet(table, (found,), ()), plan).close()


# In this process, without HTTP


class Book:
    """An address book that stores nothing: it answers with what it was sent, and knows what was planned."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.retries = 0

    async def find(self, key: str, value: str) -> list[Contact]:
        """See `AddressBook.find`."""
        del key, value
        return []

    async def get(self, contact_id: int) -> Contact:
        """See `AddressBook.get`."""
        self.requests["get-contact"] += 1
        return contact(contact_id - FIRST_ID, "Ayşe")

    async def add(self, contact: Contact) -> Contact:
        """See `AddressBook.add`."""
        self.requests["add-contact"] += 1
        await asyncio.sleep(0)
        values = (getattr(contact, each) for each in contact.__slots__[1:])
        return Contact(2 * FIRST_ID + self.requests["add-contact"], *values)

    async def edit(self, contact: Contact) -> Contact:
        """See `AddressBook.edit`."""
        self.requests["edit-contact"] += 1
        await asyncio.sleep(0)
        return contact


def context(folder: Path, **settings: Any) -> Context:  # noqa: ANN401 - of `ApiSettings`
    """What a run works with."""
    api, clock = ApiSettings(**settings), SystemClock()
    return Context(
        api=api, credentials=Credentials("key", "hash"), state=StateDirectory(folder / "state"), clock=clock,
        chance=random.Random(1), progress=NoProgress(), stop=asyncio.Event(), pace=Pace(api.rate, clock),
    )  # fmt: skip


def peak() -> float:
    """MiB of memory that this process had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def in_memory(folder: Path, rows: int, workers: int) -> bool:
    """Carries the plan out and reports it; whether the memory was over the limit."""
    here, start, spent = context(folder, workers=workers), time.perf_counter(), time.process_time()

    def told(part: str) -> None:
        nonlocal start, spent
        seconds, cpu = time.perf_counter() - start, time.process_time() - spent
        sys.stdout.write(f"{part:28}{seconds:9.1f} s, {cpu:7.1f} s of processor time; peak so far {peak():6.0f} MiB\n")
        sys.stdout.flush()
        start, spent = time.perf_counter(), time.process_time()

    told("modules loaded")
    run_file = RunFile.open(folder / "plan.run")
    told("opening")
    assert run_file.computed_fingerprint() == run_file.meta.fingerprint
    told("comparing the fingerprint")
    items = (applying.Pending(number, change) for number, change, _ in run_file.changes("planned"))
    asyncio.run(applying.carry_out(here, Book(), run_file, items))  # type: ignore[arg-type]
    told(f"applying {rows:,} changes")
    assert run_file.count("done") == rows
    highest = peak()
    write_reports(run_file, lambda reports: summary(run_file, reports=reports), folder / "reports")
    told("writing the reports")
    run_file.close()
    log = (folder / "plan.run").stat().st_size / 2**20
    sys.stdout.write(f"the run file has {log:,.0f} MiB at the end\n")
    return max(highest, peak()) > MOST_MIB


# Over HTTP


async def serve() -> None:
    """Answers every write with the contact that it holds; the port is the first line on standard output."""
    ids = iter(range(2 * FIRST_ID, 10 * FIRST_ID))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            sent = json.loads(await reader.readexactly(length))["request"]["contact"]
            if b"/get-contact/" in head:
                known = contact(int(sent["id"]) - FIRST_ID, "Ayşe").to_dict()
            else:
                known = {**sent, "id": sent.get("id") or next(ids)}
            if isinstance(known["custom_fields"], dict) and "custom_field" not in known["custom_fields"]:
                known["custom_fields"] = [{"id": each, "value": text} for each, text in known["custom_fields"].items()]
            answer = {"response": {"status": {"code": 200, "message": "OK"}, "contact": known}}
            body = json.dumps(answer).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body))
            writer.write(body)
            await writer.drain()

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(quietly, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


class NoJournal:
    """Writes nothing."""

    def __init__(self, *_: object) -> None:
        pass

    async def __aenter__(self) -> "NoJournal":
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def announced(self, changes: Sequence[int]) -> None:
        """See `Journal.announced`."""

    async def sending(self, change: int) -> None:
        """See `Journal.sending`."""

    async def unsent(self, change: int) -> None:
        """See `Journal.unsent`."""

    async def unsure(self, change: int, code: str) -> None:
        """See `Journal.unsure`."""

    async def settled(self, change: int, result: Settled) -> None:
        """See `Journal.settled`."""

    def hurry(self) -> None:
        """See `Journal.hurry`."""


def over_http(folder: Path, calls: int, workers: int, rate: float, port: int, *, journal: bool) -> None:
    """Sends the changes and prints the seconds of processor time and of the clock, and the commits."""
    make(folder / "plan.run", calls)
    here = context(folder, workers=workers, rate=rate, base_url=f"http://127.0.0.1:{port}/v1")
    run_file = RunFile.open(folder / "plan.run")
    items = (applying.Pending(number, change) for number, change, _ in run_file.changes("planned"))
    commits = [0.0, 0.0]
    committed = RunJournal._commit  # noqa: SLF001 - measured from outside

    def counted(self: RunJournal, entries: Any) -> None:  # noqa: ANN401 - passed on
        begun = time.thread_time()
        committed(self, entries)
        commits[0] += 1
        commits[1] += time.thread_time() - begun

    async def go() -> tuple[float, float]:
        async with here.client() as client:
            start, spent = time.perf_counter(), time.process_time()
            await applying.carry_out(here, client, run_file, items)
            return time.process_time() - spent, time.perf_counter() - start

    with (
        mock.patch.object(RunJournal, "_commit", counted),
        mock.patch.object(applying, "RunJournal", RunJournal if journal else NoJournal),
    ):
        cpu, seconds = asyncio.run(go())
    sys.stdout.write(json.dumps([cpu, seconds, *commits]))
    run_file.close()


def share(calls: int, workers: int, rate: float, rounds: int = 3) -> float:
    """The journal's part of the processor time; both ways run in turn, each in processes of its own."""
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    found: dict[bool, list[list[float]]] = {True: [], False: []}
    try:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        for _ in range(rounds):
            for journal, each in found.items():
                with tempfile.TemporaryDirectory() as folder:
                    command = [sys.executable, __file__, "--send", folder, "--calls", str(calls), "--port", port]
                    more = ["--workers", str(workers), "--rate", str(rate), *(["--journal"] if journal else [])]
                    done = subprocess.run([*command, *more], stdout=subprocess.PIPE, text=True, check=True)
                    each.append(json.loads(done.stdout))
    finally:
        server.kill()
    best = {journal: min(each) for journal, each in found.items()}
    (cpu, seconds, commits, writer), (without, *_) = best[True], best[False]
    part = (cpu - without) / cpu
    sys.stdout.write(
        f"{calls:,} changes over HTTP at {calls / seconds:,.0f}/s: {1e6 * cpu / calls:,.0f} µs of processor time each,"
        f" {1e6 * without / calls:,.0f} without the journal, of which {1e6 * writer / calls:,.0f} in commits"
        f" ({2 * calls / max(commits, 1):.1f} transitions each): {part:.1%}\n"
    )
    sys.stdout.flush()
    return part


def main() -> int:
    """Measures both."""
    parser = argparse.ArgumentParser(description="The memory of applying, and the journal's part.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--calls", type=int, default=5_000)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--rate", type=float, action="append", help="requests a second; may be given several times")
    for own in ("--make", "--apply", "--send"):
        parser.add_argument(own, type=Path, help=argparse.SUPPRESS)
    for own in ("--serve", "--journal"):
        parser.add_argument(own, action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve())
    if given.make:
        make(given.make / "plan.run", given.rows)
        return 0
    if given.apply:
        return int(in_memory(given.apply, given.rows, given.workers))
    if given.send:
        over_http(given.send, given.calls, given.workers, given.rate[0], given.port, journal=given.journal)
        return 0
    over = 0
    if given.rows:
        with tempfile.TemporaryDirectory() as folder:
            # In processes of their own: what one has held stays its own.
            command = [sys.executable, __file__, "--rows", str(given.rows), "--workers", str(given.workers)]
            subprocess.run([*command, "--make", folder], check=True)
            over = subprocess.run([*command, "--apply", folder], check=False).returncode
    for rate in (given.rate or [300.0, 100_000.0]) if given.calls else ():
        over |= share(given.calls, given.workers, rate) > MOST_SHARE
    return over


if __name__ == "__main__":
    sys.exit(main())
