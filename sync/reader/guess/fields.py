"""Finds the custom fields of the account that columns belong to, by comparing values.

What enters: a sheet's columns, and what was seen of the book. What leaves: ids, certain or not.
What never happens here: asking the API.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sync import canonical
from sync.contact import Contact, Group, custom_field_name
from sync.reader.guess.columns import AGREES, SAMPLE, SHOWN_SAMPLES, ColumnGuess, SheetView, share

# A field must fit better than the next one by so much, in so many pairs or different values at least.
_MARGIN = 0.1
_FEWEST_PAIRS = 5
_FEWEST_VALUES = 3


@dataclass(frozen=True, slots=True)
class KnownBook:
    """What was seen of the address book: all groups, and some contacts."""

    groups: tuple[Group, ...] = ()
    contacts: tuple[Contact, ...] = ()


class FieldMatches:
    """The custom fields of the book that columns were recognised as.

    Attributes:
        ids: custom field ids by column.
        unsure: for a column, the fields between which the cells do not decide.
        left: ids that no column was recognised for, each with how many contacts have it.
    """

    def __init__(self, sheet: SheetView, columns: Sequence[ColumnGuess], book: KnownBook) -> None:
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
            if score < AGREES or taken:
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
        return {number: tuple(list(dict.fromkeys(self._stored[number]))[:SHOWN_SAMPLES]) for number in self.left}


def _pairs(sheet: SheetView, columns: Iterable[ColumnGuess], book: KnownBook) -> list[tuple[int, Contact]]:
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
    return list(found.items())[:SAMPLE]


def _agreement(
    sheet: SheetView, index: int, number: int, pairs: Iterable[tuple[int, Contact]], stored: Sequence[str]
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
        return share(here == there for here, there in both)
    here, there = {_meant(str(text)) for text in texts.unique()} - {""}, {_meant(text) for text in stored}
    if min(len(here), len(there)) < _FEWEST_VALUES:
        return 0.0
    return len(here & there) / min(len(here), len(there))


def _meant(text: str) -> str:
    return canonical.date(text) or canonical.label(text)
