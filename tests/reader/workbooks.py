"""What the tests of all kinds of workbooks share: what a reader gives, and hostile bytes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sync.errors import UsageError
from sync.grid import Cell, Grid
from sync.reader.workbook_file import WorkbookFile

Opens = Callable[[str, bytes], WorkbookFile]


def rows(grid: Grid) -> dict[int, list[Cell]]:
    """The rows by their numbers, without blank cells at the end."""
    found = {}
    for index, number in enumerate(grid.numbers):
        cells = grid.row(index)
        while cells and cells[-1] == Cell(""):
            cells.pop()
        found[int(number)] = cells
    return found


def refusal(opens: Opens, content: bytes, sheet: str | None = None) -> str:
    """The code with which opening ends, or reading the sheet."""
    with pytest.raises(UsageError) as caught:
        survives_unless(opens, content, sheet)
    return caught.value.code


def survives_unless(opens: Opens, content: bytes, sheet: str | None = None) -> None:
    """Opens the file and reads one sheet, or all of them."""
    file = opens("customers", content)
    for name in [sheet] if sheet else [each.name for each in file.sheets]:
        file.read(name)


def survives(opens: Opens, content: bytes) -> None:
    """Whatever the bytes are, a grid or an error with an answer comes out."""
    try:
        survives_unless(opens, content)
    except UsageError as error:
        assert error.code.startswith(("workbook_", "sheet_"))  # noqa: PT017 - a grid is as good


def truncated(content: bytes, pieces: int = 60) -> Iterator[bytes]:
    """The file cut off in many places."""
    step = max(1, len(content) // pieces)
    for end in range(0, len(content), step):
        yield content[:end]


def flipped(content: bytes, flips: list[tuple[int, int]]) -> bytes:
    """The file with some bytes changed: places (modulo the length) and values."""
    changed = bytearray(content)
    for place, value in flips:
        changed[place % len(changed)] = value
    return bytes(changed)


def one_cell(opens: Opens, content: bytes) -> Any:
    """The only cell of the only sheet."""
    file = opens("customers", content)
    grid = file.read(file.sheets[0].name)
    return grid.row(0)[0]
