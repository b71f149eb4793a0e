"""In: what happened to each request.

Out: entries in memory and, where asked for, in a file of JSON lines.
Never here: keys, hashes, names, numbers or addresses of contacts.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

from sync.sandbox.faults import Fault
from sync.sandbox.requests import Wire


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one request.

    Attributes:
        number: counts the requests from 1, in the order in which they had been read.
        at: monotonic seconds when the request had been read.
        method: one of the API's methods, or "" where the address named none of them.
        wire: "json" or "xml".
        code: that of the answer, or of what was carried out when the answer was lost; None: nothing was done.
        fault: the fault that the request met.
        contact_id: of the contact that was added, edited, read or deleted.
    """

    number: int
    at: float
    method: str
    wire: Wire
    code: int | None
    fault: Fault | None
    contact_id: int | None


class Ledger:
    """The entries of a server, in the order in which the requests were finished.

    Attributes:
        entries: grows; an entry is there before its answer leaves.
    """

    def __init__(self, path: Path | None, monotonic: Callable[[], float]) -> None:
        self.entries: list[Entry] = []
        self._monotonic = monotonic
        self._arrived = 0
        self._lock = Lock()
        # Line-buffered: a killed server has lost no entry.
        self._file = path.open("a", encoding="utf-8", buffering=1) if path else None

    def arrive(self) -> tuple[int, float]:
        """Returns the number and the time of a request that has just been read."""
        with self._lock:
            self._arrived += 1
            return self._arrived, self._monotonic()

    def record(self, entry: Entry) -> None:
        """Keeps `entry`."""
        with self._lock:
            self.entries.append(entry)
            if self._file is not None:
                self._file.write(json.dumps(asdict(entry)) + "\n")

    def close(self) -> None:
        """Closes the file; later entries are kept in memory only."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
