"""In: what happened to each request.

Out: entries in memory and, where asked for, in a file of JSON lines.
Never here: keys, hashes, names, numbers or addresses of contacts.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

from sync.sandbox.requests import Wire


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one request.

    Attributes:
        number: counts the requests from 1, in the order in which they had been read.
        at: monotonic seconds when the request had been read.
        method: one of the API's methods, or "" where the address named none of them.
        wire: "json" or "xml".
        code: what the API itself made of the request, whether that was sent or not; where a fault put a refusal in its
            place (429, 503, 401), the code of that; None: neither.
        fault: the name of the fault that the request met (`faults.FAULTS`, or "outage" or "unauthorised"); None: the
            answer was sent as it was.
        contact_id: of the contact that was added, edited, read or deleted.
        carried_out: whether the method did what it is for. For a write: whether the book has been changed by it, once,
            whatever the client was told. False for a refusal, the API's own (465, 472 …) or a fault's, for a request
            that a fault lost, and for one that came too late to a stopping server.
    """

    number: int
    at: float
    method: str
    wire: Wire
    code: int | None
    fault: str | None
    contact_id: int | None
    carried_out: bool


class Ledger:
    """The entries of a server, in the order in which the requests were finished.

    Every request that was read whole has one entry, so the book is what it was at the start and the writes that were
    `carried_out`, in this order but for writes that ended at the same moment, and what `others` wrote. A late write
    gets its entry, with a number from when it had been read, when it has been carried out. Connections that an outage
    refused brought no request and have no entry.

    Attributes:
        entries: grows; an entry is there before its answer leaves, even before a slow one's delay.
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
