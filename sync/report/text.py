"""What the terminal shows of a plan, a check and a run.

What enters: records, summaries. What leaves: text. What never happens here: printing.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sync.outcome import OUTCOMES, Summary
from sync.record import RunRecord
from sync.report.rows import Record, records

_SHOWN = 5

_WOULD = {
    "added": "to add", "edited": "to edit", "unchanged": "unchanged", "rejected": "rejected", "duplicate": "duplicate",
    "conflict": "in conflict",
}  # fmt: skip


def plan_text(run: RunRecord, summary: Summary, *, rate: float) -> str:
    """The plan as something to read: counts, first changes field by field, what is rejected or in conflict and why."""
    meta = run.meta
    names = ", ".join(each.name for each in run.inputs())
    lines = [f"Plan {meta.run}: {names}, {counted(summary.rows, 'row')}", ""]
    lines += [f"  {summary.outcomes.get(name, 0):>7,}  {words}" for name, words in _WOULD.items()]
    for title, outcome in (("First edits", "edited"), ("First adds", "added")):
        lines += _section(title, summary.outcomes.get(outcome, 0), _changes(run, outcome))
    for title, outcome in (("Rejected", "rejected"), ("In conflict", "conflict")):
        lines += _section(title, summary.outcomes.get(outcome, 0), _reasons(run, outcome))
    sent = summary.outcomes.get("added", 0) + summary.outcomes.get("edited", 0)
    reading = ", ".join(f"{count:,} {name}" for name, count in sorted(summary.requests.items()))
    lines += ["", f"Read with {counted(sum(summary.requests.values()), 'request')} ({reading})."]
    if sent:
        lines.append(f"Applying takes about {counted(sent, 'request')}: {_duration(sent / rate)} at {rate:g} a second.")
    else:
        lines.append("There is nothing to send.")
    return "\n".join(lines)


def end_text(summary: Summary) -> str:
    """How the run ended, in two or three lines."""
    counts = ", ".join(f"{summary.outcomes[name]:,} {name}" for name in OUTCOMES if summary.outcomes.get(name))
    requests = sum(summary.requests.values())
    lines = [
        f"Run {summary.run}: {summary.status.replace('_', ' ')}. {counted(summary.rows, 'row')}: {counts or 'none'}.",
        f"{counted(requests, 'request')}, {summary.retries:,} sent again, {_duration(summary.seconds)}.",
    ]
    if summary.altered:
        lines.append(f"{counted(summary.altered, 'row')} stored otherwise than sent: the report shows both values.")
    return "\n".join(lines)


def _section(title: str, count: int, lines: Iterable[str]) -> list[str]:
    if not count:
        return []
    shown = [line for _, line in zip(range(_SHOWN), lines, strict=False)]
    more = [f"  … and {count - len(shown):,} more in the report"] if count > len(shown) else []
    return ["", f"{title} ({count:,})", *shown, *more]


def _changes(run: RunRecord, outcome: str) -> Iterator[str]:
    labels, groups = run.meta.labels, run.meta.groups
    for each in records(run, outcome):
        shown = []
        for name, (before, after) in each.changes.items():
            if outcome == "added":
                shown.append(_shown(after, groups))
            else:
                shown.append(f"{labels.get(name, name)}: {_shown(before, groups)} → {_shown(after, groups)}")
        yield f"  row {each.row}, {each.key}: {'; '.join(shown)}"


def _reasons(run: RunRecord, outcome: str) -> Iterator[str]:
    for each in records(run, outcome):
        yield f"  {_place('', each.row, '')}: {visible(each.message)}"


def _shown(value: Any, groups: Mapping[str, str]) -> str:  # noqa: ANN401 - a text, or a list of group ids
    text = ", ".join(groups.get(str(each), str(each)) for each in value) if isinstance(value, list) else str(value)
    return visible(text) or "–"


def visible(text: str) -> str:
    """The text without characters that would steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _place(name: str, row: int, column: str) -> str:
    parts = [name, f"row {row}", f"column {column}" if column else ""]
    return ", ".join(part for part in parts if part)


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural where that is due."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


__all__ = ["Record", "counted", "end_text", "plan_text", "visible"]
