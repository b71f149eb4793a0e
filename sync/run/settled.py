"""Waits until whoever writes the input has finished.

What enters: paths, a span of time. What leaves: nothing; the files have not changed for that long.
What never happens here: reading them; waiting without end.
"""

from collections.abc import Sequence
from pathlib import Path

from sync.clock import Clock
from sync.errors import RunRefused
from sync.progress import Progress

_LONGEST = 3600.0  # seconds of waiting, or as many times the span as follow
_LONGEST_SPANS = 10
_LOOKS = 10  # in one span
_BETWEEN_LOOKS = (0.02, 5.0)  # seconds, at least and at most

Seen = list[tuple[int, int] | None]


async def wait_until_settled(files: Sequence[Path], seconds: float, clock: Clock, progress: Progress) -> None:
    """Returns when size and time of every file have stayed the same for so many seconds.

    A file that is not there is left to the reader, which says so; one that goes while we wait, as when an export puts
    another in its place, counts as changing.

    Raises:
        RunRefused: they go on changing.
    """
    seen = _look(files)
    if None in seen:
        return
    started = since = clock.monotonic()
    longest = max(_LONGEST, _LONGEST_SPANS * seconds)
    pause = min(max(seconds / _LOOKS, _BETWEEN_LOOKS[0]), _BETWEEN_LOOKS[1])
    progress.tell("settling", seconds=f"{seconds:g}")
    while (left := since + seconds - clock.monotonic()) > 0 or None in seen:
        if clock.monotonic() - started >= longest:
            raise RunRefused("input_growing", minutes=round(longest / 60), files=", ".join(map(str, files)))
        await clock.sleep(min(pause, left) if left > 0 else pause)
        now = _look(files)
        if now != seen:
            seen, since = now, clock.monotonic()


def _look(files: Sequence[Path]) -> Seen:
    found: Seen = []
    for path in files:
        if str(path) == "-":  # standard input ends by itself
            continue
        try:
            status = path.stat()
        except OSError:
            found.append(None)
        else:
            found.append((status.st_size, status.st_mtime_ns))
    return found
