"""Drafts, which are written beside their place before they are put there, and folders: both private to the user.

What enters: where one is to stand. What leaves: an open, empty file, or a folder, that nobody else can read.
What never happens here: writing through a link, or into a file that somebody else has put there.
"""

import os
from pathlib import Path


def private_folder(path: Path) -> None:
    """Makes a folder where there is none, and those above it that are missing.

    Raises:
        OSError: it cannot be made.
    """
    for each in (*reversed(path.parents), path):
        if not each.is_dir():
            each.mkdir(mode=0o700, exist_ok=True)


def new_draft(path: Path) -> int:
    """The descriptor of a new file; whatever stood there is taken away first.

    Raises:
        OSError: it cannot be made, or somebody was quicker and has put another one there.
    """
    path.unlink(missing_ok=True)
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
