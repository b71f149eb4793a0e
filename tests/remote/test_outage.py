"""Outages: everything waits, one request probes, and the run goes on by itself or ends with advice."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from sync.contact import Contact
from sync.errors import ImsyncError, NotAuthorised, NotDone, RunStopped, Unreachable, Unsure
from sync.messages import error_text
from sync.progress import NoProgress
from sync.remote import Client, Line
from sync.remote.transport import NoAnswer, NotConnected, Raw
from sync.settings import ApiSettings, Credentials
from tests.fakes import FakeClock

GOOD = b'{"response": {"status": {"code": 200, "message": ""}, "groups": [], "contacts": []}}'
REFUSED, SILENT, CLOSED = "line_refused", "line_silent", "line_closed"
NEW = Contact(None, "Ada", "Deneme", "ada@example.com", "+905000000100")


class Told(NoProgress):
    """Remembers what was told, and when."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.values: list[dict[str, Any]] = []

    def tell(self, code: str, **values: Any) -> None:
        self.codes.append(code)
        self.values.append(values)


@dataclass
class Server:
    """A transport without a network: what it does depends on the moment.

    Attributes:
        trouble: what a request meets at a moment: None, a code of a failure, or the number of an API answer.
        takes: seconds until a failure is known.
        posts: when each request came, and its method.
    """

    clock: FakeClock
    trouble: Callable[[float], str | int | None]
    takes: float = 0.0
    posts: list[tuple[float, str]] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0

    async def post(self, path: str, body: bytes, content_type: str) -> Raw:
        assert body
        assert content_type
        now = self.clock.monotonic() - 1000.0
        trouble = self.trouble(now)
        self.posts.append((now, path.split("/")[1]))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self.clock.sleep(self.takes if trouble else 0.05)
        finally:
            self.under_way -= 1
        match trouble:
            case None:
                return Raw(200, {}, GOOD)
            case int():
                return Raw(trouble, {}, b'{"response": {"status": {"code": %d, "message": "Hata"}}}' % trouble)
            case "line_refused":
                raise NotConnected(trouble)
            case _:
                raise NoAnswer(trouble)


@dataclass
class Ended:
    result: Any
    server: Server
    told: Told
    client: Client
    seconds: float


def down(begin: float, end: float, trouble: str | int = REFUSED) -> Callable[[float], str | int | None]:
    """The trouble from one moment to another."""
    return lambda now: trouble if begin <= now < end else None


def carried_out(
    work: Callable[[Client], Awaitable[Any]],
    trouble: Callable[[float], str | int | None],
    *,
    takes: float = 0.0,
    reached: bool = True,
    stop_at: float | None = None,
    **changes: Any,
) -> Ended:
    """What the work returns, or the error it ends with, and what was seen meanwhile."""
    clock, told, stop = FakeClock(), Told(), asyncio.Event()
    server = Server(clock, trouble, takes)
    api = ApiSettings(base_url="https://api.example.com/v1", **{"rate": 50.0, **changes})

    async def go() -> Ended:
        client = Client(
            api,
            Credentials("a key", "a hash"),
            clock=clock,
            chance=random.Random(1),
            line=Line(reached),
            progress=told,
            stop=stop,
        )
        client._transport.post = server.post  # type: ignore[method-assign]

        async def stopper() -> None:
            if stop_at is not None:
                await clock.sleep(stop_at)
                stop.set()

        async with client:
            stopping = asyncio.create_task(stopper())
            try:
                result = await work(client)
            except ImsyncError as error:
                result = error
            stopping.cancel()
        return Ended(result, server, told, client, clock.monotonic() - 1000.0)

    return asyncio.run(go())


async def searches(client: Client, count: int = 100, workers: int = 8) -> int:
    """Many searches by several workers; how many had their answer."""
    left = iter(range(count))

    async def worker() -> int:
        return sum([1 for _ in left if await client.search("5000000001") == []])

    return sum(await asyncio.gather(*(worker() for _ in range(workers))))


@pytest.mark.fault(
    "Trouble that lasts, or comes back",
    "requests fail one after the other",
    "waits; one request at a time looks whether it is over, then goes on",
)
@pytest.mark.parametrize("seconds", [5, 30, 120, 280])
@pytest.mark.parametrize(("trouble", "takes"), [(REFUSED, 0.0), (SILENT, 3.0), (503, 0.1), (500, 0.1)])
def test_an_outage_is_waited_out(seconds: float, trouble: str | int, takes: float) -> None:
    ended = carried_out(searches, down(0.5, seconds, trouble), takes=takes)

    assert ended.result == 100
    assert ended.told.codes == ["outage_begun", "outage_over"]
    assert ended.seconds <= seconds + 45  # to the next probe, and at a pace that recovers


def test_during_an_outage_one_request_at_a_time_probes_and_only_reads() -> None:
    ended = carried_out(searches, down(0.5, 100))

    probes = [(at, method) for at, method in ended.server.posts if 1 <= at < 100]
    assert {method for _, method in probes} == {"get-groups"}
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(probes)]
    assert gaps == sorted(gaps)
    assert max(gaps) <= 15.5
    assert probes[0][0] == pytest.approx(1.6, abs=0.2)
    assert len(probes) <= 12


def test_an_outage_is_told_once_and_so_is_its_end() -> None:
    ended = carried_out(lambda client: searches(client, workers=50), down(0.5, 40))

    assert ended.told.codes == ["outage_begun", "outage_over"]
    assert ended.told.values[0]["host"] == "api.example.com"
    assert "refused" in ended.told.values[0]["reason"]
    assert 30 <= ended.told.values[1]["seconds"] <= 60


def test_those_who_wait_keep_their_attempts_and_their_time() -> None:
    def trouble(now: float) -> str | int | None:
        return down(0.5, 30)(now) or down(50, 90)(now) or down(120, 160)(now)

    ended = carried_out(lambda client: searches(client, 1500), trouble, rate=15.0, attempts=4, patience=60.0)

    assert ended.result == 1500
    assert ended.told.codes == ["outage_begun", "outage_over"] * 3


@pytest.mark.fault(
    "Trouble that lasts, or comes back",
    "it lasts longer than `patience`",
    "ends (exit 6); resume goes on",
)
def test_an_outage_that_lasts_too_long_ends_the_run_with_exit_code_6() -> None:
    ended = carried_out(searches, down(0.5, 1e9))

    assert type(ended.result) is Unreachable
    assert ended.result.exit_code == 6
    assert ended.result.code == "api_outage"
    assert 270 <= ended.seconds <= 302
    assert "api.example.com" in error_text(ended.result)


def test_patience_is_a_setting() -> None:
    ended = carried_out(searches, down(0.5, 1e9), patience=40.0)

    assert type(ended.result) is Unreachable
    assert ended.seconds <= 42


@pytest.mark.fault(
    "Trouble that lasts, or comes back",
    "nobody has ever taken a connection",
    "says so after 15 seconds (exit 6)",
)
@pytest.mark.parametrize(("takes", "workers"), [(0.0, 1), (0.0, 8), (2.0, 1), (6.0, 1), (6.0, 8)])
def test_a_command_that_never_had_a_connection_says_so_soon(takes: float, workers: int) -> None:
    ended = carried_out(lambda client: searches(client, workers=workers), down(0, 1e9), takes=takes, reached=False)

    assert type(ended.result) is Unreachable
    assert ended.seconds <= 15
    said = error_text(ended.result)
    assert "api.example.com" in said
    assert "the connection was refused" in said
    assert "--base-url" in said
    assert "Error" not in said


@pytest.mark.fault("Trouble that lasts, or comes back", "nobody has ever answered", "says so after a minute (exit 6)")
def test_a_command_that_never_had_an_answer_waits_a_minute() -> None:
    ended = carried_out(searches, down(0, 1e9, 503), reached=False)

    assert type(ended.result) is Unreachable
    assert ended.seconds <= 62


def test_a_first_request_that_is_refused_for_a_moment_is_sent_again() -> None:
    ended = carried_out(searches, down(0, 5), reached=False)

    assert ended.result == 100


def test_after_an_outage_that_was_given_up_nothing_more_is_sent() -> None:
    async def work(client: Client) -> list[Any]:
        first = await asyncio.gather(*(client.search("5000000001") for _ in range(20)), return_exceptions=True)
        return [*first, *await asyncio.gather(client.get(1), client.add(NEW), return_exceptions=True)]

    ended = carried_out(work, down(0, 1e9), patience=30.0)

    assert {type(each) for each in ended.result} == {Unreachable}
    assert ended.seconds <= 32
    assert "add-contact" not in {method for _, method in ended.server.posts}


# Writes


@pytest.mark.fault(
    "Trouble that lasts, or comes back",
    "it begins while a write is under way",
    "the write is unsure, and is sent once",
)
def test_a_write_under_way_when_the_outage_begins_stays_unsure_and_is_sent_once() -> None:
    async def work(client: Client) -> list[Any]:
        return await asyncio.gather(*(client.add(NEW) for _ in range(6)), return_exceptions=True)

    ended = carried_out(work, down(0, 100, SILENT), takes=1.0)

    assert [type(each) for each in ended.result] == [Unsure] * 6
    assert [method for _, method in ended.server.posts] == ["add-contact"] * 6


def test_a_write_that_never_left_waits_for_the_end_of_the_outage_and_is_sent_then() -> None:
    async def work(client: Client) -> list[Any]:
        added = asyncio.gather(*(client.delete(each) for each in range(10)), return_exceptions=True)
        return list(await added)

    ended = carried_out(work, down(0, 60))

    assert ended.result == [None] * 10
    assert sum(1 for at, method in ended.server.posts if method == "delete-contact" and at > 60) == 10


# What is no outage


def test_some_failures_between_answers_are_none() -> None:
    chance = random.Random(3)
    ended = carried_out(lambda c: searches(c, 400), lambda _now: 500 if chance.random() < 0.3 else None, attempts=30)

    assert ended.result == 400
    assert ended.told.codes == []


def test_connections_that_break_are_none() -> None:
    ended = carried_out(searches, down(0, 1e9, CLOSED), attempts=3)

    assert ended.result.code == "api_unreachable"
    assert ended.told.codes == []


def test_a_server_that_wants_a_slower_pace_is_there() -> None:
    ended = carried_out(lambda client: client.delete(7), down(0, 1e9, 429), attempts=8)

    assert type(ended.result) is NotDone
    assert ended.told.codes == []


@pytest.mark.fault("Trouble that lasts, or comes back", "and then 401", "ends at once (exit 5)")
def test_a_probe_that_meets_401_ends_the_run_at_once() -> None:
    ended = carried_out(searches, lambda now: REFUSED if 0.5 <= now < 20 else 401 if now >= 20 else None)

    assert type(ended.result) is NotAuthorised
    assert sum(1 for at, _ in ended.server.posts if at >= 20) == 1


@pytest.mark.fault("A signal, or the time is up", "Ctrl-C during an outage", "ends the waiting (exit 6)")
def test_a_stop_ends_the_waiting() -> None:
    ended = carried_out(searches, down(0.5, 1e9), stop_at=50.0)

    assert type(ended.result) is RunStopped
    assert ended.seconds <= 50.1
    assert ended.result.exit_code == 6


def test_who_gives_up_while_probing_leaves_it_to_the_next() -> None:
    async def work(client: Client) -> Any:
        first = asyncio.create_task(client.search("5000000001"))
        await client._clock.sleep(3.0)
        second = asyncio.create_task(client.search("5000000002"))
        await client._clock.sleep(3.0)
        first.cancel()
        return await second

    ended = carried_out(work, down(0, 40))

    assert ended.result == []
