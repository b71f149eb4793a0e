"""The blacklist is read whole, in whatever shape it comes."""

import asyncio
import json
import logging
import random
from collections.abc import Sequence
from typing import Any

import pytest

from sync.progress import NoProgress
from sync.remote import Client, read_blacklist
from sync.remote.shapes import Blacklist, blacklist
from sync.sandbox import BookState, SandboxServer
from sync.settings import ApiSettings, Credentials
from tests.fakes import FakeClock
from tests.remote.scripted import api, scripted


def phone(number: int) -> str:
    return f"+90500{number:07}"


def client_of(base_url: str, wire: Any = "json") -> Client:
    settings = ApiSettings(base_url=base_url, rate=10_000.0, wire=wire)
    return Client(settings, Credentials("sandbox-key", "sandbox-hash"), clock=FakeClock(), chance=random.Random(1))


def read_from(*answers: bytes) -> tuple[frozenset[str], list[int]]:
    """The numbers, and the pages that were asked for."""

    async def go() -> tuple[frozenset[str], list[int]]:
        async with scripted(*answers) as server, client_of(server.base_url) as client:
            found = await read_blacklist(client, NoProgress())
            asked = [json.loads(body)["request"]["blacklist"]["page"] for body in server.requests]
            return found, asked

    return asyncio.run(go())


def page(numbers: Sequence[str], count: Any) -> bytes:
    return api(200, blacklist={"count": count, "number": list(numbers)})


@pytest.mark.parametrize("wire", ["json", "xml"])
@pytest.mark.parametrize("count", [0, 1, 999, 1000, 2500])
def test_all_pages_are_read(wire: str, count: int) -> None:
    entries = [{"number": phone(number), "added": "2024-09-26 10:00:00"} for number in range(count)]

    async def go(server: SandboxServer) -> frozenset[str]:
        async with client_of(server.base_url, wire) as client:
            return await read_blacklist(client, NoProgress())

    with SandboxServer(BookState.from_dict({"blacklist": entries})) as server:
        found = asyncio.run(go(server))

    assert found == {phone(number) for number in range(count)}
    assert len(list(server.ledger)) == count // 1000 + 1


def test_numbers_are_compared_in_one_form() -> None:
    found, _ = read_from(page(["0500 000 00 01", "905000000002", "5000000003", "+49 151 23456789"], 4))

    assert found == {phone(1), phone(2), phone(3), "+4915123456789"}


def test_the_count_is_the_servers_for_all_pages_even_where_pages_are_short() -> None:
    found, asked = read_from(page([phone(1), phone(2)], 3), page([phone(3)], 3))

    assert (len(found), asked) == (3, [1, 2])


def test_a_full_page_is_followed_even_where_the_count_is_that_of_the_page() -> None:
    first = [phone(number) for number in range(1000)]

    found, asked = read_from(page(first, 1000), page([phone(1000)], 1))

    assert (len(found), asked) == (1001, [1, 2])


def test_a_list_without_a_count_ends_with_a_page_that_is_not_full() -> None:
    first = [phone(number) for number in range(1000)]

    found, asked = read_from(page(first, ""), page([phone(1000)], None))

    assert (len(found), asked) == (1001, [1, 2])


def test_a_page_past_the_end_may_be_answered_as_nobody() -> None:
    found, asked = read_from(page([phone(1)], 2), api(465, "Kişi bulunamadı."))

    assert (found, asked) == ({phone(1)}, [1, 2])


def test_a_server_that_repeats_its_only_page_is_not_asked_for_ever() -> None:
    assert read_from(page([phone(1)], 9))[1] == [1, 2]


def test_a_list_that_lacks_numbers_is_told(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("sync")
    before, logger.propagate = logger.propagate, True
    try:
        read_from(page([phone(1)], 9))
    finally:
        logger.propagate = before

    assert "has 9 numbers by its own count, and 2 came" in caplog.text


@pytest.mark.parametrize(
    ("node", "numbers"),
    [
        ({"count": 1, "number": "1"}, ("1",)),
        ({"count": "1", "number": {"0": "1"}}, ("1",)),
        ({"count": 1, "number": [{"id": 5, "number": "1"}]}, ("5", "1")),
        ({"count": 1, "numbers": {"number": ["1"]}}, ("1",)),
        (["1", 2], ("1", "2")),
        ("1", ("1",)),
        ({}, ()),
        ([], ()),
        ("", ()),
        (None, ()),
        ({"count": {}, "number": [None, "", " 1 "]}, ("1",)),
    ],
)
def test_any_shape_gives_its_numbers(node: Any, numbers: tuple[str, ...]) -> None:
    assert blacklist({"blacklist": node}).numbers == numbers


@pytest.mark.parametrize(("given", "count"), [(7, 7), ("7", 7), ("", None), ([], None), ("çok", None), (None, None)])
def test_a_count_that_is_no_number_is_none(given: Any, count: int | None) -> None:
    assert blacklist({"blacklist": {"count": given}}) == Blacklist(count, ())


def test_an_answer_without_a_list_is_an_empty_one() -> None:
    assert blacklist({}) == Blacklist(None, ())
