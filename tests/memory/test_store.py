"""What a job's runs leave for its later runs: kept whole, private, small, and only as hashes."""

import sqlite3
import stat
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sync.errors import UsageError
from sync.hashes import EMPTY, NORMALISER, UNKNOWN, Hashes
from sync.memory import JobMemory
from sync.memory import store as module
from sync.remembered import Figures, Lesson, Quarantined

FIELDS = ("name", "gsm")
FIGURES = Figures("r1", "2026-11-21T12:00:00+00:00", 100, {"name": 90}, {"gsm": 2}, "abc")


def numbers(*values: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array(values, dtype=np.int64)


def a_lesson(ids: Sequence[int], *, fields: tuple[str, ...] = FIELDS, plus: int = 0, **others: Any) -> Lesson:
    """For contact 5: row 1005, mark 2005, bases 3005, 4005 …"""
    own = numbers(*ids)
    facts: dict[str, Any] = {
        "who": own + 1000,
        "marks": own + 2000 + plus,
        "written": np.zeros(len(own), dtype=bool),
        "bases": np.array([own + 1000 * (3 + place) + plus for place in range(len(fields))]).T,
        "keeps": np.zeros(len(own), dtype=bool),
    }
    return Lesson(fields, own, **{**facts, **others})


def empty_lesson(**others: Any) -> Lesson:
    return a_lesson([], bases=np.zeros((0, 2), dtype=np.int64), **others)


@pytest.fixture
def memory(tmp_path: Path) -> JobMemory:
    return JobMemory(tmp_path, "müşteriler/1")


def test_before_the_first_run_nothing_is_remembered_and_no_file_is_made(memory: JobMemory) -> None:
    assert len(memory.recall()) == 0
    assert not memory.path.exists()


def test_what_was_recorded_comes_back(memory: JobMemory) -> None:
    quarantined = {7: Quarantined(70, "call_refused", "2026-11-20")}
    memory.record(a_lesson([9, 5], erased={8: "2026-11-19"}, quarantined=quarantined, accepted=FIGURES))

    found = memory.recall()

    assert found.contact_ids.tolist() == [5, 9]
    assert (found.who.tolist(), found.marks.tolist()) == ([1005, 1009], [2005, 2009])
    assert found.base("gsm", found.places(numbers(9, 6))).tolist() == [4009, UNKNOWN]
    assert found.base("email", numbers(0)).tolist() == [UNKNOWN]
    assert found.contacts_of(numbers(1009, 1010)).tolist() == [9, -1]
    assert (found.erased, found.quarantined, found.accepted) == ({8: "2026-11-19"}, quarantined, (FIGURES,))


def test_to_record_the_same_again_changes_nothing(memory: JobMemory) -> None:
    lesson = a_lesson([5, 9], quarantined={7: Quarantined(70, "x", "2026-11-20")}, accepted=FIGURES)
    memory.record(lesson)
    before = memory.recall()
    memory.record(lesson)

    after = memory.recall()

    assert np.array_equal(after.bases, before.bases)
    assert (after.accepted, after.quarantined) == (before.accepted, before.quarantined)


def test_a_later_field_is_unknown_in_rows_of_before(memory: JobMemory) -> None:
    memory.record(a_lesson([5]))
    memory.record(a_lesson([6], fields=("email", "name")))

    found = memory.recall()

    assert found.base("email", numbers(0, 1)).tolist() == [UNKNOWN, 3006]
    assert found.base("gsm", numbers(0, 1)).tolist() == [4005, UNKNOWN]


def test_a_base_that_a_run_did_not_touch_stays_where_the_lesson_keeps_it(memory: JobMemory) -> None:
    memory.record(a_lesson([5, 6]))
    bases = np.array([[1, UNKNOWN], [1, UNKNOWN]])
    memory.record(a_lesson([5, 6], bases=bases, keeps=np.array([True, False])))

    assert memory.recall().bases.tolist() == [[1, 4005], [1, UNKNOWN]]


def test_who_was_written_once_stays_written(memory: JobMemory) -> None:
    memory.record(a_lesson([5, 6], written=np.array([True, False])))
    memory.record(a_lesson([5, 6]))

    assert memory.recall().written.tolist() == [True, False]


def test_a_row_that_became_another_contact_is_remembered_once(memory: JobMemory) -> None:
    memory.record(a_lesson([5, 6]))
    memory.record(a_lesson([50], who=numbers(1005)))

    found = memory.recall()

    assert found.contact_ids.tolist() == [6, 50]
    assert found.contacts_of(numbers(1005)).tolist() == [50]


def test_since_when_a_row_is_held_is_told_from_the_first_time_on_until_it_says_something_else(
    memory: JobMemory,
) -> None:
    memory.record(empty_lesson(quarantined={7: Quarantined(70, "a", "1")}, erased={8: "1"}))
    memory.record(empty_lesson(quarantined={7: Quarantined(70, "b", "2")}, erased={8: "2"}))

    assert memory.recall().quarantined == {7: Quarantined(70, "b", "1")}
    assert memory.recall().erased == {8: "1"}

    memory.record(empty_lesson(quarantined={7: Quarantined(71, "b", "3")}, released=frozenset({8})))

    assert memory.recall().quarantined == {7: Quarantined(71, "b", "3")}
    assert memory.recall().erased == {}


def test_forgotten_contacts_are_not_remembered(memory: JobMemory) -> None:
    memory.record(a_lesson([5, 6]))
    memory.record(empty_lesson(forgotten=(5,)))

    assert memory.recall().contact_ids.tolist() == [6]


def test_the_figures_of_the_last_runs_are_kept_the_latest_first(memory: JobMemory) -> None:
    for number in range(8):
        memory.record(empty_lesson(accepted=Figures(f"r{number}", "", number, {}, {}, "")))

    assert [each.run for each in memory.recall().accepted] == ["r7", "r6", "r5", "r4", "r3"]


def test_bases_of_another_normaliser_say_nothing(memory: JobMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NORMALISER", NORMALISER + 1)
    memory.record(a_lesson([5]))
    monkeypatch.undo()
    memory.record(a_lesson([6]))

    found = memory.recall()

    assert (found.bases.tolist(), found.outdated) == ([[UNKNOWN, UNKNOWN], [3006, 4006]], 1)
    assert found.contacts_of(numbers(1005)).tolist() == [5]  # who a row is does not depend on it


@pytest.mark.fault(
    "The process is killed, or the power fails",
    "while the memory is written",
    "it holds what it held before",
)
def test_what_is_known_of_a_field_that_the_mapping_names_no_more_stays_known(memory: JobMemory) -> None:
    memory.record(a_lesson([5]))
    memory.record(a_lesson([5, 6], fields=("gsm",), plus=1))

    found = memory.recall()

    assert found.base("gsm", numbers(0, 1)).tolist() == [3006, 3007]
    assert found.base("name", numbers(0, 1)).tolist() == [3005, UNKNOWN]


def test_the_groups_that_a_job_has_named_add_up(memory: JobMemory) -> None:
    memory.record(empty_lesson(group_sets={70: "7 8"}, own_groups=(7,)))
    memory.record(empty_lesson(group_sets={70: "7 8", -3: "9"}, own_groups=(7, 9)))

    assert (memory.recall().group_sets, memory.recall().own_groups) == (
        {70: frozenset({7, 8}), -3: frozenset({9})},
        {7, 9},
    )


def test_other_jobs_of_the_account_say_which_contacts_they_know(memory: JobMemory, tmp_path: Path) -> None:
    memory.record(a_lesson([5, 6]))
    JobMemory(tmp_path, "others").record(a_lesson([6, 7]))

    assert memory.contacts_of_others([5, 6, 7, 8]) == {6, 7}
    assert memory.contacts_of_others([]) == set()


def test_a_recording_that_breaks_off_leaves_what_was(memory: JobMemory) -> None:
    memory.record(a_lesson([5]))
    broken = a_lesson([6, 7], marks=numbers(1), forgotten=(5,))

    with pytest.raises(ValueError, match="zip"):
        memory.record(broken)

    assert memory.recall().contact_ids.tolist() == [5]


def test_jobs_of_an_account_do_not_know_each_other(tmp_path: Path) -> None:
    JobMemory(tmp_path, "a").record(a_lesson([5]))

    assert len(JobMemory(tmp_path, "b").recall()) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of another kind")
def test_all_of_it_is_private(memory: JobMemory) -> None:
    memory.record(a_lesson([5]))
    memory.recall()

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in memory.path.parent.iterdir()}

    assert modes == {memory.path.name: 0o600, "key": 0o600}
    assert stat.S_IMODE(memory.path.parent.stat().st_mode) == 0o700


def test_with_another_key_nothing_is_compared(memory: JobMemory) -> None:
    memory.record(a_lesson([5]))
    (memory.path.parent / "key").unlink()

    with pytest.raises(UsageError) as raised:
        memory.recall()

    assert raised.value.code == "memory_of_other_key"


@pytest.mark.fault(
    "Files change or are damaged",
    "the memory is damaged",
    "is told, with what to do (exit 2); the file stays",
)
def test_a_damaged_file_is_told_and_stays(memory: JobMemory) -> None:
    memory.record(a_lesson([5]))
    memory.path.write_bytes(b"SQLite? no")

    with pytest.raises(UsageError) as raised:
        memory.recall()

    assert raised.value.code == "memory_damaged"
    assert memory.path.read_bytes() == b"SQLite? no"


def test_a_row_with_too_many_hashes_is_damage(memory: JobMemory) -> None:
    memory.record(a_lesson([5]))
    with sqlite3.connect(memory.path) as connection:
        connection.execute("UPDATE rows SET bases = zeroblob(24)")
    connection.close()

    with pytest.raises(UsageError) as raised:
        memory.recall()

    assert raised.value.code == "memory_damaged"


def test_a_file_of_a_later_version_is_left_alone(memory: JobMemory) -> None:
    memory.record(a_lesson([5]))
    connection = sqlite3.connect(memory.path)
    connection.execute(f"PRAGMA user_version = {module.VERSION + 1}")
    connection.close()

    with pytest.raises(UsageError) as raised:
        memory.record(a_lesson([6]))

    assert raised.value.code == "memory_later"


def test_no_value_of_a_contact_stands_in_the_file(memory: JobMemory) -> None:
    hashes = memory.hashes()
    column = pd.Series(["+905001112233", None], dtype="str")
    marks = hashes.of_field("gsm", column)
    memory.record(a_lesson([5, 6], bases=np.array([marks, marks]).T))

    kept = memory.path.read_bytes()

    assert b"5001112233" not in kept
    assert marks[1] == EMPTY
    assert Hashes(b"another key").of_value("gsm", "+905001112233") != marks[0]


@pytest.mark.parametrize("data", ["", "7", "[]", '{"a": 1}', "[" * 3000])
def test_figures_that_nobody_can_read_are_damage(memory: JobMemory, data: str) -> None:
    memory.record(empty_lesson(accepted=FIGURES))
    with closing(sqlite3.connect(memory.path)) as connection, connection:
        connection.execute("UPDATE accepted SET data = ?", (data,))

    with pytest.raises(UsageError) as raised:
        memory.recall()

    assert raised.value.code == "memory_damaged"
