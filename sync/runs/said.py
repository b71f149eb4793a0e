"""What is said of a run's rows, and of how many.

What enters: an open run file's tables. What leaves: each reason with its count and the first of its places.
What never happens here: rows loaded to be counted.
"""

import json
import sqlite3
from collections.abc import Mapping

from sync.change import Remark
from sync.record import NO_INPUT, Reason

_PLACES = 5  # rows that are named for one reason


def said(connection: sqlite3.Connection, column: str, where: str, values: tuple[str, ...]) -> list[Reason]:
    """What is said of rows in a column of remarks, where a condition holds; the commonest first."""
    all_said = f"""
        SELECT number, input, row, value, json_extract(value, '$.column') AS header,
            coalesce(json_extract(value, '$.values.because'), json_extract(value, '$.code')) AS kind
        FROM rows, json_each(rows.{column}) WHERE input <> {NO_INPUT} AND {where}"""  # noqa: S608 - two names and marks
    # SQLite gives the other columns of the row that has the minimum.
    kinds = f"""
        SELECT header, kind, count(*) AS said, min(number) AS first, value FROM ({all_said})
        GROUP BY header, kind ORDER BY said DESC, first"""  # noqa: S608 - as above
    places = f"""
        SELECT input, row, json_extract(value, '$.values') FROM ({all_said})
        WHERE header = ? AND kind = ? ORDER BY number LIMIT ?"""  # noqa: S608 - as above
    grouped = connection.execute(kinds, values).fetchall()
    counts = {(header, kind): count for header, kind, count, *_ in grouped}
    differing = _differing(connection, all_said, values, counts)
    found = []
    for header, kind, count, _, first in grouped:
        rows = connection.execute(places, (*values, header, kind, min(count, _PLACES))).fetchall()
        found.append(
            Reason(
                first=Remark.from_dict(json.loads(first)),
                count=count,
                places=[(number, row) for number, row, _ in rows],
                differing=frozenset(differing.get((header, kind), ())),
                values=[json.loads(given) for _, _, given in rows],
            )
        )
    return found


def _differing(
    connection: sqlite3.Connection, all_said: str, values: tuple[str, ...], counts: Mapping[tuple[str, str], int]
) -> dict[tuple[str, str], list[str]]:
    """For each kind of reason the values that are not the same, or not there, in all that is said."""
    query = f"""
        SELECT header, kind, inside.key, count(*), min(inside.value) IS NOT max(inside.value)
        FROM ({all_said}) AS found, json_each(found.value, '$.values') AS inside GROUP BY 1, 2, 3"""  # noqa: S608 - as above
    differing: dict[tuple[str, str], list[str]] = {}
    for header, kind, name, count, several in connection.execute(query, values):
        if several or count < counts[header, kind]:
            differing.setdefault((header, kind), []).append(name)
    return differing
