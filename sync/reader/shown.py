"""Shows a stored value as the person sees it in Excel: a number by its number format, days, errors, texts.

What enters: a value and the code of its number format. What leaves: a cell.
What never happens here: a thousands separator, an exponent, or a decimal sign other than the point.
"""

import datetime
import math
import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from sync.grid import Cell, Kind

_DAY = 86_400
# The last day that Excel knows, 31/12/9999, counted in the two date systems.
_LAST_DAY_1900, _LAST_DAY_1904 = 2_958_465, 2_957_003
# Excel takes 1900 for a leap year: this is the number of its 29th of February.
_NO_SUCH_DAY = 60
# Excel allows 255 characters; more zeros than these would only fill the memory.
_LONGEST_CODE = 1024
_WIDEST = 255
_WHOLE = 1e15

BLANK = Cell("")
_TRUTHS = (Cell("FALSE", Kind.TRUTH), Cell("TRUE", Kind.TRUTH))
_ERRORS = {
    code: Cell(text, Kind.ERROR)
    for code, text in {
        0x00: "#NULL!",
        0x07: "#DIV/0!",
        0x0F: "#VALUE!",
        0x17: "#REF!",
        0x1D: "#NAME?",
        0x24: "#NUM!",
        0x2A: "#N/A",
        0x2B: "#GETTING_DATA",
    }.items()
}
_NO_NUMBER = _ERRORS[0x24]
_UNKNOWN_ERROR = Cell("#UNKNOWN!", Kind.ERROR)
# Formats that every file may name without writing them down, and that differ between the languages of Excel: days
# (27 to 31, 36, 50 to 54, 57, 58) and, in some languages, times.
_EAST_ASIAN = {*range(27, 37), *range(50, 59)}

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*].|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General)|(?P<noon>AM/PM|A/P)|(?P<exponent>E[+-])|(?P<plain>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d*)?)")
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_FRACTION_OF_SECOND = re.compile(r"(?<=s)[.,]0+")
_PLACEHOLDERS = "0#?"
# What may stand between the digits of a number that is shown in groups.
_BETWEEN = " ()-+:'"


class _Section(NamedTuple):
    """One part of a number format, and which numbers it is for.

    `width` and `zeros` are of PADDED: the digits shown at least, and the zeros written before them as a literal.
    """

    kind: Kind
    condition: tuple[str, float] | None = None
    width: int = 0
    zeros: int = 0


_PLAIN = (_Section(Kind.NUMBER),)


def builtin_format(number: int) -> str:
    """The code of a number format that files name by its number alone; `General` for an unknown one."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS  # noqa: PLC0415 - openpyxl takes its time; few files need it

    return "yyyy-mm-dd" if number in _EAST_ASIAN else BUILTIN_FORMATS.get(number, "General")


def number_cell(value: float, format_code: str = "General", *, epoch_1904: bool = False) -> Cell:
    """A stored number under its number format: a number, padded number, share, day, time or duration."""
    if not math.isfinite(value):
        return _NO_NUMBER
    sections = _sections(format_code)
    section = sections[0] if len(sections) == 1 and not sections[0].condition else _section_for(value, sections)
    match section.kind:
        case Kind.PADDED:
            text = number_text(value)
            if text.isdecimal():
                return Cell("0" * section.zeros + text.zfill(section.width), Kind.PADDED)
            return Cell(text, Kind.NUMBER)
        case Kind.PERCENT:
            share = value * 100
            return Cell(number_text(share) + "%", Kind.PERCENT) if math.isfinite(share) else _NO_NUMBER
        case Kind.DATE | Kind.TIME | Kind.DURATION:
            return _day_cell(value, section.kind, epoch_1904=epoch_1904)
        case _:
            return Cell(number_text(value), Kind.NUMBER)


def number_text(value: float) -> str:
    """A number with at most 15 significant digits, as Excel keeps them, without exponent."""
    if -_WHOLE < value < _WHOLE and value % 1 == 0:  # an int has no is_integer before Python 3.12
        return str(int(value))
    text = f"{value:.15g}"
    return format(Decimal(text), "f") if "e" in text else text


def text_cell(text: str) -> Cell:
    r"""A text; its line breaks are `\n`, whatever the writing program took for one."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Cell(text) if text else BLANK


def truth_cell(value: object) -> Cell:
    """TRUE or FALSE."""
    return _TRUTHS[bool(value)]


def error_cell(code: int) -> Cell:
    """The error with this code of the binary formats."""
    return _ERRORS.get(code, _UNKNOWN_ERROR)


def moment_cell(moment: datetime.datetime) -> Cell:
    """A day, and its time, to the second, where that is not midnight."""
    if moment.microsecond:
        rounded = datetime.timedelta(seconds=round(moment.microsecond / 1_000_000))
        moment = moment.replace(microsecond=0)
        if datetime.datetime.max - moment > rounded:  # noqa: DTZ901 - the last half second of 9999 is not rounded up
            moment += rounded
    if moment.time() == datetime.time():
        return Cell(moment.date().isoformat(), Kind.DATE)
    return Cell(moment.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds"), Kind.MOMENT)


def duration_cell(seconds: int) -> Cell:
    """Hours, minutes and seconds; hours may be more than 24, and the whole less than nothing."""
    return Cell(_clock(seconds), Kind.DURATION)


def time_cell(seconds: int) -> Cell:
    """A time of the day, from the seconds since midnight."""
    return Cell(_clock(seconds % _DAY), Kind.TIME)


def _clock(seconds: int) -> str:
    minutes, second = divmod(abs(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{'-' if seconds < 0 else ''}{hour:02}:{minute:02}:{second:02}"


def _day_cell(value: float, kind: Kind, *, epoch_1904: bool) -> Cell:
    """A number of days since the beginning of the date system."""
    if not -_LAST_DAY_1900 <= value < (_LAST_DAY_1904 if epoch_1904 else _LAST_DAY_1900) + 1:
        return Cell(number_text(value), Kind.NUMBER)  # Excel shows only #####
    if kind is Kind.DURATION:
        return duration_cell(round(value * _DAY))
    if value < 0:
        return Cell(number_text(value), Kind.NUMBER)
    day = math.floor(value)
    seconds = round((value - day) * _DAY)
    if seconds == _DAY:
        day, seconds = day + 1, 0
    if kind is Kind.TIME or (day < 1 and not epoch_1904):
        return time_cell(seconds)
    if epoch_1904:
        first = datetime.datetime(1904, 1, 1)  # noqa: DTZ001 - a cell knows no zone
    elif day == _NO_SUCH_DAY:
        return Cell("1900-02-29" + (f" {_clock(seconds)}" if seconds else ""))  # no day, so a text
    else:
        first = datetime.datetime(1899, 12, 31 if day < _NO_SUCH_DAY else 30)  # noqa: DTZ001
    try:
        return moment_cell(first + datetime.timedelta(days=day, seconds=seconds))
    except OverflowError:  # the last half second of 9999, rounded up
        return Cell(number_text(value), Kind.NUMBER)


def _section_for(value: float, sections: tuple[_Section, ...]) -> _Section:
    """The part of a format that shows this number: by its conditions, else positive; negative; zero."""
    if any(section.condition for section in sections):
        for section in sections:
            if section.condition is None or _holds(value, *section.condition):
                return section
        return _PLAIN[0]
    if value < 0 and len(sections) > 1:
        return sections[1]
    if value == 0 and len(sections) > 2:  # noqa: PLR2004
        return sections[2]
    return sections[0]


def _holds(value: float, operator: str, limit: float) -> bool:
    match operator:
        case "<":
            return value < limit
        case "<=":
            return value <= limit
        case ">":
            return value > limit
        case ">=":
            return value >= limit
        case "=":
            return value == limit
        case _:
            return value != limit


@lru_cache(maxsize=4096)
def _sections(code: str) -> tuple[_Section, ...]:
    """The parts of a number format for numbers: at most three, without the one for texts."""
    if len(code) > _LONGEST_CODE:
        return _PLAIN
    parts: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(code):
        if token["plain"] == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    if len(parts) > 1 and "@" in [token["plain"] for token in parts[-1]]:
        parts.pop()
    return tuple(_section(part) for part in parts[:3])


def _section(tokens: list[re.Match[str]]) -> _Section:
    core = ""  # without literals, colours and the like
    before = ""  # the literals before the first digit
    condition = None
    elapsed = False
    for token in tokens:
        literal = token["quoted"] or token["escaped"]
        if literal:
            before += "" if any(sign in core for sign in _PLACEHOLDERS) else literal
        elif token["bracket"]:
            found = _CONDITION.fullmatch(token["bracket"])
            if found:
                condition = (found[1], float(found[2]))
            elif _ELAPSED.fullmatch(token["bracket"]):
                elapsed = True
                core += token["bracket"].lower()
        else:
            core += (token["exponent"] or token["plain"] or "").lower()
    digits = any(sign in _FRACTION_OF_SECOND.sub("", core) for sign in _PLACEHOLDERS)
    if not digits:
        return _Section(Kind.DURATION if elapsed else _shows(core), condition)
    if "%" in core:
        return _Section(Kind.PERCENT, condition)
    return _padded(core, before, condition)


def _shows(core: str) -> Kind:
    """What letters without digits mean: a day (with or without a time), a time alone, or nothing: NUMBER."""
    runs = [run[0][0] for run in re.finditer(r"y+|m+|d+|h+|s+|e+", core)]
    if not runs:
        return Kind.NUMBER
    for index, run in enumerate(runs):
        minutes = run == "m" and ("h" in runs[max(index - 1, 0) : index] or runs[index + 1 : index + 2] == ["s"])
        if run not in "hs" and not minutes:
            return Kind.DATE
    return Kind.TIME


def _padded(core: str, before: str, condition: tuple[str, float] | None) -> _Section:
    """The part of a format that shows whole numbers with leading zeros, or else plain numbers.

    A 0 is a digit that is always shown, and after the first one a # is too. People also write the zero before the
    digits as a literal, as in `"0"0000000000`.
    """
    digits = "".join(sign for sign in core if sign in _PLACEHOLDERS)
    others = set(core) - set(_PLACEHOLDERS) - set(_BETWEEN)
    literal = "".join(sign for sign in before if sign not in _BETWEEN)
    zeros = len(literal) if not literal.strip("0") else 0
    width = len(digits) - digits.index("0") if "0" in digits else 0
    if others or width + zeros > _WIDEST or (width < 2 and not zeros):  # noqa: PLR2004 - one 0 pads nothing
        return _Section(Kind.NUMBER, condition)
    return _Section(Kind.PADDED, condition, max(width, 1), zeros)
