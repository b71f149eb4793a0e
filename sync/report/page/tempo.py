"""The chart of a run's requests over time: all of them above the line, what went wrong below it.

What enters: how a run's requests were spread over its time. What leaves: HTML that a table tells as well.
What never happens here: a chart of one bar; a colour that alone tells anything.
"""

import datetime
from itertools import pairwise

from sync import language, messages
from sync.record import Span, Tempo
from sync.report.page.markup import Html, element
from sync.report.page.story import figure

MOST_BARS = 60
_HEIGHT, _BELOW = 96, 36  # of the bars for requests, and of those for what went wrong
_AXIS = 20
_NARROWEST, _WIDEST_BAR = 30, 5  # per cent of the page
_LEAST = 2  # so high is what is there at all
_FILLED = 0.8  # of a bar's place
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def tempo_chart(found: Tempo, zone: datetime.tzinfo | None) -> list[Html]:
    """What the chart shows in a sentence, the chart, and the same as a table."""
    troubled = any(each.again or each.unsure for each in found.spans)
    below = messages.text("page_tempo_below", {}) if troubled else ""
    return [
        element("p", f"{tempo_text(found, zone)} {below}".strip(), class_="faint", id="tempo-said"),
        _bars(found, zone),
        element("details", element("summary", messages.label("page_tempo_table")), _table(found, zone)),
    ]  # fmt: skip


def is_worth_showing(found: Tempo | None) -> bool:
    """Whether there is more than one bar to compare."""
    return found is not None and len(found.spans) > 1


def tempo_text(found: Tempo, zone: datetime.tzinfo | None) -> str:
    """The chart in a few sentences."""
    values = {
        "requests": messages.counted(sum(each.requests for each in found.spans), "request"),
        "first": clock_time(found.spans[0], found, zone),
        "last": clock_time(found.spans[-1], found, zone),
        "width": _length(found.seconds),
        "most": figure(max(each.requests for each in found.spans)),
    }
    said = [messages.text("page_tempo", values)]
    again, unsure = (sum(getattr(each, name) for each in found.spans) for name in ("again", "unsure"))
    if again or unsure:
        said.append(messages.text("page_tempo_again", {"again": figure(again), "unsure": figure(unsure)}))
    else:
        said.append(messages.text("page_tempo_smooth", {}))
    if _has_rests(found):
        said.append(messages.text("page_tempo_rests", {}))
    return " ".join(said)


def counts_of(span: Span) -> tuple[int, int, int, int]:
    """Its figures, in the order of the tables' columns."""
    return span.requests, span.again, span.done, span.unsure


def clock_time(span: Span, found: Tempo, zone: datetime.tzinfo | None) -> str:
    """When a stretch begins, as the clock on the wall shows it; with its day where there are several."""
    first, last = (
        datetime.datetime.fromisoformat(each.begins).astimezone(zone) for each in (found.spans[0], found.spans[-1])
    )
    at = datetime.datetime.fromisoformat(span.begins).astimezone(zone)
    clock = "%H:%M:%S" if found.seconds < _MINUTE else "%H:%M"
    if found.seconds >= _DAY:
        return at.strftime(language.day_form())
    return at.strftime(clock if first.date() == last.date() else f"{language.day_form()} {clock}")


def _length(seconds: int) -> str:
    if seconds < _MINUTE:
        return messages.phrase("seconds", seconds=seconds)
    if seconds < _HOUR:
        return messages.phrase("whole_minutes", minutes=seconds // _MINUTE)
    return messages.phrase("whole_hours", hours=seconds // _HOUR)


def _has_rests(found: Tempo) -> bool:
    begins = (datetime.datetime.fromisoformat(each.begins) for each in found.spans)
    return any((later - earlier).total_seconds() > found.seconds for earlier, later in pairwise(begins))


def _bars(found: Tempo, zone: datetime.tzinfo | None) -> Html:
    most = max([1, *(each.requests for each in found.spans)])
    worst = max(each.again + each.unsure for each in found.spans)
    height = _HEIGHT + (_BELOW if worst else 0) + _AXIS
    place = 100 / len(found.spans)
    bars: list[Html] = []
    for number, each in enumerate(found.spans):
        where = {"x": f"{number * place:.2f}%", "width": f"{place * _FILLED:.2f}%"}
        drawn: list[Html] = []
        if each.requests:
            tall = max(_LEAST, round(_HEIGHT * each.requests / most))
            drawn.append(element("rect", y=_HEIGHT - tall, height=tall, class_="plain", **where))
        if each.again or each.unsure:
            deep = max(_LEAST, round((_BELOW - _LEAST) * (each.again + each.unsure) / worst))
            drawn.append(element("rect", y=_HEIGHT + _LEAST, height=deep, class_="unresolved", **where))
            drawn.append(element("rect", y=_HEIGHT + _LEAST, height=deep, fill="url(#stripes)", **where))
        if drawn:
            bars.append(element("g", element("title", _told(each, found, zone)), *drawn))
    line = element("rect", x=0, y=_HEIGHT, width="100%", height=1, class_="line")
    wide = min(100, max(_NARROWEST, len(found.spans) * _WIDEST_BAR))
    first, last = (clock_time(each, found, zone) for each in (found.spans[0], found.spans[-1]))
    axis = (element("text", first, x=0, y=height - 3), element("text", last, x="100%", y=height - 3, text_anchor="end"))
    return element(
        "svg", *bars, line, *axis, width=f"{wide}%", height=height, role="img",
        aria_labelledby="tempo-heading tempo-said",
    )  # fmt: skip


def _told(span: Span, found: Tempo, zone: datetime.tzinfo | None) -> str:
    values = {"at": clock_time(span, found, zone), "requests": figure(span.requests)}
    if span.again or span.unsure:
        return messages.label("page_tempo_bar_again", **values, again=figure(span.again), unsure=figure(span.unsure))
    return messages.label("page_tempo_bar", **values)


def _table(found: Tempo, zone: datetime.tzinfo | None) -> Html:
    codes = ("page_tempo_from", "page_requests", "page_tempo_again", "page_tempo_done", "page_tempo_unsure")
    head = element("tr", *(element("th", messages.label(code), scope="col") for code in codes))
    lines = [
        element(
            "tr",
            element("th", clock_time(each, found, zone), scope="row"),
            *(element("td", figure(count), class_="number") for count in counts_of(each)),
        )
        for each in found.spans
    ]
    return element("table", element("thead", head), element("tbody", *lines), class_="times")
