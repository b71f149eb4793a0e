"""What a plan teaches of its rows; and rows that were refused and say the same are held."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from sync.change import Plan, Remark
from sync.contact import Contact
from sync.diff import figures, make_plan
from sync.diff.past import Past
from sync.hashes import EMPTY, UNKNOWN
from sync.mapping import Mapping as Rules
from sync.remembered import Learnt, Quarantined, Remembered
from sync.sheet import Sheet, Understood

from .making import ALI, CLIENTS, VELI, VIP, A, B, C, D, book_of, outcomes, planned, rules, sheet_of
from .remembering import HASHES, group_base, identified_sheet, past_of, who_by

MAPPING = rules(match=["gsm", "email"], groups={"always": ["Müşteriler"]})
SAME = Contact(7, name="Ali", email=ALI, gsm=A, groups=(VIP, CLIENTS))
OTHER = Contact(8, name="Veli", gsm=B, groups=(CLIENTS,))
ROWS = [{"gsm": C, "name": "Ece"}, {"gsm": A, "name": "Ali", "email": ALI}, {"gsm": B, "name": "Can"}]
NOTHING = past_of(MAPPING, [], mapping_sha256="m1", rules="r1")


def a_plan(past: Past = NOTHING, mapping: Rules = MAPPING, sheet: Sheet | None = None) -> Plan:
    return make_plan(sheet or sheet_of(mapping, ROWS), book_of(OTHER, SAME), mapping, past)


def learnt_of(plan: Plan) -> Learnt:
    assert plan.learnt is not None
    return plan.learnt


def test_a_row_that_says_what_the_book_has_is_learnt_with_all_its_fields_and_others_with_what_they_say() -> None:
    found = learnt_of(a_plan())

    assert found.fields == ("name", "email", "gsm", "groups")
    assert found.rows.tolist() == [1, 0, 2]  # first those that stay, then those that are written
    assert found.who.tolist() == [who_by("gsm", phone) for phone in (A, C, B)]
    own = [HASHES.of_value("name", "Ali"), HASHES.of_value("email", ALI), HASHES.of_value("gsm", A)]
    assert found.bases.tolist() == [[*own, group_base(CLIENTS, VIP)], [UNKNOWN] * 4, [UNKNOWN] * 4]
    assert (found.content == UNKNOWN).tolist() == [True, False, False]
    assert (found.marks == UNKNOWN).tolist() == [False, True, True]
    assert found.group_sets == {group_base(CLIENTS, VIP): f"{CLIENTS} {VIP}"}
    assert found.own_groups == (CLIENTS,)
    assert (found.kept, found.erased) == ({}, {})


def test_an_empty_field_is_learnt_as_empty() -> None:
    plan = make_plan(sheet_of(MAPPING, [{"gsm": B, "name": "Veli"}]), book_of(OTHER), MAPPING, NOTHING)

    assert learnt_of(plan).bases[0].tolist()[1] == EMPTY


def remembered(found: Learnt, ids: list[int]) -> Remembered:
    """What is left of a plan's unchanged rows by the next night."""
    size = len(ids)
    return Remembered(
        HASHES,
        fields=found.fields,
        contact_ids=pd.Series(ids).to_numpy(),
        who=found.who[:size],
        marks=found.marks[:size],
        written=(found.marks[:size] == 0),
        bases=found.bases[:size],
        group_sets={CLIENTS: frozenset({CLIENTS})},
    )


def test_a_row_that_is_remembered_as_it_is_is_not_learnt_again() -> None:
    past = replace(NOTHING, remembered=remembered(learnt_of(a_plan()), [7]))

    found = learnt_of(a_plan(past))

    assert (found.rows.tolist(), len(found.marks), len(found.bases)) == ([0, 2], 2, 2)


@pytest.mark.parametrize(
    ("contact", "row"),
    [
        (replace(SAME, name="ALİ"), {"name": "ALİ"}),
        (replace(SAME, groups=(CLIENTS,)), {}),
        (replace(SAME, id=17), {}),
        (replace(SAME, email="ALI@example.com"), {}),
    ],
)
def test_a_row_whose_contact_stands_otherwise_than_it_did_is_learnt_again(
    contact: Contact, row: dict[str, str]
) -> None:
    past = replace(NOTHING, remembered=remembered(learnt_of(a_plan()), [7]))
    sheet = sheet_of(MAPPING, [{**ROWS[1], **row}])

    found = learnt_of(make_plan(sheet, book_of(contact), MAPPING, past))

    assert found.rows.tolist() == [0]


def test_the_order_of_groups_is_nothing_new() -> None:
    past = replace(NOTHING, remembered=remembered(learnt_of(a_plan()), [7]))
    contact = replace(SAME, groups=(CLIENTS, VIP))

    assert len(learnt_of(make_plan(sheet_of(MAPPING, [ROWS[1]]), book_of(contact), MAPPING, past)).rows) == 0


def test_a_row_that_has_got_an_identity_is_learnt_again() -> None:
    mapping = rules(match=["gsm", "email"], groups={"always": ["Müşteriler"]}, identity={"column": "No"})
    first = learnt_of(make_plan(identified_sheet(mapping, [ROWS[1]]), book_of(SAME), mapping, NOTHING))
    past = replace(NOTHING, remembered=remembered(first, [7]))
    sheet = identified_sheet(mapping, [{**ROWS[1], "identity": "M-1"}])

    found = learnt_of(make_plan(sheet, book_of(SAME), mapping, past))

    assert found.who.tolist() == HASHES.of_texts("identity", pd.Series(["M-1"], dtype="str")).tolist()


def test_rows_whose_contacts_were_erased_are_learnt_last_and_say_nothing() -> None:
    erased = {who_by("gsm", D): "2026-11-01", who_by("gsm", C): "2026-11-02"}
    past = past_of(MAPPING, [Contact(99, gsm="+905309999999")], remembered={"erased": erased})
    sheet = sheet_of(MAPPING, [{"gsm": D}, *ROWS])

    plan = a_plan(past, sheet=sheet)

    found = learnt_of(plan)
    assert outcomes(plan) == ["held", "held", "unchanged", "edited"]
    assert (found.rows.tolist(), found.erased) == ([2, 3, 0, 1], {0: "2026-11-01", 1: "2026-11-02"})
    assert (found.content == UNKNOWN).tolist() == [True, False, True, True]
    assert (found.marks == UNKNOWN).tolist() == [False, True, True, True]


def test_the_figures_count_rows_and_the_cells_of_columns_of_one_name_together() -> None:
    sheet = sheet_of(MAPPING, ROWS, files=("b.csv", "a.csv"))
    seen = [("Ad", 3, 1), ("Cep", 2, 0), ("Ad", 4, 2)]
    understood = tuple(_understood(name, filled, bad) for name, filled, bad in seen)

    found = figures(replace(sheet, understood=understood), "m1", "r1")

    assert {key: found[key] for key in ("rows", "filled", "bad", "rules")} == {
        "rows": 3,
        "filled": {"Ad": 7, "Cep": 2},
        "bad": {"Ad": 3, "Cep": 0},
        "rules": "r1",
    }
    zeros = "0" * 64
    assert found["content"] == f"m1 {sheet.inputs[1].sheet}:{zeros} {sheet.inputs[0].sheet}:{zeros}"


def _understood(name: str, filled: int, bad: int) -> Understood:
    parts: dict[str, Any] = dict.fromkeys(Understood.__dataclass_fields__, "")
    return Understood(**{**parts, "name": name, "filled": filled, "bad": bad})


# Quarantine


def quarantined(past_content: int | None, rows: list[dict[str, str]], **parts: Any) -> Plan:
    """Where the row with phone C was refused when it said this; None is what it says now."""
    contents = dict(zip(learnt_of(a_plan()).rows.tolist(), learnt_of(a_plan()).content.tolist(), strict=True))
    says = contents[0] if past_content is None else past_content
    known = {
        who_by("gsm", C): Quarantined(says, "api_number_invalid", "2026-11-01"),
        who_by("gsm", D): Quarantined(1, "api_number_invalid", "2026-11-02"),
    }
    past = past_of(
        MAPPING,
        [Contact(99, gsm="+905309999999")],
        remembered={"quarantined": known},
        **{"mapping_sha256": "m1", **parts},
    )
    return a_plan(past, sheet=sheet_of(MAPPING, rows))


def test_a_row_that_was_refused_and_says_the_same_is_held_with_the_reason_and_since_when() -> None:
    plan = quarantined(None, [ROWS[2], {"gsm": D}, ROWS[0]])

    assert outcomes(plan) == ["edited", "added", "held"]
    assert plan.remarks == {2: [Remark("quarantined", {"since": "2026-11-01", "because": "api_number_invalid"})]}
    assert [change.row for change in plan.changes] == [0, 1]


def test_a_row_that_was_refused_is_sent_again_once_it_or_the_mapping_has_changed() -> None:
    assert planned(quarantined(None, [{**ROWS[0], "name": "Su"}])) == [("added", None)]
    assert planned(quarantined(None, [ROWS[0]], mapping_sha256="m2")) == [("added", None)]
    assert planned(quarantined(5, [ROWS[0]])) == [("added", None)]


def test_rows_are_held_where_some_others_need_no_write() -> None:
    assert outcomes(quarantined(None, [ROWS[1], ROWS[0]])) == ["unchanged", "held"]
    assert outcomes(quarantined(None, [{"gsm": A, "email": VELI}, ROWS[0]])) == ["edited", "held"]


def test_a_row_that_was_refused_is_sent_again_once_it_names_another_group() -> None:
    mapping = rules(match=["gsm"], groups={"column": "Grup"})
    nothing = past_of(mapping, [], mapping_sha256="m1")
    row = {"gsm": C, "name": "Ece", "groups": "VIP"}
    first = make_plan(sheet_of(mapping, [row]), book_of(), mapping, nothing)
    known = {who_by("gsm", C): Quarantined(int(learnt_of(first).content[0]), "api_group_unknown", "2026-11-01")}
    past = past_of(mapping, [], mapping_sha256="m1", remembered={"quarantined": known})

    for groups, expected in (("VIP", "held"), ("Bayiler", "added")):
        plan = make_plan(sheet_of(mapping, [{**row, "groups": groups}]), book_of(), mapping, past)
        assert outcomes(plan) == [expected]
