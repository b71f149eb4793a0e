"""The book: the remote contacts as read, with what is known about its completeness.

What enters: contacts and groups that somebody read. What leaves: a table to compare with, and certainty about absence.
What never happens here: a request.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from sync import canonical
from sync.contact import PLAIN_FIELDS, Contact, Group, custom_field_name, custom_field_number
from sync.coverage import Coverage
from sync.tables import as_texts

_CHUNK = 1 << 13  # contacts that are objects at once
_TAKEN = 1 << 15  # rows that are taken out of the table at once
_TEXT = pa.large_string()


@dataclass(frozen=True, slots=True)
class Book:
    """Contacts and groups, as stored.

    `table` has one row for each contact, indexed from 0: `id`, the plain fields, a column such as `custom:3` for each
    custom field that any contact has (missing where one has none), and `groups` (ids joined by blanks). Texts are as
    the API gave them; an absent plain field is the empty text.
    """

    table: pd.DataFrame
    groups: tuple[Group, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)

    @classmethod
    def of(cls, contacts: Iterable[Contact], groups: Iterable[Group], coverage: Coverage) -> "Book":
        """A book of these contacts."""
        return cls(_frame([_columns(list(contacts))]), tuple(groups), coverage)

    def __len__(self) -> int:
        return len(self.table)

    def contact(self, position: int) -> Contact:
        """The contact at a position of the table."""
        return next(self.contacts(np.array([position])))

    def contacts(self, positions: npt.NDArray[np.int64]) -> Iterator[Contact]:
        """The contacts at these positions of the table, made in batches."""
        for start in range(0, len(positions), _TAKEN):
            rows = self.table.take(positions[start : start + _TAKEN])
            plain = [rows[name].tolist() for name in PLAIN_FIELDS]
            custom: list[dict[int, str]] = [{} for _ in range(len(rows))]
            for name in rows.columns:
                number = custom_field_number(str(name))
                if number is not None:
                    having = np.flatnonzero(rows[name].notna())
                    for place, text in zip(having, rows[name].array[having].tolist(), strict=True):
                        custom[place][number] = text
            groups = (tuple(map(int, text.split())) for text in rows["groups"].tolist())
            yield from map(Contact, rows["id"].tolist(), *plain, custom, groups)

    def column(self, field_name: str, positions: npt.NDArray[np.int64] | None = None) -> pd.Series:
        """The stored texts of a plain or custom field, for all contacts or for those at some positions.

        An absent text is empty or missing.
        """
        if field_name not in self.table:
            size = len(self.table) if positions is None else len(positions)
            return pd.Series(pd.NA, index=range(size), dtype="str")
        column = self.table[field_name]
        return column if positions is None else pd.Series(column.array.take(positions))

    def keys(self, key: str) -> pd.Series:
        """The canonical forms of a match key for all contacts; missing where a contact has none."""
        if key == "id":
            return as_texts(pa.array(self.table["id"].to_numpy()).cast(_TEXT))
        return canonical.key_column(key, self.column(key))


class BookBuilder:
    """A book that grows page by page; what has been kept stands in columns, so that a million contacts fit.

    A contact that is read again replaces what was read of it before.
    """

    def __init__(self) -> None:
        self._ids: set[int] = set()
        self._pending: list[Contact] = []
        self._chunks: list[pa.Table] = []
        self._rows = 0
        self._keys: dict[str, list[Any]] = {}

    def keep(self, contacts: Iterable[Contact]) -> int:
        """Keeps contacts and returns how many of them had not been kept before; those without an id are left out."""
        known = len(self._ids)
        for contact in contacts:
            if contact.id is not None:
                self._ids.add(contact.id)
                self._pending.append(contact)
        if len(self._pending) >= _CHUNK:
            self._settle()
        return len(self._ids) - known

    def __len__(self) -> int:
        return len(self._ids)

    def seen(self, contact_id: int) -> bool:
        """Whether a contact with this id has been kept."""
        return contact_id in self._ids

    @property
    def ids(self) -> Collection[int]:
        """The ids of all that has been kept; it grows with the book."""
        return self._ids

    def column(self, field_name: str) -> pd.Series:
        """The stored texts of a plain or custom field of all that has been kept, each contact once."""
        return self._joined([_column_of(chunk, field_name) for chunk in self._settled()])

    def keys(self, key: str) -> pd.Series:
        """The canonical forms of a match key of all that has been kept, each contact once; missing where none."""
        chunks = self._settled()
        known = self._keys.setdefault(key, [])
        for chunk in chunks[len(known) :]:
            texts = chunk["id"].cast(_TEXT) if key == "id" else _column_of(chunk, key)
            known.append(pa.array(canonical.key_column(key, as_texts(texts)), type=_TEXT))
        return self._joined(known)

    def book(self, groups: Iterable[Group], coverage: Coverage) -> Book:
        """The book of all that has been kept."""
        self._settle()
        self._compact()
        return Book(_frame(self._chunks), tuple(groups), coverage)

    def _settled(self) -> list[pa.Table]:
        self._settle()
        return self._chunks

    def _settle(self) -> None:
        """Turns pending contacts into columns."""
        if self._pending:
            self._chunks.append(_columns(self._pending))
            self._rows += len(self._pending)
            self._pending = []
            if self._rows > 2 * len(self._ids) + _CHUNK:  # contacts in many groups are read many times
                self._compact()

    def _latest(self) -> npt.NDArray[np.bool_] | None:
        """Which rows of the chunks are the last of their contact; None where all are."""
        if self._rows == len(self._ids):
            return None
        ids = np.concatenate([chunk["id"].to_numpy() for chunk in self._chunks])
        return ~pd.Series(ids).duplicated(keep="last").to_numpy()

    def _compact(self) -> None:
        """Leaves out what was replaced."""
        latest = self._latest()
        if latest is not None:
            start = 0
            for place, chunk in enumerate(self._chunks):
                self._chunks[place] = chunk.filter(pa.array(latest[start : start + len(chunk)]))
                start += len(chunk)
            self._rows = len(self._ids)
            self._keys = {}

    def _joined(self, parts: Sequence[Any]) -> pd.Series:
        texts = as_texts(_end_to_end(parts))
        latest = self._latest()
        return texts if latest is None else texts[latest].reset_index(drop=True)


def _columns(contacts: Sequence[Contact]) -> pa.Table:
    """The contacts' table, with a column for each custom field that any of them has."""
    numbers = sorted({number for contact in contacts for number in contact.custom_fields})
    columns: dict[str, Any] = {"id": pa.array([contact.id for contact in contacts], type=pa.int64())}
    for name in PLAIN_FIELDS:
        columns[name] = pa.array([getattr(contact, name) for contact in contacts], type=_TEXT)
    for number in numbers:
        texts = [contact.custom_fields.get(number) for contact in contacts]
        columns[custom_field_name(number)] = pa.array(texts, type=_TEXT)
    columns["groups"] = pa.array([" ".join(map(str, contact.groups)) for contact in contacts], type=_TEXT)
    return pa.table(columns)


def _column_of(chunk: pa.Table, name: str) -> Any:  # noqa: ANN401 - Arrow's arrays have no types
    return chunk[name] if name in chunk.column_names else pa.nulls(len(chunk), _TEXT)


def _end_to_end(columns: Iterable[Any]) -> Any:  # noqa: ANN401
    pieces = [
        piece for column in columns for piece in (column.chunks if isinstance(column, pa.ChunkedArray) else [column])
    ]
    return pa.chunked_array(pieces, type=_TEXT)


def _frame(chunks: Sequence[pa.Table]) -> pd.DataFrame:
    """The chunks as one table; a custom field that a chunk knows nothing of is missing there."""
    chunks = chunks or [_columns([])]
    custom = {name for chunk in chunks for name in chunk.column_names if custom_field_number(name) is not None}
    names = ["id", *PLAIN_FIELDS, *sorted(custom, key=lambda name: custom_field_number(name) or 0), "groups"]
    found: dict[str, Any] = {"id": np.concatenate([chunk["id"].to_numpy() for chunk in chunks])}
    for name in names[1:]:
        pieces = [_column_of(chunk, name) for chunk in chunks]
        pieces = [
            each for piece in pieces for each in (piece.chunks if isinstance(piece, pa.ChunkedArray) else [piece])
        ]
        found[name] = as_texts(pa.chunked_array(pieces, type=_TEXT))
    return pd.DataFrame(found)


class GroupNames:
    """Finds groups by name or id."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self._ids: dict[int, str] = {}
        self._by_label: dict[str, list[int]] = {}
        for main in groups:
            for group in main.family():
                path = group.name if group is main else f"{main.name}/{group.name}"
                self._ids[group.id] = path
                for name in {canonical.label(group.name), canonical.label(path)}:
                    self._by_label.setdefault(name, []).append(group.id)

    def find(self, name: str | int) -> list[int]:
        """The ids of the groups that a label, a path such as `Bayiler/Ankara`, or an id may mean."""
        if isinstance(name, str):
            found = self._by_label.get(canonical.label(name), [])
            if found or not name.strip().isdecimal():
                return found
        number = int(name)
        return [number] if number in self._ids else []

    @property
    def by_id(self) -> Mapping[int, str]:
        """Every group's name, its main group's before it, by id."""
        return self._ids

    def path(self, group_id: int) -> str:
        """The group's name, its main group's before it; the id itself where it is not known."""
        return self._ids.get(group_id, str(group_id))

    def some_paths(self, most: int = 8) -> str:
        """The groups' names, as many as a message can bear."""
        paths = sorted(self._ids.values(), key=canonical.turkish_lower)
        return ", ".join(paths[:most]) + (f" … ({len(paths)})" if len(paths) > most else "")
