"""Wrong keys, wrong files, wrong moments: each gets an answer, the right exit code, and no traceback."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.sandbox import Semantics
from tests.cli.conftest import Desk, people
from tests.cli.test_sync import ROWS, book, shown


def test_a_wrong_key_stops_at_once_and_names_the_four_causes(desk: Desk) -> None:
    desk.sheet(people(50))

    ended = desk.sync("--workers", "4", apart=True, ILETIMERKEZI_API_KEY="wrong-key-4711")

    assert 5 == ended.code
    assert len(desk.server.ledger) <= 4
    for cause in ("key or hash is wrong", "Allow API access", "fixed-IP", "customer representative"):
        assert cause in ended.err
    assert "Üyelik bilgileri hatalı" in ended.err
    assert "wrong-key-4711" not in ended.out + ended.err


def test_a_wrong_mapping_tells_every_mistake_with_file_line_and_column(desk: Desk) -> None:
    desk.sheet(ROWS)
    desk.write("mapping.yaml", "version: 1\nfields:\n  nmae: Ad\n  gsm: {colunm: Telefon}\nmatch: [gsm, emial]\n")

    ended = desk.sync()

    assert 2 == ended.code
    assert "mapping.yaml:3:3: “fields.nmae” is not known. Did you mean “name”?" in ended.err
    assert "mapping.yaml:4:9: “fields.gsm.colunm” is not known. Did you mean “column”?" in ended.err
    assert "mapping.yaml:5:14: 'emial' is no match key." in ended.err
    assert not desk.server.ledger


def test_columns_that_the_file_lacks_are_all_told_with_their_place_in_the_mapping(desk: Desk) -> None:
    desk.sheet([["a", "b"]], header=("Adı", "Cep"))

    ended = desk.sync()

    assert 2 == ended.code
    assert "mapping.yaml:4:9: sheet.csv has no column “Ad”. Did you mean “Adı”?" in ended.err
    assert "mapping.yaml:7:8: sheet.csv has no column “Telefon”." in ended.err


def test_a_group_of_every_row_that_is_unknown_is_a_mistake_in_the_mapping(desk: Desk) -> None:
    desk.sheet(ROWS)
    desk.write("mapping.yaml", "version: 1\nfields: {gsm: Telefon}\ngroups:\n  always: [Müşteri]\n")

    ended = desk.sync()

    assert 2 == ended.code
    assert (
        "mapping.yaml:4:12: there is no group “Müşteri” in the account. Its groups: Bayiler, Müşteriler." in ended.err
    )


def truncated_workbook() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return content.getvalue()


WRONG_FILES: dict[str, bytes | None] = {
    "missing.csv": None,
    "folder.csv": b"",
    "empty.csv": b"",
    "nul.csv": b"Ad;Telefon\n\0\0;1\n",
    "quote.csv": b'Ad;Telefon\n"Ay\xc5\x9fe;0500\n',
    "text.xlsx": b"this is no workbook",
    "truncated.xlsx": truncated_workbook(),
    "old.xlsx": b"\xd0\xcf\x11\xe0" + b"\0" * 600,
    "workbook.csv": truncated_workbook(),
    "table.xls": b"whatever",
    "picture.png": b"\x89PNG",
    "half.xlsx": truncated_workbook()[:60],
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_file_that_cannot_be_read_is_answered_without_a_traceback(desk: Desk, name: str) -> None:
    path, content = desk.folder / name, WRONG_FILES[name]
    if name == "folder.csv":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)

    ended = desk.run("check", name, "-m", "mapping.yaml")

    assert 2 == ended.code
    assert name in ended.err
    assert "Traceback" not in ended.err
    assert not ended.out


def test_a_sheet_without_rows_is_refused(desk: Desk) -> None:
    desk.sheet([])

    ended = desk.sync(apart=True)

    assert 4 == ended.code
    assert "there are no data rows in sheet.csv" in ended.err


def test_a_broken_guard_saves_the_plan_writes_nothing_and_says_how_to_lift_it(desk: Desk) -> None:
    desk.sheet(people(12))
    desk.write("mapping.yaml", "version: 1\nfields: {gsm: Telefon}\nguards: {max_adds: 10}\n")

    refused = desk.sync()
    (plan,) = (desk.folder / "state" / "runs").glob("*.run")
    applied = desk.run("apply", str(plan), "--yes", "--json", "--allow", "max_adds", "--rate", "2000")

    assert (4, "refused", {"pending": 12}) == (refused.code, refused.summary["status"], shown(refused.summary))
    assert "max_adds is 10" in refused.err
    assert "--allow max_adds" in refused.err
    assert (0, {"added": 12}) == (applied.code, shown(applied.summary))


def test_without_yes_and_without_a_terminal_nothing_is_sent(desk: Desk) -> None:
    desk.sheet(people(3))

    ended = desk.run("sync", "sheet.csv", "-m", "mapping.yaml", "--json")

    assert (4, "refused") == (ended.code, ended.summary["status"])
    assert "--yes was not said" in ended.err
    assert 0 == desk.calls("add-contact")


def planned(desk: Desk) -> str:
    ended = desk.run("plan", "sheet.csv", "-m", "mapping.yaml", "-o", "friday.run", "--json", "--rate", "2000")
    assert 0 == ended.code, ended.err
    return "friday.run"


def apply(desk: Desk, plan: str, **environment: str) -> tuple[int, str]:
    ended = desk.run("apply", plan, "--yes", "--json", "--rate", "2000", **environment)
    return ended.code, ended.err


def test_a_plan_is_applied_once(desk: Desk) -> None:
    desk.sheet(people(3))
    plan = planned(desk)

    assert 0 == apply(desk, plan)[0]
    code, err = apply(desk, plan)

    assert 4 == code
    assert "has been carried out already" in err
    assert 6 == len(book(desk))


@pytest.mark.parametrize(
    ("name", "said"), [("sheet.csv", "sheet.csv has changed"), ("mapping.yaml", "has changed since")]
)
def test_a_plan_is_refused_when_what_it_was_made_from_has_changed(desk: Desk, name: str, said: str) -> None:
    desk.sheet(people(3))
    plan = planned(desk)
    path = desk.folder / name
    path.write_bytes(path.read_bytes() + b"\n")

    code, err = apply(desk, plan)

    assert 4 == code
    assert said in err


def test_a_plan_is_refused_when_another_run_has_written_since(desk: Desk) -> None:
    desk.sheet(people(3))
    plan = planned(desk)
    assert 0 == desk.sync().code

    code, err = apply(desk, plan)

    assert 4 == code
    assert "has written to this account since" in err
    assert 6 == len(book(desk))


def test_a_plan_is_refused_for_another_account(desk: Desk) -> None:
    desk.sheet(people(3))
    plan = planned(desk)

    code, err = apply(desk, plan, ILETIMERKEZI_API_KEY="another-key")

    assert 4 == code
    assert "made for another account" in err


def test_a_file_that_is_no_run_file_is_told_so(desk: Desk) -> None:
    desk.sheet(people(1))

    assert 2 == apply(desk, "sheet.csv")[0]
    assert 2 == apply(desk, "nowhere.run")[0]


def test_a_wrong_address_is_a_usage_error(desk: Desk) -> None:
    desk.sheet(people(1))

    ended = desk.sync("--base-url", desk.server.base_url + "/elsewhere")

    assert 2 == ended.code
    assert "is not the address of the API" in ended.err


def test_credentials_are_not_sent_unencrypted_to_another_machine(desk: Desk) -> None:
    desk.sheet(people(1))

    ended = desk.sync("--base-url", "http://api.example.com/v1")

    assert 2 == ended.code
    assert "not encrypted" in ended.err


def test_missing_credentials_are_named(desk: Desk) -> None:
    desk.sheet(people(1))

    ended = desk.sync(ILETIMERKEZI_API_HASH="")

    assert 2 == ended.code
    assert "not set: ILETIMERKEZI_API_HASH;" in ended.err


def test_credentials_are_read_from_a_dotenv_file(desk: Desk) -> None:
    desk.sheet(people(1))
    file = desk.write(".env", "ILETIMERKEZI_API_KEY=sandbox-key\nILETIMERKEZI_API_HASH=sandbox-hash\n")
    file.chmod(0o600)

    assert 0 == desk.sync(ILETIMERKEZI_API_KEY="", ILETIMERKEZI_API_HASH="").code


def test_a_mistyped_command_is_answered_with_the_nearest(desk: Desk) -> None:
    ended = desk.run_apart("snyc")

    assert 2 == ended.code
    assert "Did you mean “imsync sync”?" in ended.err


@pytest.mark.parametrize("refused", [473, 463])
def test_the_brake_stops_a_run_in_which_every_row_meets_the_same_shared_error(
    desk_with: Callable[..., Desk], refused: int
) -> None:
    desk = desk_with(semantics=Semantics(search="prefix"))
    desk.sheet(people(60))
    wrong = "custom_fields: {77: {value: x}}\n" if refused == 473 else "groups: {always: [Geçici]}\n"
    if refused == 463:
        desk.server.state.groups[55] = type(desk.server.state.groups[7])(id=55, name="Geçici", parent=None)
    desk.write("mapping.yaml", f"version: 1\nfields: {{gsm: Telefon, name: Ad}}\n{wrong}")
    plan = planned(desk)
    desk.server.state.groups.pop(55, None)

    ended = desk.run("apply", plan, "--yes", "--json", "--rate", "2000", "--workers", "4")

    assert 6 == ended.code
    assert "20 times in a row" in ended.err
    outcomes = shown(ended.summary)
    assert 20 <= outcomes["failed"] <= 24
    assert 60 == sum(outcomes.values())
    assert outcomes["pending"] > 30


def test_json_output_is_one_object_even_where_there_is_no_run(desk: Desk) -> None:
    desk.sheet(people(1))

    ended = desk.sync(ILETIMERKEZI_API_KEY="")

    assert None is json.loads(ended.out)["run"]
    error = json.loads(ended.out)["error"]
    assert ("no_credentials", 2) == (error["code"], error["exit_code"])
    assert "not set: ILETIMERKEZI_API_KEY;" in error["message"]


def test_key_and_hash_appear_in_no_output_and_no_file(desk: Desk) -> None:
    secrets = {"ILETIMERKEZI_API_KEY": "sandbox-key", "ILETIMERKEZI_API_HASH": "sandbox-hash"}
    desk.sheet([*ROWS, *people(10)])
    said = [
        desk.sync("-v", **secrets),
        desk.sync("-v", "--wire", "xml", **secrets),
        desk.run("resume", "-v", **secrets),
    ]
    desk.server.state.api_access = False
    said.append(desk.sync("-v", "--log-format", "json", apart=True, **secrets))
    (desk.folder / "state" / "runs").rename(desk.folder / "away")
    (desk.folder / "state" / "runs").write_text("", encoding="utf-8")
    desk.server.state.api_access = True
    said.append(desk.sync("-v", **secrets))

    assert [3, 3, 3, 5, 2] == [ended.code for ended in said]
    found = [f"{ended.out}{ended.err}".encode() for ended in said]
    found += [path.read_bytes() for path in files_below(desk.folder)]
    assert len(found) > 10
    for secret in secrets.values():
        assert not [text for text in found if secret.encode() in text]


def test_run_files_and_reports_are_private_to_the_user(desk: Desk) -> None:
    desk.sheet(ROWS)
    desk.sync()

    inside = [path for path in files_below(desk.folder) if path.parent != desk.folder]
    assert {0o600} == {path.stat().st_mode & 0o777 for path in inside}


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_report_folder_that_cannot_be_written_is_told_before_anything_is_sent(desk: Desk) -> None:
    desk.sheet(people(2))
    desk.write("taken", "a file")

    ended = desk.sync("--report-dir", "taken")

    assert 2 == ended.code
    assert "the reports cannot be written to taken" in ended.err
    assert not desk.server.ledger


def test_a_folder_with_the_name_of_a_report_is_told_before_anything_is_sent(desk: Desk) -> None:
    desk.sheet(people(2))
    (desk.folder / "reports" / "report.xlsx").mkdir(parents=True)

    ended = desk.sync()

    assert 2 == ended.code
    assert f"{Path('reports', 'report.xlsx')} is a folder, and a report is to have that name. Move it" in ended.err
    assert not desk.server.ledger


def test_a_guard_that_does_not_exist_cannot_be_lifted(desk: Desk) -> None:
    desk.sheet(people(2))

    assert 2 == desk.sync("--allow", "yok").code
    assert not desk.server.ledger
