"""The journal's transitions written to the disk: as imsync does it, and as a script does it with sqlite3 alone.

Used by `python -m benchmarks`. Both write through SQLite's log, fully synchronous, so that a transition that was
reported survives a loss of power.
"""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

AT_ONCE = 64


def by_imsync(run: Path, folder: Path, rows: int) -> Callable[[], int]:
    """Many changes at once, as workers apply them."""
    import applying
    from sync.change import Settled
    from sync.clock import SystemClock
    from sync.runs import RunFile, RunJournal

    path = folder / "written.run"
    shutil.copy(run, path)
    run_file = RunFile.open(path)

    async def write() -> None:
        numbers = iter(range(rows))

        async def worker(journal: RunJournal) -> None:
            for number in numbers:
                await journal.sending(number)
                outcome = "added" if number % 2 else "edited"
                stored = applying.contact(number)
                await journal.settled(number, Settled(outcome, contact_id=stored.id, stored=stored))

        async with RunJournal(run_file, SystemClock(), lambda: ({}, 0)) as journal:
            await asyncio.gather(*(worker(journal) for _ in range(AT_ONCE)))

    def work() -> int:
        asyncio.run(write())
        written = run_file.count("done")
        run_file.close()
        return written

    return work


def by_sqlite3(run: Path, folder: Path, rows: int) -> Callable[[], int]:  # noqa: ARG001
    """A table of changes, each transition committed."""
    fields = {"name": "Ayşe Gül", "surname": "Yılmaz", "email": "musteri.1@example.com", "gsm": "+905000000001"}
    contact = {**fields, "custom_fields": {"1": "27/09/1984", "2": "İstanbul", "3": "M0000001"}, "groups": [10, 20]}
    path = folder / "written.db"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE changes (number INTEGER PRIMARY KEY, state TEXT, stored TEXT)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO changes VALUES (?, 'planned', NULL)", ((number,) for number in range(rows)))
    connection.execute("COMMIT")

    def work() -> int:
        for number in range(rows):
            connection.execute("UPDATE changes SET state = 'sending' WHERE number = ?", (number,))
            stored = json.dumps({"id": number, **contact}, ensure_ascii=False)
            connection.execute("UPDATE changes SET state = 'done', stored = ? WHERE number = ?", (stored, number))
        (written,) = connection.execute("SELECT count(*) FROM changes WHERE state = 'done'").fetchone()
        connection.close()
        return int(written)

    return work
