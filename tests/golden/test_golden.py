"""Real files of every kind, each beside what a person sees in it; `make.py` says how they came to be."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sync.grid import Cell, Grid
from sync.mapping import Source
from sync.reader import read_mapping, read_sheet
from sync.reader.files import opened

HERE = Path(__file__).parent
FILES = sorted(
    path for path in HERE.iterdir() if path.suffix in {".csv", ".txt", ".gz", ".xls", ".xlsb", ".ods", ".xlsx", ".xlsm"}
)
SAME = [path for path in FILES if path.name.startswith("same")]
MAPPING = """\
version: 1
fields:
  name: Ad
  surname: Soyad
  gsm: Cep
  email: E-posta
custom_fields:
  1:
    column: Doğum Tarihi
    type: date
    output: "%d/%m/%Y"
  2: Şehir
"""


def expected(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8"))
    return found


def told(grid: Grid, *, exactly: bool) -> list[list[Any]]:
    """The rows as JSON; blank cells at the end of a workbook's rows say nothing."""
    found = []
    for index, number in enumerate(grid.numbers.tolist()):
        cells = grid.row(index)
        while not exactly and cells and cells[-1] == Cell(""):
            cells.pop()
        found.append([number, [cell.to_json() for cell in cells]])
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_reads_as_a_person_sees_it(path: Path) -> None:
    wanted = expected(path)
    file = opened(path)
    grid = file.read(Source(), wanted["sheet"])
    assert wanted["rows"] == told(grid, exactly=file.workbook is None)
    assert wanted.get("sheets", []) == [list(sheet) for sheet in file.sheets]
    facts = {
        "sheet": grid.sheet,
        "encoding": grid.encoding,
        "delimiter": grid.delimiter if wanted["delimiter"] is not None else None,
        "quote": grid.quote,
        "hidden_rows": sorted(grid.hidden_rows),
        "filtered": grid.filtered,
        "hidden_columns": sorted(grid.hidden_columns),
        "merged": sorted(map(list, grid.merged)),
    }
    assert {key: wanted[key] for key in facts} == facts


def test_each_file_has_what_is_expected_of_it_beside_it() -> None:
    beside = [path.name.removesuffix(".json") for path in sorted(HERE.glob("*.json"))]
    assert [path.name for path in FILES] == beside


@pytest.mark.parametrize("path", SAME, ids=lambda path: path.name)
def test_the_same_table_gives_the_same_contacts_in_every_format(tmp_path: Path, path: Path) -> None:
    (tmp_path / "customers.yaml").write_text(MAPPING, encoding="utf-8")
    sheet = read_sheet([path], read_mapping(tmp_path / "customers.yaml"))
    names = ["name", "surname", "gsm", "email", "custom:1", "custom:2"]
    people = [
        [None if pd.isna(cell) else cell.replace("”", '"') for cell in row] for row in sheet.table[names].to_numpy()
    ]
    assert () == sheet.issues
    assert [
        ["Ayşe", "Yılmaz", "+905001112233", "ayse.yilmaz@example.com", "27/09/1984", "İstanbul"],
        ["Çağrı", "Öztürk", "+905001112234", "cagri@example.com", "01/03/1990", "Iğdır"],
        ["Işık", "Güneş", "+905001112235", None, None, 'Şişli; "Merkez"'],
        ["Ümit", None, "+905001112236", "umit@example.org", "31/12/1969", "Muğla"],
    ] == people
