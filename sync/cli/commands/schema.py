"""`imsync schema`: the mapping's JSON Schema, for editors that complete and check; and that of report.json."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from sync.cli import printing
from sync.errors import UsageError

SCHEMA_ID = "urn:imsync:mapping:1"


def mapping_schema() -> dict[str, Any]:
    """The JSON Schema of a mapping, as YAML allows it to be written."""
    from sync.mapping import Mapping

    made = _without_made_up_titles(Mapping.model_json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **made}


def schema_text() -> str:
    """The schema as the text of a file."""
    return json.dumps(mapping_schema(), ensure_ascii=False, indent=2) + "\n"


def report_schema_text() -> str:
    """The JSON Schema of report.json, as it is published with this version."""
    return files("sync.report").joinpath("report.schema.json").read_text(encoding="utf-8")


def _without_made_up_titles(made: dict[str, Any]) -> dict[str, Any]:
    """The schema without the titles that pydantic makes of names (`Header Row`); the whole keeps its own."""

    def cleaned(part: Any, *, names: bool = False) -> Any:  # noqa: ANN401 - a JSON value
        if isinstance(part, list):
            return [cleaned(each) for each in part]
        if not isinstance(part, dict):
            return part
        return {
            key: cleaned(value, names=key in ("properties", "$defs") and not names)
            for key, value in part.items()
            if names or key != "title"
        }

    return {"title": made["title"], **cleaned(made)}


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
