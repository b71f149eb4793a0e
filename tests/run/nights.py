"""A job that runs night after night, in this process, against a sandbox without sockets.

What enters: rows for each night, a mapping, what people do in the panel. What leaves: what became of every row.
What never happens here: a socket, a real second, a judgement.
"""

import asyncio
import csv
import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sync import run
from sync.mapping import Mapping as Rules
from sync.progress import NoProgress
from sync.reader.mapping_file import MappingFile
from sync.record import ReportRow
from sync.remote.transport import NoAnswer, NotConnected, Raw
from sync.runs import RunFile, StateDirectory
from sync.sandbox import BookState, Semantics
from sync.sandbox.records import StoredContact
from sync.settings import ApiSettings, Credentials
from tests.fakes import FakeClock
from tests.property.worlds import Wire
from tests.remote.direct import NoPace

Row = Mapping[str, str]
HEADER = ("No", "Ad", "E-posta", "Cep", "Şehir")
RULES: dict[str, Any] = {
    "version": 1,
    "name": "nightly",
    "match": ["gsm", "email"],
    "fields": {"name": "Ad", "email": "E-posta", "gsm": "Cep"},
    "custom_fields": {1: "Şehir"},
    "groups": {"always": [7]},
    "guards": {"max_edits": None},
}
IDENTITY = {"identity": {"column": "No"}}


def phone(number: int) -> str:
    return f"+90500{number:07}"


def a_row(number: int, **cells: str) -> Row:
    own = {"No": f"M-{number}", "Ad": f"Ad {number}", "E-posta": f"k{number}@example.com", "Cep": phone(number)}
    return {**own, "Şehir": "Ankara", **cells}


def _killed(*_args: object) -> None:
    raise KeyboardInterrupt


class Line(Wire):
    """The way to the server, which is down when the job says so: one request is still heard, and its answer is lost."""

    def __init__(self, job: "Job") -> None:
        super().__init__(job.server, job.semantics)
        self._job = job

    async def post(self, path: str, body: bytes, content_type: str) -> Raw:
        left = self._job.requests_left
        if left is None:
            return await super().post(path, body, content_type)
        self._job.requests_left = left - 1
        if left < 0:
            raise NotConnected("line_refused")
        answer = await super().post(path, body, content_type)
        if left == 0:
            raise NoAnswer("line_closed")
        return answer


class Night:
    """What a night's run says of its rows, by their number in the file."""

    def __init__(self, run_file: RunFile, *, planned: bool) -> None:
        self.rows: dict[int, ReportRow] = {row.row: row for row in run_file.rows(planned=planned)}
        self.outcomes = [row.outcome for _, row in sorted(self.rows.items())]
        self.departed: dict[int, ReportRow] = {
            row.contact_id: row for row in run_file.departures(planned=planned) if row.contact_id is not None
        }
        self.breaches = [each["guard"] for each in run_file.meta.breaches]
        self.requests = dict(run_file.meta.requests)

    def codes(self, row: int) -> list[str]:
        """What is said of the row at this place, from 0."""
        return [remark.code for remark in self.rows[row + 2].remarks]

    def left(self, contact_id: int) -> tuple[str, list[str]]:
        """What became of a contact whose row has left the sheet, and what is said of it."""
        row = self.departed[contact_id]
        return row.outcome, [remark.code for remark in row.remarks]


class Job:
    """A job and the account that it keeps in step."""

    def __init__(self, folder: Path, semantics: Semantics | None = None, **rules: Any) -> None:
        groups = [{"id": 7, "name": "Müşteriler", "parent": None}, {"id": 8, "name": "Elle", "parent": None}]
        # A contact that nobody's row means, so that searches have something to find.
        first = {"id": 1, "name": "Elle", "gsm": phone(9_000_001), "email": "elle@example.com", "groups": [8]}
        self.server = BookState.from_dict({"custom_fields": [1, 2], "groups": groups, "contacts": [first]})
        self.semantics = semantics or Semantics()
        self.clock = FakeClock()
        self.requests_left: int | None = None  # until the server is down; None while it is up
        self._folder = folder
        self.state = StateDirectory(folder / "state")
        self.rules = {**RULES, **rules}
        self.renamed: dict[str, str] = {}  # columns that have another header tonight

    # What people do in the panel

    def contact(self, number: int) -> StoredContact:
        """The one contact with this row's phone number."""
        (found,) = (each for each in self.server.contacts.values() if each.gsm == phone(number))
        return found

    def panel_edits(self, contact_id: int, **values: Any) -> None:
        self.server.contacts[contact_id] = replace(self.server.contacts[contact_id], **values)

    def panel_erases(self, contact_id: int) -> None:
        del self.server.contacts[contact_id]

    # What the job does

    @property
    def mapping_file(self) -> MappingFile:
        path, text = self._folder / "mapping.yaml", json.dumps(self.rules).encode()
        path.write_bytes(text)
        return MappingFile(path, hashlib.sha256(text).hexdigest(), Rules.model_validate(self.rules), self.rules)

    def file_of(self, rows: Sequence[Row]) -> Path:
        path = self._folder / "sheet.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            header = [*HEADER, *(["Grup"] if any("Grup" in row for row in rows) else [])]
            writer.writerow([self.renamed.get(name, name) for name in header])
            writer.writerows([row.get(name, "") for name in header] for row in rows)
        return path

    def plan(self, rows: Sequence[Row], **options: Any) -> RunFile:
        return asyncio.run(run.plan(self.context(), [self.file_of(rows)], self.mapping_file, **options))

    def planned(self, rows: Sequence[Row], **options: Any) -> Night:
        """What a night would do."""
        run_file = self.plan(rows, **options)
        try:
            return Night(run_file, planned=True)
        finally:
            run_file.close()

    def night(self, rows: Sequence[Row], *, limit: int | None = None, **options: Any) -> Night:
        """A whole night."""
        run_file = self.plan(rows, **options)
        try:
            asyncio.run(run.apply(self.context(), run_file, limit=limit))
            return Night(run_file, planned=False)
        finally:
            run_file.close()
            self.clock.advance(86_400)

    def killed_night(self, rows: Sequence[Row]) -> None:
        """A night that ends when all it has written is durable, and before that could be remembered."""
        run_file = self.plan(rows)
        try:
            with patch("sync.run.applying.remember", _killed), suppress(KeyboardInterrupt):
                asyncio.run(run.apply(self.context(), run_file))
        finally:
            run_file.close()
            self.clock.advance(86_400)

    def night_of_outage(self, rows: Sequence[Row], after: int) -> None:
        """A night in which the server goes down after so many requests of the apply, or while the book is read.

        Raises:
            RunStopped: always, unless there was less to send.
        """
        run_file = self.plan(rows)
        self.requests_left = after
        try:
            asyncio.run(run.apply(self.context(), run_file))
        finally:
            self.requests_left = None
            run_file.close()
            self.clock.advance(86_400)

    def context(self) -> run.Context:
        api = ApiSettings(base_url="http://127.0.0.1/v1", rate=1e6, workers=4)
        return run.Context(
            api=api,
            credentials=Credentials("sandbox-key", "sandbox-hash"),
            state=self.state,
            clock=self.clock,
            chance=random.Random(1),
            progress=NoProgress(),
            stop=asyncio.Event(),
            pace=NoPace(api.rate, self.clock),
        )


@contextmanager
def a_job(folder: Path, semantics: Semantics | None = None, **rules: Any) -> Iterator[Job]:
    """A job; requests are answered in this process."""
    job = Job(folder, semantics, **rules)
    with patch("sync.remote.client.HttpTransport", lambda *_args, **_options: Line(job)):
        yield job
