"""Plan, look, apply: the commands in this process, against a sandbox."""

import csv
import io
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sync.cli import running
from sync.cli.main import main
from sync.cli.options import Options
from sync.sandbox import BookState, SandboxServer
from sync.sheet import REASON
from tests.cli.conftest import HASH, HEADER, KEY, MAPPING, contact, people, small_book
from tests.cli.test_sync import shown


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def summary(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.out)
        return parsed


@dataclass
class Shell:
    """A person's folder, with the command line in this process."""

    folder: Path
    server: SandboxServer
    captured: pytest.CaptureFixture[str]

    def sheet(self, rows: Sequence[Sequence[str]], name: str = "sheet.csv", header: Sequence[str] = HEADER) -> None:
        with (self.folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";").writerows([header, *rows])

    def mapping(self, text: str) -> None:
        (self.folder / "mapping.yaml").write_text(text, encoding="utf-8")

    def run(self, *arguments: str) -> Ended:
        self.captured.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--rate", "2000", "--report-dir", "reports"])
        out, err = self.captured.readouterr()
        return Ended(int(str(ended.value.code)), out, err)

    def plan(self, *arguments: str, file: str = "sheet.csv") -> Ended:
        return self.run("plan", file, "-m", "mapping.yaml", "-o", "friday.run", *arguments)

    def writes(self) -> int:
        return sum(entry.method in ("add-contact", "edit-contact") for entry in self.server.ledger)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    book = small_book()
    book["contacts"] += [
        contact(1000 + n, f"Ad{n}", "Soyad", f"k{n}@example.com", f"+90500{3000000 + n}", {}, [7]) for n in range(20)
    ]
    with ExitStack() as stack:
        server = stack.enter_context(SandboxServer(BookState.from_dict(book)))
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("IMSYNC_BASE_URL", server.base_url)
        monkeypatch.setenv("IMSYNC_STATE_DIR", str(tmp_path / "state"))
        monkeypatch.setenv("ILETIMERKEZI_API_KEY", KEY)
        monkeypatch.setenv("ILETIMERKEZI_API_HASH", HASH)
        for name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name, raising=False)
        found = Shell(tmp_path, server, capsys)
        found.mapping(MAPPING)
        yield found


def known(edited: int = 0) -> list[list[str]]:
    """The twenty rows of the book's twenty, the first of them with another name."""
    return [
        [f"Yeni{n}" if n < edited else f"Ad{n}", "Soyad", f"k{n}@example.com", f"0500 {3000000 + n}", "", ""]
        for n in range(20)
    ]


def test_a_plan_is_shown_saved_and_carried_out(shell: Shell) -> None:
    shell.sheet([*known(edited=2), *people(1)])

    planned = shell.plan()
    applied = shell.run("apply", "friday.run", "--yes", "--json")

    assert 0 == planned.code
    assert "~ row 2, +905003000000  Ad: Ad0 → Yeni0" in planned.out
    assert "Applying takes about 7 requests (1 add, 2 edits, 4 safety reads)" in planned.out
    assert planned.out.rstrip().endswith("The plan is saved. To carry it out: imsync apply friday.run")
    assert "\x1b" not in planned.out
    assert (0, {"added": 1, "edited": 2, "unchanged": 18}) == (applied.code, shown(applied.summary))


def test_an_apply_sends_as_many_requests_as_the_plan_said(shell: Shell) -> None:
    shell.sheet([*known(edited=5), *people(7)])
    shell.plan()
    before = len(shell.server.ledger)

    applied = shell.run("apply", "friday.run", "--yes", "--workers", "1")

    assert "about 17 requests (7 adds, 5 edits, 5 safety reads)" in applied.out
    assert 17 == len(shell.server.ledger) - before


def test_a_plan_without_changes_says_so_and_asks_for_nothing(shell: Shell) -> None:
    shell.sheet(known())

    planned = shell.plan("--detailed-exitcode")

    assert 0 == planned.code
    assert "Nothing to change: the book holds every row as the sheet says." in planned.out
    assert "imsync apply" not in planned.out


def test_an_apply_of_a_plan_without_changes_needs_no_yes(shell: Shell) -> None:
    shell.sheet(known())
    shell.plan()

    applied = shell.run("apply", "friday.run", "--json")

    assert (0, "completed", 0) == (applied.code, applied.summary["status"], shell.writes())


@pytest.mark.parametrize(
    ("rows", "arguments", "code"),
    [
        ([*known(), *people(1)], [], 0),
        ([*known(), *people(1)], ["--detailed-exitcode"], 10),
        ([*known(), ["X", "Y", "", "0500 12", "", ""]], ["--detailed-exitcode"], 3),
        ([*people(1), ["X", "Y", "", "0500 12", "", ""]], ["--detailed-exitcode"], 10),
        (known(edited=7), ["--detailed-exitcode"], 4),
    ],
)
def test_the_exit_code_of_a_plan(shell: Shell, rows: list[list[str]], arguments: list[str], code: int) -> None:
    shell.sheet(rows)

    assert code == shell.plan(*arguments).code


# Guards


def test_too_many_edits_are_refused_with_their_figures_and_carried_out_when_allowed(shell: Shell) -> None:
    shell.sheet(known(edited=7))

    planned = shell.plan()
    refused = shell.run("apply", "friday.run", "--yes", "--json")
    applied = shell.run("apply", "friday.run", "--yes", "--json", "--allow", "max_edits")

    assert 4 == planned.code
    assert "! 7 edits of 20 rows with a contact (35%), and max_edits is 30%." in planned.out
    assert planned.err.rstrip().endswith("imsync apply friday.run --allow max_edits")
    assert (4, "refused", "guard_broken") == (refused.code, refused.summary["status"], refused.summary["error"]["code"])
    assert "7 edits of 20 rows with a contact (35%)" in refused.summary["error"]["message"]
    assert (0, {"edited": 7, "unchanged": 13}) == (applied.code, shown(applied.summary))


def test_a_plan_over_a_guard_tells_what_its_rows_would_become(shell: Shell) -> None:
    shell.sheet(known(edited=7))

    planned = shell.plan("--json")

    assert (4, "refused", {"edited": 7, "unchanged": 13}) == (
        planned.code, planned.summary["status"], shown(planned.summary)
    )  # fmt: skip
    assert (shell.folder / "friday.run").is_file()


def test_a_dry_run_meets_the_guards_too(shell: Shell) -> None:
    shell.sheet(known(edited=7))

    assert 4 == shell.run("sync", "sheet.csv", "-m", "mapping.yaml", "--dry-run").code
    assert 0 == shell.run("sync", "sheet.csv", "-m", "mapping.yaml", "--dry-run", "--allow", "max_edits").code
    assert 0 == shell.writes()


def test_every_broken_guard_must_be_lifted_and_all_are_named_at_once(shell: Shell) -> None:
    shell.sheet([*known(edited=7), *people(5)])
    shell.mapping(f"{MAPPING}guards: {{max_adds: 3}}\n")
    shell.plan()

    one = shell.run("apply", "friday.run", "--yes", "--allow", "max_edits")
    both = shell.run("apply", "friday.run", "--yes", "--allow", "max_edits", "--allow", "max_adds")

    assert 4 == one.code
    assert "5 adds for 25 rows, and max_adds is 3." in one.err
    assert one.err.rstrip().endswith("--allow max_adds --allow max_edits")
    assert "Lifted this once." in one.out
    assert 0 == both.code


def test_yes_lifts_no_guard(shell: Shell) -> None:
    shell.sheet(known(edited=7))

    assert 4 == shell.run("sync", "sheet.csv", "-m", "mapping.yaml", "--yes").code
    assert 0 == shell.writes()


def test_below_twenty_rows_a_share_means_nothing(shell: Shell) -> None:
    shell.sheet(known(edited=19)[:19])

    assert 0 == shell.plan().code


def test_a_sheet_without_rows_is_refused(shell: Shell) -> None:
    shell.sheet([])

    assert 4 == shell.plan().code
    assert not (shell.folder / "friday.run").exists()


# --limit and --partial


def test_a_limit_is_kept_by_apply_and_by_resume(shell: Shell) -> None:
    shell.sheet(people(10))
    shell.plan()

    first = shell.run("apply", "friday.run", "--yes", "--limit", "4")
    assert 4 == shell.writes()
    second = shell.run("resume", "--json", "--limit", "5")
    assert 9 == shell.writes()
    last = shell.run("resume", "--json", "--limit", "5")

    assert (6, 6, 0) == (first.code, second.code, last.code)
    assert "--limit 4: the first 4 of 10 changes are tried" in first.out
    assert "imsync: stopped after --limit 4; 6 rows are pending. Go on with: imsync resume" in first.err
    assert ("interrupted", {"added": 9, "pending": 1}) == (second.summary["status"], shown(second.summary))
    assert ("completed", {"added": 10}) == (last.summary["status"], shown(last.summary))


def test_a_limit_that_is_enough_leaves_nothing(shell: Shell) -> None:
    shell.sheet(people(4))

    ended = shell.run("sync", "sheet.csv", "-m", "mapping.yaml", "--yes", "--limit", "4")

    assert 0 == ended.code
    assert "--limit" not in ended.out + ended.err


def test_a_limit_lifts_no_guard(shell: Shell) -> None:
    shell.sheet(known(edited=7))

    assert 4 == shell.run("sync", "sheet.csv", "-m", "mapping.yaml", "--yes", "--limit", "1").code


def test_a_part_of_the_whole_is_told_as_one(shell: Shell) -> None:
    shell.sheet(known())

    assert "A part of the whole" in shell.plan("--partial").out
    assert "A part of the whole" not in shell.plan().out


def test_rows_to_correct_that_are_fed_in_again_are_a_part_of_the_whole(shell: Shell) -> None:
    shell.sheet([*known(), ["X", "Y", "", "0500 12", "", ""]])
    shell.plan()
    (rejected,) = (shell.folder / "reports").glob("rejected*")
    assert REASON in rejected.read_text(encoding="utf-8")

    assert "A part of the whole" in shell.plan(file=str(rejected)).out


# Binding


def test_a_plan_is_carried_out_from_another_folder(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.sheet(people(1))
    shell.plan()
    (shell.folder / "elsewhere").mkdir()
    monkeypatch.chdir(shell.folder / "elsewhere")

    assert 0 == shell.run("apply", "../friday.run", "--yes").code


@pytest.mark.parametrize(
    ("undoes", "outcomes", "asked"),
    [
        ("", {"added": 12, "edited": 9}, "Add 12 and edit 9 contacts?"),
        ("", {"added": 1}, "Add 1 contact?"),
        ("", {"edited": 9}, "Edit 9 contacts?"),
        ("X", {"edited": 9}, "Put back 9 contacts?"),
        ("X", {"deleted": 3}, "Delete 3 contacts?"),
        ("X", {"deleted": 3, "edited": 9}, "Delete 3 contacts, put back 9?"),
        ("X", {"deleted": 3, "added": 1}, "Carry out 1 add, 3 deletes?"),
    ],
)
def test_what_is_not_done_is_not_asked_for(
    undoes: str, outcomes: dict[str, int], asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(running, "confirmed", lambda question: bool(said.append(question)) or True)
    run_file = SimpleNamespace(
        meta=SimpleNamespace(undoes=undoes, departed=""),
        outcomes=lambda **_: outcomes,
        count=lambda *_: sum(outcomes.values()),
    )

    running._confirm(run_file, Options(), None)  # type: ignore[arg-type]

    assert [asked] == said


def test_standard_input_is_planned_and_carried_out(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.sheet(people(2))
    content = (shell.folder / "sheet.csv").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    ended = shell.run("sync", "-", "-m", "mapping.yaml", "--yes", "--json")

    assert (0, {"added": 2}) == (ended.code, shown(ended.summary))


def test_a_plan_is_superseded_by_a_run_that_writes_meanwhile(shell: Shell) -> None:
    shell.sheet(people(2))
    shell.plan()
    shell.run("sync", "sheet.csv", "-m", "mapping.yaml", "--yes")

    refused = shell.run("apply", "friday.run", "--yes")

    assert 4 == refused.code
    assert "another run" in refused.err
    assert "Plan again, so that the book is read afresh: imsync plan " in refused.err


def test_an_interrupted_run_that_another_has_overtaken_is_neither_resumed_nor_applied(shell: Shell) -> None:
    shell.sheet(people(4))
    shell.plan()
    shell.run("apply", "friday.run", "--yes", "--limit", "1")
    shell.run("sync", "sheet.csv", "-m", "mapping.yaml", "--yes")

    refused = [shell.run(*words) for words in (("resume", "friday.run"), ("apply", "friday.run", "--yes"))]

    assert [4, 4] == [each.code for each in refused]
    assert all("Plan again" in each.err for each in refused)
    assert 4 == shell.writes()
