"""How reports reach the disk.

What enters: a folder, a name, and something that writes a file. What leaves: a file that is whole, to be put in place.
What never happens here: a half-written report; one that somebody else can read.
"""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sync.drafts import new_draft, private_folder
from sync.errors import UsageError


def check_folder(folder: Path, names: Collection[str] = ()) -> None:
    """Makes the folder, and raises UsageError where nothing could be written to it, or not under one of the names."""
    probe = folder / f".{os.getpid()}.probe"
    try:
        private_folder(folder)
        os.close(new_draft(probe))
        probe.unlink()
    except OSError as error:
        raise UsageError("report_unwritable", folder=folder, reason=error.strerror or str(error)) from error
    for name in names:
        refuse_folder(folder / name)


def refuse_folder(path: Path) -> None:
    """Raises UsageError where the path is a folder."""
    if path.is_dir():
        raise UsageError("report_is_folder", path=path)


@contextmanager
def drafted(folder: Path, name: str, write: Callable[[Path], None]) -> Iterator[Path]:
    """A file written whole beside its place, private to the user; it is gone afterwards where it was not put there.

    Raises:
        UsageError: the folder cannot be written.
    """
    draft = folder / f".{os.getpid()}.{name}"
    try:
        private_folder(folder)
        os.close(new_draft(draft))
        write(draft)
        yield draft
    except OSError as error:
        raise UsageError("report_unwritable", folder=folder, reason=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
