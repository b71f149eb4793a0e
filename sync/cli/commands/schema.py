"""`imsync schema`: the mapping's JSON Schema, for editors that complete and check; and that of report.json."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from sync import language
from sync.cli import printing
from sync.errors import UsageError

SCHEMA_ID = "urn:imsync:mapping:1"


_TOLD = ("title", "description")
_NAMED = ("properties", "$defs")


def mapping_schema() -> dict[str, Any]:
    """The JSON Schema of a mapping, as YAML allows it to be written."""
    from sync.mapping import Mapping

    made: dict[str, Any] = Mapping.model_json_schema()
    # pydantic makes titles of names (`Header Row`); the whole keeps its own.
    untitled: dict[str, Any] = _with_texts(made, lambda name, text: None if name == "title" else text)
    whole = {"title": made["title"], **untitled}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **whole}


def schema_text() -> str:
    """The schema as the text of a file, what people read in it in the language that is spoken."""
    return _text(mapping_schema())


def report_schema() -> dict[str, Any]:
    """The JSON Schema of report.json, as it is published with this version."""
    found: dict[str, Any] = json.loads(_published())
    return found


def report_schema_text() -> str:
    """The same as the text of a file, in the language that is spoken."""
    return _published() if language.spoken() == language.ENGLISH else _text(report_schema())


def _published() -> str:
    return files("sync.report").joinpath("report.schema.json").read_text(encoding="utf-8")


def texts(schema: Any) -> list[str]:  # noqa: ANN401 - a JSON value
    """What people read in a schema."""
    found: list[str] = []

    def noted(_: str, text: str) -> str:
        found.append(text)
        return text

    _with_texts(schema, noted)
    return found


def _text(schema: dict[str, Any]) -> str:
    told = _with_texts(schema, lambda _, text: language.said(text))
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _with_texts(schema: Any, change: Callable[[str, str], str | None]) -> Any:  # noqa: ANN401 - a JSON value
    """The schema with each title and description as `change` has it; without those of which it makes None."""

    def changed(part: Any, *, names: bool = False) -> Any:  # noqa: ANN401
        if isinstance(part, list):
            return [changed(each) for each in part]
        if not isinstance(part, dict):
            return part
        found = {}
        for key, value in part.items():
            told = not names and key in _TOLD and isinstance(value, str)
            new = change(key, value) if told else changed(value, names=not names and key in _NAMED)
            if not told or new is not None:
                found[key] = new
        return found

    return changed(schema)


@click.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it into this file instead."
)
@click.option("--report", is_flag=True, help="The schema of report.json instead, for programs that read it.")
def schema(output: Path | None, report: bool) -> int:
    """Print the mapping's JSON Schema, for editors; or that of report.json.

    \b
    imsync schema --report
    imsync schema -o imsync.schema.json

    To use it, make this the first line of a mapping:

    \b
    # yaml-language-server: $schema=imsync.schema.json
    """  # noqa: D301 - click's mark for lines that stay as they are
    text = report_schema_text() if report else schema_text()
    if output is None:
        printing.result(text.rstrip("\n"))
        return 0
    try:
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError("file_unwritable", file=str(output), reason=error.strerror or str(error)) from error
    return 0
