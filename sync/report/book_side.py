"""What a comparison finds on the book's side: contacts that no row means, and contacts that share a key.

What enters: a BookSide. What leaves: text, and the rows of tables and of JSON objects.
What never happens here: going through all contacts of a book for a few lines of text.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sync import language, messages
from sync.book import GroupNames
from sync.contact import PLAIN_FIELDS, Contact, custom_field_name, custom_field_number
from sync.messages import phrase
from sync.reconciliation import BookSide, Duplicates
from sync.report.fields import field_label
from sync.report.look import Look
from sync.report.reach import reach_lines
from sync.report.text import visible

DUPLICATE_COLUMNS = ("key", "value", "contact_id", "suggested", "name", "surname", "email", "gsm")
_SHOWN = 5
_LINES = 3


def remote_only_columns(side: BookSide) -> tuple[str, ...]:
    """The columns of the contacts that no row means: every field that any of them has."""
    return ("contact_id", *PLAIN_FIELDS, *_custom_columns(side), "groups")


def remote_only_rows(side: BookSide) -> Iterator[list[Any]]:
    """Those contacts, in the order of the book, group names joined."""
    names, custom = GroupNames(side.book.groups), [custom_field_number(name) or 0 for name in _custom_columns(side)]
    for contact in side.book.contacts(side.remote_only):
        plain = [contact.value(name) for name in PLAIN_FIELDS]
        fields = [contact.custom_fields.get(number, "") for number in custom]
        yield [contact.id, *plain, *fields, ", ".join(names.path(group) for group in contact.groups)]


def remote_only_objects(side: BookSide) -> Iterator[dict[str, Any]]:
    """The same as objects: the contact, and its groups' names."""
    names = GroupNames(side.book.groups)
    for contact in side.book.contacts(side.remote_only):
        yield {**contact.to_dict(), "group_names": [names.path(group) for group in contact.groups]}


def duplicate_rows(side: BookSide) -> Iterator[list[Any]]:
    """A row for each contact that shares a key, those that share it together; the one to keep is marked."""
    for each, contacts in _duplicates(side):
        for contact in contacts:
            suggested = "keep" if contact.id == each.survivor else ""
            plain = [contact.value(name) for name in PLAIN_FIELDS]
            yield [messages.field_words(each.key), each.value, contact.id, suggested, *plain]


def duplicate_objects(side: BookSide) -> Iterator[dict[str, Any]]:
    """The same as objects."""
    for each in side.duplicates:
        yield {"key": each.key, "value": each.value, "contact_ids": list(each.ids), "suggested": each.survivor}


def book_side_text(side: BookSide, labels: Mapping[str, str], look: Look) -> str:
    """The first contacts of both kinds, and what could not be read."""
    parts = [_remote_only(side, labels, look), _shared(side, look), _reach(side, look)]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _remote_only(side: BookSide, labels: Mapping[str, str], look: Look) -> list[str]:
    count = len(side.remote_only)
    if not count:
        return [phrase("side_alone_none")]
    lines = [look.paint("strong", phrase("side_alone", count=language.number(count)))]
    names = GroupNames(side.book.groups)
    for contact in side.book.contacts(side.remote_only[:_SHOWN]):
        facts = [" ".join(filter(None, (contact.name.strip(), contact.surname.strip())))]
        facts += [contact.gsm, contact.email]
        facts += [
            f"{field_label(labels, custom_field_name(number))}: {text}"
            for number, text in sorted(contact.custom_fields.items())
            if text
        ]
        facts.append(", ".join(names.path(group) for group in contact.groups) or phrase("side_no_group"))
        told = visible(f"{contact.id}  {'; '.join(filter(None, facts))}")
        lines += look.fold(told, first="  ", then="    ", most=_LINES)
    if count > _SHOWN:
        lines.append(look.paint("faint", f"  {phrase('more_in_report', count=language.number(count - _SHOWN))}"))
    return lines


def _shared(side: BookSide, look: Look) -> list[str]:
    count = len(side.duplicates)
    if not count:
        return []
    lines = [look.paint("strong", phrase("side_shared", count=language.number(count)))]
    for each in side.duplicates[:_SHOWN]:
        others = ", ".join(str(number) for number in each.ids)
        key = messages.field_words(each.key)
        told = phrase("side_keep", key=key, value=each.value, ids=others, id=each.survivor)
        lines += look.fold(visible(told), first="  ", then="    ", most=_LINES)
    if count > _SHOWN:
        lines.append(look.paint("faint", f"  {phrase('more_in_report', count=language.number(count - _SHOWN))}"))
    return lines


def _reach(side: BookSide, look: Look) -> list[str]:
    lines = [look.paint("strong", phrase("side_reach"))]
    for told in reach_lines(side.book):
        lines += look.fold(visible(told), first="  ", then="  ")
    return lines


def _custom_columns(side: BookSide) -> list[str]:
    """The custom fields that any of the contacts has."""
    custom = [str(name) for name in side.book.table.columns if custom_field_number(str(name)) is not None]
    return [name for name in custom if (side.book.column(name, side.remote_only).fillna("") != "").any()]


def _duplicates(side: BookSide) -> Iterator[tuple[Duplicates, list[Contact]]]:
    ids = side.book.table["id"].to_numpy()
    order = np.argsort(ids, kind="stable")
    for each in side.duplicates:
        positions = order[np.searchsorted(ids, np.array(each.ids), sorter=order)]
        yield each, list(side.book.contacts(positions))
