"""removed.csv as Excel shows it."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync.change import Remark
from sync.record import NO_INPUT, ReportRow
from tests.report.pages import PageRun
from tests.report.records import a_row, reported

LEFT = a_row(0, "edited", input=NO_INPUT, contact_id=71, changes={"groups": [[7, 8, 9], [9]]})
GONE = a_row(
    0, "deleted", input=NO_INPUT, contact_id=72, changes={"name": ["=Ayşe", ""], "groups": [[7, 44], []]}, attempts=1
)
KEPT = a_row(0, "held", input=NO_INPUT, contact_id=73, remarks=[Remark("departed_gone", {})], attempts=0)


@dataclass
class Leaving(PageRun):
    """A run after whose plan contacts have no row any more."""

    departed: list[ReportRow] = field(default_factory=list)

    def departures(self, *, planned: bool = False) -> Iterator[ReportRow]:  # noqa: ARG002 - as a record has it
        return iter(self.departed)


def table(folder: Path, *departed: ReportRow) -> list[dict[str, str]]:
    facts: dict[str, Any] = {"removes": "delete", "departed": len(departed)}
    reported(Leaving([], facts=facts, departed=list(departed)), folder, formats=("csv",))
    with (folder / "removed.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_groups_are_named_and_their_ids_stand_beside_them(tmp_path: Path) -> None:
    (row,) = table(tmp_path, LEFT)

    assert row["changes"] == "groups: Müşteriler, Müşteriler / İstanbul, Bayiler → Bayiler"
    assert (row["groups"], row["group_ids"]) == ("Müşteriler, Müşteriler / İstanbul", "7, 8")


def test_a_deleted_contact_is_told_with_all_that_it_held_and_no_formula(tmp_path: Path) -> None:
    (row,) = table(tmp_path, GONE)

    assert row["changes"] == "Ad: =Ayşe; groups: Müşteriler, 44"
    assert (row["groups"], row["group_ids"], row["attempts"]) == ("Müşteriler, 44", "7, 44", "1")


def test_a_contact_of_which_nothing_is_taken_has_no_groups(tmp_path: Path) -> None:
    (row,) = table(tmp_path, KEPT)

    assert (row["contact_id"], row["outcome"], row["changes"], row["groups"], row["group_ids"]) == (
        "73", "held", "", "", "",
    )  # fmt: skip
