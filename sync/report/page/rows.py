"""The rows that the page shows, as compact data, and why rows did not make it.

What enters: a run's record. What leaves: rows as JSON, those that need a look first; reasons with their counts.
What never happens here: more rows than a browser stays quick with; a reason counted for some of its rows only.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sync import messages
from sync.change import Remark
from sync.outcome import OUTCOMES, TROUBLED, Summary
from sync.record import ReportRow, RunRecord
from sync.report.fields import field_label
from sync.report.general import Common
from sync.report.page.shown import shown, shown_pair
from sync.report.rows import is_plan

MOST_ROWS = 20_000
MOST_LETTERS = 16_000_000  # of all rows together, for rows that are far longer than rows are
_PLACES = 5
_EXAMPLE = 40  # letters
_NUMBER = 10  # digits of a phone number without its country
_WHO = 48  # letters of a row's own cells
_CHANGES = ("deleted", "edited", "added")
_NAMED = ("edited", "deleted")  # changes that alone do not tell whose they are
_OTHERS = ("pending", "held", "duplicate")


@dataclass(slots=True)
class PageReason:
    """Everything of one kind that is said about one column of rows that ended in one way.

    Attributes:
        outcome: how its rows ended.
        column: the header of the cells meant, empty where rows as a whole are.
        first: what is said of the first row.
        common: what is said of all of them.
        places: the first rows.
        values: what was to be said of these.
    """

    outcome: str
    column: str
    first: str
    common: Common
    count: int = 0
    places: list[tuple[int, int]] = field(default_factory=list)
    values: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def said(self) -> str:
        """What goes for all of them."""
        return shown(self.common.text())

    @property
    def firsts(self) -> list[str]:
        """What is said of the first row, where that is not what goes for all."""
        return [] if self.first == self.said else [self.first]

    @property
    def examples(self) -> list[str]:
        """What stands in the first rows, where that is not the same in all."""
        found = [self.common.example(each) for each in self.values]
        return [shown(each if len(each) <= _EXAMPLE else f"{each[: _EXAMPLE - 1]}…") for each in found]


@dataclass(slots=True)
class PageRows:
    """What the page shows of the rows.

    Attributes:
        encoded: each row as a JSON array: input, row, key, outcome, contact id, who, changes, stored otherwise, reasons
            (see page.js).
        fields: the labels of the fields, by the numbers that the changes name.
        reasons: in the order of their numbers.
        complete: whether every row is among them.
    """

    encoded: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    reasons: list[PageReason] = field(default_factory=list)
    complete: bool = True


def page_rows(run: RunRecord, summary: Summary, *, most: int = MOST_ROWS, letters: int = MOST_LETTERS) -> PageRows:
    """The rows, those that need a look first, then changes, then the others, as far as there is room."""
    return _Gathering(run, most, letters).gathered(altered=bool(summary.altered))


def as_json(data: object) -> str:
    """The data as JSON that can stand inside an HTML element."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _end(text: str) -> str:
    """What a number has in common however it is written: its last digits; of any other text, all of it."""
    digits = "".join(letter for letter in text if letter in "0123456789")
    return digits[-_NUMBER:] if len(digits) >= _NUMBER else text


class _Gathering:
    def __init__(self, run: RunRecord, most: int, letters: int) -> None:
        self._run, self._most, self._letters = run, most, letters
        self._groups, self._labels = run.meta.groups, run.meta.labels
        self._fields: dict[str, int] = {}
        self._kinds: dict[tuple[str, str, str], int] = {}
        self._found = PageRows()

    def gathered(self, *, altered: bool) -> PageRows:
        """Troubled rows are gone through to the last for the sake of their reasons, the others while there is room."""
        found = self._found
        for row in self._rows(*TROUBLED):
            self._take(row)
        for row in self._others(altered=altered):
            if not self._take(row):
                break
        found.fields = [shown(field_label(self._labels, name)) for name in self._fields]
        return found

    def _rows(self, *outcomes: str) -> Iterator[ReportRow]:
        return self._run.rows(*outcomes, planned=is_plan(self._run))

    def _others(self, *, altered: bool) -> Iterator[ReportRow]:
        if altered:
            yield from (row for row in self._rows(*_CHANGES) if row.altered)
        for outcome in _CHANGES:
            yield from (row for row in self._rows(outcome) if not (altered and row.altered))
        yield from self._rows(*_OTHERS)
        yield from self._rows("unchanged")

    def _take(self, row: ReportRow) -> bool:
        """Counts the row's reasons, and takes it where there is room; whether there was."""
        reasons = [self._reason(row, remark) for remark in row.remarks]
        found = self._found
        if len(found.encoded) >= self._most or self._letters <= 0:
            found.complete = False
            return False
        troubled = row.outcome in TROUBLED
        encoded = as_json([
            row.input,
            row.row,
            shown(row.key),
            OUTCOMES.index(row.outcome),
            row.contact_id,
            self._who(row) if troubled or row.outcome in _NAMED else "",
            [self._pair(name, pair) for name, pair in row.changes.items()],
            [self._pair(name, pair) for name, pair in row.altered.items()],
            reasons,
        ])  # fmt: skip
        found.encoded.append(encoded)
        self._letters -= len(encoded)
        return True

    def _reason(self, row: ReportRow, remark: Remark) -> int | list[Any]:
        """The reason's number, with what is said of this row where that differs from what is said of the first."""
        kind = row.outcome, remark.column, str(remark.values.get("because", remark.code))
        said = shown(messages.text(remark.code, remark.values))
        reasons = self._found.reasons
        number = self._kinds.setdefault(kind, len(reasons))
        if number == len(reasons):
            common = Common(remark.code, remark.values)
            reasons.append(PageReason(row.outcome, shown(remark.column), said, common))
        reason = reasons[number]
        reason.count += 1
        reason.common.add(remark.values)
        if len(reason.places) < _PLACES:
            reason.places.append((row.input, row.row))
            reason.values.append(remark.values)
        return number if said == reason.first else [number, said]

    def _who(self, row: ReportRow) -> str:
        """The row's own cells, so that a person knows whose row it is."""
        known = _end(row.key)
        told = ""
        for cell in row.cells or ():
            text = cell.text.strip()
            if text and _end(text) != known:
                longer = f"{told} · {text}" if told else text
                if len(longer) > _WHO:
                    return shown(told or f"{text[:_WHO]}…")
                told = longer
        return shown(told)

    def _pair(self, name: str, pair: list[Any]) -> list[Any]:
        """The field's number, after and, where there was something, before."""
        number = self._fields.setdefault(name, len(self._fields))
        before, after = pair
        if isinstance(before, list) or isinstance(after, list):
            before, after = self._names(before), self._names(after)
        else:
            before, after = shown_pair(str(before or ""), str(after or ""))
        return [number, after, before] if before else [number, after]

    def _names(self, groups: Any) -> list[str]:  # noqa: ANN401 - group ids, or nothing
        return [shown(self._groups.get(str(each), str(each))) for each in groups or ()]
