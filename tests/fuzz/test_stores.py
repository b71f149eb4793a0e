"""Run files, plans and memories with mistakes in them: read, or refused as damaged; nothing else comes out."""

import random
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.memory import JobMemory
from sync.remembered import Figures, Lesson, Quarantined
from sync.run.past import past_run
from sync.runs import RunFile, StateDirectory
from tests.fakes import START
from tests.fuzz.mutating import mutated, only_refusals, tried
from tests.runs.building import a_run

VALUES = st.sampled_from(
    [
        None,
        "",
        "x",
        "{}",
        "[]",
        "null",
        "[" * 2000,
        "7",
        -1,
        0,
        2**62,
        1.5,
        b"",
        b"\xff" * 9,
        '{"a": 1}',
        "\ud83d",
        "[[1]]",
    ]
).map(
    lambda value: (
        value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value
    )
)


@pytest.fixture(scope="module")
def run_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("fuzz") / "a.run"
    a_run(path, 24).close()
    return path.read_bytes()


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    found = JobMemory(tmp_path_factory.mktemp("fuzz"), "job")
    found.record(a_lesson())
    return found.path.read_bytes(), (found.path.parent / "key").read_bytes()


def a_lesson() -> Lesson:
    ids = np.arange(1, 30, dtype=np.int64)
    return Lesson(
        ("name", "gsm"),
        ids,
        who=ids + 1000,
        marks=ids + 2000,
        written=np.ones(len(ids), dtype=bool),
        bases=np.array([ids + 3000, ids + 4000]).T,
        keeps=np.zeros(len(ids), dtype=bool),
        erased={5: "2026-11-21"},
        quarantined={6: Quarantined(7, "api_number_invalid", "2026-11-21")},
        accepted=Figures("r1", "2026-11-21T12:00:00+00:00", 100, {"name": 90}, {"gsm": 2}, "abc"),
    )


def read_run(path: Path) -> None:
    """Everything that commands read of a run file."""
    for look in (True, False):
        with only_refusals():
            found = RunFile.open(path, look=look)
            for work in (
                lambda found=found: list(found.changes("planned", "sending", "done")),
                lambda found=found: list(found.rows()),
                lambda found=found: list(found.carried()),
                lambda found=found: found.controls(),
                lambda found=found: list(found.written_since(START)),
                lambda found=found: (found.outcomes(), found.removals(), found.altered(), found.tally()),
                lambda found=found: (found.inputs(), found.row_count, found.last_moment()),
                lambda found=found: (found.reasons("rejected", "conflict"), found.notes()),
                lambda found=found: found.computed_fingerprint(),
                lambda found=found: past_run(StateDirectory(path.parent / "state"), found, START, reasons=True),
            ):
                with only_refusals():
                    work()
            found.close()


@given(data=st.data())
@tried()
def test_a_run_file_with_overwritten_bytes_is_read_or_refused(run_file: bytes, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.run"
        path.write_bytes(data.draw(mutated(run_file)))
        read_run(path)


@given(data=st.data())
@tried()
def test_a_run_file_in_which_somebody_wrote_something_else_is_read_or_refused(
    run_file: bytes, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.run"
        path.write_bytes(run_file)
        _rewritten(path, data)
        read_run(path)


@given(data=st.data())
@tried()
def test_a_memory_with_overwritten_bytes_is_read_or_refused(memory: tuple[bytes, bytes], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = _remembering(Path(folder), *memory)
        found.path.write_bytes(data.draw(mutated(memory[0])))
        _used(found)


@given(data=st.data())
@tried()
def test_a_memory_in_which_somebody_wrote_something_else_is_read_or_refused(
    memory: tuple[bytes, bytes], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = _remembering(Path(folder), *memory)
        _rewritten(found.path, data)
        _used(found)


def _remembering(folder: Path, content: bytes, key: bytes) -> JobMemory:
    found = JobMemory(folder, "job")
    found.path.parent.mkdir(mode=0o700)
    found.path.write_bytes(content)
    (found.path.parent / "key").write_bytes(key)
    return found


def _used(found: JobMemory) -> None:
    with only_refusals():
        found.recall()
        found.record(a_lesson())  # by whoever could read it


def _rewritten(path: Path, data: st.DataObject) -> None:
    """A cell, a row or a table becomes something else, as in a file that another program has opened."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        table = data.draw(st.sampled_from(sorted(name for name in tables if not name.startswith("sqlite_"))))
        columns = [name for _, name, *_ in connection.execute(f'PRAGMA table_info("{table}")')]
        column, value = data.draw(st.sampled_from(columns)), data.draw(VALUES)
        chance = random.Random(data.draw(st.integers(0, 1000)))
        how = data.draw(st.sampled_from(["all", "one", "delete", "drop", "rename"]))
        try:
            match how:
                case "all":
                    connection.execute(f'UPDATE OR IGNORE "{table}" SET "{column}" = ?', (value,))
                case "one":
                    connection.execute(
                        f'UPDATE OR IGNORE "{table}" SET "{column}" = ? WHERE "{column}" ='
                        f' (SELECT "{column}" FROM "{table}" LIMIT 1 OFFSET ?)',
                        (value, chance.randrange(6)),
                    )
                case "delete":
                    connection.execute(f'DELETE FROM "{table}" WHERE abs(random()) % 2 = 0')
                case "drop":
                    connection.execute(f'DROP TABLE "{table}"')
                case _:
                    connection.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO other')
        except (sqlite3.Error, OverflowError):
            pass  # the schema itself refuses it
