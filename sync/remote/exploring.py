"""Looks for contacts to learn from: one by one, by wide beginnings, by the ways in which phones are written.

What enters: keys' values. What leaves: contacts, kept in `Known`; whether a value's searches were all answered.
What never happens here: learning.
"""

from collections.abc import Sequence

import pandas as pd

from sync import canonical, lookup
from sync.contact import Contact
from sync.errors import Refused
from sync.progress import Progress
from sync.remote.client import Client
from sync.remote.group_pages import GroupPages
from sync.remote.known import Known
from sync.remote.prefixes import branches

_REQUESTS = 48  # to find any contact where no group shows one
_FEW_GROUPS = 5
_WIDE = 4  # letters of a term that is to show contacts of any kind, such as `0500` for `0500 111 22 33`
_BASE_TERMS = 2  # of each form
_LAYOUTS = ("0 (", "0 5", "0(5", "+90 ", "+90(", "90 5", "(50", "(53", "(54", "(55")  # how phones with marks begin


class Explorer:
    """Finds contacts where none, or none of a kind, has been met."""

    def __init__(self, client: Client, known: Known, groups: GroupPages, progress: Progress) -> None:
        self._client = client
        self._known = known
        self._groups = groups
        self._progress = progress
        self._looked_for_layouts = False

    async def finds(self, key: str, value: str) -> bool:
        """Searches for a value in every form that works, and where that shows nobody, in every form there is.

        Returns:
            Whether none of the searches was refused.
        """
        forms = self._client.forms
        # Where nothing can be proven, forms that nobody has met are not worth a request.
        unmet = [] if key in forms.blind else forms.other_terms(key, value)
        try:
            for terms in (forms.terms(key, value), unmet):
                for term in terms:
                    found = [each async for each in self._client.all_pages(term)]
                    self._known.keep([each for each in found if canonical.of_key(key, each.value(key)) == value])
                if self._known.has(key, value):
                    break
        except Refused:
            return False  # a search that is refused proves nothing: the row will be in conflict
        return True

    async def explore(self, key: str, values: Sequence[str]) -> None:
        """Looks for any contact with such a key where no group has shown one: there is nothing to learn from yet."""
        await self._groups.look(lambda: bool(self._known.samples(key)), _FEW_GROUPS)
        if self._known.samples(key):
            return
        with self._progress.stage("Looking for contacts", None, "request") as bar:
            begun = self._client.requests.total()
            for term in self._wide_terms(key, values):
                self._known.keep(await self._searched(term))
                bar.advance()
                if self._known.samples(key):
                    return
            step = max(1, len(values) // _REQUESTS)
            for value in [*values[::step], *(value for place, value in enumerate(values) if place % step)]:
                before = self._client.requests.total()
                if before - begun >= _REQUESTS:
                    return
                if await self.finds(key, value):
                    self._known.note_look_up(key, value)
                bar.advance(self._client.requests.total() - before)
                if self._known.samples(key):
                    return

    async def look_for_layouts(self, key: str, values: Sequence[str]) -> None:
        """Looks once for phones that are stored with marks, where not any part of a text is found.

        What is searched for in the usual forms would not show them. Where beginnings are found, theirs are searched
        for; where only words are, the three digits that may stand alone in `0 (500) 111 22 33`.
        """
        forms = self._client.forms
        if self._looked_for_layouts or key != "gsm" or key in forms.anywhere or len(values) <= len(_LAYOUTS):
            return
        self._looked_for_layouts = True
        words = lookup.texts(key, "national", pd.Series(values, dtype="str")).str.slice(0, lookup.SHORTEST_TERM)
        terms = _LAYOUTS if key in forms.starts else words[words != ""].value_counts().index[: len(_LAYOUTS)].tolist()
        with self._progress.stage("Looking for contacts", len(terms), "request") as bar:
            for term in terms:
                self._known.keep(await self._searched(term))
                bar.advance()

    async def _searched(self, term: str) -> list[Contact]:
        try:
            return await self._client.search(term)
        except Refused:
            return []

    def _wide_terms(self, key: str, values: Sequence[str]) -> list[str]:
        """A few beginnings and endings under which most of the values lie, in each form."""
        column = pd.Series(values, dtype="str")
        found: list[str] = []
        for form in sorted(lookup.forms(key), key=lambda form: form == "national"):
            texts = lookup.texts(key, form, column)
            for reverse in (False, True) if key == "email" else (False,):
                sides = [text[::-1] for text in texts] if reverse else texts.tolist()
                widest = sorted(branches(sides), key=lambda each: -len(each.texts))[:_BASE_TERMS]
                starts = [each.start[:_WIDE] for each in widest]
                found += [start[::-1] for start in starts] if reverse else starts
        return list(dict.fromkeys(found))
