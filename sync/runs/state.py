"""The state directory: accounts, their locks, and where runs are.

What enters: a base URL and credentials, run ids. What leaves: accounts, run files' paths.
What never happens here: storing a credential; its fingerprint is a keyed hash.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from sync import messages
from sync.drafts import new_draft, private_folder
from sync.errors import RunRefused, RunStopped, UsageError
from sync.runs.opening import NO_SPACE
from sync.settings import Credentials

_ACCOUNT = re.compile("[0-9a-f]{16}")
_RUN_SUFFIX = ".run"
_ELSEWHERE_SUFFIX = ".path"
_SECRET_LENGTH = 64
_LONGEST_NOTE = 200
_HOLDER = re.compile(r"(.*) \(process (\d+)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the API, known by a random id, and its folder."""

    id: str
    folder: Path

    @property
    def last_writer(self) -> str:
        """The id of the run that wrote to the account last, empty before the first one."""
        return self.last_part[0]

    @property
    def last_part(self) -> tuple[str, str]:
        """The run that wrote to the account last, and its part: each apply and each resume is one."""
        try:
            run, _, part = (self.folder / "last-writer").read_text(encoding="utf-8").strip().partition(" ")
        except FileNotFoundError:
            return "", ""
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError("state_damaged", file=self.folder / "last-writer") from error
        return run, part

    def record_writer(self, run: str, part: str = "") -> None:
        """Makes it durable that this part of this run is the one that writes now."""
        _write_private(self.folder / "last-writer", f"{run} {part}".strip())

    @contextmanager
    def lock(self, owner: str) -> Iterator[None]:
        """Holds the account for one run; the kernel releases it when the process ends, however it ends.

        Raises:
            RunRefused: another run holds it.
        """
        note = self.folder / "lock-owner"
        lock = FileLock(self.folder / "lock", mode=0o600)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise RunRefused("account_locked", owner=_noted(note)) from error
        try:
            _write_private(note, f"{owner} (process {os.getpid()})")
            yield
        finally:
            lock.release()


class StateDirectory:
    """The directory in which everything is remembered; made when it is first needed, private to the user."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def account(self, base_url: str, credentials: Credentials) -> Account:
        """The account that these credentials open; a new one where they are seen for the first time."""
        with self._accounts() as book:
            known = _loaded(book)
            fingerprint = self._fingerprint(base_url, credentials)
            if fingerprint not in known:
                known[fingerprint] = secrets.token_hex(8)
                _write_private(book, json.dumps(known, indent=1))
        folder = self.path / "accounts" / known[fingerprint]
        self._make(folder.parent)
        self._make(folder)
        return Account(known[fingerprint], folder)

    def is_known(self, base_url: str, credentials: Credentials) -> bool:
        """Whether an account was opened with these credentials before."""
        with self._accounts() as book:
            return self._fingerprint(base_url, credentials) in _loaded(book)

    def bind(self, base_url: str, credentials: Credentials, account: str) -> None:
        """From now on these credentials open this account."""
        with self._accounts() as book:
            known = {**_loaded(book), self._fingerprint(base_url, credentials): account}
            _write_private(book, json.dumps(known, indent=1))

    def is_held(self, account: str) -> bool:
        """Whether a run of this account is under way, in this process or another one."""
        if not _ACCOUNT.fullmatch(account) or not (self.path / "accounts" / account).is_dir():
            return False  # a damaged run file names anything
        lock = FileLock(self.path / "accounts" / account / "lock", mode=0o600)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:
            return False
        lock.release()
        return False

    def new_run_path(self, run: str) -> Path:
        """Where the file of a new run belongs."""
        self._make(self.path / "runs")
        return self.path / "runs" / f"{run}{_RUN_SUFFIX}"

    def record_elsewhere(self, run: str, path: Path) -> None:
        """Remembers a run file that was saved outside this directory."""
        self._make(self.path / "runs")
        _write_private(self.path / "runs" / f"{run}{_ELSEWHERE_SUFFIX}", str(path.resolve()))

    def find_run(self, name: str) -> Path:
        """The file of a run, by its id or by its path.

        Raises:
            UsageError: there is no such run.
        """
        with suppress(OSError, ValueError):  # a name that cannot be a file's names no run
            path = Path(name)
            if path.is_file():
                return path
            if path.name == name:
                own = self.path / "runs" / f"{name}{_RUN_SUFFIX}"
                if own.is_file():
                    return own
                elsewhere = self.path / "runs" / f"{name}{_ELSEWHERE_SUFFIX}"
                if elsewhere.is_file():
                    return Path(elsewhere.read_text(encoding="utf-8"))
        raise UsageError("run_unknown", run=name, state=str(self.path))

    def runs_touched_since(self, moment: float) -> list[Path]:
        """The files of runs that somebody has written to since (a POSIX time), the newest id first."""

        def touched(path: Path) -> float:
            log = path.with_name(path.name + "-wal")
            return max(each.stat().st_mtime for each in (path, log) if each.exists())

        return [path for path in self.run_paths() if touched(path) >= moment]

    def run_paths(self) -> list[Path]:
        """The files of all runs that can be found, the newest id first."""
        return list(self.runs().values())

    def runs(self) -> dict[str, Path]:
        """All runs that can be found: id → file, the newest id first."""
        folder = self.path / "runs"
        if not folder.is_dir():
            return {}
        names = {entry.stem for entry in folder.iterdir() if entry.suffix in (_RUN_SUFFIX, _ELSEWHERE_SUFFIX)}
        found = {name: self.find_run(name) for name in sorted(names, reverse=True)}
        return {name: path for name, path in found.items() if path.is_file()}

    def files_of(self, run: str) -> list[Path]:
        """What stands in this directory for a run: SQLite's logs, the note of where it is, and last the file itself."""
        own = f"{run}{_RUN_SUFFIX}"
        names = (f"{own}-wal", f"{own}-shm", f"{run}{_ELSEWHERE_SUFFIX}", own)
        return [path for name in names if (path := self.path / "runs" / name).is_file()]

    def last_part(self, account: str) -> tuple[str, str]:
        """The run that wrote to this account last, and its part; empty where none has."""
        return Account(account, self.path / "accounts" / account).last_part

    def _fingerprint(self, base_url: str, credentials: Credentials) -> str:
        secret_path = self.path / "secret"
        if not secret_path.exists():
            _write_private(secret_path, secrets.token_hex(_SECRET_LENGTH // 2))
        secret = secret_path.read_text(encoding="utf-8", errors="replace")
        if len(secret) != _SECRET_LENGTH:
            raise UsageError("state_damaged", file=secret_path)
        text = f"{base_url}\0{credentials.key}\0{credentials.hash}"
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    @contextmanager
    def _accounts(self) -> Iterator[Path]:
        """The file of accounts, for one process at a time.

        Raises:
            UsageError: the directory cannot be written.
        """
        self._make(self.path)
        lock = FileLock(self.path / "accounts.lock", mode=0o600)
        try:
            lock.acquire()
        except OSError as error:
            raise UsageError("state_unwritable", state=str(self.path), reason=error.strerror or str(error)) from error
        try:
            yield self.path / "accounts.json"
        finally:
            lock.release()

    def _make(self, folder: Path) -> None:
        try:
            private_folder(folder)
        except OSError as error:
            raise UsageError("state_unwritable", state=str(folder), reason=error.strerror or str(error)) from error


def home_of(run_file: Path) -> Path | None:
    """The state directory in which a run's file lies; None where it lies elsewhere."""
    home = run_file.absolute().parent.parent
    is_home = run_file.absolute() == home / "runs" / run_file.name and (home / "accounts.json").is_file()
    return home if is_home else None


def _noted(path: Path) -> str:
    """Who holds the account, as far as the note can be read."""
    try:
        note = path.read_text(encoding="utf-8", errors="replace")[:_LONGEST_NOTE]
    except OSError:
        return "?"
    found = _HOLDER.fullmatch(note)
    return f"{found[1]} ({messages.phrase('process', number=found[2])})" if found else note


def _loaded(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError("state_damaged", file=path) from error
    ids = found.values() if isinstance(found, dict) else [None]
    if not all(isinstance(each, str) and _ACCOUNT.fullmatch(each) for each in ids):  # each is a folder's name
        raise UsageError("state_damaged", file=path)
    return dict(found)


def _write_private(path: Path, text: str) -> None:
    """Writes a small file whole or not at all, readable by its owner alone, and durable on return.

    Raises:
        RunStopped: the disk is full.
        UsageError: it cannot be written for another reason.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(new_draft(draft), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        if error.errno in NO_SPACE:
            raise RunStopped("state_full", state=path.parent, reason=error.strerror or str(error)) from error
        raise UsageError("state_unwritable", state=path.parent, reason=error.strerror or str(error)) from error
