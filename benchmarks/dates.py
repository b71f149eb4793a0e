"""Dates: a column cleaned, beside `strptime` with three formats for each value, on the same dates in one run.

    python benchmarks/dates.py [--rows N …]

For columns in which most dates differ and for long ones prints the best and the median of three runs of each, and how
often the two differ; exits with 1 if they ever do.
"""

import argparse
import datetime
import random
import sys

import pandas as pd

from sync.mapping import CustomFieldSpec
from sync.reader.clean import Cleaned, clean_column
from timing import show, timed

FORMATS = ("%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d")
FIRST, DAYS = datetime.date(1945, 1, 1), 23_000  # birthdays, to 2007


def made(rows: int, seed: int = 1) -> pd.Series:
    """So many birthdays in a mix of three forms, of 1000 cells 990 good."""
    chance = random.Random(seed)
    days = [FIRST + datetime.timedelta(days=number) for number in range(DAYS)]
    return pd.Series(
        [
            chance.choice(days).strftime(form) if chance.random() < 0.99 else "31.02.1990"  # noqa: PLR2004 - a share
            for form in chance.choices(FORMATS, (60, 20, 20), k=rows)
        ],
        dtype="str",
    )


def by_strptime(text: str) -> str | None:
    """The date in its stored form, by the first format that reads it."""
    for form in FORMATS:
        try:
            return datetime.datetime.strptime(text, form).date().strftime("%d/%m/%Y")  # noqa: DTZ007 - a day, no moment
        except ValueError:
            continue
    return None


def compared(rows: int) -> int:
    """Runs both ways in turn on so many rows and prints the table; how often they differ."""
    texts = made(rows)
    spec = CustomFieldSpec(column="Doğum", type="date")
    seconds: dict[str, list[float]] = {"strptime": [], "imsync": []}
    for _ in range(3):
        expected = timed(lambda: [by_strptime(text) for text in texts], seconds["strptime"])
        cleaned: Cleaned = timed(lambda: clean_column("custom:1", spec, texts), seconds["imsync"])
    sys.stdout.write(f"{rows:,} cells, {texts.nunique():,} different\n")
    show(rows, seconds)
    differences = sum(
        one != (None if pd.isna(other) else other) for one, other in zip(expected, cleaned.values, strict=True)
    )
    sys.stdout.write(f"differences: {differences}\n")
    return differences


def main() -> int:
    """Compares the two for each number of rows."""
    parser = argparse.ArgumentParser(description="Dates: imsync beside strptime value by value.")
    parser.add_argument("--rows", type=int, nargs="+", default=[50_000, 100_000, 1_000_000])
    return 1 if sum([compared(rows) for rows in parser.parse_args().rows]) else 0


if __name__ == "__main__":
    sys.exit(main())
