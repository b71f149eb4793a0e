"""What the columns of a sheet look like, and what each is taken for: by its header, and by its cells.

What enters: a sheet's cells as found. What leaves: a role for each column. What never happens here: writing a mapping.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sync import canonical
from sync.grid import Column, Grid, Kind
from sync.mapping import PhoneColumn
from sync.reader.clean import clean_column
from sync.reader.workbook_file import column_letters
from sync.sheet import OURS

_HEADER_WITHIN = 30  # rows; titles above a header are shorter than that
SAMPLE = 2000  # rows, spread over the file
SHOWN_SAMPLES = 3
_MOST_CHOICES = 12
_LONGEST_CHOICE = 40
_REPEATED = 3  # times, on average, that a choice's texts stand in the column

# Shares of a column's filled cells from which on the cells decide what the column is.
CELLS_DECIDE = 0.5
_HEADER_AND_CELLS = 0.3
_MOSTLY_DATES = 0.7
_TWO_WORDS = 0.6
_TWO_WORDS_UNDER_A_NAME = 0.8  # two given names are common
_COMPANIES = 0.3

# From here on the cells belong to no name, and a column and a custom field of the book to each other.
AGREES = 0.5

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
_NUMBER = re.compile(r"\+?\d{7,15}")
_SPOILED = re.compile(r"\d(?:[.,]\d+)?E\+(?:0?9|1[0-4])", re.IGNORECASE)  # what Excel makes of a number it finds long
_MOBILE_WORDS = {"cep", "gsm", "mobil", "mobile", "ceptel", "cepno", "gsmno", "ceptelefonu", "ceptelefon", "whatsapp"}
_PHONE_WORDS = {"tel", "telefon", "telefonu", "telefonno", "telno", "phone", "phonenumber", "telephone"}
_OTHER_PHONE_WORDS = {
    "ev", "is", "sabit", "faks", "fax", "yakin", "acil", "referans", "home", "work", "office", "dahili", "eski", "ofis",
}  # fmt: skip
_DATE_WORDS = {"tarih", "tarihi", "tar", "dogum", "date", "birthday", "birthdate"}
_GROUP_HEADERS = {
    "uyelikgrubu", "uyelikgruplari", "kisigrubu",
    "grup", "gruplar", "gruplari", "grubu", "grupadi", "grupismi", "musterigrubu", "uyegrubu", "smsgrubu", "etiket",
    "etiketler", "etiketleri", "group", "groups", "groupname", "tag", "tags",
}  # fmt: skip
NUMBER_HEADERS = {
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

_EMAIL = re.compile(r"\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*")
_MOBILE = re.compile(r"(?:\+?90|0090|0)?5\d{9}")
_COMPANY = re.compile(r"\b(?:ltd|şti|a\.?ş|san|tic|inc|llc|gmbh|paz|holding)\b", re.IGNORECASE)
_PHONE = PhoneColumn(position=1)


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


# The sheet: where its header stands, and a sample of its cells


class SheetView:
    """A grid with its header found."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        at, self.has_header = likely_header(grid)
        self.header_row = int(grid.numbers[at])
        self.rows = len(grid) - at - 1
        # Beyond the header a CSV has cells that were shifted; a workbook has columns that nobody named.
        own_width = grid.delimiter and grid.widths is not None
        width = int(grid.widths[at]) if own_width and grid.widths is not None else len(grid.columns)
        self.headers = [column.cell(at).text for column in grid.columns[:width]]
        self.labels = [canonical.label(header) for header in self.headers]
        self._body = np.arange(at + 1, len(grid))
        picked = np.unique(np.linspace(at + 1, len(grid) - 1, min(self.rows, SAMPLE)).astype(int))
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


def likely_header(grid: Grid) -> tuple[int, bool]:
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
    header = Header.of(text)
    return bool(
        header.compact
        in {*_NAME_HEADERS, *_FULL_HEADERS, *_EMAIL_HEADERS, *_GROUP_HEADERS, *NUMBER_HEADERS, *_OTHER_HEADERS}
        or header.phone_rank
        or header.is_surname
        or header.is_full
    )


# What a header says


@dataclass(frozen=True, slots=True)
class Header:
    """A header without case, punctuation, Turkish dots and what stands in brackets or counts (`Cep 2 (SMS)`)."""

    words: frozenset[str]
    compact: str

    @classmethod
    def of(cls, text: str) -> "Header":
        """A header's text, taken apart."""
        plain = re.sub(r"\([^)]*\)", " ", text)
        plain = plain if plain.strip() else text
        folded = canonical.turkish_lower(canonical.squeezed(plain)).translate(_FOLD)
        words = re.sub(r"[\W_]+", " ", folded).split()
        while len(words) > 1 and words[-1].isdecimal():
            words.pop()
        return cls(frozenset(words), "".join(words).rstrip("0123456789"))

    @property
    def is_surname(self) -> bool:
        """Whether it says surname, and nothing of a given name."""
        if self.compact in _SURNAME_WORDS:
            return True
        return bool(self.words & _SURNAME_WORDS) and not self.words & (_NAME_WORDS | {"name", "first"})

    @property
    def is_full(self) -> bool:
        """Whether it says a full name."""
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
class Sampled:
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
    def of(cls, column: Column) -> "Sampled":
        """What a column's cells look like."""
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
            mobiles=float(clean_column("gsm", _PHONE, said).values.notna().mean()),
            phones=share(
                bool(_NUMBER.fullmatch(canonical.bare_phone(text)) or _SPOILED.fullmatch(text)) for text in values
            ),
            emails=share(bool(_EMAIL.fullmatch(text)) for text in values),
            dates=share(dates),
            two_words=share(len(text.split()) > 1 or "," in text for text in values),
            companies=share(bool(_COMPANY.search(text)) for text in values),
            samples=tuple(list(distinct)[:SHOWN_SAMPLES]),
        )


def share(truths: Iterable[bool]) -> float:
    """How many of them are true, from 0 to 1."""
    found = list(truths)
    return sum(found) / len(found) if found else 0.0


# From both: what each column is


def guessed_columns(sheet: SheetView) -> list[ColumnGuess]:
    """What each column is taken for."""
    headers = [Header.of(header) for header in sheet.headers]
    cells = [Sampled.of(sheet.sample(index)) for index in range(len(headers))]
    roles = {index: "nothing" for index, header in enumerate(sheet.headers) if header in OURS}
    for role, found in (("gsm", _phone(headers, cells)), ("email", _email(headers, cells))):
        if found is not None and found not in roles:
            roles[found] = role
    free = [index for index in range(len(headers)) if index not in roles]
    # Cells that are plainly something else belong to no name, whatever the header says.
    named = [index for index in free if max(cells[index].mobiles, cells[index].emails, cells[index].dates) < AGREES]
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


def _phone(headers: Sequence[Header], cells: Sequence[Sampled]) -> int | None:
    """The column with the mobile numbers: of several the one that is fuller and that the header speaks for."""

    def score(index: int) -> float:
        rank, found = headers[index].phone_rank, cells[index]
        usable = found.mobiles >= CELLS_DECIDE
        usable |= rank > 0 and (found.phones >= _HEADER_AND_CELLS or not found.filled)
        return found.filled * max(found.mobiles, found.phones / 2) + 0.15 * rank if usable else float("-inf")

    return _best(len(headers), score)


def _email(headers: Sequence[Header], cells: Sequence[Sampled]) -> int | None:
    def score(index: int) -> float:
        says, found = headers[index].compact in _EMAIL_HEADERS, cells[index]
        usable = found.emails >= CELLS_DECIDE
        usable |= says and (found.emails >= _HEADER_AND_CELLS or not found.filled)
        return found.filled * found.emails + 0.3 * says if usable else float("-inf")

    return _best(len(headers), score)


def _best(count: int, score: Callable[[int], float]) -> int | None:
    """The index with the highest score, the first of several; None where none is usable."""
    scores = [score(index) for index in range(count)]
    highest = max(scores, default=float("-inf"))
    return scores.index(highest) if highest > float("-inf") else None


def _names(headers: Sequence[Header], cells: Sequence[Sampled], free: Sequence[int]) -> dict[int, str]:
    """The columns of given names and surnames, or the one with both."""

    def first(says: Callable[[Header], bool]) -> int | None:
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


def _type(sheet: SheetView, index: int, cells: Sampled) -> str:
    """What a custom field with these cells would be."""
    says_date = bool(Header.of(sheet.headers[index]).words & _DATE_WORDS)
    if cells.dates >= (_HEADER_AND_CELLS if says_date else _MOSTLY_DATES):
        return "date"
    return "choice" if choices(sheet, index) else "text"


def choices(sheet: SheetView, index: int) -> dict[str, str]:
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
    numbers = all(label.replace(".", "").replace(",", "").lstrip("-").isdecimal() for label in found)
    if len(found) < 2 or filled < _REPEATED * len(found) or numbers:  # noqa: PLR2004 - one text is no choice
        return {}
    return {label: written.most_common(1)[0][0] for label, written in found.items()}
