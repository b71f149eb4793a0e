"""The fast path for dates: days in ASCII digits and two marks, read from the bytes of a whole column at once.

What enters: a column of texts, and its spec. What leaves: dates in the spec's output form, missing where not certain.
What never happens here: an answer that `dates.date` would not give; saying what is wrong with a text.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from sync.mapping import CustomFieldSpec

EARLIEST_YEAR = 1000  # fewer digits make a year that is mistyped, and one that `%Y` does not give back

_PLAIN_INPUT = re.compile(r"%([dmY])([./-])%([dmY])([./-])%([dmY])")
_PLAIN_OUTPUT = re.compile(r"(?:%[dmY]|[ -$&-~])+")
_ROWS_AT_ONCE = 1 << 16  # what is worked out for so many rows stays in the processor's cache
_ZERO = np.uint8(ord("0"))
_MARKS = {mark: np.arange(256) == ord(mark) for mark in "./-"}
_MARKS[""] = _MARKS["."] | _MARKS["/"] | _MARKS["-"]
_MONTH_LENGTHS = np.zeros((2, 100), dtype=np.int16)  # by leap year and month; other numbers of two digits have no days
_MONTH_LENGTHS[:, 1:13] = 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
_MONTH_LENGTHS[1, 2] = 29

_Numbers = dict[str, npt.NDArray[np.int16]]
"""Years, months and days, by the letters that a format has for them."""


def plain_dates(texts: pd.Series, spec: CustomFieldSpec) -> pd.Series:
    """The dates in the spec's output form where a text is plainly one, missing elsewhere."""
    orders = _plain_orders(spec)
    if not orders or not _PLAIN_OUTPUT.fullmatch(spec.output):
        return pd.Series(np.nan, index=texts.index, dtype="str")
    column = pa.chunked_array(pa.array(texts, type=pa.large_string()))
    pieces = [
        _written(*_plain_days(chunk.slice(start, _ROWS_AT_ONCE), orders), spec.output)
        for chunk in column.chunks
        for start in range(0, len(chunk), _ROWS_AT_ONCE)
    ]
    return pd.Series(pd.array(pa.chunked_array(pieces, pa.large_string()), dtype="str"), index=texts.index)


def _plain_orders(spec: CustomFieldSpec) -> list[tuple[str, tuple[str, str]]]:
    """The orders of day, month and year that are tried one after the other, and the marks between; "" for any mark."""
    if not spec.input:
        return [("dmY", ("", "")), ("Ymd", ("", ""))]
    orders = []
    for format_ in (*spec.input, "%Y-%m-%d"):
        found = _PLAIN_INPUT.fullmatch(format_)
        if found is None or set(order := found.group(1, 3, 5)) != set("dmY"):
            break  # what this format reads is not for the later ones
        orders.append(("".join(order), (found[2], found[4])))
    return orders


def _layouts(order: str) -> Iterator[dict[str, tuple[int, int]]]:
    """For each part of a date where it begins and ends, in all widths that it may have."""
    for first, second, third in product(*[(4,) if part == "Y" else (2, 1) for part in order]):
        bounds = ((0, first), (first + 1, first + 1 + second), (first + second + 2, first + second + 2 + third))
        yield dict(zip(order, bounds, strict=True))


def _plain_days(texts: Any, orders: list[tuple[str, tuple[str, str]]]) -> tuple[_Numbers, npt.NDArray[np.bool_]]:  # noqa: ANN401 - Arrow's arrays have no types
    """What is in an Arrow array of texts, and which of them are plainly a day."""
    _, offsets, content = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    octets = np.frombuffer(content or b"", dtype=np.uint8)
    lengths = np.diff(ends) * texts.is_valid().to_numpy(zero_copy_only=False)
    known = np.zeros(len(texts), dtype=bool)
    numbers = {part: np.zeros(len(texts), dtype=np.int16) for part in "dmY"}
    for order, marks in orders:
        for layout in _layouts(order):
            (_, first), (_, second), (_, length) = layout.values()
            rows = np.flatnonzero((lengths == length) & ~known)
            rows = rows[_MARKS[marks[0]][octets[ends[rows] + first]]]
            rows = rows[_MARKS[marks[1]][octets[ends[rows] + second]]]
            read, sound = _numbers(octets, ends[rows], layout)
            rows = rows[sound]
            known[rows] = True
            for part, found in read.items():
                numbers[part][rows] = found[sound]
    return numbers, known


def _numbers(
    octets: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], layout: dict[str, tuple[int, int]]
) -> tuple[_Numbers, npt.NDArray[np.bool_]]:
    """The numbers of texts that begin there, and which of them make a day."""
    sound = np.ones(len(starts), dtype=bool)
    read = {}
    for part, (start, end) in layout.items():
        number = np.zeros(len(starts), dtype=np.int16)
        for place in range(start, end):
            digits = octets[starts + place] - _ZERO
            sound &= digits < 10  # noqa: PLR2004 - the digits are
            number = number * np.int16(10) + digits
        read[part] = np.where(sound, number, np.int16(0))
    year, month, day = read["Y"], read["m"], read["d"]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return read, sound & (year >= EARLIEST_YEAR) & (day >= 1) & (day <= _MONTH_LENGTHS[leap.astype(np.int8), month])


def _written(numbers: _Numbers, known: npt.NDArray[np.bool_], output: str) -> Any:  # noqa: ANN401 - as above
    """An Arrow array of the days in the output form, missing where not known."""
    letters: list[npt.NDArray[np.uint8] | int] = []
    for part in re.findall(r"%[dmY]|[^%]", output):
        if len(part) == 1:
            letters.append(ord(part))
            continue
        units = np.array([1000, 100, 10, 1] if part == "%Y" else [10, 1], dtype=np.int16)
        letters += [(numbers[part[1]] // unit % np.int16(10)).astype(np.uint8) + _ZERO for unit in units]
    table = np.empty((len(known), len(letters)), dtype=np.uint8)
    for place, letter in enumerate(letters):
        table[:, place] = letter
    present = np.packbits(known, bitorder="little")
    buffers = [pa.py_buffer(present), pa.py_buffer(table)]
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(len(letters)), len(known), buffers).cast(pa.large_string())
