"""Columns of texts, and single values out of them.

What enters: a column, or a column and a label. What leaves: texts and numbers. What never happens here: changing a
column.
"""

from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

# Arrow's own choice gives large blocks back to the system and soon asks for them again, which takes longer than most
# of what is done with them. Not on Windows.
with suppress(NotImplementedError):
    pa.set_memory_pool(pa.jemalloc_memory_pool())

_STR = pd.StringDtype(na_value=np.nan)
_WORD = 8  # bytes
_SAMPLE = 1 << 12
_FEW = 1 << 14  # different texts: their numbers are found in the processor's cache
_WORTH_NUMBERS = 1 << 16  # rows
_ROWS_AT_ONCE = 1 << 14  # what is made of them on the way stays in the processor's cache
# Two odd constants with bits well spread (from SplitMix64).
_MIX, _STEP = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x9E3779B97F4A7C15)
_KEPT = np.array([(1 << 8 * count) - 1 for count in range(_WORD + 1)], dtype=np.uint64)


def as_texts(array: Any) -> pd.Series:  # noqa: ANN401 - Arrow's arrays have no types
    """A column of texts out of Arrow's; nothing is copied."""
    return pd.Series(pd.array(array, dtype=_STR))


def as_arrow(texts: pd.Series) -> Any:  # noqa: ANN401
    """A column of texts as one Arrow array."""
    found = pa.array(texts, type=pa.large_string())
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def octets(texts: Any) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:  # noqa: ANN401
    """The bytes of an Arrow array of texts, and where each text ends; the first number is where the first begins."""
    _, offsets, content = texts.buffers()
    if offsets is None or not len(texts):
        return np.zeros(0, dtype=np.uint8), np.zeros(len(texts) + 1, dtype=np.int64)
    ends = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    letters = np.frombuffer(content, dtype=np.uint8) if content is not None else np.zeros(0, dtype=np.uint8)
    return letters[int(ends[0]) : int(ends[-1])], ends - ends[0]


def fingerprints(texts: pd.Series) -> npt.NDArray[np.uint64]:
    """A number for each text: the same for equal texts, and nearly always another one for others; 0 where missing.

    Whoever needs certainty compares the texts of equal numbers.
    """
    array = as_arrow(texts)
    letters, ends = octets(array)
    # Each text is read in words of eight bytes, beginning at any byte; the last word is cut where its text ends.
    words = np.ndarray((max(len(letters) - _WORD + 1, 0),), dtype="<u8", buffer=letters, strides=(1,))
    found = np.empty(len(array), dtype=np.uint64)
    for start in range(0, len(array), _ROWS_AT_ONCE):
        part = ends[start : start + _ROWS_AT_ONCE + 1]
        if part[-1] + _WORD > len(letters):  # the last texts: beyond them there is nothing to read
            rest = np.concatenate([letters[part[0] :], np.zeros(_WORD, dtype=np.uint8)])
            words, part = np.ndarray((len(rest) - _WORD + 1,), dtype="<u8", buffer=rest, strides=(1,)), part - part[0]
        found[start : start + _ROWS_AT_ONCE] = _mixed(words, part)
    if array.null_count:
        found[np.asarray(array.is_null())] = 0
    return found


def _mixed(words: npt.NDArray[np.uint64], ends: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    starts, sizes = ends[:-1], np.diff(ends)
    found = sizes.astype(np.uint64) * _STEP + _STEP
    rows: Any = slice(None)
    for place in range(0, int(sizes.max(initial=1)), _WORD):
        if place:
            rows = np.flatnonzero(sizes > place)
        word = words[starts[rows] + place] & _KEPT[np.minimum(sizes[rows] - place, _WORD)]
        mixed = (found[rows] ^ word) * _MIX
        found[rows] = mixed ^ (mixed >> np.uint64(31))
    return found


def differing(texts: Any, stored: Any, positions: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:  # noqa: ANN401
    """Whether each text is another than the stored one at its position; a missing one is another.

    Where both are missing the answer may be either.

    Args:
        texts: an array of pandas' texts.
        stored: another one.
        positions: for each text a place in `stored`.
    """
    if len(texts) < _WORTH_NUMBERS:
        return np.asarray(texts != stored.take(positions), dtype=bool)
    one, other = as_arrow(texts), as_arrow(stored)
    width = _width(other)
    if width >= _WORD:
        return _differing_words(one, other, positions, width)
    sample = pa.chunked_array([one.slice(0, _SAMPLE), other.slice(len(other) // 2, _SAMPLE)])
    if len(pc.unique(sample)) * 2 < len(sample):
        together = pa.chunked_array([one, other]).dictionary_encode()  # equal texts have equal numbers, others others
        if len(together.chunk(0).dictionary) < _FEW:
            first, second = (chunk.indices.fill_null(-1).to_numpy() for chunk in together.chunks)
            return np.asarray(first != second[positions])
    return ~_known(pc.equal(one, other.take(pa.array(positions))))


def _known(flags: Any) -> npt.NDArray[np.bool_]:  # noqa: ANN401
    return np.asarray(flags.fill_null(False) if flags.null_count else flags, dtype=bool)


def _width(texts: Any) -> int:  # noqa: ANN401
    """How many bytes each text of an Arrow array has, where all have as many and none is missing; else 0."""
    if texts.null_count or not len(texts):
        return 0
    letters, ends = octets(texts)
    width = len(letters) // len(texts)
    return width if bool((np.diff(ends) == width).all()) else 0


def _differing_words(
    texts: Any,  # noqa: ANN401
    stored: Any,  # noqa: ANN401
    positions: npt.NDArray[np.int64],
    width: int,
) -> npt.NDArray[np.bool_]:
    """`differing` where all that is stored has one size, of a word at least."""
    fitting = np.diff(octets(texts)[1]) == width
    if texts.null_count:
        fitting &= np.asarray(texts.is_valid(), dtype=bool)
    if not fitting.any():
        return np.ones(len(fitting), dtype=bool)
    if not fitting.all():
        texts, positions = texts.filter(pa.array(fitting)), positions[fitting]
    wanted, having = (octets(each)[0] for each in (texts, stored))
    unequal = np.zeros(len(texts), dtype=bool)
    for place in (*range(0, width - _WORD, _WORD), width - _WORD):
        one, other = (
            np.array(np.ndarray((len(letters) // width,), dtype="<u8", buffer=letters, strides=(width,), offset=place))
            for letters in (wanted, having)
        )  # copied, as numpy takes out of an array that is not aligned only after copying all of it
        for start in range(0, len(texts), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            unequal[rows] |= one[rows] != other.take(positions[rows])
    found = np.ones(len(fitting), dtype=bool)
    found[fitting] = unequal
    return found


def missing(texts: pd.Series) -> npt.NDArray[np.bool_]:
    """Which texts of a column are missing."""
    return texts.isna().to_numpy(dtype=bool)


def text_at(column: pd.Series, label: int) -> str:
    """The text at a row's label; the empty text where it is missing."""
    value = column.at[label]
    return "" if pd.isna(value) else str(value)  # type: ignore[arg-type]  # the stubs cannot know that it is a text


def number_at(column: pd.Series, label: int) -> int:
    """The whole number at a row's label."""
    return int(column.at[label])  # type: ignore[arg-type]  # the stubs cannot know that it is a number


def present(rows: pd.DataFrame, label: int) -> dict[str, str]:
    """The texts of one row that are not missing, by column."""
    return {str(name): str(value) for name, value in rows.loc[label].items() if not pd.isna(value)}


def labels(index: pd.Index) -> list[int]:
    """A row index as whole numbers."""
    return [int(label) for label in index]
