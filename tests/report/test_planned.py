"""The plan as something to read: what a person is shown before anything is sent."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sync.change import Change, Forecast, Plan, Remark
from sync.contact import Contact
from sync.grid import Grid
from sync.outcome import Summary
from sync.report import Look, plan_text
from sync.runs import RunFile
from sync.sheet import Sheet
from tests.report.records import an_input
from tests.runs.building import a_meta, phone

SHORT = Remark("phone_too_short", {"cell": "0500"}, "Telefon")
DAY = Remark("date_impossible", {"cell": "31.02.1990"}, "Doğum")
STEERING = "kötü\x1b[2J\u202e\nAd"


def edit(row: int, before: dict[str, Any], after: dict[str, Any]) -> Change:
    existing, desired = Contact(id=100 + row, **before), Contact(id=100 + row, **after)
    fields = tuple(name for name in after if name != "custom_fields")
    return Change(row, "edit", {"gsm": phone(row)}, existing, desired, fields)


def add(row: int, **values: Any) -> Change:
    return Change(row, "add", {"gsm": phone(row)}, None, Contact(gsm=phone(row), **values), ("gsm", *values))


def a_plan(
    folder: Path,
    *changes: Change,
    rejected: int = 0,
    conflicts: int = 0,
    remark: Remark = SHORT,
    notes: dict[int, list[Remark]] | None = None,
    unchanged: int = 0,
    inputs: int = 1,
    **meta: Any,
) -> RunFile:
    """A plan of these changes, then rejected rows, conflicts and unchanged rows; each input has its part of them."""
    outcomes = ["edited" if change.kind == "edit" else "added" for change in changes]
    outcomes += ["rejected"] * rejected + ["conflict"] * conflicts + ["unchanged"] * unchanged
    count = len(outcomes)
    numbers = [n * inputs // count for n in range(count)]
    sources = tuple(
        an_input(name=f"kişiler{n or ''}.csv", cells=Grid.of_rows(range(numbers.count(n)), [["x"]] * numbers.count(n)))
        for n in range(inputs)
    )
    table = pd.DataFrame({"input": numbers, "row": range(2, count + 2), "cells": range(count)}).astype("int64")
    rows = pd.DataFrame(
        {
            "planned": outcomes,
            "contact_id": pd.array([None] * count, dtype="Int64"),
            "key": [phone(n) for n in range(count)],
        }
    )
    troubled = range(len(changes), len(changes) + rejected + conflicts)
    plan = Plan(rows, {n: [remark] for n in troubled}, iter(changes), matched=count, notes=notes or {})
    return RunFile.create(folder / "a.run", a_meta(**meta), Sheet(table, sources, ()), plan)


def shown(run: RunFile, *, look: Look | None = None, reads: int = 0, rate: float = 10.0, **options: Any) -> str:
    summary = Summary(run.meta.run, "planned", run.row_count, run.outcomes(planned=True), requests={"get-groups": 1})
    forecast = Forecast(run.count("planned"), reads, rate)
    return plan_text(run, summary, forecast, look=look or Look(), **options)


def test_an_edit_is_shown_field_by_field_with_the_mappings_labels_and_the_groups_names(tmp_path: Path) -> None:
    change = edit(0, {"name": "Eski", "groups": (7,)}, {"name": "Yeni", "gsm": phone(0), "groups": (7, 8)})

    text = shown(a_plan(tmp_path, change, groups={"7": "Müşteriler", "8": "Bayiler/Ankara"}))

    assert f"  ~ row 2, {phone(0)}\n" in text
    assert "      Ad: Eski → Yeni\n" in text
    assert f"      Telefon: (empty) → {phone(0)}\n" in text
    assert "      groups: Müşteriler → Müşteriler, Bayiler/Ankara\n" in text


def test_an_edit_of_one_field_takes_one_line(tmp_path: Path) -> None:
    text = shown(a_plan(tmp_path, edit(0, {"name": "Eski"}, {"name": "Yeni"})))

    assert f"  ~ row 2, {phone(0)}  Ad: Eski → Yeni\n" in text


def test_of_many_changes_the_first_are_shown_and_the_others_counted(tmp_path: Path) -> None:
    edits = [edit(n, {"name": "Eski"}, {"name": "Yeni"}) for n in range(40)]

    text = shown(a_plan(tmp_path, *edits, *(add(n, name="Ada") for n in range(40, 1240))))

    assert "First edits (5 of 40)" in text
    assert "… and 35 more in the report" in text
    assert "First adds (3 of 1,200)" in text
    assert "… and 1,197 more in the report" in text
    assert 8 == text.count("  row") + text.count("~ row") + text.count("+ row")


def test_a_new_contact_is_shown_without_its_key_twice(tmp_path: Path) -> None:
    text = shown(a_plan(tmp_path, add(0, name="Ada", surname="Işık")))

    assert f"  + row 2, {phone(0)}  Ad: Ada; surname: Işık\n" in text


def test_a_long_value_is_cut_so_that_the_difference_is_seen(tmp_path: Path) -> None:
    text = shown(a_plan(tmp_path, edit(0, {"name": "a" * 200 + "ESKİ"}, {"name": "a" * 200 + "YENİ"})))

    assert "…aaaaaaaaaaaaESKİ → …aaaaaaaaaaaaYENİ" in text
    assert "a" * 61 not in text


@pytest.mark.parametrize("after", ["Ayşe\u00a0Gül", "Ayşe\u200bGül"])
def test_a_difference_that_cannot_be_seen_is_told(tmp_path: Path, after: str) -> None:
    text = shown(a_plan(tmp_path, edit(0, {"name": "Ayşe Gül"}, {"name": after})))

    assert "characters that cannot be seen" in text


def test_blanks_at_the_end_are_seen(tmp_path: Path) -> None:
    assert "“Ayşe ” → Ayşe" in shown(a_plan(tmp_path, edit(0, {"name": "Ayşe "}, {"name": "Ayşe"})))


def test_reasons_are_grouped_with_their_counts_and_first_places(tmp_path: Path) -> None:
    text = shown(a_plan(tmp_path, rejected=40))

    assert "Rejected (40)\n       40  Telefon: “0500” is too short for a phone number." in text
    assert "           rows 2, 3, 4, 5, 6 and 35 more" in text
    assert 1 == text.count("too short")


def test_in_brief_there_are_the_figures_alone(tmp_path: Path) -> None:
    breach = {"guard": "max_edits", "count": 1, "limit": 0, "base": 1}
    run = a_plan(tmp_path, edit(0, {"name": "Eski"}, {"name": "Yeni"}), rejected=40, breaches=[breach])

    text = shown(run, brief=True, allowed=("max_edits",))

    assert "\n  1 to edit, 40 rejected\n" in text
    assert "1 request (1 edit)" in text
    assert "max_edits" in text
    assert "Eski" not in text
    assert "too short" not in text


def test_what_differs_from_row_to_row_stands_beside_its_row(tmp_path: Path) -> None:
    shared = {n: [Remark("phone_too_short", {"cell": f"0500 {n}"}, "Telefon")] for n in range(7)}

    text = shown(a_plan(tmp_path, rejected=7, notes=shared))

    assert "7  Telefon: “…” is too short for a phone number." in text
    assert "rows 2 (“0500 0”), 3 (“0500 1”), 4 (“0500 2”), 5 (“0500 3”), 6 (“0500 4”) and 2 more" in " ".join(
        text.split()
    )
    assert "rows 2, 3, 4, 5, 6 and 2 more" in text  # of the rejected ones, which are all alike


def test_with_several_inputs_a_place_names_its_file(tmp_path: Path) -> None:
    text = shown(a_plan(tmp_path, edit(0, {"name": "Eski"}, {"name": "Yeni"}), rejected=3, inputs=2))

    assert "~ kişiler.csv:2, " in text
    assert "rows kişiler.csv:3, kişiler1.csv:4, kişiler1.csv:5" in text


def test_conflicts_and_notes_have_their_own_sections(tmp_path: Path) -> None:
    conflict = Remark("several_contacts", {"key": "gsm", "ids": "12, 13"})

    text = shown(a_plan(tmp_path, conflicts=2, remark=conflict, notes={0: [DAY], 1: [DAY]}))

    assert "In conflict (2)\n        2  several contacts have this phone number: 12, 13." in text
    assert "Worth knowing (2)\n        2  Doğum: there is no such day" in text


def test_what_applying_takes_counts_the_reads_too(tmp_path: Path) -> None:
    changes = [edit(0, {"name": "Eski"}, {"name": "Yeni"}), *(add(n, name="Ada") for n in range(1, 1200))]

    text = shown(a_plan(tmp_path, *changes), reads=2)

    assert (
        "Applying takes about 1,202 requests (1,199 adds, 1 edit, 2 safety reads): 2 min 0 s at 10 a second."
        in " ".join(text.split())
    )


def test_a_limit_is_told_where_it_bites(tmp_path: Path) -> None:
    run = a_plan(tmp_path, *(add(n, name="Ada") for n in range(5)))

    assert "--limit 2: the first 2 of 5 changes are tried, the rest stays pending." in shown(run, limit=2)
    assert "--limit" not in shown(run, limit=5)


def test_a_plan_without_changes_says_so_plainly(tmp_path: Path) -> None:
    assert "Nothing to change: the book holds every row as the sheet says." in shown(a_plan(tmp_path, unchanged=3))
    assert "every other row" in shown(a_plan(tmp_path, unchanged=3, rejected=1))


BREACH = {"guard": "max_edits", "count": 3001, "base": 10_000, "limit": "30%"}


def test_a_broken_guard_is_told_with_its_figures(tmp_path: Path) -> None:
    text = shown(a_plan(tmp_path, add(0, name="Ada"), breaches=[BREACH]))

    assert "  ! 3,001 edits of 10,000 rows with a contact (30.1%), and max_edits is 30%." in text


def test_a_guard_that_is_lifted_is_told_as_lifted(tmp_path: Path) -> None:
    text = shown(a_plan(tmp_path, add(0, name="Ada"), breaches=[BREACH]), allowed=["max_edits"])

    assert "max_edits is 30%. Lifted this once." in text


def test_a_part_of_the_whole_is_told_as_one(tmp_path: Path) -> None:
    assert "A part of the whole" in shown(a_plan(tmp_path, unchanged=1, partial=True))
    assert "A part of the whole" not in shown(a_plan(tmp_path, unchanged=1))


def hostile(folder: Path) -> RunFile:
    change = edit(0, {"name": STEERING, "groups": (7,)}, {"name": f"{STEERING}!", "groups": (8,)})
    remark = Remark("phone_too_short", {"cell": STEERING}, STEERING)
    labels, groups = {"name": STEERING, "groups": STEERING}, {"7": STEERING, "8": f"{STEERING}!"}
    return a_plan(folder, change, add(1, name=STEERING), rejected=1, remark=remark, labels=labels, groups=groups)


def test_fields_that_one_header_feeds_are_told_apart(tmp_path: Path) -> None:
    header = "Adı Soyadı"
    new = add(0, name="ŞÜKRÜ", surname="GÜNEŞ")
    changed = edit(1, {"surname": "GÜN"}, {"surname": "GÜNEŞ"})

    text = shown(a_plan(tmp_path, new, changed, labels={"name": header, "surname": header}), look=Look(200))

    assert f"{header} (name): ŞÜKRÜ; {header} (surname): GÜNEŞ" in text
    assert f"{header} (surname): GÜN → GÜNEŞ" in text


def test_nobodys_text_steers_the_terminal(tmp_path: Path) -> None:
    text = shown(hostile(tmp_path))

    assert [] == [letter for letter in text if not letter.isprintable() and letter != "\n"]


def test_colours_come_from_us_alone(tmp_path: Path) -> None:
    plain, coloured = shown(hostile(tmp_path)), shown(hostile(tmp_path), look=Look(coloured=True))

    assert "\x1b[31m" in coloured
    for colour in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"):
        coloured = coloured.replace(colour, "")
    assert plain == coloured


@pytest.mark.parametrize("width", [40, 80, 120])
def test_every_line_fits_the_terminal(tmp_path: Path, width: int) -> None:
    name = "uzun " * 40
    change = edit(0, {"name": "x" * 300, "groups": tuple(range(50))}, {"name": name, "groups": (7,)})
    run = a_plan(tmp_path, change, add(1, name=name), rejected=30, breaches=[BREACH])

    assert [] == [line for line in shown(run, look=Look(width)).splitlines() if len(line) > width]
