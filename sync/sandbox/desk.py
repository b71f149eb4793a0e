"""In: the address, Content-Type and bytes of one request.

Out: the reply, or None where the connection is to be closed without one.
Never here: sockets. This is the door to the emulated API for whoever has no need of HTTP.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sync.sandbox.answers import HANDLERS, Account, Answer
from sync.sandbox.faults import Fault, FaultDice, Faults
from sync.sandbox.ledger import Entry, Ledger
from sync.sandbox.nodes import MalformedError
from sync.sandbox.replies import CONTENT_TYPES, Payload, render
from sync.sandbox.requests import Wire, request_of

BASE_PATH: Final = "/v1"

_REFUSALS: Final[dict[Fault, int]] = {"too_many": 429, "unavailable": 503}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer for HTTP; `retry_after` is in seconds."""

    status: int
    content_type: str
    body: bytes
    retry_after: int | None = None


class Desk:
    """Takes requests in, lets faults happen, has the rest answered, and keeps the ledger.

    Raises:
        ValueError: `faults.only` names something that is not a method.
    """

    def __init__(
        self,
        account: Account,
        faults: Faults,
        ledger: Ledger,
        sleep: Callable[[float], object],
    ) -> None:
        if not faults.only <= HANDLERS.keys():
            raise ValueError(f"not methods of the API: {', '.join(sorted(faults.only - HANDLERS.keys()))}")
        self.account = account
        self.ledger = ledger
        self._faults = faults
        self._dice = FaultDice(faults)
        self._sleep = sleep
        self._closed = False

    def close(self) -> None:
        """Carries nothing out any more: what is still under way is lost, and the book stays as it is."""
        with self.account.state.lock:
            self._closed = True

    def receive(self, path: str, content_type: str, body: bytes) -> Reply | None:
        """Returns the reply to a POST that has been read; None where it is lost."""
        number, at = self.ledger.arrive()
        method, wire = _route(path)
        fault = self._dice.draw(method)
        if self._faults.latency and self._faults.touch(method):
            self._sleep(self._faults.latency)
        if fault == "lost_before":
            done = None
        elif fault in _REFUSALS:
            done = Answer(_REFUSALS[fault])
        else:
            done = self._carry_out(method, wire, content_type, body)
        known = method if method in HANDLERS else ""
        code, contact_id = (done.code, done.contact_id) if done else (None, None)
        self.ledger.record(Entry(number, at, known, wire, code, fault, contact_id))
        if done is None or fault == "lost_after":
            return None
        retry_after = self._faults.retry_after if fault == "too_many" else None
        return self._reply(wire, done.code, done.payload, retry_after)

    def refuse(self, path: str, code: int) -> Reply:
        """Returns the reply to what never became a request: not a POST (404), or not readable as HTTP (400)."""
        number, at = self.ledger.arrive()
        method, wire = _route(path)
        self.ledger.record(Entry(number, at, method if method in HANDLERS else "", wire, code, None, None))
        return self._reply(wire, code)

    def _reply(self, wire: Wire, code: int, payload: Payload | None = None, retry_after: int | None = None) -> Reply:
        semantics = self.account.semantics
        status = 200 if semantics.http == "always_200" else code
        return Reply(status, CONTENT_TYPES[wire], render(wire, code, payload, semantics), retry_after)

    def _carry_out(self, method: str, wire: Wire, content_type: str, body: bytes) -> Answer | None:
        try:
            request = request_of(wire, content_type, body)
        except MalformedError:
            # Where there is no such method, its address is what is wrong, whatever the body is.
            return Answer(400 if method in HANDLERS else 404)
        with self.account.state.lock:
            return None if self._closed else self.account.answer(method, request)


def _route(path: str) -> tuple[str, Wire]:
    """Returns the method that an address names and its wire format: `/v1/{method}/json`, or `/v1/{method}` for XML."""
    wire: Wire = "json" if path.endswith("/json") else "xml"
    base, _, method = path.removesuffix("/json").rpartition("/")
    return (method if base == BASE_PATH else ""), wire
