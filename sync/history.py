"""What is told of a past run: how it stands, what can be done next, and the story of one of its rows.

What enters: what the run file holds. What leaves: data for whoever shows it.
What never happens here: SQL, sentences, a look at the clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sync.change import Change
from sync.contact import Contact
from sync.errors import UsageError
from sync.outcome import Summary
from sync.record import Reason, ReportRow, RunMeta
from sync.sheet import Input

What = Literal["plan", "apply", "undo"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows a run has.

    Attributes:
        planned: how many would end how, by the plan.
        outcomes: how many ended how.
        altered: how many were stored otherwise than meant.
        removals: how many deletes ended how.
    """

    rows: int
    planned: Mapping[str, int]
    outcomes: Mapping[str, int]
    altered: int
    removals: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that can be done next: the code of the sentence that says why, and what to type."""

    code: str
    command: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run as it stands.

    Attributes:
        ended_at: the last moment of which its journal tells, empty where nothing was sent.
        advice: what can be done next, the first thing first.
        superseded: it is not done, and another run has written since, so that it can be neither applied nor resumed.
        running: whether it is being carried out right now.
        reasons: for each outcome why rows have it, where that was asked for.
    """

    path: Path
    meta: RunMeta
    inputs: list[Input]
    summary: Summary
    ended_at: str
    advice: tuple[Advice, ...]
    superseded: bool
    running: bool = False
    reasons: Mapping[str, list[Reason]] = field(default_factory=dict)

    @property
    def what(self) -> What:
        """Whether it is only a plan, was carried out, or is an undo."""
        if self.meta.undoes:
            return "undo"
        return "apply" if self.meta.applied_at else "plan"


@dataclass(frozen=True, slots=True)
class UnreadableRun:
    """A run whose file cannot be read, and why."""

    run: str
    path: Path
    error: UsageError


@dataclass(frozen=True, slots=True)
class Transition:
    """One entry of the journal: when (ISO form) a change entered which state, and the code of what was to be told."""

    at: str
    state: str
    detail: str


@dataclass(frozen=True, slots=True)
class RowStory:
    """Everything that a run file knows of one row.

    Attributes:
        row: as reports show it; of a plan, what it would become.
        change: what was to be done about it; None where there was nothing to do.
        stored: the contact as the API showed it last.
        transitions: in order.
    """

    row: ReportRow
    change: Change | None
    stored: Contact | None
    transitions: list[Transition]
