"""Bounded memory: what takes more is a fault, told as a MemoryError of the test that met it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

_MORE = 4 << 30  # bytes of address space; libraries reserve far more than they use


@pytest.fixture(autouse=True)
def _bounded_memory() -> Iterator[None]:
    resource = pytest.importorskip("resource", reason="limits are POSIX's")
    before = resource.getrlimit(resource.RLIMIT_AS)
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    except OSError:  # no /proc: nobody knows how much is used
        yield
        return
    resource.setrlimit(resource.RLIMIT_AS, (int(pages) * resource.getpagesize() + _MORE, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
