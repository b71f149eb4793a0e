"""What every AddressBook keeps: the fake, and the real client on the sandbox in both formats."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from sync.addressbook import AddressBook
from sync.contact import Contact
from sync.errors import Gone, Refused, Unsure
from sync.remote import Client
from sync.sandbox import BookState, Faults, SandboxServer, Semantics
from sync.settings import ApiSettings, Credentials
from tests.fakes import LOST_AFTER, LOST_BEFORE, FakeClock, Fault, MemoryBook

ISIK = Contact(1009, "Işık", "Yıldız", "isik@example.com", "+905000000001", {1: "27/09/2024", 2: "cip"}, (9, 12))
CAGLA = Contact(1010, "Çağla", "", "", "05000000002", {}, (7,))
ALONE = Contact(1011, "İpek", "Deneme", "IPEK@example.com", "", {}, ())
TWIN = Contact(1012, "Işık", "Başka", "", "5000000001", {}, ())
CONTACTS = (ISIK, CAGLA, ALONE, TWIN)
NEW = Contact(None, "Ada ]]> 👍", "Ğüş", "ada@example.com", "+905000000100", {1: "01/02/2024"}, (7, 12))

KINDS = ["memory", "json", "xml"]
Opened = Callable[..., Any]


@asynccontextmanager
async def opened(kind: str, semantics: Any = "replace", loses: str = "") -> AsyncIterator[AddressBook]:
    """An address book of this kind with the four contacts; with `loses`, the answer to every add and edit is lost."""
    if kind == "memory":
        faults = dict.fromkeys(range(1, 9), {"": None, "before": LOST_BEFORE, "after": LOST_AFTER}[loses])
        lost = {number: fault for number, fault in faults.items() if isinstance(fault, Fault)}
        book = MemoryBook(
            groups=frozenset({7, 9, 12}),
            custom_fields=frozenset({1, 2, 3}),
            semantics=semantics,
            adds=lost,
            edits=lost,
        )
        for contact in CONTACTS:
            book.put(contact)
        yield book
        return
    state = {
        "custom_fields": [1, 2, 3],
        "groups": [{"id": n, "name": f"G{n}", "parent": None} for n in (7, 9, 12)],
        "contacts": [contact.to_dict() for contact in CONTACTS],
    }
    writes = frozenset({"add-contact", "edit-contact"})
    faults = Faults(**{f"lost_{loses}": 1.0}, only=writes) if loses else Faults()
    with SandboxServer(BookState.from_dict(state), semantics=Semantics(edit=semantics), faults=faults) as server:
        api = ApiSettings(base_url=server.base_url, rate=10_000.0, wire="xml" if kind == "xml" else "json")
        secrets = Credentials("sandbox-key", "sandbox-hash")
        async with Client(api, secrets, clock=FakeClock(), chance=random.Random(1)) as client:
            yield client


def used(kind: str, work: Callable[[AddressBook], Awaitable[Any]], **switches: Any) -> Any:
    """What the work returns."""

    async def go() -> Any:
        async with opened(kind, **switches) as book:
            return await work(book)

    return asyncio.run(go())


pytestmark = pytest.mark.parametrize("kind", KINDS)


def test_find_returns_exactly_the_contacts_with_the_key(kind: str) -> None:
    expected = {
        ("gsm", "+905000000001"): [1009, 1012],
        ("gsm", "+905000000002"): [1010],
        ("gsm", "+905000000003"): [],
        ("gsm", "+90500000000"): [],
        ("email", "isik@example.com"): [1009],
        ("email", "ipek@example.com"): [1011],
        ("email", "pek@example.com"): [],
    }

    async def work(book: AddressBook) -> Any:
        return {(key, value): sorted(each.id or 0 for each in await book.find(key, value)) for key, value in expected}

    assert used(kind, work) == expected


def test_find_returns_contacts_as_they_are_stored(kind: str) -> None:
    assert used(kind, lambda book: book.find("gsm", "+905000000002")) == [CAGLA]


def test_get_returns_the_contact_as_it_is_stored(kind: str) -> None:
    assert used(kind, lambda book: book.get(1009)) == ISIK


def test_get_of_what_is_not_there_is_gone(kind: str) -> None:
    with pytest.raises(Gone) as caught:
        used(kind, lambda book: book.get(5))

    assert caught.value.status == 465


def test_add_returns_what_was_stored_with_its_id(kind: str) -> None:
    assert used(kind, lambda book: book.add(NEW)) == replace(NEW, id=1013)


def test_what_was_added_is_found_and_read(kind: str) -> None:
    async def work(book: AddressBook) -> Any:
        added = await book.add(NEW)
        assert added.id is not None
        return added, await book.get(added.id), await book.find("gsm", NEW.gsm), await book.find("email", NEW.email)

    added, read, by_gsm, by_email = used(kind, work)

    assert read == added
    assert by_gsm == by_email == [added]


def test_add_refuses_no_number_that_is_already_there(kind: str) -> None:
    async def work(book: AddressBook) -> Any:
        first, second = await book.add(NEW), await book.add(NEW)
        return first.id != second.id, len(await book.find("gsm", NEW.gsm))

    assert used(kind, work) == (True, 2)


@pytest.mark.parametrize(
    ("contact", "status"),
    [
        (Contact(), 472),
        (Contact(groups=(7,), custom_fields={1: "x"}), 472),
        (replace(NEW, gsm="bir iki"), 466),
        (replace(NEW, groups=(99,)), 463),
        (replace(NEW, custom_fields={9: "x"}), 473),
    ],
)
def test_what_is_refused_carries_its_code_and_stores_nothing(kind: str, contact: Contact, status: int) -> None:
    async def work(book: AddressBook) -> Any:
        with pytest.raises(Refused) as added:
            await book.add(contact)
        with pytest.raises(Refused) as edited:
            await book.edit(replace(contact, id=1009))
        return added.value, edited.value, await book.get(1009), await book.find("email", NEW.email)

    added, edited, isik, found = used(kind, work)

    assert (added.status, edited.status) == (status, status)
    assert added.code == edited.code
    assert (isik, found) == (ISIK, [])


@pytest.mark.parametrize("semantics", ["replace", "patch"])
def test_edit_stores_the_complete_contact_and_returns_it(kind: str, semantics: str) -> None:
    meant = replace(ISIK, name="Deniz", email="deniz@example.com", custom_fields={1: "x", 2: "y", 3: "z"}, groups=(7,))

    async def work(book: AddressBook) -> Any:
        return await book.edit(meant), await book.get(1009)

    assert used(kind, work, semantics=semantics) == (meant, meant)


@pytest.mark.parametrize("semantics", ["replace", "patch"])
def test_an_explicit_empty_clears(kind: str, semantics: str) -> None:
    meant = replace(ISIK, surname="", email="", custom_fields={1: "27/09/2024", 2: ""}, groups=())

    stored = used(kind, lambda book: book.edit(meant), semantics=semantics)

    assert stored == replace(meant, custom_fields={1: "27/09/2024"})


@pytest.mark.parametrize(
    ("semantics", "kept"), [("replace", {1: "27/09/2024"}), ("patch", {1: "27/09/2024", 2: "cip"})]
)
def test_a_custom_field_left_out_is_cleared_or_kept(kind: str, semantics: str, kept: dict[int, str]) -> None:
    stored = used(kind, lambda book: book.edit(replace(ISIK, custom_fields={1: "27/09/2024"})), semantics=semantics)

    assert stored.custom_fields == kept


def test_edit_of_what_is_not_there_is_gone(kind: str) -> None:
    with pytest.raises(Gone) as caught:
        used(kind, lambda book: book.edit(replace(ISIK, id=5)))

    assert caught.value.status == 465


@pytest.mark.parametrize(("loses", "stored"), [("before", 0), ("after", 1)])
def test_a_lost_answer_is_unsure_whether_the_write_happened_or_not(kind: str, loses: str, stored: int) -> None:
    async def work(book: AddressBook) -> Any:
        with pytest.raises(Unsure):
            await book.add(NEW)
        with pytest.raises(Unsure):
            await book.edit(replace(ISIK, name="Deniz"))
        return len(await book.find("gsm", NEW.gsm)), (await book.get(1009)).name

    assert used(kind, work, loses=loses) == (stored, "Deniz" if stored else "Işık")
