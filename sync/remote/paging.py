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
        """The listing, read in rounds: the pages that are expected, then more and more of them until it ends.

        Args:
            fetch: gives a page.
            expected: so many pages are likely.
            go_on: is asked before each round but the first how many more pages may be fetched; 0 ends the reading
                without an end.
            checks: whether it matters that a contact may have slipped past.
        """
        pages = Pages()
        ahead = 1
        anchors: list[_Anchor] = []
        while not pages.ended:
            done = len(pages.ids)
            allowed = go_on(pages) if done else expected
            if not allowed:
                return pages
            width = min(allowed, max(ahead, expected - done))
            if done >= expected:
                ahead = min(ahead * 2, self._workers)
            anchors.append(await self._round(fetch, pages, width))
        if anchors[-1].page == (anchors[-2].page + 1 if len(anchors) > 1 else 1):
            anchors.pop()  # nothing was read after it
        if checks and not pages.doubtful:
            pages.doubtful = await self._has_moved(fetch, anchors)
        return pages

    async def _round(self, fetch: Fetch, pages: Pages, width: int) -> "_Anchor":
        """Reads so many more pages, the last of them first; returns that one."""
        done = len(pages.ids)
        last = done + width
        while True:
            anchor = await fetch(page=last, row_count=MOST_ROWS)
            self._keep(anchor)
            if anchor or last == done + 1:
                break
            last = done + (last - done) // 2  # there are fewer pages than was thought

        async def one(page: int) -> Sequence[int | None]:
            found = await fetch(page=page, row_count=MOST_ROWS)
            self._keep(found)
            return _ids(found)  # a round can be the whole book: its contacts are kept once

        for found in [*await together(one, range(done + 1, last), self._workers), _ids(anchor)]:
            ids = [each for each in found if each is not None]
            known = len(pages.contacts)
            pages.contacts.update(ids)
            twice = len(pages.contacts) < known + len(ids)
            behind = pages.ended and bool(found)  # a page that is not full is the last one
            cut = len(pages.ids) == 1 and not found and not self.seen
            pages.doubtful = pages.doubtful or twice or behind or cut
            if ids or not pages.ids:
                pages.ids.append(ids)
            pages.ended = pages.ended or len(found) < MOST_ROWS or twice
            self.seen = self.seen or (len(pages.ids) > 1 and not twice)
        return _Anchor(last, _ids(anchor))

    async def _has_moved(self, fetch: Fetch, anchors: "Sequence[_Anchor]") -> bool:
        """Whether a round's last contact stands elsewhere now: then something before it was added or removed.

        What was removed before that round was read is no harm to it, nor is what happens behind it.
        """
        whole_pages = False
        for anchor in anchors:
            if not anchor.ids:
                continue
            if not whole_pages:
                position = (anchor.page - 1) * MOST_ROWS + len(anchor.ids)
                found = [contact.id for contact in await fetch(page=position, row_count=1)]
                if found == anchor.ids[-1:]:
                    continue
                whole_pages = len(await fetch(page=1, row_count=1)) > 1  # whatever number of rows is asked for
            if not whole_pages:
                return True
            found = [contact.id for contact in await fetch(page=anchor.page, row_count=MOST_ROWS)]
            if found != anchor.ids:
                return True
        return False


def _ids(contacts: Sequence[Contact]) -> list[int | None]:
    return [contact.id for contact in contacts]


@dataclass(frozen=True, slots=True)
class _Anchor:
    """The last page of a round, read before the others: its number, and the ids of its contacts."""

    page: int
    ids: Sequence[int | None]


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
