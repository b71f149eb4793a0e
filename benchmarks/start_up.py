"""How long commands take that have little to do, beside what Python and pandas take by themselves.

    python benchmarks/start_up.py [times]

Each run is a process of its own. The cases take turns, and each ran once before, so that all bytecode is there. Shown
are the medians, and the medians of the ratios within a turn: a machine that is busy for a while slows all of a turn.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

_TIMES = 15
_ROWS = 1000
_MAPPING = """\
version: 1
match: [gsm, email]
fields: {name: Ad, surname: Soyad, email: E-posta, gsm: Telefon}
custom_fields:
  1: {column: Doğum Tarihi, type: date}
groups: {column: Grup}
"""
_PYTHON, _PANDAS = "python -c pass", 'python -c "import pandas"'


def main(times: int) -> None:
    """Prints a line for each case."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = {
            _PYTHON: ["-c", "pass"],
            "imsync --version": ["-m", "sync", "--version"],
            "imsync --help": ["-m", "sync", "--help"],
            "imsync check --help": ["-m", "sync", "check", "--help"],
            _PANDAS: ["-c", "import pandas"],
            f"imsync check, {_ROWS:,} rows": ["-m", "sync", "check", *_check(folder)],
        }
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
        seconds: dict[str, list[float]] = {case: [] for case in cases}
        for turn in range(times + 1):
            for case, words in cases.items():
                taken = _timed(words, environment)
                if turn:
                    seconds[case].append(taken)
    _show(seconds)


def _check(folder: Path) -> tuple[str, ...]:
    """The words of a check of invented customers."""
    lines = ["Ad;Soyad;E-posta;Telefon;Doğum Tarihi;Grup"]
    lines += [f"Ad{n};Soyad;kisi{n}@example.com;+90500{n:07};15.01.1995;Bayiler" for n in range(_ROWS)]
    (folder / "customers.csv").write_text("\n".join(lines), encoding="utf-8")
    (folder / "customers.yaml").write_text(_MAPPING, encoding="utf-8")
    return str(folder / "customers.csv"), "-m", str(folder / "customers.yaml")


def _timed(words: list[str], environment: Mapping[str, str]) -> float:
    start = time.perf_counter()
    ended = subprocess.run([sys.executable, *words], env=environment, stdout=subprocess.DEVNULL, check=False)
    taken = time.perf_counter() - start
    if ended.returncode:
        sys.exit(f"{' '.join(words)} ended with {ended.returncode}.")
    return taken


def _show(seconds: Mapping[str, list[float]]) -> None:
    for case, each in seconds.items():
        against = [
            f"{statistics.median(map(float.__truediv__, each, other)):6.2f} x {name}"
            for name, other in ((_PYTHON, seconds[_PYTHON]), (_PANDAS, seconds[_PANDAS]))
        ]
        sys.stdout.write(f"{case:26} median {statistics.median(each) * 1000:6.0f} ms  {'  '.join(against)}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _TIMES)
