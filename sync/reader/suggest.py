"""Suggests a mapping for a file: looks at its sheets and guesses from the one that fits.

What enters: a path. What leaves: a grid and a Guess. What never happens here: writing; asking the API.
"""

from collections.abc import Iterator
from pathlib import Path

from sync.errors import UsageError
from sync.grid import Grid
from sync.mapping import Source
from sync.reader.files import opened
from sync.reader.guess import Guess, KnownBook, guess_mapping


def initial_mapping(file: Path, *, sheet: str | None, job: str | None, book: KnownBook | None) -> tuple[Grid, Guess]:
    """What the file suggests: its only sheet, the one that is named, or else the first with a phone or an e-mail.

    Raises:
        UsageError: the file cannot be read, or holds nothing.
    """
    name = file.name.encode("utf-8", "replace").decode()  # old archives name files in bytes that are no letters
    found: list[tuple[Grid, Guess]] = []
    for first, grid in _grids(file, sheet):
        named = sheet is not None or not first
        guess = guess_mapping(grid, file_name=name, job=job or Path(name).stem, book=book, named_sheet=named)
        if guess.has_key:
            return grid, guess
        found.append((grid, guess))
    if not found:
        raise UsageError("file_empty", file=str(file))
    return found[0]


def _grids(file: Path, sheet: str | None) -> Iterator[tuple[bool, Grid]]:
    """The sheets that may be meant, each with whether it is the first, and that hold anything."""
    source = opened(file)
    names = [sheet] if sheet is not None else [each.name for each in source.sheets if each.visible]
    if source.workbook is None:
        names = [""]
    elif not names:
        raise UsageError("workbook_without_sheets", file=str(file))
    for name in names:
        grid = source.read(Source(), name)
        if len(grid):
            yield name == names[0], grid
