"""A person's folder in which the commands of one page are typed, one after the other.

What enters: a language, the words of a command, an answer to its question. What leaves: what the person sees.
What never happens here: a process of its own; a wait as long as it says: the clock of a story runs faster.
"""

import asyncio
import io
import os
import re
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from sync import language
from sync.cli.main import main
from sync.cli.progress import TqdmProgress
from sync.clock import SystemClock
from sync.progress import Bar
from sync.sandbox import BookState, Faults, SandboxServer
from tests.cli.conftest import own_log

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_data"
STATE = "/home/ada/.local/state/imsync"
_LONGEST_SLEEP = 600.0  # seconds: whoever sleeps longer only watches over the time
_WRITES = ("add-contact", "edit-contact", "delete-contact")


class QuickClock:
    """The machine's clock, running many times as fast while somebody sleeps, so that a busy machine ages nothing."""

    def __init__(self, times: float) -> None:
        self._times = times
        self._sleepers = 0
        self._since = self._began = self._told = time.monotonic()
        self._moment = datetime.now(UTC)

    def now(self) -> datetime:
        """See `Clock.now`."""
        return self._moment + timedelta(seconds=self.monotonic() - self._began)

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return self._told + (time.monotonic() - self._since) * (self._times if self._sleepers else 1)

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        counts = seconds < _LONGEST_SLEEP
        self._changed(counts)
        try:
            await asyncio.sleep(seconds / self._times)
        finally:
            self._changed(-counts)

    def _changed(self, sleepers: int) -> None:
        """From now on there are so many more sleepers."""
        self._told, self._since = self.monotonic(), time.monotonic()
        self._sleepers += sleepers


class _NoBar:
    def advance(self, steps: int = 1) -> None: ...

    def note(self, text: str) -> None: ...

    def grow(self, steps: int) -> None: ...


class _WithoutBars(TqdmProgress):
    """Sentences are told, bars are not drawn: a page holds still."""

    @contextmanager
    def stage(self, name: str, total: int | None, unit: str) -> Iterator[Bar]:  # noqa: ARG002
        """See `Progress.stage`."""
        yield _NoBar()


class _Screen(io.TextIOWrapper):
    """Where both streams of the command go, as on a terminal."""


class _Keyboard(io.StringIO):
    """Types one answer, and shows what it types."""

    def __init__(self, answer: str, screen: io.TextIOWrapper) -> None:
        super().__init__(f"{answer}\n" if answer else "")
        self._asked, self._screen = bool(answer), screen

    def isatty(self) -> bool:
        return self._asked

    def readline(self, size: int | None = -1, /) -> str:
        typed = super().readline(-1 if size is None else size)
        self._screen.write(typed)
        return typed


class Story:
    """One page's folder, its address book, and everything that was typed so far."""

    def __init__(self, folder: Path, spoken: str, *, times: float = 40, faults: Faults | None = None) -> None:
        self.folder = folder / "desk"
        self.folder.mkdir()
        self.state = folder / "state"
        self.spoken = spoken
        self.runs: list[str] = []
        self._clock = QuickClock(times)
        self._faults = faults
        self._stack = ExitStack()
        self.server: SandboxServer
        self.serve(BookState.load(SAMPLE / "book.json"))

    def serve(self, book: BookState, faults: Faults | None = None) -> None:
        """From now on this book is the account's."""
        self._stack.close()
        self.server = self._stack.enter_context(SandboxServer(book, faults=faults))

    def close(self) -> None:
        self._stack.close()
        language.speak(language.ENGLISH)

    def has(self, *names: str) -> None:
        """Puts files of the sample into the folder."""
        for name in names:
            source = ROOT / name
            shutil.copy(source, self.folder / source.name)

    def last_run(self, *, before: int = 0) -> str:
        """The id of the run that was planned last, or of one before it."""
        names = sorted((self.state / "runs").glob("*.run"), key=lambda path: path.stat().st_mtime_ns)
        return names[-1 - before].stem

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("IMSYNC_", "ILETIMERKEZI_"))}
        return {
            **kept,
            "IMSYNC_BASE_URL": self.server.base_url,
            "IMSYNC_STATE_DIR": str(self.state),
            "IMSYNC_LANG": self.spoken,
            "ILETIMERKEZI_API_KEY": "sandbox-key",
            "ILETIMERKEZI_API_HASH": "sandbox-hash",
            "LANGUAGE": "",
            "TZ": "UTC",
        }

    def typed(self, words: list[str], *, answer: str = "", stop_after: int | None = None) -> tuple[int, str]:
        """Types a command.

        Args:
            words: without `imsync`.
            answer: what is typed where it asks.
            stop_after: so many more writes, then Ctrl-C.

        Returns:
            The exit code, and everything that is on the screen.
        """
        real = [self._real(word) for word in words]
        screen = _Screen(io.BytesIO(), "utf-8", write_through=True)
        with ExitStack() as stack:
            for name in ("now", "monotonic", "sleep"):
                stack.enter_context(patch.object(SystemClock, name, getattr(self._clock, name)))
            stack.enter_context(patch("sync.cli.settings.TqdmProgress", _WithoutBars))
            stack.enter_context(chdir(self.folder))
            stack.enter_context(patch.dict(os.environ, self._environment(), clear=True))
            stack.enter_context(
                patch.multiple(sys, stdin=_Keyboard(answer, screen), stdout=screen, stderr=screen),
            )
            stack.enter_context(own_log())
            if stop_after is not None:
                threading.Thread(target=self._ctrl_c, args=(self._writes() + stop_after,), daemon=True).start()
            with pytest.raises(SystemExit) as ended:
                main(real)
        content: Any = screen.buffer
        assert isinstance(ended.value.code, int)
        return ended.value.code, self._seen(content.getvalue().decode("utf-8"))

    def _writes(self) -> int:
        return sum(entry.method in _WRITES for entry in self.server.ledger)

    def _ctrl_c(self, writes: int) -> None:
        end = time.monotonic() + 30
        while self._writes() < writes and time.monotonic() < end:
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)

    # What differs from story to story is called the same each time.

    def _run(self, number: int) -> str:
        hour, minute = divmod(21 * 60 + 30 + 7 * number, 60)
        return f"20261121T{hour:02}{minute:02}-{0x7F3A9C + 0x1B5E7 * number & 0xFFFFFF:06x}"

    def _real(self, word: str) -> str:
        """A word of the page, with what this story has in the place of the names that the page shows."""
        for number, run in enumerate(self.runs):
            word = word.replace(self._run(number), run)
        return word.replace(STATE, str(self.state))

    def _seen(self, text: str) -> str:
        for run in re.findall(r"\d{8}T\d{4}-[0-9a-f]{6}", text):
            if run not in self.runs:
                self.runs.append(run)
        for number, run in enumerate(self.runs):
            text = text.replace(run, self._run(number))
        text = (
            text.replace(str(self.state), STATE).replace(f"{self.folder}/", "").replace(str(ROOT), "/home/ada/imsync")
        )
        return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:40123", text)
