"""Carries out a plan, and finishes what was interrupted.

What enters: a run file. What leaves: the run file, with what became of every change.
What never happens here: deciding about a row; a write of two runs at once (the account is locked).
"""

import secrets
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, islice

import pandas as pd

from sync import canonical, lookup, messages
from sync.addressbook import Control
from sync.apply import STALE_AFTER, ApplySettings, Pending, Pool, forecast
from sync.apply.emptied_groups import open_groups, remove_emptied_groups
from sync.apply.groups import GroupWriter
from sync.apply.new_groups import create_groups, settle_groups
from sync.book import Book
from sync.change import Change, Forecast
from sync.errors import RunRefused, UsageError
from sync.memory import Learned, remember_search
from sync.progress import Bar
from sync.pulse import Beats, Pulse
from sync.record import RunMeta
from sync.remote import LONGEST_SILENCE, Client, read_book
from sync.report import breach_text
from sync.run.context import Context
from sync.run.counting import counted
from sync.run.remembering import remember
from sync.run.verifying import has_written, verified
from sync.runs import ROW_BATCH, RunFile, RunJournal, check_appliable, check_resumable

_FEW = 20  # changes; as with guards, what goes wrong with fewer stops nothing
_ANNOUNCED, _AHEAD = 16, 0.25  # changes that are announced together, and seconds of them, at most
_READ_AGAIN = 20_000  # changes, at most
_LOOKED_AT = 500  # changes, to see which keys they go by


async def apply(
    context: Context,
    run_file: RunFile,
    *,
    allowed: Collection[str] = (),
    limit: int | None = None,
    verify: bool = False,
) -> None:
    """Carries out a saved plan, and with `verify` reads it back then; the account must be locked.

    Raises:
        RunRefused: a guard is broken and not allowed, or the plan is not fit to be applied any more.
        RunStopped: the run ended early.
    """
    check_appliable(run_file, context.account, context.clock.now())
    refuse_broken_guards(run_file, allowed)
    run_file.meta.applied_at = context.clock.now().isoformat(timespec="seconds")
    await _finish(context, run_file, allowed=allowed, limit=limit, verify=verify)


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


async def resume(
    context: Context,
    run_file: RunFile,
    *,
    allowed: Collection[str] = (),
    limit: int | None = None,
    verify: bool = False,
) -> None:
    """Finishes a run whose apply has begun, and with `verify` reads it back then; the account must be locked.

    Raises:
        UsageError: it has not begun.
        RunRefused: it belongs to another account, or another run has written since.
        RunStopped: it ended early again.
    """
    if not run_file.meta.applied_at:
        raise UsageError("run_not_begun", run=run_file.meta.run, file=run_file.path)
    if not has_work(run_file) and not (verify and has_written(run_file)):
        if run_file.meta.status in ("applying", "interrupted", "aborted"):  # it was killed after its last change
            _record(run_file, "completed")
        remember(context, run_file)
        return
    check_resumable(run_file, context.account)
    await _finish(context, run_file, allowed=allowed, limit=limit, verify=verify)


async def _finish(
    context: Context, run_file: RunFile, *, allowed: Collection[str], limit: int | None, verify: bool
) -> None:
    """Carries out what is left of the run, reads it back if that is wanted, and records how it ended."""
    meta, works = run_file.meta, has_work(run_file)
    if not (works or verify):
        _record(run_file, "completed")
        remember(context, run_file)
        return
    if works:
        _supersede_last(context, meta.run)
        _note_undone(context, meta)
        _begin_part(context, run_file)
    fresh = (Pending(number, change) for number, change, _ in run_file.changes("planned"))
    accepts_altered = "altered" in allowed or run_file.count("planned") < _FEW
    items = chain(unsure_changes(context, run_file), fresh if limit is None else islice(fresh, limit))
    is_verified, beats = True, Pulse().reader()
    try:
        async with context.client(lookup.Forms.from_dict(meta.forms)) as client:
            beats = client.pulse.reader()
            if works:
                await _create_groups(context, client, run_file)
                await carry_out(
                    context, client, run_file, items, beats=beats, limit=limit, accepts_altered=accepts_altered
                )
                if not run_file.count("planned", "sending", "unsure"):
                    await _remove_groups(context, client, run_file)
            if verify and not has_work(run_file):
                is_verified = await verified(context, client, run_file)
    except BaseException:
        _record(run_file, "aborted")
        run_file.note_sent(beats())
        raise
    _record(run_file, "interrupted" if has_work(run_file) or not is_verified else "completed")
    run_file.note_sent(beats())
    remember(context, run_file)


def _begin_part(context: Context, run_file: RunFile) -> None:
    """Notes, in the run's file and then for the account, that a further part of the run writes from now on.

    So a plan that was made before it, and a copy of the file from before it, are known to be too old.
    """
    meta = run_file.meta
    run, part = context.account.last_part
    meta.part, meta.part_before = secrets.token_hex(4), part if run == meta.run else ""
    _record(run_file, "applying")
    context.account.record_writer(meta.run, meta.part)


def has_work(run_file: RunFile) -> bool:
    """Whether anything of a run is left to be done."""
    return bool(run_file.count("planned", "sending", "unsure")) or any(open_groups(run_file.meta))


async def _create_groups(context: Context, client: Client, run_file: RunFile) -> None:
    try:
        await create_groups(group_writer(context, client), run_file.meta, run_file.save_meta, context.stop)
    except BaseException:
        run_file.meta.requests = dict(Counter(run_file.meta.requests) + client.requests)
        run_file.meta.retries += client.retries
        raise


async def _remove_groups(context: Context, client: Client, run_file: RunFile) -> None:
    """Removes the groups that the undone run had created, where they are empty, and says which."""
    meta = run_file.meta

    async def has_contacts(group_id: int) -> bool:
        return bool(await client.group_contacts(group_id, row_count=1))

    writer, save = group_writer(context, client), run_file.save_meta
    with counted(client, context.clock, meta):
        await remove_emptied_groups(writer, meta, save, context.stop, has_contacts=has_contacts)
    for group, reason in meta.kept_groups.items():
        context.progress.tell("undo_group_kept", group=meta.groups.get(group, group), reason=reason)
    for group in meta.removed_groups:
        context.progress.tell("undo_group_removed", group=meta.groups.get(group, group))


def group_writer(context: Context, client: Client) -> GroupWriter:
    """What adds groups, and settles those whose answer was lost."""
    queued = _longest_queue(context)
    return GroupWriter(client, context.api.settle_after, context.clock, context.stop, queued)


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


def _note_undone(context: Context, meta: RunMeta) -> None:
    """Notes in the file of the run that is undone which run undoes it."""
    if not meta.undoes:
        return
    try:
        undone = RunFile.open(context.state.find_run(meta.undoes))
    except UsageError:
        return  # it is gone, or damaged: nobody can ask what became of it
    if meta.run not in undone.meta.undone_by:
        undone.meta.undone_by.append(meta.run)
        undone.save_meta()
    undone.close()


def _record(run_file: RunFile, status: str) -> None:
    run_file.meta.status = status
    run_file.save_meta()


def unsure_changes(context: Context, run_file: RunFile) -> Iterator[Pending]:
    """The changes that were sent before and of which nobody knows what became."""
    found = list(run_file.changes("sending", "unsure"))
    now, queued = context.clock.now(), _longest_queue(context)
    # The machine may have slept meanwhile: as long as it wrote anything down, it may have sent something too.
    alive = datetime.fromisoformat(run_file.last_moment() or now.isoformat()) + timedelta(seconds=context.api.timeout)
    return (
        Pending(number, change, min(now, max(alive, announced + queued)), announced)
        for number, change, announced in ((n, change, datetime.fromisoformat(at)) for n, change, at in found if at)
    )


def _longest_queue(context: Context) -> timedelta:
    """How long a request may wait after it was announced: for its turn, for a silence, for the end of an outage."""
    api = context.api
    return timedelta(seconds=api.workers / api.rate + LONGEST_SILENCE + api.patience + api.timeout)


async def carry_out(
    context: Context,
    client: Client,
    run_file: RunFile,
    items: Iterator[Pending],
    *,
    beats: Beats,
    settle_only: bool = False,
    limit: int | None = None,
    accepts_altered: bool = True,
) -> None:
    """Carries out changes and records what became of them; with `settle_only` nothing is sent that was not before.

    `beats` tells what the client has sent since it was asked last.

    Raises:
        RunStopped: the run ended early.
    """
    meta = run_file.meta
    before, retries_before = Counter(meta.requests), meta.retries
    started = context.clock.monotonic()

    def usage() -> tuple[Mapping[str, int], int]:
        return before + client.requests, retries_before + client.retries

    controls = list(run_file.controls())
    settings = replace(
        _apply_settings(context, meta, controls),
        sends=not settle_only,
        announces=max(1, min(_ANNOUNCED, round(context.api.rate * _AHEAD))),
        accepts_altered=accepts_altered,
    )
    fresh = 0 if settle_only else run_file.count("planned")
    left = run_file.count("sending", "unsure") + (fresh if limit is None else min(limit, fresh))
    stage = "Settling the last run" if settle_only else "Applying"
    try:
        async with RunJournal(run_file, context.clock, usage, beats) as journal:
            with context.progress.stage(stage, left, "row") as bar:
                pool = Pool(
                    client,
                    journal,
                    settings,
                    context.clock,
                    context.stop,
                    read_again=partial(_read_again, context, client, run_file),
                    written=controls,
                )
                await pool.carry_out(items, _WithRetries(bar, client))
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    finally:
        requests, meta.retries = usage()
        meta.requests = dict(requests)
        meta.seconds += context.clock.monotonic() - started


class _WithRetries:
    """A bar that shows how many requests had to be sent again."""

    def __init__(self, bar: Bar, client: Client) -> None:
        self._bar = bar
        self._client = client

    def advance(self, steps: int = 1) -> None:
        if self._client.retries:
            self._bar.note(messages.text("progress_retries", {"retries": self._client.retries}).rstrip("."))
        self._bar.advance(steps)

    def note(self, text: str) -> None:
        self._bar.note(text)

    def grow(self, steps: int) -> None:
        self._bar.grow(steps)


async def _read_again(
    context: Context, client: Client, run_file: RunFile, first: int, is_wanted: Callable[[Change], bool]
) -> tuple[Book, int]:
    """The book as a change and those that follow it need it, learned from what the run has added itself too.

    With it the number of the last change that it was read for: no more than can be sent while it is fresh.
    """
    most = min(_READ_AGAIN, max(ROW_BATCH, int(context.api.rate * STALE_AFTER.total_seconds())))
    numbers, rows = [first], []
    for number, change, _ in run_file.changes("planned", "sending"):  # those too that are announced already
        if number >= first and is_wanted(change):
            numbers.append(number)
            rows.append(_keys_to_read(change))
            if len(rows) == most:
                break
    wanted = pd.DataFrame(rows, columns=["id", *lookup.SEARCHABLE], dtype="str")
    controls = [control.contact_id for control in run_file.controls()]
    progress, workers = context.progress, context.api.workers
    book = await read_book(client, wanted, workers=workers, progress=progress, controls=controls)
    at = context.clock.now().isoformat(timespec="seconds")
    remember_search(context.account.folder, Learned(client.forms, at))
    return book, numbers[-1]


def _keys_to_read(change: Change) -> dict[str, str]:
    """What a contact is found by: an add's key, or an edit's contact."""
    if change.existing is None:
        key = next(key for key in change.keys if key in lookup.SEARCHABLE)
        return {key: change.keys[key]}
    contact = change.existing
    keys = {key: canonical.of_key(key, contact.value(key)) for key in lookup.SEARCHABLE}
    return {"id": str(contact.id), **{key: value for key, value in keys.items() if value}}


def _apply_settings(context: Context, meta: RunMeta, controls: Sequence[Control] = ()) -> ApplySettings:
    proven = {control.key for control in controls}
    return ApplySettings(
        workers=context.api.workers,
        settle_after=context.api.settle_after,
        timeout=context.api.timeout,
        read_at=datetime.fromisoformat(meta.read_at),
        reads_deletes=not meta.undoes,  # an undo deletes what it has just seen to be as its run had added it
        unproven=frozenset(meta.unproven) - proven,
        uncertified=frozenset(meta.unproven) & proven,
    )


def expected(context: Context, run_file: RunFile) -> Forecast:
    """What carrying out the whole plan now would send."""
    meta, outcomes = run_file.meta, Counter(run_file.outcomes(planned=True))
    if meta.departed:
        outcomes.update(run_file.removals(planned=True))
    settings = _apply_settings(context, meta)
    first = (change for _, change, _ in islice(run_file.changes("planned"), _LOOKED_AT) if change.kind == "add")
    used = {next((key for key in change.keys if key in lookup.SEARCHABLE), "") for change in first}
    return forecast(
        adds=outcomes["added"],
        edits=outcomes["edited"],
        deletes=outcomes["deleted"],
        now=context.clock.now(),
        settings=replace(settings, unproven=settings.unproven & used),
        rate=context.api.rate,
    )


async def settle_interrupted(context: Context, client: Client) -> None:
    """Finds out what became of changes that an interrupted run of the account left unsure: the book is to have them."""
    last = context.account.last_writer
    try:
        run_file = RunFile.open(context.state.find_run(last)) if last else None
    except UsageError:
        return  # the file is gone or damaged: what it left unsure is found, or not, by reading the book
    if run_file is None:
        return
    try:
        await settle_groups(group_writer(context, client), run_file.meta)
        if run_file.count("sending", "unsure"):
            client.forms = lookup.Forms.from_dict(run_file.meta.forms)
            beats = client.pulse.reader()
            beats()  # what was sent before belongs to the run that is planned
            unsure = unsure_changes(context, run_file)
            await carry_out(context, client, run_file, unsure, beats=beats, settle_only=True)
            run_file.note_sent(beats())
        remember(context, run_file)  # it may have been killed before it could
    finally:
        run_file.close()
