"""An outage: when nothing but failures comes, everything waits while one request at a time looks whether it is over.

What enters: what became of each request. What leaves: leave to send, or the error that ends the run.
What never happens here: a second request beside the probe; a probe that writes; a request judged by how long it waited.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sync import messages
from sync.clock import Clock
from sync.errors import RunStopped, Unreachable

NO_CONNECTION = 3  # how much one failure of each kind weighs: two connections that nobody took …
NO_GOOD_ANSWER = 1  # … or six time-outs or 5xx, and nothing else between, are an outage
_ENOUGH = 6
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 15.0
# Seconds after which a command gives up that has never had an answer: when nobody takes the connection, and when
# somebody does.
_UNTIL_CONNECTED, _UNTIL_ANSWERED = 15.0, 60.0


@dataclass(slots=True)
class Line:
    """What a command knows of the way to the API.

    Attributes:
        reached: the API has answered a request.
    """

    reached: bool = False


class Outage:
    """Watches one client's requests, holds them back during an outage, and looks for its end.

    Args:
        host: for the person.
        line: of all clients of the command.
        patience: seconds after which an outage ends the run.
        clock: for the waits.
        tell: shows a sentence of the catalogue.
        stop: ends every wait.
    """

    def __init__(
        self,
        host: str,
        line: Line,
        *,
        patience: float,
        clock: Clock,
        tell: Callable[..., None],
        stop: asyncio.Event,
    ) -> None:
        self._host = host
        self._line = line
        self._patience = patience
        self._clock = clock
        self._tell = tell
        self._stop = stop
        self._evidence = 0
        self._since = 0.0  # when the first request of those that failed was sent
        self._last = ("line_closed", 0.0, NO_GOOD_ANSWER)  # why the last one failed, after how long, its weight
        self._begun: float | None = None
        self._over = asyncio.Event()
        self._probing = asyncio.Lock()
        self._ended: dict[str, Any] | None = None

    @property
    def goes_on(self) -> bool:
        """Whether there is an outage."""
        return self._begun is not None

    def answered(self) -> None:
        """An answer of the API came that is none of its troubles."""
        self._line.reached = True
        self._evidence, self._ended = 0, None
        if self._begun is not None:
            self._tell("outage_over", host=self._host, seconds=round(self._clock.monotonic() - self._begun))
            self._begun = None
            self._over.set()

    def failed(self, code: str, weight: int, sent_at: float) -> None:
        """No connection, no answer in time, or a 5xx."""
        if not self._evidence:
            self._since = sent_at
        self._evidence += weight
        self._last = (code, self._clock.monotonic() - sent_at, weight)
        if self._begun is None and self._evidence >= _ENOUGH:
            self._begun = self._clock.monotonic()
            self._over = asyncio.Event()
            self._tell("outage_begun", host=self._host, reason=messages.text(code, {}))

    async def passed(self, probe: Callable[[], Awaitable[None]]) -> None:
        """Returns when there is no outage (any more). The first who waits sends the probes, as long as it waits.

        Raises:
            Unreachable: it lasted too long.
            RunStopped: the run is told to stop meanwhile, or the API wants nothing more to be sent.
        """
        while self.goes_on:
            async with self._probing:
                wait = _FIRST_WAIT
                while self.goes_on:
                    self._give_up_before(wait)
                    await self._rest(wait)
                    if self._stop.is_set():
                        raise RunStopped("stopped_in_outage", host=self._host)
                    if self.goes_on:
                        await probe()
                    wait = min(wait * 2, _LONGEST_WAIT)

    def _give_up_before(self, wait: float) -> None:
        """Raises Unreachable where a further probe would come, or fail, too late; and from then on."""
        code, took, weight = self._last
        limit = self._patience
        if not self._line.reached:
            limit = min(limit, _UNTIL_CONNECTED if weight == NO_CONNECTION else _UNTIL_ANSWERED)
        lasted = self._clock.monotonic() - self._since
        if self._ended is None and lasted + wait + (0 if self._line.reached else took) > limit:
            self._ended = {"host": self._host, "reason": messages.text(code, {}), "seconds": round(lasted)}
        if self._ended is not None and self._line.reached:
            raise Unreachable("api_outage", **self._ended)
        if self._ended is not None:
            raise Unreachable("api_never_reached", **self._ended)

    async def _rest(self, seconds: float) -> None:
        """Waits; not longer than the outage lasts and the run goes on."""
        waits = [asyncio.ensure_future(each) for each in (self._clock.sleep(seconds), self._over.wait())]
        waits.append(asyncio.ensure_future(self._stop.wait()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
