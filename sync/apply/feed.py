"""Hands out the changes of a run, in order; many of them are announced to the journal together, ahead of their turn.

What enters: changes. What leaves: the same changes, announced or not. What never happens here: a request.

An intent has to be durable before its request leaves. Made durable one by one, intents cost more than all else that a
journal does; announced some way ahead, they cost one commit for all of them, and nobody waits for it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace

from sync.addressbook import Journal
from sync.apply.sending import Pending
from sync.clock import Clock


class Feed:
    """Changes, as the pool asks for them.

    Args:
        changes: in order.
        journal: told which are about to be sent.
        clock: for the moment of that.
        most: so many are announced together.
        is_plain: whether a change can be announced ahead: nothing has to be looked at first.
    """

    def __init__(
        self,
        changes: Iterator[Pending],
        journal: Journal,
        clock: Clock,
        *,
        most: int,
        is_plain: Callable[[Pending], bool],
    ) -> None:
        self._changes = changes
        self._journal = journal
        self._clock = clock
        self._most = most
        self._is_plain = is_plain
        self._ready: deque[Pending] = deque()
        self._put_back: deque[Pending] = deque()
        self._preparing: asyncio.Task[list[Pending]] | None = None

    async def next(self) -> Pending | None:
        """The next change; None when there is none left.

        Raises:
            RunStopped: the journal cannot be written.
        """
        if not self._ready:
            preparing, self._preparing = self._preparing, None
            self._ready.extend(await (preparing or self._prepared()))
        if not self._ready:
            return None
        pending = self._ready.popleft()
        # What is not plain is waited for: until it has ended, what follows may turn out to need a look, too.
        if pending.announced_at is not None and pending.sent_at is None and self._preparing is None:
            self._preparing = asyncio.ensure_future(self._prepared())
        return pending

    async def close(self, unused: Pending | None) -> None:
        """Notes of all changes that were announced and will not be sent that they were not.

        Args:
            unused: the change that was handed out last, where it was not sent.

        Raises:
            RunStopped: the journal cannot be written.
        """
        if self._preparing is not None:
            self._ready.extend(await self._preparing)
        for pending in (*([unused] if unused else []), *self._ready):
            if pending.announced_at is not None and pending.sent_at is None:
                await self._journal.unsent(pending.number)

    async def _prepared(self) -> list[Pending]:
        """The next changes that can be announced together, announced; or the next one, where it cannot."""
        found: list[Pending] = []
        while len(found) < self._most and (pending := self._taken()) is not None:
            if self._most > 1 and self._is_plain(pending):
                found.append(pending)
                continue
            if not found:
                return [pending]
            self._put_back.append(pending)
            break
        if found:
            now = self._clock.now()
            await self._journal.announced([pending.number for pending in found])
            found = [replace(pending, announced_at=now) for pending in found]
        return found

    def _taken(self) -> Pending | None:
        return self._put_back.popleft() if self._put_back else next(self._changes, None)
