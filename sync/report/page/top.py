"""The page's upper part: the story, the facts, charts, reasons, guards, what to do next.

What enters: what is told, the reasons. What leaves: HTML that reads the same without a script and in black and white.
What never happens here: a style or a script in an attribute (the page's policy forbids both).
"""

from collections.abc import Mapping, Sequence
from itertools import islice

from sync import messages
from sync.outcome import OUTCOMES, TROUBLED
from sync.report.departed import contact_facts
from sync.report.page.markup import Html, element, joined
from sync.report.page.rows import PageReason
from sync.report.page.shown import shown
from sync.report.page.story import (
    Told,
    broken_guards,
    facts,
    figure,
    notes,
    place_text,
    status,
    steps,
    story,
    title,
)
from sync.report.page.tempo import MOST_BARS, is_worth_showing, tempo_chart
from sync.report.rows import reasons as said
from sync.report.text import departed_word
from sync.sheet import Input

# Beside its colour each outcome has a sign, and what needs a look has stripes: it can be told in black and white.
SIGNS = {
    "added": "+", "edited": "~", "deleted": "−", "unchanged": "=", "rejected": "×", "duplicate": "≡", "conflict": "!",
    "held": "–", "failed": "✕", "unresolved": "?", "pending": "…",
}  # fmt: skip
_ALWAYS = ("added", "edited", "unchanged")
_REASONS = 12
_LONGEST_COMMAND = 4_000
_DEPARTED, _LONGEST_SAID = 200, 1_000
_LEAST = 0.5  # per cent of a bar's length: what is there can be seen


def upper_part(told: Told, reasons: Sequence[PageReason], *, complete: bool) -> Html:
    """Everything above the table."""
    return joined([
        element(
            "header",
            element("p", element("b", "imsync"), " · ", status(told), class_="kicker"),
            element("h1", title(told)),
            element("p", story(told), class_="story"),
            *(element("p", said, class_="note") for said in notes(told)),
        ),
        _facts(told),
        _guards(told),
        _next(told),
        element("div", _outcomes(told), _requests(told), class_="figures"),
        _tempo(told),
        _reasons(told, reasons, complete=complete),
        _departed(told),
    ])  # fmt: skip


def outcome_word(outcome: str, kind: str) -> str:
    """An outcome as a word of the page: of a plan, what would happen."""
    return messages.label(f"page_{'done' if kind == 'run' else 'would'}_{outcome}")


def _section(heading: str, *children: str | None, class_: str) -> Html:
    name = f"{class_}-heading"
    return element(
        "section", element("h2", messages.label(heading), id=name), *children, class_=class_, aria_labelledby=name
    )


def _guards(told: Told) -> Html | None:
    found = broken_guards(told)
    if not found:
        return None
    return _section("page_guards", element("ul", *(element("li", said) for said in found)), class_="guards")


def _next(told: Told) -> Html:
    found = list(steps(told))
    if not found:
        return _section("page_next", element("p", messages.text("page_next_nothing", {})), class_="next")
    items = []
    for step in found:
        command = element("code", shown(step.command, most=_LONGEST_COMMAND)) if step.command else None
        box = element("pre", command, tabindex=0) if command else None
        items.append(element("li", element("p", step.said), box))
    return _section("page_next", element("ol", *items), class_="next")


def _outcomes(told: Told) -> Html:
    counts: dict[str, int] = {name: told.count(name) for name in OUTCOMES if told.count(name) or name in _ALWAYS}
    names = {name: joined([_sign(name), outcome_word(name, told.kind)]) for name in counts}
    kinds = {name: f"{name} troubled" if name in TROUBLED else name for name in counts}
    return _section("page_outcomes", _bars("page_outcome", "page_rows", counts, names, kinds), class_="outcomes")


def _requests(told: Told) -> Html | None:
    counts = dict(sorted(told.summary.requests.items()))
    if not counts:
        return None
    names = {name: element("code", name) for name in counts}
    return _section("page_requests", _bars("page_method", "page_sent", counts, names, {}), class_="requests")


def _tempo(told: Told) -> Html | None:
    found = told.run.tempo(most=MOST_BARS)
    if found is None or not is_worth_showing(found):
        return None
    return _section("page_tempo", *tempo_chart(found, told.zone), class_="tempo")


def _bars(
    first: str, second: str, counts: Mapping[str, int], names: Mapping[str, Html], kinds: Mapping[str, str]
) -> Html:
    """A bar chart that is a table too: name, number, bar."""
    longest = max([1, *counts.values()])
    lines = [
        element(
            "tr",
            element("th", names[name], scope="row"),
            element("td", figure(count), class_="number"),
            element("td", _bar(100 * count / longest, kinds.get(name, "plain")), class_="bar", aria_hidden="true"),
        )
        for name, count in counts.items()
    ]
    head = element(
        "tr",
        element("th", messages.label(first), scope="col"),
        element("th", messages.label(second), scope="col"),
        element("td", aria_hidden="true"),
    )
    return element("table", element("thead", head, class_="unseen"), element("tbody", *lines), class_="bars")


def _bar(percent: float, kind: str) -> Html:
    if not percent:
        return Html("")
    width = f"{max(_LEAST, percent):.2f}%"
    stripes = element("rect", width=width, height=12, fill="url(#stripes)") if "troubled" in kind else None
    return element(
        "svg", element("rect", width=width, height=12, class_=kind), stripes, width="100%", height=12, focusable="false"
    )


def _reasons(told: Told, reasons: Sequence[PageReason], *, complete: bool) -> Html | None:
    """Why rows did not make it and, where all rows are at hand, what else is worth knowing; the commonest first."""
    numbered = list(enumerate(reasons))
    found = sorted(
        (each for each in numbered if complete or each[1].outcome in TROUBLED),
        key=lambda each: (each[1].outcome not in TROUBLED, -each[1].count),
    )
    if not found:
        return None
    longest, inputs = max(each.count for _, each in found), told.run.inputs()
    lines = [_reason(number, each, told, longest, inputs) for number, each in found]
    head = element(
        "tr",
        *(element("th", messages.label(code), scope="col") for code in ("page_rows", "page_outcome", "page_reason")),
    )
    table = element("table", element("thead", head), element("tbody", *lines[:_REASONS]), class_="why")
    if len(lines) <= _REASONS:
        return _section("page_reasons", table, class_="reasons")
    others = element(
        "details",
        element("summary", messages.label("page_more_reasons", count=figure(len(lines) - _REASONS))),
        element("table", element("thead", head), element("tbody", *lines[_REASONS:]), class_="why"),
    )
    return _section("page_reasons", table, others, class_="reasons")


def _departed(told: Told) -> Html | None:
    """Contacts whose rows have left the sheet: they stand in no row of the table below."""
    if not told.run.meta.departed:
        return None
    plan = told.kind != "run"
    lines = [
        element(
            "tr",
            element("td", str(row.contact_id), class_="number"),
            element("td", _sign(row.outcome), departed_word(row.outcome, plan=plan), class_="word"),
            element("td", element("bdi", shown(contact_facts(row)))),
            element("td", element("bdi", shown(said(row), most=_LONGEST_SAID))),
        )
        for row in islice(told.run.departures(planned=plan), _DEPARTED)
    ]
    codes = ("book_contact_id", "page_outcome", "book_contact", "page_reason")
    head = element("tr", *(element("th", messages.label(code), scope="col") for code in codes))
    table = element("table", element("thead", head), element("tbody", *lines), class_="why")
    left = told.run.meta.departed - len(lines)
    more = element("p", messages.phrase("more_in_report", count=figure(left)), class_="faint") if left > 0 else None
    return _section("page_departed", table, more, class_="departed")


def _reason(number: int, each: PageReason, told: Told, longest: int, inputs: Sequence[Input]) -> Html:
    places = ", ".join(
        f"{place_text(inputs, *place)} (“{found}”)" if found else place_text(inputs, *place)
        for place, found in zip(each.places, each.examples, strict=True)
    )
    left = each.count - len(each.places)
    more = messages.label("page_places_more", places=places, count=figure(left)) if left > 0 else places
    kind = f"{each.outcome} troubled" if each.outcome in TROUBLED else each.outcome
    return element(
        "tr",
        element("td", element("span", figure(each.count)), _bar(100 * each.count / longest, kind), class_="number"),
        element("td", _sign(each.outcome), outcome_word(each.outcome, told.kind), class_="word"),
        element(
            "td",
            element(
                "p",
                element("b", element("bdi", each.column), ": ") if each.column else None,
                element("bdi", each.said),
                id=f"reason-{number}",
                class_=None if each.column else "whole",
            ),
            element(
                "p",
                messages.label("page_in_rows", places=more),
                " ",
                _show(number),
                class_="faint",
            ),
        ),
    )


def _show(number: int) -> Html:
    """A button that the script brings to life; a screen reader tells what it shows."""
    said = messages.label("page_show_rows")
    return element("button", said, type="button", data_reason=number, aria_describedby=f"reason-{number}", hidden=True)


def _facts(told: Told) -> Html:
    pairs = (element("div", element("dt", name), element("dd", said)) for name, said in facts(told))
    return element("section", element("dl", *pairs), class_="facts", aria_label=messages.label("page_facts"))


def _sign(outcome: str) -> Html:
    return element("span", SIGNS[outcome], class_=f"sign {outcome}", aria_hidden="true")
