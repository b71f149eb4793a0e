"""The benchmarks run: each at a size at which nothing is measured, to see that its ways still do the same work.

Their ratios are printed (`pytest -s`), and never asserted.
"""

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
NAMES = ("csv", "xlsx", "phones", "dates", "diff", "calls", "calls-100", "journal", "reports")
ROWS = 200


class Scripts:
    """The modules in `benchmarks/`, under the plain names by which they import one another."""

    def __getattr__(self, name: str) -> ModuleType:
        return importlib.import_module(name)


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripts]:
    before = set(sys.modules)
    monkeypatch.syspath_prepend(FOLDER)
    yield Scripts()
    for name in set(sys.modules) - before:
        if Path(getattr(sys.modules[name], "__file__", None) or "/").parent == FOLDER:
            del sys.modules[name]


def test_every_case_is_tried_here(scripts: Scripts) -> None:
    assert set(scripts.cases.CASES) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_ways_of_a_case_do_the_same_work(name: str, scripts: Scripts, tmp_path: Path) -> None:
    case = scripts.cases.CASES[name]
    case.make(tmp_path, ROWS)
    found: dict[str, Any] = {
        way: scripts.measuring.done(each.prepare(tmp_path, ROWS)) for way, each in case.ways.items() if not each.needs
    }
    answers = {taken.answer for taken in found.values()}
    lines = scripts.results.lines_of(ROWS, {way: [taken] for way, taken in found.items()})
    print(*("  ".join(line) for line in lines), sep="\n")  # noqa: T201 - see above

    assert len(answers) == 1
    assert lines[0][5:] == ("1.0 x", "1.0 x", "1.0 x")
    assert len(lines) == len(found) >= 2


def test_both_ways_of_the_whole_job_leave_the_same_book(scripts: Scripts, tmp_path: Path) -> None:
    jobs = scripts.job.compared(tmp_path, None, ROWS)
    ours, naive = jobs["imsync"], jobs["naive.py"]
    print(f"{naive.all_requests / ours.all_requests:.1f} x fewer requests")  # noqa: T201 - see above

    assert {"get-groups": 1, "search-contacts": ROWS, "edit-contact": ROWS // 100} == naive.requests
    assert ours.requests["edit-contact"] == ROWS // 100
    assert (0, 0) == (ours.wrong, naive.wrong)
    assert scripts.job.kept(jobs)["no wrong contact"]


def test_a_wrong_contact_is_seen(scripts: Scripts, tmp_path: Path) -> None:
    scripts.people.make(tmp_path, ROWS, changed=True)

    assert scripts.people.wrong_contacts(tmp_path, tmp_path / "book.json") == ROWS // 100


def test_a_night_on_which_nothing_changed_writes_nothing(scripts: Scripts, tmp_path: Path) -> None:
    night, _ = scripts.night.second_night(tmp_path, None, ROWS, stages=False)
    print(scripts.night.requests_of(night.requests))  # noqa: T201 - see above

    assert scripts.night.kept(night, ROWS) == {"no write": True, "at most 20 requests": True}


def test_a_part_is_timed_without_the_parts_inside_it(scripts: Scripts, tmp_path: Path) -> None:
    stages = scripts.stages.Stages()
    inner = stages.timed("inner", lambda: sum(range(300_000)))
    stages.timed("outer", lambda: inner() + inner())()
    stages.write(tmp_path / "stages.json")
    parts = {each["part"]: each for each in json.loads((tmp_path / "stages.json").read_text(encoding="utf-8"))}

    assert list(parts) == ["inner", "outer", "imports, and the rest"]
    assert parts["outer"]["cpu"] < parts["inner"]["cpu"]


def test_every_part_that_is_timed_is_there(scripts: Scripts) -> None:
    for home, name in scripts.stages.PARTS.values():
        module, _, inside = home.partition(":")
        place = importlib.import_module(module)
        assert callable(getattr(getattr(place, inside) if inside else place, name))


def test_what_is_missed_is_said(scripts: Scripts) -> None:
    found = scripts.results.Results(["- a machine"], "python -m benchmarks")
    found.promises += [
        scripts.results.Promise("this", "at least 2 x", "3.0 x", holds=True),
        scripts.results.Promise("that", "at least 2 x", "1.0 x", holds=False),
    ]

    assert "1 of 2 held" in found.text()
    assert "| that | at least 2 x | 1.0 x | **missed** |" in found.text()
