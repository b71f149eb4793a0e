"""The one door through which reports reach the disk.

What enters: a folder, a name, and something that writes a file. What leaves: the path that was written.
What never happens here: a half-written report; a report lost because another program holds the old one open.
"""

import os
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from sync.drafts import new_draft, private_folder
from sync.errors import UsageError

_NEIGHBOURS = 20


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
        _refuse_folder(folder / name)


def _refuse_folder(path: Path) -> None:
    if path.is_dir():
        raise UsageError("report_is_folder", path=path)


def place(
    folder: Path,
    name: str,
    write: Callable[[Path], None],
    *,
    spared: Collection[Path] = (),
    before: Callable[[Path], None] = lambda _: None,
) -> Path:
    """Writes one file whole and puts it in place, private to the user; what was there is replaced, but for the spared.

    Args:
        folder: where it goes.
        name: what it is called.
        write: writes it.
        spared: files that are not replaced.
        before: is called with the path, before what stands there is replaced.

    Raises:
        UsageError: the folder cannot be written, or a folder stands where the file is to be.
    """
    draft = folder / f".{os.getpid()}.{name}"
    try:
        private_folder(folder)
        os.close(new_draft(draft))
        write(draft)
        for number in range(1, _NEIGHBOURS):
            path = folder / (name if number == 1 else f"{Path(name).stem}-{number}{Path(name).suffix}")
            if path.resolve() in spared:
                continue
            _refuse_folder(path)
            try:
                before(path)
                draft.replace(path)
            except PermissionError:  # another program holds it open
                continue
            return path
        raise UsageError("report_unwritable", folder=folder, reason="held_open", name=name)
    except OSError as error:
        raise UsageError("report_unwritable", folder=folder, reason=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
