"""What a part of a run has sent and how long it took.

What enters: a client, the facts of the run. What leaves: nothing; the facts have it.
What never happens here: a request; a file written.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sync.clock import Clock
from sync.record import RunMeta
from sync.remote import Client


@contextmanager
def counted(client: Client, clock: Clock, meta: RunMeta) -> Iterator[None]:
    """Adds to the run's requests, retries and seconds what comes to pass within, however that ends."""
    requests, retries, started = Counter(client.requests), client.retries, clock.monotonic()
    try:
        yield
    finally:
        meta.requests = dict(Counter(meta.requests) + (Counter(client.requests) - requests))
        meta.retries += client.retries - retries
        meta.seconds += clock.monotonic() - started
