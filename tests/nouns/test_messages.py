"""The catalogue: every code that the source uses, and none that it does not."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sync
from sync import messages
from sync.errors import ImsyncError, Problem, UsageError
from sync.messages import CATALOGUE, Message

SOURCE = Path(sync.__file__).parent
TREES = {
    path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(SOURCE.rglob("*.py"))
    if not path.is_relative_to(SOURCE / "sandbox")
}
# Which argument of a call is a code.
CODE_AT = {
    **dict.fromkeys(["Remark", "Finding", "Note", "Issue", "UsageError", "RunRefused", "RunStopped"], 0),
    **dict.fromkeys(["NotAuthorised", "WrongAddress"], 0),
    **dict.fromkeys(["Unreachable", "Refused", "Gone", "NotDone", "Unsure", "text", "tell"], 0),
    **dict.fromkeys(["problem", "_problem"], 1),
    "Problem": 3,
}
ERRORS = {"UsageError", "RunRefused", "RunStopped", "NotAuthorised", "WrongAddress", "Unreachable"}
CODE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


def calls() -> Iterator[tuple[str, str, str, ast.Call]]:
    """Each call with a literal code: file and line, the called name, the code, the call."""
    for file, tree in TREES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            at = CODE_AT.get(name)
            if at is None or len(node.args) <= at:
                continue
            code = node.args[at]
            if isinstance(code, ast.Constant) and isinstance(code.value, str) and CODE.fullmatch(code.value):
                yield f"{file}:{node.lineno}", name, code.value, node


def model_codes() -> set[str]:
    """The codes of the mistakes that the mapping's model names by their short form."""
    return {
        f"mapping_{node.args[0].value}"
        for node in ast.walk(TREES["mapping.py"])
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "ValueError"
        and isinstance(node.args[0], ast.Constant)
    }


def literals() -> set[str]:
    """Every text in the source that may be a code."""
    return {
        node.value
        for file, tree in TREES.items()
        if file != "messages.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def names_in(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_code_of_a_call_is_in_the_catalogue() -> None:
    found = list(calls())

    assert len(found) > 50
    assert [(place, code) for place, _, code, _ in found if code not in CATALOGUE] == []


def test_every_mistake_that_the_mappings_model_names_is_in_the_catalogue() -> None:
    assert len(model_codes()) == 12
    assert model_codes() - set(CATALOGUE) == set()


def test_no_entry_of_the_catalogue_is_unused() -> None:
    assert set(CATALOGUE) - literals() - model_codes() == set()


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_templates_named_values_parse(code: str) -> None:
    message = CATALOGUE[code]
    for template in (message.what, message.next, *message.hints.values()):
        assert all(name.isidentifier() for name in names_in(template))


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_hint_is_told_by_a_value_that_it_names(code: str) -> None:
    hints = CATALOGUE[code].hints

    assert [name for name, template in hints.items() if names_in(template) != {name}] == []


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_message_is_a_sentence_with_an_end(code: str) -> None:
    message = CATALOGUE[code]

    assert message.what
    assert message.what.endswith((".", "?")) or message.what.endswith("{reason}")


def test_every_error_is_raised_with_the_values_that_its_message_names() -> None:
    missing = []
    for place, name, code, call in calls():
        if name not in ERRORS or code not in CATALOGUE or any(keyword.arg is None for keyword in call.keywords):
            continue
        given = {keyword.arg for keyword in call.keywords}
        if wanted := (names_in(CATALOGUE[code].what) | names_in(CATALOGUE[code].next)) - given:
            missing.append((place, code, wanted))
    assert missing == []


def test_every_remark_has_the_values_that_its_message_names() -> None:
    missing = []
    for place, name, code, call in calls():
        values = call.args[1] if name == "Remark" and len(call.args) > 1 else None
        if code not in CATALOGUE or not isinstance(values, ast.Dict) or None in values.keys:
            continue
        given = {key.value for key in values.keys if isinstance(key, ast.Constant)}
        if wanted := (names_in(CATALOGUE[code].what) | names_in(CATALOGUE[code].next)) - given:
            missing.append((place, code, wanted))
    assert missing == []


def every_error(kind: type[ImsyncError]) -> Iterator[type[ImsyncError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from every_error(each)


@pytest.mark.parametrize(
    ("name", "code"),
    [("UsageError", 2), ("MappingError", 2), ("RunRefused", 4), ("RunStopped", 6), ("NotAuthorised", 5),
     ("WrongAddress", 2), ("Unreachable", 6)],
)  # fmt: skip
def test_an_error_has_the_documented_exit_code(name: str, code: int) -> None:
    kinds = {each.__name__: each.exit_code for each in every_error(ImsyncError)}

    assert kinds[name] == code


def test_a_hint_without_its_value_is_not_told() -> None:
    message = Message("“{name}” is not known.", "Correct it.", {"near": "Did you mean “{near}”?"})

    told: list[Any] = [message.text({"name": "a", "near": near}) for near in ("", "b")]

    assert told == ["“a” is not known. Correct it.", "“a” is not known. Did you mean “b”? Correct it."]


def test_a_problem_shows_its_place() -> None:
    problem = Problem("customers.yaml", 12, 9, "mapping_missing_name", {"name": "version"})

    told = "“version” is missing. Add it (“imsync init FILE” writes a whole mapping to start from)."
    assert messages.problem_text(problem) == f"customers.yaml:12:9: {told}"


def test_a_problem_without_a_place_shows_the_file_alone() -> None:
    problem = Problem("customers.yaml", 0, 0, "mapping_is_workbook")

    told = "this is a workbook, not a mapping. After -m comes the YAML file; the sheet stands before it."
    assert messages.problem_text(problem) == f"customers.yaml: {told}"


def test_braces_in_a_value_are_text() -> None:
    error = UsageError("file_empty", file="{secret}.csv")

    assert messages.error_text(error).startswith("{secret}.csv is empty.")
