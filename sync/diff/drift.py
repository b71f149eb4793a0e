"""Guards against an input that is not what it used to be.

What enters: the figures of this input and of the last full runs. What leaves: the guards that are broken.
What never happens here: measuring a part of the whole.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sync.diff.guards import FEWEST_FOR_SHARES, Breach
from sync.mapping import Guards
from sync.remembered import Figures


def drift_breaches(figures: Mapping[str, Any], accepted: Sequence[Figures], guards: Guards) -> list[Breach]:
    """The guards that the input breaks; without an earlier full run only a count of rows can be.

    Args:
        figures: of this input, as `sync.diff.figures` makes them.
        accepted: of the last full runs, the latest first.
        guards: the mapping's limits.
    """
    found = [*_too_few_rows(figures["rows"], accepted, guards.min_rows)]
    if accepted and accepted[0].rows >= FEWEST_FOR_SHARES:
        found += _emptied_columns(figures["filled"], accepted[0])
        found += _too_many_bad(figures, accepted, guards.max_bad)
    return found


def _too_few_rows(rows: int, accepted: Sequence[Figures], limit: int | str | None) -> list[Breach]:
    if isinstance(limit, int):
        return [Breach("min_rows", rows, rows, str(limit))] if rows < limit else []
    if limit is None or not accepted or accepted[0].rows < FEWEST_FOR_SHARES:
        return []
    before = accepted[0].rows
    return [Breach("min_rows", rows, before, limit)] if rows * 100 < _percent(limit) * before else []


def _emptied_columns(filled: Mapping[str, int], before: Figures) -> list[Breach]:
    """A column that the mapping still names, and that held something in most rows, holds nothing any more."""
    emptied = [name for name, count in filled.items() if not count and before.filled.get(name, 0) * 2 > before.rows]
    return [Breach("same_columns", len(emptied), len(filled), ", ".join(emptied))] if emptied else []


def _too_many_bad(figures: Mapping[str, Any], accepted: Sequence[Figures], limit: int | str | None) -> list[Breach]:
    if limit is None:
        return []
    bad, filled = sum(figures["bad"].values()), sum(figures["filled"].values())
    worst = max(_share(sum(each.bad.values()), sum(each.filled.values())) for each in accepted)
    beyond = bad - worst * filled
    allowed = limit if isinstance(limit, int) else _percent(limit) * filled / 100
    return [Breach("max_bad", bad, filled, str(limit))] if beyond > allowed else []


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _percent(limit: str) -> int:
    return int(limit.removesuffix("%"))
