"""A disk without room, at every moment: the run stops, nothing is lost, and what is left can be gone on with.

The limit on the size of files stands for the disk; it holds for this process, while the block lasts.
"""

import asyncio
import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sync.apply import ApplySettings, Pending, Pool
from sync.change import Settled
from sync.errors import RunStopped, UsageError
from sync.messages import error_text
from sync.progress import NoProgress
from sync.runs import RunFile, RunJournal
from sync.runs.opening import trouble
from tests.fakes import START, FakeClock, MemoryBook
from tests.runs.building import a_run, change_of, journaled

resource = pytest.importorskip("resource")


@contextmanager
def no_room(path: Path, spare: int = 0) -> Iterator[None]:
    """No file can grow beyond what the run file and its log have now, and a few bytes more."""
    sizes = [each.stat().st_size for each in path.parent.glob(f"{path.name}*") if not each.name.endswith("-shm")]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(sizes, default=0) + spare, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def state(path: Path, number: int) -> tuple[str, str]:
    connection = sqlite3.connect(path)
    try:
        query = "SELECT state, outcome FROM changes JOIN rows USING (number) WHERE number = ?"
        found: tuple[str, str] = connection.execute(query, (number,)).fetchone()
        return found
    finally:
        connection.close()


def told(error: pytest.ExceptionInfo[RunStopped], path: Path) -> None:
    text = error_text(error.value)
    assert error.value.exit_code == 6
    assert str(path) in text
    assert "Make room on the disk" in text


@pytest.mark.fault(
    "The disk is full, or cannot be written",
    "while the plan is written",
    "no half a plan is left (exit 6)",
)
@pytest.mark.parametrize("spare", [0, 5_000, 20_000, 60_000])
def test_while_the_plan_is_written_no_half_plan_is_left(tmp_path: Path, spare: int) -> None:
    with no_room(tmp_path / "a.run", spare), pytest.raises(RunStopped) as error:
        a_run(tmp_path / "a.run", 600)

    told(error, tmp_path / "a.run")
    assert "Nothing was sent" in error_text(error.value)
    assert list(tmp_path.iterdir()) == []
    a_run(tmp_path / "a.run", 600).close()


@pytest.mark.fault(
    "The disk is full, or cannot be written",
    "while a plan replaces an older one",
    "the older one stays",
)
def test_a_plan_that_stood_there_before_stays_when_the_new_one_finds_no_room(tmp_path: Path) -> None:
    a_run(tmp_path / "a.run", 12, job="before").close()

    with no_room(tmp_path / "a.run"), pytest.raises(RunStopped):
        a_run(tmp_path / "a.run", 600)

    run_file = RunFile.open(tmp_path / "a.run")
    assert (run_file.meta.job, run_file.row_count) == ("before", 12)
    run_file.close()


@pytest.mark.fault(
    "The disk is full, or cannot be written",
    "before a request",
    "what cannot be noted down is not sent",
)
def test_an_intent_that_cannot_be_noted_down_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    run_file = a_run(path)

    async def work(journal: RunJournal) -> None:
        await journal.sending(0)
        with no_room(path), pytest.raises(RunStopped) as error:
            await journal.sending(1)
        told(error, path)

    journaled(run_file, work)
    run_file.close()

    assert (state(path, 0), state(path, 1)) == (("sending", "unresolved"), ("planned", "pending"))


@pytest.mark.fault(
    "The disk is full, or cannot be written",
    "after a request",
    "the change stays unresolved; resume settles it",
)
def test_an_outcome_that_cannot_be_noted_down_leaves_its_change_unresolved(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    run_file = a_run(path)

    async def work(journal: RunJournal) -> None:
        await journal.sending(0)
        with no_room(path), pytest.raises(RunStopped) as error:
            await journal.settled(0, Settled("added", 1001))
        told(error, path)

    journaled(run_file, work)
    run_file.close()

    assert state(path, 0) == ("sending", "unresolved")


def test_a_journal_goes_on_when_there_is_room_again(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    run_file = a_run(path)

    async def work(journal: RunJournal) -> None:
        await journal.sending(0)
        with no_room(path), pytest.raises(RunStopped):
            await journal.settled(0, Settled("added", 1001))
        await journal.settled(0, Settled("added", 1001))

    journaled(run_file, work)
    run_file.close()

    assert state(path, 0) == ("done", "added")


def test_closing_the_journal_and_the_file_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    run_file = a_run(path, 600)

    async def go() -> None:
        journal = RunJournal(run_file, FakeClock(), lambda: ({}, 0))
        await journal.__aenter__()
        for number, _, _ in run_file.changes("planned"):
            await journal.sending(number)
        with no_room(path, -path.stat().st_size // 2):
            await journal.__aexit__(None, None, None)
            run_file.close()

    asyncio.run(go())

    again = RunFile.open(path)
    assert (again.count("sending"), again.count("planned")) == (200, 0)
    again.close()


def test_the_facts_of_a_run_that_cannot_be_saved_stop_it(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    run_file = a_run(path)
    run_file.meta.status = "applying"

    with no_room(path, -path.stat().st_size), pytest.raises(RunStopped) as error:
        run_file.save_meta()

    told(error, path)
    run_file.save_meta()
    run_file.close()
    again = RunFile.open(path)
    assert again.meta.status == "applying"
    again.close()


@pytest.mark.fault(
    "The disk is full, or cannot be written",
    "at any moment of a run",
    "resume finishes it once there is room; no contact is doubled",
)
@pytest.mark.parametrize("spare", range(0, 40_000, 4_120))
def test_a_run_that_the_disk_stopped_is_finished_by_resume_and_no_contact_is_doubled(
    tmp_path: Path, spare: int
) -> None:
    """Wherever the room ends: while intents are noted down, or outcomes."""
    path = tmp_path / "a.run"
    run_file = a_run(path, 60)
    book = MemoryBook(contacts={change.existing.id: change.existing for change in _edits()})

    with no_room(path, spare - path.stat().st_size), pytest.raises(RunStopped) as error:
        _carried_out(run_file, book)
    run_file.close()
    told(error, path)

    run_file = RunFile.open(path)
    assert run_file.count("planned", "sending", "unsure") > 0
    _carried_out(run_file, book)

    assert run_file.outcomes() == {
        "added": 10, "edited": 10, "unchanged": 10, "rejected": 10, "conflict": 10, "duplicate": 10,
    }  # fmt: skip
    there = {change.existing.id for change in _edits()}
    added = [each.gsm for number, each in book.contacts.items() if number not in there]
    assert sorted(added) == sorted(change_of(number).desired.gsm for number in range(0, 60, 6))
    run_file.close()


def _edits() -> Iterator[Any]:
    return (change_of(number) for number in range(1, 60, 6))


def _carried_out(run_file: RunFile, book: MemoryBook) -> None:
    """What `sync.run` does with a run: what was sent before first, then the rest."""

    async def go() -> None:
        clock = book.clock
        settings = ApplySettings(workers=4, settle_after=60, read_at=clock.now())
        sent = [Pending(n, each, START) for n, each, at in run_file.changes("sending", "unsure") if at]
        fresh = (Pending(n, each) for n, each, _ in run_file.changes("planned"))
        async with RunJournal(run_file, clock, lambda: ({}, 0)) as journal:
            pool = Pool(
                book, journal, settings, clock, asyncio.Event(), read_again=_nothing, written=run_file.controls()
            )
            with NoProgress().stage("Applying", None, "row") as bar:
                await pool.carry_out(iter([*sent, *fresh]), bar)

    asyncio.run(go())


async def _nothing(_: str) -> Any:
    raise AssertionError


# What is no lack of room


@pytest.mark.fault("The disk is full, or cannot be written", "the folder is gone", "is told")
def test_a_folder_that_vanished_is_told(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "gone" / "a.run")
    run_file.close()
    (tmp_path / "gone" / "a.run").unlink()
    (tmp_path / "gone").rmdir()

    with pytest.raises(UsageError) as error:
        RunFile.open(tmp_path / "gone" / "a.run")

    assert error.value.code == "run_file_missing"


def test_a_file_that_cannot_be_written_is_told_apart_from_a_full_disk(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run")
    run_file.connection.execute("PRAGMA query_only = ON")

    with pytest.raises(RunStopped) as error:
        run_file.save_meta()

    assert "readonly" in error_text(error.value)
    run_file.close()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may do everything")
def test_a_file_of_somebody_else_is_told(tmp_path: Path) -> None:
    a_run(tmp_path / "a.run").close()
    (tmp_path / "a.run").chmod(0)

    with pytest.raises(UsageError) as error:
        RunFile.open(tmp_path / "a.run")

    assert error.value.code == "run_file_denied"


@pytest.mark.parametrize(
    ("number", "code", "exit_code"),
    [
        (errno.ENOSPC, "journal_failed", 6),
        (errno.EDQUOT, "journal_failed", 6),
        (errno.EACCES, "run_file_denied", 2),
        (errno.EROFS, "run_file_denied", 2),
    ],
)
def test_what_the_system_says_is_understood(tmp_path: Path, number: int, code: str, exit_code: int) -> None:
    error = trouble(tmp_path / "a.run", OSError(number, os.strerror(number)))

    assert (error.code, error.exit_code) == (code, exit_code)
    assert os.strerror(number) in error_text(error)
