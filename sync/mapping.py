"""The mapping: what each column means and how the run is to behave.

What enters: the data of a YAML file, already parsed. What leaves: a checked, immutable Mapping.
What never happens here: opening files (`sync.reader.mapping_file` does, and turns mistakes into places).
"""

import codecs
import datetime
import hashlib
import re
from typing import Annotated, Any, Literal

import phonenumbers
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from sync.contact import PLAIN_FIELDS, custom_field_name
from sync.settings import Wire

Transform = Literal["squeeze", "title", "upper", "lower"]
OnBlank = Literal["keep", "clear"]
OnBad = Literal["reject", "blank"]
OnPanelChange = Literal["overwrite", "keep", "conflict"]


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


Place = Annotated[
    str | int,
    BeforeValidator(_place),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": "^[A-Za-z]{1,3}$"}, {"type": "integer", "minimum": 1}]},
        mode="validation",
    ),
]

# What the model's validators say, for editors: they know the JSON Schema alone.
_SOURCES = ("column", "columns", "position", "value")
_ONE_SOURCE: dict[str, Any] = {
    "oneOf": [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in _SOURCES]
}
_CHOICES_FIT: dict[str, Any] = {
    "if": {"required": ["type"], "properties": {"type": {"const": "choice"}}},
    "then": {"required": ["choices"], "properties": {"choices": {"minProperties": 1}}},
    "else": {"properties": {"choices": {"maxProperties": 0}}},
}


class ColumnSpec(Part):
    """Where a field's text comes from: a named column, several joined ones, a placed column, or a constant."""

    model_config = ConfigDict(json_schema_extra=_ONE_SOURCE)

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
    on_panel_change: OnPanelChange | None = Field(
        None, description="What becomes of this field where somebody has changed it in the panel."
    )
    rewrite: bool = Field(
        default=False,
        description="Whether a stored value that means the same in another form, such as 0500 111 22 33, is rewritten.",
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


Region = Annotated[
    str,
    AfterValidator(_region),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["TR", "DE"]}, mode="validation"),
]
DateFormat = Annotated[str, AfterValidator(_date_format)]


class PhoneColumn(ColumnSpec):
    """A column of phone numbers."""

    region: Region = Field("TR", description="Where a number without a country code belongs.")
    kind: Literal["mobile", "any"] = Field("mobile", description="mobile: only numbers that can get messages.")


class CustomFieldSpec(ColumnSpec):
    """A custom field of the account, by its id."""

    model_config = ConfigDict(json_schema_extra={**_ONE_SOURCE, **_CHOICES_FIT})

    type: Literal["text", "date", "choice"] = Field(
        "text", description="text: as it stands. date: read as a date. choice: one of a few texts."
    )
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


Column = Annotated[ColumnSpec, BeforeValidator(_column_shorthand, json_schema_input_type=str | ColumnSpec)]
Phone = Annotated[PhoneColumn, BeforeValidator(_column_shorthand, json_schema_input_type=str | PhoneColumn)]
CustomField = Annotated[
    CustomFieldSpec, BeforeValidator(_column_shorthand, json_schema_input_type=str | CustomFieldSpec)
]


def _without_null(schema: dict[str, Any]) -> None:
    """For editors: a name that stands there names something."""
    for each in schema["properties"].values():
        each["anyOf"] = [kind for kind in each["anyOf"] if kind != {"type": "null"}]
        del each["default"]


class Fields(Part):
    """The contact's own fields, and its id where the sheet knows it."""

    model_config = ConfigDict(json_schema_extra=_without_null)

    id: Column | None = Field(None, description="The contact's id, where the sheet knows it.")
    name: Column | None = Field(None, description="The given names: a column's header, or a column with options.")
    surname: Column | None = Field(None, description="The surname: a column's header, or a column with options.")
    email: Column | None = Field(None, description="The e-mail address: a column's header, or a column with options.")
    gsm: Phone | None = Field(None, description="The mobile number: a column's header, or a column with options.")

    @field_validator("*", mode="before")
    @classmethod
    def _names_something(cls, value: object) -> object:
        if value is None:
            raise ValueError("field_empty")
        return value

    def given(self) -> dict[str, ColumnSpec]:
        """The plain fields that the mapping names, without the id."""
        return {name: spec for name in PLAIN_FIELDS if (spec := getattr(self, name)) is not None}


def _encoding(name: str) -> str:
    """An encoding in which texts are written; Python knows others, for other purposes."""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        found = ""
    if not re.match(r"utf-8|utf-16|utf-32|ascii|cp\d|iso8859|mac-|koi8|latin|big5|gb|euc|shift", found):
        raise ValueError("encoding")
    return name


def _delimiter(text: str) -> str:
    if text in '\r\n\0"' or text.isalnum():
        raise ValueError("delimiter")
    return text


class Source(Part):
    """What to read where detection should not decide."""

    sheet: str | None = Field(None, description="The sheet's name; * reads every visible sheet.")
    header_row: int | None = Field(None, ge=1, description="The row with the headers, as Excel numbers it.")
    encoding: Annotated[str, AfterValidator(_encoding)] | None = Field(
        None, description="Of a CSV, such as utf-8 or windows-1254."
    )
    delimiter: Annotated[str, AfterValidator(_delimiter)] | None = Field(
        None, min_length=1, max_length=1, description="What stands between the cells of a CSV: one character."
    )
    quote: Literal['"', "'", "none"] | None = Field(
        None, description="What encloses cells of a CSV that hold a delimiter; none: nothing does."
    )
    decimal: Literal[".", ","] = Field(".", description="What a workbook's numbers show before their decimals.")
    hidden_rows: Literal["read", "skip"] = Field("read", description="What to do with rows hidden in a workbook.")
    empty: tuple[str, ...] = Field((), strict=False, description="Texts that mean an empty cell.")
    formula_apostrophe: bool = Field(
        default=False,
        description="Whether an apostrophe before a formula, as in '=1+1, only keeps programs from running it and is no"
        " part of the text; “imsync export” writes CSV files so.",
    )


def _group_name(name: object) -> object:
    if not isinstance(name, str | int) or isinstance(name, bool):
        raise ValueError("group_name")  # noqa: TRY004 - pydantic turns a ValueError into a mistake of the mapping
    return name


GroupName = Annotated[
    str | int,
    BeforeValidator(_group_name),
    WithJsonSchema(
        {"type": ["string", "integer"], "description": "A name, Main group/Group, or an id."}, mode="validation"
    ),
]


class Groups(Part):
    """Which groups a contact belongs to."""

    column: str | None = Field(None, description="The header of the column with group names or ids.")
    separator: str | None = Field(
        None, min_length=1, description="Between several groups in one cell; , ; or | when left out."
    )
    always: tuple[GroupName, ...] = Field((), strict=False, description="Groups of every row.")
    mode: Literal["add", "exact", "keep"] = Field(
        "add",
        description="add: a contact leaves no group. exact: among the groups that this mapping names, it is in those of"
        " its row alone. keep: an existing contact's groups stay.",
    )
    create_missing: bool = Field(
        default=False, description="Groups that the account lacks are added before the rows that need them."
    )


_SHARE = r"((100|\d{1,2})%|%(100|\d{1,2}))"


def _limit(limit: object) -> object:
    counts = isinstance(limit, int) and not isinstance(limit, bool) and limit >= 0
    shares = isinstance(limit, str) and re.fullmatch(_SHARE, limit)
    if limit is not None and not counts and not shares:
        raise ValueError("limit")
    return f"{limit[1:]}%" if isinstance(limit, str) and limit.startswith("%") else limit  # as Turks write it


Limit = Annotated[
    int | str,
    BeforeValidator(_limit),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": f"^{_SHARE}$"}]}, mode="validation"
    ),
]


class Identity(Part):
    """Who a row is, even when its keys change."""

    column: str = Field(min_length=1, description="The header of the column.")


class Guards(Part):
    """How much a plan may change; a count such as 5000 or a share such as 30%."""

    max_adds: Limit | None = Field(None, description="New contacts; a share is one of the rows.")
    max_edits: Limit | None = Field("30%", description="Changed contacts; a share is one of the rows with a contact.")
    max_deletes: Limit | None = Field(
        0, description="Deleted contacts; a share is one of those and the rows with a contact together."
    )
    max_removals: Limit | None = Field(
        "10%",
        description="Contacts taken out of groups because the sheet lacks them; a share is one of the contacts that the"
        " job remembers.",
    )
    min_rows: Limit | None = Field(
        "50%",
        description="Rows that there must be; a share is one of the last full run's. A part of the whole (--partial) is"
        " not measured.",
    )
    max_bad: Limit | None = Field(
        "10%",
        description="Cells that cannot be used, beyond those of the last full runs; a share is one of the cells that"
        " hold something.",
    )


def _match_key(key: str) -> str:
    if not re.fullmatch(r"id|gsm|email|custom:[1-9]\d*", key):
        raise ValueError("match_key")
    return key


MatchKey = Annotated[
    str,
    AfterValidator(_match_key),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(id|gsm|email|custom:[1-9]\d*)$",
            "description": "id, gsm, email, or a custom field such as custom:3.",
        },
        mode="validation",
    ),
]


class Api(Part):
    """How hard the API may be asked; an option or the environment beats these."""

    base_url: str | None = Field(None, description="Where the API is; it ends in /v1.")
    rate: float | None = Field(None, gt=0, strict=False, description="At most so many requests in any second.")
    workers: int | None = Field(None, ge=1, le=200, description="So many changes are under way at once.")
    wire: Wire | None = Field(None, description="The format of the requests.")
    timeout: float | None = Field(None, gt=0, strict=False, description="For one request, in seconds.")
    patience: float | None = Field(
        None, gt=0, strict=False, description="Seconds after which an API that does not answer any more ends the run."
    )
    settle_after: float | None = Field(
        None,
        ge=0,
        strict=False,
        description="Seconds after which an add whose answer was lost, and that no search shows, counts as not done.",
    )


def _field_number(number: object) -> object:
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ValueError("field_id")
    return number


FieldNumber = Annotated[int, BeforeValidator(_field_number)]


class Mapping(Part):
    """One whole mapping file."""

    model_config = ConfigDict(title="A mapping of imsync")

    version: Literal[1] = Field(description="Of this format: always 1.")
    name: str | None = Field(None, min_length=1, description="The job; the file's name when left out.")
    source: Source = Field(Source(), description="How to read the file, where detection should not decide.")
    match: tuple[MatchKey, ...] = Field(
        (), strict=False, description="Keys in order of strength; gsm, then email when left out."
    )
    identity: Identity | None = Field(
        None, description="Who a row is, even when its keys change: a column such as a customer number."
    )
    fields: Fields = Field(description="The contact's own fields: a column's header, or a column with options.")
    custom_fields: dict[FieldNumber, CustomField] = Field(
        default_factory=dict,
        description="The account's custom fields, by the ids that the provider's panel shows.",
        json_schema_extra={"propertyNames": {"pattern": r"^[1-9]\d*$"}},
    )
    groups: Groups = Field(Groups(), description="Which groups a contact belongs to.")
    on_blank: OnBlank = Field(
        "keep", description="What an empty cell does. keep: it erases nothing. clear: it empties the field."
    )
    on_bad: OnBad = Field(
        "reject", description="reject: a cell that cannot be used rejects its row. blank: only the cell is left out."
    )
    duplicates: Literal["error", "first", "last", "merge"] = Field(
        "error",
        description="Of rows with the same strongest key: error rejects all, first and last choose one, merge joins"
        " them where they do not differ.",
    )
    on_key_change: Literal["conflict", "edit"] = Field(
        "conflict",
        description="When a weaker key finds a contact whose stronger key differs. conflict: ask a person. edit: it is"
        " the same person.",
    )
    on_panel_change: OnPanelChange = Field(
        "conflict",
        description="Where somebody has changed a field in the panel since the job wrote it, and the sheet says another"
        " value. conflict: ask a person. keep: the panel's value stays. overwrite: the sheet's value is written.",
    )
    remote_only: Literal["report", "remove_from_groups", "delete"] = Field(
        "report",
        description="What to do with contacts that this job once wrote and that a whole sheet lacks. report: nothing."
        " remove_from_groups: take them out of the groups that the mapping and the sheet name. delete: delete those"
        " that the job has added, unless the panel has something of them that the job has not written (see"
        " on_panel_change); guards.max_deletes must allow it.",
    )
    guards: Guards = Field(
        Guards(), description="How much a plan may change; a count such as 5000 or a share such as 30%."
    )
    api: Api = Field(Api(), description="How hard the API may be asked; an option or the environment beats these.")

    @property
    def keys(self) -> tuple[str, ...]:
        """The match keys, strongest first."""
        return self.match or tuple(key for key in ("gsm", "email") if key in self.columns)

    @property
    def rules(self) -> str:
        """A hash of all that it says about which rows there are and who they are."""
        parts = {"source", "match", "identity", "fields", "custom_fields", "groups", "duplicates", "on_key_change"}
        return hashlib.sha256(self.model_dump_json(include=parts).encode()).hexdigest()

    @property
    def removes(self) -> str:
        """What is done with contacts that the sheet lacks: remove_from_groups, delete; empty where nothing is."""
        return "" if self.remote_only == "report" else self.remote_only

    @property
    def columns(self) -> dict[str, ColumnSpec]:
        """Every field that the mapping gives, named as `Contact.value` names it, in a fixed order."""
        custom = {custom_field_name(number): spec for number, spec in sorted(self.custom_fields.items())}
        return {**self.fields.given(), **custom}

    @property
    def labels(self) -> dict[str, str]:
        """What people call each mapped field, and the groups; empty where the file has no header for it."""
        labels = {
            name: getattr(spec, "label", None) or spec.join.join(spec.headers) for name, spec in self.columns.items()
        }
        return {**labels, "groups": self.groups.column or ""}

    def clears(self, field: str) -> bool:
        """Whether an empty cell empties this field."""
        spec = self.columns[field]
        return (spec.on_blank or self.on_blank) == "clear"

    def panel_change(self, field: str) -> OnPanelChange:
        """What becomes of this field, or of `groups`, where it was changed in the panel."""
        spec = self.columns.get(field)
        return (spec.on_panel_change if spec else None) or self.on_panel_change

    def blanks(self, field: str) -> bool:
        """Whether a cell of this field that cannot be used is left out, instead of rejecting its row."""
        spec = self.fields.id if field == "id" else self.columns[field]
        return ((spec.on_bad if spec else None) or self.on_bad) == "blank"
