"""What the page says first: what was or will be done, with which file and account, when, and what to do next.

What enters: a run's record, its summary, the paths of its other reports. What leaves: sentences, facts and commands.
What never happens here: markup.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sync import language, messages
from sync.outcome import Summary
from sync.reconciliation import BookSide
from sync.record import NO_INPUT, RunMeta, RunRecord
from sync.report.page.shown import shown
from sync.report.planned import breach_text
from sync.report.rows import is_plan
from sync.report.text import departed_counts, duration, verified_text
from sync.sheet import Input

Kind = Literal["plan", "compared", "run"]
CHANGES = ("added", "edited", "deleted")
_WOULD = {"deletes": "page_plan_deletes", "changes": "page_plan_changes", "nothing": "page_plan_nothing"}
_DID = {"deletes": "page_run_deletes", "changes": "page_run_changes", "nothing": "page_run_nothing"}
_FILES = 3
_GROUPS = 12


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do next: why, and what to type, where there is something to type."""

    said: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the story is made of.

    Attributes:
        run, summary: the run.
        outcomes: how its rows ended or, for a plan, would end.
        reports: what else was written.
        side: what a comparison found on the book's side; None where nothing was compared in both directions.
        zone: of the moments; None for this machine's.
    """

    run: RunRecord
    summary: Summary
    outcomes: dict[str, int]
    reports: Sequence[Path]
    side: BookSide | None = None
    zone: datetime.tzinfo | None = None

    @property
    def kind(self) -> Kind:
        """What the page is about."""
        if self.side is not None:
            return "compared"
        return "plan" if is_plan(self.run) else "run"

    def count(self, *outcomes: str) -> int:
        """How many rows have one of these outcomes."""
        return sum(self.outcomes.get(outcome, 0) for outcome in outcomes)

    @property
    def changes(self) -> int:
        """How many changes there are, those of contacts whose rows have left the sheet included."""
        return self.count(*CHANGES) + sum(self.departed.get(outcome, 0) for outcome in CHANGES)

    @property
    def departed(self) -> Mapping[str, int]:
        """How the contacts whose rows have left the sheet ended or, for a plan, would end."""
        return self.summary.departed and self.run.removals(planned=is_plan(self.run))


def figure(number: int) -> str:
    """A number with its thousands apart."""
    return language.number(number)


def title(told: Told) -> str:
    """What the page is, with the names of its files or, for an undo, with the run that it undoes."""
    if told.run.meta.undoes:
        return messages.label("page_title_undo", run=shown(told.run.meta.undoes))
    return messages.label(f"page_title_{told.kind}", files=_files(told.run.inputs()))


def status(told: Told) -> str:
    """How it stands."""
    return messages.label(f"page_status_{told.summary.status}")


def story(told: Told) -> str:
    """What was or would be done, in a few sentences."""
    values = {
        "added": messages.counted(told.count("added"), "contact"),
        "edited": messages.counted(told.count("edited"), "contact"),
        "deleted": messages.counted(told.count("deleted"), "contact"),
    }
    verb = "deletes" if told.count("deleted") else "changes" if told.count(*CHANGES) else "nothing"
    removes = verb == "nothing" and told.changes  # which is told below
    if told.kind == "plan":
        said = [messages.text("page_refused" if told.summary.status == "refused" else "page_plan", {})]
        said += [] if removes else [messages.text(_WOULD[verb], values)]
    elif told.kind == "compared":
        said = [messages.text("page_compared", {}), messages.text("page_compared_changes", values)]
    else:
        said = [] if removes else [messages.text(_DID[verb], values)]
    return " ".join([*said, *_departed(told), *_besides(told)])


def _departed(told: Told) -> Iterator[str]:
    if departed := departed_counts(told.departed, plan=told.kind != "run"):
        yield departed
        if any(path.stem.startswith("removed") for path in told.reports):
            yield messages.text("page_removed", {"file": _name(told, "removed")})


def _besides(told: Told) -> Iterator[str]:
    verified = told.summary.verified
    altered = "page_otherwise" if verified and verified.different else "page_altered"
    for code, count in (
        ("page_same", told.count("unchanged")),
        ("page_duplicate", told.count("duplicate")),
        ("page_held", told.count("held")),
        ("page_troubled" if told.kind == "run" else "page_cannot", told.count("rejected", "conflict", "failed")),
        ("page_unresolved", told.count("unresolved")),
        ("page_pending", told.count("pending")),
        (altered, told.summary.altered),
    ):
        if count:
            yield messages.text(code, {"rows": messages.counted(count, "row")})
    if verified:
        yield verified_text(verified)


def notes(told: Told) -> Iterator[str]:
    """What else somebody who decides has to know."""
    meta = told.run.meta
    if meta.partial:
        yield messages.text("page_partial", {})
    if meta.new_groups and told.kind != "run":
        names = [shown(each.name) for each in meta.new_groups.values()]
        yield messages.text("page_new_groups", {"groups": ", ".join(_limited(names, _GROUPS))})
    for each in told.run.inputs()[:_FILES]:
        for note in each.notes:
            yield f"{_named(each)}: {shown(messages.text(note.code, note.values))}"
    rate, changes = meta.api.get("rate"), told.changes
    if told.kind == "plan" and changes and rate:
        values = {
            "requests": messages.counted(changes, "request"),
            "time": duration(changes / rate),
            "rate": language.number(rate, "g"),
        }
        yield messages.text("page_cost", values)
    if told.side is not None and len(told.side.remote_only):
        count = messages.counted(len(told.side.remote_only), "contact")
        yield messages.text("page_remote_only", {"contacts": count, "file": _name(told, "remote-only")})
    if told.side is not None and told.side.duplicates:
        values = {"count": figure(len(told.side.duplicates)), "file": _name(told, "duplicates")}
        yield messages.text("page_book_duplicates", values)


def broken_guards(told: Told) -> list[str]:
    """The guards that a plan breaks; of a run that was carried out they were lifted."""
    return [breach_text(each) for each in told.run.meta.breaches] if told.kind == "plan" else []


def steps(told: Told) -> Iterator[Step]:
    """What to do next, the first thing first."""
    meta, plan = told.run.meta, messages.shell_word(told.run.path)
    if told.kind == "compared":
        if told.count(*CHANGES):
            files = " ".join(
                messages.shell_word(Path(each)) for each in dict.fromkeys(i.path for i in told.run.inputs())
            )
            mapping = messages.shell_word(Path(meta.mapping))
            yield Step(messages.text("page_next_plan", {}), f"imsync plan {files} -m {mapping}")
    elif told.kind == "plan" and (told.changes or meta.breaches):
        lifted = "".join(f" --allow {each['guard']}" for each in meta.breaches)
        yield Step(
            messages.text("page_next_allow" if lifted else "page_next_apply", {}), f"imsync apply {plan}{lifted}"
        )
    elif told.kind == "run" and (told.count("pending") or told.summary.status in ("interrupted", "aborted")):
        yield Step(messages.text("page_next_resume", {}), f"imsync resume {meta.run}")
    for path in told.reports:
        if meta.mapping and (path.stem == "rejected" or path.stem.startswith("rejected-")):
            command = f"imsync sync {messages.shell_word(path)} -m {messages.shell_word(Path(meta.mapping))}"
            yield Step(messages.text("page_next_correct", {"file": shown(path.name)}), command)
    if told.kind == "run" and told.count("unresolved"):
        yield Step(messages.text("page_next_unresolved", {}))
    if told.kind == "run" and told.summary.altered:
        yield Step(messages.text("page_next_altered", {}))


def facts(told: Told) -> Iterator[tuple[str, str]]:
    """Which files, account and mapping, and when: labels and what stands beside them."""
    meta = told.run.meta
    inputs = told.run.inputs()
    yield messages.label("page_file"), "; ".join(_limited([_named(each) for each in inputs]))
    yield messages.label("page_rows"), figure(told.summary.rows)
    yield (
        messages.label("page_account"),
        account_words(meta, meta.base_url),
    )
    if meta.mapping:
        yield messages.label("page_mapping"), shown(meta.mapping)
    for code, moment in (
        ("page_read_at", meta.read_at),
        ("page_created", meta.created),
        ("page_begun", meta.applied_at),
    ):
        if moment:
            yield messages.label(code), local_moment(moment, told.zone)
    requests = sum(told.summary.requests.values())
    yield (
        messages.label("page_requests"),
        messages.label("page_requests_told", count=figure(requests), again=figure(told.summary.retries)),
    )
    yield messages.label("page_took"), duration(told.summary.seconds)
    yield messages.label("page_run"), shown(meta.run)


def account_words(meta: RunMeta, address: str) -> str:
    """The account: by the name of the profile that opened it, where it is known, and by its id."""
    code = "page_account_named" if meta.profile else "page_account_at"
    return messages.label(code, id=shown(meta.account), profile=shown(meta.profile), url=shown(address))


def local_moment(text: str, zone: datetime.tzinfo | None) -> str:
    """A moment in ISO form as the clock on the wall shows it, with its distance from UTC."""
    moment = datetime.datetime.fromisoformat(text).astimezone(zone)
    offset = moment.strftime("%z")
    return f"{moment.strftime(f'{language.day_form()} %H:%M')} (UTC{offset[:3]}:{offset[3:5]})"


def place_text(inputs: Sequence[Input], number: int, row: int) -> str:
    """Where a row stands: its number and, where there are several inputs, which."""
    if number == NO_INPUT:
        return "–"
    return str(row) if len(inputs) == 1 else f"{short_name(inputs[number])}:{row}"


def short_name(found: Input) -> str:
    """The sheet's name, or the file's where it has none."""
    return shown(found.sheet or found.name)


def _files(inputs: Sequence[Input]) -> str:
    return ", ".join(_limited(list(dict.fromkeys(shown(each.name) for each in inputs))))


def _limited(names: list[str], most: int = _FILES) -> list[str]:
    """The first names and how many more there are."""
    left = len(names) - most
    return names if left <= 0 else [*names[:most], messages.label("page_more_names", count=figure(left))]


def _named(found: Input) -> str:
    name = shown(found.name)
    return messages.label("page_sheet_of", file=name, sheet=shown(found.sheet)) if found.sheet else name


def _name(told: Told, stem: str) -> str:
    return next((shown(path.name) for path in told.reports if path.stem.startswith(stem)), stem)
