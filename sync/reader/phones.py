"""Phone numbers: from what people write into a cell to E.164, by libphonenumber's rules.

What enters: a column of texts and its spec. What leaves: numbers, what is bad, and what was left out of a cell.
What never happens here: reading a letter as a digit; choosing between two ways to read a cell.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import phonenumbers
from phonenumbers import PhoneNumberType, ValidationResult

from sync import canonical
from sync.grid import Kind
from sync.mapping import PhoneColumn
from sync.reader.findings import Answer, Cleaned, Finding, Used, with_fast_path
from sync.tables import labels

_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_TOO_SHORT, _TOO_LONG = "phone_too_short", "phone_too_long"
_REASONS = {ValidationResult.TOO_SHORT: _TOO_SHORT, ValidationResult.TOO_LONG: _TOO_LONG}
_LONGEST_CELL = 200  # characters; so many hold a dozen numbers, and no cell takes long
_FEWEST_DIGITS, _MOST_DIGITS = 7, 17  # of a whole number, 00 before it included

_EXPONENT = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_DECIMALS = re.compile(r"(?<=\d)[.,]0+$")  # a program has written the number with decimals
_WHOLE_WITH_DECIMALS = re.compile(r"[1-9]\d{5,}[.,]0+")
_LETTERS = re.compile(r"[^\W\d_]+")
_LOOK_LIKE_DIGITS = frozenset("OoQDIlıİSBZ")
_EXTENSION = re.compile(
    r"[(\[]?\s*(?:(?<![^\W\d_])(?:dahili|dahil|dah|extension|ext|i[cç]\s?hat|x)|\#)(?:\s*no)?\s*[.:=]*\s*(\d{1,6})"
    r"\s*[)\]]?\s*(?=$|[,;|\n/&(\[]|[^\W\d_])",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[(\[]?\s*(?:[^\W\d_]+[.:'’]*[\s\-]*)+[)\]]?\s*[:=]?")
_NO_REMARKS = frozenset({"tel", "ve", "veya", "ya da"})
_STRANGE = re.compile(r"[^\d\s+().,\-/;|&\[\]:'’\"~\u2010-\u2015\u2212\uff0d\uff08\uff09\uff0e\uff0f]")
_BETWEEN_CELLS = re.compile(r"[,;|\n&]")
_CUT = re.compile(r"\s*[/\-\u2010-\u2015]\s*|\s+|(?<=\d)(?=\+)")
_ALL_BUT_DIGITS = re.compile(r"\D+")


class _Number(NamedTuple):
    e164: str
    mobile: bool


class _Found(NamedTuple):
    """A piece of a cell, as written, and the number that it is, if it is one."""

    text: str
    number: _Number | None


def phones(texts: pd.Series, spec: PhoneColumn, kinds: npt.NDArray[np.int8] | None = None) -> Cleaned:
    """A column of phone numbers in E.164; a number below zero is none, however its digits look."""
    if kinds is not None and (below := (kinds == Kind.NUMBER) & texts.str.startswith("-").fillna(value=False)).any():
        rest = phones(texts.mask(below), spec)
        return Cleaned(
            rest.values, rest.bad | dict.fromkeys(labels(texts.index[below]), Finding("phone_invalid")), rest.notes
        )
    nothing = pd.Series(pd.NA, index=texts.index, dtype="str")
    known = canonical.turkish_mobiles(texts) if spec.region == "TR" else nothing
    return with_fast_path(texts, known, lambda text: phone(text, spec))


def phone(text: str, spec: PhoneColumn) -> Answer:
    """One cell of such a column; it agrees with the fast path, which is for cells that hold a number alone."""
    text = _tidy(text)
    if not text:
        return ""
    if spec.region == "TR" and (e164 := canonical.turkish_mobile(text)):
        return e164
    if _EXPONENT.fullmatch(text):
        return Finding("phone_lost_digits")
    if len(text) > _LONGEST_CELL:
        return Finding("phone_invalid")
    if _WHOLE_WITH_DECIMALS.fullmatch(text):
        text = _DECIMALS.sub("", text)
    if not _LETTERS.search(text):
        for whole in dict.fromkeys((text, _DECIMALS.sub("", text))):
            if isinstance(number := _read(whole, spec.region), _Number):
                return number.e164 if number.mobile or spec.kind == "any" else Finding("phone_not_mobile")
        text = whole
    return _of_several(text, spec)


def _tidy(text: str) -> str:
    text = canonical.visible(text)
    if not text.isascii():
        digits = (str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)
        text = unicodedata.normalize("NFC", "".join(digits)).replace("＋", "+")
    return text.strip().strip("'’\"").strip()


@lru_cache(maxsize=65536)
def _read(text: str, region: str) -> _Number | str:
    """The one number that the text is; else the code that says why it is none."""
    if region == "TR" and (e164 := canonical.turkish_mobile(text)):
        return _Number(e164, mobile=True)
    try:
        number = phonenumbers.parse(canonical.bare_phone(text), region)
    except phonenumbers.NumberParseException:
        return "phone_invalid"
    kind = phonenumbers.number_type(number)  # the library's test of validity asks for this and no more
    if kind == PhoneNumberType.UNKNOWN:
        return _REASONS.get(phonenumbers.is_possible_number_with_reason(number), "phone_invalid")
    if number.extension:  # what stands behind a number is for `_of_several` to say
        return "phone_invalid"
    national = phonenumbers.national_significant_number(number)
    return _Number(f"+{number.country_code}{national}", kind in _MOBILE)


def _of_several(text: str, spec: PhoneColumn) -> Answer:
    """A cell with more than one number in it, with an extension or a remark, or with none."""
    extensions = [found[0].strip() for found in _EXTENSION.finditer(text)]
    digits = _EXTENSION.sub("|", text)
    if letter := _letter_for_a_digit(digits):
        return Finding("phone_letter", {"letter": letter})
    remarks = [found[0].strip(" ()[]:=.-\n") for found in _WORDS.finditer(digits)]
    remarks = [remark for remark in remarks if canonical.turkish_lower(remark) not in _NO_REMARKS]
    digits = _WORDS.sub("|", digits)
    if _STRANGE.search(digits):
        return Finding("phone_invalid")
    pieces = [piece.strip(" .:~'’\"") for piece in _BETWEEN_CELLS.split(digits) if re.search(r"\d", piece)]
    found = [each for piece in pieces for each in _numbers(piece, spec.region) or (_Found(piece, None),)]
    numbers = [each.number for each in found if each.number is not None]
    used = next((number for number in numbers if number.mobile), None)
    if used is None and spec.kind == "any" and numbers:
        used = numbers[0]
    if used is None:
        return Finding("phone_not_mobile") if numbers else _no_number(pieces, spec.region)
    others = [each for each in found if each.number != used]
    left = list(dict.fromkeys([each.text for each in others] + extensions + remarks))
    values = {"used": used.e164, "left": ", ".join(left)}
    if any(each.number or len(_digits(each.text)) >= _FEWEST_DIGITS for each in others):
        return Used(used.e164, Finding("phone_several", values))
    if others or extensions:
        return Used(used.e164, Finding("phone_extension", values))
    return Used(used.e164, Finding("phone_remark", values)) if left else used.e164


def _digits(text: str) -> str:
    return _ALL_BUT_DIGITS.sub("", text)


def _letter_for_a_digit(text: str) -> str:
    """A letter that stands among the digits of a number, as in `O532`; empty where letters are words beside it."""
    for found in _LETTERS.finditer(text):
        word, before, behind = found[0], text[: found.start()], text[found.end() :]
        after_digit, before_digit = before[-1:].isdigit(), behind[:1].isdigit()
        alike = _LOOK_LIKE_DIGITS.issuperset(word)
        touches = after_digit or before_digit
        if (after_digit and before_digit) or (touches and (len(word) == 1 or alike)):
            return word[0]
        if word in ("O", "o") and behind.lstrip()[:1].isdigit():
            return word
    return ""


def _numbers(text: str, region: str) -> tuple[_Found, ...] | None:
    """The numbers that follow one another in the text; None where that can be read in no way, or in several."""
    number = _read(text, region)
    if isinstance(number, _Number):
        return (_Found(text, number),)
    ways: dict[tuple[str, ...], tuple[_Found, ...]] = {}
    for cut in _CUT.finditer(text):
        first, rest = text[: cut.start()], text[cut.end() :]
        size = len(_digits(first))
        if size > _MOST_DIGITS:
            break
        if size < _FEWEST_DIGITS or not isinstance(number := _read(first, region), _Number):
            continue
        short = cut[0].strip() and re.fullmatch(r"\d{1,6}", rest)  # an extension, or the end of a second number
        following = (_Found(rest, None),) if short else _numbers(rest, region)
        if following is not None:
            ways[number.e164, *(each.number.e164 if each.number else "" for each in following)] = (
                _Found(first, number),
                *following,
            )
    return next(iter(ways.values())) if len(ways) == 1 else None


def _no_number(pieces: list[str], region: str) -> Finding:
    if len(pieces) != 1:
        return Finding("phone_invalid")
    digits = _digits(pieces[0])
    if not re.match(r"\s*(?:\+|0)", pieces[0]):
        abroad = _read(f"+{digits}", region)
        if isinstance(abroad, _Number) and abroad.mobile:
            return Finding("phone_invalid", {"near": abroad.e164})
    reason = _read(pieces[0], region)
    return Finding(reason if isinstance(reason, str) else "phone_invalid")
