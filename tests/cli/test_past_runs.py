"""`imsync runs`, `report` and `why`: what past runs did, told offline."""

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.report.folder import RECORD
from sync.sandbox import BookState, Faults, SandboxServer
from tests.cli.conftest import Desk, people, small_book

ROWS = [
    ["Ayşe", "Kaya", "ayse@example.com", "0500 100 01 00", "27.09.1984", "Bayiler"],
    ["Ali", "Veli", "ali@example.com", "0500 100 02 00", "", ""],
    ["Deniz", "Ak", "deniz@example.com", "0500 100 01 02", "", "Bayiler"],
    ["Kısa", "Numara", "kisa@example.com", "0500 12", "", ""],
]
SPOILT = "20200101T0000-abcdef"


def synced(desk: Desk, rows: list[list[str]] | None = None, *words: str) -> str:
    """The id of a run that has carried the rows out."""
    desk.sheet(ROWS if rows is None else rows)
    done = desk.sync(*words)
    assert done.code in (0, 3, 6), done.err
    run: str = done.summary["run"]
    return run


def spoilt(desk: Desk) -> Path:
    """A run file of which only the first bytes are right."""
    path = desk.folder / "state" / "runs" / f"{SPOILT}.run"
    path.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    return path


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str]]:
    """A desk with one run that nobody changes, and the run's id."""
    with SandboxServer(BookState.from_dict(small_book())) as server:
        desk = Desk(tmp_path_factory.mktemp("past"), server)
        yield desk, synced(desk)


# The list


def test_runs_are_listed_the_newest_first_with_what_can_be_done_next(desk: Desk) -> None:
    first = synced(desk)
    (desk.folder / "sheet.csv").rename(desk.folder / "earlier.csv")
    second = synced(desk, [*ROWS, *people(3)], "--limit", "1")
    ended = desk.run("runs", "list")

    assert ended.code == 0
    assert ended.out.index(second) < ended.out.index(first)
    newest, oldest = ended.out.split("\n\n")
    assert "interrupted" in newest
    assert "sheet.csv → 127.0.0.1:" in newest
    assert "2 pending" in newest
    assert f"imsync resume {second}" in newest
    assert "completed with errors" in oldest
    assert "1 added, 2 edited, 1 rejected" in oldest
    assert f"imsync undo {first}" in oldest


def test_the_list_is_one_json_object_with_the_summary_of_each_run(past: tuple[Desk, str]) -> None:
    desk, run = past
    ended = desk.run("runs", "list", "--json")
    (found,) = ended.summary["runs"]

    assert (ended.code, ended.summary["count"], found["run"], found["what"]) == (0, 1, run, "apply")
    assert found["outcomes"]["added"] == 1
    assert found["next"][0]["command"] == f"imsync undo {run}"


def test_a_damaged_file_is_listed_as_such_among_the_others(desk: Desk) -> None:
    run = synced(desk)
    path = spoilt(desk)
    ended = desk.run("runs", "list")
    found = {each["run"]: each for each in desk.run("runs", "list", "--json").summary["runs"]}

    assert ended.code == 0
    assert f"{SPOILT}  cannot be read" in ended.out
    assert run in ended.out
    assert found[SPOILT]["error"]["code"] == "run_file_damaged"
    assert found[SPOILT]["file"] == str(path)
    assert "error" not in found[run]


def test_only_the_newest_are_listed_unless_all_are_wanted(desk: Desk) -> None:
    run = synced(desk)
    runs = desk.folder / "state" / "runs"
    for number in range(24):
        shutil.copy(runs / f"{run}.run", runs / f"20250101T0000-{number:06}.run")

    newest = desk.run("runs", "list")
    assert newest.out.count("127.0.0.1") == 20
    assert "5 older runs are not shown" in newest.err
    assert desk.run("runs", "list", "--all").out.count("127.0.0.1") == 25
    assert desk.run("runs", "list", "-n", "3").out.count("127.0.0.1") == 3


def test_where_there_are_no_runs_that_is_said(desk: Desk) -> None:
    ended = desk.run("runs", "list")

    assert (ended.code, ended.out) == (0, "")
    assert "there are no runs" in ended.err
    assert desk.run("runs", "list", "--json").summary["runs"] == []


def test_neither_credentials_nor_a_server_are_needed(past: tuple[Desk, str]) -> None:
    desk, run = past
    before = len(desk.server.ledger)
    for words in (["runs", "list"], ["runs", "show", run], ["report", run], ["why", run, "2"]):
        ended = desk.run(*words, ILETIMERKEZI_API_KEY="", ILETIMERKEZI_API_HASH="", IMSYNC_BASE_URL="")
        assert ended.code == 0, ended.err
    assert len(desk.server.ledger) == before


# One run


def test_a_run_is_told_on_a_page(past: tuple[Desk, str]) -> None:
    desk, run = past
    ended = desk.run("runs", "show", run)

    assert ended.code == 0
    for said in (
        f"Run {run} (carried out): completed with errors", "sheet.csv, headers in row 1", "mapping.yaml",
        "edit-contact 2", "1  added", "2  edited", "Rejected (1)", "“0500 12” is too short", "row 5",
        str(desk.folder / "reports" / "report.html"), f"imsync undo {run}", f"imsync why {run} ROW",
    ):  # fmt: skip
        assert said in ended.out, said


def test_a_run_is_found_by_its_path_by_last_and_by_the_beginning_of_its_id(past: tuple[Desk, str]) -> None:
    desk, run = past
    path = desk.folder / "state" / "runs" / f"{run}.run"

    for name in (run, str(path), "last", run[:-3], run[:4]):
        assert desk.run("runs", "show", name, "--json").summary["run"] == run, name
    assert desk.run("runs", "show", "--json").summary["run"] == run


def test_a_beginning_that_several_runs_have_is_refused_with_their_names(desk: Desk) -> None:
    run = synced(desk)
    spoilt(desk)
    ended = desk.run("runs", "show", "20", "--json")

    assert (ended.code, ended.summary["error"]["code"]) == (2, "run_ambiguous")
    assert run in ended.err
    assert SPOILT in ended.err


def test_an_unknown_run_is_refused(past: tuple[Desk, str]) -> None:
    desk, run = past
    for words in (["runs", "show", "nichts"], ["report", "nichts"], ["why", "nichts", "2"]):
        assert desk.run(*words).code == 2
    assert run not in desk.run("runs", "show", "nichts").out


def test_an_undo_and_the_run_that_it_undoes_name_each_other(desk: Desk) -> None:
    run = synced(desk)
    undo = desk.run("undo", run, "--yes", "--json", "--rate", "2000").summary["run"]

    assert f"(undo of {run})" in desk.run("runs", "show", undo).out
    undone = desk.run("runs", "show", run, "--json").summary
    assert undone["undone_by"] == [undo]
    assert [each["command"] for each in undone["next"]] == [f"imsync runs show {undo}"]


def test_a_plan_after_which_another_run_has_written_is_told_as_superseded(desk: Desk) -> None:
    desk.sheet(ROWS)
    plan = desk.sync("--dry-run").summary["run"]
    before = desk.run("runs", "show", plan, "--json").summary
    synced(desk)
    after = desk.run("runs", "show", plan, "--json").summary

    assert (before["what"], before["superseded"]) == ("plan", False)
    assert before["next"][0]["command"].startswith("imsync apply ")
    assert (after["superseded"], after["next"][0]["command"]) == (True, None)


def test_reports_that_another_run_has_replaced_are_not_given_as_this_runs(desk: Desk) -> None:
    run = synced(desk)
    assert len(desk.run("runs", "show", run, "--json").summary["reports"]) == 5
    later = synced(desk)

    assert desk.run("runs", "show", run, "--json").summary["reports"] == []
    assert len(desk.run("runs", "show", later, "--json").summary["reports"]) == 5


# Reports


def test_reports_are_written_again_and_are_the_same(past: tuple[Desk, str]) -> None:
    desk, run = past
    before = desk.folder / "reports"
    ended = desk.run("report", run, "--report-dir", "again")

    assert ended.code == 0
    for name in ("report.csv", "rejected.csv"):
        assert (desk.folder / "again" / name).read_bytes() == (before / name).read_bytes()
    first, second = (
        json.loads((folder / "report.json").read_text("utf-8")) for folder in (before, desk.folder / "again")
    )
    assert first["rows"] == second["rows"]
    assert {**first["summary"], "reports": []} == {**second["summary"], "reports": []}
    assert (desk.folder / "again" / "report.xlsx").exists()
    assert (desk.folder / "again" / "report.html").exists()


def test_only_the_chosen_reports_are_written(past: tuple[Desk, str]) -> None:
    desk, run = past
    ended = desk.run("report", run, "--format", "csv", "--format", "html", "--json", "--report-dir", "chosen")

    assert [Path(each).name for each in ended.summary["reports"]] == ["report.html", "report.csv"]
    assert sorted(each.name for each in (desk.folder / "chosen").iterdir()) == [RECORD, "report.csv", "report.html"]


def test_the_report_of_a_plan_says_what_would_become_of_the_rows(desk: Desk) -> None:
    desk.sheet(ROWS)
    plan = desk.sync("--dry-run").summary["run"]
    desk.run("report", plan, "--format", "csv", "--report-dir", "again")

    with (desk.folder / "again" / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        outcomes = [row["outcome"] for row in csv.DictReader(file, delimiter=";")]
    assert outcomes == ["edited", "added", "edited", "rejected"]


# One row


def story(desk: Desk, run: str, asked: str) -> dict[str, Any]:
    """The one story that is told."""
    ended = desk.run("why", run, asked, "--json")
    assert ended.code == 0, ended.err
    (found,) = ended.summary["rows"]
    told: dict[str, Any] = found
    return told


def test_an_edited_rows_story_goes_from_its_cells_to_what_is_stored(past: tuple[Desk, str]) -> None:
    desk, run = past
    out = desk.run("why", run, "2").out
    told = story(desk, run, "2")

    for said in (
        "Row 2 of sheet.csv: edited", "Telefon: 0500 100 01 00 → +905001000100 (phone number)",
        "Doğum: 27.09.1984 → 27/09/1984", "Contact 100 has the row's phone number, e-mail", "Soyad: Yılmaz → Kaya",
        "edit-contact is about to leave (try 1).", "The API has answered", "contact 100 last is what was meant",
    ):  # fmt: skip
        assert said in out, said
    assert told["existing"]["surname"] == "Yılmaz"
    assert told["stored"]["surname"] == "Kaya"
    assert [each["state"] for each in told["transitions"]] == ["sending", "done"]
    assert ["Telefon", "0500 100 01 00"] in told["cells"]


def test_a_new_rows_story_says_that_nobody_had_its_keys(past: tuple[Desk, str]) -> None:
    desk, run = past
    out = desk.run("why", run, "3").out

    assert "No contact of the book had one of them" in out
    assert "add-contact is about to leave" in out
    assert "What the new contact holds" in out


def test_a_rejected_rows_story_says_why_and_what_to_do(past: tuple[Desk, str]) -> None:
    desk, run = past
    out = desk.run("why", run, "5").out

    assert "Row 5 of sheet.csv: rejected" in out
    assert "Telefon: “0500 12” is too short" in out
    assert "Correct the row in the sheet" in out
    assert "What happened" not in out


def test_the_cells_of_an_unchanged_row_are_not_made_up(desk: Desk) -> None:
    synced(desk)
    later = synced(desk)
    told = story(desk, later, "2")
    out = desk.run("why", later, "2").out

    assert (told["outcome"], told["cells"], told["contact_id"]) == ("unchanged", None, 100)
    assert "They stand in row 2 of sheet.csv" in out
    assert "Contact 100 held everything" in out


@pytest.mark.parametrize(
    "spelling", ["+905001000200", "0500 100 02 00", "(0500) 100-0200", "90 500 100 02 00", "5001000200"]
)
def test_a_row_is_found_by_its_phone_in_any_spelling(past: tuple[Desk, str], spelling: str) -> None:
    desk, run = past
    assert story(desk, run, spelling)["row"] == 3


def test_a_row_is_found_by_its_e_mail_and_a_rejected_one_too(past: tuple[Desk, str]) -> None:
    desk, run = past
    assert story(desk, run, "Ali@Example.com")["row"] == 3
    assert story(desk, run, "kisa@example.com")["row"] == 5


def test_a_phone_that_differs_in_one_digit_is_not_taken_for_it(past: tuple[Desk, str]) -> None:
    desk, run = past
    ended = desk.run("why", run, "+905001000201", "--json")

    assert (ended.code, ended.summary["error"]["code"]) == (2, "why_key_unknown")
    assert "+905001000200" not in ended.err


def test_a_row_that_there_is_not_is_refused_with_the_nearest(past: tuple[Desk, str]) -> None:
    desk, run = past
    ended = desk.run("why", run, "99", "--json")

    assert (ended.code, ended.summary["error"]["code"]) == (2, "why_row_unknown")
    assert "The nearest data rows: 5." in ended.err
    assert "The nearest data rows: 2." in desk.run("why", run, "1").err


def test_what_is_neither_row_nor_phone_nor_e_mail_is_refused(past: tuple[Desk, str]) -> None:
    desk, run = past
    ended = desk.run("why", run, "Ayşe", "--json")

    assert (ended.code, ended.summary["error"]["code"]) == (2, "why_asked_unclear")


def test_with_several_files_each_row_of_that_number_is_told_and_one_can_be_named(desk: Desk) -> None:
    desk.sheet(ROWS[:2], name="kuzey.csv")
    desk.sheet(people(2), name="güney.csv")
    words = ("-m", "mapping.yaml", "--yes", "--json", "--rate", "2000")
    run = desk.run("sync", "kuzey.csv", "güney.csv", *words).summary["run"]
    both = desk.run("why", run, "2")

    assert both.out.startswith("2 rows are meant")
    assert "Row 2 of kuzey.csv" in both.out
    assert "Row 2 of güney.csv" in both.out
    assert story(desk, run, "güney.csv:2")["cells"][0] == ["Ad", "Kişi0"]
    assert story(desk, run, "kuzey:2")["file"] == "kuzey.csv"
    unknown = desk.run("why", run, "batı.csv:2", "--json")
    assert (unknown.code, unknown.summary["error"]["code"]) == (2, "why_file_unknown")
    assert "kuzey.csv, güney.csv" in unknown.err
    assert "kuzey.csv:3, güney.csv:3" in desk.run("why", run, "9").err


def test_cells_that_would_steer_a_terminal_are_harmless(desk: Desk) -> None:
    run = synced(desk, [["Kötü\x1b[2J\u202e", "Ad", "kotu@example.com", "0500 100 09 00", "", ""], *ROWS])
    for words in (["why", run, "2"], ["runs", "show", run], ["runs", "list"]):
        said = desk.run(*words).out
        assert "\x1b" not in said
        assert "\u202e" not in said


def test_an_answer_that_was_lost_is_part_of_the_story(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(faults=Faults(lost_after=0.5, seed=1, only=frozenset({"edit-contact"})))
    run = synced(desk)
    lost = [row for row in ("2", "4") if "unsure" in [each["state"] for each in story(desk, run, row)["transitions"]]]

    assert lost
    out = desk.run("why", run, lost[0]).out
    assert "No answer that can be relied on" in out
    assert "last is what was meant" in out


def test_a_run_is_carried_on_with_the_state_directory_in_which_it_lies(desk: Desk) -> None:
    desk.sheet(people(3))
    planned = desk.run("plan", "sheet.csv", "-m", "mapping.yaml", "--state-dir", "elsewhere", IMSYNC_STATE_DIR="")
    (path,) = (desk.folder / "elsewhere" / "runs").glob("*.run")

    ended = desk.run("apply", str(path), "--yes", "--json", "--rate", "2000", IMSYNC_STATE_DIR="")

    assert f"imsync apply {path}" in planned.out.replace("\n", " ")  # as it can be typed in any folder
    assert (ended.code, ended.summary["outcomes"]["added"]) == (0, 3)
