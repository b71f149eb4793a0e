"""What undoes a change: by literal contacts."""

from dataclasses import replace
from typing import Any

import pytest

from sync.book import Book
from sync.change import Carried, Change, Remark
from sync.contact import Contact, Group
from sync.coverage import Coverage
from sync.diff import Absence, Inverse, Inverter, undo_breaches

from .making import A, Everything

BEFORE = Contact(1, "Ada", "Su", "", A, {1: "01/02/2024"}, (10, 20))
GROUPS = (Group(10, "Müşteriler"), Group(20, "Bayiler"), Group(30, "VIP"))
NAMES = {"10": "Müşteriler", "20": "Bayiler", "30": "VIP", "40": "Eski"}
CERTAIN = Coverage({"gsm": Everything(), "email": Everything()})


def edited(*fields: str, outcome: str = "edited", **values: Any) -> Carried:
    """An edit of the contact, stored as it was meant."""
    after = replace(BEFORE, **values)
    change = Change(0, "edit", {"gsm": A}, BEFORE, after, fields)
    return Carried(change, 0, 2, A, outcome, 1, after if outcome == "edited" else None)


def added(outcome: str = "added") -> Carried:
    change = Change(0, "add", {"gsm": A}, None, replace(BEFORE, id=None), ("name",))
    return Carried(change, 0, 2, A, outcome, 1, BEFORE)


def deleted(contact: Contact = BEFORE) -> Carried:
    return Carried(Change(0, "delete", {"gsm": A}, contact, Contact(), ("name",)), 0, 2, A, "deleted", 1, None)


def inverse(
    done: Carried,
    current: Contact | None,
    *,
    others: tuple[Contact, ...] = (),
    coverage: Coverage = CERTAIN,
    placeholders: dict[int, int] | None = None,
) -> Inverse:
    book = Book.of(others, GROUPS, coverage)
    absent = Absence(book, {"gsm": {A}, "email": set()})
    return Inverter([10, 20, 30], placeholders or {}, NAMES, absent).inverse(5, done, current)


def code(found: Inverse) -> str:
    return found.remark.code if found.remark else ""


def test_fields_go_back_and_what_others_have_done_besides_stays() -> None:
    done = edited("name", "custom:1", name="Eda", custom_fields={})
    current = replace(BEFORE, name="Eda", custom_fields={2: "yeni"}, email="ada@example.com")
    found = inverse(done, current)

    assert (found.planned, found.moved) == ("edited", False)
    assert found.change == Change(
        5, "edit", {"gsm": A}, current,
        replace(current, name="Ada", custom_fields={1: "01/02/2024", 2: "yeni"}), ("name", "custom:1"),
    )  # fmt: skip


def test_a_field_that_was_empty_before_is_sent_empty() -> None:
    found = inverse(
        edited("custom:2", custom_fields={1: "01/02/2024", 2: "x"}), replace(BEFORE, custom_fields={2: "x"})
    )

    assert found.change is not None
    assert found.change.desired.custom_fields == {2: ""}


@pytest.mark.parametrize("name", ["Işıl", "ada"])
def test_a_field_that_was_changed_since_is_left_with_all_others(name: str) -> None:
    done = edited("name", "surname", name="Eda", surname="Öz")
    found = inverse(done, replace(BEFORE, name=name, surname="Öz"))

    assert (found.planned, found.change, found.moved, code(found)) == ("conflict", None, True, "undo_moved")
    assert found.remark is not None
    assert found.remark.values == {"fields": "name", "values": f"name: “Eda” → “{name}”"}


def test_a_field_that_stands_in_another_form_is_no_change_of_anybody() -> None:
    found = inverse(edited("gsm", gsm="+905001112233"), replace(BEFORE, gsm="0500 111 22 33"))

    assert found.change is not None
    assert found.change.desired.gsm == A


def test_a_change_of_form_alone_is_taken_back_exactly() -> None:
    found = inverse(edited("gsm", gsm="0530 111 22 01"), replace(BEFORE, gsm="0530 111 22 01"))

    assert found.change is not None
    assert (found.change.desired.gsm, found.change.exact) == (A, ("gsm",))


def test_a_phone_that_had_marks_goes_back_without_them() -> None:
    before = replace(BEFORE, gsm="0530 111 22 01")
    after = replace(BEFORE, gsm="+905001112233")
    done = Carried(Change(0, "edit", {}, before, after, ("gsm",)), 0, 2, A, "edited", 1, after)
    found = inverse(done, after)

    assert found.change is not None
    assert found.change.desired.gsm == A
    assert inverse(done, BEFORE).planned == inverse(done, before).planned == "unchanged"


def test_a_contact_that_is_as_before_is_left() -> None:
    assert inverse(edited("name", name="Eda"), BEFORE) == Inverse("unchanged", None, inverse(
        edited("name", name="Eda"), BEFORE).remark)  # fmt: skip
    assert code(inverse(edited("name", name="Eda"), BEFORE)) == "undo_as_before"


def test_groups_that_the_run_entered_are_left_and_those_it_left_entered_others_stay() -> None:
    found = inverse(edited("groups", groups=(20, 30)), replace(BEFORE, groups=(20, 30)))
    beside = inverse(edited("groups", groups=(10, 20, 30)), replace(BEFORE, groups=(30, 20)))

    assert found.change is not None
    assert found.change.desired.groups == (10, 20)
    assert beside.change is not None
    assert beside.change.desired.groups == (20,)


def test_a_group_that_is_there_no_more_cannot_be_entered_again() -> None:
    before = replace(BEFORE, groups=(40,))
    after = replace(BEFORE, groups=(10,))
    done = Carried(Change(0, "edit", {}, before, after, ("groups",)), 0, 2, A, "edited", 1, after)

    assert inverse(done, after).remark == Remark("undo_group_gone", {"groups": "“Eski”"})
    again = inverse(done, after, placeholders={40: -1})
    assert again.change is not None
    assert again.change.desired.groups == (-1,)


def test_an_edited_contact_that_was_deleted_is_listed() -> None:
    assert code(inverse(edited("name", name="Eda"), None)) == "undo_edit_gone"


def test_an_added_contact_is_deleted_unless_anything_of_it_was_changed() -> None:
    found = inverse(added(), BEFORE)

    assert found.change == Change(
        5, "delete", {"gsm": A}, BEFORE, Contact(), ("name", "surname", "gsm", "custom:1", "groups")
    )
    for changed in ({"name": "Eda"}, {"email": "x@example.com"}, {"groups": (10,)}, {"custom_fields": {}}):
        assert inverse(added(), replace(BEFORE, **changed)).planned == "conflict"  # type: ignore[arg-type]
    assert (inverse(added(), None).planned, code(inverse(added(), None))) == ("unchanged", "undo_already_gone")


def test_a_deleted_contact_is_added_again_where_it_is_certain_that_nobody_has_its_key() -> None:
    found = inverse(deleted(), None)

    assert found.planned == "added"
    assert found.change is not None
    assert found.change.keys == {"gsm": A}
    assert found.change.desired == replace(BEFORE, id=None)
    assert code(inverse(deleted(), None, coverage=Coverage())) == "absence_uncertain"
    assert code(inverse(deleted(), None, others=(replace(BEFORE, id=8),))) == "undo_key_taken"
    assert code(inverse(deleted(replace(BEFORE, gsm="")), None)) == "undo_no_key"


def test_what_the_run_never_knew_is_listed() -> None:
    unknown = edited("name", outcome="unresolved", name="Eda")

    assert code(inverse(added("unresolved"), None)) == "undo_add_unresolved"
    assert code(inverse(replace(deleted(), outcome="unresolved"), BEFORE)) == "undo_delete_unresolved"
    assert code(inverse(unknown, replace(BEFORE, name="Ida"))) == "undo_edit_unresolved"
    assert (inverse(unknown, BEFORE).planned, code(inverse(unknown, BEFORE))) == ("unchanged", "undo_edit_not_seen")
    assert inverse(unknown, replace(BEFORE, name="Eda")).planned == "edited"


def test_the_guard_counts_from_twenty_changes_up() -> None:
    assert undo_breaches(moved=19, carried=19) == []
    assert undo_breaches(moved=6, carried=20) == []
    (broken,) = undo_breaches(moved=7, carried=20)
    assert (broken.guard, broken.count, broken.base, broken.limit) == ("max_moved", 7, 20, "30%")


def test_a_group_that_nobody_has_a_name_for_is_told_by_its_number() -> None:
    done = deleted(replace(BEFORE, groups=(10, 99, 40)))

    assert inverse(done, None) == Inverse(
        "conflict", None, Remark("undo_group_gone", {"groups": "“99”, “Eski”"}), moved=True
    )
