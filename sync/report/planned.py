"""A plan as something to read: counts, first changes, what stands in the way and why, guards, what applying takes.

What enters: a plan's record, its summary, what applying it would send. What leaves: text.
What never happens here: printing; going through all rows of a plan; a text of somebody else's that steers a terminal.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sync import language, messages
from sync.change import Forecast
from sync.messages import counted, label, phrase
from sync.outcome import Summary
from sync.record import NO_INPUT, PlanRecord, Reason, RunRecord
from sync.report.departed import departed_text
from sync.report.fields import field_label
from sync.report.general import example, general_text, place_with_example
from sync.report.look import Look
from sync.report.rows import Record, records
from sync.report.text import duration, visible
from sync.sheet import Input

_SHOWN = {"edited": 5, "added": 3, "deleted": 3}  # changes
_REASONS = 6
_FILES = 3
_LONGEST = 60  # letters of one value
_BEFORE_DIFFERENCE = 12  # letters that are shown before the first that differs, in a value that is cut
_LINES = 3  # of one message or one new contact

_COUNTS = (
    ("added", "new"), ("edited", "changed"), ("deleted", "bad"), ("unchanged", ""), ("rejected", "bad"),
    ("duplicate", ""), ("conflict", "bad"), ("held", ""), ("unresolved", "bad"),
)  # fmt: skip
_ALWAYS = ("added", "edited", "unchanged")
_NOUNS = (("added", "add"), ("edited", "edit"), ("deleted", "delete"))
_MARKS = {"edited": ("~", "changed"), "added": ("+", "new"), "deleted": ("-", "bad")}
_GUARDS = {
    "max_adds": "guard_max_adds", "max_edits": "guard_max_edits", "max_deletes": "guard_max_deletes",
    "max_moved": "guard_max_moved", "min_rows": "guard_min_rows", "same_columns": "guard_same_columns",
    "max_bad": "guard_max_bad", "max_removals": "guard_max_removals",
}  # fmt: skip


def plan_text(
    run: PlanRecord,
    summary: Summary,
    forecast: Forecast | None,
    *,
    look: Look,
    allowed: Collection[str] = (),
    limit: int | None = None,
    brief: bool = False,
) -> str:
    """The plan as something to read.

    Args:
        run: the plan.
        summary: its summary.
        forecast: what applying all of it would send; None where it is only a comparison.
        look: what the text is made for.
        allowed: the guards that are lifted.
        limit: so many changes are to be tried.
        brief: the figures alone, for whoever has seen the plan before.
    """
    if brief:
        head = _head(_what(run, forecast), run, summary, look)[:1]
        cost = _cost(run, summary, forecast, limit, look)[1:]  # the book was read long ago
        lines = [*head, *_count_line(summary, look), *cost]
        return "\n\n".join("\n".join(each) for each in (lines, _guards(run, allowed, look)) if each)
    parts = [
        _head(_what(run, forecast), run, summary, look),
        _counts(run, summary, look),
        _changes(run, summary, "edited", look),
        _changes(run, summary, "added", look),
        _changes(run, summary, "deleted", look),
        departed_text(run, summary.departed, look),
        *(
            reason_lines(phrase(f"past_{name}"), summary.outcomes.get(name, 0), run.reasons(name), run.inputs(), look)
            for name in ("rejected", "conflict", "unresolved")
        ),
        _notes(run.notes(), run.inputs(), look),
        _cost(run, summary, forecast, limit, look),
        _guards(run, allowed, look),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def breach_text(breach: Mapping[str, Any]) -> str:
    """A guard that a plan breaks, with its figures."""
    share = ""
    if breach["base"] and str(breach["limit"]).endswith("%"):
        # 30.01 % must not be shown as 30
        share = f" ({language.percent(math.ceil(breach['count'] * 1000 / breach['base']) / 10)})"
    return messages.text(_GUARDS[breach["guard"]], {**breach, "percent": share})


def _what(run: PlanRecord, forecast: Forecast | None) -> str:
    if run.meta.undoes:
        return phrase("plan_undo_title", run=visible(run.meta.run), undoes=visible(run.meta.undoes))
    return phrase("plan_compared") if forecast is None else phrase("plan_title", run=visible(run.meta.run))


def _head(what: str, run: PlanRecord, summary: Summary, look: Look) -> list[str]:
    inputs = run.inputs()
    names = ", ".join(input_name(each) for each in inputs[:_FILES])
    if len(inputs) > _FILES:
        names = phrase("and_more", shown=names, count=language.number(len(inputs) - _FILES))
    title = phrase("plan_head", what=what, files=names, rows=counted(summary.rows, "row"))
    lines = [look.paint("strong", line) for line in look.fold(title, then="  ")]
    for each in inputs[:_FILES]:
        for note in each.notes:
            said = visible(messages.text(note.code, note.values))
            said = said if run.meta.undoes else f"{input_name(each)}: {said}"
            lines += look.fold(said, first="  ", then="    ", most=_LINES)
    if run.meta.partial:
        lines += look.fold(phrase("plan_partial"), first="  ", then="    ")
    return lines


def input_name(each: Input) -> str:
    """A file, and its sheet where it has one."""
    return visible(label("page_sheet_of", file=each.name, sheet=each.sheet) if each.sheet else each.name)


def _counts(run: PlanRecord, summary: Summary, look: Look) -> list[str]:
    lines = []
    for outcome, colour in _COUNTS:
        count = summary.outcomes.get(outcome, 0)
        if count or outcome in _ALWAYS:
            undone = run.meta.undoes and outcome == "edited"
            word = label("undo_would_edited" if undone else f"page_would_{outcome}")
            line = f"  {language.number(count, '>7,')}  {word}"
            lines.append(look.paint(colour if count else "", line))
    return lines


def _count_line(summary: Summary, look: Look) -> list[str]:
    """All counts in one sentence."""
    told = [
        f"{language.number(count)} {label(f'page_would_{outcome}')}"
        for outcome, _ in _COUNTS
        if (count := summary.outcomes.get(outcome, 0))
    ]
    return look.fold(", ".join(told), first="  ", then="  ") if told else []


# Changes


def _changes(run: PlanRecord, summary: Summary, outcome: str, look: Look) -> list[str]:
    """The first changes of one kind, field by field."""
    count = summary.outcomes.get(outcome, 0)
    if not count:
        return []
    mark, colour = _MARKS[outcome]
    most = _SHOWN[outcome]
    code = f"plan_first_{outcome}" if count > most else f"plan_{outcome}"
    lines = [look.paint("strong", phrase(code, shown=most, count=language.number(count)))]
    several = len(run.inputs()) > 1
    for each in islice(records(run, outcome), most):
        place = f"{visible(each.sheet or each.file)}:{each.row}" if several else phrase("row_at", row=each.row)
        place = place if each.row is not None else phrase("row_left")  # an undo puts back who had left the sheet
        where = f"{place}, {visible(each.key)}" if each.key else place
        told = _edit(run, each) if outcome == "edited" else [_whole(run, each)]
        lines += _marked(mark, colour, where, told, look)
    if count > most:
        lines.append(look.paint("faint", f"  {phrase('more_in_report', count=language.number(count - most))}"))
    return lines


def _marked(mark: str, colour: str, where: str, told: list[str], look: Look) -> Iterator[str]:
    """A change in one line where it fits, else what is told of it below its place."""
    lines = look.fold(f"{where}  {told[0]}", first=f"  {mark} ")
    if len(told) > 1 or len(lines) > 1:
        lines = look.fold(where, first=f"  {mark} ", then="    ")
        for each in told:
            lines += look.fold(each, first="      ", then="        ", most=_LINES)
    yield lines[0].replace(mark, look.paint(colour, mark), 1)
    yield from lines[1:]


def _edit(run: PlanRecord, each: Record) -> list[str]:
    """Each field that changes: before → after."""
    told = []
    for name, (before, after) in each.changes.items():
        old, new = shown_value(before, run), shown_value(after, run)
        if len(old) > _LONGEST or len(new) > _LONGEST:
            old, new = _around_difference(old, new)
        unseen = f" {phrase('plan_unseen')}" if old == new else ""
        told.append(f"{label_of(run, name)}: {old} → {new}{unseen}")
    return told


def _whole(run: PlanRecord, each: Record) -> str:
    """What the new contact will hold, or the deleted one held; its key stands before it."""
    fields = [
        f"{label_of(run, name)}:\u00a0{_cut(shown_value(after or before, run))}"
        for name, (before, after) in each.changes.items()
        if (after or before) != each.key
    ]
    return "; ".join(fields) or phrase("plan_nothing_else")


def label_of(run: RunRecord, name: str) -> str:
    """What people call a field, harmless for a terminal."""
    return visible(field_label(run.meta.labels, name))


def shown_value(value: Any, run: RunRecord) -> str:  # noqa: ANN401 - a text, or a list of group ids
    """A field's value as a person reads it."""
    if isinstance(value, list):
        value = ", ".join(run.meta.groups.get(str(each), str(each)) for each in value)
    shown = visible(str(value))
    return (f"“{shown}”" if shown != shown.strip() else shown) or label("page_empty")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _around_difference(old: str, new: str) -> tuple[str, str]:
    """Two long texts, cut so that the first letter that differs can be seen."""
    same = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), None)
    start = max(0, (min(len(old), len(new)) if same is None else same) - _BEFORE_DIFFERENCE)
    if not start:
        return _cut(old), _cut(new)
    return _cut(f"…{old[start:]}"), _cut(f"…{new[start:]}")


# Reasons


def reason_lines(
    title: str, count: int, found: Sequence[Reason], inputs: Sequence[Input], look: Look, *, colour: str = "bad"
) -> list[str]:
    """Reasons of one kind together: how many, what goes for all of them, the first places and what stands there."""
    if not found:
        return []
    lines = [look.paint("strong", f"{title} ({language.number(count)})")]
    for each in found[:_REASONS]:
        first = each.first
        said = f"{first.column}: " if first.column else ""
        said = visible(said + general_text(first.code, first.values, each.differing))
        number = language.number(each.count, ">7,")
        folded = look.fold(said, first=f"  {number}  ", then=" " * 11, most=_LINES)
        lines += [folded[0].replace(number, look.paint(colour, number), 1), *folded[1:]]
        lines += [look.paint("faint", line) for line in look.fold(_places(each, inputs), first=" " * 11, then=" " * 11)]
    if len(found) > _REASONS:
        left = phrase("reasons_in_report", reasons=counted(len(found) - _REASONS, "other reason"))
        lines.append(look.paint("faint", f"  {left}"))
    return lines


def _notes(found: Sequence[Reason], inputs: Sequence[Input], look: Look) -> list[str]:
    return reason_lines(phrase("plan_notes"), sum(each.count for each in found), found, inputs, look, colour="")


def _places(reason: Reason, inputs: Sequence[Input]) -> str:
    places = []
    for place, (number, row) in enumerate(reason.places):
        if number == NO_INPUT:
            continue
        where = str(row) if len(inputs) == 1 else visible(f"{inputs[number].sheet or inputs[number].name}:{row}")
        there = visible(example(reason.values[place], reason.differing)) if reason.values else ""
        places.append(place_with_example(where, there))
    left = reason.count - len(places)
    shown = ", ".join(places)
    if left:
        shown = phrase("and_more", shown=shown, count=language.number(left))
    return phrase("row_at", row=shown) if reason.count == 1 else phrase("rows_at", rows=shown)


# What it takes


def _cost(run: PlanRecord, summary: Summary, forecast: Forecast | None, limit: int | None, look: Look) -> list[str]:
    methods = ", ".join(f"{language.number(count)} {name}" for name, count in sorted(summary.requests.items()))
    requests = counted(sum(summary.requests.values()), "request")
    took = phrase("plan_read" if methods else "plan_read_none", requests=requests, methods=methods)
    lines = [look.paint("faint", line) for line in look.fold(took, then="  ")]
    if forecast is None:
        return lines
    if not forecast.writes:
        if run.meta.undoes:
            return [*lines, look.paint("strong", phrase("plan_nothing_to_undo"))]
        troubled = summary.outcomes.get("rejected", 0) + summary.outcomes.get("conflict", 0)
        return [*lines, look.paint("strong", phrase("plan_every_other_row" if troubled else "plan_every_row"))]
    time = duration(forecast.seconds) if forecast.seconds >= 1 else phrase("plan_at_once")
    kinds = [(summary.outcomes.get(name, 0) + summary.departed.get(name, 0), noun) for name, noun in _NOUNS]
    parts = ", ".join(counted(count, noun) for count, noun in (*kinds, (forecast.reads, "safety read")) if count)
    requests, rate = counted(forecast.requests, "request"), language.number(forecast.rate, "g")
    cost = phrase("plan_cost", requests=requests, parts=parts, time=time, rate=rate)
    lines += look.fold(cost, then="  ")
    if limit is not None and limit < forecast.writes:
        lines += look.fold(phrase("plan_limit", limit=limit, changes=forecast.writes), then="  ")
    return lines


def _guards(run: PlanRecord, allowed: Collection[str], look: Look) -> list[str]:
    if not run.meta.breaches:
        return []
    lines = [look.paint("strong", phrase("plan_guards"))]
    for breach in run.meta.breaches:
        lifted = breach["guard"] in allowed
        said = breach_text(breach)
        said = phrase("plan_lifted", said=said) if lifted else said
        folded = look.fold(said, first="  ! ", then="    ")
        lines += [look.paint("changed" if lifted else "bad", line) for line in folded]
    return lines
