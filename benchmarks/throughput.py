"""Calls as fast as they go, at a server that answers at once: imsync's client, and one plain httpx.AsyncClient.

    python benchmarks/throughput.py --serve

Used by `python -m benchmarks`. The server is bare asyncio and a process of its own. Both clients send the same search
and read the same answer, which shows no contact.
"""

import asyncio
import contextlib
import random
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from pace import ANSWER, HASH, KEY

UNLIMITED = 1e6


class Answering(asyncio.Protocol):
    """Answers each request as soon as it is there."""

    def __init__(self) -> None:
        self._came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self._came += data
        head, end, body = self._came.partition(b"\r\n\r\n")
        if not end:
            return
        at = head.lower().index(b"content-length:") + len(b"content-length:")
        if len(body) >= int(head[at:].split(b"\r\n", 1)[0]):
            self._came = b""
            self._transport.write(ANSWER)  # type: ignore[attr-defined]  # a TCP transport


async def serve() -> None:
    """Serves until it is killed."""
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, backlog=500)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1\n")
    sys.stdout.flush()
    await server.serve_forever()


def prepared(way: str, folder: Path, calls: int, workers: int) -> Callable[[], int]:
    """The work of one way: so many calls, so many of them at once. The server ends with the work."""
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    send = {"imsync": by_imsync, "httpx": by_httpx}[way](url, folder, calls, workers)

    def work() -> int:
        with server:
            try:
                asyncio.run(send())
            finally:
                server.kill()
        return calls

    return work


async def together(one: Callable[[], Awaitable[object]], calls: int, workers: int) -> None:
    """Makes the calls, so many at once."""
    left = iter(range(calls))

    async def work() -> None:
        for _ in left:
            await one()

    await asyncio.gather(*(work() for _ in range(workers)))


def by_imsync(url: str, folder: Path, calls: int, workers: int) -> Callable[[], Awaitable[None]]:
    """As every command does it, its slots booked in a file."""
    from sync.clock import SystemClock
    from sync.remote import Client, Pace
    from sync.settings import ApiSettings, Credentials

    async def send() -> None:
        clock = SystemClock()
        pace = Pace(UNLIMITED, clock)
        pace.share_through(folder / "pace")
        settings = ApiSettings(base_url=url, rate=UNLIMITED, workers=workers)
        async with Client(settings, Credentials(KEY, HASH), clock=clock, chance=random.Random(1), pace=pace) as client:
            await together(lambda: client.search("5000000001"), calls, workers)

    return send


def by_httpx(url: str, folder: Path, calls: int, workers: int) -> Callable[[], Awaitable[None]]:  # noqa: ARG001
    """As its documentation shows."""
    import httpx

    request = {
        "authentication": {"key": KEY, "hash": HASH},
        "search": {"key": "5000000001", "page": 1, "rowCount": 1000},
    }

    async def send() -> None:
        limits = httpx.Limits(max_connections=workers, max_keepalive_connections=workers)
        async with httpx.AsyncClient(limits=limits, timeout=30) as client:

            async def one() -> None:
                answer = await client.post(f"{url}/search-contacts/json", json={"request": request})
                assert answer.json()["response"]["status"]["code"] == 200  # noqa: PLR2004 - success

            await together(one, calls, workers)

    return send


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve())
