"""Waiting until whoever writes the input has finished: the clock is the test's."""

import asyncio
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync.errors import RunRefused
from sync.progress import NoProgress
from sync.run.settled import wait_until_settled

Event = Callable[[], object]


class Story:
    """A clock; at given seconds something happens to the files."""

    def __init__(self, events: Mapping[float, Event]) -> None:
        self.moment = 0.0
        self.events = dict(events)

    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += seconds
        for at in sorted(at for at in self.events if at <= self.moment):
            self.events.pop(at)()


def waited(clock: Story, *files: Path, seconds: float = 30) -> float:
    asyncio.run(wait_until_settled(files, seconds, clock, NoProgress()))
    return clock.moment


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sheet.csv"
    path.write_text("a", encoding="utf-8")
    return path


def test_a_file_that_stands_still_is_waited_for_once(file: Path) -> None:
    assert 30 == waited(Story({}), file)


def test_each_change_begins_the_wait_anew(file: Path) -> None:
    clock = Story({10: lambda: file.write_text("ab"), 35: lambda: file.write_text("abc")})

    assert 65 <= waited(clock, file) <= 75


def test_a_file_rewritten_with_the_same_size_has_changed(file: Path) -> None:
    def rewritten() -> None:

        os.utime(file, (1, 1))

    assert 50 <= waited(Story({20: rewritten}), file) <= 60


def test_any_of_several_files_keeps_the_others_waiting(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a", encoding="utf-8")

    assert 50 <= waited(Story({20: lambda: other.write_text("ab")}), file, other) <= 60


def test_a_file_put_in_the_place_of_another_is_waited_for(file: Path) -> None:
    clock = Story({5: file.unlink, 100: lambda: file.write_text("new")})

    assert 130 <= waited(clock, file) <= 140


def test_a_file_that_is_not_there_at_all_is_left_to_the_reader(tmp_path: Path) -> None:
    assert 0 == waited(Story({}), tmp_path / "none.csv")


def test_standard_input_is_not_waited_for_but_a_file_beside_it_is(file: Path) -> None:
    assert 30 == waited(Story({}), Path("-"), file)


def test_a_file_that_never_stands_still_is_given_up_after_an_hour(file: Path) -> None:
    clock = Story({at: lambda at=at: file.write_text(str(at) * at) for at in range(1, 5000, 10)})  # type: ignore[misc]

    with pytest.raises(RunRefused) as refused:
        waited(clock, file)

    assert ("input_growing", 60) == (refused.value.code, refused.value.values["minutes"])


def test_a_file_that_has_gone_for_good_is_given_up_too(file: Path) -> None:
    with pytest.raises(RunRefused):
        waited(Story({5: file.unlink}), file)
