"""What a person and a program are told of contacts whose rows have left the sheet."""

import json

import openpyxl
import pytest
from jsonschema import Draft202012Validator

from sync.runs import RunFile
from tests.cli.conftest import MAPPING, Desk, people
from tests.report.test_report_schema import SCHEMA, strict

RULES = "name: people\nremote_only: delete\nguards: {max_deletes: 3}\n"


@pytest.fixture
def after_a_night(desk: Desk) -> Desk:
    desk.write("mapping.yaml", MAPPING + RULES)
    desk.sheet(people(6))
    assert desk.sync().code == 0
    desk.sheet(people(4))
    return desk


def test_a_plan_announces_them_and_changes_nothing(after_a_night: Desk) -> None:
    ended = after_a_night.run("plan", "sheet.csv", "-m", "mapping.yaml")

    assert ended.code == 0
    assert "2 contacts whose rows have left the sheet: 2 to delete." in ended.out
    assert "2 deletes" in ended.out
    assert len([each for each in after_a_night.server.state.contacts.values() if each.gsm.endswith("5")]) == 1


def test_a_run_lists_what_it_has_removed_in_every_report(after_a_night: Desk) -> None:
    ended = after_a_night.sync("--report-dir", "out")

    assert (ended.code, ended.summary["removed"]["deleted"], ended.summary["departed"]) == (0, 2, {"deleted": 2})
    folder = after_a_night.folder / "out"
    lines = (folder / "removed.csv").read_text("utf-8-sig").splitlines()
    assert lines[0] == "contact_id;key;outcome;changes;groups;group_ids;code;message;attempts"
    assert not any("{" in line or "[" in line for line in lines)
    assert [line.split(";")[2] for line in lines[1:]] == ["deleted", "deleted"]
    data = json.loads((folder / "report.json").read_text("utf-8"))
    Draft202012Validator(strict(SCHEMA)).validate(data)
    assert [each["outcome"] for each in data["removed"]] == ["deleted", "deleted"]
    assert len(data["rows"]) == 4
    book = openpyxl.load_workbook(folder / "report.xlsx")
    assert [row[2] for row in book["Removed"].iter_rows(values_only=True)] == ["Outcome", "deleted", "deleted"]
    assert "removed.csv" in (folder / "report.html").read_text("utf-8")


def test_a_listing_of_an_earlier_run_does_not_stay(after_a_night: Desk) -> None:
    assert after_a_night.sync("--report-dir", "out").code == 0
    assert after_a_night.sync("--report-dir", "out").code == 0

    assert not (after_a_night.folder / "out" / "removed.csv").exists()


def test_a_guard_stops_them_by_its_name(after_a_night: Desk) -> None:
    after_a_night.write("mapping.yaml", MAPPING + RULES.replace("3", "1"))

    ended = after_a_night.sync()

    assert (ended.code, ended.summary["status"]) == (4, "refused")
    assert "max_deletes" in ended.err
    assert ended.summary["departed"] == {"pending": 2}


def test_the_page_of_a_stopped_run_says_what_it_would_take_away_and_how_it_is_lifted(after_a_night: Desk) -> None:
    after_a_night.write("mapping.yaml", MAPPING + RULES.replace("3", "1"))

    ended = after_a_night.sync("--report-dir", "out")

    page = (after_a_night.folder / "out" / "report.html").read_text("utf-8")
    shown = after_a_night.run("runs", "show", "last").out
    assert ended.code == 4
    assert "2 contacts whose rows have left the sheet: 2 to delete." in page
    assert "There is nothing" not in page
    assert "--allow max_deletes" in page
    assert "--allow max_deletes" in shown


def test_the_last_line_of_a_job_tells_of_them(after_a_night: Desk) -> None:
    after_a_night.write("imsync.toml", '[jobs.people]\nfiles = "sheet.csv"\nmapping = "mapping.yaml"\n')

    ended = after_a_night.run("run", "people", "--log-format", "json")

    last = ended.out.rstrip().splitlines()[-1]
    events = [json.loads(line) for line in ended.err.splitlines()]
    assert "4 unchanged. 2 contacts whose rows have left the sheet: 2 deleted" in last
    assert [each["removed"]["deleted"] for each in events if each["event"] == "ended"] == [2]


def test_why_tells_the_story_of_a_contact_without_a_row(after_a_night: Desk) -> None:
    (phone,) = (each.gsm for each in after_a_night.server.state.contacts.values() if each.gsm.endswith("5"))
    run = after_a_night.sync().summary["run"]

    ended = after_a_night.run("why", run, phone)

    assert ended.code == 0
    assert "whose row has left the sheet: deleted" in ended.out
    told = json.loads(after_a_night.run("why", run, phone, "--json").out)
    assert (told["rows"][0]["row"], told["rows"][0]["file"]) == (None, "")


def test_undo_tells_of_them_as_rows_that_stand_nowhere(after_a_night: Desk) -> None:
    run = after_a_night.sync().summary["run"]

    ended = after_a_night.run("undo", run, "--yes", "--json", "--report-dir", "undone")

    assert (ended.code, ended.summary["outcomes"]["added"]) == (0, 2)
    data = json.loads((after_a_night.folder / "undone" / "report.json").read_text("utf-8"))
    Draft202012Validator(strict(SCHEMA)).validate(data)
    assert [(each["file"], each["row"]) for each in data["rows"]] == [("", None)] * 2


def test_a_contact_that_the_panel_has_changed_needs_a_person(after_a_night: Desk) -> None:
    state = after_a_night.server.state
    (changed,) = (each for each in state.contacts.values() if each.gsm.endswith("5"))
    state.contacts[changed.id] = type(changed)(
        **{**{n: getattr(changed, n) for n in changed.__slots__}, "name": "Panel"}
    )

    ended = after_a_night.sync()

    assert (ended.code, ended.summary["departed"]) == (3, {"deleted": 1, "conflict": 1})
    assert ended.summary["status"] == "completed_with_errors"


def test_every_request_of_a_run_that_only_deletes_is_in_its_chart(after_a_night: Desk) -> None:
    ended = after_a_night.sync()

    (path,) = after_a_night.folder.rglob(f"{ended.summary['run']}.run")
    run_file = RunFile.open(path, look=True)
    found = run_file.tempo(most=30)
    run_file.close()
    assert found is not None
    assert sum(each.requests for each in found.spans) == sum(ended.summary["requests"].values())
    assert ended.summary["requests"]["delete-contact"] == 2
