"""Takes contacts out of what an account's jobs remember.

What enters: an account's folder, contact ids. What leaves: how many entries there were.
What never happens here: an erasure forgotten, without which the next file would bring the person back.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from sync.errors import UsageError


def forget_contacts(folder: Path, contacts: Iterable[int]) -> int:
    """How many jobs' entries of these contacts are gone.

    Raises:
        UsageError: a file cannot be read or written.
    """
    found, numbers = 0, [(number,) for number in contacts]
    for path in sorted((folder / "memory").glob("*.memory")):
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute("BEGIN IMMEDIATE")
                found += connection.executemany("DELETE FROM rows WHERE contact_id = ?", numbers).rowcount
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise UsageError("purge_failed", file=path, reason=str(error)) from error
    return found
