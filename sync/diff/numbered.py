"""Numbers for texts, so that a million keys are compared as numbers.

What enters: two columns of texts. What leaves: numbers that are equal exactly where the texts are.
What never happens here: two different texts taken for one.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sync.tables import differing, fingerprints, missing

Numbers = npt.NDArray[np.int64]
NONE = -1


@dataclass(frozen=True, slots=True)
class Numbered:
    """Two columns, each text that the stored one has by its number.

    Attributes:
        stored: the number of each stored text; NONE where it is missing.
        wanted: the number of each wanted text; NONE where it is missing, or stored nowhere.
        first: for each number where its text stands first among the stored ones.
        count: for each number how often its text is stored.
    """

    stored: Numbers
    wanted: Numbers
    first: Numbers
    count: Numbers


def numbered(stored: pd.Series, wanted: pd.Series) -> Numbered:
    """The texts of two columns by number."""
    lacking, unwanted = missing(stored), missing(wanted)
    having = np.flatnonzero(~lacking)
    marks = fingerprints(stored)[having]
    index = pd.Index(marks)
    if index.is_unique:
        found = _in_all(len(stored), having, np.arange(len(having)))
        first, count = having, np.ones(len(having), dtype=np.int64)
    else:
        codes, distinct = pd.factorize(marks)
        index = pd.Index(distinct)
        found = _in_all(len(stored), having, codes)
        first, count = _firsts(having, codes, len(distinct)), np.bincount(codes, minlength=len(distinct))
    sought = index.get_indexer(pd.Index(fingerprints(wanted))).astype(np.int64)
    sought[unwanted] = NONE
    made = Numbered(found, sought, first.astype(np.int64), count.astype(np.int64))
    return made if _is_right(made, stored, wanted) else _slowly(stored, wanted)


def _in_all(size: int, places: npt.NDArray[np.intp], codes: npt.NDArray[np.intp]) -> Numbers:
    found = np.full(size, NONE, dtype=np.int64)
    found[places] = codes
    return found


def _firsts(places: npt.NDArray[np.intp], codes: npt.NDArray[np.intp], size: int) -> npt.NDArray[np.intp]:
    first = np.empty(size, dtype=np.intp)
    first[codes[::-1]] = places[::-1]
    return first


def _is_right(made: Numbered, stored: pd.Series, wanted: pd.Series) -> bool:
    """Whether texts with one number are one text."""
    several = np.append(made.count > 1, False)  # NONE, the last one, is nobody's number
    repeated = np.flatnonzero(several[made.stored])
    found = np.flatnonzero(made.wanted != NONE)
    for texts, rows, numbers in ((stored, repeated, made.stored), (wanted, found, made.wanted)):
        if len(rows):
            own = texts.array if len(rows) == len(texts) else texts.array.take(rows)
            if differing(own, stored.array, made.first[numbers[rows]]).any():
                return False
    return True


def _slowly(stored: pd.Series, wanted: pd.Series) -> Numbered:
    """The same by the texts themselves, for the day on which two texts have one fingerprint."""
    codes, distinct = pd.factorize(pd.concat([stored, wanted], ignore_index=True))
    found, sought = codes[: len(stored)].astype(np.int64), codes[len(stored) :].astype(np.int64)
    count = np.bincount(found[found != NONE], minlength=len(distinct))
    having = np.flatnonzero(found != NONE)
    first = np.full(len(distinct), NONE, dtype=np.intp)
    first[found[having][::-1]] = having[::-1]
    sought[(sought != NONE) & (count[sought] == 0)] = NONE
    return Numbered(found, sought, first.astype(np.int64), count.astype(np.int64))
