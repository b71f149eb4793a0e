"""Rows that somebody has corrected in a file of rejected rows are not lost to the next run."""

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sync.errors import UsageError
from sync.report.corrections import RECORD, Corrections
from tests.report.records import WORKBOOK, MemoryRun, a_row, an_input, rejected, reported

SAVED = datetime(2026, 11, 22, 15, 34, 56, tzinfo=UTC)


def run_of(name: str = "Ada", **which: Any) -> MemoryRun:
    return MemoryRun([rejected(2, name, "0500")], [an_input(**which)])


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("rejected-2*"))


@pytest.fixture
def told() -> list[tuple[str, dict[str, Any]]]:
    return []


def test_what_somebody_has_corrected_is_kept_under_another_name_and_told(
    tmp_path: Path, told: list[tuple[str, dict[str, Any]]]
) -> None:
    reported(run_of(), tmp_path)
    (tmp_path / "rejected.csv").write_text("corrected by hand", encoding="utf-8")

    paths = reported(run_of("Işık"), tmp_path, tell=lambda code, **values: told.append((code, values)))

    (mine,) = kept(tmp_path)
    assert mine.read_text(encoding="utf-8") == "corrected by hand"
    assert "Işık" in (tmp_path / "rejected.csv").read_text(encoding="utf-8")
    assert told == [("rejected_kept", {"file": tmp_path / "rejected.csv", "kept": mine.name})]
    assert mine not in paths


def test_a_corrected_workbook_is_kept_too(tmp_path: Path) -> None:
    run = MemoryRun([rejected(2, "Ada", "0500")], [WORKBOOK])
    reported(run, tmp_path)
    book = openpyxl.load_workbook(tmp_path / "rejected.xlsx")
    book.active["B2"] = "0500 111 22 33"  # type: ignore[index]
    book.save(tmp_path / "rejected.xlsx")

    reported(run, tmp_path)

    (mine,) = kept(tmp_path)
    assert openpyxl.load_workbook(mine).active["B2"].value == "0500 111 22 33"  # type: ignore[index]
    assert openpyxl.load_workbook(tmp_path / "rejected.xlsx").active["B2"].value == "0500"  # type: ignore[index]


def test_what_nobody_has_touched_is_replaced_night_after_night(tmp_path: Path) -> None:
    for name in ("Ada", "Veli", "Işık"):
        reported(run_of(name), tmp_path)
        reported(MemoryRun([rejected(2, name, "0500")], [WORKBOOK]), tmp_path)

    assert kept(tmp_path) == []


def test_corrections_stay_where_every_row_of_the_next_run_makes_it(tmp_path: Path) -> None:
    reported(run_of(), tmp_path)
    (tmp_path / "rejected.csv").write_text("corrected by hand", encoding="utf-8")

    reported(MemoryRun([a_row(2)]), tmp_path)

    (mine,) = kept(tmp_path)
    assert mine.read_text(encoding="utf-8") == "corrected by hand"
    assert not (tmp_path / "rejected.csv").exists()
    assert not (tmp_path / RECORD).exists()


@pytest.mark.parametrize("damage", [None, b"", b"\xff\xfe", b"no hash at all"])
def test_a_file_of_which_nothing_is_known_is_kept(tmp_path: Path, damage: bytes | None) -> None:
    reported(run_of(), tmp_path)
    before = (tmp_path / "rejected.csv").read_bytes()
    (tmp_path / RECORD).unlink()
    if damage is not None:
        (tmp_path / RECORD).write_bytes(damage)

    reported(run_of("Işık"), tmp_path)

    (mine,) = kept(tmp_path)
    assert mine.read_bytes() == before


def test_one_that_another_program_holds_open_stays_and_gets_a_neighbour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported(run_of(), tmp_path)
    (tmp_path / "rejected.csv").write_text("corrected by hand", encoding="utf-8")

    def refusing(self: Path, _target: Path) -> Path:
        raise PermissionError(13, "held open", str(self))

    monkeypatch.setattr(Path, "rename", refusing)
    paths = reported(run_of("Işık"), tmp_path)

    assert (tmp_path / "rejected.csv").read_text(encoding="utf-8") == "corrected by hand"
    assert tmp_path / "rejected-2.csv" in paths


def test_several_inputs_have_their_corrections_kept_each(tmp_path: Path) -> None:
    run = MemoryRun([rejected(2, "Ada", "0500"), rejected(3, "Veli", "0500", input=1)], [an_input(), WORKBOOK])
    paths = [path for path in reported(run, tmp_path) if path.name.startswith("rejected")]
    for path in paths:
        path.write_bytes(b"corrected by hand")

    reported(run, tmp_path)

    mine = [path for path in tmp_path.iterdir() if path.read_bytes() == b"corrected by hand"]
    assert len(paths) == len(mine) == 2
    assert all(path.read_bytes() != b"corrected by hand" for path in paths)


def test_the_name_tells_when_the_file_was_saved_and_is_never_one_that_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "rejected.xlsx"
    for text in ("first", "second", "third"):
        path.write_text(text)
        os.utime(path, (SAVED.timestamp(), SAVED.timestamp()))
        Corrections(tmp_path, zone=timezone(timedelta(hours=3))).keep(path)

    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {
        "rejected-20261122-1834.xlsx": "first",
        "rejected-20261122-1834-2.xlsx": "second",
        "rejected-20261122-1834-3.xlsx": "third",
    }


def test_a_folder_with_the_name_of_a_report_is_named_itself(tmp_path: Path) -> None:
    for name in ("report.xlsx", "rejected.csv"):
        folder = tmp_path / f"out for {name}"
        (folder / name).mkdir(parents=True)

        with pytest.raises(UsageError) as caught:
            reported(run_of(), folder)

        assert (caught.value.code, caught.value.values) == ("report_is_folder", {"path": folder / name})
        assert [path.name for path in folder.iterdir() if path.name.endswith(f".{name}")] == []  # no draft
