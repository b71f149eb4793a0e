"""Joins the rooms: read the sheet, read the book, diff them into a plan, guard the plan, apply it, report every row.

What enters: paths, a mapping, settings. What leaves: a run file, a summary, reports.
What never happens here: deciding about a row; printing.
"""

import asyncio
import dataclasses
import random
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path

from sync import diff, lookup, messages
from sync.apply import ApplySettings, Pending, Pool, forecast
from sync.apply.groups import GroupWriter
from sync.apply.new_groups import create_groups, settle_groups
from sync.book import Book, GroupNames
from sync.change import Forecast, Remark
from sync.clock import Clock
from sync.contact import Contact, Group
from sync.diff.missing_groups import NotingGroups, with_missing_groups
from sync.errors import MappingError, Problem, RunRefused, UsageError
from sync.outcome import Summary
from sync.progress import Progress
from sync.reader import (
    SCHEMA_FILE,
    ColumnGuess,
    Guess,
    KnownBook,
    MappingFile,
    column_letters,
    initial_mapping,
    read_mapping,
    read_sheet,
)
from sync.record import NewGroup, RunMeta
from sync.remote import Client, Pace, read_blacklist, read_book
from sync.report import breach_text, rejected_rows, write_reports, write_rows
from sync.runs import Account, RunFile, RunJournal, StateDirectory, check_appliable, check_resumable
from sync.settings import ApiSettings, Credentials
from sync.sheet import GROUP_SEPARATOR, Note, Sheet

_LATELY = timedelta(hours=1)
_GROUPS_LOOKED_AT = 5
_LOOKED_AT = 500  # changes, to see which keys they go by

__all__ = [
    "SCHEMA_FILE",
    "Checked",
    "ColumnGuess",
    "Context",
    "Guess",
    "KnownBook",
    "apply",
    "begun_runs",
    "check",
    "column_letters",
    "expected",
    "initial_mapping",
    "known_book",
    "plan",
    "read_mapping",
    "refuse_broken_guards",
    "resume",
    "summary",
    "write_rejected",
    "write_reports",
]


@dataclass(frozen=True, slots=True)
class Context:
    """What every run works with.

    Attributes:
        stop: set to end the run early: no new request, what is under way is settled.
        pace: of all requests, those of planning and of applying.
    """

    api: ApiSettings
    credentials: Credentials
    state: StateDirectory
    clock: Clock
    chance: random.Random
    progress: Progress
    stop: asyncio.Event
    pace: Pace

    @property
    def account(self) -> Account:
        """The account that the credentials open."""
        return self.state.account(self.api.base_url, self.credentials)

    def lock(self, owner: str) -> AbstractContextManager[None]:
        """Holds the account for one run.

        Raises:
            RunRefused: another run holds it.
        """
        return self.account.lock(owner)

    def client(self, forms: lookup.Forms | None = None) -> Client:
        """A client of the API."""
        return Client(self.api, self.credentials, clock=self.clock, chance=self.chance, forms=forms, pace=self.pace)


# A first mapping


async def known_book(context: Context) -> KnownBook:
    """The account's groups, and the contacts on the first pages of its largest ones."""
    async with context.client() as client:
        groups = await client.groups()
        family = [each for main in groups for each in main.family() if each.count != 0]
        largest = sorted(family, key=lambda group: -(group.count or 0))[:_GROUPS_LOOKED_AT]
        contacts = {}
        with context.progress.stage("Looking at groups", len(largest), "request") as bar:
            for group in largest:
                contacts.update({contact.id: contact for contact in await client.group_contacts(group.id)})
                bar.advance()
    return KnownBook(tuple(groups), tuple(contacts.values()))


# Check


@dataclass(frozen=True, slots=True)
class Checked:
    """What the sheet alone shows: how many rows become what, each row's outcome where decided, remarks and notes.

    `pending` are the rows that are good so far.
    """

    sheet: Sheet
    outcomes: Mapping[str, int]
    decided: Mapping[int, str]
    remarks: Mapping[int, list[Remark]]
    notes: Mapping[int, list[Remark]]


def check(files: Sequence[Path], mapping_file: MappingFile) -> Checked:
    """Reads, maps and validates the files; touches nothing else."""
    sheet = read_sheet(files, mapping_file)
    verdicts = diff.checked_rows(sheet, mapping_file.mapping)
    outcomes = Counter(verdicts.outcomes.values())
    outcomes["pending"] = len(sheet) - outcomes.total()
    return Checked(sheet, outcomes, verdicts.outcomes, verdicts.remarks, verdicts.notes)


def write_rejected(checked: Checked, folder: Path) -> list[Path]:
    """Writes the rows that would be rejected, a file for each input that has any, and returns the paths."""
    return write_rows(checked.sheet.inputs, rejected_rows(checked.sheet, checked.decided, checked.remarks), folder)


# Plan


async def plan(
    context: Context,
    files: Sequence[Path],
    mapping_file: MappingFile,
    *,
    output: Path | None = None,
    partial: bool = False,
    blacklist: bool = False,
) -> RunFile:
    """Reads the sheet and the book, and saves what would change; the account must be locked.

    Guards that the plan breaks are in its `meta.breaches`. With `blacklist`, rows whose number is on it are noted.

    Raises:
        RunRefused: there are no data rows.
    """
    started = context.clock.monotonic()
    mapping = mapping_file.mapping
    with context.progress.stage("Reading files", len(files), "file") as bar:
        sheet = read_sheet(files, mapping_file)
        bar.advance(len(files))
    if not len(sheet):
        raise RunRefused("input_empty", files=", ".join(str(path) for path in files))
    read_at = context.clock.now()
    async with context.client() as client:
        await _settle_interrupted(context, client)
        keys = diff.row_keys(sheet.table, mapping)
        comparable = diff.open_rows(sheet, keys).still_open(keys.index)
        book = await read_book(
            client,
            keys.loc[comparable],
            workers=context.api.workers,
            progress=context.progress,
            check_groups=lambda groups: _check_groups(mapping_file, groups),
            written=_written_lately(context),
        )
        new_groups: dict[int, NewGroup] = {}
        if mapping.groups.create_missing:
            sheet, book, new_groups = _with_missing_groups(sheet, book, mapping.groups.always, set(comparable))
        made = diff.make_plan(sheet, book, mapping)
        if blacklist:
            made = diff.with_blacklist(made, sheet, book, await read_blacklist(client, context.progress))
        counts = made.counts()
        broken = diff.breaches(
            adds=counts.get("added", 0),
            edits=counts.get("edited", 0),
            rows=len(sheet),
            matched=made.matched,
            guards=mapping.guards,
        )
        run = f"{read_at.astimezone():%Y%m%dT%H%M}-{secrets.token_hex(3)}"
        meta = RunMeta(
            run=run,
            account=context.account.id,
            created=context.clock.now().isoformat(timespec="seconds"),
            read_at=read_at.isoformat(timespec="seconds"),
            base_url=context.api.base_url,
            api={name: value for name, value in asdict(context.api).items() if name != "base_url"},
            job=mapping.name or mapping_file.path.stem,
            mapping=str(mapping_file.path.resolve()),
            mapping_sha256=mapping_file.sha256,
            keys=list(mapping.keys),
            labels=mapping.labels,
            after=context.account.last_writer,
            forms=client.forms.to_dict(),
            groups={
                str(group): f"{path} (new)" if group in new_groups else path
                for group, path in GroupNames(book.groups).by_id.items()
            },
            partial=partial or sheet.partial,
            breaches=[asdict(each) for each in broken],
            requests=dict(client.requests),
            retries=client.retries,
            seconds=context.clock.monotonic() - started,
        )
    made = dataclasses.replace(made, changes=NotingGroups(made.changes, new_groups, meta.new_groups))
    run_file = RunFile.create(output or context.state.new_run_path(run), meta, sheet, made)
    if output is not None:
        context.state.record_elsewhere(run, output)
    return run_file


def _written_lately(context: Context) -> list[Contact]:
    """What runs of the account have written in the last hour: it counts as part of the book, whatever search says."""
    since = context.clock.now() - _LATELY
    found: dict[int | None, Contact] = {}
    for path in context.state.runs_touched_since(since.timestamp()):
        try:
            run_file = RunFile.open(path)
        except UsageError:
            continue  # a damaged file tells nothing; the book is read all the same
        if run_file.meta.account == context.account.id:
            found.update((contact.id, contact) for contact in run_file.written_since(since))
        run_file.close()
    return list(found.values())


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


async def _settle_interrupted(context: Context, client: Client) -> None:
    """Finds out what became of changes that an interrupted run of the account left unsure: the book is to have them."""
    last = context.account.last_writer
    try:
        run_file = RunFile.open(context.state.find_run(last)) if last else None
    except UsageError:
        return  # the file is gone or damaged: what it left unsure is found, or not, by reading the book
    if run_file is None:
        return
    try:
        await settle_groups(_group_writer(context, client), run_file.meta)
        if run_file.count("sending", "unsure"):
            client.forms = lookup.Forms.from_dict(run_file.meta.forms)
            await _carry_out(context, client, run_file, _unsure(run_file), settle_only=True)
    finally:
        run_file.close()


# Apply


async def apply(
    context: Context, run_file: RunFile, *, allowed: Collection[str] = (), limit: int | None = None
) -> None:
    """Carries out a saved plan; the account must be locked.

    Raises:
        RunRefused: a guard is broken and not allowed, or the plan is not fit to be applied any more.
        RunStopped: the run ended early.
    """
    check_appliable(run_file, context.account, context.clock.now())
    refuse_broken_guards(run_file, allowed)
    run_file.meta.applied_at = context.clock.now().isoformat(timespec="seconds")
    await _finish(context, run_file, limit=limit)


def refuse_broken_guards(run_file: RunFile, allowed: Collection[str]) -> None:
    """Raises RunRefused where the plan breaks guards that are not lifted; it names them all."""
    broken = [breach for breach in run_file.meta.breaches if breach["guard"] not in allowed]
    if broken:
        raise RunRefused(
            "guard_broken",
            reason=" ".join(breach_text(breach) for breach in broken),
            plan=messages.shell_word(run_file.path),
            allow=" ".join(f"--allow {breach['guard']}" for breach in run_file.meta.breaches),
        )


async def resume(context: Context, run_file: RunFile, *, limit: int | None = None) -> None:
    """Finishes a run whose apply has begun; the account must be locked.

    Raises:
        UsageError: it has not begun.
        RunRefused: it belongs to another account, or another run has written since.
        RunStopped: it ended early again.
    """
    if not run_file.meta.applied_at:
        raise UsageError("run_not_begun", run=run_file.meta.run, file=run_file.path)
    if not run_file.count("planned", "sending", "unsure"):
        return
    check_resumable(run_file, context.account)
    await _finish(context, run_file, limit=limit)


async def _finish(context: Context, run_file: RunFile, *, limit: int | None) -> None:
    """Carries out what is left of the run, and records how it ended."""
    meta = run_file.meta
    if not run_file.count("planned", "sending", "unsure"):
        _record(run_file, "completed")
        return
    _supersede_last(context, meta.run)
    context.account.record_writer(meta.run)
    _record(run_file, "applying")
    fresh = (Pending(number, change) for number, change, _ in run_file.changes("planned"))
    items = chain(_unsure(run_file), fresh if limit is None else islice(fresh, limit))
    try:
        async with context.client(lookup.Forms.from_dict(meta.forms)) as client:
            await _create_groups(context, client, run_file)
            await _carry_out(context, client, run_file, items, limit=limit)
    except BaseException:
        _record(run_file, "aborted")
        raise
    _record(run_file, "interrupted" if run_file.count("planned", "sending", "unsure") else "completed")


async def _create_groups(context: Context, client: Client, run_file: RunFile) -> None:
    try:
        await create_groups(_group_writer(context, client), run_file.meta, run_file.save_meta, context.stop)
    except BaseException:
        run_file.meta.requests = dict(Counter(run_file.meta.requests) + client.requests)
        run_file.meta.retries += client.retries
        raise


def _group_writer(context: Context, client: Client) -> GroupWriter:
    return GroupWriter(client, context.api.settle_after, context.clock, context.stop)


def _supersede_last(context: Context, run: str) -> None:
    """Marks the run that wrote to the account before as superseded, where it has something left to do."""
    last = context.account.last_writer
    if last in ("", run):
        return
    try:
        earlier = RunFile.open(context.state.find_run(last))
    except UsageError:
        return  # it is gone, or damaged: nobody can resume it
    if earlier.count("planned", "sending", "unsure"):
        _record(earlier, "superseded")
    earlier.close()


def _record(run_file: RunFile, status: str) -> None:
    run_file.meta.status = status
    run_file.save_meta()


def _unsure(run_file: RunFile) -> Iterator[Pending]:
    """The changes that were sent before and of which nobody knows what became."""
    found = list(run_file.changes("sending", "unsure"))
    return (Pending(number, change, datetime.fromisoformat(sent_at)) for number, change, sent_at in found if sent_at)


async def _carry_out(
    context: Context,
    client: Client,
    run_file: RunFile,
    items: Iterator[Pending],
    *,
    settle_only: bool = False,
    limit: int | None = None,
) -> None:
    meta = run_file.meta
    before, retries_before = Counter(meta.requests), meta.retries
    started = context.clock.monotonic()

    def usage() -> tuple[Mapping[str, int], int]:
        return before + client.requests, retries_before + client.retries

    settings = _apply_settings(context, meta, client.forms, sends=not settle_only)
    fresh = 0 if settle_only else run_file.count("planned")
    left = run_file.count("sending", "unsure") + (fresh if limit is None else min(limit, fresh))
    stage = "Settling the last run" if settle_only else "Applying"
    try:
        async with RunJournal(run_file, context.clock, usage) as journal:
            with context.progress.stage(stage, left, "row") as bar:
                pool = Pool(client, journal, settings, context.clock, context.stop, written=run_file.controls())
                await pool.carry_out(items, bar)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    finally:
        requests, meta.retries = usage()
        meta.requests = dict(requests)
        meta.seconds += context.clock.monotonic() - started


def _apply_settings(context: Context, meta: RunMeta, forms: lookup.Forms, *, sends: bool = True) -> ApplySettings:
    searchable = frozenset(key for key in meta.keys if key in lookup.SEARCHABLE)
    return ApplySettings(
        workers=context.api.workers,
        settle_after=context.api.settle_after,
        timeout=context.api.timeout,
        read_at=datetime.fromisoformat(meta.read_at),
        unproven=frozenset(key for key in searchable if not forms.proven(key)),
        sends=sends,
    )


def expected(context: Context, run_file: RunFile) -> Forecast:
    """What carrying out the whole plan now would send."""
    meta, outcomes = run_file.meta, run_file.outcomes(planned=True)
    settings = _apply_settings(context, meta, lookup.Forms.from_dict(meta.forms))
    first = (change for _, change, _ in islice(run_file.changes("planned"), _LOOKED_AT) if change.kind == "add")
    used = {next((key for key in change.keys if key in lookup.SEARCHABLE), "") for change in first}
    return forecast(
        adds=outcomes.get("added", 0),
        edits=outcomes.get("edited", 0),
        now=context.clock.now(),
        settings=replace(settings, unproven=settings.unproven & used),
        rate=context.api.rate,
    )


# After


def summary(run_file: RunFile, *, reports: Sequence[Path] = (), refused: bool = False) -> Summary:
    """The summary object of a run; of a plan that is not carried out, what its rows would become."""
    meta = run_file.meta
    planned = not meta.applied_at
    found = Summary(
        run=meta.run,
        status="planned",
        rows=run_file.row_count,
        outcomes=run_file.outcomes(planned=planned and not refused),
        altered=run_file.altered(),
        requests=meta.requests,
        retries=meta.retries,
        seconds=meta.seconds,
        reports=tuple(str(path) for path in reports),
    )
    if planned:
        return found.with_status("refused") if refused else found
    if meta.status in ("interrupted", "aborted"):
        return found.with_status("interrupted" if meta.status == "interrupted" else "aborted")
    if meta.status != "completed":  # killed while it was being applied
        return found.with_status("aborted")
    return found.with_status("completed_with_errors" if found.troubled else "completed")


def begun_runs(state: StateDirectory) -> Iterator[Path]:
    """The files of the runs whose apply has begun, the one begun last first."""
    found: list[tuple[str, Path]] = []
    for path in state.run_paths():
        try:
            run_file = RunFile.open(path)
        except UsageError:
            continue  # a damaged file among others must not hide them
        if run_file.meta.applied_at:
            found.append((run_file.meta.applied_at, path))
        run_file.close()
    return (path for _, path in sorted(found, reverse=True))
