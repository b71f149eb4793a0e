"""Planning a night on which nothing changed, the book read already: the sheet read, compared, the plan written.

    python benchmarks/planning.py [--rows N] [--fuzz N]

The sheet is written as people write (phones, dates and e-mail addresses in several forms, groups by name), the book as
an account stores it. Prints the seconds of processor time of each part, of all cores together; then how often the fast
path for e-mail addresses differs from the library that validates them, on as many invented and damaged addresses.
Exits with 1 if a row is not unchanged, or an address differs.
"""

import argparse
import csv
import datetime
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import email_validator
import numpy as np
import pandas as pd

from sync.book import Book
from sync.contact import Group
from sync.coverage import Coverage
from sync.diff import make_plan
from sync.mapping import Mapping
from sync.reader import read_mapping, read_sheet
from sync.reader.emails import known_addresses
from sync.record import RunMeta
from sync.runs import RunFile
from sync.sheet import Sheet

NAMES = ["Ayşe", "Mehmet", "İlker", "Çağla", "Gökçe", "Şule", "Ümit", "Ömer", "Fatma", "Deniz"]
SURNAMES = ["Yılmaz", "Işık", "Öztürk", "Demir", "Şahin", "Kaya", "Çelik", "Aydın"]
CITIES = ["İstanbul", "Ankara", "İzmir", "Şanlıurfa", "Bursa", "Adana"]
GROUPS = (Group(10, "Müşteriler"), Group(20, "VIP"), Group(30, "Bayiler", children=(Group(31, "Ankara"),)))
CELLS = {"10": "Müşteriler", "20": "VIP", "10 31": "Müşteriler; Bayiler/Ankara", "": ""}
HEADER = ["Ad", "Soyad", "E-posta", "Cep", "Doğum", "Şehir", "Üye No", "Grup"]
COLUMNS = ["id", "name", "surname", "email", "gsm", "custom:1", "custom:2", "custom:3", "groups"]
PHONES = ("0{} {} {} {}", "{}{}{}{}", "+90{}{}{}{}", "0{}{}{}{}", "0({}) {} {} {}")
DATES = ("%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d")
MAPPING = """
version: 1
match: [gsm, email]
fields: {name: Ad, surname: Soyad, email: E-posta, gsm: Cep}
custom_fields:
  1: {column: Doğum, type: date}
  2: Şehir
  3: Üye No
groups: {column: Grup, mode: exact}
"""


def made(rows: int, seed: int = 1) -> Iterator[tuple[list[str], list[str]]]:
    """Invented customers: the cells of each in the sheet, and its texts in the book."""
    chance = random.Random(seed)
    groups = list(CELLS)
    for number in range(rows):
        all_digits = f"50{number:08}"
        digits = all_digits[:3], all_digits[3:6], all_digits[6:8], all_digits[8:]
        day = datetime.date(1945, 1, 1) + datetime.timedelta(days=chance.randrange(23_000))
        name, surname, city = chance.choice(NAMES), chance.choice(SURNAMES), chance.choice(CITIES)
        address, group = f"musteri.{number}@{('example.com', 'example.org')[number % 2]}", chance.choice(groups)
        written = address if number % 5 else address.replace("example", "EXAMPLE")
        phone, date = chance.choice(PHONES).format(*digits), day.strftime(chance.choice(DATES))
        member = f"M{number:07}"
        yield (
            [name, surname, written, phone, date, city, member, CELLS[group]],
            [str(1000 + number), name, surname, address, f"+90{all_digits}", f"{day:%d/%m/%Y}", city, member, group],
        )


def make(folder: Path, rows: int) -> None:
    """Writes the sheet, and the book's texts."""
    with (
        (folder / "sheet.csv").open("w", encoding="utf-8-sig", newline="") as sheet,
        (folder / "book.csv").open("w", encoding="utf-8", newline="") as book,
    ):
        sheet_writer, book_writer = csv.writer(sheet, delimiter=";"), csv.writer(book)
        sheet_writer.writerow(HEADER)
        book_writer.writerow(COLUMNS)
        for cells, texts in made(rows):
            sheet_writer.writerow(cells)
            book_writer.writerow(texts)
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")


def read_book(path: Path) -> Book:
    """The book, as if it had just been read; its contacts stand in no order."""
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    table = table.sample(frac=1, random_state=1).reset_index(drop=True)
    table["id"] = table["id"].astype(np.int64)
    return Book(table, GROUPS, Coverage())


def meta(mapping: Mapping) -> RunMeta:
    """The facts of a run that is only planned."""
    moment = "2026-11-22T12:00:00+00:00"
    return RunMeta(
        run="20261122T1200-abc123", account="0", created=moment, read_at=moment, base_url="https://api.example.com/v1",
        api={}, job="benchmark", mapping="mapping.yaml", mapping_sha256="0", keys=list(mapping.keys),
        labels=mapping.labels, forms={}, groups={},
    )  # fmt: skip


def plan(folder: Path) -> int:
    """Times the three parts; how many rows are not unchanged."""
    mapping_file = read_mapping(folder / "mapping.yaml")
    book = read_book(folder / "book.csv")
    took: dict[str, float] = {}
    start = time.process_time()
    sheet: Sheet = read_sheet([folder / "sheet.csv"], mapping_file)
    took["reading the sheet"] = time.process_time() - start
    start = time.process_time()
    made_plan = make_plan(sheet, book, mapping_file.mapping)
    took["comparing"] = time.process_time() - start
    start = time.process_time()
    RunFile.create(folder / "plan.run", meta(mapping_file.mapping), sheet, made_plan).close()
    took["writing the plan"] = time.process_time() - start
    for part, seconds in {**took, "all": sum(took.values())}.items():
        sys.stdout.write(f"{part:20}{seconds:8.2f} s of processor time\n")
    counts = made_plan.counts()
    size = (folder / "plan.run").stat().st_size / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    sys.stdout.write(f"{counts}; the plan has {size:,.0f} MiB, the peak of memory was {peak:,.0f} MiB\n")
    return len(sheet) - counts.get("unchanged", 0)


# E-mail addresses: the fast path beside the library

PIECES = [
    "ali", "veli.can", "a", "x_y-z+1", ".", "..", "-", "--", "xn--", "_", "+", "%", "'", "example", "com", "tr",
    "local", "test", "invalid", "localhost", "onion", "arpa", "museum", "c", "0", "9z", "A", "EXAMPLE", "Com",
    "İ", "ı", "ş", "é", "\u0307", " ", "\t", "\u00a0", "\u200b", "@", "@@", "!", "#", "/", ",", ";", "(", ")",
    "<", ">", '"', "\\", "[", "]", "1.2.3.4", "l" * 63, "l" * 64, "d" * 24, "d" * 25,
]  # fmt: skip


def addresses(count: int, seed: int = 2) -> Iterator[str]:
    """Addresses that are right, nearly right, and made of pieces."""
    chance = random.Random(seed)
    for number in range(count):
        right = f"{chance.choice(PIECES[:4])}{number}@{chance.choice(PIECES[13:24])}.{chance.choice(PIECES[13:24])}"
        match number % 3:
            case 0:
                yield right
            case 1:
                place = chance.randrange(len(right))
                yield right[:place] + chance.choice(PIECES) + right[place + chance.randrange(2) :]
            case _:
                local, domain = (chance.choices(PIECES, k=chance.randint(1, 4)) for _ in range(2))
                yield "".join(local) + "@" + ".".join(domain)


def by_the_library(text: str) -> str | None:
    """The address as the library gives it back; None where it is none."""
    try:
        found = email_validator.validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except email_validator.EmailNotValidError:
        return None
    return str(found.normalized)


def compare(count: int) -> int:
    """How often the fast path gives another address than the library, or one where the library gives none."""
    texts = pd.Series(list(addresses(count)), dtype="str")
    expected = [by_the_library(text.strip()) for text in texts]
    fast = known_addresses(texts)
    wrong = [
        (text, right, quick)
        for text, right, quick in zip(texts, expected, fast, strict=True)
        if not pd.isna(quick) and quick != right
    ]
    accepted = sum(right is not None for right in expected)
    sys.stdout.write(
        f"{count:,} addresses: the library accepts {accepted:,}, of which the fast path knows"
        f" {int(fast.notna().sum()):,}; differences: {len(wrong)}\n"
    )
    for each in wrong[:10]:
        sys.stdout.write(f"  {each}\n")
    return len(wrong)


def main() -> int:
    """Makes the files, runs the parts, compares the addresses."""
    parser = argparse.ArgumentParser(description="Planning a night on which nothing changed.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--fuzz", type=int, default=300_000)
    parser.add_argument("--make", type=Path)
    given = parser.parse_args()
    if given.make:
        make(given.make, given.rows)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: what a parent has held counts as its children's peak, and stays its own.
        subprocess.run([sys.executable, __file__, "--make", folder, "--rows", str(given.rows)], check=True)
        changed = plan(Path(folder))
    return 1 if changed + compare(given.fuzz) else 0


if __name__ == "__main__":
    sys.exit(main())
