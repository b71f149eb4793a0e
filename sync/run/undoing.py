"""Plans the undo of a run: what it changed is to be as it was before, unless somebody has changed it since.

What enters: a Context, the file of the run that is to be undone. What leaves: a run file of its own.
What never happens here: a write to the book.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

import pandas as pd

from sync import diff, language, lookup
from sync.book import Book, GroupNames
from sync.change import Carried, Change, Plan, Remark
from sync.contact import Contact
from sync.diff.missing_groups import NotingGroups
from sync.errors import RunRefused, UsageError
from sync.memory import Learned, recall_search, remember_search
from sync.record import NewGroup, RunMeta
from sync.remote import Client
from sync.run.applying import settle_interrupted
from sync.run.context import Context
from sync.run.planning import new_run_id, written_lately
from sync.run.written import Current, is_deleted, keys_to_read, read_written
from sync.runs import RunFile
from sync.sheet import Input, Note, Sheet
from sync.tables import as_texts

_BATCH = 1000  # changes that are objects at once


async def plan_undo(context: Context, path: Path) -> RunFile:
    """Reads what the run at `path` has written as it is now, and saves what undoes it; the account must be locked.

    A guard that the plan breaks is in its `meta.breaches`.

    Raises:
        UsageError: the run has not begun, or its file is damaged.
        RunRefused: it is another account's.
    """
    started = context.clock.monotonic()
    _opened(context, path).close()  # before anything is sent
    async with context.client() as client:
        await settle_interrupted(context, client)
        undone = _opened(context, path)
        try:
            read_at = context.clock.now()
            client.forms = recall_search(context.account.folder).forms
            book = await _read(context, client, undone)
            if len(book):
                remember_search(context.account.folder, Learned(client.forms, read_at.isoformat(timespec="seconds")))
            placeholders, new_groups = _removed_groups(undone, book)
            groups = {**undone.meta.groups, **{str(each): name for each, name in GroupNames(book.groups).by_id.items()}}
            absent = diff.Absence(book, _keys_again(undone))
            inverter = diff.Inverter(GroupNames(book.groups).by_id, placeholders, groups, absent)
            current = Current(book)
            decided = await _decided(context, client, undone, inverter, current)
            meta = RunMeta(
                run=new_run_id(read_at),
                account=context.account.id,
                profile=context.profile,
                created=context.clock.now().isoformat(timespec="seconds"),
                read_at=read_at.isoformat(timespec="seconds"),
                base_url=context.api.base_url,
                api={name: value for name, value in asdict(context.api).items() if name != "base_url"},
                job=undone.meta.job,
                mapping="",
                mapping_sha256="",
                keys=undone.meta.keys,
                labels=undone.meta.labels,
                forms=client.forms.to_dict(),
                groups=groups,
                after=context.account.last_part[0],
                after_part=context.account.last_part[1],
                unproven=sorted(book.coverage.unproven),
                undoes=undone.meta.run,
                emptied_groups=_emptied_groups(undone, book),
                breaches=[asdict(each) for each in diff.undo_breaches(moved=decided.moved, carried=decided.carried)],
                requests=dict(client.requests),
                retries=client.retries,
                seconds=context.clock.monotonic() - started,
            )
            if undone.meta.undone_by and not decided.changes:
                meta.breaches = []  # there is nothing that the guard could spare
            changes = NotingGroups(_Changes(undone, inverter, current), new_groups, meta.new_groups)
            sheet = Sheet(decided.table, _inputs(undone, meta, decided), ())
            plan = Plan(decided.rows, decided.remarks, changes, decided.carried)
            return RunFile.create(context.state.new_run_path(meta.run), meta, sheet, plan, sent=client.pulse.reader()())
        finally:
            undone.close()


def _opened(context: Context, path: Path) -> RunFile:
    """The run that is to be undone."""
    undone = RunFile.open(path)
    run = undone.meta.run
    try:
        if undone.meta.account != context.account.id:
            raise RunRefused("undo_other_account", run=run)
        if not undone.meta.applied_at:
            raise UsageError("undo_not_begun", run=run)
    except (RunRefused, UsageError):
        undone.close()
        raise
    return undone


# What is read


async def _read(context: Context, client: Client, undone: RunFile) -> Book:
    """The contacts that the run has written; and whoever has the keys of those that it has deleted."""
    wanted = keys_to_read(undone.carried(), every_key=True)
    return await read_written(context, client, wanted, written=written_lately(context))


def _keys_again(undone: RunFile) -> dict[str, set[str]]:
    """The keys of the contacts that the run has deleted."""
    found: dict[str, set[str]] = {key: set() for key in lookup.SEARCHABLE}
    for done in undone.carried():
        if is_deleted(done) and done.change.existing is not None:
            for key, value in diff.searchable_keys(done.change.existing).items():
                found[key].add(value)
    return found


# What is decided


@dataclass(slots=True)
class _Decided:
    """What becomes of every change, in columns; how many of them were carried out, and how many moved since."""

    table: pd.DataFrame
    rows: pd.DataFrame
    counts: Counter[str]
    carried: int
    moved: int
    remarks: dict[int, list[Remark]] = field(default_factory=dict)

    @property
    def changes(self) -> int:
        """How many changes there are to make."""
        return sum(self.counts[outcome] for outcome in ("added", "edited", "deleted"))


async def _decided(
    context: Context, client: Client, undone: RunFile, inverter: diff.Inverter, current: Current
) -> _Decided:
    """What becomes of every change; a contact that is not as the run left it is read once more by its id first.

    What a search shows may be older than what is stored.
    """
    other = [
        done.contact_id
        for done, contact, found in _inverses(undone, inverter, current)
        if done.contact_id is not None and not diff.as_planned(found, contact)
    ]
    await current.read_again(context, client, other)

    inputs, rows, keys, planned, ids = [], [], [], [], []
    remarks: dict[int, list[Remark]] = {}
    carried = moved = 0
    for number, (done, _, found) in enumerate(_inverses(undone, inverter, current)):
        inputs.append(done.input)
        rows.append(done.row)
        keys.append(done.key)
        planned.append(found.planned)
        ids.append(done.contact_id)
        carried += done.outcome != "unresolved"
        moved += found.moved
        if found.remark is not None:
            remarks[number] = [found.remark]
    table = pd.DataFrame({"input": inputs, "row": rows, "cells": range(len(rows))})
    planned_rows = pd.DataFrame(
        {
            "planned": as_texts(pd.array(planned, dtype="str")),
            "contact_id": pd.array(ids, dtype="Int64"),
            "key": as_texts(pd.array(keys, dtype="str")),
        }
    )
    return _Decided(table, planned_rows, Counter(planned), carried, moved, remarks)


def _inverses(
    undone: RunFile, inverter: diff.Inverter, current: Current
) -> Iterator[tuple[Carried, Contact | None, diff.Inverse]]:
    """Each change of the run with its contact and its inverse."""
    number, changes = 0, undone.carried()
    while batch := list(islice(changes, _BATCH)):
        for done, contact in current.of(batch):
            yield done, contact, inverter.inverse(number, done, contact)
            number += 1


class _Changes:
    """The changes of the undo, made as they are asked for."""

    def __init__(self, undone: RunFile, inverter: diff.Inverter, current: Current) -> None:
        self._of = (undone, inverter, current)

    def __iter__(self) -> Iterator[Change]:
        return (found.change for _, _, found in _inverses(*self._of) if found.change is not None)


def _inputs(undone: RunFile, meta: RunMeta, decided: _Decided) -> tuple[Input, ...]:
    """The inputs of the undone run, with what is to be known about the undo."""
    names = [meta.groups.get(each, each) for each in meta.emptied_groups]
    notes = [
        Note("undo_of", {"run": undone.meta.run, "begun": _wall_time(undone.meta.applied_at)}),
        *([Note("undo_before", {"run": undone.meta.undone_by[-1]})] if undone.meta.undone_by else []),
        *([Note("undo_deletes", {"count": count})] if (count := decided.counts["deleted"]) else []),
        *([Note("undo_new_ids", {"count": count})] if (count := decided.counts["added"]) else []),
        *([Note("undo_groups", {"groups": ", ".join(f"“{name}”" for name in names)})] if names else []),
    ]
    first, *others = (replace(each, notes=()) for each in undone.inputs())
    return (replace(first, notes=tuple(notes)), *others)


def _wall_time(moment: str) -> str:
    """A moment in ISO form as the clock on this machine's wall shows it."""
    return f"{datetime.fromisoformat(moment).astimezone():{language.day_form()} %H:%M}"


# Groups


def _removed_groups(undone: RunFile, book: Book) -> tuple[dict[int, int], dict[int, NewGroup]]:
    """The groups that the run has removed and that are to be created again: former id → placeholder, and each of these.

    A main group stands before those within it.
    """
    known = GroupNames(book.groups).by_id
    gone = {int(key): each for key, each in undone.meta.removed_groups.items() if int(key) not in known}
    ordered = sorted(gone, key=lambda each: gone[each].parent is not None)
    placeholders = {group: -number for number, group in enumerate(ordered, start=1)}
    new = {}
    for group in ordered:
        parent = gone[group].parent
        if parent is not None and parent not in known:
            if parent not in placeholders:
                continue
            parent = placeholders[parent]
        new[placeholders[group]] = NewGroup(gone[group].name, parent)
    return {group: each for group, each in placeholders.items() if each in new}, new


def _emptied_groups(undone: RunFile, book: Book) -> dict[str, NewGroup]:
    """The groups that the run has created and that are still there."""
    made = set(undone.meta.made_groups)
    return {
        str(group.id): NewGroup(group.name, None if group is main else main.id)
        for main in book.groups
        for group in main.family()
        if group.id in made
    }
