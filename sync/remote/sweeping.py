"""Sweeps: searches for shared beginnings instead of for each key, narrowed only where pages overflow.

What enters: the keys that are open. What leaves: contacts and evidence, kept in `Known`.
What never happens here: an absence noted under a listing that moved while it was read.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sync import lookup
from sync.contact import Contact
from sync.errors import Refused
from sync.progress import Bar
from sync.remote.client import Client
from sync.remote.known import Direction, Known, keys_of
from sync.remote.methods import MOST_ROWS
from sync.remote.paging import Pages, Paging, together
from sync.remote.prefixes import Branch, Density, Sweeps, branch_of, branches, cheapest

_TIMES = 2  # a listing that moves is read so often before each key has a look-up of its own
_SAMPLED = 100  # contacts of each page that tell where the others lie


@dataclass(frozen=True, slots=True)
class Way:
    """One way to cover the open keys: sweeps in forms that together find every stored form.

    Attributes:
        sweeps: the beginnings for each direction.
        densities: where the contacts lie, for each direction.
    """

    sweeps: dict[Direction, Sweeps]
    densities: dict[Direction, Density]

    @property
    def requests(self) -> int:
        """How many requests it is likely to take."""
        return sum(each.requests for each in self.sweeps.values())

    @property
    def terms(self) -> int:
        """How many terms are searched for."""
        return sum(len(each.branches) for each in self.sweeps.values())


def ways(known: Known, key: str, values: Sequence[str], forms: lookup.Forms, *, contacts: int) -> list[Way]:
    """The ways to cover the values by sweeps, as far as searches are known to allow; none where they do not.

    Args:
        known: what has been read.
        key: `gsm` or `email`.
        values: the open values.
        forms: what searches find.
        contacts: so many contacts the book is thought to have.
    """
    column = pd.Series(values, dtype="str")
    found = []
    for directions in _covers(key, forms):
        way = Way({}, {})
        for each in directions:
            shown = _found_by(key, each, forms)
            density = known.density(key, each.form, at_end=each.at_end, contacts=contacts, found_by=shown)
            way.densities[each] = density
            way.sweeps[each] = cheapest(branches(_texts(key, each, known.uncovered(key, each, column))), density)
        found.append(way)
    return found


def _found_by(key: str, direction: Direction, forms: lookup.Forms) -> str:
    """Which contacts a search in a form shows."""
    if key in forms.anywhere:
        return "any"
    return "own" if direction.form in forms.starts[key] else "none"


def _texts(key: str, direction: Direction, values: pd.Series) -> list[str]:
    found = lookup.texts(key, direction.form, values).tolist()
    return [text[::-1] for text in found] if direction.at_end else found


def _covers(key: str, forms: lookup.Forms) -> list[list[Direction]]:
    """Sets of directions, each of which finds every stored form that may be in the book."""
    if key not in forms.starts:
        return []
    usual = forms.usual(key)
    seen = forms.seen.get(key, frozenset())
    special = [form for form in seen if form not in usual and form in forms.starts[key]]
    if key == "email":
        names = [*dict.fromkeys([*forms.starts[key], *usual])]
        found = [[Direction(form) for form in names]]
        return [*found, [Direction(form, at_end=True) for form in names]] if key in forms.anywhere else found
    if key not in forms.anywhere:
        needed = dict.fromkeys([*usual, *forms.starts[key], *special])
        return [[Direction(form, recalled=form not in seen and form not in forms.starts[key]) for form in needed]]
    # Any part is found: the national digits are in every form; the longer texts are where fewer other contacts are.
    found = [[Direction("national"), *map(Direction, special)]]
    if forms.swept.get(key) and seen <= {"e164", "international"}:
        found.append([Direction("international"), Direction("national", recalled=True)])
    if forms.swept.get(key) and seen == {"e164"}:
        found.append([Direction("e164"), Direction("national", recalled=True)])
    return found


class Sweeper:
    """Carries sweeps out.

    Args:
        client: searches.
        known: where evidence goes; the paging keeps the contacts in it.
        paging: reads listings.
        bar: is told of every request.
        workers: so many terms are under way at once.
    """

    def __init__(self, client: Client, known: Known, paging: Paging, bar: Bar, *, workers: int) -> None:
        self._client = client
        self._known = known
        self._paging = paging
        self._bar = bar
        self._workers = workers

    async def sweep(self, key: str, values: Sequence[str], way: Way) -> None:
        """Searches for every beginning of the way, and for longer ones where pages overflow and that is cheaper."""
        column = pd.Series(values, dtype="str")
        for direction, sweeps in way.sweeps.items():
            wanted: dict[str, list[str]] = {}
            for text, value in zip(_texts(key, direction, column), values, strict=True):
                wanted.setdefault(text, []).append(value)
            one = _Sweep(self._search, self._known, self._paging, key, direction, way.densities[direction], wanted)
            left: Sequence[Branch] = sweeps.branches
            while left:
                narrower = await together(one.read, left, self._workers)
                left = [each for several in narrower for each in several]

    async def _search(self, term: str, page: int, row_count: int) -> list[Contact]:
        found = await self._client.search(term, page=page, row_count=row_count)
        self._bar.advance()
        return found


class _Sweep:
    """The sweep of one direction.

    Args:
        search: one page of a search, by term, page and rows.
        wanted: the open values by their texts.
    """

    def __init__(
        self,
        search: Callable[[str, int, int], Awaitable[list[Contact]]],
        known: Known,
        paging: Paging,
        key: str,
        direction: Direction,
        density: Density,
        wanted: Mapping[str, Sequence[str]],
    ) -> None:
        self._search = search
        self._known = known
        self._paging = paging
        self._key = key
        self._direction = direction
        self._density = density
        self._wanted = wanted

    async def read(self, branch: Branch) -> list[Branch]:
        """Searches for a branch's beginning, and returns the branches that are to be searched for instead, if any."""
        term = branch.start[::-1] if self._direction.at_end else branch.start
        for _ in range(_TIMES):
            found: list[Contact] = []
            narrower: list[Branch] = []

            async def fetch(*, page: int, row_count: int, found: list[Contact] = found) -> list[Contact]:
                contacts = await self._search(term, page, row_count)
                found += contacts[:: max(1, len(contacts) // _SAMPLED)]
                return contacts

            def go_on(pages: Pages, found: list[Contact] = found, narrower: list[Branch] = narrower) -> int:
                narrower[:], allowed = self._instead(branch, pages, found)
                return allowed

            if not self._open(branch):
                return []
            try:
                pages = await self._paging.read(fetch, expected=self._density.pages(branch.start), go_on=go_on)
            except Refused:
                return []  # a search that is refused proves nothing
            if not pages.ended:
                return narrower
            if not pages.doubtful:
                at_end = self._direction.at_end
                self._known.note_sweep(self._key, self._direction.form, term, pages.contacts, at_end=at_end)
                return []
            if len(pages.ids) > len(self._open(branch)):
                break  # that is cheaper than to read it all again
        return [] if len(branch.texts) == 1 else [Branch(text, [text]) for text in self._open(branch)]

    def _open(self, branch: Branch) -> list[str]:
        """The texts of the branch whose contacts have not been read."""
        return [
            text for text in branch.texts if not all(self._known.has(self._key, value) for value in self._wanted[text])
        ]

    def _instead(self, branch: Branch, pages: Pages, found: Sequence[Contact]) -> tuple[list[Branch], int]:
        """What to search for instead of reading on, and how many pages may be read before that is asked again."""
        left = self._open(branch)
        if not left:
            return [], 0
        if len(branch.texts) == 1:
            return [], len(pages.ids)
        done = len(pages.ids)
        total = max(self._density.pages(branch.start), 2 * done)
        values = pd.Series(keys_of(found, self._key), dtype="str")
        density = Density(_texts(self._key, self._direction, values), total * MOST_ROWS / len(found))
        (rest,) = branch_of(left)
        narrower = cheapest([rest] if len(rest.start) > len(branch.start) else rest.split(), density)
        if narrower.requests < total - done:
            return list(narrower.branches), 0
        return [], total - done
