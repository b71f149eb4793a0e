"""Runs imsync in this process and times its parts from inside: seconds, processor seconds, the peak of memory so far.

    python benchmarks/stages.py OUT sync FILE -m MAPPING …

Used by `night.py --stages`. A part that is called inside another one is told apart from it: the outer one's figures are
without it.
"""

import importlib
import inspect
import json
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

STARTED = time.perf_counter()

from measuring import own_peak  # noqa: E402 - the clock starts first

PARTS = {
    "reading the sheet": ("sync.run.planning", "read_sheet"),
    "reading the book": ("sync.run.planning", "read_book"),
    "recalling": ("sync.run.planning", "recalled"),
    "remembered contacts": ("sync.run.planning", "with_remembered"),
    "comparing": ("sync.diff", "make_plan"),
    "figures": ("sync.diff", "figures"),
    "writing the plan": ("sync.runs.run_file:RunFile", "create"),
    "remembering": ("sync.run.applying", "remember"),
    "report.csv": ("sync.report.reports", "_write_csv"),
    "report.xlsx": ("sync.report.reports", "write_workbook"),
    "report.html": ("sync.report.reports", "write_page"),
    "report.json": ("sync.report.reports", "_write_json"),
}


class Stages:
    """The parts so far, in the order in which they ended first."""

    def __init__(self) -> None:
        self._found: dict[str, list[float]] = {}
        self._inner: list[list[float]] = []

    def begin(self) -> tuple[float, float]:
        """Starts a part."""
        self._inner.append([0.0, 0.0])
        return time.perf_counter(), time.process_time()

    def end(self, part: str, begun: tuple[float, float]) -> None:
        """Ends the part that was started last."""
        whole = time.perf_counter() - begun[0], time.process_time() - begun[1]
        inner = self._inner.pop()
        for outer in self._inner[-1:]:
            outer[:] = outer[0] + whole[0], outer[1] + whole[1]
        kept = self._found.setdefault(part, [0.0, 0.0, 0.0])
        kept[:] = kept[0] + whole[0] - inner[0], kept[1] + whole[1] - inner[1], own_peak()

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed."""
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def later(*positional: Any, **named: Any) -> Any:  # noqa: ANN401 - passed on
                begun = self.begin()
                try:
                    return await function(*positional, **named)
                finally:
                    self.end(part, begun)

            return later

        @wraps(function)
        def now(*positional: Any, **named: Any) -> Any:  # noqa: ANN401 - passed on
            begun = self.begin()
            try:
                return function(*positional, **named)
            finally:
                self.end(part, begun)

        return now

    def write(self, path: Path) -> None:
        """Writes the parts, and what is in none of them."""
        seconds, cpu = time.perf_counter() - STARTED, time.process_time()
        parts = [
            {"part": part, "seconds": each[0], "cpu": each[1], "peak": each[2]} for part, each in self._found.items()
        ]
        rest = (
            seconds - sum(each[0] for each in self._found.values()),
            cpu - sum(each[1] for each in self._found.values()),
        )
        parts.append({"part": "imports, and the rest", "seconds": rest[0], "cpu": rest[1], "peak": own_peak()})
        path.write_text(json.dumps(parts), encoding="utf-8")


def main() -> None:
    """Times the parts of the command."""
    stages = Stages()
    for part, (home, name) in PARTS.items():
        module, _, inside = home.partition(":")
        place = importlib.import_module(module)
        place = getattr(place, inside) if inside else place
        setattr(place, name, stages.timed(part, getattr(place, name)))
    from sync.cli.main import main as imsync

    try:
        imsync(sys.argv[2:])
    finally:
        stages.write(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
