"""Reads the whole plan back when all of it is done: whether the book is as the plan says.

What enters: a run with nothing left to do. What leaves: in the run file, what is otherwise than it was meant.
What never happens here: a write to the book; a difference told twice.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import pandas as pd

from sync import canonical, diff
from sync.change import Carried, Change, Differences, Remark, disagreements
from sync.contact import PLAIN_FIELDS, Contact, custom_field_name
from sync.coverage import LOOK_UP, SWEEP, Coverage
from sync.record import Verified
from sync.remote import Client
from sync.run.context import Context
from sync.run.counting import counted
from sync.run.written import Current, is_deleted, keys_to_read, last_known, read_written
from sync.runs import ROW_BATCH, RunFile, record_read_back

_WRITTEN = ("added", "edited", "deleted")
_PROOFS = (LOOK_UP, SWEEP)
_AT_ONCE = 100_000  # contacts; where groups are read they are read whole, for each portion again


async def verified(context: Context, client: Client, run_file: RunFile) -> bool:
    """Reads back every contact that the run has written, and records what is otherwise.

    Returns:
        Whether it came to its end; not, where the run was told to stop.
    """
    meta = run_file.meta
    meta.verified = None
    with counted(client, context.clock, meta):
        reading = asyncio.ensure_future(_read_back(context, client, run_file))
        stopping = asyncio.ensure_future(context.stop.wait())
        try:
            if not context.stop.is_set():
                await asyncio.wait((reading, stopping), return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                meta.verified = reading.result()
        finally:
            for task in (reading, stopping):
                task.cancel()
            await asyncio.gather(reading, stopping, return_exceptions=True)
    if meta.verified is None:
        context.progress.tell("verify_stopped", run=meta.run)
    return meta.verified is not None


def has_written(run_file: RunFile) -> bool:
    """Whether there is anything to read back."""
    return next(_written(run_file, -1), None) is not None


def _written(run_file: RunFile, after: int) -> Iterator[Carried]:
    """The changes that the run has carried out, those of the rows after this number."""
    return (done for done in run_file.carried(after) if done.outcome in _WRITTEN)


async def _read_back(context: Context, client: Client, run_file: RunFile) -> Verified:
    contacts = different = 0
    after = -1
    while True:
        portion = _Portion(run_file, after)
        await portion.read(context, client)
        if not portion.contacts:
            break
        found = list(portion.otherwise())
        told = [(number, each.remark, each.untold) for number, each in found if each.untold]
        record_read_back(run_file, after + 1, portion.last, told, context.clock.now())
        contacts += portion.contacts
        different += len(found)
        after = portion.last
    return Verified(context.clock.now().isoformat(timespec="seconds"), contacts, different)


class _Portion:
    """So many changes as are looked at together; they stay in the file, the tables of their contacts do not."""

    def __init__(self, run_file: RunFile, after: int) -> None:
        self._run_file = run_file
        self._after = after
        self.last = after
        self.contacts = 0

    async def read(self, context: Context, client: Client) -> None:
        """Reads the contacts; one that is not as the run left it is read once more by its id."""
        wanted = keys_to_read(self._counted(), every_key=False)
        if not self.contacts:
            return
        book = await read_written(context, client, wanted)
        self._current = Current(book)
        asked, again = book.coverage.missing_ids, []
        unseen: dict[str, dict[int, str]] = {}
        for done, now in self._pairs():
            if done.contact_id is None or done.contact_id in asked:
                continue
            if now is None and is_deleted(done):
                key, value = next(iter(diff.searchable_keys(last_known(done)).items()))
                unseen.setdefault(key, {})[done.contact_id] = value
            elif otherwise(done, now).untold:
                again.append(done.contact_id)
        again += _unproven(book.coverage, unseen)
        await self._current.read_again(context, client, again)

    def otherwise(self) -> Iterator[tuple[int, "Otherwise"]]:
        """Those contacts that are not as the plan says, by the numbers of their rows."""
        for done, now in self._pairs():
            if (found := otherwise(done, now)).fields:
                yield done.change.row, found

    def _counted(self) -> Iterator[Carried]:
        for done in self._changes():
            self.contacts += 1
            self.last = done.change.row
            yield done

    def _changes(self) -> Iterator[Carried]:
        return islice(_written(self._run_file, self._after), _AT_ONCE)

    def _pairs(self) -> Iterator[tuple[Carried, Contact | None]]:
        changes = self._changes()
        while batch := list(islice(changes, ROW_BATCH)):
            yield from self._current.of(batch)


def _unproven(coverage: Coverage, unseen: Mapping[str, Mapping[int, str]]) -> Iterator[int]:
    """Of deleted contacts that nothing has shown, those of which nothing proves that they are gone."""
    for key, values in unseen.items():
        found = coverage.evidence(key, pd.Series(list(values.values()), dtype="str"))
        yield from (contact_id for contact_id, proof in zip(values, found, strict=True) if proof not in _PROOFS)


# What is otherwise


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What a contact has that is not as it was meant.

    Attributes:
        fields: `{field: [meant, now]}`.
        untold: those of them that are not as the API answered either, so that nobody has been told.
        code: what is to be said of them.
    """

    fields: Differences
    untold: Differences
    code: str

    @property
    def remark(self) -> Remark:
        """What there is to say about the row."""
        return Remark(self.code, {"fields": ", ".join(self.untold)})


def otherwise(done: Carried, now: Contact | None) -> Otherwise:
    """What is not as meant: of an added contact anything, of an edited one what the change touches.

    Args:
        done: the change, which was carried out.
        now: the contact as it is, None where it is not there.
    """
    change = done.change
    if change.kind == "delete":
        left = disagreements(Contact(), now) if now is not None else {}
        return Otherwise(left, left, "verified_not_deleted")
    if now is None:
        touched = change.fields if change.kind == "edit" else tuple(disagreements(change.desired, Contact()))
        lost = {name: [_value(change.desired, name), _value(Contact(), name)] for name in touched}
        return Otherwise(lost, lost, "verified_gone")
    stored = done.stored or change.desired
    pairs = dict(_other_texts(change, stored, now))
    untold = {name: pair for name, pair in pairs.items() if not _same(change, name, stored, now)}
    if (groups := _other_groups(change, stored, now)) is not None:
        pairs["groups"] = [_value(change.desired, "groups"), _value(now, "groups")]
        if groups:
            untold["groups"] = pairs["groups"]
    return Otherwise(pairs, untold, "verified_otherwise")


def _other_texts(change: Change, stored: Contact, now: Contact) -> Iterator[tuple[str, list[Any]]]:
    """The texts that are not as meant; what the API itself has put beside those of a new contact is taken as meant."""
    meant = change.desired
    names = change.fields
    if change.kind == "add":
        numbers = sorted({*meant.custom_fields, *stored.custom_fields, *now.custom_fields})
        names = (*PLAIN_FIELDS, *map(custom_field_name, numbers))
        added = {number: text for number, text in stored.custom_fields.items() if number not in meant.custom_fields}
        meant = replace(meant, custom_fields={**added, **meant.custom_fields})
    for name in names:
        if name != "groups" and not _same(change, name, meant, now):
            yield name, [meant.value(name), now.value(name)]


def _other_groups(change: Change, stored: Contact, now: Contact) -> set[int] | None:
    """The groups that nobody has been told of, where the contact's are not as meant; None where they are.

    An edit speaks of those that it enters and leaves, an add of all; those that the API itself has added are no matter.
    """
    if change.kind == "edit" and "groups" not in change.fields:
        return None
    before = set(change.existing.groups) if change.existing else set()
    meant, has, had = set(change.desired.groups), set(now.groups), set(stored.groups)
    lacks = (meant - before) - has
    beyond = (before - meant) & has if change.kind == "edit" else has - meant - had
    return (lacks & had) | (beyond - had) if lacks or beyond else None


def _same(change: Change, name: str, one: Contact, other: Contact) -> bool:
    texts = one.value(name), other.value(name)
    return texts[0] == texts[1] if name in change.exact else canonical.same(name, *texts)


def _value(contact: Contact, name: str) -> Any:  # noqa: ANN401 - a text, or the ids of groups
    return sorted(contact.groups) if name == "groups" else contact.value(name)
