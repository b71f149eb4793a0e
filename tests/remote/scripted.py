"""A server on loopback that answers with bytes written by hand, or breaks the connection.

What enters: one answer for each request, the last one again and again. What leaves: the requests as they came.
What never happens here: anything that a well-behaved server would add by itself.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

CLOSE = b""
"""The connection is closed without an answer."""
HOLD = b"hold"
"""The connection stays open, and no answer comes."""


@dataclass
class Scripted:
    """A running server.

    Attributes:
        drip: seconds between two bytes of an answer; 0 sends all at once.
        requests: the bodies that came, in order; `paths` their paths.
    """

    answers: Sequence[bytes]
    drip: float = 0.0
    base_url: str = ""
    requests: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    _open: dict["asyncio.Task[None]", asyncio.StreamWriter] = field(default_factory=dict)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        try:
            await self._converse(reader, writer)
        except asyncio.CancelledError:  # the server ends; asyncio would log it
            pass
        finally:
            writer.close()

    async def hang_up(self) -> None:
        """Ends every connection, and waits until it has ended."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        for writer in self._open.values():
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = next(
                    int(line.split(":")[1]) for line in head.lower().splitlines() if line.startswith("content-length:")
                )
                self.requests.append(await reader.readexactly(length))
                self.paths.append(head.split(" ")[1])
                answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
                if answer == HOLD:
                    await asyncio.sleep(3600)
                if self.drip:
                    for byte in answer:
                        writer.write(bytes([byte]))
                        await writer.drain()
                        await asyncio.sleep(self.drip)
                else:
                    writer.write(answer)
                    await writer.drain()
                if not answer or b"Content-Length" not in answer or b"truncated" in answer:
                    break


@asynccontextmanager
async def scripted(*answers: bytes, drip: float = 0.0) -> AsyncIterator[Scripted]:
    """Serves meanwhile."""
    found = Scripted(answers, drip)
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield found
    finally:
        server.close()
        await found.hang_up()


def http(status: int, body: bytes | str, *headers: str, content_type: str = "text/html") -> bytes:
    """An answer with a length."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {content_type}", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + content


def api(code: int, message: str = "", *headers: str, http_status: int | None = None, **payload: Any) -> bytes:
    """A well-formed answer of the API in JSON."""
    body = {"response": {"status": {"code": code, "message": message}, **payload}}
    return http(http_status or code, json.dumps(body), *headers, content_type="application/json")


def api_xml(code: int, message: str = "") -> bytes:
    """A well-formed answer of the API in XML."""
    body = f"<response><status><code>{code}</code><message>{message}</message></status></response>"
    return http(code, body, content_type="text/xml")
