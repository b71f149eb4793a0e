"""Makes the sample data: an invented address book and the spreadsheet that meets it.

In: nothing but the constants below and a fixed seed. Out: the files of FILES, beside this script.
Never here: the clock, the network, a real person. `--check` writes nothing and says whether the files are up to date.
"""

import csv
import io
import json
import random
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

HERE = Path(__file__).parent
SEED = 20260101
MADE = datetime(2026, 1, 1, tzinfo=UTC)  # the workbook's document dates
COLUMNS = {"Müşteri No": 12, "Ad": 14, "Soyad": 18, "E-posta": 36, "Cep Telefonu": 22, "Doğum Tarihi": 14}
COLUMNS |= {"Şehir": 14, "Grup": 30, "Not": 40}  # header: width

WORDS = json.loads((HERE / "words.json").read_text(encoding="utf-8"))
GROUPS: dict[str, tuple[int, str | None]] = WORDS["groups"]  # name: (id, parent's name)
UNNAMED = ("Yılbaşı 2025", "Bayram Kutlaması", "Personel", "Tedarikçiler")  # by the sheet and the mapping
EMPTY = "Eski Kayıtlar"  # a group without contacts

KINDS = {  # kind of row: (outcome, how many); the README lists the same numbers
    "new": ("added", 179),
    "new, no e-mail": ("added", 26),
    "new, no phone": ("added", 14),
    "new, no birth date": ("added", 20),
    "new, untidy name": ("added", 8),
    "same": ("unchanged", 66),
    "same, phone blank": ("unchanged", 6),
    "same, e-mail blank": ("unchanged", 10),
    "same, birth date blank": ("unchanged", 8),
    "same, more in the book": ("unchanged", 20),
    "surname differs": ("edited", 9),
    "e-mail differs": ("edited", 8),
    "city differs": ("edited", 8),
    "birth date differs": ("edited", 4),
    "in no group": ("edited", 5),
    "a group is missing": ("edited", 3),
    "contact has no number": ("edited", 3),
    "phone and e-mail of two contacts": ("conflict", 3),
    "known e-mail, other number": ("conflict", 1),
    "bad cell": ("rejected", 13),
    "repeated phone": ("duplicate", 6),
}
STRANGERS, LONERS = 60, 6  # contacts that the sheet does not know; so many of them are in no group
BAD = (  # what is wrong in each "bad cell" row: the cells that replace a good row's
    {"phone": "0500 11"},
    {"phone": "500-12-3"},
    {"phone": "5,00111E+09"},
    {"phone": "0212 345 67 89"},
    {"phone": "(0212) 345 67 89"},
    {"email": "isil.gumus.example.com"},
    {"email": "omer@"},
    {"born": "31.02.1990"},
    {"born": "30/02/1985"},
    {"born": "1979-13-05"},
    {"group": "Toptancılar"},
    {"group": "Bayiler, Yazlıkçılar"},
    {"phone": "", "email": ""},
)
HAS = {  # kinds whose person differs from a whole one
    "new, no e-mail": {"email": ""},
    "new, no phone": {"gsm": ""},
    "new, no birth date": {"born": None},
    "a group is missing": {"groups": ("Bayiler", "Online Mağaza")},
}
TYPED = {  # kinds whose cells differ from their person
    "same, phone blank": {"phone": ""},
    "same, e-mail blank": {"email": ""},
    "same, birth date blank": {"born": ""},
}


class Number(NamedTuple):
    """A numeric cell and the format that Excel shows it with."""

    value: int
    shown: str


Cell = str | date | Number


@dataclass(frozen=True)
class Person:
    """Somebody invented; `gsm` has the ten national digits."""

    name: str
    surname: str
    email: str
    gsm: str
    born: date | None
    city: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One row of the sheet; `cells` replaces what its person would have in a column."""

    kind: str
    person: Person
    note: str
    cells: dict[str, Cell] = field(default_factory=dict)


def _spaced(d: str, first: str, gap: str = " ") -> str:
    return gap.join((first, d[3:6], d[6:8], d[8:]))


PHONE_STYLES: tuple[Callable[[str], Cell], ...] = (
    lambda d: _spaced(d, "0500"),
    lambda d: f"0{d}",
    lambda d: d,
    lambda d: f"0(500) {d[3:6]} {d[6:8]} {d[8:]}",
    lambda d: f"(0500) {d[3:6]} {d[6:]}",
    lambda d: f"+90 500 {d[3:6]} {d[6:]}",
    lambda d: _spaced(d, "+90 500"),
    lambda d: f"+90{d}",
    lambda d: f"90{d}",
    lambda d: f"0090{d}",
    lambda d: _spaced(d, "500", "-"),
    lambda d: _spaced(d, "0500", "."),
    lambda d: _spaced(d, "0500", "\N{NO-BREAK SPACE}"),
    lambda d: _spaced(d, "+90\N{NO-BREAK SPACE}500", "\N{NO-BREAK SPACE}"),
    lambda d: Number(int(d), "General"),
    lambda d: Number(int(d), "00000000000"),
)


class Town:
    """Invents people; no phone number and no e-mail address is given out twice."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._numbers = iter(rng.sample(range(10_000_000), 2000))
        self._emails: set[str] = set()

    def number(self) -> str:
        """Ten national digits."""
        return f"500{next(self._numbers):07d}"

    def email(self, name: str, surname: str) -> str:
        """An address of that name."""
        plain = f"{name}.{surname}".translate(str.maketrans("çÇğĞıIİöÖşŞüÜâ", "cCgGiiioOsSuUa")).lower()
        domain = self.rng.choice(("example.com", "example.com", "example.org"))
        tries = (f"{plain}{n or ''}@{domain}" for n in range(100))
        email = next(e for e in tries if e not in self._emails)
        self._emails.add(email)
        return email

    def person(self) -> Person:
        """Somebody with everything: a number, an address, a birthday, a city, mostly groups."""
        name, surname, city = (self.rng.choice(WORDS[words]) for words in ("names", "surnames", "cities"))
        born = date(1950, 1, 1) + timedelta(days=self.rng.randrange(20_000))
        branch = f"{city} Bayileri"
        groups = self.rng.choice(((), ("Müşteriler",), ("Müşteriler",), ("Bayiler",), ("Müşteriler", "Online Mağaza")))
        if branch in GROUPS:
            groups = ("Bayiler", branch)
        return Person(name, surname, self.email(name, surname), self.number(), born, city, groups)


def untidy(name: str) -> str:
    """A name in capitals between blanks, as it is often typed."""
    return f" {name.replace('i', 'İ').replace('ı', 'I').upper()} "


def rows_of(town: Town) -> list[Row]:
    """All rows, mixed; a repeated phone always comes after the row that it repeats."""
    rng = town.rng
    first: list[Row] = []
    for kind, (outcome, many) in KINDS.items():
        for i in range(many if outcome != "duplicate" else 0):
            one = replace(town.person(), **HAS.get(kind, {}))
            cells = BAD[i] if kind == "bad cell" else TYPED.get(kind, {})
            if kind == "new, untidy name":
                cells = {"name": untidy(one.name), "surname": untidy(one.surname)}
            first.append(Row(kind, one, rng.choice(WORDS["notes"] + [""] * 40), cells))
    rng.shuffle(first)
    rows = [replace(row, cells=written(row, rng)) for row in first]
    outcomes = ("added", "added", "added", "unchanged", "unchanged", "edited")
    for n, outcome in enumerate(outcomes):
        plain = {"added": "new", "unchanged": "same", "edited": "city differs"}[outcome]
        at = rng.choice([i for i, row in enumerate(rows[:300]) if row.kind == plain])
        twin = replace(rows[at].person, email=("", rows[at].person.email)[n % 2], groups=())
        again = Row("repeated phone", twin, "", {})
        while (cells := written(again, rng))["phone"] == rows[at].cells["phone"]:
            pass
        rows.insert(rng.randrange(at + 1, len(rows) + 1), replace(again, cells=cells))
    return rows


def written(row: Row, rng: random.Random) -> dict[str, Cell]:
    """The cells of a row as somebody typed them."""
    one = row.person
    cells: dict[str, Cell] = {"name": one.name, "surname": one.surname, "email": one.email, "city": one.city}
    cells["phone"] = rng.choice(PHONE_STYLES)(one.gsm) if one.gsm else ""
    pattern = rng.choices((None, "%Y-%m-%d", "%d/%m/%Y"), (96, 2, 2))[0]
    cells["born"] = "" if one.born is None else one.born.strftime(pattern) if pattern else one.born
    cells["group"] = rng.choice((",", ", ")).join(one.groups)
    return cells | {"note": row.note} | row.cells


def book_of(rows: list[Row], town: Town) -> dict[str, object]:
    """The sandbox's first state: what the sheet's kinds ask for, and people whom the sheet does not know."""
    rng, contacts = town.rng, []
    for row in rows:
        contacts += contacts_for(row, town)
    for i in range(STRANGERS):
        groups = rng.sample([g for g in GROUPS if g != EMPTY], rng.randint(1, 2)) if i >= LONERS else ()
        one = replace(town.person(), groups=tuple(groups))
        sparse = {6: {"email": ""}, 7: {"gsm": ""}, 8: {"name": "", "email": ""}}.get(i % 9, {})
        contacts.append(contact(replace(one, **sparse), {"3": rng.choice(("web", "fuar-2024"))}, rng))
    rng.shuffle(contacts)
    for i, one in enumerate(contacts):
        one["id"] = 1001 + 2 * i
    groups = [{"id": i, "name": n, "parent": GROUPS[p][0] if p else None} for n, (i, p) in GROUPS.items()]
    return {
        "credentials": {"key": "sandbox-key", "hash": "sandbox-hash"},
        "custom_fields": [1, 2, 3, 4],
        "groups": groups,
        "contacts": contacts,
        "blacklist": [],
    }


def other(words: str, word: str, town: Town) -> str:
    """Another word of the same list."""
    return town.rng.choice([w for w in WORDS[words] if w != word])


DIFFERENCES: dict[str, Callable[[Person, Town], dict[str, object]]] = {  # what the book has instead of the row's value
    "surname differs": lambda one, town: {"surname": other("surnames", one.surname, town)},
    "e-mail differs": lambda one, town: {"email": town.email(one.name, one.surname)},
    "city differs": lambda one, town: {"city": other("cities", one.city, town)},
    "birth date differs": lambda one, town: {"born": one.born + timedelta(days=town.rng.choice((1, 31, 365)))},
    "in no group": lambda _one, _town: {"groups": ()},
    "a group is missing": lambda one, _town: {"groups": tuple(g for g in one.groups if g != "Online Mağaza")},
    "contact has no number": lambda _one, _town: {"gsm": ""},
    "known e-mail, other number": lambda _one, town: {"gsm": town.number()},
}


def contacts_for(row: Row, town: Town) -> list[dict[str, object]]:
    """The contacts that make a row what its kind says: none, one, or the two of a conflict."""
    kind, outcome, rng = row.kind, KINDS[row.kind][0], town.rng
    if outcome in ("added", "rejected", "duplicate"):
        return []
    one = replace(row.person, groups=tuple(dict.fromkeys(("Müşteriler", *row.person.groups))))
    more = ({"4": rng.choice(WORDS["panel_notes"])}, tuple(rng.sample(UNNAMED, rng.randint(1, 2))))
    known: dict[str, str] = {"3": "import-2026"}
    if kind == "same, more in the book" or (outcome == "edited" and rng.choice((True, False))):
        known, one = known | more[0], replace(one, groups=one.groups + more[1])
    if kind == "phone and e-mail of two contacts":
        second = replace(town.person(), email=one.email, groups=("Müşteriler",))
        one = replace(one, email=town.email(one.name, one.surname))
        return [contact(one, known, rng), contact(second, known, rng)]
    if kind == "in no group":
        known = {"4": rng.choice(WORDS["panel_notes"])}
    return [contact(replace(one, **DIFFERENCES.get(kind, lambda *_: {})(one, town)), known, rng)]


def contact(one: Person, known: dict[str, str], rng: random.Random) -> dict[str, object]:
    """A contact as the sandbox keeps it; its id comes later."""
    fields = {"1": one.born.strftime("%d/%m/%Y") if one.born else "", "2": one.city} | known
    ids = [GROUPS[g][0] for g in one.groups]
    rng.shuffle(ids)
    return {
        "id": 0,
        "name": one.name,
        "surname": one.surname,
        "email": one.email,
        "gsm": f"+90{one.gsm}" if one.gsm else "",
        "custom_fields": {k: v for k, v in fields.items() if v},
        "groups": ids,
    }


def table_of(rows: list[Row], rng: random.Random) -> list[list[Cell]]:
    """The sheet's cells, with customer numbers that grow and have gaps."""
    order = ("name", "surname", "email", "phone", "born", "city", "group", "note")
    numbers = sorted(rng.sample(range(100, 3000), len(rows)))
    return [[f"{number:06d}", *(row.cells[c] for c in order)] for number, row in zip(numbers, rows, strict=True)]


def csv_of(table: list[list[Cell]]) -> bytes:
    """What a Turkish Excel saves: semicolons, CRLF, a byte-order mark, every cell as it is shown."""

    def shown(cell: Cell) -> str:
        if isinstance(cell, Number):
            return str(cell.value).zfill(len(cell.shown))
        return cell.strftime("%d.%m.%Y") if isinstance(cell, date) else cell

    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([COLUMNS, *([shown(c) for c in r] for r in table)])
    return out.getvalue().encode("utf-8-sig")


def xlsx_of(table: list[list[Cell]]) -> bytes:
    """The workbook, with nothing of the moment in it."""
    book = Workbook()
    sheet = book.active
    sheet.title, sheet.freeze_panes = "Müşteriler", "A2"
    for x, (header, width) in enumerate(COLUMNS.items(), 1):
        top = sheet.cell(1, x, header)
        top.font = Font(bold=True)
        sheet.column_dimensions[top.column_letter].width = width
    for y, cells in enumerate(table, 2):
        for x, cell in enumerate(cells, 1):
            if cell == "":
                continue
            to = sheet.cell(y, x, cell.value if isinstance(cell, Number) else cell)
            shown = "@" if isinstance(cell, str) else "dd.mm.yyyy"
            to.number_format = cell.shown if isinstance(cell, Number) else shown
    book.properties.creator, book.properties.created = "sample_data/generate.py", MADE.replace(tzinfo=None)
    saved, out = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():  # openpyxl writes the moment of saving: here and in each entry of the archive
            data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2026-01-01T00:00:00Z", old.read(name))
            new.writestr(zipfile.ZipInfo(name, MADE.timetuple()[:6]), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def json_of(book: dict[str, object]) -> bytes:
    """JSON with one group and one contact a line, so that differences read well."""
    lines = []
    for key, value in book.items():
        rich = isinstance(value, list) and value and isinstance(value[0], dict)
        body = ",\n  ".join(json.dumps(v, ensure_ascii=False) for v in value) if rich else ""
        lines.append(f'"{key}": ' + (f"[\n  {body}\n]" if rich else json.dumps(value, ensure_ascii=False)))
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def made() -> tuple[dict[str, bytes], list[str]]:
    """Every file's content by name, and the counts as lines for the README."""
    town = Town(random.Random(SEED))
    rows = rows_of(town)
    book = book_of(rows, town)
    table = table_of(rows, town.rng)
    kinds = Counter(row.kind for row in rows)
    outcomes = ("added", "edited", "unchanged", "rejected", "duplicate", "conflict")
    totals = {o: sum(n for kind, n in kinds.items() if KINDS[kind][0] == o) for o in outcomes}
    expected = {"rows": len(rows), "outcomes": totals}
    files = {
        "customers.xlsx": xlsx_of(table),
        "customers.csv": csv_of(table),
        "book.json": json_of(book),
        "expected.json": (json.dumps(expected, indent=2) + "\n").encode(),
    }
    contacts: list[dict[str, object]] = book["contacts"]
    counts = [f"| {kind} | {KINDS[kind][0]} | {kinds[kind]} |" for kind in KINDS]
    counts += [f"| **all** | **{outcome}** | **{many}** |" for outcome, many in totals.items()]
    counts += [f"| contacts in the book | | {len(contacts)} |"]
    counts += [f"| … in no group | | {sum(not c['groups'] for c in contacts)} |"]
    counts += [f"| … with custom field 4 | | {sum('4' in c['custom_fields'] for c in contacts)} |"]
    return files, counts


def content(name: str, data: bytes) -> object:
    """What must be equal: the bytes, or a workbook's cells (its bytes depend on the XML and zip libraries at hand)."""
    if not name.endswith(".xlsx"):
        return data
    book = load_workbook(io.BytesIO(data))
    return [[(cell.value, cell.number_format) for row in sheet for cell in row] for sheet in book]


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` compare them and the README's numbers."""
    files, counts = made()
    if "--check" not in arguments:
        for name, data in files.items():
            (HERE / name).write_bytes(data)
        sys.stdout.write("\n".join(counts) + "\n")
        return 0
    stale = [n for n, data in files.items() if content(n, (HERE / n).read_bytes()) != content(n, data)]
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    stale += [f"README.md: {line}" for line in counts if line not in readme]
    sys.stdout.write("".join(f"not up to date: {s}\n" for s in stale) or "up to date\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
