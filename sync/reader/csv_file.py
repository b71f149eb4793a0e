"""Reads a CSV file as it stands.

What enters: bytes, and what the mapping says of encoding, delimiter and quotation mark. What leaves: a Grid.
What never happens here: changing a cell; skipping a line that holds something.
"""

import csv
import io
import re
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from sync.errors import UsageError
from sync.grid import Column, Grid
from sync.mapping import Source
from sync.reader.dialect import decoded, delimiter_of, dialect, encoding_of, quote_of
from sync.reader.limits import LARGEST_AREA, LEAST_FILLED, MOST_COLUMNS

_LONGEST_CELL = 1 << 20
csv.field_size_limit(_LONGEST_CELL)
_NEWLINE, _RETURN = 10, 13
_DECLARED = re.compile(rb"(?i:sep)=([\t -~])[^\r\n]*(?:\r\n|\n|\r|$)")
_UTF8_MARK = b"\xef\xbb\xbf"
_SAMPLE = 1 << 18
_BLOCK = 1 << 22  # bytes of a file that are split into cells at once


def read_csv(name: str, content: bytes, source: Source) -> Grid:
    """All records of the file that hold anything but blanks.

    Raises:
        UsageError: the bytes are not text in the encoding, hold NUL characters, or a quoted cell never ends.
    """
    body = content.removeprefix(_UTF8_MARK)
    grid = None
    if source.encoding is None and b"\0" not in content:  # the usual case first: it reads only what is valid UTF-8
        encoding = "utf-8" if body is content else "utf-8-sig"
        grid = _read(name, body, source, careful=False)
    if grid is None:
        encoding = source.encoding or encoding_of(name, content)
        body = decoded(name, content, encoding).encode(errors="replace")  # half a letter is lost in any case
        if b"\0" in body:
            raise UsageError("file_is_binary", file=name, line=body.count(b"\n", 0, body.index(b"\0")) + 1)
        grid = _read(name, body, source, careful=True)
    assert grid is not None
    return replace(grid.held(), encoding=encoding)


def _read(name: str, body: bytes, source: Source, *, careful: bool) -> Grid | None:
    """The records of a text in UTF-8; None where the quick way cannot and no care is asked for."""
    first_line = 1
    delimiter = source.delimiter
    if declared := _DECLARED.match(body):  # a line for Excel alone
        body = body[declared.end() :]
        delimiter = delimiter or declared[1].decode()
        first_line = 2
    beginning = body[:_SAMPLE].decode(errors="ignore")
    quote = source.quote or quote_of(beginning)
    delimiter = delimiter or delimiter_of(beginning, quote)
    grid = _quickly(body, delimiter, quote, first_line)
    if grid is None and careful:
        grid = _carefully(name, body.decode(errors="replace"), delimiter, quote, first_line)
    return replace(grid, delimiter=delimiter, quote=quote) if grid is not None else None


def _quickly(content: bytes, delimiter: str, quote: str, first_line: int) -> Grid | None:
    """The records by way of Arrow's reader; None where it might not read exactly what `_carefully` would.

    Arrow's reader forgives what is badly quoted, skips blank lines and knows no line numbers: only files without such
    lines are for it.
    """
    octets = np.frombuffer(content, dtype=np.uint8)[: len(content) - _line_ends_at_end(content)]
    if not len(octets) or quote == "'" or not delimiter.isascii():
        return None
    ends = np.flatnonzero(octets == _NEWLINE)
    marks = np.flatnonzero(octets == ord('"')) if quote == '"' and b'"' in content else ends[:0]
    if not _plain_lines(octets, ends, returns=b"\r" in content) or not _well_quoted(octets, marks, ord(delimiter)):
        return None
    first = octets[: ends[0] if len(ends) else None].tobytes().decode(errors="replace")
    try:
        width = len(next(csv.reader([first], dialect(delimiter, quote))))
    except csv.Error:
        return None
    if not 1 < width <= MOST_COLUMNS:
        return None
    names = [str(place) for place in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(octets)),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                quote_char=quote if quote == '"' else False,
                newlines_in_values=len(marks) > 0,
                ignore_empty_lines=False,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:  # a record of another width, or longer than a block; bytes that are not UTF-8
        return None
    numbers = first_line + np.arange(table.num_rows)
    if len(ends) + 1 != table.num_rows:  # some cells hold line breaks: those stand behind an odd number of marks
        numbers = first_line + np.append(0, np.flatnonzero(np.searchsorted(marks, ends) % 2 == 0) + 1)
    return Grid(numbers, tuple(Column(pd.Series(pd.array(each, dtype="str"))) for each in table.columns))


def _line_ends_at_end(content: bytes) -> int:
    """How many characters that end lines stand at the very end."""
    end = content[-_SAMPLE:]
    return len(end) - len(end.rstrip(b"\r\n"))


def _plain_lines(octets: npt.NDArray[np.uint8], ends: npt.NDArray[np.intp], *, returns: bool) -> bool:
    """Whether all lines hold something, and end as on Windows or on Unix."""
    starts = octets[np.append(0, ends + 1)]
    if ((starts == _NEWLINE) | (starts == _RETURN)).any():
        return False
    return not returns or bool(np.count_nonzero(octets == _RETURN) == np.count_nonzero(octets[ends - 1] == _RETURN))


def _well_quoted(octets: npt.NDArray[np.uint8], marks: npt.NDArray[np.intp], delimiter: int) -> bool:
    """Whether each quotation mark opens a cell, closes one, or is doubled inside one."""
    if len(marks) % 2:
        return False
    if not len(marks):
        return True
    opening, closing = marks[::2], marks[1::2]
    before = np.where(opening > 0, octets[opening - 1], _NEWLINE)
    after = np.where(closing + 1 < len(octets), octets[np.minimum(closing + 1, len(octets) - 1)], _NEWLINE)
    doubled = np.append(closing[:-1] + 1 == opening[1:], False)  # one closes, the next one opens again: a mark inside
    opens = np.isin(before, [delimiter, _NEWLINE]) | np.concatenate(([False], doubled[:-1]))
    closes = np.isin(after, [delimiter, _NEWLINE, _RETURN]) | doubled
    return bool(opens.all() and closes.all())


def _broken(said: str) -> str:
    """What is wrong, as a reason of our catalogue; the library says it in English."""
    kinds = {"unexpected end": "csv_open", "expected after": "csv_after", "NUL": "csv_nul"}
    return next((kind for part, kind in kinds.items() if part in said), said)


def _carefully(name: str, text: str, delimiter: str, quote: str, first_line: int) -> Grid:
    """The records one by one, with the lines on which they start."""
    numbers: list[int] = []
    records: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), dialect(delimiter, quote, strict=True))
    start = first_line
    try:
        for record in reader:
            numbers.append(start)
            records.append(record)
            start = reader.line_num + first_line
    except csv.Error as error:
        code = "csv_cell_too_long" if "field larger" in str(error) else "csv_broken"
        raise UsageError(code, file=name, line=start, reason=_broken(str(error))) from error
    width = max(map(len, records), default=0)
    if width > MOST_COLUMNS or width * len(records) > max(LARGEST_AREA, LEAST_FILLED * sum(map(len, records))):
        widest = next(line for line, record in zip(numbers, records, strict=True) if len(record) == width)
        raise UsageError("csv_too_wide", file=name, line=widest, width=width)
    widths = np.array([len(record) for record in records], dtype=np.int64)
    same = bool((widths == width).all())
    if not same:
        records = [record + [""] * (width - len(record)) for record in records]
    columns = [Column(pd.Series(list(texts), dtype="str")) for texts in zip(*records, strict=True)]
    return Grid(np.array(numbers, dtype=np.int64), tuple(columns), widths=None if same else widths)
