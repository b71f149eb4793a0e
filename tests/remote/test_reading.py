"""Reading the book from a sandbox: what it costs, what is learned, what is certain."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest

from sync.book import Book
from sync.contact import Contact, Group
from sync.errors import NotAuthorised, Unreachable
from sync.lookup import Forms
from sync.progress import NoProgress
from sync.remote import Client, read_book
from sync.remote.reading import _concerned
from sync.sandbox import BookState, Faults, SandboxServer, Semantics
from sync.settings import ApiSettings, Credentials
from tests.fakes import FakeClock
from tests.remote import direct

GROUPS = [
    {"id": 7, "name": "Müşteriler", "parent": None},
    {"id": 9, "name": "Bayiler", "parent": None},
    {"id": 12, "name": "İstanbul", "parent": 7},
]


class Read:
    """A book as it was read, and how."""

    def __init__(self, book: Book, forms: Forms, requests: dict[str, int], state: BookState) -> None:
        self.book, self.forms, self.requests, self.state = book, forms, requests, state

    @property
    def ids(self) -> list[int]:
        return sorted(int(number) for number in self.book.table["id"])


def wanted(*rows: Sequence[str | None], keys: Sequence[str] = ("gsm", "email")) -> pd.DataFrame:
    return pd.DataFrame.from_records([tuple(row) for row in rows], columns=list(keys)).astype("str")


def read(
    contacts: list[dict[str, Any]],
    rows: pd.DataFrame,
    *,
    groups: list[dict[str, Any]] = GROUPS,
    search: Any = "substring",
    wire: Any = "json",
    faults: Faults | None = None,
    api_access: bool = True,
    progress: NoProgress | None = None,
) -> Read:
    state = BookState.from_dict({"groups": groups, "contacts": contacts, "api_access": api_access})
    if faults is None and api_access:
        found = direct.read_state(state, rows, wire=wire, semantics=Semantics(search=search), progress=progress)
        return Read(found.book, found.forms, dict(found.requests), state)

    async def go(server: SandboxServer) -> Read:
        api = ApiSettings(base_url=server.base_url, rate=10_000.0, wire=wire, attempts=20, patience=1e9)
        secrets = Credentials("sandbox-key", "sandbox-hash")
        async with Client(api, secrets, clock=FakeClock(), chance=random.Random(1)) as client:
            book = await read_book(client, rows, workers=4, progress=NoProgress())
            return Read(book, client.forms, dict(client.requests), state)

    with SandboxServer(state, semantics=Semantics(search=search), faults=faults) as server:
        return asyncio.run(go(server))


def contact(number: int, gsm: str = "", *groups: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": f"Ad {number}", "gsm": gsm, "groups": list(groups), **more}


def phone(number: int) -> str:
    return f"+90500{number:07}"


def people(first: int, count: int, *groups: int) -> list[dict[str, Any]]:
    return [contact(n, f"+90500{n:07}", *groups) for n in range(first, first + count)]


# What it costs


def test_no_rows_cost_the_groups_alone() -> None:
    found = read(people(1, 5, 7), wanted())

    assert found.requests == {"get-groups": 1}
    assert [group.name for group in found.book.groups] == ["Müşteriler", "Bayiler"]


def test_many_rows_are_read_by_group_pages() -> None:
    found = read(people(1, 50, 7), wanted(*((f"+90500{n:07}", None) for n in range(1, 51))))

    assert found.ids == list(range(1, 51))
    assert found.requests["get-group-contacts"] == 1
    assert found.requests["search-contacts"] <= 4  # the controls


def test_one_row_in_a_large_book_is_looked_up() -> None:
    found = read(people(1, 9000, 7), wanted(("+905000000007", None)))

    assert 7 in found.ids
    assert found.requests["get-group-contacts"] == 1  # to learn from
    assert found.requests.get("search-contacts", 0) <= 4


def test_a_group_without_contacts_is_not_asked_for() -> None:
    found = read(people(1, 3, 7), wanted(*((f"+90500{n:07}", None) for n in range(1, 4))))

    assert found.requests["get-group-contacts"] == 1


@pytest.mark.parametrize("wire", ["json", "xml"])
def test_a_group_of_more_than_a_thousand_is_read_page_by_page(wire: str) -> None:
    found = read(people(1, 2500, 9), wanted(*((f"+90500{n:07}", None) for n in range(1, 2501))), wire=wire)

    assert found.ids == list(range(1, 2501))
    assert sum(found.requests.values()) <= 12


def test_a_group_of_exactly_a_thousand_is_read_whole() -> None:
    found = read(people(1, 1000, 9), wanted(*((f"+90500{n:07}", None) for n in range(1, 1001))))

    assert len(found.ids) == 1000


def test_a_contact_in_several_groups_is_in_the_book_once() -> None:
    found = read(people(1, 5, 7, 9, 12), wanted(*((f"+90500{n:07}", None) for n in range(1, 6))))

    assert found.ids == [1, 2, 3, 4, 5]


def test_children_are_read_too() -> None:
    found = read(people(1, 5, 12), wanted(*((f"+90500{n:07}", None) for n in range(1, 6))))

    assert found.ids == [1, 2, 3, 4, 5]


# What is found


@pytest.mark.parametrize("search", ["substring", "prefix"])
@pytest.mark.parametrize("stored", ["+905001234567", "905001234567", "05001234567", "5001234567"])
def test_a_contact_in_no_group_is_found_by_its_phone_in_any_form(stored: str, search: str) -> None:
    found = read([contact(1, stored)], wanted(("+905001234567", None)), search=search)

    assert found.ids == [1]


def test_a_contact_in_no_group_is_found_by_its_email() -> None:
    found = read([contact(1, email="Ada@Example.COM")], wanted((None, "ada@example.com")))

    assert found.ids == [1]


def test_a_second_contact_with_the_key_is_found_by_the_look_up() -> None:
    found = read([contact(1, "+905001234567"), contact(2, "0500 123 45 67")], wanted(("+905001234567", None)))

    assert 1 in found.ids


def test_the_book_holds_what_the_contact_holds() -> None:
    stored = contact(1, "05001234567", 7, 12, email="a@example.com", surname="Çağ", custom_fields={"2": "x", "10": "y"})
    state = {"custom_fields": [2, 10]}

    async def go(server: SandboxServer) -> Book:
        api = ApiSettings(base_url=server.base_url, rate=10_000.0)
        secrets = Credentials("sandbox-key", "sandbox-hash")
        async with Client(api, secrets, clock=FakeClock(), chance=random.Random(1)) as client:
            return await read_book(client, wanted(("+905001234567", None)), workers=2, progress=NoProgress())

    with SandboxServer(BookState.from_dict({**state, "groups": GROUPS, "contacts": [stored]})) as server:
        book = asyncio.run(go(server))

    found = book.contact(0)
    assert (found.id, found.name, found.surname, found.email, found.gsm) == (
        1,
        "Ad 1",
        "Çağ",
        "a@example.com",
        "05001234567",
    )
    assert (found.custom_fields, found.groups) == ({2: "x", 10: "y"}, (7, 12))
    assert book.groups == (
        Group(7, "Müşteriler", 1, (Group(12, "İstanbul", 1),)),
        Group(9, "Bayiler", 0),
    )


# What is learned


def learned(stored: list[str], search: str) -> Forms:
    contacts = [contact(n, text, 7) for n, text in enumerate(stored, start=1)]
    rows = wanted(*((f"+90500999{n:04}", None) for n in range(20)))
    return read(contacts, rows, search=search).forms


@pytest.mark.parametrize(
    ("stored", "search", "working"),
    [
        (["+905001234567", "+905001234568"], "substring", ("national",)),
        (["05001234567"], "substring", ("national",)),
        (["+905001234567"], "prefix", ("e164",)),
        (["05001234567"], "prefix", ("trunk",)),
        (["905001234567"], "prefix", ("international",)),
        (["5001234567"], "prefix", ("national",)),
        (["+905001234567", "05001234568"], "prefix", ("e164", "trunk")),
        (["+905001234567", "05001234568", "5001234569"], "prefix", ("national", "e164", "trunk")),
        (["+905001234567", "05001234568", "5001234569"], "substring", ("national",)),
    ],
)
def test_the_forms_that_find_every_stored_form_are_learned(
    stored: list[str], search: str, working: tuple[str, ...]
) -> None:
    forms = learned(stored, search)

    assert (forms.working["gsm"], forms.blind) == (working, frozenset())
    assert forms.proven("gsm")


@pytest.mark.parametrize("stored", ["0500 123 45 67", "(0500) 1234567", "500-123-45-67"])
@pytest.mark.parametrize("search", ["substring", "prefix"])
def test_a_phone_with_marks_is_found_as_it_is_laid_out(stored: str, search: str) -> None:
    lonely = contact(3, stored.replace("67", "68"))
    rows = wanted(("+905001234568", None), *((f"+90500999{n:04}", None) for n in range(10)))

    found = read([contact(1, "+905001234500", 7), contact(2, stored, 7), lonely], rows, search=search)

    assert 3 in found.ids
    assert found.forms.proven("gsm")
    assert found.book.coverage.proves_absent("gsm", "+905009990001")


def test_a_stored_form_that_no_search_finds_makes_the_key_blind() -> None:
    contacts = [contact(1, "+905001234500", 7), contact(2, "0500 123 45 67", 7)]
    rows = wanted(*((f"+90500999{n:04}", f"a{n}@example.com") for n in range(10)))

    found = read(contacts, rows, search="token")

    assert found.forms.blind == {"gsm"}
    assert not found.forms.proven("gsm")
    assert not found.book.coverage.proves_absent("gsm", "+905009990001")


def test_one_blind_key_leaves_the_others_proven() -> None:
    contacts = [contact(1, "+905001234500", 7, email="a@example.com"), contact(2, "", 7, email="b@example.com")]
    rows = wanted(*((None, f"x{n}@example.com") for n in range(10)), ("+905009990001", None))

    found = read(contacts, rows, search="token")  # an address is no single word

    assert found.forms.proven("gsm")
    assert found.forms.blind == {"email"}
    assert found.book.coverage.proves_absent("gsm", "+905009990001")
    assert not found.book.coverage.proves_absent("email", "x1@example.com")


def test_an_empty_book_teaches_nothing_and_hides_nothing() -> None:
    found = read([], wanted(("+905001234567", None), (None, "a@example.com")))

    assert len(found.book) == 0
    assert (found.forms.working, found.forms.blind) == ({}, frozenset())
    assert found.book.coverage.proves_absent("gsm", "+905001234567")
    assert found.book.coverage.proves_absent("email", "a@example.com")


def test_an_empty_book_is_searched_in_every_form() -> None:
    found = read([], wanted(("+905001234567", None)), groups=[])

    assert found.requests == {"get-groups": 1, "search-contacts": 8}  # four beginnings, then the number


# What is certain


@pytest.mark.parametrize("search", ["substring", "prefix"])
def test_exactly_what_was_looked_up_is_certainly_absent(search: str) -> None:
    found = read(people(1, 20, 7), wanted(*((f"+90500{n:07}", None) for n in range(11, 31))), search=search)

    proven = {n for n in range(1, 60) if n not in found.ids and found.book.coverage.proves_absent("gsm", phone(n))}
    assert set(range(21, 31)) <= proven
    assert not found.book.coverage.proves_absent("gsm", "+905301234567")


def test_a_key_that_was_not_wanted_is_not_certainly_absent() -> None:
    found = read(people(1, 20, 7), wanted(*((f"+90500{n:07}", None) for n in range(1, 31))))

    assert not found.book.coverage.proves_absent("gsm", "+905309999999")
    assert not found.book.coverage.proves_absent("email", "a@example.com")
    assert not found.book.coverage.proves_absent("custom:3", "x")


def test_an_address_in_an_unseen_form_is_looked_up_before_it_counts_as_absent() -> None:
    international = [contact(n, "", 7, email=f"a{n}@xn--rnek-6qa.com") for n in range(1, 4)]
    lonely = contact(99, "", email="ada@example.com")

    found = read([*international, lonely], wanted(*((None, f"{name}@example.com") for name in ("ada", "x", "y", "z"))))

    assert 99 in found.ids or not found.book.coverage.proves_absent("email", "ada@example.com")


def test_the_strongest_key_alone_is_looked_up() -> None:
    found = read([], wanted(("+905001234567", "a@example.com")))

    assert found.book.coverage.proves_absent("gsm", "+905001234567")
    assert not found.book.coverage.proves_absent("email", "a@example.com")


def test_a_value_that_two_rows_have_is_looked_up_once() -> None:
    found = read([], wanted(("+905001234567", None), ("+905001234567", None)))

    assert found.requests["search-contacts"] == 8  # four beginnings, then the number in four forms


# Ids


def test_an_id_is_read_by_itself() -> None:
    found = read(people(1, 3), wanted(("2", None), ("77", None), keys=("id", "gsm")))

    assert found.ids == [2]
    assert found.book.coverage.missing_ids == {77}
    assert found.requests["get-contact"] == 2


def test_an_id_that_a_page_has_shown_is_not_read_again() -> None:
    rows = wanted(*((str(n), None) for n in range(1, 31)), keys=("id", "gsm"))

    found = read(people(1, 30, 7), rows)

    assert "get-contact" not in found.requests


# Trouble


def test_faults_change_nothing_in_the_book() -> None:
    rows = wanted(*((f"+90500{n:07}", None) for n in range(1, 40)))
    contacts = [*people(1, 20, 7), *people(21, 10)]
    trouble = Faults(too_many=0.2, unavailable=0.3, lost_before=0.1, lost_after=0.1, seed=5)

    calm, rough = read(contacts, rows), read(contacts, rows, faults=trouble)

    assert rough.ids == calm.ids == list(range(1, 31))
    assert rough.book.coverage == calm.book.coverage
    assert sum(rough.requests.values()) > sum(calm.requests.values())


def test_a_server_that_never_answers_ends_the_reading() -> None:
    with pytest.raises(Unreachable):
        read(people(1, 3, 7), wanted(("+905000000001", None)), faults=Faults(unavailable=1.0))


def test_wrong_credentials_end_the_reading() -> None:
    with pytest.raises(NotAuthorised):
        read(people(1, 3, 7), wanted(("+905000000001", None)), api_access=False)


def test_reading_writes_nothing() -> None:
    found = read(people(1, 30, 7), wanted(*((f"+90500{n:07}", "x@example.com") for n in range(20, 50))))

    assert set(found.requests) <= {"get-groups", "get-group-contacts", "search-contacts", "get-contact"}
    assert found.state.revision == 0


def test_what_was_written_lately_counts_though_no_search_shows_it() -> None:
    state = BookState.from_dict({"groups": [], "contacts": [contact(50, "+905000000050")]})
    late = Contact(50, "Ad 50", gsm="+905000000050")
    gone = Contact(51, "Ad 51", gsm="+905000000051")

    class Blind(Client):
        """A client whose searches do not show anything yet."""

        async def search(self, term: str, *, page: int = 1, row_count: int = 1000) -> list[Contact]:
            await super().search(term, page=page, row_count=row_count)
            return []

    async def go(server: SandboxServer) -> Book:
        api = ApiSettings(base_url=server.base_url, rate=10_000.0)
        secrets = Credentials("sandbox-key", "sandbox-hash")
        async with Blind(api, secrets, clock=FakeClock(), chance=random.Random(1)) as client:
            rows = wanted(("+905000000050", None), ("+905000000051", None))
            return await read_book(client, rows, workers=2, progress=NoProgress(), written=[late, gone])

    with SandboxServer(state) as server:
        book = asyncio.run(go(server))

    assert list(book.table["id"]) == [50]


# All of it


def whole(contacts: list[dict[str, Any]], **semantics: Any) -> Book:
    state = BookState.from_dict({"groups": GROUPS, "contacts": contacts})

    async def go(server: SandboxServer) -> Book:
        api = ApiSettings(base_url=server.base_url, rate=10_000.0)
        secrets = Credentials("sandbox-key", "sandbox-hash")
        async with Client(api, secrets, clock=FakeClock(), chance=random.Random(1)) as client:
            return await read_book(client, wanted(), workers=4, progress=NoProgress(), whole=True)

    with SandboxServer(state, semantics=Semantics(**semantics)) as server:
        return asyncio.run(go(server))


EVERYBODY = [
    *people(1, 1500, 7),
    contact(2001, "05001112233", email="a@example.com.tr"),
    contact(2002, "", 12, email="b@example.org"),
    contact(2003, "", email="c@example.org"),
    contact(2004, "+491711234567", 9),
    contact(2005, "+491711234568"),
    contact(2006, "", 9),
]


@pytest.mark.parametrize("search", ["substring", "prefix"])
def test_the_whole_book_is_what_groups_and_searches_for_known_beginnings_show(search: str) -> None:
    book = whole(EVERYBODY, search=search)

    reached = set(book.table["id"])
    assert reached >= {each["id"] for each in EVERYBODY if each["id"] != 2003}
    assert (2003 in reached) == (search == "substring")
    assert book.coverage.reach is not None
    assert {"+90", "050", "+49"} <= set(book.coverage.reach.terms)
    assert book.coverage.reach.short == {}


def test_without_searches_for_parts_the_whole_book_is_the_groups() -> None:
    book = whole(EVERYBODY, search="token")

    assert set(book.table["id"]) == {each["id"] for each in EVERYBODY if each["groups"]}
    assert book.coverage.reach is not None
    assert book.coverage.reach.terms == (".com",)  # before any address was seen


def test_a_group_that_shows_fewer_contacts_than_it_counts_is_told() -> None:
    book = whole(EVERYBODY, search="token", group_counts="with_children")

    assert book.coverage.reach is not None
    assert book.coverage.reach.short == {7: (1500, 1501)}


def test_many_ids_of_contacts_in_no_group_are_read_by_their_phones() -> None:
    contacts = [*people(1, 20, 7), *people(21, 100)]
    rows = wanted(*((str(n), phone(n)) for n in range(1, 121)), keys=("id", "gsm"))

    found = read(contacts, rows)

    assert found.ids == list(range(1, 121))
    assert sum(found.requests.values()) <= 10


# Further keys


def test_a_contact_that_lacks_the_stronger_key_is_found_by_a_further_one() -> None:
    contacts = [*people(1, 5, 7), contact(9, "", email="ada@example.com"), contact(10, "", 7, email="x@example.com")]

    found = read(contacts, wanted(("+905009990001", "ada@example.com")))

    assert 9 in found.ids
    assert found.book.coverage.proves_absent("gsm", "+905009990001")


def test_further_keys_of_rows_that_a_contact_matches_are_not_searched_for() -> None:
    rows = wanted(*((f"+90500{n:07}", f"a{n}@example.com") for n in range(1, 6)))

    assert read(people(1, 5, 7), rows).requests == read(people(1, 5, 7), rows.assign(email=None).astype("str")).requests


def test_further_keys_that_would_take_many_requests_are_left_out_and_that_is_said() -> None:
    said: list[tuple[str, dict[str, Any]]] = []

    class Listener(NoProgress):
        """Hears what is told."""

        def tell(self, code: str, **values: Any) -> None:
            said.append((code, values))

    contacts = [contact(n, f"+90500{n:07}", 7, email=f"{n:x}@example.com") for n in range(1, 50)]
    rows = wanted(*((f"+90500999{n:04}", f"{n * 7919:x}@example.com") for n in range(200)))

    found = read(contacts, rows, search="phrase", progress=Listener())

    assert [code for code, _ in said if code == "reading_further_left_out"] == ["reading_further_left_out"]
    assert not found.book.coverage.proves_absent("email", "1eef@example.com")


def test_of_what_was_written_lately_only_what_rows_may_match_is_read() -> None:
    state = BookState.from_dict({"groups": GROUPS, "contacts": people(1, 60)})
    late = [Contact(n, gsm=phone(n)) for n in range(1, 61)]

    found = direct.read_state(state, wanted((phone(7), None), (phone(999), None)), written=late)

    assert found.requests.get("get-contact", 0) <= 1
    assert 7 in set(found.book.table["id"])


def test_other_stored_forms_are_looked_for_where_no_earlier_run_has_looked() -> None:
    grouped = [contact(n, f"+9053{n:08}", 7) for n in range(1, 1201)]
    lonely = [contact(5000 + n, f"05440{n:06}") for n in range(5)]
    state = BookState.from_dict({"groups": GROUPS, "contacts": [*grouped, *lonely]})
    rows = wanted(*((f"+9053{n:08}", None) for n in range(1, 1201)))

    for search in ("substring", "prefix"):
        first = direct.read_state(state, rows, semantics=Semantics(search=search))  # type: ignore[arg-type]
        others = wanted(*((f"+905440{n:06}", None) for n in range(5)))
        second = direct.read_state(state, others, semantics=Semantics(search=search), forms=first.forms)  # type: ignore[arg-type]
        assert {5000 + n for n in range(5)} <= set(second.book.table["id"])


def test_of_what_was_written_lately_only_what_rows_may_match_is_read_unless_all_is_wanted() -> None:
    written = [
        Contact(1, gsm="0500 111 22 01"),
        Contact(2, email="ECE@example.com"),
        Contact(3, gsm="+905001112203"),
        Contact(4, gsm="+905001112204"),
        Contact(None, gsm="+905001112201"),
    ]
    wanted = pd.DataFrame(
        {
            "gsm": ["+905001112201", None, "+905001112299"],
            "email": [None, "ece@example.com", None],
            "id": [None, "4", "1000"],
        },
        dtype="str",
    )

    assert _concerned(written, wanted, whole=False) == [1, 2, 4]
    assert _concerned(written, wanted, whole=True) == [1, 2, 3, 4]
    assert _concerned([], wanted, whole=True) == []
    assert _concerned(written, wanted[["gsm"]], whole=False) == [1]
