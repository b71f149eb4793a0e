"""The transport against servers that misbehave, and the base URL."""

import asyncio
import gzip
import socket
import ssl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync import messages
from sync.errors import Unreachable, UsageError
from sync.messages import error_text
from sync.remote.transport import HttpTransport, NoAnswer, NotConnected, Raw, checked_base_url
from tests.remote.scripted import CLOSE, HOLD, Scripted, http, scripted

BODY = b'{"request": {}}'


async def posted(base_url: str, *, timeout: float = 5.0) -> Raw:  # noqa: ASYNC109 - the one under test
    async with HttpTransport(base_url, connections=1, timeout=timeout) as transport:
        return await transport.post("/get-groups/json", BODY, "application/json")


def exchange(*answers: bytes, timeout: float = 5.0, drip: float = 0.0) -> tuple[Raw, Scripted]:
    async def go() -> tuple[Raw, Scripted]:
        async with scripted(*answers, drip=drip) as server:
            return await posted(server.base_url, timeout=timeout), server

    return asyncio.run(go())


# The base URL


@pytest.mark.parametrize(
    ("given_url", "checked"),
    [
        ("https://api.example.com/v1", "https://api.example.com/v1"),
        ("https://api.example.com/v1/", "https://api.example.com/v1"),
        ("  https://api.example.com/v1//  ", "https://api.example.com/v1"),
        ("HTTPS://API.example.com/v1", "https://api.example.com/v1"),
        ("https://api.example.com:8443", "https://api.example.com:8443"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("http://127.0.0.2/v1", "http://127.0.0.2/v1"),
        ("http://localhost:8080/v1", "http://localhost:8080/v1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
    ],
)
def test_a_base_url_is_taken_without_its_trailing_slash(given_url: str, checked: str) -> None:
    assert checked_base_url(given_url) == checked


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "base_url_wrong"),
        ("api.example.com/v1", "base_url_wrong"),
        ("ftp://api.example.com/v1", "base_url_wrong"),
        ("file:///etc/hosts", "base_url_wrong"),
        ("https://", "base_url_wrong"),
        ("https:///v1", "base_url_wrong"),
        ("https://api.example.com/v1?key=1", "base_url_wrong"),
        ("https://api.example.com/v1#part", "base_url_wrong"),
        ("https://api.example.com:port/v1", "base_url_wrong"),
        ("https://me:word@api.example.com/v1", "base_url_with_credentials"),
        ("https://me@api.example.com/v1", "base_url_with_credentials"),
        ("http://api.example.com/v1", "base_url_not_encrypted"),
        ("http://127.0.0.1.example.com/v1", "base_url_not_encrypted"),
        ("http://localhost.example.com/v1", "base_url_not_encrypted"),
        ("http://192.168.1.5/v1", "base_url_not_encrypted"),
        ("http://0.0.0.0/v1", "base_url_not_encrypted"),
        ("http://127.0.0.1@api.example.com/v1", "base_url_with_credentials"),
    ],
)
def test_a_base_url_that_cannot_be_used_is_refused(url: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked_base_url(url)

    assert caught.value.code == code


@pytest.mark.parametrize(
    "url",
    [
        "https://me:s3cret-word@api.example.com/v1",
        "https://me:s3cret-word@api.example.com/v1?x=1",
        "ftp://me:s3cret-word@api.example.com/v1",
        "https://me:s3cret-word@api.example.com:port/v1",
        "http://me:s3cret-word@api.example.com/v1",
    ],
)
def test_a_password_in_a_base_url_is_not_repeated_in_the_error(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked_base_url(url)

    assert "s3cret-word" not in f"{caught.value} {caught.value!r}"


@given(st.one_of(st.text(max_size=40), st.text(max_size=30).map("https://{}".format)))
@example("https://[::1/v1")
@example("https://xn--a/v1")
@example("https://.../v1")
@example("https://exa mple.com")
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_base_url_or_a_usage_error(text: str) -> None:
    with suppress(UsageError):
        assert checked_base_url(text).startswith("http")


# Exchanges


def test_an_answer_comes_back_as_it_is() -> None:
    raw, server = exchange(http(503, "ğüş", "Retry-After: 7"))

    assert (raw.status, raw.body, raw.headers["retry-after"]) == (503, "ğüş".encode(), "7")
    assert (server.requests, server.paths) == ([BODY], ["/v1/get-groups/json"])


def test_a_connection_closed_without_an_answer_is_no_answer() -> None:
    with pytest.raises(NoAnswer):
        exchange(CLOSE)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ntruncated",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ntrunc",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"this is not HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"\x00\x01\x02\x03\r\n\r\n",
    ],
)
def test_half_an_answer_or_none_at_all_is_no_answer(answer: bytes) -> None:
    with pytest.raises(NoAnswer):
        exchange(answer)


def test_a_huge_answer_is_not_read_to_its_end() -> None:
    with pytest.raises(NoAnswer):
        exchange(http(200, gzip.compress(bytes((64 << 20) + 1), 1), "Content-Encoding: gzip"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    async def go() -> tuple[Raw, Scripted]:
        async with (
            scripted(http(200, "elsewhere")) as elsewhere,
            scripted(http(status, "", f"Location: {elsewhere.base_url}")) as server,
        ):
            return await posted(server.base_url), elsewhere

    raw, elsewhere = asyncio.run(go())

    assert (raw.status, elsewhere.requests) == (status, [])


def test_an_answer_that_drips_ends_with_the_time_for_the_whole_request() -> None:
    async def go() -> float:
        loop = asyncio.get_running_loop()
        async with scripted(http(200, "x" * 500), drip=0.05) as server:
            started = loop.time()
            with pytest.raises(NoAnswer):
                await posted(server.base_url, timeout=0.4)
            return loop.time() - started

    assert asyncio.run(go()) < 2.0


def test_a_server_that_never_answers_is_no_answer() -> None:
    with pytest.raises(NoAnswer):
        exchange(HOLD, timeout=0.3)


def test_a_refused_connection_was_never_made() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(NotConnected):
        asyncio.run(posted(f"http://127.0.0.1:{port}/v1"))


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port on which connections are neither taken nor refused: its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(4):
            each = socket.socket()
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
            waiting.append(each)
        try:
            yield listener.getsockname()[1]
        finally:
            for each in waiting:
                each.close()


def test_a_connection_that_is_not_taken_in_time_was_never_made() -> None:
    with deaf_port() as port, pytest.raises(NotConnected):
        asyncio.run(posted(f"http://127.0.0.1:{port}/v1", timeout=0.5))


def test_an_error_says_in_a_word_what_happened() -> None:
    with pytest.raises(NoAnswer, match=r"^\w+$"):
        exchange(CLOSE)


@pytest.mark.parametrize("answers", [(http(200, "ok"),), (CLOSE,), (b"no HTTP\r\n\r\n",)])
def test_each_request_is_told_once_when_it_leaves_whatever_comes_of_it(answers: tuple[bytes, ...]) -> None:
    seen: list[int] = []

    async def go() -> int:
        async with scripted(*answers) as server:
            transport = HttpTransport(
                server.base_url, connections=1, timeout=5.0, left=lambda: seen.append(len(server.requests))
            )
            async with transport:
                for _ in range(3):
                    with suppress(NoAnswer):
                        await transport.post("/x", BODY, "text/xml")
            return len(server.requests)

    assert asyncio.run(go()) == 3
    assert seen == [0, 1, 2]  # before the server had it


def test_a_request_that_finds_no_connection_is_told_as_well() -> None:
    left: list[None] = []

    async def go() -> None:
        async with scripted(CLOSE) as server:
            closed = server.base_url
        async with HttpTransport(closed, connections=1, timeout=5.0, left=lambda: left.append(None)) as transport:
            with pytest.raises(NotConnected):
                await transport.post("/x", BODY, "text/xml")

    asyncio.run(go())

    assert len(left) == 1


def why(error: httpx.HTTPError) -> str:
    """The code that a failure to connect is told by."""

    async def go() -> None:
        transport = HttpTransport("http://127.0.0.1:1/v1", connections=1, timeout=5.0)
        async with transport:
            await transport._clients[0].aclose()
            transport._clients[0] = httpx.AsyncClient(transport=Failing(error))
            await transport.post("/x", BODY, "application/json")

    with pytest.raises((NotConnected, NoAnswer)) as caught:
        asyncio.run(go())
    return caught.value.code


@pytest.mark.parametrize(
    ("behind", "code"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "line_refused"),
        (ExceptionGroup("all attempts", [OSError(101, "x"), ConnectionRefusedError(111, "x")]), "line_refused"),
        (socket.gaierror(-2, "Name or service not known"), "line_unknown_host"),
        (OSError(101, "Network is unreachable"), "line_no_route"),
        (ssl.SSLCertVerificationError("self-signed certificate"), "line_certificate"),
        (ssl.SSLError("wrong version number"), "line_insecure"),
    ],
)
def test_why_no_connection_was_made_is_found_behind_the_error(behind: Exception, code: str) -> None:
    error = httpx.ConnectError("All connection attempts failed")
    error.__cause__ = behind

    assert why(error) == code
    assert error_text(Unreachable("api_never_reached", host="h", seconds=1, reason=messages.text(code, {})))


def test_a_real_refusal_is_recognised() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(NotConnected, match="line_refused"):
        asyncio.run(posted(f"http://127.0.0.1:{port}/v1"))


def test_a_server_without_tls_is_recognised() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(http(400, "speak plainly"))
        await writer.drain()
        writer.close()

    async def go() -> None:
        async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
            await posted(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")

    with pytest.raises(NotConnected, match="line_insecure"):
        asyncio.run(go())


@pytest.mark.parametrize(
    ("answer", "code"), [(CLOSE, "line_closed"), (HOLD, "line_silent"), (b"no HTTP\r\n\r\n", "line_garbled")]
)
def test_in_which_way_no_answer_came_is_told(answer: bytes, code: str) -> None:
    with pytest.raises(NoAnswer, match=code):
        exchange(answer, timeout=0.3)


@pytest.mark.parametrize("packing", ["br", "zstd", "gzip, gzip"])
def test_an_answer_that_is_packed_in_a_way_nobody_asked_for_is_garbled(packing: str) -> None:
    with pytest.raises(NoAnswer, match=r"^line_garbled$"):
        exchange(http(200, "x", f"Content-Encoding: {packing}"))


@pytest.mark.parametrize("packing", ["", "identity", " GZIP ", "deflate"])
def test_an_answer_that_is_packed_as_servers_do_is_read(packing: str) -> None:
    packed = {" GZIP ": gzip.compress(b"answer"), "deflate": zlib.compress(b"answer")}.get(packing, b"answer")

    assert exchange(http(200, packed, f"Content-Encoding: {packing}"))[0].body == b"answer"


def test_an_answer_without_end_is_told_as_a_flood() -> None:
    with pytest.raises(NoAnswer, match=r"^line_flooded$"):
        exchange(http(200, gzip.compress(bytes((64 << 20) + 1), 1), "Content-Encoding: gzip"))


def test_errors_that_name_one_another_as_their_cause_are_looked_at_once() -> None:
    error, behind = httpx.ConnectError("All connection attempts failed"), OSError(101, "Network is unreachable")
    error.__cause__, behind.__cause__ = behind, error

    assert why(error) == "line_no_route"


# Every error of httpx


def all_kinds(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for each in kind.__subclasses__():
        yield from all_kinds(each)


KINDS = sorted(
    {*all_kinds(httpx.HTTPError), httpx.InvalidURL} - {httpx.HTTPStatusError}, key=lambda kind: kind.__name__
)
NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,  # the tunnel was not made
    httpx.UnsupportedProtocol,
)


class Failing(httpx.AsyncBaseTransport):
    """Fails in one way."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert request
        raise self._error


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_of_httpx_says_whether_the_request_left(kind: type[Exception]) -> None:
    async def go() -> None:
        transport = HttpTransport("http://127.0.0.1:1/v1", connections=1, timeout=5.0)
        async with transport:
            await transport._clients[0].aclose()
            transport._clients[0] = httpx.AsyncClient(transport=Failing(kind("of the test")))
            await transport.post("/x", BODY, "application/json")

    with pytest.raises(NotConnected if issubclass(kind, NEVER_LEFT) else NoAnswer):
        asyncio.run(go())


def test_more_callers_than_connections_all_get_their_answers() -> None:
    async def go() -> int:
        async with (
            scripted(http(200, "ok")) as server,
            HttpTransport(server.base_url, connections=25, timeout=5.0) as transport,
        ):
            raws = await asyncio.gather(*(transport.post("/x", BODY, "text/xml") for _ in range(80)))
            return sum(raw.body == b"ok" for raw in raws)

    assert asyncio.run(go()) == 80
