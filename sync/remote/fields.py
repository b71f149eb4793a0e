"""Looks at the custom fields that contacts have: no method of the API lists them.

What enters: the client. What leaves: the ids seen, with how often, sample values, and what they look like.
What never happens here: more than a bounded number of requests; a claim about contacts that were not looked at.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sync import canonical
from sync.contact import Contact
from sync.errors import Gone
from sync.progress import Progress
from sync.remote.client import Client

_SAMPLES = 4
_LONGEST_SAMPLE = 40
_ONE_BY_ONE = 3  # contacts that are read by themselves where no page shows a custom field
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")

Kind = Literal["date", "number", "text"]


@dataclass(frozen=True, slots=True)
class SeenField:
    """One custom field.

    Attributes:
        number: its id.
        count: contacts that have a value for it.
        kind: what all its values look like.
        samples: its commonest values, shortened.
    """

    number: int
    count: int
    kind: Kind
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeenFields:
    """What was looked at, and the fields that it showed.

    Attributes:
        contacts: so many were looked at.
        groups: of so many groups the first page was read.
        groups_left: so many further groups have contacts, and were not read.
    """

    fields: tuple[SeenField, ...]
    contacts: int
    groups: int
    groups_left: int


async def seen_fields(client: Client, progress: Progress, *, most_pages: int) -> SeenFields:
    """The custom fields of the contacts on the first pages of all groups, the largest groups first."""
    family = [group for main in await client.groups() for group in main.family() if group.count != 0]
    family.sort(key=lambda group: -(group.count or 0))
    contacts: dict[int | None, Contact] = {}
    with progress.stage("Looking at groups", len(family[:most_pages]), "request") as bar:
        for group in family[:most_pages]:
            contacts.update((contact.id, contact) for contact in await client.group_contacts(group.id))
            bar.advance()
    if not any(contact.custom_fields for contact in contacts.values()):
        for number in list(contacts)[:_ONE_BY_ONE]:  # a page may show less than the contact has
            try:
                contacts[number] = await client.get(number or 0)
            except Gone:
                continue  # it was deleted meanwhile
    read = min(len(family), most_pages)
    return SeenFields(fields_of(contacts.values()), len(contacts), read, len(family) - read)


def fields_of(contacts: Iterable[Contact]) -> tuple[SeenField, ...]:
    """The custom fields of these contacts, by id."""
    values: dict[int, Counter[str]] = {}
    for contact in contacts:
        for number, text in contact.custom_fields.items():
            if text.strip():
                values.setdefault(number, Counter())[canonical.squeezed(text)] += 1
    return tuple(
        SeenField(number, found.total(), kind(list(found)), _samples(found)) for number, found in sorted(values.items())
    )


def kind(values: Sequence[str]) -> Kind:
    """What all values look like; texts where they do not look alike."""
    if all(_NUMBER.fullmatch(text) for text in values):
        return "number"
    return "date" if all(canonical.date(text) for text in values) else "text"


def _samples(found: Counter[str]) -> tuple[str, ...]:
    commonest = sorted(found, key=lambda text: (-found[text], len(text), text))[:_SAMPLES]
    return tuple(text if len(text) <= _LONGEST_SAMPLE else f"{text[: _LONGEST_SAMPLE - 1]}…" for text in commonest)
