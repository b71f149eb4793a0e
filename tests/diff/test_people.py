"""Which contacts a conflict means, duplicates inside the book, and keys that a change would share."""

from sync.contact import Contact
from sync.diff import book_duplicates, make_plan
from sync.messages import text
from sync.reconciliation import Duplicates

from .making import ALI, AYSE, CLIENTS, VELI, VIP, A, B, C, book_of, codes, planned, rules, sheet_of

CHOSEN = rules(match=["gsm", "email"])


def test_a_conflict_names_the_contacts_and_what_tells_them_apart() -> None:
    mapping = rules(match=["gsm"])
    book = book_of(
        Contact(7, name="Ali", surname="Kaya", gsm=A, email=ALI), Contact(9, gsm="0530 111 22 01"), Contact(8, gsm=B)
    )

    remark = make_plan(sheet_of(mapping, [{"gsm": A}]), book, mapping).remarks[0][0]

    assert (remark.code, remark.values) == ("several_contacts", {"key": "gsm", "ids": f"7 (Ali Kaya, {ALI}), 9"})


def test_contacts_that_share_an_email_are_told_apart_by_their_phones() -> None:
    mapping = rules(match=["email"])
    book = book_of(Contact(7, name="Ali", gsm=A, email=ALI), Contact(9, gsm=B, email=ALI))

    remark = make_plan(sheet_of(mapping, [{"email": ALI}]), book, mapping).remarks[0][0]

    assert remark.values["ids"] == f"7 (Ali, {A}), 9 ({B})"


def test_of_many_contacts_a_conflict_names_a_few() -> None:
    mapping = rules(match=["gsm"])
    book = book_of(*(Contact(number, gsm=A) for number in range(1, 9)))

    remark = make_plan(sheet_of(mapping, [{"gsm": A}]), book, mapping).remarks[0][0]

    assert remark.values["ids"] == "1, 2, 3, 4, 5 … (8)"


def test_keys_that_disagree_name_both_contacts() -> None:
    mapping = rules()
    book = book_of(Contact(1, name="Ali", gsm=A), Contact(2, name="Veli", email=VELI))

    remark = make_plan(sheet_of(mapping, [{"gsm": A, "email": VELI}]), book, mapping).remarks[0][0]

    assert (remark.values["id"], remark.values["ids"]) == ("1 (Ali)", "2 (Veli)")


# Keys that a change would share


def test_an_edit_that_gives_a_chosen_contact_the_email_of_another_is_noted_and_stays_an_edit() -> None:
    sheet = sheet_of(CHOSEN, [{"gsm": A, "email": VELI}])
    sheet.table["chosen"] = "1"
    book = book_of(Contact(1, gsm=A, email=ALI), Contact(2, name="Veli", gsm=B, email="Veli@Example.com"))

    plan = make_plan(sheet, book, CHOSEN)

    assert (planned(plan), codes(plan)) == ([("edited", 1)], {})
    (note,) = plan.notes[0]
    assert (note.code, note.values, note.column) == (
        "key_of_other_contact",
        {"key": "email", "ids": f"2 (Veli, {B})"},
        "E-posta",
    )
    assert text(note.code, note.values).startswith(f"its e-mail is that of contact 2 (Veli, {B}) too.")


def test_a_key_that_the_contact_itself_has_is_not_noted() -> None:
    mapping = rules(match=["gsm"], fields={"gsm": {"column": "Cep", "rewrite": True}})

    plan = make_plan(sheet_of(mapping, [{"gsm": A}]), book_of(Contact(1, gsm="0530 111 22 01")), mapping)

    assert (planned(plan), plan.notes) == ([("edited", 1)], {})


def test_a_shared_key_that_the_row_does_not_change_is_not_noted() -> None:
    sheet = sheet_of(CHOSEN, [{"gsm": A, "email": ALI, "name": "Ali"}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A, email=ALI), Contact(2, gsm=B, email=ALI)), CHOSEN)

    assert (planned(plan), plan.notes) == ([("edited", 1)], {})


# Duplicates inside the book


def test_contacts_that_share_a_key_are_found_in_any_form() -> None:
    book = book_of(Contact(1, gsm=A), Contact(2, gsm=B), Contact(3, gsm="0530 111 22 01"), Contact(4), Contact(5))

    assert book_duplicates(book, ["gsm", "email"]) == [Duplicates("gsm", A, (1, 3), 1)]


def test_the_survivor_has_the_most_fields_filled() -> None:
    book = book_of(Contact(1, gsm=A, name=" "), Contact(2, gsm=A, custom_fields={3: "M1"}))

    assert [each.survivor for each in book_duplicates(book, ["gsm"])] == [2]


def test_of_equally_filled_contacts_the_one_in_the_most_groups_survives_then_the_smallest_id() -> None:
    book = book_of(
        Contact(5, gsm=A), Contact(4, gsm=A, groups=(CLIENTS, VIP)), Contact(3, gsm=A, groups=(VIP,)),
        Contact(9, email=AYSE), Contact(8, email=AYSE), Contact(7, gsm=C),
    )  # fmt: skip

    assert [(each.value, each.survivor) for each in book_duplicates(book, ["gsm", "email"])] == [(A, 4), (AYSE, 8)]
