"""Guards: refuse a plan that changes more than anybody announced.

What enters: a plan's counts and the mapping's limits. What leaves: the limits that are broken.
What never happens here: changing the plan.
"""

from dataclasses import dataclass

from sync.mapping import Guards

# A share means nothing among a handful of rows.
_FEWEST_FOR_SHARES = 20


@dataclass(frozen=True, slots=True)
class Breach:
    """One guard that a plan breaks: `count` of `base` is more than `limit` (a count, or a share such as 30%)."""

    guard: str
    count: int
    base: int
    limit: str


def breaches(*, adds: int, edits: int, rows: int, matched: int, guards: Guards) -> list[Breach]:
    """The guards that a plan breaks.

    Args:
        adds: how many contacts it adds; a share of them counts against `rows`.
        edits: how many contacts it edits; a share of them counts against `matched`.
        rows: how many rows the sheet has.
        matched: how many rows met a contact.
        guards: the mapping's limits.
    """
    found = []
    for guard, count, base in (("max_adds", adds, rows), ("max_edits", edits, matched)):
        limit = getattr(guards, guard)
        if limit is None:
            continue
        if isinstance(limit, str):
            broken = base >= _FEWEST_FOR_SHARES and count * 100 > int(limit.removesuffix("%")) * base
        else:
            broken = count > limit
        if broken:
            found.append(Breach(guard, count, base, str(limit)))
    return found
