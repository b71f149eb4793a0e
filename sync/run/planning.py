"""Reads the sheet and the book, and saves what would change.

What enters: a Context, paths, a mapping. What leaves: a run file. What never happens here: a write to the book.
"""

import dataclasses
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from sync import diff
from sync.book import Book, GroupNames
from sync.change import Plan
from sync.contact import Contact, Group
from sync.diff.missing_groups import NotingGroups, with_missing_groups
from sync.errors import MappingError, Problem, RunRefused, UsageError
from sync.memory import Learned, recall_search, remember_search
from sync.reader import MappingFile, read_sheet
from sync.record import NewGroup, RunMeta
from sync.remote import Client, read_blacklist, read_book
from sync.run.applying import settle_interrupted
from sync.run.context import Context
from sync.run.remembering import job_of, recalled, with_remembered
from sync.runs import RunFile
from sync.sheet import GROUP_SEPARATOR, Note, Sheet

_LATELY = timedelta(hours=1)


async def plan(
    context: Context,
    files: Sequence[Path],
    mapping_file: MappingFile,
    *,
    output: Path | None = None,
    partial: bool = False,
    blacklist: bool = False,
    brings_back: bool = False,
) -> RunFile:
    """Reads the sheet and the book, and saves what would change; the account must be locked.

    Guards that the plan breaks are in its `meta.breaches`. With `blacklist`, rows whose number is on it are noted; with
    `brings_back`, rows whose contacts were erased in the panel are added again.

    Raises:
        RunRefused: there are no data rows.
    """
    started = context.clock.monotonic()
    sheet = read_rows(context, files, mapping_file)
    async with context.client() as client:
        await settle_interrupted(context, client)
        is_part = partial or sheet.partial
        past = recalled(context, mapping_file, partial=is_part, brings_back=brings_back)
        removes = mapping_file.mapping.removes if past.full else ""
        found = await compare(context, client, sheet, mapping_file, blacklist=blacklist, whole=bool(removes), past=past)
        counts, departing = found.plan.counts(), found.plan.departures.counts()
        broken = diff.breaches(
            adds=counts.get("added", 0),
            edits=counts.get("edited", 0),
            rows=len(found.sheet),
            matched=found.plan.matched,
            guards=mapping_file.mapping.guards,
            deletes=departing.get("deleted", 0),
            removals=departing.get("edited", 0),
            known=found.plan.departures.known,
        )
        if not is_part:
            figures = diff.figures(sheet, mapping_file.sha256, mapping_file.mapping.rules)
            broken += diff.drift_breaches(figures, past.remembered.accepted, mapping_file.mapping.guards)
        run = new_run_id(found.read_at)
        meta = run_meta(context, client, mapping_file, found, run=run, started=started)
        meta.partial = is_part
        if removes:
            meta.removes = removes
            meta.remote_only = len(diff.remote_only(found.keys, found.plan.rows, found.book))
        meta.breaches = [asdict(each) for each in broken]
    made = dataclasses.replace(found.plan, changes=NotingGroups(found.plan.changes, found.new_groups, meta.new_groups))
    path = output or context.state.new_run_path(run)
    run_file = RunFile.create(path, meta, found.sheet, made, sent=client.pulse.reader()())
    if output is not None:
        context.state.record_elsewhere(run, output)
    return run_file


@dataclass(frozen=True, slots=True)
class Compared:
    """The sheet beside the book: what each row becomes, and the groups that would have to be added for it.

    Attributes:
        keys: the rows' keys.
        read_at: when the reading of the book began.
    """

    sheet: Sheet
    keys: pd.DataFrame
    book: Book
    plan: Plan
    new_groups: dict[int, NewGroup]
    read_at: datetime


def new_run_id(moment: datetime) -> str:
    """An id that no run has had."""
    return f"{moment.astimezone():%Y%m%dT%H%M}-{secrets.token_hex(3)}"


def read_rows(context: Context, files: Sequence[Path], mapping_file: MappingFile) -> Sheet:
    """The files' rows.

    Raises:
        RunRefused: there are none.
    """
    with context.progress.stage("Reading files", len(files), "file") as bar:
        sheet = read_sheet(files, mapping_file)
        bar.advance(len(files))
    if not len(sheet):
        raise RunRefused("input_empty", files=", ".join(str(path) for path in files))
    return sheet


async def compare(
    context: Context,
    client: Client,
    sheet: Sheet,
    mapping_file: MappingFile,
    *,
    blacklist: bool = False,
    whole: bool = False,
    past: diff.Past | None = None,
) -> Compared:
    """Reads the book, or `whole` all of it that can be reached, and compares; what searches find is kept.

    With `past` it is weighed what earlier runs of the job have left.
    """
    mapping = mapping_file.mapping
    read_at = context.clock.now()
    client.forms = recall_search(context.account.folder).forms
    keys = diff.row_keys(sheet.table, mapping)
    comparable = diff.open_rows(sheet, keys).still_open(keys.index)
    book = await read_book(
        client,
        keys.loc[comparable],
        workers=context.api.workers,
        progress=context.progress,
        check_groups=lambda groups: _check_groups(mapping_file, groups),
        written=written_lately(context),
        whole=whole,
    )
    if len(book):
        remember_search(context.account.folder, Learned(client.forms, read_at.isoformat(timespec="seconds")))
    new_groups: dict[int, NewGroup] = {}
    if mapping.groups.create_missing:
        sheet, book, new_groups = _with_missing_groups(sheet, book, mapping.groups.always, set(comparable))
    if past is not None:
        removes = bool(mapping.removes)
        book, past = await with_remembered(context, client, keys, sheet.table, book, past, removes=removes)
    made = diff.make_plan(sheet, book, mapping, past)
    if blacklist:
        made = diff.with_blacklist(made, sheet, book, await read_blacklist(client, context.progress))
    return Compared(sheet, keys, book, made, new_groups, read_at)


def run_meta(
    context: Context, client: Client, mapping_file: MappingFile, found: Compared, *, run: str, started: float
) -> RunMeta:
    """What is known about a run when its plan has been made."""
    return RunMeta(
        run=run,
        account=context.account.id,
        profile=context.profile,
        created=context.clock.now().isoformat(timespec="seconds"),
        read_at=found.read_at.isoformat(timespec="seconds"),
        base_url=context.api.base_url,
        api={name: value for name, value in asdict(context.api).items() if name != "base_url"},
        job=job_of(mapping_file),
        mapping=str(mapping_file.path.resolve()),
        mapping_sha256=mapping_file.sha256,
        keys=list(mapping_file.mapping.keys),
        labels=mapping_file.mapping.labels,
        after=context.account.last_part[0],
        after_part=context.account.last_part[1],
        forms=client.forms.to_dict(),
        unproven=sorted(found.book.coverage.unproven),
        groups={
            str(group): f"{path} (new)" if group in found.new_groups else path
            for group, path in GroupNames(found.book.groups).by_id.items()
        },
        partial=found.sheet.partial,
        requests=dict(client.requests),
        retries=client.retries,
        seconds=context.clock.monotonic() - started,
    )


def written_lately(context: Context) -> list[Contact]:
    """What runs of the account have written in the last hour: it counts as part of the book, whatever search says."""
    since = context.clock.now() - _LATELY
    found: dict[int | None, Contact] = {}
    deleted: set[int | None] = set()
    for path in context.state.runs_touched_since(since.timestamp()):
        try:
            run_file = RunFile.open(path, look=True)
        except UsageError:
            continue  # a damaged file tells nothing; the book is read all the same
        if run_file.meta.account == context.account.id:
            found.update((contact.id, contact) for contact in run_file.written_since(since))
            deleted |= run_file.deleted_since(since)
        run_file.close()
    return [contact for contact_id, contact in found.items() if contact_id not in deleted]


def _check_groups(mapping_file: MappingFile, groups: Sequence[Group]) -> None:
    """Raises MappingError where a group of every row is unknown or ambiguous: no row could be right."""
    wanted = mapping_file.mapping.groups
    if wanted.create_missing:
        groups, _ = with_missing_groups(groups, _texts(wanted.always))
    names = GroupNames(groups)
    problems: list[Problem] = []
    for index, name in enumerate(wanted.always):
        found = names.find(name)
        place = ("groups", "always", index)
        if not found:
            known = names.some_paths()
            problems.append(mapping_file.problem(place, "mapping_group_unknown", group=name, known=known))
        elif len(found) > 1:
            candidates = ", ".join(f"{names.path(each)} ({each})" for each in found)
            problems.append(mapping_file.problem(place, "mapping_group_ambiguous", group=name, candidates=candidates))
    if problems:
        raise MappingError(problems)


def _with_missing_groups(
    sheet: Sheet, book: Book, always: Iterable[str | int], comparable: Collection[int]
) -> tuple[Sheet, Book, dict[int, NewGroup]]:
    """The book with the groups that rows name and the account lacks; the sheet says which of them rows need."""
    names, needed = _texts(always), _texts(always)
    if "groups" in sheet.table:
        for cell, rows in sheet.table["groups"].dropna().groupby(sheet.table["groups"]).groups.items():
            found = str(cell).split(GROUP_SEPARATOR)
            names += found
            needed += found if any(row in comparable for row in rows) else []
    groups, new = with_missing_groups(book.groups, names)
    first, *others = sheet.inputs
    tree, shown = with_missing_groups(book.groups, needed)
    if shown:
        paths = ", ".join(GroupNames(tree).path(each) for each in shown)
        note = Note("groups_new", {"count": len(shown), "groups": paths})
        first = dataclasses.replace(first, notes=(*first.notes, note))
    return dataclasses.replace(sheet, inputs=(first, *others)), dataclasses.replace(book, groups=groups), new


def _texts(names: Iterable[str | int]) -> list[str]:
    """The names among names and ids."""
    return [name for name in names if isinstance(name, str)]
