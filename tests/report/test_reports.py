"""report.csv, report.json and report.xlsx: their shape, and nothing that a spreadsheet program would run."""

import csv
import io
import json
import stat
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sync.change import Remark
from sync.errors import UsageError
from sync.report.folder import RECORD
from tests.report.records import TOO_SHORT, WORKBOOK, MemoryRun, a_row, an_input, rejected, reported

COLUMNS = ["file", "sheet", "row", "key", "outcome", "contact_id", "changes", "code", "message", "attempts", "column"]
SHOWN = [
    "File", "Sheet", "Row", "Key", "Outcome", "Contact id", "Changes", "Reason", "What to do", "Code", "Attempts",
]  # fmt: skip
FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://example.com","x")',
    "@SUM(A1)",
    "+SUM(A1)",
    "-SUM(A1)",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "+90A1",
]
HARMLESS = ["+905000000001", "+90 (500) 000 00 01", "-5", "+90-500-000", "Ada", "a=b", "ada@example.com", "'", ""]


def table(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";", strict=True))


def cells(path: Path, sheet: str = "Rows") -> list[list[Any]]:
    workbook = openpyxl.load_workbook(path)
    return [[cell.value for cell in row] for row in workbook[sheet].iter_rows()]


# report.csv


def test_report_csv_has_exactly_these_columns_and_a_byte_order_mark(tmp_path: Path) -> None:
    reported(MemoryRun([]), tmp_path)

    assert (tmp_path / "report.csv").read_bytes() == b"\xef\xbb\xbf" + ";".join(COLUMNS).encode() + b"\r\n"


def test_report_csv_has_every_row(tmp_path: Path) -> None:
    rows = [
        a_row(2, "added", contact_id=1001, changes={"name": ["", "Ada"], "groups": [[], [7]]}),
        a_row(3, "unchanged", contact_id=7, attempts=0),
        rejected(4, "Ğüş", "0500"),
    ]

    reported(MemoryRun(rows), tmp_path)

    changes = '{"name": ["", "Ada"], "groups": [[], [7]]}'
    message = "Telefon: “0500” is too short for a phone number. Correct the cell, or leave it empty."
    assert table(tmp_path / "report.csv")[1:] == [
        ["kişiler.csv", "", "2", "+905000000002", "added", "1001", changes, "", "", "1", ""],
        ["kişiler.csv", "", "3", "+905000000003", "unchanged", "7", "", "", "", "0", ""],
        ["kişiler.csv", "", "4", "+905000000004", "rejected", "", "", "phone_too_short", message, "0", "Telefon"],
    ]


def test_hard_texts_survive_report_csv(tmp_path: Path) -> None:
    hard = 'a;"b"\r\nc, ğ👍'

    reported(MemoryRun([a_row(2, key=hard)]), tmp_path)

    assert table(tmp_path / "report.csv")[1][3] == hard


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_text_in_report_csv(tmp_path: Path, text: str) -> None:
    reported(MemoryRun([a_row(2, key=text)], [an_input(name=text, sheet=text)]), tmp_path)

    row = table(tmp_path / "report.csv")[1]
    assert (row[0], row[1], row[3]) == (f"'{text}", f"'{text}", f"'{text}")


@pytest.mark.parametrize("text", HARMLESS)
def test_a_phone_and_plain_text_stay_as_they_are_in_report_csv(tmp_path: Path, text: str) -> None:
    reported(MemoryRun([a_row(2, key=text)]), tmp_path)

    assert table(tmp_path / "report.csv")[1][3] == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\ufffd[31mred"),
        ("\x9b31m", "\ufffd31m"),
        ("a\u202egnp.exe", "a\ufffdgnp.exe"),
        ("a\udcffb", "a\ufffdb"),
        ("satır\nsonu", "satır\nsonu"),
        ("👩\u200d👧", "👩\u200d👧"),
    ],
)
def test_what_steers_a_terminal_leaves_a_mark_in_report_csv(tmp_path: Path, text: str, shown: str) -> None:
    reported(MemoryRun([a_row(2, key=text)]), tmp_path)

    assert table(tmp_path / "report.csv")[1][3] == shown


def test_a_formula_in_the_apis_message_or_a_header_is_text(tmp_path: Path) -> None:
    remark = Remark("api_number_invalid", {"message": "=1+1"}, "=Telefon")

    reported(MemoryRun([a_row(2, "failed", remarks=[remark], cells=["a"])]), tmp_path)

    row = table(tmp_path / "report.csv")[1]
    assert not row[8].startswith("=")
    assert row[10] == "'=Telefon"


def test_what_was_stored_otherwise_is_told_with_both_values(tmp_path: Path) -> None:
    remark = Remark("stored_altered", {"fields": "name"})
    row = a_row(2, contact_id=1, remarks=[remark], altered={"name": ["Ada", "ADA"]})

    reported(MemoryRun([row]), tmp_path)

    found = table(tmp_path / "report.csv")[1]
    assert json.loads(found[6]) == {"name": ["Ada", "ADA"]}
    assert found[7] == "stored_altered"


def test_every_remark_of_a_row_is_told(tmp_path: Path) -> None:
    other = Remark("email_invalid", {"cell": "x", "reason": "no @"}, "E-posta")

    reported(MemoryRun([rejected(2, "Ada", "0500", remarks=[TOO_SHORT, other])]), tmp_path)

    message = table(tmp_path / "report.csv")[1][8]
    assert "Telefon: " in message
    assert "E-posta: " in message


# report.json


def test_report_json_holds_the_summary_and_the_same_rows(tmp_path: Path) -> None:
    rows = [a_row(2, changes={"name": ["", "=Ada"]}), rejected(3, "Ğüş", "0500"), a_row(4, "unchanged", contact_id=7)]

    reported(MemoryRun(rows), tmp_path)

    data = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert list(data) == ["version", "summary", "rows"]
    assert list(data["summary"]) == [
        "run",
        "status",
        "rows",
        "outcomes",
        "altered",
        "removed",
        "remote_only",
        "requests",
        "retries",
        "seconds",
        "reports",
    ]
    assert list(data["summary"]["outcomes"]) == [
        "added",
        "edited",
        "unchanged",
        "rejected",
        "duplicate",
        "conflict",
        "held",
        "failed",
        "unresolved",
        "pending",
    ]
    assert [list(row) for row in data["rows"]] == [COLUMNS] * 3
    assert data["rows"][0] == {
        "file": "kişiler.csv",
        "sheet": "",
        "row": 2,
        "key": "+905000000002",
        "outcome": "added",
        "contact_id": None,
        "changes": {"name": ["", "=Ada"]},
        "code": "",
        "message": "",
        "attempts": 1,
        "column": "",
    }


def test_report_json_of_no_rows_is_json(tmp_path: Path) -> None:
    reported(MemoryRun([]), tmp_path)

    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["rows"] == []


def test_report_json_names_every_file_that_was_written(tmp_path: Path) -> None:
    paths = reported(MemoryRun([rejected(2, "Ada", "0500")]), tmp_path)

    data = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert sorted(data["summary"]["reports"]) == sorted(str(path) for path in paths)
    assert sorted(path.name for path in tmp_path.glob("[!.]*")) == sorted(path.name for path in paths)
    assert {path.name for path in paths} == {"report.html", "report.csv", "report.json", "report.xlsx", "rejected.csv"}


# report.xlsx


def test_report_xlsx_shows_what_is_not_unchanged(tmp_path: Path) -> None:
    reported(MemoryRun([a_row(2), a_row(3, "unchanged"), a_row(4, "duplicate")]), tmp_path)

    found = cells(tmp_path / "report.xlsx")
    assert found[0] == SHOWN
    assert [row[2] for row in found[1:]] == [2, 4]


def test_report_xlsx_shows_everything_when_asked(tmp_path: Path) -> None:
    reported(MemoryRun([a_row(2), a_row(3, "unchanged")]), tmp_path, all_rows=True)

    assert [row[2] for row in cells(tmp_path / "report.xlsx")[1:]] == [2, 3]


def test_report_xlsx_has_a_summary(tmp_path: Path) -> None:
    reported(MemoryRun([a_row(2), rejected(3, "Ada", "0500")]), tmp_path)

    facts = dict(row[:2] for row in cells(tmp_path / "report.xlsx", "Summary"))
    assert (facts["Run"], facts["Rows"], facts["added"], facts["rejected"], facts["edited"]) == (
        "20261121T1200-abc123",
        2,
        1,
        1,
        0,
    )


@pytest.mark.parametrize("text", [*FORMULAS, *HARMLESS[:6], "{=1}", "#REF!", "=" * 40_000])
def test_no_cell_of_report_xlsx_is_a_formula(tmp_path: Path, text: str) -> None:
    row = a_row(
        2, key=text, changes={text: ["", text]}, remarks=[Remark("api_number_invalid", {"message": text}, text)]
    )

    reported(MemoryRun([row], [an_input(name=text, sheet=text)]), tmp_path)

    workbook = openpyxl.load_workbook(tmp_path / "report.xlsx")
    kinds = {cell.data_type for sheet in workbook for line in sheet.iter_rows() for cell in line}
    assert kinds <= {"s", "n", "inlineStr"}
    shown = workbook["Rows"]["D2"].value
    assert shown.strip("\t\r") == text.strip("\t\r") if len(text) < 100 else shown.startswith("=")


def test_control_characters_and_long_texts_do_not_break_report_xlsx(tmp_path: Path) -> None:
    reported(
        MemoryRun([a_row(2, key="a\x00b\x0b\x1f"), a_row(3, key="ğ" * 50_000), a_row(4, key="\ufffe\uffff")]), tmp_path
    )

    found = cells(tmp_path / "report.xlsx")
    assert found[1][3] == "a\ufffdb\ufffd\ufffd"
    assert 30_000 < len(found[2][3]) <= 32_767
    assert len(found) == 4


def test_report_xlsx_keeps_numbers_as_numbers(tmp_path: Path) -> None:
    reported(MemoryRun([a_row(2, contact_id=1001, attempts=3)]), tmp_path)

    row = cells(tmp_path / "report.xlsx")[1]
    assert (row[2], row[5], row[10]) == (2, 1001, 3)


# Plans


def test_the_reports_of_a_plan_tell_what_rows_would_become(tmp_path: Path) -> None:
    run = MemoryRun([a_row(2)], applied_at="")

    reported(run, tmp_path)

    assert set(run.asked) == {True}


def test_the_reports_of_a_run_tell_what_rows_became(tmp_path: Path) -> None:
    run = MemoryRun([a_row(2)])

    reported(run, tmp_path)

    assert set(run.asked) == {False}


# Files


def test_reports_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "run"

    paths = reported(
        MemoryRun([rejected(2, "Ada", "0500"), rejected(3, "Ada", input=1)], [an_input(), WORKBOOK]), folder
    )

    assert len(paths) == 6
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_is_there_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    for path in reported(MemoryRun([a_row(2), a_row(3)]), tmp_path):
        path.chmod(0o644)

    reported(MemoryRun([a_row(2)]), tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        RECORD,
        "report.csv",
        "report.html",
        "report.json",
        "report.xlsx",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert len(table(tmp_path / "report.csv")) == 2


def test_a_report_held_open_gets_a_neighbour(tmp_path: Path, held: set[str]) -> None:
    (tmp_path / "report.xlsx").write_text("open in Excel")
    held |= {"report.xlsx", "report-2.xlsx"}

    paths = reported(MemoryRun([a_row(2)]), tmp_path)

    assert tmp_path / "report-3.xlsx" in paths
    assert (tmp_path / "report.xlsx").read_text() == "open in Excel"
    assert len(cells(tmp_path / "report-3.xlsx")) == 2
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == [RECORD]


def test_report_json_names_itself_where_it_got_a_neighbour(tmp_path: Path, held: set[str]) -> None:
    held.add("report.json")

    paths = reported(MemoryRun([a_row(2)]), tmp_path)

    data = json.loads((tmp_path / "report-2.json").read_text(encoding="utf-8"))
    assert sorted(data["summary"]["reports"]) == sorted(str(path) for path in paths)


def test_a_folder_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError) as caught:
        reported(MemoryRun([a_row(2)]), tmp_path / "file")

    assert caught.value.code == "report_unwritable"


def test_an_input_is_not_replaced_by_a_report_of_the_same_name(tmp_path: Path) -> None:
    mine = tmp_path / "report.csv"
    mine.write_text("my sheet", encoding="utf-8")

    paths = reported(MemoryRun([a_row(2)], [an_input(path=str(mine), name="report.csv")]), tmp_path)

    assert mine.read_text(encoding="utf-8") == "my sheet"
    assert tmp_path / "report-2.csv" in paths
