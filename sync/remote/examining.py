"""Examines an account for `imsync doctor`: what answers, how quickly, and what search can do.

What enters: the client. What leaves: findings as data. What never happens here: a write; a decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sync import canonical, lookup
from sync.clock import Clock
from sync.contact import Contact
from sync.errors import Refused
from sync.progress import Progress
from sync.remote.client import Client
from sync.remote.known import Known
from sync.remote.search import learned

_GROUPS = 3  # of which the first page is looked at
_USUAL = ("+90", "905", "050", "053", "054", "055", ".com")


@dataclass(frozen=True, slots=True)
class Examination:
    """What was seen of an account.

    Attributes:
        groups: how many groups it has.
        contacts: how many contacts were looked at.
        blacklisted: how many numbers the account must not message, by the API's own count; None where it gave none.
        seconds: how long the first answer took, connecting included.
        forms: what searches find, learned afresh.
        letter_case: for names, whether a search regards large and small letters; None where no name could tell.
        turkish: whether a search takes İ and i, I and ı for one another as Turkish does; None where no name could tell.
        small_pages: whether the API gives pages of fewer rows when asked for them; None where no group could tell.
    """

    groups: int
    contacts: int
    blacklisted: int | None
    seconds: float
    forms: lookup.Forms = field(default_factory=lookup.Forms)
    letter_case: bool | None = None
    turkish: bool | None = None
    small_pages: bool | None = None


async def examine(client: Client, clock: Clock, progress: Progress) -> Examination:
    """Looks at the account: groups, the blacklist, the first contacts of the largest groups, and probes of the search.

    Raises:
        NotAuthorised, WrongAddress, Unreachable: as every read.
    """
    started = clock.monotonic()
    groups = await client.groups()
    seconds = clock.monotonic() - started
    family = [each for main in groups for each in main.family()]
    with progress.stage("Examining", None, "request") as bar:
        blacklisted = (await client.blacklist(row_count=1)).count
        bar.advance()
        contacts: dict[int, Contact] = {}
        small_pages = None
        largest = sorted((each for each in family if each.count != 0), key=lambda group: -(group.count or 0))
        for group in largest[:_GROUPS]:
            found = await client.group_contacts(group.id)
            contacts.update({each.id: each for each in found if each.id is not None})
            if small_pages is None and len(found) > 1:
                small_pages = len(await client.group_contacts(group.id, row_count=1)) == 1
            bar.advance()
        for term in () if contacts else _USUAL:
            contacts.update({each.id: each for each in await _searched(client, term) if each.id is not None})
            bar.advance()
        known = Known(lookup.SEARCHABLE)
        known.keep(list(contacts.values()))
        forms = lookup.Forms()
        for key in lookup.SEARCHABLE:
            forms = await learned(client, key, known.samples(key), forms)
            bar.advance()
        names = sorted(contacts.values(), key=lambda contact: -len(contact.name))
        letter_case = await _regards_case(client, names)
        turkish = await _reads_turkish(client, names)
    return Examination(
        len(family), len(contacts), blacklisted, seconds, forms, letter_case, turkish, small_pages
    )  # fmt: skip


async def _regards_case(client: Client, contacts: Sequence[Contact]) -> bool | None:
    """Whether a name without i and ı is not found in letters of the other size."""
    for contact in contacts:
        name = contact.name.partition(" ")[0]
        if len(name) >= lookup.SHORTEST_TERM and name.isascii() and not set("iI") & set(name) and name.isalpha():
            if await _shows(client, name, contact):
                return not await _shows(client, name.swapcase(), contact)
            return None
    return None


async def _reads_turkish(client: Client, contacts: Sequence[Contact]) -> bool | None:
    """Whether a name with i or ı is found in Turkish capitals, or small letters."""
    for contact in contacts:
        name = contact.name.partition(" ")[0]
        if len(name) >= lookup.SHORTEST_TERM and set("iıIİ") & set(name) and name.isalpha():
            upper, lower = canonical.turkish_upper(name), canonical.turkish_lower(name)
            if await _shows(client, name, contact):
                return await _shows(client, upper if upper != name else lower, contact)
            return None
    return None


async def _shows(client: Client, term: str, contact: Contact) -> bool:
    try:
        return any([each.id == contact.id async for each in client.all_pages(term)])
    except Refused:
        return False


async def _searched(client: Client, term: str) -> list[Contact]:
    try:
        return await client.search(term)
    except Refused:
        return []
