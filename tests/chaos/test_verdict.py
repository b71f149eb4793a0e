"""The judge is judged: a run that did everything right has no breach, and every kind of wrong is told."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos.verdict import Left, breaches, same_book
from tests.chaos.world import View, World, made

WORLD = made(adds=3, edits=3, same=2, wrong=1, others=2, seed=4)


def perfect(world: World) -> Left:
    """What a run leaves that does everything right."""
    book: dict[str, Any] = copy.deepcopy(world.book)
    paths = sorted(world.new_groups, key=lambda path: path.count("/"))
    ids = {each["name"]: each["id"] for each in book["groups"]}
    for number, path in enumerate(paths, start=20):
        above, _, name = path.rpartition("/")
        ids[path] = number
        book["groups"].append({"id": number, "name": name, "parent": ids.get(above)})
    contacts = {each["id"]: each for each in book["contacts"]}
    ledger, report = [], []
    for line, wanted in world.wanted.items():
        number = wanted.contact_id or (1000 + line if wanted.contact else None)
        row = {"row": str(line), "outcome": wanted.outcome, "contact_id": str(number or "")}
        report.append({**row, "changes": "", "code": "", "message": ""})
        if wanted.contact and number:
            contacts[number] = {"id": number, **as_saved(wanted.contact, ids)}
        if wanted.outcome in ("added", "edited"):
            method = {"added": "add-contact", "edited": "edit-contact"}[wanted.outcome]
            ledger.append({"method": method, "contact_id": number, "carried_out": True})
    book["contacts"] = list(contacts.values())
    outcomes = world.outcomes
    return Left(book, ledger, report, {"outcomes": outcomes, "rows": len(world.rows), "requests": {}})


def as_saved(view: View, ids: dict[str, int]) -> dict[str, Any]:
    name, surname, email, gsm, custom, groups = view
    plain = {"name": name, "surname": surname, "email": email, "gsm": gsm}
    return {**plain, "custom_fields": dict(custom), "groups": [ids[path] for path in groups]}


def test_a_run_that_did_everything_right_has_no_breach() -> None:
    left = perfect(WORLD)

    assert not breaches(WORLD, left)
    assert not same_book(WORLD, left.book)


def row_of(left: Left, outcome: str) -> dict[str, str]:
    return next(row for row in left.report if row["outcome"] == outcome)


def contact_of(left: Left, number: int) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in left.book["contacts"] if each["id"] == number)
    return found


def doubled(left: Left) -> None:
    left.book["contacts"].append({**contact_of(left, int(row_of(left, "added")["contact_id"])), "id": 5000})


def lost(left: Left) -> None:
    left.book["contacts"].remove(contact_of(left, int(row_of(left, "added")["contact_id"])))


def stored_otherwise(left: Left) -> None:
    contact_of(left, int(row_of(left, "edited")["contact_id"]))["surname"] = "Başka"


def field_dropped(left: Left) -> None:
    contact_of(left, int(row_of(left, "edited")["contact_id"]))["custom_fields"].pop("2")


def touched(left: Left) -> None:
    contact_of(left, next(iter(WORLD.others)))["name"] = "Başka"


def edited_unasked(left: Left) -> None:
    left.ledger.append({"method": "edit-contact", "contact_id": next(iter(WORLD.others)), "carried_out": True})


def deleted(left: Left) -> None:
    left.ledger.append({"method": "delete-contact", "contact_id": 77, "carried_out": True})


def group_doubled(left: Left) -> None:
    left.book["groups"].append({"id": 99, "name": "Bayiler", "parent": None})


def row_untold(left: Left) -> None:
    left.report.remove(row_of(left, "unchanged"))


def row_told_twice(left: Left) -> None:
    left.report.append(row_of(left, "unchanged"))


def outcome_wrong(left: Left) -> None:
    row_of(left, "edited")["outcome"] = "unchanged"


def failed_but_there(left: Left) -> None:
    row_of(left, "added")["outcome"] = "failed"


def value_wrong(left: Left) -> None:
    row_of(left, "edited")["changes"] = '{"gsm": ["+905009999999", "+905009999999"]}'


def counted_wrong(left: Left) -> None:
    left.summary["outcomes"] = {**left.summary["outcomes"], "added": 4}


@pytest.mark.parametrize(
    "wrong",
    [
        doubled, lost, stored_otherwise, field_dropped, touched, edited_unasked, deleted, group_doubled, row_untold,
        row_told_twice, outcome_wrong, failed_but_there, value_wrong, counted_wrong,
    ],
)  # fmt: skip
def test_every_kind_of_wrong_is_told(wrong: Callable[[Left], None]) -> None:
    left = perfect(WORLD)

    wrong(left)

    assert breaches(WORLD, left, admitted=1)


@pytest.mark.parametrize("wrong", [doubled, lost, stored_otherwise, field_dropped, touched])
def test_a_book_that_differs_from_that_of_an_unbroken_run_is_told(wrong: Callable[[Left], None]) -> None:
    left = perfect(WORLD)

    wrong(left)

    assert same_book(WORLD, left.book)
