"""What stands in the folder of the reports and is not as imsync wrote it there is not lost to the next run."""

import hashlib
import os
import shutil
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from sync import messages
from sync.book import Book
from sync.contact import Contact
from sync.coverage import Coverage
from sync.errors import UsageError
from sync.reconciliation import BookSide, Duplicates
from sync.record import NO_INPUT
from sync.report.folder import RECORD, ReportFolder
from tests.report.records import WORKBOOK, MemoryRun, a_row, an_input, rejected, reported
from tests.report.test_removed import Leaving

REPORTS = {"report.html", "report.xlsx", "report.csv", "report.json"}
SAVED = datetime(2026, 11, 22, 15, 34, 56, tzinfo=UTC)


def run_of(name: str = "Ada", **which: Any) -> MemoryRun:
    return MemoryRun([rejected(2, name, "0500")], [an_input(**which)])


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("rejected-2*"))


class Told:
    """What was told, and a `tell` that keeps it."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, code: str, **values: Any) -> None:
        assert messages.text(code, values)
        self.lines.append((code, values))


@pytest.fixture
def told() -> Told:
    return Told()


def test_what_somebody_has_corrected_is_kept_under_another_name_and_told(tmp_path: Path, told: Told) -> None:
    reported(run_of(), tmp_path)
    (tmp_path / "rejected.csv").write_text("corrected by hand", encoding="utf-8")

    paths = reported(run_of("Işık"), tmp_path, tell=told)

    (mine,) = kept(tmp_path)
    assert mine.read_text(encoding="utf-8") == "corrected by hand"
    assert "Işık" in (tmp_path / "rejected.csv").read_text(encoding="utf-8")
    assert told.lines == [("rejected_kept", {"file": tmp_path / "rejected.csv", "kept": mine.name})]
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


def test_what_nobody_has_touched_is_replaced_night_after_night(tmp_path: Path, told: Told) -> None:
    for name in ("Ada", "Veli", "Işık"):
        reported(run_of(name), tmp_path, tell=told)
        reported(MemoryRun([rejected(2, name, "0500")], [WORKBOOK]), tmp_path, tell=told)

    assert told.lines == []
    assert {path.name for path in tmp_path.iterdir()} == {*REPORTS, "rejected.xlsx", RECORD}


def test_corrections_stay_where_every_row_of_the_next_run_makes_it(tmp_path: Path) -> None:
    reported(run_of(), tmp_path)
    (tmp_path / "rejected.csv").write_text("corrected by hand", encoding="utf-8")

    reported(MemoryRun([a_row(2)]), tmp_path)

    (mine,) = kept(tmp_path)
    assert mine.read_text(encoding="utf-8") == "corrected by hand"
    assert not (tmp_path / "rejected.csv").exists()
    assert "rejected" not in (tmp_path / RECORD).read_text(encoding="utf-8")


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

    replace = Path.replace

    def refusing(self: Path, target: Path) -> Path:
        if self.name == "rejected.csv":
            raise PermissionError(13, "held open", str(self))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refusing)
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
        ReportFolder(tmp_path, zone=timezone(timedelta(hours=3))).remove(path.name)

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


# Reports, and what has their names


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_file_of_somebody_elses_that_has_the_name_of_a_report_is_kept_and_told_once(
    tmp_path: Path, told: Told, name: str
) -> None:
    (tmp_path / name).write_text("my customers", encoding="utf-8")

    for _ in range(2):
        paths = reported(MemoryRun([a_row(2)]), tmp_path, tell=told)

    (mine,) = tmp_path.glob("report-2*")
    assert mine.read_text(encoding="utf-8") == "my customers"
    assert told.lines == [("report_kept", {"file": tmp_path / name, "kept": mine.name})]
    assert {path.name for path in paths} == REPORTS


def test_a_workbook_in_which_somebody_has_made_notes_is_kept(tmp_path: Path) -> None:
    reported(MemoryRun([a_row(2)]), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    book["Rows"]["Z9"] = "called on Monday"
    book.save(tmp_path / "report.xlsx")

    reported(MemoryRun([a_row(2)]), tmp_path)

    (mine,) = tmp_path.glob("report-2*.xlsx")
    assert openpyxl.load_workbook(mine)["Rows"]["Z9"].value == "called on Monday"
    assert openpyxl.load_workbook(tmp_path / "report.xlsx")["Rows"]["Z9"].value is None


@pytest.mark.parametrize("some", [True, False])
def test_so_are_those_with_the_names_of_the_listings_whether_or_not_the_run_has_any(
    tmp_path: Path, told: Told, *, some: bool
) -> None:
    names = ("duplicates.csv", "remote-only.csv", "removed.csv")
    for name in names:
        (tmp_path / name).write_text(f"my {name}", encoding="utf-8")
    left = [a_row(0, "edited", input=NO_INPUT, contact_id=71)] if some else []
    run = Leaving([], facts={"removes": "delete", "departed": len(left)}, departed=left)
    contacts = [Contact(number, "Ada", "", "", "+905000000001", {}, ()) for number in (1, 2)]
    book = Book.of(contacts, [], Coverage())
    found = [Duplicates("gsm", "+905000000001", (1, 2), 1)] if some else []
    side = BookSide(book, np.array([0] if some else [], dtype=np.int64), found)

    reported(run, tmp_path, formats=("csv",), book_side=side, tell=told)

    assert [values["file"].name for _, values in told.lines] == ["removed.csv", "remote-only.csv", "duplicates.csv"]
    for code, values in told.lines:
        assert code == "report_kept"
        assert (tmp_path / values["kept"]).read_text(encoding="utf-8") == f"my {values['file'].name}"
        assert values["file"].exists() is some


def test_a_listing_of_an_earlier_run_is_taken_away_where_it_is_ours(tmp_path: Path, told: Told) -> None:
    for left in ([a_row(0, "edited", input=NO_INPUT, contact_id=71)], []):
        run = Leaving([], facts={"removes": "delete", "departed": len(left)}, departed=left)
        reported(run, tmp_path, formats=("csv",), tell=told)

    assert {path.name for path in tmp_path.iterdir()} == {"report.csv", RECORD}
    assert told.lines == []


def test_of_untouched_copies_nothing_is_said_but_that_they_are_not_known(tmp_path: Path, told: Told) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    for path in reported(run_of(), tmp_path / "run"):
        shutil.copy(path, copies)

    reported(run_of(), copies, tell=told)

    assert sorted(values["file"].name for _, values in told.lines) == sorted({*REPORTS, "rejected.csv"})
    said = [messages.text(code, values) for code, values in told.lines]
    assert all("is not known to be as imsync wrote it" in each for each in said)
    for each in said:
        assert ("Feed that in again" in each) is ("rejected.csv is" in each)


# What cannot be replaced


@pytest.mark.parametrize("name", sorted({*REPORTS, "rejected.csv"}))
def test_one_that_cannot_be_replaced_is_told_with_the_reason_and_the_name_of_the_new_one(
    tmp_path: Path, told: Told, held: set[str], name: str
) -> None:
    reported(run_of(), tmp_path)
    before = (tmp_path / name).read_bytes()
    held.add(name)

    paths = reported(run_of("Işık"), tmp_path, tell=told)

    new = f"{Path(name).stem}-2{Path(name).suffix}"
    values = {"file": tmp_path / name, "reason": "Permission denied", "name": new}
    assert told.lines == [("report_held", values)]
    assert (tmp_path / name).read_bytes() == before
    assert tmp_path / new in paths


def test_nor_can_one_be_moved_that_somebody_has_changed_and_holds_open(
    tmp_path: Path, told: Told, held: set[str]
) -> None:
    (tmp_path / "report.xlsx").write_text("my customers", encoding="utf-8")
    held |= {"report.xlsx", "report-2.xlsx"}
    (tmp_path / "report-2.xlsx").write_text("more of them", encoding="utf-8")

    reported(MemoryRun([a_row(2)]), tmp_path, tell=told)

    values = {"file": tmp_path / "report.xlsx", "reason": "Permission denied", "name": "report-3.xlsx"}
    assert told.lines == [("report_held", values)]
    assert (tmp_path / "report.xlsx").read_text(encoding="utf-8") == "my customers"
    assert (tmp_path / "report-2.xlsx").read_text(encoding="utf-8") == "more of them"


@pytest.mark.parametrize("name", sorted({*REPORTS, "rejected.csv"}))
def test_one_that_is_the_runs_input_is_told_as_that(tmp_path: Path, told: Told, name: str) -> None:
    mine = tmp_path / name
    mine.write_text("my customers", encoding="utf-8")

    paths = reported(run_of(path=str(mine)), tmp_path, tell=told)

    assert told.lines == [("report_is_input", {"file": mine, "name": f"{mine.stem}-2{mine.suffix}"})]
    assert mine.read_text(encoding="utf-8") == "my customers"
    assert mine not in paths


# What is known


def test_what_is_known_is_what_stands_there(tmp_path: Path) -> None:
    paths = reported(run_of(), tmp_path)

    lines = (tmp_path / RECORD).read_text(encoding="utf-8").splitlines()

    assert lines == [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in sorted(paths)]


def test_what_could_not_be_noted_is_kept_by_the_next_run(tmp_path: Path, told: Told, held: set[str]) -> None:
    held.add(RECORD)
    first = reported(MemoryRun([a_row(2)]), tmp_path, tell=told)
    assert told.lines == []
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    held.clear()

    reported(MemoryRun([a_row(2)]), tmp_path, tell=told)

    assert {code for code, _ in told.lines} == {"report_kept"}
    assert {values["file"] for _, values in told.lines} == set(first)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_text_leaves_the_others_known(tmp_path: Path, told: Told) -> None:
    name = os.fsdecode(b"m\xfc\xfe.csv")
    run = MemoryRun([rejected(2, "Ada", "0500"), rejected(3, "Veli", input=1)], [an_input(name=name), WORKBOOK])

    for _ in range(2):
        paths = reported(run, tmp_path, tell=told)

    assert f"rejected-1-{Path(name).stem}.csv" in [path.name for path in paths]
    assert told.lines == []


def test_a_folder_in_which_nothing_of_ours_is_left_has_no_record_either(tmp_path: Path) -> None:
    folder = ReportFolder(tmp_path)
    folder.place("rejected.csv", lambda draft: draft.write_text("ours", encoding="utf-8") and None)
    assert (tmp_path / RECORD).exists()

    folder.remove("rejected.csv")

    assert list(tmp_path.iterdir()) == []


def test_two_who_keep_the_same_file_at_once_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, touch = tmp_path / "report.csv", Path.touch
    theirs.write_text("mine", encoding="utf-8")

    def late(self: Path, mode: int = 0o666, *, exist_ok: bool = True) -> None:
        monkeypatch.setattr(Path, "touch", touch)  # another process comes in between, to its end
        theirs.replace(self)
        theirs.write_text("theirs", encoding="utf-8")
        touch(self, mode, exist_ok)

    monkeypatch.setattr(Path, "touch", late)
    ReportFolder(tmp_path).place("report.csv", lambda draft: _say(draft, "ours"))

    texts = sorted(each.read_text(encoding="utf-8") for each in tmp_path.glob("report*.csv"))
    assert texts == ["mine", "ours", "theirs"]


def _say(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
