"""Kills this process at what it makes durable: at its n-th step, or at the n-th transition of the run's journal.

What enters: where to die, and whether before or after it is on the disk. What leaves: a process that dies there.
What never happens here: a way back; only a process that was forked to die is armed. Nothing of `sync` is changed: what
is wrapped is the database's commit (the journal and the run file) and the renaming of a draft (everything else).
"""

import os
import signal
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, Literal

Moment = Literal["before", "after"]


@dataclass
class AtStep:
    """Dies at the `number`-th durable step of this process, from 1; at 0 it only counts them."""

    number: int
    moment: Moment
    kinds: str = ""  # of those that it has met: c for a commit, r for a renaming

    def begins(self, connection: sqlite3.Connection) -> None:
        """Steps are counted at their end."""

    def ends(self, connection: sqlite3.Connection | None) -> bool:
        self.kinds += "r" if connection is None else "c"
        return len(self.kinds) == self.number


@dataclass
class AtTransitions:
    """Dies at each transition of the run whose number is `offset` modulo `stride`, at none of them twice.

    With "after", only at transitions to `sending`: what is on the disk after any other one is what is there before the
    next, and no request leaves between them.

    Attributes:
        deaths: the file in which the transitions are noted at which an earlier life has died.
    """

    offset: int
    stride: int
    moment: Moment
    deaths: Path
    seen: int = 0

    def begins(self, connection: sqlite3.Connection) -> None:
        """What is on the disk already is passed over."""
        if _has_journal(connection):
            self.seen = connection.execute("SELECT coalesce(max(number), 0) FROM transitions").fetchone()[0]

    def ends(self, connection: sqlite3.Connection | None) -> bool:
        if connection is None or not _has_journal(connection):
            return False
        noted = self._noted()
        found = connection.execute("SELECT number, state FROM transitions WHERE number > ?", (self.seen,)).fetchall()
        for number, state in found:
            self.seen = number
            due = number % self.stride == self.offset and number not in noted
            if due and (self.moment == "before" or state == "sending"):
                with self.deaths.open("a", encoding="ascii") as file:
                    file.write(f"{number}\n")
                return True
        return False

    def _noted(self) -> set[int]:
        return (
            {int(line) for line in self.deaths.read_text(encoding="ascii").split()} if self.deaths.exists() else set()
        )


def _has_journal(connection: sqlite3.Connection) -> bool:
    query = "SELECT count(*) FROM sqlite_master WHERE name = 'transitions'"
    return bool(connection.execute(query).fetchone()[0])


class _Connection(sqlite3.Connection):
    """A connection whose commits are watched, whichever way they are asked for."""

    around: Callable[[Callable[[], Any], sqlite3.Connection | None], Any]
    begins: Callable[[sqlite3.Connection], None]

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        act = partial(super().execute, sql, *values)
        word = sql.split(maxsplit=1)[0].upper()
        alone = self.isolation_level is None and not self.in_transaction and word in ("UPDATE", "INSERT", "DELETE")
        if word == "BEGIN" or alone:
            type(self).begins(self)
        if word == "COMMIT" or alone:
            found: sqlite3.Cursor = type(self).around(act, self)
            return found
        return act()

    def commit(self) -> None:
        if self.in_transaction:
            type(self).around(super().commit, self)

    def __exit__(self, *error: object) -> Any:
        end = partial(super().__exit__, *error)
        return type(self).around(end, self) if error[0] is None and self.in_transaction else end()


def arm(death: AtStep | AtTransitions) -> None:
    """From now on this process dies where it is told to."""
    lock = Lock()

    def around(make_durable: Callable[[], Any], connection: sqlite3.Connection | None) -> Any:
        with lock:
            ends = death.ends(connection)
        if ends and death.moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = make_durable()
        if ends:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    _Connection.around, _Connection.begins = staticmethod(around), staticmethod(death.begins)
    sqlite3.connect = partial(sqlite3.connect, factory=_Connection)
    replace = Path.replace

    def watched(draft: Path, target: Any) -> Path:
        found: Path = around(partial(replace, draft, target), None)
        return found

    Path.replace = watched  # type: ignore[method-assign]
