"""The journal: what was awaited is on the disk, as a second connection sees it."""

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from sync.apply import ApplySettings, Pending, Pool
from sync.change import Remark, Settled
from sync.contact import Contact
from sync.errors import RunStopped
from sync.progress import NoProgress
from sync.runs import RunFile, RunJournal
from tests.apply.carrying import nobody_else
from tests.fakes import FakeClock, MemoryBook
from tests.runs.building import a_run, journaled, phone

STORED = Contact(1001, "Ad 0", "Soyad", "", phone(0), {1: "x"}, (7,))
ADDED = Settled("added", 1001, None, {}, STORED)


def on_disk(path: Path, sql: str) -> Any:
    """What another connection reads now."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchone()
    finally:
        connection.close()


def state_on_disk(path: Path, number: int = 0) -> Any:
    return on_disk(
        path,
        "SELECT changes.state, attempts, rows.outcome, rows.contact_id FROM changes JOIN rows USING (number)"
        f" WHERE number = {number}",
    )


def test_each_transition_is_durable_when_its_call_returns(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    run_file = a_run(path)
    seen = []

    async def work(journal: RunJournal) -> None:
        await journal.sending(0)
        seen.append(state_on_disk(path))
        await journal.unsure(0, "api_no_answer")
        seen.append(state_on_disk(path))
        await journal.sending(0)
        seen.append(state_on_disk(path))
        await journal.settled(0, ADDED)
        seen.append(state_on_disk(path))

    journaled(run_file, work)

    assert seen[0][:2] == ("sending", 1)
    assert seen[1] == ("unsure", 1, "unresolved", None)
    assert seen[2][:2] == ("sending", 2)
    assert seen[3] == ("done", 2, "added", 1001)
    run_file.close()


def test_several_changes_are_announced_in_one_commit(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    run_file = a_run(path)

    async def work(journal: RunJournal) -> None:
        await journal.announced([0, 1])

    journaled(run_file, work)

    assert [state_on_disk(path, number)[:3] for number in (0, 1)] == [("sending", 1, "unresolved")] * 2


def test_an_end_goes_with_the_next_announcement_as_long_as_others_are_under_way(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    run_file = a_run(path)
    seen = []

    async def work(journal: RunJournal) -> None:
        await journal.announced([0, 1])
        ended = asyncio.ensure_future(journal.settled(0, ADDED))
        await asyncio.sleep(0.05)
        seen.append((ended.done(), state_on_disk(path)[0]))
        await journal.sending(2)
        await ended
        seen.append((ended.done(), state_on_disk(path)[0]))

    journaled(run_file, work)

    assert seen == [(False, "sending"), (True, "done")]


def test_the_last_end_waits_for_nobody(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    run_file = a_run(path)

    async def work(journal: RunJournal) -> None:
        await journal.announced([0, 1])
        await journal.unsure(1, "api_no_answer")  # it may take long to be settled
        await asyncio.wait_for(journal.settled(0, ADDED), timeout=5)

    journaled(run_file, work)

    assert state_on_disk(path)[0] == "done"


def test_an_end_waits_for_nobody_once_it_is_told_to_hurry(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    run_file = a_run(path, 6)

    async def work(journal: RunJournal) -> None:
        await journal.announced([0, 1, 2])
        early = asyncio.ensure_future(journal.settled(0, ADDED))
        await asyncio.sleep(0)
        journal.hurry()
        await asyncio.wait_for(early, timeout=5)
        await asyncio.wait_for(journal.settled(1, ADDED), timeout=5)

    journaled(run_file, work)

    assert [state_on_disk(path, number)[0] for number in (0, 1)] == ["done", "done"]


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("fails_from", [5, 8, 10, 13])
def test_a_run_whose_disk_is_full_ends_whatever_was_announced_ahead(
    tmp_path: Path, workers: int, fails_from: int
) -> None:
    run_file = a_run(tmp_path / "a.run", 120)
    book = MemoryBook()
    commits = 0

    async def work(journal: RunJournal) -> None:
        commit = journal._commit

        def failing(entries: Any) -> None:
            nonlocal commits
            commits += 1
            if commits >= fails_from:
                raise sqlite3.OperationalError("database or disk is full")
            commit(entries)

        journal._commit = failing  # type: ignore[method-assign]
        settings = ApplySettings(workers, 60.0, book.clock.now(), announces=16)
        pool = Pool(book, journal, settings, book.clock, asyncio.Event(), read_again=nobody_else)
        items = (Pending(number, change) for number, change, _ in run_file.changes("planned"))
        with NoProgress().stage("Applying", None, "row") as bar, pytest.raises(RunStopped) as stopped:
            await asyncio.wait_for(pool.carry_out(items, bar), timeout=20)
        assert stopped.value.code == "journal_failed"

    journaled(run_file, work)


def test_many_at_once_are_committed_in_groups_and_all_are_durable(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    run_file = a_run(path, 1200)
    numbers = [number for number, _, _ in run_file.changes("planned")]
    missing = []

    async def one(journal: RunJournal, number: int) -> None:
        await journal.sending(number)
        if number % 100 < 2 and state_on_disk(path, number)[0] != "sending":
            missing.append(number)
        await journal.settled(number, Settled("added", number))

    async def work(journal: RunJournal) -> None:
        await asyncio.gather(*(one(journal, number) for number in numbers))

    journaled(run_file, work)

    assert missing == []
    assert on_disk(path, "SELECT count(*) FROM changes WHERE state = 'done'") == (400,)
    assert on_disk(path, "SELECT count(*) FROM transitions") == (800,)
    run_file.close()


@pytest.mark.parametrize(
    ("result", "state", "outcome", "contact_id"),
    [
        (ADDED, "done", "added", 1001),
        (Settled("edited", 5001), "done", "edited", 5001),
        (Settled("unchanged", 5001), "done", "unchanged", 5001),
        (Settled("conflict", remark=Remark("contact_appeared", {"ids": "7"})), "conflict", "conflict", None),
        (Settled("failed", remark=Remark("api_number_invalid", {"message": "x"})), "failed", "failed", None),
        (Settled("unresolved", remark=Remark("add_not_repeated")), "unresolved", "unresolved", None),
    ],
)
def test_an_end_is_the_state_of_the_change_and_the_outcome_of_the_row(
    tmp_path: Path, result: Settled, state: str, outcome: str, contact_id: int | None
) -> None:
    run_file = a_run(tmp_path / "a.run")

    journaled(run_file, lambda journal: journal.settled(0, result))

    assert state_on_disk(tmp_path / "a.run") == (state, 0, outcome, contact_id)
    (row,) = [row for row in run_file.rows() if row.row == 2]
    assert row.remarks == ([result.remark] if result.remark else [])
    run_file.close()


def test_an_edit_in_conflict_keeps_its_contacts_id(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run")

    journaled(run_file, lambda journal: journal.settled(1, Settled("conflict")))

    assert state_on_disk(tmp_path / "a.run", 1)[3] == 5001
    run_file.close()


def test_what_was_stored_otherwise_is_kept_and_counted(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run")
    result = Settled("added", 1001, Remark("stored_altered", {"fields": "name"}), {"name": ["Ad", "AD"]}, STORED)

    journaled(run_file, lambda journal: journal.settled(0, result))

    assert run_file.altered() == 1
    assert next(iter(run_file.rows())).altered == {"name": ["Ad", "AD"]}
    run_file.close()


def test_what_was_announced_and_not_sent_is_pending_again(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run")

    async def work(journal: RunJournal) -> None:
        await journal.sending(0)
        await journal.unsent(0)

    journaled(run_file, work)

    assert state_on_disk(tmp_path / "a.run")[0] == "planned"
    assert state_on_disk(tmp_path / "a.run")[2] == "pending"
    assert next(iter(run_file.changes("planned")))[2] is None
    run_file.close()


def test_an_unsure_add_that_was_certainly_not_done_and_not_sent_again_is_pending(tmp_path: Path) -> None:
    """Its absence was certain; then 401 came. It was not attempted with success, and nothing about it is unresolved."""
    run_file = a_run(tmp_path / "a.run")

    async def work(journal: RunJournal) -> None:
        await journal.sending(0)
        await journal.unsure(0, "api_no_answer")
        await journal.sending(0)
        await journal.unsent(0)

    journaled(run_file, work)

    assert state_on_disk(tmp_path / "a.run")[0] == "planned"
    assert state_on_disk(tmp_path / "a.run")[2] == "pending"
    run_file.close()


def test_a_killed_run_shows_what_was_being_sent_as_unresolved(tmp_path: Path) -> None:
    """command-line.md: pending means not attempted; a request that has left may have been carried out."""
    run_file = a_run(tmp_path / "a.run")

    journaled(run_file, lambda journal: journal.sending(0))

    assert state_on_disk(tmp_path / "a.run")[2] == "unresolved"
    run_file.close()


def test_the_moment_of_sending_is_kept_for_resume(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run")

    journaled(run_file, lambda journal: journal.sending(0))

    ((number, _, sent_at),) = run_file.changes("sending")
    assert (number, sent_at) == (0, "2026-11-21T12:00:00.000+00:00")
    run_file.close()


def test_every_transition_is_kept_in_order(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run")

    async def work(journal: RunJournal) -> None:
        await journal.sending(0)
        await journal.unsure(0, "api_no_answer")
        await journal.settled(0, Settled("conflict", remark=Remark("add_found_several", {"ids": "1, 2"})))

    journaled(run_file, work)

    found = run_file.connection.execute("SELECT change, state, detail FROM transitions ORDER BY number").fetchall()
    assert found == [(0, "sending", ""), (0, "unsure", "api_no_answer"), (0, "conflict", "add_found_several")]
    run_file.close()


def test_the_requests_so_far_are_carried_along(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run")

    journaled(run_file, lambda journal: journal.sending(0), requests=17)

    run_file.close()
    again = RunFile.open(tmp_path / "a.run")
    assert (again.meta.requests, again.meta.retries) == ({"add-contact": 17}, 1)
    again.close()


def test_a_journal_that_cannot_be_written_stops_the_run_and_everybody_who_waits(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run", 60)
    run_file.connection.execute("DROP TABLE transitions")

    async def work(journal: RunJournal) -> list[Any]:
        return await asyncio.gather(*(journal.sending(n) for n in (0, 1, 6, 7)), return_exceptions=True)

    errors = journaled(run_file, work)

    assert [type(error) for error in errors] == [RunStopped] * 4
    assert {error.code for error in errors} == {"journal_failed"}
    assert state_on_disk(tmp_path / "a.run")[0] == "planned"
    run_file.close()


def test_a_caller_who_gives_up_disturbs_nobody(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run")

    async def work(journal: RunJournal) -> None:
        impatient = asyncio.create_task(journal.sending(0))
        patient = asyncio.create_task(journal.sending(1))
        await asyncio.sleep(0)
        impatient.cancel()
        await patient

    journaled(run_file, work)

    assert state_on_disk(tmp_path / "a.run", 1)[0] == "sending"
    run_file.close()


def test_what_is_still_queued_when_the_journal_closes_is_written(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run")

    async def go() -> None:
        async with RunJournal(run_file, FakeClock(), lambda: ({}, 0)) as journal:
            task = asyncio.create_task(journal.sending(0))
            await asyncio.sleep(0)
        await task

    asyncio.run(go())

    assert state_on_disk(tmp_path / "a.run")[0] == "sending"
    run_file.close()


@pytest.mark.parametrize("stored", [Contact(2**70), Contact(5, name="A\ud83d")], ids=["huge id", "half a letter"])
def test_what_no_file_can_hold_stops_the_run_instead_of_hanging_it(tmp_path: Path, stored: Contact) -> None:
    run_file = a_run(tmp_path / "a.run")

    async def work(journal: RunJournal) -> None:
        await journal.sending(0)
        with pytest.raises(RunStopped):
            await asyncio.wait_for(journal.settled(0, Settled("added", stored.id, None, {}, stored)), timeout=10)
        await journal.sending(1)

    journaled(run_file, work)

    assert state_on_disk(tmp_path / "a.run", 1)[0] == "sending"
    run_file.close()


def test_a_request_leaves_after_its_intent_is_durable_and_a_row_counts_after_its_outcome_is(tmp_path: Path) -> None:
    """Seen from the requests themselves, and from the progress bar, by a connection of its own."""
    path = tmp_path / "a.run"
    run_file = a_run(path, 60)
    edited = {change.existing.id: change.existing for _, change, _ in run_file.changes("planned") if change.existing}
    by_phone = {change.desired.gsm: number for number, change, _ in run_file.changes("planned")}
    left: list[str] = []
    counted: list[tuple[int, int]] = []

    class Seen(MemoryBook):
        async def _write(self, name: str, contact: Contact, faults: Any) -> Contact:
            left.append(state_on_disk(path, by_phone[contact.gsm])[0])
            return await super()._write(name, contact, faults)

    class Bar:
        done = 0

        def advance(self, steps: int = 1) -> None:
            self.done += steps
            counted.append((self.done, on_disk(path, "SELECT count(*) FROM changes WHERE state = 'done'")[0]))

        def note(self, text: str) -> None: ...

        def grow(self, steps: int) -> None: ...

    book = Seen(contacts=edited)

    async def work(journal: RunJournal) -> None:
        settings = ApplySettings(workers=8, settle_after=60, read_at=book.clock.now())
        pool = Pool(book, journal, settings, book.clock, asyncio.Event(), read_again=_never)
        await pool.carry_out((Pending(n, change) for n, change, _ in run_file.changes("planned")), Bar())

    journaled(run_file, work)

    assert left == ["sending"] * 20
    assert len(counted) == 20
    assert all(shown <= durable for shown, durable in counted)
    run_file.close()


async def _never(_: str) -> Any:
    raise AssertionError


def test_what_comes_while_a_group_is_committed_is_the_next_group_and_nothing_waits_for_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_file = a_run(tmp_path / "a.run", 60)
    groups: list[int] = []
    begun, go_on = threading.Event(), threading.Event()
    committed = RunJournal._commit

    def slow(journal: RunJournal, entries: Any) -> None:
        groups.append(len(entries))
        begun.set()
        assert go_on.wait(10)
        committed(journal, entries)

    monkeypatch.setattr(RunJournal, "_commit", slow)

    async def work(journal: RunJournal) -> None:
        first = asyncio.create_task(journal.sending(0))  # alone: it is not held back until there are others
        await asyncio.to_thread(begun.wait, 10)
        others = [asyncio.create_task(journal.sending(number)) for number in (1, 6, 7, 12)]
        await asyncio.sleep(0)
        assert not first.done()
        go_on.set()
        await asyncio.gather(first, *others)

    journaled(run_file, work)

    assert groups == [1, 4]
    run_file.close()
