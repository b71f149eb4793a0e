"""One job, the people at its panel, a server in all weathers, kills: in any order, and every run keeps its word.

The rules are what people, machines and lines do. After each run the book, the run's file and what the server has seen
are held against one another, and against a model of a few lines. `make hunt` plays for longer.
"""

import asyncio
import random
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from sync import run
from sync.errors import ImsyncError, RunRefused
from sync.record import NO_INPUT
from sync.runs import RunFile
from sync.sandbox import Semantics
from sync.sandbox.records import StoredContact
from tests.property.weather import KINDS, LATE, Exposed, Server, Write, dying
from tests.property.worlds import EXAMPLES, PHASES
from tests.run.nights import IDENTITY, Job

OURS, THEIRS = 7, 8  # the job's group, and one of the panel's
DONE = ("added", "edited", "unchanged")
WRITTEN = ("added", "edited", "deleted")
STALE = 16 * 60  # seconds after which what was read is read again
DAY = 86_400

_NUMBERS = [f"500300{last:04}" for last in range(9)]
_SPELLINGS = ("+90{}", "90{}", "0{}", "{}")
_CELLS = {
    "Ad": ["Ada", "Bora", "Ceyda", "Çağla Su", "İlker", ""],
    "E-posta": ["", "", "ada@example.com", "bora@example.com"],
    "Cep": [*(spelling.format(number) for spelling in _SPELLINGS for number in _NUMBERS), "123", ""],
    "Şehir": ["", "Ankara", "Bursa", "İzmir"],
}
_COLUMNS = {"name": "Ad", "email": "E-posta", "gsm": "Cep", "custom:1": "Şehir"}
_rows = st.fixed_dictionaries({name: st.sampled_from(texts) for name, texts in _CELLS.items()}).filter(
    lambda row: any(row.values())
)
_cells = st.sampled_from(list(_CELLS)).flatmap(
    lambda name: st.sampled_from(_CELLS[name]).map(lambda text: {name: text})
)
_places = st.integers(0, 20)
_WORST = ("lost_after", "late_write", "silent_after", "ignored", "parroted") * 3
_storms = st.tuples(
    st.lists(st.sampled_from([*KINDS, *_WORST]), min_size=1, max_size=3), st.sampled_from([0.1, 0.3, 0.6])
)
_in_the_sheet = st.lists(
    st.tuples(
        st.sampled_from(["adds", "adds", "changes", "changes", "changes", "removes", "doubles"]),
        _places,
        _rows,
        _cells,
        st.sampled_from(_SPELLINGS),
    ),
    min_size=1,
    max_size=3,
)
_kills = st.one_of(st.just(0), st.integers(1, 20))
_RULES = {
    "on_panel_change": ["conflict", "overwrite", "keep"],
    "remote_only": ["report", "delete", "remove_from_groups"],
    "duplicates": ["error", "first", "last", "merge"],
    "on_blank": ["keep", "clear"],
    "match": [["gsm"], ["gsm", "email"]],
    "on_key_change": ["conflict", "edit"],
    "custom_fields": [{1: "Şehir"}, {}],
    "groups": [{"always": [OURS]}, {}],
}
_rules = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in _RULES.items()})
_one_rule = st.sampled_from([(name, value) for name, values in _RULES.items() for value in values])


# The model: what a phone is, when two values are one, what a row must become


def number_of(text: str) -> str:
    """The number that a phone's text means, without its country; empty for none."""
    digits = "".join(each for each in text if each.isdecimal())
    return digits[-10:] if len(digits) >= 10 and digits[-10] == "5" else ""


def same(name: str, one: Any, other: Any) -> bool:
    if name == "groups":
        return sorted(one) == sorted(other)
    return number_of(one) == number_of(other) if name == "gsm" else bool(one == other)


def values(contact: StoredContact | None) -> dict[str, Any]:
    contact = contact or StoredContact(0)
    custom = {f"custom:{number}": contact.custom_fields.get(number, "") for number in (1, 2)}
    plain = {name: getattr(contact, name) for name in ("name", "surname", "email", "gsm")}
    return {**plain, **custom, "groups": list(contact.groups)}


def holds(contact: StoredContact, row: dict[str, str], rules: dict[str, Any]) -> bool:
    """Whether the contact is what the row says, as far as it says something."""
    found = values(contact)
    mapped = [name for name in _COLUMNS if name != "custom:1" or rules["custom_fields"]]
    clears = rules["on_blank"] == "clear"
    fields = all(same(name, found[name], row[_COLUMNS[name]]) for name in mapped if row[_COLUMNS[name]] or clears)
    return fields and (not rules["groups"] or OURS in contact.groups)


@dataclass
class Told:
    """What a plan announces.

    Attributes:
        rows: what becomes of each, by its number.
        adds: the phones.
        edits: contact → the fields that change, with what they become.
        deletes: contacts.
        waiting: contacts whose rows have left the sheet, or may be rows that are not certain yet: nothing is sent.
    """

    rows: dict[int, str] = field(default_factory=dict)
    adds: Counter[str] = field(default_factory=Counter)
    edits: dict[int, dict[str, Any]] = field(default_factory=dict)
    deletes: set[int] = field(default_factory=set)
    waiting: set[int] = field(default_factory=set)

    @classmethod
    def by(cls, run_file: RunFile) -> "Told":
        told = cls()
        told.rows = {each.row: each.outcome for each in run_file.rows(planned=True)}
        for each in (*run_file.rows(planned=True), *run_file.departures(planned=True)):
            becomes = {name: pair[1] for name, pair in each.changes.items()}
            if each.outcome == "added":
                told.adds[number_of(becomes.get("gsm", ""))] += 1
            elif each.outcome == "edited":
                assert each.contact_id not in told.edits, "two rows edit one contact"
                told.edits[each.contact_id or 0] = becomes
            elif each.outcome == "held" and each.input == NO_INPUT:
                told.waiting.add(each.contact_id or 0)
            elif each.outcome == "deleted":
                told.deletes.add(each.contact_id or 0)
        return told


@dataclass
class Plan:
    """A plan, and what is to be known when it is carried out.

    Attributes:
        sheet: its rows; none for an undo.
        rules: of the mapping.
        book: before the first write.
        writes, sent: its own so far, and its requests.
        settled: requests of later plans, which look after what it left unsure: some of them count for it too.
        calm: nothing has gone wrong since then, and nobody has touched the panel.
        killed: it was; requests of which it knows nothing may have been sent.
        parroted: answers said that something was stored that was not; the run has to be read back.
    """

    path: Path
    told: Told
    sheet: list[dict[str, str]]
    rules: dict[str, Any]
    sent: Counter[str]
    calm: bool
    writes: list[Write] = field(default_factory=list)
    book: dict[int, StoredContact] = field(default_factory=dict)
    settled: Counter[str] = field(default_factory=Counter)
    killed: bool = False
    parroted: bool = False


class Nights(RuleBasedStateMachine):
    """One account, one job, and all that may happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.rows: list[dict[str, str]] = []
        self.count = 0
        self.saved: Plan | None = None  # a plan that nobody has applied yet
        self.open: Plan | None = None  # a run that has not come to its end
        self.last: Plan | None = None  # the last one that has
        self.touched: set[int] = set()  # contacts that somebody has changed in the panel since
        self.met: set[str] = set()  # numbers that a run has ever been about
        self.taught: dict[str, int] = {}  # numbers of rows that were in the book once → their contacts

    @initialize(
        edit=st.sampled_from(["replace", "patch"]),
        phone_stored=st.sampled_from(["as_sent", "e164", "national", "trunk"]),
        lag=st.sampled_from([0.0, 0.0, 4.0]),
        rules=_rules,
        identity=st.booleans(),
        rows=st.lists(_rows, min_size=2, max_size=6),
        seed=st.integers(0, 1 << 20),
        storm=st.one_of(st.none(), _storms),
    )
    def opens(
        self,
        edit: Any,
        phone_stored: Any,
        lag: float,
        rules: dict[str, Any],
        identity: bool,
        rows: Any,
        seed: int,
        storm: Any,
    ) -> None:
        semantics = Semantics(edit=edit, phone_stored=phone_stored, lag_seconds=lag)
        guards = {"max_adds": None, "max_edits": None, "max_deletes": None, "max_removals": None, "min_rows": None}
        more = IDENTITY if identity else {}
        self.job = Job(Path(self._folder.name), semantics, guards={**guards, "max_bad": None}, **more, **rules)
        self.server = Server(self.job.server, semantics, self.job.clock, chance=random.Random(seed))
        self._patch = patch("sync.remote.client.HttpTransport", lambda *_args, **_options: Exposed(self.server))
        self._patch.start()
        for row in rows:
            self._adds(row)
        if storm:
            self.storm(storm)

    def teardown(self) -> None:
        if hasattr(self, "_patch"):
            self._patch.stop()
        self._folder.cleanup()

    # The sheet

    @rule(events=_in_the_sheet)
    def the_sheet_changes(self, events: list[tuple[Any, ...]]) -> None:
        for what, place, row, cell, spelling in events:
            there = self.rows[place % len(self.rows)] if self.rows else None
            if what == "adds" or there is None:
                self._adds(row)
            elif what == "removes":
                self.rows.remove(there)
            elif what == "doubles" and (number := number_of(there["Cep"])):
                self._adds({**there, **(cell if "Cep" not in cell else {}), "Cep": spelling.format(number)})
            elif any({**there, **cell}[name] for name in _CELLS):
                there.update(cell)

    def _adds(self, row: dict[str, str]) -> None:
        self.count += 1
        self.rows.append({**row, "No": f"M-{self.count}"})

    @rule(change=_one_rule)
    def changes_the_mapping(self, change: tuple[str, Any]) -> None:
        self.job.rules = {**self.job.rules, change[0]: change[1]}

    # The panel

    @rule(
        what=st.sampled_from(["adds", "edits", "edits", "erases"]),
        place=_places,
        row=_rows,
        cell=_cells,
        groups=st.sampled_from([None, (), (OURS,), (THEIRS,), (OURS, THEIRS)]),
    )
    def the_panel(
        self, what: str, place: int, row: dict[str, str], cell: dict[str, str], groups: tuple[int, ...] | None
    ) -> None:
        server = self.job.server
        if what == "adds" or not server.contacts:
            city = {1: row["Şehir"]} if row["Şehir"] else {}
            contact = StoredContact(0, row["Ad"] or "Elle", "Panel", row["E-posta"], row["Cep"], city, groups or ())
            contact = server.add_contact(contact)
        else:
            contact = list(server.contacts.values())[place % len(server.contacts)]
            if what == "erases":
                server.delete_contact(contact.id)
            else:
                server.put_contact(_edited(contact, cell, contact.groups if groups is None else groups))
        self.touched.add(contact.id)
        for each in (self.saved, self.open):
            if each:
                each.calm = False
        self.job.clock.advance(STALE)  # what happens between reading and writing cannot be known by anybody

    # The weather, and time

    @rule(storm=_storms)
    def storm(self, storm: tuple[list[str], float]) -> None:
        self.server.kinds, self.server.share = tuple(storm[0]), storm[1]

    @rule(seconds=st.sampled_from([LATE, LATE, DAY]))
    def calm(self, seconds: float) -> None:
        self.server.kinds = ()
        self.job.clock.advance(seconds)
        self.server.land()

    @property
    def is_calm(self) -> bool:
        return not self.server.kinds and not self.server.late

    # Runs

    @rule(kill=_kills, after=st.booleans(), limit=st.sampled_from([None, None, None, 1]))
    def a_night(self, kill: int, after: bool, limit: int | None) -> None:
        if plan := self._planned():
            self._carried_out(plan, kill, after=after, limit=limit)

    @precondition(lambda self: self.is_calm)
    @rule()
    def two_nights(self) -> None:
        """The second one has nothing to do."""
        plan = self._planned()
        if plan and self._carried_out(plan) and plan.calm:
            again = self._planned()
            assert again is not None
            # Who was in conflict over a contact that has got another key, or another row, may be in none any more.
            freed = {row for row, outcome in plan.told.rows.items() if outcome == "conflict" and plan.told.edits}
            changed = {row for row, outcome in again.told.rows.items() if outcome in WRITTEN}
            assert changed <= freed, f"{plan.told}, then {again.told}"
            if not changed:
                assert {*again.told.edits, *again.told.deletes} <= plan.told.waiting, f"{plan.told}, then {again.told}"
            if not (changed or plan.told.waiting):
                assert self._carried_out(again)
                assert not again.writes

    @rule()
    def a_plan(self) -> None:
        self.saved = self._planned()

    @precondition(lambda self: self.saved)
    @rule(kill=_kills, after=st.booleans())
    def applies_the_plan(self, kill: int, after: bool) -> None:
        plan, self.saved = self.saved, None
        assert plan is not None
        self._carried_out(plan, kill, after=after)

    @precondition(lambda self: self.open)
    @rule(kill=_kills, after=st.booleans())
    def resumes(self, kill: int, after: bool) -> None:
        plan, self.open = self.open, None
        assert plan is not None
        self._carried_out(plan, kill, after=after, again=True)

    @precondition(lambda self: self.open or self.last)
    @rule(kill=_kills, after=st.booleans())
    def undoes(self, kill: int, after: bool) -> None:
        undone = self.open or self.last
        assert undone is not None
        plan = self._planned(undone)
        if plan is None:
            return
        touched, directly = set(self.touched), undone is self.last
        if self._carried_out(plan, kill, after=after):
            self.last = None
            if directly and undone.calm and plan.calm:
                self._is_put_back(undone, touched)
        self._forgets({write.contact_id for write in (*undone.writes, *plan.writes)})

    def _forgets(self, contacts: set[int]) -> None:
        self.taught = {number: each for number, each in self.taught.items() if each not in contacts}

    def _planned(self, undone: Plan | None = None) -> Plan | None:
        """A plan, of the sheet or of an undo; None where none was made."""
        self.server.land()
        calm, sent, self.server.writes = self.is_calm, Counter(self.server.sent), []
        refused = ""
        try:
            if undone is None:
                run_file = self.job.plan(self.rows)
            else:
                run_file = asyncio.run(run.plan_undo(self.job.context(), undone.path))
        except ImsyncError as error:
            refused = error.code
        if self.open:
            self.open.settled += self.server.sent - sent
        if refused:
            assert not calm or refused == "input_empty", refused
            assert not calm or not self.rows
            return None
        try:
            assert not self.server.writes, "a plan writes nothing"
            sheet = [] if undone else [dict(row) for row in self.rows]
            told = Told.by(run_file)
            if calm and undone is None:
                self._as_the_model_says(run_file)
            return Plan(run_file.path, told, sheet, self.job.rules, self.server.sent - sent, calm)
        finally:
            run_file.close()

    def _carried_out(
        self, plan: Plan, kill: int = 0, *, after: bool = False, limit: int | None = None, again: bool = False
    ) -> bool:
        """Whether the run came to its end; what is left is for `resumes`."""
        note(f"{plan.path.stem}: {plan.told}")
        plan.calm &= self.is_calm
        plan.parroted |= "parroted" in self.server.kinds
        if not again:
            plan.book = dict(self.job.server.contacts)
            self.last = None
            self.met |= {number_of(row["Cep"]) for row in plan.sheet}
            self.touched.clear()
        sent, written, refused, alive = Counter(self.server.sent), len(plan.writes), None, False
        self.server.writes = plan.writes
        with dying(self.server, self.job.state.path, kill, after=after):
            run_file = RunFile.open(plan.path)
            carry_out = run.resume if again else run.apply
            allowed = ["altered", *(each["guard"] for each in run_file.meta.breaches)]
            try:
                asyncio.run(carry_out(self.job.context(), run_file, allowed=allowed, limit=limit, verify=plan.parroted))
            except ImsyncError as error:
                refused = error
            finally:
                run_file.close()
            alive = not self.server.dead
        plan.sent += self.server.sent - sent
        plan.killed |= not alive
        plan.calm &= alive
        self._as_announced(plan)
        run_file = RunFile.open(plan.path)
        try:
            if isinstance(refused, RunRefused) and alive:
                assert len(plan.writes) == written, refused.code
                return False
            self._counts(plan, run_file)
            if not run_file.meta.applied_at:
                self.saved = plan
                return False
            if run_file.meta.status != "completed":
                assert not plan.calm or limit, (refused, run_file.meta.status)
                self.open = plan
                return False
            self._is_over(plan, run_file)
            self.last, self.open = plan, None
            return True
        finally:
            run_file.close()

    # What is held against what

    def _as_announced(self, plan: Plan) -> None:
        """Each write was announced, and no contact came twice."""
        told, adds = plan.told, Counter[str]()
        new = set[int]()
        for write in plan.writes:
            before, after = values(write.before), values(write.after)
            if write.before is None:
                number = number_of(after["gsm"])
                adds[number] += 1
                new.add(write.contact_id)
                assert adds[number] <= told.adds[number], f"{write} was not announced, or came twice"
                twins = [each for each in write.others if number and number_of(each.gsm) == number]
                assert write.late or plan.sheet == [] or not twins, f"{write} is there already: {twins}"
            elif write.after is None:
                assert write.contact_id in told.deletes, f"{write} was not announced"
                self._forgets({write.contact_id})
            elif write.contact_id not in new:
                changed = {name: after[name] for name in after if before[name] != after[name]}
                announced = told.edits.get(write.contact_id)
                assert announced is not None, f"{write} was not announced"
                for name, text in changed.items():
                    if name in announced:
                        assert same(name, announced[name], text), f"{name} of {write}, announced {announced}"
                    else:
                        assert name == "gsm", f"{name} of {write}, announced {announced}"
                        assert same(name, before[name], text), f"{name} of {write}, announced {announced}"

    def _counts(self, plan: Plan, run_file: RunFile) -> None:
        """Every row has one outcome, whatever has happened, and the requests are counted."""
        rows = list(run_file.rows())
        if plan.sheet:
            assert [each.row for each in rows] == list(range(2, len(plan.sheet) + 2))
        assert Counter(each.outcome for each in rows) == Counter(run_file.outcomes())
        assert len(rows) == run_file.row_count
        sent, said = plan.sent, Counter(run_file.meta.requests)
        assert said <= sent + plan.settled
        assert plan.killed or sent <= said

    def _is_over(self, plan: Plan, run_file: RunFile) -> None:
        """The file says what the server has seen, and the book holds what the file says."""
        writes = plan.writes
        rows = [*run_file.rows(), *run_file.departures()]
        by_outcome = {
            outcome: Counter(each.contact_id for each in rows if each.outcome == outcome) for outcome in WRITTEN
        }
        unsure = sum(each.outcome == "unresolved" for each in rows)
        assert not any(each.outcome == "pending" for each in rows)
        seen = {
            "added": Counter(each.contact_id for each in writes if each.before is None),
            "deleted": Counter(each.contact_id for each in writes if each.after is None),
        }
        for outcome, found in seen.items():
            assert by_outcome[outcome] <= found
            assert (found - by_outcome[outcome]).total() <= unsure, f"{outcome}: {found}, {by_outcome[outcome]}"
        edited = {each.contact_id for each in writes if each.before and each.after}
        altered = {each.contact_id for each in rows if each.altered}
        assert by_outcome["edited"].keys() - altered <= edited
        for each in rows if plan.sheet else ():
            if each.outcome in DONE and each.row:
                number = number_of(plan.sheet[each.row - 2]["Cep"])
                assert each.contact_id is not None
                if number:
                    self._forgets({each.contact_id})
                    self.taught[number] = each.contact_id
                if plan.calm and not each.altered:
                    self._holds(plan, each)

    def _holds(self, plan: Plan, row: Any) -> None:
        contact, wanted = self.job.server.contacts[row.contact_id], plan.sheet[row.row - 2]
        kept = {"panel_kept"} & {each.code for each in row.remarks}
        if plan.rules["duplicates"] != "merge" and not kept:
            assert holds(contact, wanted, plan.rules), f"{row} is {contact}"

    def _is_put_back(self, undone: Plan, touched: set[int]) -> None:
        """What nobody has touched since is as it was before the run."""
        book = self.job.server.contacts
        for number, contact in undone.book.items():
            if number not in touched | undone.told.deletes:
                assert _equal(book.get(number), contact), f"{contact} was not put back: {book.get(number)}"
        for write in undone.writes:
            if write.before is None and write.contact_id not in touched:
                assert write.contact_id not in book, f"{write} was not taken back"
            if write.after is None:
                assert any(_equal(each, write.before) for each in book.values()), f"{write} was not put back"

    def _as_the_model_says(self, run_file: RunFile) -> None:
        rules, by_gsm_alone = self.job.rules, self.job.rules["match"] == ["gsm"] and "identity" not in self.job.rules
        lag = self.server.semantics.lag_seconds
        counts = Counter(number_of(row["Cep"]) for row in self.rows)
        for row in run_file.rows(planned=True):
            number = number_of(self.rows[row.row - 2]["Cep"])
            twins = [each for each in self.job.server.contacts.values() if number and number_of(each.gsm) == number]
            if row.outcome == "added":
                assert not twins, f"{row}: {twins}"
                erased = {each for each in (self.taught.get(number),) if each} - self.job.server.contacts.keys()
                assert not erased, f"{row}: {erased} was erased in the panel"
            if by_gsm_alone and (not number or counts[number] == 1 or rules["duplicates"] == "error"):
                expected = self._expected(self.rows[row.row - 2], number, counts[number], twins)
                if lag and {"absence_uncertain"} & {each.code for each in row.remarks}:
                    expected.add("conflict")  # the searches do not show yet what there is to be seen
                assert row.outcome in expected, f"{row}, expected {expected}, contacts {twins}"

    def _expected(self, row: dict[str, str], number: str, count: int, twins: list[StoredContact]) -> set[str]:
        """What may become of a row whose phone alone says who it is."""
        if not number or count > 1:
            return {"rejected"}
        met = number in self.met or any(each.id in self.taught.values() for each in twins)
        past = {"held", "conflict", "edited"} if met else set()  # the job's memory has a say
        if not twins:
            return {"added", *past}
        if len(twins) > 1:
            return {"conflict", *past}
        if holds(twins[0], row, self.job.rules):
            return {"unchanged", *(past & {"held"})}
        return {"edited", *past}


def _edited(contact: StoredContact, cell: dict[str, str], groups: tuple[int, ...]) -> StoredContact:
    """The contact with one value changed, and a note of the panel's own."""
    ((column, text),) = cell.items()
    name = {column: name for name, column in _COLUMNS.items()}[column]
    plain = {} if name == "custom:1" else {name: text}
    city = {} if name != "custom:1" else {1: text}
    custom = {number: text for number, text in {**contact.custom_fields, **city, 2: "elle"}.items() if text}
    return replace(contact, **plain, custom_fields=custom, groups=groups)


def _equal(one: StoredContact | None, other: StoredContact | None) -> bool:
    if one is None or other is None:
        return one is other
    mine, theirs = values(one), values(other)
    return all(same(name, mine[name], theirs[name]) for name in mine)


Nights.TestCase.settings = settings(
    max_examples=8 if EXAMPLES == 40 else 1000,
    stateful_step_count=15 if EXAMPLES == 40 else 25,
    phases=PHASES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestNights = pytest.mark.timeout(7200)(Nights.TestCase)
