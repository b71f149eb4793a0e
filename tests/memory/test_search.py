"""What searches find, kept for the account."""

import stat
import sys
from pathlib import Path

import pytest

from sync.lookup import Forms
from sync.memory import Learned, recall_search, remember_search

LEARNED = Learned(
    Forms(
        {"gsm": ("national",)},
        frozenset({"email"}),
        {"gsm": frozenset({"e164", "0### ### ## ##"})},
        {"gsm": ("national", "0### ### ## ##")},
        frozenset({"gsm"}),
        {"gsm": 1200},
        {"gsm": {"trunk": ("050", "053")}},
    ),
    "2026-11-21T21:30:00",
)


def test_what_was_learned_is_recalled(tmp_path: Path) -> None:
    remember_search(tmp_path, LEARNED)

    assert recall_search(tmp_path) == LEARNED


def test_an_account_of_which_nothing_is_known_teaches_nothing(tmp_path: Path) -> None:
    assert recall_search(tmp_path) == Learned()
    assert recall_search(tmp_path / "nowhere") == Learned()


FORMS = b'{"forms": {"working": {}, "blind": [], %s}, "at": ""}'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"forms": {}, "at": ""}',
        b'{"forms": [], "at": 1}',
        b"\xff",
        FORMS % b'"contacts": {"gsm": "x"}',
        FORMS % b'"contacts": {"gsm": null}',
        FORMS % b'"contacts": {"gsm": 1e400}',
        FORMS % b'"swept": {"gsm": ["a"]}',
        FORMS % b'"seen": {"gsm": 5}',
    ],
)
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "search.json").write_bytes(content)

    assert recall_search(tmp_path) == Learned()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_file_is_private(tmp_path: Path) -> None:
    remember_search(tmp_path, LEARNED)

    assert stat.S_IMODE((tmp_path / "search.json").stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["search.json"]
