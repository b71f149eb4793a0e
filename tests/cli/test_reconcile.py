"""`imsync reconcile`, in this process, against a sandbox: both directions, and nothing written."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from jsonschema import Draft202012Validator

from sync.report.folder import RECORD

from .conftest import MAPPING, contact, small_book
from .shell import Shell, shell_with  # noqa: F401 - a fixture

HEADER = "Ad;Soyad;E-posta;Telefon;Doğum;Grup\n"
WORDS = ("sheet.csv", "-m", "mapping.yaml", "--report-dir", "reports", "--rate", "2000")
WRITING = ("add-contact", "edit-contact", "delete-contact", "add-group", "edit-group", "delete-group")


def book() -> dict[str, Any]:
    """The small book, and somebody who is there twice."""
    found = small_book()
    found["contacts"] += [
        contact(103, "Ece", "", "", "05001000103", {}, []),
        contact(104, "Ece", "Su", "", "+905001000103", {"2": "=1+1"}, [7]),
    ]
    return found


@pytest.fixture
def shell(shell_with: Callable[..., Shell], tmp_path: Path) -> Shell:  # noqa: F811
    (tmp_path / "mapping.yaml").write_text(MAPPING, "utf-8")
    rows = "Ayşen;Yılmaz;;0500 100 01 00;;\nYeni;Kişi;;0500 100 09 99;;\nKötü;;;0500;;\n"
    (tmp_path / "sheet.csv").write_text(HEADER + rows, "utf-8")
    return shell_with(**book())


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_differences_of_both_sides_are_shown_and_nothing_is_written(shell: Shell, tmp_path: Path) -> None:
    ended = shell("reconcile", *WORDS)

    assert ended.code == 3
    for said in (
        "Compared: sheet.csv, 3 rows",
        "Ad: Ayşe → Ayşen",
        "+ row 3, +905001000999",
        "“0500” is too short",
        "In the book alone, with no row (4)",
        "101  Çağla Öz; +905001000101; cagla@example.com; in no group",
        "custom field 2: =1+1; Müşteriler",
        "Contacts of the book that share a key (1)",
        "phone number +905001000103: 103, 104; to keep: 104",
        "How far the book was read",
    ):
        assert said in ended.out
    assert "Applying takes" not in ended.out
    assert [method for method in WRITING if shell.calls(method)] == []
    assert list((tmp_path / "state").rglob("*.run")) == []


def test_the_summary_counts_the_contacts_of_the_book_alone(shell: Shell) -> None:
    found = shell("reconcile", *WORDS, "--json").summary

    assert (found["run"], found["status"], found["rows"], found["remote_only"], found["duplicates"]) == (
        None, "planned", 3, 4, 1,
    )  # fmt: skip
    assert {name: rows for name, rows in found["outcomes"].items() if rows} == {"added": 1, "edited": 1, "rejected": 1}
    assert found["reach"]["short"] == []


def test_the_reports_have_the_books_side(shell: Shell, tmp_path: Path) -> None:
    paths = [Path(path).name for path in shell("reconcile", *WORDS, "--json").summary["reports"]]

    tables = ["report.xlsx", "report.csv", "remote-only.csv", "duplicates.csv", "rejected.csv"]
    assert paths == ["report.html", *tables, "report.json"]
    folder = tmp_path / "reports"
    alone = {row["contact_id"]: row for row in table(folder / "remote-only.csv")}
    assert sorted(alone) == ["101", "102", "103", "104"]
    assert (alone["104"]["custom:2"], alone["104"]["groups"], alone["104"]["gsm"]) == (
        "'=1+1", "Müşteriler", "+905001000103",
    )  # fmt: skip
    assert [(row["contact_id"], row["suggested"]) for row in table(folder / "duplicates.csv")] == [
        ("103", ""),
        ("104", "keep"),
    ]
    workbook = openpyxl.load_workbook(folder / "report.xlsx")
    assert workbook.sheetnames == ["Summary", "Rows", "Remote only", "Duplicates"]
    assert [row[0].value for row in workbook["Remote only"].iter_rows(min_row=2)] == [101, 102, 103, 104]
    assert "f" not in {cell.data_type for row in workbook["Remote only"].iter_rows() for cell in row}
    titles = [cell.value for cell in workbook["Remote only"][1]]
    assert titles[:5] == ["Contact id", "Ad", "Soyad", "E-posta", "Telefon"]
    assert [cell.value for cell in workbook["Duplicates"][1]][:4] == ["Key", "Value", "Contact id", "Suggested"]
    facts = {row[0].value: row[1].value for row in workbook["Summary"].iter_rows()}
    assert (facts["Contacts read"], facts["Remote only"], facts["Duplicates in the book"]) == (5, 4, 1)
    data = json.loads((folder / "report.json").read_text("utf-8"))
    assert [each["id"] for each in data["remote_only"]] == [101, 102, 103, 104]
    assert data["duplicates"] == [{"key": "gsm", "value": "+905001000103", "contact_ids": [103, 104], "suggested": 104}]
    assert len(data["rows"]) == data["summary"]["rows"] == 3
    Draft202012Validator(json.loads(shell("schema", "--report").out)).validate(data)


def test_nothing_of_an_earlier_report_is_left(
    shell: Shell,
    shell_with: Callable[..., Shell],  # noqa: F811
    tmp_path: Path,
) -> None:
    (tmp_path / "sheet.csv").write_text(HEADER + "Ayşe;Yılmaz;;0500 100 01 00;;\n", "utf-8")
    shell("reconcile", *WORDS)
    alone = shell_with(**{**book(), "contacts": book()["contacts"][:1]})

    ended = alone("reconcile", *WORDS)

    assert "No contact is in the book alone" in ended.out
    left = {path.name for path in (tmp_path / "reports").iterdir()}
    assert left == {"report.html", "report.csv", "report.json", "report.xlsx", RECORD}


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--detailed-exitcode",), 10)])
def test_a_contact_of_the_book_alone_is_a_difference(
    shell: Shell, tmp_path: Path, options: tuple[str, ...], code: int
) -> None:
    (tmp_path / "sheet.csv").write_text(HEADER + "Ayşe;Yılmaz;;0500 100 01 00;;\n", "utf-8")

    assert shell("reconcile", *WORDS, *options).code == code


def test_no_rows_are_refused(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text(HEADER, "utf-8")

    ended = shell("reconcile", *WORDS)

    assert (ended.code, "there are no data rows" in ended.err) == (4, True)


def test_a_number_on_the_blacklist_is_noted(shell: Shell, shell_with: Callable[..., Shell]) -> None:  # noqa: F811
    assert "blacklist" not in shell("reconcile", *WORDS).out
    number = {"number": "05001000999", "added": "2024-09-27 01:10:00"}
    ended = shell_with(**{**book(), "blacklist": [number]})("reconcile", *WORDS, "--blacklist")

    assert "the row's number is on the account's blacklist" in ended.out
