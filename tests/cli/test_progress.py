"""What a bar says of how fast it goes, in the marks of the language."""

import io
import re
import sys
from collections.abc import Iterator

import pytest

from sync import language
from sync.cli.progress import TqdmProgress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    language.speak(language.ENGLISH)


def drawn(monkeypatch: pytest.MonkeyPatch, *, total: int | None) -> str:
    """The last thing that a bar of 50 rows has drawn."""
    said = Terminal()
    monkeypatch.setattr(sys, "stderr", said)
    with TqdmProgress(shown=True).stage("Applying", total, "row") as bar:
        bar.advance(50)
        bar.note("2 retries")
    return said.getvalue().rstrip("\n").rpartition("\r")[2]


@pytest.mark.parametrize(
    ("spoken", "rate"), [("en", r"\d+\.\d\d rows/s, 2 retries\]"), ("tr", r"\d+,\d\d satır/sn, 2 retries\]")]
)
@pytest.mark.parametrize("total", [50, None])
def test_the_rate_has_the_marks_of_the_language(
    monkeypatch: pytest.MonkeyPatch, spoken: str, rate: str, total: int | None
) -> None:
    language.speak(spoken)

    line = drawn(monkeypatch, total=total)

    assert re.search(rate, line), line
    assert "50/50" in line if total else "50 " in line
