"""Whose row has left the sheet: only whom the job wrote, whom nobody else wants and whom no row may mean."""

from dataclasses import replace
from typing import Any

import pytest

from sync.change import Departures, Plan, Remark
from sync.contact import Contact
from sync.diff import make_plan
from sync.diff.past import Past
from sync.mapping import Mapping as Rules
from sync.remembered import Figures
from sync.sheet import Issue, Note, Sheet

from .making import ALI, CLIENTS, DEALERS, VELI, VIP, A, B, C, D, book_of, rules, sheet_of
from .remembering import group_base, identified_sheet, past_of, who_by

STAYS = Contact(7, name="Ali", surname="Kaya", email=ALI, gsm=A, groups=(CLIENTS,))
LEFT = Contact(8, name="Veli", surname="Demir", email=VELI, gsm=B, groups=(CLIENTS,))
FIELDS = {"name": "Ad", "surname": "Soyad", "email": "E-posta", "gsm": "Cep"}
ROW = {"gsm": A, "name": "Ali", "surname": "Kaya", "email": ALI}


def the_rules(remote_only: str = "delete", **parts: Any) -> Rules:
    given = {"match": ["gsm", "email"], "fields": FIELDS, "groups": {"always": ["Müşteriler"]}, **parts}
    if remote_only == "delete":
        given["guards"] = {"max_deletes": 10}
    return rules(remote_only=remote_only, **given)


def past(mapping: Rules, *contacts: Contact, accepted: bool = True, **parts: Any) -> Past:
    """What is known, after a full run by the same rules."""
    remembered = dict(parts.pop("remembered", {}))
    if accepted:
        remembered["accepted"] = (Figures("1", "", 2, {}, {}, "", "rules"),)
    return past_of(mapping, contacts or (STAYS, LEFT), remembered=remembered, rules="rules", **parts)


def departed(
    mapping: Rules, known: Past, *now: Contact, rows: list[dict[str, str]] | None = None, sheet: Sheet | None = None
) -> Departures:
    sheet = sheet or sheet_of(mapping, [ROW] if rows is None else rows)
    plan: Plan = make_plan(sheet, book_of(*(now or (STAYS, LEFT))), mapping, known)
    return plan.departures


def told(found: Departures) -> list[tuple[str, int, str]]:
    """What becomes of each, and its remark."""
    table = found.rows
    planned, ids = table["planned"].tolist(), [int(each) for each in table["contact_id"]]
    by_place = {place: remark.code for place, (remark,) in found.remarks.items()}
    return [
        (outcome, contact_id, by_place.get(FIRST + place, ""))
        for place, (outcome, contact_id) in enumerate(zip(planned, ids, strict=True))
    ]


FIRST = 1  # the sheets of these tests have one row, unless it is said


def test_whoever_has_left_is_deleted_with_all_that_it_has() -> None:
    found = departed(the_rules(), past(the_rules()))

    assert told(found) == [("deleted", 8, "")]
    assert found.rows["key"].tolist() == [B]
    (change,) = found.changes
    assert (change.row, change.kind, change.keys) == (1, "delete", {"gsm": B, "email": VELI})
    assert (change.existing, change.desired) == (LEFT, Contact())
    assert change.fields == ("name", "surname", "email", "gsm", "groups")
    assert found.known == 2


def test_a_contact_without_groups_or_other_fields_is_deleted_with_what_it_has() -> None:
    left = Contact(8, gsm=B, custom_fields={2: "x"})
    mapping = the_rules(custom_fields={2: "Şehir"}, groups={})

    (change,) = departed(mapping, past(mapping, STAYS, left), STAYS, left, rows=[{**ROW, "custom:2": ""}]).changes

    assert change.fields == ("gsm", "custom:2")


@pytest.mark.parametrize("why", ["report", "part", "not written", "nothing remembered"])
def test_nobody_leaves_unless_all_speaks_for_it(why: str) -> None:
    mapping = the_rules("report") if why == "report" else the_rules()
    known = {
        "part": lambda: past(mapping, full=False),
        "not written": lambda: past(mapping, written=[7]),
        "nothing remembered": lambda: past_of(mapping, []),
    }.get(why, lambda: past(mapping))()

    found = departed(mapping, known)

    assert (len(found.rows), found.remarks, list(found.changes), found.known) == (0, {}, [], 0)


def test_several_leave_in_the_order_of_their_ids_and_each_row_has_its_own_place() -> None:
    others = [Contact(number, name=f"Ad {number}", gsm=f"+9053022222{number}") for number in (12, 11, 13)]
    mapping = the_rules(groups={})

    found = departed(mapping, past(mapping, STAYS, *others, elsewhere=frozenset({12})), STAYS, *others)

    assert told(found) == [("deleted", 11, ""), ("unchanged", 12, "departed_other_job"), ("deleted", 13, "")]
    assert [(change.row, change.existing and change.existing.id) for change in found.changes] == [(1, 11), (3, 13)]


def test_a_contact_that_is_gone_is_told_after_the_others_and_nothing_is_sent() -> None:
    gone = Contact(9, name="Ece", gsm=D)

    found = departed(the_rules(), past(the_rules(), STAYS, LEFT, gone, gone=frozenset({9, 5})))

    assert told(found) == [("deleted", 8, ""), ("unchanged", 9, "departed_gone")]
    assert found.rows["key"].tolist() == [B, ""]
    assert len(list(found.changes)) == 1


def test_a_row_is_who_it_was_by_its_identity_or_by_its_keys() -> None:
    mapping = the_rules(identity={"column": "No"})
    known = past(mapping, STAYS, LEFT, identities={8: "M-2"})
    for row in ({**ROW, "identity": "M-2"}, {"gsm": C, "identity": "M-2", "name": "Veli"}):
        sheet = identified_sheet(mapping, [row, {"gsm": A}])
        assert 8 not in [contact for _, contact, _ in told(departed(mapping, known, sheet=sheet))]


def test_a_contact_whose_row_is_known_by_its_key_stays_though_rows_have_identities_now() -> None:
    mapping = the_rules(identity={"column": "No"})
    sheet = identified_sheet(mapping, [ROW, {"gsm": B, "identity": "M-2", "email": VELI}])

    assert len(departed(mapping, past(mapping), sheet=sheet).rows) == 0


# What holds everybody


def test_while_hidden_rows_are_not_read_nobody_is_said_to_have_left() -> None:
    sheet = sheet_of(the_rules(), [ROW])
    (first,) = sheet.inputs
    hidden = replace(first, notes=(Note("skipped_hidden_rows", {"count": 1, "rows": "3"}),))

    found = departed(the_rules(), past(the_rules()), sheet=replace(sheet, inputs=(hidden,)))

    assert told(found) == [("held", 8, "departed_unread")]
    other = replace(first, notes=(Note("skipped_empty_rows", {"count": 1, "rows": "3"}),))
    assert told(departed(the_rules(), past(the_rules()), sheet=replace(sheet, inputs=(other,)))) == [("deleted", 8, "")]


def test_on_the_first_night_of_new_rules_nobody_is_said_to_have_left() -> None:
    for known in (past(the_rules(), accepted=False), replace(past(the_rules()), rules="others")):
        assert told(departed(the_rules(), known)) == [("held", 8, "departed_new_rules")]


# Deletes


def test_a_contact_that_the_job_only_edited_is_deleted_only_where_the_panel_does_not_count() -> None:
    edited = past(the_rules(), added=[7])

    assert told(departed(the_rules(), edited)) == [("conflict", 8, "departed_not_added")]
    mapping = the_rules(on_panel_change="overwrite")
    assert told(departed(mapping, past(mapping, added=[7]))) == [("deleted", 8, "")]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": "Can"}, "name"),
        ({"surname": ""}, "surname"),  # somebody has emptied it
        ({"name": "Can", "email": "can@example.com"}, "name, email"),
        ({"groups": ()}, "groups"),
        ({"groups": (CLIENTS, VIP)}, "groups"),
        ({"custom_fields": {3: "x"}}, "custom:3"),  # the mapping does not name it
    ],
)
def test_what_the_panel_has_of_a_contact_and_the_job_has_not_written_keeps_it(
    changes: dict[str, Any], fields: str
) -> None:
    now = replace(LEFT, **changes)

    found = departed(the_rules(), past(the_rules()), STAYS, now)

    assert told(found) == [("conflict", 8, "departed_changed")]
    assert found.remarks[1] == [Remark("departed_changed", {"fields": fields})]
    assert list(found.changes) == []


def test_a_difference_of_form_or_of_order_is_none_of_the_panel() -> None:
    was = replace(LEFT, groups=(CLIENTS, DEALERS))
    mapping = the_rules(groups={"always": ["Müşteriler", "Bayiler"]})
    now = replace(LEFT, email="VELI@EXAMPLE.COM", gsm="0530 111 22 02", groups=(DEALERS, CLIENTS))

    assert told(departed(mapping, past(mapping, STAYS, was), STAYS, now)) == [("deleted", 8, "")]


def test_a_group_that_the_job_never_named_keeps_a_contact_though_it_was_seen_there() -> None:
    was = replace(LEFT, groups=(CLIENTS, VIP))

    assert told(departed(the_rules(), past(the_rules(), STAYS, was), STAYS, was)) == [
        ("conflict", 8, "departed_changed")
    ]
    known = past(the_rules(), STAYS, was, remembered={"own_groups": frozenset({VIP})})
    assert told(departed(the_rules(), known, STAYS, was)) == [("deleted", 8, "")]


def test_on_panel_change_says_for_each_field_whether_it_keeps_a_contact() -> None:
    now = replace(LEFT, name="Can", surname="Ak")
    for of_name, of_surname, expected in (
        ("keep", "overwrite", [("held", 8, "departed_changed")]),
        ("overwrite", "overwrite", [("deleted", 8, "")]),
        ("keep", "conflict", [("conflict", 8, "departed_changed")]),
    ):
        fields = {
            **FIELDS,
            "name": {"column": "Ad", "on_panel_change": of_name},
            "surname": {"column": "Soyad", "on_panel_change": of_surname},
        }
        mapping = the_rules(fields=fields)
        assert told(departed(mapping, past(mapping), STAYS, now)) == expected


def test_a_field_of_which_nobody_knows_what_it_was_keeps_a_contact_unless_it_is_empty() -> None:
    unknown = [(8, "name"), (8, "surname")]

    found = departed(the_rules(), past(the_rules(), unknown=unknown), STAYS, replace(LEFT, surname=""))

    assert found.remarks[1] == [Remark("departed_changed", {"fields": "name"})]


# Removals from groups


def test_a_contact_leaves_the_groups_that_the_job_names_and_stays_in_the_others() -> None:
    mapping = the_rules("remove_from_groups")
    now = replace(LEFT, groups=(VIP, CLIENTS), name="Can")

    found = departed(mapping, past(mapping), STAYS, now)

    (change,) = found.changes
    assert told(found) == [("edited", 8, "")]
    assert (change.row, change.kind, change.fields) == (1, "edit", ("groups",))
    assert (change.existing, change.desired) == (now, replace(now, groups=(VIP,)))


def test_a_contact_that_is_in_none_of_them_is_left_as_it_is() -> None:
    mapping = the_rules("remove_from_groups")

    assert told(departed(mapping, past(mapping), STAYS, replace(LEFT, groups=(VIP,)))) == [
        ("unchanged", 8, "departed_no_groups")
    ]


def test_a_group_into_which_somebody_else_has_put_a_contact_since_is_not_left() -> None:
    mapping = the_rules("remove_from_groups", groups={"always": ["Müşteriler", "Bayiler"]})
    now = replace(LEFT, groups=(CLIENTS, DEALERS))

    (change,) = departed(mapping, past(mapping), STAYS, now).changes

    assert change.desired.groups == (DEALERS,)


def test_where_nobody_knows_the_groups_of_before_only_those_that_are_named_now_are_left() -> None:
    mapping = the_rules("remove_from_groups")
    own = {"own_groups": frozenset({DEALERS})}
    now = replace(LEFT, groups=(CLIENTS, DEALERS))

    (change,) = departed(mapping, past(mapping, unknown=[(8, "groups")], remembered=own), STAYS, now).changes
    assert change.desired.groups == (DEALERS,)
    was = replace(LEFT, groups=(CLIENTS, DEALERS))
    (change,) = departed(mapping, past(mapping, STAYS, was, remembered=own), STAYS, now).changes
    assert change.desired.groups == ()
    lost = {**own, "group_sets": {group_base(VIP): frozenset({VIP})}}
    assert told(departed(mapping, past(mapping, STAYS, was, remembered=lost), STAYS, now)) == [
        ("unchanged", 8, "departed_no_groups")
    ]


# Rows that may be anybody


def holding(row: dict[str, str], *, code: str = "", known: Past | None = None, now: Contact = LEFT) -> list[str]:
    """The places of the rows that hold the contact which has left; `code` is what is wrong with the second row."""
    mapping = the_rules()
    issues = [Issue(code, 1, "Cep", "x", {})] if code else []
    sheet = sheet_of(mapping, [ROW, row], issues=issues)
    found = departed(mapping, known or past(mapping, STAYS, now), STAYS, now, sheet=sheet)
    return [
        remark.values["rows"]
        for remarks in found.remarks.values()
        for remark in remarks
        if remark.code == "departed_maybe"
    ]


@pytest.mark.parametrize(
    ("name", "surname", "holds"),
    [
        ("Veli", "Demir", True),
        ("VELİ", "demir", True),
        ("Velı", "Demirr", True),
        ("", "", True),  # nobody can say who it is
        ("Ayşegül", "Çalışkan", False),
    ],
)
def test_a_row_that_cannot_be_read_holds_whom_it_resembles_by_name(name: str, surname: str, holds: bool) -> None:
    found = holding({"name": name, "surname": surname}, code="phone_invalid")

    assert found == (["3"] if holds else [])


def test_a_row_that_cannot_be_read_holds_whoever_has_its_email_whatever_its_name() -> None:
    assert holding({"name": "Ayşegül", "surname": "Çalışkan", "email": "VELI@example.com"}, code="phone_invalid") == []
    now = replace(LEFT, email="", gsm="")
    known = past(the_rules(), STAYS, LEFT)
    assert holding({"name": "Ayşegül", "surname": "Çalışkan"}, code="phone_invalid", known=known, now=now) == []


def test_a_contact_without_a_name_is_held_by_every_row_that_cannot_be_read() -> None:
    now = replace(LEFT, name="", surname="")

    assert holding({"name": "Ayşegül", "surname": "Çalışkan"}, code="phone_invalid", now=now) == ["3"]


def test_a_new_row_holds_whoever_looks_the_same_and_nobody_else() -> None:
    assert holding({"gsm": C, "name": "Veli", "surname": "Demir"}) == ["3"]
    assert holding({"gsm": C, "name": "Veli", "surname": "Demirr"}) == []
    assert holding({"gsm": C, "name": "Ayşegül", "surname": "Çalışkan"}) == []


def test_a_row_with_a_copy_of_another_rows_phone_may_be_whom_it_resembles() -> None:
    mapping = the_rules(duplicates="first")
    rows = [ROW, {"gsm": A, "name": "Veli", "surname": "Demir"}, {"gsm": A, "name": "Ayşegül", "surname": "Çalışkan"}]

    found = departed(mapping, past(mapping), rows=rows)

    assert found.remarks == {3: [Remark("departed_maybe", {"rows": "3"})]}


def test_a_troubled_row_that_is_known_as_somebody_with_a_name_like_its_own_holds_nobody_else() -> None:
    mapping = the_rules(identity={"column": "No"})
    other = Contact(9, name="Velid", surname="Demir", gsm=C, groups=(CLIENTS,))
    known = past(mapping, STAYS, LEFT, other, identities={9: "M-3"})
    row = {"name": "Velid", "surname": "Demir", "identity": "M-3"}
    for own, holds in ((row, False), ({**row, "identity": "M-9"}, True)):
        sheet = identified_sheet(mapping, [ROW, own], issues=[Issue("phone_invalid", 1, "Cep", "x", {})])
        found = departed(mapping, known, STAYS, LEFT, other, sheet=sheet)
        held = [r for remarks in found.remarks.values() for r in remarks if r.code == "departed_maybe"]
        assert bool(held) == holds


def test_a_troubled_row_that_is_known_as_somebody_of_another_name_may_be_whom_it_resembles() -> None:
    mapping = the_rules(identity={"column": "No"})
    other = Contact(9, name="Ayşegül", surname="Çalışkan", gsm=C, groups=(CLIENTS,))
    known = past(mapping, STAYS, LEFT, other, identities={9: "M-3"})
    row = {"name": "Veli", "surname": "Demir", "identity": "M-3"}  # typed as another's
    sheet = identified_sheet(mapping, [ROW, row], issues=[Issue("phone_invalid", 1, "Cep", "x", {})])

    found = departed(mapping, known, STAYS, LEFT, other, sheet=sheet)

    assert found.remarks == {2: [Remark("departed_maybe", {"rows": "3"})]}


def test_a_troubled_row_whose_contact_was_erased_holds_nobody() -> None:
    mapping = the_rules()
    erased = past(mapping, remembered={"erased": {who_by("gsm", C): "2026-11-01"}})
    issue = Issue("email_invalid", 1, "E-posta", "x", {})
    rows = [ROW, {"gsm": C, "name": "Veli", "surname": "Demir"}]

    assert told(departed(mapping, erased, sheet=sheet_of(mapping, rows, issues=[issue]))) != []
    held = departed(mapping, erased, sheet=sheet_of(mapping, rows, issues=[issue])).remarks
    assert held == {}
    held = departed(mapping, past(mapping), sheet=sheet_of(mapping, rows, issues=[issue])).remarks
    assert held == {2: [Remark("departed_maybe", {"rows": "3"})]}


def test_three_of_the_rows_that_hold_a_contact_are_named() -> None:
    mapping = the_rules()
    rows = [ROW, *({"name": "Veli", "surname": "Demir"} for _ in range(5))]
    issues = [Issue("phone_invalid", row, "Cep", "x", {}) for row in range(1, 6)]

    found = departed(mapping, past(mapping), sheet=sheet_of(mapping, rows, issues=issues))

    assert found.remarks == {6: [Remark("departed_maybe", {"rows": "3, 4, 5"})]}


def test_where_there_are_too_many_to_compare_a_word_in_common_holds() -> None:
    mapping = the_rules()
    crowd = [Contact(1000 + n, gsm=f"+90530{n:07}", groups=(CLIENTS,)) for n in range(400)]
    rows = [ROW, *({"name": name, "surname": "Ak"} for name in ["Demir", *["Ayşegül"] * 260])]
    issues = [Issue("phone_invalid", row, "Cep", "x", {}) for row in range(1, len(rows))]

    sheet = sheet_of(mapping, rows, issues=issues)
    found = departed(mapping, past(mapping, STAYS, LEFT, *crowd), STAYS, LEFT, *crowd, sheet=sheet)

    assert found.remarks[len(rows)] == [Remark("departed_maybe", {"rows": "3"})]
