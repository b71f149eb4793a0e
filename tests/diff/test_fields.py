"""Matched rows against their contacts: what is a difference, and what is only another form."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sync.contact import Contact, Group
from sync.diff import make_plan
from sync.diff.fields import differing_fields

from .making import ALI, CLIENTS, DEALERS, VELI, VIP, A, book_of, codes, outcomes, planned, rules, sheet_of

BIRTHDAY: dict[str, Any] = {"custom_fields": {1: {"column": "Doğum", "type": "date"}}}


def changes_of(mapping: Any, row: dict[str, str], existing: Contact) -> list[dict[str, list[Any]]]:
    """What a row that means the contact with phone A changes about it."""
    plan = make_plan(sheet_of(mapping, [{"gsm": A, **row}]), book_of(existing), mapping)
    return [change.differences for change in plan.changes]


def test_an_empty_cell_erases_nothing() -> None:
    assert changes_of(rules(), {}, Contact(1, gsm=A, name="Ali", email=ALI)) == []


def test_an_empty_cell_clears_where_the_mapping_says_so() -> None:
    mapping = rules(on_blank="clear")

    assert changes_of(mapping, {}, Contact(1, gsm=A, name="Ali")) == [{"name": ["Ali", ""]}]


def test_an_empty_cell_clears_the_one_field_that_says_so() -> None:
    mapping = rules(fields={"gsm": "Cep", "name": "Ad", "surname": {"column": "Soyad", "on_blank": "clear"}})

    found = changes_of(mapping, {}, Contact(1, gsm=A, name="Ali", surname="Kaya"))

    assert found == [{"surname": ["Kaya", ""]}]


def test_a_field_may_keep_where_all_others_clear() -> None:
    mapping = rules(on_blank="clear", fields={"gsm": "Cep", "name": {"column": "Ad", "on_blank": "keep"}})

    assert changes_of(mapping, {}, Contact(1, gsm=A, name="Ali")) == []


def test_clearing_a_custom_field_sends_it_as_an_explicit_empty_text() -> None:
    mapping = rules(custom_fields={2: {"column": "Şehir", "on_blank": "clear"}})
    plan = make_plan(
        sheet_of(mapping, [{"gsm": A}]), book_of(Contact(1, gsm=A, custom_fields={2: "İzmir", 9: "x"})), mapping
    )

    assert [change.desired.custom_fields for change in plan.changes] == [{2: "", 9: "x"}]


def test_clearing_what_is_empty_already_is_no_change() -> None:
    mapping = rules(on_blank="clear", custom_fields={2: "Şehir"})

    assert changes_of(mapping, {}, Contact(1, gsm=A, custom_fields={2: ""})) == []


def test_clearing_a_text_of_blanks_is_no_change() -> None:
    mapping = rules(on_blank="clear")

    assert changes_of(mapping, {}, Contact(1, gsm=A, name="  ", email=" ")) == []


def test_a_field_that_the_mapping_does_not_name_is_not_cleared() -> None:
    mapping = rules(on_blank="clear", fields={"gsm": "Cep"})

    assert changes_of(mapping, {}, Contact(1, gsm=A, name="Ali", custom_fields={7: "x"})) == []


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("Ali", " Ali "),
        ("Ali Can", "Ali  Can"),
        ("Ali Can", "Ali\u00a0Can"),
        ("Şule", "S\u0327ule"),
        ("Ömer", "O\u0308mer"),
    ],
)
def test_a_name_in_another_form_is_unchanged(written: str, stored: str) -> None:
    assert changes_of(rules(), {"name": written}, Contact(1, gsm=A, name=stored)) == []


@pytest.mark.parametrize(("written", "stored"), [("Ali", "ALİ"), ("Ali", "Alı"), ("Şule", "Sule")])
def test_a_name_in_other_letters_is_a_change(written: str, stored: str) -> None:
    found = changes_of(rules(), {"name": written}, Contact(1, gsm=A, name=stored))

    assert found == [{"name": [stored, written]}]


def test_a_phone_and_an_email_in_another_form_are_unchanged() -> None:
    stored = Contact(1, gsm="0530 111 22 01", email="Ali@EXAMPLE.com")

    assert changes_of(rules(), {"email": ALI}, stored) == []


@pytest.mark.parametrize(
    "stored", ["27/09/2024", "27.09.2024", "27-09-2024", "2024-09-27", "27 Eylül 2024", "2024-09-27T00:00:00"]
)
def test_a_date_is_equal_however_it_is_written(stored: str) -> None:
    mapping = rules(**BIRTHDAY)

    assert changes_of(mapping, {"custom:1": "27/09/2024"}, Contact(1, gsm=A, custom_fields={1: stored})) == []


def test_another_day_is_a_change() -> None:
    mapping = rules(**BIRTHDAY)

    found = changes_of(mapping, {"custom:1": "27/09/2024"}, Contact(1, gsm=A, custom_fields={1: "28.09.2024"}))

    assert found == [{"custom:1": ["28.09.2024", "27/09/2024"]}]


def test_a_stored_text_that_is_no_date_is_a_change() -> None:
    mapping = rules(**BIRTHDAY)

    found = changes_of(mapping, {"custom:1": "27/09/2024"}, Contact(1, gsm=A, custom_fields={1: "bilinmiyor"}))

    assert found == [{"custom:1": ["bilinmiyor", "27/09/2024"]}]


def test_day_and_month_are_not_confused_where_the_month_is_stored_first() -> None:
    # The mapping stores months first: 05/04/2024 is the 4th of May. The contact has the 5th of April.
    mapping = rules(custom_fields={1: {"column": "Doğum", "type": "date", "output": "%m/%d/%Y"}})

    found = changes_of(mapping, {"custom:1": "05/04/2024"}, Contact(1, gsm=A, custom_fields={1: "5 Nisan 2024"}))

    assert found == [{"custom:1": ["5 Nisan 2024", "05/04/2024"]}]


def test_a_constant_is_written_where_it_differs() -> None:
    mapping = rules(custom_fields={3: {"value": "import-2026"}})

    found = changes_of(mapping, {}, Contact(1, gsm=A, custom_fields={3: "import-2025"}))

    assert found == [{"custom:3": ["import-2025", "import-2026"]}]


def test_a_constant_that_stands_there_already_is_unchanged() -> None:
    mapping = rules(custom_fields={3: {"value": "import-2026"}})

    assert changes_of(mapping, {}, Contact(1, gsm=A, custom_fields={3: "import-2026"})) == []


# Groups


def groups_of(mapping: Any, cell: str | None, existing: tuple[int, ...]) -> list[tuple[int, ...]]:
    row = {"gsm": A} | ({"groups": cell} if cell else {})
    plan = make_plan(sheet_of(mapping, [row]), book_of(Contact(1, gsm=A, groups=existing)), mapping)
    return [change.desired.groups for change in plan.changes]


def test_mode_add_adds_and_takes_out_of_no_group() -> None:
    assert groups_of(rules(groups={"column": "Grup"}), "VIP", (CLIENTS,)) == [(CLIENTS, VIP)]


def test_mode_add_is_unchanged_where_the_contact_is_in_all_groups() -> None:
    assert groups_of(rules(groups={"column": "Grup"}), "VIP\nMüşteriler", (CLIENTS, DEALERS, VIP)) == []


def test_the_order_of_groups_is_no_difference() -> None:
    mapping = rules(groups={"column": "Grup", "mode": "exact"})

    assert groups_of(mapping, "VIP\nMüşteriler", (CLIENTS, VIP)) == []


def test_mode_exact_takes_out_of_groups_that_the_mapping_names_and_of_no_other() -> None:
    mapping = rules(groups={"column": "Grup", "always": ["Bayiler"], "mode": "exact"})
    sheet = sheet_of(mapping, [{"gsm": A, "groups": "VIP"}, {"email": ALI, "groups": "Müşteriler"}])
    book = book_of(Contact(1, gsm=A, groups=(21, CLIENTS)), Contact(2, email=ALI, groups=(VIP, 99)))

    desired = [change.desired.groups for change in make_plan(sheet, book, mapping).changes]

    assert [set(groups) for groups in desired] == [{21, DEALERS, VIP}, {99, DEALERS, CLIENTS}]


def test_an_empty_group_cell_takes_nobody_out_of_a_group_unless_told_to() -> None:
    # "an empty cell never erases unless told to" (on_blank: keep)
    mapping = rules(groups={"column": "Grup", "mode": "exact"})
    sheet = sheet_of(mapping, [{"gsm": A}, {"email": ALI, "groups": "VIP"}])
    book = book_of(Contact(1, gsm=A, groups=(VIP,)), Contact(2, email=ALI, groups=(VIP,)))

    assert planned(make_plan(sheet, book, mapping)) == [("unchanged", 1), ("unchanged", 2)]


def test_mode_keep_leaves_the_groups_of_a_contact_alone() -> None:
    assert groups_of(rules(groups={"column": "Grup", "mode": "keep"}), "VIP", (CLIENTS,)) == []


def test_a_group_of_every_row_is_added() -> None:
    assert groups_of(rules(groups={"always": ["Müşteriler", 21]}), None, (21,)) == [(21, CLIENTS)]


@pytest.mark.parametrize("written", ["VIP", "vıp", " VIP ", "30"])
def test_a_group_is_found_by_its_name_whatever_its_case_and_by_its_id(written: str) -> None:
    assert groups_of(rules(groups={"column": "Grup"}), written.strip(), ()) == [(VIP,)]


@pytest.mark.parametrize("written", ["Ankara", "Bayiler/Ankara", "bayiler/ankara"])
def test_a_child_group_is_found_by_its_name_and_by_its_path(written: str) -> None:
    assert groups_of(rules(groups={"column": "Grup"}), written, ()) == [(21,)]


def test_a_group_that_is_unknown_rejects_its_row() -> None:
    mapping = rules(groups={"column": "Grup"})
    sheet = sheet_of(mapping, [{"gsm": A, "groups": "VİP"}])

    plan = make_plan(sheet, book_of(), mapping)

    assert (outcomes(plan), codes(plan)) == (["rejected"], {0: ["group_unknown"]})
    (remark,) = plan.remarks[0]
    assert (remark.column, sorted(remark.values)) == ("Grup", ["group", "known"])
    assert "Müşteriler" in str(remark.values["known"])


def test_a_group_that_is_ambiguous_rejects_its_row() -> None:
    mapping = rules(groups={"column": "Grup"})
    groups = (Group(1, "İzmir", children=(Group(2, "Ankara"),)), Group(3, "Ankara"))
    sheet = sheet_of(mapping, [{"gsm": A, "groups": "Ankara"}, {"email": ALI, "groups": "İzmir/Ankara"}])

    plan = make_plan(sheet, book_of(groups=groups), mapping)

    assert (outcomes(plan), codes(plan)) == (["rejected", "added"], {0: ["group_ambiguous"]})


# Differences of form


CITY: dict[str, Any] = {"column": "Şehir", "type": "choice", "choices": {"ist": "İstanbul", "isp": "Isparta"}}


@pytest.mark.parametrize("stored", ["İSTANBUL", "istanbul", " İstanbul "])
def test_the_case_of_a_choice_does_not_count(stored: str) -> None:
    mapping = rules(custom_fields={2: CITY})

    assert changes_of(mapping, {"custom:2": "İstanbul"}, Contact(1, gsm=A, custom_fields={2: stored})) == []


def test_the_letters_of_a_choice_count_by_the_turkish_rules() -> None:
    mapping = rules(custom_fields={2: CITY})

    found = changes_of(mapping, {"custom:2": "Isparta"}, Contact(1, gsm=A, custom_fields={2: "isparta"}))

    assert found == [{"custom:2": ["isparta", "Isparta"]}]


def test_the_case_of_a_name_counts() -> None:
    assert changes_of(rules(), {"name": "İlker"}, Contact(1, gsm=A, name="İLKER")) == [{"name": ["İLKER", "İlker"]}]


@pytest.mark.parametrize(
    ("name", "spec", "written", "stored"),
    [
        ("name", {"column": "Ad"}, "Ali Can", "Ali  Can"),
        ("email", {"column": "E-posta"}, ALI, "Ali@EXAMPLE.com"),
        ("gsm", {"column": "Cep"}, A, "0530 111 22 01"),
    ],
)
def test_a_difference_of_form_is_an_edit_where_the_mapping_asks_to_rewrite(
    name: str, spec: dict[str, Any], written: str, stored: str
) -> None:
    fields = {"gsm": "Cep", name: {**spec, "rewrite": True}}
    existing = Contact(1, **{"gsm": A, name: stored})  # type: ignore[arg-type]

    assert changes_of(rules(fields=fields), {name: written}, existing) == [{name: [stored, written]}]
    assert changes_of(rules(fields={"gsm": "Cep", name: spec}), {name: written}, existing) == []


def test_a_date_is_rewritten_in_the_form_that_the_mapping_stores() -> None:
    mapping = rules(custom_fields={1: {"column": "Doğum", "type": "date", "rewrite": True}})
    existing = Contact(1, gsm=A, custom_fields={1: "27.09.2024"})

    assert changes_of(mapping, {"custom:1": "27/09/2024"}, existing) == [{"custom:1": ["27.09.2024", "27/09/2024"]}]


def test_what_is_stored_as_it_is_written_is_not_rewritten_and_an_empty_cell_rewrites_nothing() -> None:
    mapping = rules(fields={"gsm": "Cep", "name": {"column": "Ad", "rewrite": True}})

    assert changes_of(mapping, {"name": "Ali"}, Contact(1, gsm=A, name="Ali")) == []
    assert changes_of(mapping, {}, Contact(1, gsm=A, name=" Ali ")) == []


def test_a_text_that_is_a_date_is_the_same_day_in_another_form_unless_it_is_to_be_rewritten() -> None:
    existing = Contact(1, gsm=A, custom_fields={1: "2024-09-27"})

    def found(text: str, **spec: Any) -> list[dict[str, list[str]]]:
        return changes_of(rules(custom_fields={1: {"column": "Not", **spec}}), {"custom:1": text}, existing)

    assert found("27/09/2024") == []
    assert found("28/09/2024") == [{"custom:1": ["2024-09-27", "28/09/2024"]}]
    assert found("27/09/2024", rewrite=True) == [{"custom:1": ["2024-09-27", "27/09/2024"]}]


def test_as_many_rows_as_are_worth_several_threads_are_compared_the_same() -> None:
    mapping = rules(match=["gsm"])
    few = [{"gsm": A, "name": "Ali"}, {"gsm": A, "name": "Veli", "email": ALI}, {"gsm": A, "email": VELI}]
    book = book_of(Contact(7, gsm=A, name="Ali", email=ALI), Contact(8, gsm=A, name="Veli"))
    times = (1 << 16) // len(few) + 1
    table = sheet_of(mapping, few).table
    many = pd.concat([table] * times, ignore_index=True)
    at = np.array([0, 1, 0])

    expected = differing_fields(table, np.arange(len(few)), at, book, mapping)
    found = differing_fields(many, np.arange(len(many)), np.tile(at, times), book, mapping)

    assert {name: flags.tolist() for name, flags in expected.items()} == {
        "name": [False, False, False],
        "email": [False, True, True],
        "gsm": [False, False, False],
    }
    assert list(found) == list(expected)
    assert all((found[name] == np.tile(expected[name], times)).all() for name in expected)
