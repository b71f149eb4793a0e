"""Keyed hashes: what memory keeps of a value in the value's place.

What enters: texts, and a key that never leaves the state directory. What leaves: numbers of 64 bits.
What never happens here: a text kept; two forms of one value with two hashes.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync import canonical
from sync.tables import as_arrow, as_texts

NORMALISER = 1
"""Raised whenever `meant` gives a text another form: hashes of before say nothing then."""

UNKNOWN, EMPTY = 0, 1  # no hash at all; the hash of an empty value

Marks = npt.NDArray[np.int64]
_BETWEEN = "\x1f"
_PERSON_LENGTH = 16


def meant(field_name: str, texts: pd.Series) -> pd.Series:
    """A field's texts in the form that is hashed, whatever a mapping says of the field; missing where empty."""
    if field_name in ("gsm", "email"):
        return canonical.key_column(field_name, texts)
    if field_name == "groups":
        return _group_texts(texts)
    plain = canonical.text_column(texts)
    if field_name.startswith("custom:"):
        return plain.map(lambda text: canonical.date(text) or text, na_action="ignore").astype("str")
    return plain


def _group_texts(texts: pd.Series) -> pd.Series:
    """The ids of groups in ascending order; missing where there are none."""
    codes, distinct = pd.factorize(texts.array)
    ordered = [" ".join(map(str, sorted(map(int, str(text).split())))) or None for text in distinct]
    return pd.Series(pd.array([*ordered, None], dtype="str").take(codes))


class Hashes:
    """Hashes with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @property
    def check(self) -> str:
        """A text that only this key makes, by which it is known again."""
        return str(self.of_value("", "imsync"))

    def of_field(self, field_name: str, texts: pd.Series) -> Marks:
        """A hash of what each text of a field means; `EMPTY` where there is none."""
        return self.of_texts(field_name, meant(field_name, texts))

    def of_value(self, field_name: str, text: str) -> int:
        """`of_field` for one text."""
        return int(self.of_field(field_name, pd.Series([text], dtype="str"))[0])

    def of_texts(self, kind: str, texts: pd.Series) -> Marks:
        """A hash of each text as it stands, another one for each kind; `EMPTY` where it is missing."""
        encoded = as_arrow(texts).dictionary_encode()
        found = self._hashed(kind, encoded.dictionary.to_pylist())
        places = encoded.indices.fill_null(len(found)).to_numpy()
        hashed: Marks = np.append(found, EMPTY)[places]
        return hashed

    def of_rows(self, kind: str, columns: Sequence[pd.Series]) -> Marks:
        """A hash of each row of several columns, as they stand."""
        texts = [pc.fill_null(pa.array(column, type=pa.large_string()), "") for column in columns]
        joined = pc.binary_join_element_wise(*texts, pa.scalar(_BETWEEN, type=pa.large_string()))
        if isinstance(joined, pa.ChunkedArray):
            joined = joined.combine_chunks()
        return self._hashed(kind, as_texts(joined).tolist())

    def _hashed(self, kind: str, texts: Sequence[str]) -> Marks:
        person = hashlib.blake2b(kind.encode(), digest_size=_PERSON_LENGTH).digest()
        base = hashlib.blake2b(key=self._key, digest_size=8, person=person)

        def digest(text: str) -> bytes:
            own = base.copy()
            own.update(text.encode())
            return own.digest()

        found = np.frombuffer(b"".join(map(digest, texts)), dtype="<i8").astype(np.int64)
        found[(found == UNKNOWN) | (found == EMPTY)] = EMPTY + 1
        return found
