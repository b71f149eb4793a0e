"""Past runs as something to read: many of them in a few lines each, one of them on a page.

What enters: runs as they stand. What leaves: text, or objects for programs.
What never happens here: printing; a look at a run file; a text of somebody else's that steers a terminal.
"""

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sync import language, messages
from sync.history import Advice, PastRun, UnreadableRun
from sync.outcome import OUTCOMES
from sync.record import RunRecord
from sync.report.general import general_text
from sync.report.look import Look
from sync.report.page.story import Told, figure, local_moment, story
from sync.report.planned import input_name, reason_lines
from sync.report.text import departed_counts, duration, visible

_FILES = 3
_LABEL_WIDTH = 16
_REASONS = {
    "rejected": "past_rejected", "conflict": "past_conflict", "failed": "past_failed",
    "unresolved": "past_unresolved", "held": "past_held",
}  # fmt: skip


def runs_text(runs: Sequence[PastRun | UnreadableRun], *, look: Look, zone: datetime.tzinfo | None = None) -> str:
    """The runs, each in a few lines."""
    accounts: dict[str, set[str]] = {}
    for each in runs:
        if isinstance(each, PastRun):
            accounts.setdefault(_host(each), set()).add(each.meta.account)
    shared = {host for host, found in accounts.items() if len(found) > 1}
    parts = [_brief(each, look, zone, shared) for each in runs]
    return "\n\n".join("\n".join(lines) for lines in parts)


def _brief(run: PastRun | UnreadableRun, look: Look, zone: datetime.tzinfo | None, shared: set[str]) -> list[str]:
    if isinstance(run, UnreadableRun):
        head = f"{visible(run.run)}  {look.paint('bad', messages.phrase('past_unreadable'))}"
        return [head, *look.fold(visible(messages.error_text(run.error)), first="  ", then="  ")]
    host = visible(_account(run) if _host(run) in shared else _host(run))
    status = look.paint(_colour(run), _status(run))
    moment = local_moment(run.meta.applied_at or run.meta.created, zone).split(" (")[0]
    head = f"{look.paint('strong', visible(run.meta.run))}  {moment}  {_what(run)}  {status}"
    counts = _counts(run) or messages.phrase("past_no_rows")
    lines = [head, *look.fold(f"{_files(run)} → {host}: {counts}", first="  ", then="    ")]
    first = next((each for each in run.advice if each.command), None)
    return [*lines, look.paint("faint", f"  {visible(first.command)}")] if first else lines


def run_text(run: RunRecord, past: PastRun, *, look: Look, zone: datetime.tzinfo | None = None) -> str:
    """One run on a page."""
    told = Told(run, past.summary, dict(past.summary.outcomes), (), zone=zone)
    title = messages.phrase("past_title", run=visible(past.meta.run), what=_what(past), status=_status(past))
    said = [story(told), *([messages.text("past_superseded", {})] if past.superseded else [])]
    parts = [
        [look.paint("strong", title), *look.fold(" ".join(said), first="  ", then="  ")],
        list(_facts(past, zone)),
        [f"  {language.number(past.summary.outcomes[name], '>7,')}  {_word(past, name)}" for name in _present(past)],
    ]
    for outcome, reasons in past.reasons.items():
        count = past.summary.outcomes.get(outcome, 0)
        parts.append(reason_lines(messages.phrase(_REASONS[outcome]), count, reasons, past.inputs, look))
    parts.append(_reports(past, look))
    parts.append(_next(past, look))
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def run_object(past: PastRun | UnreadableRun) -> dict[str, Any]:
    """A run for programs: its summary object, and what else there is to know."""
    if isinstance(past, UnreadableRun):
        error = {"code": past.error.code, "message": messages.error_text(past.error)}
        return {"run": past.run, "file": str(past.path), "error": error}
    meta = past.meta
    return {
        **past.summary.to_dict(),
        "what": past.what,
        "file": str(past.path),
        "superseded": past.superseded,
        "running": past.running,
        "inputs": [
            {"path": each.path, "sheet": each.sheet, "header_row": each.header_row, "sha256": each.sha256}
            for each in past.inputs
        ],
        "mapping": meta.mapping,
        "mapping_sha256": meta.mapping_sha256,
        "job": meta.job,
        "account": meta.account,
        "profile": meta.profile or None,
        "base_url": meta.base_url,
        "created": meta.created,
        "read_at": meta.read_at,
        "begun": meta.applied_at or None,
        "ended": past.ended_at or None,
        "undoes": meta.undoes or None,
        "undone_by": meta.undone_by,
        "groups_created": [meta.groups.get(str(each), str(each)) for each in meta.made_groups],
        "groups_removed": [each.name for each in meta.removed_groups.values()],
        "reasons": [
            {
                "outcome": outcome,
                "code": each.first.code,
                "column": each.first.column,
                "message": general_text(each.first.code, each.first.values, each.differing),
                "count": each.count,
            }
            for outcome, reasons in past.reasons.items()
            for each in reasons
        ],
        "next": [{"message": advice_text(each), "command": each.command or None} for each in past.advice],
    }


def advice_text(advice: Advice) -> str:
    """Why something can be done next."""
    return messages.text(advice.code, advice.values)


# Parts


def _what(run: PastRun) -> str:
    if run.what == "undo":
        code = "past_undo" if run.meta.applied_at else "past_undo_plan"
        return messages.phrase(code, run=visible(run.meta.undoes))
    return messages.phrase("past_apply" if run.what == "apply" else "past_plan")


def _status(run: PastRun) -> str:
    if run.running:
        return messages.phrase("past_running")
    unfinished = run.summary.status in ("planned", "interrupted", "aborted")
    if run.superseded and unfinished:
        return messages.phrase("past_superseded_status")
    return messages.label(f"page_status_{run.summary.status}")


def _colour(run: PastRun) -> str:
    if run.summary.status in ("interrupted", "aborted") or run.summary.troubled:
        return "bad"
    return "new" if run.summary.status == "completed" else ""


def _present(run: PastRun) -> list[str]:
    return [name for name in OUTCOMES if run.summary.outcomes.get(name)]


def _word(run: PastRun, outcome: str) -> str:
    when = "done" if run.meta.applied_at else "would"
    return messages.label(f"page_{when}_{outcome}")


def _counts(run: PastRun) -> str:
    told = [f"{figure(run.summary.outcomes[name])} {_word(run, name)}" for name in _present(run)]
    if run.summary.altered:
        told.append(f"{figure(run.summary.altered)} {messages.label('page_altered')}")
    plan = run.summary.status in ("planned", "refused")
    if departed := departed_counts(run.summary.departed, plan=plan):
        told.append(departed.rstrip("."))
    return ", ".join(told)


def _files(run: PastRun) -> str:
    names = list(dict.fromkeys(input_name(each) for each in run.inputs))
    if len(names) > _FILES:
        shown = ", ".join(names[:_FILES])
        return messages.phrase("past_files_more", files=shown, count=figure(len(names) - _FILES))
    return ", ".join(names)


def _host(run: PastRun) -> str:
    try:
        return urlsplit(run.meta.base_url).netloc.rpartition("@")[2] or run.meta.base_url
    except ValueError:
        return run.meta.base_url


def _account(run: PastRun) -> str:
    named = [run.meta.profile] if run.meta.profile else []
    return f"{_host(run)} ({', '.join([*named, run.meta.account])})"


def _facts(run: PastRun, zone: datetime.tzinfo | None) -> Iterator[str]:
    """What there is to know, a line each; a path that is to be copied is not broken."""
    return (f"  {label:<{_LABEL_WIDTH}}{value}" for label, value in _labelled(run, zone) if value)


def _labelled(run: PastRun, zone: datetime.tzinfo | None) -> Iterator[tuple[str, str]]:
    meta = run.meta
    for each in run.inputs:
        where = f"{visible(each.path)}, {input_name(each)}" if each.sheet else visible(each.path)
        row = messages.phrase("past_header_row", row=each.header_row)
        yield messages.phrase("past_input"), f"{where}, {row}, SHA-256 {visible(each.sha256[:12])}…"
    yield messages.label("page_mapping"), visible(meta.mapping)
    yield messages.phrase("past_job"), visible(meta.job)
    yield messages.label("page_account"), visible(_account(run))
    yield messages.phrase("past_keys"), visible(messages.field_words(", ".join(meta.keys)))
    for label, moment in (
        (messages.label("page_read_at"), meta.read_at),
        (messages.label("page_created"), meta.created),
        (messages.label("page_begun"), meta.applied_at),
        (messages.phrase("past_ended"), run.ended_at),
    ):
        yield label, local_moment(moment, zone) if moment else ""
    yield messages.label("page_took"), duration(meta.seconds)
    yield messages.label("page_requests"), _requests(run)
    yield messages.phrase("past_undoes"), visible(meta.undoes)
    yield messages.phrase("past_undone_by"), visible(", ".join(meta.undone_by))
    made = (meta.groups.get(str(each), str(each)) for each in meta.made_groups)
    yield messages.phrase("past_groups_made"), visible(", ".join(made))
    yield messages.phrase("past_groups_removed"), visible(", ".join(each.name for each in meta.removed_groups.values()))
    kept = (f"{meta.groups.get(group, group)}: {reason}" for group, reason in meta.kept_groups.items())
    yield messages.phrase("past_groups_kept"), visible(" ".join(kept))
    yield messages.phrase("past_run_file"), visible(str(run.path))


def _requests(run: PastRun) -> str:
    found = Counter(run.summary.requests)
    if not found.total():
        return figure(0)
    methods = ", ".join(f"{visible(name)} {figure(count)}" for name, count in found.most_common())
    return messages.phrase(
        "past_requests", count=figure(found.total()), methods=methods, again=figure(run.summary.retries)
    )


def _reports(run: PastRun, look: Look) -> list[str]:
    if not run.summary.reports:
        return []
    title = look.paint("strong", messages.phrase("past_reports"))
    return [title, *(f"  {visible(str(Path(each)))}" for each in run.summary.reports)]


def _next(run: PastRun, look: Look) -> list[str]:
    lines = [look.paint("strong", messages.phrase("past_next"))]
    report = Advice("past_next_report", f"imsync report {run.meta.run}")
    why = Advice("past_next_why", f"imsync why {run.meta.run} {messages.phrase('row_placeholder')}")
    for each in (*run.advice, report, why):
        lines += look.fold(visible(advice_text(each)), first="  ", then="  ")
        if each.command:
            lines.append(f"    {visible(each.command)}")
    return lines
