"""How a run's requests were spread over its time."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync.change import Settled
from sync.errors import UsageError
from sync.pulse import Beat, Pulse
from sync.record import Span
from sync.runs import RunFile, RunJournal
from tests.fakes import FakeClock
from tests.runs.building import a_meta, a_plan, a_run, a_sheet, journaled

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


def sent(run_file: RunFile, *entries: tuple[int, int, int]) -> None:
    """Requests by seconds after the start, and how many of them were sent before."""
    run_file.note_sent([Beat(int(START.timestamp()) + at, *counts) for at, *counts in entries])


def spans(run_file: RunFile, most: int = 10) -> list[tuple[str, int, int, int]]:
    """When each begins, changes done, requests sent again, answers lost."""
    found = run_file.tempo(most=most)
    assert found is not None
    return [(each.begins[11:19], each.done, each.again, each.unsure) for each in found.spans]


def requests(run_file: RunFile, most: int = 10) -> list[tuple[str, int, int]]:
    """When each begins, requests, how many of them were sent again."""
    found = run_file.tempo(most=most)
    assert found is not None
    return [(each.begins[11:19], each.requests, each.again) for each in found.spans]


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
    assert found.spans[0] == Span("2026-11-21T12:00:00+00:00", 0, 0, 60, 0)


def test_the_hours_between_an_interruption_and_the_resume_are_left_out(run_file: RunFile) -> None:
    note(run_file, (0, "done"), (1, "done"), (80_000, "done"), (80_002, "done"))

    assert [each[0] for each in spans(run_file)] == ["12:00:00", "12:00:01", "10:13:20", "10:13:21", "10:13:22"]


def test_many_parts_far_from_each_other_are_drawn_together(run_file: RunFile) -> None:
    note(run_file, *((100_000 * part, "done") for part in range(40)))

    found = spans(run_file, most=10)

    assert len(found) <= 10
    assert sum(done for _, done, _, _ in found) == 40


def test_every_request_counts_whatever_it_was_for(run_file: RunFile) -> None:
    sent(run_file, (0, 10, 0), (1, 9, 2))  # the book was read
    sent(run_file, (1, 1, 1), (3, 4, 0))
    note(run_file, (3.5, "done"))

    assert requests(run_file) == [("12:00:00", 10, 0), ("12:00:01", 10, 3), ("12:00:02", 0, 0), ("12:00:03", 4, 0)]
    assert spans(run_file)[-1] == ("12:00:03", 1, 0, 0)


def test_what_was_sent_for_a_plan_stands_in_its_file(tmp_path: Path) -> None:
    beats = [Beat(int(START.timestamp()), 3, 1), Beat(int(START.timestamp()), 2, 0)]  # the clock was set back

    run_file = RunFile.create(tmp_path / "b.run", a_meta(), a_sheet(6), a_plan(6), sent=beats)

    assert requests(run_file) == [("12:00:00", 5, 1)]


def test_minutes_in_which_a_plan_waits_for_a_person_are_left_out(run_file: RunFile) -> None:
    sent(run_file, (0, 1, 0), (300, 1, 0), (390, 1, 0))

    assert [each[0] for each in requests(run_file)] == [
        "12:00:00", "12:05:00", "12:05:15", "12:05:30", "12:05:45", "12:06:00", "12:06:15", "12:06:30"
    ]  # fmt: skip


def test_the_journal_takes_the_requests_along_in_its_commits(run_file: RunFile) -> None:
    clock, pulse = FakeClock(), Pulse()

    async def work() -> None:
        async with RunJournal(run_file, clock, lambda: ({}, 0), pulse.reader()) as journal:
            for number, count in enumerate((1, 3, 1)):
                for each in range(count):
                    pulse.sent(int(clock.now().timestamp()), again=each > 0)
                await journal.sending(number)
                await journal.settled(number, Settled("added", 77 + number))
                clock.advance(1)
            before_the_end = requests(RunFile.open(run_file.path, look=True))
            assert before_the_end == requests(run_file)

    asyncio.run(work())

    assert [each[1:] for each in requests(run_file)] == [(1, 0), (3, 2), (1, 0)]


def of_version_four(run_file: RunFile) -> Path:
    """The file as version 4 wrote it: its journal told how many requests were sent again."""
    note(run_file, (0.1, "done"), (0.2, "failed"))
    run_file.connection.execute(
        "INSERT INTO transitions (change, state, at, detail) VALUES (-1, 'again', ?, '3')", [START.isoformat()]
    )
    run_file.connection.executescript("DROP TABLE sent; PRAGMA user_version = 4;")
    run_file.close()
    return run_file.path


@pytest.mark.parametrize("look", [True, False], ids=["only looked at", "made one of the present"])
def test_a_file_from_before_requests_were_counted_tells_what_its_journal_knows(run_file: RunFile, look: bool) -> None:
    earlier = RunFile.open(of_version_four(run_file), look=look)

    assert (requests(earlier), spans(earlier)) == ([("12:00:00", 5, 3)], [("12:00:00", 2, 3, 0)])


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
