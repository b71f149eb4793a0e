"""In: the book as it changes, the semantics, a clock.

Out: the ids that a search or a group lists, in the order of the semantics; how many a group has.
Never here: pages, codes, contacts' values. Nothing is looked for contact by contact when it can be kept.
"""

from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sync.sandbox.records import StoredContact
from sync.sandbox.search import Matcher
from sync.sandbox.semantics import Members, Semantics
from sync.sandbox.shelf import Place, Shelf
from sync.sandbox.state import BookState

MAX_KEPT: Final = 32  # results that are kept for their further pages while nothing changes


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
        self._groups: defaultdict[int, list[Place]] = defaultdict(list)
        self._members: defaultdict[int, set[int]] = defaultdict(set)
        self._order: list[Place] = []
        self._shelf = self._build()

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
        return self._keep(needles, lambda: _ids(self._shelf.find(needles)))

    def listed(self, group_id: int) -> Sequence[int]:
        """Returns the ids that the group's listing shows."""
        family = self._family(group_id, self._semantics.group_lists)
        return self._keep(family, lambda: self._together(family))

    def count(self, group_id: int) -> int:
        """Returns the number that the group's `count` shows."""
        return len(self._union(self._family(group_id, self._semantics.group_counts)))

    def _build(self) -> Shelf:
        contacts = {self._place(contact): contact for contact in self._state.contacts.values()}
        self._order = sorted(contacts)
        for place in self._order:
            contact = contacts[place]
            self._in_search[contact.id] = place
            self._in_groups[contact.id] = (place, contact.groups)
            for group in contact.groups:
                self._groups[group].append(place)
                self._members[group].add(contact.id)
        return Shelf((place, self._matcher.text(contacts[place])) for place in self._order)

    def _place(self, contact: StoredContact) -> Place:
        match self._semantics.order:
            case "id":
                return ("", "", contact.id)
            case "newest":
                return ("", "", -contact.id)
            case "name":
                return (contact.name, contact.surname, contact.id)

    def _together(self, groups: tuple[int, ...]) -> Sequence[int]:
        if len(groups) == 1:
            return _ids(self._groups.get(groups[0], ()))
        # One pass over all contacts is quicker than to sort those of many groups; who is in several is listed once.
        members = self._union(groups)
        return [number for number in _ids(self._order) if number in members]

    def _union(self, groups: tuple[int, ...]) -> set[int]:
        return set().union(*(self._members.get(each, ()) for each in groups))

    def _family(self, group_id: int, members: Members) -> tuple[int, ...]:
        children = self._state.children_of(group_id) if members == "with_children" else []
        return (group_id, *(child.id for child in children))

    def _keep(self, question: object, work_out: Callable[[], Sequence[int]]) -> Sequence[int]:
        answer = self._kept.pop(question, None)
        if answer is None:
            answer = work_out()
            if len(self._kept) >= MAX_KEPT:
                del self._kept[next(iter(self._kept))]
        self._kept[question] = answer  # now the last to be let go
        return answer

    def _list(self, contact_id: int) -> None:
        """Brings the group listings up to date with a contact."""
        if contact_id in self._in_groups:
            place, groups = self._in_groups.pop(contact_id)
            for run in (self._order, *(self._groups[group] for group in groups)):
                del run[bisect_left(run, place)]
            for group in groups:
                self._members[group].remove(contact_id)
        contact = self._state.contacts.get(contact_id)
        if contact is not None:
            place = self._place(contact)
            self._in_groups[contact_id] = (place, contact.groups)
            for run in (self._order, *(self._groups[group] for group in contact.groups)):
                insort(run, place)
            for group in contact.groups:
                self._members[group].add(contact_id)

    def _is_due(self, pending: _Pending) -> bool:
        return pending.writes <= self._writes and pending.moment <= self._monotonic()

    def _see(self, contact: StoredContact) -> None:
        """Lets search see a contact as it was written; one that was deleted meanwhile stays unseen."""
        self._kept.clear()
        self._drop(contact.id)
        if contact.id in self._state.contacts:
            place = self._place(contact)
            self._in_search[contact.id] = place
            self._shelf.put(place, self._matcher.text(contact))

    def _drop(self, contact_id: int) -> None:
        place = self._in_search.pop(contact_id, None)
        if place is not None:
            self._shelf.remove(place)


def _ids(places: Iterable[Place]) -> Sequence[int]:
    return [abs(place[2]) for place in places]
