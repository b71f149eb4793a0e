"""Reads a CSV file as it stands.

What enters: a path, and what the mapping says of encoding and delimiter. What leaves: records with their line numbers.
What never happens here: changing a cell; skipping a line that holds something.
"""

import csv
import io
from dataclasses import dataclass
from typing import Any

from sync.errors import UsageError

_DELIMITERS = ";\t,|"
_SAMPLE_LINES = 200
csv.field_size_limit(1 << 20)


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one file or sheet.

    `numbers` are the row numbers as Excel shows them; in a CSV the lines on which the records start.
    """

    numbers: list[int]
    cells: list[list[Any]]
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""


def read_csv(name: str, content: bytes, *, encoding: str | None, delimiter: str | None) -> Records:
    """All records of the file that hold anything but blanks.

    Raises:
        UsageError: the bytes are not text in the encoding, hold NUL characters, or a quoted cell never ends.
    """
    encoding = encoding or _encoding(content)
    try:
        text = content.decode(encoding)
    except LookupError as error:
        raise UsageError("encoding_unknown", file=name, encoding=encoding) from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsageError("encoding_wrong", file=name, encoding=encoding, line=line) from error
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise UsageError("file_is_binary", file=name, line=text[: text.index("\0")].count("\n") + 1)
    first_line = 1
    if text[:4].lower() == "sep=":  # a line for Excel alone
        declared, _, text = text.partition("\n")
        delimiter = delimiter or declared.strip("\r\n")[4:5]
        first_line = 2
    delimiter = delimiter or _delimiter(text)
    numbers: list[int] = []
    cells: list[list[Any]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = first_line
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                numbers.append(start)
                cells.append(record)
            start = reader.line_num + first_line
    except csv.Error as error:
        raise UsageError("csv_broken", file=name, line=start, reason=str(error)) from error
    return Records(numbers, cells, encoding=encoding, delimiter=delimiter)


def _encoding(content: bytes) -> str:
    """The encoding that the bytes show: a byte-order mark, valid UTF-8, or else what Turkish Windows writes."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "windows-1254"
    return "utf-8"


def _delimiter(text: str) -> str:
    """The delimiter under which most records have the width of the first one."""
    sample = "\n".join(text.splitlines()[:_SAMPLE_LINES])

    def score(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(record) for record in csv.reader(io.StringIO(sample), delimiter=delimiter) if record]
        except csv.Error:
            return (0.0, 0)
        if not widths or widths[0] == 1:
            return (0.0, 0)
        return (widths.count(widths[0]) / len(widths), widths[0])

    return max(_DELIMITERS, key=score)
