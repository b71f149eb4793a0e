"""Colours and width: what the terminal takes, and what the person asked for."""

import io
import sys
from pathlib import Path

import pytest

from sync.cli import terminal
from sync.cli.main import main

from .conftest import own_log


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize(
    ("is_terminal", "environment", "coloured"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (False, {"FORCE_COLOR": "1"}, True),
        (True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colours_are_for_terminals_and_as_the_environment_wishes(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], *, is_terminal: bool, coloured: bool
) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal() if is_terminal else io.StringIO())
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert coloured is terminal.look().coloured


@pytest.mark.parametrize(("columns", "width"), [("80", 80), ("20", 40), ("300", 120)])
def test_lines_are_as_wide_as_the_terminal_within_reason(
    monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("COLUMNS", columns)

    assert width == terminal.look().width


def test_a_pipe_gets_the_same_lines_whatever_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setenv("COLUMNS", "60")

    assert 100 == terminal.look().width


LONG = "/home/ayse/a/path/that-has-no-blank-and-is-longer-than-the-terminal-is-wide/rejected.csv"
LINES = [
    "customers.xlsx: sheet “Müşteriler”, header in row 1, 6 rows",
    "  Telefon         gsm    1,250  3  0500 200 00 00 → +905002000000 · 0500 200 00 01 → +905002000001",
    "        3  Telefon: “0500 0” is too short for a phone number. Correct the cell, or leave it empty.",
    "  Not in the mapping: Adres, Doğum yeri, Kampanya, Notlar, Referans, Müşteri temsilcisi",
    f"  {LONG}",
    "",
]


def test_lines_fit_the_terminal_and_what_follows_stands_below_the_last_column(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("COLUMNS", "60")

    assert terminal.fitted("\n".join(LINES)).split("\n") == [
        LINES[0],
        "  Telefon         gsm    1,250  3  0500 200 00 00 →",
        "                                   +905002000000 · 0500 200",
        "                                   00 01 → +905002000001",
        "        3  Telefon: “0500 0” is too short for a phone",
        "           number. Correct the cell, or leave it empty.",
        "  Not in the mapping: Adres, Doğum yeri, Kampanya, Notlar,",
        "    Referans, Müşteri temsilcisi",
        f"  {LONG}",
        "",
    ]


def test_in_a_pipe_lines_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setenv("COLUMNS", "60")

    assert "\n".join(LINES) == terminal.fitted("\n".join(LINES))


def test_what_check_and_init_say_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    header = "Ad;Telefon;Kampanya için verilen onay;Müşteri temsilcisi;Bayi;Bölge;Adres;Not"
    (tmp_path / "sheet.csv").write_text(f"{header}\nKötü;0500;evet;Ayşe;x;y;z;w\n", encoding="utf-8")
    (tmp_path / "small.yaml").write_text("version: 1\nfields: {name: Ad, gsm: Telefon}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "60")
    for words in (["check", "sheet.csv", "-m", "small.yaml"], ["init", "sheet.csv", "-o", "made.yaml"]):
        said = Terminal()
        monkeypatch.setattr(sys, "stdout", said)
        with own_log(), pytest.raises(SystemExit):
            main(words)
        lines = said.getvalue().split("\n")
        assert max(map(len, lines)) <= 60 < sum(map(len, lines)), lines
