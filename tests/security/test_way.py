"""The way to the API: only to whom a certificate vouches for, and through a proxy only what is encrypted."""

import asyncio
import datetime
import inspect
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
import pytest

from sync import messages
from sync.cli.overview import COMMANDS
from sync.cli.program import imsync
from sync.errors import UsageError
from sync.mapping import Mapping
from sync.remote import proxy_host, transport
from sync.remote.transport import HttpTransport, NoAnswer, NotConnected, Raw
from sync.settings import ApiSettings
from tests.cli.shell import Shell
from tests.remote.scripted import http, scripted

_FOREIGN = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
# What other programs of this kind are switched off with.
_SWITCHES = {"PYTHONHTTPSVERIFY": "0", "CURL_CA_BUNDLE": "", "REQUESTS_CA_BUNDLE": "", "SSL_VERIFY": "0"}


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _FOREIGN:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def post(base_url: str) -> Raw:
    async def go() -> Raw:
        async with HttpTransport(base_url, connections=1, timeout=5.0) as transport:
            return await transport.post("/get-groups/json", b"credentials", "application/json")

    return asyncio.run(go())


# Certificates


def certificate(folder: Path, host: str, *, days: int = 1) -> Path:
    """A certificate that nobody but its owner has signed, with its key, in one file."""
    x509 = pytest.importorskip("cryptography.x509", reason="comes with the keyring, on Linux alone")
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=10))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "server.pem"
    path.write_bytes(plain + made.public_bytes(pem))
    return path


@dataclass
class Encrypted:
    """A server that speaks TLS, and what came to it."""

    port: int = 0
    received: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def encrypted(path: Path) -> AsyncIterator[Encrypted]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    found = Encrypted()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.received.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(http(200, "read"))
        await writer.drain()
        writer.close()

    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # of connections that end in the greeting
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        found.port = server.sockets[0].getsockname()[1]
        yield found


@pytest.mark.fault(
    "Answers that are meant to harm",
    "the server's certificate is self-signed, expired or for another name",
    "nothing is sent; is told",
)
@pytest.mark.parametrize(
    ("host", "days", "trusted"), [("localhost", 1, False), ("elsewhere.example.com", 1, True), ("localhost", -1, True)]
)
def test_a_certificate_that_is_self_signed_for_another_name_or_expired_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, days: int, trusted: bool
) -> None:
    """And none of the switches of other programs changes that; nothing was sent."""
    path = certificate(tmp_path, host, days=days)
    for name, value in _SWITCHES.items():
        monkeypatch.setenv(name, value)
    context = ssl.create_default_context(cafile=str(path) if trusted else None)

    async def go() -> list[bytes]:
        async with encrypted(path) as server:
            with patch("sync.remote.transport._trust", lambda: context):
                transport = HttpTransport(f"https://localhost:{server.port}/v1", connections=1, timeout=5.0)
            async with transport:
                with pytest.raises(NotConnected, match="line_certificate"):
                    await transport.post("/get-groups/json", b"credentials", "application/json")
            return server.received

    assert asyncio.run(go()) == []
    assert "certificate is not valid" in messages.text("line_certificate", {})


def test_one_that_the_machine_trusts_is_taken(tmp_path: Path) -> None:
    """So that the refusals above are about the certificate."""
    path = certificate(tmp_path, "localhost")
    context = ssl.create_default_context(cafile=str(path))

    async def go() -> bytes:
        async with encrypted(path) as server:
            with patch("sync.remote.transport._trust", lambda: context):
                transport = HttpTransport(f"https://localhost:{server.port}/v1", connections=1, timeout=5.0)
            async with transport:
                return (await transport.post("/x", b"{}", "application/json")).body

    assert asyncio.run(go()) == b"read"


@pytest.mark.fault(
    "Answers that are meant to harm",
    "SSLKEYLOGFILE is set, as for a look into connections",
    "it is not heeded",
)
@pytest.mark.parametrize("way", ["straight", "through a proxy that is spoken to encrypted"])
def test_the_secrets_of_a_connection_are_written_to_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    path, log = certificate(tmp_path, "localhost"), tmp_path / "secrets of connections"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.setattr(transport, "_trust", transport._trust.__wrapped__)  # type: ignore[attr-defined] # none that was made before

    async def go() -> list[bytes]:
        async with encrypted(path) as server:
            address = f"https://localhost:{server.port}"
            if way != "straight":
                monkeypatch.setenv("HTTPS_PROXY", address)
            async with HttpTransport(
                f"{address}/v1" if way == "straight" else "https://api.example.com/v1", connections=1, timeout=5.0
            ) as line:
                with suppress(NotConnected, NoAnswer):  # what answers here is no proxy
                    await line.post("/x", b"{}", "application/json")
            return server.received

    assert asyncio.run(go()), "the connection came about"
    assert not log.exists()


def test_certificates_and_names_are_checked_and_old_versions_of_tls_refused() -> None:
    async def go() -> ssl.SSLContext:
        async with HttpTransport("https://api.example.com/v1", connections=1, timeout=5.0) as transport:
            context = transport._clients[0]._transport._pool._ssl_context  # type: ignore[attr-defined]
            assert isinstance(context, ssl.SSLContext)
            return context

    context = asyncio.run(go())

    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def _options() -> set[str]:
    context = click.Context(imsync)
    commands = [imsync.get_command(context, name) for name in COMMANDS]  # type: ignore[attr-defined]
    return {name for command in commands if command for each in command.params for name in (*each.opts, each.name)}


def test_nothing_switches_the_check_off() -> None:
    names = _options() | set(Mapping.model_json_schema()["$defs"]["Api"]["properties"]) | set(ApiSettings.__slots__)
    names |= set(inspect.signature(HttpTransport).parameters)

    assert "--base-url" in names, "the options were found"
    assert not [each for each in names if each and re.search(r"verify-|insecure|ssl|tls|cert", each)]


# Proxies


@pytest.mark.fault(
    "Answers that are meant to harm",
    "a proxy is set, and the server is on this machine",
    "the proxy is passed by",
)
def test_what_is_not_encrypted_passes_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials for a server on this machine would otherwise reach another one, open to read."""

    async def go() -> tuple[list[bytes], list[bytes], bytes]:
        async with scripted(http(200, "the proxy's")) as proxy, scripted(http(200, "the server's")) as server:
            for name in _FOREIGN[:3]:
                monkeypatch.setenv(name, proxy.base_url.removesuffix("/v1"))
            async with HttpTransport(server.base_url, connections=1, timeout=5.0) as transport:
                raw = await transport.post("/get-groups/json", b"credentials", "application/json")
            return proxy.requests, server.requests, raw.body

    assert asyncio.run(go()) == ([], [b"credentials"], b"the server's")


@asynccontextmanager
async def proxying(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A proxy that answers each CONNECT so, and what came to it."""
    came: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://me:s3cret@127.0.0.1:{server.sockets[0].getsockname()[1]}", came


@pytest.mark.fault(
    "Answers that are meant to harm",
    "the proxy refuses the tunnel",
    "nothing has left; the proxy is named",
)
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_that_refuses_the_tunnel_is_named_and_nothing_has_left(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    async def go() -> list[bytes]:
        async with proxying(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n") as (url, came):
            monkeypatch.setenv(variable, url)
            async with HttpTransport("https://api.example.com/v1", connections=1, timeout=5.0) as transport:
                with pytest.raises(NotConnected, match="line_no_proxy"):
                    await transport.post("/get-groups/json", b"credentials", "application/json")
            return came

    (asked,) = asyncio.run(go())

    assert asked.startswith(b"CONNECT api.example.com:443 ")
    assert b"credentials" not in asked
    assert "HTTPS_PROXY" in messages.text("line_no_proxy", {})


def test_a_proxy_that_is_not_there_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")

    with pytest.raises(NotConnected, match="line_no_proxy"):
        post("https://api.example.com/v1")


@pytest.mark.parametrize(
    "value",
    [
        "socks5://me:s3cret@h:1080",
        "ftp://me:s3cret@h:1",
        "http://me:s3cret@h:x",
        "http://[::s3cret",
        "http://",
        "://s3cret",
    ],
)
def test_what_is_no_proxy_is_refused_without_repeating_its_password(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)

    with pytest.raises(UsageError) as caught:
        post("https://api.example.com/v1")

    error: BaseException | None = caught.value
    assert caught.value.code == "proxy_wrong"
    assert error is not None
    assert error.__cause__ is None
    assert "s3cret" not in f"{error} {messages.error_text(caught.value)}"


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://me:s3cret@proxy.example.com:3128"}, "proxy.example.com"),
        ({"HTTPS_PROXY": "proxy.example.com:3128"}, "proxy.example.com"),
        ({"HTTPS_PROXY": "http://proxy.example.com:3128", "NO_PROXY": ".example.com"}, None),
        ({"HTTP_PROXY": "http://proxy.example.com:3128"}, None),
    ],
)
def test_the_doctor_can_say_which_proxy_is_used(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], host: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert proxy_host("https://api.example.com/v1") == host
    assert proxy_host("http://127.0.0.1:8077/v1") is None


def test_through_a_proxy_the_answer_comes_encrypted_from_the_server_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy sees a name and bytes that it cannot read."""
    path = certificate(tmp_path, "api.example.com")
    context = ssl.create_default_context(cafile=str(path))
    seen: list[bytes] = []

    async def go() -> bytes:
        async with encrypted(path) as server:

            async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                seen.append(await reader.readuntil(b"\r\n\r\n"))
                there, back = await asyncio.open_connection("127.0.0.1", server.port)
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
                await asyncio.gather(_piped(reader, back, seen), _piped(there, writer, []))

            async with await asyncio.start_server(tunnel, "127.0.0.1", 0) as proxy:
                monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
                with patch("sync.remote.transport._trust", lambda: context):
                    transport = HttpTransport("https://api.example.com/v1", connections=1, timeout=5.0)
                async with transport:
                    raw = await transport.post("/x", b"credentials", "application/json")
                return raw.body

    assert asyncio.run(go()) == b"read"
    assert seen[0].startswith(b"CONNECT api.example.com:443 ")
    assert b"credentials" not in b"".join(seen)


async def _piped(source: asyncio.StreamReader, target: asyncio.StreamWriter, seen: list[bytes]) -> None:
    try:
        while part := await source.read(65536):
            seen.append(part)
            target.write(part)
            await target.drain()
    except ConnectionError:
        pass
    finally:
        target.close()


def test_a_wrong_proxy_ends_a_command_with_an_answer(
    shell_with: Callable[..., Shell], monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = shell_with()
    monkeypatch.setenv("HTTPS_PROXY", "socks5://me:s3cret@h:1")

    ended = shell("groups", "list", "--base-url", "https://api.example.com/v1")

    assert ended.code == 2
    assert "HTTPS_PROXY" in ended.err
    assert "s3cret" not in ended.out + ended.err


def test_a_closed_tunnel_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> Any:
        async with proxying(b"") as (url, _):
            monkeypatch.setenv("HTTPS_PROXY", url)
            async with HttpTransport("https://api.example.com/v1", connections=1, timeout=5.0) as transport:
                return await transport.post("/x", b"{}", "application/json")

    with pytest.raises((NoAnswer, NotConnected)):
        asyncio.run(go())
