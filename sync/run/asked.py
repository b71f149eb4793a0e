"""Which rows of a run somebody asks for: a row number, with or without its file, a phone number, an e-mail.

What enters: a run file, what was typed. What leaves: the stories of those rows.
What never happens here: a row that only resembles what was asked for.
"""

import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from sync import canonical
from sync.errors import UsageError
from sync.history import RowStory
from sync.runs import RunFile, one_row
from sync.sheet import Input

MOST = 10  # stories told at once
_ROW = re.compile(r"(?:(?P<file>.+):)?(?P<row>[1-9]\d{0,8})")
_FEWEST_DIGITS = 7  # of what is meant to be a phone number


def asked_rows(run_file: RunFile, asked: str) -> list[RowStory]:
    """The stories of the rows that are meant, at most `MOST`.

    Raises:
        UsageError: no row is meant; it says what there is.
    """
    asked = asked.strip()
    numbers = _of_key(run_file, asked) if "@" in asked else _of_place(run_file, asked)
    return list(one_row.stories(run_file, numbers, planned=not run_file.meta.applied_at))


def _of_key(run_file: RunFile, asked: str) -> list[int]:
    key = "email" if "@" in asked else "gsm"
    value = canonical.of_key(key, asked)
    found = list(islice(one_row.with_key(run_file, key, value), MOST))
    if not found:
        raise UsageError("why_key_unknown", field=key, value=value, run=run_file.meta.run)
    return found


def _of_place(run_file: RunFile, asked: str) -> list[int]:
    match = _ROW.fullmatch(asked)
    if match is None or asked.startswith("+"):
        if sum(letter.isdigit() for letter in asked) < _FEWEST_DIGITS:
            raise UsageError("why_asked_unclear", asked=asked)
        return _of_key(run_file, asked)
    inputs, row = run_file.inputs(), int(match["row"])
    chosen = list(range(len(inputs)))
    if match["file"]:
        chosen = [number for number in chosen if match["file"] in _names(inputs[number])]
        if not chosen:
            raise UsageError("why_file_unknown", file=match["file"], known=_known(inputs))
    found = list(islice(one_row.at_place(run_file, row, chosen), MOST))
    if not found:
        near = [
            f"{_called(inputs, number)}{each}" for number in chosen for each in one_row.beside(run_file, row, number)
        ]
        raise UsageError("why_row_unknown", row=row, near=", ".join(near[:MOST]), run=run_file.meta.run)
    return found


def _names(found: Input) -> set[str]:
    """What somebody may call an input."""
    return {found.name, found.path, Path(found.path).stem, found.sheet, f"{found.name}:{found.sheet}"} - {""}


def _called(inputs: Sequence[Input], number: int) -> str:
    """What stands before a row's number, so that it is that input's; nothing where there is only one."""
    if len(inputs) == 1:
        return ""
    each = inputs[number]
    return f"{each.name}:{each.sheet}:" if each.sheet else f"{each.name}:"


def _known(inputs: Sequence[Input]) -> str:
    return ", ".join(dict.fromkeys(f"{each.name}:{each.sheet}" if each.sheet else each.name for each in inputs))
