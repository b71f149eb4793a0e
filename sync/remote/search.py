"""Learns what searches find, from contacts that were read: a table of probes, each seen or not seen.

What enters: contacts' keys as stored, and what earlier runs have learned. What leaves: `lookup.Forms`.
What never happens here: taking for granted what a probe has not shown in this run.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sync import canonical, lookup
from sync.errors import Gone, Refused
from sync.remote.client import Client

SAMPLES = 2
"""So many contacts of each stored form must be found."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A contact that searches must find.

    Attributes:
        id: the contact's.
        value: the canonical value of its key.
        elsewhere: what its other fields hold, in small letters: a search for a part of that shows nothing of the key.
    """

    id: int
    value: str
    elsewhere: str = ""


_FOLDED: Mapping[str, str] = {"address": "capitals", "capitals": "address"}  # the other letters of a stored form

Samples = Mapping[str, Sequence[Sample]]
"""For each stored form of a key some contacts that have it."""


async def learned(client: Client, key: str, known: Samples, before: lookup.Forms) -> lookup.Forms:
    """What is known to be found after probes with each stored form's samples.

    What was learned before is checked with one sample of each form, and learned again where one is not found.

    Args:
        client: searches.
        key: `gsm` or `email`.
        known: the samples.
        before: what earlier probes have shown; what it says of other keys is given back as it is.
    """
    probes = _Probes(client, key)
    if known and all([await probes.still_finds(form, samples[0], before) for form, samples in known.items()]):
        return before
    whole: dict[str, str | None] = {}
    starts: dict[str, str | None] = {}
    anywhere = bool(known)
    for form, met in known.items():
        samples = met
        while samples:
            whole[form] = await probes.form_that_finds(form, samples)
            if whole[form] is not None or len(left := await probes.still_there(samples)) == len(samples):
                break
            samples = left  # somebody else has removed a contact since it was read
        if not samples:
            whole.pop(form, None)
            continue
        any_part = whole[form] is not None and await probes.finds_any_part(form, samples[-1])
        anywhere = anywhere and any_part
        starts[form] = whole[form] if any_part else await probes.form_that_begins(form, samples, whole[form])
    folds = key == "email" and await probes.folds_letters(known)
    return _noted(before, key, whole, starts, anywhere=anywhere, folds=folds)


def _noted(
    before: lookup.Forms,
    key: str,
    whole: Mapping[str, str | None],
    starts: Mapping[str, str | None],
    *,
    anywhere: bool,
    folds: bool,
) -> lookup.Forms:
    """What was known, with what the probes of one key have shown in place of what it was for this key."""
    after = lookup.Forms.from_dict(before.to_dict())
    after.seen[key] = frozenset(whole) | before.seen.get(key, frozenset())
    if after.seen[key] != before.seen.get(key) or anywhere != (key in before.anywhere):
        after.swept.pop(key, None)
    after.working.pop(key, None)
    after.starts.pop(key, None)
    if found := _in_order(key, whole.values()):
        after.working[key] = found
    if starts and None not in starts.values():
        after.starts[key] = _in_order(key, starts.values())
    after.blind = (after.blind - {key}) | ({key} if None in whole.values() else frozenset())
    after.anywhere = (after.anywhere - {key}) | ({key} if anywhere else frozenset())
    after.folds = (after.folds - {key}) | ({key} if folds else frozenset())
    return after


def _in_order(key: str, found: Iterable[str | None]) -> tuple[str, ...]:
    names = {form for form in found if form is not None}
    usual = [form for form in lookup.forms(key) if form in names]
    return (*usual, *sorted(names - set(usual)))


def _tells_folding(stored: str, sample: Sample) -> bool:
    """Whether the sample shows that letters are folded: İ, I, ı and i are where the rules differ."""
    return "i" in sample.value and stored in _FOLDED


class _Probes:
    """Searches whose answer is known: do they show the contact?"""

    def __init__(self, client: Client, key: str) -> None:
        self._client = client
        self._key = key

    async def still_finds(self, stored: str, sample: Sample, before: lookup.Forms) -> bool:
        """Whether what was learned of a stored form holds for a contact that has it."""
        if stored not in before.seen.get(self._key, ()) or self._key in before.blind:
            return False
        if self._key in before.folds and not _tells_folding(stored, sample):
            return False
        if self._key in before.anywhere:
            return await self.finds_any_part(stored, sample, folded=self._key in before.folds)
        forms = before.starts.get(self._key)
        shows = self._shows_whole if forms is None else self._begins
        names: Sequence[str] = before.working.get(self._key, ()) if forms is None else forms
        if self._key in before.folds:
            names = [_FOLDED.get(form, form) for form in names]  # one search shows both
        return any([await shows(form, sample) for form in names])

    async def still_there(self, samples: Sequence[Sample]) -> list[Sample]:
        """The samples whose contacts have not been removed or changed meanwhile."""
        found = []
        for sample in samples:
            with suppress(Gone):
                stored = (await self._client.get(sample.id)).value(self._key)
                if canonical.of_key(self._key, stored) == sample.value:
                    found.append(sample)
        return found

    async def form_that_finds(self, stored: str, samples: Sequence[Sample]) -> str | None:
        """The form whose whole texts find the contacts that are stored in a form."""
        for form in dict.fromkeys([*lookup.forms(self._key), stored]):
            for sample in samples:
                if not await self._shows_whole(form, sample):
                    break
            else:
                return form
        return None

    async def form_that_begins(self, stored: str, samples: Sequence[Sample], whole: str | None) -> str | None:
        """The form whose beginnings find them."""
        for form in dict.fromkeys([whole, stored]):
            if form is None:
                continue
            for sample in samples:
                if not await self._begins(form, sample):
                    break
            else:
                return form
        return None

    async def folds_letters(self, known: Samples) -> bool:
        """Whether an address that is stored in small letters is found by capitals, though there is an i in it."""
        telling = [(form, sample) for form, samples in known.items() for sample in samples]
        for form, sample in telling:
            if _tells_folding(form, sample):
                return await self._shows_whole("address" if form == "capitals" else "capitals", sample)
        return False

    async def finds_any_part(self, stored: str, sample: Sample, *, folded: bool = False) -> bool:
        """Whether a part is found that neither begins nor ends the text; with `folded`, of the text in capitals."""
        common = "national" if self._key == "gsm" else _FOLDED[stored] if folded else "address"
        own = "" if folded or stored in lookup.forms(self._key) else self._term(stored, sample)
        return await self._shows((own or self._term(common, sample))[1:-1], sample)

    async def _shows_whole(self, form: str, sample: Sample) -> bool:
        return await self._shows(self._term(form, sample), sample)

    async def _begins(self, form: str, sample: Sample) -> bool:
        return await self._shows(self._term(form, sample)[:-2], sample)

    def _term(self, form: str, sample: Sample) -> str:
        return lookup.term(self._key, form, sample.value)

    async def _shows(self, term: str, sample: Sample) -> bool:
        if len(term) < lookup.SHORTEST_TERM or term.lower() in sample.elsewhere:
            return False
        try:
            return any([contact.id == sample.id async for contact in self._client.all_pages(term)])
        except Refused:
            return False
