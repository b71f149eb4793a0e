"""A folder of reports, in which nothing is written over but what imsync itself has written there.

What enters: a name, and something that writes a file. What leaves: the path that was written.
What never happens here: a file taken for ours because of its name, or its age; the loss of one that is not; a report
lost because another program holds the old one open; another name taken without a word.

The folder holds the hashes of what was written there last, in a hidden file that `sha256sum -c` reads. Where it is
missing or damaged nothing is known to be ours, and everything is kept.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from sync.errors import UsageError
from sync.report.files import drafted, refuse_folder
from sync.sheet import Input

RECORD = ".imsync.sha256"
_MOST = 1 << 20  # bytes of that file that are read
_NEIGHBOURS = 20
_TO_CORRECT = "rejected"  # what the names of files begin with that are fed in again
Tell = Callable[..., None]  # code, **values: as `Progress.tell` has it


def untold(code: str, **values: Any) -> None:  # noqa: ANN401 - a template prints any value
    """For whoever has nobody to tell it to."""


class ReportFolder:
    """Where the reports of a run go.

    Args:
        path: the folder; it is made where there is none.
        inputs: of the run; a file that is one is neither replaced, moved nor removed.
        tell: is told of each file that was kept under another name, and of each report that could not have its own.
        zone: of the moments in those names; the machine's where none is given.
    """

    def __init__(
        self, path: Path, inputs: Iterable[Input] = (), tell: Tell = untold, *, zone: tzinfo | None = None
    ) -> None:
        self.path, self._tell, self._zone = path, tell, zone
        self._inputs = {Path(each.path).resolve() for each in inputs}

    def place(self, name: str, write: Callable[[Path], None]) -> Path:
        """Writes one file whole and puts it in place, private to the user; or beside it where that cannot be.

        Raises:
            UsageError: the folder cannot be written, or a folder stands where the file is to be.
        """
        refused: tuple[str, dict[str, Any]] | None = None
        with drafted(self.path, name, write) as draft:
            written = _hash(draft)
            for path in _neighbours(self.path / name):
                if path.resolve() in self._inputs:
                    refused = refused or ("report_is_input", {"file": path})
                    continue
                refuse_folder(path)
                try:
                    self._keep(path)
                    draft.replace(path)
                except PermissionError as error:  # another program holds it open, or it is protected
                    refused = refused or ("report_held", {"file": path, "reason": error.strerror or str(error)})
                    continue
                break
            else:
                raise UsageError("report_unwritable", folder=self.path, reason="held_open", name=name)
        self._note({path.name: written})
        if refused:
            code, values = refused
            self._tell(code, **values, name=path.name)
        return path

    def remove(self, name: str) -> None:
        """Takes a file of an earlier run away, or moves it where it is not known to be as it was written."""
        path = self.path / name
        if path.resolve() in self._inputs:
            return
        with suppress(OSError):  # it stays where it is
            self._keep(path)
            path.unlink(missing_ok=True)
        self._note({})

    def _keep(self, path: Path) -> None:
        """Moves the file out of the way where it is not known to be as it was written."""
        if not path.is_file() or _hash(path) == self._known().get(path.name):
            return
        saved = datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone(self._zone)
        moved = path.with_name(f"{path.stem}-{saved:%Y%m%d-%H%M}{path.suffix}")
        free = next(each for each in _neighbours(moved, most=None) if _made(each))
        try:
            path.replace(free)
        except OSError:
            free.unlink()
            raise
        code = "rejected_kept" if path.name.startswith(_TO_CORRECT) else "report_kept"
        self._tell(code, file=path, kept=free.name)

    def _known(self) -> dict[str, str]:
        """The hashes by name; none where the record cannot be read."""
        try:
            with (self.path / RECORD).open(encoding="utf-8", errors="surrogateescape") as file:
                lines = file.read(_MOST).splitlines()
        except OSError:
            return {}
        pairs = (line.split("  ", 1) for line in lines if "  " in line)
        return {name: found for found, name in pairs}

    def _note(self, written: dict[str, str]) -> None:
        """Writes down what was written; of files that are gone nothing stays."""
        before = self._known()
        known = {name: found for name, found in before.items() if (self.path / name).is_file()} | written
        if known == before:
            return
        if not known:
            (self.path / RECORD).unlink(missing_ok=True)
            return
        lines = "".join(f"{found}  {name}\n" for name, found in sorted(known.items()))
        with drafted(self.path, RECORD, lambda draft: _write(draft, lines)) as draft, suppress(PermissionError):
            draft.replace(self.path / RECORD)  # where a virus scanner holds it, what was written is kept next time


def _neighbours(path: Path, *, most: int | None = _NEIGHBOURS) -> Iterator[Path]:
    """The path itself, then those beside it: report.xlsx, report-2.xlsx, report-3.xlsx."""
    yield path
    number = 2
    while most is None or number < most:
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1


def _made(path: Path) -> bool:
    """Makes an empty file that nobody else will take, unless there is one: of two who want a name one gets it."""
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        return False
    return True


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, lines: str) -> None:
    path.write_text(lines, encoding="utf-8", errors="surrogateescape", newline="\n")
