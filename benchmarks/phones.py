"""Phones: a column cleaned, beside the library called row by row, on the same numbers in one run.

    python benchmarks/phones.py [--rows N]

Prints the best and the median of three runs of each, and how often the two differ on a number that the library
accepts; exits with 1 if they ever do.
"""

import argparse
import random
import sys

import pandas as pd
import phonenumbers

from sync.mapping import PhoneColumn
from sync.reader.clean import Cleaned, clean_column
from timing import show, timed

MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
# How people write the mobile number {a} {b} {c} {d} (and {e}, another end), and how often, of 1000. The first half, 950
# in 1000, is one number alone; the weights are assumed, not a customer's.
SPELLINGS = {
    "0{a}{b}{c}{d}": 300, "{a}{b}{c}{d}": 180, "0{a} {b} {c} {d}": 140, "+90{a}{b}{c}{d}": 90, "90{a}{b}{c}{d}": 60,
    "0 {a} {b} {c} {d}": 40, "0({a}) {b} {c} {d}": 30, "(0{a}) {b} {c} {d}": 30, "+90 {a} {b} {c} {d}": 25,
    "0{a}-{b}-{c}-{d}": 15, "0{a}.{b}.{c}.{d}": 12, "0090{a}{b}{c}{d}": 10, "+90 ({a}) {b}-{c}-{d}": 10,
    "0{a}/{b}{c}{d}": 4, "0{a}\u00a0{b}\u00a0{c}\u00a0{d}": 4,
    "tel:+90{a}{b}{c}{d}": 3, "{a}{b}{c}{d}.0": 5, "0{a}{b}{c}{d} / 0{a}{b}{c}{e}": 6, "0{a} {b} {c} {d} (eşi)": 4,
    "0{a} {b} {c} {d} dahili 12": 4, "0{a} {b} {c}": 4, "0212 {b} {c} {d}": 14, "+4915{c}{d}{b}{e}": 4, "yok": 6,
}  # fmt: skip


def made(rows: int, seed: int = 1) -> pd.Series:
    """So many cells in a mix of spellings, all numbers different."""
    chance = random.Random(seed)
    spellings = chance.choices(list(SPELLINGS), list(SPELLINGS.values()), k=rows)
    ends = chance.sample(range(10**7), k=rows)
    return pd.Series(
        [
            spelling.format(
                a="500",
                b=f"{end // 10**4:03}",
                c=f"{end // 100 % 100:02}",
                d=f"{end % 100:02}",
                e=f"{(end + 1) % 100:02}",
            )
            for spelling, end in zip(spellings, ends, strict=True)
        ],
        dtype="str",
    )


def by_the_library(text: str) -> str | None:
    """The mobile number in E.164 where the library finds a valid one."""
    try:
        number = phonenumbers.parse(text, "TR")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in MOBILE:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def main() -> int:
    """Runs both ways in turn and prints the table."""
    parser = argparse.ArgumentParser(description="Phones: imsync beside the library row by row.")
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    texts = made(rows)
    spec = PhoneColumn(column="Cep")
    seconds: dict[str, list[float]] = {"library, row by row": [], "imsync": []}
    for _ in range(3):
        expected = timed(lambda: [by_the_library(text) for text in texts], seconds["library, row by row"])
        cleaned: Cleaned = timed(lambda: clean_column("gsm", spec, texts), seconds["imsync"])
    sys.stdout.write(f"{rows:,} cells, {texts.nunique():,} different\n")
    show(rows, seconds)
    differences = [
        (text, one, other)
        for text, one, other in zip(texts, expected, cleaned.values, strict=True)
        if one is not None and one != other
    ]
    accepted = sum(one is not None for one in expected)
    sys.stdout.write(
        f"the library accepts {accepted:,}, imsync {int(cleaned.values.notna().sum()):,}; differences on what the"
        f" library accepts: {len(differences)}\n"
    )
    for difference in differences[:10]:
        sys.stdout.write(f"  {difference}\n")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
