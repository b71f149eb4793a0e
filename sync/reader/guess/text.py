"""Writes a guessed mapping down, in the manner of mappings/customers.yaml.

What enters: a sheet's columns and their roles. What leaves: a mapping's text, commented.
What never happens here: a sample of somebody's data in the mapping (the few texts of a choice excepted).
"""

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from sync import canonical
from sync.book import GroupNames
from sync.contact import Group, custom_field_number
from sync.messages import phrase
from sync.reader.guess.columns import (
    CELLS_DECIDE,
    NUMBER_HEADERS,
    ColumnGuess,
    Header,
    Sampled,
    SheetView,
    choices,
)
from sync.reader.guess.fields import FieldMatches, KnownBook
from sync.reader.workbook_file import column_letters

SCHEMA_FILE = "imsync.schema.json"
_MOST_LISTED = 12

# Texts that people type where they have nothing. “yok” may also be an answer, so it counts in fewer columns.
_NOTHING = ("-", "--", "---", "–", "—", ".", "n/a", "null")
_NONE_THERE = "yok"

_LEADING_ZERO = re.compile(r"\s*0\d+\s*")
# What YAML reads as the text that it looks like, within brackets too.
_PLAIN = re.compile(r"[^\W\d_](?:[\w./()%-]| (?! ))*(?<! )")
_NOT_TEXTS = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}

_COMMENT_AT = 36
_WIDTH = 118


class MappingText:
    """Writes the mapping in the manner of mappings/customers.yaml."""

    def __init__(
        self, sheet: SheetView, columns: Sequence[ColumnGuess], book: KnownBook | None, matches: FieldMatches | None
    ) -> None:
        self._sheet = sheet
        self._columns = columns
        self._book = book
        self._matches = matches

    def _of(self, role: str) -> ColumnGuess | None:
        return next((each for each in self._columns if each.role == role), None)

    def text(self, *, file_name: str, job: str, named_sheet: bool) -> str:
        """The whole mapping."""
        keys = [key for key in ("gsm", "email") if self._of(key)]
        parts = [
            self._head(file_name, job),
            self._keys(keys),
            self._source(named_sheet=named_sheet),
            self._fields(),
            self._custom_fields(),
            self._groups(),
            self._rules(),
        ]
        return "\n".join("".join(f"{line}\n" for line in part) for part in parts)

    def _head(self, file_name: str, job: str) -> Iterator[str]:
        yield f"# yaml-language-server: $schema={SCHEMA_FILE}"
        yield from _note(phrase("made_head", file=_said(file_name)))
        yield from _note(phrase("made_guessed"))
        yield ""
        yield "version: 1"
        yield _line(f"name: {quoted(job)}", phrase("made_job"))

    def _keys(self, keys: Sequence[str]) -> Iterator[str]:
        if keys:
            yield from _note(phrase("made_match"))
            yield _line(f"match: [{', '.join(keys)}]", phrase("made_match_more"))
        else:
            yield from _note(phrase("made_not_usable"))
            yield "# match: [gsm, email]"

    def _source(self, *, named_sheet: bool) -> Iterator[str]:
        grid = self._sheet.grid
        yield _line("source:", phrase("made_source"))
        if grid.sheet:
            written = f"sheet: {quoted(grid.sheet)}"
            named = _line(f"  {written}", phrase("made_sheet"))
            yield named if named_sheet else _line(f"  # {written}", phrase("made_detected"))
        yield _line(f"  header_row: {self._sheet.header_row}", phrase("made_header_row"))
        if grid.encoding:
            yield _line(f"  # encoding: {quoted(grid.encoding)}", phrase("made_detected"))
        if grid.delimiter:
            yield _line(f"  # delimiter: {quoted(grid.delimiter)}", phrase("made_detected"))
        if empty := self._empty_texts():
            yield _line(f"  empty: [{', '.join(quoted(text) for text in empty)}]", phrase("made_empty"))
        if not self._sheet.has_header:
            yield from _note(phrase("made_no_header", row=self._sheet.header_row), "  ")

    def _empty_texts(self) -> list[str]:
        """The texts in the columns with a meaning that people type where they have nothing."""

        def holds(columns: Iterable[ColumnGuess], wanted: str) -> bool:
            return any(
                bool((self._sheet.sample(each.index).texts.str.strip().str.lower() == wanted).any()) for each in columns
            )

        contact = [each for each in self._columns if each.role in ("gsm", "email")]
        others = [each for each in self._columns if each.role == "candidate" or each.role.startswith("custom:")]
        named = [each for each in self._columns if each.role != "nothing"]
        found = [text for text in _NOTHING if holds(named, text)]
        return [*found, _NONE_THERE] if holds(contact, _NONE_THERE) and not holds(others, _NONE_THERE) else found

    def _fields(self) -> Iterator[str]:
        yield "fields:"
        full = self._of("full_name")
        if full:
            why = self._place(full) or phrase("made_given")
            yield _line(f"  name: {self._spec(full, part='given')}", why)
            yield _line(f"  surname: {self._spec(full, part='surname')}", phrase("made_surname"))
        for role in ("name", "surname", "email", "gsm"):
            if each := self._of(role):
                yield _line(f"  {role}: {self._spec(each)}", self._place(each))
            elif not full or role in ("email", "gsm"):
                yield _line(f"  # {role}:", phrase(f"made_no_{role}"))
        for role in ("email", "gsm"):
            for each in self._others(role):
                named = _said(each.header) or column_letters(each.index)
                yield from _note(phrase(f"made_also_{role}", header=named), "  ")
                first = self._of(role)
                both = [quoted(column.header) for column in (first, each) if column and column.header]
                yield f'  #   {role}: {{columns: [{", ".join(both)}], join: " / "}}'

    def _others(self, role: str) -> Iterator[ColumnGuess]:
        """Columns that were not chosen for the role although their cells fit it."""
        for each in self._columns:
            if each.role not in (role, "nothing"):
                cells = Sampled.of(self._sheet.sample(each.index))
                if (cells.mobiles if role == "gsm" else cells.emails) >= CELLS_DECIDE:
                    yield each

    def _spec(self, each: ColumnGuess, **options: str) -> str:
        """The column as a field's value: the header alone where that is enough."""
        how, place = self._sheet.source(each.index)
        if how == "column" and not options:
            return quoted(place)
        written = place if place.isdecimal() else quoted(place)
        return "{" + ", ".join([f"{how}: {written}", *(f"{name}: {text}" for name, text in options.items())]) + "}"

    def _place(self, each: ColumnGuess) -> str:
        """Why a column is named by its place; the empty text where its header names it."""
        if self._sheet.source(each.index)[0] == "column":
            return ""
        return phrase("made_same_header", header=_said(each.header)) if each.header else phrase("made_headless")

    # Custom fields

    def _custom_fields(self) -> Iterator[str]:
        found = [each for each in self._columns if each.role.startswith("custom:")]
        candidates = [each for each in self._columns if each.role == "candidate"]
        yield from _note(phrase("made_custom"))
        if candidates:
            yield from _note(phrase("made_custom_take") if found else phrase("made_custom_take_first"))
        elif not found:
            yield from _note(phrase("made_custom_none"))
        if found or candidates:
            yield "custom_fields:" if found else "# custom_fields:"
        for each in found:
            number = custom_field_number(each.role)
            assert number is not None
            yield _line(f"  {number}: {self._custom_spec(each, number)}", self._custom_note(each, recognised=True))
        for each in candidates:
            yield _line(f"#   ID: {self._custom_spec(each)}", self._custom_note(each, recognised=False))
        if self._matches and self._matches.left:
            yield from _note(phrase("made_custom_left"))
            for number, count in self._matches.left.items():
                yield f"#   {phrase('made_custom_filled', number=number, count=count)}"

    def _custom_spec(self, each: ColumnGuess, number: int | None = None) -> str:
        options: dict[str, str] = {}
        if each.type == "date":
            options["type"] = "date"
            if number is not None and self._matches:
                options |= _date_output(self._matches.stored(number))
        elif each.type == "choice":
            written_choices = choices(self._sheet, each.index)
            if number is not None and self._matches:  # the book's spelling counts
                known = {canonical.label(text): text for text in self._matches.stored(number)}
                written = {canonical.squeezed(str(text)) for text in self._sheet.column(each.index).texts.unique()} - {
                    ""
                }
                if all(known.get(canonical.label(text), text) == text for text in written):
                    written_choices = {}  # nothing to translate, and a new text need not be refused
                stored = {label: known.get(label, text) for label, text in written_choices.items()}
            else:
                stored = written_choices
            if written_choices:
                said = ", ".join(f"{quoted(text)}: {quoted(stored[label])}" for label, text in written_choices.items())
                options |= {"type": "choice", "choices": f"{{{said}}}"}
        how, place = self._sheet.source(each.index)
        if number is not None and not options and how == "column":
            return quoted(place)
        return self._spec(each, **options) if options or how == "position" else f"{{column: {quoted(place)}}}"

    def _custom_note(self, each: ColumnGuess, *, recognised: bool) -> str:
        said = [self._place(each)]
        if recognised:
            said.append(phrase("made_recognised"))
        elif self._matches and each.index in self._matches.unsure:
            numbers = ", ".join(str(number) for number in self._matches.unsure[each.index])
            said.append(phrase("made_maybe", numbers=numbers))
        texts = self._sheet.sample(each.index).texts
        if each.type == "text" and texts.str.fullmatch(_LEADING_ZERO.pattern).any():
            said.append(phrase("made_zeros"))
        if Header.of(each.header).compact in NUMBER_HEADERS:
            said.append(phrase("made_row_number"))
        return "; ".join(part for part in said if part)

    # Groups, and the rules

    def _groups(self) -> Iterator[str]:
        each = self._of("groups")
        if each is None:
            yield "# groups:"
            yield _line("#   always: [Müşteriler]", phrase("made_no_groups"))
            return
        yield "groups:"
        yield _line(f"  column: {quoted(self._sheet.headers[each.index])}", phrase("made_groups"))
        yield _line("  mode: add", phrase("made_groups_add"))
        yield _line("  # always: [Müşteriler]", phrase("made_groups_always"))
        if self._book is None:
            yield from _note(phrase("made_groups_rejected"), "  ")
            return
        unknown = _unknown_groups(self._sheet.column(each.index).texts, self._book.groups)
        if unknown:
            yield from _note(phrase("made_groups_lacking"), "  ")
            for name in unknown[:_MOST_LISTED]:
                yield f"  #   {_said(name)}"
            if len(unknown) > _MOST_LISTED:
                yield f"  #   {phrase('made_groups_more', count=len(unknown) - _MOST_LISTED)}"

    def _rules(self) -> Iterator[str]:
        yield _line("on_blank: keep", phrase("made_on_blank"))
        yield _line("duplicates: error", phrase("made_duplicates"))
        yield _line("on_key_change: conflict", phrase("made_key_change"))


def _date_output(stored: Iterable[str]) -> dict[str, str]:
    """The format in which the book holds its dates, where that is not the usual one."""
    shapes = Counter(re.sub(r"\d", "0", text.strip()) for text in stored)
    formats = {"0000-00-00": "%Y-%m-%d", "00.00.0000": "%d.%m.%Y", "00-00-0000": "%d-%m-%Y"}
    found = formats.get(shapes.most_common(1)[0][0]) if shapes else None
    return {"output": f'"{found}"'} if found else {}


def _unknown_groups(texts: pd.Series, groups: Iterable[Group]) -> list[str]:
    """Group names in the cells that are not those of exactly one group, as they are written first."""
    names = GroupNames(groups)
    found: dict[str, str] = {}
    for text in texts.unique():
        for part in re.split("[;,|]", str(text)):
            if canonical.squeezed(part):
                found.setdefault(canonical.label(part), canonical.squeezed(part))
    return [name for name in found.values() if len(names.find(name)) != 1]


def _line(written: str, comment: str) -> str:
    if not comment:
        return written
    return f"{written.ljust(_COMMENT_AT - 1)} # {comment}"


def _note(text: str, indent: str = "") -> list[str]:
    """A comment on lines of its own."""
    before = f"{indent}# "
    return textwrap.wrap(
        text, _WIDTH, initial_indent=before, subsequent_indent=before, break_long_words=False, break_on_hyphens=False
    )


def _said(text: str, longest: int = 60) -> str:
    """A text for a comment: one line, nothing that an editor would not show."""
    plain = canonical.squeezed("".join(letter if letter.isprintable() else " " for letter in text))
    return plain if len(plain) <= longest else f"{plain[:longest]}…"


def quoted(text: str) -> str:
    """The text as YAML reads it back: plain where that is certain, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.isprintable() and text.lower() not in _NOT_TEXTS:
        return text
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004
