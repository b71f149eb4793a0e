"""How a run's requests were spread over its time."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync.change import Settled
from sync.errors import UsageError
from sync.record import Span
from sync.runs import RunFile, RunJournal
from tests.fakes import FakeClock
from tests.runs.building import a_run, journaled

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
MANY = 1000


@pytest.fixture
def run_file(tmp_path: Path) -> RunFile:
    return a_run(tmp_path / "a.run", 6)


def note(run_file: RunFile, *entries: tuple[float, str], detail: str = "") -> None:
    """Entries of the journal, by seconds after the start."""
    run_file.connection.executemany(
        "INSERT INTO transitions (change, state, at, detail) VALUES (0, ?, ?, ?)",
        [(state, (START + timedelta(seconds=at)).isoformat(timespec="milliseconds"), detail) for at, state in entries],
    )


def spans(run_file: RunFile, most: int = 10) -> list[tuple[str, int, int, int]]:
    found = run_file.tempo(most=most)
    assert found is not None
    return [(each.begins[11:19], each.done, each.again, each.unsure) for each in found.spans]


def test_a_plan_that_sent_nothing_has_none(run_file: RunFile) -> None:
    assert run_file.tempo(most=10) is None


def test_changes_are_counted_by_the_second_in_which_they_ended(run_file: RunFile) -> None:
    note(
        run_file, (0.1, "sending"), (0.2, "done"), (0.9, "failed"), (1.1, "sending"), (2.5, "conflict"), (2.6, "unsure")
    )

    assert spans(run_file) == [("12:00:00", 2, 0, 0), ("12:00:01", 0, 0, 0), ("12:00:02", 1, 0, 1)]


def test_what_was_announced_and_then_not_sent_does_not_count(run_file: RunFile) -> None:
    note(run_file, (0, "sending"), (0, "sending"), (0, "planned"))
    assert run_file.tempo(most=10) is None

    note(run_file, (1, "done"))
    assert spans(run_file) == [("12:00:01", 1, 0, 0)]


def test_there_are_never_more_stretches_than_wanted_and_nothing_is_lost(run_file: RunFile) -> None:
    note(run_file, *((second, "done") for second in range(MANY)))

    found = run_file.tempo(most=20)

    assert found is not None
    assert (found.seconds, len(found.spans)) == (60, 17)
    assert sum(each.done for each in found.spans) == MANY
    assert found.spans[0] == Span("2026-11-21T12:00:00+00:00", 60, 0, 0)


def test_the_hours_between_an_interruption_and_the_resume_are_left_out(run_file: RunFile) -> None:
    note(run_file, (0, "done"), (1, "done"), (80_000, "done"), (80_002, "done"))

    assert [each[0] for each in spans(run_file)] == ["12:00:00", "12:00:01", "10:13:20", "10:13:21", "10:13:22"]


def test_many_parts_far_from_each_other_are_drawn_together(run_file: RunFile) -> None:
    note(run_file, *((100_000 * part, "done") for part in range(40)))

    found = spans(run_file, most=10)

    assert len(found) <= 10
    assert sum(done for _, done, _, _ in found) == 40


def test_the_journal_notes_what_was_sent_again_once(run_file: RunFile) -> None:
    clock, sent_again = FakeClock(), 4  # from before

    async def work() -> None:
        nonlocal sent_again
        async with RunJournal(run_file, clock, lambda: ({}, sent_again)) as journal:
            for number, count in enumerate((4, 7, 7)):
                sent_again = count
                await journal.sending(number)
                await journal.settled(number, Settled("added", 77 + number))
                clock.advance(1)

    asyncio.run(work())

    assert [each[1:] for each in spans(run_file)] == [(1, 0, 0), (1, 3, 0), (1, 0, 0)]


def test_what_is_found_when_it_is_read_back_is_no_end(run_file: RunFile) -> None:
    async def work(journal: RunJournal) -> None:
        await journal.sending(0)
        await journal.settled(0, Settled("added", 77))

    journaled(run_file, work)
    before = spans(run_file)
    note(run_file, (500, "done"), detail="verified_otherwise")
    note(run_file, (600, "done"))  # read back again, and nothing found

    assert spans(run_file) == before


def test_a_damaged_journal_is_told_as_a_damaged_file(run_file: RunFile) -> None:
    run_file.connection.execute("INSERT INTO transitions (change, state, at, detail) VALUES (0, 'done', 'now', '')")

    with pytest.raises(UsageError) as told:
        run_file.tempo(most=10)

    assert told.value.code == "run_file_damaged"
