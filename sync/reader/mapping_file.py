"""Reads a mapping file and turns every mistake into a place in it.

What enters: a YAML file. What leaves: a MappingFile. What never happens here: stopping at the first mistake; guessing.
"""

import difflib
import hashlib
import inspect
import re
import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from sync.contact import custom_field_name
from sync.errors import MappingError, Problem
from sync.mapping import Mapping, Part

Location = tuple[str | int, ...]

# What a mapping may say that a later version will do; each is refused by name.
_NOT_YET: dict[Location, typing.Callable[[Any], bool]] = {
    ("remote_only",): lambda value: value in ("remove_from_groups", "delete"),
}

_SECRET_NAMES = {"key", "hash", "api_key", "api_hash", "secret", "password", "token", "credentials", "authentication"}

# pydantic's error types → codes of our catalogue; the others become mapping_wrong_value.
_CODES = {
    "extra_forbidden": "mapping_unknown_name",
    "missing": "mapping_missing_name",
    "literal_error": "mapping_not_one_of",
    "model_type": "mapping_wants_names",
    "dict_type": "mapping_wants_names",
    "tuple_type": "mapping_wants_list",
}


@dataclass(frozen=True, slots=True)
class MappingFile:
    """A valid mapping with where each part of it stands.

    Attributes:
        sha256: of the file's bytes; a plan is bound to it.
        data: the parsed YAML, with ruamel's positions.
    """

    path: Path
    sha256: str
    mapping: Mapping
    data: Any = field(repr=False, compare=False)

    def problem(self, location: Location, code: str, **values: Any) -> Problem:  # noqa: ANN401 - any value of a message
        """A mistake at the value that `location` leads to."""
        line, column = _place(self.data, location)
        return Problem(str(self.path), line, column, code, values)


def read_mapping(path: Path) -> MappingFile:
    """The mapping in the file.

    Raises:
        MappingError: the file cannot be read, is not YAML, or says something that is not valid; all mistakes at once.
    """
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise MappingError([Problem(str(path), 0, 0, "mapping_unreadable", {"reason": error.strerror})]) from error
    except UnicodeDecodeError as error:
        if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            raise MappingError([Problem(str(path), 0, 0, "mapping_is_workbook")]) from error
        line = content[: error.start].count(b"\n") + 1
        raise MappingError([Problem(str(path), line, 0, "mapping_not_utf8")]) from error
    data = _parsed(path, text)
    problems = [*_not_yet(path, data), *_contradictions(path, data)]
    mapping = None
    try:
        mapping = Mapping.model_validate(data)
    except ValidationError as error:
        problems += [_problem(path, data, details) for details in error.errors(include_url=False)]
    if problems or mapping is None:
        first_at = {(problem.line, problem.column): problem for problem in reversed(problems)}  # one for each place
        raise MappingError([first_at[place] for place in sorted(first_at)])
    return MappingFile(path, hashlib.sha256(content).hexdigest(), mapping, data)


def _parsed(path: Path, text: str) -> Any:  # noqa: ANN401 - whatever the YAML holds
    try:
        data = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        # Of a name that stands twice ruamel quotes both values, which may be secrets.
        reason = re.sub(" with value .*", "", " ".join(str(error.problem or error.context).split()))
        values = {"reason": reason}
        raise MappingError([Problem(str(path), line, column, "mapping_not_yaml", values)]) from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
        raise MappingError([Problem(str(path), line, column, "mapping_not_yaml", {"reason": error.reason})]) from error
    except RecursionError as error:
        values = {"reason": "nested too deeply"}
        raise MappingError([Problem(str(path), 0, 0, "mapping_not_yaml", values)]) from error
    except (YAMLError, ValueError) as error:
        raise MappingError([Problem(str(path), 0, 0, "mapping_not_yaml", {"reason": str(error)})]) from error
    if not isinstance(data, dict):
        raise MappingError([Problem(str(path), 1, 1, "mapping_wants_names", {"name": path.name})])
    return data


def _not_yet(path: Path, data: Any) -> Iterator[Problem]:  # noqa: ANN401
    for location, applies in _NOT_YET.items():
        value = data
        for part in location:
            value = value.get(part) if isinstance(value, dict) else None
        if applies(value):
            line, column = _place(data, location)
            yield Problem(str(path), line, column, "mapping_not_yet", {"name": _dotted(location)})


def _contradictions(path: Path, data: Any) -> list[Problem]:  # noqa: ANN401
    """What is wrong between parts that may each be right; told also where other parts have mistakes."""

    def part(name: str, kind: type) -> Any:  # noqa: ANN401
        return data[name] if isinstance(data.get(name), kind) else kind()

    fields = {name: spec for name, spec in part("fields", dict).items() if spec is not None}
    columns = {**fields, **{custom_field_name(number): spec for number, spec in part("custom_fields", dict).items()}}
    match = [key for key in part("match", list) if isinstance(key, str)]
    keys = match or [key for key in ("gsm", "email") if key in columns]
    found: list[tuple[Location, str, dict[str, Any]]] = []
    if not set(columns) - {"id"} and "fields" in data:
        found.append((("fields",), "mapping_no_fields", {}))
    elif not keys and "fields" in data:
        found.append((("fields",), "mapping_no_keys", {}))
    found += [
        (("match", index), "mapping_key_not_mapped", {"written": key, "known": _listed(map(str, columns))})
        for index, key in enumerate(match)
        if key not in columns and re.fullmatch(r"id|gsm|email|custom:\d+", key)
    ]
    found += [
        (_location_of(key), "mapping_constant_key", {"key": key})
        for key in keys
        if isinstance(columns.get(key), dict) and "value" in columns[key]
    ]
    return [Problem(str(path), *_place(data, location), code, values) for location, code, values in found]


def _location_of(field_name: str) -> Location:
    kind, _, number = field_name.partition(":")
    return ("custom_fields", int(number)) if number else ("fields", kind)


def _problem(path: Path, data: Any, details: ErrorDetails) -> Problem:  # noqa: ANN401
    location = _in_file(data, details["loc"])
    kind, name, given = details["type"], _dotted(location), details["input"]
    at_key = kind == "extra_forbidden"
    line, column = _place(data, location, at_key=at_key)
    values: dict[str, Any] = {"name": name, "given": given if isinstance(given, str | int | float) else "…"}
    code = _CODES.get(kind, "mapping_wrong_value")
    if kind == "value_error":
        code = f"mapping_{details['ctx']['error']}"
    elif kind == "int_parsing" and details["loc"][:1] == ("custom_fields",):
        code = "mapping_field_id"
    elif kind == "literal_error":
        values["expected"] = details["ctx"]["expected"]
    elif kind in ("string_type", "model_type") and isinstance(given, int | float):
        code = "mapping_needs_quotes"
    elif kind == "missing":
        values["name"] = _dotted((*location, str(details["loc"][-1])) if location != details["loc"] else location)
    elif kind == "extra_forbidden":
        valid = _valid_names(location[:-1])
        written = str(location[-1])
        near = difflib.get_close_matches(written.lower(), valid, n=1)
        code = "mapping_secret" if written.lower() in _SECRET_NAMES else code
        values = {"name": name, "near": near[0] if near else "", "known": _listed(valid)}
    else:
        values["reason"] = details["msg"]
    return Problem(str(path), line, column, code, values)


def _in_file(data: Any, location: Sequence[str | int]) -> Location:  # noqa: ANN401
    """The part of pydantic's location that the file has: tags of unions and names that are missing are left out."""
    found: list[str | int] = []
    for part in location:
        here = data
        for step in found:
            here = here[step]
        if (
            isinstance(here, dict)
            and part not in here
            and isinstance(part, str)
            and part.isdigit()
            and int(part) in here
        ):
            part = int(part)  # noqa: PLW2901 - pydantic names a whole-number key by its text
        if (isinstance(here, dict) and part in here) or (
            isinstance(here, list) and isinstance(part, int) and part < len(here)
        ):
            found.append(part)
    return tuple(found)


def _place(data: Any, location: Location, *, at_key: bool = False) -> tuple[int, int]:  # noqa: ANN401
    """Line and column, from 1, of a value (or of its key); of the nearest parent where the file has no such value."""
    here, line, column = data, 1, 1
    for index, part in enumerate(location):
        lines = getattr(getattr(here, "lc", None), "data", None)
        if lines is None or part not in lines:
            break
        place = lines[part]
        wants_key = at_key and index == len(location) - 1
        row, start = place[0:2] if wants_key or len(place) < 4 else place[2:4]  # noqa: PLR2004 - ruamel's quadruple
        line, column = row + 1, start + 1
        here = here[part]
    return line, column


def _valid_names(location: Location) -> list[str]:
    """The names that may stand at this place of a mapping."""
    here: Any = Mapping
    for part in location:
        if isinstance(part, str) and isinstance(here, type) and issubclass(here, Part):  # a number is a custom field's
            here = _part_in(here.model_fields[part].annotation) if part in here.model_fields else None
    return sorted(here.model_fields) if isinstance(here, type) and issubclass(here, Part) else []


def _part_in(annotation: Any) -> Any:  # noqa: ANN401 - annotations have no common type
    """The Part in an annotation such as `Column | None` or `dict[int, CustomField]`."""
    if inspect.isclass(annotation) and issubclass(annotation, Part):
        return annotation
    return next((part for inner in typing.get_args(annotation) if (part := _part_in(inner))), None)


def _dotted(location: Location) -> str:
    return ".".join(str(part) for part in location)


def _listed(names: typing.Iterable[str]) -> str:
    return ", ".join(sorted(names))
