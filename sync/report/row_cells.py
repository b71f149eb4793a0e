"""A row of a run as a person reads it in a workbook: words for codes, names for ids, before → after for changes.

What enters: rows of a run's record. What leaves: cells, and what is said of the row.
What never happens here: writing; JSON; an id where there is a name.
"""

from collections.abc import Sequence
from typing import Any

from sync import messages
from sync.change import Remark
from sync.record import ReportRow, RunRecord
from sync.report.cells import MOST_COLUMNS
from sync.report.fields import field_label
from sync.report.page.shown import shown, shown_pair
from sync.report.reasons import Said
from sync.report.rows import is_plan, source
from sync.report.tables import Column
from sync.sheet import OURS, Input

_LONGEST = 400  # letters of one value among the changes
_SAMPLE = 500  # rows that are measured for the widths of the input's own columns
_NARROWEST, _WIDEST = 8, 40
_PLACES = (("book_file", 22), ("book_sheet", 14), ("book_row", 8), ("book_key", 26))
_DUPLICATES = ("duplicate_rows", "duplicate_of", "duplicates_differ", "identity_doubled")

Cells = list[str | int | None]


def columns(*titles: tuple[str, float]) -> list[Column]:
    """Columns with these labels and widths; wide ones hold sentences, which go on in further lines."""
    return [Column(messages.label(code), width, wrapped=width > _WIDEST) for code, width in titles]


class RowCells:
    """Makes cells of rows."""

    def __init__(self, run: RunRecord) -> None:
        self._inputs = run.inputs()
        self._plan = is_plan(run)
        self._groups, self._given = run.meta.groups, run.meta.labels
        self._labels: dict[str, str] = {}
        self._names: dict[tuple[Any, ...], str] = {}
        self._own = _OwnColumns(self._inputs)
        self._empty = messages.label("page_empty")

    @property
    def columns(self) -> list[Column]:
        """The columns of `cells`; those of the input that any row had a cell of come last."""
        fixed = columns(
            *_PLACES, ("book_outcome", 12), ("book_contact_id", 12), ("book_changes", 60), ("book_reason", 60),
            ("book_to_do", 44), ("book_code", 22), ("book_attempts", 10),
        )  # fmt: skip
        return [*fixed, *self._own.columns(MOST_COLUMNS - len(fixed))]

    @property
    def columns_left(self) -> int:
        """How many of the input's own columns do not fit."""
        return max(0, len(self._own) - sum(column.own for column in self.columns))

    @property
    def outcome_place(self) -> int:
        """Which of the columns holds the outcome."""
        return len(_PLACES)

    def word(self, outcome: str) -> str:
        """The outcome in words: of a plan, what the row would become."""
        return messages.label(f"page_{'would' if self._plan else 'done'}_{outcome}")

    def cells(self, row: ReportRow, said: Sequence[tuple[str, str]]) -> Cells:
        """The row; `said` as of `said_of`."""
        codes = ", ".join(dict.fromkeys(remark.code for remark in row.remarks))
        made: Cells = self.place(row)
        made += (
            self.word(row.outcome), row.contact_id, self.changes(row), *told(said), codes, row.attempts,
        )  # fmt: skip
        if row.cells:
            made += self._own.cells(row)
        return made

    def place(self, row: ReportRow) -> Cells:
        """Where the row stands, and its key."""
        found = source(self._inputs, row)
        return [found.name, found.sheet, row.row or None, row.key]

    def changes(self, row: ReportRow) -> str:
        """What changes, field by field: of an edit before and after, else what the contact holds or held."""
        lines = []
        if any(after for _, after in row.changes.values()) and (
            row.outcome == "edited" or any(before for before, _ in row.changes.values())
        ):
            lines = [self._edit(name, *pair) for name, pair in row.changes.items()]
        elif row.changes:
            whole = (self._whole(name, after or before) for name, (before, after) in row.changes.items())
            lines = ["; ".join(filter(None, whole))]
        for name, (sent, stored) in row.altered.items():
            lines.append(
                messages.label(
                    "book_stored", field=self._label(name), sent=self._value(sent), stored=self._value(stored)
                )
            )
        return "\n".join(lines)

    def _edit(self, name: str, before: Any, after: Any) -> str:  # noqa: ANN401 - a text, or a list of group ids
        if isinstance(before, list) or isinstance(after, list):
            old, new = self._value(before), self._value(after)
        else:
            old, new = shown_pair(str(before or ""), str(after or ""), most=_LONGEST)
            old, new = old or self._empty, new or self._empty
        code = "book_unseen" if old == new else "book_becomes"
        return messages.label(code, field=self._label(name), before=old, after=new)

    def _whole(self, name: str, value: Any) -> str:  # noqa: ANN401 - as above
        return messages.label("book_set", field=self._label(name), value=self._value(value)) if value else ""

    def _value(self, value: Any) -> str:  # noqa: ANN401 - as above
        if isinstance(value, list):
            key = tuple(value)
            if key not in self._names:
                self._names[key] = shown(", ".join(self._groups.get(str(each), str(each)) for each in value))
            return self._names[key] or self._empty
        return shown(str(value or ""), most=_LONGEST) or self._empty

    def _label(self, name: str) -> str:
        found = self._labels.get(name)
        if found is None:
            found = self._labels[name] = shown(field_label(self._given, name))
        return found


class _OwnColumns:
    """The columns of all inputs side by side: those with the same header in one, ours of an earlier file left out."""

    def __init__(self, inputs: Sequence[Input]) -> None:
        self._titles: list[str] = []
        self._widths: list[int] = []
        self._known: dict[tuple[str, int], int] = {}
        self._seen = 0
        self._places = [self._placed(found.header) for found in inputs]

    def __len__(self) -> int:
        return len(self._titles) if self._seen else 0

    def columns(self, most: int) -> list[Column]:
        """As many as fit; none where no row had a cell."""
        found = zip(self._titles[:most], self._widths, strict=False) if self._seen else ()
        return [Column(title, min(max(width + 2, _NARROWEST), _WIDEST), own=True) for title, width in found]

    def cells(self, row: ReportRow) -> list[str | None]:
        """The row's cells, each under its header."""
        given, places = row.cells or (), self._places[row.input]
        self._seen += 1
        while len(given) > len(places):
            places.append(self._place("", len(places)))
        made: list[str | None] = [None] * len(self._titles)
        for place, cell in zip(places, given, strict=False):
            if place is not None and cell.text:
                made[place] = cell.text
                if self._seen <= _SAMPLE:
                    self._widths[place] = max(self._widths[place], min(len(cell.text), _WIDEST))
        return made

    def _placed(self, header: Sequence[str]) -> list[int | None]:
        counts: dict[str, int] = {}
        places: list[int | None] = []
        for number, title in enumerate(header):
            if title in OURS:
                places.append(None)
                continue
            counts[title] = counts.get(title, 0) + 1
            places.append(self._place(title, counts[title] if title.strip() else number))
        return places

    def _place(self, title: str, number: int) -> int:
        found = self._known.setdefault((title.strip(), number), len(self._titles))
        if found == len(self._titles):
            self._titles.append(title if title.strip() else messages.label("book_column_unnamed", number=number + 1))
            self._widths.append(min(len(self._titles[-1]), _WIDEST))
        return found


def said_of(row: ReportRow) -> list[tuple[str, str]]:
    """Everything that there is to say about a row: what, after the header of its cell, and what to do."""
    found = []
    for remark in row.remarks:
        what, to_do = messages.parts(remark.code, remark.values)
        found.append((f"{remark.column}: {what}" if remark.column else what, to_do))
    return found


def told(said: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """All reasons of a row in one cell, and what to do in another, one in a line."""
    if len(said) < 2:  # noqa: PLR2004 - as most rows have
        return said[0] if said else ("", "")
    return "\n".join(what for what, _ in said), "\n".join(dict.fromkeys(to_do for _, to_do in said if to_do))


def kinds(remarks: Sequence[Remark], said: Sequence[tuple[str, str]]) -> list[Said]:
    """The same for counting rows by their reasons."""
    return [
        Said(str(remark.values.get("because", remark.code)), remark.column, what, remark)
        for remark, (what, _) in zip(remarks, said, strict=True)
    ]


def contacts_of(row: ReportRow) -> str:
    """The ids of the contacts that a conflict is about."""
    found = [str(row.contact_id)] if row.contact_id is not None else []
    for remark in row.remarks:
        found += [str(remark.values[name]) for name in ("id", "ids") if remark.values.get(name)]
    return ", ".join(dict.fromkeys(each for part in found for each in part.split(", ")))


def is_duplicate(row: ReportRow) -> bool:
    """Whether another row of the input has the same key."""
    return row.outcome == "duplicate" or any(remark.code in _DUPLICATES for remark in row.remarks)
