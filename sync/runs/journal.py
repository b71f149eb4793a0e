"""The journal: the intent is durable before a request leaves, the outcome before it counts.

What enters: transitions from many workers. What leaves: nothing, once they are on the disk.
What never happens here: a timer; a transition reported as durable that is not.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

from sync.change import Settled
from sync.clock import Clock
from sync.errors import RunStopped
from sync.runs.run_file import RunFile

_Statement = tuple[str, Sequence[Any]]

_STATES = {"added": "done", "edited": "done", "unchanged": "done"}


class RunJournal:
    """Writes transitions in groups: while one group is being committed, the next one gathers.

    Use as an async context manager. `usage` tells how many requests the client has sent so far, by method, and how many
    were sent again; each group carries that along, so that a kill does not lose the count.
    """

    def __init__(self, run_file: RunFile, clock: Clock, usage: Callable[[], tuple[Mapping[str, int], int]]) -> None:
        self._path = run_file.path
        self._clock = clock
        self._usage = usage
        self._queue: asyncio.Queue[tuple[list[_Statement], asyncio.Future[None]] | None] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "RunJournal":
        self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA synchronous = FULL")
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._writer is not None, "entered before"
        await self._queue.put(None)
        await self._writer
        self._connection.close()

    async def sending(self, change: int) -> None:
        """See `Journal.sending`. Until it is settled the row counts as unresolved: a kill leaves it so."""
        now = self._now()
        await self._durable(
            (
                "UPDATE changes SET state = 'sending', attempts = attempts + 1, sent_at = ? WHERE number = ?",
                (now, change),
            ),
            _outcome(change, "unresolved"),
            _transition(change, "sending", now),
        )

    async def unsent(self, change: int) -> None:
        """See `Journal.unsent`."""
        await self._durable(
            ("UPDATE changes SET state = 'planned', sent_at = NULL WHERE number = ?", (change,)),
            _outcome(change, "pending"),
            _transition(change, "planned", self._now()),
        )

    async def unsure(self, change: int, code: str) -> None:
        """See `Journal.unsure`."""
        await self._durable(
            ("UPDATE changes SET state = 'unsure' WHERE number = ?", (change,)),
            _transition(change, "unsure", self._now(), code),
        )

    async def settled(self, change: int, result: Settled) -> None:
        """See `Journal.settled`."""
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
        )

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="milliseconds")

    async def _durable(self, *statements: _Statement) -> None:
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._queue.put((list(statements), written))
        await written

    async def _write(self) -> None:
        """Commits whatever is queued, group by group, in a thread, until told to end."""
        ended = False
        while not ended:
            group = [await self._queue.get()]
            while not self._queue.empty():
                group.append(self._queue.get_nowait())
            ended = None in group
            waiting = [item for item in group if item is not None]
            try:
                await asyncio.to_thread(self._commit, [statements for statements, _ in waiting])
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait for ever
                for _, written in waiting:
                    if not written.done():
                        written.set_exception(RunStopped("journal_failed", file=str(self._path), reason=str(error)))
            else:
                for _, written in waiting:
                    if not written.done():
                        written.set_result(None)

    def _commit(self, groups: list[list[_Statement]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for statements in groups:
                for sql, values in statements:
                    self._connection.execute(sql, values)
            requests, retries = self._usage()
            for name, value in (("requests", dict(requests)), ("retries", retries)):
                self._connection.execute("UPDATE meta SET value = ? WHERE name = ?", (json.dumps(value), name))
            self._connection.execute("COMMIT")
        except Exception:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise


def _outcome(change: int, outcome: str) -> _Statement:
    return "UPDATE rows SET outcome = ? WHERE number = ?", (outcome, change)


def _transition(change: int, state: str, at: str, detail: str = "") -> _Statement:
    return "INSERT INTO transitions (change, state, at, detail) VALUES (?, ?, ?, ?)", (change, state, at, detail)
