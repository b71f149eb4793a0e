"""Runs one way of a work in a process of its own, and tells what it took.

A way is prepared first (its imports, what it is given in memory); the clock runs while the work is done. Bytecode is
kept between the processes, whatever the environment says, so that nobody is charged for compiling.
"""

import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Taken:
    """What a work took: seconds of the clock and of the processor, the peak of memory in MiB; and what came of it."""

    seconds: float
    cpu: float
    peak: float
    answer: Any = None


@dataclass(frozen=True, slots=True)
class Way:
    """One way of a work.

    Attributes:
        prepare: given the folder and the number of rows, the work, ready to be done; what it returns is compared with
            what the other ways return.
        needs: the packages that it is run with, installed into an environment of their own; empty for ours.
        most: it is left out above so many rows …
        because: … for this reason.
    """

    prepare: Callable[[Path, int], Callable[[], Any]]
    needs: tuple[str, ...] = ()
    most: int = 10**9
    because: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A work, and the ways of it; the first way is imsync's."""

    title: str
    about: str
    make: Callable[[Path, int], None]
    ways: Mapping[str, Way]
    most_runs: Mapping[int, int] = field(default_factory=dict)  # rows → runs, where the work takes long


def environment(bytecode: Path | None) -> dict[str, str]:
    """The environment of what is measured; without a folder for bytecode, that of this process."""
    own = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    if bytecode is not None:
        own.pop("PYTHONDONTWRITEBYTECODE", None)
        own["PYTHONPYCACHEPREFIX"] = str(bytecode)
    return own


def done(work: Callable[[], Any]) -> Taken:
    """Does the work in this process."""
    gc.collect()
    start, start_cpu = time.perf_counter(), time.process_time()
    answer = work()
    seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    if isinstance(answer, Taken):  # it has measured itself
        return answer
    return Taken(seconds, cpu, own_peak(), answer)


def own_peak() -> float:
    """MiB of memory that this process had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(python: str, arguments: Sequence[str], bytecode: Path) -> Taken:
    """Runs `way.py` with these arguments in a process of its own."""
    command = [python, str(HERE / "way.py"), *arguments]
    # What has been held by the process that starts another counts as the other one's peak: this one holds little.
    ended = subprocess.run(command, env=environment(bytecode), stdout=subprocess.PIPE, check=True)
    return Taken(**json.loads(ended.stdout or "{}")) if ended.stdout else Taken(0, 0, 0)


def whole(command: Sequence[str], env: Mapping[str, str], cwd: Path | None = None) -> tuple[Taken, int]:
    """What a whole process takes, its start and its imports included, and its exit code; the answer is its output."""
    start = time.perf_counter()
    with subprocess.Popen(command, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        output = process.stdout.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    return Taken(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output), process.returncode


def told(taken: Taken) -> None:
    """Prints it for the process that has started this one."""
    sys.stdout.write(json.dumps(asdict(taken)))
