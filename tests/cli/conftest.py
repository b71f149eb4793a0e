"""The command line in a person's folder, against a sandbox server in this process.

What enters: a book, semantics, faults. What leaves: how each command ended.
What never happens here: a process of its own without need. To start one takes longer than most commands; `start` and
`run_apart` are for signals, for two commands at once, and for what only a whole process shows.
"""

import csv
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from sync.cli.main import main
from sync.sandbox import BookState, Faults, SandboxServer, Semantics

KEY, HASH = "sandbox-key", "sandbox-hash"

MAPPING = """\
version: 1
match: [gsm, email]
fields:
  name: Ad
  surname: Soyad
  email: E-posta
  gsm: Telefon
custom_fields:
  1: {column: Doğum, type: date}
groups:
  column: Grup
  always: [Müşteriler]
"""
HEADER = ("Ad", "Soyad", "E-posta", "Telefon", "Doğum", "Grup")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def summary(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.out)
        return parsed


class Desk:
    """A person's folder, with the command line in it."""

    def __init__(self, folder: Path, server: SandboxServer) -> None:
        self.folder = folder
        self.server = server
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("IMSYNC_", "ILETIMERKEZI_"))},
            "IMSYNC_BASE_URL": server.base_url,
            "IMSYNC_STATE_DIR": str(folder / "state"),
            "ILETIMERKEZI_API_KEY": KEY,
            "ILETIMERKEZI_API_HASH": HASH,
            "PYTHONUTF8": "1",
        }
        self.started: list[subprocess.Popen[str]] = []
        self.write("mapping.yaml", MAPPING)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def sheet(self, rows: Sequence[Sequence[str]], name: str = "sheet.csv", header: Sequence[str] = HEADER) -> Path:
        path = self.folder / name
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows([header, *rows])
        return path

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "sync", *arguments],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.started.append(process)
        return process

    def close(self) -> None:
        """Ends whatever a failed test has left running."""
        for process in self.started:
            process.kill()
            process.communicate()

    def run(self, *arguments: str, **environment: str) -> Ended:
        """The command in this process."""
        streams = {name: io.TextIOWrapper(io.BytesIO(), "utf-8") for name in ("stdin", "stdout", "stderr")}
        with ExitStack() as stack:
            stack.enter_context(chdir(self.folder))
            stack.enter_context(patch.dict(os.environ, {**self.environment, **environment}, clear=True))
            stack.enter_context(patch.multiple(sys, **streams))
            stack.enter_context(own_log())
            with pytest.raises(SystemExit) as ended:
                main(arguments)
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, *(_written(streams[name]) for name in ("stdout", "stderr")))

    def run_apart(self, *arguments: str, **environment: str) -> Ended:
        """The command as a person's shell starts it."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=100)
        return Ended(process.returncode, out, err)

    def sync(self, *arguments: str, rate: int = 2000, apart: bool = False, **environment: str) -> Ended:
        """`imsync sync sheet.csv` with everything that makes it quick and silent."""
        words = ("sync", "sheet.csv", "-m", "mapping.yaml", "--yes", "--json", "--rate", str(rate))
        run = self.run_apart if apart else self.run
        return run(*words, "--report-dir", "reports", *arguments, **environment)

    def report(self) -> list[dict[str, str]]:
        with (self.folder / "reports" / "report.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file, delimiter=";"))

    def calls(self, *methods: str) -> int:
        return sum(entry.method in methods for entry in self.server.ledger)


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    content = stream.buffer
    assert isinstance(content, io.BytesIO)
    return content.getvalue().decode("utf-8")


@contextmanager
def own_log() -> Iterator[None]:
    """A command sets up the log of its process: afterwards it is as it was."""
    log = logging.getLogger("sync")
    before = (log.handlers[:], log.propagate, log.level)
    try:
        yield
    finally:
        log.handlers[:], log.propagate = before[:2]
        log.setLevel(before[2])


@pytest.fixture
def desk_with(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Opens a desk with a book, semantics and faults of the test's choice."""
    with ExitStack() as stack:

        def opened(
            book: dict[str, Any] | None = None, *, semantics: Semantics | None = None, faults: Faults | None = None
        ) -> Desk:
            state = BookState.from_dict(book if book is not None else small_book())
            server = stack.enter_context(SandboxServer(state, semantics=semantics, faults=faults))
            desk = Desk(tmp_path, server)
            stack.callback(desk.close)
            return desk

        yield opened


@pytest.fixture
def desk(desk_with: Callable[..., Desk]) -> Desk:
    """A desk with the small book, and no faults."""
    return desk_with()


def small_book() -> dict[str, Any]:
    """Two groups, three contacts: one that the sheets mean, one in no group, one that nobody means."""
    return {
        "credentials": {"key": KEY, "hash": HASH},
        "custom_fields": [1, 2],
        "groups": [{"id": 7, "name": "Müşteriler", "parent": None}, {"id": 9, "name": "Bayiler", "parent": None}],
        "contacts": [
            contact(
                100, "Ayşe", "Yılmaz", "ayse@example.com", "+905001000100", {"1": "27/09/1984", "2": "gizli"}, [7, 9]
            ),
            contact(101, "Çağla", "Öz", "cagla@example.com", "+905001000101", {}, []),
            contact(102, "Deniz", "Ak", "deniz@example.com", "+905001000102", {}, [9]),
        ],
        "blacklist": [],
    }


def contact(
    number: int, name: str, surname: str, email: str, gsm: str, custom_fields: dict[str, str], groups: list[int]
) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "surname": surname,
        "email": email,
        "gsm": gsm,
        "custom_fields": custom_fields,
        "groups": groups,
    }


def people(count: int, first: int = 0) -> list[list[str]]:
    """Rows that are not in the small book."""
    return [
        [f"Kişi{number}", "Deneme", f"kisi{number}@example.com", f"0500 2{number:06d}", "", "Bayiler"]
        for number in range(first, first + count)
    ]
