"""A sample of the contacts that a run has found or written.

What enters: a run file. What leaves: ids with the keys by which they were matched. What never happens here: a change.
"""

from collections.abc import Iterator

from sync.runs.damage import unless_damaged
from sync.runs.run_file import RunFile

_KNOWN = "contact_id IS NOT NULL AND key <> '' AND outcome IN ('added', 'edited', 'unchanged')"


@unless_damaged
def sample(run_file: RunFile, most: int) -> Iterator[tuple[int, str]]:
    """So many contacts at most, spread over the run's rows, each with its row's key."""
    (count,) = run_file.connection.execute(f"SELECT count(*) FROM rows WHERE {_KNOWN}").fetchone()  # noqa: S608
    step = max(1, count // most)
    query = f"""
        SELECT contact_id, key FROM (
            SELECT contact_id, key, row_number() OVER (ORDER BY number) AS place FROM rows WHERE {_KNOWN}
        ) WHERE place % ? = 0 LIMIT ?"""  # noqa: S608 - words of our own
    yield from run_file.connection.execute(query, (step, most))
