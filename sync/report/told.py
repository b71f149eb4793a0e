"""One row's whole story: its cells, what matched, what differed, every request and answer, what is stored, what to do.

What enters: a run's record, the stories of rows. What leaves: text, or objects for programs.
What never happens here: printing; a request; a text of somebody else's that steers a terminal.
"""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from sync import canonical, language, messages
from sync.change import Change
from sync.grid import Cell, Kind
from sync.history import Advice, RowStory, Transition
from sync.record import NO_INPUT, RunRecord
from sync.report.look import Look
from sync.report.page.story import local_moment
from sync.report.planned import input_name, label_of, shown_value
from sync.report.rows import is_plan, record, source
from sync.report.text import departed_word, visible
from sync.sheet import Input

_METHODS = {"add": "add-contact", "edit": "edit-contact", "delete": "delete-contact"}
_ENDS = {"failed": "why_refused", "conflict": "why_in_conflict", "unresolved": "why_open"}
_READ_BACK = "verified_"  # how the codes of what reading back has found begin
_CARRIED_OUT = ("added", "edited", "deleted")
# The reasons of a conflict that say which contacts a key has met: the names of the values for both.
_MEETINGS = {
    "key_changed": (("key", "ids"),), "several_contacts": (("key", "ids"),),
    "keys_disagree": (("key", "id"), ("further", "ids")),
}  # fmt: skip
_DIFFERS = {"add": "why_holds", "edit": "why_differs", "delete": "why_held"}


def stories_text(
    run: RunRecord, stories: Sequence[RowStory], *, look: Look, most: int, zone: datetime.tzinfo | None = None
) -> str:
    """The stories, one below the other."""
    told = ["\n".join(_story(run, each, look, zone)) for each in stories]
    if len(stories) > 1:
        values = {"count": len(stories), "first": visible(_place(run.inputs(), stories[0]))}
        said = [messages.text("why_several", values)]
        if len(stories) == most:
            said.append(messages.text("why_many", {"count": most}))
        told.insert(0, "\n".join(look.fold(" ".join(said))))
    return "\n\n".join(told)


def story_object(run: RunRecord, story: RowStory) -> dict[str, Any]:
    """A story for programs: the row as report.json has it, and everything else that is known."""
    row, change = story.row, story.change
    found = source(run.inputs(), row)
    return {
        **record(row, run.inputs()).to_dict(),
        "cells": None if row.cells is None else [list(pair) for pair in _cells(found, row.cells)],
        "keys": _key_values(run, story),
        "existing": change.existing.to_dict() if change and change.existing else None,
        "desired": change.desired.to_dict() if change else None,
        "stored": story.stored.to_dict() if story.stored else None,
        "altered": {name: list(pair) for name, pair in row.altered.items()},
        "remarks": [
            {"code": each.code, "column": each.column, "message": messages.text(each.code, each.values)}
            for each in row.remarks
        ],
        "transitions": [
            {"at": each.at, "state": each.state, "detail": each.detail, "message": said}
            for each, said in zip(story.transitions, _entries(story), strict=True)
        ],
        "next": [
            {"message": messages.text(each.code, each.values), "command": each.command or None}
            for each in _advice(run, story)
        ],
    }


def _place(inputs: Sequence[Input], story: RowStory) -> str:
    """A row as it can be asked for."""
    found = source(inputs, story.row)
    return f"{found.name}:{found.sheet}:{story.row.row}" if found.sheet else f"{found.name}:{story.row.row}"


def _story(run: RunRecord, story: RowStory, look: Look, zone: datetime.tzinfo | None) -> Iterator[str]:
    when = "would" if is_plan(run) else "done"
    if story.row.input == NO_INPUT:
        outcome = departed_word(story.row.outcome, plan=is_plan(run))
        title = messages.phrase("why_title_departed", id=story.row.contact_id, outcome=outcome)
    else:
        outcome = messages.label(f"page_{when}_{story.row.outcome}")
        file = input_name(source(run.inputs(), story.row))
        title = messages.phrase("why_title", row=story.row.row, file=file, outcome=outcome)
    yield from (look.paint("strong", line) for line in look.fold(title, then="  "))
    yield from look.fold(messages.phrase("why_run", run=visible(run.meta.run)), first="  ", then="  ")
    for code, lines in (
        ("why_read", _read(run, story)),
        ("why_match", _match(run, story, zone)),
        (_DIFFERS[story.change.kind] if story.change else "", _differs(run, story)),
        ("why_happened", _happened(story, zone)),
        ("why_stored", _stored(run, story)),
        ("why_said", _said(story)),
        ("why_next", _next(run, story)),
    ):
        told = list(lines)
        if told:
            yield ""
            yield look.paint("strong", messages.phrase(code))
            for line in told:
                yield from look.fold(visible(line), first="  ", then="      ")


# From the cell to the key


def _read(run: RunRecord, story: RowStory) -> Iterator[str]:
    """The cells as they stood in the file, and what they have become."""
    row = story.row
    found = source(run.inputs(), row)
    if row.input == NO_INPUT:
        yield messages.text("why_departed", {})
        return
    if row.cells is None:
        if run.meta.undoes:
            yield messages.text("why_cells_undo", {"run": run.meta.undoes})
        else:
            yield messages.text("why_cells_gone", {"row": row.row, "file": found.name})
        return
    for (header, text), cell in zip(_cells(found, row.cells), row.cells, strict=True):
        if cell.kind is Kind.UNSOLVED:
            yield f"{header}: {messages.parts('formula_without_value', {})[0]}"
            continue
        said = shown_value(text, run)
        yield f"{header}: {said}{_become(run, story.change, header, said) if story.change and text.strip() else ''}"


def _become(run: RunRecord, change: Change, header: str, said: str) -> str:
    """What the cell below a header has become: of each field that it feeds the value, where that is not the cell's."""
    names = [name for name, label in run.meta.labels.items() if label == header and name != "groups"]
    after = {name: shown_value(change.desired.value(name), run) for name in names}
    if not after:
        return ""
    if set(after.values()) == {said}:
        return f" ({messages.field_words(', '.join(names))})"
    return f" → {', '.join(f'{value} ({messages.field_words(name)})' for name, value in after.items())}"


def _cells(found: Input, cells: Sequence[Cell]) -> Iterator[tuple[str, str]]:
    """Each cell with its header; a column without one is called by its number."""
    for place, cell in enumerate(cells):
        header = found.header[place] if place < len(found.header) else ""
        yield header or str(place + 1), cell.text


def _key_values(run: RunRecord, story: RowStory) -> dict[str, str]:
    """The row's keys, the strongest first: of its change or, where there is none, as its cells say them."""
    if story.change is not None:
        return dict(story.change.keys)
    row, headers = story.row, run.meta.labels
    cells = dict(_cells(source(run.inputs(), row), row.cells or ())) if row.input != NO_INPUT else {}
    found = {key: canonical.of_key(key, cells.get(headers.get(key, key), "")) for key in run.meta.keys}
    return {key: value for key, value in found.items() if value and (key != "gsm" or value.startswith("+"))}


def _keys(run: RunRecord, story: RowStory) -> str:
    values = _key_values(run, story)
    told = ", ".join(f"{messages.field_words(key)} {value}" for key, value in values.items())
    if story.row.key and story.row.key not in values.values():  # a key that no cell tells as it was understood
        return f"{story.row.key}, {told}" if told else story.row.key
    return told


def _met(run: RunRecord, story: RowStory) -> Iterator[str]:
    """Of a row in conflict with what the book held: which of its keys met which contact, and which met none."""
    values = _key_values(run, story)
    for remark in story.row.remarks:
        given = remark.values
        contacts = {str(given[key]): str(given[ids]) for key, ids in _MEETINGS.get(remark.code, ())}
        if not contacts:
            continue
        order = list(dict.fromkeys([*run.meta.keys, *contacts]))
        first = min(order.index(key) for key in contacts)
        for key in order:
            named = f"{messages.field_words(key)} {values.get(key, '')}".rstrip()
            if key in contacts:
                yield messages.text("why_met", {"key": named, "contacts": contacts[key]})
            elif key in values and order.index(key) < first:
                yield messages.text("why_met_none", {"key": named})


def _match(run: RunRecord, story: RowStory, zone: datetime.tzinfo | None) -> Iterator[str]:
    """Which contact the row met."""
    change, row = story.change, story.row
    moment = local_moment(run.meta.read_at, zone)
    if keys := _keys(run, story):
        yield messages.text("why_keys", {"said": keys})
    if change is None:
        if row.outcome == "unchanged" and row.contact_id is not None and not run.meta.undoes:
            yield messages.text("why_compared_same", {"id": row.contact_id, "moment": moment})
        elif row.outcome in ("rejected", "duplicate"):
            yield messages.text("why_not_compared", {})
        elif row.outcome == "conflict":
            yield from _met(run, story)
    elif change.existing is None:
        yield messages.text("why_compared_none", {"moment": moment})
    else:
        keys = ", ".join(_common_keys(change))
        values = {"id": change.existing.id, "moment": moment}
        if keys:
            yield messages.text("why_compared_by", {**values, "keys": keys})
        else:
            yield messages.text("why_compared_id", values)


def _common_keys(change: Change) -> Iterator[str]:
    assert change.existing is not None, "only a contact that was read can have a key in common"
    for key, value in change.keys.items():
        if key != "id" and canonical.of_key(key, change.existing.value(key)) == value:
            yield key


def _differs(run: RunRecord, story: RowStory) -> Iterator[str]:
    """Field by field: before → after."""
    if story.change is None:
        return
    for name, (before, after) in story.change.differences.items():
        if story.change.kind == "edit":
            said = f"{shown_value(before, run)} → {shown_value(after, run)}"
        else:
            said = shown_value(after if story.change.kind == "add" else before, run)
        yield f"{label_of(run, name)}: {said}"


# What was sent


def _happened(story: RowStory, zone: datetime.tzinfo | None) -> Iterator[str]:
    """Each request and answer with its moment."""
    if story.change is None:
        return
    if not story.transitions:
        yield messages.text("why_nothing_sent", {})
        return
    day = ""
    for each, said in zip(story.transitions, _entries(story), strict=True):
        moment = datetime.datetime.fromisoformat(each.at).astimezone(zone)
        if day != moment.strftime(language.day_form()):
            day = moment.strftime(language.day_form())
            offset = moment.strftime("%z")
            yield f"{day} (UTC{offset[:3]}:{offset[3:5]})"
        yield f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03}  {said}"


def _entries(story: RowStory) -> Iterator[str]:
    """What each entry of the journal says."""
    tries, before = 0, ""
    for each in story.transitions:
        tries += each.state == "sending"
        yield _entry(story, each, tries, before)
        before = each.state


def _entry(story: RowStory, entry: Transition, tries: int, before: str) -> str:
    kind = story.change.kind if story.change else "edit"
    if entry.detail.startswith(_READ_BACK):
        return messages.text("why_read_back", {})
    match entry.state:
        case "sending":
            return messages.text("why_sending", {"method": _METHODS[kind], "number": tries})
        case "planned":
            return messages.text("why_unsent", {})
        case "unsure":
            return messages.text("why_unsure", {"code": entry.detail})
        case "done":
            if before == "done":
                return messages.text("why_read_again", {})
            if before == "unsure":
                return messages.text("why_done_found", {})
            if story.row.outcome == "unchanged":
                return messages.text("why_done_before", {})
            return messages.text("why_gone" if kind == "delete" else "why_done", {})
    return messages.text(_ENDS[entry.state], {})


def _stored(run: RunRecord, story: RowStory) -> Iterator[str]:
    """Whether what is stored is what was meant."""
    row = story.row
    if row.altered:
        yield messages.text("why_otherwise", {"id": row.contact_id})
        for name, (meant, stored) in row.altered.items():
            yield messages.phrase(
                "why_meant_field",
                field=label_of(run, name),
                meant=shown_value(meant, run),
                stored=shown_value(stored, run),
            )
    elif story.stored is not None and row.outcome in _CARRIED_OUT:
        yield messages.text("why_as_meant", {"id": story.stored.id})


def _said(story: RowStory) -> Iterator[str]:
    """Why the row became what it became."""
    for each in story.row.remarks:
        said = messages.text(each.code, each.values)
        yield f"{each.column}: {said}" if each.column else said


def _next(run: RunRecord, story: RowStory) -> Iterator[str]:
    for each in _advice(run, story):
        said = messages.text(each.code, each.values)
        yield f"{said} {each.command}" if each.command else said


def _advice(run: RunRecord, story: RowStory) -> Iterator[Advice]:
    """What to do about the row."""
    row, plan = story.row, is_plan(run)
    if row.input == NO_INPUT and row.outcome in ("conflict", "failed"):
        return  # what is said of it says what to do as well
    if row.outcome in ("rejected", "conflict", "failed") and not run.meta.undoes:
        yield Advice("why_next_correct")
    elif row.outcome == "unresolved":
        yield Advice("page_next_unresolved")
    elif row.outcome == "pending":
        yield Advice("why_next_resume", f"imsync resume {run.meta.run}")
    elif plan and row.outcome in _CARRIED_OUT:
        yield Advice("why_next_apply", f"imsync apply {messages.shell_word(run.path)}")
    elif row.altered:
        yield Advice("page_next_altered")
    else:
        yield Advice("why_next_nothing")
