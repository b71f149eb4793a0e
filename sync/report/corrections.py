"""What somebody has typed into a file of rejected rows is not written over.

What enters: a folder. What leaves: the same folder, its file moved to another name where it is not as imsync wrote it.
What never happens here: a file taken for ours because of its name, or its age; the loss of one that is not.

The folder holds the hashes of what was written there last, in a hidden file that `sha256sum -c` reads. Where it is
missing or damaged nothing is known to be ours, and everything is kept.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from sync.report.files import place

RECORD = ".rejected.sha256"
_MOST = 1 << 20  # bytes of that file that are read
Tell = Callable[..., None]  # code, **values: as `Progress.tell` has it


def untold(code: str, **values: Any) -> None:  # noqa: ANN401 - a template prints any value
    """For whoever has nobody to tell it to."""


class Corrections:
    """The files of rejected rows in one folder: which are as imsync wrote them, and which somebody has worked on.

    Args:
        folder: where they are.
        tell: is told of each that was kept under another name.
        zone: of the moments in those names; the machine's where none is given.
    """

    def __init__(self, folder: Path, tell: Tell = untold, *, zone: tzinfo | None = None) -> None:
        self._folder, self._tell, self._zone = folder, tell, zone
        self._hashes = _read(folder / RECORD)

    def keep(self, path: Path) -> None:
        """Moves the file out of the way where it is not as it was written.

        Raises:
            OSError: it cannot be read or moved, such as where another program holds it open.
        """
        if not path.is_file() or _hash(path) == self._hashes.get(path.name):
            return
        free = self._free(path)
        path.rename(free)
        self._tell("rejected_kept", file=path, kept=free.name)

    def remove(self, path: Path) -> None:
        """Takes a file of an earlier run away, or moves it where it is not as it was written.

        Raises:
            OSError: neither can be done.
        """
        self.keep(path)
        if path.is_file():
            path.unlink()

    def note(self, written: list[Path]) -> None:
        """Writes down what was written; of files that are gone nothing stays.

        Raises:
            UsageError: the folder cannot be written.
        """
        known = {name: found for name, found in self._hashes.items() if (self._folder / name).is_file()}
        known |= {path.name: _hash(path) for path in written}
        if known:
            lines = "".join(f"{found}  {name}\n" for name, found in sorted(known.items()))
            place(self._folder, RECORD, lambda draft: _write(draft, lines))
        elif self._hashes:
            (self._folder / RECORD).unlink(missing_ok=True)

    def _free(self, path: Path) -> Path:
        """A name that is not taken, with the moment at which the file was saved."""
        saved = datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone(self._zone)
        stem = f"{path.stem}-{saved:%Y%m%d-%H%M}"
        number, free = 1, path.with_name(f"{stem}{path.suffix}")
        while free.exists():
            number += 1
            free = path.with_name(f"{stem}-{number}{path.suffix}")
        return free


def _read(record: Path) -> dict[str, str]:
    """The hashes by name; none where the file cannot be read."""
    try:
        with record.open(encoding="utf-8") as file:
            lines = file.read(_MOST).splitlines()
    except (OSError, ValueError):
        return {}
    pairs = (line.split("  ", 1) for line in lines if "  " in line)
    return {name: found for found, name in pairs}


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, lines: str) -> None:
    path.write_text(lines, encoding="utf-8", errors="surrogateescape", newline="\n")
