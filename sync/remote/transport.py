"""The only home of httpx: bytes out, bytes in.

What enters: a path and a body. What leaves: status, headers and body, or the way in which no answer came.
What never happens here: retrying; following a redirect; logging a body; sending in the open to another machine, be it a
proxy.
"""

import asyncio
import ipaddress
import socket
import ssl
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx

from sync.errors import UsageError

# One pool scans all its connections at every request: beyond about fifty busy ones it eats the processor and the rate
# collapses (docs/design.md, "Speed"). Several pools of ten do not.
_CONNECTIONS_EACH = 10
_LEAVES = "send_request_headers.started"
_LARGEST_ANSWER = 64 << 20
_CONNECT_TIMEOUT = 6.0  # seconds: the third try of a TCP connection comes after three
_PACKINGS = ("", "identity", "gzip", "deflate")  # of an answer; several in one another unpack to any size at one stroke
_OF_THE_WAY = ("line_not_taken", "line_unknown_host", "line_refused", "line_no_route")
_KEEP_ALIVE = 4.0  # seconds; below what servers use, so that a connection is seldom closed under a write


class _Failure(Exception):
    """In which way no answer came.

    Attributes:
        code: of the message catalogue.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotConnected(_Failure):
    """No connection was made: the request never left."""


class NoAnswer(_Failure):
    """The request left, and no complete answer came back."""

    @property
    def timed_out(self) -> bool:
        """Nothing came, not even the end of the connection."""
        return self.code == "line_silent"


@dataclass(frozen=True, slots=True)
class Raw:
    """An HTTP answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def checked_base_url(text: str) -> str:
    """The base URL without its trailing slash.

    Raises:
        UsageError: not an http(s) URL, with credentials or a query in it, or plain http to another machine.
    """
    if "@" in text:
        raise UsageError("base_url_with_credentials")  # and the text, with its password, is not repeated
    try:
        url = httpx.URL(text.strip().rstrip("/"))
        host = url.host
    except (httpx.InvalidURL, ValueError) as error:  # a host that is no international name is a ValueError
        raise UsageError("base_url_wrong", url=text) from error
    if url.scheme not in ("http", "https") or not host or url.query or url.fragment:
        raise UsageError("base_url_wrong", url=text)
    if url.scheme == "http" and not _is_this_machine(host):
        raise UsageError("base_url_not_encrypted", url=text)
    return str(url)


def _trust() -> ssl.SSLContext:
    """What the machine trusts, checked as Python does by default; but SSLKEYLOGFILE is not heeded.

    Python would write each connection's secrets into the file that it names: whoever reads it reads the credentials.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which checks certificates and names
    if sys.version_info >= (3, 13):  # what `ssl.create_default_context` asks for besides, from then on
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    context.load_default_certs()
    return context


def _proxy_for(base_url: str, context: ssl.SSLContext | None = None) -> httpx.Proxy | None:
    """The proxy through which this machine is set to reach the address, as its environment or system says.

    What goes unencrypted stays on this machine (see `checked_base_url`), and so passes no proxy.

    Raises:
        UsageError: what is set is no proxy that can be used.
    """
    url = httpx.URL(base_url)
    known = getproxies()
    named = known.get(url.scheme) or known.get("all")
    if url.scheme != "https" or not named or proxy_bypass(url.host):
        return None
    try:
        proxy = httpx.Proxy(named if "://" in named else f"http://{named}")
        if proxy.url.scheme == "https":  # without a context of ours it would get one that heeds SSLKEYLOGFILE
            proxy.ssl_context = context
    except (httpx.InvalidURL, ValueError):
        proxy = None
    if proxy is None or proxy.url.scheme not in ("http", "https") or not proxy.url.host:
        raise UsageError("proxy_wrong") from None  # without its address: there may be a password in it
    return proxy


def proxy_host(base_url: str) -> str | None:
    """The name of the proxy's machine; None where there is none."""
    proxy = _proxy_for(base_url)
    return None if proxy is None else proxy.url.host


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class HttpTransport:
    """Posts to one server, over as many pools of ten connections as the workers need.

    Args:
        base_url: where to.
        connections: so many requests may be under way at once.
        timeout: seconds for one request.
        left: called once for each request, when it is about to go over the wire, or has failed before.
    """

    def __init__(
        self, base_url: str, *, connections: int, timeout: float, left: Callable[[], None] = lambda: None
    ) -> None:
        self._left = left
        self._timeout = timeout
        self._base_url = base_url
        context = _trust()
        self._proxy = _proxy_for(base_url, context)
        self._clients = [
            httpx.AsyncClient(
                verify=context,
                timeout=httpx.Timeout(
                    timeout, connect=min(timeout / 2, _CONNECT_TIMEOUT)
                ),  # so that it ends before the total does
                limits=httpx.Limits(
                    max_connections=_CONNECTIONS_EACH,
                    max_keepalive_connections=_CONNECTIONS_EACH,
                    keepalive_expiry=_KEEP_ALIVE,
                ),
                follow_redirects=False,
                trust_env=False,
                proxy=self._proxy,
                headers={"User-Agent": "imsync", "Accept-Encoding": "gzip"},
            )
            for _ in range(-(-connections // _CONNECTIONS_EACH))
        ]
        self._busy = [0] * len(self._clients)

    async def __aenter__(self) -> "HttpTransport":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients:
            await client.aclose()

    async def post(self, path: str, body: bytes, content_type: str) -> Raw:
        """The server's answer.

        Raises:
            NotConnected: no connection was made in time.
            NoAnswer: the connection broke, or the answer did not come in time or was too large.
        """
        index = min(range(len(self._clients)), key=self._busy.__getitem__)
        self._busy[index] += 1
        try:
            async with asyncio.timeout(self._timeout):
                return await self._exchange(self._clients[index], path, body, content_type)
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.ProxyError,
            httpx.UnsupportedProtocol,
        ) as error:
            code = _why_not_connected(error)
            failure: Exception = NotConnected("line_no_proxy" if self._proxy and code in _OF_THE_WAY else code)
        except (httpx.TimeoutException, TimeoutError):
            failure = NoAnswer("line_silent")
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            failure = NoAnswer("line_garbled" if "illegal" in str(error).lower() else "line_closed")
        except (httpx.HTTPError, httpx.InvalidURL):
            failure = NoAnswer("line_garbled")
        finally:
            self._busy[index] -= 1
        raise failure  # here, without the error behind it: its text may quote what the server sent

    async def _exchange(self, client: httpx.AsyncClient, path: str, body: bytes, content_type: str) -> Raw:
        waits = True

        async def traced(event: str, _: Mapping[str, Any]) -> None:
            nonlocal waits
            if waits and event.endswith(_LEAVES):
                waits = False
                self._left()

        request = client.stream(
            "POST",
            self._base_url + path,
            content=body,
            headers={"Content-Type": content_type},
            extensions={"trace": traced},
        )
        try:
            async with request as response:
                if response.headers.get("Content-Encoding", "").strip().lower() not in _PACKINGS:
                    raise NoAnswer("line_garbled")
                chunks, size = [], 0
                async for chunk in response.aiter_bytes():
                    size += len(chunk)
                    if size > _LARGEST_ANSWER:
                        raise NoAnswer("line_flooded")
                    chunks.append(chunk)
                return Raw(response.status_code, response.headers, b"".join(chunks))
        finally:
            if waits:
                self._left()


def _why_not_connected(error: httpx.HTTPError) -> str:
    """The code of the reason, which lies in one of the errors behind the one that is raised."""
    if isinstance(error, (httpx.ConnectTimeout, httpx.PoolTimeout)):
        return "line_not_taken"
    found = list(_behind(error))
    for kind, code in (
        (ssl.SSLCertVerificationError, "line_certificate"),
        (ssl.SSLError, "line_insecure"),
        (socket.gaierror, "line_unknown_host"),
        (ConnectionRefusedError, "line_refused"),
    ):
        if any(isinstance(each, kind) for each in found):
            return code
    return "line_no_route"


def _behind(error: BaseException) -> Iterator[BaseException]:
    """The error, and all those that led to it."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [behind for behind in (each.__cause__, each.__context__) if behind is not None]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
