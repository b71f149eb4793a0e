"""`imsync undo`: what a run changed is put back, and what somebody has changed since is left and listed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sync.sandbox import BookState, SandboxServer
from tests.cli.conftest import Desk, Ended, people, small_book

ROWS = [
    ["Ayşe", "Kaya", "ayse@example.com", "0500 100 01 00", "27.09.1984", "Bayiler"],
    ["Ali", "Veli", "ali@example.com", "0500 100 02 00", "", ""],
]


def book(desk: Desk) -> dict[str, Any]:
    found = desk.server.state.to_dict()
    return {"contacts": found["contacts"], "groups": found["groups"]}


def change(desk: Desk, number: int, **values: Any) -> None:
    """Somebody else changes a contact."""
    state = desk.server.state
    state.put_contact(replace(state.contacts[number], **values))


def synced(desk: Desk, rows: list[list[str]], *words: str) -> str:
    """The id of a run that has brought the rows into the book."""
    desk.sheet(rows)
    done = desk.sync(*words)
    assert done.code == 0, done.err
    run: str = done.summary["run"]
    return run


def undo(desk: Desk, *words: str) -> Ended:
    return desk.run("undo", *words, "--json", "--rate", "2000", "--report-dir", "reports")


def added(desk: Desk) -> int:
    """The id of the contact that was added last."""
    return max(desk.server.state.contacts)


def test_edits_are_reverted_and_added_contacts_deleted(desk: Desk) -> None:
    before = book(desk)
    run = synced(desk, ROWS)
    done = undo(desk, run, "--yes")

    assert done.code == 0, done.err
    assert book(desk) == before
    summary = done.summary
    assert summary["status"] == "completed"
    assert summary["run"] != run
    assert summary["rows"] == 2
    assert {name: count for name, count in summary["outcomes"].items() if count} == {"edited": 1, "deleted": 1}
    assert summary["removed"] == {"deleted": 1, "from_groups": 0, "failed": 0}
    assert [(row["row"], row["outcome"]) for row in desk.report()] == [("2", "edited"), ("3", "deleted")]


def test_few_requests_are_sent_for_many_changes(desk: Desk) -> None:
    run = synced(desk, people(300))
    done = undo(desk, run, "--yes")
    requests = done.summary["requests"]

    assert done.summary["removed"]["deleted"] == requests["delete-contact"] == 300
    assert sum(requests.values()) - 300 < 40


def test_what_the_run_did_not_touch_stays_as_somebody_has_changed_it(desk: Desk) -> None:
    run = synced(desk, ROWS[:1])
    change(desk, 100, custom_fields={1: "01/01/1990", 2: "gizli"}, groups=(7, 9))
    done = undo(desk, run, "--yes")

    stored = desk.server.state.contacts[100]
    assert done.code == 0
    assert (stored.surname, dict(stored.custom_fields)) == ("Yılmaz", {1: "01/01/1990", 2: "gizli"})


def test_a_field_that_somebody_has_changed_since_is_left_and_listed(desk: Desk) -> None:
    run = synced(desk, ROWS)
    change(desk, 100, surname="Demir")
    change(desk, added(desk), name="Alican")
    before = book(desk)
    done = undo(desk, run, "--yes")

    assert done.code == 3
    assert book(desk) == before
    assert done.summary["outcomes"]["conflict"] == 2
    first, second = desk.report()
    assert first["code"] == second["code"] == "undo_moved"
    assert "surname: “Kaya” → “Demir”" in first["message"]
    assert "name: “Ali” → “Alican”" in second["message"]


def test_an_added_contact_that_is_in_a_further_group_is_not_deleted(desk: Desk) -> None:
    run = synced(desk, ROWS[1:])
    change(desk, added(desk), groups=(7, 9))
    done = undo(desk, run, "--yes")

    assert (done.code, added(desk) in desk.server.state.contacts) == (3, True)
    assert "groups" in desk.report()[0]["message"]


def test_an_added_contact_that_is_gone_is_unchanged(desk: Desk) -> None:
    run = synced(desk, ROWS[1:])
    desk.server.state.delete_contact(added(desk))
    done = undo(desk, run, "--yes")

    assert done.code == 0
    assert (done.summary["outcomes"]["unchanged"], desk.report()[0]["code"]) == (1, "undo_already_gone")


def test_a_second_undo_finds_nothing_to_do_and_names_the_first(desk: Desk) -> None:
    run = synced(desk, ROWS)
    first = undo(desk, run, "--yes").summary["run"]
    again = desk.run("undo", run, "--yes", "--rate", "2000")

    assert again.code == 0
    assert f"It was undone before, by run {first}." in again.out
    assert "Nothing to undo." in again.out
    assert desk.calls("delete-contact") == 1


def test_an_undone_undo_adds_contacts_with_new_ids(desk: Desk) -> None:
    run = synced(desk, ROWS)
    former = added(desk)
    first = undo(desk, run, "--yes").summary["run"]
    shown = desk.run("undo", first, "--yes", "--rate", "2000")

    assert shown.code == 0, shown.err
    assert "new id" in shown.out
    assert former not in desk.server.state.contacts
    assert desk.server.state.contacts[100].surname == "Kaya"
    assert desk.server.state.contacts[added(desk)].gsm == "+905001000200"


GROUPS_CREATED = ["Ali", "Veli", "ali@example.com", "0500 100 02 00", "", "Yeni/Alt"]


@pytest.fixture
def creating(desk: Desk) -> Desk:
    mapping = (desk.folder / "mapping.yaml").read_text(encoding="utf-8")
    desk.write("mapping.yaml", mapping.replace("column: Grup", "column: Grup\n  create_missing: true"))
    return desk


def test_groups_that_the_run_created_go_if_they_are_empty(creating: Desk) -> None:
    before = book(creating)
    run = synced(creating, [GROUPS_CREATED])
    assert len(creating.server.state.groups) == 4
    done = undo(creating, run, "--yes")

    assert done.code == 0, done.err
    assert book(creating) == before
    assert "was empty and has been removed" in done.err


def test_a_group_with_somebody_elses_contact_is_kept_and_said(creating: Desk) -> None:
    run = synced(creating, [GROUPS_CREATED])
    inner = max(creating.server.state.groups)
    change(creating, 101, groups=(inner,))
    done = undo(creating, run, "--yes")

    assert done.code == 0
    assert len(creating.server.state.groups) == 4
    assert "“Yeni/Alt”, which the run had created, is kept: it has contacts" in done.err
    assert "“Yeni”, which the run had created, is kept: it has 1 group within it" in done.err


def test_an_undone_undo_creates_its_groups_again(creating: Desk) -> None:
    run = synced(creating, [GROUPS_CREATED])
    first = undo(creating, run, "--yes").summary["run"]
    done = undo(creating, first, "--yes")

    groups = creating.server.state.groups
    assert done.code == 0, done.err
    (inner,) = [group for group in groups.values() if group.name == "Alt"]
    assert inner.parent is not None
    assert groups[inner.parent].name == "Yeni"
    assert inner.id in creating.server.state.contacts[added(creating)].groups


def test_where_others_have_changed_too_much_a_guard_stops_it(desk: Desk) -> None:
    run = synced(desk, people(20))
    newest = added(desk)
    for number in range(newest - 6, newest + 1):
        change(desk, number, name="Başka")
    refused = undo(desk, run, "--yes")

    assert refused.code == 4
    assert refused.summary["status"] == "refused"
    assert "7 of the 20 changes since the run (35%), and max_moved is 30%" in refused.err
    assert desk.calls("delete-contact") == 0
    allowed = undo(desk, run, "--yes", "--allow", "max_moved")
    assert (allowed.code, allowed.summary["removed"]["deleted"], allowed.summary["outcomes"]["conflict"]) == (3, 13, 7)


def test_a_dry_run_sends_nothing_and_its_plan_can_be_applied(desk: Desk) -> None:
    before = book(desk)
    run = synced(desk, ROWS)
    after = book(desk)
    planned = undo(desk, run, "--dry-run")

    assert planned.code == 0
    assert planned.summary["status"] == "planned"
    assert planned.summary["outcomes"]["deleted"] == 1
    assert book(desk) == after
    (desk.folder / "sheet.csv").unlink()  # an undo goes by the run, not by its files
    done = desk.run("apply", planned.summary["run"], "--yes", "--json", "--rate", "2000")
    assert done.code == 0, done.err
    assert book(desk) == before


def test_without_a_terminal_and_without_yes_nothing_is_sent(desk: Desk) -> None:
    run = synced(desk, ROWS)
    after = book(desk)

    assert undo(desk, run).code == 4
    assert book(desk) == after


def test_a_limit_leaves_the_rest_to_resume(creating: Desk) -> None:
    before = book(creating)
    run = synced(creating, [*ROWS, ["Işıl", "Su", "isil@example.com", "0500 100 03 00", "", "Yeni/Alt"]])
    stopped = undo(creating, run, "--yes", "--limit", "1")

    assert stopped.code == 6
    assert stopped.summary["outcomes"]["pending"] == 2
    done = creating.run("resume", stopped.summary["run"], "--json", "--rate", "2000")
    assert done.code == 0, done.err
    assert book(creating) == before
    assert creating.run("resume", stopped.summary["run"], "--json", "--rate", "2000").code == 0


def test_an_unfinished_run_is_undone_and_cannot_be_resumed_any_more(desk: Desk) -> None:
    before = book(desk)
    desk.sheet([*ROWS, *people(5)])
    stopped = desk.sync("--limit", "3")
    assert stopped.code == 6
    run = stopped.summary["run"]
    done = undo(desk, run, "--yes")

    assert done.code == 0, done.err
    assert done.summary["rows"] == 3
    assert book(desk) == before
    resumed = desk.run("resume", run, "--json")
    assert (resumed.code, resumed.summary["error"]["code"]) == (4, "plan_superseded")


def test_without_a_run_the_last_ones_are_named(desk: Desk) -> None:
    run = synced(desk, ROWS)
    told = desk.run("undo")

    assert told.code == 2
    assert f"The last runs: {run}." in told.err


def test_last_is_the_run_that_was_carried_out_last_however_often_it_is_undone(desk: Desk) -> None:
    run = synced(desk, ROWS)

    first, second = undo(desk, "last", "--yes"), undo(desk, "last", "--yes")

    assert (first.summary["outcomes"]["deleted"], second.summary["outcomes"]["deleted"]) == (1, 0)
    shown = desk.run("runs", "show", "last", "--json").summary
    assert (shown["undoes"], shown["profile"]) == (run, "default")


def test_which_run_last_means_is_told_where_a_newer_one_is_left_aside(desk: Desk) -> None:
    desk.sheet(ROWS)
    plan = desk.sync("--dry-run").summary["run"]
    run = synced(desk, ROWS)
    first = undo(desk, "last", "--dry-run")
    newest = first.summary["run"]

    assert "“last”" not in first.err
    for words, told in (
        (
            ("undo", "last", "--dry-run"),
            f"imsync: “last” is run {run} here, the one that was carried out last and is no undo; {newest} was planned",
        ),
        (("resume", "last"), f"imsync: “last” is run {run} here, the one that was begun last; "),
    ):
        assert told in desk.run(*words).err
    resumed = desk.run("resume", run, "--quiet")
    assert "“last”" not in resumed.err
    assert plan != newest


def test_a_plan_that_was_never_applied_has_nothing_to_undo(desk: Desk) -> None:
    desk.sheet(ROWS)
    plan = desk.sync("--dry-run").summary["run"]

    refused = undo(desk, plan, "--yes")
    assert (refused.code, refused.summary["error"]["code"]) == (2, "undo_not_begun")


def test_an_unknown_run_and_a_file_that_is_none_are_answered(desk: Desk) -> None:
    desk.write("foreign.run", "text")

    assert undo(desk, "20261121T2130-000000").summary["error"]["code"] == "run_unknown"
    assert undo(desk, "foreign.run").summary["error"]["code"] == "run_file_foreign"


def test_another_accounts_run_is_refused(desk: Desk) -> None:
    run = synced(desk, ROWS)
    other = small_book() | {"credentials": {"key": "other-key", "hash": "other-hash"}}
    with SandboxServer(BookState.from_dict(other)) as server:
        refused = desk.run(
            "undo", run, "--yes", "--json", IMSYNC_BASE_URL=server.base_url,
            ILETIMERKEZI_API_KEY="other-key", ILETIMERKEZI_API_HASH="other-hash",
        )  # fmt: skip
        assert (refused.code, refused.summary["error"]["code"]) == (4, "undo_other_account")
        assert len(server.ledger) == 0


def test_the_report_tells_what_was_deleted(desk: Desk, tmp_path: Path) -> None:
    run = synced(desk, ROWS[1:])
    undo(desk, run, "--yes")
    (row,) = json.loads((tmp_path / "reports" / "report.json").read_text(encoding="utf-8"))["rows"]

    assert row["outcome"] == "deleted"
    assert row["changes"]["surname"] == ["Veli", ""]
    assert not (tmp_path / "reports" / "rejected.csv").exists()


def test_quiet_has_nothing_to_say_of_a_run_that_is_finished(desk: Desk) -> None:
    synced(desk, ROWS)

    quiet, told = desk.run("resume", "last", "--quiet"), desk.run("resume")

    assert (quiet.out, quiet.err) == ("", "")
    assert "nothing left to do" in told.err
