"""Rows whose number must not be messaged are noted; what is written stays the same."""

from sync.change import Plan, Remark
from sync.contact import Contact
from sync.diff import make_plan, with_blacklist
from sync.mapping import Mapping

from .making import ALI, VELI, A, B, C, book_of, rules, sheet_of

BOOK = book_of(Contact(1, gsm=A, email=ALI), Contact(2, email=VELI))


def noted(mapping: Mapping, rows: list[dict[str, str]], *numbers: str) -> tuple[Plan, Plan]:
    """The plan without the blacklist, and with it."""
    sheet = sheet_of(mapping, rows)
    plan = make_plan(sheet, BOOK, mapping)
    return plan, with_blacklist(plan, sheet, BOOK, frozenset(numbers))


def told(plan: Plan) -> dict[int, list[Remark]]:
    return {row: list(remarks) for row, remarks in plan.notes.items()}


def test_rows_with_a_number_on_the_list_are_noted() -> None:
    _, plan = noted(rules(), [{"gsm": A}, {"gsm": B}, {"gsm": C}], A, C)

    assert told(plan) == {
        0: [Remark("number_blacklisted", {"number": A})],
        2: [Remark("number_blacklisted", {"number": C})],
    }


def test_what_is_written_stays_the_same() -> None:
    before, after = noted(rules(), [{"gsm": A, "name": "Ali"}, {"gsm": B}], A, B)

    assert list(before.changes) == list(after.changes)
    assert before.rows.equals(after.rows)
    assert before.remarks == after.remarks


def test_a_row_without_a_number_is_noted_for_its_contacts() -> None:
    _, plan = noted(rules(fields={"email": "E-posta"}), [{"email": ALI}, {"email": VELI}], A)

    assert told(plan) == {0: [Remark("number_blacklisted", {"number": A})]}


def test_a_row_with_its_own_number_is_not_noted_for_its_contacts() -> None:
    mapping = rules(match=["email"])

    _, plan = noted(mapping, [{"email": ALI, "gsm": B}, {"email": ALI.replace("ali", "x"), "gsm": ""}], A)

    assert told(plan) == {}


def test_an_empty_list_notes_nothing() -> None:
    _, plan = noted(rules(), [{"gsm": A}])

    assert told(plan) == {}
