"""What an account shows by itself: its groups and contacts for a first mapping, and how it is examined.

What enters: a Context. What leaves: what was read. What never happens here: a write.
"""

from sync.memory import Learned, remember_search
from sync.reader import KnownBook
from sync.remote import Examination, examine
from sync.run.context import Context

_GROUPS_LOOKED_AT = 5


async def known_book(context: Context) -> KnownBook:
    """The account's groups, and the contacts on the first pages of its largest ones."""
    async with context.client() as client:
        groups = await client.groups()
        family = [each for main in groups for each in main.family() if each.count != 0]
        largest = sorted(family, key=lambda group: -(group.count or 0))[:_GROUPS_LOOKED_AT]
        contacts = {}
        with context.progress.stage("Looking at groups", len(largest), "request") as bar:
            for group in largest:
                contacts.update({contact.id: contact for contact in await client.group_contacts(group.id)})
                bar.advance()
    return KnownBook(tuple(groups), tuple(contacts.values()))


async def examination(context: Context) -> Examination:
    """What the account's API can do; what searches find is kept for later runs.

    Raises:
        NotAuthorised, WrongAddress, Unreachable: as every read.
    """
    async with context.client() as client:
        found = await examine(client, context.clock, context.progress)
    if found.contacts:
        at = context.clock.now().isoformat(timespec="seconds")
        remember_search(context.account.folder, Learned(found.forms, at))
    return found
