"""Runs to make pages of: invented people, as many as wanted, with every outcome.

What enters: how many rows. What leaves: a record in memory, and its page.
What never happens here: chance; a real number or name.
"""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync.change import Remark
from sync.outcome import Summary
from sync.record import ReportRow, RunMeta, Span, Tempo
from sync.report.page import write_page
from tests.report.records import MemoryRun, a_row
from tests.runs.building import a_meta

NAMES = ("Çağla", "İrem", "Ilgın", "Şule", "Ömer", "Ümit", "Zeynep", "Ahmet", "Gül", "Cem")
SURNAMES = ("Yılmaz", "Işık", "Öztürk", "Şahin", "Çelik", "Güneş", "Ünal", "İnce", "Doğan", "Arı")
LABELS = {"name": "Ad", "surname": "Soyad", "email": "E-posta", "gsm": "Cep telefonu", "custom:1": "Doğum tarihi"}
ISTANBUL = datetime.timezone(datetime.timedelta(hours=3))
RUN_KINDS = ("edited", "added", "edited", "rejected", "unchanged", "added", "edited", "conflict", "unchanged", "failed")


@dataclass
class PageRun(MemoryRun):
    """A run whose facts can be changed."""

    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def meta(self) -> RunMeta:
        plan = {"applied_at": self.applied_at, "status": "completed" if self.applied_at else "planned"}
        groups = {"7": "Müşteriler", "8": "Müşteriler / İstanbul", "9": "Bayiler"}
        return a_meta(**{**plan, "labels": LABELS, "groups": groups, **self.facts})


def a_tempo(*counts: tuple[int, int, int], begins: str = "2026-11-21T12:05:00+00:00", seconds: int = 2) -> Tempo:
    """So many requests, sent again and lost in each stretch; what was not sent again ended a change."""
    start = datetime.datetime.fromisoformat(begins)
    moments = ((start + datetime.timedelta(seconds=place * seconds)).isoformat() for place in range(len(counts)))
    return Tempo(
        seconds,
        tuple(
            Span(moment, sent, again, sent - again, lost)
            for moment, (sent, again, lost) in zip(moments, counts, strict=True)
        ),
    )


def people(count: int, kinds: Sequence[str] = RUN_KINDS) -> list[ReportRow]:
    """Rows of invented people, the outcomes one after the other."""
    return [person(number, kinds[number % len(kinds)]) for number in range(count)]


def person(number: int, outcome: str) -> ReportRow:
    name, surname = NAMES[number % 10], SURNAMES[number // 10 % 10]
    email, phone = f"kisi{number}@example.com", f"+90500{number + 2:07}"
    cells = [name, surname, phone, email]
    if outcome == "added":
        changes = {"name": ["", name], "surname": ["", surname], "email": ["", email], "gsm": ["", phone],
                   "groups": [[], [7, 8]]}  # fmt: skip
        return a_row(number + 2, outcome, changes=changes, contact_id=100_000 + number, cells=cells)
    if outcome == "edited":
        changes = {"email": [f"kisi{number}@ornek.example.com", email], "groups": [[7, 9], [7, 8]]}
        if number % 3 == 0:
            changes["name"] = [name.upper(), name]
        return a_row(number + 2, outcome, changes=changes, contact_id=100_000 + number, cells=cells)
    remarks = {
        "rejected": [
            [Remark("phone_too_short", {"cell": f"0500 {number}"}, "Cep telefonu")],
            [Remark("email_invalid", {"cell": f"kisi{number}", "reason": "there is no @"}, "E-posta")],
        ][number % 20 < 4],
        "conflict": [Remark("contact_moved", {"fields": "name"})],
        "failed": [Remark("api_number_invalid", {"message": "Geçersiz numara"}, "Cep telefonu")],
        "unresolved": [Remark("edit_unresolved", {"tries": 3})],
    }.get(outcome, [])
    kept = cells if remarks else None
    return a_row(number + 2, outcome, remarks=remarks, contact_id=100_000 + number if outcome == "unchanged" else None,
                 cells=kept)  # fmt: skip


def page_of(run: MemoryRun, path: Path, **options: Any) -> Path:
    """Writes the run's page."""
    counts = Counter(row.outcome for row in run.data)
    troubled = sum(counts[each] for each in ("rejected", "conflict", "failed", "unresolved"))
    summary = Summary(
        run.meta.run,
        options.pop(
            "status", "planned" if not run.applied_at else "completed_with_errors" if troubled else "completed"
        ),
        len(run.data),
        counts,
        altered=sum(bool(row.altered) for row in run.data),
        requests={"search-contacts": 12, "add-contact": counts["added"], "edit-contact": counts["edited"]},
        retries=3,
        seconds=97.4,
    )
    reports = options.pop("reports", [path.parent / name for name in ("report.xlsx", "report.csv", "rejected.xlsx")])
    write_page(run, summary, path, reports=reports, zone=ISTANBUL, **options)
    return path
