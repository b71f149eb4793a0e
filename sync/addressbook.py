"""The address book and the journal as the apply room is given them: interfaces, nothing else.

What enters and leaves: nouns. What never happens here: anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sync.change import Settled
from sync.contact import Contact, Group

CONTROLS = 8
"""So many of the newest contacts that a run has written are kept as controls."""


@dataclass(frozen=True, slots=True)
class Control:
    """A contact that a run has added: found by a search, it shows that the search sees what was written until then.

    Attributes:
        sent_at: before its request left.
        moment: the same, by this process's own clock, which nobody can set; None where another process has sent it.
    """

    sent_at: datetime
    key: str
    value: str
    contact_id: int
    moment: float | None = None

    def is_later(self, sent_at: datetime, moment: float) -> bool:
        """Whether it was sent after something that had left by then."""
        return self.sent_at > sent_at if self.moment is None else self.moment > moment


class AddressBook(Protocol):
    """The remote book. Each method may also raise `RunStopped` (and its kinds): nothing more may be sent then."""

    async def find(self, key: str, value: str) -> list[Contact]:
        """Every contact whose match key has exactly this canonical value, looked for in all forms that work.

        Raises:
            Unreachable: reads failed until the retry budget was used up.
        """
        ...

    async def get(self, contact_id: int) -> Contact:
        """The contact as stored.

        Raises:
            Gone: there is no such contact.
        """
        ...

    async def add(self, contact: Contact) -> Contact:
        """Adds the contact and returns it as stored, with its id.

        Raises:
            Refused, NotDone, Unsure.
        """
        ...

    async def edit(self, contact: Contact) -> Contact:
        """Stores the complete contact under its id and returns it as stored.

        Raises:
            Refused, Gone, NotDone, Unsure.
        """
        ...

    async def delete(self, contact_id: int) -> None:
        """Deletes the contact.

        Raises:
            Refused, Gone, NotDone, Unsure.
        """
        ...


class GroupBook(Protocol):
    """The account's groups. Each method may also raise `RunStopped` (and its kinds)."""

    async def groups(self) -> list[Group]:
        """All main groups, their children inside.

        Raises:
            Unreachable: reads failed until the retry budget was used up.
        """
        ...

    async def add_group(self, name: str, *, parent: int | None = None) -> Group:
        """Adds a main group, or a child of `parent`, and returns it with its id.

        Raises:
            Refused, NotDone, Unsure.
        """
        ...

    async def edit_group(self, group_id: int, name: str, *, parent: int | None) -> Group:
        """Stores the group's name and its main group.

        Raises:
            Refused, NotDone, Unsure.
        """
        ...

    async def delete_group(self, group_id: int) -> None:
        """Deletes the group; what becomes of its contacts and children is documented nowhere.

        Raises:
            Refused, NotDone, Unsure.
        """
        ...


class Journal(Protocol):
    """Where the run writes down what it is about to do and what came of it."""

    async def announced(self, changes: Sequence[int]) -> None:
        """Returns once it is durable that these changes are about to be sent, each by itself."""
        ...

    async def sending(self, change: int) -> None:
        """Returns once it is durable that this change is about to be sent."""
        ...

    async def unsent(self, change: int) -> None:
        """Returns once it is durable that the change, though announced, was certainly not carried out."""
        ...

    async def unsure(self, change: int, code: str) -> None:
        """Returns once it is durable that nobody knows whether this change happened."""
        ...

    async def settled(self, change: int, result: Settled) -> None:
        """Returns once the change's end is durable."""
        ...

    def hurry(self) -> None:
        """From now on no end waits for others to be written with."""
        ...
