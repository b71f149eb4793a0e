"""Files read whole: imsync beside what pandas users pick, on the same file, each run in a process of its own.

    python benchmarks/reading.py [--rows N] [--runs N] [--kinds csv,xlsx]

imsync's time includes everything but cleaning: recognising the kind, the encoding and the delimiter, number formats,
error cells, formulas without a result, hidden rows, merged cells, limits. Imports are not counted. Prints seconds
(median), rows a second, the peak of memory, and how many times faster imsync is.
"""

import argparse
import csv
import datetime
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HEADER = ["No", "Ad", "Soyad", "E-posta", "Cep", "Doğum", "Şehir", "Puan", "Grup", "Not"]
NAMES = ["Ayşe", "Mehmet", "İlker", "Çağla", "Gökçe", "Şule", "Ümit", "Ömer"]
SURNAMES = ["Yılmaz", "Işık", "Öztürk", "Demir", "Şahin"]
CITIES = ["İstanbul", "Ankara", "İzmir", "Şanlıurfa"]


def made_row(number: int, chance: random.Random) -> list[object]:
    """One invented customer, as Excel users leave it: numbers, dates, texts, blanks."""
    return [
        f"{number:08}",
        chance.choice(NAMES),
        chance.choice(SURNAMES),
        f"kisi{number}@example.com",
        5_000_000_000 + number,
        datetime.date(1950, 1, 1) + datetime.timedelta(days=chance.randrange(20_000)),
        chance.choice(CITIES),
        chance.randrange(200_000),
        chance.choice(["VIP", "Bayiler;VIP"]),
        f"not {number} açıklama" if number % 3 else None,
    ]


def make_csv(path: Path, rows: int) -> None:
    """Writes the table as a CSV in UTF-8, some cells with a delimiter, a quotation mark or a line break in them."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        for number in range(rows):
            row = made_row(number, chance)
            if number % 50 == 1:
                row[-1] = f'not; "{number}"\nsatır'
            writer.writerow(row)


def make_xlsx(path: Path, rows: int) -> None:
    """Writes the table as a workbook with shared texts."""
    import xlsxwriter

    chance = random.Random(1)
    workbook = xlsxwriter.Workbook(path, {"tmpdir": str(path.parent)})
    sheet = workbook.add_worksheet("Müşteriler")
    day = workbook.add_format({"num_format": "dd.mm.yyyy"})
    sheet.write_row(0, 0, HEADER)
    for number in range(rows):
        for place, value in enumerate(made_row(number, chance)):
            if isinstance(value, datetime.date):
                sheet.write_datetime(number + 1, place, datetime.datetime.combine(value, datetime.time()), day)
            elif isinstance(value, str):
                sheet.write_string(number + 1, place, value)
            elif isinstance(value, int):
                sheet.write_number(number + 1, place, value)
    workbook.close()


def by_imsync(path: Path) -> Callable[[], int]:
    """Reads the file as the reader does, header included."""
    from sync.mapping import Source
    from sync.reader.files import opened

    def read() -> int:
        file = opened(path)
        return len(file.read(Source(), file.sheets[0].name if file.sheets else "")) - 1

    return read


def by_pandas(path: Path) -> Callable[[], int]:
    """Reads the file with pandas, every cell a text."""
    import openpyxl  # noqa: F401 - what pandas would import inside the measured time
    import pandas as pd

    if path.suffix == ".csv":
        return lambda: len(pd.read_csv(path, sep=";", dtype=str))
    return lambda: len(pd.read_excel(path, engine="openpyxl", dtype=str))


WAYS = {"imsync": by_imsync, "pandas": by_pandas}


def measured(way: str, path: Path) -> dict[str, float]:
    """Runs this file once more, in a process of its own, for one way and one file."""
    command = [sys.executable, __file__, "--way", way, "--file", str(path)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def one(way: str, path: Path) -> None:
    """Reads the file once and prints what it took."""
    read = WAYS[way](path)
    start = time.perf_counter()
    rows = read()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"rows": rows, "seconds": seconds, "peak": peak}))


def main() -> None:
    """Makes the files, runs the ways in turn, and prints the table."""
    parser = argparse.ArgumentParser(description="Reading: imsync beside pandas.")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--kinds", default="csv,xlsx")
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--make", type=Path)
    given = parser.parse_args()
    if given.make:
        {".csv": make_csv, ".xlsx": make_xlsx}[given.make.suffix](given.make, given.rows)
        return
    if given.way:
        one(given.way, given.file)
        return
    sys.stdout.write(f"{'file':8}{'way':10}{'seconds':>10}{'rows/s':>12}{'peak MiB':>10}{'faster':>9}\n")
    with tempfile.TemporaryDirectory() as folder:
        for kind in given.kinds.split(","):
            path = Path(folder) / f"table.{kind}"
            # In a process of its own: what a parent has held counts as its children's peak.
            subprocess.run([sys.executable, __file__, "--make", str(path), "--rows", str(given.rows)], check=True)
            found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
            for _ in range(given.runs):
                for way, taken in found.items():
                    taken.append(measured(way, path))
            medians = {way: statistics.median(run["seconds"] for run in taken) for way, taken in found.items()}
            for way, taken in found.items():
                assert {given.rows} == {run["rows"] for run in taken}, (way, taken)
                ratio = medians["pandas"] / medians[way]
                peak = max(run["peak"] for run in taken)
                speed = given.rows / medians[way]
                sys.stdout.write(f"{kind:8}{way:10}{medians[way]:10.3f}{speed:12,.0f}{peak:10,.0f}{ratio:8.1f}x\n")


if __name__ == "__main__":
    main()
