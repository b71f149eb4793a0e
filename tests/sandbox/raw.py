"""In: a running sandbox. Out: what a bare client meets, which follows, mends and retries nothing."""

import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sync.sandbox import SandboxServer

_LOGIN = '"authentication": {"key": "sandbox-key", "hash": "sandbox-hash"}'
_XML_LOGIN = "<authentication><key>sandbox-key</key><hash>sandbox-hash</hash></authentication>"
ADD = f'{{"request": {{{_LOGIN}, "contact": {{"name": "Deniz"}}}}}}'
XML_ADD = f"<request>{_XML_LOGIN}<contact><name>Deniz</name></contact></request>"
GROUPS = f'{{"request": {{{_LOGIN}}}}}'


def connect(server: SandboxServer, timeout: float = 10) -> http.client.HTTPConnection:
    address = urlsplit(server.base_url)
    return http.client.HTTPConnection(str(address.hostname), address.port, timeout=timeout)


def eventually(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 5
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


@dataclass
class Met:
    """What came back.

    Attributes:
        broke: how the answer ended before its end, or that none came; None: it came whole.
        goes_on: whether the connection can be used again.
    """

    status: int | None = None
    headers: dict[str, str] | None = None
    body: bytes = b""
    broke: type[Exception] | None = None
    goes_on: bool = False


def send(server: SandboxServer, path: str = "/add-contact/json", body: str = ADD, timeout: float = 10) -> Met:
    """Sends one request on a connection of its own."""
    connection = connect(server, timeout)
    content_type = "application/json" if path.endswith("/json") else "text/xml"
    try:
        connection.request("POST", "/v1" + path, body.encode(), {"Content-Type": content_type})
        response = connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        return Met(broke=type(error))
    else:
        return _read(response, connection)
    finally:
        connection.close()


def _read(response: http.client.HTTPResponse, connection: Any) -> Met:
    headers = dict(response.getheaders())
    try:
        body = response.read()
    except http.client.IncompleteRead as error:
        return Met(response.status, headers, error.partial, type(error), goes_on=False)
    return Met(response.status, headers, body, None, goes_on=connection.sock is not None)
