"""What is measured beside what, step by step: each way in a process of its own, on the same files.

Nothing but the standard library is imported before a way is prepared: some are run in an environment without ours.
"""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import diff
import reading
from measuring import Case, Way

POLARS = ("polars==1.44.2", "fastexcel==0.21.0", "pyarrow>=21")
CSV_DIFF = ("csv-diff==1.2",)
DATACOMPY = ("datacompy==1.1.0",)
CALLS = 10_000  # a call costs the same however many there are
RUN = "a.run"


# Reading


def _read(kind: str, way: Callable[[Path], Callable[[], int]]) -> Callable[[Path, int], Callable[[], int]]:
    return lambda folder, _: way(folder / f"table.{kind}")


def _polars(path: Path) -> Callable[[], int]:
    import polars as pl

    if path.suffix == ".csv":
        return lambda: len(pl.read_csv(path, separator=";", infer_schema=False))
    import fastexcel  # noqa: F401 - what polars would import inside the measured time

    return lambda: len(pl.read_excel(path, infer_schema_length=0))


# Cleaning


def _make_texts(name: str) -> Callable[[Path, int], None]:
    def make(folder: Path, rows: int) -> None:
        texts = __import__(name).made(rows)
        (folder / f"{name}.txt").write_text("\n".join(texts), encoding="utf-8")

    return make


def _texts(folder: Path, name: str) -> Any:  # noqa: ANN401 - a Series
    import pandas as pd

    return pd.Series((folder / f"{name}.txt").read_text(encoding="utf-8").split("\n"), dtype="str")


def _clean(name: str, field: str) -> Callable[[Path, int], Callable[[], int]]:
    def prepare(folder: Path, rows: int) -> Callable[[], int]:  # noqa: ARG001
        from sync.mapping import CustomFieldSpec, PhoneColumn
        from sync.reader.clean import clean_column

        texts = _texts(folder, name)
        spec = PhoneColumn(column="Cep") if field == "gsm" else CustomFieldSpec(column="Doğum", type="date")
        return lambda: len(clean_column(field, spec, texts).values)

    return prepare


def _row_by_row(name: str, function: str) -> Callable[[Path, int], Callable[[], int]]:
    def prepare(folder: Path, rows: int) -> Callable[[], int]:  # noqa: ARG001
        one: Callable[[str], object] = getattr(__import__(name), function)
        texts = _texts(folder, name)
        return lambda: len([one(text) for text in texts])

    return prepare


# Comparing


def _merge(folder: Path, rows: int) -> Callable[[], int]:  # noqa: ARG001
    """As a pandas user writes it."""
    import pandas as pd

    def work() -> int:
        book, sheet = (
            pd.read_csv(folder / name, dtype=str, keep_default_na=False) for name in ("book.csv", "sheet.csv")
        )
        both = sheet.merge(book, on="Cep", how="outer", suffixes=("", " stored"), indicator=True)
        both = both[both["_merge"] == "both"]
        found = {}
        for field in diff.HEADER[1:]:
            stored = f"{field} stored"
            found[field] = both.loc[both[field] != both[stored], ["Cep", field, stored]]
        return len(set().union(*(each["Cep"] for each in found.values())))

    return work


def _dict(folder: Path, rows: int) -> Callable[[], int]:  # noqa: ARG001
    """As a Python user writes it, without any library."""

    def lines(name: str) -> Iterator[list[str]]:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            yield from csv.reader(file)

    def work() -> int:
        book = {line[0]: line for line in lines("book.csv")}
        found = {}
        for line in lines("sheet.csv"):
            stored = book.get(line[0])
            if stored is not None and stored != line:
                pairs = zip(diff.HEADER, stored, line, strict=True)
                found[line[0]] = {field: (before, after) for field, before, after in pairs if before != after}
        return len(found)

    return work


# The client


def _calls(way: str, workers: int) -> Callable[[Path, int], Callable[[], int]]:
    def prepare(folder: Path, rows: int) -> Callable[[], int]:
        import throughput

        return throughput.prepared(way, folder, min(rows, CALLS), workers)

    return prepare


# The journal


def _make_run(folder: Path, rows: int) -> None:
    import applying

    applying.make(folder / RUN, rows)


def _journal(way: str) -> Callable[[Path, int], Callable[[], int]]:
    def prepare(folder: Path, rows: int) -> Callable[[], int]:
        import journal

        return {"imsync": journal.by_imsync, "sqlite3": journal.by_sqlite3}[way](folder / RUN, folder, rows)

    return prepare


# Reports


def _make_changed(folder: Path, rows: int) -> None:
    import reports

    reports.make_run(folder / RUN, rows)


def _report(way: str) -> Callable[[Path, int], Callable[[], Any]]:
    def prepare(folder: Path, rows: int) -> Callable[[], Any]:  # noqa: ARG001
        import openpyxl  # noqa: F401 - imports are not counted

        import reports
        from sync.report import row_cells, workbook  # noqa: F401

        return lambda: reports.WAYS[way](folder / RUN, folder)

    return prepare


LONG = {1_000_000: 1}

CASES = {
    "csv": Case(
        "Reading a CSV",
        "10 columns, every cell a text. imsync also recognises encoding and delimiter and looks for what is broken.",
        lambda folder, rows: reading.make_csv(folder / "table.csv", rows),
        {
            "imsync": Way(_read("csv", reading.by_imsync)),
            "pandas": Way(_read("csv", reading.by_pandas)),
            "polars": Way(_read("csv", _polars), needs=POLARS),
        },
    ),
    "xlsx": Case(
        "Reading an .xlsx",
        "10 columns, every cell a text. imsync also minds number formats, error cells, formulas, hidden rows, merges.",
        lambda folder, rows: reading.make_xlsx(folder / "table.xlsx", rows),
        {
            "imsync": Way(_read("xlsx", reading.by_imsync)),
            "pandas + openpyxl": Way(_read("xlsx", reading.by_pandas)),
            "polars + fastexcel": Way(_read("xlsx", _polars), needs=POLARS),
        },
        most_runs={100_000: 2, **LONG},
    ),
    "phones": Case(
        "Cleaning phone numbers",
        "24 spellings to E.164. `python benchmarks/phones.py` shows that no number differs.",
        _make_texts("phones"),
        {
            "imsync": Way(_clean("phones", "gsm")),
            "phonenumbers, row by row": Way(_row_by_row("phones", "by_the_library")),
        },
        most_runs=LONG,
    ),
    "dates": Case(
        "Cleaning dates",
        "3 spellings. `python benchmarks/dates.py` shows that no date differs.",
        _make_texts("dates"),
        {
            "imsync": Way(_clean("dates", "custom:1")),
            "strptime, row by row": Way(_row_by_row("dates", "by_strptime")),
        },
        most_runs=LONG,
    ),
    "diff": Case(
        "Comparing two CSV files",
        "From opening the files to every difference, field by field; 8 compared fields, one row in 50 differs.",
        diff.make,
        {
            "imsync": Way(lambda folder, _: diff.by_imsync(folder, cleaning=False)),
            "imsync, cleaning too": Way(lambda folder, _: diff.by_imsync(folder, cleaning=True)),
            "csv-diff": Way(lambda folder, _: diff.by_csv_diff(folder), needs=CSV_DIFF),
            "datacompy": Way(lambda folder, _: diff.by_datacompy(folder), needs=DATACOMPY),
            "pandas merge": Way(_merge),
            "dict": Way(_dict),
        },
        most_runs={100_000: 2, **LONG},
    ),
    "calls": Case(
        "Requests as fast as they go, 8 at once",
        f"A server that answers at once, a process of its own; at most {CALLS:,} calls, as each costs the same. imsync"
        " keeps its pace, its retries and its reading of answers; httpx only sends and decodes.",
        lambda _folder, _rows: None,
        {
            "imsync": Way(_calls("imsync", 8)),
            "httpx.AsyncClient": Way(_calls("httpx", 8)),
        },
        most_runs={10_000: 1, 100_000: 1, **LONG},
    ),
    "calls-100": Case(
        "Requests as fast as they go, 100 at once",
        "As above.",
        lambda _folder, _rows: None,
        {
            "imsync": Way(_calls("imsync", 100)),
            "httpx.AsyncClient": Way(_calls("httpx", 100)),
        },
        most_runs={10_000: 1, 100_000: 1, **LONG},
    ),
    "journal": Case(
        "The journal",
        "Two durable transitions for each change (about to be sent; its answer), 64 changes at once, fully synchronous."
        " sqlite3 commits each transition, as a script does.",
        _make_run,
        {
            "imsync": Way(_journal("imsync")),
            "sqlite3": Way(_journal("sqlite3"), most=100_000, because="2,000,000 commits take too long for this table"),
        },
        most_runs={100_000: 1, **LONG},
    ),
    "reports": Case(
        "Writing report.xlsx",
        "Three of four rows changed, one rejected. imsync starts from the run file on the disk; openpyxl is given its"
        " cells ready-made while the clock stands.",
        _make_changed,
        {
            "imsync": Way(_report("report.xlsx")),
            "openpyxl, write-only": Way(_report("plain openpyxl")),
        },
        most_runs={100_000: 2, **LONG},
    ),
}
