"""The pace: imsync beside one plain httpx.AsyncClient with aiolimiter, at a server that answers after 200 ms.

    python benchmarks/pace.py [--rates N …] [--workers N …] [--seconds N] [--sandbox] [--peers FOLDER]

Each way runs in a process of its own, and so does the server: bare asyncio, or with `--sandbox` the sandbox. `imsync`
is the client as every command has it, its slots booked in a file; `imsync, killed` is killed and started again, and
again; `imsync, two at once` are two processes with one file. The peer's limiter is `AsyncLimiter(rate, 1)`.

Prints the share of the rate that was reached as the client sent and as the server saw it, the most requests in any
sliding second of each as a share of the rate, and the processor's share of one core, the process's start included.
Without `--workers`: a third more than the latency asks for, and 200. The peers are installed into a virtual environment
in a folder (made and removed when none is given). Exits with 1 where imsync sends more than the rate in a second, or
the server sees more than 1.02 x the rate + 1.
"""

import argparse
import asyncio
import contextlib
import os
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

PEERS = ("httpx==0.28.1", "aiolimiter==1.3.0")
LATENCY = 0.2
KILLED_AFTER = 2.0
WAYS = ("imsync", "imsync, killed", "imsync, two at once", "httpx + aiolimiter")
BODY = b'{"response":{"status":{"code":200,"message":""},"contacts":[]}}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
KEY, HASH = "sandbox-key-0123456789", "sandbox-hash-abcdefghij"


# The server


class Noting(asyncio.Protocol):
    """Notes when each request came, and answers a while later."""

    def __init__(self, note: Callable[[], None]) -> None:
        self._note = note
        self._came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if not self._came:
            self._note()  # the moment at which a request's first byte came
        self._came += data
        head, end, body = self._came.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if end and len(body) >= int(lengths[0]):
            self._came = b""
            asyncio.get_running_loop().call_later(LATENCY, self._answer)

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(ANSWER)  # type: ignore[attr-defined]  # a TCP transport


async def serve(notes: Path) -> None:
    """Serves until standard input ends."""
    with notes.open("wb", buffering=0) as file:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Noting(noting(file.fileno())), "127.0.0.1", 0, backlog=500)
        sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1\n")
        sys.stdout.flush()
        await loop.run_in_executor(None, sys.stdin.read)
        server.close()


def serve_sandbox(notes: Path) -> None:
    """The same with the sandbox, which has its own ledger."""
    from sync.sandbox import BookState, Faults, SandboxServer

    book = BookState.from_dict({"credentials": {"key": KEY, "hash": HASH}})
    with SandboxServer(book, faults=Faults()) as server:
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        sys.stdin.read()
        notes.write_bytes(b"".join(struct.pack("d", entry.at) for entry in server.ledger))


def noting(descriptor: int) -> Callable[[], None]:
    """Appends the moment to a file, so that it is there even when the process is killed."""
    return lambda: (os.write(descriptor, struct.pack("d", time.monotonic())), None)[1]


# The clients


async def by_imsync(url: str, rate: float, workers: int, seconds: float, note: Callable[[], None], pace: Path) -> None:
    """As every command does it."""
    import gc
    import random

    from sync.clock import SystemClock
    from sync.remote import Client, Pace
    from sync.settings import ApiSettings, Credentials

    clock = SystemClock()
    kept = Pace(rate, clock)
    kept.share_through(pace)
    settings = ApiSettings(base_url=url, rate=rate, workers=workers)
    client = Client(settings, Credentials(KEY, HASH), clock=clock, chance=random.Random(1), pace=kept)
    post = client._transport.post  # noqa: SLF001 - the moment of sending is here

    async def noted(path: str, body: bytes, kind: str) -> object:
        note()
        return await post(path, body, kind)

    client._transport.post = noted  # type: ignore[method-assign,assignment]  # noqa: SLF001
    gc.freeze()  # as `sync.cli.running.finished` does
    async with client:
        await for_a_while(lambda: client.search("5000000001"), workers, seconds)


async def by_peer(url: str, rate: float, workers: int, seconds: float, note: Callable[[], None]) -> None:
    """As its documentation shows."""
    import httpx
    from aiolimiter import AsyncLimiter

    limiter = AsyncLimiter(rate, 1)
    body = (
        b'{"request":{"authentication":{"key":"' + KEY.encode() + b'","hash":"' + HASH.encode() + b'"},'
        b'"search":{"key":"5000000001","page":1,"rowCount":1000}}}'
    )
    limits = httpx.Limits(max_connections=workers, max_keepalive_connections=workers)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def one() -> None:
            async with limiter:
                note()
            await client.post(f"{url}/search-contacts/json", content=body, headers={"Content-Type": "application/json"})

        await for_a_while(one, workers, seconds)


async def for_a_while(one: Callable[[], Awaitable[object]], workers: int, seconds: float) -> None:
    """So many workers, each sending again and again, cut off in the end."""

    async def work() -> None:
        while True:
            await one()

    tasks = [asyncio.ensure_future(work()) for _ in range(workers)]
    done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*(set(tasks) - done), return_exceptions=True)
    for task in done:
        task.result()


# The measuring


@contextlib.contextmanager
def served(notes: Path, *, sandbox: bool) -> Iterator[str]:
    """The base URL of a server, meanwhile."""
    command = [sys.executable, __file__, "--serve", str(notes), *(["--sandbox"] if sandbox else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate()


def run(way: str, command: list[str], seconds: float, sent: Path) -> float:
    """Runs one way's processes; the seconds of processor that they took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ends_at = time.monotonic() + seconds
    if way == "imsync, killed":
        while (left := ends_at - time.monotonic()) > 0:
            size = sent.stat().st_size if sent.exists() else 0
            process = subprocess.Popen([*command, "--seconds", str(seconds)])
            while (not sent.exists() or sent.stat().st_size == size) and process.poll() is None:
                time.sleep(0.01)
            time.sleep(min(left, KILLED_AFTER))
            process.send_signal(signal.SIGKILL)
            process.wait()
    else:
        count = 2 if way == "imsync, two at once" else 1
        processes = [subprocess.Popen([*command, "--seconds", str(seconds)]) for _ in range(count)]
        codes = [process.wait() for process in processes]
        if any(codes):
            sys.exit(f"{way} failed")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def moments_in(notes: Path) -> list[float]:
    """The moments that were noted, in order."""
    return sorted(moment for (moment,) in struct.iter_unpack("d", notes.read_bytes()))


def reached(moments: list[float], seconds: float) -> float:
    """Requests a second, from the first request on."""
    return sum(1 for each in moments if each < moments[0] + seconds - 1) / (seconds - 1)


def most_in_a_second(moments: list[float]) -> int:
    """The most in any second; its end belongs to the next."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def compared(rate: float, workers: int, seconds: float, peers: str, folder: Path, *, sandbox: bool) -> bool:
    """Runs the ways in turn and prints a line for each; whether imsync kept what it promises."""
    kept = True
    for way in WAYS:
        sent, seen, pace = folder / "sent", folder / "seen", folder / "pace"
        for path in (sent, seen, pace):
            path.unlink(missing_ok=True)
        with served(seen, sandbox=sandbox) as url:
            python = sys.executable if way.startswith("imsync") else peers
            command = [python, __file__, "--way", way, "--url", url, "--rates", str(rate), "--workers", str(workers)]
            cpu = run(way, [*command, "--notes", str(sent), "--pace", str(pace)], seconds, sent)
        ours, theirs = moments_in(sent), moments_in(seen)
        most_sent, most_seen = most_in_a_second(ours), most_in_a_second(theirs)
        if way.startswith("imsync"):
            kept = kept and most_sent <= rate and most_seen <= 1.02 * rate + 1
        sys.stdout.write(
            f"{rate:6.0f}{workers:9}  {way:22}"
            f"{reached(ours, seconds) / rate:9.2%}{reached(theirs, seconds) / rate:9.2%}"
            f"{most_sent / rate:11.1%}{most_seen / rate:11.1%}{cpu / seconds:8.0%}\n"
        )
        sys.stdout.flush()
    return kept


def python_of_peers(folder: Path) -> str:
    """The interpreter of an environment that has the peers."""
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return str(python)


def main() -> int:
    """Serves, sends in one way, or compares all of them."""
    parser = argparse.ArgumentParser(description="The pace: imsync beside httpx with aiolimiter.")
    parser.add_argument("--rates", type=float, nargs="+", default=[50, 100, 300])
    parser.add_argument("--workers", type=int, nargs="+")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--sandbox", action="store_true")
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    for name in ("--way", "--url", "--notes", "--pace"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        if given.sandbox:
            serve_sandbox(given.serve)
        else:
            asyncio.run(serve(given.serve))
        return 0
    if given.way:
        with open(given.notes, "ab", buffering=0) as file:  # noqa: PTH123
            note, rate, workers = noting(file.fileno()), given.rates[0], given.workers[0]
            if given.way.startswith("imsync"):
                asyncio.run(by_imsync(given.url, rate, workers, given.seconds, note, Path(given.pace)))
            else:
                asyncio.run(by_peer(given.url, rate, workers, given.seconds, note))
        return 0
    kept = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peers = python_of_peers(given.peers or folder / "peers")
        sys.stdout.write("  rate  workers  way                        sent     seen  most sent  most seen     cpu\n")
        for rate in given.rates:
            for workers in given.workers or [int(rate * LATENCY * 4 / 3) + 1, 200]:
                kept &= compared(rate, workers, given.seconds, peers, folder, sandbox=given.sandbox)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
