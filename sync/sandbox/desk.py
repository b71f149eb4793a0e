"""In: the address, Content-Type and bytes of one request.

Out: the reply, or how the connection ends without one.
Never here: sockets. This is the door to the emulated API for whoever has no need of HTTP.
"""

import time
from collections.abc import Callable
from email.utils import formatdate
from enum import Enum
from math import ceil
from typing import Final

from sync.sandbox import spoilt
from sync.sandbox.answers import HANDLERS, Account, Answer
from sync.sandbox.faults import Fate, Fault, Faults
from sync.sandbox.ledger import Entry, Ledger
from sync.sandbox.nodes import MalformedError
from sync.sandbox.replies import CONTENT_TYPES, Payload, Reply, render
from sync.sandbox.requests import Wire, request_of

BASE_PATH: Final = "/v1"

_SUCCESS: Final = 200


class HangUp(Enum):
    """How a connection ends that gets no reply."""

    CLOSE = "close"
    RESET = "reset"


class Desk:
    """Takes requests in, lets faults happen, has the rest answered, and keeps the ledger.

    Args:
        account: the book and how it is served.
        faults: what goes wrong.
        ledger: where each request is entered.
        sleep: waits for latency and delays, in seconds.
        monotonic: the clock of outages, which begins now, in seconds: the ledger's.
        now: seconds since 1970, for dates in answers.

    Raises:
        ValueError: `faults.only` names something that is not a method.
    """

    def __init__(
        self,
        account: Account,
        faults: Faults,
        ledger: Ledger,
        sleep: Callable[[float], object],
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        if not faults.only <= HANDLERS.keys():
            raise ValueError(f"not methods of the API: {', '.join(sorted(faults.only - HANDLERS.keys()))}")
        self.account = account
        self.ledger = ledger
        self._faults = faults
        self._fate = Fate(faults, monotonic)
        self._sleep = sleep
        self._now = now
        self._closed = False

    @property
    def refuses_connections(self) -> bool:
        """Says whether there is an outage now in which no connection is accepted."""
        return self._fate.outages.refusing()

    def close(self) -> None:
        """Carries nothing out any more: what is still under way is lost, and the book stays as it is."""
        with self.account.state.lock:
            self._closed = True

    def receive(self, path: str, content_type: str, body: bytes) -> Reply | HangUp:
        """Returns the reply to a POST that has been read, or how its connection ends without one."""
        number, at = self.ledger.arrive()
        method, wire = _route(path)
        fault = self._fate.of(number, at, method)
        if self._faults.latency and self._faults.touch(method):
            self._sleep(self._faults.latency)
        if fault and fault.waits == "before":
            self._sleep(self._faults.delay)
        done = self._carry_out(method, wire, content_type, body) if fault is None or fault.carried_out else None
        self._enter(number, at, method, wire, fault, done)
        if fault and fault.waits == "after":
            self._sleep(self._faults.delay)
        own = self._reply(wire, done.code, done.payload) if done else None
        if fault is None or fault.answer == "own":
            return own or HangUp.CLOSE
        return self._spoilt(fault, wire, own, number)

    def refuse(self, path: str, code: int) -> Reply:
        """Returns the reply to what never became a request: not a POST (404), or not readable as HTTP (400)."""
        number, at = self.ledger.arrive()
        method, wire = _route(path)
        self._enter(number, at, method, wire, None, Answer(code))
        return self._reply(wire, code)

    def _enter(self, number: int, at: float, method: str, wire: Wire, fault: Fault | None, done: Answer | None) -> None:
        code, contact_id = (done.code, done.contact_id) if done else (fault.code if fault else None, None)
        self.ledger.record(
            Entry(
                number,
                at,
                method if method in HANDLERS else "",
                wire,
                code,
                fault.name if fault else None,
                contact_id,
                carried_out=code == _SUCCESS,
            )
        )

    def _reply(self, wire: Wire, code: int, payload: Payload | None = None) -> Reply:
        semantics = self.account.semantics
        status = _SUCCESS if semantics.http == "always_200" else code
        return Reply(status, CONTENT_TYPES[wire], render(wire, code, payload, semantics))

    def _spoilt(self, fault: Fault, wire: Wire, own: Reply | None, number: int) -> Reply | HangUp:
        """Returns what `fault` makes of the API's own reply, None where it has none."""
        if fault.carried_out and own is None:  # the server has stopped meanwhile
            return HangUp.CLOSE
        match fault.answer:
            case "refusal":
                return self._refusal(fault, wire)
            case "page":
                return spoilt.page(self._faults.page_statuses[number % len(self._faults.page_statuses)])
            case "cut":
                # What is left of an answer does not show whether anything was done.
                return spoilt.cut(own or self._reply(wire, _SUCCESS))
            case "noise":
                return spoilt.noise(wire, own)
            case "misshapen":
                return spoilt.misshapen(wire, number)
            case "empty":
                return spoilt.empty(wire)
            case "reset":
                return HangUp.RESET
            case _:
                return HangUp.CLOSE

    def _refusal(self, fault: Fault, wire: Wire) -> Reply:
        assert fault.code is not None
        plain = self._reply(wire, fault.code)
        retry_after = {
            "absent": None,
            "seconds": str(self._faults.retry_after),
            # A date has no fractions of a second; the next whole one is not too early.
            "date": formatdate(ceil(self._now()) + self._faults.retry_after, usegmt=True),
        }[fault.retry_after]
        return Reply(fault.status or plain.status, plain.content_type, plain.body, retry_after)

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
