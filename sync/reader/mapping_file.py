"""Reads a mapping file and turns every mistake into a place in it.

What enters: a YAML file. What leaves: a MappingFile. What never happens here: stopping at the first mistake; guessing.
"""

import datetime
import difflib
import hashlib
import inspect
import re
import typing
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import TaggedScalar
from ruamel.yaml.error import YAMLWarning

from sync.contact import custom_field_name
from sync.errors import MappingError, Problem
from sync.mapping import Mapping, Part
from sync.reader.yaml_faults import fault, too_deep

Location = tuple[str | int, ...]

_SECRET_NAMES = {"key", "hash", "api_key", "api_hash", "secret", "password", "token", "credentials", "authentication"}

_LARGEST = 1 << 20  # bytes; a mapping of a hundred columns has some thousands
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BETWEEN_CELLS = ";", "\t", ","  # of a table; a line of a mapping without a colon has none of them

# pydantic's error types → codes of our catalogue; pydantic's own words are English, and show where a type is not here.
_CODES = {
    "extra_forbidden": "mapping_unknown_name",
    "missing": "mapping_missing_name",
    "literal_error": "mapping_not_one_of",
    "model_type": "mapping_wants_names",
    "dict_type": "mapping_wants_names",
    "tuple_type": "mapping_wants_list",
    "too_short": "mapping_wants_two",
    "bool_type": "mapping_wants_bool",
    "int_type": "mapping_wants_whole",
    "int_from_float": "mapping_wants_whole",
    "float_type": "mapping_wants_number",
    "float_parsing": "mapping_wants_number",
    "finite_number": "mapping_wants_number",
    "greater_than": "mapping_wants_more",
    "greater_than_equal": "mapping_wants_least",
    "less_than_equal": "mapping_wants_most",
    "string_type": "mapping_wants_text",
    "string_too_short": "mapping_wants_letters",
    "string_too_long": "mapping_wants_fewer_letters",
    "too_long": "mapping_wants_fewer_letters",
    "invalid_key": "yaml_key",
}
_KEY = "[key]"  # the end of a location that means a name, not what is behind it
_LIMITS = {"greater_than": "gt", "greater_than_equal": "ge", "less_than_equal": "le"}
_LIMITS |= {"string_too_long": "max_length", "too_long": "max_length"}


class _Word(str):
    """A value that is no text in YAML, shown as it is written there."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


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
    content = _content(path)
    text = _decoded(path, content)
    data = _parsed(path, text)
    problems = _contradictions(path, data)
    mapping = None
    try:
        mapping = Mapping.model_validate(data)
    except ValidationError as error:
        problems += [_problem(path, data, details) for details in error.errors(include_url=False)]
    if problems or mapping is None:
        first_at = {(problem.line, problem.column): problem for problem in reversed(problems)}  # one for each place
        raise MappingError([first_at[place] for place in sorted(first_at)])
    return MappingFile(path, hashlib.sha256(content).hexdigest(), mapping, data)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise MappingError([Problem(str(path), 0, 0, "mapping_unreadable", {"reason": error.strerror})]) from error
    if content.startswith(_WORKBOOK):
        raise MappingError([Problem(str(path), 0, 0, "mapping_is_workbook")])
    if len(content) > _LARGEST:
        raise MappingError([Problem(str(path), 0, 0, "mapping_too_large", {"most": _LARGEST >> 20})])
    return content


def _decoded(path: Path, content: bytes) -> str:
    if content.startswith(_UTF16) or b"\0" in content[:2]:  # the first letter, of a name or a comment, is a plain one
        raise MappingError([Problem(str(path), 1, 1, "mapping_not_utf8", {"encoding": "UTF-16"})])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        before = content[content.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8-sig")
        letter = content[error.start : error.start + 1].decode("cp1254", "replace")
        encoding = "windows-1254" if letter.isalpha() else ""
        place = str(path), line, len(before) + 1
        raise MappingError([Problem(*place, "mapping_not_utf8", {"encoding": encoding})]) from error


def _parsed(path: Path, text: str) -> Any:  # noqa: ANN401 - whatever the YAML holds
    try:
        if too_deep(text):  # the parser needs many seconds to find that out
            raise RecursionError
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", YAMLWarning
            )  # of an anchor that stands twice, of which the later one counts
            data = YAML(typ="rt", pure=True).load(text)
    except Exception as error:  # the library raises whatever the text provokes
        found = fault(text, error)
        raise MappingError([Problem(str(path), found.line, found.column, found.code, found.values)]) from error
    if data is None:
        raise MappingError([Problem(str(path), 1, 1, "mapping_empty")])
    if isinstance(data, str) and any(mark in text.lstrip().partition("\n")[0] for mark in _BETWEEN_CELLS):
        raise MappingError([Problem(str(path), 1, 1, "mapping_is_table")])
    if not isinstance(data, dict):
        raise MappingError([Problem(str(path), 1, 1, "mapping_wants_names", {"name": path.name})])
    return data


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
        if key not in columns and re.fullmatch(r"id|gsm|email|custom:[1-9]\d*", key)
    ]
    found += [
        (_location_of(key), "mapping_constant_key", {"key": key})
        for key in keys
        if isinstance(columns.get(key), dict) and "value" in columns[key]
    ]
    groups = part("groups", dict)
    if data.get("remote_only") == "remove_from_groups" and not (groups.get("always") or groups.get("column")):
        found.append((("remote_only",), "mapping_removes_from_none", {}))
    if data.get("remote_only") in ("remove_from_groups", "delete") and not data.get("name"):
        found.append((("remote_only",), "mapping_removes_without_name", {}))
    return [Problem(str(path), *_place(data, location), code, values) for location, code, values in found]


def _location_of(field_name: str) -> Location:
    kind, _, number = field_name.partition(":")
    return ("custom_fields", int(number)) if number else ("fields", kind)


def _problem(path: Path, data: Any, details: ErrorDetails) -> Problem:  # noqa: ANN401
    location = _in_file(data, details["loc"])
    kind, name, given = details["type"], _dotted(location), details["input"]
    at_key = kind == "extra_forbidden"
    code = _code(details)
    named = details["loc"][-1:] == (_KEY,) or code == "mapping_field_empty"
    line, column = _place(data, location, at_key=at_key or named)
    values: dict[str, Any] = {"name": name, "given": _shown(given)}
    if code == "yaml_mark":
        values = {"mark": "!"}
    elif kind == "literal_error":
        values["expected"] = details["ctx"]["expected"].replace(" or ", ", ")
    elif kind == "missing":
        values["name"] = _dotted((*location, str(details["loc"][-1])) if location != details["loc"] else location)
    elif at_key:
        valid = _valid_names(location[:-1])
        written = str(location[-1])
        near = difflib.get_close_matches(written.lower(), valid, n=1)
        code = "mapping_secret" if written.lower() in _SECRET_NAMES else code
        values = {"name": name, "near": near[0] if near else "", "known": _listed(valid)}
    elif kind in _LIMITS:
        values["limit"] = details["ctx"][_LIMITS[kind]]
    elif code == "mapping_wrong_value":
        values["reason"] = details["msg"]
    return Problem(str(path), line, column, code, values)


def _code(details: ErrorDetails) -> str:
    """What pydantic's error is told as."""
    kind, given = details["type"], details["input"]
    if kind == "value_error":
        return f"mapping_{details['ctx']['error']}"
    if isinstance(given, TaggedScalar):
        return "yaml_mark"
    if kind == "too_short" and isinstance(given, str):
        return "mapping_wants_letters"
    if kind in ("string_type", "model_type") and isinstance(given, int | float | datetime.date):
        return "mapping_needs_quotes"
    return _CODES.get(kind, "mapping_wrong_value")


def _shown(given: Any) -> Any:  # noqa: ANN401
    """A value as the person has written it; what is made of several parts is not repeated."""
    if given is None or isinstance(given, bool):
        return _Word({None: "null", True: "true", False: "false"}[given])
    if isinstance(given, datetime.date):
        return _Word(given)
    return given if isinstance(given, str | int | float) else _Word("…")


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
