"""A run is one file: the plan, the journal, the outcomes.

What enters: a plan, transitions. What leaves: changes to carry out, rows to report.
What never happens here: a secret stored; an outcome without its reason.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sync.addressbook import CONTROLS, Control
from sync.change import Carried, Change, Plan, Remark
from sync.contact import Contact
from sync.drafts import new_draft, private_folder
from sync.errors import RunStopped, UsageError
from sync.grid import Cell
from sync.history import Tally
from sync.lookup import SEARCHABLE
from sync.pulse import Beat
from sync.record import Reason, ReportRow, RunMeta, Tempo
from sync.runs.damage import unless_damaged
from sync.runs.learning import write_learnt
from sync.runs.opening import APPLICATION, MAGIC, connected, fold_log, trouble
from sync.runs.said import said
from sync.runs.tempo import tempo
from sync.runs.versions import LEARNT_TABLE, LOG_TABLE, SENT_TABLE, VERSION
from sync.runs.writing import first_counts, write_plan
from sync.sheet import Input, Note, Sheet

ROW_BATCH = 1000
_FOUND_OTHERS = ("add_found_several", "add_found_other")  # one of those contacts may be the run's
ROWS = "rows LEFT JOIN changes USING (number)"
_SCHEMA = f"""
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE inputs (number INTEGER PRIMARY KEY, data TEXT NOT NULL) STRICT;
-- One for each data row: `planned` is what it becomes if all goes well, `outcome` what became of it so far.
-- After them one for each contact whose row has left the sheet; those have no input.
CREATE TABLE rows (
    number INTEGER PRIMARY KEY, input INTEGER NOT NULL, row INTEGER NOT NULL, key TEXT NOT NULL,
    planned TEXT NOT NULL, outcome TEXT NOT NULL, contact_id INTEGER, remarks TEXT NOT NULL DEFAULT '[]',
    altered TEXT NOT NULL DEFAULT '{{}}', notes TEXT NOT NULL DEFAULT '[]', cells TEXT
) STRICT;
-- One for each add or edit: planned → sending → done | failed | conflict | unsure → done | …
CREATE TABLE changes (
    number INTEGER PRIMARY KEY REFERENCES rows (number), data TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'planned',
    attempts INTEGER NOT NULL DEFAULT 0, sent_at TEXT, stored TEXT
) STRICT;
CREATE TABLE transitions (
    number INTEGER PRIMARY KEY, change INTEGER NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
{LOG_TABLE}{LEARNT_TABLE}{SENT_TABLE}"""
# Once the tables are filled: an index that is made at once costs less than one that grows.
_INDEXES = """
CREATE INDEX rows_by_outcome ON rows (outcome);
CREATE INDEX changes_by_state ON changes (state);
"""
# A draft that a crash cuts short is no file of ours: only when it is whole is it made durable, and then visible.
_DRAFT = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA temp_store = MEMORY;
"""


SENT = """
INSERT INTO sent VALUES (?, ?, ?) ON CONFLICT (second) DO UPDATE
SET requests = requests + excluded.requests, again = again + excluded.again"""


class RunFile:
    """An open run file."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        self.meta = RunMeta(**{name: json.loads(text) for name, text in connection.execute("SELECT * FROM meta")})

    @classmethod
    def create(cls, path: Path, meta: RunMeta, sheet: Sheet, plan: Plan, sent: Iterable[Beat] = ()) -> "RunFile":
        """Writes the plan, and what was `sent` for it, to a new file, whole or not at all; readable by its owner alone.

        Raises:
            UsageError: there is a file of another kind, or the folder cannot be written.
            RunStopped: the disk is full.
        """
        if path.exists() and not _is_ours(path):
            raise UsageError("output_exists", file=str(path))
        draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
        try:
            private_folder(path.parent)
            os.close(new_draft(draft))
            with closing(sqlite3.connect(draft)) as connection:
                connection.executescript(_DRAFT + _SCHEMA)
                with connection:
                    fingerprint = write_plan(connection, sheet, plan)
                    if plan.learnt is not None:
                        write_learnt(connection, plan.learnt)
                        meta.watched, meta.figures = list(plan.learnt.fields), dict(plan.learnt.figures)
                        meta.group_sets = {str(hashed): ids for hashed, ids in plan.learnt.group_sets.items()}
                        meta.own_groups = list(plan.learnt.own_groups)
                    meta.fingerprint, meta.matched = fingerprint, plan.matched
                    meta.departed = len(plan.departures)
                    meta.counts = first_counts(plan)
                    _write_meta(connection, meta)
                    connection.executemany(SENT, sent)
                connection.executescript(_INDEXES)
            _make_durable(draft)
            for log in ("-wal", "-shm"):  # of a run that stood here and was killed: it must not flow into this one
                path.with_name(path.name + log).unlink(missing_ok=True)
            draft.replace(path)
            _make_durable(path.parent)
        except (sqlite3.Error, OSError) as error:
            full = isinstance(trouble(path, error), RunStopped)
            kind, code = (RunStopped, "run_file_no_room") if full else (UsageError, "run_file_unwritable")
            raise kind(code, file=str(path), reason=str(error)) from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path, *, look: bool = False) -> "RunFile":
        """Opens an existing run file; with `look` only for reading, at once however large it is.

        Raises:
            UsageError: there is none, it is not a run file, is damaged, not accessible, or was made by a later version.
            RunStopped: the disk is full.
        """
        connection = connected(path, look=look)
        try:
            return cls(path, connection)
        except (sqlite3.Error, TypeError, ValueError, RecursionError) as error:
            connection.close()
            raise UsageError("run_file_damaged", file=str(path), reason=str(error)) from error

    def close(self) -> None:
        """Closes the file; SQLite folds its log back into it."""
        with suppress(sqlite3.Error):  # after a journal that found no room for its first word
            self.connection.execute("UPDATE log SET state = 'closed' WHERE state = 'begun'")
        self.connection.close()

    def save_meta(self) -> None:
        """Makes the present `meta` durable.

        Raises:
            RunStopped: the disk is full, or the file cannot be written for another reason.
        """
        try:
            if self.meta.status != "applying" and self._kept_tally() is None:
                self.meta.counts = self._counts()
            with self.connection:
                self.connection.execute("BEGIN IMMEDIATE")
                _write_meta(self.connection, self.meta)
        except sqlite3.Error as error:
            raise RunStopped("journal_failed", file=str(self.path), reason=str(error)) from error
        fold_log(self.connection)

    def note_reports(self, paths: Sequence[Path]) -> None:
        """Remembers where the reports are; nothing else of `meta` is written.

        Raises:
            RunStopped: the disk is full, or the file cannot be written for another reason.
        """
        self.meta.reports = [str(path.absolute()) for path in paths]
        try:
            with self.connection:
                _write_meta_value(self.connection, "reports", self.meta.reports)
        except sqlite3.Error as error:
            raise RunStopped("journal_failed", file=str(self.path), reason=str(error)) from error

    def note_sent(self, beats: Sequence[Beat]) -> None:
        """Adds requests to those that are counted by the second.

        Raises:
            RunStopped: the disk is full, or the file cannot be written for another reason.
        """
        try:
            with self.connection:
                self.connection.execute("BEGIN IMMEDIATE")
                self.connection.executemany(SENT, beats)
        except sqlite3.Error as error:
            raise RunStopped("journal_failed", file=str(self.path), reason=str(error)) from error

    # What is to be done

    @unless_damaged
    def changes(self, *states: str) -> Iterator[tuple[int, Change, str | None]]:
        """Number, change and moment of the last sending of all changes in these states, in order, read in batches.

        A change whose state changes while the iteration is under way is met once at most.
        """
        last = -1
        marks = ", ".join("?" * len(states))
        query = (
            f"SELECT number, data, sent_at FROM changes WHERE state IN ({marks}) AND number > ? ORDER BY number LIMIT ?"  # noqa: S608 - marks only
        )
        while batch := self.connection.execute(query, (*states, last, ROW_BATCH)).fetchall():
            for number, data, sent_at in batch:
                yield number, self.change(data), sent_at
            last = batch[-1][0]

    def change(self, data: str) -> Change:
        """A change with the ids of the groups that the run has created in the places of their placeholders."""
        change, ids = Change.from_dict(json.loads(data)), self.meta.created_groups
        if not ids or all(group > 0 for group in change.desired.groups):
            return change
        groups = dict.fromkeys(ids.get(str(group), group) for group in change.desired.groups)
        return replace(change, desired=replace(change.desired, groups=tuple(groups)))

    @unless_damaged
    def controls(self) -> list[Control]:
        """The contacts that this run has added last, oldest first."""
        query = """
            SELECT changes.data, sent_at, contact_id FROM changes JOIN rows USING (number)
            WHERE state = 'done' AND rows.outcome = 'added' AND sent_at IS NOT NULL ORDER BY sent_at DESC LIMIT ?"""
        found = []
        for data, sent_at, contact_id in self.connection.execute(query, (CONTROLS,)):
            keys = json.loads(data)["keys"]
            key, value = next((key, keys[key]) for key in keys if key in SEARCHABLE)
            found.append(Control(datetime.fromisoformat(sent_at), key, value, contact_id))
        return found[::-1]

    @unless_damaged
    def written_since(self, moment: datetime) -> Iterator[Contact]:
        """The contacts that this run has added or edited since, as the API showed them."""
        query = "SELECT stored FROM changes WHERE state = 'done' AND stored IS NOT NULL AND sent_at >= ?"
        for (stored,) in self.connection.execute(query, (moment.isoformat(timespec="milliseconds"),)):
            yield Contact.from_dict(json.loads(stored))

    @unless_damaged
    def deleted_since(self, moment: datetime) -> set[int]:
        """The contacts that this run has deleted since."""
        query = """
            SELECT contact_id FROM changes JOIN rows USING (number)
            WHERE state = 'done' AND rows.outcome = 'deleted' AND sent_at >= ?"""
        found = self.connection.execute(query, (moment.isoformat(timespec="milliseconds"),))
        return {contact_id for (contact_id,) in found if contact_id is not None}

    @unless_damaged
    def carried(self, after: int = -1) -> Iterator[Carried]:
        """The changes that were carried out, and those of which nobody knows, in order, read in batches.

        With `after` only those of the rows that come after the one of this number.
        """
        found = ", ".join(f"'{code}'" for code in _FOUND_OTHERS)
        query = f"""
            SELECT changes.number, data, input, row, key, state, outcome, contact_id, stored
            FROM changes JOIN rows USING (number)
            WHERE changes.number > ? AND (
                (state = 'done' AND outcome IN ('added', 'edited', 'deleted'))
                OR state IN ('sending', 'unsure', 'unresolved')
                OR (state = 'conflict' AND json_extract(remarks, '$[0].code') IN ({found})))
            ORDER BY changes.number LIMIT ?"""  # noqa: S608 - codes of our own
        last = after
        while batch := self.connection.execute(query, (last, ROW_BATCH)).fetchall():
            for _, data, number, row, key, state, outcome, contact_id, stored in batch:
                yield Carried(
                    change=self.change(data),
                    input=number,
                    row=row,
                    key=key,
                    outcome=outcome if state == "done" else "unresolved",
                    contact_id=contact_id,
                    stored=Contact.from_dict(json.loads(stored)) if stored else None,
                )
            last = batch[-1][0]

    @unless_damaged
    def count(self, *states: str) -> int:
        """How many changes are in these states."""
        marks = ", ".join("?" * len(states))
        query = f"SELECT count(*) FROM changes WHERE state IN ({marks})"  # noqa: S608 - marks only
        return int(self.connection.execute(query, states).fetchone()[0])

    @unless_damaged
    def computed_fingerprint(self) -> str:
        """The fingerprint of the changes as they stand in the file."""
        digest = hashlib.sha256()
        # As bytes: in a damaged file they may be no text.
        for (data,) in self.connection.execute("SELECT CAST(data AS BLOB) FROM changes ORDER BY number"):
            digest.update(data + b"\n")
        return digest.hexdigest()

    # What became of it

    @unless_damaged
    def outcomes(self, *, planned: bool = False) -> dict[str, int]:
        """How many rows ended how; or would, by the plan."""
        column = "planned" if planned else "outcome"
        query = f"SELECT {column}, count(*) FROM rows WHERE number < ? GROUP BY 1"  # noqa: S608 - two names
        return dict(self.connection.execute(query, (self.row_count,)))

    @unless_damaged
    def removals(self, *, planned: bool = False) -> dict[str, int]:
        """How many deletes of an undo ended how; or what became, or would become, of contacts without a row."""
        if self.meta.undoes:
            query = """
                SELECT outcome, count(*) FROM rows JOIN changes USING (number)
                WHERE json_extract(data, '$.kind') = 'delete' GROUP BY 1"""
            return dict(self.connection.execute(query))
        if not self.meta.departed:
            return {}
        column = "planned" if planned else "outcome"
        query = f"SELECT {column}, count(*) FROM rows WHERE number >= ? GROUP BY 1"  # noqa: S608 - two names
        return dict(self.connection.execute(query, (self.row_count,)))

    @unless_damaged
    def altered(self) -> int:
        """How many rows were stored otherwise than meant, or were found so when they were read back."""
        query = "SELECT count(*) FROM rows WHERE altered <> '{}' AND outcome IN ('added', 'edited', 'deleted')"
        return int(self.connection.execute(query).fetchone()[0])

    @unless_damaged
    def tally(self) -> Tally:
        """How many rows ended how; at once where that was kept when the run ended, however many there are."""
        return self._kept_tally() or _tally(self._counts())

    def _kept_tally(self) -> Tally | None:
        """What was kept, unless the journal has gone on since."""
        kept = self.meta.counts
        return _tally(kept) if kept and kept["transitions"] == self._transitions() else None

    def _transitions(self) -> int:
        return int(self.connection.execute("SELECT coalesce(max(number), 0) FROM transitions").fetchone()[0])

    def _counts(self) -> dict[str, Any]:
        transitions = self._transitions()  # before the rows are counted: what comes after makes the counts out of date
        return {
            "transitions": transitions,
            "rows": self.row_count,
            "planned": self.outcomes(planned=True),
            "outcomes": self.outcomes(),
            "altered": self.altered(),
            "removals": self.removals(),
        }

    @unless_damaged
    def last_moment(self) -> str:
        """When the journal was written last, in ISO form; empty where nothing was sent."""
        found = self.connection.execute("SELECT at FROM transitions ORDER BY number DESC LIMIT 1").fetchone()
        return str(found[0]) if found else ""

    @unless_damaged
    def tempo(self, *, most: int) -> Tempo | None:
        """How its requests were spread over its time, in at most so many stretches; None where nothing was sent."""
        try:
            return tempo(self.connection, most=most)
        except (sqlite3.Error, ValueError) as error:
            raise UsageError("run_file_damaged", file=str(self.path), reason=str(error)) from error

    @property
    @unless_damaged
    def row_count(self) -> int:
        """How many data rows the run has."""
        (last,) = self.connection.execute("SELECT coalesce(max(number), -1) FROM rows").fetchone()
        return int(last) + 1 - self.meta.departed

    @unless_damaged
    def inputs(self) -> list[Input]:
        """The inputs, without their cells."""
        found = self.connection.execute("SELECT data FROM inputs ORDER BY number")
        return [_input(json.loads(data)) for (data,) in found]

    @unless_damaged
    def rows(self, *outcomes: str, planned: bool = False) -> Iterator[ReportRow]:
        """The rows with these outcomes (all, when none is named), in the order of the sheet."""
        column = "planned" if planned else "outcome"
        among = f"{column} IN ({', '.join('?' * len(outcomes))})" if outcomes else "true"
        query = f"SELECT {row_columns(column)} FROM {ROWS} WHERE number < ? AND {among} ORDER BY number"  # noqa: S608 - names and marks
        for found in self.connection.execute(query, (self.row_count, *outcomes)):
            yield self.report_row(found)

    @unless_damaged
    def departures(self, *, planned: bool = False) -> Iterator[ReportRow]:
        """The contacts whose rows have left the sheet, as rows without an input."""
        column = "planned" if planned else "outcome"
        query = f"SELECT {row_columns(column)} FROM {ROWS} WHERE number >= ? ORDER BY number"  # noqa: S608 - names
        for found in self.connection.execute(query, (self.row_count,)) if self.meta.departed else ():
            yield self.report_row(found)

    def report_row(self, found: Sequence[Any]) -> ReportRow:
        """A row of what `row_columns` names."""
        number, row, key, outcome, contact_id, data, remarks, altered, notes, attempts, cells = found
        return ReportRow(
            input=number,
            row=row,
            key=key,
            outcome=outcome,
            contact_id=contact_id,
            changes=self.change(data).differences if data else {},
            remarks=[Remark.from_dict(remark) for remark in _items(remarks) + _items(notes)],
            altered=json.loads(altered) if altered != "{}" else {},
            attempts=attempts,
            cells=[Cell.from_json(cell) for cell in json.loads(cells)] if cells else None,
        )

    @unless_damaged
    def reasons(self, *outcomes: str, planned: bool = True) -> list[Reason]:
        """Why rows became one of these, by the plan or in the end, the commonest reason first."""
        marks = ", ".join("?" * len(outcomes))
        return said(self.connection, "remarks", f"{'planned' if planned else 'outcome'} IN ({marks})", outcomes)

    @unless_damaged
    def notes(self) -> list[Reason]:
        """What is worth knowing about rows besides, the commonest first."""
        return said(self.connection, "notes", "notes <> '[]'", ())


def _items(text: str) -> list[dict[str, Any]]:
    """A JSON list; nearly all are empty, and to read those costs as much as all else of a row."""
    return json.loads(text) if text != "[]" else []


def row_columns(outcome: str) -> str:
    """What a ReportRow is made of."""
    return (
        f"input, row, key, {outcome}, contact_id, changes.data, remarks, altered, notes, coalesce(attempts, 0), cells"
    )


def _tally(counts: Mapping[str, Any]) -> Tally:
    return Tally(**{name: value for name, value in counts.items() if name != "transitions"})


def _input(data: dict[str, Any]) -> Input:
    notes = tuple(Note(**note) for note in data.get("notes", ()))
    return Input(**{**data, "header": tuple(data["header"]), "notes": notes})


def _make_durable(path: Path) -> None:
    """Waits until a file, or a folder's list of files, is on the disk; Windows has no folders to wait for."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _write_meta_value(connection: sqlite3.Connection, name: str, value: object) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, json.dumps(value)))


def _write_meta(connection: sqlite3.Connection, meta: RunMeta) -> None:
    # A path may hold bytes that are no letters: escaped, they fit into the file.
    rows = ((name, json.dumps(value)) for name, value in asdict(meta).items())
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)
