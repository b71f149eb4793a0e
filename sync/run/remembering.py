"""What a job's earlier runs have left, for a plan; and what a run leaves.

What enters: a Context, a mapping, a run file. What leaves: a Past; a memory that knows what the run has done.
What never happens here: remembering what is not durable in the run file; deciding about a row.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from sync import diff
from sync.book import Book
from sync.contact import Contact
from sync.errors import Gone
from sync.hashes import EMPTY, UNKNOWN, Hashes, meant
from sync.memory import JobMemory
from sync.reader import MappingFile, read_sheet
from sync.record import RunMeta
from sync.remembered import Figures, Lesson, Quarantined
from sync.remote import Client
from sync.run.context import Context
from sync.runs import RunFile
from sync.runs.learning import Taught, departed_contacts, erased_rows, seen_rows, taught_rows

# A row's own fault, for which it is refused again as long as it says the same.
_OWN_FAULTS = (422, 466, 472)
_DAY = len("2026-11-21")


def job_of(mapping_file: MappingFile) -> str:
    """The job: memory and guards belong to it and to the account."""
    return mapping_file.mapping.name or mapping_file.path.stem


def recalled(context: Context, mapping_file: MappingFile, *, partial: bool, brings_back: bool = False) -> diff.Past:
    """What earlier runs of the job have left."""
    remembered = JobMemory(context.account.folder, job_of(mapping_file)).recall()
    if remembered.outdated:
        context.progress.tell("memory_outdated", count=remembered.outdated)
    return diff.Past(
        remembered,
        job=job_of(mapping_file),
        mapping_sha256=mapping_file.sha256,
        rules=mapping_file.mapping.rules,
        full=not partial,
        brings_back=brings_back,
        now=context.clock.now().isoformat()[:_DAY],
    )


async def with_remembered(
    context: Context,
    client: Client,
    keys: pd.DataFrame,
    table: pd.DataFrame,
    book: Book,
    past: diff.Past,
    *,
    removes: bool = False,
) -> tuple[Book, diff.Past]:
    """The book with the contacts that rows became once and that no key of theirs finds any more; which are gone.

    With `removes` also with those that the job has written and whose rows have left the sheet.
    """
    contacts = diff.remembered_contacts(keys, table, book, past)
    wanted = diff.to_look_at(contacts, keys, table, book, past)
    identified = diff.identified_contacts(keys, table, past)
    unread = identified[(identified >= 0) & (contacts < 0) & ~np.isin(identified, book.table["id"].to_numpy())]
    wanted = sorted({*wanted, *unread.tolist()})
    if removes and len(departed := diff.departed_contacts(keys, table, past)):
        others = JobMemory(context.account.folder, past.job).contacts_of_others(departed.tolist())
        past = replace(past, elsewhere=frozenset(others))
        away = departed[~np.isin(departed, book.table["id"].to_numpy())]
        wanted = sorted({*wanted, *away.tolist()} - others)
    if not wanted:
        return book, past
    found, gone = await _looked_at(context, client, wanted)
    if found:
        extra = Book.of(found, (), book.coverage).table
        book = replace(book, table=pd.concat([book.table, extra], ignore_index=True))
    return book, replace(past, gone=frozenset(gone))


async def _looked_at(context: Context, client: Client, wanted: Sequence[int]) -> tuple[list[Contact], list[int]]:
    found: list[Contact] = []
    gone: list[int] = []

    async def look(contact_id: int) -> None:
        try:
            found.append(await client.get(contact_id))
        except Gone:
            gone.append(contact_id)

    with context.progress.stage("Looking for remembered contacts", len(wanted), "request") as bar:
        for start in range(0, len(wanted), context.api.workers):
            some = wanted[start : start + context.api.workers]
            await asyncio.gather(*map(look, some))
            bar.advance(len(some))
    return sorted(found, key=lambda contact: contact.id or 0), gone


def same_input(context: Context, files: Sequence[Path], mapping_file: MappingFile) -> Figures | None:
    """The figures of the job's last full run, where it had the same input and mapping; None of standard input."""
    if any(str(path) == "-" for path in files):  # it can be read only once
        return None
    accepted = JobMemory(context.account.folder, job_of(mapping_file)).recall().accepted
    rules = mapping_file.mapping.rules
    content = diff.figures(read_sheet(files, mapping_file), mapping_file.sha256, rules)["content"]
    return accepted[0] if accepted and accepted[0].content == content else None


def remember(context: Context, run_file: RunFile) -> None:
    """Leaves in memory what the run has done so far; doing so again changes nothing."""
    meta = run_file.meta
    if meta.remembered or not (meta.watched or meta.undoes):
        return
    memory = JobMemory(context.account.folder, meta.job)
    is_done = not run_file.count("planned", "sending", "unsure")
    if meta.undoes:
        # What was put back, or deleted, says nothing of the panel: a later run compares two ways.
        ids = {each.contact_id for each in run_file.carried()} - {None}
        memory.record(_lesson((), [], forgotten=ids))
    else:
        memory.record(_learned(run_file, memory.hashes(), is_done=is_done))
    if is_done:
        meta.remembered = True
        run_file.save_meta()


def _learned(run_file: RunFile, hashes: Hashes, *, is_done: bool) -> Lesson:
    meta = run_file.meta
    fields = tuple(meta.watched)
    seen = seen_rows(run_file)
    written: list[Taught] = []
    quarantined: dict[int, Quarantined] = {}
    released = {who for _, who, _, _ in seen}
    for each in taught_rows(run_file):
        if each.stored is not None and each.contact_id is not None and each.outcome != "failed":
            written.append(each)
        reason = _reason(each)
        if reason:
            quarantined[each.who] = Quarantined(each.content, reason, meta.read_at[:_DAY])
        elif each.outcome != "failed":
            released.add(each.who)
    lesson = _lesson(fields, seen)
    bases = np.full((len(written), len(fields)), UNKNOWN, dtype=np.int64)
    sets = {int(hashed): ids for hashed, ids in meta.group_sets.items()}
    for place, name in enumerate(fields):
        texts = pd.Series([_text(each.stored, name) for each in written if each.stored], dtype="str")
        bases[:, place] = hashes.of_field(name, texts)
        if name == "groups":
            sets |= zip(bases[:, place].tolist(), meant(name, texts).fillna("").tolist(), strict=True)
        bases[[name in each.kept for each in written], place] = UNKNOWN
    figures = Figures(run=meta.run, at=meta.created, **meta.figures)
    return Lesson(
        fields=fields,
        contact_ids=np.append(lesson.contact_ids, np.array([each.contact_id for each in written], dtype=np.int64)),
        who=np.append(lesson.who, np.array([each.who for each in written], dtype=np.int64)),
        # The book is to say what it has: until then the row is not known to be as it was.
        marks=np.append(lesson.marks, np.full(len(written), UNKNOWN, dtype=np.int64)),
        written=np.append(lesson.written, np.array([each.outcome != "unchanged" for each in written], dtype=bool)),
        bases=np.concatenate([lesson.bases, bases]),
        keeps=np.append(lesson.keeps, np.array([bool(each.kept) for each in written], dtype=bool)),
        added=np.append(np.zeros(len(seen), dtype=bool), np.array([each.outcome == "added" for each in written])),
        gone=tuple(departed_contacts(run_file, gone=True)),
        seen=meta.read_at[:_DAY],
        forgotten=tuple(departed_contacts(run_file, gone=False)),
        erased=erased_rows(run_file),
        quarantined=quarantined,
        released=frozenset(released),
        accepted=figures if is_done and not meta.partial else None,
        group_sets={hashed: ids for hashed, ids in sets.items() if hashed > EMPTY or hashed < UNKNOWN},
        own_groups=tuple(each for each in _own_groups(meta) if each > 0),
    )


def _own_groups(meta: RunMeta) -> Iterator[int]:
    """The groups that the mapping and the sheet name; those that the run has added by their ids."""
    return (meta.created_groups.get(str(group), group) for group in meta.own_groups)


def _text(stored: Contact, field: str) -> str:
    """A field as the book's table has it."""
    return " ".join(map(str, stored.groups)) if field == "groups" else stored.value(field)


def _reason(taught: Taught) -> str:
    """Why a row is not to be sent again as it is; empty where it may be."""
    if taught.altered:
        return "stored_altered"
    own = (each for each in taught.remarks if each.values.get("status") in _OWN_FAULTS)
    return next((each.code for each in own), "") if taught.outcome == "failed" else ""


def _lesson(
    fields: tuple[str, ...], seen: Sequence[tuple[int, int, int, bytes]], *, forgotten: Iterable[int | None] = ()
) -> Lesson:
    """Of rows that say what the book has."""
    ids, who, marks, blobs = zip(*seen, strict=True) if seen else ((),) * 4
    bases = np.frombuffer(b"".join(blobs), dtype="<i8").astype(np.int64)
    return Lesson(
        fields=fields,
        contact_ids=np.array(ids, dtype=np.int64),
        who=np.array(who, dtype=np.int64),
        marks=np.array(marks, dtype=np.int64),
        written=np.zeros(len(seen), dtype=bool),
        bases=bases.reshape(len(seen), len(fields)),
        keeps=np.zeros(len(seen), dtype=bool),
        forgotten=tuple(each for each in forgotten if each is not None),
    )
