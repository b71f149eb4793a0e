"""Canonical forms: two texts that mean the same have the same one.

What enters: a text or a column as a person or the API wrote it. What leaves: the form to compare by.
What never happens here: refusing a value, or changing what will be sent.
"""

import datetime
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from sync.tables import as_arrow, as_texts, octets

_E164_START = np.frombuffer(b"+905", dtype=np.uint8)  # of a Turkish mobile number
_E164_LENGTH = 13

# Turkish has two letters i; Python's case functions know one. Checked against ICU's Turkish locale.
_LOWER = str.maketrans({"I": "ı", "İ": "i"})
_UPPER = str.maketrans({"i": "İ", "ı": "I"})

# What people and programs put between the digits of a phone number, invisible marks included. The expressions of the
# Arrow strings know no \u escapes, hence the characters themselves.
_INVISIBLE = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_PHONE_PUNCTUATION = f"[\\s().\\-/\u00a0\u2007\u202f{_INVISIBLE}]+"
_TURKISH_MOBILE = r"^(?:\+90|0090|90|0)?(5[0-9]{9})$"  # pandas' \d would match the digits of other scripts too
_INVISIBLES = re.compile(f"[{_INVISIBLE}\u180e]+")


def turkish_lower(text: str) -> str:
    """Lower case by the Turkish rules: `ISPARTA` becomes `ısparta`, `İZMİR` becomes `izmir`."""
    return text.replace("i\u0307", "i").translate(_LOWER).lower()


def turkish_upper(text: str) -> str:
    """Upper case by the Turkish rules: `izmir` becomes `İZMİR`."""
    return text.translate(_UPPER).upper()


def turkish_title(text: str) -> str:
    """Each word with a capital first letter, the rest small, by the Turkish rules: `İLKER IŞIK` → `İlker Işık`."""
    return re.sub(
        r"[^\W\d_]+(?:['’][^\W\d_]+)?",
        lambda word: turkish_upper(word[0][0]) + turkish_lower(word[0][1:]),
        text,
    )


def visible(text: str) -> str:
    """The text without marks that nobody sees: zero-width blanks, soft hyphens, directions, byte order marks."""
    return text if text.isascii() else _INVISIBLES.sub("", text)


def squeezed(text: str) -> str:
    """The text in Unicode's composed form, without blanks at its ends, each run of blanks one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def label(text: str) -> str:
    """A header's or a group name's form to find it by: case (Turkish rules) and blanks do not count."""
    return turkish_lower(squeezed(text))


@cache
def _mobile_pattern(region: str) -> re.Pattern[str]:
    metadata: Any = phonenumbers.PhoneMetadata.metadata_for_region(region)
    return re.compile(metadata.mobile.national_number_pattern)


def bare_phone(text: str) -> str:
    """The text without what people and programs put between the digits of a phone number."""
    return re.sub(_PHONE_PUNCTUATION, "", text)


def turkish_mobiles(texts: pd.Series) -> pd.Series:
    """The fast path for phones: E.164 where a text is plainly a Turkish mobile number, missing elsewhere.

    It agrees with libphonenumber, whose own pattern for Turkish mobiles decides; the rest is for the library.
    """
    plain = _plain_turkish_mobiles(texts)
    rest = texts[plain.isna() & texts.notna()]
    if rest.empty:
        return plain
    bare = rest.str.replace(_PHONE_PUNCTUATION, "", regex=True)
    national = bare.str.extract(_TURKISH_MOBILE, expand=False)
    known = national.str.fullmatch(_mobile_pattern("TR").pattern).fillna(value=False).astype(bool)
    return plain.fillna(("+90" + national).where(known)) if known.any() else plain


_TEXTS = {pa.large_string(): pd.StringDtype(na_value=np.nan)}
_ROWS_AT_ONCE = 1 << 16  # their bytes and digit counts stay in the processor's cache
_ODD = 1 << 32  # counts as more than all digits of so many rows
# What each byte of a text counts for: a digit one, what may stand between digits nothing.
_WEIGHTS = np.full(256, _ODD, dtype=np.int64)
_WEIGHTS[list(b"0123456789")] = 1
_WEIGHTS[list(b" \t\n\f\r().-/")] = 0
_PREFIXES = tuple(np.frombuffer(prefix, dtype=np.uint8) for prefix in (b"", b"0", b"90", b"0090"))


def _plain_turkish_mobiles(texts: pd.Series) -> pd.Series:
    """What `turkish_mobiles` finds among texts of ASCII digits and marks, with at most a plus before them.

    It works on the bytes of the whole column at once, several times faster than an expression for each text.
    """
    column = pa.chunked_array(pa.array(texts, type=pa.large_string()))
    pieces = [
        _plain_mobiles_of(chunk.slice(start, _ROWS_AT_ONCE))
        for chunk in column.chunks
        for start in range(0, len(chunk), _ROWS_AT_ONCE)
    ]
    found = pa.chunked_array(pieces, type=pa.large_string())
    return pd.Series(found.to_pandas(types_mapper=_TEXTS.get).array, index=texts.index)


def _plain_mobiles_of(texts: Any) -> Any:  # noqa: ANN401 - Arrow's arrays have no types
    _, offsets, content = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    first = int(ends[0])
    content = np.frombuffer(content or b"", dtype=np.uint8)[first : int(ends[-1])]
    ends = ends - first
    weights = np.concatenate([[0], np.cumsum(_WEIGHTS[content])])[ends]
    counts = np.diff(weights)
    # A plus before all else is as good as a 00.
    plus = np.zeros(len(texts), dtype=bool)
    filled = np.diff(ends) > 0
    plus[filled] = content[ends[:-1][filled]] == ord("+")
    counts[plus] -= _ODD
    digits = content[_WEIGHTS[content] == 1]
    last = weights[1:] % _ODD

    known = np.zeros(len(texts), dtype=bool)
    for prefix in _PREFIXES:
        rows = np.flatnonzero((counts == 10 + len(prefix)) & (~plus | (len(prefix) == 2)))  # noqa: PLR2004 - 90
        fits = np.ones(len(rows), dtype=bool)
        for place, digit in enumerate(prefix):
            fits &= digits[last[rows] - 10 - len(prefix) + place] == digit
        known[rows[fits]] = True
    known &= texts.is_valid().to_numpy(zero_copy_only=False)

    rows = np.flatnonzero(known)
    numbers = np.empty((len(rows), 13), dtype=np.uint8)
    numbers[:, :3] = np.frombuffer(b"+90", dtype=np.uint8)
    numbers[:, 3:] = digits[last[rows][:, None] + np.arange(-10, 0)]
    mobile = pc.match_substring_regex(_fixed_width(numbers), f"^[+]90(?:{_mobile_pattern('TR').pattern})$")
    mobile = mobile.to_numpy(zero_copy_only=False)
    known[rows] = mobile
    return _fixed_width(numbers[mobile], known)


def _fixed_width(letters: npt.NDArray[np.uint8], present: npt.NDArray[np.bool_] | None = None) -> Any:  # noqa: ANN401
    """An Arrow array of ASCII texts, a row of letters each; missing where not present."""
    present = np.ones(len(letters), dtype=bool) if present is None else present
    ends = np.concatenate([[0], np.cumsum(present, dtype=np.int64) * letters.shape[1]])
    mask = np.packbits(present, bitorder="little")
    buffers = (pa.py_buffer(ends), pa.py_buffer(letters.tobytes()), pa.py_buffer(mask))
    return pa.LargeStringArray.from_buffers(len(present), *buffers)


def turkish_mobile(text: str) -> str:
    """`turkish_mobiles` for one text: E.164, or the empty text."""
    national = re.fullmatch(_TURKISH_MOBILE, bare_phone(text))
    return f"+90{national[1]}" if national and _mobile_pattern("TR").fullmatch(national[1]) else ""


@lru_cache(maxsize=65536)
def gsm(text: str, region: str = "TR") -> str:
    """A phone number's canonical form: E.164 where the text can be a number, else the text without blanks and marks."""
    try:
        # Letters are not read: the library takes them for those on a keypad.
        number = None if re.search(r"[^\W\d_]", text) else phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and phonenumbers.is_possible_number(number):
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return bare_phone(text)


def gsm_column(texts: pd.Series, region: str = "TR") -> pd.Series:
    """`gsm` for a column of texts; missing stays missing, the empty text becomes missing."""
    stored = _stored_mobiles(texts)
    if stored.all():
        return texts
    if stored.any():
        return texts.where(stored).fillna(gsm_column(texts[~stored], region))
    known = turkish_mobiles(texts) if region == "TR" else pd.Series(pd.NA, index=texts.index, dtype="str")
    rest = texts[known.isna() & texts.notna()].map(lambda text: gsm(text, region)).astype("str")
    return known.fillna(rest[rest != ""])


def _stored_mobiles(texts: pd.Series) -> npt.NDArray[np.bool_]:
    """Which texts are written as Turkish mobile numbers are in E.164, `+905` and nine digits: these are canonical."""
    array = as_arrow(texts)
    letters, ends = octets(array)
    found = np.asarray(array.is_valid(), dtype=bool)
    found &= np.diff(ends) == _E164_LENGTH
    if not found.any():
        return found
    if found.all():
        table = letters.reshape(-1, _E164_LENGTH)
    else:
        table = letters[ends[:-1][found][:, None] + np.arange(_E164_LENGTH)]
    begins, digits = table[:, : len(_E164_START)], table[:, len(_E164_START) :]
    written = (begins == _E164_START).all(axis=1)
    if digits.min() < ord("0") or digits.max() > ord("9"):
        written &= ((digits >= ord("0")) & (digits <= ord("9"))).all(axis=1)
    found[found] = written
    return found


def email(text: str) -> str:
    """An e-mail address's canonical form: no blanks, small letters, an international domain in Unicode.

    Capital I becomes i, not ı: an address is not Turkish text.
    """
    local, at, domain = "".join(text.split()).lower().replace("i\u0307", "i").rpartition("@")
    if "xn--" in domain:
        with suppress(UnicodeError):  # what is no valid international name is compared as it stands
            domain = domain.encode("ascii").decode("idna")
    return unicodedata.normalize("NFC", local + at + domain)


def email_column(texts: pd.Series) -> pd.Series:
    """`email` for a column of texts; missing stays missing, the empty text becomes missing."""
    array = as_arrow(texts)
    small = pc.ascii_lower(array)
    # Of an address in ASCII without blanks only the case counts, unless its domain is an international one.
    special = _with_strange_bytes(array)
    if b"xn--" in memoryview(small.buffers()[2] or b"").tobytes():
        special |= np.asarray(pc.fill_null(pc.match_substring(small, "xn--"), fill_value=False), dtype=bool)
    return _with_texts(as_texts(small).set_axis(texts.index), special, email)


def _with_strange_bytes(texts: Any, first: str = "!") -> npt.NDArray[np.bool_]:  # noqa: ANN401
    """Which texts of an Arrow array hold anything but the characters of ASCII from the first one up to `~`."""
    letters, ends = octets(texts)
    found = np.zeros(len(texts), dtype=bool)
    if len(letters) and (letters.min() < ord(first) or letters.max() > ord("~")):
        places = np.flatnonzero((letters < ord(first)) | (letters > ord("~")))
        found[np.searchsorted(ends, places, side="right") - 1] = True
    return found


def text_column(texts: pd.Series) -> pd.Series:
    """`squeezed` for a column of texts; missing stays missing, a blank text becomes missing."""
    array = as_arrow(texts)
    letters, ends = octets(array)
    special = _with_strange_bytes(array, first=" ")
    spaces = np.flatnonzero(letters == ord(" "))
    if len(spaces):
        rows = np.searchsorted(ends, spaces, side="right") - 1
        at_an_end = (spaces == ends[rows]) | (spaces + 1 == ends[rows + 1])
        special[rows[at_an_end | (letters[spaces - 1] == ord(" "))]] = True
    return _with_texts(texts, special, squeezed)


def _with_texts(texts: pd.Series, special: npt.NDArray[np.bool_], form: Callable[[str], str]) -> pd.Series:
    """The texts, those that are special in another form; an empty one becomes missing."""
    if special.any():
        texts = texts.mask(special).fillna(texts[special].map(form, na_action="ignore").astype("str"))
    empty = texts == ""
    return texts.mask(empty) if empty.any() else texts


_DAY_FIRST = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_NAMED_MONTH = re.compile(r"(\d{1,2})\.?\s+(\w+)\.?\s+(\d{4})")
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("ocak oca", "şubat şub", "mart mar", "nisan nis", "mayıs may", "haziran haz",
         "temmuz tem", "ağustos ağu", "eylül eyl", "ekim eki", "kasım kas", "aralık ara"), start=1,
    )
    for name in names.split()
}  # fmt: skip


def month_number(name: str) -> int | None:
    """The number of a month by its Turkish name or its first three letters, in any case."""
    return _MONTHS.get(turkish_lower(name))


@lru_cache(maxsize=65536)
def date(text: str) -> str:
    """A date's canonical form, such as `2024-09-27`; the empty text where no date can be read.

    Reads `27.09.2024`, `27/09/2024`, `27-9-2024`, `2024-09-27` (also with a midnight behind it) and `27 Eylül 2024`:
    the day always comes before the month.
    """
    text = squeezed(text)
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    elif found := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif (found := _NAMED_MONTH.fullmatch(text)) and (named := month_number(found[2])):
        day, month, year = int(found[1]), named, int(found[3])
    else:
        return ""
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return ""


def of_key(key: str, text: str) -> str:
    """The canonical form of a match key's text; empty where there is none."""
    match key:
        case "gsm":
            return gsm(text) if text.strip() else ""
        case "email":
            return email(text)
        case _:
            return squeezed(text)


def key_column(key: str, texts: pd.Series) -> pd.Series:
    """`of_key` for a column of texts; missing where there is none."""
    match key:
        case "gsm":
            return gsm_column(texts)
        case "email":
            return email_column(texts)
        case _:
            return text_column(texts)


def same(field_name: str, one: str, other: str) -> bool:
    """Whether two texts of a field mean the same: two forms of one phone number, e-mail address, date or text do."""
    if one == other:
        return True
    if field_name in ("gsm", "email"):
        return of_key(field_name, one) == of_key(field_name, other)
    if squeezed(one) == squeezed(other):
        return True
    return field_name.startswith("custom:") and date(one) != "" and date(one) == date(other)
