"""Words and figures for the terminal, and how a run ended.

What enters: texts, numbers, summaries. What leaves: text. What never happens here: printing.
"""

from sync import messages
from sync.outcome import OUTCOMES, Summary
from sync.record import Verified


def end_text(summary: Summary) -> str:
    """How the run ended, in two or three lines."""
    counts = ", ".join(f"{summary.outcomes[name]:,} {name}" for name in OUTCOMES if summary.outcomes.get(name))
    requests = sum(summary.requests.values())
    lines = [
        f"Run {summary.run}: {summary.status.replace('_', ' ')}. {counted(summary.rows, 'row')}: {counts or 'none'}.",
        f"{counted(requests, 'request')}, {summary.retries:,} sent again, {duration(summary.seconds)}.",
    ]
    if summary.verified:
        lines.append(verified_text(summary.verified))
    if summary.altered:
        found = ", or found otherwise when read back" if summary.verified and summary.verified.different else ""
        lines.append(
            f"{counted(summary.altered, 'row')} stored otherwise than sent{found}: the report shows both values."
        )
    return "\n".join(lines)


def verified_text(found: Verified) -> str:
    """What reading the plan back has found, in one sentence."""
    if not found.contacts:
        return messages.text("verified_nothing", {})
    values = {"contacts": found.contacts, "different": found.different}
    return messages.text("verified_different" if found.different else "verified_equal", values)


def visible(text: str) -> str:
    """The text without characters that would steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural where that is due."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """A time in the two units that matter."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
