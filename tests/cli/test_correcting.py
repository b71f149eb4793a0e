"""Rows that did not make it, corrected and fed in again, without touching the mapping."""

import csv
import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sync.run import check, read_mapping, write_rejected
from sync.sheet import CONTACT_ID, REASON, Sheet
from tests.cli.conftest import HEADER, Desk, contact, small_book
from tests.writers import Padded, write_ods, write_xls, write_xlsb, write_xlsx_openpyxl

MAPPING = """\
version: 1
source: {empty: ["-"]}
fields:
  name: Ad
  gsm: Cep
custom_fields:
  1: {column: Doğum, type: date}
  2: {column: Müşteri No}
"""
HEADERS = ["Ad", "Cep", "Doğum", "Müşteri No", "Başka"]
DAY = datetime.date(1990, 2, 14)
ROWS: list[list[Any]] = [
    ["Ayşe", 5001112201, DAY, Padded(42, 6), "  x "],
    ["=Işık", "12", DAY, Padded(7, 6), "0012"],
    ["Veli", "0500 111 22 03", "31.02.1990", "000008", 2.5],
]
WORKBOOKS: dict[str, Callable[..., bytes]] = {
    "xlsx": write_xlsx_openpyxl,
    "xls": write_xls,
    "xlsb": write_xlsb,
    "ods": write_ods,
}
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "windows-1254"]


def rejected(folder: Path, name: str, content: bytes, mapping: str = MAPPING) -> tuple[Sheet, list[Path]]:
    """The sheet as checked, and the files with its rejected rows."""
    path = folder / name
    path.write_bytes(content)
    (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
    found = check([path], read_mapping(folder / "mapping.yaml"))
    return found.sheet, write_rejected(found, folder / "out")


def as_csv(encoding: str, delimiter: str) -> bytes:
    lines = [HEADERS, ["Ayşe", "0500 111 22 01", "14.02.1990", "000042", "x"]]
    lines += [["=Işık", "12", "14.02.1990", "000007", f"a{delimiter}b"], ["Veli", "05001112203", "31.02.1990", "-", ""]]
    text = "\r\n".join(delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in line) for line in lines)
    return text.encode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_rejected_rows_of_a_csv_come_back_with_the_same_cells(tmp_path: Path, encoding: str, delimiter: str) -> None:
    sheet, paths = rejected(tmp_path, "a.csv", as_csv(encoding, delimiter))

    again = check(paths, read_mapping(tmp_path / "mapping.yaml")).sheet

    assert [tmp_path / "out" / "rejected.csv"] == paths
    assert list(sheet.cells())[1:] == [row[:-1] for row in again.cells()]
    assert [issue.code for issue in sheet.issues] == [issue.code for issue in again.issues]
    assert (sheet.partial, again.partial) == (False, True)


@pytest.mark.parametrize("kind", WORKBOOKS)
def test_rejected_rows_of_a_workbook_come_back_with_the_same_cells_and_kinds(tmp_path: Path, kind: str) -> None:
    sheet, paths = rejected(tmp_path, f"a.{kind}", WORKBOOKS[kind]({"Müşteriler": [HEADERS, *ROWS]}))

    again = check(paths, read_mapping(tmp_path / "mapping.yaml")).sheet

    assert [tmp_path / "out" / "rejected.xlsx"] == paths
    assert "Müşteriler" == again.inputs[0].sheet
    assert list(sheet.cells())[1:] == [row[:-2] for row in again.cells()]  # less the number and the reason


def test_a_corrected_csv_row_is_good(tmp_path: Path) -> None:
    _, (path,) = rejected(tmp_path, "a.csv", as_csv("windows-1254", ";"))
    text = path.read_bytes().decode("windows-1254")
    path.write_bytes(
        text.replace(";12;", ";0500 111 22 02;").replace("31.02.1990", "28.02.1990").encode("windows-1254")
    )

    found = check([path], read_mapping(tmp_path / "mapping.yaml"))

    assert {} == dict(found.decided)
    assert ["+905001112202", "+905001112203"] == found.sheet.table["gsm"].tolist()


def test_a_corrected_workbook_row_is_good(tmp_path: Path) -> None:
    _, (path,) = rejected(tmp_path, "a.xlsx", write_xlsx_openpyxl({"Müşteriler": [HEADERS, *ROWS]}))
    workbook = openpyxl.load_workbook(path)
    workbook["Müşteriler"]["B2"] = "0500 111 22 02"
    workbook["Müşteriler"]["C3"] = datetime.date(1990, 2, 28)
    workbook.save(path)

    found = check([path], read_mapping(tmp_path / "mapping.yaml"))

    assert {} == dict(found.decided)
    assert ["=Işık", "Veli"] == found.sheet.table["name"].tolist()
    assert ["000007", "000008"] == found.sheet.table["custom:2"].tolist()


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+905001112203",
        "-5",
        "@SUM(A1)",
        "'=1",
        "_x000D_",
        "0005",
        "1e5",
        "TRUE",
        "#N/A",
        " a ",
        "a\nb",
        "<&>\"'",
    ],
)
def test_a_text_of_a_rejected_row_is_read_again_as_it_was(tmp_path: Path, text: str) -> None:
    row = [text, "12", "", text, text]
    content = write_xlsx_openpyxl({"A": [[text if head == "Başka" else head for head in HEADERS], row]})

    sheet, paths = rejected(tmp_path, "a.xlsx", content)

    again = check(paths, read_mapping(tmp_path / "mapping.yaml")).sheet
    assert list(sheet.cells()) == [cells[:-2] for cells in again.cells()]
    assert again.inputs[0].header[:-2] == sheet.inputs[0].header


def test_a_file_that_is_rejected_twice_has_our_column_once(tmp_path: Path) -> None:
    _, (path,) = rejected(tmp_path, "a.csv", as_csv("utf-8", ";"))

    found = check([path], read_mapping(tmp_path / "mapping.yaml"))
    (again,) = write_rejected(found, tmp_path / "once more")

    with again.open(encoding="utf-8", newline="") as file:
        assert [*HEADERS, REASON] == next(csv.reader(file, delimiter=";"))


def test_sheets_of_one_workbook_have_a_file_each(tmp_path: Path) -> None:
    both = write_xlsx_openpyxl({"Bir": [HEADERS, ROWS[1]], "İki": [HEADERS, ROWS[2]]})
    text = MAPPING.replace("source: {", 'source: {sheet: "*", ')

    sheet, paths = rejected(tmp_path, "a.xlsx", both, text)

    assert ["Bir", "İki"] == [found.sheet for found in sheet.inputs]
    assert 2 == len({path.read_bytes() for path in paths})
    assert [["=Işık"], ["Veli"]] == [
        check([path], read_mapping(tmp_path / "mapping.yaml")).sheet.table["name"].tolist() for path in paths
    ]


def test_no_rows_to_correct_leave_no_file(tmp_path: Path) -> None:
    assert [] == rejected(tmp_path, "a.xlsx", write_xlsx_openpyxl({"A": [HEADERS, ROWS[0]]}))[1]


# Conflicts


def twins() -> dict[str, Any]:
    """A book in which two contacts have one phone number."""
    book = small_book()
    book["contacts"] += [
        contact(200, "Ece", "Al", "", "+905001000200", {}, [7]),
        contact(201, "Ece", "Al", "", "+905001000200", {}, [7]),
    ]
    return book


def test_a_conflict_is_settled_by_filling_in_the_contact_that_is_meant(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(twins())
    desk.sheet([["Ece", "Aldı", "", "0500 100 02 00", "", "Müşteriler"]])
    assert 1 == desk.sync().summary["outcomes"]["conflict"]
    path = desk.folder / "reports" / "rejected.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, row = csv.reader(file, delimiter=";")
    assert [*HEADER, CONTACT_ID, REASON] == header

    row[header.index(CONTACT_ID)] = " 201 "
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, row])
    ended = desk.run("sync", str(path), "-m", "mapping.yaml", "--yes", "--json", "--rate", "2000")

    assert (0, 1) == (ended.code, ended.summary["outcomes"]["edited"]), ended.err
    assert ("Al", "Aldı") == tuple(desk.server.state.contacts[number].surname for number in (200, 201))


def test_a_contact_that_is_filled_in_and_does_not_exist_rejects_the_row(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(twins())
    desk.sheet(
        [["Ece", "Aldı", "", "0500 100 02 00", "", "Müşteriler", "999", "x"]], header=[*HEADER, CONTACT_ID, REASON]
    )

    assert 1 == desk.sync().summary["outcomes"]["rejected"]
