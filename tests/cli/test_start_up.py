"""What is imported when, and what the command line says of itself."""

import re
import subprocess
import sys
from ast import literal_eval
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import click
import pytest

from sync import __version__, report, run, runs, sandbox
from sync.cli import commands
from sync.cli.main import main
from sync.cli.overview import COMMANDS, overview
from sync.cli.program import imsync

PARSERS = {"click", "difflib", "json", "re", "typing"}
HEAVY = {"pandas", "numpy", "pyarrow", "openpyxl", "httpx", "lxml", "pydantic", "phonenumbers", "asyncio", "tqdm"}
ALSO_HEAVY = {"sqlite3", "filelock", "platformdirs", "tenacity", "http.server", "keyring", "yaml"}
NOT_FOR_A_CSV = {
    "asyncio",  # … and whatever else talks to the API
    "httpx",
    "tenacity",
    "openpyxl",  # workbooks
    "python_calamine",
    "xlrd",
    "lxml",
    "sqlite3",  # run files
    "filelock",
    "tqdm",
    "sync.sandbox",
    "sync.remote",
    "sync.apply",
    "sync.runs",
}


def imported(*words: str) -> set[str]:
    """The modules that the command has imported when it ends, in a process of its own."""
    code = f"""
import sys
from sync.cli.main import main
try:
    main({list(words)!r})
finally:
    names = sorted(sys.modules)
    sys.stderr.write(repr(names))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, encoding="utf-8")
    assert ended.returncode in (0, 3), ended.stderr
    return set(literal_eval(ended.stderr))


def said(words: Sequence[str], capsys: pytest.CaptureFixture[str], *, code: int = 0) -> str:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert code == ended.value.code
    told = capsys.readouterr()
    return told.out + told.err


def every_command() -> list[tuple[str, ...]]:
    names: list[tuple[str, ...]] = []
    for name in COMMANDS:
        command = imsync.get_command(click.Context(imsync), name)
        names += [(name, each) for each in command.commands] if isinstance(command, click.Group) else [(name,)]
    return names


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["-h"]])
def test_what_needs_no_command_imports_neither_commands_nor_what_reads_a_command_line(words: list[str]) -> None:
    modules = imported(*words)

    assert not modules & (PARSERS | HEAVY)
    assert {"sync", "sync.cli", "sync.cli.main", "sync.cli.overview", "sync.cli.printing", "sync.language"} >= {
        name for name in modules if name.startswith("sync")
    }


def test_a_command_imports_no_other_command() -> None:
    modules = imported("completion", "bash")

    assert not modules & HEAVY
    assert ["sync.cli.commands.completion"] == sorted(name for name in modules if name.startswith("sync.cli.commands."))


def test_no_command_s_help_imports_what_only_its_work_needs() -> None:
    code = f"""
import sys
from sync.cli.main import main
heavy, found = {sorted(HEAVY | ALSO_HEAVY)!r}, {{}}
for name in {list(COMMANDS)!r}:
    try:
        main([name, "--help"])
    except SystemExit as ended:
        found[name] = (ended.code, sorted(set(heavy) & set(sys.modules)))
sys.stderr.write(repr(found))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, encoding="utf-8")

    assert {name: (0, []) for name in COMMANDS} == literal_eval(ended.stderr)


def test_a_check_of_a_csv_imports_neither_what_talks_to_the_api_nor_what_reads_workbooks(tmp_path: Path) -> None:
    sheet = tmp_path / "customers.csv"
    sheet.write_text("Ad;Telefon\nAda;+905001112233\n", encoding="utf-8")
    mapping = tmp_path / "customers.yaml"
    mapping.write_text("version: 1\nmatch: [gsm]\nfields: {name: Ad, gsm: Telefon}\n", encoding="utf-8")

    modules = imported("check", str(sheet), "-m", str(mapping), "--quiet")

    assert "pandas" in modules
    assert not modules & NOT_FOR_A_CSV
    assert not [name for name in modules if name.startswith(("sync.apply.", "sync.remote.", "sync.runs."))]


@pytest.mark.parametrize("package", [report, run, runs, sandbox], ids=lambda package: package.__name__)
def test_what_a_package_imports_when_asked_is_what_it_promises(package: ModuleType) -> None:
    assert set(package.__all__) == set(package._HOMES)
    assert all(getattr(package, name).__name__ == name for name in package.__all__ if not name.isupper())
    assert all(getattr(package, name) for name in package.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = package.nothing


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    assert f"imsync, version {__version__}\n" == said(["--version"], capsys)


def test_the_overview_names_every_command_that_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    modules = {path.stem for path in Path(commands.__path__[0]).glob("*.py")} - {"__init__"}

    shown = said(["--help"], capsys)

    assert modules == set(COMMANDS)
    listed = shown.partition("Commands:\n")[2].partition("\n\n")[0]
    assert list(COMMANDS) == re.findall(r"^  (\w+)  +\S", listed, re.MULTILINE)
    assert shown == overview()
    assert max(map(len, shown.splitlines())) <= 79


def test_no_command_at_all_shows_the_same_overview_as_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert overview() == said([], capsys, code=2)


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_has_help_with_its_options_and_an_example(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    shown = said([*words, "--help"], capsys)

    name = " ".join(words)
    assert shown.startswith(f"Usage: imsync {name}")
    assert "-h, --help" in shown
    assert re.search(rf"imsync {name}\b", shown.partition("\n")[2]), shown


IDLE = {
    "init": {"--workers", "--settle-after", "--report-dir", "--all-rows"},
    "fields": {"--workers", "--settle-after", "--report-dir", "--all-rows"},
    "doctor": {"--workers", "--settle-after", "--report-dir", "--all-rows"},
    "export": {"--workers", "--settle-after", "--report-dir", "--all-rows"},
    "reconcile": {"--workers", "--settle-after"},
    "demo": {"--base-url", "--timeout", "--state-dir", "--workers", "--settle-after"},
    "sync": set(),
}


@pytest.mark.parametrize("name", IDLE)
def test_help_does_not_list_what_means_nothing_to_a_command_which_takes_it_all_the_same(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = imsync.get_command(click.Context(imsync), name)
    assert command is not None
    taken = {option for each in command.params for option in each.opts}

    listed = set(re.findall(r"--[a-z-]+", said([name, "--help"], capsys).partition("Options:")[2]))

    assert IDLE[name] == {"--base-url", "--timeout", "--state-dir", *IDLE["doctor"]} & (taken - listed)
    assert {"--rate", "--wire", "--json"} <= listed


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["chek"], "imsync check"),
        (["groups", "lst"], "'list'"),
        (["plan", "--mappin", "a.yaml"], "'--mapping'"),
        (["--versio"], "'--version'"),
    ],
)
def test_a_mistyped_name_is_answered_with_the_nearest_one(
    words: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(words, capsys, code=2)

    assert "Did you mean" in told
    assert meant in told.partition("Did you mean")[2]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["check", "--limit", "3"], []),
        (["plan", "--bogus"], []),
        (["plan", "--workres"], ["--workers"]),
        (["plan", "--report"], ["--report-dir"]),
        (["plan", "--settl"], ["--settle", "--settle-after"]),
        (["blueprint"], []),
    ],
)
def test_only_a_name_that_is_near_is_proposed(
    words: list[str], meant: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(words, capsys, code=2)

    assert bool(meant) == ("Did you mean" in told)
    assert meant == re.findall(r"--[a-z-]+", told.partition("Did you mean")[2])


def test_what_is_checked_without_a_mapping_is_answered_with_the_command_that_makes_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "“imsync init uyeler.xlsx -o uyeler.yaml”" in said(["check", "uyeler.xlsx"], capsys, code=2)
    assert "“imsync init FILE -o FILE.yaml”" in said(["check", "-"], capsys, code=2)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_gets_a_script_and_its_questions_are_answered(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = said(["completion", shell], capsys)
    assert f"_IMSYNC_COMPLETE={shell}_complete" in script

    def answered(words: str, last: str) -> str:
        monkeypatch.setenv("_IMSYNC_COMPLETE", f"{shell}_complete")
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", last if shell == "fish" else str(len(words.split()) - 1))
        return said([], capsys)

    assert {"reconcile", "resume"} <= set(re.findall(r"\w+", answered("imsync re", "re")))
    assert "check" not in answered("imsync re", "re")
    assert "--mapping" in answered("imsync check --map", "--map")
    assert "--settle-after" not in answered("imsync doctor --set", "--set")
