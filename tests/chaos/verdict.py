"""The invariants, checked against the sandbox's own book and ledger.

What enters: a world, and what a run has left: the saved book, the ledger, the report. What leaves: every breach, told.
What never happens here: anything of `sync`; a breach that is passed over because another was found.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.chaos.world import View, Wanted, World, group_paths, views

_DONE = ("added", "edited", "unchanged")
_ADMITTED = ("failed", "unresolved", "conflict")  # what did not come about, and is told


@dataclass(frozen=True)
class Left:
    """What a run has left.

    Attributes:
        book: as the sandbox saved it.
        ledger: its entries.
        report: the rows of `report.csv`.
        summary: the last object on standard output.
    """

    book: dict[str, Any]
    ledger: list[dict[str, Any]]
    report: list[dict[str, str]]
    summary: dict[str, Any]

    @classmethod
    def read(cls, book: Path, ledger: Path, report: Path) -> "Left":
        lines = ledger.read_text(encoding="utf-8").splitlines()
        with (report / "report.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        return cls(
            json.loads(book.read_text(encoding="utf-8")),
            [json.loads(line) for line in lines],
            rows,
            json.loads((report / "report.json").read_text(encoding="utf-8"))["summary"],
        )

    @cached_property
    def views(self) -> dict[int, View]:
        return views(self.book)

    @cached_property
    def contacts(self) -> dict[int, dict[str, Any]]:
        return {each["id"]: each for each in self.book["contacts"]}

    @cached_property
    def by_gsm(self) -> dict[str, int]:
        return {view[3]: number for number, view in self.views.items()}

    @property
    def outcomes(self) -> dict[str, int]:
        return {name: count for name, count in self.summary["outcomes"].items() if count}

    def written(self, *methods: str) -> list[int]:
        """The contacts that these methods have written, one for each time."""
        return [each["contact_id"] for each in self.ledger if each["method"] in methods and each["carried_out"]]


def breaches(world: World, left: Left, *, admitted: int = 0) -> list[str]:
    """Everything that is not as it has to be; so many rows may be admitted not to have come about."""
    found = [*_doubled(world, left), *_accounted(world, left), *_touched(world, left)]
    for row in left.report:
        found += _row(world.wanted[int(row["row"])], row, world, left) if int(row["row"]) in world.wanted else ()
    said = [row for row in left.report if row["outcome"] in _ADMITTED]
    if len(said) > admitted:
        found += [f"row {row['row']} was {row['outcome']}: {row['message']}" for row in said]
    return found


def same_book(world: World, book: dict[str, Any]) -> list[str]:
    """Where the book differs from what an unbroken run ends in; ids of contacts that were added do not count."""
    had = world.contacts
    wanted = Counter((each.contact_id, each.contact) for each in world.wanted.values() if each.contact)
    wanted.update(world.others.items())
    found = Counter((number if number in had else None, view) for number, view in views(book).items())
    return [f"lacks {each}" for each in (wanted - found).elements()] + [
        f"has besides {each}" for each in (found - wanted).elements()
    ]


def _doubled(world: World, left: Left) -> Iterator[str]:
    """Contacts and groups that are there twice, or that nobody wanted."""
    numbers = Counter(each["gsm"] for each in left.book["contacts"])
    yield from (f"{gsm} is there {count} times" for gsm, count in numbers.items() if count > 1)
    known = {each.contact[3] for each in world.wanted.values() if each.contact}
    known |= {view[3] for view in world.others.values()}
    yield from (f"nobody wanted {gsm}" for gsm in numbers if gsm not in known)
    expected = sorted([*group_paths(world.book), *world.new_groups])
    if group_paths(left.book) != expected:
        yield f"groups {group_paths(left.book)} instead of {expected}"


def _accounted(world: World, left: Left) -> Iterator[str]:
    """Every row has one outcome, and the outcomes add up."""
    lines, rows = Counter(int(row["row"]) for row in left.report), Counter(world.wanted.keys())
    yield from (f"row {line} is in the report too often" for line in (lines - rows).elements())
    yield from (f"row {line} is not in the report" for line in (rows - lines).elements())
    counted = Counter(row["outcome"] for row in left.report)
    if counted != Counter(left.outcomes):
        yield f"the report counts {counted}, the summary {left.outcomes}"
    if sum(left.outcomes.values()) != left.summary["rows"] or left.summary["rows"] != len(world.rows):
        yield f"{left.summary['rows']} rows, {left.outcomes}, {len(world.rows)} in the sheet"
    said, seen = Counter(left.summary["requests"]), Counter(each["method"] for each in left.ledger)
    if unknown := said.keys() - seen.keys():
        yield f"methods that the server never saw: {unknown}"


def _touched(world: World, left: Left) -> Iterator[str]:
    """What was written was meant to be written, and no contact was added more than once."""
    planned = {each.contact_id for each in world.wanted.values() if each.outcome == "edited"}
    after, before = left.contacts, world.contacts
    added = left.written("add-contact")
    yield from (f"contact {number} was added and is gone" for number in added if number not in after)
    if len(added) != len(after.keys() - before):
        yield f"{len(added)} adds were carried out, {len(after.keys() - before)} contacts are new"
    for number in set(left.written("edit-contact")) - planned - set(added):
        yield f"contact {number} was edited, and no row asked for it"
    yield from (f"contact {number} was deleted" for number in left.written("delete-contact"))
    for number, view in world.others.items():
        if left.views.get(number) != view:
            yield f"contact {number}, which no row means, was {view} and is {left.views.get(number)}"


def _row(wanted: Wanted, row: dict[str, str], world: World, left: Left) -> Iterator[str]:
    """What the report says of one row against what the book holds."""
    line, outcome = row["row"], row["outcome"]
    if outcome not in (wanted.outcome, *_ADMITTED):
        yield f"row {line} was {outcome}, not {wanted.outcome}"
    if wanted.contact is None:
        return
    number = left.by_gsm.get(wanted.contact[3])
    view = None if number is None else left.views[number]
    if outcome in _DONE:
        if number is None or row["contact_id"] != str(number):
            yield f"row {line} was {outcome} as contact {row['contact_id']}, which is {number} in the book"
        if view != wanted.contact and row["code"] != "stored_altered":
            yield f"row {line} is {view} in the book, not {wanted.contact}, and the report does not say so"
        yield from _values(row, world, left)
    elif outcome == "failed" and view != (world.views.get(number) if number else None):
        yield f"row {line} failed for certain, and the book holds {view}"


def _values(row: dict[str, str], world: World, left: Left) -> Iterator[str]:
    """Each field that the report shows, before and after, against both books."""
    if not row["changes"]:
        return
    number = int(row["contact_id"])
    books = (world.contacts.get(number), left.contacts.get(number))
    for name, (before, after) in json.loads(row["changes"]).items():
        for said, contact in ((before, books[0]), (after, books[1])):
            held = _held(contact, name)
            if (sorted(said) if name == "groups" else said) != held and row["code"] != "stored_altered":
                yield f"row {row['row']} says {name} {said}, the book holds {held}"


def _held(contact: dict[str, Any] | None, name: str) -> Any:
    if name == "groups":
        return sorted(contact["groups"]) if contact else []
    if name.startswith("custom:"):
        return contact["custom_fields"].get(name.removeprefix("custom:"), "") if contact else ""
    return contact[name] if contact else ""
