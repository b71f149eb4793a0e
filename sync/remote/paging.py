"""Reads a listing to its end, several pages at once, and notices when it moved meanwhile.

What enters: a way to fetch a page. What leaves: the contacts' ids, and whether nothing can have slipped past.
What never happens here: taking an end for certain that no page has shown.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from sync.contact import Contact
from sync.remote.methods import MOST_ROWS

_LONG = 10  # pages

T = TypeVar("T")
R = TypeVar("R")


class Fetch(Protocol):
    """One page of a listing; pages are numbered from 1."""

    def __call__(self, *, page: int, row_count: int) -> Awaitable[Sequence[Contact]]: ...  # noqa: D102 - see above


@dataclass(slots=True)
class Pages:
    """A listing as far as it was read.

    Attributes:
        ids: of the contacts, page by page.
        ended: the last page was met, so nothing is left to read.
        doubtful: one may have slipped past, because contacts changed their places meanwhile, or because a full page
            had nothing behind it and no second page was ever seen.
        contacts: the ids of all pages.
    """

    ids: list[list[int]] = field(default_factory=list)
    ended: bool = False
    doubtful: bool = False
    contacts: set[int] = field(default_factory=set)

    @property
    def overflows(self) -> bool:
        """Whether there is more than one page."""
        return len(self.ids) > 1 or not self.ended


class Paging:
    """Reads listings, with a bound on the pages that are fetched beyond an end.

    Attributes:
        seen: a second page with contacts was met: before that, a full page without a second one may be all that the
            server is willing to show.
    """

    def __init__(self, keep: Callable[[Sequence[Contact]], None], workers: int) -> None:
        self._keep = keep
        self._workers = workers
        self.seen = False

    async def read(
        self,
        fetch: Fetch,
        *,
        expected: int = 1,
        go_on: Callable[[Pages], int] = lambda _: 1 << 30,
        checks: bool = True,
    ) -> Pages:
        """The listing, read page by page.

        Args:
            fetch: gives a page.
            expected: so many pages are likely: up to there, as many are fetched at once as there are workers.
            go_on: is asked before each round beyond the first page how many more pages may be fetched; 0 ends the
                reading without an end.
            checks: whether it matters that a contact may have slipped past.
        """
        pages = Pages()
        ahead = 1
        while not pages.ended:
            done = len(pages.ids)
            allowed = go_on(pages) if done else 1
            if not allowed:
                return pages
            # Beyond what was expected, the number doubles: at most as many pages are fetched in vain as were read.
            width = min(self._workers, allowed, max(ahead, expected - done) if done else 1)
            if done >= expected:
                ahead = min(ahead * 2, self._workers)
            await self._round(fetch, pages, width)
        if checks and len(pages.ids) > 1 and not pages.doubtful:
            pages.doubtful = await self._has_moved(fetch, pages)
        return pages

    async def _round(self, fetch: Fetch, pages: Pages, width: int) -> None:
        first = len(pages.ids) + 1

        async def one(page: int) -> Sequence[Contact]:
            return await fetch(page=page, row_count=MOST_ROWS)

        for found in await together(one, range(first, first + width), width):
            self._keep(found)
            ids = [contact.id for contact in found if contact.id is not None]
            known = len(pages.contacts)
            pages.contacts.update(ids)
            twice = len(pages.contacts) < known + len(ids)
            behind = pages.ended and bool(ids)  # there must be nothing behind the last page
            cut = len(pages.ids) == 1 and not found and not self.seen
            pages.doubtful = pages.doubtful or twice or behind or cut
            if not pages.ended:
                if ids or not pages.ids:
                    pages.ids.append(ids)
                pages.ended = len(found) < MOST_ROWS or twice
                self.seen = self.seen or (len(pages.ids) > 1 and not twice)

    async def _has_moved(self, fetch: Fetch, pages: Pages) -> bool:
        """Whether the last contact stands elsewhere now: then another was added or removed before it.

        In a long listing the first one is looked at, too: what was added may hide what was removed.
        """
        last = [contact.id for contact in await fetch(page=len(pages.contacts), row_count=1)]
        if last == pages.ids[-1][-1:] and len(pages.ids) < _LONG:
            return False
        first = [contact.id for contact in await fetch(page=1, row_count=1)]
        if len(first) > 1:  # the server gives whole pages only, so that the last contact could not be asked for alone
            last = [contact.id for contact in await fetch(page=len(pages.ids), row_count=MOST_ROWS)]
            return first[:1] != pages.ids[0][:1] or last != pages.ids[-1]
        return last != pages.ids[-1][-1:] or first != pages.ids[0][:1]


async def together(work: Callable[[T], Awaitable[R]], items: Iterable[T], most: int) -> list[R]:
    """What the work gives for each item, in their order, with so many under way at once; the first error ends all."""
    found: dict[int, R] = {}
    queue = enumerate(items)

    async def worker() -> None:
        for place, item in queue:
            found[place] = await work(item)

    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(most):
                tasks.create_task(worker())
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    return [result for _, result in sorted(found.items(), key=lambda each: each[0])]
