"""Texts that are no YAML: each kind of mistake at its place, in our own words, in either language."""

import random
import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sync import language
from sync.errors import MappingError
from sync.mapping import Mapping
from sync.messages import problem_text
from sync.reader import read_mapping

from .making import GSM, mapping_file, mistakes, places

FIELDS = "version: 1\nfields:\n"
_SAID = "the is not of row an and or found expected could while scanning parsing but input should be valid have item"
WORDS = frozenset(_SAID.split())


@pytest.fixture
def turkish() -> Iterator[None]:
    language.speak("tr")
    yield
    language.speak("en")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"{FIELDS}\tgsm: Cep\n", (3, 1, "yaml_tab")),
        (f"{FIELDS}  gsm: Cep\n\tname: Ad\n", (4, 1, "yaml_tab")),
        (f"{FIELDS}  gsm Cep\n  name: Ad\n", (3, 3, "yaml_no_colon")),
        (f"{FIELDS}  gsm: Cep\n  name Ad\n", (4, 3, "yaml_no_colon")),
        ("version 1\nfields: {gsm: Cep}\n", (1, 1, "yaml_no_colon")),
        (f"{FIELDS}  gsm Cep\n\n  # a comment\n  name: Ad\n", (3, 3, "yaml_no_colon")),
        (f"{FIELDS}  gsm: Cep\nguards: {{max_edits: %30}}\n", (4, 21, "yaml_share")),
        (f"{FIELDS}  gsm: Cep\nguards:\n  max_edits: %30\n", (5, 14, "yaml_share")),
        (f"{FIELDS}  gsm: Cep\nguards: {{max_edits: %301}}\n", (4, 21, "yaml_mark")),
        (f"{FIELDS}  gsm: %Cep\n", (3, 8, "yaml_mark")),
        (f"{FIELDS}  gsm:Cep\n  name: Ad\n", (3, 6, "yaml_colon_blank")),
        ("version:1\nfields: {gsm: Cep}\n", (1, 8, "yaml_colon_blank")),
        (f"{FIELDS}  gsm: Cep: Tel\n", (3, 11, "yaml_second_colon")),
        (f"{FIELDS}    gsm: Cep\n  name: Ad\n", (4, 3, "yaml_indent")),
        (f"{FIELDS}  gsm: Cep\n    name: Ad\n", (4, 5, "yaml_indent")),
        ("version: 1\n fields: {gsm: Cep}\n", (2, 2, "yaml_indent")),
        (f'{FIELDS}  gsm: "Cep\n  name: Ad\n', (3, 8, "yaml_quote")),
        (f"{FIELDS}  gsm: 'Cep\n  name: Ad\n", (3, 8, "yaml_quote")),
        (f'{FIELDS}  gsm: "Cep" Telefonu\n', (3, 14, "yaml_after_quote")),
        (f'{FIELDS}  gsm: "C:\\dosya"\n', (3, 11, "yaml_escape")),
        (f'{FIELDS}  gsm: "\\x4"\n', (3, 9, "yaml_escape")),
        ("version: 1\nmatch: [gsm, email\nfields: {gsm: Cep}\n", (2, 8, "yaml_bracket")),
        ("version: 1\nfields: {gsm: Cep\n", (2, 9, "yaml_bracket")),
        ("version: 1\nfields: {gsm: Cep name: Ad}\n", (2, 9, "yaml_bracket")),
        ("version: 1\nmatch: [\n", (2, 8, "yaml_bracket")),
        ("version: 1\nmatch: [gsm]]\n", (2, 13, "yaml_closing")),
        ("version: 1\nmatch: [gsm,, email]\n", (2, 13, "yaml_entry")),
        ("version: 1\nmatch: - gsm\n", (2, 8, "yaml_dash")),
        ("version: 1\n- gsm\n", (2, 1, "yaml_dash")),
        *((f"{FIELDS}  gsm: {mark}Cep\n", (3, 8, "yaml_mark")) for mark in "@`%*!"),
        *((f"{FIELDS}  gsm: {mark} Cep\n", (3, 8, "yaml_mark")) for mark in "*&|>"),
        (f"{GSM}source: {{sheet: *}}\n", (4, 17, "yaml_mark")),
        (f"{GSM}source:\n  sheet: *\n", (5, 10, "yaml_mark")),
        (f"{GSM}name: !e!x y\n", (4, 7, "yaml_mark")),
        (f"{GSM}---\n{GSM}", (4, 1, "yaml_documents")),
        (f"{GSM}...\nname: x\n", (5, 1, "yaml_documents")),
        (f"{GSM}version: 1\n", (4, 1, "yaml_twice")),
        (f"{GSM}name: 2026-13-45\n", (4, 7, "yaml_date")),
        (f"{GSM}name: {'9' * 5000}\n", (4, 7, "yaml_number")),
        (f"{GSM}name: a\x00b\n", (4, 8, "yaml_character")),
        (f"{GSM}name: {'[' * 5000}\n", (4, 57, "yaml_deep")),
        ("Ad;Cep\nAyşe;0500 111 22 33\n", (1, 1, "mapping_is_table")),
        ("", (1, 1, "mapping_empty")),
    ],
)
def test_each_mistake_is_told_by_its_kind_at_its_place(tmp_path: Path, text: str, place: tuple[int, int, str]) -> None:
    assert places(mistakes(tmp_path, text)) == [place]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_mapping_in_utf_16_is_told_so(tmp_path: Path, encoding: str) -> None:
    (found,) = mistakes(tmp_path, GSM.encode(encoding))

    assert (found.line, found.code, found.values) == (1, "mapping_not_utf8", {"encoding": "UTF-16"})


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04" + b"\0" * 3_000_000, "mapping_is_workbook"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "mapping_is_workbook"),
        (b"version: 1\n" + b"# more\n" * 200_000, "mapping_too_large"),
        (b"\x89PNG\r\n", "mapping_not_utf8"),
    ],
)
def test_what_is_no_mapping_at_all_is_not_parsed(tmp_path: Path, content: bytes, code: str) -> None:
    assert [problem.code for problem in mistakes(tmp_path, content)] == [code]


@pytest.mark.parametrize("place", ["name: *g\n", "match: *g\n", "groups: {always: *g}\n", "x: {<<: [*g, *g]}\n"])
def test_a_bomb_of_references_is_a_mistake_like_any_other(tmp_path: Path, place: str) -> None:
    levels = ["a: &a [x, x, x, x, x, x, x, x, x]\n"]
    levels += [f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in pairwise("abcdefg")]

    found = mistakes(tmp_path, GSM + "".join(levels) + place)

    assert all(problem.line for problem in found)
    assert len(found) < 30
    assert max(len(problem_text(problem)) for problem in found) < 500


def test_a_list_that_holds_itself_is_a_mistake_like_any_other(tmp_path: Path) -> None:
    assert [problem.line for problem in mistakes(tmp_path, f"{GSM}match: &a [*a, gsm]\n")] == [4]


def test_a_reference_to_an_earlier_part_is_no_mistake_and_tells_nothing(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    warnings.simplefilter("always")
    text = f"{GSM}name: &a x\ngroups: {{column: &a Grup}}\non_blank: keep\ncustom_fields: {{3: *a}}\n"

    assert mapping_file(tmp_path, text).mapping.custom_fields[3].column == "Grup"
    assert not list(recwarn)


# Values of the wrong type


def _places_of_values(part: Any, above: str = "", seen: set[Any] | None = None) -> Iterator[str]:
    """Every kind of value of a mapping once, with braces around what it stands in."""
    seen = set() if seen is None else seen
    for name, field in part.model_fields.items():
        yield f"{above}{name}: VALUE" + "}" * above.count("{")
        for inner in _parts(field.annotation):
            if inner not in seen:
                seen.add(inner)
                yield from _places_of_values(inner, f"{above}{name}: {{{'1: {' * (name == 'custom_fields')}", seen)


def _parts(annotation: Any) -> Iterator[Any]:
    if hasattr(annotation, "model_fields"):
        yield annotation
    for each in getattr(annotation, "__args__", ()):
        yield from _parts(each)


VALUES = (
    "null", "true", "-1", "1.5", ".nan", "''", "xxx", "[]", "[[]]", "[1]", "[a]", "{}", "{1: [2]}", "2026-01-01",
    "!x y",
)  # fmt: skip


@pytest.mark.usefixtures("turkish")
@pytest.mark.parametrize("value", VALUES)
def test_no_wrong_value_is_answered_in_pydantics_words(tmp_path: Path, value: str) -> None:
    path = tmp_path / "customers.yaml"
    for place in _places_of_values(Mapping):
        path.write_text(f"{{{place.replace('VALUE', value)}}}\n", encoding="utf-8")
        with pytest.raises(MappingError) as raised:
            read_mapping(path)

        for problem in raised.value.problems:
            told = problem_text(problem).removeprefix(str(path))
            assert problem.code not in ("mapping_wrong_value", "mapping_not_yaml"), (place, problem)
            assert not WORDS & set(told.split()), (place, told)


@pytest.mark.usefixtures("turkish")
def test_no_spoilt_text_is_answered_in_the_parsers_words(tmp_path: Path) -> None:
    good = Path("mappings/customers.yaml").read_text(encoding="utf-8")
    path, chance = tmp_path / "customers.yaml", random.Random(6)
    told = 0
    for _ in range(120):
        at = chance.randrange(len(good))
        cut = chance.choice((0, 0, 1, 3))
        path.write_text(good[:at] + chance.choice(SPOILERS) + good[at + cut :], encoding="utf-8")
        try:
            read_mapping(path)
        except MappingError as error:
            for problem in error.problems:
                told += 1
                assert problem.code not in ("mapping_wrong_value", "mapping_not_yaml"), problem
                assert problem.line, problem
    assert told > 40


SPOILERS = (
    "\t", '"', "'", ":", ": ", "[", "]", "{", "}", ",", "- ", "*", "&", "!", "|", ">", "%", "@", "`", "\n", "\n ",
    "\\", "?", "? ", "---\n", "\n---\n", "\n...\n", "!!int ", "<<: ", "#", "\x07", "", "a: 1\n", "ı", "=",
)  # fmt: skip


@pytest.mark.parametrize("text", ["? - []", "version: 1\n? - [a]\n: b\n", "- ? [[]]\n"])
def test_a_list_for_a_name_is_told_whatever_the_parser_makes_of_it(tmp_path: Path, text: str) -> None:
    assert [problem.code for problem in mistakes(tmp_path, text)] in (["yaml_key"], ["mapping_wants_names"])
