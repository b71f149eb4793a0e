"""Reads files without an account: what they show by themselves.

What enters: paths, a mapping. What leaves: what each row would become as far as the sheet tells, rejected rows.
What never happens here: a request.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sync import diff
from sync.change import Remark
from sync.reader import MappingFile, read_sheet
from sync.report import rejected_rows
from sync.report.folder import Tell, untold
from sync.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Checked:
    """What the sheet alone shows: how many rows become what, each row's outcome where decided, remarks and notes.

    `pending` are the rows that are good so far.
    """

    sheet: Sheet
    outcomes: Mapping[str, int]
    decided: Mapping[int, str]
    remarks: Mapping[int, list[Remark]]
    notes: Mapping[int, list[Remark]]


def check(files: Sequence[Path], mapping_file: MappingFile) -> Checked:
    """Reads, maps and validates the files; touches nothing else."""
    sheet = read_sheet(files, mapping_file)
    verdicts = diff.checked_rows(sheet, mapping_file.mapping)
    outcomes = Counter(verdicts.outcomes.values())
    outcomes["pending"] = len(sheet) - outcomes.total()
    return Checked(sheet, outcomes, verdicts.outcomes, verdicts.remarks, verdicts.notes)


def write_rejected(checked: Checked, folder: Path, tell: Tell = untold) -> list[Path]:
    """Writes the rows that would be rejected, a file for each input that has any, and returns the paths.

    `tell` is told of a file that somebody has changed, and that was kept under another name.
    """
    from sync.report import write_rows  # noqa: PLC0415 - a check alone writes nothing, and waits for no writer

    rows = rejected_rows(checked.sheet, checked.decided, checked.remarks)
    return write_rows(checked.sheet.inputs, rows, folder, tell)
