"""Writes groups: adds, renames and removes one, and finds out what became of a write whose answer was lost.

What enters: a GroupBook, a name, a clock, a stop. What leaves: how it ended.
What never happens here: an unsure add sent again before the tree was searched; asking a person.
"""

import asyncio
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync import canonical
from sync.addressbook import GroupBook
from sync.apply.settling import pause
from sync.change import Remark
from sync.clock import Clock
from sync.contact import Group
from sync.errors import Refused, Unsure

_TRIES = 3  # of one write, each settled before the next
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 15.0
_LOOKS = 4  # for an edit or a removal to show


@dataclass(frozen=True, slots=True)
class GroupEnd:
    """How a write of a group ended.

    Attributes:
        outcome: added, edited, deleted, unchanged, failed, unresolved; pending where a stop came before anything was
            sent.
        group: the group as it is now; None where there is none, or none that is certain.
        remark: what there is to tell, None where all is well.
        groups: the whole tree as it was read last.
    """

    outcome: str
    group: Group | None = None
    remark: Remark | None = None
    groups: Sequence[Group] = ()


def placed(groups: Iterable[Group]) -> dict[int, tuple[Group, int | None]]:
    """Every group of the tree by its id, with its main group's id (None for a main group)."""
    return {group.id: (group, None if group is main else main.id) for main in groups for group in main.family()}


def named(groups: Iterable[Group], name: str, parent: int | None) -> list[Group]:
    """The groups directly under `parent` whose name is this one; case (Turkish rules) and blanks do not count."""
    wanted = canonical.label(name)
    return [
        group for group, above in placed(groups).values() if above == parent and canonical.label(group.name) == wanted
    ]


class GroupWriter:
    """Writes one group after the other.

    Args:
        book: where to write.
        settle_after: seconds after which an unsure add that the tree does not show counts as not done. An assumption.
        clock: for the waits.
        stop: ends every wait; what is not settled then stays unresolved.
        queued: how long a request may have waited before it left: for its turn, or for the end of an outage.
    """

    def __init__(
        self,
        book: GroupBook,
        settle_after: float,
        clock: Clock,
        stop: asyncio.Event,
        queued: timedelta = timedelta(),
    ) -> None:
        self._book = book
        self._settle_after = settle_after
        self._clock = clock
        self._stop = stop
        self._queued = queued

    def left_by(self, announced: str) -> datetime:
        """The latest moment at which a request may have left that was announced in an earlier part of the run."""
        return min(self._clock.now(), datetime.fromisoformat(announced) + self._queued)

    async def add(
        self,
        name: str,
        parent: int | None,
        *,
        lost_at: datetime | None = None,
        announce: Callable[[datetime], None] = lambda _moment: None,
    ) -> GroupEnd:
        """Adds a group where there is none of that name.

        Args:
            name: of the group.
            parent: its main group, None for a main group.
            lost_at: an earlier add was sent then, and nobody knows what became of it.
            announce: is told before each request that it is about to be sent.

        Raises:
            NotDone: retries ran out, and nothing was written.
        """
        sent, refusal = 0, None
        lost = lost_at is not None
        while True:
            groups = await (self.look_for(name, parent, lost_at) if lost_at else self._book.groups())
            if found := named(groups, name, parent):
                return _found(found, name, groups, lost=lost)
            if self._stop.is_set() or sent == _TRIES or refusal is not None:
                return _not_added(name, groups, refusal, lost=lost)
            sent += 1
            announce(self._clock.now())
            try:
                answer = await self._sent_add(name, parent, placed(groups))
            except Unsure:
                lost_at, lost = self._clock.now(), True
            except Refused as error:
                refusal = _told(error)
                if lost:  # perhaps because what was lost has landed meanwhile
                    lost_at = self._clock.now()
            else:
                return await self._added(answer, name, parent, groups, lost=lost)

    async def _sent_add(self, name: str, parent: int | None, known: Container[int]) -> Group:
        answer = await self._book.add_group(name, parent=parent)
        if answer.id in known:  # an answer that belongs to another request proves nothing
            raise Unsure("api_no_answer", reason=f"an id that was given before: {answer.id}")
        return answer

    async def tree(self) -> Sequence[Group]:
        """The account's groups as they are now."""
        return await self._book.groups()

    async def look_for(self, name: str, parent: int | None, lost_at: datetime) -> Sequence[Group]:
        """The tree as soon as it shows the group, or once it has not done so for `settle_after` seconds."""
        wait = _FIRST_WAIT
        # The wall's clock may be set meanwhile: only what had passed before is measured by it.
        passed, began = max(0.0, (self._clock.now() - lost_at).total_seconds()), self._clock.monotonic()
        while True:
            groups = await self._book.groups()
            waited = passed + self._clock.monotonic() - began
            if named(groups, name, parent) or waited >= self._settle_after:
                return groups
            if not await pause(wait, self._clock, self._stop):
                return groups
            wait = min(wait * 2, _LONGEST_WAIT)

    async def _added(
        self, answer: Group, name: str, parent: int | None, groups: Sequence[Group], *, lost: bool
    ) -> GroupEnd:
        """How an add ended that was answered: one that was lost before may have landed as well."""
        remark = None
        if canonical.squeezed(answer.name) != canonical.squeezed(name):
            remark = Remark("group_stored_otherwise", {"name": name, "stored": answer.name})
        if lost:
            groups = await self._book.groups()
            ids = sorted({answer.id, *(group.id for group in named(groups, name, parent))})
            if len(ids) > 1:
                remark = Remark("group_doubled", {"name": name, "ids": ", ".join(map(str, ids))})
        return GroupEnd("added", answer, remark, groups)

    async def rename(self, group_id: int, name: str, parent: int | None) -> GroupEnd:
        """Gives a group another name; its main group is sent too, because leaving it out may change it.

        Raises:
            NotDone: retries ran out, and nothing was written.
        """

        def is_done(groups: Iterable[Group]) -> bool:
            group, above = placed(groups).get(group_id, (None, None))
            return group is not None and group.name.strip() == name.strip() and above == parent

        end = await self._written(lambda: self._book.edit_group(group_id, name, parent=parent), is_done)
        group, above = placed(end.groups).get(group_id, (None, None))
        if end.outcome != "done":
            return GroupEnd(end.outcome, group, end.remark, end.groups)
        remark = None
        if group is None:
            remark = Remark("group_gone", {"id": group_id})
        elif above != parent:
            remark = Remark("group_moved", {"name": group.name, "parent": above or "–"})
        elif group.name.strip() != name.strip():
            remark = Remark("group_stored_otherwise", {"name": name, "stored": group.name})
        return GroupEnd("edited", group, remark, end.groups)

    async def remove(self, group_id: int) -> GroupEnd:
        """Removes a group.

        Raises:
            NotDone: retries ran out, and nothing was written.
        """

        def is_done(groups: Iterable[Group]) -> bool:
            return group_id not in placed(groups)

        end = await self._written(lambda: self._book.delete_group(group_id), is_done)
        group, _ = placed(end.groups).get(group_id, (None, None))
        if end.outcome != "done":
            return GroupEnd(end.outcome, group, end.remark, end.groups)
        remark = None if group is None else Remark("group_still_there", {"id": group_id})
        return GroupEnd("deleted" if group is None else "unresolved", group, remark, end.groups)

    async def _written(
        self, write: Callable[[], Awaitable[object]], is_done: Callable[[Iterable[Group]], bool]
    ) -> GroupEnd:
        """Sends a write that may be repeated, and reads the tree until it shows it.

        The outcome is `done` where the API said so or the tree shows it, else failed or unresolved.
        """
        lost = False
        groups: Sequence[Group] = ()
        for _ in range(_TRIES):
            refusal = None
            try:
                await write()
                answered = True
            except Unsure:
                answered, lost = False, True
            except Refused as error:
                answered, refusal = False, _told(error)
                if not lost:
                    return GroupEnd("failed", None, refusal, await self._book.groups())
            groups = await self._shown(is_done)
            if answered or is_done(groups):
                return GroupEnd("done", None, None, groups)
            if refusal is not None:
                return GroupEnd("failed", None, refusal, groups)
            if self._stop.is_set():
                break
        return GroupEnd("unresolved", None, Remark("group_write_unresolved", {"tries": _TRIES}), groups)

    async def _shown(self, is_done: Callable[[Iterable[Group]], bool]) -> Sequence[Group]:
        """The tree as soon as it shows the write, or after a few looks."""
        wait = _FIRST_WAIT
        for left in reversed(range(_LOOKS)):
            groups = await self._book.groups()
            if is_done(groups) or not left or not await pause(wait, self._clock, self._stop):
                break
            wait *= 2
        return groups


def _found(found: Sequence[Group], name: str, groups: Sequence[Group], *, lost: bool) -> GroupEnd:
    """How an add ends whose group is there: before anything was sent, or after an answer was lost."""
    if len(found) == 1:
        return GroupEnd("added" if lost else "unchanged", found[0], None, groups)
    remark = Remark("group_doubled", {"name": name, "ids": ", ".join(str(group.id) for group in found)})
    return GroupEnd("unresolved" if lost else "unchanged", None if lost else found[0], remark, groups)


def _not_added(name: str, groups: Sequence[Group], refusal: Remark | None, *, lost: bool) -> GroupEnd:
    """How an add ends that no group came of."""
    if refusal is not None:
        return GroupEnd("failed", None, refusal, groups)
    if not lost:
        return GroupEnd("pending", None, None, groups)
    return GroupEnd("unresolved", None, Remark("group_unresolved", {"name": name}), groups)


def _told(error: Refused) -> Remark:
    values: Mapping[str, object] = {**error.values, "status": error.status or "", "message": error.message}
    return Remark(error.code, values)
