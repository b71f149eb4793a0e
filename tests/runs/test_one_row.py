"""One row among all: found by its place or its keys, and what the file knows of it."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from sync.change import Change, Plan, Remark, Settled
from sync.contact import Contact
from sync.errors import UsageError
from sync.grid import Grid
from sync.runs import RunFile, RunJournal, one_row
from sync.sheet import Sheet
from tests.report.records import an_input
from tests.runs.building import a_meta, a_run, change_of, journaled, phone

CELLS = [
    ["Ayşe", "0500 111 00 01", "ayse@example.com"],
    ["Ali", "0500-111-00-02 / 0500.111.00.03", "ALI@EXAMPLE.COM; ali2@example.com"],
    ["Çağla", "(0500) 111 00 04", ""],
]


@pytest.fixture
def run_file(tmp_path: Path) -> Iterator[RunFile]:
    with_rows = a_run(tmp_path / "a.run", 12)
    yield with_rows
    with_rows.close()


@pytest.fixture
def rejected(tmp_path: Path) -> Iterator[RunFile]:
    """A run of two inputs whose rows are all rejected, so that there are cells alone to find them by."""
    inputs = tuple(an_input(name=name, cells=Grid.of_rows(range(2, 5), CELLS)) for name in ("bir.csv", "iki.csv"))
    places = {"input": [0, 0, 0, 1, 1, 1], "row": [2, 3, 4] * 2, "cells": range(6)}
    sheet = Sheet(pd.DataFrame(places).astype("int64"), inputs, ())
    rows = pd.DataFrame(
        {"planned": ["rejected"] * 6, "contact_id": pd.array([None] * 6, dtype="Int64"), "key": [""] * 6}
    )
    found = RunFile.create(tmp_path / "b.run", a_meta(), sheet, Plan(rows, {}, (), matched=0))
    yield found
    found.close()


def test_a_row_is_found_by_its_number_in_the_inputs_that_are_meant(rejected: RunFile) -> None:
    assert list(one_row.at_place(rejected, 3, [0, 1])) == [1, 4]
    assert list(one_row.at_place(rejected, 3, [1])) == [4]
    assert list(one_row.at_place(rejected, 7, [0, 1])) == []


def test_the_nearest_rows_are_those_before_and_after(run_file: RunFile) -> None:
    run_file.connection.execute("DELETE FROM rows WHERE row BETWEEN 5 AND 8 AND planned = 'rejected'")

    assert list(one_row.beside(run_file, 1, 0)) == [2]
    assert list(one_row.beside(run_file, 5, 0)) == [4, 6]
    assert list(one_row.beside(run_file, 99, 0)) == [13]
    assert list(one_row.beside(run_file, 5, 1)) == []


@pytest.mark.parametrize("number", range(12))
def test_every_row_is_found_by_its_strongest_key(run_file: RunFile, number: int) -> None:
    assert list(one_row.with_key(run_file, "gsm", phone(number))) == [number]


@pytest.mark.parametrize(
    ("key", "value", "row"),
    [("gsm", "+905001110001", 0), ("gsm", "+905001110002", 1), ("gsm", "+905001110003", 1), ("gsm", "+905001110004", 2),
     ("email", "ayse@example.com", 0), ("email", "ali@example.com", 1), ("email", "ali2@example.com", 1)],
)  # fmt: skip
def test_a_row_is_found_by_any_spelling_in_its_cells(rejected: RunFile, key: str, value: str, row: int) -> None:
    assert list(one_row.with_key(rejected, key, value)) == [row, row + 3]


@pytest.mark.parametrize(
    ("key", "value"),
    [("gsm", "+905001110005"), ("gsm", "+90500111000"), ("email", "li@example.com"), ("email", "ayse@example.co")],
)
def test_what_only_resembles_a_key_is_not_found(rejected: RunFile, key: str, value: str) -> None:
    assert list(one_row.with_key(rejected, key, value)) == []


def test_a_row_is_found_by_what_the_contact_had_before_and_has_now(tmp_path: Path) -> None:
    sheet = Sheet(
        pd.DataFrame({"input": [0], "row": [2], "cells": [0]}), (an_input(cells=Grid.of_rows([2], [["x"]])),), ()
    )
    rows = pd.DataFrame({"planned": ["edited"], "contact_id": pd.array([7], dtype="Int64"), "key": [phone(1)]})
    before, after = (
        Contact(7, email="eski@example.com", gsm=phone(1)),
        Contact(7, email="yeni@example.com", gsm=phone(1)),
    )
    change = Change(0, "edit", {"gsm": phone(1)}, before, after, ("email",))
    run_file = RunFile.create(tmp_path / "c.run", a_meta(), sheet, Plan(rows, {}, [change], matched=1))
    stored = Contact(7, email="saklanan@example.com", gsm=phone(1))

    async def settle(journal: RunJournal) -> None:
        await journal.sending(0)
        await journal.settled(0, Settled("edited", 7, stored=stored))

    journaled(run_file, settle)
    for email in ("eski@example.com", "yeni@example.com", "saklanan@example.com"):
        assert list(one_row.with_key(run_file, "email", email)) == [0]
    run_file.close()


def test_a_story_has_the_change_its_transitions_and_what_is_stored(run_file: RunFile) -> None:
    stored = Contact(77, "Ad 0 ğüş", "Soyad", "", phone(0), {}, (7,))

    async def work(journal: RunJournal) -> None:
        await journal.sending(0)
        await journal.unsure(0, "api_no_answer")
        remark = Remark("stored_altered", {"fields": "custom:1"})
        await journal.settled(0, Settled("added", 77, remark, {"custom:1": ["01/02/2024", ""]}, stored))

    journaled(run_file, work)
    (told,) = one_row.stories(run_file, [0])

    assert told.change == change_of(0)
    assert told.stored == stored
    assert [(each.state, each.detail) for each in told.transitions] == [
        ("sending", ""), ("unsure", "api_no_answer"), ("done", "stored_altered"),
    ]  # fmt: skip
    assert (told.row.outcome, told.row.contact_id, told.row.row) == ("added", 77, 2)
    assert told.row.altered == {"custom:1": ["01/02/2024", ""]}


def test_a_story_of_a_plan_tells_what_the_row_would_become(run_file: RunFile) -> None:
    outcomes = [each.row.outcome for each in one_row.stories(run_file, range(4), planned=True)]

    assert outcomes == ["added", "edited", "unchanged", "rejected"]
    assert [each.row.outcome for each in one_row.stories(run_file, range(2))] == ["pending", "pending"]


def test_a_damaged_change_is_told_as_damage(run_file: RunFile) -> None:
    run_file.connection.execute("UPDATE changes SET data = '{' WHERE number = 0")

    with pytest.raises(UsageError) as error:
        list(one_row.stories(run_file, [0]))
    assert error.value.code == "run_file_damaged"
