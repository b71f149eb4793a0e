"""Two CSV files compared by a key: imsync beside csv-diff and datacompy, on the same files, each in its own process.

    python benchmarks/diff.py [--rows N] [--runs N] [--peers FOLDER]

Of the rows 2 % differ in one of 8 compared fields, and the second file is in no order. The time begins before the files
are opened and ends when every difference is at hand, field by field. Neither peer cleans what it reads, so `imsync`
takes the cells as they stand; `imsync, cleaning` reads the first file through a mapping, as `imsync plan` does.

The peers are installed into a virtual environment of their own, in the folder (made and removed when none is given).
Prints seconds and processor seconds (medians), the peak of memory, and how many times longer than imsync each takes;
exits with 1 where the ways do not agree on how many rows differ.
"""

import argparse
import csv
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PEERS = ("csv-diff==1.2", "datacompy==1.1.0")
HEADER = ["Cep", "Ad", "Soyad", "E-posta", "Doğum", "Şehir", "Not", "Üye", "Grup"]
FIELDS = ["gsm", "name", "surname", "email", "custom:1", "custom:2", "custom:3", "custom:4", "groups"]
NAMES = ("Ayşe", "Mehmet", "İlker", "Çağla", "Gökçe", "Şule", "Ümit", "Ömer", "Fatma", "Can", "Deniz", "Elif", "Emre")
SURNAMES = ("Yılmaz", "Işık", "Öztürk", "Demir", "Şahin", "Kaya", "Çelik", "Aydın", "Arslan", "Doğan", "Kılıç", "Koç")
CITIES = ("İstanbul", "Ankara", "İzmir", "Şanlıurfa", "Bursa", "Adana", "Konya", "Muğla")
GROUPS = ("10", "20", "30", "10;20")
SHARE = 50  # one row in so many differs
MAPPING = """
version: 1
match: [gsm]
fields: {name: Ad, surname: Soyad, email: E-posta, gsm: Cep}
custom_fields: {1: {column: Doğum, type: date}, 2: Şehir, 3: Not, 4: Üye}
groups: {column: Grup, mode: exact}
"""


def make(folder: Path, rows: int) -> None:
    """Writes the two files and the mapping."""
    chance = random.Random(1)
    stored = [
        [f"+9053{number:08}", chance.choice(NAMES), chance.choice(SURNAMES), f"kisi{number}@example.com",
         f"{chance.randrange(1, 29):02}/{chance.randrange(1, 13):02}/{chance.randrange(1945, 2008)}",
         chance.choice(CITIES), f"üye {number % 5000}", f"M{number:08}", chance.choice(GROUPS)]
        for number in range(rows)
    ]  # fmt: skip
    wanted = [list(row) for row in stored]
    for number in chance.sample(range(rows), rows // SHARE):
        field = chance.randrange(1, len(HEADER))
        other = {3: f"yeni{number}@example.com", 4: "01/01/2008", 8: "20" if stored[number][8] != "20" else "30"}
        wanted[number][field] = other.get(field, stored[number][field] + " yeni")
    chance.shuffle(stored)
    for name, table in (("book.csv", stored), ("sheet.csv", wanted)):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(table)
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")


def by_csv_diff(folder: Path) -> Callable[[], int]:
    """As its documentation shows."""
    import csv_diff

    def loaded(name: str) -> dict[str, dict[str, str]]:
        with (folder / name).open(encoding="utf-8") as file:
            table: dict[str, dict[str, str]] = csv_diff.load_csv(file, key="Cep")
        return table

    def work() -> int:
        found = csv_diff.compare(loaded("book.csv"), loaded("sheet.csv"))
        return len(found["changed"])

    return work


def by_datacompy(folder: Path) -> Callable[[], int]:
    """As its documentation shows, every cell a text."""
    import datacompy
    import pandas as pd

    def work() -> int:
        book, sheet = (pd.read_csv(folder / name, dtype=str) for name in ("book.csv", "sheet.csv"))
        return len(datacompy.PandasCompare(book, sheet, join_columns="Cep").all_mismatch())

    return work


def by_imsync(folder: Path, *, cleaning: bool) -> Callable[[], int]:
    """The files through our reader, the book's cells as they stand."""
    import numpy as np
    import pandas as pd

    from sync.book import Book
    from sync.contact import Group
    from sync.coverage import Coverage
    from sync.diff import make_plan
    from sync.mapping import Source
    from sync.reader import read_mapping, read_sheet
    from sync.reader.files import opened
    from sync.sheet import Input, Sheet

    mapping_file = read_mapping(folder / "mapping.yaml")
    groups = (Group(10, "Müşteriler"), Group(20, "VIP"), Group(30, "Bayiler"))

    def as_it_stands(name: str, separator: str, **first: object) -> pd.DataFrame:
        cells = opened(folder / name).read(Source()).below(0)
        texts = {field: column.texts for field, column in zip(FIELDS, cells.columns, strict=True)}
        texts["groups"] = texts["groups"].str.replace(";", separator, regex=False)
        return pd.DataFrame({**first, **texts})

    def read_book() -> Book:
        book = as_it_stands("book.csv", " ")
        book.insert(0, "id", np.arange(1, len(book) + 1))
        return Book(book, groups, Coverage())

    def read_other() -> Sheet:
        if cleaning:
            return read_sheet([folder / "sheet.csv"], mapping_file)
        table = as_it_stands("sheet.csv", "\n")
        table.insert(0, "input", 0)
        table.insert(1, "row", np.arange(2, len(table) + 2))
        only = Input("sheet.csv", "sheet.csv", "csv", "", tuple(HEADER), 1, "utf-8", ",", "0" * 64)
        return Sheet(table, (only,), ())

    def work() -> int:
        with ThreadPoolExecutor(2) as threads:
            book, sheet = threads.submit(read_book), threads.submit(read_other)
            plan = make_plan(sheet.result(), book.result(), mapping_file.mapping)
        return sum(len(change.differences) == 1 for change in plan.changes)

    return work


WAYS: dict[str, Callable[[Path], Callable[[], int]]] = {
    "csv-diff": by_csv_diff,
    "datacompy": by_datacompy,
    "imsync": lambda folder: by_imsync(folder, cleaning=False),
    "imsync, cleaning": lambda folder: by_imsync(folder, cleaning=True),
}


def one(way: str, folder: Path) -> None:
    """Compares once and prints what it took; imports are not counted."""
    work = WAYS[way](folder)
    start, start_cpu = time.perf_counter(), time.process_time()
    changed = work()
    seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"changed": changed, "seconds": seconds, "cpu": cpu, "peak": peak}))


def python_of_peers(folder: Path) -> str:
    """The interpreter of an environment that has the peers."""
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return str(python)


def measured(python: str, way: str, folder: Path) -> dict[str, float]:
    """Runs this file once more for one way."""
    command = [python, __file__, "--way", way, "--make", str(folder)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def compared(folder: Path, peers: Path, rows: int, runs: int) -> int:
    """Runs the ways in turn and prints the table."""
    subprocess.run([sys.executable, __file__, "--make", str(folder), "--rows", str(rows)], check=True)
    theirs = python_of_peers(peers)
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(runs):
        for way, taken in found.items():
            taken.append(measured(sys.executable if way.startswith("imsync") else theirs, way, folder))
    ours = statistics.median(run["seconds"] for run in found["imsync"])
    sys.stdout.write(f"{'way':18}{'seconds':>10}{'processor':>11}{'peak MiB':>10}{'x imsync':>10}\n")
    for way, taken in found.items():
        seconds, cpu = (statistics.median(run[name] for run in taken) for name in ("seconds", "cpu"))
        peak = max(run["peak"] for run in taken)
        sys.stdout.write(f"{way:18}{seconds:10.2f}{cpu:11.2f}{peak:10.0f}{seconds / ours:10.1f}\n")
    return 0 if {run["changed"] for taken in found.values() for run in taken} == {rows // SHARE} else 1


def main() -> int:
    """Makes the files where told to, runs one way, or all of them."""
    parser = argparse.ArgumentParser(description="Two CSV files compared: imsync beside csv-diff and datacompy.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--make", type=Path)
    given = parser.parse_args()
    if given.way:
        one(given.way, given.make)
        return 0
    if given.make:
        make(given.make, given.rows)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return compared(Path(folder), given.peers or Path(folder) / "peers", given.rows, given.runs)


if __name__ == "__main__":
    sys.exit(main())
