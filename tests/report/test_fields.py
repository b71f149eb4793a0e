"""What fields are called: one header that feeds several fields is none of their names alone."""

from collections.abc import Iterator
from typing import Any

import pytest

from sync import language
from sync.outcome import Summary
from sync.report.fields import field_label
from sync.report.page.rows import page_rows
from sync.report.row_cells import RowCells
from tests.report.pages import PageRun
from tests.report.records import a_row

ONE_HEADER = {"name": "Adı Soyadı", "surname": "ADI  SOYADI", "gsm": "Telefon", "groups": ""}
FACTS: dict[str, Any] = {"labels": ONE_HEADER}
CHANGES = {"name": ["", "ŞÜKRÜ"], "surname": ["", "GÜNEŞ"], "gsm": ["", "+905001112233"]}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    language.speak(language.ENGLISH)


def test_a_header_of_one_field_is_its_label_and_a_field_without_one_has_its_word() -> None:
    assert field_label(ONE_HEADER, "gsm") == "Telefon"
    assert (field_label(ONE_HEADER, "groups"), field_label({}, "custom:3")) == ("groups", "custom field 3")


def test_a_header_of_several_fields_has_each_fields_word_in_the_language_that_is_spoken() -> None:
    def called() -> list[str]:
        return [field_label(ONE_HEADER, name) for name in ("name", "surname")]

    assert called() == ["Adı Soyadı (name)", "ADI  SOYADI (surname)"]
    language.speak("tr")
    assert called() == ["Adı Soyadı (ad)", "ADI  SOYADI (soyad)"]


def test_fields_without_a_header_share_none() -> None:
    assert field_label({"name": "", "surname": ""}, "name") == "name"


def test_workbook_and_page_tell_fields_of_one_header_apart() -> None:
    run = PageRun([a_row(2, "added", changes=CHANGES)], facts=FACTS)

    assert "Adı Soyadı (name): ŞÜKRÜ; ADI  SOYADI (surname): GÜNEŞ; Telefon: " in RowCells(run).changes(run.data[0])
    summary = Summary(run.meta.run, "completed", 1, {"added": 1})
    assert page_rows(run, summary).fields == [
        "Adı Soyadı (name)",
        "ADI  SOYADI (surname)",
        "Telefon",
    ]
