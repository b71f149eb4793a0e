"""Two languages: who gets which, and that no text lacks its translation."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message

import sync
from sync import language, messages
from sync.language import UnknownLanguage, chosen
from tests.translations import MO, Text, catalogue, compiled, every_text

TEXTS = every_text()
TURKISH = {_id if isinstance(_id := each.id, str) else tuple(_id): each for each in catalogue() if each.id}


@pytest.fixture
def turkish() -> Iterator[None]:
    language.speak("tr")
    yield
    language.speak("en")


def translations(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def names_in(template: str) -> set[str]:
    """What a template has in braces, or after a per cent sign."""
    named = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    return named | set(re.findall(r"%\(\w+\)s", template))


def test_every_text_for_a_person_is_in_the_catalogue_and_no_other() -> None:
    found: dict[str, set[Text]] = {"new": set(TEXTS) - set(TURKISH), "unused": set(TURKISH) - set(TEXTS)}

    assert len(TEXTS) > 1000
    assert found == {"new": set(), "unused": set()}, "run `make translations`, then translate what is new"


def test_every_text_is_translated_and_none_is_a_guess() -> None:
    lacking = [each.id for each in TURKISH.values() if not all(translations(each)) or not translations(each)]

    assert lacking == []
    assert [each.id for each in TURKISH.values() if each.fuzzy] == []


def test_a_translation_has_the_named_values_of_its_text() -> None:
    different = []
    for text, message in TURKISH.items():
        wanted = names_in(text if isinstance(text, str) else text[1])
        allowed = wanted if isinstance(text, str) else wanted | names_in(text[0])
        for translation in translations(message):
            found = names_in(translation)
            if not (found <= allowed and (found >= wanted or not isinstance(text, str))):
                different.append((text, translation))
    assert different == []


def test_a_translation_keeps_the_blanks_and_line_ends_around_its_text() -> None:
    for text, message in TURKISH.items():
        first = text if isinstance(text, str) else text[0]
        for translation in translations(message):
            assert translation.strip() == translation or first.strip() != first, text
            assert translation.endswith("\n") == first.endswith("\n"), text


def test_the_compiled_catalogue_is_that_of_the_texts() -> None:
    assert MO.read_bytes() == compiled(catalogue()), "run `make translations`"


def test_every_stage_and_unit_that_work_is_told_of_is_in_the_catalogue() -> None:
    told = set()
    for path in Path(sync.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "stage" and len(node.args) == 3:
                told.add((ast.unparse(node.args[0]).strip("'"), ast.unparse(node.args[2]).strip("'")))

    assert {stage for stage, _ in told if " " in stage} <= set(messages.STAGES)
    assert {unit for _, unit in told} <= set(messages.UNITS)


@pytest.mark.parametrize(
    ("arguments", "environment", "wanted"),
    [
        ([], {}, "en"),
        ([], {"LANG": "tr_TR.UTF-8"}, "tr"),
        ([], {"LANG": "tr_TR.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ([], {"LANG": "en_US.UTF-8", "LC_ALL": "tr_TR"}, "tr"),
        ([], {"LANG": "tr_TR.UTF-8", "LC_ALL": ""}, "tr"),
        ([], {"LANG": "de_DE.UTF-8"}, "en"),
        ([], {"LANG": "C.UTF-8"}, "en"),
        ([], {"LANG": "../../etc"}, "en"),
        ([], {"LANG": "tr_TR.UTF-8", "IMSYNC_LANG": "en"}, "en"),
        ([], {"IMSYNC_LANG": " TR "}, "tr"),
        ([], {"IMSYNC_LANG": "tr-TR"}, "tr"),
        ([], {"IMSYNC_LANG": "", "LANG": "tr"}, "tr"),
        (["check", "--lang", "en"], {"IMSYNC_LANG": "tr"}, "en"),
        (["--lang=tr", "check"], {"IMSYNC_LANG": "en"}, "tr"),
        (["--lang", "en", "check", "--lang", "tr"], {}, "tr"),
        (["check", "--", "--lang", "tr"], {}, "en"),
        (["check", "--lang"], {"IMSYNC_LANG": "tr"}, "tr"),
        (["--lang", "tr"], {"IMSYNC_LANG": "no language"}, "tr"),
    ],
)
def test_the_command_line_beats_the_environment_which_beats_the_systems_language(
    arguments: list[str], environment: dict[str, str], wanted: str
) -> None:
    assert wanted == chosen(arguments, environment)


@pytest.mark.parametrize("given", ["de", "türkçe", "..", "../tr", "/etc/passwd", "\x1b[31mtr", "x" * 10_000, "trx"])
def test_a_language_that_is_not_spoken_is_no_guess_and_no_path(given: str) -> None:
    with pytest.raises(UnknownLanguage) as raised:
        chosen([], {"IMSYNC_LANG": given})

    error = raised.value.told()
    assert error.values["source"] == "IMSYNC_LANG"
    assert len(error.values["given"]) <= 41
    with pytest.raises(UnknownLanguage):
        chosen(["--lang", given], {})


def test_lang_is_taken_out_of_a_command_line() -> None:
    assert language.without(["--lang", "tr", "--help"]) == ["--help"]
    assert language.without(["--lang=tr", "check", "a"]) == ["check", "a"]


def test_one_and_many_are_told_apart_in_english_and_by_the_number_alone_in_turkish() -> None:
    english = [messages.counted(number, "row") for number in (0, 1, 2, 1234)]
    language.speak("tr")
    try:
        turkish = [messages.counted(number, "row") for number in (0, 1, 2, 1234)]
    finally:
        language.speak("en")

    assert english == ["0 rows", "1 row", "2 rows", "1,234 rows"]
    assert turkish == ["0 satır", "1 satır", "2 satır", "1.234 satır"]


@pytest.mark.usefixtures("turkish")
def test_figures_have_turkish_marks() -> None:
    assert language.number(1234.5) == "1.234,5"
    assert language.number(1234567, ">12,") == "   1.234.567"
    assert language.percent(30.1) == "%30,1"
    values = {"count": 12345, "base": 20000, "percent": "", "limit": 5000}
    assert "12.345" in messages.text("guard_max_adds", values)
    assert "3,3" in messages.text("doctor_answers", {"url": "x", "seconds": 3.3})


def test_figures_in_english_are_left_alone() -> None:
    values: dict[str, object] = {"count": 1234}

    assert language.figures(values) is values
    assert language.percent(30.1) == "30.1%"


@pytest.mark.usefixtures("turkish")
@pytest.mark.parametrize("code", messages.CATALOGUE)
def test_every_message_can_be_told_in_turkish(code: str) -> None:

    message = messages.CATALOGUE[code]
    names = set().union(*map(names_in, (message.what, message.many, message.next, *message.hints.values())))

    told = messages.text(code, dict.fromkeys(names, 3))

    assert told
    assert "{" not in told


@pytest.mark.usefixtures("turkish")
def test_what_is_no_text_of_ours_stays_as_it_is() -> None:
    assert language.said("Kadıköy") == "Kadıköy"
    assert language.said("") == ""
    assert messages.field_words("gsm, custom:3, kargo") == "telefon numarası, özel alan 3, kargo"
