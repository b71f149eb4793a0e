"""The mapping: what each column means and how the run is to behave.

What enters: the data of a YAML file, already parsed. What leaves: a checked, immutable Mapping.
What never happens here: opening files (`sync.reader.mapping_file` does, and turns mistakes into places).
"""

import datetime
import re
from typing import Annotated, Any, Literal

import phonenumbers
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sync.contact import PLAIN_FIELDS, custom_field_name
from sync.settings import Wire

Transform = Literal["squeeze", "title", "upper", "lower"]
OnBlank = Literal["keep", "clear"]
OnBad = Literal["reject", "blank"]


class Part(BaseModel):
    """The base of every part: unknown names and wrong types are mistakes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _column_shorthand(value: object) -> object:
    """`name: Ad` is short for `name: {column: Ad}`."""
    return {"column": value} if isinstance(value, str) else value


def _place(position: object) -> object:
    number = isinstance(position, int) and not isinstance(position, bool) and position >= 1
    letters = isinstance(position, str) and re.fullmatch("[A-Za-z]{1,3}", position)
    if position is not None and not number and not letters:
        raise ValueError("position")
    return position


Place = Annotated[str | int, BeforeValidator(_place)]


class ColumnSpec(Part):
    """Where a field's text comes from: a named column, several joined ones, a placed column, or a constant."""

    column: str | None = Field(None, description="The column's header.")
    columns: tuple[str, ...] | None = Field(
        None, strict=False, min_length=2, description="Headers of columns that are joined; empty cells are left out."
    )
    join: str = Field(" ", description="What stands between joined columns.")
    position: Place | None = Field(
        None, description="The column's place, such as E or 5, for missing or doubled headers."
    )
    value: str | None = Field(None, description="A constant, the same for every row.")
    part: Literal["given", "surname"] | None = Field(
        None,
        description="Of a full name: the given names, or the surname (the last word, or what stands before a comma).",
    )
    default: str | None = Field(None, min_length=1, description="Stands for an empty cell.")
    empty: tuple[str, ...] = Field((), strict=False, description="Texts that mean an empty cell, in this column too.")
    transforms: tuple[Transform, ...] = Field((), strict=False, description="Applied in this order.")
    on_blank: OnBlank | None = Field(None, description="What an empty cell does to this field.")
    on_bad: OnBad | None = Field(
        None, description="reject: a cell that cannot be used rejects its row. blank: only the cell is left out."
    )

    @model_validator(mode="after")
    def _one_source(self) -> "ColumnSpec":
        if sum(source is not None for source in (self.column, self.columns, self.position, self.value)) != 1:
            raise ValueError("one_source")
        return self

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers that are named."""
        return self.columns or ((self.column,) if self.column is not None else ())

    @property
    def index(self) -> int | None:
        """The position as an index from 0: `E` and `5` are 4; None where the column is named or constant."""
        if isinstance(self.position, int):
            return self.position - 1
        if isinstance(self.position, str):
            letters = (ord(letter) - ord("A") + 1 for letter in self.position.upper())
            index = 0
            for value in letters:
                index = index * 26 + value
            return index - 1
        return None


def _region(code: str) -> str:
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("region")
    return code


def _date_format(text: str) -> str:
    """A format that says day, month and year, so that a date comes back from it as the same date."""
    day = datetime.date(2001, 2, 3)
    try:
        kept = datetime.datetime.strptime(day.strftime(text), text).date() == day  # noqa: DTZ007 - a day, no moment
    except ValueError:
        kept = False
    if not kept:
        raise ValueError("date_format")
    return text


Region = Annotated[str, AfterValidator(_region)]
DateFormat = Annotated[str, AfterValidator(_date_format)]


class PhoneColumn(ColumnSpec):
    """A column of phone numbers."""

    region: Region = Field("TR", description="Where a number without a country code belongs.")
    kind: Literal["mobile", "any"] = Field("mobile", description="mobile: only numbers that can get messages.")


class CustomFieldSpec(ColumnSpec):
    """A custom field of the account, by its id."""

    type: Literal["text", "date", "choice"] = "text"
    input: tuple[DateFormat, ...] = Field(
        (), strict=False, description="Date formats to accept; all common ones when left out."
    )
    output: DateFormat = Field("%d/%m/%Y", description="The format in which a date is stored.")
    choices: dict[str, str] = Field(
        default_factory=dict, description="For type choice: the text in the sheet → the stored text."
    )
    label: str | None = Field(None, description="What people call this field, in reports.")

    @model_validator(mode="after")
    def _choices_fit_the_type(self) -> "CustomFieldSpec":
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("choices")
        return self


Column = Annotated[ColumnSpec, BeforeValidator(_column_shorthand)]
Phone = Annotated[PhoneColumn, BeforeValidator(_column_shorthand)]
CustomField = Annotated[CustomFieldSpec, BeforeValidator(_column_shorthand)]


class Fields(Part):
    """The contact's own fields, and its id where the sheet knows it."""

    id: Column | None = None
    name: Column | None = None
    surname: Column | None = None
    email: Column | None = None
    gsm: Phone | None = None

    def given(self) -> dict[str, ColumnSpec]:
        """The plain fields that the mapping names, without the id."""
        return {name: spec for name in PLAIN_FIELDS if (spec := getattr(self, name)) is not None}


class Source(Part):
    """What to read where detection should not decide."""

    sheet: str | None = Field(None, description="The sheet's name; * reads every visible sheet.")
    header_row: int | None = Field(None, ge=1)
    encoding: str | None = None
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    quote: Literal['"', "'", "none"] | None = Field(
        None, description="What encloses cells of a CSV that hold a delimiter; none: nothing does."
    )
    decimal: Literal[".", ","] = Field(".", description="What a workbook's numbers show before their decimals.")
    hidden_rows: Literal["read", "skip"] = Field("read", description="What to do with rows hidden in a workbook.")
    empty: tuple[str, ...] = Field((), strict=False, description="Texts that mean an empty cell.")


def _group_name(name: object) -> object:
    if not isinstance(name, str | int) or isinstance(name, bool):
        raise ValueError("group_name")  # noqa: TRY004 - pydantic turns a ValueError into a mistake of the mapping
    return name


GroupName = Annotated[str | int, BeforeValidator(_group_name)]


class Groups(Part):
    """Which groups a contact belongs to."""

    column: str | None = None
    separator: str | None = Field(
        None, min_length=1, description="Between several groups in one cell; , ; or | when left out."
    )
    always: tuple[GroupName, ...] = Field((), strict=False, description="Groups of every row.")
    mode: Literal["add", "exact", "keep"] = "add"
    create_missing: bool = False


def _limit(limit: object) -> object:
    counts = isinstance(limit, int) and not isinstance(limit, bool) and limit >= 0
    shares = isinstance(limit, str) and re.fullmatch(r"\d{1,3}%", limit)
    if limit is not None and not counts and not shares:
        raise ValueError("limit")
    return limit


Limit = Annotated[int | str, BeforeValidator(_limit)]


class Guards(Part):
    """How much a plan may change; a count such as 5000 or a share such as 30%."""

    max_adds: Limit | None = None
    max_edits: Limit | None = "30%"
    max_deletes: Limit | None = 0
    min_rows: Limit | None = None


def _match_key(key: str) -> str:
    if not re.fullmatch(r"id|gsm|email|custom:\d+", key):
        raise ValueError("match_key")
    return key


MatchKey = Annotated[str, AfterValidator(_match_key)]


class Api(Part):
    """How hard the API may be asked; an option or the environment beats these."""

    base_url: str | None = None
    rate: float | None = Field(None, gt=0, strict=False)
    workers: int | None = Field(None, ge=1, le=200)
    wire: Wire | None = None
    timeout: float | None = Field(None, gt=0, strict=False)
    settle_after: float | None = Field(None, ge=0, strict=False)


class Mapping(Part):
    """One whole mapping file."""

    version: Literal[1]
    name: str | None = Field(None, min_length=1, description="The job; the file's name when left out.")
    source: Source = Source()
    match: tuple[MatchKey, ...] = Field(
        (), strict=False, description="Keys in order of strength; gsm, then email when left out."
    )
    identity: dict[str, Any] | None = None
    fields: Fields
    custom_fields: dict[int, CustomField] = Field(default_factory=dict)
    groups: Groups = Groups()
    on_blank: OnBlank = "keep"
    on_bad: OnBad = "reject"
    duplicates: Literal["error", "first", "last", "merge"] = "error"
    on_key_change: Literal["conflict", "edit"] = "conflict"
    remote_only: Literal["report", "remove_from_groups", "delete"] = "report"
    guards: Guards = Guards()
    api: Api = Api()

    @property
    def keys(self) -> tuple[str, ...]:
        """The match keys, strongest first."""
        return self.match or tuple(key for key in ("gsm", "email") if key in self.columns)

    @property
    def columns(self) -> dict[str, ColumnSpec]:
        """Every field that the mapping gives, named as `Contact.value` names it, in a fixed order."""
        custom = {custom_field_name(number): spec for number, spec in sorted(self.custom_fields.items())}
        return {**self.fields.given(), **custom}

    @property
    def labels(self) -> dict[str, str]:
        """What people call each mapped field, and the groups."""
        labels = {
            name: getattr(spec, "label", None) or spec.join.join(spec.headers) or name
            for name, spec in self.columns.items()
        }
        return {**labels, "groups": self.groups.column or "groups"}

    def clears(self, field: str) -> bool:
        """Whether an empty cell empties this field."""
        spec = self.columns[field]
        return (spec.on_blank or self.on_blank) == "clear"

    def blanks(self, field: str) -> bool:
        """Whether a cell of this field that cannot be used is left out, instead of rejecting its row."""
        spec = self.fields.id if field == "id" else self.columns[field]
        return ((spec.on_bad if spec else None) or self.on_bad) == "blank"
