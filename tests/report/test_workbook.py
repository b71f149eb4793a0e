"""report.xlsx: a person reads it, so words stand for codes and names for ids; whatever the input holds, it opens."""

import datetime
import gc
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml import etree
from openpyxl.worksheet.worksheet import Worksheet

from sync.change import Remark
from sync.errors import UsageError
from sync.messages import LABELS
from sync.outcome import Summary
from sync.record import ReportRow
from sync.report import tables
from sync.report.cells import Losses, sheet_name, storable
from sync.report.workbook import write_workbook
from tests.report.pages import PageRun
from tests.report.records import TOO_SHORT, WORKBOOK, a_row, an_input, rejected

ISTANBUL = datetime.timezone(datetime.timedelta(hours=3))
DUPLICATE = Remark("duplicate_rows", {"key": "gsm", "rows": "7"})
SEVERAL = Remark("several_contacts", {"key": "gsm", "ids": "12, 15"})


@dataclass(frozen=True)
class Made:
    """A workbook that was written and read back."""

    path: Path
    workbook: openpyxl.Workbook

    def sheet(self, name: str = "Rows") -> Worksheet:
        found = self.workbook[name]
        assert isinstance(found, Worksheet)
        return found

    def table(self, name: str = "Rows") -> list[dict[str, Any]]:
        header, *rows = self.sheet(name).iter_rows(values_only=True)
        return [dict(zip(map(str, header), row, strict=True)) for row in rows]

    @property
    def facts(self) -> dict[Any, Any]:
        return {row[0]: row[1] for row in self.sheet("Summary").iter_rows(values_only=True)}

    @property
    def told(self) -> str:
        rows = self.sheet("Summary").iter_rows(values_only=True)
        return "\n".join(str(cell) for row in rows for cell in row if cell is not None)


def made(path: Path, *rows: ReportRow, **options: Any) -> Made:
    """The workbook of a run, or with `plan=True` of a plan."""
    plan, found = options.pop("plan", False), options.pop("inputs", [WORKBOOK])
    run = PageRun(list(rows), found, **({"applied_at": ""} if plan else {}), facts=options.pop("facts", {}))
    summary = Summary(
        run.meta.run,
        "planned" if plan else "completed",
        len(rows),
        Counter(row.outcome for row in rows),
        altered=sum(bool(row.altered) for row in rows),
        requests={"search-contacts": 12, "edit-contact": 8},
        retries=3,
        seconds=10.0,
    )
    file = path / "report.xlsx"
    write_workbook(run, summary, file, **{"all_rows": False, "zone": ISTANBUL, **options})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return Made(file, openpyxl.load_workbook(file))


# Rows


def test_what_changes_is_told_in_the_mappings_words_before_and_after(tmp_path: Path) -> None:
    changes = {"email": ["eski@example.com", "yeni@example.com"], "groups": [[7, 9], [7, 8]], "custom:1": ["", "1990"]}

    (row,) = made(tmp_path, a_row(2, "edited", changes=changes)).table()

    assert row["Changes"].split("\n") == [
        "E-posta: eski@example.com → yeni@example.com",
        "groups: Müşteriler, Bayiler → Müşteriler, Müşteriler / İstanbul",
        "Doğum tarihi: (empty) → 1990",
    ]


def test_a_new_contact_is_told_by_what_it_holds(tmp_path: Path) -> None:
    changes = {"name": ["", "Ada"], "surname": ["", ""], "gsm": ["", "+905000000002"], "groups": [[], [7]]}

    (row,) = made(tmp_path, a_row(2, "added", changes=changes)).table()

    assert row["Changes"] == "Ad: Ada; Cep telefonu: +905000000002; groups: Müşteriler"


def test_a_deleted_contact_is_told_by_what_it_held(tmp_path: Path) -> None:
    (row,) = made(tmp_path, a_row(2, "deleted", changes={"name": ["Ada", ""], "groups": [[9], []]})).table()

    assert row["Changes"] == "Ad: Ada; groups: Bayiler"


def test_what_was_stored_otherwise_has_both_values(tmp_path: Path) -> None:
    row = a_row(2, "edited", changes={"name": ["A", "Ada"]}, altered={"name": ["Ada", "ADA"]})

    (found,) = made(tmp_path, row).table()

    assert found["Changes"].split("\n") == ["Ad: A → Ada", "Ad: Ada was sent, ADA is stored"]


def test_a_change_that_cannot_be_seen_is_said_to_be_one(tmp_path: Path) -> None:
    (row,) = made(tmp_path, a_row(2, "edited", changes={"name": ["Ada", "Ada\u202e"], "surname": ["a", "a "]})).table()

    assert row["Changes"].split("\n") == ["Ad: Ada → Ada⟨U+202E⟩", "Soyad: a → a␣"]


def test_a_plan_tells_what_would_be_and_a_run_what_was(tmp_path: Path) -> None:
    rows = [a_row(2, "added"), a_row(3, "edited", changes={"name": ["a", "b"]}), a_row(4, "conflict")]

    plan, run = made(tmp_path, *rows, plan=True), made(tmp_path, *rows)

    assert [row["Outcome"] for row in plan.table()] == ["to add", "to edit", "in conflict"]
    assert [row["Outcome"] for row in run.table()] == ["added", "edited", "in conflict"]
    assert plan.sheet("Summary")["A1"].value == "Plan for kişiler.xlsx"
    assert "Carrying out this plan adds 1 contact and edits 1 contact." in plan.told
    assert "This run added 1 contact and edited 1 contact." in run.told


def test_reasons_and_what_to_do_stand_apart_and_each_has_its_line(tmp_path: Path) -> None:
    (row,) = made(tmp_path, rejected(5, "Ada", "0500", remarks=[DUPLICATE, TOO_SHORT])).table()

    assert row["Reason"].split("\n") == [
        "the same phone number stands in row 7 too.",
        "Telefon: “0500” is too short for a phone number.",
    ]
    assert row["What to do"].split("\n") == [
        "Keep one of them, or set duplicates in the mapping: first, last or merge.",
        "Correct the cell, or leave it empty.",
    ]
    assert row["Code"] == "duplicate_rows, phone_too_short"


def test_each_rows_own_cells_stand_at_the_right(tmp_path: Path) -> None:
    found = made(tmp_path, rejected(5, "Ada", "+905000000001"), a_row(6, "added"))

    assert [list(row.values())[-2:] for row in found.table()] == [["Ada", "+905000000001"], [None, None]]
    assert [cell.value for cell in found.sheet()[1]][-2:] == ["Ad", "Telefon"]


def test_columns_of_several_inputs_with_one_header_are_one(tmp_path: Path) -> None:
    other = an_input(name="b.csv", header=("Telefon", "Şehir", "Telefon", "imsync: reason"))
    rows = [rejected(2, "Ada", "1"), rejected(3, "2", "Muğla", "3", "an old reason", "beyond", input=1)]

    found = made(tmp_path, *rows, inputs=[WORKBOOK, other])

    assert [cell.value for cell in found.sheet()[1]][11:] == ["Ad", "Telefon", "Şehir", "Telefon", "(column 5)"]
    assert [cell.value for cell in found.sheet()[2]][11:] == ["Ada", "1", None, None, None]
    assert [cell.value for cell in found.sheet()[3]][11:] == [None, "2", "Muğla", "3", "beyond"]


def test_no_columns_of_the_input_where_no_row_kept_its_cells(tmp_path: Path) -> None:
    assert [cell.value for cell in made(tmp_path, a_row(2)).sheet()[1]][-1] == "Attempts"


# How it looks


def test_the_header_stays_in_sight_and_every_column_can_be_filtered(tmp_path: Path) -> None:
    found = made(tmp_path, rejected(2, "Ada", "0500"), a_row(3), a_row(4)).sheet()

    assert found.freeze_panes == "A2"
    assert found.auto_filter.ref == "A1:M4"
    assert found.dimensions == "A1:M4"
    assert 8 <= found.column_dimensions["C"].width < found.column_dimensions["H"].width <= 60


def test_an_outcome_is_a_word_and_has_a_colour_by_a_condition(tmp_path: Path) -> None:
    found = made(tmp_path, a_row(2, "rejected", remarks=[TOO_SHORT]), plan=True).sheet()

    (where,) = found.conditional_formatting
    rules = {rule.formula[0]: rule for rule in where.rules}
    assert str(where.sqref) == "E2"
    assert {'"to add"', '"to edit"', '"rejected"', '"in conflict"'} <= set(rules)
    assert (rules['"rejected"'].dxf.font.b, rules['"to add"'].dxf.font.b) == (True, False)  # told apart without colours


def test_rows_of_many_lines_are_high_enough(tmp_path: Path) -> None:
    changes = {name: ["a", "b"] for name in ("name", "surname", "email")}

    found = made(tmp_path, a_row(2, "edited", changes=changes), a_row(3)).sheet()

    assert found.row_dimensions[2].height == 45
    assert found.row_dimensions[3].height is None


def test_rows_beyond_what_a_sheet_holds_go_on_in_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 3)

    found = made(tmp_path, *(a_row(number) for number in range(2, 10)))

    assert found.workbook.sheetnames == ["Summary", "Rows", "Rows 2", "Rows 3"]
    assert [[row["Row"] for row in found.table(name)] for name in found.workbook.sheetnames[1:]] == [
        [2, 3, 4], [5, 6, 7], [8, 9],
    ]  # fmt: skip
    assert [found.sheet(name).auto_filter.ref for name in ("Rows", "Rows 3")] == ["A1:K4", "A1:K3"]


def test_a_sheet_that_is_exactly_full_is_followed_by_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 3)

    assert made(tmp_path, a_row(2), a_row(3), a_row(4)).workbook.sheetnames == ["Summary", "Rows"]


# The other sheets


def test_conflicts_have_a_sheet_with_the_contacts_and_why(tmp_path: Path) -> None:
    found = made(tmp_path, a_row(2), a_row(3, "conflict", remarks=[SEVERAL], contact_id=None))

    assert found.table("Conflicts") == [
        {
            "File": "kişiler.xlsx",
            "Sheet": "Müşteriler",
            "Row": 3,
            "Key": "+905000000003",
            "Contacts": "12, 15",
            "Reason": "several contacts have this phone number: 12, 15.",
            "What to do": "Merge them in the panel, or give the row a further key.",
        }
    ]


def test_rows_that_are_doubled_have_a_sheet(tmp_path: Path) -> None:
    one = a_row(3, "duplicate", remarks=[Remark("duplicate_of", {"key": "gsm", "row": 2})])

    found = made(tmp_path, a_row(2), one, rejected(4, remarks=[DUPLICATE]), rejected(5))

    assert [(row["Row"], row["Outcome"]) for row in found.table("Duplicate rows")] == [
        (3, "duplicate"),
        (4, "rejected"),
    ]


def test_no_sheet_without_rows_but_that_of_the_rows(tmp_path: Path) -> None:
    assert made(tmp_path).workbook.sheetnames == ["Summary", "Rows"]


# The summary


def test_the_summary_says_what_when_where_and_how_fast(tmp_path: Path) -> None:
    found = made(tmp_path, a_row(2), facts={"created": "2026-11-21T22:30:00+00:00"})

    assert found.sheet("Summary")["A1"].value == "Run of kişiler.xlsx"
    expected = {
        "File": "kişiler.xlsx, sheet “Müşteriler”",
        "Account": "0123456789abcdef at api.example.com",
        "Planned": "2026-11-22 01:30 (UTC+03:00)",
        "Carried out": "2026-11-21 15:05 (UTC+03:00)",
        "Requests": 20,
        "Sent again": 3,
        "Requests a second": 2,
        "At most allowed": 10,
        "Seconds": 10,
        "added": 1,
        "edit-contact": 8,
    }
    assert {name: found.facts[name] for name in expected} == expected


def test_the_counts_are_a_chart_of_those_cells(tmp_path: Path) -> None:
    found = made(tmp_path, a_row(2), a_row(3), rejected(4))

    sheet = found.sheet("Summary")
    (chart,) = sheet._charts
    counts = chart.series[0].val.numRef.f
    first, last = (int(number) for number in re.findall(r"\$B\$(\d+)", counts))
    assert [(sheet.cell(row, 1).value, sheet.cell(row, 2).value) for row in range(first, last + 1)] == [
        ("added", 2), ("edited", 0), ("unchanged", 0), ("rejected", 1),
    ]  # fmt: skip


def test_a_guard_that_a_plan_breaks_is_in_the_summary(tmp_path: Path) -> None:
    breach = {"guard": "max_adds", "count": 12, "base": 0, "limit": 5}

    plan = made(tmp_path, a_row(2), plan=True, facts={"breaches": [breach]})
    assert "12" in plan.told.split("Outcomes")[0]
    assert plan.facts["Guards"] == "broken: max_adds"
    assert made(tmp_path, a_row(2), facts={"breaches": [breach]}).facts["Guards"] == "lifted for this run: max_adds"
    assert made(tmp_path, a_row(2)).facts["Guards"] == "none is broken"


def test_the_summary_says_what_the_counts_of_reasons_count(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        rejected(2, remarks=[DUPLICATE, TOO_SHORT, TOO_SHORT]),
        rejected(3, remarks=[Remark("phone_too_short", {"cell": "0501"}, "Telefon")]),
        rejected(4, remarks=[DUPLICATE]),
    )

    assert "4 reasons in 3 rows (rejected)" in found.told
    rows = list(found.sheet("Summary").iter_rows(values_only=True))
    reasons, short = rows[[row[3] for row in rows].index("Row") + 1 :], "is too short for a phone number."
    assert [row for row in reasons if row[1]] == [
        ("rejected", 2, "the same phone number stands in row 7 too.", "2, 4"),
        ("rejected", 2, f"Telefon: “…” {short}\nFor example row 2: Telefon: “0500” {short}", "2, 3"),
    ]


def test_nothing_is_explained_where_every_row_has_one_reason(tmp_path: Path) -> None:
    assert "several reasons" not in made(tmp_path, rejected(2), rejected(3)).told


# What the input must not do


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "+905000000001", "#N/A", "_x0041_", "<b>&\"'", "]]>", " a "]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_is_the_text_that_it_was_and_nothing_else(tmp_path: Path, text: str) -> None:
    hostile = replace(WORKBOOK, name=text, sheet=text, header=(text, "Telefon"))
    row = rejected(2, text, "0500", key=text, remarks=[Remark("several_contacts", {"key": text, "ids": text}, text)])

    found = made(tmp_path, row, replace(row, outcome="conflict"), inputs=[hostile], facts={"job": text})

    kinds = {cell.data_type for sheet in found.workbook.worksheets for line in sheet.iter_rows() for cell in line}
    assert kinds <= {"s", "n", "inlineStr"}
    (first, _) = found.table()
    shown = text.replace("_x0041_", "_x005F_x0041_")  # openpyxl shows it as the file has it; Excel reads it back
    assert [first["File"], first["Sheet"], first["Key"], list(first.values())[-2]] == [shown] * 4


def test_what_a_cell_cannot_hold_is_replaced_cut_and_told(tmp_path: Path) -> None:
    found = made(tmp_path, rejected(2, "a\x00\x1b[31m\ud800", "ğ" * 40_000), rejected(3, "👍" * 20_000, "b"))

    first, second = found.table()
    assert first["Ad"] == "a\ufffd\ufffd[31m\ufffd"
    assert (len(first["Telefon"]), first["Telefon"][-1]) == (32_767, "…")
    assert len(second["Ad"].encode("utf-16-le")) // 2 <= 32_767  # Excel counts such letters twice
    assert "Cells with characters that no workbook can hold: 1" in found.told
    assert "Cells with more than the 32,767 characters that fit: 2" in found.told


def test_nothing_is_said_of_losses_where_there_are_none(tmp_path: Path) -> None:
    assert "no workbook can hold" not in made(tmp_path, rejected(2, "a", "b")).told


def test_every_part_of_the_file_is_well_formed_and_there_once(tmp_path: Path) -> None:
    found = made(tmp_path, *(rejected(number, "<", "&") for number in range(2, 30)))

    with zipfile.ZipFile(found.path) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        for name in names:
            etree.fromstring(archive.read(name))
    assert len(names) == len(set(names))


def test_a_workbook_that_is_only_read_shows_the_same_rows(tmp_path: Path) -> None:
    found = made(tmp_path, rejected(2, "Ada", "0500"), a_row(3))

    with closing(openpyxl.load_workbook(found.path, read_only=True)) as book:
        rows = list(book["Rows"].iter_rows(values_only=True))

    assert rows == list(found.sheet().iter_rows(values_only=True))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Müşteriler", "Müşteriler"),
        ("a[b]:*?/\\c", "a_b______c"),
        ("Ö" * 40, "Ö" * 31),
        ("👍" * 20, "👍" * 15),
        ("'a'", "a"),
        ("''", "Rows"),
        (" ", "Rows"),
        ("history", "history_"),
        ("a\x00\ud800b", "a__b"),
    ],
)
def test_a_sheet_is_called_what_a_sheet_can_be_called(name: str, expected: str) -> None:
    assert sheet_name(name, otherwise="Rows") == expected


def test_a_text_that_fits_is_kept_as_it_is() -> None:
    losses = Losses()

    assert storable("ğ" * 32_767, losses) == "ğ" * 32_767
    assert storable("👍" * 16_383, losses) == "👍" * 16_383
    assert losses == Losses()


def test_nothing_is_left_open_or_on_the_disk_where_the_rows_cannot_be_read(tmp_path: Path) -> None:
    class Broken(PageRun):
        def rows(self, *outcomes: str, planned: bool = False) -> Iterator[ReportRow]:
            yield from super().rows(*outcomes, planned=planned)
            raise UsageError("run_damaged")

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a file that is not closed warns
        with pytest.raises(UsageError):
            write_workbook(Broken([a_row(2)]), Summary(None, "planned", 1, {}), tmp_path / "a.xlsx", all_rows=True)
        gc.collect()

    assert list(tmp_path.iterdir()) == []


def test_every_label_of_the_workbook_is_used() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(tables.__file__).parent.rglob("*.py"))
    made: set[str] = set()

    labels = {code for code in LABELS if code.startswith("book_")}
    assert {code for code in labels - made if f'"{code}"' not in source} == set()
