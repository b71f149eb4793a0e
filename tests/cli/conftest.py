"""The real command line as a subprocess, against a sandbox server in this process."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=100)
        return Ended(process.returncode, out, err)

    def sync(self, *arguments: str, rate: int = 2000, **environment: str) -> Ended:
        """`imsync sync sheet.csv` with everything that makes it quick and silent."""
        words = ("sync", "sheet.csv", "-m", "mapping.yaml", "--yes", "--json", "--rate", str(rate))
        return self.run(*words, "--report-dir", "reports", *arguments, **environment)

    def report(self) -> list[dict[str, str]]:
        with (self.folder / "reports" / "report.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file, delimiter=";"))

    def calls(self, *methods: str) -> int:
        return sum(entry.method in methods for entry in self.server.ledger)


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
