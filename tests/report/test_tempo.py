"""The chart of a run's requests over time, on the page and in the workbook."""

import re
from pathlib import Path

import openpyxl
import pytest

from sync import language
from sync.record import Tempo
from tests.report.pages import PageRun, a_tempo, page_of, people
from tests.report.records import reported

ROUGH = a_tempo((20, 0, 0), (13, 9, 2), (0, 0, 0), (20, 0, 0))
SMOOTH = a_tempo((1200, 0, 0), (1100, 0, 0), seconds=7200)


def page(folder: Path, spread: Tempo | None, **facts: object) -> str:
    path = page_of(PageRun(people(4), spread=spread, **facts), folder / "report.html")  # type: ignore[arg-type]
    return path.read_text(encoding="utf-8")


def section(shown: str) -> str:
    found = re.search(r'<section class="tempo".*?</section>', shown, re.DOTALL)
    return found[0] if found else ""


def test_the_chart_is_told_in_a_sentence_and_in_a_table(tmp_path: Path) -> None:
    found = section(page(tmp_path, ROUGH))

    assert "53 requests from 15:05:00 to 15:05:06. Each bar stands for 2 s, the highest for 20." in found
    assert "Sent again: 9; answers lost: 2." in found
    assert 'aria-labelledby="tempo-heading tempo-said"' in found
    figures = "".join(f'<td class="number">{count}</td>' for count in (13, 9, 4, 2))
    row = f'<th scope="row">15:05:02</th>{figures}'
    assert row in found


def test_what_was_repeated_stands_below_the_line_and_has_stripes(tmp_path: Path) -> None:
    rough, smooth = section(page(tmp_path, ROUGH)), section(page(tmp_path, SMOOTH))

    assert rough.count('fill="url(#stripes)"') == 1
    assert rough.count('class="plain"') == 3  # nothing was done in one of the stretches
    assert "stripes" not in smooth
    assert "Nothing had to be sent again." in smooth


def test_hours_and_days_are_told_as_such(tmp_path: Path) -> None:
    days = a_tempo(*[(5, 0, 0)] * 14, seconds=7200)

    assert "15:05 to 17:05. Each bar stands for 2 h, the highest for 1,200." in section(page(tmp_path, SMOOTH))
    assert "2026-11-21 15:05 to 2026-11-22 17:05." in section(page(tmp_path, days))


def test_a_gap_is_told(tmp_path: Path) -> None:
    later = a_tempo((3, 0, 0), begins="2026-11-21T14:00:00+00:00")

    assert "are left out" in section(page(tmp_path, Tempo(2, (*SMOOTH.spans, *later.spans))))
    assert "are left out" not in section(page(tmp_path, SMOOTH))


def test_what_the_script_says_is_turkish_too(tmp_path: Path) -> None:
    language.speak(language.TURKISH)
    try:
        found = page(tmp_path, SMOOTH)
    finally:
        language.speak(language.ENGLISH)

    assert '"no_rows":"Buna uyan satır yok."' in found.replace('": "', '":"')
    assert "No row is like this" not in found


def test_the_chart_speaks_turkish(tmp_path: Path) -> None:
    language.speak(language.TURKISH)
    try:
        found = section(page(tmp_path, SMOOTH))
    finally:
        language.speak(language.ENGLISH)

    assert "Zaman içinde istekler" in found
    assert "2.300 istek" in found


@pytest.mark.parametrize("spread", [None, a_tempo((3, 0, 0))], ids=["nothing sent", "one bar"])
def test_there_is_no_chart_where_there_is_nothing_to_compare(tmp_path: Path, spread: Tempo | None) -> None:
    assert section(page(tmp_path, spread)) == ""


def test_a_plan_shows_how_the_book_was_read(tmp_path: Path) -> None:
    assert "53 requests from" in section(page(tmp_path, ROUGH, applied_at=""))


def test_the_workbook_has_the_same_figures_beside_its_chart(tmp_path: Path) -> None:
    reported(PageRun(people(4), spread=ROUGH), tmp_path, formats=("xlsx",))

    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx")["Summary"]
    rows = [tuple(row) for row in sheet.iter_rows(values_only=True)]
    start = next(place for place, row in enumerate(rows) if row[0] == "From")
    assert [row[1:2] + row[3:6] for row in rows[start : start + 5]] == [
        ("Requests", "Changes done", "Sent again", "Answer lost"),
        (20, 20, 0, 0), (13, 4, 9, 2), (0, 0, 0, 0), (20, 20, 0, 0),
    ]  # fmt: skip
    chart = sheet._charts[1]
    assert [each.val.numRef.f for each in chart.series] == [
        f"'Summary'!$B${start + 2}:$B${start + 5}",
        f"'Summary'!$E${start + 2}:$E${start + 5}",
    ]


def test_a_workbook_of_a_smooth_run_has_no_columns_for_what_did_not_happen(tmp_path: Path) -> None:
    reported(PageRun(people(4), spread=SMOOTH), tmp_path, formats=("xlsx",))

    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx")["Summary"]
    assert len(sheet._charts[1].series) == 1
    assert "Answer lost" not in {cell for row in sheet.iter_rows(values_only=True) for cell in row}


def test_a_workbook_without_a_tempo_has_one_chart(tmp_path: Path) -> None:
    reported(PageRun(people(4)), tmp_path, formats=("xlsx",))

    assert len(openpyxl.load_workbook(tmp_path / "report.xlsx")["Summary"]._charts) == 1
