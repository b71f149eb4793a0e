"""Contacts whose rows have left the sheet, and what became of them: they are no rows, and are told apart from these.

What enters: a run's record, its summary. What leaves: text, and JSON objects.
What never happens here: a contact counted as a row.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from sync import language
from sync.messages import phrase
from sync.record import ReportRow, RunRecord
from sync.report.look import Look
from sync.report.rows import Record, is_plan, reasons, record
from sync.report.text import departed_counts, departed_word, visible

_FIELDS = ("contact_id", "key", "outcome", "changes", "code", "message", "attempts")
_SHOWN = 5
_LINES = 3
_COLOURS = {"deleted": "bad", "edited": "changed", "failed": "bad", "conflict": "bad", "unresolved": "bad"}


def departed_objects(run: RunRecord) -> Iterator[dict[str, Any]]:
    """An object for each of them."""
    for each in _records(run):
        yield {name: getattr(each, name) for name in _FIELDS}


def departed_text(run: RunRecord, departed: Mapping[str, int], look: Look) -> list[str]:
    """How many became what, and the first of them."""
    said = departed_counts(departed, plan=is_plan(run))
    if not said:
        return []
    lines = [look.paint("strong", line) for line in look.fold(said, then="  ")]
    for each in islice(run.departures(planned=is_plan(run)), _SHOWN):
        lines += _told(run, each, look)
    if (left := sum(departed.values()) - _SHOWN) > 0:
        lines.append(look.paint("faint", f"  {phrase('more_in_report', count=language.number(left))}"))
    return lines


def contact_facts(row: ReportRow) -> str:
    """Who it is: the name, where the row says it, and the key."""
    name = " ".join(filter(None, (str(row.changes.get(part, [""])[0] or "") for part in ("name", "surname"))))
    return "; ".join(filter(None, (name, row.key)))


def _told(run: RunRecord, row: ReportRow, look: Look) -> Iterator[str]:
    word = departed_word(row.outcome, plan=is_plan(run))
    facts = "; ".join(filter(None, (contact_facts(row), reasons(row))))
    first, *others = look.fold(visible(f"{row.contact_id}  {word}  {facts}"), first="  ", then="    ", most=_LINES)
    yield first.replace(word, look.paint(_COLOURS.get(row.outcome, ""), word), 1)
    yield from others


def _records(run: RunRecord) -> Iterator[Record]:
    inputs = run.inputs()
    return (record(row, inputs) for row in run.departures(planned=is_plan(run)))
