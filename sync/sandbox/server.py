"""In: a book, semantics, faults, an address on this machine.

Out: the emulated API as an HTTP server, its ledger, the book saved.
Never here: the API's rules, a connection to anywhere else.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Final, Self

from sync.sandbox.answers import Account
from sync.sandbox.desk import BASE_PATH, Desk
from sync.sandbox.faults import Faults
from sync.sandbox.handler import Listener
from sync.sandbox.ledger import Entry, Ledger
from sync.sandbox.others import OthersWrite
from sync.sandbox.semantics import Semantics
from sync.sandbox.state import BookState

SAVE_EVERY: Final = 1.0  # seconds at least between two savings while the book changes
SAVE_SHARE: Final = 10  # times as long as the last saving took it is not saved again
PATIENCE: Final = 1.0  # seconds that a stopping server waits for answers that are under way


class SandboxServer:
    """The emulated API on one port; `with SandboxServer(state) as server:` serves from a thread meanwhile.

    The port is bound at once, so `base_url` is known before anything is served. A server serves once.

    Args:
        state: the book to serve; it may be looked at, and its switches turned, while the server runs.
        semantics: how the API behaves where its documents are silent.
        faults: what goes wrong.
        host: a name or address of this machine.
        port: 0 for a free one.
        data_path: where the book is saved, at the end and at most once a second while it changes; None: nowhere. An
            existing file is not read here, see `BookState.load`.
        ledger_path: where entries are appended as JSON lines; None: nowhere.
        monotonic: the clock of the ledger, of a lagging search and of outages, in seconds.
        sleep: waits for latency and delays, in seconds.
        now: seconds since 1970, for dates in answers.

    Raises:
        OSError: the port is taken, or ledger_path cannot be written.
        ValueError: `faults.only` names something that is not a method.
    """

    def __init__(
        self,
        state: BookState,
        *,
        semantics: Semantics | None = None,
        faults: Faults | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        data_path: Path | None = None,
        ledger_path: Path | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.state = state
        self._data_path = data_path
        self._saved_revision = state.revision
        self._stopping = Event()
        self._lifecycle = Lock()
        self._threads: list[Thread] = []
        self._ledger = Ledger(ledger_path, monotonic)
        try:
            self._account = Account(state, semantics or Semantics(), monotonic)
            desk = Desk(self._account, faults or Faults(), self._ledger, sleep, monotonic, now)
            self._listener = Listener((host, port), desk)
        except BaseException:
            self._ledger.close()
            raise

    @property
    def base_url(self) -> str:
        """The address before `/{method}`, such as `http://127.0.0.1:40123/v1`."""
        host, port = self._listener.server_address[:2]
        return f"http://{host!s}:{port}{BASE_PATH}"

    @property
    def ledger(self) -> list[Entry]:
        """The entries so far: a copy, in the order in which the requests were finished."""
        return list(self._ledger.entries)

    @property
    def others_writes(self) -> list[OthersWrite]:
        """What another client (`Semantics.others`) has written so far: a copy, in order."""
        return list(self._account.other.writes)

    def __enter__(self) -> Self:
        with self._lifecycle:  # a stop that comes meanwhile finds all threads, or none
            if not self._stopping.is_set():
                self._start(partial(self._listener.serve, self._stopping), "sandbox")
                if self._data_path is not None:
                    self._start(self._save_while_changing, "sandbox-saver")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def serve_forever(self) -> None:
        """Serves until another thread calls `stop`, or an exception (KeyboardInterrupt, SystemExit) arrives.

        Raises:
            OSError: the book could not be saved at the end.
        """
        with self:
            # Waits in pieces: on Windows an endless wait cannot be interrupted from the keyboard.
            while not self._stopping.wait(SAVE_EVERY):
                pass

    def stop(self) -> None:
        """Ends all connections, saves the book and closes the ledger's file; a second call does nothing.

        Raises:
            OSError: the book could not be saved.
        """
        with self._lifecycle:
            if self._stopping.is_set():
                return
            self._stopping.set()
            for accepting in self._threads[:1]:
                accepting.join()
            self._listener.server_close()
            self._listener.hang_up(PATIENCE)
            for thread in self._threads:
                thread.join()
            self._ledger.close()
            if self._data_path is not None:
                self.state.save(self._data_path)

    def _start(self, target: Callable[[], None], name: str) -> None:
        thread = Thread(target=target, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _save_while_changing(self) -> None:
        assert self._data_path is not None
        pause = SAVE_EVERY
        while not self._stopping.wait(pause):
            began = time.monotonic()
            revision = self.state.revision
            if revision != self._saved_revision:
                # What cannot be saved now may be in a second; the last attempt, in stop, says so.
                with suppress(OSError):
                    self.state.save(self._data_path)
                    self._saved_revision = revision
            # A large book takes seconds, in which requests wait for the interpreter.
            pause = max(SAVE_EVERY, SAVE_SHARE * (time.monotonic() - began))
