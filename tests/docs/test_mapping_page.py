"""The page of mapping options has every option, with an example that is valid."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from sync.cli.commands.schema import mapping_schema
from sync.reader import read_mapping

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [path for path in (DOCS / "mapping.md", DOCS / "tr" / "mapping.md") if path.exists()]
ROW = re.compile(r"^\| `(\w+)` \|(?:[^|]+\|){2} (`.+) \|$", re.MULTILINE)
EXAMPLE = re.compile(r"`(\w+: [^`]+)`")
# The parts of the schema, by the heads under which their options stand, in their order on the page.
PARTS = ("Mapping", "Source", "Fields", "ColumnSpec", "PhoneColumn", "CustomFieldSpec", "Groups", "Identity", "Guards")
INHERITED = ("PhoneColumn", "CustomFieldSpec")  # from ColumnSpec


def options() -> dict[str, set[str]]:
    """The options of each part, as editors know them."""
    schema = mapping_schema()
    parts: dict[str, Any] = {"Mapping": schema, **schema["$defs"]}
    own = {name: set(part["properties"]) for name, part in parts.items() if "properties" in part}
    return {name: names - own["ColumnSpec"] if name in INHERITED else names for name, names in own.items()}


def sections(page: Path) -> list[str]:
    return page.read_text(encoding="utf-8").partition("\n### ")[2].split("\n### ")


def rows(section: str) -> dict[str, str]:
    return dict(ROW.findall(section))


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_page_has_every_option_of_every_part_and_no_other(page: Path) -> None:
    shown = {part: set(rows(section)) for part, section in zip((*PARTS, "Api"), sections(page), strict=True)}

    assert options() == shown


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_example_of_an_option_is_valid_and_names_it(page: Path, tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    for option, example in [pair for section in sections(page) for pair in rows(section).items()]:
        found = EXAMPLE.search(example)
        assert found is not None, option
        text = found[1]
        assert re.search(rf"\b{option}:", text), text
        given = YAML(typ="safe", pure=True).load(text)
        whole = {
            "version": 1,
            "name": given.get("name", "customers"),
            "fields": {"gsm": "Cep", **given.get("fields", {})},
            "groups": {"always": ["Müşteriler"], **given.get("groups", {})},
        }
        with path.open("w", encoding="utf-8") as file:
            YAML().dump({**given, **whole}, file)
        assert 1 == read_mapping(path).mapping.version, text
