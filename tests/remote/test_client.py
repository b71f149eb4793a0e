"""The client: all twelve methods against the sandbox in both formats, and what it makes of bad answers."""

import asyncio
import logging
import random
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from sync import language
from sync.clock import SystemClock
from sync.contact import Contact, Group
from sync.errors import (
    CallFailed,
    Gone,
    ImsyncError,
    NotAuthorised,
    NotDone,
    Refused,
    RunStopped,
    Unreachable,
    Unsure,
    WrongAddress,
)
from sync.lookup import Forms
from sync.messages import error_text
from sync.remote import Client
from sync.sandbox import BookState, Faults, SandboxServer, Semantics
from sync.settings import ApiSettings, Credentials
from tests.fakes import FakeClock
from tests.remote.scripted import CLOSE, Scripted, api, api_xml, http, scripted

KEY, HASH = "sandbox-key-0123456789", "sandbox-hash-abcdefghij"
CREDENTIALS = Credentials(KEY, HASH)
BOOK: dict[str, Any] = {
    "credentials": {"key": KEY, "hash": HASH},
    "custom_fields": [1, 2, 3],
    "groups": [
        {"id": 7, "name": "Müşteriler", "parent": None},
        {"id": 9, "name": "Bayiler", "parent": None},
        {"id": 12, "name": "İstanbul", "parent": 7},
    ],
    "contacts": [
        {
            "id": 1009,
            "name": "Işık",
            "surname": "Yıldız",
            "email": "isik@example.com",
            "gsm": "+905000000001",
            "custom_fields": {"1": "27/09/2024", "2": "cip"},
            "groups": [9, 12],
        },
        {"id": 1010, "name": "Çağla", "gsm": "05000000002", "groups": [7]},
    ],
    "blacklist": [
        {"number": "+905000000008", "added": "2024-09-26 10:00:00"},
        {"number": "+905000000009", "added": "2024-09-27 01:10:00"},
    ],
}
ISIK = Contact(1009, "Işık", "Yıldız", "isik@example.com", "+905000000001", {1: "27/09/2024", 2: "cip"}, (9, 12))
NEW = Contact(None, "Ada", "Deneme", "ada@example.com", "+905000000100", {1: "01/02/2024"}, (7,))
WIRES = ["json", "xml"]

HARD_TEXTS = [
    "A&B <b>'\"</b> ; \\ / %00 {}",
    "sonu ]]> burada",
    "]]>]]>",
    "<![CDATA[iç içe]]>",
    "ğüşıöç ĞÜŞİÖÇ Iıİi",
    "👩‍👩‍👧‍👦 🇹🇷 𝒜",
    "satır\nsonu\tsekme",
    "satır\r\nsonu",
    "yalnız\rbaşına",
    "&amp; &lt; &#65; &nbsp;",
    "  kenar boşlukları  ",
    "e\u0301 ile \u00e9",
    "null",
    "0012",
    "1e5",
    "\u2028\u2029\u0085\u00a0",
    "<?xml version='1.0'?>",
    "a" * 5000,
]


def settings_for(base_url: str, **changes: Any) -> ApiSettings:
    return replace(ApiSettings(base_url=base_url, rate=10_000.0, workers=4, timeout=5.0, attempts=4), **changes)


def with_sandbox(
    work: Callable[[Client], Awaitable[Any]],
    *,
    wire: str = "json",
    book: dict[str, Any] = BOOK,
    faults: Faults | None = None,
    semantics: Semantics | None = None,
    forms: Forms | None = None,
    **changes: Any,
) -> tuple[Any, SandboxServer, Client]:
    """What the work returns (or the error it ends with), the server with its ledger, and the client."""

    async def go(server: SandboxServer) -> tuple[Any, Client]:
        client = Client(
            settings_for(server.base_url, wire=wire, **changes),
            CREDENTIALS,
            clock=FakeClock(),
            chance=random.Random(1),
            forms=forms,
        )
        async with client:
            try:
                return await work(client), client
            except ImsyncError as error:
                return error, client

    with SandboxServer(BookState.from_dict(book), faults=faults, semantics=semantics) as server:
        result, client = asyncio.run(go(server))
        return result, server, client


def with_script(
    work: Callable[[Client], Awaitable[Any]], *answers: bytes, credentials: Credentials = CREDENTIALS, **changes: Any
) -> tuple[Any, Scripted, Client]:
    """The same, against answers written by hand."""

    async def go() -> tuple[Any, Scripted, Client]:
        async with scripted(*answers) as server:
            client = Client(
                settings_for(server.base_url, **changes), credentials, clock=FakeClock(), chance=random.Random(1)
            )
            async with client:
                try:
                    return await work(client), server, client
                except ImsyncError as error:
                    return error, server, client

    return asyncio.run(go())


# The twelve methods


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    ("work", "expected"),
    [
        pytest.param(lambda c: c.search("5000000001"), [ISIK], id="search"),
        pytest.param(lambda c: c.search("nobody"), [], id="search-nothing"),
        pytest.param(lambda c: c.get(1009), ISIK, id="get"),
        pytest.param(lambda c: c.add(NEW), replace(NEW, id=1011), id="add"),
        pytest.param(lambda c: c.edit(replace(ISIK, name="Deniz")), replace(ISIK, name="Deniz"), id="edit"),
        pytest.param(lambda c: c.delete(1010), None, id="delete"),
        pytest.param(
            lambda c: c.groups(),
            [Group(7, "Müşteriler", 1, (Group(12, "İstanbul", 1),)), Group(9, "Bayiler", 1)],
            id="groups",
        ),
        pytest.param(lambda c: c.group(7), Group(7, "Müşteriler", 1, (Group(12, "İstanbul", 1),)), id="group"),
        pytest.param(lambda c: c.group_contacts(9), [ISIK], id="group-contacts"),
        pytest.param(lambda c: c.group_contacts(9, page=2), [], id="group-contacts-past-the-end"),
        pytest.param(lambda c: c.add_group("Yeni"), Group(13, "Yeni"), id="add-group"),
        pytest.param(lambda c: c.add_group("Ankara", parent=7), Group(13, "Ankara"), id="add-child-group"),
        pytest.param(lambda c: c.edit_group(9, "Bayi & Ortak", parent=None), Group(9, "Bayi & Ortak"), id="edit-group"),
        pytest.param(lambda c: c.delete_group(9), None, id="delete-group"),
    ],
)
def test_every_method_works(work: Callable[[Client], Awaitable[Any]], expected: Any, wire: str) -> None:
    result, server, client = with_sandbox(work, wire=wire)

    assert result == expected
    assert len(server.ledger) == sum(client.requests.values()) == 1


@pytest.mark.parametrize("wire", WIRES)
def test_the_blacklist_is_read_with_and_without_a_period(wire: str) -> None:
    async def work(client: Client) -> Any:
        period = ("2024-09-27 00:00:00", "2024-09-27 23:59:59")
        return await client.blacklist(), await client.blacklist(between=period)

    (everything, day), _, _ = with_sandbox(work, wire=wire)

    assert (everything.count, everything.numbers) == (2, ("+905000000008", "+905000000009"))
    assert (day.count, day.numbers) == (1, ("+905000000009",))


@pytest.mark.parametrize("wire", WIRES)
def test_hard_texts_arrive_and_come_back_as_they_are(wire: str) -> None:
    async def work(client: Client) -> list[Contact]:
        read = []
        for text in HARD_TEXTS:
            added = await client.add(replace(NEW, name=text, surname=text, custom_fields={1: text, 2: text + "."}))
            assert added.id is not None
            edited = await client.edit(replace(added, name=text + "!"))
            read += [added, edited, await client.get(added.id)]
        return read

    read, server, _ = with_sandbox(work, wire=wire)

    expected = []
    for number, text in enumerate(HARD_TEXTS, start=1011):
        added = Contact(number, text, text, NEW.email, NEW.gsm, {1: text, 2: text + "."}, (7,))
        expected += [added, replace(added, name=text + "!"), replace(added, name=text + "!")]
    assert read == expected
    assert [server.state.contacts[number].surname for number in range(1011, 1011 + len(HARD_TEXTS))] == HARD_TEXTS


@pytest.mark.parametrize("wire", WIRES)
def test_a_hard_group_name_comes_back_as_it_is(wire: str) -> None:
    result, server, _ = with_sandbox(lambda c: c.add_group("A & B ]]> <ğ> 👍"), wire=wire)

    assert result.name == server.state.groups[13].name == "A & B ]]> <ğ> 👍"


@pytest.mark.parametrize("wire", WIRES)
def test_several_groups_reach_the_server(wire: str) -> None:
    async def work(client: Client) -> Any:
        added = await client.add(replace(NEW, groups=(7, 9, 12)))
        edited = await client.edit(replace(added, groups=(9, 12)))
        return added.groups, edited.groups, (await client.edit(replace(added, groups=()))).groups

    result, _, _ = with_sandbox(work, wire=wire)

    assert result == ((7, 9, 12), (9, 12), ())


@pytest.mark.parametrize("semantics", ["replace", "patch"])
@pytest.mark.parametrize("wire", WIRES)
def test_an_explicit_empty_clears(wire: str, semantics: Any) -> None:
    cleared = replace(ISIK, email="", custom_fields={1: "27/09/2024", 2: ""})

    result, _, _ = with_sandbox(lambda c: c.edit(cleared), wire=wire, semantics=Semantics(edit=semantics))

    assert (result.email, dict(result.custom_fields)) == ("", {1: "27/09/2024"})


def test_a_character_that_the_format_cannot_carry_is_refused_and_never_sent() -> None:
    result, server, client = with_sandbox(lambda c: c.add(replace(NEW, name="a\x07b")), wire="xml")

    assert isinstance(result, Refused)
    assert (server.ledger, dict(client.requests)) == ([], {})
    assert "U+0007" in error_text(result)


def test_a_lone_surrogate_is_refused_and_never_sent() -> None:
    for wire in WIRES:
        result, server, _ = with_sandbox(lambda c: c.add(replace(NEW, name="a\ud800b")), wire=wire)

        assert isinstance(result, Refused)
        assert server.ledger == []


# Find


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("search", ["substring", "prefix"])
def test_find_returns_exactly_those_with_the_key(search: Any, wire: str) -> None:
    expected = {
        ("gsm", "+905000000001"): [1009],
        ("gsm", "+905000000002"): [1010],
        ("gsm", "+905000000003"): [],
        ("gsm", "+905000000"): [],
        ("email", "isik@example.com"): [1009],
        ("email", "sik@example.com"): [],
    }

    async def work(client: Client) -> Any:
        return {(key, value): [each.id for each in await client.find(key, value)] for key, value in expected}

    found, _, _ = with_sandbox(work, wire=wire, semantics=Semantics(search=search))

    assert found == expected


def test_find_reads_every_page() -> None:
    contacts = [{"id": n, "name": "A", "email": f"a{n}@example.com"} for n in range(1, 2101)]
    book = {**BOOK, "contacts": [*contacts, {"id": 9000, "name": "Son", "email": "a@example.com"}]}
    book["contacts"] += [{"id": 9001, "name": "Çift", "email": "A@EXAMPLE.COM"}]

    # "example.com" finds all of them; only two have exactly this address
    folding = Forms({"email": ("address",)}, folds=frozenset({"email"}))
    result, server, _ = with_sandbox(lambda c: c.find("email", "@example.com"), book=book, forms=folding)
    assert result == []
    assert len(server.ledger) == 3

    result, _, _ = with_sandbox(lambda c: c.find("email", "a@example.com"), book=book)
    assert [contact.id for contact in result] == [9000, 9001]


@pytest.mark.parametrize(
    ("forms", "key", "value"),
    [
        (Forms({"email": ("ascii",)}), "email", "isik@example.com"),
        (Forms(), "gsm", "+905000000001"),
    ],
)
def test_find_never_says_none_without_having_asked(forms: Forms, key: str, value: str) -> None:
    _, server, _ = with_sandbox(lambda c: c.find(key, value), forms=forms)

    assert [entry.method for entry in server.ledger[:1]] == ["search-contacts"]


def test_find_asks_only_in_the_forms_that_work() -> None:
    _, server, _ = with_sandbox(lambda c: c.find("gsm", "+905000000001"), forms=Forms({"gsm": ("e164", "trunk")}))

    assert len(server.ledger) == 2


# Refusals


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    ("work", "kind", "status"),
    [
        pytest.param(lambda c: c.get(5), Gone, 465, id="get-gone"),
        pytest.param(lambda c: c.edit(replace(ISIK, id=5)), Gone, 465, id="edit-gone"),
        pytest.param(lambda c: c.delete(5), Gone, 465, id="delete-gone"),
        pytest.param(lambda c: c.search("ab"), Refused, 471, id="short-term"),
        pytest.param(lambda c: c.search("abc", page=0), Refused, 464, id="page-0"),
        pytest.param(lambda c: c.add(Contact()), Refused, 472, id="empty-contact"),
        pytest.param(lambda c: c.add(replace(NEW, gsm="12")), Refused, 466, id="bad-number"),
        pytest.param(lambda c: c.add(replace(NEW, email="a@b@c")), Refused, 422, id="bad-email"),
        pytest.param(lambda c: c.add(replace(NEW, groups=(99,))), Refused, 463, id="no-group"),
        pytest.param(lambda c: c.add(replace(NEW, custom_fields={9: "x"})), Refused, 473, id="no-field"),
        pytest.param(lambda c: c.group(99), Refused, 463, id="group"),
        pytest.param(lambda c: c.group_contacts(99), Refused, 463, id="group-contacts"),
        pytest.param(lambda c: c.add_group(""), Refused, 461, id="empty-group"),
        pytest.param(lambda c: c.edit_group(99, "x", parent=None), Refused, 462, id="edit-group"),
    ],
)
def test_a_refusal_carries_the_code_and_the_message(
    work: Callable[[Client], Awaitable[Any]], kind: type[CallFailed], status: int, wire: str
) -> None:
    error, server, client = with_sandbox(work, wire=wire)

    assert type(error) is kind
    assert error.status == status
    assert error.message
    assert error.message in error_text(error)
    assert (len(server.ledger), client.retries) == (1, 0)


# Stops


@pytest.mark.parametrize("wire", WIRES)
def test_after_401_nothing_more_is_sent(wire: str) -> None:
    async def work(client: Client) -> Any:
        found = []
        for _ in range(3):
            try:
                await client.get(1009)
            except NotAuthorised as error:
                found.append(error)
        found += [
            each
            for each in await asyncio.gather(*(client.add(NEW) for _ in range(10)), return_exceptions=True)
            if isinstance(each, NotAuthorised)
        ]
        return len(found)

    book = {**BOOK, "api_access": False}
    result, server, client = with_sandbox(work, wire=wire, book=book)

    assert result == 13
    assert [entry.code for entry in server.ledger] == [401]
    assert sum(client.requests.values()) == 1


def test_after_401_those_that_wait_to_try_again_are_not_sent_either() -> None:
    async def work(client: Client) -> Any:
        return await asyncio.gather(client.get(1), client.add(NEW), return_exceptions=True)

    result, server, _ = with_script(work, api(503), api(401), api(200))

    assert [type(each) for each in result] == [NotAuthorised, NotAuthorised]
    assert len(server.requests) == 2


@pytest.mark.parametrize("answer", [api(404, "yok"), http(404, "<html>"), http(301, ""), http(302, "x"), http(308, "")])
def test_a_wrong_address_stops_everything(answer: bytes) -> None:
    async def work(client: Client) -> Any:
        return await asyncio.gather(client.groups(), client.add(NEW), client.groups(), return_exceptions=True)

    result, server, _ = with_script(work, answer)

    assert [type(each) for each in result] == [WrongAddress] * 3
    assert 1 <= len(server.requests) <= 3


def test_401_without_a_readable_body_stops_too() -> None:
    error, _, _ = with_script(lambda c: c.add(NEW), http(401, "<h1>Unauthorized</h1>"))

    assert isinstance(error, NotAuthorised)


@pytest.mark.parametrize("cause", ["hash", "Allow API access", "fixed-IP", "representative"])
def test_not_authorised_names_all_four_causes(cause: str) -> None:
    error, _, _ = with_script(lambda c: c.groups(), api(401, "Üyelik bilgileri hatalı"))

    assert cause in error_text(error)


# Writes are sent once


async def all_writes(client: Client) -> list[Any]:
    """What each of the six methods that write ends with."""
    calls = [
        client.add(NEW),
        client.edit(ISIK),
        client.delete(1010),
        client.add_group("Yeni"),
        client.edit_group(9, "Yeni", parent=None),
        client.delete_group(9),
    ]
    found: list[Any] = []
    for call in calls:
        try:
            found.append(await call)
        except ImsyncError as error:
            found.append(error)
    return found


LOST = [
    pytest.param(CLOSE, id="closed"),
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ntruncated", id="truncated"),
    pytest.param(http(200, "<html>login</html>"), id="html"),
    pytest.param(http(200, ""), id="empty"),
    pytest.param(http(200, '{"response": {}}'), id="no-status"),
    pytest.param(http(200, '{"response": {"status": {"code": "x"}}}'), id="no-code"),
    pytest.param(http(200, "[" * 100_000), id="deep"),
    pytest.param(http(500, "<html>"), id="500"),
    pytest.param(http(502, "<html>"), id="502"),
    pytest.param(http(504, "<html>"), id="504"),
    pytest.param(http(503, "<html>"), id="html-503"),
    pytest.param(http(429, "<html>", "Retry-After: 1"), id="html-429"),
    pytest.param(api(500, "Hata"), id="code-500"),
    pytest.param(api(502, "Hata"), id="code-502"),
    pytest.param(api(999, "?", http_status=200), id="code-999"),
]


@pytest.mark.parametrize("answer", LOST)
def test_a_write_whose_answer_is_lost_is_sent_exactly_once(answer: bytes) -> None:
    errors, server, client = with_script(all_writes, answer)

    assert [type(error) for error in errors] == [Unsure] * 6
    assert len(server.requests) == 6
    assert set(client.requests.values()) == {1}
    assert all(error_text(error) for error in errors)


@pytest.mark.fault(
    "Trouble that lasts, or comes back",
    "a read is lost again and again",
    "is repeated until its budget ends (exit 6)",
)
@pytest.mark.parametrize("answer", LOST)
def test_a_read_whose_answer_is_lost_is_repeated_until_the_budget_ends(answer: bytes) -> None:
    error, server, client = with_script(lambda c: c.get(1009), answer, attempts=3)

    assert type(error) is Unreachable
    assert (len(server.requests), sum(client.requests.values()), client.retries) == (3, 3, 2)
    assert "get-contact" in error_text(error)


def test_an_add_that_says_success_without_a_contact_is_unsure() -> None:
    for answer in (api(200), api(200, contact={}), api(200, contact={"name": "x"}), api(200, contact={"id": ""})):
        error, server, _ = with_script(lambda c: c.add(NEW), answer)

        assert type(error) is Unsure
        assert len(server.requests) == 1


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("fault", ["lost_before", "lost_after"])
def test_the_sandbox_sees_a_lost_add_once(fault: str, wire: str) -> None:
    faults = Faults(**{fault: 1.0}, only=frozenset({"add-contact"}))

    error, server, _ = with_sandbox(lambda c: c.add(NEW), wire=wire, faults=faults)

    assert type(error) is Unsure
    assert [entry.method for entry in server.ledger] == ["add-contact"]


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize("wire", WIRES)
def test_a_write_is_repeated_after_a_well_formed_429_or_503(wire: str, code: int) -> None:
    answer = api(code, "Servis dışı") if wire == "json" else api_xml(code, "Servis dışı")

    async def write(client: Client) -> Any:
        return await client.add(NEW)

    error, server, client = with_script(write, answer, wire=wire, attempts=3)

    assert type(error) is NotDone
    assert len(server.requests) == 3
    assert len(set(server.requests)) == 1
    assert client.retries == 2
    assert str(code) in error_text(error)


def test_no_write_is_lost_when_each_is_pushed_back_again_and_again() -> None:
    errors, server, client = with_script(all_writes, api(429, "Yavaş"), attempts=3)

    assert [type(error) for error in errors] == [NotDone] * 6
    assert len(server.requests) == 18
    assert len(set(server.requests)) == 6
    assert client.retries == 12


def test_an_add_that_was_pushed_back_is_stored_once() -> None:
    faults = Faults(too_many=0.3, unavailable=0.3, seed=4, only=frozenset({"add-contact"}))

    async def work(client: Client) -> Any:
        return [(await client.add(replace(NEW, gsm=f"+9050000002{n:02}"))).gsm for n in range(20)]

    result, server, client = with_sandbox(work, faults=faults, attempts=50, patience=1e9)

    codes = [entry.code for entry in server.ledger]
    assert codes.count(200) == 20 == len(set(result))
    assert len(codes) > 30
    assert client.retries == len(codes) - 20
    assert len(server.state.contacts) == 22


@pytest.mark.parametrize(("spoken", "said"), [("en", "failed (503)"), ("tr", "isteği başarısız (503); deneme")])
def test_what_the_log_says_of_a_retry_is_in_the_persons_language(
    spoken: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "sync.remote")
    language.speak(spoken)
    try:
        result, _, client = with_sandbox(lambda client: client.groups(), faults=Faults(unavailable=0.5, seed=1))
    finally:
        language.speak("en")

    assert not isinstance(result, ImsyncError)
    assert client.retries == len(caplog.messages) > 0
    assert all(said in line for line in caplog.messages)


def test_a_write_is_left_to_do_when_no_connection_was_ever_made() -> None:
    clock = FakeClock()

    async def go() -> tuple[ImsyncError, Client]:
        async with scripted(CLOSE) as server:
            closed = server.base_url
        client = Client(settings_for(closed), CREDENTIALS, clock=clock, chance=random.Random(1))
        async with client:
            with pytest.raises(Unreachable) as caught:
                await client.add(NEW)
        return caught.value, client

    error, client = asyncio.run(go())

    assert not error.unsure  # type: ignore[attr-defined]
    assert client.requests["add-contact"] == 2
    assert clock.seconds - 1000.0 <= 15
    assert "the connection was refused" in error_text(error)


def test_a_retry_after_that_is_a_date_is_kept_by_the_servers_own_clock() -> None:
    clock = FakeClock()
    busy = api(429, "", "Date: Wed, 01 Jan 2020 00:00:00 GMT", "Retry-After: Wed, 01 Jan 2020 00:00:40 GMT")

    async def go() -> None:
        async with scripted(busy, api(200, groups=[])) as server:
            client = Client(settings_for(server.base_url), CREDENTIALS, clock=clock, chance=random.Random(1))
            async with client:
                await client.groups()

    asyncio.run(go())

    assert 40 <= clock.seconds - 1000.0 <= 45


# The pace


@pytest.mark.fault("Trouble that lasts, or comes back", "429 or 503", "the pace is halved, and recovers slowly")
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(api(429), id="429"),
        pytest.param(api(503), id="503"),
        pytest.param(http(429, "<html>slow down"), id="html-429"),
        pytest.param(http(503, "<html>busy"), id="html-503"),
        pytest.param(http(429, "<html>slow down", "Retry-After: 5"), id="html-429-retry-after"),
    ],
)
@pytest.mark.parametrize("work", [lambda c: c.get(1), lambda c: c.add(NEW)], ids=["read", "write"])
def test_the_pace_halves_on_429_and_503_whoever_says_so(
    work: Callable[[Client], Awaitable[Any]], answer: bytes
) -> None:
    _, _, client = with_script(work, answer, attempts=1)

    assert client._pace.rate == 5_000.0


@pytest.mark.fault("Answers that are meant to harm", "Retry-After asks for years", "two minutes at most are believed")
@pytest.mark.parametrize("header", ["-1", "abc", "1e9", "", "1000000000000"])
def test_a_hostile_retry_after_does_not_stop_the_client(header: str) -> None:
    clock = FakeClock()

    async def go() -> Any:
        async with scripted(api(503, "", f"Retry-After: {header}"), api(200, groups=[])) as server:
            client = Client(settings_for(server.base_url), CREDENTIALS, clock=clock, chance=random.Random(1))
            async with client:
                return await client.groups()

    assert asyncio.run(go()) == []
    assert clock.seconds - 1000.0 < 300


@pytest.mark.fault(
    "Trouble that lasts, or comes back",
    "429 or 503 with Retry-After",
    "nothing is sent before that time",
)
def test_retry_after_is_kept() -> None:
    clock = FakeClock()

    async def go() -> None:
        async with scripted(api(429, "", "Retry-After: 40"), api(200, groups=[])) as server:
            client = Client(settings_for(server.base_url), CREDENTIALS, clock=clock, chance=random.Random(1))
            async with client:
                await client.groups()

    asyncio.run(go())

    assert clock.seconds - 1000.0 >= 40


# Secrets


def everything_shown(error: BaseException) -> str:
    """All texts in which an error, its causes or its traceback may appear."""
    parts = ["".join(traceback.format_exception(error))]
    each: BaseException | None = error
    while each is not None:
        parts += [str(each), repr(each), repr(each.args), repr(vars(each))]
        each = each.__cause__ or each.__context__
    if isinstance(error, ImsyncError):
        parts.append(error_text(error))
    return "\n".join(parts)


ECHO = f"anahtar {KEY} ve {HASH} geçersiz"


@pytest.mark.parametrize("work", [lambda c: c.get(1), lambda c: c.add(NEW)], ids=["read", "write"])
@pytest.mark.parametrize(
    "answer",
    [
        api(400, ECHO),
        api(401, ECHO),
        api(404, ECHO),
        api(422, ECHO),
        api(465, ECHO),
        api(473, ECHO),
        api(500, ECHO),
        api(503, ECHO),
        http(200, ECHO),
        http(500, ECHO),
        http(200, f'{{"response": {{"status": {{"code": "{KEY}"}}}}}}'),
        http(302, ECHO, f"Location: https://example.com/?key={KEY}"),
        b"HTTP/1.1 200 " + ECHO.encode("ascii", "replace") + b"\r\nContent-Length: 9\r\n\r\ntruncated",
        b"HTTP/1.1 " + KEY.encode() + b" " + HASH.encode() + b"\r\n\r\n",
        http(503, ECHO, f"Retry-After: {KEY}"),
        CLOSE,
    ],
)
def test_no_error_shows_the_key_or_the_hash(work: Callable[[Client], Awaitable[Any]], answer: bytes) -> None:
    error, _, _ = with_script(work, answer, attempts=2)

    shown = everything_shown(error)
    assert KEY not in shown
    assert HASH not in shown


def test_a_hash_that_begins_with_the_key_is_masked_whole() -> None:
    secrets = Credentials("abcdef", "abcdef-and-more-of-it")

    error, _, _ = with_script(lambda c: c.get(1), api(422, "abcdef-and-more-of-it"), credentials=secrets)

    assert "and-more-of-it" not in everything_shown(error)


def test_neither_credentials_nor_client_show_the_secrets() -> None:
    client = Client(settings_for("http://127.0.0.1:1/v1"), CREDENTIALS, clock=FakeClock(), chance=random.Random(1))

    assert KEY not in repr(CREDENTIALS) + repr(client) + str(vars(client))
    assert HASH not in repr(CREDENTIALS) + repr(client) + str(vars(client))
    asyncio.run(client.__aexit__(None, None, None))


def test_the_credentials_travel_in_the_body_never_in_the_address() -> None:
    _, server, _ = with_script(lambda c: c.groups(), api(200, groups=[]))

    assert KEY.encode() in server.requests[0]
    assert KEY not in server.paths[0]


# Counting


def test_every_request_is_counted_by_its_method_retries_included() -> None:
    async def work(client: Client) -> Any:
        await client.groups()
        await client.get(1009)
        return await client.find("gsm", "+905000000001")

    _, server, client = with_sandbox(work, faults=Faults(unavailable=0.4, seed=3), attempts=50, patience=1e9)

    sent: dict[str, int] = {}
    for entry in server.ledger:
        sent[entry.method] = sent.get(entry.method, 0) + 1
    assert dict(client.requests) == sent
    assert client.retries == sum(1 for entry in server.ledger if entry.code == 503) > 0


@pytest.mark.fault("Answers that are meant to harm", "each page is the first one", "is not asked for ever")
def test_a_search_that_knows_no_pages_is_not_asked_for_ever() -> None:
    page = [{"id": number, "gsm": f"+90500{number:07}"} for number in range(1, 1001)]

    async def go() -> tuple[int, int]:
        async with scripted(api(200, contacts=page)) as server:
            settings = ApiSettings(base_url=server.base_url, rate=10_000)
            client = Client(settings, Credentials("k", "h"), clock=SystemClock(), chance=random.Random(0))
            async with client:
                found = await client.find("gsm", "+905000000007")
            return len(found), len(server.requests)

    found, requests = asyncio.run(go())

    assert found == 1
    assert requests <= 8  # two for each of the four forms


def exchanged(*answers: bytes, call: Callable[[Client], Awaitable[Any]]) -> Any:
    """What the call returns or raises, the server answering in turn."""

    async def go() -> Any:
        async with scripted(*answers) as server:
            settings = ApiSettings(base_url=server.base_url, rate=10_000)
            client = Client(settings, Credentials("k", "h"), clock=FakeClock(), chance=random.Random(0))
            async with client:
                return await call(client)

    return asyncio.run(go())


@pytest.mark.fault(
    "Answers that are meant to harm",
    "an edit is answered with another contact",
    "counts as unsure, and is read back",
)
def test_an_edit_that_is_answered_with_another_contact_is_unsure() -> None:
    with pytest.raises(Unsure):
        exchanged(api(200, contact={"id": 77}), call=lambda client: client.edit(Contact(1, "Ada")))


@pytest.mark.fault("Answers that are meant to harm", "another contact comes than the one asked for", "stops (exit 6)")
def test_a_contact_that_is_not_the_one_asked_for_stops_the_run() -> None:
    with pytest.raises(Unreachable):
        exchanged(api(200, contact={"id": 77}), call=lambda client: client.get(1))


@pytest.mark.fault(
    "Answers that are meant to harm",
    "two adds are answered with one id",
    "the second counts as unsure, and is searched for",
)
def test_an_id_that_was_given_to_an_add_before_leaves_the_second_add_unsure() -> None:
    async def twice(client: Client) -> None:
        await client.add(Contact(name="Ada"))
        await client.add(Contact(name="Deniz"))

    with pytest.raises(Unsure):
        exchanged(api(200, contact={"id": 1}), call=twice)


@pytest.mark.parametrize("status", [302, 401, 404])
def test_a_stop_without_a_readable_answer_leaves_a_write_unsure_and_later_ones_unsent(status: int) -> None:
    async def twice(client: Client) -> list[bool]:
        found = []
        for _ in range(2):
            try:
                await client.add(Contact(name="Ada"))
            except RunStopped as error:
                found.append(error.unsure)
        return found

    assert exchanged(http(status, "<html>"), call=twice) == [True, False]


def test_half_a_letter_and_a_huge_id_do_not_get_past_the_reading() -> None:
    half = exchanged(api(200, contact={"id": 1, "name": "A\ud83d"}), call=lambda client: client.get(1))

    assert half.name == "A\ufffd"
    with pytest.raises(Unsure):
        exchanged(api(200, contact={"id": 2**70}), call=lambda client: client.add(Contact(name="Ada")))
