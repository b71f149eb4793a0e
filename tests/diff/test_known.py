"""Rows whose keys changed are known again, and whoever was erased in the panel stays away."""

import numpy as np
import pytest

from sync.change import Remark
from sync.contact import Contact
from sync.diff import make_plan
from sync.diff.known import (
    hold_erased,
    identified_contacts,
    positions_of,
    remembered_contacts,
    to_look_at,
)
from sync.diff.past import Past
from sync.diff.rows import Verdicts, row_keys
from sync.mapping import Mapping as Rules

from .making import ALI, AYSE, VELI, A, B, C, D, book_of, planned, rules, sheet_of
from .remembering import identified_sheet, past_of, who_by

KEYS = rules(match=["gsm", "email"])
IDENTIFIED = rules(match=["gsm", "email"], identity={"column": "No"})
ALI_WAS = Contact(7, name="Ali", gsm=A, email=ALI)
VELI_WAS = Contact(8, name="Veli", gsm=B, email=VELI)


def known(rows: list[dict[str, str]], past: Past, *contacts: Contact, mapping: Rules = KEYS) -> list[int]:
    sheet = identified_sheet(mapping, rows) if mapping.identity else sheet_of(mapping, rows)
    keys = row_keys(sheet.table, mapping)
    return remembered_contacts(keys, sheet.table, book_of(*contacts), past).tolist()


def test_a_row_is_known_by_its_strongest_key_where_the_book_lacks_it() -> None:
    past = past_of(KEYS, [ALI_WAS, VELI_WAS])
    moved = Contact(7, name="Ali", gsm=C)

    assert known([{"gsm": A}, {"gsm": B}, {"gsm": D}], past, moved, VELI_WAS) == [7, -1, -1]


def test_without_a_memory_nobody_is_known() -> None:
    assert known([{"gsm": A, "email": ALI}], past_of(KEYS, [])) == [-1]


def test_a_row_with_a_new_phone_is_known_by_its_email_where_the_former_row_has_left() -> None:
    past = past_of(KEYS, [ALI_WAS, VELI_WAS])

    assert known([{"gsm": C, "email": VELI}], past, ALI_WAS, VELI_WAS) == [8]


def test_a_weaker_key_says_nothing_where_the_former_row_is_still_there() -> None:
    past = past_of(KEYS, [ALI_WAS, VELI_WAS])

    assert known([{"gsm": C, "email": VELI}, {"gsm": B}], past, ALI_WAS, VELI_WAS) == [-1, -1]


def test_a_weaker_key_says_nothing_where_only_a_part_of_the_sheet_was_read() -> None:
    past = past_of(KEYS, [ALI_WAS], full=False)

    assert known([{"gsm": C, "email": ALI}], past, ALI_WAS) == [-1]
    assert known([{"gsm": A, "email": ALI}], past) == [7]  # the strongest one does


def test_a_weaker_key_that_two_rows_have_says_nothing() -> None:
    past = past_of(KEYS, [ALI_WAS])

    assert known([{"gsm": C, "email": ALI}, {"gsm": D, "email": ALI}], past, ALI_WAS) == [-1, -1]


def test_a_weaker_key_that_two_remembered_contacts_had_says_nothing() -> None:
    past = past_of(KEYS, [ALI_WAS, Contact(8, gsm=B, email=ALI), Contact(9, gsm=D, email=AYSE)])

    assert known([{"gsm": C, "email": ALI}, {"gsm": "+905301112299", "email": AYSE}], past) == [-1, 9]


@pytest.mark.parametrize("unknown", [[(7, "email")], []])
def test_a_weaker_key_that_nobody_knows_or_that_was_empty_says_nothing(unknown: list[tuple[int, str]]) -> None:
    was = ALI_WAS if unknown else Contact(7, gsm=A)
    past = past_of(KEYS, [was, VELI_WAS], unknown=unknown)

    assert known([{"gsm": C, "email": ALI}, {"gsm": D}], past) == [-1, -1]


def test_two_weaker_keys_that_name_two_contacts_name_nobody() -> None:
    mapping = rules(match=["gsm", "email", "custom:1"], custom_fields={1: "No"})
    was = [
        Contact(7, gsm=A, email=ALI, custom_fields={1: "x"}),
        Contact(8, gsm=B, email=VELI, custom_fields={1: "y"}),
        Contact(9, gsm="+905301112209", email=AYSE, custom_fields={1: "z"}),
    ]
    past = past_of(mapping, was)
    rows = [
        {"gsm": C, "email": ALI, "custom:1": "y"},
        {"gsm": D, "email": AYSE, "custom:1": "z"},
    ]

    assert known(rows, past, mapping=mapping) == [-1, 9]


def test_a_key_of_which_memory_holds_nothing_is_passed_over_for_the_next() -> None:
    before = rules(match=["gsm"], fields={"gsm": "Cep"}, custom_fields={1: "No"})
    past = past_of(before, [Contact(7, gsm=A, custom_fields={1: "x"})])
    mapping = rules(match=["gsm", "email", "custom:1"], custom_fields={1: "No"})

    assert known([{"gsm": C, "email": ALI, "custom:1": "x"}], past, mapping=mapping) == [7]


def test_a_weaker_key_that_every_contact_shares_does_not_hide_the_next_one() -> None:
    mapping = rules(match=["gsm", "email", "custom:1"], custom_fields={1: "No"})
    was = [Contact(n, gsm=gsm, email=ALI, custom_fields={1: f"{n}"}) for n, gsm in ((7, A), (8, B))]

    assert known([{"gsm": C, "email": ALI, "custom:1": "8"}], past_of(mapping, was), mapping=mapping) == [8]


def test_an_identity_knows_a_row_whatever_its_keys_are() -> None:
    past = past_of(IDENTIFIED, [ALI_WAS, VELI_WAS], identities={7: "M-1", 8: "M-2"})

    assert known([{"gsm": C, "identity": "M-2"}, {"gsm": D, "identity": "M-3"}], past, mapping=IDENTIFIED) == [8, -1]


def test_a_row_that_kept_its_phone_under_an_identity_is_still_here_for_weaker_keys() -> None:
    past = past_of(IDENTIFIED, [ALI_WAS], identities={7: "M-1"})
    rows = [{"gsm": C, "email": ALI, "identity": "M-9"}, {"gsm": D, "identity": "M-1"}]

    assert known(rows, past, ALI_WAS, mapping=IDENTIFIED) == [-1, 7]


def test_an_id_that_the_book_lacks_is_no_row_to_find_again() -> None:
    mapping = rules(match=["id", "gsm"], fields={"id": "Id", "gsm": "Cep"})
    past = past_of(mapping, [Contact(7, gsm=A)])
    sheet = sheet_of(mapping, [{"id": "7", "gsm": A}])

    assert remembered_contacts(row_keys(sheet.table, mapping), sheet.table, book_of(), past).tolist() == [-1]


# By identity alone


def identified(rows: list[dict[str, str]], past: Past, **columns: list[str | None]) -> list[int]:
    sheet = identified_sheet(IDENTIFIED, rows, **columns)
    return identified_contacts(row_keys(sheet.table, IDENTIFIED), sheet.table, past).tolist()


def test_an_identity_says_whom_a_row_is_and_a_row_without_one_says_nothing() -> None:
    past = past_of(IDENTIFIED, [ALI_WAS, VELI_WAS], identities={7: "M-1", 8: "M-2"})

    assert identified([{"gsm": A, "identity": "M-2"}, {"gsm": B}, {"gsm": C, "identity": "M-9"}], past) == [8, -1, -1]
    assert identified([{"gsm": A, "identity": "M-2"}], past_of(IDENTIFIED, [])) == [-1]


def test_a_row_whose_contact_a_person_has_chosen_says_enough() -> None:
    past = past_of(IDENTIFIED, [ALI_WAS, VELI_WAS], identities={7: "M-1", 8: "M-2"})
    rows = [{"gsm": A, "identity": "M-2"}, {"gsm": B, "identity": "M-1"}]

    assert identified(rows, past, chosen=["7", None]) == [-1, 7]


def test_a_sheet_without_identities_says_nothing_by_them() -> None:
    sheet = sheet_of(KEYS, [{"gsm": A}])
    past = past_of(KEYS, [ALI_WAS])

    assert identified_contacts(row_keys(sheet.table, KEYS), sheet.table, past).tolist() == [-1]


# What is done with it


def test_a_row_that_is_known_edits_its_contact_instead_of_being_added() -> None:
    past = past_of(KEYS, [ALI_WAS])
    sheet = sheet_of(KEYS, [{"gsm": C, "email": ALI, "name": "Ali"}, {"gsm": D}])

    plan = make_plan(sheet, book_of(ALI_WAS), KEYS, past)

    assert planned(plan) == [("edited", 7), ("added", None)]
    assert next(iter(plan.changes)).desired.gsm == C


def test_a_row_whose_keys_find_another_contact_than_its_identity_is_a_conflict() -> None:
    past = past_of(IDENTIFIED, [ALI_WAS, VELI_WAS], identities={7: "M-1", 8: "M-2"})
    sheet = identified_sheet(IDENTIFIED, [{"gsm": A, "identity": "M-2"}, {"gsm": D, "identity": "M-5"}])

    plan = make_plan(sheet, book_of(ALI_WAS, VELI_WAS), IDENTIFIED, past)

    assert plan.remarks == {0: [Remark("identity_elsewhere", {"id": 7, "known": 8})]}
    assert planned(plan) == [("conflict", None), ("added", None)]


def test_contacts_of_rows_that_were_not_read_are_to_be_looked_at_once_each_in_order() -> None:
    past = past_of(KEYS, [ALI_WAS, VELI_WAS, Contact(9, gsm=D)])
    sheet = sheet_of(KEYS, [{"gsm": gsm} for gsm in (D, B, A, C)])
    keys = row_keys(sheet.table, KEYS)

    found = to_look_at(np.array([9, 8, 7, -1]), keys, sheet.table, book_of(VELI_WAS), past)

    assert found == [7, 9]
    assert to_look_at(np.array([8, -1, 8, -1]), keys, sheet.table, book_of(), past) == [8]


def test_one_that_is_known_to_be_erased_is_looked_for_no_more_unless_it_is_to_come_back() -> None:
    sheet = sheet_of(KEYS, [{"gsm": A}, {"gsm": B}])
    keys = row_keys(sheet.table, KEYS)
    erased = {"erased": {who_by("gsm", A): "2026-11-01"}}

    for brings_back, expected in ((False, [8]), (True, [7, 8])):
        past = past_of(KEYS, [ALI_WAS, VELI_WAS], remembered=erased, brings_back=brings_back)
        assert to_look_at(np.array([7, 8]), keys, sheet.table, book_of(), past) == expected


def held(past: Past, contacts: list[int], adds: list[int]) -> tuple[dict[int, str], dict[int, str], Verdicts]:
    sheet = sheet_of(KEYS, [{"gsm": A}, {"gsm": B}, {"gsm": C}])
    verdicts = Verdicts()
    found = hold_erased(np.array(adds), np.array(contacts), row_keys(sheet.table, KEYS), sheet.table, past, verdicts)
    return found, verdicts.outcomes, verdicts


def test_rows_whose_contacts_were_erased_are_held_and_since_when_is_told() -> None:
    erased = {"erased": {who_by("gsm", A): "2026-11-01"}}
    past = past_of(KEYS, [ALI_WAS], remembered=erased, gone=frozenset({8}))

    found, outcomes, verdicts = held(past, [-1, 8, 9], [0, 1, 2])

    assert found == {0: "2026-11-01", 1: "2026-11-21"}
    assert outcomes == {0: "held", 1: "held"}
    assert verdicts.remarks[0] == [Remark("erased_in_panel", {"since": "2026-11-01"})]


def test_nobody_is_held_where_nobody_was_erased_or_all_are_to_come_back() -> None:
    erased = {"erased": {who_by("gsm", A): "2026-11-01"}}

    assert held(past_of(KEYS, [ALI_WAS]), [7, 8, 9], [0, 1, 2])[:2] == ({}, {})
    back = past_of(KEYS, [ALI_WAS], remembered=erased, gone=frozenset({8}), brings_back=True)
    assert held(back, [7, 8, 9], [0, 1, 2])[:2] == ({}, {})


def test_contacts_stand_where_the_book_has_them() -> None:
    book = book_of(VELI_WAS, ALI_WAS)

    assert positions_of(np.array([7, -1, 8, 99]), book).tolist() == [1, -1, 0, -1]
    assert positions_of(np.array([-1, -1]), book).tolist() == [-1, -1]
