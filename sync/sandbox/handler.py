"""In: bytes on a loopback connection.

Out: HTTP/1.1 requests for the desk, and its replies; the connection is kept alive, closed or reset.
Never here: the API's rules. Nothing is printed, and a client that hangs up is no event.
"""

import socket
import struct
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Condition, Event
from typing import Final, cast

from sync.sandbox.desk import Desk, HangUp
from sync.sandbox.replies import Reply

MAX_BODY: Final = 1 << 20  # bytes: 1 MiB
# A refused body is still read so far, so that its sender reads the answer instead of meeting a reset connection.
MAX_DRAINED: Final = 16 << 20
POLL: Final = 0.02  # seconds after which the accepting thread notices that it shall stop, or an outage

# Closing a socket that lingers for 0 seconds resets the connection.
_RESETTING: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)

# As socketserver declares them; a TCP server accepts sockets only.
_Accepted = socket.socket | tuple[bytes, socket.socket]
_Address = tuple[str, int] | str | None


class Handler(BaseHTTPRequestHandler):
    """Reads the requests of one connection, one after the other."""

    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.1"  # an unreadable first line is answered with a head, too
    server_version = "sandbox"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # head and body leave together, flushed after each request

    def do_POST(self) -> None:
        """Hands a request to the desk and sends the reply, or hangs up."""
        desk = self._desk()
        length = self._content_length()
        if length is None or length > MAX_BODY:
            self._hang_up_after(desk.refuse(self.path, 400), drained=length or 0)
            return
        body = self.rfile.read(length)
        if len(body) < length:  # the client hung up while it was sending
            self.close_connection = True
            return
        reply = desk.receive(self.path, self.headers.get("Content-Type", ""), body)
        if isinstance(reply, Reply):
            self._send(reply)
            return
        self.close_connection = True
        if reply is HangUp.RESET:
            cast("Listener", self.server).reset(self.connection)

    def do_HEAD(self) -> None:
        """Refuses HEAD like every method but POST; its answer has no body."""
        self.close_connection = True  # a body, should there be one, was not read
        self._send(self._desk().refuse(self.path, 404), with_body=False)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Answers what http.server refuses in the API's envelope, not in HTML.

        Everything but POST (501 to http.server) is a method that the API does not have; the rest is not readable.
        """
        unknown_method = code == 501  # noqa: PLR2004 - http.server's word for "no do_X"
        length = self._content_length() if unknown_method else 0
        reply = self._desk().refuse(getattr(self, "path", ""), 404 if unknown_method else 400)
        self._hang_up_after(reply, drained=length or 0)

    def log_message(self, *_: object) -> None:
        """Prints nothing: the ledger is the log."""

    def _desk(self) -> Desk:
        return cast("Listener", self.server).desk

    def _content_length(self) -> int | None:
        """Returns the body's length in bytes; None where it is unknown. The documented requests are never chunked."""
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            return None
        return int(length)

    def _hang_up_after(self, reply: Reply, *, drained: int) -> None:
        left = drained if drained <= MAX_DRAINED else 0
        while left > 0 and (chunk := self.rfile.read(min(left, MAX_BODY))):
            left -= len(chunk)
        self.close_connection = True
        self._send(reply)

    def _send(self, reply: Reply, *, with_body: bool = True) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        if reply.retry_after is not None:
            self.send_header("Retry-After", reply.retry_after)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if reply.sent is not None:
            self.close_connection = True  # not said in the head: a line that breaks does not say so before
        if with_body:
            self.wfile.write(reply.body[: reply.sent])


class Listener(ThreadingHTTPServer):
    """Accepts connections, each with a thread of its own, and can hang up on all of them."""

    daemon_threads = True
    request_queue_size = 128
    timeout = POLL

    def __init__(self, address: tuple[str, int], desk: Desk) -> None:
        self.desk = desk
        self._open: set[socket.socket] = set()
        self._resetting: set[socket.socket] = set()
        self._changed = Condition()
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        """Binds without http.server's look-up of the host's name, which asks the network."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def serve(self, stopping: Event) -> None:
        """Accepts connections until `stopping`, but not in outages that refuse them."""
        refused = False
        while not stopping.is_set():
            if self.desk.refuses_connections is not refused:
                refused = not refused
                self._refuse() if refused else self.server_activate()
            if refused:
                stopping.wait(POLL)
            else:
                self.handle_request()

    def reset(self, connection: socket.socket) -> None:
        """Has a connection reset, instead of closed, when its thread is done with it."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESETTING)
        with self._changed:
            self._resetting.add(connection)

    def process_request(self, request: _Accepted, client_address: _Address) -> None:
        """Remembers the connection and starts its thread."""
        assert isinstance(request, socket.socket)
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: _Accepted) -> None:
        """Closes or resets the connection and forgets it."""
        assert isinstance(request, socket.socket)
        if request in self._resetting:
            self.close_request(request)  # without the end of data that would come before the reset
        else:
            super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._resetting.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: _Accepted, client_address: _Address) -> None:
        """Passes over connections that broke; anything else is a fault of the sandbox and is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def hang_up(self, patience: float) -> None:
        """Ends all connections: idle ones at once, busy ones when they have answered or after `patience` seconds."""
        self._shut(socket.SHUT_RD)
        with self._changed:
            self._changed.wait_for(lambda: not self._open, patience)
        self.desk.close()
        self._shut(socket.SHUT_RDWR)

    def _refuse(self) -> None:
        """Refuses connections: the port stays bound, but nobody listens. Those that are open end as when stopping."""
        self.socket.close()
        self.socket = socket.socket(self.address_family, self.socket_type)
        self.server_bind()
        self._shut(socket.SHUT_RD)

    def _shut(self, how: int) -> None:
        with self._changed:
            for connection in self._open:
                with suppress(OSError):  # already closed by the client
                    connection.shutdown(how)
