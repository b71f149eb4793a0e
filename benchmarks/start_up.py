"""How long commands take that have little to do, beside what Python, click and pandas take by themselves.

    python benchmarks/start_up.py [times]

Each run is a process of its own. The cases take turns, and each ran once before, so that all bytecode is there. Shown
are the medians, and the medians of the ratios within a turn: a machine that is busy for a while slows all of a turn.
"""

import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from measuring import Taken, environment, whole

TIMES = 15
ROWS = 1000
_MAPPING = """\
version: 1
match: [gsm, email]
fields: {name: Ad, surname: Soyad, email: E-posta, gsm: Telefon}
custom_fields:
  1: {column: Doğum Tarihi, type: date}
groups: {column: Grup}
"""
PYTHON, PANDAS = "python -c pass", 'python -c "import pandas"'
CLICK = 'python -c "import click"'
EAGER = 'python -c "import click, pandas, openpyxl, httpx"'


def measured(times: int) -> dict[str, list[Taken]]:
    """What each case took, so many times."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = {
            PYTHON: ["-c", "pass"],
            CLICK: ["-c", "import click"],
            "imsync --version": ["-m", "sync", "--version"],
            "imsync --help": ["-m", "sync", "--help"],
            "imsync check --help": ["-m", "sync", "check", "--help"],
            PANDAS: ["-c", "import pandas"],
            EAGER: ["-c", "import click, pandas, openpyxl, httpx"],
            f"imsync check, {ROWS:,} rows": ["-m", "sync", "check", *_check(folder)],
        }
        found: dict[str, list[Taken]] = {case: [] for case in cases}
        for turn in range(times + 1):
            for case, words in cases.items():
                taken, code = whole([sys.executable, *words], environment(folder / "bytecode"))
                if code:
                    sys.exit(f"{' '.join(words)} ended with {code}.")
                if turn:
                    found[case].append(taken)
    return found


def times_of(found: Mapping[str, Sequence[Taken]], case: str, other: str) -> float:
    """How many times as long as another one a case takes: the median of the ratios within a turn."""
    pairs = zip(found[case], found[other], strict=True)
    return statistics.median(each.seconds / theirs.seconds for each, theirs in pairs)


def _check(folder: Path) -> tuple[str, ...]:
    """The words of a check of invented customers."""
    lines = ["Ad;Soyad;E-posta;Telefon;Doğum Tarihi;Grup"]
    lines += [f"Ad{n};Soyad;kisi{n}@example.com;+90500{n:07};15.01.1995;Bayiler" for n in range(ROWS)]
    (folder / "customers.csv").write_text("\n".join(lines), encoding="utf-8")
    (folder / "customers.yaml").write_text(_MAPPING, encoding="utf-8")
    return str(folder / "customers.csv"), "-m", str(folder / "customers.yaml")


def main(times: int) -> None:
    """Prints a line for each case."""
    found = measured(times)
    for case, each in found.items():
        median = statistics.median(taken.seconds for taken in each) * 1000
        against = "  ".join(f"{times_of(found, case, other):6.2f} x {other}" for other in (PYTHON, PANDAS))
        sys.stdout.write(f"{case:52} median {median:6.0f} ms  {against}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TIMES)
