"""Damage of every kind is told, with advice; nothing is worked on of which a part is lost."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.change import Settled
from sync.errors import ImsyncError, UsageError
from sync.messages import error_text
from sync.runs import RunFile, RunJournal
from tests.runs.building import a_run, journaled

ROWS = 60


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("runs") / "a.run"
    a_run(path, ROWS).close()
    return path.read_bytes()


def refusal(path: Path) -> str | None:
    """What is said about a file; None where it is opened and everything in it can be read."""
    opened: list[RunFile] = []
    try:
        opened.append(RunFile.open(path))
        list(opened[0].changes("planned"))
        list(opened[0].rows())
    except ImsyncError as error:
        return f"{error.exit_code}: {error_text(error)}"
    finally:
        for run_file in opened:
            run_file.close()
    return None


def left(path: Path) -> set[str]:
    return {each.name for each in path.parent.iterdir()}


@pytest.mark.fault(
    "Files change or are damaged",
    "a run file was cut short",
    "is refused as damaged, with advice (exit 2)",
)
@pytest.mark.parametrize("share", [number / 16 for number in range(16)])
def test_a_file_that_was_cut_short_is_refused(tmp_path: Path, whole: bytes, share: float) -> None:
    path = tmp_path / "a.run"
    path.write_bytes(whole[: int(len(whole) * share)])

    said = refusal(path)

    assert said is not None
    assert "not a run file" in said if share == 0 else "damaged" in said


@pytest.mark.fault(
    "Files change or are damaged",
    "bytes of a run file were overwritten",
    "is refused; no change is sent that was not planned",
)
@pytest.mark.parametrize("part", range(24))
def test_overwritten_bytes_are_refused_or_seen_as_a_change_of_the_plan_or_outside_of_it(
    tmp_path: Path, whole: bytes, part: int
) -> None:
    """Whatever is overwritten: there is no traceback, and no change is read that was not planned."""
    path = tmp_path / "a.run"
    start = len(whole) * part // 24
    path.write_bytes(whole[:start] + b"\xa5" * 64 + whole[start + 64 :])

    said = refusal(path)

    if said is not None:
        assert said.startswith("2:")
        assert ("not a run file" in said) if part == 0 else ("Keep the file" in said)
    else:
        run_file = RunFile.open(path)
        tampered = run_file.computed_fingerprint() != run_file.meta.fingerprint
        run_file.close()
        original = tmp_path / "b.run"
        original.write_bytes(whole)
        assert tampered or _changes(path) == _changes(original)


def _changes(path: Path) -> list[object]:
    run_file = RunFile.open(path)
    found = list(run_file.changes("planned"))
    run_file.close()
    return [*found]


@pytest.mark.parametrize("start", [*range(0, 100, 4)])
def test_overwritten_bytes_of_the_header_never_end_in_a_traceback(tmp_path: Path, whole: bytes, start: int) -> None:
    path = tmp_path / "a.run"
    path.write_bytes(whole[:start] + b"\xa5" * 4 + whole[start + 4 :])

    said = refusal(path)

    assert said is None or said.startswith("2:")


# The log beside the file


def copied_while_running(path: Path) -> Path:
    """A copy of the file and its log as a process leaves them that is killed with two changes under way."""
    run_file, killed = a_run(path, ROWS), path.parent / "killed"
    killed.mkdir()

    async def go(journal: RunJournal) -> None:
        await journal.sending(0)
        await journal.settled(0, Settled("added", 1001))
        await journal.sending(1)
        for each in path.parent.glob(f"{path.name}*"):
            shutil.copy(each, killed)

    journaled(run_file, go)
    run_file.close()
    return killed / path.name


def states(path: Path) -> dict[str, int]:
    run_file = RunFile.open(path)
    found = {state: run_file.count(state) for state in ("planned", "sending", "done") if run_file.count(state)}
    run_file.close()
    return found


def test_a_run_that_was_killed_goes_on_with_its_log(tmp_path: Path) -> None:
    path = copied_while_running(tmp_path / "a.run")

    assert states(path) == {"planned": 18, "sending": 1, "done": 1}


@pytest.mark.fault(
    "Files change or are damaged",
    "a run file's log is gone",
    "is refused: it may have forgotten what was sent",
)
@pytest.mark.parametrize("how", ["gone", "emptied"])
def test_a_run_whose_log_is_gone_is_refused_because_it_forgot_what_was_sent(tmp_path: Path, how: str) -> None:
    path = copied_while_running(tmp_path / "a.run")
    log = path.with_name("a.run-wal")
    log.unlink() if how == "gone" else os.truncate(log, 0)
    path.with_name("a.run-shm").unlink()

    said = refusal(path)

    assert said is not None
    assert "a.run-wal" in said
    assert "nothing is added twice" in said
    with pytest.raises(UsageError):  # nor is it taken for whole by whoever only looks
        RunFile.open(path, look=True)


def test_a_log_that_another_program_has_folded_into_the_file_is_not_missing(tmp_path: Path) -> None:
    path = copied_while_running(tmp_path / "a.run")
    connection = sqlite3.connect(path)
    connection.execute("SELECT count(*) FROM changes").fetchone()
    connection.close()

    assert left(path) == {"a.run"}
    assert states(path) == {"planned": 18, "sending": 1, "done": 1}


@pytest.mark.fault("The process is killed, or the power fails", "and somebody looks at the run first", "resume goes on")
def test_a_killed_run_that_was_looked_at_first_goes_on(tmp_path: Path) -> None:
    path = copied_while_running(tmp_path / "a.run")
    RunFile.open(path, look=True).close()

    assert states(path) == {"planned": 18, "sending": 1, "done": 1}


def test_a_run_that_came_to_its_end_needs_no_log(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run", ROWS)
    journaled(run_file, lambda journal: journal.sending(0))
    run_file.close()

    assert left(tmp_path / "a.run") == {"a.run"}
    assert states(tmp_path / "a.run") == {"planned": 19, "sending": 1}


def folded(path: Path) -> Iterator[str]:
    """What the file alone says about its log, after each of many commits."""
    run_file = a_run(path, 6 * 100)
    alone = path.with_name("alone.run")
    found = []

    async def go(journal: RunJournal) -> None:
        for number, _, _ in run_file.changes("planned"):
            await journal.sending(number)
            shutil.copy(path, alone)
            connection = sqlite3.connect(f"{alone.as_uri()}?immutable=1", uri=True)
            found.append(connection.execute("SELECT state FROM log").fetchone()[0])
            connection.close()

    journaled(run_file, go)
    run_file.close()
    yield from found


def test_however_long_a_run_takes_its_file_alone_says_that_there_is_a_log(tmp_path: Path) -> None:
    assert set(folded(tmp_path / "a.run")) == {"begun"}


def test_who_only_looks_cannot_write(tmp_path: Path) -> None:
    a_run(tmp_path / "a.run").close()
    run_file = RunFile.open(tmp_path / "a.run", look=True)

    with pytest.raises(ImsyncError):
        run_file.save_meta()

    run_file.close()
    assert left(tmp_path / "a.run") == {"a.run"}
