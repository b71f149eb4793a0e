"""Small sheets, books and mappings out of literal tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from sync.book import Book
from sync.change import Plan
from sync.contact import Contact, Group
from sync.coverage import Coverage
from sync.mapping import Mapping as Rules
from sync.sheet import Input, Issue, Sheet

A, B, C, D = "+905301112201", "+905301112202", "+905301112203", "+905301112204"
ALI, VELI, AYSE = "ali@example.com", "veli@example.com", "ayse@example.com"
CLIENTS, DEALERS, VIP = 10, 20, 30
GROUPS = (Group(CLIENTS, "Müşteriler"), Group(DEALERS, "Bayiler", children=(Group(21, "Ankara"),)), Group(VIP, "VIP"))
ALL_KEYS = ("id", "gsm", "email", "custom:1", "custom:2", "custom:3")


class Everything(frozenset[str]):
    """A set that holds every value: what a reading that missed nothing has looked up."""

    __slots__ = ()

    def __contains__(self, value: object) -> bool:
        return True


CERTAIN = Coverage({key: Everything() for key in ALL_KEYS})
UNCERTAIN = Coverage()


def rules(**parts: Any) -> Rules:
    fields = parts.pop("fields", {"name": "Ad", "email": "E-posta", "gsm": "Cep"})
    return Rules.model_validate({"version": 1, "fields": fields, **parts})


def sheet_of(
    mapping: Rules,
    rows: Sequence[Mapping[str, str]],
    *,
    issues: Iterable[Issue] = (),
    files: Sequence[str] = ("customers.csv",),
    inputs: Sequence[int] | None = None,
) -> Sheet:
    """A sheet whose first data row is row 2 of the (first) file; what a row leaves out is an empty cell."""
    names = [*mapping.columns, *(["id"] if mapping.fields.id else []), *(["groups"] if mapping.groups.column else [])]
    table = pd.DataFrame(
        {
            "input": list(inputs) if inputs is not None else [0] * len(rows),
            "row": [number + 2 for number in range(len(rows))],
            "cells": list(range(len(rows))),
        }
    )
    for name in names:
        spec = mapping.columns.get(name)
        constant = spec.value if spec is not None else None
        table[name] = pd.Series([row.get(name, constant) for row in rows], index=table.index, dtype="str")
    found = tuple(Input(name, name, "csv", "", tuple(names), 1, "utf-8", ";", "0" * 64) for name in files)
    return Sheet(table, found, tuple(issues))


def book_of(*contacts: Contact, coverage: Coverage = CERTAIN, groups: Sequence[Group] = GROUPS) -> Book:
    return Book.of(contacts, groups, coverage)


def planned(plan: Plan) -> list[tuple[str, int | None]]:
    """What each row becomes, and its contact."""
    ids = [None if pd.isna(found) else int(found) for found in plan.rows["contact_id"]]
    return list(zip(plan.rows["planned"].tolist(), ids, strict=True))


def outcomes(plan: Plan) -> list[str]:
    return [str(outcome) for outcome in plan.rows["planned"]]


def codes(plan: Plan) -> dict[int, list[str]]:
    return {row: [remark.code for remark in remarks] for row, remarks in sorted(plan.remarks.items())}


def book_after(book: Book, plan: Plan) -> Book:
    """The book that results from carrying out the plan, as an API that stores what it is sent would hold it."""
    contacts = {contact.id: contact for contact in (book.contact(position) for position in range(len(book)))}
    next_id = 1000  # above every id that a sheet of these tests names
    for change in plan.changes:
        desired = change.desired.to_dict()
        desired["custom_fields"] = {number: text for number, text in desired["custom_fields"].items() if text}
        if change.kind == "add":
            desired["id"], next_id = next_id, next_id + 1
        contacts[desired["id"]] = Contact.from_dict(desired)
    return Book.of(contacts.values(), book.groups, CERTAIN)
