"""What a run file tells about a run.

What enters: nothing. What leaves: the run's own facts and its rows, for whoever reports them.
What never happens here: SQL (the runs room has it).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sync.change import Differences, Remark
from sync.grid import Cell
from sync.sheet import Input

NO_INPUT = -1
"""The input of a contact whose row has left the sheet."""


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group that a run creates or removes; `parent` is its main group's id, or placeholder where that is new too."""

    name: str
    parent: int | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What reading back has found: when, how many contacts were read, how many are not as the plan says."""

    at: str
    contacts: int
    different: int


@dataclass(slots=True)
class RunMeta:
    """What is known about the run as a whole.

    Attributes:
        run: its id.
        status: planned, applying, completed, interrupted, aborted, superseded.
        account: the account's id in the state directory.
        profile: the name by which its credentials were asked for; empty where nobody knows.
        after, after_part: the run that had written to the account last when this one was planned, and its part.
        part, part_before: the part of this run that wrote last, and the one that the account knew before it.
        created, read_at, applied_at: moments in ISO form; when the plan was made, the book read, the apply begun.
        api: the other API settings; an apply uses them unless it is told otherwise.
        mapping, mapping_sha256: the mapping's absolute path and content.
        fields, labels: the mapped fields and what people call them.
        keys: the match keys.
        groups: the account's groups, id → name with its main group's before it.
        new_groups: the groups that are created first, by a placeholder below zero, main groups before those in them.
        created_groups: the ids of those that are there by now, by placeholder.
        creating: the one whose request may have been carried out: placeholder → when it was sent.
        forms: how keys are looked for (see `sync.lookup.Forms`).
        unproven: the keys of which no contact had been met when the plan was made: its first add is searched for, and
            then the book is read for the other adds.
        made_groups: the ids of those groups that the run has created itself.
        undoes: for an undo, the run that it undoes.
        undone_by: the undos of this run that have begun, the latest last.
        emptied_groups: the groups that are removed at the end if they are empty by then, by id.
        removed_groups: those that were, by id; main groups before those in them.
        kept_groups: those that were not: id → why.
        fingerprint: of all changes; an apply refuses a file in which it differs.
        verified: what reading the plan back has found; None where it was not read back, or not to the end.
        requests, retries, seconds: over planning and all applies.
        counts: how many rows ended how when nothing was under way (see `sync.history.Tally`), and after how many
            transitions that was.
        reports: where its reports were written last.
        watched: the fields whose bases the run leaves in memory; empty where its plan knew no memory.
        figures: of the input (see `sync.remembered.Figures`).
        group_sets, own_groups: as in `sync.remembered.Learnt`.
        remembered: whether all that it has done stands in memory.
        departed: how many contacts there are whose rows have left the sheet, and about which the plan says something.
        removes: what the mapping says of those: remove_from_groups or delete; empty where they are only told.
        remote_only: how many contacts of the book no row means; None where the book was not read for them.
    """

    run: str
    account: str
    created: str
    read_at: str
    base_url: str
    api: dict[str, Any]
    job: str
    mapping: str
    mapping_sha256: str
    keys: list[str]
    labels: dict[str, str]
    forms: dict[str, Any]
    groups: dict[str, str]
    profile: str = ""
    status: str = "planned"
    after: str = ""
    after_part: str = ""
    part: str = ""
    part_before: str = ""
    matched: int = 0
    partial: bool = False
    unproven: list[str] = field(default_factory=list)
    fingerprint: str = ""
    applied_at: str = ""
    new_groups: dict[str, NewGroup] = field(default_factory=dict)
    created_groups: dict[str, int] = field(default_factory=dict)
    creating: dict[str, str] = field(default_factory=dict)
    made_groups: list[int] = field(default_factory=list)
    undoes: str = ""
    undone_by: list[str] = field(default_factory=list)
    emptied_groups: dict[str, NewGroup] = field(default_factory=dict)
    removed_groups: dict[str, NewGroup] = field(default_factory=dict)
    kept_groups: dict[str, str] = field(default_factory=dict)
    breaches: list[dict[str, Any]] = field(default_factory=list)
    verified: Verified | None = None
    requests: dict[str, int] = field(default_factory=dict)
    retries: int = 0
    seconds: float = 0.0
    counts: dict[str, Any] = field(default_factory=dict)
    reports: list[str] = field(default_factory=list)
    watched: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    group_sets: dict[str, str] = field(default_factory=dict)
    own_groups: list[int] = field(default_factory=list)
    departed: int = 0
    removes: str = ""
    remote_only: int | None = None
    remembered: bool = False

    def __post_init__(self) -> None:
        for name in ("new_groups", "emptied_groups", "removed_groups"):  # from a file they come as plain objects
            given: dict[str, Any] = dict(getattr(self, name))
            found = {key: NewGroup(**each) if isinstance(each, dict) else each for key, each in given.items()}
            setattr(self, name, found)
        verified: Any = self.verified
        self.verified = Verified(**verified) if isinstance(verified, dict) else verified


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row as reports show it; `changes` is `{field: [before, after]}`, `cells` the input's own where kept."""

    input: int
    row: int
    key: str
    outcome: str
    contact_id: int | None
    changes: Differences
    remarks: list[Remark]
    altered: Mapping[str, list[Any]]
    attempts: int
    cells: list[Cell] | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows became what they became: everything of one kind that is said about one column.

    Attributes:
        first: what is said about the first of the rows.
        count: how often it is said.
        places: the first rows of which it is said: which input, and the row's number there.
        differing: the names of the values that are not the same for all of them.
        values: those of the rows at `places`.
    """

    first: Remark
    count: int
    places: list[tuple[int, int]]
    differing: frozenset[str] = frozenset()
    values: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a run's time: when it begins (ISO form), and how many requests of any kind were sent in it.

    Attributes:
        again: how many of the requests had been sent before.
        done: of how many changes the end was known.
        unsure: how many answers were lost, so that nobody knew what had become of a change.
    """

    begins: str
    requests: int
    again: int
    done: int
    unsure: int


@dataclass(frozen=True, slots=True)
class Tempo:
    """How a run's requests were spread over its time.

    Attributes:
        seconds: how long each stretch is.
        spans: in order; a long time in which nothing happened is left out.
    """

    seconds: int
    spans: tuple[Span, ...]


class RunRecord(Protocol):
    """A run as it stands in its file."""

    @property
    def path(self) -> Path:
        """The run file."""
        ...

    @property
    def meta(self) -> RunMeta:
        """What is known about the run as a whole."""
        ...

    @property
    def row_count(self) -> int:
        """How many data rows the run has."""
        ...

    def inputs(self) -> list[Input]:
        """The inputs, without their cells."""
        ...

    def outcomes(self, *, planned: bool = False) -> dict[str, int]:
        """How many rows ended how; or would, by the plan."""
        ...

    def removals(self, *, planned: bool = False) -> dict[str, int]:
        """How many deletes of an undo ended how; or what became, or would become, of contacts without a row."""
        ...

    def rows(self, *outcomes: str, planned: bool = False) -> Iterator[ReportRow]:
        """The rows with these outcomes (all, when none is named), in the order of the sheet."""
        ...

    def tempo(self, *, most: int) -> Tempo | None:
        """How its requests were spread over its time, in at most so many stretches; None where nothing was sent."""
        ...

    def departures(self, *, planned: bool = False) -> Iterator[ReportRow]:
        """The contacts whose rows have left the sheet, as rows without an input (see `NO_INPUT`)."""
        ...


class PlanRecord(RunRecord, Protocol):
    """A plan as it stands in its file; however many rows it has, it is summed up at once."""

    def reasons(self, *outcomes: str) -> list[Reason]:
        """Why rows became one of these by the plan, the commonest reason first."""
        ...

    def notes(self) -> list[Reason]:
        """What is worth knowing about rows besides, the commonest first."""
        ...
