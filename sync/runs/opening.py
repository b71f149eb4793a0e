"""Opens run files: tells what is none, what is damaged, what cannot be used, and what was written by another version.

What enters: a path. What leaves: a connection, or an error that says what to do.
What never happens here: work on a file of which a part is lost; a file of another program touched.

SQLite takes a log beside the file (`-wal`) that is gone for one that was never there: the latest transitions would be
lost in silence, and what was sent be sent again. So the file itself keeps in the table `log` whether there is one:
`begun` is written into the file before anything goes to the log alone, and what goes there first is `running`. Whoever
folds the log back into the file, another program too, takes that along; `begun` without a log is a log lost.
"""

import errno
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sync.errors import ImsyncError, RunStopped, UsageError
from sync.runs.versions import VERSION, can_be_read, upgrade

APPLICATION = 0x494D5359  # "IMSY", so that `file` and we know our own
MAGIC = b"SQLite format 3\0"
_LOG_HEADER = 32  # bytes
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DISK = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_DENIED = (
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_BUSY,
)


def connected(path: Path, *, look: bool = False) -> sqlite3.Connection:
    """A connection to an existing run file, in autocommit mode; with `look`, one that cannot write.

    What is only looked at is not searched for damage, which takes seconds where there are a million rows, and is left
    in the version that it has.

    Raises:
        UsageError: there is none, it is not a run file, is damaged, not accessible, or was made by a later version.
        RunStopped: the disk is full.
    """
    try:
        with path.open("rb") as file:
            foreign = file.read(len(MAGIC)) != MAGIC
    except OSError as error:
        if isinstance(error, PermissionError):
            raise UsageError("run_file_denied", file=str(path), reason=error.strerror) from error
        raise UsageError("run_file_missing", file=str(path)) from error
    if foreign:  # before SQLite makes a log beside it
        raise UsageError("run_file_foreign", file=str(path))
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(path, isolation_level=None)
        _check(path, connection, look=look)
    except (sqlite3.Error, ImsyncError, UnicodeDecodeError) as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise trouble(path, error) from error
        if isinstance(error, UnicodeDecodeError):  # what SQLite says of the damage quotes it
            raise UsageError("run_file_damaged", file=str(path), reason="…") from error
        raise
    return connection


def trouble(path: Path, error: sqlite3.Error | OSError) -> ImsyncError:
    """What is wrong with a run file that cannot be read or written."""
    if isinstance(error, OSError):
        kind: type[ImsyncError] = RunStopped if error.errno in NO_SPACE else UsageError
        code = "journal_failed" if kind is RunStopped else "run_file_denied"
        return kind(code, file=str(path), reason=error.strerror or str(error))
    number = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF  # the lowest byte is the kind
    if number in _DISK and getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_IOERR_SHORT_READ:
        return RunStopped("journal_failed", file=str(path), reason=str(error))
    if number in _DENIED:
        return UsageError("run_file_denied", file=str(path), reason=str(error))
    return UsageError("run_file_damaged", file=str(path), reason=str(error))


def _check(path: Path, connection: sqlite3.Connection, *, look: bool) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION:
        raise UsageError("run_file_foreign", file=str(path))
    if not can_be_read(version):
        code = "run_file_later" if version > VERSION else "run_file_version"
        raise UsageError(code, file=str(path), version=version)
    has_log = _has_log(path)
    if not look:
        (check,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if check != "ok":
            raise UsageError("run_file_damaged", file=str(path), reason=check)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if version != VERSION:
            upgrade(connection)
    if not look or version == VERSION:
        _check_log(path, connection, has_log=has_log)
    if look:
        connection.execute("PRAGMA query_only = ON")


def _check_log(path: Path, connection: sqlite3.Connection, *, has_log: bool) -> None:
    (state,) = connection.execute("SELECT state FROM log").fetchone() or ("",)
    if state == "begun":
        if not has_log:
            raise UsageError("run_file_log_lost", file=str(path), log=f"{path.name}-wal")
        # The process was killed at that very moment; nothing is lost, and closing folds the log back.
        connection.execute("UPDATE log SET state = 'running'")


def _has_log(path: Path) -> bool:
    with suppress(OSError):
        return path.with_name(path.name + "-wal").stat().st_size > _LOG_HEADER
    return False


def fold_log(connection: sqlite3.Connection) -> None:
    """Copies what stands in the log into the file, as far as that is possible now: it is durable already."""
    with suppress(sqlite3.Error), closing(connection.execute("PRAGMA wal_checkpoint(PASSIVE)")) as done:
        done.fetchall()
