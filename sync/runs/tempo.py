"""How a run's requests were spread over its time, counted from the journal.

What enters: a run file's connection. What leaves: stretches of time of one length, with what was done in each.
What never happens here: a row read for itself; a night in which nothing happened drawn between two stretches.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from sync.record import Span, Tempo

AGAIN = "again"
"""The state of an entry that is about no change: so many requests were sent again since the one before it."""
NO_CHANGE = -1

_REST = 900  # seconds without an entry that are left out: a run that was interrupted, and resumed later
_DAY = 86_400
_WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, _DAY)
_SECOND = len("2026-11-21T12:00:00")
_Counts = tuple[int, int, int]  # done, sent again, answers lost
_ENDS = "'done', 'failed', 'conflict', 'unresolved'"
_NEVER = 1 << 62


def tempo(connection: sqlite3.Connection, *, most: int) -> Tempo | None:
    """How the changes ended over time, in at most so many stretches; None where nothing was sent.

    A change is counted when its end is known, not when it was announced: announcements come together, ahead of their
    turns. What a later read-back found is no end.
    """
    query = f"""
        SELECT substr(at, 1, {_SECOND}), sum(state IN ({_ENDS})),
            sum(CASE state WHEN '{AGAIN}' THEN CAST(detail AS INTEGER) ELSE 0 END), sum(state = 'unsure')
        FROM transitions WHERE state IN ({_ENDS}, 'unsure', '{AGAIN}') AND number < coalesce(
            (SELECT min(number) FROM transitions WHERE detail LIKE 'verified!_%' ESCAPE '!'), {_NEVER})
        GROUP BY 1 ORDER BY 1"""  # noqa: S608 - names
    seconds = {_second(at): (done, again, unsure) for at, done, again, unsure in connection.execute(query)}
    if not any(done for done, _, _ in seconds.values()):
        return None
    stretches = list(_stretches(sorted(seconds)))
    width = next(each for each in _widths() if _number(stretches, each) <= most)
    counts: dict[int, _Counts] = dict.fromkeys(_places(stretches, width), (0, 0, 0))
    for second, found in seconds.items():
        done, again, unsure = counts[second // width]
        counts[second // width] = done + found[0], again + found[1], unsure + found[2]
    spans = [
        Span(datetime.fromtimestamp(place * width, UTC).isoformat(), done, again, unsure)
        for place, (done, again, unsure) in counts.items()
    ]
    return Tempo(width, tuple(spans))


def _second(at: str) -> int:
    return int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp())


def _stretches(seconds: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last second of each stretch of work."""
    first = last = seconds[0]
    for second in seconds[1:]:
        if second - last > _REST:
            yield first, last
            first = second
        last = second
    yield first, last


def _widths() -> Iterator[int]:
    """Lengths that people think in, in seconds, without end."""
    yield from _WIDTHS
    width = _DAY
    while True:
        width *= 2
        yield width


def _places(stretches: Sequence[tuple[int, int]], width: int) -> list[int]:
    """The numbers of the stretches of this length in which there was work, or that lie between such."""
    found: dict[int, None] = {}
    for first, last in stretches:
        found.update(dict.fromkeys(range(first // width, last // width + 1)))
    return list(found)


def _number(stretches: Sequence[tuple[int, int]], width: int) -> int:
    """How many of these there are, without making them: a run may take days, and its seconds are many."""
    count, end = 0, -1
    for first, last in stretches:
        count += last // width - max(first // width, end + 1) + 1
        end = last // width
    return count
