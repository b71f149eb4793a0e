"""Changes and the plan that holds them.

What enters: what the diff decided. What leaves: data with both sides of every change.
What never happens here: sending, or deciding.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from sync import canonical
from sync.contact import PLAIN_FIELDS, Contact, custom_field_name
from sync.remembered import Learnt

Kind = Literal["add", "edit", "delete"]
Differences = dict[str, list[Any]]


def differences(before: Contact, after: Contact, fields: Iterable[str]) -> Differences:
    """`{field: [before, after]}` for each of the fields (and `groups`, if named) whose stored text differs."""
    found: Differences = {}
    for name in fields:
        pair: list[Any]
        if name == "groups":
            pair = [sorted(before.groups), sorted(after.groups)]
        else:
            pair = [before.value(name), after.value(name)]
        if pair[0] != pair[1]:
            found[name] = pair
    return found


def disagreements(one: Contact, other: Contact) -> Differences:
    """`{field: [one's, other's]}` for each field of two contacts (and `groups`) that differs in more than form."""
    custom = sorted({*one.custom_fields, *other.custom_fields})
    found = differences(one, other, [*PLAIN_FIELDS, *map(custom_field_name, custom), "groups"])
    return {name: pair for name, pair in found.items() if name == "groups" or not canonical.same(name, *pair)}


@dataclass(frozen=True, slots=True)
class Change:
    """One add, edit or delete that a row needs.

    Attributes:
        row: index of the row in the sheet.
        keys: the row's match keys, canonical, strongest first.
        existing: the contact as read, None for an add.
        desired: the complete contact that is meant; an empty one for a delete.
        fields: the fields that differ, `groups` included.
        exact: the fields of the row that are to be stored exactly as it has them: there, form counts.
    """

    row: int
    kind: Kind
    keys: Mapping[str, str]
    existing: Contact | None
    desired: Contact
    fields: tuple[str, ...]
    exact: tuple[str, ...] = ()

    @property
    def differences(self) -> Differences:
        """`{field: [before, after]}`; the before of an add is empty."""
        return differences(self.existing or Contact(), self.desired, self.fields)

    def to_dict(self) -> dict[str, Any]:
        """The change as JSON can hold it."""
        return {
            "row": self.row,
            "kind": self.kind,
            "keys": dict(self.keys),
            "existing": self.existing.to_dict() if self.existing else None,
            "desired": self.desired.to_dict(),
            "fields": list(self.fields),
            **({"exact": list(self.exact)} if self.exact else {}),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Change":
        """The inverse of `to_dict`."""
        return cls(
            row=data["row"],
            kind=data["kind"],
            keys=data["keys"],
            existing=Contact.from_dict(data["existing"]) if data["existing"] else None,
            desired=Contact.from_dict(data["desired"]),
            fields=tuple(data["fields"]),
            exact=tuple(data.get("exact", ())),
        )


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to tell the person about a row: a message code and its values, and the header of the cell meant."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    column: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The remark as JSON can hold it."""
        return {"code": self.code, "values": dict(self.values), "column": self.column}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Remark":
        """The inverse of `to_dict`."""
        return cls(data["code"], data["values"], data["column"])


def _nothing() -> pd.DataFrame:
    return pd.DataFrame(
        {"planned": pd.Series(dtype="str"), "contact_id": pd.Series(dtype="Int64"), "key": pd.Series(dtype="str")}
    )


@dataclass(frozen=True, slots=True)
class Departures:
    """What becomes of contacts whose rows have left the sheet. They are numbered after the rows of the sheet.

    Attributes:
        rows: as `Plan.rows`, one for each contact; `planned` is deleted, edited (taken out of groups), unchanged,
            conflict or held.
        remarks: by their numbers.
        changes: in their order; `Change.row` is the number.
        known: how many contacts the job remembers; the measure for a share.
    """

    rows: pd.DataFrame = field(default_factory=_nothing)
    remarks: Mapping[int, list[Remark]] = field(default_factory=dict)
    changes: Iterable[Change] = ()
    known: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    def counts(self) -> dict[str, int]:
        """How many contacts become what."""
        return _counts(self.rows)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the diff decided for every row.

    Attributes:
        rows: one row for each of the sheet's, same index; columns `planned` (an outcome: what the row becomes if all
            goes well), `contact_id` (Int64, missing where unknown), `key` (the row's strongest key, canonical).
        remarks: for each row (by index) about which there is something to say, what it is.
        changes: in the order of the rows. An iterable that can be gone through once.
        matched: how many rows met a contact; the measure for percentages of edits.
        notes: what is to be told about rows besides, such as a cell that was left out.
        learnt: what is to be remembered once the rows are in the book; None where the plan knows no memory.
        departures: contacts whose rows have left the sheet, where the mapping says what is to be done with them.
    """

    rows: pd.DataFrame
    remarks: Mapping[int, list[Remark]]
    changes: Iterable[Change]
    matched: int
    notes: Mapping[int, list[Remark]] = field(default_factory=dict)
    learnt: Learnt | None = None
    departures: Departures = field(default_factory=Departures)

    def counts(self) -> dict[str, int]:
        """How many rows become what."""
        return _counts(self.rows)


def _counts(rows: pd.DataFrame) -> dict[str, int]:
    return {str(outcome): int(count) for outcome, count in rows["planned"].value_counts().items()}


@dataclass(frozen=True, slots=True)
class Forecast:
    """What carrying out a plan sends if all goes well: its writes, and the reads that make sure of them."""

    writes: int
    reads: int
    rate: float

    @property
    def requests(self) -> int:
        """All of them."""
        return self.writes + self.reads

    @property
    def seconds(self) -> float:
        """How long they take at the rate."""
        return self.requests / self.rate


@dataclass(frozen=True, slots=True)
class Settled:
    """How one change ended: what the journal keeps and the report tells.

    Attributes:
        outcome: added, edited, deleted, unchanged, conflict, failed, unresolved.
        contact_id: the contact's id, where there is one.
        remark: what there is to tell, None where all is well.
        altered: fields stored otherwise than meant, `{field: [meant, stored]}`.
        stored: the contact as the API showed it last.
    """

    outcome: str
    contact_id: int | None = None
    remark: Remark | None = None
    altered: Mapping[str, list[Any]] = field(default_factory=dict)
    stored: Contact | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """One change of a run, and what became of it.

    Attributes:
        input, row, key: of its row, as reports show it.
        outcome: added, edited, deleted; unresolved where nobody knows whether it was carried out.
        contact_id: the contact's id, where there is one.
        stored: the contact as the API showed it last.
    """

    change: Change
    input: int
    row: int
    key: str
    outcome: str
    contact_id: int | None
    stored: Contact | None
