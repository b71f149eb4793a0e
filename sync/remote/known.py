"""What has been read of the book so far, and what was searched for.

What enters: contacts, and terms that were read to their end. What leaves: what is open, samples, the coverage.
What never happens here: a request.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sync import canonical, lookup
from sync.book import Book, BookBuilder
from sync.contact import PLAIN_FIELDS, Contact, Group
from sync.coverage import LOOK_UP, SWEEP, Coverage, Reach, Searched
from sync.remote.prefixes import Density
from sync.remote.search import SAMPLES, Sample, Samples

_SAMPLED = 5000  # texts that tell where contacts lie
_LIKELY = 3  # contacts from each end of the book that are looked at for samples


@dataclass(frozen=True, slots=True)
class Direction:
    """How texts are searched for.

    Attributes:
        form: the form in which they are written.
        at_end: by their endings, not by their beginnings.
        recalled: what an earlier run has searched for in this form need not be searched for again, as it met no stored
            form there but those that other directions cover.
    """

    form: str
    at_end: bool = False
    recalled: bool = False


class Known:
    """Contacts and evidence, growing request by request.

    Args:
        keys: the searchable match keys that rows have.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys
        self._builder = BookBuilder()
        self._present: dict[str, set[str]] = {key: set() for key in keys}
        self._looked_up: dict[str, set[str]] = {}
        self._searched: dict[str, dict[str, Searched]] = {}
        self._found_by_sweep: dict[str, set[int]] = {}
        self.missing_ids: set[int] = set()
        self._recalled: dict[str, dict[str, frozenset[str]]] = {}
        self.covers: dict[str, set[tuple[Direction, ...]]] = {}
        self.unproven: set[str] = set()
        self._samples: dict[str, Samples] = {}
        self.reach: Reach | None = None

    def __len__(self) -> int:
        return len(self._builder)

    def keep(self, contacts: Sequence[Contact]) -> None:
        """Keeps contacts; one that is read again replaces what was read of it before."""
        self._builder.keep(contacts)
        if contacts:
            self._samples = {}
        for key in self._keys:
            self._present[key].update(keys_of(contacts, key))

    def has_id(self, contact_id: int) -> bool:
        """Whether a contact with this id has been read."""
        return self._builder.seen(contact_id)

    def has(self, key: str, value: str) -> bool:
        """Whether a contact with this canonical value has been read."""
        return value in self._present[key]

    def present(self, key: str, values: pd.Series) -> pd.Series:
        """Whether a contact with each value has been read; False where the value is missing."""
        known = self._present[key]
        return pd.Series([value in known for value in values.tolist()], index=values.index, dtype="bool")

    def count(self, key: str) -> int:
        """How many contacts that have such a key have been read."""
        return int(self._builder.keys(key).notna().sum())

    # Evidence

    def note_look_up(self, key: str, value: str) -> None:
        """A value was looked for in every form that works."""
        self._looked_up.setdefault(key, set()).add(value)

    def recall_sweeps(self, key: str, forms: Mapping[str, Sequence[str]]) -> None:
        """Beginnings under which an earlier run has looked for stored forms that the account turned out not to have."""
        self._recalled[key] = {form: frozenset(terms) for form, terms in forms.items()}

    def recalls(self, key: str, form: str, values: Sequence[str]) -> list[str]:
        """The values that an earlier run's sweeps in a form have covered."""
        column = pd.Series(values, dtype="str")
        searched = Searched(self._recalled.get(key, {}).get(form, frozenset()))
        return column[searched.covers(lookup.texts(key, form, column))].tolist()

    def swept(self, key: str, form: str, longest: int) -> list[str]:
        """The beginnings of up to so many letters that were searched for in a form, the shortest first."""
        searched = self._searched.get(key, {}).get(form, Searched())
        return sorted((term for term in searched.starts if len(term) <= longest), key=len)

    def note_sweep(self, key: str, form: str, term: str, found: Iterable[int], *, at_end: bool) -> None:
        """A beginning (or an ending) was searched for, and every page of it read."""
        forms = self._searched.setdefault(key, {})
        before = forms.get(form, Searched())
        starts, ends = before.starts, before.ends
        forms[form] = Searched(starts, ends | {term}) if at_end else Searched(starts | {term}, ends)
        self._found_by_sweep.setdefault(key, set()).update(found)

    def forget_evidence(self, key: str) -> None:
        """Searches for this key turned out to find less than was thought: what they did not show proves nothing."""
        self._looked_up.pop(key, None)
        self._recalled.pop(key, None)
        self._searched.pop(key, None)
        self._found_by_sweep.pop(key, None)

    def forget_look_ups(self, key: str) -> None:
        """The forms that work are others than was thought."""
        self._looked_up.pop(key, None)

    def uncovered(self, key: str, direction: Direction, values: pd.Series) -> pd.Series:
        """The values whose texts in a form no sweep has covered; those without such a text are left out."""
        texts = lookup.texts(key, direction.form, values)
        return values[~self._searched_in(key, direction).covers(texts) & (texts != "")]

    def _searched_in(self, key: str, direction: Direction) -> Searched:
        """What was searched for in a form: in this run, and where that is enough, in earlier ones."""
        searched = self._searched.get(key, {}).get(direction.form, Searched())
        recalled = self._recalled.get(key, {}).get(direction.form, frozenset()) if direction.recalled else frozenset()
        return Searched(searched.starts | recalled, searched.ends)

    def coverage(self, blind: frozenset[str]) -> Coverage:
        """What has been proven."""
        swept = {
            key: [{each.form: self._searched_in(key, each) for each in directions} for directions in covers]
            for key, covers in self.covers.items()
        }
        looked_up = {key: frozenset(values) for key, values in self._looked_up.items()}
        return Coverage(looked_up, blind, frozenset(self.missing_ids), swept, frozenset(self.unproven), self.reach)

    def open(self, key: str, values: Sequence[str]) -> list[str]:
        """The values that no contact read so far has, and of which nothing proves that none has them."""
        unseen = pd.Series([value for value in values if value not in self._present[key]], dtype="str")
        evidence = self.coverage(frozenset()).evidence(key, unseen)
        return unseen[~evidence.isin([LOOK_UP, SWEEP])].tolist()

    def slipped(self, key: str) -> list[int]:
        """Ids of contacts that sweeps should have found and did not: other ways of reading have shown them."""
        values = self._builder.keys(key)
        ids = self._builder.keys("id").astype("int64")
        others = values.notna() & ~ids.isin(list(self._found_by_sweep.get(key, ())))
        values, ids = values[others], ids[others]
        coverage = self.coverage(frozenset())
        swept = Coverage(swept=coverage.swept).evidence(key, values) == SWEEP
        return ids[swept.fillna(value=False).astype(bool)].tolist()

    def is_swept(self, key: str, value: str) -> bool:
        """Whether a contact with this value should have been found by a sweep."""
        return Coverage(swept=self.coverage(frozenset()).swept).proves_absent(key, value)

    def group_sizes(self) -> Counter[int]:
        """How many of the contacts that have been read are in each group."""
        counts = self._builder.column("groups").value_counts()
        sizes: Counter[int] = Counter()
        for groups, count in zip(counts.index, counts, strict=True):
            sizes.update(dict.fromkeys(map(int, str(groups).split()), int(count)))
        return sizes

    def edges(self, key: str, letters: int, *, at_end: bool) -> list[str]:
        """The different beginnings (or endings) of the stored texts of a key, the most frequent first."""
        stored = self._builder.column(key)
        stored = stored[stored.str.len() >= letters]
        cut = stored.str.slice(-letters) if at_end else stored.str.slice(0, letters)
        return [str(text) for text in cut.value_counts().index]

    # What learning and estimates are made from

    def samples(self, key: str) -> Samples:
        """Some contacts of each stored form of the key; a text that can be nobody's phone or address is no sample."""
        if key not in self._samples:
            self._samples[key] = self._sampled(key)
        return self._samples[key]

    def _sampled(self, key: str) -> Samples:
        values, stored = self._builder.keys(key), self._builder.column(key)
        possible = values.str.startswith("+") if key == "gsm" else values.str.contains("@", regex=False)
        rows = possible.fillna(value=False).astype(bool)
        values, stored = values[rows], stored[rows]
        ids = self._builder.keys("id")[rows]
        others = [self._builder.column(name) for name in PLAIN_FIELDS if name != key]
        found = {}
        forms = lookup.stored_forms(key, stored, values)
        for form, places in forms.groupby(forms).groups.items():
            # From both ends, which are likely to have come into the book in different ways.
            likely = dict.fromkeys(
                each for pair in zip(places[:_LIKELY], places[: -_LIKELY - 1 : -1], strict=True) for each in pair
            )
            known = [
                Sample(int(ids[place]), str(values[place]), " ".join(str(each[place]) for each in others).lower())
                for place in likely
            ]
            # Best are those of which nothing stands in another field; then, those that tell how an i is searched for.
            known.sort(key=lambda sample: (_inner(key, sample.value) in sample.elsewhere, "i" not in sample.value))
            found[str(form)] = known[:SAMPLES]
        return found

    def density(self, key: str, form: str, *, at_end: bool, contacts: int, found_by: str) -> Density:
        """Where the contacts lie that a search in a form shows, judged by those that have been read.

        Args:
            key: `gsm` or `email`.
            form: of the searches.
            at_end: whether endings are searched for.
            contacts: so many contacts the book is thought to have.
            found_by: `any` text of a contact is found; its `own` stored form alone; `none` that has been met.
        """
        values = self._builder.keys(key).dropna()
        each = max(contacts, len(values)) / max(1, len(values))
        step = max(1, len(values) // _SAMPLED)
        values = values.iloc[::step]
        if found_by != "any":
            own = lookup.texts(key, form, values) == self._builder.column(key)[values.index]
            values = values[own] if found_by == "none" or own.any() else values
        texts = lookup.texts(key, form, values)
        return Density([text[::-1] if at_end else text for text in texts if text], each * step)

    def book(self, groups: Iterable[Group], blind: frozenset[str]) -> Book:
        """The book of all that has been read."""
        return self._builder.book(groups, self.coverage(blind))


def _inner(key: str, value: str) -> str:
    """What every way of writing a value has in common."""
    return value[-8:-1] if key == "gsm" else value[1:-1]


def keys_of(contacts: Sequence[Contact], key: str) -> list[str]:
    """The canonical keys of those contacts that have one."""
    stored = pd.Series([contact.value(key) for contact in contacts], dtype="str")
    return canonical.key_column(key, stored).dropna().tolist()
