"""A run's record in memory, as the report room is given it.

What enters: rows, inputs. What leaves: a RunRecord. What never happens here: SQL.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync.change import Remark
from sync.grid import Cell
from sync.outcome import Summary
from sync.record import ReportRow, RunMeta, Tempo
from sync.report import write_reports
from sync.sheet import Input
from tests.runs.building import a_meta

TOO_SHORT = Remark("phone_too_short", {"cell": "0500"}, "Telefon")


def an_input(**changes: Any) -> Input:
    facts: dict[str, Any] = {
        "path": "/tmp/kişiler.csv",
        "name": "kişiler.csv",
        "kind": "csv",
        "sheet": "",
        "header": ("Ad", "Telefon"),
        "header_row": 1,
        "encoding": "utf-8",
        "delimiter": ";",
        "quote": '"',
        "sha256": "0" * 64,
    }
    return Input(**{**facts, **changes})


WORKBOOK = an_input(name="kişiler.xlsx", kind="xlsx", sheet="Müşteriler", encoding="", delimiter="", quote="")


def a_row(row: int, outcome: str = "added", **changes: Any) -> ReportRow:
    facts: dict[str, Any] = {
        "input": 0,
        "row": row,
        "key": f"+90500{row:07}",
        "outcome": outcome,
        "contact_id": None,
        "changes": {},
        "remarks": [],
        "altered": {},
        "attempts": 1,
        "cells": None,
    }
    found = {**facts, **changes}
    if found["cells"] is not None:
        found["cells"] = [cell if isinstance(cell, Cell) else Cell(cell) for cell in found["cells"]]
    return ReportRow(**found)


def rejected(row: int, *cells: str | Cell, **changes: Any) -> ReportRow:
    return a_row(row, "rejected", **{"remarks": [TOO_SHORT], "cells": list(cells), "attempts": 0, **changes})


@dataclass
class MemoryRun:
    """A run that has been carried out, or with `applied_at=""` a plan."""

    data: Sequence[ReportRow]
    found: Sequence[Input] = (an_input(),)
    applied_at: str = "2026-11-21T12:05:00+00:00"
    path: Path = Path("/tmp/a.run")
    asked: list[bool] = field(default_factory=list)
    spread: Tempo | None = None

    @property
    def meta(self) -> RunMeta:
        return a_meta(applied_at=self.applied_at, status="completed" if self.applied_at else "planned")

    @property
    def row_count(self) -> int:
        return len(self.data)

    def inputs(self) -> list[Input]:
        return list(self.found)

    def outcomes(self, *, planned: bool = False) -> dict[str, int]:
        self.asked.append(planned)
        return dict(Counter(row.outcome for row in self.data))

    def rows(self, *outcomes: str, planned: bool = False) -> Iterator[ReportRow]:
        self.asked.append(planned)
        return (row for row in self.data if not outcomes or row.outcome in outcomes)

    def tempo(self, *, most: int) -> Tempo | None:
        assert self.spread is None or len(self.spread.spans) <= most
        return self.spread


def reported(run: MemoryRun, folder: Path, **options: Any) -> list[Path]:
    """Writes all reports of the run into the folder."""

    def summary(paths: list[Path]) -> Summary:
        counts = Counter(row.outcome for row in run.data)
        return Summary(run.meta.run, "completed", len(run.data), counts, reports=tuple(str(path) for path in paths))

    return write_reports(run, summary, folder, **options)
