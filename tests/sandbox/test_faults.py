"""Each fault: what the client sees, what became of the book, and what the ledger says of it."""

import http.client
import json
from collections.abc import Callable
from threading import Event
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from sync.sandbox import FAULTS, Entry, Faults, Semantics
from sync.sandbox.faults import FaultDice
from tests.sandbox import raw
from tests.sandbox.raw import eventually

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


def test_too_many_can_say_nothing_of_when_to_come_again(serve: Callable[..., Any]) -> None:
    met = raw.send(serve(faults=Faults(too_many_bare=1)).server)

    assert (met.status, met.goes_on) == (429, True)
    assert "Retry-After" not in met.headers
    assert '"code": 429' in met.body.decode()


def test_too_many_can_say_a_date_which_is_not_too_early(serve: Callable[..., Any]) -> None:
    api = serve(faults=Faults(too_many_dated=1, retry_after=90), now=lambda: 1_795_338_000.25)

    met = raw.send(api.server)

    assert met.status == 429
    assert met.headers["Retry-After"] == "Sun, 22 Nov 2026 09:01:31 GMT"


def test_a_code_503_can_come_with_http_status_200(serve: Callable[..., Any]) -> None:
    api = serve(faults=Faults(unavailable_in_body=1))

    in_json, in_xml = raw.send(api.server), raw.send(api.server, "/add-contact", raw.XML_ADD)

    assert (in_json.status, in_xml.status) == (200, 200)
    assert json.loads(in_json.body)["response"]["status"]["code"] == 503
    assert b"<code>503</code>" in in_xml.body
    assert 1012 not in api.server.state.contacts


@pytest.mark.parametrize(("fault", "written"), [("page_before", False), ("page_after", True)])
def test_pages_of_html_come_with_each_status_in_turn(serve: Callable[..., Any], fault: str, written: bool) -> None:
    api = serve(faults=Faults(**{fault: 1}), semantics=Semantics(http="always_200"))

    met = [raw.send(api.server) for _ in range(3)]

    assert sorted(each.status for each in met) == [500, 502, 504]
    assert {each.headers["Content-Type"] for each in met} == {"text/html; charset=utf-8"}
    for each in met:
        assert each.body.startswith(f"<html>\r\n<head><title>{each.status} ".encode())
        assert int(each.headers["Content-Length"]) == len(each.body)
    assert (1014 in api.server.state.contacts) is written


def test_the_statuses_of_pages_can_be_chosen(serve: Callable[..., Any]) -> None:
    api = serve(faults=Faults(page_before=1, page_statuses=(520,)))

    assert {raw.send(api.server).status for _ in range(3)} == {520}


@pytest.mark.parametrize(("path", "body"), [("/add-contact/json", raw.ADD), ("/add-contact", raw.XML_ADD)])
@pytest.mark.parametrize(("fault", "written"), [("cut_before", False), ("cut_after", True)])
def test_a_cut_answer_is_half_of_what_its_head_promises(
    serve: Callable[..., Any], fault: str, written: bool, path: str, body: str
) -> None:
    whole = raw.send(serve().server, path, body).body
    api = serve(faults=Faults(**{fault: 1}))

    met = raw.send(api.server, path, body)

    assert met.status == 200
    assert met.broke is http.client.IncompleteRead
    assert "Connection" not in met.headers
    assert len(met.body) == int(met.headers["Content-Length"]) // 2
    if written:
        assert whole == met.body + whole[len(met.body) :]
    assert (1012 in api.server.state.contacts) is written


def test_a_cut_refusal_keeps_its_status(serve: Callable[..., Any]) -> None:
    api = serve(faults=Faults(cut_after=1))

    met = raw.send(api.server, "/add-contact/json", raw.GROUPS)

    assert (met.status, met.broke) == (400, http.client.IncompleteRead)


def readable(body: bytes) -> bool:
    """Says whether a status code can be got out of JSON or XML."""
    try:
        int(json.loads(body)["response"]["status"]["code"])
    except (ValueError, TypeError, KeyError):
        pass
    else:
        return True
    try:
        return (ElementTree.fromstring(body).findtext("status/code") or "").isdigit()
    except ElementTree.ParseError:
        return False


@pytest.mark.parametrize(("path", "body"), [("/add-contact/json", raw.ADD), ("/add-contact", raw.XML_ADD)])
@pytest.mark.parametrize("kind", ["noise", "misshapen", "empty"])
@pytest.mark.parametrize("written", [False, True])
def test_malformed_answers_come_whole_with_200_and_have_no_readable_code(
    serve: Callable[..., Any], kind: str, written: bool, path: str, body: str
) -> None:
    assert readable(raw.send(serve().server, path, body).body)
    api = serve(faults=Faults(**{f"{kind}_{'after' if written else 'before'}": 1}))

    met = [raw.send(api.server, path, body) for _ in range(10)]

    assert {(each.status, each.broke, each.goes_on) for each in met} == {(200, None, True)}
    assert not any(readable(each.body) for each in met)
    assert len(api.server.state.contacts) == (13 if written else 3)


def test_malformed_answers_are_what_they_are_called(serve: Callable[..., Any]) -> None:
    noise, misshapen, empty = (
        [raw.send(api.server) for _ in range(8)]
        for api in (serve(faults=Faults(**{name: 1})) for name in ("noise_after", "misshapen_before", "empty_after"))
    )

    assert noise[0].body.startswith(b"<br />\n<b>Warning</b>")
    assert noise[0].body.endswith(b'"groups": []}}}')
    assert len({json.dumps(json.loads(each.body)) for each in misshapen}) == 8
    assert {(each.body, each.headers["Content-Length"]) for each in empty} == {(b"", "0")}


@pytest.mark.parametrize(("fault", "written"), [("reset_before", False), ("reset_after", True)])
def test_a_reset_is_no_mere_end_of_the_connection(serve: Callable[..., Any], fault: str, written: bool) -> None:
    api = serve(faults=Faults(**{fault: 1}))

    assert {raw.send(api.server).broke for _ in range(20)} == {ConnectionResetError}

    assert (1012 in api.server.state.contacts) is written


def test_a_mere_end_of_the_connection_is_no_reset(serve: Callable[..., Any]) -> None:
    api = serve(faults=Faults(lost_after=1))

    assert {raw.send(api.server).broke for _ in range(20)} == {http.client.RemoteDisconnected}


def test_a_slow_request_is_carried_out_at_once_and_answered_later(serve: Callable[..., Any]) -> None:
    slept: list[tuple[float, bool, int]] = []
    api = serve(
        faults=Faults(slow=1, delay=7.5),
        sleep=lambda seconds: slept.append((seconds, 1012 in api.server.state.contacts, len(api.server.ledger))),
    )

    assert raw.send(api.server).status == 200

    assert slept == [(7.5, True, 1)]


def test_a_late_write_is_carried_out_later_and_never_answered(serve: Callable[..., Any]) -> None:
    slept: list[tuple[float, bool, int]] = []
    api = serve(
        faults=Faults(late_write=1, delay=7.5),
        sleep=lambda seconds: slept.append((seconds, 1012 in api.server.state.contacts, len(api.server.ledger))),
    )

    assert raw.send(api.server).broke is http.client.RemoteDisconnected

    assert slept == [(7.5, False, 0)]
    assert 1012 in api.server.state.contacts


def test_a_late_write_is_carried_out_after_its_client_has_given_up(serve: Callable[..., Any]) -> None:
    given_up = Event()

    def sleep(_: float) -> None:
        assert given_up.wait(10)

    api = serve(faults=Faults(late_write=1, only=frozenset({"add-contact"})), sleep=sleep)
    assert raw.send(api.server, timeout=0.05).broke is TimeoutError
    assert 1012 not in api.server.state.contacts
    given_up.set()

    assert eventually(lambda: bool(api.server.ledger))
    assert [(each.fault, each.carried_out) for each in api.server.ledger] == [("late_write", True)]
    assert 1012 in api.server.state.contacts


def test_search_is_late_by_its_lag_after_a_late_write(serve: Callable[..., Any]) -> None:
    clock = [100.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    api = serve(
        semantics=Semantics(lag_seconds=2.0),
        faults=Faults(late_write=1, delay=5.0, only=frozenset({"add-contact"})),
        monotonic=lambda: clock[0],
        sleep=sleep,
    )
    raw.send(api.server)

    codes = []
    for clock[0] in (105.0, 106.9, 107.1):
        codes.append(api.code("search-contacts", '"search": {"key": "Deniz"}'))
    assert codes == [465, 465, 200]


def test_requests_from_a_number_on_are_answered_401(serve: Callable[..., Any]) -> None:
    api = serve(faults=Faults(unauthorised_from=3, only=frozenset({"add-contact"})))

    assert [api.code("get-groups") for _ in range(5)] == [200, 200, 401, 401, 401]
    assert api.code("add-contact", ADD) == 401
    assert 1012 not in api.server.state.contacts
    assert [(each.fault, each.carried_out) for each in api.server.ledger][1:3] == [
        (None, True),
        ("unauthorised", False),
    ]


REFUSALS = {
    "too_many": 429,
    "too_many_bare": 429,
    "too_many_dated": 429,
    "unavailable": 503,
    "unavailable_in_body": 503,
}
CARRIED_OUT = {
    "lost_after", "page_after", "cut_after", "noise_after", "misshapen_after", "empty_after", "reset_after",
    "slow", "late_write",
}  # fmt: skip


@pytest.mark.parametrize("fault", [each.name for each in FAULTS])
def test_the_ledger_tells_what_became_of_the_book(serve: Callable[..., Any], fault: str) -> None:
    api = serve(faults=Faults(**{fault: 1}, delay=0), monotonic=lambda: 5.0)

    raw.send(api.server)

    if fault in CARRIED_OUT:
        expected = Entry(1, 5.0, "add-contact", "json", 200, fault, 1012, carried_out=True)
    else:
        expected = Entry(1, 5.0, "add-contact", "json", REFUSALS.get(fault), fault, None, carried_out=False)
    assert api.server.ledger == [expected]
    assert (1012 in api.server.state.contacts) is expected.carried_out


def test_what_the_api_refuses_is_not_carried_out_whatever_the_fault(serve: Callable[..., Any]) -> None:
    api = serve(faults=Faults(lost_after=1, only=frozenset({"get-contact"})))

    with pytest.raises(httpx.RemoteProtocolError):
        api.json("get-contact", '"contact": {"id": 99}')
    api.code("delete-contact", '"contact": {"id": 99}')

    assert api.server.ledger[0] == Entry(
        1, api.server.ledger[0].at, "get-contact", "json", 465, "lost_after", 99, carried_out=False
    )
    assert [(each.code, each.carried_out) for each in api.server.ledger] == [(465, False), (465, False)]


def test_the_ledger_of_mixed_faults_accounts_for_every_contact(serve: Callable[..., Any]) -> None:
    api = serve(faults=Faults(**{each.name: 0.04 for each in FAULTS}, delay=0, seed=11))

    for _ in range(300):
        raw.send(api.server)

    written = [each.contact_id for each in api.server.ledger if each.carried_out]
    assert written == list(api.server.state.contacts)[3:]
    assert {each.fault for each in api.server.ledger} == {None, *(each.name for each in FAULTS)}


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
    return [fault and fault.name for fault in map(dice.draw, methods)]


def test_the_same_seed_draws_the_same_faults() -> None:
    faults = Faults(**{each.name: 0.04 for each in FAULTS}, seed=42)

    drawn = draws(faults, ["add-contact"] * 1000)

    assert drawn == draws(faults, ["add-contact"] * 1000)
    assert set(drawn) == {None, *(each.name for each in FAULTS)}


def test_a_fault_that_is_left_out_does_not_change_what_a_seed_means() -> None:
    drawn = draws(Faults(too_many=0.2, unavailable=0.2, lost_before=0.2, lost_after=0.2, seed=42), ["get-groups"] * 9)

    assert drawn == [
        "lost_after", "too_many", "unavailable", "unavailable", "lost_after", "lost_after", None, "too_many",
        "lost_before",
    ]  # fmt: skip


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


def test_rates_that_are_1_together_are_not_above_it() -> None:
    Faults(**{each.name: 0.05 for each in FAULTS[:20]})


@pytest.mark.parametrize(
    "wrong",
    [
        {"too_many": -0.1},
        {"too_many": 0.6, "lost_after": 0.6},
        {"slow": 0.6, "reset_before": 0.6},
        {"latency": -1},
        {"delay": -1},
        {"retry_after": -1},
        {"page_statuses": ()},
        {"page_statuses": (500, 404)},
        {"unauthorised_from": 0},
    ],
)
def test_impossible_rates_times_and_numbers_are_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"from 0|together|500 to 599|from 1"):
        Faults(**wrong)


def test_every_fault_has_a_rate_that_is_0_by_default() -> None:
    assert [rate for _, rate in Faults().rates] == [0.0] * len(FAULTS)
    assert len({each.name for each in FAULTS}) == len(FAULTS)
