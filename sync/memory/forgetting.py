"""Takes a person out of what an account's jobs remember.

What enters: an account's folder, contact ids, a phone number or an e-mail. What leaves: how many entries there are.
What never happens here: an erasure forgotten, without which the next file would bring the person back.
"""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from sync.errors import UsageError
from sync.memory.store import JobMemory


def remembered_entries(folder: Path, contacts: Iterable[int], key: str, value: str, *, forget: bool = False) -> int:
    """How many entries the account's jobs have of these contacts, and of whoever has this key; with `forget` they go.

    Args:
        folder: the account's.
        contacts: their ids.
        key: gsm or email.
        value: of the key, canonical.
        forget: whether they are deleted.

    Raises:
        UsageError: a file cannot be read or written.
    """
    paths = sorted((folder / "memory").glob("*.memory"))
    if not paths:
        return 0
    hashes = JobMemory(folder, "").hashes()
    hashed, check = hashes.of_value(key, value), hashes.check
    ids, found = json.dumps(sorted(contacts)), 0
    for path in paths:
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                if connection.execute("SELECT value FROM meta WHERE name = 'check'").fetchone() != (check,):
                    raise UsageError("memory_of_other_key", file=str(path), key=str(folder / "memory" / "key"))
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute("BEGIN IMMEDIATE")
                found += _entries(connection, ids, key, hashed)
                connection.execute("COMMIT" if forget else "ROLLBACK")
        except sqlite3.Error as error:
            raise UsageError("purge_failed", file=path, reason=str(error)) from error
    return found


def _entries(connection: sqlite3.Connection, ids: str, key: str, hashed: int) -> int:
    """Deletes the entries, and says how many those were."""
    fields = [name for (name,) in connection.execute("SELECT name FROM fields ORDER BY number")]
    place = 8 * fields.index(key) + 1 if key in fields else 0
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS who (who INTEGER PRIMARY KEY)")
    connection.execute("INSERT OR IGNORE INTO who VALUES (?)", (hashed,))
    found = connection.execute(
        "SELECT contact_id, who FROM rows WHERE contact_id IN (SELECT value FROM json_each(:ids)) OR who = :who"
        " OR (:place > 0 AND substr(bases, max(:place, 1), 8) = :base)",
        {"ids": ids, "who": hashed, "place": place, "base": hashed.to_bytes(8, "little", signed=True)},
    ).fetchall()
    connection.executemany("INSERT OR IGNORE INTO who VALUES (?)", ((who,) for _, who in found))
    connection.executemany("DELETE FROM rows WHERE contact_id = ?", ((contact_id,) for contact_id, _ in found))
    held = connection.execute("DELETE FROM quarantined WHERE who IN (SELECT who FROM temp.who)").rowcount
    return len(found) + held
