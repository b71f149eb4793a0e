"""In: the reply that would have been sent, or the wire format in which it would have been.

Out: what a failing proxy, an overloaded server or a broken line makes of it.
Never here: chance, the decision what is spoilt, sockets.
"""

from dataclasses import replace
from typing import Final

from sync.sandbox.replies import CONTENT_TYPES, Reply
from sync.sandbox.requests import Wire

_HTML: Final = "text/html; charset=utf-8"

_REASONS: Final = {500: "Internal Server Error", 502: "Bad Gateway", 504: "Gateway Time-out"}

_WARNING: Final = b"<br />\n<b>Warning</b>:  Undefined array key in <b>/srv/api.php</b> on line <b>7</b><br />\n"

# Each is the format, none is the envelope with a status code.
_MISSHAPEN: Final[dict[Wire, tuple[bytes, ...]]] = {
    "json": (
        b"[]",
        b"null",
        b'"OK"',
        b"200",
        b'{"response": "OK"}',
        b'{"response": []}',
        b'{"response": {"status": "OK"}}',
        b'{"response": {"status": {"code": "OK", "message": null}}}',
    ),
    "xml": (
        b"<OK/>",
        b"<response/>",
        b"<response>OK</response>",
        b"<response><status>OK</status></response>",
        b"<response><status><code>OK</code></status></response>",
    ),
}


def page(status: int) -> Reply:
    """Returns the page of a proxy that got no answer in time, or none that it could read."""
    title = f"{status} {_REASONS.get(status, 'Error')}"
    html = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return Reply(status, _HTML, html.encode())


def cut(reply: Reply) -> Reply:
    """Returns `reply`, of whose body only the first half will be sent."""
    return replace(reply, sent=len(reply.body) // 2)


def noise(wire: Wire, reply: Reply | None) -> Reply:
    """Returns `reply` behind a warning that was printed before it; the warning alone where there is none."""
    if reply is None:
        return Reply(200, CONTENT_TYPES[wire], _WARNING)
    return replace(reply, body=_WARNING + reply.body)


def misshapen(wire: Wire, number: int) -> Reply:
    """Returns an answer in the format but not in the envelope; the numbers go through several in turn."""
    shapes = _MISSHAPEN[wire]
    return Reply(200, CONTENT_TYPES[wire], shapes[number % len(shapes)])


def empty(wire: Wire) -> Reply:
    """Returns an answer without a body."""
    return Reply(200, CONTENT_TYPES[wire], b"")
