"""What of a contact is otherwise than the plan says (pure, no requests)."""

from dataclasses import replace
from typing import Any

import pytest

from sync.change import Carried, Change
from sync.contact import Contact
from sync.run.verifying import otherwise

MEANT = Contact(5, "Ayşe", "Kaya", "ayse@example.com", "+905001000100", {1: "27/09/1984"}, (7,))
OUTCOMES = {"add": "added", "edit": "edited", "delete": "deleted"}


def added(stored: Contact | None = MEANT, **facts: Any) -> Carried:
    return carried("add", None, MEANT, ("name", "gsm"), stored, **facts)


def edited(fields: tuple[str, ...], before: Contact, desired: Contact, stored: Contact, **facts: Any) -> Carried:
    return carried("edit", before, desired, fields, stored, **facts)


def carried(
    kind: Any, before: Contact | None, desired: Contact, fields: tuple[str, ...], stored: Contact | None, **facts: Any
) -> Carried:
    change = Change(0, kind, {"gsm": "+905001000100"}, before, desired, fields, **facts)
    return Carried(change, 0, 2, "+905001000100", OUTCOMES[kind], 5, stored)


def test_the_same_contact_is_as_meant() -> None:
    found = otherwise(added(), MEANT)

    assert (found.fields, found.untold) == ({}, {})


def test_another_form_of_a_value_is_as_meant_unless_the_form_was_asked_for() -> None:
    now = replace(MEANT, gsm="0500 100 01 00", custom_fields={1: "1984-09-27"})

    assert otherwise(added(), now).fields == {}
    assert otherwise(added(exact=("gsm",)), now).untold == {"gsm": ["+905001000100", "0500 100 01 00"]}


def test_what_was_told_when_it_was_written_is_otherwise_and_not_told_again() -> None:
    cut = replace(MEANT, name="Ay")
    found = otherwise(added(stored=cut), cut)

    assert (found.fields, found.untold) == ({"name": ["Ayşe", "Ay"]}, {})
    assert otherwise(added(stored=cut), replace(MEANT, name="A")).untold == {"name": ["Ayşe", "A"]}
    assert otherwise(added(stored=cut), MEANT).fields == {}  # somebody has put it right


def test_what_the_api_has_put_beside_a_new_contact_is_not_otherwise() -> None:
    given = replace(MEANT, custom_fields={1: "27/09/1984", 4: "varsayılan"}, groups=(7, 1))

    assert otherwise(added(stored=given), given).fields == {}
    assert otherwise(added(stored=given), replace(given, groups=(7, 1, 2))).untold == {"groups": [[7], [1, 2, 7]]}
    assert otherwise(added(stored=given), MEANT).untold == {"custom:4": ["varsayılan", ""]}


def test_without_an_answer_it_is_compared_with_what_was_meant() -> None:
    assert otherwise(added(stored=None), replace(MEANT, name="Işıl")).untold == {"name": ["Ayşe", "Işıl"]}


@pytest.mark.parametrize(
    ("now", "told"),
    [((9, 8), {}), ((9,), {}), ((8,), {"groups": [[8, 9], [8]]}), ((9, 7), {"groups": [[8, 9], [7, 9]]})],
)
def test_an_edit_answers_for_the_groups_that_it_enters_and_leaves_alone(
    now: tuple[int, ...], told: dict[str, Any]
) -> None:
    before, desired = replace(MEANT, groups=(7, 8)), replace(MEANT, groups=(8, 9))

    assert otherwise(edited(("groups",), before, desired, desired), replace(MEANT, groups=now)).untold == told


def test_a_group_that_an_edit_could_not_leave_is_not_told_again() -> None:
    before, desired = replace(MEANT, groups=(7, 8)), replace(MEANT, groups=(8,))
    found = otherwise(edited(("groups",), before, desired, before), before)

    assert (found.fields, found.untold) == ({"groups": [[8], [7, 8]]}, {})


def test_an_edit_does_not_answer_for_fields_that_it_does_not_touch() -> None:
    before = replace(MEANT, surname="Yılmaz")
    now = replace(MEANT, name="Işıl", groups=())

    assert otherwise(edited(("surname",), before, MEANT, MEANT), now).fields == {}


def test_a_contact_that_is_gone_has_lost_what_was_written() -> None:
    before = replace(MEANT, surname="Yılmaz")
    found = otherwise(edited(("surname",), before, MEANT, MEANT), None)

    assert (found.code, found.untold) == ("verified_gone", {"surname": ["Kaya", ""]})
    assert otherwise(added(), None).untold["groups"] == [[7], []]


def test_a_deleted_contact_must_be_gone() -> None:
    done = carried("delete", MEANT, Contact(), ("name",), None)

    assert otherwise(done, None).fields == {}
    assert otherwise(done, MEANT).untold["name"] == ["", "Ayşe"]
