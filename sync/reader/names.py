"""Names and other texts: composed, without what nobody sees; broken letters are told, never stored.

What enters: a column of texts and its spec. What leaves: texts after the spec's part and transforms, and what is bad.
What never happens here: correcting a letter; changing case that no transform asks for.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import pandas as pd

from sync import canonical
from sync.mapping import ColumnSpec, Transform
from sync.reader.findings import Answer, Cleaned, Finding, each, with_fast_path

# ASCII and Turkish letters: nothing in such a text needs a look. Where UTF-8 has been read as windows-1254, there is
# always a letter that is not among these: the bytes 80 to BF stand for none of them.
_PLAIN = "[!-~çğıöşüÇĞİÖŞÜâîûÂÎÛ]+(?: +[!-~çğıöşüÇĞİÖŞÜâîûÂÎÛ]+)*"
_PLAIN_TEXT = re.compile(_PLAIN)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_REPLACEMENT = "\ufffd"
_BLANK = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_WRITTEN_PREFIX = re.compile(r"\b([DLO]['’])([^\W\d_])(?=[^\W\d_]{2})")


def title(text: str) -> str:
    """`canonical.turkish_title`, and a capital behind the O' of `O'Neil`."""
    return " ".join(map(_titled, text.split(" ")))


@lru_cache(maxsize=65536)  # millions of names are made of a few thousand words
def _titled(word: str) -> str:
    word = canonical.turkish_title(word)
    return _WRITTEN_PREFIX.sub(lambda found: found[1] + canonical.turkish_upper(found[2]), word)


TRANSFORMS: dict[Transform, Callable[[str], str]] = {
    "squeeze": canonical.squeezed,
    "title": title,
    "upper": canonical.turkish_upper,
    "lower": canonical.turkish_lower,
}


def transformed(texts: pd.Series, spec: ColumnSpec) -> pd.Series:
    """The texts after the spec's transforms; missing stays missing."""

    def composed(text: str) -> str:
        for transform in spec.transforms:
            text = TRANSFORMS[transform](text)
        return text

    return each(texts, composed).values if spec.transforms else texts


def names(texts: pd.Series, spec: ColumnSpec) -> Cleaned:
    """A column of names or other texts."""
    if spec.transforms or spec.part:
        return each(texts, lambda text: name(text, spec))
    plain = texts.str.fullmatch(_PLAIN)
    return with_fast_path(texts, texts.where(plain.fillna(value=False).astype(bool)), lambda text: name(text, spec))


def name(text: str, spec: ColumnSpec) -> Answer:
    """One cell of such a column; it agrees with the fast path, which is for cells that are kept as they stand."""
    shown = text if _PLAIN_TEXT.fullmatch(text) else _sound(text)
    if isinstance(shown, Finding):
        return shown
    if spec.part is not None:
        given, surname = parts(shown)
        shown = given if spec.part == "given" else surname
    for transform in spec.transforms:
        shown = TRANSFORMS[transform](shown)
    return shown.strip()


def _sound(text: str) -> str | Finding:
    """The text, tidy; or in what way its letters are broken."""
    shown = tidy(text)
    if _CONTROL.search(shown):
        return Finding("control_character")
    if _REPLACEMENT in shown:
        return Finding("lost_letter")
    if not shown.isascii() and (near := repaired(text) or repaired(shown)):
        return Finding("mojibake", {"near": tidy(near)})
    return shown


def tidy(text: str) -> str:
    """The text in Unicode's composed form, no invisible marks, no blanks at its ends; each blank a plain one."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _BLANK.sub(" ", canonical.visible(text)))
    return text.strip()


def parts(text: str) -> tuple[str, str]:
    """The given names and the surname of a full name such as `Ayşe Nur Kaya` or `KAYA, Ayşe Nur`."""
    text = canonical.squeezed(text)
    surname, comma, given = (part.strip() for part in text.partition(","))
    if comma and surname and given:
        return given, surname
    words = text.strip(", ").split(" ")
    return (" ".join(words[:-1]), words[-1]) if len(words) > 1 else (words[0], "")


def _bytes_of(codec: str) -> dict[str, int]:
    """The byte of each letter; a byte without one is the control character of its number, as Windows reads it."""
    return {bytes([byte]).decode(codec, "ignore") or chr(byte): byte for byte in range(256)}


_CODECS = (_bytes_of("windows-1254"), _bytes_of("windows-1252"))
# Where UTF-8 was read byte by byte: the first of the two or three letters that were one. Only Latin letters and
# punctuation count as found again: `ALİ’NİN` holds the bytes of an Arabic letter, and is as it should be.
_FIRST_LETTERS = re.compile("[\u00c2-\u00c5\u00e2][^\x00-\x7f]")
_FOUND_AGAIN = re.compile("[\x00-\x7f\u00a0-\u017f\u2000-\u20cf]+")


def repaired(text: str) -> str:
    """What the text was before its UTF-8 was read as windows-1254 or 1252; the empty text where it was not."""
    found = ""
    while _FIRST_LETTERS.search(text) and (before := _decoded(text)):
        found = text = before
    return found


def _decoded(text: str) -> str:
    for codec in _CODECS:
        try:
            before = bytes(codec[letter] for letter in text).decode("utf-8")
        except (KeyError, UnicodeDecodeError):
            continue
        if len(before) < len(text) and _FOUND_AGAIN.fullmatch(before) and any(map(str.isalpha, before)):
            return before
    return ""
