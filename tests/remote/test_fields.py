"""Custom fields are told from values; what was not looked at is said."""

import asyncio
import random
from collections.abc import Mapping

import pytest

from sync.contact import Contact, Group
from sync.errors import Gone
from sync.progress import NoProgress
from sync.remote.client import Client
from sync.remote.fields import SeenField, SeenFields, fields_of, kind, seen_fields
from sync.settings import ApiSettings, Credentials
from tests.fakes import FakeClock


class Pages(Client):
    """A client whose groups have one page each."""

    def __init__(self, groups: list[Group], pages: Mapping[int, list[Contact]], whole: Mapping[int, Contact]) -> None:
        settings = ApiSettings(base_url="http://localhost:1/v1")
        super().__init__(settings, Credentials("k", "h"), clock=FakeClock(), chance=random.Random(1))
        self._groups, self._pages, self._whole = groups, pages, whole
        self.read: list[int] = []

    async def groups(self) -> list[Group]:
        return self._groups

    async def group_contacts(self, group_id: int, *, page: int = 1, row_count: int = 1000) -> list[Contact]:
        assert (page, row_count) == (1, 1000)
        self.read.append(group_id)
        return self._pages[group_id]

    async def get(self, contact_id: int) -> Contact:
        if contact_id not in self._whole:
            raise Gone("api_contact_gone", status=465)
        return self._whole[contact_id]


def seen(client: Pages, most_pages: int = 20) -> SeenFields:
    return asyncio.run(seen_fields(client, NoProgress(), most_pages=most_pages))


def test_a_field_is_counted_once_for_each_contact_and_the_commonest_values_are_shown() -> None:
    contacts = [Contact(number, custom_fields={2: "Ankara" if number % 3 else f"Köy {number}"}) for number in range(9)]

    assert fields_of(contacts) == (SeenField(2, 9, "text", ("Ankara", "Köy 0", "Köy 3", "Köy 6")),)


def test_blank_values_are_none() -> None:
    assert fields_of([Contact(1, custom_fields={1: " ", 2: ""})]) == ()


def test_a_long_value_is_shortened() -> None:
    (field,) = fields_of([Contact(1, custom_fields={1: "x" * 200})])

    assert (len(field.samples[0]), field.samples[0][-1]) == (40, "…")


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["27/09/2024", "1.2.2024"], "date"),
        (["12", "-3,5"], "number"),
        (["12", "12/2"], "text"),
        (["27/09/2024", "yok"], "text"),
        (["20240927"], "number"),
    ],
)
def test_the_type_is_what_all_values_look_like(values: list[str], found: str) -> None:
    assert kind(values) == found


def test_the_largest_groups_are_looked_at_first_and_the_rest_is_said() -> None:
    groups = [Group(1, "a", 5, (Group(2, "b", 50),)), Group(3, "c", 0), Group(4, "d", None), Group(5, "e", 7)]
    contact = Contact(9, custom_fields={1: "x"})
    client = Pages(groups, {number: [contact] for number in (1, 2, 4, 5)}, {})

    found = seen(client, most_pages=2)

    assert (client.read, found.contacts, found.groups, found.groups_left) == ([2, 5], 1, 2, 2)


def test_contacts_are_read_by_themselves_where_pages_show_no_custom_fields() -> None:
    page = [Contact(number) for number in range(1, 9)]
    client = Pages([Group(1, "a", 8)], {1: page}, {2: Contact(2, custom_fields={3: "x"})})

    assert [field.number for field in seen(client).fields] == [3]
