"""Times two ways of the same work and prints a line for each."""

import statistics
import sys
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

Result = TypeVar("Result")


def timed(work: Callable[[], Result], seconds: list[float]) -> Result:
    """The work's result; how long it took is added to the seconds."""
    start = time.perf_counter()
    result = work()
    seconds.append(time.perf_counter() - start)
    return result


def show(rows: int, seconds: Mapping[str, list[float]]) -> None:
    """Prints each way's best and median time, its speed, and how many times faster than the first way it is."""
    first = min(next(iter(seconds.values())))
    for name, each in seconds.items():
        best, median = min(each), statistics.median(each)
        speed = f"{rows / best:12,.0f} rows/s, {first / best:6.1f} x"
        sys.stdout.write(f"{name:20} best {best:7.3f} s, median {median:7.3f} s, {speed}\n")
