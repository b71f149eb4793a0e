"""An account's book, and the sheet of a night: invented people, so many as asked for, always the same ones.

The sheet is written as people write it (phones, dates and e-mail addresses in several forms, groups by name), the book
as an account stores it. Of the rows one in a hundred differs from the book in one field, or none does. `desired.json`
says what the book has to be when the job is done; it is made here, not worked out by any of those who are measured.
"""

import csv
import datetime
import json
import random
import sys
from pathlib import Path

KEY, HASH = "sandbox-key-0123456789", "sandbox-hash-abcdefghij"
SHARE = 100  # one row in so many differs
FIRST_ID = 1001
NAMES = ("Ayşe", "Mehmet", "İlker", "Çağla", "Gökçe", "Şule", "Ümit", "Ömer", "Fatma", "Deniz")
SURNAMES = ("Yılmaz", "Işık", "Öztürk", "Demir", "Şahin", "Kaya", "Çelik", "Aydın")
CITIES = ("İstanbul", "Ankara", "İzmir", "Şanlıurfa", "Bursa", "Adana")
GROUPS = {"Müşteriler": 1, "VIP": 2, "Bayiler": 3}
HEADER = ("Ad", "Soyad", "E-posta", "Cep", "Doğum", "Şehir", "Grup")
PHONES = ("0{} {} {} {}", "{}{}{}{}", "+90{}{}{}{}", "0{}{}{}{}", "0({}) {} {} {}")
DATES = ("%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d")
MAPPING = """\
version: 1
match: [gsm]
fields: {name: Ad, surname: Soyad, email: E-posta, gsm: Cep}
custom_fields:
  1: {column: Doğum, type: date}
  2: Şehir
groups: {column: Grup}
"""


def make(folder: Path, rows: int, *, changed: bool) -> None:
    """Writes sheet.csv, mapping.yaml, book.json and desired.json; the rows are in no order that the book has."""
    chance = random.Random(rows)
    differ = set(chance.sample(range(rows), rows // SHARE)) if changed else set()
    cells, book, desired = [], [], []
    for number in range(rows):
        contact, row = _person(number, chance)
        book.append(contact)
        if number in differ:
            contact = {**contact, "custom_fields": dict(contact["custom_fields"])}  # type: ignore[call-overload]
            if number % 2:
                contact["surname"] = row[1] = f"{row[1]} Yeni"
            else:
                contact["custom_fields"]["2"] = row[5] = f"{row[5]} Merkez"  # type: ignore[index]
        desired.append(contact)
        cells.append(row)
    chance.shuffle(cells)
    with (folder / "sheet.csv").open("w", encoding="utf-8-sig", newline="") as sheet:
        csv.writer(sheet, delimiter=";").writerows([HEADER, *cells])
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    (folder / "book.json").write_text(json.dumps({**_account(), "contacts": book}), encoding="utf-8")
    (folder / "desired.json").write_text(json.dumps(desired), encoding="utf-8")


def _account() -> dict[str, object]:
    groups = [{"id": number, "name": name, "parent": None} for name, number in GROUPS.items()]
    return {"credentials": {"key": KEY, "hash": HASH}, "custom_fields": [1, 2], "groups": groups}


def _person(number: int, chance: random.Random) -> tuple[dict[str, object], list[str]]:
    """A contact, and the row of the same person."""
    national = f"50{number * 7919 % 10**8:08}"  # scattered as real numbers are; 7919 has no divisor in common with 10
    digits = national[:3], national[3:6], national[6:8], national[8:]
    day = datetime.date(1945, 1, 1) + datetime.timedelta(days=chance.randrange(23_000))
    name, surname, city = chance.choice(NAMES), chance.choice(SURNAMES), chance.choice(CITIES)
    address = f"musteri.{number}@{('example.com', 'example.org')[number % 2]}"
    groups = ["Müşteriler", "VIP"] if number % 20 == 0 else ["Müşteriler"]
    contact = {
        "id": FIRST_ID + number, "name": name, "surname": surname, "email": address, "gsm": f"+90{national}",
        "custom_fields": {"1": f"{day:%d/%m/%Y}", "2": city}, "groups": [GROUPS[each] for each in groups],
    }  # fmt: skip
    written = address if number % 5 else address.replace("example", "EXAMPLE")
    phone, date = chance.choice(PHONES).format(*digits), day.strftime(chance.choice(DATES))
    return contact, [name, surname, written, phone, date, city, "; ".join(groups)]


def wrong_contacts(folder: Path, book: Path) -> int:
    """How many contacts of a book are not as desired, the ones too many included."""

    def known(contacts: list[dict[str, object]]) -> dict[object, object]:
        return {each["id"]: {**each, "groups": sorted(each["groups"])} for each in contacts}  # type: ignore[call-overload]

    found = known(json.loads(book.read_text(encoding="utf-8"))["contacts"])
    desired = known(json.loads((folder / "desired.json").read_text(encoding="utf-8")))
    return sum(found.get(each) != desired.get(each) for each in found.keys() | desired.keys())


if __name__ == "__main__":
    folder, *words = sys.argv[1:]
    if words[0] == "--check":
        sys.stdout.write(str(wrong_contacts(Path(folder), Path(words[1]))))
    else:
        make(Path(folder), int(words[0]), changed="--changed" in words)
