"""What holds for every sheet and every book, however they collide: few key values, many meetings."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from sync.book import Book
from sync.change import Plan
from sync.contact import Contact
from sync.coverage import Coverage
from sync.diff import make_plan
from sync.mapping import Mapping as Rules
from sync.outcome import OUTCOMES

from .making import ALI, AYSE, CERTAIN, CLIENTS, DEALERS, VELI, VIP, A, B, C, book_after, book_of, rules, sheet_of

PHONES, EMAILS, MEMBERS = (A, B, C), (ALI, VELI, AYSE), ("M1", "M2")
FORMS = {A: (A, "0530 111 22 01"), B: (B, "5301112202"), C: (C,)}
KEYS = (
    ("gsm", "email"),
    ("email", "gsm"),
    ("id", "gsm", "email"),
    ("custom:3", "gsm"),
    ("gsm",),
    ("email", "custom:3"),
)

Row = dict[str, str]
Table = list[Row]


def maybe(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(("", "", *values))


@st.composite
def tables(draw: st.DrawFn, *, with_id: bool) -> Table:
    row = {
        "gsm": maybe(*PHONES),
        "email": maybe(*EMAILS, "Ali@Example.com"),
        "custom:3": maybe(*MEMBERS),
        "name": maybe("Ali", "Veli"),
        "custom:1": maybe("27/09/2024"),
        "groups": maybe("VIP", "Bayiler", "VIP\nMüşteriler"),
    }
    if with_id:
        row["id"] = maybe("1", "2", "3", "9")
    rows = draw(st.lists(st.fixed_dictionaries(row), min_size=1, max_size=6))
    return [{name: text for name, text in each.items() if text} for each in rows]


@st.composite
def books(draw: st.DrawFn, *, coverage: Coverage | None = CERTAIN) -> Book:
    contacts = draw(st.lists(contact_parts(), max_size=4))
    known = coverage
    if known is None:
        known = Coverage(
            {
                "gsm": draw(st.frozensets(st.sampled_from(PHONES))),
                "email": draw(st.frozensets(st.sampled_from(EMAILS))),
            },
            uncertain=draw(st.frozensets(st.sampled_from(("gsm", "email")), max_size=1)),
        )
    return book_of(
        *(Contact(**{**parts, "id": number}) for number, parts in enumerate(contacts, start=1)), coverage=known
    )


@st.composite
def contact_parts(draw: st.DrawFn) -> dict[str, Any]:
    phone = draw(maybe(*PHONES))
    custom = {3: draw(maybe(*MEMBERS)), 1: draw(maybe("27.09.2024", "1/1/2000")), 8: draw(maybe("panel"))}
    return {
        "gsm": draw(st.sampled_from(FORMS[phone])) if phone else "",
        "email": draw(maybe(*EMAILS, "ALI@example.com")),
        "name": draw(maybe("Ali", " Ali ", "Ayşe")),
        "custom_fields": {number: text for number, text in custom.items() if text},
        "groups": tuple(draw(st.lists(st.sampled_from((CLIENTS, DEALERS, VIP, 99)), unique=True))),
    }


def mappings(
    *, keys: Sequence[tuple[str, ...]] = KEYS, duplicates: Sequence[str] = ("error", "first", "last", "merge")
) -> st.SearchStrategy[Rules]:
    def made(match: tuple[str, ...], choice: Mapping[str, Any], mode: str, always: list[str]) -> Rules:
        fields = {"gsm": "Cep", "email": "E-posta", "name": "Ad"} | ({"id": "No"} if "id" in match else {})
        custom = {1: {"column": "Doğum", "type": "date"}, 2: {"value": "import"}, 3: "Üye No"}
        groups = {"column": "Grup", "mode": mode, "always": always}
        return rules(fields=fields, match=list(match), custom_fields=custom, groups=groups, **choice)

    return st.builds(
        made,
        st.sampled_from(list(keys)),
        st.fixed_dictionaries(
            {
                "on_key_change": st.sampled_from(("conflict", "edit")),
                "duplicates": st.sampled_from(list(duplicates)),
                "on_blank": st.sampled_from(("keep", "clear")),
            }
        ),
        st.sampled_from(("add", "exact", "keep")),
        st.sampled_from(([], ["Müşteriler"])),
    )


@st.composite
def cases(draw: st.DrawFn, *, coverage: Coverage | None = CERTAIN, **choices: Any) -> tuple[Rules, Table, Book]:
    mapping = draw(mappings(**choices))
    return mapping, draw(tables(with_id="id" in mapping.keys)), draw(books(coverage=coverage))


def plan_of(case: tuple[Rules, Table, Book]) -> Plan:
    mapping, table, book = case
    return make_plan(sheet_of(mapping, table), book, mapping)


# Cases are small as they are drawn; making them smaller still would take minutes (a plan takes 50 ms).
many = settings(
    max_examples=50,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


# A reference: the design's "Matching", one row at a time


def key_of(values: Mapping[str, str], key: str) -> str:
    text = values.get(key, "")
    if key == "gsm":
        return next((phone for phone, forms in FORMS.items() if text in forms), text)
    return text.strip().lower() if key == "email" else text


def keys_of_contact(contact: Contact, keys: Sequence[str]) -> dict[str, str]:
    values = {"gsm": contact.gsm, "email": contact.email, "custom:3": contact.value("custom:3"), "id": str(contact.id)}
    return {key: value for key in keys if (value := key_of(values, key))}


def meant(row: Mapping[str, str], contacts: Sequence[Contact], mapping: Rules, coverage: Coverage) -> int | str:
    """The id of the contact that a row means by itself; else what becomes of the row."""
    keys = list(mapping.keys)
    has = {each.id: keys_of_contact(each, keys) for each in contacts if each.id is not None}
    mine = {key: value for key in keys if (value := key_of(row, key))}
    if not mine or ("id" in mine and int(mine["id"]) not in has):
        return "rejected"
    pointed = {key: [each for each in has if has[each].get(key) == value] for key, value in mine.items()}
    for key in mine:
        candidates = pointed[key]
        if not candidates:
            continue
        stronger = [each for each in mine if keys.index(each) < keys.index(key)]
        lacking = [each for each in candidates if not any(other in has[each] for other in stronger)]
        if not lacking and mapping.on_key_change == "conflict":
            return "conflict"
        candidates = lacking or candidates
        further = [each for each in mine if keys.index(each) > keys.index(key)]
        for other in further:
            candidates = [each for each in candidates if each in pointed[other]] or candidates
        if len(candidates) > 1 or any(pointed[other] and candidates[0] not in pointed[other] for other in further):
            return "conflict"
        return candidates[0]
    leading = next(iter(mine))
    return "added" if coverage.proves_absent(leading, mine[leading]) else "conflict"


def yield_to_stronger_rows(
    found: list[int | str], mine: Sequence[Mapping[str, str]], ranks: Sequence[int], keys: Sequence[str]
) -> None:
    """A row with a weaker key only is in conflict where a row with a stronger one has it too: see `expected`."""

    def shares(row: int, other: int) -> bool:
        key = keys[ranks[row]]
        return ranks[other] < ranks[row] and mine[other].get(key) == mine[row][key]

    open_rows = [row for row, each in enumerate(found) if each == "added" or isinstance(each, int)]
    for row in open_rows:
        if any(shares(row, other) for other in open_rows):
            found[row] = "conflict"
    for row in sorted(open_rows, key=lambda each: ranks[each]):
        if found[row] == "added" and any(each == "conflict" and shares(row, i) for i, each in enumerate(found)):
            found[row] = "conflict"


def expected(mapping: Rules, table: Table, book: Book) -> list[tuple[str, int | None]]:
    """What becomes of each row, and its contact; `matched` stands for edited and unchanged alike."""
    contacts = [book.contact(position) for position in range(len(book))]
    keys = list(mapping.keys)
    mine = [{key: value for key in keys if (value := key_of(row, key))} for row in table]
    leading = [next(iter(each), "") for each in mine]
    found: list[int | str] = [meant(row, contacts, mapping, book.coverage) for row in table]
    by_key: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(leading):
        if key:
            by_key.setdefault((key, mine[row][key]), []).append(row)
    for rows in by_key.values():
        winner = {"error": None, "first": rows[0], "last": rows[-1]}[mapping.duplicates]
        for row in rows if len(rows) > 1 else []:
            if row != winner:
                found[row] = "rejected" if winner is None else "duplicate"
    has = {each.id: keys_of_contact(each, keys) for each in contacts}
    claims = sorted(
        (next(rank for rank, key in enumerate(keys) if key in mine[row] and mine[row][key] == has[contact].get(key)),
         keys.index(leading[row]), row, contact)
        for row, contact in enumerate(found)
        if isinstance(contact, int)
    )  # fmt: skip
    taken: set[int] = set()
    for *_, row, contact in claims:
        found[row] = "conflict" if contact in taken else contact
        taken.add(contact)
    yield_to_stronger_rows(found, mine, [keys.index(each) if each else len(keys) for each in leading], keys)
    return [("matched", each) if isinstance(each, int) else (each, None) for each in found]


@pytest.mark.parametrize("on_key_change", ["conflict", "edit"])
@pytest.mark.parametrize("match", KEYS)
@given(data=st.data())
@many
def test_matching_agrees_with_the_rules_written_out_row_by_row(
    match: tuple[str, ...], on_key_change: str, data: st.DataObject
) -> None:
    mapping, table, book = data.draw(cases(coverage=None, keys=[match], duplicates=("error", "first", "last")))
    mapping = mapping.model_copy(update={"on_key_change": on_key_change})

    rows = plan_of((mapping, table, book)).rows

    actual = [
        ("matched" if outcome in ("edited", "unchanged") else outcome, None if pd.isna(contact) else int(contact))
        for outcome, contact in zip(rows["planned"], rows["contact_id"], strict=True)
    ]
    assert actual == expected(mapping, table, book)


# Safety


@given(cases(coverage=None))
@many
def test_no_contact_is_added_whose_strongest_key_is_in_the_book(case: tuple[Rules, Table, Book]) -> None:
    mapping, _, book = case
    stored = {key: set(book.keys(key).dropna()) for key in mapping.keys}

    adds = [change for change in plan_of(case).changes if change.kind == "add"]

    assert [add for add in adds if any(value in stored[key] for key, value in add.keys.items())] == []


@given(cases(duplicates=("merge",)))
@many
def test_no_contact_is_added_by_a_merged_row_any_key_of_which_is_in_the_book(case: tuple[Rules, Table, Book]) -> None:
    mapping, _, book = case
    stored = {key: set(book.keys(key).dropna()) for key in mapping.keys if key != "id"}
    keys = [key for key in stored if key != "id"]

    adds = [change.desired for change in plan_of(case).changes if change.kind == "add"]

    assert [add for add in adds for key in keys if key_of({key: add.value(key)}, key) in stored[key]] == []


@given(cases())
@many
def test_no_two_rows_edit_one_contact(case: tuple[Rules, Table, Book]) -> None:
    ids = [change.desired.id for change in plan_of(case).changes if change.kind == "edit"]

    assert len(ids) == len(set(ids))


@given(cases(duplicates=("error", "first", "last", "merge")))
@many
def test_no_two_adds_have_the_same_strongest_key(case: tuple[Rules, Table, Book]) -> None:
    leading = [next(iter(change.keys.items())) for change in plan_of(case).changes if change.kind == "add"]

    assert len(leading) == len(set(leading))


@given(cases(coverage=None))
@many
def test_every_row_has_exactly_one_outcome_and_they_add_up(case: tuple[Rules, Table, Book]) -> None:
    plan = plan_of(case)
    rows = len(case[1])

    assert plan.rows.index.tolist() == list(range(rows))
    assert set(plan.rows["planned"]) <= set(OUTCOMES)
    assert sum(plan.counts().values()) == rows


@given(cases(coverage=None))
@many
def test_there_is_a_change_for_each_added_and_edited_row_and_for_no_other(case: tuple[Rules, Table, Book]) -> None:
    plan = plan_of(case)
    outcome = {"add": "added", "edit": "edited"}

    changes = [(change.row, outcome[change.kind]) for change in plan.changes]

    expected_changes = [
        (row, str(each)) for row, each in enumerate(plan.rows["planned"]) if each in ("added", "edited")
    ]
    assert changes == expected_changes


@given(cases())
@many
def test_an_edit_changes_no_field_that_it_does_not_name(case: tuple[Rules, Table, Book]) -> None:
    for change in plan_of(case).changes:
        if change.existing is not None:
            before, after = change.existing.to_dict(), change.desired.to_dict()
            touched = {
                *(name for name in before if name != "custom_fields" and before[name] != after[name]),
                *(
                    f"custom:{number}"
                    for number in {**before["custom_fields"], **after["custom_fields"]}
                    if before["custom_fields"].get(number) != after["custom_fields"].get(number)
                ),
            }
            assert touched == set(change.fields)


@given(cases())
@many
def test_a_row_that_is_not_in_the_book_as_it_says_has_a_remark(case: tuple[Rules, Table, Book]) -> None:
    plan = plan_of(case)
    troubled = {row for row, each in enumerate(plan.rows["planned"]) if each in ("rejected", "conflict", "duplicate")}

    assert troubled == set(plan.remarks)


# Convergence: apply, then plan again


def second_plan(case: tuple[Rules, Table, Book]) -> tuple[Plan, Plan]:
    mapping, table, book = case
    first = plan_of(case)
    return first, make_plan(sheet_of(mapping, table), book_after(book, first), mapping)


@given(cases())
@many
def test_rows_that_were_carried_out_need_nothing_when_planned_again(case: tuple[Rules, Table, Book]) -> None:
    first, second = second_plan(case)
    done = [row for row, each in enumerate(first.rows["planned"]) if each in ("added", "edited", "unchanged")]

    assert [change for change in second.changes if change.row in done] == []


@given(cases())
@many
def test_a_plan_without_conflicts_that_was_carried_out_leaves_nothing_to_do(case: tuple[Rules, Table, Book]) -> None:
    first, second = second_plan(case)
    assume("conflict" not in set(first.rows["planned"]))
    # An id that nobody had may be the one that a new contact gets.
    assume("id_unknown" not in {remark.code for remarks in first.remarks.values() for remark in remarks})

    assert second.counts().keys() & {"added", "edited", "conflict"} == set()
