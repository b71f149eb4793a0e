"""Each fault: what the client sees, and whether anything was carried out."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sync.sandbox import Entry, Faults
from sync.sandbox.faults import FaultDice

ADD = '"contact": {"name": "Deniz"}'


def test_too_many_is_429_with_retry_after_and_does_nothing(serve: Callable[..., Any]) -> None:
    api = serve(faults=Faults(too_many=1, retry_after=7))

    response = api.json("add-contact", ADD)

    assert response.status_code == 429
    assert response.headers["Retry-After"] == "7"
    assert response.json()["response"]["status"]["code"] == 429
    assert 1012 not in api.server.state.contacts


def test_unavailable_is_503_and_does_nothing(serve: Callable[..., Any]) -> None:
    api = serve(faults=Faults(unavailable=1))

    response = api.xml("add-contact", "<contact><name>Deniz</name></contact>")

    assert response.status_code == 503
    assert "<code>503</code><message>Sunucu geçici olarak servis dışı</message>" in response.text
    assert "Retry-After" not in response.headers
    assert 1012 not in api.server.state.contacts


def test_lost_before_hangs_up_and_does_nothing(serve: Callable[..., Any]) -> None:
    api = serve(faults=Faults(lost_before=1))

    with pytest.raises(httpx.RemoteProtocolError):
        api.json("add-contact", ADD)

    assert 1012 not in api.server.state.contacts


def test_lost_after_carries_out_and_hangs_up(serve: Callable[..., Any]) -> None:
    api = serve(faults=Faults(lost_after=1))

    with pytest.raises(httpx.RemoteProtocolError):
        api.json("add-contact", ADD)

    assert api.server.state.contacts[1012].name == "Deniz"


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        (Faults(), Entry(1, 5.0, "add-contact", "json", 200, None, 1012)),
        (Faults(too_many=1), Entry(1, 5.0, "add-contact", "json", 429, "too_many", None)),
        (Faults(unavailable=1), Entry(1, 5.0, "add-contact", "json", 503, "unavailable", None)),
        (Faults(lost_before=1), Entry(1, 5.0, "add-contact", "json", None, "lost_before", None)),
        (Faults(lost_after=1), Entry(1, 5.0, "add-contact", "json", 200, "lost_after", 1012)),
    ],
)
def test_the_ledger_tells_what_was_carried_out(serve: Callable[..., Any], faults: Faults, expected: Entry) -> None:
    api = serve(faults=faults, monotonic=lambda: 5.0)

    try:
        api.json("add-contact", ADD)
    except httpx.RemoteProtocolError:
        assert expected.fault in {"lost_before", "lost_after"}

    assert api.server.ledger == [expected]


def test_only_the_named_methods_are_touched(serve: Callable[..., Any]) -> None:
    api = serve(faults=Faults(unavailable=1, only=frozenset({"add-contact"})))

    assert api.code("get-groups") == 200
    assert api.code("add-contact", ADD) == 503


def test_latency_passes_before_a_request_is_carried_out(serve: Callable[..., Any]) -> None:
    slept: list[tuple[float, bool]] = []
    api = serve(
        faults=Faults(latency=2.5),
        sleep=lambda seconds: slept.append((seconds, 1012 in api.server.state.contacts)),
    )

    assert api.code("add-contact", ADD) == 200

    assert slept == [(2.5, False)]


def test_a_misspelt_method_among_the_faults_is_refused(serve: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="not methods of the API: add-contacts"):
        serve(faults=Faults(unavailable=1, only=frozenset({"add-contact", "add-contacts"})))


def test_without_latency_nothing_sleeps(serve: Callable[..., Any]) -> None:
    slept: list[float] = []
    api = serve(sleep=slept.append)

    api.code("get-groups")

    assert slept == []


def draws(faults: Faults, methods: list[str]) -> list[str | None]:
    dice = FaultDice(faults)
    return [dice.draw(method) for method in methods]


def test_the_same_seed_draws_the_same_faults() -> None:
    faults = Faults(too_many=0.2, unavailable=0.2, lost_before=0.2, lost_after=0.2, seed=42)

    drawn = draws(faults, ["add-contact"] * 200)

    assert drawn == draws(faults, ["add-contact"] * 200)
    assert set(drawn) == {None, "too_many", "unavailable", "lost_before", "lost_after"}


def test_another_seed_draws_other_faults() -> None:
    methods = ["add-contact"] * 200

    assert draws(Faults(lost_after=0.5, seed=1), methods) != draws(Faults(lost_after=0.5, seed=2), methods)


def test_requests_that_cannot_meet_a_fault_use_up_no_chance() -> None:
    faults = Faults(lost_after=0.5, seed=3, only=frozenset({"add-contact"}))

    mixed = draws(faults, ["add-contact", "get-groups"] * 50)

    assert mixed[::2] == draws(faults, ["add-contact"] * 50)
    assert mixed[1::2] == [None] * 50


@pytest.mark.parametrize(("rate", "expected"), [(0.0, 0), (1.0, 1000)])
def test_a_rate_of_0_is_never_and_of_1_always(rate: float, expected: int) -> None:
    assert draws(Faults(lost_before=rate), ["add-contact"] * 1000).count("lost_before") == expected


@pytest.mark.parametrize(
    "wrong", [{"too_many": -0.1}, {"too_many": 0.6, "lost_after": 0.6}, {"latency": -1}, {"retry_after": -1}]
)
def test_impossible_rates_and_times_are_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"from 0|together"):
        Faults(**wrong)
