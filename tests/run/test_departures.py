"""Contacts whose rows have left the sheet: taken out of groups, or deleted, and never more than the job's own."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from sync import run
from sync.errors import RunRefused
from sync.memory import JobMemory
from sync.run.ending import summary
from sync.runs import RunFile
from sync.sandbox.records import StoredContact
from tests.run.nights import HEADER, IDENTITY, Job, Row, a_job, a_row, phone

ROWS = [a_row(number) for number in range(5)]
STAYING = ROWS[:4]
DELETE = {"remote_only": "delete", "guards": {"max_edits": None, "max_deletes": 3, "min_rows": None}}


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    with a_job(tmp_path, **DELETE) as made:
        yield made


@pytest.fixture
def gentle(tmp_path: Path) -> Iterator[Job]:
    with a_job(tmp_path, remote_only="remove_from_groups") as made:
        yield made


def remembered(job: Job) -> list[int]:
    found: list[int] = JobMemory(job.context().account.folder, "nightly").recall().contact_ids.tolist()
    return found


# What is done


def test_a_contact_that_the_job_wrote_is_deleted_when_its_row_leaves_and_forgotten(job: Job) -> None:
    job.night(ROWS)
    left = job.contact(4).id

    night = job.night(STAYING)

    assert night.outcomes == ["unchanged"] * 4
    assert night.left(left) == ("deleted", [])
    assert left not in job.server.contacts
    assert left not in remembered(job)
    assert not job.night(STAYING).departed


def test_a_contact_is_taken_out_of_the_groups_of_the_mapping_alone(gentle: Job) -> None:
    gentle.night(ROWS)
    left = gentle.contact(4).id
    gentle.panel_edits(left, groups=(7, 8))

    night = gentle.night(STAYING)

    assert night.left(left) == ("edited", [])
    assert night.departed[left].changes == {"groups": [[7, 8], [8]]}
    assert gentle.server.contacts[left].groups == (8,)
    assert gentle.server.contacts[left].name == "Ad 4"
    assert not gentle.night(STAYING).departed


def test_a_row_that_comes_back_is_added_again_after_a_delete_and_put_into_its_groups_after_a_removal(
    tmp_path: Path,
) -> None:
    for folder, rules in (("a", DELETE), ("b", {"remote_only": "remove_from_groups"})):
        (tmp_path / folder).mkdir()
        with a_job(tmp_path / folder, **rules) as job:
            job.night(ROWS)
            job.night(STAYING)

            assert job.night(ROWS).outcomes[4] == ("added" if folder == "a" else "edited")
            assert job.contact(4).groups == (7,)


def test_the_summary_counts_them_apart_from_the_rows(job: Job) -> None:
    job.night(ROWS)
    run_file = job.plan(STAYING)
    try:
        planned = summary(run_file)
        asyncio.run(run.apply(job.context(), run_file))
        done = summary(run_file)
    finally:
        run_file.close()

    assert (planned.rows, sum(planned.outcomes.values()), planned.departed) == (4, 4, {"deleted": 1})
    assert (done.rows, sum(done.outcomes.values()), done.departed) == (4, 4, {"deleted": 1})
    assert done.removed == {"deleted": 1, "from_groups": 0, "failed": 0}
    assert (done.status, done.exit_code, done.remote_only) == ("completed", 0, 2)  # it was there when the book was read


def test_a_night_that_is_killed_before_it_could_remember_is_no_trouble_for_the_next(job: Job) -> None:
    job.night(ROWS)
    left = job.contact(4).id
    job.killed_night(STAYING)

    assert left in remembered(job)
    assert not job.night(STAYING).departed
    assert left not in remembered(job)


def test_what_a_limited_night_did_not_come_to_is_done_by_the_next(job: Job) -> None:
    job.night(ROWS)
    gone = {job.contact(3).id, job.contact(4).id}
    assert [row.outcome for row in job.night(ROWS[:3], limit=1).departed.values()] == ["deleted", "pending"]

    assert [row.outcome for row in job.night(ROWS[:3]).departed.values()] == ["deleted"]
    assert not gone & set(job.server.contacts)


# What is left alone


def test_by_default_nothing_is_done(tmp_path: Path) -> None:
    with a_job(tmp_path) as job:
        job.night(ROWS)
        night = job.night(STAYING)

        assert not night.departed
        assert job.contact(4).groups == (7,)


def test_a_contact_that_the_job_only_found_is_never_touched(job: Job) -> None:
    job.server.add_contact(_stored(4))
    assert job.night(ROWS).outcomes[4] == "unchanged"

    assert not job.night(STAYING).departed
    assert job.contact(4).name == "Ad 4"


def test_a_part_of_the_sheet_takes_nobody_out(job: Job) -> None:
    job.night(ROWS)

    assert not job.night(STAYING, partial=True).departed
    assert job.contact(4).name == "Ad 4"


def test_a_contact_with_a_change_of_the_panel_is_a_conflict_and_stays(job: Job) -> None:
    job.night(ROWS)
    changed, regrouped, filled = (job.contact(number).id for number in (2, 3, 4))
    job.panel_edits(changed, name="Panelde")
    job.panel_edits(regrouped, groups=(7, 8))
    job.panel_edits(filled, custom_fields={1: "Ankara", 2: "elle"})

    night = job.night(ROWS[:2])

    for each, field in ((changed, "name"), (regrouped, "groups"), (filled, "custom:2")):
        assert night.left(each) == ("conflict", ["departed_changed"])
        assert night.departed[each].remarks[0].values == {"fields": field}
        assert each in job.server.contacts


def test_a_group_that_only_its_own_row_had_named_is_the_jobs_all_the_same(tmp_path: Path) -> None:
    for folder, rules in (("a", DELETE), ("b", {"remote_only": "remove_from_groups"})):
        (tmp_path / folder).mkdir()
        with a_job(tmp_path / folder, groups={"column": "Grup"}, **rules) as job:
            rows = [{**row, "Grup": "Müşteriler"} for row in STAYING]
            job.night([*rows, {**ROWS[4], "Grup": "Elle"}])
            left = job.contact(4).id

            assert job.night(rows).left(left) == ("deleted" if folder == "a" else "edited", [])
            assert left not in job.server.contacts or job.server.contacts[left].groups == ()


def test_on_panel_change_decides_about_them_too(tmp_path: Path) -> None:
    for rule, outcome in (("keep", "held"), ("overwrite", "deleted")):
        (tmp_path / rule).mkdir()
        with a_job(tmp_path / rule, on_panel_change=rule, **DELETE) as job:
            job.night(ROWS)
            left = job.contact(4).id
            job.panel_edits(left, name="Panelde")

            assert job.night(STAYING).left(left)[0] == outcome


def test_a_contact_that_another_job_has_is_left_alone(tmp_path: Path) -> None:
    with a_job(tmp_path, **DELETE) as job:
        job.night(ROWS)
        left = job.contact(4).id
        own = job.rules
        job.rules = {**own, "name": "others"}
        job.night([ROWS[4]], partial=True)
        job.rules = own

        assert job.night(STAYING).left(left) == ("unchanged", ["departed_other_job"])
        assert left in job.server.contacts
        assert not job.night(STAYING).departed


def test_a_row_whose_phone_cannot_be_read_tonight_keeps_its_contact(job: Job) -> None:
    rows = [{**row, "E-posta": ""} for row in ROWS]
    job.night(rows)
    left = job.contact(4).id

    night = job.night([*rows[:4], {**rows[4], "Cep": "0500 Yok"}])

    assert night.outcomes[4] == "rejected"
    assert night.left(left) == ("held", ["departed_maybe"])
    assert night.departed[left].remarks[0].values == {"rows": "6"}
    assert left in job.server.contacts


def test_a_row_with_another_name_that_cannot_be_read_is_nobody_who_left(job: Job) -> None:
    rows = [{**row, "E-posta": ""} for row in ROWS]
    job.night(rows)
    left = job.contact(4).id

    night = job.night([*rows[:4], {**a_row(9), "Ad": "Zeynep Deniz", "Cep": "yok", "E-posta": ""}])

    assert night.left(left) == ("deleted", [])


def test_a_rejected_row_that_can_be_told_by_its_identity_keeps_its_contact_and_holds_no_other(tmp_path: Path) -> None:
    with a_job(tmp_path, **IDENTITY, **DELETE) as job:
        job.night(ROWS)
        bad, left = job.contact(3).id, job.contact(4).id

        night = job.night([*ROWS[:3], {**ROWS[3], "Cep": "yok", "E-posta": ""}])

        assert bad not in night.departed
        assert night.left(left) == ("deleted", [])
        assert bad in job.server.contacts


def test_a_changed_phone_is_no_departure_where_rows_have_identities(tmp_path: Path) -> None:
    with a_job(tmp_path, **IDENTITY, **DELETE) as job:
        job.night(ROWS)

        night = job.night([*STAYING, {**ROWS[4], "Cep": phone(77), "E-posta": ""}])

        assert (night.outcomes[4], night.departed) == ("edited", {})


def test_somebody_who_was_deleted_in_the_panel_meanwhile_is_forgotten(job: Job) -> None:
    job.night(ROWS)
    left = job.contact(4).id
    job.panel_erases(left)

    assert job.night(STAYING).left(left) == ("unchanged", ["departed_gone"])
    assert not job.night(STAYING).departed


# Rows that may be anybody


@pytest.mark.parametrize("rule", ["error", "first", "last", "merge"])
def test_a_row_with_a_copy_of_another_rows_phone_keeps_its_own_contact(tmp_path: Path, rule: str) -> None:
    with a_job(tmp_path, match=["gsm"], duplicates=rule, **DELETE) as job:
        rows = named(5)
        job.night(rows)
        left = job.contact(4).id

        night = job.night([*rows[:4], {**rows[4], "Cep": phone(0)}])

        assert night.left(left) == ("held", ["departed_maybe"])
        assert left in job.server.contacts


def test_doubled_rows_of_somebody_else_hold_nobody(tmp_path: Path) -> None:
    with a_job(tmp_path, duplicates="first", **DELETE) as job:
        rows = named(5)
        job.night([*rows, rows[0]])

        assert [row.outcome for row in job.night([*rows[:4], rows[0]]).departed.values()] == ["deleted"]
        assert all(each.gsm != phone(4) for each in job.server.contacts.values())


@pytest.mark.parametrize(
    "cells",
    [{"Ad": "AYLİN ŞAHİN"}, {"Ad": "Aylın Şahin"}, {"Ad": "Başka Biri"}, {"Ad": ""}],
    ids=["in capitals", "a letter", "the e-mail", "no name"],
)
def test_a_row_that_cannot_be_read_holds_whom_it_resembles(tmp_path: Path, cells: dict[str, str]) -> None:
    with a_job(tmp_path, match=["gsm"], **DELETE) as job:
        rows = named(5)
        job.night(rows)
        left = job.contact(4).id
        assert job.contact(4).name == "Aylin Şahin"

        night = job.night([*rows[:4], {**rows[4], "Cep": "yok", **cells}])

        assert night.left(left) == ("held", ["departed_maybe"])


def test_a_rejected_row_with_a_new_phone_keeps_its_contact(job: Job) -> None:
    rows = named(5)
    job.night(rows)
    left = job.contact(4).id

    night = job.night([*rows[:4], {**rows[4], "Cep": phone(77), "E-posta": "bozuk@"}])

    assert (night.outcomes[4], night.left(left)) == ("rejected", ("held", ["departed_maybe"]))


def test_an_identity_that_was_typed_as_anothers_keeps_both_contacts(tmp_path: Path) -> None:
    with a_job(tmp_path, **IDENTITY, **DELETE) as job:
        rows = named(5)
        job.night(rows)

        job.night([*rows[:4], {**rows[4], "No": "M-3", "Cep": phone(77), "E-posta": ""}])

        assert [job.contact(number).name for number in (3, 4)] == [rows[3]["Ad"], rows[4]["Ad"]]


def test_a_new_row_that_looks_like_somebody_who_left_holds_that_contact_for_a_night(tmp_path: Path) -> None:
    with a_job(tmp_path, match=["gsm"], **DELETE) as job:
        rows = named(5)
        job.night(rows)
        left = job.contact(4).id
        renumbered = [*rows[:4], {**rows[4], "Cep": phone(77)}]

        first = job.night(renumbered)

        assert (first.outcomes[4], first.left(left)) == ("added", ("held", ["departed_maybe"]))
        assert first.departed[left].remarks[0].values == {"rows": "6"}
        assert job.night(renumbered).left(left) == ("deleted", [])


def test_where_hidden_rows_are_not_read_nobody_has_left(job: Job) -> None:
    job.night(ROWS)
    left = job.contact(4).id
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (HEADER, *([each[name] for name in HEADER] for each in ROWS)):
        sheet.append(row)
    sheet.row_dimensions[6].hidden = True
    path = job.file_of(ROWS).with_suffix(".xlsx")
    book.save(path)
    job.rules = {**job.rules, "source": {"hidden_rows": "skip"}}
    for _ in range(2):
        run_file = asyncio.run(run.plan(job.context(), [path], job.mapping_file))
        asyncio.run(run.apply(job.context(), run_file))
        found = list(run_file.departures())
        run_file.close()

    assert [(row.outcome, [each.code for each in row.remarks]) for row in found] == [("held", ["departed_unread"])]
    assert left in job.server.contacts


def test_on_the_first_night_on_which_rows_are_read_otherwise_nobody_has_left(job: Job) -> None:
    job.night(ROWS)
    left = job.contact(4).id
    job.rules = {**job.rules, "match": ["email", "gsm"]}

    assert job.night(STAYING).left(left) == ("held", ["departed_new_rules"])
    assert job.night(STAYING).left(left) == ("deleted", [])


# What is not the job's


def test_a_contact_that_the_job_has_only_edited_is_not_deleted(job: Job) -> None:
    added = job.server.add_contact(replace(_stored(4), name="Panelden", custom_fields={2: "elle"}))
    assert job.night(ROWS).outcomes[4] == "edited"

    assert job.night(STAYING).left(added.id) == ("conflict", ["departed_not_added"])
    assert added.id in job.server.contacts


def test_a_contact_that_the_panel_has_put_into_its_first_group_stays(tmp_path: Path) -> None:
    with a_job(tmp_path, groups={"column": "Grup"}, **DELETE) as job:
        rows = [{**row, "Grup": "" if number == 4 else "Müşteriler"} for number, row in enumerate(ROWS)]
        job.night(rows)
        left = job.contact(4).id
        job.panel_edits(left, groups=(7,))

        assert job.night(rows[:4]).left(left) == ("conflict", ["departed_changed"])


def test_a_group_into_which_the_panel_has_put_a_contact_is_not_left(tmp_path: Path) -> None:
    with a_job(tmp_path, groups={"column": "Grup"}, remote_only="remove_from_groups") as job:
        rows = [{**row, "Grup": "Müşteriler"} for row in ROWS]
        job.night([*rows, {**a_row(6), "Cep": "yok", "E-posta": "", "Ad": "Zeynep Deniz", "Grup": "Elle"}])
        left = job.contact(4).id
        job.panel_edits(left, groups=(7, 8))

        assert job.night(rows[:4]).left(left) == ("edited", [])
        assert job.server.contacts[left].groups == (8,)


def test_a_contact_that_was_changed_after_the_plan_is_not_deleted(tmp_path: Path) -> None:
    with a_job(tmp_path, **{**DELETE, "guards": {"max_edits": None, "max_deletes": 9, "min_rows": None}}) as job:
        rows = [a_row(number) for number in range(10)]
        job.night(rows)
        last = job.contact(9).id
        run_file = job.plan(rows[:1])
        job.panel_edits(last, name="Eben")
        asyncio.run(run.apply(job.context(), run_file))
        found = {row.contact_id: row.outcome for row in run_file.departures()}
        run_file.close()

        assert (found.pop(last), set(found.values())) == ("conflict", {"deleted"})


def test_somebody_who_was_erased_while_the_row_was_away_is_not_brought_back(job: Job) -> None:
    job.night(ROWS)
    job.panel_erases(job.contact(4).id)
    job.night(STAYING)

    night = job.night(ROWS)

    assert (night.outcomes[4], night.codes(4)) == ("held", ["erased_in_panel"])


# Guards


def test_a_share_binds_deletes_among_a_handful_too(tmp_path: Path) -> None:
    with a_job(tmp_path, **{**DELETE, "guards": {"max_edits": None, "max_deletes": "10%", "min_rows": None}}) as job:
        rows = [a_row(number) for number in range(19)]
        job.night(rows)

        assert job.planned(rows[:18]).breaches == []
        assert job.planned(rows[:17]).breaches == ["max_deletes"]


def test_more_deletes_than_are_allowed_stop_the_night(job: Job) -> None:
    job.night(ROWS)
    before = dict(job.server.contacts)

    with pytest.raises(RunRefused) as raised:
        job.night(ROWS[:1])

    assert raised.value.code == "guard_broken"
    assert job.planned(ROWS[:1]).breaches == ["max_deletes"]
    assert job.server.contacts == before


def test_deletes_must_be_allowed_by_the_mapping(tmp_path: Path) -> None:
    with a_job(tmp_path, remote_only="delete") as job:
        job.night(ROWS)

        assert job.planned(STAYING).breaches == ["max_deletes"]


def test_more_removals_than_are_allowed_stop_the_night(gentle: Job) -> None:
    rows = [a_row(number) for number in range(30)]
    gentle.night(rows)

    assert gentle.planned(rows[:27]).breaches == []
    assert gentle.planned(rows[:26]).breaches == ["max_removals"]


# Undo


def test_an_undo_puts_back_what_has_left(tmp_path: Path) -> None:
    for folder, rules in (("a", DELETE), ("b", {"remote_only": "remove_from_groups"})):
        (tmp_path / folder).mkdir()
        with a_job(tmp_path / folder, **rules) as job:
            job.night(ROWS)
            run_file = job.plan(STAYING)
            asyncio.run(run.apply(job.context(), run_file))
            run_file.close()
            assert 7 not in [
                group for each in job.server.contacts.values() if each.gsm == phone(4) for group in each.groups
            ]
            undo = asyncio.run(run.plan_undo(job.context(), run_file.path))
            asyncio.run(run.apply(job.context(), undo))
            found = [(row.outcome, row.row) for row in undo.rows()]
            undo.close()

            assert found == [("added" if folder == "a" else "edited", 0)]
            assert (job.contact(4).name, job.contact(4).groups) == ("Ad 4", (7,))


def test_what_left_is_read_back(job: Job) -> None:
    job.night(ROWS)
    run_file: RunFile = job.plan(STAYING)
    asyncio.run(run.apply(job.context(), run_file, verify=True))
    verified = run_file.meta.verified
    run_file.close()

    assert verified is not None
    assert (verified.contacts, verified.different) == (1, 0)


def named(count: int) -> list[Row]:
    """Rows of people who cannot be taken for one another."""
    names = ("Deniz Akın", "Mert Yücel", "Pınar Tok", "Ozan Gül", "Aylin Şahin")
    return [a_row(number, Ad=names[number]) for number in range(count)]


def _stored(number: int) -> StoredContact:
    row = a_row(number)
    return StoredContact(
        0, name=row["Ad"], email=row["E-posta"], gsm=row["Cep"], custom_fields={1: row["Şehir"]}, groups=(7,)
    )
