"""Finds out how a text file is written: its encoding, what stands between cells, and what encloses them.

What enters: bytes or text. What leaves: an encoding, a delimiter, a quotation mark.
What never happens here: reading cells; trusting a file's name.
"""

import csv
import io
import re
from collections import Counter

import numpy as np
import pyarrow as pa

from sync.errors import UsageError

DELIMITERS = ";\t,|"
QUOTES = "\"'"
_SAMPLE = 1 << 16
_SAMPLE_LINES = 200
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# What Turkish Windows, MS-DOS and old Macs write, the likeliest first. ISO-8859-9 has the same letters as the first.
_TURKISH_CODE_PAGES = ("windows-1254", "cp857", "mac_turkish")
_TURKISH_LETTERS = "çğıöşüÇĞİÖŞÜ"
_OTHER_LETTERS = "âîûÂÎÛáàäãåéèêëíìïóòôõúùñßæøÁÀÄÃÅÉÈÊËÍÌÏÓÒÔÕÚÙÑÆØ"
_APOSTROPHES = "’‘–—\u00ad\u00a0"
_MARKS = "“”„…€°ºª«»·§©®™²³½"
_USUAL = frozenset(_TURKISH_LETTERS + _OTHER_LETTERS + _APOSTROPHES + _MARKS)
# A mark amid letters, and a capital behind a small letter: what another code page's letters look like.
_STRANGE = re.compile(rf"(?<=[^\W\d_])[{_MARKS}](?=[^\W\d_])|(?<=[a-zçğıöşü])[ÇĞİÖŞÜÂÎÛÁÀÄÉÈÊÍÌÓÒÔÚÙÑ]")
_MANY = 20  # letters beyond ASCII, of which in a Turkish file a third at least are Turkish
_FEW, _MOST = 0.3, 0.5
_TOLERATED = 0.01  # of the letters beyond ASCII
_MOSTLY = 10  # so many times as many valid sequences as broken ones: UTF-8 with damage, no code page


def encoding_of(name: str, content: bytes) -> str:
    """The encoding that the bytes show: a byte-order mark, UTF-16's pattern, valid UTF-8, or a Turkish code page.

    Raises:
        UsageError: UTF-8 with a few broken bytes; letters of no Turkish code page.
    """
    for mark, encoding in _BOMS.items():
        if content.startswith(mark):
            if encoding == "utf-8-sig":
                _refuse_damaged(name, content)
            return encoding
    if wide := _wide(content):
        return wide
    return "utf-8" if _refuse_damaged(name, content) else _code_page(name, content)


def _refuse_damaged(name: str, content: bytes) -> bool:
    """Whether the bytes are UTF-8; UsageError where they are but for a few."""
    try:
        pa.array([content], pa.large_binary()).cast(pa.large_string())  # several times as fast as decoding
    except pa.ArrowInvalid:
        pass
    else:
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        replaced = content.decode("utf-8", errors="replace")
        broken = replaced.count("\ufffd")
        marked = content.startswith(b"\xef\xbb\xbf")
        if marked or len(content) - broken - len(replaced) > _MOSTLY * broken:  # each further byte of a letter
            byte, line = content[error.start], content.count(b"\n", 0, error.start) + 1
            raise UsageError("encoding_damaged", file=name, line=line, byte=f"0x{byte:02X}") from error
        return False
    return True


def _wide(content: bytes) -> str:
    """UTF-16 without a mark: every other byte of plain letters is NUL."""
    sample = np.frombuffer(content[: _SAMPLE & ~1][: len(content) & ~1], dtype=np.uint8)
    if not len(sample) or len(content) % 2:
        return ""
    first, second = (float((sample[start::2] == 0).mean()) for start in (0, 1))
    if max(first, second) < 0.3 or min(first, second) > 0.05:  # noqa: PLR2004 - Turkish letters are a small part of a text
        return ""
    return "utf-16-le" if second > first else "utf-16-be"


def _code_page(name: str, content: bytes) -> str:
    """The Turkish code page under which the letters beyond ASCII stand where letters stand, and marks where marks do.

    windows-1254 is asked first, as nearly every such file is written in it; another one must be likelier by far.
    """
    sample = b"\n".join(line for line in content.splitlines() if not line.isascii())[:_SAMPLE]
    for encoding in _TURKISH_CODE_PAGES:
        text = sample.decode(encoding, errors="replace")
        beyond = [letter for letter in text if not letter.isascii()]
        strange = len(_STRANGE.findall(text)) + sum(letter not in _USUAL for letter in beyond)
        turkish = sum(letter in _TURKISH_LETTERS for letter in beyond) / len(beyond)
        first = encoding == _TURKISH_CODE_PAGES[0]  # in which a few letters may be those of foreign names
        enough = (turkish > _FEW or len(beyond) < _MANY) if first else turkish > _MOST
        if strange <= _TOLERATED * len(beyond) and enough:
            return encoding
    place = next(index for index, byte in enumerate(content) if byte >= 0x80)  # noqa: PLR2004 - beyond ASCII
    line, byte = content.count(b"\n", 0, place) + 1, f"0x{content[place]:02X}"
    raise UsageError("encoding_unclear", file=name, line=line, byte=byte)


def decoded(name: str, content: bytes, encoding: str) -> str:
    """The text, without a byte-order mark.

    Raises:
        UsageError: the bytes are not text in the encoding.
    """
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError("encoding_wrong", file=name, encoding=encoding, line=line) from error
    except UnicodeError as error:  # UTF-16 without a mark where one is needed, and the like
        raise UsageError("encoding_wrong", file=name, encoding=encoding, line=1) from error


def delimiter_of(text: str, quote: str) -> str:
    """The delimiter under which most records of the beginning have the same width; the wider where that is equal."""

    def score(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(record) for record in _sample(text, delimiter, quote) if record)
        width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0))
        return (count / widths.total(), width) if width > 1 else (0.0, 0)

    return max(DELIMITERS, key=score)


def quote_of(text: str) -> str:
    """The mark that encloses cells: `"`, unless there is none and all cells of a line stand between `'`."""
    sample = text[:_SAMPLE]
    if '"' in sample or "'" not in sample:
        return '"'

    def enclosed(cells: list[str]) -> bool:
        return all(len(cell) > 1 and cell.startswith("'") and cell.endswith("'") for cell in cells)

    lines = [line.strip() for line in sample.splitlines()[:_SAMPLE_LINES]]
    return "'" if any(enclosed(line.split(delimiter)) for line in lines for delimiter in DELIMITERS) else '"'


def _sample(text: str, delimiter: str, quote: str) -> list[list[str]]:
    """The records of the text's beginning, as far as they can be read."""
    sample = io.StringIO("\n".join(text[:_SAMPLE].splitlines()[:_SAMPLE_LINES]), newline="")
    records: list[list[str]] = []
    try:
        records.extend(csv.reader(sample, dialect(delimiter, quote)))
    except csv.Error:
        return records
    return records


def dialect(delimiter: str, quote: str, *, strict: bool = False) -> csv.Dialect:
    """What Python's readers and writers of CSV want to know; `strict` makes bad quoting an error."""
    found = csv.excel()
    found.delimiter = delimiter
    found.strict = strict
    if quote == "none":
        found.quoting = csv.QUOTE_NONE
    else:
        found.quotechar = quote
    return found
