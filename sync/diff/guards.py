"""Guards: refuse a plan that changes more than anybody announced.

What enters: a plan's counts and the mapping's limits. What leaves: the limits that are broken.
What never happens here: changing the plan.
"""

from dataclasses import dataclass

from sync.mapping import Guards

# A share means nothing among a handful of rows.
FEWEST_FOR_SHARES = 20


@dataclass(frozen=True, slots=True)
class Breach:
    """One guard that a plan breaks: `count` of `base` is more than `limit` (a count, or a share such as 30%)."""

    guard: str
    count: int
    base: int
    limit: str


def breaches(
    *,
    adds: int,
    edits: int,
    rows: int,
    matched: int,
    guards: Guards,
    deletes: int = 0,
    removals: int = 0,
    known: int = 0,
) -> list[Breach]:
    """The guards that a plan breaks.

    Args:
        adds: how many contacts it adds; a share of them counts against `rows`.
        edits: how many contacts it edits; a share of them counts against `matched`.
        rows: how many rows the sheet has.
        matched: how many rows met a contact.
        guards: the mapping's limits.
        deletes: how many contacts it deletes; a share of them counts against those and `matched` together.
        removals: how many contacts it takes out of groups because the sheet lacks them; a share of them counts against
            `known`.
        known: how many contacts the job remembers.
    """
    counted = (
        ("max_adds", guards.max_adds, adds, rows, False),
        ("max_edits", guards.max_edits, edits, matched, False),
        ("max_deletes", guards.max_deletes, deletes, matched + deletes, True),
        ("max_removals", guards.max_removals, removals, known, True),
    )
    return [
        Breach(guard, count, base, str(limit))
        for guard, limit, count, base, takes_away in counted
        if limit is not None and _is_broken(limit, count, base, takes_away=takes_away)
    ]


def _is_broken(limit: int | str, count: int, base: int, *, takes_away: bool) -> bool:
    """Whether the limit is broken. Among a handful a share lets everything pass but what takes contacts away."""
    if isinstance(limit, int):
        return count > limit
    if base < FEWEST_FOR_SHARES and (not takes_away or count <= 1):
        return False
    return count * 100 > int(limit.removesuffix("%")) * base
