"""Outages by the clock and by requests: what a client meets before, in and after them."""

import http.client
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from sync.sandbox import Faults, Outage
from tests.sandbox import raw
from tests.sandbox.raw import eventually


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def refused(api: Any) -> bool:
    return raw.send(api.server).broke is ConnectionRefusedError


def test_connections_are_refused_from_one_second_to_another(serve: Callable[..., Any]) -> None:
    clock = Clock()
    api = serve(faults=Faults(outages=(Outage(10, 40),)), monotonic=clock)
    assert raw.send(api.server).status == 200

    clock.now = 1010.0
    assert eventually(lambda: refused(api))
    clock.now = 1039.9
    assert [refused(api) for _ in range(5)] == [True] * 5
    clock.now = 1040.0
    assert eventually(lambda: not refused(api))

    # A request that came before the door was shut was hung up on; of the refused ones the ledger knows nothing.
    assert {(each.code, each.fault) for each in api.server.ledger} <= {(200, None), (None, "outage")}
    assert len(api.server.ledger) < 7


def test_a_connection_that_is_open_when_others_are_refused_ends(serve: Callable[..., Any]) -> None:
    clock = Clock()
    api = serve(faults=Faults(outages=(Outage(10, 40),)), monotonic=clock)
    with closing(raw.connect(api.server)) as connection:
        connection.request("POST", "/v1/get-groups/json", raw.GROUPS, {"Content-Type": "application/json"})
        assert connection.getresponse().read()

        clock.now = 1010.0

        assert connection.sock.recv(1) == b""


def test_a_request_on_such_a_connection_is_not_carried_out(serve: Callable[..., Any]) -> None:
    """The door may still be open when the second has come: the moment of the request counts."""
    moments = iter([0.0, 10.5])
    last = [10.5]
    api = serve(faults=Faults(outages=(Outage(10, 40),)), monotonic=lambda: next(moments, last[0]))
    api.server._listener.desk.receive("/v1/add-contact/json", "application/json", raw.ADD.encode())

    assert [(each.code, each.fault, each.carried_out) for each in api.server.ledger] == [(None, "outage", False)]
    assert 1012 not in api.server.state.contacts


def test_a_server_can_be_stopped_in_an_outage(serve: Callable[..., Any]) -> None:
    clock = Clock()
    api = serve(faults=Faults(outages=(Outage(0, 40),)), monotonic=clock)
    assert eventually(lambda: refused(api))

    api.server.stop()

    assert refused(api)


def test_several_outages_come_one_after_the_other(serve: Callable[..., Any]) -> None:
    clock = Clock()
    outages = (Outage(10, 20), Outage(30, 40, "unavailable"), Outage(50, 60, "hang_up"), Outage(70, 80))
    api = serve(faults=Faults(outages=outages), monotonic=clock)
    seen: list[Any] = []
    for clock.now in range(1005, 1090, 5):
        # The door follows the clock within moments; a request that comes before it has is hung up on.
        assert not seen or eventually(lambda: refused(api) is api.server._listener.desk.refuses_connections)
        met = raw.send(api.server)
        seen.append(met.status or met.broke)

    down = [ConnectionRefusedError] * 2
    assert seen == [
        200, *down, 200, 200, 503, 503, 200, 200, *[http.client.RemoteDisconnected] * 2, 200, 200, *down, 200, 200,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("how", "met"), [("hang_up", (None, http.client.RemoteDisconnected)), ("unavailable", (503, None))]
)
def test_an_outage_by_requests_needs_no_clock(serve: Callable[..., Any], how: Any, met: tuple[Any, Any]) -> None:
    outage = Outage(3, 5, how, by="requests")
    api = serve(faults=Faults(outages=(outage,), only=frozenset({"delete-contact"})))

    answers = [raw.send(api.server) for _ in range(6)]

    assert [(each.status, each.broke) for each in answers] == [
        (200, None), (200, None), met, met, (200, None), (200, None),
    ]  # fmt: skip
    assert [each.fault for each in api.server.ledger] == [None, None, "outage", "outage", None, None]
    assert [each.contact_id for each in api.server.ledger] == [1012, 1013, None, None, 1014, 1015]


def test_requests_in_an_outage_use_up_no_chance(serve: Callable[..., Any]) -> None:
    faults = {"unavailable": 0.5, "seed": 8}
    undisturbed = serve(faults=Faults(**faults))
    disturbed = serve(faults=Faults(**faults, outages=(Outage(4, 9, "unavailable", by="requests"),)))

    chances = [
        [raw.send(api.server).status for _ in range(count)] for api, count in ((undisturbed, 12), (disturbed, 17))
    ]

    assert chances[1][3:8] == [503] * 5
    assert chances[0] == chances[1][:3] + chances[1][8:]
    assert {200, 503} == set(chances[0])


def test_an_outage_comes_before_the_end_of_the_authorisation(serve: Callable[..., Any]) -> None:
    api = serve(faults=Faults(outages=(Outage(2, 4, "unavailable", by="requests"),), unauthorised_from=3))

    assert [raw.send(api.server).status for _ in range(5)] == [200, 503, 503, 401, 401]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((40, 10), "ends later than it begins"),
        ((10, 10), "ends later than it begins"),
        ((-1, 10), "at the earliest"),
        ((0, 10, "hang_up", "requests"), "at the earliest"),
        ((1, 10, "refuse", "requests"), "brings no request to count"),
        ((1, 10, "sulk"), "refuse or hang_up or unavailable"),
        ((1, 10, "refuse", "days"), "seconds or requests"),
    ],
)
def test_impossible_outages_are_refused(arguments: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Outage(*arguments)
