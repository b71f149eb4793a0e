"""What became of each row, and of the run.

What enters: counts. What leaves: the summary object and the exit code. What never happens here: deciding outcomes.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from sync.record import Verified

Outcome = Literal[
    "added", "edited", "deleted", "unchanged", "rejected", "duplicate", "conflict", "held", "failed", "unresolved",
    "pending",
]  # fmt: skip
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
UNDO_ONLY: tuple[Outcome, ...] = ("deleted",)
Status = Literal["planned", "completed", "completed_with_errors", "refused", "interrupted", "aborted"]

# Outcomes of rows that are not in the book as the sheet says, and that nobody chose.
TROUBLED: tuple[Outcome, ...] = ("rejected", "conflict", "failed", "unresolved")


@dataclass(frozen=True, slots=True)
class Summary:
    """The object that `--json` prints and `report.json` holds; its fields are documented in docs/command-line.md.

    `departed` says how many of the contacts whose rows have left the sheet became what.
    """

    run: str | None
    status: Status
    rows: int
    outcomes: Mapping[str, int]
    altered: int = 0
    removed: Mapping[str, int] = field(default_factory=lambda: {"deleted": 0, "from_groups": 0, "failed": 0})
    departed: Mapping[str, int] = field(default_factory=dict)
    remote_only: int | None = None
    requests: Mapping[str, int] = field(default_factory=dict)
    retries: int = 0
    seconds: float = 0.0
    reports: tuple[str, ...] = ()
    verified: "Verified | None" = None

    def to_dict(self) -> dict[str, Any]:
        """The object, with every outcome present that a run of its kind can have; `verified` if it was read back."""
        return {
            "run": self.run,
            "status": self.status,
            "rows": self.rows,
            "outcomes": {
                outcome: self.outcomes.get(outcome, 0)
                for outcome in OUTCOMES
                if outcome not in UNDO_ONLY or outcome in self.outcomes
            },
            "altered": self.altered,
            "removed": dict(self.removed),
            **({"departed": {name: count for name, count in self.departed.items() if count}} if self.departed else {}),
            "remote_only": self.remote_only,
            "requests": dict(sorted(self.requests.items())),
            "retries": self.retries,
            "seconds": round(self.seconds, 3),
            "reports": list(self.reports),
            **({"verified": asdict(self.verified)} if self.verified else {}),
        }

    def with_status(self, status: Status) -> "Summary":
        """The same summary with another status."""
        return replace(self, status=status)

    @property
    def troubled(self) -> int:
        """How many rows are not in the book as the sheet says, a row stored otherwise than meant included.

        So are contacts whose rows have left the sheet, and of which a person has to decide.
        """
        return sum(self.outcomes.get(outcome, 0) + self.departed.get(outcome, 0) for outcome in TROUBLED) + self.altered

    @property
    def exit_code(self) -> int:
        """0 or 3 for a run that came to its end, 6 for one that can be resumed."""
        if self.status in ("interrupted", "aborted"):
            return 6
        if self.status == "refused":
            return 4
        return 3 if self.troubled else 0
