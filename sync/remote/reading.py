"""Reads the book: by group pages where they are cheaper, then by look-ups for whatever is left open.

What enters: the client, and the keys that the sheet's rows have. What leaves: a Book, and the forms that work.
What never happens here: a write; counting a key as absent that was not looked for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

import pandas as pd

from sync import canonical, lookup
from sync.book import Book
from sync.contact import Contact, Group
from sync.coverage import Coverage
from sync.errors import Gone, Refused
from sync.progress import Bar, Progress
from sync.remote.client import Client
from sync.remote.methods import MOST_ROWS

_SAMPLES = 2  # contacts of each stored form that a control search must find

T = TypeVar("T")


async def read_book(
    client: Client,
    wanted: pd.DataFrame,
    *,
    workers: int,
    progress: Progress,
    check_groups: Callable[[Sequence[Group]], None] = lambda _groups: None,
    written: Sequence[Contact] = (),
) -> Book:
    """The contacts that the rows may match, and what is certain about those that no contact matches.

    Args:
        client: learns here in which forms its searches work (`client.forms`).
        wanted: one string column for each match key, strongest first; a row for each row of the sheet, canonical,
            missing where a row has no such key.
        workers: so many requests are under way at once.
        progress: told in requests.
        check_groups: is shown the groups before anything else is read, and may raise.
        written: contacts that were written so lately that searches may not show them yet.
    """
    reading = _Reading(client, workers)
    groups = await client.groups()
    check_groups(groups)
    pages = _pages(groups)
    keyed = int(wanted.notna().any(axis=1).sum())
    if keyed:
        if 0 < sum(pages.values()) <= keyed * len(lookup.forms("gsm")):
            with progress.stage("Reading groups", sum(pages.values()), "request") as bar:
                await reading.group_pages(pages, bar)
        if "id" in wanted:
            await reading.ids([int(text) for text in wanted["id"].dropna()], progress)
        client.forms = await reading.learn([key for key in wanted if key in lookup.SEARCHABLE])
        await reading.open_keys(wanted, progress)
        await reading.ids([contact.id for contact in written if contact.id is not None], progress)
    return reading.book(groups)


def _pages(groups: Iterable[Group]) -> dict[Group, int]:
    """How many pages each group has by its own count, which is an estimate."""
    return {
        group: max(1, -(-(group.count or 0) // MOST_ROWS))
        for main in groups
        for group in main.family()
        if group.count != 0
    }


class _Reading:
    """What has been read so far."""

    def __init__(self, client: Client, workers: int) -> None:
        self._client = client
        self._workers = workers
        self._contacts: dict[int, Contact] = {}
        self._looked_up: dict[str, set[str]] = {}
        self._missing_ids: set[int] = set()

    def book(self, groups: Sequence[Group]) -> Book:
        coverage = Coverage(
            {key: frozenset(values) for key, values in self._looked_up.items()},
            self._client.forms.blind,
            frozenset(self._missing_ids),
        )
        return Book.of(self._contacts.values(), groups, coverage)

    def _keep(self, contacts: Iterable[Contact]) -> None:
        for contact in contacts:
            if contact.id is not None:
                self._contacts[contact.id] = contact

    async def _each(self, items: Iterable[T], work: Callable[[T], Awaitable[None]], bar: Bar) -> None:
        """Does the work for each item, a bounded number at once; the first error ends all."""
        queue = iter(items)

        async def worker() -> None:
            for item in queue:
                await work(item)
                bar.advance()

        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(self._workers):
                    tasks.create_task(worker())
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors

    async def group_pages(self, pages: dict[Group, int], bar: Bar) -> None:
        """Every page of every group."""

        async def read(item: tuple[Group, int]) -> None:
            group, page = item
            contacts = await self._client.group_contacts(group.id, page=page)
            self._keep(contacts)
            last = page == pages[group]
            while last and len(contacts) == MOST_ROWS:  # the count was too low
                page += 1
                known = len(self._contacts)
                contacts = await self._client.group_contacts(group.id, page=page)
                self._keep(contacts)
                last = len(self._contacts) > known  # a server that knows no pages must not keep us for ever

        await self._each(((group, page) for group, count in pages.items() for page in range(1, count + 1)), read, bar)

    async def ids(self, wanted: Iterable[int], progress: Progress) -> None:
        """Each contact with one of these ids that nothing read so far has shown."""
        unseen = sorted(set(wanted) - set(self._contacts))

        async def read(contact_id: int) -> None:
            try:
                self._keep([await self._client.get(contact_id)])
            except Gone:
                self._missing_ids.add(contact_id)

        if unseen:
            with progress.stage("Reading contacts by id", len(unseen), "request") as bar:
                await self._each(unseen, read, bar)

    async def learn(self, keys: Iterable[str]) -> lookup.Forms:
        """The forms in which searches find contacts that have been read, covering every stored form seen."""
        working: dict[str, tuple[str, ...]] = {}
        blind = set()
        for key in keys:
            samples: dict[str, list[Contact]] = {}
            for contact in self._contacts.values():
                stored = contact.value(key)
                if stored.strip():
                    known = samples.setdefault(lookup.stored_form(key, stored), [])
                    if len(known) < _SAMPLES:
                        known.append(contact)
            found = {form: await self._form_that_finds(key, contacts) for form, contacts in samples.items()}
            if None in found.values():
                blind.add(key)
            if forms := {form for form in found.values() if form is not None}:
                working[key] = tuple(form for form in lookup.forms(key) if form in forms)
        return lookup.Forms(working, frozenset(blind))

    async def _form_that_finds(self, key: str, samples: Sequence[Contact]) -> str | None:
        for form in lookup.forms(key):
            terms = [lookup.term(key, form, canonical.of_key(key, contact.value(key))) for contact in samples]
            if not all(terms):
                continue
            for contact, term in zip(samples, terms, strict=True):
                if contact.id not in {found.id for found in await self._client.search(term)}:
                    break
            else:
                return form
        return None

    async def open_keys(self, wanted: pd.DataFrame, progress: Progress) -> None:
        """A look-up for each row's strongest searchable key that no contact read so far has."""
        open_keys: list[tuple[str, str]] = []
        undecided = pd.Series(data=True, index=wanted.index)
        for key in wanted:
            values = wanted[key]
            if key in lookup.SEARCHABLE:
                seen = {canonical.of_key(key, contact.value(key)) for contact in self._contacts.values()}
                mine = values[undecided & values.notna()].unique()
                open_keys += [(str(key), value) for value in mine if value not in seen]
                undecided &= values.isna()
            elif key == "id":
                undecided &= values.isna()

        async def read(item: tuple[str, str]) -> None:
            key, value = item
            try:
                self._keep(await self._client.find(key, value))
            except Refused:
                return  # a search that is refused proves nothing: the row will be in conflict
            self._looked_up.setdefault(key, set()).add(value)

        if open_keys:
            with progress.stage("Looking up", len(open_keys), "row") as bar:
                await self._each(open_keys, read, bar)
