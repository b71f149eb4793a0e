"""Everything side by side, into benchmarks/RESULTS.md.

    python -m benchmarks [--sizes 10000,100000] [--quick] [--only NAME,…] [--runs N] [--peers FOLDER] [-o FILE]

Sizes are rows; a million is `--sizes 10000,100000,1000000`. `--quick` is 1,000 rows, each once, to see that all of it
works. The libraries beside which imsync is measured, and which it does not have, are installed into an environment of
their own, in a folder that is kept (`--peers`, by default in the user's cache).
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import job
import machine
import night
import results
import start_up
from cases import CASES
from measuring import HERE, Case, Taken, Way, apart
from peers import python_of_peers, versions
from results import Promise, Results

OURS = ("pandas", "pyarrow", "openpyxl", "python-calamine", "httpx", "phonenumberslite", "click")
THEIRS = ("polars", "fastexcel", "csv-diff", "datacompy")
STEPS = (*CASES, "start-up", "job", "night")
HUNDRED, MILLION = 100_000, 1_000_000

# Steps' promises: case, rows, beside which way, at least so many times as long (or at most so many MiB).
AT_LEAST = (
    ("csv", HUNDRED, "pandas", 3.0),
    ("xlsx", HUNDRED, "pandas + openpyxl", 5.0),
    ("xlsx", MILLION, "pandas + openpyxl", 8.0),
    ("phones", HUNDRED, "phonenumbers, row by row", 10.0),
    ("dates", HUNDRED, "strptime, row by row", 10.0),
    ("diff", MILLION, "csv-diff", 5.0),
    ("diff", MILLION, "datacompy", 5.0),
    ("reports", HUNDRED, "openpyxl, write-only", 1 / 1.2),
)
AT_MOST_MIB = (("xlsx", MILLION, 1.3 * 1024), ("diff", MILLION, 1.25 * 1024))


class Measuring:
    """One run of everything that was asked for."""

    def __init__(self, folder: Path, sizes: Sequence[int], runs: int, peers: Callable[[], str], found: Results) -> None:
        self._folder = folder
        self._bytecode = folder / "bytecode"
        self._sizes = sizes
        self._runs = runs
        self._peers = peers
        self._found = found

    def step(self, name: str) -> None:
        """Measures one step and adds its section."""
        start = time.perf_counter()
        {"start-up": self._start_up, "job": self._job, "night": self._night}.get(name, lambda: self._case(name))()
        self._found.took.append((name, time.perf_counter() - start))

    def _say(self, text: str) -> None:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def _promise(self, about: str, promised: str, found: str, *, holds: bool) -> None:
        self._found.promises.append(Promise(about, promised, found, holds))

    # The steps

    def _case(self, name: str) -> None:
        case = CASES[name]
        lines = []
        for rows in self._sizes:
            found = self._ways(name, case, rows)
            lines += results.lines_of(rows, found)
            lines += [results.left_out(rows, way, each.because) for way, each in case.ways.items() if way not in found]
            self._judge(name, rows, case, {way: results.median(taken) for way, taken in found.items()})
        self._found.sections.append(results.section(case, lines))

    def _ways(self, name: str, case: Case, rows: int) -> dict[str, list[Taken]]:
        """What each way took at one size; the ways take turns."""
        found: dict[str, list[Taken]] = {way: [] for way, each in case.ways.items() if rows <= each.most}
        with tempfile.TemporaryDirectory(dir=self._folder) as inner:
            apart(sys.executable, ["make", name, inner, str(rows)], self._bytecode)
            for _ in range(min(self._runs, case.most_runs.get(rows, self._runs))):
                for way, taken in found.items():
                    taken.append(
                        apart(self._python(case.ways[way]), ["do", name, inner, str(rows), way], self._bytecode)
                    )
                    self._say(f"{name}, {rows:,} rows, {way}: {taken[-1].seconds:.2f} s, {taken[-1].peak:.0f} MiB")
        answers = {str(each.answer) for taken in found.values() for each in taken if each.answer is not None}
        if len(answers) > 1:
            sys.exit(f"{name}: the ways do not agree: {answers}")
        return found

    def _python(self, way: Way) -> str:
        return self._peers() if way.needs else sys.executable

    def _judge(self, name: str, rows: int, case: Case, medians: dict[str, Taken]) -> None:
        ours = medians["imsync"]
        for about, of, way, least in AT_LEAST:
            if (about, of) == (name, rows):
                ratio = medians[way].seconds / ours.seconds
                wanted = (
                    f"at least {least:.1f} x as quick as {way}"
                    if least >= 1
                    else f"at most {1 / least:.1f} x as long as {way}"
                )
                shown = f"{ratio:.1f} x" if least >= 1 else f"{1 / ratio:.2f} x"
                self._promise(f"{case.title}, {rows:,}", wanted, shown, holds=ratio >= least)
        for about, of, most in AT_MOST_MIB:
            if (about, of) == (name, rows):
                self._promise(
                    f"{case.title}, {rows:,}",
                    f"at most {most:,.0f} MiB",
                    f"{ours.peak:,.0f} MiB",
                    holds=ours.peak <= most,
                )

    def _start_up(self) -> None:
        found = start_up.measured(max(2, 5 * self._runs))
        lines = []
        for case, each in found.items():
            taken = results.median(each)
            against = (
                f"{start_up.times_of(found, case, other):.2f} x"
                for other in (start_up.PYTHON, start_up.CLICK, start_up.PANDAS)
            )
            lines.append(
                (f"`{case}`", f"{1000 * taken.seconds:.0f}", f"{1000 * taken.cpu:.0f}", f"{taken.peak:.0f}", *against)
            )
        header = ("command", "ms", "CPU ms", "peak MiB", "of Python", "of click", "of pandas")
        about = "Whole processes, bytecode there; medians, and the medians of the ratios within a turn."
        self._found.sections.append("\n".join(["## Start-up", "", about, "", *results.table(header, lines), ""]))
        check = f"imsync check, {start_up.ROWS:,} rows"
        for command, other, most in (
            ("imsync --version", start_up.PYTHON, 3.0),
            ("imsync --help", start_up.PYTHON, 8.0),
            (check, start_up.PANDAS, 2.5),
        ):
            ratio = start_up.times_of(found, command, other)
            self._promise(f"`{command}`", f"at most {most} x `{other}`", f"{ratio:.2f} x", holds=ratio <= most)

    def _job(self) -> None:
        job.warmed(self._folder, self._bytecode)
        lines: list[tuple[str, ...]] = []
        asked: list[tuple[str, ...]] = []
        for rows in self._sizes:
            with tempfile.TemporaryDirectory(dir=self._folder) as inner:
                jobs = job.compared(Path(inner), self._bytecode, rows)
            for way, each in jobs.items():
                self._say(f"job, {rows:,} rows, {way}: {each.taken.seconds:.1f} s, {each.all_requests:,} requests")
            of = {way: f"{way}, {each.wrong or 'no'} wrong contacts" for way, each in jobs.items()}
            lines += results.lines_of(rows, {of[way]: [each.taken] for way, each in jobs.items()})
            ours = jobs["imsync"].all_requests
            asked += [
                (
                    f"{rows:,}",
                    way,
                    f"{each.all_requests:,}",
                    night.requests_of(each.requests),
                    results.times(each.all_requests, ours),
                )
                for way, each in jobs.items()
            ]
            asked.append(
                (
                    f"{rows:,}",
                    "search and write each row",
                    f"{2 * rows:,}",
                    "by counting",
                    results.times(2 * rows, ours),
                )
            )
            if "naive.py" not in jobs:
                lines.append(results.left_out(rows, "naive.py", f"a request for each row, {rows:,} of them"))
            elif rows == HUNDRED:
                shown = _shown(jobs)
                for promise, holds in job.kept(jobs).items():
                    self._promise("Whole job, 100,000 rows", promise, shown[promise.split()[-1]], holds=holds)
        about = (
            f"As many rows as contacts, one in a hundred differs in a field; both at {job.RATE:,} requests a second at"
            " most, on the sandbox (a process of its own, counted for nobody, answers at once: any latency makes the"
            " script slower). Whole processes, imsync's reports included. Afterwards each book was compared with what"
            " it has to be. naive.py (pandas, phonenumbers, httpx in a loop) looks each row up and writes only those"
            " that differ."
        )
        head = ["## The whole job", "", f"{about} The last three columns: how many times imsync's.", ""]
        self._found.sections.append("\n".join([*head, *results.table(results.HEADER, lines), ""]))
        header = ("rows", "way", "requests", "by method", "of imsync's")
        head = ["## Requests needed", "", "For the same job.", ""]
        self._found.sections.append("\n".join([*head, *results.table(header, asked), ""]))

    def _night(self) -> None:
        lines, parts = [], []
        job.warmed(self._folder, self._bytecode)
        for rows in self._sizes:
            with tempfile.TemporaryDirectory(dir=self._folder) as inner:
                found, stages = night.second_night(Path(inner), self._bytecode, rows, stages=rows >= HUNDRED)
            taken = found.taken
            self._say(f"night, {rows:,} rows: {taken.seconds:.1f} s, {taken.cpu:.2f} s of CPU, {taken.peak:.0f} MiB")
            figures = results.seconds(taken.seconds), results.seconds(taken.cpu), f"{taken.peak:,.0f}"
            lines.append((f"{rows:,}", *figures, f"{found.all_requests:,}", night.requests_of(found.requests)))
            if stages:
                parts += ["", f"Where it goes at {rows:,} rows (one more night, timed from inside):", "", "```"]
                parts += [*night.lines(stages), "```"]
            if rows in (HUNDRED, MILLION):
                shown = {
                    "write": night.requests_of(found.requests),
                    "requests": f"{found.all_requests:,}",
                    "time": f"{taken.cpu:.2f} s",
                    "MiB": f"{taken.peak:.0f} MiB",
                }
                for promise, holds in night.kept(found, rows).items():
                    self._promise(f"Unchanged night, {rows:,} rows", promise, shown[promise.split()[-1]], holds=holds)
        about = "The second night of a job; as many rows as contacts, none differs. A whole process, reports included."
        header = ("rows", "seconds", "CPU seconds", "peak MiB", "requests", "by method")
        head = ["## A night on which nothing changed", "", about, ""]
        self._found.sections.append("\n".join([*head, *results.table(header, lines), *parts, ""]))


def _shown(jobs: dict[str, job.Job]) -> dict[str, str]:
    """The figure behind each promise of the whole job, by the promise's last word."""
    ours, naive = jobs["imsync"], jobs["naive.py"]
    return {
        "requests": f"{naive.all_requests / ours.all_requests:.1f} x fewer",
        "clock": f"{ours.taken.seconds:.1f} s beside {naive.taken.seconds:.1f} s",
        "processor": f"{ours.taken.cpu:.1f} s beside {naive.taken.cpu:.1f} s",
        "contact": f"{ours.wrong} wrong; naive.py {naive.wrong}",
        "memory": f"{ours.taken.peak / naive.taken.peak:.2f} x",
    }


def main() -> int:
    """Measures what was asked for and writes the file; 1 where something promised was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Everything side by side.")
    parser.add_argument("--sizes", default="10000,100000", help="rows, several with commas [10000,100000]")
    parser.add_argument("--quick", action="store_true", help="1,000 rows, each once: to see that all of it works")
    parser.add_argument("--only", default=",".join(STEPS), help="some of: " + ", ".join(STEPS))
    parser.add_argument("--runs", type=int, default=3, help="of each way; fewer where they take long [3]")
    parser.add_argument("--peers", type=Path, help="the folder of the peers' environment")
    parser.add_argument("-o", "--output", type=Path, help="[benchmarks/RESULTS.md; --quick prints]")
    given = parser.parse_args()
    sizes = [1000] if given.quick else sorted({int(size) for size in given.sizes.split(",")})
    steps = given.only.split(",")
    if unknown := set(steps) - set(STEPS):
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    peers = given.peers or Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "imsync-benchmarks"
    # Whatever was asked for, so that the environment stays as it is.
    needs = {package for case in CASES.values() for way in case.ways.values() for package in way.needs}
    python = python_of_peers(peers, needs) if set(steps) & set(CASES) else sys.executable
    known = {**versions(sys.executable, OURS), **(versions(python, THEIRS) if set(steps) & set(CASES) else {})}
    words = " ".join(sys.argv[1:])
    found = Results(machine.described(known), f"python -m benchmarks {words}".strip())
    with tempfile.TemporaryDirectory() as name:
        measuring = Measuring(Path(name), sizes, 1 if given.quick else given.runs, lambda: python, found)
        for step in steps:
            measuring.step(step)
    if given.quick and given.output is None:
        sys.stdout.write(found.text())
    else:
        output: Path = given.output or HERE / "RESULTS.md"
        output.write_text(found.text(), encoding="utf-8")
        sys.stdout.write(f"{output}\n")
    return 0 if all(each.holds for each in found.promises) else 1


if __name__ == "__main__":
    sys.exit(main())
