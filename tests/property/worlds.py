"""Small worlds to try a whole run in: a book, a sheet, a mapping and an API, drawn by chance; a run without waiting.

What enters: hypothesis' choices. What leaves: worlds; what a plan or an apply made of every row.
What never happens here: a socket, a real second, a judgement.
"""

import asyncio
import csv
import hashlib
import json
import os
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any
from unittest.mock import patch

from hypothesis import Phase
from hypothesis import strategies as st

from sync import run
from sync.mapping import Mapping as Rules
from sync.progress import NoProgress
from sync.reader.mapping_file import MappingFile
from sync.record import ReportRow
from sync.runs import RunFile, StateDirectory
from sync.sandbox import BookState, Semantics
from sync.sandbox.records import StoredContact
from sync.settings import ApiSettings, Credentials
from tests.fakes import FakeClock
from tests.remote.direct import Direct, NoPace

# Of each property; each takes a whole run, so that none is made smaller in the gate.
EXAMPLES = 40 if os.environ.get("HYPOTHESIS_PROFILE", "gate") == "gate" else 400
PHASES = [phase for phase in Phase if EXAMPLES > 40 or phase not in (Phase.shrink, Phase.explain)]

FORM_ONLY = ("trimmed", "lower_email", "iso_dates")
ALTERING = ("cut", "dropped_email", "upper", "titled")
PHONE_FORMS = ("as_sent", "e164", "international", "trunk", "national", "spaced")

# Each number and each address in several spellings: those a sheet has, and those a book may have stored.
_NUMBERS = [f"500100010{last}" for last in range(5)]
_PHONES = [
    spelled
    for each in _NUMBERS
    for spelled in (f"+90{each}", f"90{each}", f"0{each}", each, f"0{each[:3]} {each[3:6]} {each[6:8]} {each[8:]}")
]
_FOREIGN = ["+4915112345678", "+49 151 12345678"]
_EMAILS = [
    "ali@example.com", "Ali@Example.COM", "veli@example.com", "VELI@example.com", "isil+a@example.com",
    "ISIL+A@EXAMPLE.COM", "çağla@example.com",
]  # fmt: skip
_NAMES = ["Ali", "ali", "ALİ", "Işıl", "IŞIL", "  Çağla  Su ", "İlker Işık", "Fatma" + " Nur" * 8, "O'Neil", "Öz", "-"]
_DATES = ["27/09/1984", "27.09.1984", "1984-09-27", "27 Eylül 1984", "7.9.1984", "03/04/2001", "2001-04-03"]
_CITIES = ["İstanbul", "istanbul", "Ankara", " ANKARA "]
_TEXTS = ["alfa", " alfa  beta ", "alfa beta", "ALFA", "27/09/1984", "1984-09-27", "01.02.2003", "x" * 40]
_CODES = ["K-1", "K-2", " K-1 ", "K-3"]

HEADER = {
    "id": "No",
    "name": "Ad",
    "surname": "Soyad",
    "email": "E-posta",
    "gsm": "Cep",
    "custom:1": "Doğum",
    "custom:2": "Şehir",
    "custom:3": "Not",
    "custom:4": "Kod",
    "groups": "Grup",
}
_SHEET_CELLS = {
    "id": ["1", "2", "3", "8", "99", "x"],
    "name": _NAMES,
    "surname": _NAMES,
    "email": [*_EMAILS, "bad"],
    "gsm": [*_PHONES, *_FOREIGN, "123"],
    "custom:1": [*_DATES, "bad"],
    "custom:2": ["ist", "IST", "ank", "İstanbul", "bad"],
    "custom:3": _TEXTS,
    "custom:4": _CODES,
    "groups": ["Müşteriler", "bayiler", "Bayiler/Ankara", "Müşteriler, Bayiler", "Ankara", "12", "VIP", "Yeni/Alt"],
}
_GROUPS = [
    {"id": 7, "name": "Müşteriler", "parent": None},
    {"id": 9, "name": "Bayiler", "parent": None},
    {"id": 12, "name": "Ankara", "parent": 9},
    {"id": 13, "name": "Ankara", "parent": 7},
    {"id": 14, "name": "VIP", "parent": None},
    {"id": 5, "name": "Herkes", "parent": None},
]
_EVERYBODY = 5
# So many that theirs stays the largest group, the one that is always looked at.
_OTHERS: list[dict[str, Any]] = [
    {"id": number, "name": f"Başka {number}", "groups": [_EVERYBODY], "custom_fields": {"3": " x "}}
    for number in range(20, 30)
]
_MATCHES = [
    ["gsm"], ["email"], ["gsm", "email"], ["gsm", "email"], ["email", "gsm"], ["id"], ["id", "gsm"], ["custom:4"],
    ["gsm", "custom:4"], ["custom:4", "email"],
]  # fmt: skip


@dataclass(frozen=True)
class World:
    """A book, a sheet, a mapping, an API.

    Attributes:
        rows: a cell for each column of the header, by its field.
        remembers: whether the second plan knows what the first run has written.
        gathered: whether all contacts are on one page of one group, so that every plan reads them.
    """

    contacts: Sequence[Mapping[str, Any]]
    rows: Sequence[Mapping[str, str]]
    rules: Mapping[str, Any]
    semantics: Semantics
    wire: Any
    remembers: bool
    gathered: bool


def _often(one: Any, other: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([one, one, other])


@st.composite
def _contacts(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for number in range(1, draw(st.integers(0, 8)) + 1):
        contact = {
            "id": number,
            "name": draw(st.sampled_from([*_NAMES, ""])),
            "surname": draw(st.sampled_from([*_NAMES, "", ""])),
            "email": draw(st.sampled_from([*_EMAILS, "", ""])),
            "gsm": draw(st.sampled_from([*_PHONES, *_FOREIGN, *[""] * 8])),
            "custom_fields": {
                name: text
                for name, texts in (("1", _DATES), ("2", _CITIES), ("3", _TEXTS), ("4", _CODES), ("5", _TEXTS))
                if (text := draw(st.sampled_from([*texts, "", ""])))
            },
            "groups": draw(st.lists(st.sampled_from([7, 9, 12, 13, 14]), unique=True, max_size=3)),
        }
        if any(str(contact[name]).strip() for name in ("name", "surname", "email", "gsm")):
            found.append(contact)
    return found


@st.composite
def _column(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """What a mapping says about one field."""
    spec: dict[str, Any] = {"column": HEADER[name]}
    spec |= draw(st.sampled_from([{}, {}, {}, {"rewrite": True}]))
    spec |= draw(st.sampled_from([{}, {}, {"on_blank": "keep"}, {"on_blank": "clear"}]))
    spec |= draw(st.sampled_from([{}, {"on_bad": "blank"}]))
    if name in ("name", "surname", "custom:3"):
        spec["transforms"] = draw(st.lists(st.sampled_from(["squeeze", "title", "upper", "lower"]), max_size=2))
        if draw(_often(False, True)):
            del spec["column"]
            spec["value"] = draw(st.sampled_from(["import-2026", " Işıl  Su ", "27/09/2026"]))
    if name == "custom:1" and (draw(_often(True, False))):
        spec |= {"type": "date", "output": draw(st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d"]))}
    if name == "custom:2":
        spec |= {"type": "choice", "choices": {"ist": "İstanbul", "ank": "Ankara"}}
    return spec


@st.composite
def _rules(draw: st.DrawFn) -> dict[str, Any]:
    match = draw(st.sampled_from(_MATCHES))
    fields: dict[str, Any] = {}
    custom: dict[int, Any] = {}
    for name in HEADER:
        if name == "groups" or (name not in match and (name == "id" or not draw(st.booleans()))):
            continue
        spec = {"column": HEADER["id"]} if name == "id" else draw(_column(name))
        if name.startswith("custom:"):
            custom[int(name.removeprefix("custom:"))] = spec
        else:
            fields[name] = spec
    groups: dict[str, Any] = {}
    if draw(st.booleans()):
        groups["column"] = HEADER["groups"]
        groups["create_missing"] = draw(_often(False, True))
    if draw(_often(False, True)):
        groups["always"] = draw(st.sampled_from([["Müşteriler"], ["Bayiler/Ankara", "VIP"], [7]]))
    groups["mode"] = draw(st.sampled_from(["add", "exact", "keep"]))
    return {
        "version": 1,
        "source": {"header_row": 1, "encoding": "utf-8", "delimiter": ";"},
        "match": match,
        "fields": fields,
        "custom_fields": custom,
        "groups": groups,
        "on_blank": draw(_often("keep", "clear")),
        "on_bad": draw(_often("reject", "blank")),
        "duplicates": draw(st.sampled_from(["error", "first", "last", "merge"])),
        "on_key_change": draw(st.sampled_from(["conflict", "edit"])),
    }


def _rows() -> st.SearchStrategy[list[dict[str, str]]]:
    cells = {name: st.sampled_from([*texts, "", " "]) for name, texts in _SHEET_CELLS.items()}
    filled = st.fixed_dictionaries(cells).filter(lambda row: any(text.strip() for text in row.values()))
    shown = filled.map(lambda row: {name: text for name, text in row.items() if text})
    return st.lists(shown, min_size=1, max_size=8)


@st.composite
def _semantics(draw: st.DrawFn, values: Sequence[Any], phones: Sequence[Any]) -> Semantics:
    return Semantics(
        edit=draw(st.sampled_from(["replace", "patch"])),
        search=draw(st.sampled_from(["substring", "prefix"])),
        phone_stored=draw(st.sampled_from(phones)),
        values=tuple(values),
        groups_on_add=draw(st.sampled_from(["all", "first", "none"])),
        empty_page=draw(st.sampled_from(["465", "list"])),
        ids=draw(st.sampled_from(["number", "text"])),
        single=draw(st.sampled_from(["list", "bare"])),
        empty=draw(st.sampled_from(["list", "object", "text", "null", "absent"])),
    )


@st.composite
def worlds(draw: st.DrawFn, *, altering: bool) -> World:
    """Any small world; with `altering` its API changes more than the form."""
    values = draw(st.lists(st.sampled_from(FORM_ONLY), unique=True))
    if altering:
        values += draw(st.lists(st.sampled_from(ALTERING), unique=True, min_size=1))
    contacts, gathered = draw(_contacts()), draw(_often(True, False))
    if gathered:
        contacts = [{**contact, "groups": [*contact["groups"], _EVERYBODY]} for contact in contacts] + _OTHERS
    remembers = draw(st.booleans())
    # A layout that was never met is not looked for: what was stored in it is found by those alone who remember it.
    phones = PHONE_FORMS if remembers else [form for form in PHONE_FORMS if form != "spaced"]
    return World(
        contacts=contacts,
        rows=draw(_rows()),
        rules=draw(_rules()),
        semantics=draw(_semantics(values, phones)),
        wire=draw(st.sampled_from(["json", "xml"])),
        remembers=remembers,
        gathered=gathered,
    )


@dataclass(frozen=True)
class Told:
    """What a run says: of every row by its number, and in all."""

    rows: Mapping[int, ReportRow]
    outcomes: Mapping[str, int]

    def of(self, *outcomes: str) -> set[int]:
        return {number for number, row in self.rows.items() if row.outcome in outcomes}

    def codes(self, row: int) -> list[str]:
        return [remark.code for remark in self.rows[row].remarks]


class Wire(Direct):
    """`Direct` in the place of a transport that is opened and closed."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


@dataclass
class Office:
    """Where the runs of one world take place.

    Attributes:
        server: the book as the server has it.
    """

    world: World
    folder: Path
    server: BookState = field(init=False)

    def __post_init__(self) -> None:
        data = {"custom_fields": [1, 2, 3, 4, 5], "groups": _GROUPS, "contacts": list(self.world.contacts)}
        self.server = BookState.from_dict(data)
        self._clock = FakeClock()
        self._sheet = self.folder / "sheet.csv"
        with self._sheet.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(HEADER.values())
            writer.writerows([row.get(name, "") for name in HEADER] for row in self.world.rows)
        self._mapping = self._mapping_file()
        self._state = StateDirectory(self.folder / "state")

    def _mapping_file(self) -> MappingFile:
        """The mapping as its file would be read, which takes longer than all the rest."""
        path, text = self.folder / "mapping.yaml", json.dumps(self.world.rules).encode()
        path.write_bytes(text)
        sha256 = hashlib.sha256(text).hexdigest()
        return MappingFile(path, sha256, Rules.model_validate(self.world.rules), self.world.rules)

    @property
    def contacts(self) -> dict[int, StoredContact]:
        return dict(self.server.contacts)

    def plan(self) -> tuple[RunFile, Told]:
        run_file = asyncio.run(run.plan(self._context(), [self._sheet], self._mapping))
        return run_file, _told(run_file, planned=True)

    def apply(self, run_file: RunFile) -> Told:
        asyncio.run(run.apply(self._context(), run_file))
        return self.told(run_file)

    def plan_undo(self, undone: RunFile) -> tuple[RunFile, Told]:
        run_file = asyncio.run(run.plan_undo(self._context(), undone.path))
        return run_file, _told(run_file, planned=True)

    def resume(self, run_file: RunFile) -> Told:
        asyncio.run(run.resume(self._context(), run_file))
        return self.told(run_file)

    def told(self, run_file: RunFile) -> Told:
        """What became of the rows."""
        return _told(run_file, planned=False)

    def forget(self) -> None:
        """From now on nothing is known of earlier runs."""
        self._state = StateDirectory(self.folder / "other state")

    def _context(self) -> run.Context:
        api = ApiSettings(base_url="http://127.0.0.1/v1", rate=1e6, wire=self.world.wire, workers=4)
        return run.Context(
            api=api,
            credentials=Credentials("sandbox-key", "sandbox-hash"),
            state=self._state,
            clock=self._clock,
            chance=random.Random(1),
            progress=NoProgress(),
            stop=asyncio.Event(),
            pace=NoPace(api.rate, self._clock),
        )


def _told(run_file: RunFile, *, planned: bool) -> Told:
    rows = {row.row: row for row in run_file.rows(planned=planned)}
    return Told(rows, run_file.outcomes(planned=planned))


@contextmanager
def office(world: World, wire: Callable[[BookState, Semantics], Wire] = Wire) -> Iterator[Office]:
    """An office for one world, gone afterwards; `wire` makes what stands in the place of the transport."""
    with tempfile.TemporaryDirectory() as folder:
        here = Office(world, Path(folder))
        with patch("sync.remote.client.HttpTransport", lambda *_args, **_options: wire(here.server, world.semantics)):
            yield here
