"""The main job through the real command line: rows become contacts, and the report says what the book holds."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from sync.outcome import OUTCOMES, UNDO_ONLY
from sync.sandbox import Faults, Semantics
from tests.cli.conftest import Desk, people

ROWS = [
    ["Ayşe", "Kaya", "ayse@example.com", "0500 100 01 00", "27.09.1984", ""],  # another surname
    ["Çağla", "Öz", "", "+90 (500) 100-01-01", "", ""],  # in no group: enters Müşteriler
    ["İlker", "Işık", "ilker@example.com", "5003000001", "01.02.1990", "Bayiler"],  # new
    ["Şükrü", "Gül", "sukru@example.com", "", "", ""],  # new, without a phone
    ["Bozuk", "Satır", "", "0500 12", "", ""],  # too short
    ["Grupsuz", "Kişi", "", "0500 300 00 02", "", "Yok Böyle"],  # unknown group
]


@pytest.mark.parametrize("wire", ["json", "xml"])
@pytest.mark.parametrize("edit", ["replace", "patch"])
@pytest.mark.parametrize("search", ["substring", "prefix"])
def test_the_book_afterwards_holds_what_the_report_says(
    desk_with: Callable[..., Desk], wire: str, edit: str, search: str
) -> None:
    desk = desk_with(semantics=Semantics(edit=edit, search=search))  # type: ignore[arg-type]  # parametrized words
    desk.sheet(ROWS)

    ended = desk.sync("--wire", wire)

    assert (ended.code, shown(ended.summary)) == (3, {"added": 2, "edited": 2, "rejected": 2})
    contacts = {contact["id"]: contact for contact in book(desk)}
    for row in desk.report():
        if row["outcome"] in ("added", "edited", "unchanged"):
            stored = contacts[int(row["contact_id"])]
            for field, (_, after) in json.loads(row["changes"] or "{}").items():
                assert after == in_book(stored, field), (row, stored)
    assert len(contacts) == 5
    assert contacts[102] == {**contacts[102], "name": "Deniz", "groups": [9]}


@pytest.mark.parametrize("edit", ["replace", "patch"])
@pytest.mark.parametrize("wire", ["json", "xml"])
def test_what_the_mapping_does_not_name_survives_an_edit(desk_with: Callable[..., Desk], edit: str, wire: str) -> None:
    desk = desk_with(semantics=Semantics(edit=edit))  # type: ignore[arg-type]  # parametrized words
    desk.sheet(ROWS[:1])
    desk.write("mapping.yaml", "version: 1\nfields: {gsm: Telefon, surname: Soyad}\n")

    ended = desk.sync("--wire", wire)

    assert shown(ended.summary) == {"edited": 1}
    assert next(contact for contact in book(desk) if contact["id"] == 100) == {
        "id": 100,
        "name": "Ayşe",
        "surname": "Kaya",
        "email": "ayse@example.com",
        "gsm": "+905001000100",
        "custom_fields": {"1": "27/09/1984", "2": "gizli"},
        "groups": [7, 9],
    }


@pytest.mark.parametrize("wire", ["json", "xml"])
def test_a_second_sync_of_the_same_file_only_reads(desk: Desk, wire: str) -> None:
    desk.sheet(ROWS + people(30))
    desk.sync("--wire", wire)
    before, writes = book(desk), desk.calls("add-contact", "edit-contact")

    ended = desk.sync("--wire", wire)

    assert shown(ended.summary) == {"unchanged": 34, "rejected": 2}
    assert before == book(desk)
    assert writes == desk.calls("add-contact", "edit-contact")
    assert not {"add-contact", "edit-contact"} & set(ended.summary["requests"])


def test_every_row_is_in_exactly_one_outcome_and_they_add_up(desk: Desk) -> None:
    desk.sheet([*ROWS, *people(5), ["", "", "", "", "", ""], ["Ayşe", "Kaya", "", "905001000100", "", ""]])
    desk.write("mapping.yaml", (desk.folder / "mapping.yaml").read_text(encoding="utf-8") + "duplicates: first\n")

    summary = desk.sync().summary

    rows = desk.report()
    assert 12 == summary["rows"] == sum(summary["outcomes"].values()) == len(rows)
    assert set(OUTCOMES) - set(UNDO_ONLY) == set(summary["outcomes"])
    assert Counter(row["outcome"] for row in rows) == Counter(shown(summary))
    assert [row["row"] for row in rows][-6:] == ["8", "9", "10", "11", "12", "14"]


@pytest.mark.parametrize(("search", "new"), [("substring", 998), ("prefix", 298)])
def test_many_rows_under_faults_double_nothing_and_lose_nothing(
    desk_with: Callable[..., Desk], search: str, new: int
) -> None:
    faults = Faults(
        too_many=0.05,
        unavailable=0.05,
        lost_after=0.05,
        retry_after=0,
        seed=11,
        only=frozenset({"add-contact", "edit-contact", "search-contacts"}),
    )
    desk = desk_with(faults=faults, semantics=Semantics(search=search))  # type: ignore[arg-type]  # parametrized words
    desk.sheet([*people(new), *ROWS[:2]])

    ended = desk.sync("--settle-after", "5")

    assert (ended.code, shown(ended.summary)) == (0, {"added": new, "edited": 2})
    assert len(book(desk)) == new + 3
    assert {1} == set(Counter(contact["gsm"] for contact in book(desk)).values())
    assert sum(ended.summary["requests"].values()) == len(desk.server.ledger)


def test_an_answer_lost_before_the_write_is_sent_again_once_that_is_certain(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(faults=Faults(lost_before=0.2, seed=5, only=frozenset({"add-contact"})))
    desk.sheet(people(60))

    ended = desk.sync("--settle-after", "1.5", "--timeout", "1")

    outcomes = shown(ended.summary)
    assert sum(outcomes.values()) == 60
    assert outcomes["added"] >= 55  # the very last ones may lack a later write to show that absence is certain
    assert outcomes["added"] + 3 == len(book(desk))
    assert {1} == set(Counter(contact["gsm"] for contact in book(desk)).values())
    assert set(outcomes) <= {"added", "unresolved", "failed"}  # one that is lost three times is given up


def test_an_empty_book_is_filled_and_its_first_add_proves_the_search(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with({"groups": [{"id": 7, "name": "Müşteriler", "parent": None}], "custom_fields": [1]})
    desk.sheet([[*row[:5], ""] for row in people(20)])

    assert shown(desk.sync().summary) == {"added": 20}
    assert len(book(desk)) == 20


def test_a_limited_run_leaves_the_rest_pending_and_resume_does_it(desk: Desk) -> None:
    desk.sheet(people(10))

    limited = desk.sync("--limit", "4", apart=True)
    resumed = desk.run("resume", "--json", "--rate", "2000")

    assert (limited.code, shown(limited.summary)) == (6, {"added": 4, "pending": 6})
    assert (resumed.code, shown(resumed.summary)) == (0, {"added": 10})
    assert limited.summary["run"] == resumed.summary["run"]


def test_a_dry_run_writes_nothing_and_tells_what_would_happen(desk: Desk) -> None:
    desk.sheet(ROWS)

    ended = desk.sync("--dry-run")

    assert (ended.summary["status"], shown(ended.summary)) == ("planned", {"added": 2, "edited": 2, "rejected": 2})
    assert desk.calls("add-contact", "edit-contact") == 0


def book(desk: Desk) -> list[dict[str, Any]]:
    contacts: list[dict[str, Any]] = desk.server.state.to_dict()["contacts"]
    return contacts


def shown(summary: dict[str, Any]) -> dict[str, int]:
    """The outcomes that any row has."""
    return {name: count for name, count in summary["outcomes"].items() if count}


def in_book(stored: dict[str, Any], field: str) -> Any:
    if field == "groups":
        return sorted(stored["groups"])
    if field.startswith("custom:"):
        return stored["custom_fields"].get(field.removeprefix("custom:"), "")
    return stored[field]
