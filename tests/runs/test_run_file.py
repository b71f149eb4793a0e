"""The run file: what goes in comes out, and what is no run file is not taken for one."""

import gc
import os
import sqlite3
import stat
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sync.change import Settled
from sync.contact import Contact
from sync.errors import UsageError
from sync.grid import Cell
from sync.messages import error_text
from sync.runs import RunFile, RunJournal
from tests.runs.building import REMARK, a_meta, a_plan, a_run, a_sheet, change_of, journaled, phone, planned


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def codes(path: Path) -> str:
    """The code with which a file is refused; whatever was opened for it is closed again."""
    with pytest.raises(UsageError) as caught:
        RunFile.open(path)
    assert error_text(caught.value)
    code = caught.value.code
    del caught
    gc.collect()  # a connection left open would be told here
    return code


# Making and opening


def test_a_run_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run")
    run_file.save_meta()

    assert {path.name: mode(path) for path in tmp_path.iterdir()} == {path.name: 0o600 for path in tmp_path.iterdir()}
    run_file.close()


def test_the_permissions_do_not_depend_on_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        run_file = a_run(tmp_path / "a.run")
        run_file.save_meta()
        found = {mode(path) for path in tmp_path.iterdir()}
        run_file.close()
    finally:
        os.umask(before)

    assert found == {0o600}


def test_nothing_but_the_run_file_is_left(tmp_path: Path) -> None:
    a_run(tmp_path / "a.run").close()

    assert [path.name for path in tmp_path.iterdir()] == ["a.run"]


def test_a_plan_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken():  # type: ignore[no-untyped-def]  # noqa: ANN202
        yield change_of(0)
        raise ZeroDivisionError

    plan = a_plan(12)
    object.__setattr__(plan, "changes", broken())

    with pytest.raises(ZeroDivisionError):
        RunFile.create(tmp_path / "a.run", a_meta(), a_sheet(12), plan)

    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_of_its_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")

    with pytest.raises(UsageError) as caught:
        a_run(tmp_path / "folder" / "a.run")

    assert caught.value.code == "run_file_unwritable"


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    assert codes(tmp_path / "none.run") == "run_file_missing"


def test_a_folder_is_no_run_file(tmp_path: Path) -> None:
    assert codes(tmp_path) in ("run_file_missing", "run_file_foreign")


@pytest.mark.parametrize("content", [b"", b"Ad;Telefon\n\xc5\x9eule;+905000000001\n", b"PK\x03\x04 zip", b"x" * 5000])
def test_a_file_of_another_kind_is_no_run_file_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes(content)

    assert codes(path) == "run_file_foreign"
    assert path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == ["customers.csv"]


def test_a_database_of_another_program_is_no_run_file_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE meta (name TEXT, value TEXT)")
    connection.commit()
    connection.close()
    before = path.read_bytes()

    assert codes(path) == "run_file_foreign"
    assert path.read_bytes() == before


def test_a_file_of_a_later_version_is_told_apart(tmp_path: Path) -> None:
    a_run(tmp_path / "a.run").close()
    connection = sqlite3.connect(tmp_path / "a.run")
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    assert codes(tmp_path / "a.run") == "run_file_later"


@pytest.mark.parametrize("page", [0, 1, 5, 10])
def test_a_damaged_page_is_told(tmp_path: Path, page: int) -> None:
    a_run(tmp_path / "a.run", 600).close()
    content = bytearray((tmp_path / "a.run").read_bytes())
    start = max(page * 4096, 100)  # beyond the file's own header
    content[start : page * 4096 + 4096] = b"\xff" * (page * 4096 + 4096 - start)
    (tmp_path / "a.run").write_bytes(content)

    assert codes(tmp_path / "a.run") == "run_file_damaged"


def test_a_truncated_file_is_told(tmp_path: Path) -> None:
    a_run(tmp_path / "a.run", 200).close()
    content = (tmp_path / "a.run").read_bytes()
    (tmp_path / "a.run").write_bytes(content[: len(content) // 2])

    assert codes(tmp_path / "a.run") == "run_file_damaged"


@pytest.mark.parametrize(
    "sql", ["DELETE FROM meta WHERE name = 'run'", "UPDATE meta SET value = '{'", "DROP TABLE meta"]
)
def test_a_file_whose_facts_are_broken_is_told(tmp_path: Path, sql: str) -> None:
    a_run(tmp_path / "a.run").close()
    connection = sqlite3.connect(tmp_path / "a.run")
    connection.execute(sql)
    connection.commit()
    connection.close()

    assert codes(tmp_path / "a.run") == "run_file_damaged"


_KILLED = """
import os, sqlite3, sys
from datetime import datetime, timedelta
from pathlib import Path
from sync.runs import RunFile, RunJournal
run_file = RunFile.open(Path(sys.argv[1]))
run_file.meta.job = "killed"
run_file.save_meta()
os._exit(9)
"""


def killed_while_open(path: Path) -> None:
    """Leaves the file as a process leaves it that was killed: with SQLite's log beside it."""
    subprocess.run([sys.executable, "-c", _KILLED, str(path)], check=False, cwd=Path(__file__).parents[2])
    assert path.with_name(path.name + "-wal").exists()


def test_what_a_killed_process_saved_is_there(tmp_path: Path) -> None:
    a_run(tmp_path / "a.run").close()
    killed_while_open(tmp_path / "a.run")

    run_file = RunFile.open(tmp_path / "a.run")

    assert run_file.meta.job == "killed"
    run_file.close()


def test_a_new_plan_in_the_place_of_one_whose_process_was_killed_is_the_new_one(tmp_path: Path) -> None:
    a_run(tmp_path / "a.run", 12).close()
    killed_while_open(tmp_path / "a.run")

    run_file = a_run(tmp_path / "a.run", 60, job="new", run="20261122T0000-ffffff")

    assert (run_file.meta.job, run_file.meta.run, run_file.row_count) == ("new", "20261122T0000-ffffff", 60)
    assert run_file.computed_fingerprint() == run_file.meta.fingerprint
    run_file.close()


# Meta


def test_every_fact_comes_back(tmp_path: Path) -> None:
    meta = a_meta(breaches=[{"guard": "max_adds", "limit": "3"}], requests={"get-groups": 1}, retries=2, seconds=1.25)
    run_file = RunFile.create(tmp_path / "a.run", meta, a_sheet(12), a_plan(12))
    run_file.close()

    again = RunFile.open(tmp_path / "a.run")

    assert again.meta == meta
    assert again.meta.matched == 4
    again.close()


def test_a_saved_fact_is_durable(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run")
    run_file.meta.status, run_file.meta.applied_at = "applying", "2026-11-21T12:05:00+00:00"
    run_file.save_meta()

    other = RunFile.open(tmp_path / "a.run")

    assert (other.meta.status, other.meta.applied_at) == ("applying", "2026-11-21T12:05:00+00:00")
    other.close()
    run_file.close()


# Changes


def test_changes_come_back_as_they_were(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run", 14)

    assert list(run_file.changes("planned")) == [
        (n, change_of(n), None) for n in range(14) if planned(n) in ("added", "edited")
    ]
    run_file.close()


def test_changes_stream_in_batches_while_their_states_change(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run", 6 * 600)
    other = sqlite3.connect(tmp_path / "a.run", isolation_level=None)
    other.execute("PRAGMA synchronous = OFF")
    seen = []

    for number, _, _ in run_file.changes("planned"):
        seen.append(number)
        if number % 50 == 0 or number % 6 == 1:
            other.execute("UPDATE changes SET state = 'done' WHERE number <= ?", (number,))

    assert seen == [n for n in range(6 * 600) if planned(n) in ("added", "edited")]
    other.close()
    run_file.close()


def test_a_change_that_goes_back_to_planned_is_met_once_at_most(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run", 6 * 400)
    other = sqlite3.connect(tmp_path / "a.run", isolation_level=None)
    other.execute("PRAGMA synchronous = OFF")
    seen = []

    for number, _, _ in run_file.changes("planned"):
        seen.append(number)
        other.execute("UPDATE changes SET state = 'sending' WHERE number = ?", (number,))
        other.execute("UPDATE changes SET state = 'planned' WHERE number = ?", (number,))

    assert len(seen) == len(set(seen)) == 800
    other.close()
    run_file.close()


def test_changes_are_counted_by_state(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run", 12)

    assert (run_file.count("planned"), run_file.count("sending", "unsure"), run_file.count("planned", "done")) == (
        4,
        0,
        4,
    )
    run_file.close()


def test_the_fingerprint_is_that_of_the_changes(tmp_path: Path) -> None:
    one, same, other = (a_run(tmp_path / name, rows) for name, rows in (("1.run", 12), ("2.run", 12), ("3.run", 13)))

    assert one.meta.fingerprint == one.computed_fingerprint() == same.meta.fingerprint
    assert one.meta.fingerprint != other.meta.fingerprint
    for run_file in (one, same, other):
        run_file.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE changes SET data = replace(data, 'Soyad', 'Başka') WHERE number = 0",
        "DELETE FROM changes WHERE number = 1",
        "UPDATE changes SET data = (SELECT data FROM changes WHERE number = 6) WHERE number = 0",
    ],
)
def test_a_change_that_was_tampered_with_shows_in_the_fingerprint(tmp_path: Path, sql: str) -> None:
    run_file = a_run(tmp_path / "a.run", 12)
    run_file.connection.execute(sql)

    assert run_file.computed_fingerprint() != run_file.meta.fingerprint
    run_file.close()


# Rows


def test_outcomes_by_the_plan_and_so_far(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run", 12)

    assert run_file.outcomes(planned=True) == dict.fromkeys(
        ("added", "edited", "unchanged", "rejected", "conflict", "duplicate"), 2
    )
    assert run_file.outcomes() == {"pending": 4, "unchanged": 2, "rejected": 2, "conflict": 2, "duplicate": 2}
    assert run_file.row_count == 12
    run_file.close()


def test_rows_come_in_the_order_of_the_sheet_with_what_reports_need(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run", 12)

    rows = list(run_file.rows(planned=True))

    assert [row.row for row in rows] == list(range(2, 14))
    assert [row.outcome for row in rows[:6]] == ["added", "edited", "unchanged", "rejected", "conflict", "duplicate"]
    assert [row.contact_id for row in rows[:6]] == [None, 5001, 5002, None, None, None]
    assert rows[1].changes == {"name": ["Eski", "Ad 1 ğüş"]}
    assert rows[0].changes == {"name": ["", "Ad 0 ğüş"], "gsm": ["", phone(0)], "groups": [[], [7]]}
    assert rows[3].remarks == [REMARK]
    assert rows[3].cells == [Cell("Ad 3"), Cell(phone(3)), Cell("yalnız-hücrede")]
    run_file.close()


def test_rows_are_found_by_outcome(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run", 12)

    assert [row.row for row in run_file.rows("rejected", "conflict")] == [5, 6, 11, 12]
    assert [row.row for row in run_file.rows("added")] == []
    assert [row.row for row in run_file.rows("added", planned=True)] == [2, 8]
    run_file.close()


def test_inputs_come_back_without_their_cells(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run")

    (found,) = run_file.inputs()

    assert found == a_sheet(1).inputs[0]
    assert found.cells is None
    assert found.header == ("Ad", "Telefon", "Not")
    run_file.close()


def test_the_controls_are_the_adds_that_a_search_can_find(tmp_path: Path) -> None:
    from sync.change import Change, Plan, Settled  # noqa: PLC0415

    add = change_of(0)
    keyed = Change(0, "add", {"custom:3": "A-1", "gsm": phone(0)}, None, add.desired, add.fields)
    made = a_plan(1)
    run_file = RunFile.create(tmp_path / "a.run", a_meta(), a_sheet(1), Plan(made.rows, {}, iter([keyed]), 0))

    async def work(journal):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        await journal.sending(0)
        await journal.settled(0, Settled("added", 1001))

    journaled(run_file, work)

    (control,) = run_file.controls()
    assert (control.key, control.value, control.contact_id) == ("gsm", phone(0), 1001)
    run_file.close()


def test_what_was_written_lately_is_told_as_the_api_showed_it(tmp_path: Path) -> None:
    run_file = a_run(tmp_path / "a.run")
    stored = Contact(1001, "Ada", gsm=phone(0), custom_fields={1: "x"}, groups=(7,))

    async def work(journal: RunJournal) -> None:
        await journal.sending(0)
        await journal.settled(0, Settled("added", 1001, None, {}, stored))

    journaled(run_file, work)
    now = datetime.fromisoformat(
        run_file.connection.execute("SELECT sent_at FROM changes WHERE number = 0").fetchone()[0]
    )

    assert list(run_file.written_since(now - timedelta(minutes=59))) == [stored]
    assert list(run_file.written_since(now + timedelta(seconds=1))) == []
    run_file.close()


def test_a_plan_does_not_replace_a_file_that_is_none(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("Ad;Telefon", encoding="utf-8")

    with pytest.raises(UsageError) as caught:
        a_run(sheet)

    assert caught.value.code == "output_exists"
    assert sheet.read_text(encoding="utf-8") == "Ad;Telefon"
