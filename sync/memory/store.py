"""What a job's runs leave for its later runs: one SQLite file for each account and job.

What enters: what a run has learned, when its outcomes are durable. What leaves: what earlier runs have learned.
What never happens here: a value of a contact on the disk, only keyed hashes; half of what a run has learned.
"""

import hashlib
import json
import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import numpy as np

from sync.errors import ImsyncError, RunStopped, UsageError
from sync.hashes import NORMALISER, UNKNOWN, Hashes, Marks
from sync.migration import Steps, upgrade
from sync.remembered import Figures, Lesson, Quarantined, Remembered

VERSION = 2
_APPLICATION = 0x494D4D45
_KEY_LENGTH = 32
_KEPT_FIGURES = 5
_ADDED = 2  # in the column `written`: 0 for not, 1 for edited
_AT_ONCE = 10_000  # contacts that are looked for
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_GROUP_TABLES = """
-- The ids of the groups that a hash of `groups` stands for: they say nothing of a person.
CREATE TABLE group_sets (hash INTEGER PRIMARY KEY, ids TEXT NOT NULL) STRICT;
-- The groups that the mapping or a sheet of the job has ever named.
CREATE TABLE own_groups (id INTEGER PRIMARY KEY) STRICT;
"""
_SCHEMA = f"""
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {VERSION};
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- The fields in whose order the hashes of a row stand.
CREATE TABLE fields (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE rows (
    contact_id INTEGER PRIMARY KEY, who INTEGER NOT NULL, mark INTEGER NOT NULL, written INTEGER NOT NULL,
    normaliser INTEGER NOT NULL, bases BLOB NOT NULL
) STRICT;
CREATE TABLE erased (who INTEGER PRIMARY KEY, since TEXT NOT NULL) STRICT;
CREATE TABLE quarantined (
    who INTEGER PRIMARY KEY, content INTEGER NOT NULL, reason TEXT NOT NULL, since TEXT NOT NULL
) STRICT;
-- Of full runs that came to their end; the highest number is the latest.
CREATE TABLE accepted (number INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE, data TEXT NOT NULL) STRICT;
{_GROUP_TABLES}"""


def _one_to_two(connection: sqlite3.Connection) -> None:
    for statement in filter(str.strip, _GROUP_TABLES.split(";")):
        connection.execute(statement)


MIGRATIONS: Steps = {1: _one_to_two}
"""From each version that can still be read to the one after it; version 1 is the first."""


class JobMemory:
    """The memory of one job of an account, whose folder is given."""

    def __init__(self, folder: Path, job: str) -> None:
        name = hashlib.blake2b(job.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        self.path = folder / "memory" / f"{name}.memory"
        self._job = job
        self._key_path = folder / "memory" / "key"

    def recall(self) -> Remembered:
        """What is remembered; nothing before the first run.

        Raises:
            UsageError: the file is damaged, of another program or version, or cannot be read.
        """
        if not self.path.exists():
            return Remembered(self.hashes())
        with self._opened(self.path) as connection:
            try:
                return _recalled(connection, self.hashes())
            except _UNREADABLE as error:  # SQLite checks how its pages hang together, not what we keep in them
                raise UsageError("memory_damaged", file=str(self.path), reason=str(error)) from error

    def contacts_of_others(self, contact_ids: Sequence[int]) -> set[int]:
        """Those of the contacts that other jobs of the account remember.

        Raises:
            UsageError: a memory is damaged, of another program or version, or cannot be read.
        """
        found: set[int] = set()
        for path in sorted(self.path.parent.glob("*.memory")):
            if path != self.path:
                with self._opened(path) as connection:
                    found |= _having(connection, contact_ids)
        return found

    def record(self, lesson: Lesson) -> None:
        """Adds what a run has learned, all or nothing; doing so again changes nothing.

        Raises:
            UsageError: as for `recall`.
            RunStopped: the disk is full.
        """
        with self._opened(self.path) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                _write(connection, lesson)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def hashes(self) -> Hashes:
        """Hashes with the account's key, which is made when it is first needed.

        Raises:
            UsageError: the key is damaged, or cannot be read.
        """
        try:
            self._make_folder()
            if not self._key_path.exists():
                _create_private(self._key_path, secrets.token_bytes(_KEY_LENGTH))
            key = self._key_path.read_bytes()
        except OSError as error:
            raise self._unreadable(error) from error
        if len(key) != _KEY_LENGTH:
            raise UsageError("state_damaged", file=self._key_path)
        return Hashes(key)

    def _make_folder(self) -> None:
        self.path.parent.mkdir(mode=0o700, exist_ok=True)

    def _unreadable(self, error: OSError) -> ImsyncError:
        return UsageError("memory_unreadable", file=str(self.path), reason=error.strerror or str(error))

    @contextmanager
    def _opened(self, path: Path) -> Iterator[sqlite3.Connection]:
        hashes = self.hashes()
        check = hashes.check
        try:
            if not path.exists():
                self._create(check)
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                _check(path, connection)
                # Of another key every hash is noise, and a row would look as if somebody had changed it.
                if connection.execute("SELECT value FROM meta WHERE name = 'check'").fetchone() != (check,):
                    raise UsageError("memory_of_other_key", file=str(path), key=str(self._key_path))
                yield connection
        except sqlite3.Error as error:
            number = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
            kind, code = (RunStopped, "memory_no_room") if number in _NO_ROOM else (UsageError, "memory_damaged")
            raise kind(code, file=str(path), reason=str(error)) from error
        except OSError as error:
            raise self._unreadable(error) from error

    def _create(self, check: str) -> None:
        """Makes an empty file, whole or not at all."""
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            os.close(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
            with closing(sqlite3.connect(draft)) as connection:
                connection.executescript(_SCHEMA)
                with connection:
                    facts = [("job", self._job), ("check", check)]
                    connection.executemany("INSERT INTO meta VALUES (?, ?)", facts)
            for log in ("-wal", "-shm"):  # of a file that stood here and was removed
                self.path.with_name(self.path.name + log).unlink(missing_ok=True)
            draft.replace(self.path)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def _create_private(path: Path, content: bytes) -> None:
    """A small file, whole or not at all, durable on return."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _check(path: Path, connection: sqlite3.Connection) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != _APPLICATION:
        raise UsageError("memory_damaged", file=str(path), reason="no_memory")
    if version > VERSION or (version != VERSION and version not in MIGRATIONS):
        raise UsageError("memory_later", file=str(path), version=version)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if version != VERSION:
        upgrade(connection, VERSION, MIGRATIONS)


def _having(connection: sqlite3.Connection, contact_ids: Sequence[int]) -> set[int]:
    """Those of the contacts that are remembered."""
    query = "SELECT contact_id FROM rows JOIN json_each(?) ON contact_id = value"
    return {
        contact_id
        for start in range(0, len(contact_ids), _AT_ONCE)
        for (contact_id,) in connection.execute(query, (json.dumps(contact_ids[start : start + _AT_ONCE]),))
    }


def _recalled(connection: sqlite3.Connection, hashes: Hashes) -> Remembered:
    fields = tuple(name for (name,) in connection.execute("SELECT name FROM fields ORDER BY number"))
    query = "SELECT contact_id, who, mark, written, normaliser, bases FROM rows ORDER BY contact_id"
    found = connection.execute(query).fetchall()
    ids, who, marks, written, normalisers, blobs = zip(*found, strict=True) if found else ((),) * 6
    width = 8 * len(fields)
    if any(len(blob) > width or len(blob) % 8 for blob in blobs):
        raise sqlite3.DatabaseError("too_many_hashes")  # a code of our catalogue
    bases = np.frombuffer(b"".join(blob.ljust(width, b"\0") for blob in blobs), dtype="<i8")
    bases = bases.reshape(len(found), len(fields)).astype(np.int64)
    outdated = np.array(normalisers, dtype=np.int64) != NORMALISER
    bases[outdated] = UNKNOWN
    quarantined = connection.execute("SELECT who, content, reason, since FROM quarantined")
    accepted = connection.execute("SELECT data FROM accepted ORDER BY number DESC")
    return Remembered(
        hashes=hashes,
        fields=fields,
        contact_ids=np.array(ids, dtype=np.int64),
        who=np.array(who, dtype=np.int64),
        marks=np.where(outdated, UNKNOWN, np.array(marks, dtype=np.int64)),
        written=np.array(written, dtype=bool),
        added=np.array(written, dtype=np.int64) == _ADDED,
        bases=bases,
        erased=dict(connection.execute("SELECT who, since FROM erased")),
        quarantined={each: Quarantined(*others) for each, *others in quarantined},
        accepted=tuple(Figures(**json.loads(data)) for (data,) in accepted),
        outdated=int(outdated.sum()),
        group_sets={
            hashed: frozenset(map(int, ids.split()))
            for hashed, ids in connection.execute("SELECT hash, ids FROM group_sets")
        },
        own_groups=frozenset(group for (group,) in connection.execute("SELECT id FROM own_groups")),
    )


def _write(connection: sqlite3.Connection, lesson: Lesson) -> None:
    for each in lesson.gone:
        erased = "INSERT OR IGNORE INTO erased SELECT who, ? FROM rows WHERE contact_id = ?"
        connection.execute(erased, (lesson.seen, each))
    for each in (*lesson.gone, *lesson.forgotten):
        connection.execute("DELETE FROM quarantined WHERE who = (SELECT who FROM rows WHERE contact_id = ?)", (each,))
        connection.execute("DELETE FROM rows WHERE contact_id = ?", (each,))
    if len(lesson.contact_ids):
        _write_rows(connection, lesson)
    connection.executemany("INSERT OR IGNORE INTO group_sets VALUES (?, ?)", lesson.group_sets.items())
    connection.executemany("INSERT OR IGNORE INTO own_groups VALUES (?)", ((each,) for each in lesson.own_groups))
    released = [(each,) for each in lesson.released]
    connection.executemany("DELETE FROM erased WHERE who = ?", released)
    connection.executemany("DELETE FROM quarantined WHERE who = ?", released)
    connection.executemany("INSERT OR IGNORE INTO erased VALUES (?, ?)", lesson.erased.items())
    connection.executemany(
        # Since when is told from the first time on, as long as the row says the same.
        "INSERT INTO quarantined VALUES (?, ?, ?, ?) ON CONFLICT (who) DO UPDATE SET reason = excluded.reason,"
        " since = iif(content = excluded.content, since, excluded.since), content = excluded.content",
        ((who, each.content, each.reason, each.since) for who, each in lesson.quarantined.items()),
    )
    if lesson.accepted is not None:
        given = lesson.accepted
        data = {name: getattr(given, name) for name in given.__slots__}
        data = {name: dict(value) if isinstance(value, Mapping) else value for name, value in data.items()}
        connection.execute("INSERT OR IGNORE INTO accepted (run, data) VALUES (?, ?)", (given.run, json.dumps(data)))
        connection.execute(
            "DELETE FROM accepted WHERE number <= (SELECT max(number) FROM accepted) - ?", (_KEPT_FIGURES,)
        )


def _write_rows(connection: sqlite3.Connection, lesson: Lesson) -> None:
    connection.executemany("INSERT OR IGNORE INTO fields (name) VALUES (?)", ((name,) for name in lesson.fields))
    fields = [name for (name,) in connection.execute("SELECT name FROM fields ORDER BY number")]
    bases = np.full((len(lesson.contact_ids), len(fields)), UNKNOWN, dtype="<i8")
    bases[:, [fields.index(name) for name in lesson.fields]] = lesson.bases
    others = len(fields) > len(lesson.fields)  # which this run's mapping does not name: they stay as they are known
    for place in range(len(bases)) if others else np.flatnonzero(lesson.keeps):
        _keep(connection, int(lesson.contact_ids[place]), bases[place])
    connection.execute("CREATE TEMP TABLE now (who INTEGER NOT NULL, contact_id INTEGER NOT NULL)")
    pairs = list(zip(lesson.who.tolist(), lesson.contact_ids.tolist(), strict=True))
    connection.executemany("INSERT INTO now VALUES (?, ?)", pairs)
    # A row that is another contact now, such as one that was added again.
    connection.execute(
        "DELETE FROM rows WHERE who IN (SELECT who FROM now) AND contact_id NOT IN (SELECT contact_id FROM now)"
    )
    connection.execute("DROP TABLE now")
    width = 8 * len(fields)
    added = lesson.added if len(lesson.added) else np.zeros(len(bases), dtype=bool)
    content = bases.tobytes()
    connection.executemany(
        "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (contact_id) DO UPDATE SET who = excluded.who,"
        " mark = excluded.mark, written = max(written, excluded.written), normaliser = excluded.normaliser,"
        " bases = excluded.bases",
        (
            (contact_id, who, mark, written, NORMALISER, content[start : start + width])
            for contact_id, who, mark, written, start in zip(
                lesson.contact_ids.tolist(),
                lesson.who.tolist(),
                lesson.marks.tolist(),
                np.where(added, _ADDED, lesson.written.astype(int)).tolist(),
                range(0, len(content), width),
                strict=True,
            )
        ),
    )


def _keep(connection: sqlite3.Connection, contact_id: int, bases: Marks) -> None:
    """Puts what was remembered in the places of what is unknown."""
    query = "SELECT bases FROM rows WHERE contact_id = ? AND normaliser = ?"
    for (blob,) in connection.execute(query, (contact_id, NORMALISER)):
        before = np.zeros_like(bases)
        known = np.frombuffer(blob, dtype="<i8")
        before[: len(known)] = known
        bases[:] = np.where(bases == UNKNOWN, before, bases)
