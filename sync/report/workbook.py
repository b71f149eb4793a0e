"""report.xlsx: a summary, the rows, those in conflict and those doubled, what a comparison finds on the book's side.

What enters: a run's record. What leaves: a workbook. What never happens here: a formula; a cell that Excel refuses.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle

from sync import messages
from sync.outcome import OUTCOMES, TROUBLED, Summary
from sync.reconciliation import BookSide
from sync.record import RunRecord
from sync.report.book_side import DUPLICATE_COLUMNS, duplicate_rows, remote_only_columns, remote_only_rows
from sync.report.fields import field_label
from sync.report.page.story import Told
from sync.report.reasons import Reasons
from sync.report.row_cells import RowCells, columns, contacts_of, is_duplicate, kinds, said_of, told
from sync.report.rows import is_plan
from sync.report.summary_sheet import SummarySheet
from sync.report.tables import Book, Column
from sync.report.text import departed_word

_WIDTH = 24
_FILLS = {
    "added": "DDF0DD", "edited": "DDE8F7", "deleted": "EADCF4", "rejected": "F9DEDC", "conflict": "FCE8C8",
    "failed": "F9DEDC", "unresolved": "FCE8C8", "pending": "EEEEEE",
}  # fmt: skip
_PLACES = (("book_file", 22), ("book_sheet", 14), ("book_row", 8), ("book_key", 26))
_TITLES = {
    "contact_id": "book_contact_id", "key": "book_key", "value": "book_value", "suggested": "book_suggested",
}  # fmt: skip
_REMOVED = (("book_contact_id", 12), ("book_key", 26), ("book_outcome", 20), ("book_changes", 60))
_SAID = (("book_reason", 60), ("book_to_do", 60))


def write_workbook(
    run: RunRecord,
    summary: Summary,
    path: Path,
    *,
    all_rows: bool,
    book_side: BookSide | None = None,
    reports: Sequence[Path] = (),
    zone: datetime.tzinfo | None = None,
) -> None:
    """Writes the workbook; rows beyond what a sheet holds go on in further sheets.

    Args:
        run: the run or plan.
        summary: its summary.
        path: of the workbook.
        all_rows: unchanged rows are shown too.
        book_side: what a comparison in both directions found on the book's side.
        reports: what else was written, for the summary to point at.
        zone: of the moments shown; None for this machine's.
    """
    with Book(path.parent) as book:
        reasons, made = Reasons(), RowCells(run)
        shown = OUTCOMES if all_rows else tuple(outcome for outcome in OUTCOMES if outcome != "unchanged")
        rows = book.table(messages.label("book_rows"), made.columns)
        conflicts = book.table(
            messages.label("book_conflicts"), columns(*_PLACES, ("book_contacts", 30), *_SAID), optional=True
        )
        doubled = book.table(
            messages.label("book_duplicate_rows"), columns(*_PLACES, ("book_outcome", 12), *_SAID), optional=True
        )
        for row in run.rows(*shown, planned=is_plan(run)):
            said = said_of(row)
            rows.append(made.cells(row, said))
            if row.outcome in TROUBLED:
                reasons.add(row.outcome, (row.input, row.row), kinds(row.remarks, said))
            if row.outcome == "conflict":
                conflicts.append([*made.place(row), contacts_of(row), *told(said)])
            if is_duplicate(row):
                doubled.append([*made.place(row), made.word(row.outcome), *told(said)])
        rows.columns = made.columns
        rows.rules = [(made.outcome_place, _look(name, made.word(name))) for name in _FILLS]
        if run.meta.departed:
            removed = book.table(messages.label("book_removed"), columns(*_REMOVED, *_SAID))
            for row in run.departures(planned=is_plan(run)):
                word = departed_word(row.outcome, plan=is_plan(run))
                removed.append([row.contact_id, row.key, word, made.changes(row), *told(said_of(row))])
        if book_side is not None:
            labels = run.meta.labels
            _listed(book, "book_remote_only", remote_only_columns(book_side), remote_only_rows(book_side), labels)
            _listed(book, "book_duplicates", DUPLICATE_COLUMNS, duplicate_rows(book_side), labels)
        outcomes = run.outcomes(planned=is_plan(run))
        story = Told(run, summary, outcomes, reports, book_side, zone)
        SummarySheet(book.first_sheet, story, reasons, book.losses, made.columns_left).write()
        book.workbook.properties.creator = "imsync"
        book.workbook.properties.title = run.meta.run
        book.save(path)


def _listed(
    book: Book, name: str, names: Sequence[str], rows: Iterable[Sequence[str | int | None]], labels: Mapping[str, str]
) -> None:
    """A table of contacts, each column called what people call its field."""
    titles = (messages.label(_TITLES[each]) if each in _TITLES else field_label(labels, each) for each in names)
    table = book.table(messages.label(name), [Column(title, _WIDTH) for title in titles])
    for row in rows:
        table.append(row)


def _look(outcome: str, word: str) -> Rule:
    """How an outcome looks: in colour by its shade; printed in black, rows that did not make it by their weight."""
    font = Font(bold=True) if outcome in TROUBLED else Font(italic=outcome == "pending")
    fill = PatternFill("solid", start_color=_FILLS[outcome], end_color=_FILLS[outcome])
    quoted = word.replace('"', '""')
    return Rule(type="cellIs", operator="equal", formula=[f'"{quoted}"'], dxf=DifferentialStyle(font=font, fill=fill))
