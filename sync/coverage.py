"""Coverage: what has been read of the book, and what that proves about contacts that nobody has seen.

What enters: what was searched for, all pages of it. What leaves: the evidence that no contact has a key's value.
What never happens here: a request; an absence without evidence.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from sync import lookup

LOOK_UP = "look-up"
SWEEP = "sweep"
CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Searched:
    """The terms that were searched for in one form of a key, each with all its pages.

    Attributes:
        starts: beginnings of the form's texts; a whole text is a beginning, too.
        ends: endings of the form's texts.
    """

    starts: frozenset[str] = frozenset()
    ends: frozenset[str] = frozenset()

    def covers(self, texts: pd.Series) -> pd.Series:
        """Whether each text begins or ends with a term that was searched for; the empty text does not."""
        covered = pd.Series(data=False, index=texts.index)
        for length, terms in _by_length(self.starts).items():
            covered |= texts.str.slice(0, length).isin(terms)
        for length, terms in _by_length(self.ends).items():
            covered |= texts.str.slice(-length).isin(terms)
        return covered & (texts != "")


def _by_length(terms: Iterable[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for term in terms:
        found.setdefault(len(term), []).append(term)
    return found


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the book was read, where all of it was to be read.

    Contacts in no group are in no listing: those that none of the terms shows are not reached.

    Attributes:
        terms: what was searched for, all pages of it, beside reading every group.
        short: for each group that showed fewer contacts than it counts, by id: how many it showed, and its count.
    """

    terms: tuple[str, ...] = ()
    short: Mapping[int, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What reading proved.

    Attributes:
        looked_up: for each key the canonical values that had a look-up of their own in every form that works.
        uncertain: keys for which neither look-ups nor sweeps prove anything, because control searches did not find
            known contacts.
        missing_ids: contact ids that were asked for by themselves and are not there.
        swept: for each key one or more sets of forms that sweeps must cover together, each form with what was searched
            for in it. A value is swept when, in one of the sets, every form that has a text for it was searched for
            that text.
        unproven: keys of which no contact was met at all, so that nothing could be learned: the run's first add with
            such a key is searched for, and before that no other is added.
        reach: how far the book was read, None where only the sheet's keys were looked for.
    """

    looked_up: Mapping[str, Collection[str]] = field(default_factory=dict)
    uncertain: frozenset[str] = frozenset()
    missing_ids: frozenset[int] = frozenset()
    swept: Mapping[str, Sequence[Mapping[str, Searched]]] = field(default_factory=dict)
    unproven: frozenset[str] = frozenset()
    reach: Reach | None = None

    def proves_absent(self, key: str, value: str) -> bool:
        """Whether a value that no contact in the book has is certain to be nowhere in the account."""
        return bool(self.evidence(key, pd.Series([value], dtype="str")).notna().iloc[0])

    def evidence(self, key: str, values: pd.Series) -> pd.Series:
        """What proves that values which no contact in the book has are nowhere in the account.

        Returns:
            `look-up`, `sweep`, `control` where it is to be proven by the run's first add, or missing where nothing
            proves it; the index is that of the values.
        """
        found = pd.Series(pd.NA, index=values.index, dtype="str")
        if key in self.uncertain:
            return found
        if key in self.unproven:
            return found.fillna(CONTROL)
        looked_up = self.looked_up.get(key, ())
        own = pd.Series([value in looked_up for value in values.tolist()], index=values.index, dtype="bool")
        if not own.all():
            for forms in self.swept.get(key, ()):
                found = found.mask(_covered(key, forms, values), SWEEP)
        return found.mask(own, LOOK_UP)


def _covered(key: str, forms: Mapping[str, Searched], values: pd.Series) -> pd.Series:
    """Whether each value's text was searched for in every form that has one for it."""
    covered = pd.Series(data=True, index=values.index)
    has_text = pd.Series(data=False, index=values.index)
    for form, searched in forms.items():
        texts = lookup.texts(key, form, values)
        covered &= searched.covers(texts) | (texts == "")
        has_text |= texts != ""
    return covered & has_text
