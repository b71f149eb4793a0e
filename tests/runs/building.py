"""Small plans and run files.

What enters: how many rows. What leaves: a sheet, its plan, a run file of both.
What never happens here: reading a real file.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pandas as pd

from sync.change import Change, Plan, Remark
from sync.contact import Contact
from sync.grid import Grid
from sync.record import RunMeta
from sync.runs import RunFile, RunJournal
from sync.sheet import Input, Sheet
from tests.fakes import FakeClock

OUTCOMES = ("added", "edited", "unchanged", "rejected", "conflict", "duplicate")
REMARK = Remark("phone_too_short", {"cell": "0500"}, "Telefon")


def phone(number: int) -> str:
    return f"+90500{number:07}"


def a_meta(**changes: Any) -> RunMeta:
    facts: dict[str, Any] = {
        "run": "20261121T1200-abc123",
        "account": "0123456789abcdef",
        "created": "2026-11-21T12:00:00+00:00",
        "read_at": "2026-11-21T11:59:00+00:00",
        "base_url": "https://api.example.com/v1",
        "api": {"rate": 10.0, "workers": 8, "wire": "json"},
        "job": "müşteriler",
        "mapping": "/tmp/müşteriler.yaml",
        "mapping_sha256": "0" * 64,
        "keys": ["gsm", "email"],
        "labels": {"name": "Ad", "gsm": "Telefon"},
        "groups": {"7": "Müşteriler"},
        "forms": {"working": {"gsm": ["national"]}, "blind": []},
    }
    return RunMeta(**{**facts, **changes})


def planned(number: int) -> str:
    return OUTCOMES[number % len(OUTCOMES)]


def change_of(number: int) -> Change:
    """The change of a row that becomes added or edited."""
    desired = Contact(None, f"Ad {number} ğüş", "Soyad", "", phone(number), {1: "01/02/2024"}, (7,))
    if planned(number) == "added":
        return Change(number, "add", {"gsm": phone(number)}, None, desired, ("name", "gsm", "groups"))
    found = Contact(5000 + number, "Eski", "Soyad", "", phone(number), {1: "01/02/2024"}, (7,))
    meant = Contact(5000 + number, f"Ad {number} ğüş", "Soyad", "", phone(number), {1: "01/02/2024"}, (7,))
    return Change(number, "edit", {"gsm": phone(number)}, found, meant, ("name",))


def a_sheet(rows: int) -> Sheet:
    cells = [[f"Ad {n}", phone(n), "yalnız-hücrede" if planned(n) == "rejected" else ""] for n in range(rows)]
    found = Input(
        path="/tmp/kişiler.csv",
        name="kişiler.csv",
        kind="csv",
        sheet="",
        header=("Ad", "Telefon", "Not"),
        header_row=1,
        encoding="utf-8-sig",
        delimiter=";",
        sha256="1" * 64,
        cells=Grid.of_rows(range(2, rows + 2), cells),
    )
    table = pd.DataFrame({"input": [0] * rows, "row": range(2, rows + 2), "cells": range(rows)}).astype("int64")
    return Sheet(table, (found,), ())


def a_plan(rows: int) -> Plan:
    ids = [5000 + n if planned(n) in ("edited", "unchanged") else None for n in range(rows)]
    table = pd.DataFrame(
        {
            "planned": [planned(n) for n in range(rows)],
            "contact_id": pd.array(ids, dtype="Int64"),
            "key": [phone(n) for n in range(rows)],
        }
    )
    remarks = {n: [REMARK] for n in range(rows) if planned(n) in ("rejected", "conflict")}
    changes = (change_of(n) for n in range(rows) if planned(n) in ("added", "edited"))
    return Plan(table, remarks, changes, matched=sum(each is not None for each in ids))


def a_run(path: Path, rows: int = 12, **meta: Any) -> RunFile:
    return RunFile.create(path, a_meta(**meta), a_sheet(rows), a_plan(rows))


def journaled(run_file: RunFile, work: Callable[[RunJournal], Awaitable[Any]], requests: int = 3) -> Any:
    """What the work with an open journal returns."""

    async def go() -> Any:
        async with RunJournal(run_file, FakeClock(), lambda: ({"add-contact": requests}, 1)) as journal:
            return await asyncio.wait_for(work(journal), timeout=20)

    return asyncio.run(go())
