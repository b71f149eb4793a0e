"""Answers that are meant to harm: each is refused within bounds, and a write that met one counts as unsure."""

import asyncio
import gzip
import logging
import random
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sync.contact import Contact
from sync.errors import ImsyncError, Unreachable, Unsure, WrongAddress
from sync.remote import Client
from sync.remote.transport import HttpTransport, NoAnswer, Raw
from sync.remote.wire_xml import decode as decode_xml
from sync.settings import ApiSettings, Credentials
from tests.fakes import FakeClock
from tests.remote.scripted import Scripted, api, http, scripted

KEY, HASH = "k3y-0f-th3-t3st", "h4sh+0f/th3=t3st"
WRITTEN = Contact(None, "Ada", "Deneme", "", "+905001112233", {}, ())


def asked(
    work: Callable[[Client], Awaitable[Any]], *answers: bytes, wire: str = "json", **tuned: Any
) -> tuple[Any, Scripted]:
    """What a client makes of these answers: its result, or the error of ours; and what the server saw."""

    async def go() -> tuple[Any, Scripted]:
        async with scripted(*answers) as server:
            settings = ApiSettings(server.base_url, rate=1e6, attempts=2, wire=wire, **tuned)  # type: ignore[arg-type]
            credentials = Credentials(KEY, HASH)
            async with Client(settings, credentials, clock=FakeClock(), chance=random.Random(0)) as client:
                try:
                    return await work(client), server
                except ImsyncError as error:
                    return error, server

    return asyncio.run(asyncio.wait_for(go(), 60))


async def add(client: Client) -> Contact:
    return await client.add(WRITTEN)


async def groups(client: Client) -> Any:
    return await client.groups()


def nested(depth: int, opening: str, closing: str) -> bytes:
    body = f'{{"response": {{"status": {{"code": 200}}, "contact": {opening * depth}1{closing * depth}}}}}'
    return http(200, body, content_type="application/json")


@pytest.mark.fault(
    "Answers that are meant to harm",
    "an answer nests without end (JSON)",
    "cannot be read: a write is unsure",
)
@pytest.mark.parametrize("depth", [300, 600, 900, 5_000, 200_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"id":', "}]")])
def test_lists_in_lists_in_lists_are_an_answer_that_nobody_can_read(depth: int, opening: str, closing: str) -> None:
    error, _ = asked(add, nested(depth, opening, closing))

    assert isinstance(error, Unsure), error


@pytest.mark.fault(
    "Answers that are meant to harm",
    "an answer nests without end (XML)",
    "cannot be read: a write is unsure",
)
@pytest.mark.parametrize("depth", [200, 300, 100_000])
def test_so_are_elements_in_elements(depth: int) -> None:
    inner = "<a>" * depth + "</a>" * depth
    body = f"<response><status><code>200</code></status><contact>{inner}</contact></response>"

    error, _ = asked(add, http(200, body, content_type="text/xml"), wire="xml")

    assert isinstance(error, Unsure), error


# Entities


def bomb(encoding: str = "utf-8") -> bytes:
    """A billion laughs."""
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE response [<!ENTITY a0 "{"ha" * 50}">{levels}]>'
        "<response><status><code>200</code><message>&a9;</message></status></response>"
    ).encode(encoding)


EXTERNAL = (
    b'<!DOCTYPE response [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    b"<response><status><code>200</code><message>&e;</message></status></response>"
)


@pytest.mark.fault(
    "Answers that are meant to harm",
    "an answer has a DTD or entities",
    "cannot be read: a write is unsure",
)
@pytest.mark.parametrize(
    "document",
    [
        bomb(),
        bomb("utf-16"),
        EXTERNAL,
        b'<!DOCTYPE response SYSTEM "http://127.0.0.1:9/a.dtd"><response/>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE response><response/>'.encode("utf-16"),
    ],
)
def test_an_answer_with_a_dtd_is_refused_in_whatever_encoding(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_xml(document)


def test_a_name_that_looks_like_a_dtd_is_a_name() -> None:
    assert decode_xml(b"<a><name><![CDATA[<!DOCTYPE x>]]></name></a>") == {"a": {"name": "<!DOCTYPE x>"}}


def test_what_an_external_entity_names_is_not_fetched() -> None:
    async def go() -> list[bytes]:
        async with scripted(http(200, "secret")) as elsewhere:
            document = f'<!DOCTYPE r [<!ENTITY % e SYSTEM "{elsewhere.base_url}/x"> %e;]><r>&e;</r>'
            with pytest.raises(ValueError, match=r"."):
                await asyncio.to_thread(decode_xml, document.encode())
            return elsewhere.requests

    assert asyncio.run(go()) == []


# Packed, endless and mislabelled


def posted(answer: bytes, *, timeout: float = 5.0) -> Raw:
    async def go() -> Raw:
        async with (
            scripted(answer) as server,
            HttpTransport(server.base_url, connections=1, timeout=timeout) as transport,
        ):
            return await transport.post("/get-groups/json", b"{}", "application/json")

    return asyncio.run(go())


@pytest.mark.fault(
    "Answers that are meant to harm",
    "an answer is packed in several layers",
    "is not unpacked: a write is unsure",
)
@pytest.mark.parametrize("packing", ["gzip, gzip", "gzip,gzip,gzip", "gzip, deflate", "br", "zstd", "x"])
def test_an_answer_packed_twice_or_in_an_unknown_way_is_not_unpacked(packing: str) -> None:
    """Each packing multiplies by a thousand: 64 KB, packed three times, are more than any machine has."""
    content = b" " * 5_000_000
    for _ in packing.split(","):
        content = gzip.compress(content, 1)

    with pytest.raises(NoAnswer, match="line_garbled"):
        posted(http(200, content, f"Content-Encoding: {packing}"))


@pytest.mark.parametrize(
    ("packing", "pack"), [("gzip", gzip.compress), ("GZIP", gzip.compress), ("deflate", zlib.compress)]
)
def test_an_answer_packed_once_is_read(packing: str, pack: Callable[[bytes], bytes]) -> None:
    assert posted(http(200, pack(b"whole"), f"Content-Encoding: {packing}")).body == b"whole"


@pytest.mark.parametrize("headers", [["X: " + "a" * 200_000], [f"X-{n}: {n}" for n in range(20_000)]])
def test_a_head_without_end_is_not_read_to_its_end(headers: list[str]) -> None:
    with pytest.raises(NoAnswer):
        posted(http(200, "ok", *headers))


@pytest.mark.fault("Answers that are meant to harm", "an answer has no end", "is cut off at 64 MB: a write is unsure")
def test_a_body_that_goes_on_and_on_is_cut_off() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        try:
            while True:
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            writer.close()

    async def go() -> None:
        async with await asyncio.start_server(endless, "127.0.0.1", 0) as server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            async with HttpTransport(url, connections=1, timeout=30.0) as transport:
                await transport.post("/x", b"{}", "application/json")

    with pytest.raises(NoAnswer, match="line_flooded"):
        asyncio.run(go())


@pytest.mark.parametrize("content_type", ["text/html", "image/png", "application/xml", "", "text/plain; charset=utf-7"])
def test_what_an_answer_calls_itself_decides_nothing(content_type: str) -> None:
    body = '{"response": {"status": {"code": 200}, "groups": [{"id": 7, "name": "Ğ"}]}}'

    found, _ = asked(groups, http(200, body, content_type=content_type))

    assert [(group.id, group.name) for group in found] == [(7, "Ğ")]


@pytest.mark.parametrize(
    "body", ['{"response": {"status": {"code": 1e3}}}', "9" * 5000, "NaN", '{"response": {"status": {"code": NaN}}}']
)
def test_numbers_that_are_none_are_unreadable(body: str) -> None:
    error, _ = asked(add, http(200, body))

    assert isinstance(error, Unsure)


# Elsewhere


@pytest.mark.fault(
    "Answers that are meant to harm",
    "the answer is a redirect to another host",
    "it is not followed (exit 2)",
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("work", [add, groups])
def test_credentials_do_not_follow_a_redirect(status: int, work: Callable[[Client], Awaitable[Any]]) -> None:
    async def go() -> tuple[Any, Scripted]:
        async with scripted(api(200)) as elsewhere:
            answer = http(status, "", f"Location: {elsewhere.base_url}/get-groups/json")
            loop = asyncio.get_running_loop()
            error, server = await loop.run_in_executor(None, asked, work, answer)
            assert len(server.requests) == 1
            return error, elsewhere

    error, elsewhere = asyncio.run(go())

    assert isinstance(error, WrongAddress)
    assert elsewhere.requests == []


@pytest.mark.fault(
    "Answers that are meant to harm",
    "Retry-After is negative, past, huge or no number",
    "is tried again within bounds",
)
@pytest.mark.parametrize(
    "header",
    [
        "-5",
        "1e9",
        "99999999999999999999",
        "soon",
        "Wed, 21 Oct 2015 07:28:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "0x10",
        "٥",
    ],
)
def test_whatever_retry_after_says_a_read_is_tried_again_and_ends(header: str) -> None:
    clock = FakeClock()

    async def go() -> float:
        answer = http(429, api(429).split(b"\r\n\r\n")[1], f"Retry-After: {header}")
        async with scripted(answer) as server:
            settings = ApiSettings(server.base_url, rate=1e6, attempts=3)
            async with Client(settings, Credentials(KEY, HASH), clock=clock, chance=random.Random(0)) as client:
                started = clock.monotonic()
                with pytest.raises(Unreachable):
                    await client.groups()
                assert len(server.requests) == 3
                return clock.monotonic() - started

    assert 0 < asyncio.run(asyncio.wait_for(go(), 30)) <= 2 * 125  # two pauses, of two minutes at most each


# What is told of it


def test_neither_objects_nor_logs_show_credentials(caplog: pytest.LogCaptureFixture) -> None:
    """Not even where every library logs all that it knows, and the server sends back what it got."""
    caplog.set_level(logging.DEBUG)
    echo = api(422, f"Hatalı: {KEY} / {HASH}")

    async def go(client: Client) -> Any:
        shown = [repr(client), repr(client._credentials), str(vars(client._transport)), repr(client._settings)]
        assert not any(KEY in each or HASH in each for each in shown)
        return await client.add(WRITTEN)

    error, server = asked(go, echo)

    assert any(KEY.encode() in each for each in server.requests), "they are in the request"
    assert not any(KEY in each or HASH in each for each in server.paths)
    told = f"{error!r} {error} {error.values} {caplog.text}"
    assert "•••" in told
    assert KEY not in told
    assert HASH not in told
    assert "httpx" in caplog.text, "the libraries did log"
