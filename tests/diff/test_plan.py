"""The plan: complete contacts, and what it says of every row."""

from sync.change import Change
from sync.contact import Contact
from sync.diff import make_plan

from .making import ALI, CLIENTS, VIP, A, B, book_of, outcomes, planned, rules, sheet_of

FULL = rules(
    fields={"name": "Ad", "surname": "Soyad", "email": "E-posta", "gsm": "Cep"},
    custom_fields={2: "Şehir", 3: {"value": "import-2026"}},
    groups={"column": "Grup", "always": ["Müşteriler"]},
)


def test_an_edit_sends_the_complete_contact_with_the_changes_laid_over() -> None:
    existing = Contact(
        7, name="Ali", surname="Kaya", gsm="0530 111 22 01", custom_fields={2: "İzmir", 9: "panel"}, groups=(VIP, 99)
    )
    sheet = sheet_of(FULL, [{"gsm": A, "surname": "Demir"}])

    changes = list(make_plan(sheet, book_of(existing), FULL).changes)

    assert changes == [
        Change(
            row=0,
            kind="edit",
            keys={"gsm": A},
            existing=existing,
            desired=Contact(
                7,
                name="Ali",
                surname="Demir",
                gsm="0530 111 22 01",
                custom_fields={2: "İzmir", 9: "panel", 3: "import-2026"},
                groups=(VIP, 99, CLIENTS),
            ),
            fields=("surname", "custom:3", "groups"),
        )
    ]


def test_an_add_leaves_blanks_out() -> None:
    sheet = sheet_of(FULL, [{"gsm": A, "name": "Ali", "groups": "VIP"}])

    changes = list(make_plan(sheet, book_of(), FULL).changes)

    assert changes == [
        Change(
            row=0,
            kind="add",
            keys={"gsm": A},
            existing=None,
            desired=Contact(name="Ali", gsm=A, custom_fields={3: "import-2026"}, groups=(CLIENTS, VIP)),
            fields=("name", "gsm", "custom:3", "groups"),
        )
    ]


def test_a_change_carries_every_key_of_its_row() -> None:
    mapping = rules()
    sheet = sheet_of(mapping, [{"gsm": A, "email": "Ali@Example.com"}])

    assert [change.keys for change in make_plan(sheet, book_of(), mapping).changes] == [{"gsm": A, "email": ALI}]


def test_the_changes_come_in_the_order_of_the_rows() -> None:
    mapping = rules()
    sheet = sheet_of(mapping, [{"gsm": B, "name": "Veli"}, {"gsm": A, "name": "Ali"}, {"email": ALI}])

    changes = make_plan(sheet, book_of(Contact(1, gsm=A)), mapping).changes

    assert [(change.row, change.kind) for change in changes] == [(0, "add"), (1, "edit"), (2, "add")]


def test_the_key_of_a_row_is_its_strongest_canonical() -> None:
    mapping = rules()
    sheet = sheet_of(mapping, [{"gsm": A, "email": ALI}, {"email": "Veli@Example.com"}, {"name": "Ali"}])

    assert make_plan(sheet, book_of(), mapping).rows["key"].tolist() == [A, "veli@example.com", ""]


def test_the_counts_add_up_to_the_rows() -> None:
    mapping = rules(duplicates="first")
    sheet = sheet_of(mapping, [{"gsm": A}, {"gsm": A}, {"gsm": B, "name": "Veli"}, {"email": ALI}, {}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A), Contact(2, gsm=B)), mapping)

    assert plan.counts() == {"unchanged": 1, "duplicate": 1, "edited": 1, "added": 1, "rejected": 1}
    assert plan.matched == 2


def test_an_empty_sheet_is_an_empty_plan() -> None:
    mapping = rules()

    plan = make_plan(sheet_of(mapping, []), book_of(Contact(1, gsm=A)), mapping)

    assert (outcomes(plan), list(plan.changes), plan.counts()) == ([], [], {})


def test_a_sheet_of_rejected_rows_makes_no_change() -> None:
    mapping = rules()

    plan = make_plan(sheet_of(mapping, [{}, {"name": "Ali"}]), book_of(Contact(1, gsm=A)), mapping)

    assert (planned(plan), list(plan.changes)) == ([("rejected", None), ("rejected", None)], [])


def test_the_same_input_makes_the_same_plan() -> None:
    sheet = sheet_of(FULL, [{"gsm": A, "groups": "VIP"}, {"email": ALI}, {"gsm": B}])
    book = book_of(Contact(1, gsm=A), Contact(2, email=ALI))

    one, other = make_plan(sheet, book, FULL), make_plan(sheet, book, FULL)

    assert one.rows.equals(other.rows)
    assert [each.to_dict() for each in one.changes] == [each.to_dict() for each in other.changes]
