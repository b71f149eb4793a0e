"""Many nights of one job, out of one seeded story: after each the book is what a short reference model says.

`IMSYNC_NIGHTS` and `IMSYNC_STORY` choose how many nights and which story; `make year` plays 365 of each kind.
"""

import os
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from sync.errors import ImsyncError, RunStopped
from sync.sandbox.records import StoredContact
from tests.run.nights import IDENTITY, RULES, Job, Row, a_job, a_row, phone

NIGHTS = int(os.environ.get("IMSYNC_NIGHTS", "11"))
STORIES = [int(os.environ["IMSYNC_STORY"])] if "IMSYNC_STORY" in os.environ else [1]
PEOPLE = 40
OURS, THEIRS = 7, 8  # the job's group, and one of the panel's
_HANDS_ON = 3  # nights after which sheet and panel agree again about what was changed in the panel
_GUARDS = {"max_edits": None, "max_deletes": "20%", "max_removals": "20%"}
# Of each 20 nights those in which the mapping does not name the city. A night that is killed learns no new rules where
# it has nothing to send, and the next one waits again: no change falls on one.
_UNMAPPED = range(9, 13)
_EVENTS = {
    "arrives": 5, "leaves": 3, "leaves_changed": 1, "leaves_erased": 1, "renumbered": 3, "sheet": 4, "panel": 2,
    "panel_group": 1, "erases": 1, "erased_leaves": 1, "foreign": 1,
}  # fmt: skip

pytestmark = pytest.mark.timeout(7200)


@dataclass(frozen=True)
class Held:
    """What a contact holds."""

    name: str
    email: str
    gsm: str
    city: str
    groups: tuple[int, ...]


@dataclass
class Person:
    """One row, and what the book is to hold of it.

    Attributes:
        book: what its contact holds; None where there is to be none.
        erased: in the panel, so that it is not brought back.
        changed: the night on which the panel changed it, and the sheet says otherwise; -1 for never.
        known: whether a night has seen that sheet and panel agree.
    """

    row: dict[str, str]
    book: Held | None = None
    erased: bool = False
    changed: int = -1
    known: bool = False

    def comes(self, *, city: bool) -> str:
        """What becomes of its row tonight, if all goes well; the book is as it will be then."""
        if self.erased:
            return "held"
        if self.changed >= 0:
            return "conflict"
        before, row, self.known = self.book, self.row, True
        kept = before.city if before else ""
        self.book = Held(row["Ad"], row["E-posta"], row["Cep"], row["Şehir"] if city else kept, (OURS,))
        if before is None:
            return "added"
        return "unchanged" if before == self.book else "edited"

    def goes(self, rule: str) -> str:
        """What becomes of its contact when its row has left; the book is as it will be then."""
        if self.book is None:
            return "unchanged"
        if rule == "delete":
            if self.changed >= 0:
                return "conflict"
            self.book = None
            return "deleted"
        if OURS not in self.book.groups:
            return "unchanged"
        self.book = replace(self.book, groups=tuple(group for group in self.book.groups if group != OURS))
        return "edited"


@dataclass
class Story:
    """What happens between the nights.

    Attributes:
        rule: what the mapping says of contacts that the sheet lacks.
        leaving: those whose rows have left the sheet, as long as the job has anything to do with their contacts.
        gone: the others; their contacts stay as they are.
    """

    job: Job
    rule: str
    chance: random.Random
    people: list[Person] = field(default_factory=list)
    leaving: list[Person] = field(default_factory=list)
    gone: list[Person] = field(default_factory=list)
    foreign: dict[int, StoredContact] = field(default_factory=dict)
    numbers: int = 0
    names: int = 0  # that were given in the panel
    phones: int = 100_000

    # What people do

    def arrives(self) -> None:
        self.people.append(Person({**a_row(self.numbers), "Ad": _name(self.numbers)}))
        self.numbers += 1

    def someone(self) -> Person | None:
        """Somebody whose row and contact agree."""
        settled = [
            each
            for each in self.people
            if each.book and each.known and not each.erased and each.changed < 0 and each.row["Cep"] == each.book.gsm
        ]
        return self.chance.choice(settled) if settled else None

    def contact_of(self, person: Person) -> StoredContact:
        assert person.book is not None
        (found,) = (each for each in self.job.server.contacts.values() if each.gsm == person.book.gsm)
        return found

    def day(self, night: int) -> None:
        """What people do before this night."""
        for person in self.people:
            if person.changed >= 0 and night - person.changed >= _HANDS_ON and person.book:
                self._agree(person)
        for event in self.chance.choices(list(_EVENTS), weights=list(_EVENTS.values()), k=4):
            self._happens(event, night)
        if sum(person.book is not None for person in self.people) < PEOPLE:  # a sheet does not dwindle for ever
            self.arrives()

    def _agree(self, person: Person) -> None:
        assert person.book is not None
        person.row["Ad"], person.changed, person.known = person.book.name, -1, False
        if OURS not in person.book.groups:
            self._panel(person, groups=(OURS,))

    def _panel(self, person: Person, **values: Any) -> None:
        assert person.book is not None
        self.job.server.put_contact(replace(self.contact_of(person), **values))
        person.book = replace(person.book, **values)

    def _happens(self, event: str, night: int) -> None:
        person = self.someone()
        if event == "arrives":
            self.arrives()
        elif event == "erased_leaves":
            for gone in [each for each in self.people if each.erased][:1]:
                self._leaves(gone)
        elif event == "foreign":
            number = 5_000_000 + len(self.foreign)
            added = self.job.server.add_contact(StoredContact(0, name="Elle", gsm=phone(number), groups=(THEIRS,)))
            self.foreign[added.id] = added
        elif person is None or person.book is None:
            return
        elif event == "renumbered":
            self.phones += 1
            person.row["Cep"] = phone(self.phones)
        elif event == "sheet":
            person.row["Şehir"] = self.chance.choice(["İzmir", "Bursa", "Van", "Sinop"])
        else:
            self._in_the_panel(event, person, night)

    def _in_the_panel(self, event: str, person: Person, night: int) -> None:
        if event in ("panel", "leaves_changed"):
            self.names += 1
            self._panel(person, name=_name(1_000_000 + self.names))
            person.changed = night
        elif event == "panel_group":
            self._panel(person, groups=(THEIRS,))
            person.changed = night
        elif event in ("erases", "leaves_erased"):
            self.job.server.delete_contact(self.contact_of(person).id)
            person.book, person.erased = None, True
        if event.startswith("leaves"):
            self._leaves(person)

    def _leaves(self, person: Person) -> None:
        self.people.remove(person)
        self.leaving.append(person)

    # What the night is to make of it

    @property
    def rows(self) -> list[Row]:
        return [person.row for person in self.people]

    def comes(self, *, city: bool) -> list[str]:
        return [person.comes(city=city) for person in self.people]

    def goes(self, *, rules_changed: bool) -> Counter[str]:
        """What becomes of the contacts whose rows have left the sheet."""
        if self.rule == "report":
            return Counter()
        found: Counter[str] = Counter()
        for person in list(self.leaving):
            outcome = "held" if rules_changed and not person.erased else person.goes(self.rule)
            found[outcome] += 1
            if outcome not in ("conflict", "held"):
                self.leaving.remove(person)
                self.gone.append(person)
        return found

    def check(self, night: int) -> None:
        """The book holds what the model says, each contact once, and nothing of strangers was touched."""
        contacts = self.job.server.contacts
        own = {number: each for number, each in contacts.items() if number not in self.foreign and number != 1}
        wanted = Counter(each.book for each in (*self.people, *self.leaving, *self.gone) if each.book)
        assert Counter(map(_held, own.values())) == wanted, f"night {night}"
        assert {number: contacts[number] for number in self.foreign} == self.foreign


def _name(number: int) -> str:
    """A name that nobody takes for another one."""
    letters = random.Random(number)
    return " ".join("".join(letters.choices("abcçdefgğhıijklmnoöprsştuüvyz", k=8)).capitalize() for _ in range(2))


def _held(contact: StoredContact) -> Held:
    city = dict(contact.custom_fields).get(1, "")
    return Held(contact.name, contact.email, contact.gsm, city, tuple(contact.groups))


@pytest.mark.parametrize("number", STORIES)
@pytest.mark.parametrize(
    ("rule", "identity"),
    [("report", IDENTITY), ("delete", IDENTITY), ("delete", {}), ("remove_from_groups", {})],
    ids=["report", "delete", "delete-by-keys", "groups-by-keys"],
)
def test_after_each_night_the_book_is_what_the_model_says(
    tmp_path: Path, number: int, rule: str, identity: dict[str, Any]
) -> None:
    with a_job(tmp_path, remote_only=rule, **{**identity, "guards": _GUARDS}) as job:
        story = Story(job, rule, random.Random(number))
        for _ in range(PEOPLE):
            story.arrives()
        for night in range(NIGHTS):
            if night:
                story.day(night)
            city = night % 20 not in _UNMAPPED
            job.rules = {**job.rules, "custom_fields": RULES["custom_fields"] if city else {}}
            if night % 7 == 3:
                _disasters(story, city=city and (night - 1) % 20 not in _UNMAPPED)
            _night(story, night, city=city)
            story.check(night)


def _night(story: Story, night: int, *, city: bool) -> None:
    job, rows = story.job, story.rows
    rules_changed = bool(night) and city != ((night - 1) % 20 not in _UNMAPPED)
    expected, leaving = story.comes(city=city), story.goes(rules_changed=rules_changed)
    if night % 5 == 2:  # killed once its writes are durable, before it could remember them
        job.killed_night(rows)
    elif night % 6 == 4:  # what it does not come to is done by the next one
        job.night(rows, limit=1)
        _may_be_done(job.night(rows).outcomes, expected, 1)
    elif night % 9 == 6 and not rules_changed:
        with suppress(RunStopped):
            job.night_of_outage(rows, after=story.chance.randrange(12))
        _may_be_done(job.night(rows).outcomes, expected, len(rows))
    else:
        done = job.night(rows)
        assert done.outcomes == expected, f"night {night}"
        assert Counter(row.outcome for row in done.departed.values()) == leaving, f"night {night}"


def _may_be_done(found: Sequence[str], expected: Sequence[str], most: int) -> None:
    """All rows ended as expected, but those that the first half of the night has done already."""
    other = [(one, two) for one, two in zip(found, expected, strict=True) if one != two]
    assert len(other) <= most
    assert all(one == "unchanged" and two in ("added", "edited") for one, two in other)


def _disasters(story: Story, *, city: bool) -> None:
    """Half a file, none, a column that has emptied, or that is called otherwise: each is stopped, nothing is sent."""
    job, before, rows = story.job, dict(story.job.server.contacts), story.rows
    disasters: list[tuple[list[Row], dict[str, str], str, int]] = [
        (rows[: len(rows) // 3], {}, "guard_broken", 4),
        ([], {}, "input_empty", 4),
        (rows, {"Cep": "Telefon"}, "mapping_wrong", 2),
    ]
    if city:
        disasters.append(([{**row, "Şehir": ""} for row in rows], {}, "guard_broken", 4))
        assert "same_columns" in job.planned(disasters[-1][0]).breaches
    for sheet, renamed, code, exit_code in disasters:
        job.renamed = renamed
        with pytest.raises(ImsyncError) as raised:
            job.night(sheet)
        assert (raised.value.code, raised.value.exit_code) == (code, exit_code)
    job.renamed = {}
    assert "min_rows" in job.planned(rows[: len(rows) // 3]).breaches
    assert story.job.server.contacts == before
