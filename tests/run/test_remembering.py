"""Nights that know of the nights before: what was changed, erased or renumbered meanwhile, what is not sent again."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sync import run
from sync.errors import RunRefused
from sync.memory import JobMemory
from sync.runs import RunFile
from sync.sandbox import Semantics
from sync.sandbox.records import StoredContact
from tests.run.nights import IDENTITY, RULES, Job, a_job, a_row, phone

ROWS = [a_row(number) for number in range(4)]


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    with a_job(tmp_path) as made:
        yield made


def memory_of(job: Job) -> Any:
    return JobMemory(job.context().account.folder, "nightly").recall()


# Recording


def test_a_night_leaves_what_it_has_written_and_the_next_one_what_it_found(job: Job) -> None:
    assert job.night(ROWS).outcomes == ["added"] * 4
    first = memory_of(job)
    assert job.night(ROWS).outcomes == ["unchanged"] * 4
    second = memory_of(job)

    ids = sorted(job.contact(number).id for number in range(4))
    assert first.contact_ids.tolist() == second.contact_ids.tolist() == ids
    assert first.written.all()
    assert second.written.all()
    assert (first.bases == second.bases).all()
    assert [each.rows for each in second.accepted] == [4, 4]


def test_a_plan_alone_teaches_nothing(job: Job) -> None:
    job.night(ROWS)
    before = memory_of(job)
    job.planned([*ROWS, a_row(5)])

    assert memory_of(job).contact_ids.tolist() == before.contact_ids.tolist()


def test_a_row_that_is_remembered_as_it_is_is_not_written_to_the_run_file_again(job: Job) -> None:
    job.night(ROWS)
    job.night(ROWS)
    run_file = job.plan(ROWS)

    assert run_file.connection.execute("SELECT count(*) FROM learnt").fetchone() == (0,)
    run_file.close()


def test_a_night_that_was_killed_before_it_could_remember_is_remembered_by_the_next(job: Job) -> None:
    job.killed_night(ROWS)
    assert len(memory_of(job)) == 0
    job.planned(ROWS)

    assert len(memory_of(job)) == 4


def test_what_a_limited_night_has_done_is_remembered_and_it_is_no_measure(job: Job) -> None:
    job.night(ROWS, limit=2)

    assert len(memory_of(job)) == 2
    assert memory_of(job).accepted == ()


def test_an_undone_night_is_forgotten(job: Job) -> None:
    run_file = job.plan(ROWS)
    asyncio.run(run.apply(job.context(), run_file))
    run_file.close()
    undo = asyncio.run(run.plan_undo(job.context(), run_file.path))
    asyncio.run(run.apply(job.context(), undo, allowed=["max_deletes"]))
    undo.close()

    assert len(memory_of(job)) == 0
    assert job.planned(ROWS).outcomes == ["added"] * 4


# Identities


def test_two_rows_with_one_identity_and_different_phones_are_rejected(tmp_path: Path) -> None:
    with a_job(tmp_path, **IDENTITY) as job:
        night = job.night([*ROWS, {**a_row(9), "No": "M-1"}])

        assert night.outcomes == ["added", "rejected", "added", "added", "rejected"]
        assert night.codes(1) == night.codes(4) == ["identity_doubled"]
        assert night.rows[3].remarks[0].column == "No"


def test_a_row_whose_phone_finds_another_contact_than_its_identity_is_a_conflict(tmp_path: Path) -> None:
    with a_job(tmp_path, **IDENTITY) as job:
        job.night(ROWS)
        other = job.server.add_contact(StoredContact(0, name="Panelden", gsm=phone(55), groups=(8,)))

        night = job.night([*ROWS[:3], {**ROWS[3], "Cep": phone(55), "E-posta": ""}])

        assert (night.outcomes[3], night.codes(3)) == ("conflict", ["identity_elsewhere"])
        assert night.rows[5].remarks[0].values == {"id": other.id, "known": job.contact(3).id}
        assert job.server.contacts[other.id] == other


def test_rows_that_have_exchanged_their_phones_are_conflicts_and_no_contact_becomes_another_person(
    tmp_path: Path,
) -> None:
    with a_job(tmp_path, **IDENTITY) as job:
        job.night(ROWS)
        two, three = ({**ROWS[one], "Cep": phone(other), "E-posta": ""} for one, other in ((2, 3), (3, 2)))

        night = job.night([*ROWS[:2], two, three])

        assert night.outcomes == ["unchanged", "unchanged", "conflict", "conflict"]
        assert [job.contact(number).name for number in (2, 3)] == ["Ad 2", "Ad 3"]


def test_a_row_whose_contact_was_erased_may_mean_the_one_that_its_phone_finds(tmp_path: Path) -> None:
    with a_job(tmp_path, **IDENTITY) as job:
        job.night(ROWS)
        job.panel_erases(job.contact(3).id)
        other = job.server.add_contact(StoredContact(0, name="Panelden", gsm=phone(55), groups=(8,)))

        night = job.night([*ROWS[:3], {**ROWS[3], "Cep": phone(55), "E-posta": ""}])

        assert night.outcomes[3] == "edited"
        assert job.server.contacts[other.id].name == "Ad 3"


# Three ways


def test_what_only_the_panel_changed_is_a_conflict_by_default(job: Job) -> None:
    job.night(ROWS)
    job.panel_edits(job.contact(1).id, name="Panelde Değişti")

    night = job.night(ROWS)

    assert night.outcomes == ["unchanged", "conflict", "unchanged", "unchanged"]
    assert night.codes(1) == ["panel_changed"]
    assert job.contact(1).name == "Panelde Değişti"
    assert job.night(ROWS).outcomes[1] == "conflict"  # and it stays one


def test_a_group_that_the_panel_took_somebody_out_of_is_not_entered_blindly(job: Job) -> None:
    job.night(ROWS)
    job.panel_edits(job.contact(1).id, groups=(8,))

    night = job.night(ROWS)

    assert (night.outcomes[1], night.codes(1)) == ("conflict", ["panel_changed"])
    assert night.rows[3].remarks[0].values == {"fields": "groups"}
    assert job.contact(1).groups == (8,)


def test_on_panel_change_decides_about_groups_too(tmp_path: Path) -> None:
    for rule, outcome, groups in (("keep", "held", (8,)), ("overwrite", "edited", (7, 8))):
        (tmp_path / rule).mkdir()
        with a_job(tmp_path / rule, on_panel_change=rule) as job:
            job.night(ROWS)
            job.panel_edits(job.contact(1).id, groups=(8,))

            assert job.night(ROWS).outcomes[1] == outcome
            assert set(job.contact(1).groups) == set(groups)


def test_a_group_that_the_sheet_names_anew_is_entered_whatever_the_panel_did_with_others(tmp_path: Path) -> None:
    with a_job(tmp_path, groups={"column": "Grup"}) as job:
        rows = [{**row, "Grup": "Müşteriler"} for row in ROWS]
        job.night(rows)
        job.panel_edits(job.contact(1).id, groups=())

        assert job.night([rows[0], {**rows[1], "Grup": "Elle"}, *rows[2:]]).outcomes[1] == "edited"
        assert job.contact(1).groups == (8,)


def test_a_group_that_the_panel_put_somebody_into_is_not_left_blindly(tmp_path: Path) -> None:
    with a_job(tmp_path, groups={"column": "Grup", "mode": "exact"}) as job:
        rows = [{**row, "Grup": "Müşteriler"} for row in ROWS[:3]] + [{**ROWS[3], "Grup": "Elle"}]
        job.night(rows)
        job.panel_edits(job.contact(1).id, groups=(7, 8))

        assert job.night(rows).outcomes == ["unchanged", "conflict", "unchanged", "unchanged"]
        assert job.contact(1).groups == (7, 8)


def test_a_memory_from_before_groups_were_known_is_read_and_learns_them(job: Job) -> None:
    job.night(ROWS)
    path = JobMemory(job.context().account.folder, "nightly").path
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP TABLE group_sets; DROP TABLE own_groups; PRAGMA user_version = 1;")
        connection.execute("UPDATE rows SET mark = 5")
        connection.commit()

    assert job.night(ROWS).outcomes == ["unchanged"] * 4
    assert set(memory_of(job).group_sets.values()) == {frozenset({7})}
    assert memory_of(job).own_groups == {7}


def test_a_row_that_nothing_is_known_of_is_compared_two_ways_and_that_is_said(job: Job) -> None:
    job.server.add_contact(StoredContact(0, name="Panelden", gsm=phone(9), groups=(8,)))
    assert [remark for row in job.night(ROWS).rows.values() for remark in row.remarks] == []

    night = job.night([*ROWS, a_row(9)])

    assert (night.outcomes[4], night.codes(4)) == ("edited", ["compared_two_ways"])
    assert night.rows[6].remarks[0].values == {"fields": "name, email, custom:1"}


def test_what_only_the_sheet_changed_is_written(job: Job) -> None:
    job.night(ROWS)

    assert job.night([a_row(0, Ad="Yeni Ad"), *ROWS[1:]]).outcomes[0] == "edited"
    assert job.contact(0).name == "Yeni Ad"


def test_where_the_sheet_follows_the_panel_the_next_change_of_the_sheet_is_written(job: Job) -> None:
    job.night(ROWS)
    job.panel_edits(job.contact(1).id, name="İkinci")
    assert job.night([ROWS[0], a_row(1, Ad="İkinci"), *ROWS[2:]]).outcomes == ["unchanged"] * 4

    assert job.night([ROWS[0], a_row(1, Ad="Üçüncü"), *ROWS[2:]]).outcomes[1] == "edited"


def test_a_kept_value_of_the_panel_stays_however_often_the_row_is_written(tmp_path: Path) -> None:
    with a_job(tmp_path, on_panel_change="keep") as job:
        job.night(ROWS)
        job.panel_edits(job.contact(1).id, name="Panelde")

        held = job.night(ROWS)
        assert (held.outcomes[1], held.codes(1)) == ("held", ["panel_kept"])
        for city in ("İzmir", "Bursa"):
            night = job.night([ROWS[0], a_row(1, Şehir=city), *ROWS[2:]])
            assert (night.outcomes[1], night.codes(1)) == ("edited", ["panel_kept"])
            assert (job.contact(1).name, dict(job.contact(1).custom_fields)) == ("Panelde", {1: city})


def test_each_field_may_have_its_own_rule(tmp_path: Path) -> None:
    fields = {**RULES["fields"], "name": {"column": "Ad", "on_panel_change": "overwrite"}}
    with a_job(tmp_path, fields=fields) as job:
        job.night(ROWS)
        job.panel_edits(job.contact(1).id, name="Panelde")
        job.panel_edits(job.contact(2).id, email="panel@example.com")

        night = job.night(ROWS)

        assert (night.outcomes[1], night.codes(1)) == ("edited", ["panel_overwritten"])
        assert night.outcomes[2] == "conflict"
        assert job.contact(1).name == "Ad 1"


def test_without_a_base_two_ways_are_compared(job: Job) -> None:
    job.night(ROWS)
    job.panel_edits(job.contact(1).id, name="Panelde")
    memory = JobMemory(job.context().account.folder, "nightly")
    memory.path.unlink()

    assert job.night(ROWS).outcomes[1] == "edited"


# Erased in the panel


def test_who_was_erased_in_the_panel_is_not_brought_back_unless_asked(job: Job) -> None:
    job.night(ROWS)
    job.panel_erases(job.contact(2).id)

    first, second = job.night(ROWS), job.night(ROWS)

    assert (first.outcomes[2], first.codes(2)) == ("held", ["erased_in_panel"])
    assert (second.outcomes[2], second.codes(2)) == ("held", ["erased_in_panel"])
    assert "get-contact" not in second.requests
    since = [night.rows[4].remarks[0].values["since"] for night in (first, second)]
    assert since[0] == since[1]
    assert job.night(ROWS, brings_back=True).outcomes[2] == "added"
    assert job.night(ROWS).outcomes == ["unchanged"] * 4
    assert memory_of(job).erased == {}


def test_who_gets_another_number_in_the_panel_is_a_conflict_and_no_second_contact(job: Job) -> None:
    job.night(ROWS)
    job.panel_edits(job.contact(2).id, gsm=phone(77), email="")

    night = job.night(ROWS)

    assert night.outcomes[2] == "conflict"
    assert len(job.server.contacts) == 5


# Changed keys


@pytest.mark.parametrize("email", ["k1@example.com", ""])
def test_a_new_number_edits_the_contact_of_the_same_identity(tmp_path: Path, email: str) -> None:
    rows = [ROWS[0], a_row(1, **{"E-posta": email}), *ROWS[2:]]
    with a_job(tmp_path, **IDENTITY) as job:
        job.night(rows)
        before = job.contact(1).id

        assert job.night([rows[0], {**rows[1], "Cep": phone(50)}, *rows[2:]]).outcomes[1] == "edited"
        assert job.contact(50).id == before
        assert len(job.server.contacts) == 5


def test_a_new_number_and_a_new_address_edit_the_contact_of_the_same_identity(tmp_path: Path) -> None:
    with a_job(tmp_path, **IDENTITY) as job:
        job.night(ROWS)
        before = job.contact(1).id
        moved = a_row(1, Cep=phone(50), **{"E-posta": "yeni@example.com"})

        assert job.night([ROWS[0], moved, *ROWS[2:]]).outcomes[1] == "edited"
        assert job.contact(50).id == before
        assert job.night([ROWS[0], moved, *ROWS[2:]]).outcomes == ["unchanged"] * 4


def test_without_an_identity_a_weaker_key_of_one_row_that_has_left_decides(job: Job) -> None:
    job.night(ROWS)
    before = job.contact(1).id

    assert job.night([ROWS[0], a_row(1, Cep=phone(50)), *ROWS[2:]]).outcomes[1] == "edited"
    assert job.contact(50).id == before


def test_a_weaker_key_of_a_row_that_is_still_there_is_somebody_elses(job: Job) -> None:
    job.night(ROWS)

    night = job.night([*ROWS, a_row(50, **{"E-posta": "k1@example.com"})])

    assert night.outcomes == ["unchanged"] * 4 + ["conflict"]


def test_a_part_of_the_whole_shows_nobody_leaving(job: Job) -> None:
    job.night(ROWS)

    assert job.night([a_row(1, Cep=phone(50))], partial=True).outcomes == ["conflict"]


# Quarantine


def test_what_was_stored_otherwise_is_not_sent_again_until_the_row_changes(tmp_path: Path) -> None:
    with a_job(tmp_path, Semantics(values=("upper",))) as job:
        first = job.night(ROWS)
        assert all(row.altered for row in first.rows.values())

        second = job.night(ROWS)
        third = job.night([a_row(0, Ad="Başka"), *ROWS[1:]])

        assert second.outcomes == ["held"] * 4
        assert second.codes(0) == ["quarantined"]
        assert third.outcomes == ["edited", "held", "held", "held"]


# Drift


def many(count: int, **cells: str) -> list[Any]:
    return [a_row(number, **cells) for number in range(count)]


def test_half_a_file_is_refused(job: Job) -> None:
    job.night(many(30))

    with pytest.raises(RunRefused) as raised:
        job.night(many(14))

    assert raised.value.code == "guard_broken"
    assert job.planned(many(14)).breaches == ["min_rows"]
    assert job.planned(many(15)).breaches == []
    assert job.planned(many(14), partial=True).breaches == []


def test_a_column_that_has_emptied_is_refused(job: Job) -> None:
    job.night(many(30))

    assert job.planned(many(30, Şehir="")).breaches == ["same_columns"]


def test_many_more_bad_cells_than_before_are_refused(job: Job) -> None:
    job.night(many(30))

    bad = [a_row(number, Cep="123") if number < 18 else a_row(number) for number in range(30)]

    assert job.planned(bad).breaches == ["max_bad"]


def test_the_same_input_is_known_again(job: Job) -> None:
    job.night(ROWS)
    path, mapping_file = job.file_of(ROWS), job.mapping_file
    found = run.same_input(job.context(), [path], mapping_file)

    assert found is not None
    assert found.rows == 4
    assert run.same_input(job.context(), [job.file_of(ROWS[:3])], mapping_file) is None
    job.rules = {**job.rules, "on_blank": "clear"}
    assert run.same_input(job.context(), [job.file_of(ROWS)], job.mapping_file) is None


def test_an_earlier_plan_that_knew_no_memory_can_be_applied(job: Job) -> None:
    run_file = job.plan(ROWS)
    run_file.connection.execute("DELETE FROM learnt")
    run_file.connection.execute("DELETE FROM meta WHERE name IN ('watched', 'figures', 'remembered')")
    run_file.connection.commit()
    path = run_file.path
    run_file.close()
    opened = RunFile.open(path)

    asyncio.run(run.apply(job.context(), opened))

    opened.close()
    assert len(memory_of(job)) == 0
