"""Files that hold a book: sheets that are full, texts that do not fit."""

import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from sync.errors import UsageError
from sync.report import exported
from sync.report.exported import storable, write_contacts

ROOT = Path(__file__).parents[2]


def test_a_full_sheet_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exported, "MOST_ROWS", 2)

    names = write_contacts(tmp_path / "book.xlsx", ["id"], [(str(n),) for n in range(5)])

    workbook = openpyxl.load_workbook(tmp_path / "book.xlsx")
    assert names == ("Kişiler", "Kişiler 2", "Kişiler 3")
    assert [[row[0].value for row in workbook[name].iter_rows()] for name in names] == [
        ["id", "0", "1"],
        ["id", "2", "3"],
        ["id", "4"],
    ]


def test_a_text_that_means_another_character_in_a_workbook_is_escaped(tmp_path: Path) -> None:
    write_contacts(tmp_path / "book.xlsx", ["id"], [("_x0041_",)])

    assert openpyxl.load_workbook(tmp_path / "book.xlsx").active["A2"].value == "_x005F_x0041_"  # type: ignore[index, union-attr]


@pytest.mark.parametrize(("kind", "most"), [("csv", 1 << 19), ("xlsx", 32_767)])
def test_what_a_file_cannot_hold_is_marked(kind: str, most: int) -> None:
    texts = pd.Series(["a\0b", "x" * (most + 1), "x" * most, "", "Ayşe"], dtype="str")

    held = storable(texts, kind).tolist()

    assert held == ["a\ufffdb", "x" * (most - 1) + "…", "x" * most, "", "Ayşe"]


def test_a_file_that_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    path.write_text("before", "utf-8")

    def rows() -> object:
        yield ("1",)
        raise OSError(28, "No space left on device")

    with pytest.raises(UsageError, match="file_unwritable"):
        write_contacts(path, ["id"], rows())  # type: ignore[arg-type]

    assert [(each.name, each.read_text("utf-8")) for each in tmp_path.iterdir()] == [("book.csv", "before")]


_FULL = """
import random, resource, sys
from pathlib import Path
from sync.errors import UsageError
from sync.report.exported import write_contacts

resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
chance = random.Random(1)
try:
    write_contacts(Path(sys.argv[1]), ("a", "b"), ([str(chance.random()), "x"] for _ in range(20_000)))
except UsageError as error:
    print(error.code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit to set")
@pytest.mark.fault(
    "The disk is full, or cannot be written", "an export is written", "is told once, and no file is left"
)
@pytest.mark.parametrize("name", ["book.xlsx", "book.csv"])
def test_an_export_that_finds_no_room_says_so_once_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    command = [sys.executable, "-c", _FULL, str(tmp_path / name)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)

    assert (ended.returncode, ended.stdout.strip(), ended.stderr) == (0, "file_unwritable", "")
    assert list(tmp_path.iterdir()) == []
