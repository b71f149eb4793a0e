"""Reads a CSV file as it stands.

What enters: bytes, and what the mapping says of encoding, delimiter and quotation mark. What leaves: a Grid.
What never happens here: changing a cell; skipping a line that holds something.
"""

import csv
import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from sync.errors import UsageError
from sync.grid import Column, Grid
from sync.mapping import Source
from sync.reader.dialect import decoded, delimiter_of, dialect, encoding_of, quote_of

_LONGEST_CELL = 1 << 20
_NEWLINE, _RETURN = 10, 13


def read_csv(name: str, content: bytes, source: Source) -> Grid:
    """All records of the file that hold anything but blanks.

    Raises:
        UsageError: the bytes are not text in the encoding, hold NUL characters, or a quoted cell never ends.
    """
    encoding = source.encoding or encoding_of(name, content)
    text = decoded(name, content, encoding)
    if "\0" in text:
        raise UsageError("file_is_binary", file=name, line=text[: text.index("\0")].count("\n") + 1)
    first_line = 1
    delimiter = source.delimiter
    if text[:4].lower() == "sep=":  # a line for Excel alone
        declared, _, text = text.partition("\n")
        delimiter = delimiter or declared.strip("\r\n")[4:5]
        first_line = 2
    quote = source.quote or quote_of(text, delimiter)
    delimiter = delimiter or delimiter_of(text, quote)
    found = _quickly(text.encode(errors="surrogatepass"), delimiter, quote, first_line)
    grid = (found if found is not None else _carefully(name, text, delimiter, quote, first_line)).held()
    return replace(grid, encoding=encoding, delimiter=delimiter, quote=quote)


def _quickly(content: bytes, delimiter: str, quote: str, first_line: int) -> Grid | None:
    """The records by way of Arrow's reader; None where it might not read exactly what `_carefully` would.

    Arrow's reader forgives what is badly quoted, skips blank lines and knows no line numbers: only files without such
    lines are for it.
    """
    body = content.rstrip(b"\r\n")
    if (
        not body
        or quote == "'"
        or not delimiter.isascii()
        or body.startswith((b"\r", b"\n"))
        or b"\n\n" in body
        or b"\n\r\n" in body
        or body.count(b"\r") != body.count(b"\r\n")
        or (quote == '"' and not _well_quoted(body, ord(delimiter)))
    ):
        return None
    width = len(next(csv.reader([body.partition(b"\n")[0].decode()], dialect(delimiter, quote))))
    if width == 1:
        return None
    names = [str(place) for place in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(body),
            read_options=arrow_csv.ReadOptions(column_names=names),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                quote_char=quote if quote == '"' else False,
                newlines_in_values=quote == '"',
                ignore_empty_lines=False,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:  # a record of another width, or longer than a block
        return None
    numbers = np.arange(first_line, first_line + table.num_rows, dtype=np.int64)
    if body.count(b"\n") + 1 != table.num_rows:  # some cells hold line breaks
        breaks = np.zeros(table.num_rows, dtype=np.int64)
        for column in table.columns:
            breaks += np.asarray(pc.count_substring(column, "\n"))
        numbers[1:] += np.cumsum(breaks)[:-1]
    return Grid(numbers, tuple(Column(pd.Series(pd.array(each, dtype="str"))) for each in table.columns))


def _well_quoted(body: bytes, delimiter: int) -> bool:
    """Whether each quotation mark opens a cell, closes one, or is doubled inside one."""
    if b'"' not in body:
        return True
    octets = np.frombuffer(body, dtype=np.uint8)
    places = np.flatnonzero(octets == ord('"'))
    if len(places) % 2:
        return False
    opening, closing = places[::2], places[1::2]
    before = np.where(opening > 0, octets[opening - 1], _NEWLINE)
    after = np.where(closing + 1 < len(octets), octets[np.minimum(closing + 1, len(octets) - 1)], _NEWLINE)
    doubled = np.append(closing[:-1] + 1 == opening[1:], False)  # one closes, the next one opens again: a mark inside
    opens = np.isin(before, [delimiter, _NEWLINE]) | np.concatenate(([False], doubled[:-1]))
    closes = np.isin(after, [delimiter, _NEWLINE, _RETURN]) | doubled
    return bool(opens.all() and closes.all())


def _carefully(name: str, text: str, delimiter: str, quote: str, first_line: int) -> Grid:
    """The records one by one, with the lines on which they start."""
    numbers: list[int] = []
    records: list[list[str]] = []
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), dialect(delimiter, quote, strict=True))
    start = first_line
    try:
        for record in reader:
            numbers.append(start)
            records.append(record)
            start = reader.line_num + first_line
    except csv.Error as error:
        raise UsageError("csv_broken", file=name, line=start, reason=str(error)) from error
    width = max(map(len, records), default=0)
    widths = np.array([len(record) for record in records], dtype=np.int64)
    same = bool((widths == width).all())
    if not same:
        records = [record + [""] * (width - len(record)) for record in records]
    columns = [Column(pd.Series(list(texts), dtype="str")) for texts in zip(*records, strict=True)]
    return Grid(np.array(numbers, dtype=np.int64), tuple(columns), widths=None if same else widths)
