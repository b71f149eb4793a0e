"""Times report.xlsx of changed rows beside plain openpyxl (write-only) writing the very same cells.

    python benchmarks/reports.py [--rows 100000] [--runs 3]

Each in a process of its own, one after the other, round by round: the seconds, and the most memory the process took.
Ours starts from the run file on the disk: reading it, making texts of it and writing are in its time. The other one is
given its cells ready-made, batch by batch, with the clock stopped while they are made. `all` is every report of the run
(html, xlsx, csv, json, rejected).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median

from measuring import Taken, done, own_peak

sys.path.insert(0, str(Path(__file__).parent.parent))

_BATCH = 2_000
_FIELDS = ("Ad", "Soyad", "Cep telefonu", "E-posta", "Doğum tarihi", "Şehir", "Müşteri No", "Not")
_NAMES = ("Çağla", "İrem", "Ilgın", "Şule", "Ömer", "Ümit", "Zeynep", "Ahmet", "Gül", "Cem")
_CITIES = ("İstanbul", "Ankara", "İzmir", "Muğla", "Iğdır")


def make_run(path: Path, rows: int) -> None:
    """Writes a run file: of four rows two are edited, one is added, one is rejected; each has eight cells."""
    import pandas as pd

    from sync.change import Change, Plan, Remark
    from sync.contact import Contact
    from sync.grid import Grid
    from sync.runs import RunFile
    from sync.sheet import Input, Sheet
    from tests.runs.building import a_meta

    def phone(number: int) -> str:
        return f"+90500{number:07}"

    def contact(number: int, name: str, city: str, known: int | None) -> Contact:
        email = f"kisi{number}@example.com"
        return Contact(known, name, "Yılmaz", email, phone(number), {1: "01/02/1990", 2: city}, (7, 8))

    def change(number: int) -> Change:
        meant = contact(number, _NAMES[number % 10], _CITIES[number % 5], None)
        keys = {"gsm": phone(number)}
        if number % 4 == 0:
            return Change(number, "add", keys, None, meant, ("name", "surname", "email", "gsm", "custom:2", "groups"))
        found = contact(number, _NAMES[number % 10].upper(), _CITIES[(number + 1) % 5], 100_000 + number)
        meant = contact(number, _NAMES[number % 10], _CITIES[number % 5], 100_000 + number)
        return Change(number, "edit", keys, found, meant, ("name", "custom:2"))

    cells = [
        [
            _NAMES[n % 10], "Yılmaz", phone(n), f"kisi{n}@example.com", "01.02.1990", _CITIES[n % 5], f"{n:08}",
            "=not & <b>",
        ]
        for n in range(rows)
    ]  # fmt: skip
    found = Input(
        path="kişiler.xlsx", name="kişiler.xlsx", kind="xlsx", sheet="Müşteriler", header=_FIELDS, header_row=1,
        encoding="", delimiter="", sha256="1" * 64, cells=Grid.of_rows(range(2, rows + 2), cells),
    )  # fmt: skip
    table = pd.DataFrame({"input": [0] * rows, "row": range(2, rows + 2), "cells": range(rows)}).astype("int64")
    outcomes = ["added" if n % 4 == 0 else "rejected" if n % 4 == 3 else "edited" for n in range(rows)]  # noqa: PLR2004
    planned = pd.DataFrame({
        "planned": outcomes,
        "contact_id": pd.array(
            [100_000 + n if outcome == "edited" else None for n, outcome in enumerate(outcomes)], dtype="Int64"
        ),
        "key": [phone(n) for n in range(rows)],
    })  # fmt: skip
    remarks = {
        n: [Remark("phone_too_short", {"cell": f"0500 {n}"}, "Cep telefonu")]
        for n, outcome in enumerate(outcomes)
        if outcome == "rejected"
    }
    changes = (change(n) for n, outcome in enumerate(outcomes) if outcome != "rejected")
    meta = a_meta(
        labels={"name": "Ad", "surname": "Soyad", "email": "E-posta", "gsm": "Cep telefonu", "custom:2": "Şehir"},
        groups={"7": "Müşteriler", "8": "Müşteriler / İstanbul"},
    )
    RunFile.create(path, meta, Sheet(table, (found,), ()), Plan(planned, remarks, changes, matched=rows // 2)).close()


def ours(run_path: Path, folder: Path) -> None:
    """Writes report.xlsx from the run file."""
    from sync.report.workbook import write_workbook
    from sync.runs import RunFile

    run = RunFile.open(run_path, look=True)
    write_workbook(run, _summary(run), folder / "report.xlsx", all_rows=False)
    run.close()


def every(run_path: Path, folder: Path) -> None:
    """Writes all reports."""
    from sync.report import write_reports
    from sync.runs import RunFile

    run = RunFile.open(run_path, look=True)
    write_reports(run, lambda _: _summary(run), folder)
    run.close()


def plain(run_path: Path, folder: Path) -> Taken:
    """What openpyxl takes for the same cells, which are made while the clock stands."""
    from openpyxl import Workbook

    from sync.report.row_cells import RowCells, said_of
    from sync.runs import RunFile

    run = RunFile.open(run_path, look=True)
    made = RowCells(run)
    rows: Iterable[list[str | int | None]] = (made.cells(row, said_of(row)) for row in run.rows(planned=True))
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Rows")
    seconds = cpu = 0.0

    def timed(work: Callable[[], object]) -> None:
        nonlocal seconds, cpu
        start, spent = time.perf_counter(), time.process_time()
        work()
        seconds, cpu = seconds + time.perf_counter() - start, cpu + time.process_time() - spent

    while batch := list(islice(rows, _BATCH)):
        timed(partial(deque, map(sheet.append, batch), 0))
    timed(partial(workbook.save, folder / "plain.xlsx"))
    run.close()
    return Taken(seconds, cpu, own_peak())


def _summary(run):  # noqa: ANN001, ANN202 - a RunFile; imported late
    from sync.outcome import Summary

    return Summary(run.meta.run, "planned", run.row_count, run.outcomes(planned=True))


WAYS = {"plain openpyxl": plain, "report.xlsx": ours, "all reports": every}


def main() -> None:
    """Prints what was measured."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--runs", type=int, default=3)
    asked.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    asked.add_argument("--run-file", type=Path, help=argparse.SUPPRESS)
    chosen = asked.parse_args()
    if chosen.way:
        with tempfile.TemporaryDirectory() as folder:
            taken = done(lambda: WAYS[chosen.way](chosen.run_file, Path(folder)))
            sizes = sum(path.stat().st_size for path in Path(folder).iterdir())
        sys.stdout.write(json.dumps([taken.seconds, taken.peak, sizes]) + "\n")
        return
    if chosen.run_file:  # in a process of its own as well: what this one holds would count as theirs
        make_run(chosen.run_file, chosen.rows)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.run"
        subprocess.run([sys.executable, __file__, "--rows", str(chosen.rows), "--run-file", str(path)], check=True)
        found: dict[str, list[list[float]]] = {way: [] for way in WAYS}
        for _ in range(chosen.runs):
            for way, times in found.items():
                command = [sys.executable, __file__, "--way", way, "--run-file", str(path)]
                times.append(json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout))
    first = median(seconds for seconds, _, _ in found["plain openpyxl"])
    for way, times in found.items():
        middle = median(seconds for seconds, _, _ in times)
        spread = f"({min(times)[0]:.2f}-{max(times)[0]:.2f})"
        peak, size = max(peak for _, peak, _ in times), times[0][2] / 1e6
        told = f"{middle / first:5.2f} x, peak {peak:4.0f} MiB, {size:5.1f} MB on the disk"
        sys.stdout.write(f"{way:15} {middle:6.2f} s {spread:13} {told}\n")


if __name__ == "__main__":
    main()
