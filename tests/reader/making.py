"""Mapping files, CSV files and workbooks made of literals."""

import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from sync.errors import MappingError, Problem, UsageError
from sync.grid import Grid
from sync.reader import MappingFile, read_mapping, read_sheet
from sync.sheet import Sheet

GSM = "version: 1\nfields:\n  gsm: Cep\n"


def mapping_file(folder: Path, text: str) -> MappingFile:
    path = folder / "customers.yaml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path)


def mistakes(folder: Path, text: str | bytes) -> list[Problem]:
    """All mistakes of a mapping with this text."""
    path = folder / "customers.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(MappingError) as caught:
        read_mapping(path)
    return caught.value.problems


def places(problems: Iterable[Problem]) -> list[tuple[int, int, str]]:
    return [(problem.line, problem.column, problem.code) for problem in problems]


def csv_file(folder: Path, text: str | bytes, name: str = "customers.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def workbook(folder: Path, rows: Sequence[Sequence[Any]], name: str = "customers.xlsx", sheet: str = "Sayfa1") -> Path:
    def fill(book: openpyxl.Workbook) -> None:
        page = book.worksheets[0]
        page.title = sheet
        for row in rows:
            page.append(list(row))

    path = folder / name
    path.write_bytes(workbook_bytes(fill))
    return path


def workbook_bytes(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read(folder: Path, mapping: str, *paths: Path) -> Sheet:
    return read_sheet(paths, mapping_file(folder, mapping))


def refused(folder: Path, mapping: str, *paths: Path) -> tuple[str, dict[str, Any]]:
    """The code and values of the error with which reading ends."""
    with pytest.raises(UsageError) as caught:
        read(folder, mapping, *paths)
    return caught.value.code, caught.value.values


def texts(grid: Grid) -> list[list[str]]:
    """A grid's rows as texts."""
    return [[cell.text for cell in row] for row in grid.rows()]


def column(sheet: Sheet, name: str) -> list[str | None]:
    return [None if pd.isna(text) else str(text) for text in sheet.table[name]]


def issues(sheet: Sheet) -> list[tuple[int, str, str, str]]:
    return [(issue.row, issue.column, issue.cell, issue.code) for issue in sheet.issues]
