"""`imsync check` and `imsync schema` as a person calls them."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Desk, people

NOTES = """\
version: 1
source: {sheet: "*"}
on_bad: blank
on_blank: clear
fields:
  name: Ad
  surname: Soyad
  email: E-posta
  gsm: Telefon
"""


def test_check_shows_how_file_and_columns_were_understood_and_every_bad_cell_by_kind(desk: Desk) -> None:
    bad = [["Kötü", "Satır", "yok", f"0500 {number}", "", ""] for number in range(3)]
    desk.sheet([*people(2), *bad, ["İyi", "Satır", "", "0500 200 00 09 dahili 7", "", ""]])

    ended = desk.run("check", "sheet.csv", "-m", "mapping.yaml", "--report-dir", "out")

    assert 3 == ended.code
    assert 'sheet.csv: utf-8-sig, delimiter ;, quotation mark ", header in row 1, 6 rows' in ended.out
    assert "0500 2000000 → +905002000000" in ended.out
    assert "3  Telefon: “0500 0” is too short" in ended.out
    assert "row 4; likewise rows 5, 6\n" in ended.out
    assert "Rejected (3 rows, for 6 reasons: a row may have several)" in ended.out
    assert "the extension “dahili 7” is not" in ended.out
    assert (desk.folder / "out" / "rejected.csv").exists()


def test_rows_that_repeat_one_another_are_listed_together_and_none_repeats_itself(desk: Desk) -> None:
    mapping = desk.folder / "mapping.yaml"
    mapping.write_text(f"{mapping.read_text(encoding='utf-8')}\nduplicates: error\n", encoding="utf-8")
    desk.sheet([*people(2), *people(1), people(2)[1]])

    said = desk.run("check", "sheet.csv", "-m", "mapping.yaml").out

    assert "the same phone number stands in row … too." in said
    assert "rows 2 (“4”), 3 (“5”), 4 (“2”), 5 (“3”)\n" in said


def test_check_as_json_is_one_object_with_files_columns_issues_and_notes(desk: Desk) -> None:
    desk.sheet([*people(1), ["Kötü", "Satır", "", "0500", "", ""]])

    found = json.loads(desk.run("check", "sheet.csv", "-m", "mapping.yaml", "--json").out)

    assert ["sheet.csv"] == [each["file"] for each in found["files"]]
    assert ["name", "surname", "email", "gsm", "custom:1", "groups"] == [each["field"] for each in found["columns"]]
    assert [(3, "Telefon", "phone_too_short")] == [
        (each["row"], each["column"], each["code"]) for each in found["issues"]
    ]
    assert (2, 1, 1) == (found["rows"], found["outcomes"]["rejected"], found["outcomes"]["pending"])


def test_several_files_patterns_and_compressed_ones_make_one_run(desk: Desk) -> None:
    one = desk.sheet(people(2), name="ocak.csv")
    desk.sheet(people(3, first=10), name="şubat.csv")
    (desk.folder / "mart.csv.gz").write_bytes(gzip.compress(one.read_bytes().replace(b"0500 2", b"0500 3")))

    found = json.loads(desk.run("check", "*.csv", "mart.csv.gz", "ocak.csv", "-m", "mapping.yaml", "--json").out)

    assert ["ocak.csv", "şubat.csv", "mart.csv.gz"] == [Path(each["file"]).name for each in found["files"]]
    assert (7, []) == (found["rows"], found["issues"])


def test_a_file_can_come_from_standard_input(desk: Desk) -> None:
    path = desk.sheet(people(2))

    with path.open("rb") as file:
        ended = subprocess.run(
            [sys.executable, "-m", "sync", "check", "-", "-m", "mapping.yaml"],
            cwd=desk.folder,
            env=desk.environment,
            stdin=file,
            capture_output=True,
            check=False,
            encoding="utf-8",
        )

    assert (0, "") == (ended.returncode, ended.stderr)
    assert "standard input: utf-8-sig" in ended.stdout


def test_a_cell_that_is_left_out_is_told_and_erases_nothing(desk: Desk) -> None:
    desk.write("mapping.yaml", NOTES)
    desk.sheet([["Ayşe", "Yeni", "bozuk@", "0500 100 01 00", "", ""]])

    ended = desk.sync()

    (row,) = desk.report()
    assert (0, "edited", "cell_left_out") == (ended.code, row["outcome"], row["code"])
    found = desk.server.state.contacts[100]
    assert ("Yeni", "ayse@example.com") == (found.surname, found.email)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing-*.csv",), "no file fits"),
        (("missing.csv",), "cannot be read"),
        ((".",), "is a folder"),
    ],
)
def test_files_that_are_not_there_are_told(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    ended = desk.run("check", *arguments, "-m", "mapping.yaml")

    assert 2 == ended.code
    assert said in ended.err


def test_the_schema_is_printed_as_one_object(desk: Desk) -> None:
    found = json.loads(desk.run("schema").out)

    assert "https://json-schema.org/draft/2020-12/schema" == found["$schema"]
    assert {"version", "fields"} == set(found["required"])


def test_corrections_in_the_folder_are_kept_by_the_next_check_and_that_is_told_once(desk: Desk) -> None:
    desk.sheet([["Kötü", "Satır", "", "0500", "", ""]])
    words = ("check", "sheet.csv", "-m", "mapping.yaml", "--report-dir", "out")
    desk.run(*words)
    desk.write("out/rejected.csv", "corrected by hand")

    again, once_more = desk.run(*words), desk.run(*words)

    (mine,) = (desk.folder / "out").glob("rejected-2*.csv")
    said = "is not known to be as imsync wrote it; it was kept as"
    assert f"imsync: {Path('out', 'rejected.csv')} {said} {mine.name}." in again.err
    assert mine.read_text(encoding="utf-8") == "corrected by hand"
    assert once_more.err == ""


def test_headers_that_are_not_in_the_mapping_are_listed_once(desk: Desk) -> None:
    desk.write("twice.csv", "Not;Telefon;Not;Adres\nx;0500 111 22 01;y;z\n")
    desk.write("small.yaml", "version: 1\nfields: {gsm: Telefon}\n")
    words = ("check", "twice.csv", "-m", "small.yaml")

    assert "Not in the mapping: Not (A, C), Adres\n" in desk.run(*words).out
    assert ["Not", "Adres"] == json.loads(desk.run(*words, "--json").out)["files"][0]["unused"]
