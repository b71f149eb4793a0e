"""`imsync export`, in this process, against a sandbox: what was written is read back as what it was."""

import csv
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sync.sandbox import Semantics

from .conftest import HASH, KEY, contact, small_book
from .shell import Shell, shell_with  # noqa: F401 - a fixture

QUICK = ("--rate", "2000")
HEADERS = ["id", "Ad", "Soyad", "E-posta", "Cep Telefonu"]


def nasty_book() -> dict[str, Any]:
    """Names, numbers and groups that files, spreadsheet programs and readers like to change."""
    names = [
        "  Boşluk  ", "=1+1", "'=1+1", "''@SUM(A1)", "@home", "-Ek", "+Artı", "\t=2", " =3", "'tırnak", 'O"Neil',
        "a;b,c|d", "iki\nsatır", "iki\r\nsatır", "0012", "12345678901234567", "1e5", "2024-09-27", "TRUE", "#N/A",
        "İIıiŞşĞğ", "N\u0303", "Ay\u200bşe", "kontrol\x01lü", "_x0041_", "ÅžÃ¼krÃ¼", "\ufffd", "<b>&amp;", "NULL",
        '=HYPERLINK("http://example.com";"x")', "-5", "😀",
    ]  # fmt: skip
    phones = [
        "+905001000100", "05001000101", "0500 100 01 02", "905001000103", "0212 555 01 04", "+4915123456789",
        "12", "yok", "0500 100 01 05 / 0500 100 01 06", "0500 100 01 07 dahili 5", "+90 500 100 01 08", "",
    ]  # fmt: skip
    emails = ["a@example.com", "B@Example.COM", "bozuk", "c@example.com; d@example.com", "Ad <e@example.com>", ""]
    contacts = [contact(100 + n, name, "", "", "", {}, [7 + n % 9]) for n, name in enumerate(names)]
    contacts += [contact(200 + n, "", "Soyad", "", phone, {}, [7, 9]) for n, phone in enumerate(phones)]
    contacts += [contact(300 + n, "x", "", email, f"+9050020001{n:02}", {}, []) for n, email in enumerate(emails)]
    customs = ["27/09/1984", "27.09.1984", "1984-09-27", "1 Ocak 1990"]
    contacts += [contact(400 + n, "y", "", "", "", {"1": text, "2": "007"}, [8]) for n, text in enumerate(customs)]
    contacts += [contact(500, "y", "", "", "", {"2": "27/09/1984", "3": "=cmd|' /C calc'!A0"}, [8])]
    groups = [
        ("Müşteriler", None), ("Bay/Bayan", None), ("Bay", None), ("Bayan", 9), ("A; B", None), ("a | b", None),
        ("7", None), ("Çift", None), ("çift ", None),
    ]  # fmt: skip
    return {
        "credentials": {"key": KEY, "hash": HASH},
        "custom_fields": [1, 2, 3],
        "groups": [{"id": 7 + n, "name": name, "parent": parent} for n, (name, parent) in enumerate(groups)],
        "contacts": contacts,
        "blacklist": [],
    }


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@pytest.mark.parametrize("name", ["book.csv", "book.xlsx"])
def test_an_export_of_nasty_values_reads_back_unchanged(
    shell_with: Callable[..., Shell],  # noqa: F811
    name: str,
) -> None:
    shell = shell_with(**nasty_book())

    written = shell("export", "-o", name, *QUICK)
    again = shell("plan", name, "-m", "book.yaml", "--report-dir", "reports", "--json", *QUICK)

    assert (written.code, again.code) == (0, 0), (written.err, again.err)
    count = len(shell.server.state.contacts)
    assert f"Contacts written to {name}: {count}." in written.out
    assert {outcome: rows for outcome, rows in again.summary["outcomes"].items() if rows} == {"unchanged": count}


def test_a_workbooks_cells_are_texts(shell_with: Callable[..., Shell], tmp_path: Path) -> None:  # noqa: F811
    shell_with(**nasty_book())("export", "-o", "book.xlsx", *QUICK)

    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["Kişiler"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells if not cell.value[0].isalpha()} == {"@"}
    assert {"=1+1", "0012", "+905001000100", "007", "  Boşluk  "} <= {cell.value for cell in cells}


def test_a_csv_runs_no_formula_and_keeps_zeros_and_plus(
    shell_with: Callable[..., Shell],  # noqa: F811
    tmp_path: Path,
) -> None:
    shell_with(**nasty_book())("export", "-o", "book.csv", *QUICK)

    rows = rows_of(tmp_path / "book.csv")
    cells = {cell for row in rows for cell in row.values()}
    assert not [cell for cell in cells if cell.lstrip()[:1] in ("=", "@")]
    assert {"'=1+1", "''=1+1", "0012", "+905001000100", "007", "-5"} <= cells
    assert list(rows[0])[:5] == HEADERS
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)


def test_what_would_be_read_otherwise_stands_beside(shell_with: Callable[..., Shell], tmp_path: Path) -> None:  # noqa: F811
    ended = shell_with(**nasty_book())("export", "-o", "book.csv", "--json", *QUICK)

    rows = {row["id"]: row for row in rows_of(tmp_path / "book.csv")}
    two = rows["208"]
    assert (two["Cep Telefonu"], two["Cep Telefonu (kayıtlı hâli)"]) == ("", "0500 100 01 05 / 0500 100 01 06")
    assert rows["207"]["Cep Telefonu"] == "yok"
    assert ended.summary["cells_beside"] == sum(
        bool(text) for row in rows.values() for header, text in row.items() if header.endswith("(kayıtlı hâli)")
    )


def test_groups_are_named_so_that_no_other_is_meant(shell_with: Callable[..., Shell], tmp_path: Path) -> None:  # noqa: F811
    book = nasty_book()
    book["groups"].append({"id": 16, "name": "16", "parent": None})
    book["groups"].append({"id": 17, "name": "16", "parent": None})
    book["contacts"] = [contact(1, "x", "", "", "+905001000100", {}, list(range(7, 18)))]
    ended = shell_with(**book)("export", "-o", "book.csv", "--json", *QUICK)

    (row,) = rows_of(tmp_path / "book.csv")
    # 8 and 10 have one path, 14 and 15 one name, 16 the name of two; 13 is named 7, and found by it.
    assert row["Gruplar"] == "Müşteriler, 8, Bay, 10, A; B, a | b, 7, 14, 15, 17"
    assert "separator: ','" in (tmp_path / "book.yaml").read_text("utf-8")
    assert ended.summary["groups_left_out"] == 1


def test_custom_fields_are_called_as_a_mapping_calls_them(
    shell_with: Callable[..., Shell],  # noqa: F811
    tmp_path: Path,
) -> None:
    (tmp_path / "own.yaml").write_text(
        "version: 1\nfields: {gsm: Telefon}\ncustom_fields:\n"
        "  1: {column: Doğum, type: date, label: Doğum tarihi}\n  2: {column: ad}\n  3: {value: x, label: '=Kaynak'}\n",
        "utf-8",
    )
    shell_with(**nasty_book())("export", "-o", "book.csv", "-m", "own.yaml", *QUICK)

    header = list(rows_of(tmp_path / "book.csv")[0])
    assert header[5:9] == ["Doğum tarihi", "Özel alan 2", "Özel alan 3", "Gruplar"]


def test_what_could_not_be_read_is_said(shell_with: Callable[..., Shell], tmp_path: Path) -> None:  # noqa: F811
    ended = shell_with(**small_book())("export", "-o", "book.csv", *QUICK)

    assert "A contact in no group is seen only where one of these searches shows it" in ended.out
    assert len(rows_of(tmp_path / "book.csv")) == 3


def test_an_export_is_one_json_object(shell_with: Callable[..., Shell]) -> None:  # noqa: F811
    ended = shell_with(**small_book())("export", "-o", "book.xlsx", "--json", *QUICK)

    found = ended.summary
    assert (found["run"], found["status"], found["rows"], found["contacts"], found["remote_only"]) == (
        None, "completed", 0, 3, 3,
    )  # fmt: skip
    assert found["reports"] == ["book.xlsx", "book.yaml"]
    assert (found["reach"]["terms"], found["reach"]["short"]) == (sorted(found["reach"]["terms"]), [])
    assert set(found["requests"]) <= {"get-groups", "get-group-contacts", "search-contacts"}


@pytest.mark.skipif("sys.platform == 'win32'")
def test_an_export_is_private(shell_with: Callable[..., Shell], tmp_path: Path) -> None:  # noqa: F811
    shell_with(**small_book())("export", "-o", "book.csv", *QUICK)

    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("book.csv", "book.yaml")] == [0o600] * 2


def test_nothing_is_replaced_unasked(shell_with: Callable[..., Shell], tmp_path: Path) -> None:  # noqa: F811
    shell = shell_with(**small_book())
    shell("export", "-o", "book.csv", *QUICK)
    (tmp_path / "book.csv").write_text("", "utf-8")
    asked = len(shell.server.ledger)

    refused = shell("export", "-o", "book.csv", *QUICK)
    left = (tmp_path / "book.csv").read_text("utf-8")
    sent = len(shell.server.ledger) - asked
    replaced = shell("export", "-o", "book.csv", "--force", *QUICK)

    assert (refused.code, left, sent) == (2, "", 0)
    assert "book.csv exists. Choose another name, or replace it with --force." in refused.err
    assert (replaced.code, len(rows_of(tmp_path / "book.csv"))) == (0, 3)


def test_a_persons_own_mapping_is_never_replaced(shell_with: Callable[..., Shell], tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "book.yaml").write_text("version: 1\n", "utf-8")
    shell = shell_with(**small_book())

    refused = shell("export", "-o", "book.csv", "--force", *QUICK)
    named = shell("export", "-o", "book.csv", "--write-mapping", "back.yaml", *QUICK)

    assert (refused.code, named.code) == (2, 0)
    assert "was not written by an export" in refused.err
    assert (tmp_path / "book.yaml").read_text("utf-8") == "version: 1\n"
    assert (tmp_path / "back.yaml").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "book.ods"), "book.ods ends in neither .csv nor .xlsx."),
        (("-o", "none/book.csv"), "none/book.csv cannot be written"),
        (("-o", "book.csv", "--write-mapping", "book.csv"), "cannot be the export and its mapping at once"),
    ],
)
def test_a_file_that_cannot_be_is_refused_before_anything_is_read(
    shell_with: Callable[..., Shell],  # noqa: F811
    words: tuple[str, ...],
    said: str,
) -> None:
    shell = shell_with(**small_book())

    ended = shell("export", *words, *QUICK)

    assert (ended.code, said in ended.err, len(shell.server.ledger)) == (2, True, 0)


def test_an_empty_book_is_a_header(shell_with: Callable[..., Shell], tmp_path: Path) -> None:  # noqa: F811
    shell = shell_with(credentials={"key": KEY, "hash": HASH}, groups=[], contacts=[])

    ended = [shell("export", "-o", name, "--force", *QUICK).code for name in ("book.csv", "book.xlsx")]

    assert ended == [0, 0]
    assert (tmp_path / "book.csv").read_text("utf-8-sig").splitlines() == [";".join([*HEADERS, "Gruplar"])]
    assert openpyxl.load_workbook(tmp_path / "book.xlsx")["Kişiler"].max_row == 1


def test_searches_for_whole_texts_only_leave_those_in_no_group_unseen(
    shell_with: Callable[..., Shell],  # noqa: F811
    tmp_path: Path,
) -> None:
    shell = shell_with(semantics=Semantics(search="token"), **small_book())

    ended = shell("export", "-o", "book.csv", *QUICK)

    ids = [row["id"] for row in rows_of(tmp_path / "book.csv")]
    assert (ended.code, ids[0], ids[-1]) == (0, "100", "102")
    assert "there may be others" in ended.out
