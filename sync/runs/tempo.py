"""How a run's requests were spread over its time.

What enters: a run file's connection. What leaves: stretches of time of one length, with what was sent in each.
What never happens here: a row read for itself; a night in which nothing happened drawn between two stretches.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from sync.record import Span, Tempo
from sync.runs.versions import ENDS, READ_BACK, SENT_BY_JOURNAL

_REST = 120  # seconds without a request that are left out: a plan waited for a person, a run was interrupted
_DAY = 86_400
_WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, _DAY)
_SECOND = len("2026-11-21T12:00:00")
_NEVER = 1 << 62


def tempo(connection: sqlite3.Connection, *, most: int) -> Tempo | None:
    """The requests over time, in at most so many stretches; None where nothing was sent.

    A change is counted when its end is known, not when it was announced: announcements come together, ahead of their
    turns. What a later read-back found is no end.
    """
    found: dict[int, list[int]] = {}  # second → requests, of them sent again, changes done, answers lost
    for second, requests, again in connection.execute(_sent(connection)):
        found[second] = [requests, again, 0, 0]
    for second, done, unsure in _ended(connection):
        found.setdefault(second, [0, 0, 0, 0])[2:] = done, unsure
    if not found:
        return None
    stretches = list(_stretches(sorted(found)))
    width = next(each for each in _widths() if _number(stretches, each) <= most)
    counts: dict[int, list[int]] = {place: [0, 0, 0, 0] for place in _places(stretches, width)}
    for second, each in found.items():
        of_all = counts[second // width]
        of_all[:] = [total + count for total, count in zip(of_all, each, strict=True)]
    spans = [Span(_moment(place * width), *each) for place, each in counts.items()]
    return Tempo(width, tuple(spans))


def _sent(connection: sqlite3.Connection) -> str:
    """What tells the requests of each second: a file of an earlier version that is only looked at has no such table."""
    exists = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sent'").fetchone()
    return "SELECT second, requests, again FROM sent" if exists else SENT_BY_JOURNAL


def _ended(connection: sqlite3.Connection) -> Iterator[tuple[int, int, int]]:
    """How many changes ended in each second, and of how many the answer was lost."""
    query = f"""
        SELECT substr(at, 1, {_SECOND}), sum(state IN ({ENDS})), sum(state = 'unsure')
        FROM transitions WHERE state IN ({ENDS}, 'unsure')
            AND number < coalesce((SELECT min(number) FROM transitions WHERE {READ_BACK}), {_NEVER})
        GROUP BY 1"""  # noqa: S608 - names
    return ((_second(at), done, unsure) for at, done, unsure in connection.execute(query))


def _moment(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()


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
