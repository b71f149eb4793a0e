"""Contacts that no row means."""

from sync.contact import Contact
from sync.diff import make_plan, remote_only, row_keys
from sync.sheet import Issue, Sheet

from .making import ALI, VELI, A, B, C, D, book_of, outcomes, rules, sheet_of

CHOSEN = rules(match=["gsm", "email"])
BOOK = book_of(Contact(1, gsm=A, email=ALI), Contact(2, gsm=B), Contact(3, gsm="0530 111 22 03"), Contact(4, email=ALI))


def nobodys(sheet: Sheet) -> tuple[list[str], list[int]]:
    plan = make_plan(sheet, BOOK, CHOSEN)
    found = remote_only(row_keys(sheet.table, CHOSEN), plan.rows, BOOK)
    return outcomes(plan), [contact.id or 0 for contact in BOOK.contacts(found)]


def test_a_contact_that_no_row_matches_is_nobodys() -> None:
    assert nobodys(sheet_of(CHOSEN, [{"gsm": B}, {"gsm": C}, {"gsm": D}])) == (
        ["unchanged", "unchanged", "added"],
        [1, 4],
    )


def test_a_contact_that_only_shares_a_key_with_a_matched_row_is_nobodys() -> None:
    assert nobodys(sheet_of(CHOSEN, [{"gsm": A, "email": ALI}])) == (["unchanged"], [2, 3, 4])


def test_contacts_that_a_row_in_conflict_names_are_not_nobodys() -> None:
    assert nobodys(sheet_of(CHOSEN, [{"email": ALI}])) == (["conflict"], [2, 3])


def test_a_contact_whose_key_a_rejected_row_has_is_not_nobodys() -> None:
    sheet = sheet_of(CHOSEN, [{"gsm": C}, {"email": VELI}], issues=[Issue("lost_letter", 0, "Ad", "Ay�e")])

    assert nobodys(sheet) == (["rejected", "added"], [1, 2, 4])


def test_without_rows_to_match_all_contacts_are_nobodys() -> None:
    assert nobodys(sheet_of(CHOSEN, [{"gsm": D}])) == (["added"], [1, 2, 3, 4])
