"""The groups' listings: what they cost, and reading them.

What enters: the groups by their own counts. What leaves: contacts, kept in `Known`.
What never happens here: a proof of absence: contacts in no group are in no listing.
"""

from collections.abc import Callable, Sequence

from sync.contact import Contact, Group
from sync.progress import Bar, Progress
from sync.remote.client import Client
from sync.remote.known import Known
from sync.remote.methods import MOST_ROWS
from sync.remote.paging import Paging


class GroupPages:
    """The pages of all groups that may have contacts, the largest group first.

    Attributes:
        contacts: how many contacts there are, by the main groups' counts: an estimate, as a contact can be in several
            groups, and in none.
    """

    def __init__(
        self, client: Client, known: Known, paging: Paging, progress: Progress, groups: Sequence[Group]
    ) -> None:
        self._client = client
        self._known = known
        self._paging = paging
        self._progress = progress
        self._left = [each for main in groups for each in main.family() if each.count != 0]
        self._left.sort(key=lambda group: -(group.count or 0))
        self._counts = {group.id: group.count or 0 for group in self._left}
        self.contacts = sum(max(main.count or 0, sum(child.count or 0 for child in main.children)) for main in groups)

    @property
    def left(self) -> int:
        """How many pages the groups that were not read have, by their own counts."""
        return sum(_pages(group) for group in self._left)

    async def read(self) -> None:
        """Reads every page of every group that is left, but for those whose contacts the ones before have shown."""
        if not self._left:
            return
        with self._progress.stage("Reading groups", self.left, "request") as bar:
            while self._left:
                await self._read(self._left[0], bar)
                del self._left[0]
                if self._left and _pages(self._left[0]) > 1:  # to count is dearer than to read one page
                    self.skip_complete()

    async def _read(self, group: Group, bar: Bar) -> None:
        async def fetch(*, page: int, row_count: int) -> list[Contact]:
            contacts = await self._client.group_contacts(group.id, page=page, row_count=row_count)
            bar.advance()
            return contacts

        await self._paging.read(fetch, expected=_pages(group), checks=False)

    async def look(self, enough: Callable[[], bool], most: int) -> None:
        """Reads the first pages of some groups, until what is known is enough to learn from."""
        for group in self._left[:most]:
            if enough():
                return
            with self._progress.stage("Looking at a group", 1, "request") as bar:
                self._known.keep(await self._client.group_contacts(group.id))
                bar.advance()
            if group.count is not None and group.count < MOST_ROWS:
                self._left.remove(group)

    def skip_complete(self) -> None:
        """Leaves out the groups of which as many contacts are known as they count."""
        sizes = self._known.group_sizes()
        self._left = [group for group in self._left if group.count is None or sizes[group.id] < group.count]

    def short(self) -> dict[int, tuple[int, int]]:
        """The groups of which fewer contacts are known than they count, by id: how many are known, and the count."""
        sizes = self._known.group_sizes()
        return {each: (sizes[each], count) for each, count in self._counts.items() if sizes[each] < count}


def _pages(group: Group) -> int:
    return max(1, -(-(group.count or 0) // MOST_ROWS))
