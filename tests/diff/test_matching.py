"""Which contact a row means: each sentence of the design's "Matching" and "Certain"."""

from typing import Any

import pytest

from sync.contact import Contact
from sync.coverage import Coverage
from sync.diff import make_plan

from .making import (
    ALI,
    AYSE,
    CERTAIN,
    UNCERTAIN,
    VELI,
    A,
    B,
    C,
    Everything,
    book_of,
    codes,
    outcomes,
    planned,
    rules,
    sheet_of,
)

GSM_EMAIL = rules()
WITH_ID = rules(fields={"id": "No", "gsm": "Cep", "email": "E-posta"}, match=["id", "gsm", "email"])
WITH_MEMBER = rules(custom_fields={3: "Üye No"}, match=["custom:3", "gsm"])


# "The strongest key that the row has decides. One contact with exactly that value (both sides normalised) → it."


def test_the_one_contact_with_the_rows_strongest_key_is_it() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=B), Contact(2, gsm=A)), GSM_EMAIL)

    assert planned(plan) == [("unchanged", 2)]


@pytest.mark.parametrize(
    "stored", ["5301112201", "05301112201", "0530 111 22 01", "+90 (530) 111-22-01", "00905301112201", "905301112201"]
)
def test_a_phone_stored_in_another_form_is_the_same_key(stored: str) -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=stored)), GSM_EMAIL)

    assert planned(plan) == [("unchanged", 1)]


@pytest.mark.parametrize("stored", ["Ali@Example.com", " ali@example.com ", "ALI@EXAMPLE.COM"])
def test_an_email_stored_in_another_form_is_the_same_key(stored: str) -> None:
    sheet = sheet_of(GSM_EMAIL, [{"email": ALI}])

    plan = make_plan(sheet, book_of(Contact(1, email=stored)), GSM_EMAIL)

    assert planned(plan) == [("unchanged", 1)]


def test_a_row_without_the_strongest_key_is_decided_by_the_next() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"email": ALI}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A, email=ALI)), GSM_EMAIL)

    assert planned(plan) == [("unchanged", 1)]


def test_the_order_of_keys_is_the_mappings_own() -> None:
    mapping = rules(match=["email", "gsm"])
    sheet = sheet_of(mapping, [{"email": ALI, "gsm": B}])

    plan = make_plan(sheet, book_of(Contact(1, email=ALI, gsm=A)), mapping)

    assert planned(plan) == [("edited", 1)]


def test_a_row_with_an_id_means_that_contact_whatever_its_phone() -> None:
    sheet = sheet_of(WITH_ID, [{"id": "2", "gsm": C}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A), Contact(2, gsm=B)), WITH_ID)

    assert planned(plan) == [("edited", 2)]


def test_a_custom_field_can_be_the_strongest_key() -> None:
    sheet = sheet_of(WITH_MEMBER, [{"custom:3": "M 7", "gsm": A}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A, custom_fields={3: " M  7"})), WITH_MEMBER)

    assert planned(plan) == [("unchanged", 1)]


# "Several → narrowed by the row's further keys, else conflict."


def test_several_contacts_with_the_strongest_key_are_narrowed_by_a_further_key() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A, "email": VELI}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A, email=ALI), Contact(2, gsm=A, email=VELI)), GSM_EMAIL)

    assert planned(plan) == [("unchanged", 2)]


def test_several_contacts_that_no_further_key_narrows_are_a_conflict() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A, "email": AYSE}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A, email=ALI), Contact(2, gsm=A)), GSM_EMAIL)

    assert (planned(plan), codes(plan)) == ([("conflict", None)], {0: ["several_contacts"]})


def test_several_contacts_without_a_further_key_in_the_row_are_a_conflict() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A), Contact(2, gsm="0530 111 22 01")), GSM_EMAIL)

    assert (planned(plan), codes(plan)) == ([("conflict", None)], {0: ["several_contacts"]})


def test_several_contacts_by_a_weaker_key_are_a_conflict() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A, "email": ALI}])

    plan = make_plan(sheet, book_of(Contact(1, email=ALI), Contact(2, email=ALI)), GSM_EMAIL)

    assert (planned(plan), codes(plan)) == ([("conflict", None)], {0: ["several_contacts"]})


# "None → the next key." "A weaker key decides only where the row or the contact lacks the stronger one."


def test_a_weaker_key_decides_where_the_contact_lacks_the_stronger_one() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A, "email": ALI}])

    plan = make_plan(sheet, book_of(Contact(1, email=ALI)), GSM_EMAIL)

    assert planned(plan) == [("edited", 1)]


def test_a_stored_phone_of_blanks_is_a_lacking_phone() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A, "email": ALI}])

    plan = make_plan(sheet, book_of(Contact(1, gsm="  ", email=ALI)), GSM_EMAIL)

    assert planned(plan) == [("edited", 1)]


def test_a_weaker_key_whose_stronger_key_differs_is_a_conflict() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A, "email": ALI}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=B, email=ALI)), GSM_EMAIL)

    assert (planned(plan), codes(plan)) == ([("conflict", None)], {0: ["key_changed"]})


def test_on_key_change_edit_lets_the_weaker_key_decide() -> None:
    mapping = rules(on_key_change="edit")
    sheet = sheet_of(mapping, [{"gsm": A, "email": ALI}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=B, email=ALI)), mapping)

    assert planned(plan) == [("edited", 1)]
    assert [change.desired for change in plan.changes] == [Contact(1, gsm=A, email=ALI)]


def test_a_weaker_key_of_several_contacts_is_a_conflict_even_with_on_key_change_edit() -> None:
    mapping = rules(on_key_change="edit")
    sheet = sheet_of(mapping, [{"gsm": A, "email": ALI}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=B, email=ALI), Contact(2, gsm=C, email=ALI)), mapping)

    assert planned(plan) == [("conflict", None)]


def test_each_stronger_key_that_both_sides_have_must_agree_not_only_the_strongest() -> None:
    mapping = rules(custom_fields={3: "Üye No"}, match=["custom:3", "gsm", "email"])
    sheet = sheet_of(mapping, [{"custom:3": "M7", "gsm": A, "email": ALI}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=B, email=ALI)), mapping)

    assert (planned(plan), codes(plan)) == ([("conflict", None)], {0: ["key_changed"]})


def test_a_new_email_beside_a_known_phone_is_an_edit() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A, "email": VELI}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A, email=ALI)), GSM_EMAIL)

    assert planned(plan) == [("edited", 1)]


# "Keys that point at different contacts → conflict."


def test_keys_that_point_at_different_contacts_are_a_conflict() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A, "email": VELI}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A, email=ALI), Contact(2, gsm=B, email=VELI)), GSM_EMAIL)

    assert (planned(plan), codes(plan)) == ([("conflict", None)], {0: ["keys_disagree"]})


def test_an_id_and_a_phone_that_point_at_different_contacts_are_a_conflict() -> None:
    sheet = sheet_of(WITH_ID, [{"id": "1", "gsm": B}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A), Contact(2, gsm=B)), WITH_ID)

    assert (planned(plan), codes(plan)) == ([("conflict", None)], {0: ["keys_disagree"]})


def test_a_further_key_shared_with_other_contacts_does_not_disagree() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A, "email": ALI}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A, email=ALI), Contact(2, gsm=B, email=ALI)), GSM_EMAIL)

    assert planned(plan) == [("unchanged", 1)]


def test_a_weaker_key_that_narrows_and_a_third_that_points_elsewhere_are_a_conflict() -> None:
    mapping = rules(custom_fields={3: "Üye No"}, match=["gsm", "email", "custom:3"])
    sheet = sheet_of(mapping, [{"gsm": A, "email": ALI, "custom:3": "M7"}])
    book = book_of(Contact(1, gsm=A, email=ALI), Contact(2, gsm=A), Contact(3, custom_fields={3: "M7"}))

    plan = make_plan(sheet, book, mapping)

    assert planned(plan) == [("conflict", None)]


# "An id that the book lacks is rejected, never added."


def test_an_id_that_the_book_lacks_is_rejected() -> None:
    sheet = sheet_of(WITH_ID, [{"id": "9", "gsm": B}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A)), WITH_ID)

    assert (planned(plan), codes(plan)) == ([("rejected", None)], {0: ["id_unknown"]})


def test_an_id_that_the_book_lacks_is_rejected_even_where_its_phone_is_known() -> None:
    sheet = sheet_of(WITH_ID, [{"id": "9", "gsm": A}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A)), WITH_ID)

    assert planned(plan) == [("rejected", None)]


def test_an_id_in_an_empty_book_is_rejected() -> None:
    sheet = sheet_of(WITH_ID, [{"id": "9", "gsm": A}])

    plan = make_plan(sheet, book_of(), WITH_ID)

    assert planned(plan) == [("rejected", None)]


# "Only 'none, and that is certain' is an add."


def test_a_row_that_certainly_nobody_matches_is_an_add() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A, "email": ALI}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=B)), GSM_EMAIL)

    assert planned(plan) == [("added", None)]


def test_an_empty_book_of_certain_absence_takes_every_row() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A}, {"email": ALI}])

    plan = make_plan(sheet, book_of(), GSM_EMAIL)

    assert planned(plan) == [("added", None), ("added", None)]


def test_a_row_that_nobody_is_known_to_match_is_a_conflict_while_absence_is_uncertain() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=B), coverage=UNCERTAIN), GSM_EMAIL)

    assert (planned(plan), codes(plan)) == ([("conflict", None)], {0: ["absence_uncertain"]})


def test_absence_is_certain_only_for_the_values_that_were_looked_up() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A}, {"gsm": B}])
    coverage = Coverage({"gsm": frozenset({B})})

    plan = make_plan(sheet, book_of(coverage=coverage), GSM_EMAIL)

    assert outcomes(plan) == ["conflict", "added"]


def test_absence_under_the_weaker_key_does_not_stand_for_the_strongest() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A, "email": ALI}])
    coverage = Coverage({"email": frozenset({ALI})})

    plan = make_plan(sheet, book_of(coverage=coverage), GSM_EMAIL)

    assert outcomes(plan) == ["conflict"]


def test_no_absence_is_certain_where_control_searches_failed() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A}, {"email": ALI}])
    coverage = Coverage({"gsm": frozenset({A}), "email": frozenset({ALI})}, uncertain=frozenset({"gsm"}))

    plan = make_plan(sheet, book_of(coverage=coverage), GSM_EMAIL)

    assert outcomes(plan) == ["conflict", "added"]


def test_a_known_contact_is_matched_even_where_absence_would_be_uncertain() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A), coverage=UNCERTAIN), GSM_EMAIL)

    assert planned(plan) == [("unchanged", 1)]


def test_a_key_that_search_cannot_see_makes_no_absence_certain() -> None:
    sheet = sheet_of(WITH_MEMBER, [{"custom:3": "M7", "gsm": A}])
    coverage = Coverage({"gsm": frozenset({A})})

    plan = make_plan(sheet, book_of(coverage=coverage), WITH_MEMBER)

    assert (outcomes(plan), codes(plan)) == (["conflict"], {0: ["absence_uncertain"]})


def test_coverage_proves_absence_of_what_was_looked_up_alone() -> None:
    coverage = Coverage({"gsm": frozenset({A})}, uncertain=frozenset({"email"}))

    found = [coverage.proves_absent(key, value) for key, value in (("gsm", A), ("gsm", B), ("email", ALI))]

    assert found == [True, False, False]


# Rows among one another


def test_of_rows_that_mean_one_contact_the_one_with_the_stronger_key_keeps_it() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"email": ALI, "name": "Veli"}, {"gsm": A, "name": "Ali"}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A, email=ALI)), GSM_EMAIL)

    assert (planned(plan), codes(plan)) == ([("conflict", None), ("edited", 1)], {0: ["contact_taken"]})


def test_a_row_that_has_the_contacts_own_phone_beats_one_that_changes_it() -> None:
    # "The strongest key that the row has decides": the second row's phone is the contact's, the first row's is not.
    mapping = rules(on_key_change="edit")
    sheet = sheet_of(mapping, [{"gsm": B, "email": ALI}, {"gsm": A}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A, email=ALI)), mapping)

    assert planned(plan) == [("conflict", None), ("unchanged", 1)]


def test_a_row_whose_only_key_stands_in_a_row_with_a_stronger_key_is_not_added_beside_it() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"email": ALI}, {"gsm": A, "email": ALI}])

    plan = make_plan(sheet, book_of(), GSM_EMAIL)

    assert (outcomes(plan), codes(plan)) == (["conflict", "added"], {0: ["key_of_other_row"]})


def test_a_row_is_not_added_while_a_row_in_conflict_may_be_the_same_person() -> None:
    mapping = rules(match=["gsm", "email"])
    sheet = sheet_of(mapping, [{"gsm": A, "email": ALI}, {"email": ALI}, {"email": VELI}])
    book = book_of(coverage=Coverage({"email": Everything()}))  # of the phone nobody knows

    plan = make_plan(sheet, book, mapping)

    assert codes(plan) == {0: ["absence_uncertain"], 1: ["key_of_other_row"]}
    assert outcomes(plan) == ["conflict", "conflict", "added"]


def test_two_rows_with_their_own_phones_may_share_an_email() -> None:
    sheet = sheet_of(GSM_EMAIL, [{"gsm": A, "email": ALI}, {"gsm": B, "email": ALI}])

    plan = make_plan(sheet, book_of(), GSM_EMAIL)

    assert outcomes(plan) == ["added", "added"]


def test_a_row_that_is_not_open_takes_no_contact_from_another() -> None:
    mapping = rules(duplicates="error")
    sheet = sheet_of(mapping, [{"gsm": A}, {"gsm": A}, {"email": ALI}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A, email=ALI), coverage=CERTAIN), mapping)

    assert planned(plan) == [("rejected", None), ("rejected", None), ("unchanged", 1)]


# To the letter


def told(rows: list[dict[str, str]], *contacts: Contact, coverage: Coverage = CERTAIN, **parts: Any) -> dict[int, Any]:
    mapping = rules(**{"match": ["gsm", "email"], **parts})
    plan = make_plan(sheet_of(mapping, rows), book_of(*contacts, coverage=coverage), mapping)
    return {row: [(remark.code, dict(remark.values)) for remark in remarks] for row, remarks in plan.remarks.items()}


def test_each_conflict_says_which_key_which_contacts_and_which_row() -> None:
    ali, veli = Contact(7, gsm=A, email=ALI), Contact(8, gsm=B, email=VELI)

    assert told([{"gsm": C, "email": ALI}], ali) == {
        0: [("key_changed", {"key": "email", "stronger": "gsm", "ids": f"7 ({A})"})]
    }
    assert told([{"gsm": A}], ali, Contact(9, gsm=A)) == {
        0: [("several_contacts", {"key": "gsm", "ids": f"7 ({ALI}), 9"})]
    }
    assert told([{"gsm": A, "email": VELI}], ali, veli) == {
        0: [
            (
                "keys_disagree",
                {"key": "gsm", "id": f"7 ({ALI})", "further": "email", "ids": f"8 ({B})"},
            )
        ]
    }
    assert told([{"gsm": A}, {"email": ALI}], coverage=UNCERTAIN) == {
        0: [("absence_uncertain", {"key": "gsm", "value": A})],
        1: [("absence_uncertain", {"key": "email", "value": ALI})],
    }
    assert told([{"email": ALI}, {"gsm": A}], ali) == {0: [("contact_taken", {"id": 7, "row": "3"})]}
    assert told([{"email": ALI}, {"gsm": A, "email": ALI}]) == {0: [("key_of_other_row", {"key": "email", "row": "3"})]}


def test_all_stronger_keys_are_named_that_a_contact_has_otherwise() -> None:
    found = told(
        [{"gsm": C, "custom:1": "x", "email": ALI}],
        Contact(7, gsm=A, email=ALI, custom_fields={1: "y"}),
        match=["gsm", "custom:1", "email"],
        custom_fields={1: "No"},
    )

    assert found == {0: [("key_changed", {"key": "email", "stronger": "gsm, custom:1", "ids": f"7 ({A})"})]}


def test_an_id_that_the_book_lacks_is_named() -> None:
    fields = {"id": "Id", "gsm": "Cep"}

    assert told([{"id": "99", "gsm": A}], match=["id", "gsm"], fields=fields) == {0: [("id_unknown", {"id": "99"})]}


def test_of_several_rows_the_one_that_agrees_with_the_contact_by_its_strongest_key_keeps_it() -> None:
    ali = Contact(7, gsm=A, email=ALI)

    found = told([{"email": ALI}, {"gsm": A}, {"email": ALI.upper(), "gsm": A}], ali, duplicates="first")

    assert {row: code for row, ((code, _),) in found.items()} == {0: "contact_taken", 2: "duplicate_of"}
    assert found[0][0][1] == {"id": 7, "row": "3"}


def test_several_rows_of_several_contacts_are_settled_contact_by_contact() -> None:
    ali, veli = Contact(7, gsm=A, email=ALI), Contact(8, gsm=B, email=VELI)
    rows = [{"email": VELI}, {"email": ALI}, {"gsm": A}, {"gsm": B}]

    assert told(rows, ali, veli) == {
        0: [("contact_taken", {"id": 8, "row": "5"})],
        1: [("contact_taken", {"id": 7, "row": "4"})],
    }
