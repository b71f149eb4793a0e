"""What somebody has changed in the panel since both sides agreed is weighed field by field, as the mapping says."""

from typing import Any

import pytest

from sync.change import Plan, Remark
from sync.contact import Contact
from sync.diff import make_plan
from sync.diff.past import Past
from sync.mapping import Mapping as Rules

from .making import ALI, CLIENTS, DEALERS, VELI, VIP, A, B, C, book_of, planned, rules, sheet_of
from .remembering import past_of

WAS = Contact(7, name="Ali", email=ALI, gsm=A, groups=(CLIENTS,))


def a_plan(now: Contact, row: dict[str, str], mapping: Rules, past: Past | None = None) -> Plan:
    return make_plan(sheet_of(mapping, [row]), book_of(now), mapping, past or past_of(mapping, [WAS]))


def changed(plan: Plan) -> list[tuple[str, ...]]:
    return [change.fields for change in plan.changes]


def ours(rule: str, **fields: str) -> Rules:
    own: dict[str, Any] = {"name": "Ad", "email": "E-posta", "gsm": "Cep"}
    for name, each in fields.items():
        own[name] = {"column": own[name], "on_panel_change": each}
    return rules(match=["gsm"], fields=own, on_panel_change=rule)


ROW = {"gsm": A, "name": "Ayşe", "email": VELI}


def test_a_field_that_only_the_sheet_has_changed_is_written_without_a_word() -> None:
    plan = a_plan(WAS, {"gsm": A, "name": "Ayşe", "email": ALI}, ours("conflict"))

    assert (planned(plan), changed(plan)) == ([("edited", 7)], [("name",)])
    assert (plan.remarks, plan.notes) == ({}, {})


def test_a_field_that_both_have_changed_is_a_conflict_and_nothing_of_the_row_is_written() -> None:
    plan = a_plan(Contact(7, name="Can", email=ALI, gsm=A), ROW, ours("conflict"))

    assert (planned(plan), changed(plan)) == ([("conflict", 7)], [])
    assert plan.remarks == {0: [Remark("panel_changed", {"fields": "name"})]}


def test_all_fields_that_both_have_changed_are_named() -> None:
    plan = a_plan(Contact(7, name="Can", email="can@example.com", gsm=A), ROW, ours("conflict"))

    assert plan.remarks == {0: [Remark("panel_changed", {"fields": "name, email"})]}


def test_the_panels_value_stays_where_the_mapping_says_keep_and_the_rest_is_written() -> None:
    plan = a_plan(Contact(7, name="Can", email=ALI, gsm=A), ROW, ours("keep"))

    assert (planned(plan), changed(plan)) == ([("edited", 7)], [("email",)])
    assert plan.notes == {0: [Remark("panel_kept", {"fields": "name"})]}
    assert plan.remarks == {}
    assert plan.learnt is not None
    assert plan.learnt.kept == {0: ("name",)}


def test_each_of_several_fields_that_stay_is_learnt_by_itself() -> None:
    mapping = rules(match=["gsm"], fields={"name": "Ad", "email": "E-posta", "gsm": "Cep", "surname": "Soyad"})
    mapping = mapping.model_copy(update={"on_panel_change": "keep"})
    was = Contact(7, name="Ali", email=ALI, gsm=A, surname="Kaya")
    now = Contact(7, name="Can", email="can@example.com", gsm=A, surname="Kaya")
    plan = a_plan(now, {**ROW, "surname": "Ak"}, mapping, past_of(mapping, [was]))

    assert (planned(plan), changed(plan)) == ([("edited", 7)], [("surname",)])
    assert plan.learnt is not None
    assert plan.learnt.kept == {0: ("name", "email")}


def test_a_row_of_which_all_stays_as_the_panel_has_it_is_held() -> None:
    now = Contact(7, name="Can", email="can@example.com", gsm=A)
    plan = a_plan(now, ROW, ours("keep"))

    assert (planned(plan), changed(plan)) == ([("held", 7)], [])
    assert plan.remarks == {0: [Remark("panel_kept", {"fields": "name, email"})]}
    assert plan.learnt is not None
    assert plan.learnt.kept == {}


def test_the_sheets_value_is_written_where_the_mapping_says_overwrite_and_it_is_told() -> None:
    plan = a_plan(Contact(7, name="Can", email=ALI, gsm=A), ROW, ours("overwrite"))

    assert (planned(plan), changed(plan)) == ([("edited", 7)], [("name", "email")])
    assert plan.notes == {0: [Remark("panel_overwritten", {"fields": "name"})]}


def test_a_field_has_a_rule_of_its_own_and_keeping_and_overwriting_go_together() -> None:
    now = Contact(7, name="Can", email="can@example.com", gsm=A)

    plan = a_plan(now, ROW, ours("overwrite", name="keep"))

    assert changed(plan) == [("email",)]
    assert plan.notes == {
        0: [Remark("panel_kept", {"fields": "name"}), Remark("panel_overwritten", {"fields": "email"})]
    }


def test_a_conflict_in_one_field_leaves_the_others_unwritten_and_unspoken() -> None:
    now = Contact(7, name="Can", email="can@example.com", gsm=A)

    plan = a_plan(now, ROW, ours("overwrite", name="conflict"))

    assert (changed(plan), plan.notes) == ([], {})
    assert plan.remarks == {0: [Remark("panel_changed", {"fields": "name"})]}


def test_rows_are_weighed_each_for_itself() -> None:
    mapping = ours("keep")
    others = [Contact(8, name="Veli", gsm=B), Contact(9, name="Ece", gsm=C)]
    book = book_of(Contact(7, name="Can", gsm=A), *others)
    sheet = sheet_of(mapping, [{"gsm": C, "name": "Su"}, {"gsm": A, "name": "Ayşe"}, {"gsm": B, "name": "Veli"}])

    plan = make_plan(sheet, book, mapping, past_of(mapping, [Contact(7, name="Ali", gsm=A), *others]))

    assert planned(plan) == [("edited", 9), ("held", 7), ("unchanged", 8)]
    assert plan.remarks == {1: [Remark("panel_kept", {"fields": "name"})]}


def test_a_field_of_which_nobody_knows_what_it_was_is_written_and_noted() -> None:
    mapping = ours("conflict")
    past = past_of(mapping, [WAS], unknown=[(7, "name")])

    plan = a_plan(Contact(7, name="Can", email=ALI, gsm=A), ROW, mapping, past)

    assert changed(plan) == [("name", "email")]
    assert plan.notes == {0: [Remark("compared_two_ways", {"fields": "name"})]}


def test_a_contact_that_is_not_remembered_is_compared_two_ways_and_all_its_fields_are_noted() -> None:
    mapping = ours("conflict")
    past = past_of(mapping, [Contact(1, gsm=B)])

    plan = a_plan(Contact(7, name="Can", email=ALI, gsm=A), ROW, mapping, past)

    assert (changed(plan), plan.notes) == (
        [("name", "email")],
        {0: [Remark("compared_two_ways", {"fields": "name, email"})]},
    )


def test_before_a_jobs_first_run_nothing_is_noted() -> None:
    mapping = ours("conflict")

    plan = a_plan(Contact(7, name="Can", email=ALI, gsm=A), ROW, mapping, past_of(mapping, []))

    assert (changed(plan), plan.notes, plan.remarks) == ([("name", "email")], {}, {})


def test_a_change_of_form_in_the_panel_is_none() -> None:
    mapping = ours("conflict")

    plan = a_plan(Contact(7, name="Ali", email="ALI@EXAMPLE.COM", gsm=A), ROW, mapping)

    assert (changed(plan), plan.remarks) == ([("name", "email")], {})


# Groups


def grouped(mode: str, cell: str, now: tuple[int, ...], was: tuple[int, ...], **parts: Any) -> Plan:
    mapping = rules(match=["gsm"], fields={"gsm": "Cep"}, groups={"column": "Grup", "mode": mode}, **parts)
    past = past_of(mapping, [Contact(7, gsm=A, groups=was)])
    return a_plan(Contact(7, gsm=A, groups=now), {"gsm": A, "groups": cell}, mapping, past)


@pytest.mark.parametrize(
    ("mode", "now", "was", "outcome"),
    [
        ("add", (), (), "edited"),  # the row is new to the group
        ("add", (), (CLIENTS,), "conflict"),  # somebody took it out
        ("add", (DEALERS,), (CLIENTS, DEALERS), "conflict"),
        ("add", (CLIENTS,), (), "unchanged"),  # somebody put it in, and so does the sheet
        ("add", (CLIENTS, DEALERS), (), "unchanged"),
    ],
)
def test_a_contact_is_not_put_again_into_a_group_that_somebody_took_it_out_of(
    mode: str, now: tuple[int, ...], was: tuple[int, ...], outcome: str
) -> None:
    plan = grouped(mode, "Müşteriler", now, was)

    assert planned(plan) == [(outcome, 7)]
    if outcome == "conflict":
        assert plan.remarks == {0: [Remark("panel_changed", {"fields": "groups"})]}


def test_a_contact_is_not_taken_out_of_a_group_that_somebody_put_it_into() -> None:
    mapping = rules(match=["gsm"], fields={"gsm": "Cep"}, groups={"column": "Grup", "mode": "exact"})
    contacts = {
        7: (A, (CLIENTS, VIP), (CLIENTS,)),  # somebody put it in
        8: (B, (CLIENTS, VIP), (CLIENTS, VIP)),  # it was in both, and the sheet takes it out of one
        9: (C, (VIP,), (VIP,)),
    }
    book = book_of(*(Contact(number, gsm=gsm, groups=now) for number, (gsm, now, _) in contacts.items()))
    past = past_of(mapping, [Contact(number, gsm=gsm, groups=was) for number, (gsm, _, was) in contacts.items()])
    sheet = sheet_of(
        mapping,
        [{"gsm": A, "groups": "Müşteriler"}, {"gsm": B, "groups": "Müşteriler"}, {"gsm": C, "groups": "VIP"}],
    )

    plan = make_plan(sheet, book, mapping, past)

    assert planned(plan) == [("conflict", 7), ("edited", 8), ("unchanged", 9)]
    assert [change.desired.groups for change in plan.changes] == [(CLIENTS,)]


def test_groups_are_kept_or_overwritten_like_any_field() -> None:
    kept = grouped("add", "Müşteriler", (), (CLIENTS,), on_panel_change="keep")
    overwritten = grouped("add", "Müşteriler", (), (CLIENTS,), on_panel_change="overwrite")

    assert (planned(kept), kept.remarks) == ([("held", 7)], {0: [Remark("panel_kept", {"fields": "groups"})]})
    assert (planned(overwritten), overwritten.notes) == (
        [("edited", 7)],
        {0: [Remark("panel_overwritten", {"fields": "groups"})]},
    )


def test_groups_of_which_nobody_knows_what_they_were_are_written() -> None:
    mapping = rules(match=["gsm"], fields={"gsm": "Cep"}, groups={"always": ["Müşteriler"]})
    past = past_of(mapping, [Contact(7, gsm=A, groups=(CLIENTS,))], unknown=[(7, "groups")])

    plan = a_plan(Contact(7, gsm=A), {"gsm": A}, mapping, past)

    assert (planned(plan), plan.notes) == ([("edited", 7)], {})
