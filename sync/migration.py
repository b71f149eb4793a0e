"""Brings a SQLite file of ours from an earlier version of its tables to the present one.

What enters: a connection, the steps. What leaves: nothing. What never happens here: a file left between two versions.
"""

import sqlite3
from collections.abc import Callable, Mapping

Steps = Mapping[int, Callable[[sqlite3.Connection], None]]
"""From each version that can still be read to the one after it."""


def upgrade(connection: sqlite3.Connection, version: int, steps: Steps) -> None:
    """Makes the file one of this version, whole or not at all; the connection is in autocommit mode."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Read under the lock: another process may just have done it.
        (before,) = connection.execute("PRAGMA user_version").fetchone()
        for step in range(before, version):
            steps[step](connection)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
