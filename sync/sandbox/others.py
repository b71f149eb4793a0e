"""In: how often another client writes, and what.

Out: its writes to the book, the same ones for the same requests and seed.
Never here: requests of its own; the API's rules.
"""

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from sync.sandbox.records import StoredContact
from sync.sandbox.state import BookState

Deed = Literal["add", "delete", "rename", "join", "leave"]
DEEDS: Final[tuple[Deed, ...]] = get_args(Deed)

READS: Final = frozenset({"search-contacts", "get-contact", "get-groups", "get-group", "get-group-contacts"})


@dataclass(frozen=True, slots=True)
class Others:
    """What another client does meanwhile.

    Attributes:
        every: before each such read request (2: before the second, the fourth …) there is one write; 0: never.
        do: what the writes are, drawn by chance. "add": a contact (`Başka …`, `+905009…`) in the groups of another
            one; where it lands in a listing is up to the order: at the end by id, at the front under newest, in the
            middle by name. "delete": a contact; "rename": a contact gets another surname; "join", "leave": a contact
            is put into one more group, or taken out of one.
        protect: ids that it leaves alone.
        limit: of its writes; None: it never stops.
        seed: of the chances.

    Raises:
        ValueError: an unknown deed, or a number below 0.
    """

    every: int = 0
    do: tuple[Deed, ...] = ("add", "delete")
    protect: frozenset[int] = frozenset()
    limit: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.every < 0 or (self.limit is not None and self.limit < 0):
            raise ValueError("every and limit are 0 or more")
        if not self.do or not set(self.do) <= set(DEEDS):
            raise ValueError(f"what others do is {', '.join(DEEDS)}, not {', '.join(self.do) or 'nothing'}")


@dataclass(frozen=True, slots=True)
class OthersWrite:
    """One write of another client: what it did, and to which contact."""

    deed: Deed
    contact_id: int


class OtherClient:
    """Writes to the book between our requests.

    Attributes:
        writes: what it has done so far, in order.
    """

    def __init__(self, state: BookState, others: Others, settle: Callable[[StoredContact], StoredContact]) -> None:
        self.writes: list[OthersWrite] = []
        self._state = state
        self._others = others
        self._settle = settle  # brings what it sends into the form that the server stores
        self._random = random.Random(others.seed)  # noqa: S311 - repeatable on purpose, guards nothing
        self._reads = 0

    def before(self, method: str) -> None:
        """Lets the other client write, if it is its turn, before a request for `method` is answered."""
        if not self._others.every or method not in READS:
            return
        self._reads += 1
        spent = self._others.limit is not None and len(self.writes) >= self._others.limit
        if self._reads % self._others.every or spent:
            return
        deed = self._random.choice(self._others.do)
        contact_id = self._do(deed)
        if contact_id is not None:
            self.writes.append(OthersWrite(deed, contact_id))

    def _do(self, deed: Deed) -> int | None:
        """Returns the id of the contact that was written, or None where there was none to write to."""
        if deed == "add":
            return self._add()
        contact = self._one(self._state.contacts.values()) if deed == "delete" else self._changed(deed)
        if contact is None:
            return None
        if deed == "delete":
            self._state.delete_contact(contact.id)
        else:
            self._state.put_contact(contact)
        return contact.id

    def _add(self) -> int:
        model = self._pick(list(self._state.contacts.values()))
        number = len(self.writes) + 1
        contact = StoredContact(
            0,
            name="Başka",
            surname=f"Kişi {number}",
            email=f"baska{number}@example.com",
            gsm=f"+90500{9_000_000 + number}",
            groups=model.groups if model else (),
        )
        return self._state.add_contact(self._settle(contact)).id

    def _changed(self, deed: Deed) -> StoredContact | None:
        contacts = self._state.contacts.values()
        if deed == "rename":
            contact = self._one(contacts)
            return contact and replace(contact, surname=f"Yeni {self._random.randrange(1000):03}")
        if deed == "leave":
            contact = self._one([each for each in contacts if each.groups])
            return contact and replace(contact, groups=contact.groups[1:])
        every_group = set(self._state.groups)
        contact = self._one([each for each in contacts if every_group - set(each.groups)])
        if contact is None:
            return None
        joined = self._random.choice(sorted(every_group - set(contact.groups)))
        return replace(contact, groups=(*contact.groups, joined))

    def _one(self, contacts: Collection[StoredContact]) -> StoredContact | None:
        return self._pick([each for each in contacts if each.id not in self._others.protect])

    def _pick(self, contacts: list[StoredContact]) -> StoredContact | None:
        return self._random.choice(contacts) if contacts else None
