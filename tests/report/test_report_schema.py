"""report.json is as its published schema says, and the schema describes everything in it."""

import csv
import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from sync import language
from sync.outcome import OUTCOMES, Status, Summary
from sync.record import Verified
from sync.report.rows import COLUMNS
from tests.report.pages import RUN_KINDS, PageRun, people
from tests.report.records import MemoryRun, a_row, rejected, reported

SCHEMA: dict[str, Any] = json.loads(files("sync.report").joinpath("report.schema.json").read_text(encoding="utf-8"))


def report(folder: Path, run: MemoryRun) -> dict[str, Any]:
    reported(run, folder, formats=("json",))
    data = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def strict(schema: Any) -> Any:
    """The schema, refusing members that it does not describe."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("applied_at", ["", "2026-11-21T12:05:00+00:00"])
def test_a_report_is_as_the_schema_says_and_holds_nothing_else(tmp_path: Path, applied_at: str) -> None:
    kinds = (*RUN_KINDS, "duplicate", "held", "unresolved", "pending", "deleted")
    altered = a_row(900, "edited", altered={"groups": [[7], []], "name": ["Ada", "ADA"]}, key="\x1b=1")
    run = PageRun([*people(40, kinds), altered, rejected(901, "=1")], applied_at=applied_at)

    data = report(tmp_path, run)

    assert data["version"] == 1
    Draft202012Validator(strict(SCHEMA)).validate(data)


def test_a_report_of_no_rows_is_as_the_schema_says(tmp_path: Path) -> None:
    Draft202012Validator(strict(SCHEMA)).validate(report(tmp_path, MemoryRun([])))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.pop("version"),
        lambda data: data.update(version=2),
        lambda data: data["rows"][0].pop("key"),
        lambda data: data["rows"][0].update(outcome="lost"),
        lambda data: data["rows"][0].update(changes={"name": ["only one"]}),
        lambda data: data["rows"][0].update(contact_id="7"),
        lambda data: data["summary"].update(rows=-1),
        lambda data: data["summary"]["outcomes"].update(lost=1),
        lambda data: data["summary"].update(status="fine"),
    ],
)
def test_what_is_not_a_report_is_refused(tmp_path: Path, spoil: Any) -> None:
    data = report(tmp_path, MemoryRun([a_row(2)]))
    spoil(data)

    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate(data)


def test_the_schema_names_what_the_reports_know() -> None:
    assert list(SCHEMA["$defs"]["row"]["properties"]) == list(COLUMNS)
    assert SCHEMA["$defs"]["row"]["required"] == list(COLUMNS)
    assert SCHEMA["$defs"]["outcome"]["enum"] == list(OUTCOMES)
    assert tuple(SCHEMA["$defs"]["summary"]["properties"]["status"]["enum"]) == Status.__args__


def test_a_summary_of_a_run_that_was_read_back_is_as_the_schema_says(tmp_path: Path) -> None:
    data = report(tmp_path, MemoryRun([]))
    data["summary"] = replace(
        Summary("a", "completed", 0, {}), verified=Verified("2026-11-21T12:05:00+00:00", 7, 0)
    ).to_dict()

    Draft202012Validator(strict(SCHEMA)).validate(data)


def test_a_text_that_is_no_text_is_kept_as_json_can_keep_it(tmp_path: Path) -> None:
    data = report(tmp_path, MemoryRun([a_row(2, key="a\udcff\x1b")]))

    assert data["rows"][0]["key"] == "a\udcff\x1b"


def test_only_the_sentences_follow_the_language(tmp_path: Path) -> None:
    run, rows, tables = PageRun(people(40)), {}, {}
    for spoken in language.LANGUAGES:
        language.speak(spoken)
        try:
            rows[spoken] = report(tmp_path / spoken, run)["rows"]
            reported(run, tmp_path / spoken, formats=("csv",))
        finally:
            language.speak(language.ENGLISH)
        with (tmp_path / spoken / "report.csv").open(encoding="utf-8-sig", newline="") as file:
            tables[spoken] = list(csv.DictReader(file, delimiter=";"))

    for english, turkish in (tuple(rows.values()), tuple(tables.values())):
        said = [(one.pop("message"), other.pop("message")) for one, other in zip(english, turkish, strict=True)]
        assert english == turkish
        assert {one["code"] for one in english} > {"phone_too_short", "contact_moved"}
        assert any(one for one, _ in said)
        assert all(one != other for one, other in said if one)
