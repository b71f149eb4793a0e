"""Drafts: what is written beside its place before it is put there.

What enters: where a draft is to stand. What leaves: an open, empty file that nobody else can read.
What never happens here: writing through a link, or into a file that somebody else has put there.
"""

import os
from pathlib import Path


def new_draft(path: Path) -> int:
    """The descriptor of a new file; whatever stood there is taken away first.

    Raises:
        OSError: it cannot be made, or somebody was quicker and has put another one there.
    """
    path.unlink(missing_ok=True)
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
