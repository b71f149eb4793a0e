"""Why rows ended as they did, told together: for each kind of reason how many rows have it, and which come first.

What enters: what is said of rows, row by row. What leaves: kinds of reasons, the commonest first.
What never happens here: one row's text told as if it were true of all the others; a row counted twice for one reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.change import Remark
from sync.report.general import Common

PLACES = 5
Place = tuple[int, int]


@dataclass(slots=True)
class Kind:
    """Everything of one kind that is said about one column of rows that ended in one way.

    Attributes:
        outcome: how its rows ended.
        column: the header of the cells meant, empty where rows as a whole are.
        said: what is said of the first row.
        common: what is said of all of them.
        rows: how many rows it is said of.
        alike: whether the same words are said of each of them.
        places: the first rows: which input, and the number there.
        values: what was to be said of these.
    """

    outcome: str
    column: str
    said: str
    common: Common
    rows: int = 0
    alike: bool = True
    places: list[Place] = field(default_factory=list)
    values: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that is said of a row: its kind (a code), the header of the cell meant, the words, what they are of."""

    kind: str
    column: str
    words: str
    remark: Remark


class Reasons:
    """Gathers what is said of rows."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str, str], Kind] = {}
        self._rows: dict[str, int] = {}

    def add(self, outcome: str, place: Place, said: Iterable[Said]) -> None:
        """Takes what is said of one row, which nobody has told of before."""
        counted = set()
        for each in said:
            key = outcome, each.column, each.kind
            found = self._kinds.setdefault(
                key, Kind(outcome, each.column, each.words, Common(each.remark.code, each.remark.values))
            )
            found.alike = found.alike and found.said == each.words
            found.common.add(each.remark.values)
            if key in counted:
                continue
            counted.add(key)
            found.rows += 1
            if len(found.places) < PLACES:
                found.places.append(place)
                found.values.append(each.remark.values)
        if counted:
            self._rows[outcome] = self._rows.get(outcome, 0) + 1

    def kinds(self, *outcomes: str) -> list[Kind]:
        """The kinds of rows that ended so (of all, when none is named), the commonest first."""
        found = (each for each in self._kinds.values() if not outcomes or each.outcome in outcomes)
        return sorted(found, key=lambda each: -each.rows)

    def rows(self, outcome: str) -> int:
        """How many rows that ended so have any reason."""
        return self._rows.get(outcome, 0)
