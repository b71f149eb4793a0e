"""Dates: from what people write and programs show to the form in which the account stores a date.

What enters: a column of texts, the cells' kinds, and its spec. What leaves: dates in the spec's output form.
What never happens here: guessing a century, or whether the month comes first.
"""

import datetime
import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from sync import canonical
from sync.grid import Kind
from sync.mapping import CustomFieldSpec
from sync.reader.findings import Answer, Cleaned, Finding, each
from sync.reader.plain_dates import EARLIEST_YEAR, plain_dates

_DIGITS_ALONE = re.compile(r"[0-9]+[./-][0-9]+[./-][0-9]+")  # nothing around the date, and no blank in it
_DAY_FIRST = re.compile(r"(\d{1,2}) ?[./-] ?(\d{1,2}) ?[./-] ?(\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4}) ?[./-] ?(\d{1,2}) ?[./-] ?(\d{1,2})")
_NAMED_MONTH = re.compile(r"(\d{1,2})(?:\. ?| ?[/-] ?| )([^\W\d_]+)(?:[.,] ?| ?[/-] ?| )(\d{4}|\d{2})")
_TIME = re.compile(
    r"(?<=\d)(?:T|,? )(?:[01]?\d|2[0-3])[:.][0-5]\d(?:[:.][0-5]\d(?:[.,]\d{1,9})?)?(?:Z| ?[+-]\d{2}:?\d{2})?$"
)
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("pazartesi pzt pts", "salı sal", "çarşamba çar çrş", "perşembe per prş", "cuma cum",
         "cumartesi cmt cts", "pazar paz"),
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAY_FIRST = re.compile(r"([^\W\d_]+)(?:[.,] ?| )+(?=\d)")
_WEEKDAY_LAST = re.compile(r"(?<=\d)(?:, ?| )\(?([^\W\d_]+)\.?\)?$")
_FIRST_SERIAL, _LAST_SERIAL = 61, 2958465  # 1900-03-01, from where Excel's calendar is right, and its last day
_SERIAL_ZERO = datetime.date(1899, 12, 30)


def dates(texts: pd.Series, spec: CustomFieldSpec, kinds: npt.NDArray[np.int8] | None = None) -> Cleaned:
    """A column of dates."""
    known = plain_dates(texts, spec)
    left = (known.isna() & texts.notna()).to_numpy()
    if not left.any():
        return Cleaned(known, {})
    rest = _text_by_text(texts[left], spec, None if kinds is None else kinds[left])
    return Cleaned(known.fillna(rest.values), rest.bad)


def _text_by_text(texts: pd.Series, spec: CustomFieldSpec, kinds: npt.NDArray[np.int8] | None) -> Cleaned:
    if kinds is None or not (numbers := kinds == Kind.NUMBER).any():
        return each(texts, lambda text: date(text, spec))
    written, shown = (
        each(texts[numbers], lambda text: _number(text, spec)),
        each(texts[~numbers], lambda text: date(text, spec)),
    )
    values = written.values.reindex(texts.index).fillna(shown.values)
    return Cleaned(values, {**written.bad, **shown.bad})


def date(text: str, spec: CustomFieldSpec) -> Answer:
    """One cell of such a column."""
    if not _DIGITS_ALONE.fullmatch(text):
        text = canonical.squeezed(canonical.visible(text))
    if not text:
        return ""
    found = _by_format(text, spec) if spec.input else _day(text)
    return found if isinstance(found, Finding) else found.strftime(spec.output)


def _number(text: str, spec: CustomFieldSpec) -> Answer:
    """A workbook's plain number: a date where the spec's input reads digits alone, such as `%d%m%Y`."""
    found = date(text, spec)
    if not isinstance(found, Finding):
        return found
    serial = int(text.partition(".")[0]) if re.fullmatch(r"\d{1,7}(?:\.\d+)?", text) else 0
    if not _FIRST_SERIAL <= serial <= _LAST_SERIAL:
        return found
    return Finding("date_is_number", {"shown": f"{_SERIAL_ZERO + datetime.timedelta(days=serial):%d.%m.%Y}"})


def _by_format(text: str, spec: CustomFieldSpec) -> datetime.date | Finding:
    # The last two are how a workbook's own dates and moments arrive.
    for format_ in (*spec.input, "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"):
        try:
            found = datetime.datetime.strptime(text, format_).date()  # noqa: DTZ007 - a day, no moment
        except ValueError:
            continue
        if found.year >= EARLIEST_YEAR:
            return found
    return Finding("date_invalid", {"formats": ", ".join(spec.input)})


def _day(text: str) -> datetime.date | Finding:
    weekdays: set[int] = set()
    if not _DIGITS_ALONE.fullmatch(text):
        text, weekdays = _without_weekday(_TIME.sub("", text))
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = found.groups()
    elif found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found.groups()
    elif (found := _NAMED_MONTH.fullmatch(text)) and (named := canonical.month_number(found[2])):
        day, month, year = found[1], str(named), found[3]
    else:
        return Finding("date_invalid")
    if len(year) == 2:  # noqa: PLR2004 - of two digits
        return Finding("date_two_digit_year")
    if int(year) < EARLIEST_YEAR:
        return Finding("date_invalid")
    try:
        date = datetime.date(int(year), int(month), int(day))
    except ValueError:
        return _impossible(int(year), int(month), int(day))
    if weekdays and weekdays != {date.weekday()}:
        return Finding("date_other_weekday")
    return date


def _without_weekday(text: str) -> tuple[str, set[int]]:
    """The text without the names of weekdays at its ends, and which they are."""
    weekdays = set()
    for place in (_WEEKDAY_FIRST.match(text), _WEEKDAY_LAST.search(text)):
        if place and (weekday := _WEEKDAYS.get(canonical.turkish_lower(place[1]))) is not None:
            weekdays.add(weekday)
            text = text.replace(place[0], "", 1)
    return text, weekdays


def _impossible(year: int, month: int, day: int) -> Finding:
    try:
        near = f"{datetime.date(year, day, month):%d.%m.%Y}"
    except ValueError:
        near = ""
    return Finding("date_impossible", {"near": near})
