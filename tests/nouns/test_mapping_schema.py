"""The mapping's JSON Schema says to an editor what the model says to the reader."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from sync import language
from sync.cli.commands.schema import mapping_schema, report_schema, report_schema_text, schema_text, texts
from sync.mapping import Mapping

ROOT = Path(__file__).parents[2]
SCHEMA = mapping_schema()
SHOWN = re.findall(r"```yaml\n((?s:.*?))```", (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8"))
WRITTEN = [*SHOWN, *(path.read_text(encoding="utf-8") for path in sorted((ROOT / "mappings").glob("*.yaml")))]

SMALL: dict[str, Any] = {"version": 1, "fields": {"gsm": "Cep"}}


def as_json(text: str) -> Any:
    """The YAML as an editor shows it to the schema: every name is a text."""
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(text)))


def mistakes(data: Any) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(data)]


def with_part(*path: str, value: Any) -> dict[str, Any]:
    """The small mapping with one more value in it."""
    data = copy.deepcopy(SMALL)
    here = data
    for name in path[:-1]:
        here = here.setdefault(name, {})
    here[path[-1]] = value
    return data


def properties(part: Any, place: str = "") -> list[tuple[str, Any]]:
    """Every property of the schema with where it stands."""
    if not isinstance(part, dict):
        return []
    own = [(f"{place}.{name}", value) for name, value in part.get("properties", {}).items()]
    return own + [each for name, inner in part.get("$defs", {}).items() for each in properties(inner, name)]


def described(value: Any) -> bool:
    """A name that is a whole part of the mapping may have the part's description."""
    part = SCHEMA["$defs"].get(str(value.get("$ref", "")).removeprefix("#/$defs/"), {})
    return bool(value.get("description") or part.get("description"))


def test_the_schema_is_valid_itself() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    assert ("https://json-schema.org/draft/2020-12/schema", "A mapping of imsync") == (
        SCHEMA["$schema"],
        SCHEMA["title"],
    )


def test_its_text_is_its_data() -> None:
    assert json.loads(schema_text()) == SCHEMA


@pytest.mark.parametrize(("made", "english"), [(schema_text, SCHEMA), (report_schema_text, report_schema())])
def test_in_turkish_it_says_the_same_in_other_words(made: Callable[[], str], english: dict[str, Any]) -> None:
    language.speak("tr")
    try:
        turkish = json.loads(made())
    finally:
        language.speak("en")

    own, others = texts(turkish), texts(english)
    assert len(own) == len(others) > 30
    assert [text for text, other in zip(own, others, strict=True) if text == other] == []
    assert without_texts(turkish) == without_texts(english)


def without_texts(part: Any) -> Any:
    if isinstance(part, list):
        return [without_texts(each) for each in part]
    if not isinstance(part, dict):
        return part
    told = {name for name in ("title", "description") if isinstance(part.get(name), str)}
    return {name: without_texts(value) for name, value in part.items() if name not in told}


def test_every_name_has_a_description() -> None:
    found = properties(SCHEMA)

    assert len(found) > 50
    assert [place for place, value in found if not described(value)] == []


@pytest.mark.parametrize("text", WRITTEN)
def test_every_mapping_that_we_show_is_accepted(text: str) -> None:
    assert mistakes(as_json(text)) == []


RIGHT = [
    SMALL,
    with_part("fields", "name", value={"columns": ["Ad", "İkinci Ad"], "join": " "}),
    with_part("fields", "name", value={"position": "AB"}),
    with_part("fields", "name", value={"position": 5}),
    with_part("fields", "name", value={"column": "Ad Soyad", "part": "given", "value": None}),
    with_part("fields", "name", value={"column": "Ad", "rewrite": True}),
    with_part("custom_fields", "3", value="Şehir"),
    with_part("custom_fields", "10", value="Şehir"),
    with_part("custom_fields", "3", value={"column": "Şehir", "type": "choice", "choices": {"ist": "İstanbul"}}),
    with_part("custom_fields", "3", value={"column": "Gün", "type": "date", "input": ["%d.%m.%Y"], "choices": {}}),
    with_part("groups", "always", value=["Müşteriler", 7]),
    with_part("match", value=["id", "gsm", "custom:3"]),
    with_part("guards", "max_edits", value="30%"),
    with_part("guards", "max_edits", value="100%"),
    with_part("guards", "max_edits", value="%30"),
    with_part("guards", "max_edits", value=None),
    with_part("api", "rate", value=1),
]
WRONG = [
    {"fields": {"gsm": "Cep"}},
    {"version": 1},
    {"version": 2, "fields": {"gsm": "Cep"}},
    with_part("filds", value={}),
    with_part("fields", "phone", value="Cep"),
    with_part("fields", "name", value={}),
    with_part("fields", "name", value=5),
    with_part("fields", "email", value=None),
    with_part("fields", "name", value={"column": "Ad", "position": "A"}),
    with_part("fields", "name", value={"column": "Ad", "value": "Ayşe"}),
    with_part("fields", "name", value={"column": None}),
    with_part("fields", "name", value={"columns": ["Ad"]}),
    with_part("fields", "name", value={"column": "Ad", "kind": "mobile"}),
    with_part("fields", "name", value={"column": "Ad", "rewrite": "yes"}),
    with_part("fields", "name", value={"position": 0}),
    with_part("fields", "name", value={"position": "A1"}),
    with_part("fields", "name", value={"column": "Ad", "part": "middle"}),
    with_part("fields", "gsm", value={"column": "Cep", "kind": "landline"}),
    with_part("fields", "gsm", value={"column": "Cep", "region": "tr"}),
    with_part("custom_fields", "city", value="Şehir"),
    with_part("custom_fields", "0", value="Şehir"),
    with_part("custom_fields", "-1", value="Şehir"),
    with_part("match", value=["custom:0"]),
    with_part("custom_fields", "3", value={"column": "Şehir", "type": "number"}),
    with_part("custom_fields", "3", value={"column": "Şehir", "type": "choice"}),
    with_part("custom_fields", "3", value={"column": "Şehir", "choices": {"ist": "İstanbul"}}),
    with_part("groups", "mode", value="replace"),
    with_part("groups", "always", value="Müşteriler"),
    with_part("match", value=["phone"]),
    with_part("match", value="gsm"),
    with_part("on_blank", value="erase"),
    with_part("source", "header_row", value=0),
    with_part("source", "delimiter", value=";;"),
    with_part("guards", "max_adds", value="many"),
    with_part("guards", "max_adds", value=-1),
    with_part("guards", "max_deletes", value="250%"),
    with_part("guards", "max_bad", value="101%"),
    with_part("api", "workers", value=0),
    with_part("api", "api_key", value="secret"),
]


def model_accepts(data: Any) -> bool:
    """What the reader would say; in YAML the ids of custom fields are numbers."""
    data = copy.deepcopy(data)
    if "custom_fields" in data:
        data["custom_fields"] = {int(n) if n.isdigit() else n: value for n, value in data["custom_fields"].items()}
    try:
        Mapping.model_validate(data)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("data", RIGHT, ids=json.dumps)
def test_what_the_reader_accepts_the_schema_accepts(data: Any) -> None:
    assert model_accepts(data)
    assert mistakes(data) == []


@pytest.mark.parametrize("data", WRONG, ids=json.dumps)
def test_what_the_reader_refuses_the_schema_refuses(data: Any) -> None:
    assert not model_accepts(data)
    assert mistakes(data) != []
