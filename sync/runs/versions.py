"""The versions of the run file's tables, and how a file of an earlier one becomes one of the present.

What enters: a connection to a run file. What leaves: nothing.
What never happens here: a connection opened or closed.
"""

import sqlite3

from sync import migration

VERSION = 5

# Whether anything stands in SQLite's log that the file itself lacks (see `sync.runs.opening`).
LOG_TABLE = """
CREATE TABLE log (state TEXT NOT NULL) STRICT;
INSERT INTO log VALUES ('closed');
"""

# What the plan has learned of rows, to be remembered (see `sync.remembered.Learnt`).
LEARNT_TABLE = """
CREATE TABLE IF NOT EXISTS learnt (
    number INTEGER PRIMARY KEY, who INTEGER NOT NULL, content INTEGER NOT NULL, mark INTEGER NOT NULL,
    bases BLOB NOT NULL, kept TEXT NOT NULL, erased TEXT NOT NULL
) STRICT;
"""

# How many requests were sent in which second (of POSIX time), and how many of them had been sent before.
SENT_TABLE = """
CREATE TABLE IF NOT EXISTS sent (second INTEGER PRIMARY KEY, requests INTEGER NOT NULL, again INTEGER NOT NULL) STRICT;
"""

ENDS = "'done', 'failed', 'conflict', 'unresolved'"
READ_BACK = "detail LIKE 'verified!_%' ESCAPE '!'"
# What a file that did not count its requests tells of them: each change that ended took one, and an entry about no
# change says how many were sent again.
SENT_BY_JOURNAL = f"""
SELECT CAST(strftime('%s', substr(at, 1, 19)) AS INTEGER) AS second,
    sum(state IN ({ENDS})) + sum(CASE state WHEN 'again' THEN CAST(detail AS INTEGER) ELSE 0 END) AS requests,
    sum(CASE state WHEN 'again' THEN CAST(detail AS INTEGER) ELSE 0 END) AS again
FROM transitions WHERE state IN ({ENDS}, 'again')
    AND number < coalesce((SELECT min(number) FROM transitions WHERE {READ_BACK}), 1 << 62)
GROUP BY second HAVING second IS NOT NULL AND requests > 0
"""  # noqa: S608 - names


def _two_to_three(connection: sqlite3.Connection) -> None:
    for statement in LOG_TABLE.strip().splitlines():
        connection.execute(statement)


def _three_to_four(connection: sqlite3.Connection) -> None:
    connection.execute(LEARNT_TABLE)


def _four_to_five(connection: sqlite3.Connection) -> None:
    connection.execute(SENT_TABLE)
    connection.execute(f"INSERT OR IGNORE INTO sent {SENT_BY_JOURNAL}")


MIGRATIONS: migration.Steps = {2: _two_to_three, 3: _three_to_four, 4: _four_to_five}
"""From each version that can still be read to the one after it."""


def can_be_read(version: int) -> bool:
    """Whether a file of this version can be read as it is, and be made one of the present version."""
    return version == VERSION or version in MIGRATIONS


def upgrade(connection: sqlite3.Connection) -> None:
    """Makes the file one of the present version, whole or not at all; the connection is in autocommit mode."""
    migration.upgrade(connection, VERSION, MIGRATIONS)
