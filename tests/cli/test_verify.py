"""`--verify`: when all is done, the book is read back and compared with the plan."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sync.run import applying, verifying
from sync.runs import RunFile
from sync.sandbox import Semantics
from tests.cli.conftest import HASH, KEY, Desk, Ended, people
from tests.cli.test_undo import ROWS, added, book, change, synced, undo


def verify(desk: Desk, *words: str) -> Ended:
    """Reads a finished run back."""
    return desk.run("resume", *words, "--verify", "--json", "--rate", "2000", "--report-dir", "reports")


def meanwhile(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], None]) -> None:
    """Something happens after the last change and before it is read back."""

    async def after_the_deed(*given: Any) -> bool:
        deed()
        return await verifying.verified(*given)

    monkeypatch.setattr(applying, "verified", after_the_deed)


def found(ended: Ended) -> tuple[int, int]:
    """How many contacts were read back, and how many of them were otherwise."""
    verified = ended.summary["verified"]
    return verified["contacts"], verified["different"]


def test_a_book_that_is_as_the_plan_says_is_proven_to_be_so(desk: Desk) -> None:
    desk.sheet(ROWS)
    done = desk.sync("--verify")

    assert done.code == 0, done.err
    assert (done.summary["status"], done.summary["altered"], found(done)) == ("completed", 0, (2, 0))
    kept = json.loads((desk.folder / "reports" / "report.json").read_text(encoding="utf-8"))["summary"]
    assert kept["verified"] == done.summary["verified"]
    page = (desk.folder / "reports" / "report.html").read_text(encoding="utf-8")
    assert "2 contacts were read back: they are as the plan says." in page


def test_the_end_says_it_in_one_sentence(desk: Desk) -> None:
    desk.sheet(ROWS)
    done = desk.run("sync", "sheet.csv", "-m", "mapping.yaml", "--yes", "--rate", "2000", "--verify")

    assert done.out.count("2 contacts were read back: they are as the plan says.") == 1


def test_without_the_option_nothing_is_read_back(desk: Desk) -> None:
    desk.sheet(people(30))
    done = desk.sync()
    last_write = max(n for n, entry in enumerate(desk.server.ledger) if entry.method == "add-contact")

    assert "verified" not in done.summary
    assert [entry.method for entry in desk.server.ledger][last_write + 1 :] == []


def test_many_are_read_back_with_few_requests_and_these_are_counted(desk: Desk) -> None:
    desk.sheet(people(150))
    done = desk.sync("--verify")
    methods = [entry.method for entry in desk.server.ledger]
    last_write = max(n for n, method in enumerate(methods) if method == "add-contact")

    assert found(done) == (150, 0)
    assert 0 < len(methods) - last_write - 1 < 30
    assert sum(done.summary["requests"].values()) == len(methods)


def test_contacts_in_no_group_are_read_back_with_few_requests_too(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with({"credentials": {"key": KEY, "hash": HASH}})
    desk.write("mapping.yaml", "version: 1\nmatch: [gsm]\nfields: {name: Ad, gsm: Telefon}\n")
    desk.sheet(people(150))
    run = desk.sync().summary["run"]
    before = len(desk.server.ledger)

    assert found(verify(desk, run)) == (150, 0)
    assert len(desk.server.ledger) - before < 30


@pytest.mark.fault(
    "Somebody else is at work",
    "a contact is changed before it is read back",
    "it is told with both values",
)
def test_a_contact_that_somebody_has_changed_since_is_told_with_both_values(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.sheet(ROWS)
    meanwhile(monkeypatch, lambda: change(desk, 100, surname="Demir"))
    done = desk.sync("--verify")

    assert done.code == 3
    assert (done.summary["status"], done.summary["altered"], found(done)) == ("completed_with_errors", 1, (2, 1))
    row = desk.report()[0]
    assert (row["outcome"], row["code"]) == ("edited", "verified_otherwise")
    assert json.loads(row["changes"])["surname"] == ["Kaya", "Demir"]
    assert "surname is otherwise" in row["message"]
    page = (desk.folder / "reports" / "report.html").read_text(encoding="utf-8")
    assert "2 contacts were read back: 1 of them not as the plan says." in page
    assert desk.server.state.contacts[100].surname == "Demir"


def test_what_an_edit_does_not_touch_is_not_its_matter_and_every_field_of_an_add_is(desk: Desk) -> None:
    run = synced(desk, ROWS)
    change(desk, 100, custom_fields={1: "27/09/1984", 2: "başka"})
    change(desk, added(desk), custom_fields={2: "başka"}, groups=(7, 9))
    done = verify(desk, run)

    assert (done.code, found(done)) == (3, (2, 1))
    first, second = desk.report()
    assert (first["code"], second["code"]) == ("", "verified_otherwise")
    changes = json.loads(second["changes"])
    assert (changes["custom:2"], changes["groups"]) == (["", "başka"], [[7], [7, 9]])


def test_a_contact_that_is_gone_is_told(desk: Desk) -> None:
    run = synced(desk, ROWS)
    desk.server.state.delete_contact(added(desk))
    done = verify(desk, run)

    assert (done.code, done.summary["altered"], found(done)) == (3, 1, (2, 1))
    row = desk.report()[1]
    assert row["code"] == "verified_gone"
    assert json.loads(row["changes"])["name"] == ["Ali", ""]


def test_what_the_api_stored_otherwise_at_once_is_not_told_twice(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(semantics=Semantics(values=("cut",)))
    desk.sheet([["A" * 300, "Kaya", "", "0500 100 02 00", "", ""]])
    done = desk.sync("--verify")

    assert (done.code, done.summary["altered"], found(done)) == (3, 1, (1, 1))
    row = desk.report()[0]
    assert row["code"] == "stored_altered"
    assert "read back" not in row["message"]


@pytest.mark.fault("Search is late", "reading back", "asks again; nobody is accused")
def test_a_search_that_is_late_accuses_nobody(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(semantics=Semantics(lag_seconds=3600))
    desk.sheet([*ROWS, *people(5)])
    done = desk.sync("--verify", "--allow", "max_adds")

    assert done.code == 0, done.err
    assert found(done) == (7, 0)


def test_what_was_found_before_is_forgotten_when_it_is_right_again(desk: Desk) -> None:
    run = synced(desk, ROWS)
    stored = desk.server.state.contacts[100]
    change(desk, 100, surname="Demir")
    assert verify(desk, run).summary["altered"] == 1
    change(desk, 100, surname="Demirci")
    assert verify(desk, run).summary["altered"] == 1
    assert json.loads(desk.report()[0]["changes"])["surname"] == ["Kaya", "Demirci"]
    desk.server.state.put_contact(stored)
    done = verify(desk, run)

    assert (done.code, done.summary["altered"], done.summary["status"]) == (0, 0, "completed")
    assert desk.report()[0]["code"] == ""


def test_an_undo_is_read_back_too(desk: Desk) -> None:
    before = book(desk)
    run = synced(desk, [*ROWS, *people(60)])
    plan = undo(desk, run, "--dry-run").summary["run"]
    done = desk.run("apply", plan, "--yes", "--verify", "--json", "--rate", "2000")

    assert done.code == 0, done.err
    assert found(done) == (62, 0)
    assert book(desk) == before


def test_deleted_contacts_are_seen_to_be_gone_with_few_requests(desk: Desk) -> None:
    run = synced(desk, people(150))
    undone = undo(desk, run, "--yes").summary["run"]
    before = len(desk.server.ledger)
    done = verify(desk, undone)

    assert found(done) == (150, 0)
    assert len(desk.server.ledger) - before < 30


def test_a_deleted_contact_that_is_there_again_is_told(desk: Desk) -> None:
    run = synced(desk, ROWS)
    newest = added(desk)
    stored = desk.server.state.contacts[newest]
    undone = undo(desk, run, "--yes").summary["run"]
    desk.server.state.put_contact(stored)
    done = verify(desk, undone)

    assert (done.code, done.summary["altered"], found(done)) == (3, 1, (2, 1))
    assert [row["code"] for row in desk.report()] == ["", "verified_not_deleted"]


@pytest.mark.fault(
    "A signal, or the time is up",
    "Ctrl-C while the plan is read back",
    "everything is written; says how to go on",
)
def test_interrupted_while_reading_back_it_says_how_to_go_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stopped(context: Any, *given: Any) -> bool:
        context.stop.set()
        return await verifying.verified(context, *given)

    monkeypatch.setattr(applying, "verified", stopped)
    desk.sheet(ROWS)
    ended = desk.sync("--verify")
    run = ended.summary["run"]

    assert (ended.code, ended.summary["status"], ended.summary["outcomes"]["pending"]) == (6, "interrupted", 0)
    assert "verified" not in ended.summary
    assert f"imsync resume {run} --verify" in ended.err
    monkeypatch.undo()
    done = verify(desk)
    assert (done.code, done.summary["status"], found(done)) == (0, "completed", (2, 0))


def test_an_interrupt_in_the_middle_of_reading_ends_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stopping(context: Any, client: Any, run_file: RunFile) -> bool:
        get_groups = client.groups

        async def groups() -> Any:
            context.stop.set()
            return await get_groups()

        client.groups = groups
        return await verifying.verified(context, client, run_file)

    monkeypatch.setattr(applying, "verified", stopping)
    desk.sheet(people(40))
    ended = desk.sync("--verify")

    assert (ended.code, ended.summary["status"]) == (6, "interrupted")
    assert ended.summary["requests"]["get-groups"] == 2
    monkeypatch.undo()
    assert desk.run("resume", "--json", "--rate", "2000").code == 0


def test_a_run_that_has_written_nothing_has_nothing_to_read_back(desk: Desk) -> None:
    desk.sheet([["Çağla", "Öz", "cagla@example.com", "0500 100 01 01", "", ""]])
    desk.sync()
    planned = desk.sync("--dry-run").summary["run"]
    before = len(desk.server.ledger)
    done = desk.run("apply", planned, "--yes", "--rate", "2000", "--verify")

    assert done.code == 0
    assert "Nothing had been written, so there was nothing to read back." in done.out
    assert len(desk.server.ledger) == before


def test_it_waits_until_nothing_is_pending(desk: Desk) -> None:
    desk.sheet([*ROWS, *people(5)])
    stopped = desk.sync("--verify", "--limit", "3")

    assert stopped.code == 6
    assert "verified" not in stopped.summary
    assert found(verify(desk, stopped.summary["run"])) == (7, 0)


def test_what_a_later_run_has_written_is_not_held_against_this_one(desk: Desk) -> None:
    run = synced(desk, ROWS)
    synced(desk, people(2))
    refused = verify(desk, run)

    assert (refused.code, refused.summary["error"]["code"]) == (4, "plan_superseded")


def test_many_portions_find_what_one_finds(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "_AT_ONCE", 7)
    run = synced(desk, people(30))
    newest = added(desk)
    change(desk, newest, name="Başka")
    change(desk, newest - 20, name="Başka")
    done = verify(desk, run)

    assert (found(done), done.summary["altered"]) == ((30, 2), 2)
    assert sum(row["code"] == "verified_otherwise" for row in desk.report()) == 2


def test_the_files_own_tables_tell_when_it_was_found(desk: Desk) -> None:
    run = synced(desk, ROWS)
    change(desk, 100, surname="Demir")
    verify(desk, run)
    run_file = RunFile.open(desk.folder / "state" / "runs" / f"{run}.run")
    last = run_file.connection.execute("SELECT change, state, detail FROM transitions ORDER BY number DESC").fetchone()
    run_file.close()

    assert last == (0, "done", "verified_otherwise")
