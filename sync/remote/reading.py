"""Reads the book with the fewest requests that make absence certain.

What enters: the client, and the keys that the sheet's rows have. What leaves: a Book, and what searches find.
What never happens here: a write; counting a key as absent that was not looked for.

For each key the rows have: look at a page of the largest group, learn from it what searches find, then choose by
counted cost among group pages, sweeps over shared beginnings, and look-ups; learn again where something new is met.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import pandas as pd

from sync import canonical, lookup
from sync.book import Book
from sync.contact import Contact, Group
from sync.coverage import Reach
from sync.errors import Gone, Refused
from sync.progress import Bar, Progress
from sync.remote.client import Client
from sync.remote.exploring import Explorer
from sync.remote.group_pages import GroupPages
from sync.remote.known import Known
from sync.remote.paging import Paging, together
from sync.remote.search import learned
from sync.remote.sweeping import Sweeper, Way, ways

_ROUNDS = 6  # of learning and reading; each is begun only because the one before has met something new
_NEARLY_ALL = 0.95  # of the open keys
_EXPLORING = 48  # keys that are worth a cleverer way than one request each
_USUAL_PHONES = ("+90", "905", "050", "053", "054", "055")  # how Turkish mobile numbers begin
_USUAL_ADDRESSES = (".com",)
_FURTHER = 25  # requests that are worth making for keys which decide nothing where the stronger ones are known
_KEPT_LETTERS, _KEPT_TERMS = 9, 500  # of the beginnings that are remembered for the next run


async def read_book(
    client: Client,
    wanted: pd.DataFrame,
    *,
    workers: int,
    progress: Progress,
    check_groups: Callable[[Sequence[Group]], None] = lambda _groups: None,
    written: Sequence[Contact] = (),
    controls: Sequence[int] = (),
    whole: bool = False,
) -> Book:
    """The contacts that the rows may match, and what is certain about those that no contact matches.

    Args:
        client: begins with what earlier runs have learned (`client.forms`), and learns more.
        wanted: one string column for each match key, strongest first; a row for each row of the sheet, canonical,
            missing where a row has no such key.
        workers: so many requests are under way at once.
        progress: told in requests.
        check_groups: is shown the groups before anything else is read, and may raise.
        written: contacts that were written so lately that searches may not show them yet.
        controls: ids of contacts that searches are known to show, to learn from.
        whole: read all that can be reached, not only what the rows may match.
    """
    groups = await client.groups()
    check_groups(groups)
    keys = [str(key) for key in wanted if key in lookup.SEARCHABLE]
    known = Known(lookup.SEARCHABLE)
    reading = _Reading(client, known, groups, workers=workers, progress=progress)
    await reading.ids(controls)
    if wanted.notna().to_numpy().any():
        if any(key not in (*keys, "id") and wanted[key].notna().any() for key in wanted):
            await reading.groups.read()  # no search looks into custom fields
        if "id" in wanted:
            await reading.by_other_keys(wanted[wanted["id"].notna()])
            await reading.ids([int(text) for text in wanted["id"].dropna()])
        await reading.settle_all(wanted)
        await reading.further_keys(wanted)
    if whole:
        await reading.all_that_can_be_reached()
    if wanted.notna().to_numpy().any() or whole:
        await reading.ids(_concerned(written, wanted, whole=whole))
        await reading.settle_all(wanted)
    return known.book(groups, client.forms.blind)


def _concerned(written: Sequence[Contact], wanted: pd.DataFrame, *, whole: bool) -> list[int]:
    """The ids of those contacts that rows may match; of all, where all are wanted."""
    if not written:
        return []
    values = {str(key): frozenset(wanted[key].dropna()) for key in wanted}
    return [
        contact.id
        for contact in written
        if contact.id is not None
        and (
            whole
            or str(contact.id) in values.get("id", ())
            or any(canonical.of_key(key, contact.value(key)) in known for key, known in values.items() if key != "id")
        )
    ]


def _open_values(wanted: pd.DataFrame) -> Iterable[tuple[str, list[str]]]:
    """For each searchable key the values of the rows for which it decides: those that have no stronger one."""
    undecided = pd.Series(data=True, index=wanted.index)
    for key in wanted:
        values = wanted[key]
        if key in lookup.SEARCHABLE:
            yield str(key), values[undecided & values.notna()].unique().tolist()
        if key in (*lookup.SEARCHABLE, "id"):
            undecided &= values.isna()


class _Reading:
    """What is done to read the book."""

    def __init__(
        self, client: Client, known: Known, groups: Sequence[Group], *, workers: int, progress: Progress
    ) -> None:
        self._client = client
        self._known = known
        self._workers = workers
        self._progress = progress
        self._paging = Paging(known.keep, workers)
        self.groups = GroupPages(client, known, self._paging, progress, groups)
        self._checked: dict[str, frozenset[str]] = {}
        self._settled: set[str] = set()
        self._explorer = Explorer(client, known, self.groups, progress)

    # Ids, and everything

    async def ids(self, wanted: Iterable[int]) -> None:
        """Each contact with one of these ids that has not been read."""
        unseen = sorted({each for each in wanted if not self._known.has_id(each)})
        if not unseen:
            return

        with self._progress.stage("Reading contacts by id", len(unseen), "request") as bar:

            async def read(contact_id: int) -> None:
                try:
                    self._known.keep([await self._client.get(contact_id)])
                except Gone:
                    self._known.missing_ids.add(contact_id)
                bar.advance()

            await together(read, unseen, self._workers)

    async def by_other_keys(self, rows: pd.DataFrame) -> None:
        """Reads groups, then sweeps by another key, where that is cheaper than to read each contact by its id."""
        if 0 < self.groups.left <= len(rows) / 2:
            await self.groups.read()
        for key in (each for each in lookup.SEARCHABLE if each in rows):
            unseen = [not self._known.has_id(int(text)) for text in rows["id"]]
            values = rows[key][unseen].dropna().unique().tolist()
            if len(values) <= _EXPLORING:
                continue
            await self.groups.look(lambda: bool(self._known), 1)
            await self._learn(key)
            way = self._cheapest_way(key, values)
            if way is not None and way.requests <= len(values) / 2:
                await self._read(key, values, values, way)

    async def all_that_can_be_reached(self) -> None:
        """Every group, and the contacts in no group that searches for usual and for known beginnings show."""
        searched: list[str] = []
        refused: set[str] = set()
        await self.groups.look(lambda: bool(self._known), 1)
        while terms := [term for term in await self._edges() if term not in searched]:
            searched += terms
            with self._progress.stage("Searching", len(terms), "term") as bar:

                async def read(term: str, bar: Bar = bar) -> None:
                    try:
                        await self._paging.read(partial(self._client.search, term))
                    except Refused:
                        refused.add(term)  # it has shown nothing
                    bar.advance()

                await together(read, terms, self._workers)
            self.groups.skip_complete()
            await self.groups.read()
        await self.groups.read()
        self._known.reach = Reach(tuple(sorted(set(searched) - refused)), self.groups.short())

    async def _edges(self) -> list[str]:
        """Beginnings of phones and endings or beginnings of addresses, where searches find such parts at all."""
        found: list[str] = []
        for key in lookup.SEARCHABLE:
            await self._learn(key)
            forms = self._client.forms
            if self._checked.get(key) and key not in forms.starts:
                continue  # whole texts only
            if key == "gsm":
                found += [*_USUAL_PHONES, *self._known.edges(key, lookup.SHORTEST_TERM, at_end=False)]
            elif key in forms.anywhere or not self._checked.get(key):
                found += [*_USUAL_ADDRESSES, *self._known.edges(key, len(_USUAL_ADDRESSES[0]), at_end=True)]
            else:
                found += self._known.edges(key, lookup.SHORTEST_TERM, at_end=False)
        return list(dict.fromkeys(found))

    # Keys

    async def settle_all(self, wanted: pd.DataFrame) -> None:
        """Settles each key; one again where another key's reading has met a stored form of it that is new."""
        for _ in range(_ROUNDS):
            for key, values in _open_values(wanted):
                await self.settle(key, values)
            if not any(self._unlearned(key) for key in self._settled):
                return

    async def further_keys(self, wanted: pd.DataFrame) -> None:
        """Looks for the further keys of rows that no contact matches, where that takes few requests.

        A contact may lack the stronger key and have a further one. Where it takes many requests, only the contacts that
        were read anyway are compared, and that is said.
        """
        keys = [key for key in wanted if key in lookup.SEARCHABLE]
        alone = pd.Series(data=True, index=wanted.index)  # the stronger keys of the row are nobody's
        for rank, key in enumerate(keys):
            values = wanted[key]
            nobodys = values.notna() & ~self._known.present(key, values)
            if rank and not self._known.unproven.issuperset(keys[:rank]):
                stronger = wanted[keys[:rank]].notna().any(axis=1)
                left = self._known.open(key, values[alone & stronger & nobodys].unique().tolist())
                requests = await self._cost(key, left) if left else 0
                if 0 < requests <= _FURTHER:
                    await self.settle(key, left)
                elif left:
                    self._progress.tell("reading_further_left_out", key=key, rows=len(left), requests=requests)
            alone &= values.isna() | nobodys

    async def _cost(self, key: str, values: Sequence[str]) -> int:
        """How many requests it is likely to take to settle the values."""
        await self._learn(key)
        way = self._cheapest_way(key, values)
        return self._alone(key, values) if way is None else way.requests

    def _alone(self, key: str, values: Sequence[str]) -> int:
        """How many searches it takes at most to look each value up by itself."""
        forms = self._client.forms
        others = [] if key in forms.blind else forms.other_terms(key, values[0])  # where nothing can be proven
        return len(values) * len(forms.terms(key, values[0]) + others)

    def _unlearned(self, key: str) -> frozenset[str]:
        """The stored forms that were met and not probed."""
        return frozenset(self._known.samples(key)) - self._checked.get(key, frozenset())

    async def settle(self, key: str, values: Sequence[str]) -> None:
        """Reads until each value is a known contact's or certain to be nobody's, as far as searches can show that."""
        if key in self._known.unproven and not self._unlearned(key):
            return
        self._known.unproven.discard(key)
        left = self._known.open(key, values)
        if not (left or (key in self._settled and self._unlearned(key))):
            return
        self._settled.add(key)
        await self.groups.look(lambda: bool(self._known), 1)
        said = False
        for _ in range(_ROUNDS):
            left = await self._learn_from_any(key, values)
            if not self._checked.get(key):
                self._known.unproven.add(key)
                self._client.forms.forget(key)
                return
            if not left:
                if await self._nothing_slipped(key):
                    self._note_for_later(key)
                    return
                continue
            way = self._cheapest_way(key, left)
            if not said:
                self._announce(key, left, way)
                said = True
            before = (len(left), len(self._known), self.groups.left)
            await self._read(key, values, left, way)
            left = self._known.open(key, values)
            if (len(left), len(self._known), self.groups.left) == before:
                return  # nothing more can be shown: what is open stays uncertain

    async def _learn_from_any(self, key: str, values: Sequence[str]) -> list[str]:
        """Learns from contacts that are looked for where none was met; the values that are open then."""
        await self._learn(key)
        left = self._known.open(key, values)
        if left and not self._checked.get(key):
            await self._explorer.explore(key, left)
            await self._learn(key)
        if (left := self._known.open(key, values)) and self._checked.get(key) and key not in self._client.forms.swept:
            await self._explorer.look_for_layouts(key, left)
            await self._learn(key)
        return self._known.open(key, values)

    def _note_for_later(self, key: str) -> None:
        """Under what was swept here, the next run need not look for stored forms that were not met."""
        forms = self._client.forms
        forms.contacts[key] = max(forms.contacts.get(key, 0), self._known.count(key))
        if key not in forms.starts or key != "gsm":
            return
        seen = forms.seen.get(key, frozenset())
        unseen = [form for form in forms.usual(key) if form not in seen and form not in forms.starts[key]]
        kept = forms.swept.setdefault(key, {})
        for form in ["national"] if key in forms.anywhere and "national" not in seen else unseen:
            before = kept.get(form, ())
            terms = [*before[1:], *self._known.swept(key, form, _KEPT_LETTERS), *before[:1]]
            kept[form] = tuple(dict.fromkeys(terms))[:_KEPT_TERMS]

    async def _learn(self, key: str) -> None:
        """Probes with contacts that have been read, where they show a stored form that was not probed in this run."""
        if self._unlearned(key):
            samples = self._known.samples(key)
            self._client.forms = await learned(self._client, key, samples, self._client.forms)
            self._known.forget_look_ups(key)
            self._checked[key] = self._checked.get(key, frozenset()) | set(samples)
            self._known.covers.pop(key, None)  # other forms may have to be covered
            # One beginning of each form is searched for again in every run: what was empty may not have stayed so.
            swept = self._client.forms.swept.get(key, {})
            self._known.recall_sweeps(key, {form: terms[1:] for form, terms in swept.items()})

    def _cheapest_way(self, key: str, left: Sequence[str]) -> Way | None:
        forms = self._client.forms
        contacts = max(self.groups.contacts, forms.contacts.get(key, 0))
        found = min(ways(self._known, key, left, forms, contacts=contacts), key=lambda way: way.requests, default=None)
        if found is not None:
            self._known.covers.setdefault(key, set()).add(tuple(found.sweeps))
        return found

    def _announce(self, key: str, left: Sequence[str], way: Way | None) -> None:
        alone = self._alone(key, left)
        if way is not None and way.requests < alone:
            self._progress.tell("reading_sweeps", key=key, requests=way.requests, terms=way.terms, alone=alone)
        elif way is None and alone > _EXPLORING:
            self._progress.tell("reading_look_ups", key=key, requests=alone)

    async def _read(self, key: str, values: Sequence[str], left: Sequence[str], way: Way | None) -> None:
        """Group pages where they promise to spare requests, else sweeps, else look-ups. `left` are the open values."""
        planned = way.requests if way is not None else self._alone(key, left)
        # Sweeps look beyond each end and look back, pages of groups do not; but those prove no absence.
        if 0 < self.groups.left <= planned * (1.5 if self._are_members(key, values, left) else 0.5):
            await self.groups.read()
        elif way is not None:
            with self._progress.stage("Searching", way.requests, "request") as bar:
                await Sweeper(self._client, self._known, self._paging, bar, workers=self._workers).sweep(key, left, way)
        else:
            await self._look_up(key, left)

    def _are_members(self, key: str, values: Sequence[str], left: Sequence[str]) -> bool:
        """Whether the groups are likely to show nearly all that is open, judged by what of them has been read."""
        wanted = sum(self._known.has(key, value) for value in values)
        unread = self.groups.contacts - len(self._known)
        return wanted * unread >= _NEARLY_ALL * len(self._known) * len(left)

    async def _look_up(self, key: str, values: Sequence[str]) -> None:
        """A search for each value in every form that works; where that shows nobody, in every form there is."""
        with self._progress.stage("Looking up", len(values), "row") as bar:

            async def read(value: str) -> None:
                if await self._explorer.finds(key, value):
                    self._known.note_look_up(key, value)
                bar.advance()

            await together(read, values, self._workers)

    async def _nothing_slipped(self, key: str) -> bool:
        """Whether sweeps have shown every contact that other ways of reading have shown."""
        for contact_id in self._known.slipped(key):
            try:
                current = await self._client.get(contact_id)
            except Gone:
                continue
            still = self._known.is_swept(key, canonical.of_key(key, current.value(key)))
            if still:
                self._progress.tell("reading_incomplete", key=key, id=contact_id)
                self._client.forms.starts.pop(key, None)
                self._client.forms.anywhere -= {key}
                self._known.forget_evidence(key)
                return False
        return True
