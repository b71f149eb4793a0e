"""The language in which a person is spoken to: English, or Turkish.

What enters: the command line, the environment; English texts. What leaves: the same texts and figures in the language.
What never happens here: loading a catalogue of translations before one is needed; a path made of what somebody typed.
"""

import os
import sys
from collections.abc import Mapping, Sequence

TYPE_CHECKING = False  # as in typing, which takes longer to import than all of this
if TYPE_CHECKING:
    from gettext import NullTranslations

    from sync.errors import UsageError

ENGLISH, TURKISH = "en", "tr"
LANGUAGES = (ENGLISH, TURKISH)
OPTION, VARIABLE = "--lang", "IMSYNC_LANG"
DOMAIN = "imsync"
FOLDER = os.path.join(os.path.dirname(__file__), "locale")  # noqa: PTH118, PTH120 - pathlib takes long too

_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that says anything decides, as POSIX has it
_LONGEST = 40  # letters of a wrong name that are shown again
_WINDOWS_TURKISH = 0x1F  # LANG_TURKISH, the lower ten bits of a language id
_MARKS = str.maketrans(",.", ".,")


class _Speech:
    """Which language this process speaks, and its translations once one was needed."""

    language: str = ENGLISH
    turkish: "NullTranslations | None" = None


_SPEECH = _Speech()


class UnknownLanguage(Exception):
    """Somebody asked for a language that is not spoken here."""

    def __init__(self, source: str, given: str) -> None:
        super().__init__(source, given)
        self.source, self.given = source, given

    def told(self) -> "UsageError":
        """The error that a person is told of."""
        from sync.errors import UsageError  # noqa: PLC0415 - it takes long to import, for whoever speaks as he should

        return UsageError("language_unknown", source=self.source, given=self.given)


def spoken() -> str:
    """The language that is spoken: `en` or `tr`."""
    return _SPEECH.language


def speak(language: str) -> None:
    """From now on this language is spoken."""
    _SPEECH.language = language


def chosen(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language that the command line names, else the environment, else the system's; English if none says Turkish.

    Raises:
        UnknownLanguage: the command line or `IMSYNC_LANG` names a language that is not spoken here.
    """
    for source, given in ((OPTION, _named(arguments)), (VARIABLE, environment.get(VARIABLE, "").strip())):
        if given:
            found = _language(given)
            if found not in LANGUAGES:
                shown = given if len(given) <= _LONGEST else f"{given[:_LONGEST]}…"
                raise UnknownLanguage(source, shown)
            return found
    return _systems(environment)


def _named(arguments: Sequence[str]) -> str:
    """What the last `--lang` names; empty where there is none."""
    found = ""
    for place, word in enumerate(arguments):
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if name == OPTION:
            found = value if equals else "".join(arguments[place + 1 : place + 2])
    return found


def without(arguments: Sequence[str]) -> list[str]:
    """The arguments without any `--lang`."""
    kept, skips = [], False
    for word in arguments:
        if not skips and word != OPTION and not word.startswith(f"{OPTION}="):
            kept.append(word)
        skips = not skips and word == OPTION
    return kept


def _language(name: str) -> str:
    """The language of a name such as `tr`, `TR` or `tr_TR.UTF-8`."""
    for mark in "_-.@:":
        name = name.partition(mark)[0]
    return name.lower()


def _systems(environment: Mapping[str, str]) -> str:
    said = next((environment[name] for name in _LOCALE_VARIABLES if environment.get(name)), "")
    if said:
        return TURKISH if _language(said) == TURKISH else ENGLISH
    return TURKISH if _is_windows_turkish() else ENGLISH


def _is_windows_turkish() -> bool:
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - on Windows alone

        return bool(ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == _WINDOWS_TURKISH)
    return False


# Texts


def _turkish() -> "NullTranslations":
    if _SPEECH.turkish is None:
        from gettext import translation  # noqa: PLC0415 - English does without

        _SPEECH.turkish = translation(DOMAIN, FOLDER, [TURKISH])
    return _SPEECH.turkish


def said(english: str) -> str:
    """The text in the language that is spoken."""
    if _SPEECH.language == ENGLISH or not english:  # the empty text stands for the catalogue's own head
        return english
    return _turkish().gettext(english)


def counted(one: str, many: str, number: int) -> str:
    """The text for so many, in the language that is spoken."""
    if _SPEECH.language == ENGLISH:
        return one if number == 1 else many
    return _turkish().ngettext(one, many, number)


# Figures


def marked(figure: str) -> str:
    """A figure such as 1,234.5 with the marks of the language: 1.234,5."""
    return figure if _SPEECH.language == ENGLISH else figure.translate(_MARKS)


def number(value: float, form: str = ",") -> str:
    """A number as a person reads it."""
    return marked(format(value, form))


def percent(value: float) -> str:
    """A share: 30.1%, or %30,1."""
    return f"{value:g}%" if _SPEECH.language == ENGLISH else f"%{marked(f'{value:g}')}"


def day_form() -> str:
    """How a day is written, for `strftime`."""
    return "%Y-%m-%d" if _SPEECH.language == ENGLISH else "%d.%m.%Y"


class Figure:
    """A number that a template prints with the marks of the language."""

    __slots__ = ("_value",)

    def __init__(self, value: float) -> None:
        self._value = value

    def __format__(self, form: str) -> str:
        return marked(format(self._value, form))

    def __str__(self) -> str:
        return marked(str(self._value))

    def __repr__(self) -> str:
        return repr(self._value)


def figures(values: Mapping[str, object]) -> Mapping[str, object]:
    """Named values for a template, such that it prints numbers with the marks of the language."""
    if _SPEECH.language == ENGLISH:
        return values
    return {name: _figure(value) for name, value in values.items()}


def _figure(value: object) -> object:
    return Figure(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
