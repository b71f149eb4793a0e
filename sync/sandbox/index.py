"""In: the book as it changes, the semantics, a clock.

Out: the ids that a search or a group lists, in the order of the semantics; how many a group has.
Never here: pages, codes, contacts' values. Nothing is looked for contact by contact when it can be kept.
"""

from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sync.sandbox.records import StoredContact
from sync.sandbox.search import Matcher
from sync.sandbox.semantics import Semantics
from sync.sandbox.state import BookState

MAX_KEPT: Final = 32  # results that are kept for their further pages while nothing changes

Place = tuple[str, str, int]
"""Where a contact stands among others; the last part is its id, or minus its id, so that no two are equal."""


@dataclass(frozen=True, slots=True)
class _Pending:
    """A contact as search shall see it, once so many writes were made and this moment has come."""

    contact: StoredContact
    writes: int
    moment: float


class Index:
    """Follows the book; whoever asks holds the book's lock."""

    def __init__(self, state: BookState, semantics: Semantics, monotonic: Callable[[], float]) -> None:
        self._state = state
        self._semantics = semantics
        self._monotonic = monotonic
        self._matcher = Matcher(semantics)
        self._kept: dict[object, Sequence[int]] = {}
        self._pending: deque[_Pending] = deque()
        self._writes = len(state.changes)
        self._in_search: dict[int, Place] = {}
        self._in_groups: dict[int, tuple[Place, tuple[int, ...]]] = {}
        self._places: list[Place] = []  # of the contacts that search knows, in order, with the text of each beside it
        self._texts: list[str] = []
        self._groups: defaultdict[int, list[Place]] = defaultdict(list)
        self._build()

    def catch_up(self) -> None:
        """Takes in what was written since; called after each write, so that a lag begins with it."""
        for contact_id in self._state.changes[self._writes :]:
            self._writes += 1
            self._kept.clear()
            self._list(contact_id)
            contact = self._state.contacts.get(contact_id)
            if contact is None:
                self._drop(contact_id)
            else:
                due = self._monotonic() + self._semantics.lag_seconds
                self._pending.append(_Pending(contact, self._writes + self._semantics.lag_writes, due))
        while self._pending and self._is_due(self._pending[0]):
            self._see(self._pending.popleft().contact)

    def search(self, key: str) -> Sequence[int]:
        """Returns the ids that `key` finds."""
        needles = self._matcher.needles(key)
        return self._keep(needles, lambda: self._found(needles))

    def listed(self, group_id: int) -> Sequence[int]:
        """Returns the ids that the group's listing shows."""
        return self._members(group_id, with_children=self._semantics.group_lists == "with_children")

    def count(self, group_id: int) -> int:
        """Returns the number that the group's `count` shows."""
        return len(self._members(group_id, with_children=self._semantics.group_counts == "with_children"))

    def _build(self) -> None:
        contacts = {self._place(contact): contact for contact in self._state.contacts.values()}
        for place in sorted(contacts):
            contact = contacts[place]
            self._in_search[contact.id] = place
            self._places.append(place)
            self._texts.append(self._matcher.text(contact))
            self._in_groups[contact.id] = (place, contact.groups)
            for group in contact.groups:
                self._groups[group].append(place)

    def _place(self, contact: StoredContact) -> Place:
        match self._semantics.order:
            case "id":
                return ("", "", contact.id)
            case "newest":
                return ("", "", -contact.id)
            case "name":
                return (contact.name, contact.surname, contact.id)

    def _found(self, needles: tuple[str, ...]) -> list[int]:
        rows = zip(self._places, self._texts, strict=True)
        match needles:
            case (one,):
                return [abs(place[2]) for place, text in rows if one in text]
            case (one, other):
                return [abs(place[2]) for place, text in rows if one in text or other in text]
            case _:
                return []

    def _members(self, group_id: int, *, with_children: bool) -> Sequence[int]:
        children = self._state.children_of(group_id) if with_children else []
        groups = [group_id, *(child.id for child in children)]
        return self._keep(tuple(groups), lambda: self._together(groups))

    def _together(self, groups: list[int]) -> list[int]:
        places = [self._groups[group] for group in groups if group in self._groups]
        if len(places) == 1:
            return [abs(place[2]) for place in places[0]]
        return [abs(place[2]) for place in sorted({place for each in places for place in each})]

    def _keep(self, question: object, work_out: Callable[[], Sequence[int]]) -> Sequence[int]:
        if question not in self._kept:
            if len(self._kept) >= MAX_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[question] = work_out()
        return self._kept[question]

    def _list(self, contact_id: int) -> None:
        """Brings the group listings up to date with a contact."""
        place, groups = self._in_groups.pop(contact_id, (None, ()))
        for group in groups:
            assert place is not None
            del self._groups[group][bisect_left(self._groups[group], place)]
        contact = self._state.contacts.get(contact_id)
        if contact is not None:
            place = self._place(contact)
            self._in_groups[contact_id] = (place, contact.groups)
            for group in contact.groups:
                insort(self._groups[group], place)

    def _is_due(self, pending: _Pending) -> bool:
        return pending.writes <= self._writes and pending.moment <= self._monotonic()

    def _see(self, contact: StoredContact) -> None:
        """Lets search see a contact as it was written; one that was deleted meanwhile stays unseen."""
        self._kept.clear()
        self._drop(contact.id)
        if contact.id in self._state.contacts:
            place = self._place(contact)
            self._in_search[contact.id] = place
            at = bisect_left(self._places, place)
            self._places.insert(at, place)
            self._texts.insert(at, self._matcher.text(contact))

    def _drop(self, contact_id: int) -> None:
        place = self._in_search.pop(contact_id, None)
        if place is not None:
            at = bisect_left(self._places, place)
            del self._places[at], self._texts[at]
