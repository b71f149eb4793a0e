"""Many nights of one job, out of one seeded story: after each the book is what a short reference model says.

`IMSYNC_NIGHTS` and `IMSYNC_STORY` choose how many nights and which story.
"""

import os
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sync.errors import RunRefused
from sync.sandbox.records import StoredContact
from tests.run.nights import IDENTITY, Job, Row, a_job, a_row, phone

NIGHTS = int(os.environ.get("IMSYNC_NIGHTS", "13"))
STORIES = [int(os.environ["IMSYNC_STORY"])] if "IMSYNC_STORY" in os.environ else [1]
PEOPLE = 40
_HANDS_ON = 3  # nights after which the sheet takes over what was changed in the panel

pytestmark = pytest.mark.timeout(3600)


@dataclass
class Person:
    """One row, and what the book is to hold of it.

    Attributes:
        book: what its contact holds; None where there is to be none.
        changed: the night on which the panel changed it and the sheet did not follow yet; -1 for never.
    """

    row: dict[str, str]
    book: dict[str, str] | None = None
    erased: bool = False
    changed: int = -1

    def comes(self) -> str:
        """What becomes of its row tonight, if all goes well; the book is as it will be then."""
        if self.erased:
            return "held"
        if self.changed >= 0:
            return "conflict"
        before, self.book = self.book, {name: self.row[name] for name in ("Ad", "E-posta", "Cep", "Şehir")}
        if before is None:
            return "added"
        return "unchanged" if before == self.book else "edited"


@dataclass
class Story:
    """What happens between the nights."""

    job: Job
    chance: random.Random
    people: list[Person] = field(default_factory=list)
    gone: list[Person] = field(default_factory=list)  # their rows have left the sheet; their contacts stay
    foreign: dict[int, StoredContact] = field(default_factory=dict)
    numbers: int = 0
    phones: int = 100_000

    def arrives(self) -> None:
        self.people.append(Person(dict(a_row(self.numbers))))
        self.numbers += 1

    def someone(self) -> Person | None:
        """Somebody whose row and contact say the same."""
        settled = [each for each in self.people if each.book and not each.erased and each.changed < 0]
        return self.chance.choice(settled) if settled else None

    def contact_of(self, person: Person) -> StoredContact:
        assert person.book is not None
        (found,) = (each for each in self.job.server.contacts.values() if each.gsm == person.book["Cep"])
        return found

    def day(self, night: int) -> None:
        """What people do before this night."""
        for person in self.people:
            if person.changed >= 0 and night - person.changed >= _HANDS_ON and person.book:
                person.row["Ad"], person.changed = person.book["Ad"], -1
        events = ("arrives", "leaves", "renumbered", "sheet", "panel", "erases", "foreign")
        for event in self.chance.choices(events, weights=(4, 1, 3, 4, 2, 1, 1), k=4):
            self._happens(event, night)

    def _happens(self, event: str, night: int) -> None:
        person = self.someone()
        if event == "arrives":
            self.arrives()
        elif event == "foreign":
            number = 5_000_000 + len(self.foreign)
            made = StoredContact(0, name="Elle", gsm=phone(number), groups=(8,))
            added = self.job.server.add_contact(made)
            self.foreign[added.id] = added
        elif person is None or person.book is None:
            return
        elif event == "leaves":
            self.people.remove(person)
            self.gone.append(person)
        elif event == "renumbered":
            self.phones += 1
            person.row["Cep"] = phone(self.phones)
        elif event == "sheet":
            person.row["Şehir"] = self.chance.choice(["İzmir", "Bursa", "Van", "Sinop"])
        elif event == "panel" and person.row["Cep"] == person.book["Cep"]:
            name = f"Panelde {night}"
            self.job.server.put_contact(_with(self.contact_of(person), name=name))
            person.book = {**person.book, "Ad": name}
            person.changed = night
        elif event == "erases" and person.row["Cep"] == person.book["Cep"]:
            self.job.server.delete_contact(self.contact_of(person).id)
            person.book, person.erased = None, True

    @property
    def rows(self) -> list[Row]:
        return [person.row for person in self.people]

    def check(self, night: int) -> None:
        """The book holds what the model says, each contact once, and nothing of strangers was touched."""
        contacts = self.job.server.contacts
        own = {number: each for number, each in contacts.items() if number not in self.foreign and number != 1}
        wanted = Counter(_facts(each.book) for each in (*self.people, *self.gone) if each.book)
        assert Counter(_facts(_book(each)) for each in own.values()) == wanted, f"night {night}"
        assert {number: contacts[number] for number in self.foreign} == self.foreign


def _with(contact: StoredContact, **values: Any) -> StoredContact:
    return StoredContact(**{**{name: getattr(contact, name) for name in contact.__slots__}, **values})


def _book(contact: StoredContact) -> dict[str, str]:
    return {
        "Ad": contact.name,
        "E-posta": contact.email,
        "Cep": contact.gsm,
        "Şehir": dict(contact.custom_fields).get(1, ""),
    }


def _facts(book: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(book[name] for name in ("Ad", "E-posta", "Cep", "Şehir"))


@pytest.mark.parametrize("number", STORIES)
def test_after_each_night_the_book_is_what_the_model_says(tmp_path: Path, number: int) -> None:
    with a_job(tmp_path, **IDENTITY) as job:
        story = Story(job, random.Random(number))
        for _ in range(PEOPLE):
            story.arrives()
        for night in range(NIGHTS):
            if night:
                story.day(night)
            if night % 7 == 3:
                _disasters(story)
            expected = [person.comes() for person in story.people]
            if night % 5 == 2:  # killed once its writes are durable, before it could remember them
                job.killed_night(story.rows)
            elif night % 6 == 4:  # what it does not come to is done by the next one
                job.night(story.rows, limit=1)
                done = job.night(story.rows)
                _may_differ_by_one(done.outcomes, expected)
            else:
                assert job.night(story.rows).outcomes == expected, f"night {night}"
            story.check(night)


def _may_differ_by_one(found: list[str], expected: list[str]) -> None:
    """All rows ended as expected, but the one that the first half of the night has done already."""
    other = [(one, two) for one, two in zip(found, expected, strict=True) if one != two]
    assert len(other) <= 1
    assert all(one == "unchanged" and two in ("added", "edited") for one, two in other)


def _disasters(story: Story) -> None:
    """Half a file, no file, and one whose column has emptied are stopped, and nothing is sent."""
    before = dict(story.job.server.contacts)
    emptied = [{**row, "Şehir": ""} for row in story.rows]
    for rows, code in (
        (story.rows[: len(story.rows) // 3], "guard_broken"),
        ([], "input_empty"),
        (emptied, "guard_broken"),
    ):
        with pytest.raises(RunRefused) as raised:
            story.job.night(rows)
        assert raised.value.code == code
        assert raised.value.exit_code == 4
    assert story.job.server.contacts == before
