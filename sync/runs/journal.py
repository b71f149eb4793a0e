"""The journal: the intent is durable before a request leaves, the outcome before it counts.

What enters: transitions from many workers. What leaves: nothing, once they are on the disk.
What never happens here: a timer; a transition reported as durable that is not.
"""

import asyncio
import json
import queue
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from sync.change import Settled
from sync.clock import Clock
from sync.errors import RunStopped
from sync.pulse import Beats
from sync.runs.opening import fold_log, trouble
from sync.runs.run_file import SENT, RunFile

_Statement = tuple[str, Sequence[Any]]
_FOLDED_AFTER = 100  # commits
_MOST_WAITING = 16  # ends of changes that wait for the next announcement

_STATES = {"added": "done", "edited": "done", "deleted": "done", "unchanged": "done"}


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """One transition on its way to the disk, the requests until then, and who waits for it."""

    statements: Sequence[_Statement]
    usage: tuple[Mapping[str, int], int]
    written: asyncio.Future[None]


class RunJournal:
    """Writes transitions in groups: while one group is being committed, the next one gathers.

    Use as an async context manager. `usage` tells how many requests the client has sent so far, by method, and how many
    were sent again, `beats` in which seconds; each group carries that along, so that a kill does not lose the count.
    """

    def __init__(
        self,
        run_file: RunFile,
        clock: Clock,
        usage: Callable[[], tuple[Mapping[str, int], int]],
        beats: Beats = list,
    ) -> None:
        self._path = run_file.path
        self._clock = clock
        self._usage, self._beats = usage, beats
        self._queue: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._running = False  # whether the log says so (see `sync.runs.opening`)
        self._commits = 0  # since the log was folded into the file
        self._waiting: list[_Entry] = []
        self._hurried = False
        self._under_way: set[int] = set()  # changes that were announced, of which nothing has been heard yet

    async def __aenter__(self) -> "RunJournal":
        self._loop = asyncio.get_running_loop()
        try:
            self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA wal_autocheckpoint = 0")  # it is folded when `log` says `begun`
            self._connection.execute("UPDATE log SET state = 'begun'")
        except sqlite3.Error as error:
            self._connection.close()
            raise trouble(self._path, error) from error
        fold_log(self._connection)
        self._ended: asyncio.Future[None] = self._loop.create_future()
        # A thread of its own costs a tenth of one call of `asyncio.to_thread` for each group.
        threading.Thread(target=self._write, name="journal", daemon=True).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()
        self._queue.put(None)
        await self._ended
        with suppress(sqlite3.Error):  # a full disk: whoever opens the file next finds the log
            self._connection.execute("UPDATE log SET state = 'closed'")
        self._connection.close()

    async def announced(self, changes: Sequence[int]) -> None:
        """See `Journal.announced`. Until it is settled a row counts as unresolved: a kill leaves it so."""
        now = self._now()
        self._under_way.update(changes)
        await self._durable(*(statement for change in changes for statement in _sending(change, now)))

    async def sending(self, change: int) -> None:
        """See `Journal.sending`."""
        await self.announced([change])

    async def unsent(self, change: int) -> None:
        """See `Journal.unsent`."""
        self._under_way.discard(change)
        await self._durable(
            ("UPDATE changes SET state = 'planned', sent_at = NULL WHERE number = ?", (change,)),
            _outcome(change, "pending"),
            _transition(change, "planned", self._now()),
        )

    async def unsure(self, change: int, code: str) -> None:
        """See `Journal.unsure`."""
        self._under_way.discard(change)
        await self._durable(
            ("UPDATE changes SET state = 'unsure' WHERE number = ?", (change,)),
            _transition(change, "unsure", self._now(), code),
        )

    async def settled(self, change: int, result: Settled) -> None:
        """See `Journal.settled`. It is written with the next announcement, or once nothing is under way, or enough."""
        self._under_way.discard(change)
        state = _STATES.get(result.outcome, result.outcome)
        stored = json.dumps(result.stored.to_dict(), ensure_ascii=False) if result.stored else None
        remarks = json.dumps([result.remark.to_dict()] if result.remark else [], ensure_ascii=False)
        altered = json.dumps(dict(result.altered), ensure_ascii=False)
        await self._durable(
            ("UPDATE changes SET state = ?, stored = ? WHERE number = ?", (state, stored, change)),
            (
                """UPDATE rows SET outcome = ?, contact_id = coalesce(?, contact_id), remarks = ?, altered = ?
                WHERE number = ?""",
                (result.outcome, result.contact_id, remarks, altered, change),
            ),
            _transition(change, state, self._now(), result.remark.code if result.remark else ""),
            can_wait=True,
        )

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="milliseconds")

    async def _durable(self, *statements: _Statement, can_wait: bool = False) -> None:
        """Returns when the statements are on the disk.

        What can wait holds nobody up but the row's own end: it goes with what comes next, and spares a commit.
        """
        written = self._loop.create_future()
        self._waiting.append(_Entry(statements, self._usage(), written))
        if not can_wait or self._hurried or not self._under_way or len(self._waiting) >= _MOST_WAITING:
            self._release()
        await written

    def hurry(self) -> None:
        """See `Journal.hurry`."""
        self._hurried = True
        self._release()

    def _release(self) -> None:
        if self._waiting:
            last = self._waiting[-1]
            beats = [(SENT, beat) for beat in self._beats()]
            self._waiting[-1] = replace(last, statements=(*last.statements, *beats))
        for entry in self._waiting:
            self._queue.put(entry)
        self._waiting.clear()

    def _write(self) -> None:
        """Commits whatever is queued, group by group, until told to end; in its own thread."""
        ended = False
        while not ended:
            group = [self._queue.get()]
            while not self._queue.empty():
                group.append(self._queue.get())
            ended = None in group
            entries = [entry for entry in group if entry is not None]
            failure: str | None = None
            try:
                if entries:
                    self._commit(entries)
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait for ever
                failure = str(error)
            self._loop.call_soon_threadsafe(self._tell, entries, failure)
        self._loop.call_soon_threadsafe(self._ended.set_result, None)

    def _tell(self, entries: Sequence["_Entry"], failure: str | None) -> None:
        """Tells those who wait what has become of their transitions; in the loop's thread."""
        for entry in entries:
            if entry.written.done():
                continue  # who waited has given up
            if failure is None:
                entry.written.set_result(None)
            else:
                entry.written.set_exception(RunStopped("journal_failed", file=str(self._path), reason=failure))

    def _commit(self, entries: Sequence["_Entry"]) -> None:
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        try:
            if not self._running:
                execute("UPDATE log SET state = 'running'")
            for entry in entries:
                for sql, values in entry.statements:
                    execute(sql, values)
            requests, retries = entries[-1].usage
            execute("UPDATE meta SET value = ? WHERE name = 'requests'", (json.dumps(dict(requests)),))
            execute("UPDATE meta SET value = ? WHERE name = 'retries'", (json.dumps(retries),))
            execute("COMMIT")
        except Exception:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            raise
        self._running = True
        self._commits += 1
        if self._commits >= _FOLDED_AFTER:
            self._fold()

    def _fold(self) -> None:
        """Folds the log into the file. A disk too full for that has room for no further transition either."""
        self._commits = 0
        with suppress(sqlite3.Error):
            self._connection.execute("UPDATE log SET state = 'begun'")
            self._running = False
            fold_log(self._connection)


def _sending(change: int, now: str) -> tuple[_Statement, ...]:
    return (
        (
            "UPDATE changes SET state = 'sending', attempts = attempts + 1, sent_at = ? WHERE number = ?",
            (now, change),
        ),
        _outcome(change, "unresolved"),
        _transition(change, "sending", now),
    )


def _outcome(change: int, outcome: str) -> _Statement:
    return "UPDATE rows SET outcome = ? WHERE number = ?", (outcome, change)


def _transition(change: int, state: str, at: str, detail: str = "") -> _Statement:
    return "INSERT INTO transitions (change, state, at, detail) VALUES (?, ?, ?, ?)", (change, state, at, detail)
