"""Guesses what the columns of a sheet mean, from headers and cells, and writes that down as a mapping.

What enters: a sheet's cells as found; what was seen of the book, where somebody read it. What leaves: a mapping's text.
What never happens here: opening files; a sample of somebody's data in the mapping (the few texts of a choice excepted).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from sync import canonical
from sync.book import GroupNames
from sync.contact import Contact, Group, custom_field_name, custom_field_number
from sync.grid import Column, Grid, Kind

SCHEMA_FILE = "imsync.schema.json"

_HEADER_WITHIN = 30  # rows; titles above a header are shorter than that
_SAMPLE = 2000  # rows, spread over the file
_SHOWN_SAMPLES = 3
_MOST_CHOICES = 12
_LONGEST_CHOICE = 40
_REPEATED = 3  # times, on average, that a choice's texts stand in the column
_MOST_LISTED = 12

# Shares of a column's filled cells from which on the cells decide what the column is.
_CELLS_DECIDE = 0.5
_HEADER_AND_CELLS = 0.3
_MOSTLY_DATES = 0.7
_TWO_WORDS = 0.6
_TWO_WORDS_UNDER_A_NAME = 0.8  # two given names are common
_COMPANIES = 0.3

# A column and a custom field of the book belong together from here on, if nothing else fits nearly as well.
_AGREES = 0.5
_MARGIN = 0.1
_FEWEST_PAIRS = 5
_FEWEST_VALUES = 3

_FOLD = str.maketrans("çğıöşüâîû", "cgiosuaiu")

_NAME_WORDS = {"ad", "adi", "adiniz", "isim", "ismi", "isminiz"}
_SURNAME_WORDS = {"soyad", "soyadi", "soyadiniz", "soyisim", "soyismi", "surname", "lastname", "familyname"}
_NAME_HEADERS = {*_NAME_WORDS, "name", "firstname", "givenname", "forename"}
_FULL_HEADERS = {
    "fullname", "contactname", "customername", "customer", "membername", "member", "uyemusteri", "musteriuye",
    "musteri", "uye", "kisi", "yetkili", "hasta", "ogrenci", "veli", "musteriadi", "uyeadi", "kisiadi", "hastaadi",
    "ogrenciadi", "yetkiliadi", "adsoyad", "adisoyadi", "isimsoyisim", "isimsoyad", "namesurname", "musteriismi",
}  # fmt: skip
_EMAIL_HEADERS = {"email", "eposta", "mail", "emailaddress", "emailadresi", "epostaadresi", "mailadresi", "mailaddress"}
_MOBILE_WORDS = {"cep", "gsm", "mobil", "mobile", "ceptel", "cepno", "gsmno", "ceptelefonu", "ceptelefon", "whatsapp"}
_PHONE_WORDS = {"tel", "telefon", "telefonu", "telefonno", "telno", "phone", "phonenumber", "telephone"}
_OTHER_PHONE_WORDS = {
    "ev", "is", "sabit", "faks", "fax", "yakin", "acil", "referans", "home", "work", "office", "dahili", "eski", "ofis",
}  # fmt: skip
_GROUP_HEADERS = {
    "grup", "gruplar", "gruplari", "grubu", "grupadi", "grupismi", "musterigrubu", "uyegrubu", "smsgrubu", "etiket",
    "etiketler", "etiketleri", "group", "groups", "groupname", "tag", "tags",
}  # fmt: skip
_NUMBER_HEADERS = {
    "musterino", "uyeno", "sicil", "sicilno", "id", "kayitno", "sirano", "no", "customerid", "memberid", "customerno",
    "memberno", "carikod", "carikodu", "kod", "musterikodu", "hastano", "ogrencino", "uyenumarasi", "musterinumarasi",
}  # fmt: skip
# Of these nothing is made; they only tell a header row from a row of data.
_OTHER_HEADERS = {
    "dogumtarihi", "dogum", "tarih", "kayittarihi", "uyeliktarihi", "birthday", "birthdate", "dateofbirth", "date",
    "sehir", "il", "ilce", "city", "adres", "address", "ulke", "country", "not", "notlar", "note", "notes", "aciklama",
    "cinsiyet", "gender", "meslek", "unvan", "firma", "sirket", "company", "bolge", "sube", "durum", "status", "puan",
    "tckimlikno", "tcno", "kangrubu", "yas", "postakodu", "kaynak", "vergino", "bakiye", "borc",
}  # fmt: skip

# Texts that people type where they have nothing. “yok” may also be an answer, so it counts in fewer columns.
_NOTHING = ("-", "--", "---", "–", "—", ".", "n/a", "null")
_NONE_THERE = "yok"

_EMAIL = re.compile(r"\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*")
_MOBILE = re.compile(r"(?:\+?90|0090|0)?5\d{9}")
_COMPANY = re.compile(r"\b(?:ltd|şti|a\.?ş|san|tic|inc|llc|gmbh|paz|holding)\b", re.IGNORECASE)
_LEADING_ZERO = re.compile(r"\s*0\d+\s*")
# What YAML reads as the text that it looks like, within brackets too.
_PLAIN = re.compile(r"[^\W\d_](?:[\w./()%-]| (?! ))*(?<! )")
_NOT_TEXTS = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}

_COMMENT_AT = 36


@dataclass(frozen=True, slots=True)
class KnownBook:
    """What was seen of the address book: all groups, and some contacts."""

    groups: tuple[Group, ...] = ()
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What one column was taken for.

    Attributes:
        index: from 0.
        role: `gsm`, `email`, `name`, `surname`, `full_name` or `groups`; `custom:3` for a custom field that was
            recognised; `candidate` for what may become one; `nothing` for a column that is not used.
        type: of a custom field or a candidate.
        filled: the share of rows with something in this column.
        samples: a few of its cells, for the screen only.
    """

    index: int
    header: str
    role: str
    type: str = "text"
    filled: float = 0.0
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping's text, and how it came about.

    Attributes:
        warnings: codes of the message catalogue with values: what the person should know before using it.
        field_samples: for each custom field of the book that no column was recognised for, a few of its values.
    """

    text: str
    columns: tuple[ColumnGuess, ...]
    header_row: int
    warnings: tuple[tuple[str, dict[str, object]], ...] = ()
    field_samples: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def has_key(self) -> bool:
        """Whether rows can find their contacts, so that the mapping can be used."""
        return any(each.role in ("gsm", "email") for each in self.columns)


def guess_mapping(
    grid: Grid, *, file_name: str, job: str, book: KnownBook | None = None, named_sheet: bool = False
) -> Guess:
    """The mapping that headers and cells suggest.

    Args:
        grid: one sheet with at least one row.
        file_name: as the person wrote it.
        job: what the mapping is to be called.
        book: what was seen of the account, so that custom fields get their real ids; None where nobody looked.
        named_sheet: the person asked for this very sheet, so it stands in the mapping.
    """
    sheet = _Sheet(grid)
    columns = _columns(sheet)
    matches = _Matches(sheet, columns, book) if book else None
    if matches:
        columns = [
            replace(each, role=custom_field_name(matches.ids[each.index])) if each.index in matches.ids else each
            for each in columns
        ]
    writing = _Writing(sheet, columns, book, matches)
    return Guess(
        writing.text(file_name=file_name, job=job, named_sheet=named_sheet),
        tuple(columns),
        sheet.header_row,
        tuple(_warnings(sheet, columns)),
        matches.left_samples() if matches else {},
    )


def _warnings(sheet: "_Sheet", columns: Iterable[ColumnGuess]) -> Iterator[tuple[str, dict[str, object]]]:
    if not sheet.has_header:
        yield "guess_no_header", {"row": sheet.header_row}
    roles = {each.role for each in columns}
    if not roles & {"gsm", "email"}:
        yield "guess_no_keys", {}
    if not sheet.rows:
        yield "guess_no_rows", {}


# The sheet: where its header stands, and a sample of its cells


class _Sheet:
    """A grid with its header found."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        at, self.has_header = _header(grid)
        self.header_row = int(grid.numbers[at])
        self.rows = len(grid) - at - 1
        # Beyond the header a CSV has cells that were shifted; a workbook has columns that nobody named.
        own_width = grid.delimiter and grid.widths is not None
        width = int(grid.widths[at]) if own_width and grid.widths is not None else len(grid.columns)
        self.headers = [column.cell(at).text for column in grid.columns[:width]]
        self.labels = [canonical.label(header) for header in self.headers]
        self._body = np.arange(at + 1, len(grid))
        picked = np.unique(np.linspace(at + 1, len(grid) - 1, min(self.rows, _SAMPLE)).astype(int))
        self._sample = picked if self.rows else self._body
        self._sampled: dict[int, Column] = {}

    def column(self, index: int) -> Column:
        """All cells of a column below the header; cells with an error count as blank."""
        return _readable(self.grid.columns[index].take(self._body))

    def sample(self, index: int) -> Column:
        """Some cells of a column, spread over the file; cells with an error count as blank."""
        if index not in self._sampled:
            self._sampled[index] = _readable(self.grid.columns[index].take(self._sample))
        return self._sampled[index]

    def source(self, index: int) -> tuple[str, str]:
        """How a mapping names this column: `column` with its header, or `position` where the header cannot tell."""
        if self.labels[index] and self.labels.count(self.labels[index]) == 1 and self.headers[index]:
            return "column", self.headers[index]
        return "position", column_letters(index)


def _readable(column: Column) -> Column:
    wrong = column.rows(Kind.ERROR, Kind.UNSOLVED)
    if not len(wrong):
        return column
    texts = column.texts.copy()
    texts.iloc[wrong] = ""
    return Column(texts, column.kinds)


def column_letters(index: int) -> str:
    """A column's place as a spreadsheet shows it: 0 is `A`, 26 is `AA`; beyond three letters its number."""
    letters, rest = "", index + 1
    while rest:
        rest, last = divmod(rest - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters if len(letters) <= 3 else str(index + 1)  # noqa: PLR2004 - what a mapping's position takes


def _header(grid: Grid) -> tuple[int, bool]:
    """The index of the row that looks most like a header, and whether it looks like one at all."""
    rows = [[cell for cell in grid.row(index) if cell.text.strip()] for index in range(min(len(grid), _HEADER_WITHIN))]
    width = float(np.median([len(row) for row in rows]))
    best, found, at = float("-inf"), False, 0
    for index, row in enumerate(rows):
        known = sum(_is_known(cell.text) for cell in row)
        names = sum(cell.kind is Kind.TEXT and _is_name(cell.text) for cell in row)
        distinct = len({canonical.label(cell.text) for cell in row})
        # A row of data has some cells that no header has; a title is narrower than the table.
        data = sum(_is_data(cell.text) for cell in row)
        strange = 3.0 * (len(row) - names) + 6.0 * data
        score = 3.0 * known + names + distinct - strange - 2.0 * max(0.0, width - len(row))
        if score > best:
            best, at = score, index
            found = bool(known) or names == len(row)
    return at, found


def _is_name(text: str) -> bool:
    """Whether a cell may be a header: it has letters, and is no date or address for mail."""
    return any(letter.isalpha() for letter in text) and not _is_data(text)


def _is_data(text: str) -> bool:
    """Whether a cell is what no header is: a mobile number, a date, an address for mail."""
    return bool(_EMAIL.fullmatch(text) or canonical.date(text) or _MOBILE.fullmatch(canonical.bare_phone(text)))


def _is_known(text: str) -> bool:
    header = _Header.of(text)
    return bool(
        header.compact
        in {*_NAME_HEADERS, *_FULL_HEADERS, *_EMAIL_HEADERS, *_GROUP_HEADERS, *_NUMBER_HEADERS, *_OTHER_HEADERS}
        or header.phone_rank
        or header.is_surname
        or header.is_full
    )


# What a header says


@dataclass(frozen=True, slots=True)
class _Header:
    """A header without case, punctuation, Turkish dots and what stands in brackets or counts (`Cep 2 (SMS)`)."""

    words: frozenset[str]
    compact: str

    @classmethod
    def of(cls, text: str) -> "_Header":
        plain = re.sub(r"\([^)]*\)", " ", text)
        plain = plain if plain.strip() else text
        folded = canonical.turkish_lower(canonical.squeezed(plain)).translate(_FOLD)
        words = re.sub(r"[\W_]+", " ", folded).split()
        while len(words) > 1 and words[-1].isdecimal():
            words.pop()
        return cls(frozenset(words), "".join(words).rstrip("0123456789"))

    @property
    def is_surname(self) -> bool:
        if self.compact in _SURNAME_WORDS:
            return True
        return bool(self.words & _SURNAME_WORDS) and not self.words & (_NAME_WORDS | {"name", "first"})

    @property
    def is_full(self) -> bool:
        return self.compact in _FULL_HEADERS or bool(
            self.words & (_NAME_WORDS | {"name"}) and self.words & _SURNAME_WORDS
        )

    @property
    def phone_rank(self) -> int:
        """2 for a mobile, 1 for a phone, -1 for a phone that is not the person's mobile, 0 for anything else."""
        words = self.words | {self.compact}
        if words & _MOBILE_WORDS and not words & {"yakin", "acil", "referans", "veli", "eski"}:
            return 2
        if words & (_PHONE_WORDS | _MOBILE_WORDS | {"faks", "fax"}):
            return -1 if words & _OTHER_PHONE_WORDS else 1
        return 0


# What the cells say


@dataclass(frozen=True, slots=True)
class _Cells:
    """What a sample of a column's cells looks like; shares are of the filled ones."""

    filled: float
    mobiles: float
    phones: float
    emails: float
    dates: float
    two_words: float
    companies: float
    samples: tuple[str, ...]

    @classmethod
    def of(cls, column: Column) -> "_Cells":
        texts = column.texts
        blank = (texts.str.strip() == "").to_numpy(dtype=bool)
        said = texts[~blank]
        if not len(said):
            return cls(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, ())
        days = np.zeros(len(texts), dtype=bool)
        days[column.rows(Kind.DATE)] = True
        values = [str(text) for text in said]
        dates = [is_day or bool(canonical.date(text)) for text, is_day in zip(values, days[~blank], strict=True)]
        distinct = dict.fromkeys(canonical.squeezed(text) for text in values)
        return cls(
            filled=len(said) / len(texts),
            mobiles=float(canonical.turkish_mobiles(said).notna().mean()),
            phones=_share(bool(re.fullmatch(r"\+?\d{7,15}", canonical.bare_phone(text))) for text in values),
            emails=_share(bool(_EMAIL.fullmatch(text)) for text in values),
            dates=_share(dates),
            two_words=_share(len(text.split()) > 1 or "," in text for text in values),
            companies=_share(bool(_COMPANY.search(text)) for text in values),
            samples=tuple(list(distinct)[:_SHOWN_SAMPLES]),
        )


def _share(truths: Iterable[bool]) -> float:
    found = list(truths)
    return sum(found) / len(found) if found else 0.0


# From both: what each column is


def _columns(sheet: _Sheet) -> list[ColumnGuess]:
    headers = [_Header.of(header) for header in sheet.headers]
    cells = [_Cells.of(sheet.sample(index)) for index in range(len(headers))]
    roles: dict[int, str] = {}
    for role, found in (("gsm", _phone(headers, cells)), ("email", _email(headers, cells))):
        if found is not None and found not in roles:
            roles[found] = role
    free = [index for index in range(len(headers)) if index not in roles]
    # Cells that are plainly something else belong to no name, whatever the header says.
    named = [index for index in free if max(cells[index].mobiles, cells[index].emails, cells[index].dates) < _AGREES]
    roles |= _names(headers, cells, named)
    groups = next(
        (
            index
            for index in named
            if index not in roles
            and headers[index].compact in _GROUP_HEADERS
            and sheet.source(index)[0] == "column"  # groups have no position
        ),
        None,
    )
    if groups is not None:
        roles[groups] = "groups"
    return [
        ColumnGuess(
            index,
            canonical.squeezed(sheet.headers[index]),
            roles.get(index) or ("candidate" if found.filled or sheet.labels[index] else "nothing"),
            _type(sheet, index, found) if index not in roles else "text",
            found.filled,
            found.samples,
        )
        for index, found in enumerate(cells)
    ]


def _phone(headers: Sequence[_Header], cells: Sequence[_Cells]) -> int | None:
    """The column with the mobile numbers: of several the one that is fuller and that the header speaks for."""

    def score(index: int) -> float:
        rank, found = headers[index].phone_rank, cells[index]
        usable = found.mobiles >= _CELLS_DECIDE
        usable |= rank > 0 and (found.phones >= _HEADER_AND_CELLS or not found.filled)
        return found.filled * max(found.mobiles, found.phones / 2) + 0.15 * rank if usable else float("-inf")

    return _best(len(headers), score)


def _email(headers: Sequence[_Header], cells: Sequence[_Cells]) -> int | None:
    def score(index: int) -> float:
        says, found = headers[index].compact in _EMAIL_HEADERS, cells[index]
        usable = found.emails >= _CELLS_DECIDE
        usable |= says and (found.emails >= _HEADER_AND_CELLS or not found.filled)
        return found.filled * found.emails + 0.3 * says if usable else float("-inf")

    return _best(len(headers), score)


def _best(count: int, score: Callable[[int], float]) -> int | None:
    """The index with the highest score, the first of several; None where none is usable."""
    scores = [score(index) for index in range(count)]
    highest = max(scores, default=float("-inf"))
    return scores.index(highest) if highest > float("-inf") else None


def _names(headers: Sequence[_Header], cells: Sequence[_Cells], free: Sequence[int]) -> dict[int, str]:
    """The columns of given names and surnames, or the one with both."""

    def first(says: Callable[[_Header], bool]) -> int | None:
        return next((index for index in free if says(headers[index])), None)

    surname = first(lambda header: header.is_surname)
    name = first(lambda header: header.compact in _NAME_HEADERS)
    full = first(lambda header: header.is_full)
    if surname is not None:
        given = name if name is not None else full
        return {surname: "surname"} | ({given: "name"} if given is not None else {})
    if full is not None and cells[full].two_words >= _TWO_WORDS and cells[full].companies < _COMPANIES:
        return {full: "full_name"}
    if name is None:
        return {} if full is None else {full: "name"}
    splits = cells[name].two_words >= _TWO_WORDS_UNDER_A_NAME and cells[name].companies < _COMPANIES
    return {name: "full_name" if splits else "name"}


def _type(sheet: _Sheet, index: int, cells: _Cells) -> str:
    """What a custom field with these cells would be."""
    if cells.dates >= _MOSTLY_DATES:
        return "date"
    return "choice" if _choices(sheet, index) else "text"


def _choices(sheet: _Sheet, index: int) -> dict[str, str]:
    """The few texts that a column repeats, each as it is mostly written, by their labels; none where it is no choice.

    All rows count: a text that a sample lacks would reject its rows.
    """
    found: dict[str, Counter[str]] = {}
    filled = 0
    for text, times in sheet.column(index).texts.value_counts().items():
        written = canonical.squeezed(str(text))
        if not written:
            continue
        filled += int(times)
        found.setdefault(canonical.label(written), Counter())[written] += int(times)
        if len(found) > _MOST_CHOICES or len(written) > _LONGEST_CHOICE:
            return {}
    if len(found) < 2 or filled < _REPEATED * len(found):  # noqa: PLR2004 - one text is no choice
        return {}
    return {label: written.most_common(1)[0][0] for label, written in found.items()}


# With the book: which custom field a column is


class _Matches:
    """The custom fields of the book that columns were recognised as.

    Attributes:
        ids: custom field ids by column.
        unsure: for a column, the fields between which the cells do not decide.
        left: ids that no column was recognised for, each with how many contacts have it.
    """

    def __init__(self, sheet: _Sheet, columns: Sequence[ColumnGuess], book: KnownBook) -> None:
        self._stored: dict[int, list[str]] = {}
        for contact in book.contacts:
            for number, text in contact.custom_fields.items():
                if text.strip():
                    self._stored.setdefault(number, []).append(text)
        self.ids: dict[int, int] = {}
        self.unsure: dict[int, tuple[int, ...]] = {}
        candidates = [each.index for each in columns if each.role == "candidate" and each.filled]
        pairs = _pairs(sheet, columns, book)
        scores = {
            (index, number): _agreement(sheet, index, number, pairs, self._stored[number])
            for index in candidates
            for number in self._stored
        }
        for (index, number), score in sorted(scores.items(), key=lambda item: -item[1]):
            taken = index in self.ids or number in self.ids.values() or index in self.unsure
            if score < _AGREES or taken:
                continue
            rivals = [
                other
                for other, its in scores.items()
                if (other[0] == index) != (other[1] == number) and its > score - _MARGIN
            ]
            if rivals:
                self.unsure[index] = tuple(sorted({number, *(other for place, other in rivals if place == index)}))
            else:
                self.ids[index] = number
        self.left = {
            number: len(texts) for number, texts in sorted(self._stored.items()) if number not in self.ids.values()
        }

    def stored(self, number: int) -> list[str]:
        """The texts that contacts have in a custom field."""
        return self._stored[number]

    def left_samples(self) -> dict[int, tuple[str, ...]]:
        """A few values of each field that is left."""
        return {number: tuple(list(dict.fromkeys(self._stored[number]))[:_SHOWN_SAMPLES]) for number in self.left}


def _pairs(sheet: _Sheet, columns: Iterable[ColumnGuess], book: KnownBook) -> list[tuple[int, Contact]]:
    """Rows (from the first below the header) and the contacts that have their phone number or e-mail address."""
    found: dict[int, Contact] = {}
    for each in columns:
        if each.role not in ("gsm", "email"):
            continue
        contacts: dict[str, list[Contact]] = {}
        for contact in book.contacts:
            if contact.value(each.role):
                contacts.setdefault(canonical.of_key(each.role, contact.value(each.role)), []).append(contact)
        texts = sheet.column(each.index).texts
        keys = canonical.turkish_mobiles(texts) if each.role == "gsm" else canonical.email_column(texts)
        for row, key in enumerate(keys):
            if isinstance(key, str) and len(contacts.get(key, ())) == 1:
                found.setdefault(row, contacts[key][0])
    return list(found.items())[:_SAMPLE]


def _agreement(
    sheet: _Sheet, index: int, number: int, pairs: Iterable[tuple[int, Contact]], stored: Sequence[str]
) -> float:
    """How well a column's cells and a custom field's values agree, from 0 to 1.

    Rows whose contacts are known tell it best; without them, whether the same values stand in both.
    """
    texts = sheet.column(index).texts
    name = custom_field_name(number)
    both = [
        (_meant(str(texts.iat[row])), _meant(contact.value(name)))
        for row, contact in pairs
        if str(texts.iat[row]).strip() and contact.value(name).strip()
    ]
    if len(both) >= _FEWEST_PAIRS and len({there for _, there in both}) > 1:
        return _share(here == there for here, there in both)
    here, there = {_meant(str(text)) for text in texts.unique()} - {""}, {_meant(text) for text in stored}
    if min(len(here), len(there)) < _FEWEST_VALUES:
        return 0.0
    return len(here & there) / min(len(here), len(there))


def _meant(text: str) -> str:
    return canonical.date(text) or canonical.label(text)


# The mapping's text


class _Writing:
    """Writes the mapping in the manner of mappings/customers.yaml."""

    def __init__(
        self, sheet: _Sheet, columns: Sequence[ColumnGuess], book: KnownBook | None, matches: _Matches | None
    ) -> None:
        self._sheet = sheet
        self._columns = columns
        self._book = book
        self._matches = matches

    def _of(self, role: str) -> ColumnGuess | None:
        return next((each for each in self._columns if each.role == role), None)

    def text(self, *, file_name: str, job: str, named_sheet: bool) -> str:
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
        yield f"# The mapping for {_said(file_name)}: what each column means in the address book."
        yield "# “imsync init” has guessed it from headers and cells. Look it over; “imsync check” tells what it does."
        yield ""
        yield "version: 1"
        yield _line(f"name: {quoted(job)}", "what this job is called in reports")

    def _keys(self, keys: Sequence[str]) -> Iterator[str]:
        if keys:
            yield "# How a row finds its contact: the first key that the row has decides."
            yield _line(f"match: [{', '.join(keys)}]", "also: id, or a custom field such as custom:3")
        else:
            yield "# NOT USABLE YET: no column was found that holds mobile numbers or e-mail addresses, and a row"
            yield "# finds its contact by one of them. Put such a column into the file and name it under fields."
            yield "# match: [gsm, email]"

    def _source(self, *, named_sheet: bool) -> Iterator[str]:
        grid = self._sheet.grid
        yield _line("source:", "what was detected; whatever stands here is not detected again")
        if grid.sheet:
            written = f"sheet: {quoted(grid.sheet)}"
            yield _line(f"  {written}", "the sheet to read") if named_sheet else _line(f"  # {written}", "detected")
        yield _line(f"  header_row: {self._sheet.header_row}", "the row with the headers")
        if grid.encoding:
            yield _line(f"  # encoding: {quoted(grid.encoding)}", "detected")
        if grid.delimiter:
            yield _line(f"  # delimiter: {quoted(grid.delimiter)}", "detected")
        if empty := self._empty_texts():
            yield _line(f"  empty: [{', '.join(quoted(text) for text in empty)}]", "texts that mean an empty cell")
        if not self._sheet.has_header:
            yield f"  # Row {self._sheet.header_row} does not look like headers, but a file must have them: that row is"
            yield "  # not read. Put a row with headers above it, and make the mapping again."

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
            why = self._place(full) or "the given names of a full name"
            yield _line(f"  name: {self._spec(full, part='given')}", why)
            yield _line(
                f"  surname: {self._spec(full, part='surname')}", "its last word, or what stands before a comma"
            )
        absent = {"name": "given names", "surname": "surnames", "email": "e-mail addresses", "gsm": "mobile numbers"}
        for role, what in absent.items():
            if each := self._of(role):
                yield _line(f"  {role}: {self._spec(each)}", self._place(each))
            elif not full or role in ("email", "gsm"):
                yield _line(f"  # {role}:", f"no column was taken for {what}")
        for role in ("email", "gsm"):
            for each in self._others(role):
                named = _said(each.header) or column_letters(each.index)
                yield f"  # “{named}” holds {absent[role]} too; a contact has one."

    def _others(self, role: str) -> Iterator[ColumnGuess]:
        """Columns that were not chosen for the role although their cells fit it."""
        for each in self._columns:
            if each.role not in (role, "nothing"):
                cells = _Cells.of(self._sheet.sample(each.index))
                if (cells.mobiles if role == "gsm" else cells.emails) >= _CELLS_DECIDE:
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
        return f"several columns are called “{_said(each.header)}”" if each.header else "the column has no header"

    # Custom fields

    def _custom_fields(self) -> Iterator[str]:
        found = [each for each in self._columns if each.role.startswith("custom:")]
        candidates = [each for each in self._columns if each.role == "candidate"]
        yield "# Custom fields go by the ids that the provider's panel shows."
        if candidates:
            yield "# The columns behind a # are left alone. To take one into the address book, put its field's id in"
            yield "# the place of ID, and take the # away" + (" (also before custom_fields)." if not found else ".")
        elif not found:
            yield "# No further column was found."
        if found or candidates:
            yield "custom_fields:" if found else "# custom_fields:"
        for each in found:
            number = custom_field_number(each.role)
            assert number is not None
            yield _line(f"  {number}: {self._custom_spec(each, number)}", self._custom_note(each, recognised=True))
        for each in candidates:
            yield _line(f"#   ID: {self._custom_spec(each)}", self._custom_note(each, recognised=False))
        if self._matches and self._matches.left:
            yield "# Fields of the account for which no column was recognised:"
            for number, count in self._matches.left.items():
                yield f"#   {number}, filled in {count} of the contacts that were looked at"

    def _custom_spec(self, each: ColumnGuess, number: int | None = None) -> str:
        options: dict[str, str] = {}
        if each.type == "date":
            options["type"] = "date"
            if number is not None and self._matches:
                options |= _date_output(self._matches.stored(number))
        elif each.type == "choice":
            choices = _choices(self._sheet, each.index)
            if number is not None and self._matches:  # the book's spelling counts
                known = {canonical.label(text): text for text in self._matches.stored(number)}
                written = {canonical.squeezed(str(text)) for text in self._sheet.column(each.index).texts.unique()} - {
                    ""
                }
                if all(known.get(canonical.label(text), text) == text for text in written):
                    choices = {}  # nothing to translate, and a new text need not be refused
                stored = {label: known.get(label, text) for label, text in choices.items()}
            else:
                stored = choices
            if choices:
                said = ", ".join(f"{quoted(text)}: {quoted(stored[label])}" for label, text in choices.items())
                options |= {"type": "choice", "choices": f"{{{said}}}"}
        how, place = self._sheet.source(each.index)
        if number is not None and not options and how == "column":
            return quoted(place)
        return self._spec(each, **options) if options or how == "position" else f"{{column: {quoted(place)}}}"

    def _custom_note(self, each: ColumnGuess, *, recognised: bool) -> str:
        said = [self._place(each)]
        if recognised:
            said.append("recognised by its cells; make sure")
        elif self._matches and each.index in self._matches.unsure:
            numbers = " or ".join(str(number) for number in self._matches.unsure[each.index])
            said.append(f"its cells may be those of field {numbers}")
        texts = self._sheet.sample(each.index).texts
        if each.type == "text" and texts.str.fullmatch(_LEADING_ZERO.pattern).any():
            said.append("leading zeros are kept")
        if _Header.of(each.header).compact in _NUMBER_HEADERS:
            said.append("a number that names the row")
        return "; ".join(part for part in said if part)

    # Groups, and the rules

    def _groups(self) -> Iterator[str]:
        each = self._of("groups")
        if each is None:
            yield "# groups:"
            yield _line("#   always: [Müşteriler]", "groups of every row; no column with groups was found")
            return
        yield "groups:"
        yield _line(f"  column: {quoted(self._sheet.headers[each.index])}", "names or ids; , ; or | between several")
        yield _line("  mode: add", "add: a contact leaves no group because of this file")
        yield _line("  # always: [Müşteriler]", "groups of every row")
        if self._book is None:
            yield "  # A row with a group that the account does not have is rejected."
            return
        unknown = _unknown_groups(self._sheet.column(each.index).texts, self._book.groups)
        if unknown:
            yield "  # The account lacks these groups, and rows that name them are rejected (or several have the name):"
            for name in unknown[:_MOST_LISTED]:
                yield f"  #   {_said(name)}"
            if len(unknown) > _MOST_LISTED:
                yield f"  #   … and {len(unknown) - _MOST_LISTED} more"

    def _rules(self) -> Iterator[str]:
        yield _line("on_blank: keep", "an empty cell erases nothing; clear: it empties the field")
        yield _line("duplicates: error", "rows with the same key are rejected; or: first, last, merge")
        yield _line("on_key_change: conflict", "same e-mail but another phone: ask a person; or: edit")


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
