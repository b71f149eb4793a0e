"""What a saved plan is bound to; each refusal says what to do next."""

import hashlib
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sync import messages
from sync.errors import RunRefused
from sync.runs import Account, RunFile, StateDirectory, check_appliable, check_resumable
from sync.settings import Credentials
from sync.sheet import Input, Sheet
from tests.runs.building import a_meta, a_plan, a_sheet

READ_AT = datetime.fromisoformat("2026-11-21T11:59:00+00:00")
URL = "https://api.example.com/v1"


@dataclass
class Bound:
    """A plan in its folder, with the input and the mapping that it was made from."""

    folder: Path
    account: Account
    run_file: RunFile

    def refusal(self, *, hours: float = 1, account: Account | None = None) -> str | None:
        """What an apply says, so many hours after the book was read; None where it is accepted."""
        try:
            check_appliable(self.run_file, account or self.account, READ_AT + timedelta(hours=hours))
        except RunRefused as error:
            return messages.error_text(error)
        return None


def bound(folder: Path, *, path: str = "kişiler 1.csv", **meta: Any) -> Bound:
    (folder / "kişiler 1.csv").write_bytes(b"Ad;Telefon\n")
    (folder / "mapping.yaml").write_bytes(b"version: 1\n")
    account = StateDirectory(folder / "state").account(URL, Credentials("anahtar", "özet"))
    sheet = a_sheet(12)
    facts = {name: getattr(sheet.inputs[0], name) for name in Input.__slots__}
    found = Input(**{**facts, "path": path, "sha256": hashlib.sha256(b"Ad;Telefon\n").hexdigest()})
    known = a_meta(
        account=account.id,
        mapping=str(folder / "mapping.yaml"),
        mapping_sha256=hashlib.sha256(b"version: 1\n").hexdigest(),
        **meta,
    )
    run_file = RunFile.create(folder / "a.run", known, Sheet(sheet.table, (found,), ()), a_plan(12))
    return Bound(folder, account, run_file)


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bound:
    monkeypatch.chdir(tmp_path)
    return bound(tmp_path)


def again(plan: Bound) -> str:
    return f"imsync plan '{plan.folder}/kişiler 1.csv' -m {plan.folder}/mapping.yaml"


def test_a_fresh_plan_is_accepted(plan: Bound) -> None:
    assert None is plan.refusal()


def test_a_plan_is_accepted_in_another_folder_than_it_was_made_in(
    plan: Bound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    assert None is plan.refusal()


def test_a_plan_from_standard_input_is_accepted(tmp_path: Path) -> None:
    assert None is bound(tmp_path, path="-").refusal()


@pytest.mark.fault("The clock is wrong", "a plan is older than a day", "the plan is refused (exit 4)")
def test_a_plan_holds_for_a_day(plan: Bound) -> None:
    assert None is plan.refusal(hours=24)
    said = plan.refusal(hours=25.5) or ""

    assert "the plan is 25 hours old" in said
    assert said.endswith(again(plan))


def test_age_is_not_judged_when_a_run_is_resumed(plan: Bound) -> None:
    plan.account.record_writer(plan.run_file.meta.run)

    check_resumable(plan.run_file, plan.account)  # its clock is nowhere asked for


def test_a_plan_for_another_account_is_refused(plan: Bound) -> None:
    other = StateDirectory(plan.folder / "state").account(URL, Credentials("başka", "özet"))

    said = plan.refusal(account=other) or ""

    assert "made for another account" in said
    assert said.endswith(again(plan))


@pytest.mark.fault(
    "Files change or are damaged",
    "sheet or mapping changed after the plan",
    "the plan is refused (exit 4)",
)
@pytest.mark.parametrize("name", ["kişiler 1.csv", "mapping.yaml"])
def test_a_plan_is_refused_when_what_it_was_made_from_has_changed(plan: Bound, name: str) -> None:
    (plan.folder / name).write_bytes(b"other")

    said = plan.refusal() or ""

    assert f"{name} has changed since the plan was made." in said
    assert said.endswith(again(plan))


@pytest.mark.parametrize("name", ["kişiler 1.csv", "mapping.yaml"])
def test_a_plan_is_refused_when_what_it_was_made_from_is_gone(plan: Bound, name: str) -> None:
    (plan.folder / name).unlink()

    assert f"{name} is not there any more" in (plan.refusal() or "")


def test_a_file_that_was_saved_again_with_the_same_content_is_no_change(plan: Bound) -> None:
    (plan.folder / "kişiler 1.csv").write_bytes(b"Ad;Telefon\n")

    assert None is plan.refusal()


def test_a_plan_is_refused_when_another_run_has_written_since(plan: Bound) -> None:
    plan.account.record_writer("20261121T1300-other1")

    said = plan.refusal() or ""

    assert "another run (20261121T1300-other1) has written" in said
    assert said.endswith(again(plan))


def test_a_plan_that_was_made_after_a_run_follows_it(tmp_path: Path) -> None:
    plan = bound(tmp_path, path="-", after="20261121T1000-before")
    plan.account.record_writer("20261121T1000-before")

    assert None is plan.refusal()


@pytest.mark.parametrize("status", ["applying", "interrupted", "aborted"])
def test_a_plan_that_was_begun_is_to_be_resumed(plan: Bound, status: str) -> None:
    plan.run_file.meta.status = status
    plan.account.record_writer(plan.run_file.meta.run)

    said = plan.refusal() or ""

    assert "has been begun already" in said
    assert said.endswith(f"imsync resume {plan.run_file.meta.run}")


@pytest.mark.parametrize("status", ["interrupted", "superseded"])
def test_a_plan_that_was_begun_and_then_superseded_is_to_be_made_again(plan: Bound, status: str) -> None:
    plan.run_file.meta.status = status
    plan.account.record_writer("20261121T1300-other1")

    said = plan.refusal() or ""

    assert "another run (20261121T1300-other1) has written" in said
    assert said.endswith(again(plan))


def test_a_plan_that_came_to_its_end_is_used_up(plan: Bound) -> None:
    plan.run_file.meta.status = "completed"
    plan.account.record_writer(plan.run_file.meta.run)

    said = plan.refusal() or ""

    assert "has been carried out already, to its end" in said
    assert said.endswith(again(plan))


def test_a_copy_of_a_plan_is_used_up_with_it(plan: Bound) -> None:
    shutil.copy(plan.folder / "a.run", plan.folder / "copy.run")
    plan.account.record_writer(plan.run_file.meta.run)
    plan.run_file = RunFile.open(plan.folder / "copy.run")

    assert "has been begun already" in (plan.refusal() or "")


@pytest.mark.fault("Files change or are damaged", "a plan was tampered with", "it is refused")
def test_changes_that_are_not_those_that_were_planned_are_refused(plan: Bound) -> None:
    plan.run_file.connection.execute("UPDATE changes SET data = replace(data, 'Soyad', 'Başka')")

    assert "are not those that were planned" in (plan.refusal() or "")


def test_a_plan_is_refused_when_the_run_before_it_was_resumed_since(tmp_path: Path) -> None:
    plan = bound(tmp_path, path="-", after="20261121T1000-before")
    plan.run_file.meta.after_part = "aaaa"
    plan.account.record_writer("20261121T1000-before", "aaaa")
    assert None is plan.refusal()

    plan.account.record_writer("20261121T1000-before", "bbbb")

    assert "another run (20261121T1000-before) has written" in (plan.refusal() or "")


@pytest.mark.parametrize("known", ["part", "part_before"])
def test_a_run_is_resumed_from_the_file_that_knows_its_last_part(plan: Bound, known: str) -> None:
    meta = plan.run_file.meta
    meta.part, meta.part_before = "bbbb", "aaaa"
    plan.account.record_writer(meta.run, getattr(meta, known))

    check_resumable(plan.run_file, plan.account)


def test_a_run_that_was_killed_before_the_account_knew_of_it_can_be_resumed(tmp_path: Path) -> None:
    plan = bound(tmp_path, path="-", after="20261121T1000-before")
    plan.run_file.meta.part = "bbbb"
    plan.account.record_writer("20261121T1000-before")

    check_resumable(plan.run_file, plan.account)


def test_a_file_that_does_not_know_the_last_part_of_its_run_is_no_file_to_resume_from(plan: Bound) -> None:
    plan.account.record_writer(plan.run_file.meta.run, "cccc")

    with pytest.raises(RunRefused) as refused:
        check_resumable(plan.run_file, plan.account)

    assert refused.value.code == "run_gone_on"
