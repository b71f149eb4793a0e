"""The real command line and the sandbox, each a process of its own, and nothing between them but loopback.

What enters: a world, options of the sandbox. What leaves: exit codes, and what the run has left.
What never happens here: a look into either process; a sandbox that is killed (its book is the truth).
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.chaos.verdict import Left
from tests.chaos.world import HASH, KEY, World

_ROOT = Path(__file__).parents[2]
_PATIENCE = 300.0  # seconds; a machine may be busy
_PATIENT = 20  # lives that may end early of themselves: a server out of order is given up in the end

_MAPPING = """\
version: 1
match: [gsm]
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
  create_missing: true
guards: {max_edits: 100%}
api: """


class Stage:
    """A folder with a sheet and a mapping, and the address of a sandbox that serves the world's book.

    Args:
        folder: to work in.
        world: whose sheet and book it is.
        api: the mapping's `api:` section.
    """

    def __init__(self, folder: Path, world: World, **api: Any) -> None:
        self.folder = folder
        self.world = world
        self.book_path = folder / "book.json"
        self.ledger_path = folder / "ledger.jsonl"
        self.base_url = ""
        self.lives = 0  # processes of the command line
        self.kills = 0
        self.gave_up = 0  # of themselves
        self._read = self._requests = 0  # of the ledger
        folder.mkdir(parents=True, exist_ok=True)
        world.write_sheet(folder / "sheet.csv")
        (folder / "mapping.yaml").write_text(_MAPPING + json.dumps(api) + "\n", encoding="utf-8")
        self.book_path.write_text(json.dumps(world.book, ensure_ascii=False), encoding="utf-8")
        self.ledger_path.touch()

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("IMSYNC_", "ILETIMERKEZI_"))}
        return {
            **clean,
            "IMSYNC_BASE_URL": self.base_url,
            "IMSYNC_STATE_DIR": str(self.folder / "state"),
            "ILETIMERKEZI_API_KEY": KEY,
            "ILETIMERKEZI_API_HASH": HASH,
            "PYTHONUTF8": "1",
            "PYTHONPATH": str(_ROOT),
        }

    @contextmanager
    def sandbox(self, *options: str) -> Iterator[None]:
        """Serves the book from another process, which saves it when it is told to end."""
        port = urlsplit(self.base_url).port or 0  # a second one is the same account
        words = (
            "sandbox",
            "--port",
            str(port),
            "--data",
            str(self.book_path),
            "--ledger",
            str(self.ledger_path),
            *options,
        )
        process = _started(words, self.folder, self.environment)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "IMSYNC_BASE_URL=" in line:
                    self.base_url = line.partition("=")[2].strip()
                    break
            assert self.base_url, process.communicate()
            yield
        finally:
            process.terminate()
            process.communicate(timeout=_PATIENCE)

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """`imsync` with these words, and what makes it quiet."""
        self.lives += 1
        return _started((*words, "--json", "--quiet", "--report-dir", "reports"), self.folder, self.environment)

    def run(self, *words: str) -> tuple[int, str]:
        """The exit code of a command that is left in peace, and what it told."""
        process = self.start(*words)
        _, err = process.communicate()
        return process.returncode, err

    @property
    def requests(self) -> int:
        """How many requests the sandbox has met."""
        with self.ledger_path.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        self._read += len(new)
        self._requests += new.count(b"\n")
        return self._requests

    def finish(self, *, kills: int = 0, chance: random.Random, most: int = 1) -> tuple[int, str]:
        """`sync`, then `resume` until the run is done; the first so many of them are killed at random moments.

        Args:
            kills: how many.
            chance: of the moments.
            most: requests after the start of a process at which it is killed at the latest.
        """
        words = SYNC
        while True:
            process = self.start(*words)
            if self.kills < kills and self._killed(process, chance.randint(1, most)):
                self.kills += 1
            _, err = process.communicate()
            code = process.returncode
            if words is RESUME and code == 2 and "nothing to resume" in err:  # killed before it had begun
                words = SYNC
            elif code == -signal.SIGKILL or (code == 6 and self.gave_up < _PATIENT):
                words = RESUME
                self.gave_up += code == 6
            else:
                return code, err

    def _killed(self, process: "subprocess.Popen[str]", after: int) -> bool:
        """Kills the process after so many requests; False where it came to its end before."""
        wanted = self.requests + after
        if not until(lambda: self.requests >= wanted, process):
            return False
        process.kill()
        return True

    def left(self) -> Left:
        """What the run has left; the sandbox must have been stopped."""
        return Left.read(self.book_path, self.ledger_path, self.folder / "reports")


SYNC = ("sync", "sheet.csv", "-m", "mapping.yaml", "--yes")
RESUME = ("resume",)


def until(done: Callable[[], bool], process: "subprocess.Popen[str]") -> bool:
    """Waits for something that a running command is about to do; False where it has ended before."""
    end = time.monotonic() + _PATIENCE
    while not done():
        if process.poll() is not None:
            return False
        assert time.monotonic() < end, "it never came so far"
        time.sleep(0.005)
    return True


def _started(words: Sequence[str], folder: Path, environment: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "sync", *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
