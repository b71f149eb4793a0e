"""Words and figures for the terminal, and how a run ended.

What enters: texts, numbers, summaries. What leaves: text. What never happens here: printing.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sync import language, messages
from sync.messages import counted, label, phrase
from sync.outcome import OUTCOMES, Summary

if TYPE_CHECKING:
    from sync.record import Verified


def end_text(summary: Summary) -> str:
    """How the run ended, in two or three lines."""
    counts = ", ".join(
        f"{language.number(summary.outcomes[name])} {label(f'page_done_{name}')}"
        for name in OUTCOMES
        if summary.outcomes.get(name)
    )
    status, rows = label(f"page_status_{summary.status}"), counted(summary.rows, "row")
    requests, time = counted(sum(summary.requests.values()), "request"), duration(summary.seconds)
    how = phrase("end_of_run" if counts else "end_of_nothing", run=summary.run, status=status, rows=rows, counts=counts)
    lines = [
        how,
        phrase("end_requests", requests=requests, retries=language.number(summary.retries), time=time),
    ]
    if summary.verified:
        lines.append(verified_text(summary.verified))
    if departed := departed_counts(summary.departed, plan=summary.status in ("planned", "refused")):
        lines.append(departed)
    if summary.altered:
        code = "end_otherwise" if summary.verified and summary.verified.different else "end_altered"
        lines.append(phrase(code, rows=counted(summary.altered, "row")))
    return "\n".join(lines)


def departed_word(outcome: str, *, plan: bool) -> str:
    """What becomes, or became, of such a contact; it is edited only to be taken out of groups."""
    if outcome == "edited":
        return messages.label("departed_would_edited" if plan else "departed_done_edited")
    if outcome == "unchanged":
        return messages.label("departed_left")
    return messages.label(f"page_{'would' if plan else 'done'}_{outcome}")


def departed_counts(departed: Mapping[str, int], *, plan: bool) -> str:
    """How many of them became what, in one sentence; empty where there are none."""
    told = [
        f"{language.number(departed[outcome])} {departed_word(outcome, plan=plan)}"
        for outcome in OUTCOMES
        if departed.get(outcome)
    ]
    if not told:
        return ""
    contacts = messages.counted(sum(departed.values()), "contact")
    return messages.text("departed_counts", {"contacts": contacts, "counts": ", ".join(told)})


def verified_text(found: "Verified") -> str:
    """What reading the plan back has found, in one sentence."""
    if not found.contacts:
        return messages.text("verified_nothing", {})
    values = {"contacts": found.contacts, "different": found.different}
    return messages.text("verified_different" if found.different else "verified_equal", values)


def visible(text: str) -> str:
    """The text without characters that would steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def duration(seconds: float) -> str:
    """A time in the two units that matter."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return phrase("hours", hours=hours, minutes=minutes)
    if minutes:
        return phrase("minutes", minutes=minutes, seconds=rest)
    return phrase("seconds", seconds=language.number(seconds, ".1f"))
