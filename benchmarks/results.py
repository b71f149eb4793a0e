"""RESULTS.md: what was measured, as tables, and whether it is what is promised.

What enters: what each way took. What leaves: Markdown. What never happens here: measuring.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from measuring import Case, Taken

_HOW = (
    "Every figure is from one run on one machine, and everything in a table ran in turn: compare within a table, and"
    " take the ratios for the figures that travel. Each way is a process of its own. Imports are counted where a whole"
    " command is measured (start-up, the whole job, a night), and nowhere else."
)
_WORDS = frozenset({"", "way", "by method", "promised", "measured", "command", "part"})
_ELSEWHERE = (
    (
        "`python benchmarks/pace.py`",
        "the share of the rate that is reached, beside httpx with aiolimiter",
    ),
    (
        "`python benchmarks/applying.py`",
        "memory of applying a million changes; the journal's share of the processor",
    ),
    ("`python benchmarks/planning.py`", "planning a million unchanged rows, the book read already"),
    ("`python benchmarks/page.py`", "report.html in a browser"),
)
_HELD = {True: "held", False: "**missed**"}

Runs = Mapping[str, Sequence[Taken]]


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that was promised, the figure, and whether it holds."""

    about: str
    promised: str
    found: str
    holds: bool


@dataclass(slots=True)
class Results:
    """Everything that goes into the file, in its order."""

    machine: Sequence[str]
    command: str
    promises: list[Promise] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    took: list[tuple[str, float]] = field(default_factory=list)

    def text(self) -> str:
        """The file."""
        kept = sum(each.holds for each in self.promises)
        rows = ((each.about, each.promised, each.found, _HELD[each.holds]) for each in self.promises)
        heading = f"## What is promised: {kept} of {len(self.promises)} held in this run"
        lines = [
            "# Measured side by side",
            "",
            f"Written by `{self.command}`. {_HOW}",
            "",
            *self.machine,
            "",
            *([heading, "", *table(("", "promised", "measured", ""), rows), ""] if self.promises else []),
            *self.sections,
            "## Measured by commands of their own",
            "",
            *table(("command", ""), _ELSEWHERE),
            "",
            "## How long it takes to measure",
            "",
            *table(("part", "minutes"), ((part, f"{seconds / 60:.1f}") for part, seconds in self.took)),
            "",
        ]
        return "\n".join(lines)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; its figures are set to the right."""
    marks = ["---" if name in _WORDS else "---:" for name in header]
    return [_line(header), _line(marks), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def median(taken: Sequence[Taken]) -> Taken:
    """The medians of the seconds, the highest peak."""
    return Taken(
        statistics.median(each.seconds for each in taken),
        statistics.median(each.cpu for each in taken),
        max(each.peak for each in taken),
        taken[0].answer,
    )


HEADER = ("rows", "way", "seconds", "CPU seconds", "peak MiB", "time", "CPU", "memory")


def lines_of(rows: int, found: Runs) -> list[tuple[str, ...]]:
    """A line for each way; the last three columns say how many times imsync's figures its own are."""
    medians = {way: median(taken) for way, taken in found.items()}
    ours = next(iter(medians.values()))
    return [
        (
            f"{rows:,}", way, seconds(each.seconds), seconds(each.cpu), f"{each.peak:,.0f}",
            *(times(one, other) for one, other in zip(_figures(each), _figures(ours), strict=True)),
        )
        for way, each in medians.items()
    ]  # fmt: skip


def _figures(taken: Taken) -> tuple[float, float, float]:
    return taken.seconds, taken.cpu, taken.peak


def left_out(rows: int, way: str, because: str) -> tuple[str, ...]:
    """The line of a way that was not measured."""
    return (f"{rows:,}", way, f"left out: {because}", "", "", "", "", "")


def section(case: Case, lines: Sequence[tuple[str, ...]]) -> str:
    """A case's heading, what it is about, and its table."""
    about = f"{case.about} The last three columns: how many times imsync's."
    return "\n".join([f"## {case.title}", "", about, "", *table(HEADER, lines), ""])


def times(one: float, other: float) -> str:
    """How many times the other figure the one is."""
    ratio = one / other
    return f"{ratio:,.0f} x" if ratio >= 20 else f"{ratio:.1f} x" if ratio >= 1 else f"{ratio:.2f} x"  # noqa: PLR2004 - looks


def seconds(figure: float) -> str:
    """Seconds with as many places as they deserve."""
    return f"{figure:,.1f}" if figure >= 10 else f"{figure:.2f}" if figure >= 1 else f"{figure:.3f}"  # noqa: PLR2004 - looks
