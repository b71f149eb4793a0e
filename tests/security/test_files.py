"""What is written is private, stands where it was asked to stand, and goes through no link that somebody has laid."""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sync.drafts import new_draft
from sync.errors import ImsyncError, UsageError
from sync.memory import JobMemory
from sync.report.exported import write_text
from sync.report.files import check_folder
from sync.report.folder import ReportFolder
from sync.runs import RunFile, StateDirectory
from sync.settings import Credentials
from tests.cli.conftest import Desk, people
from tests.runs.building import a_run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's")
OURS = Credentials("one-key", "one-hash")
URL = "https://api.example.com/v1"


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def open_to_others(folder: Path, *besides: str) -> dict[str, str]:
    modes = {path.relative_to(folder): stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*")}
    return {str(name): oct(mode) for name, mode in modes.items() if mode & 0o077 and str(name) not in besides}


def test_everything_that_commands_write_is_private_under_any_umask(desk: Desk) -> None:
    desk.sheet([*people(5), ["Ayşe", "Yılmaz", "ayse@example.com", "0500 100 01 00", "28.09.1984", "Bayiler"]])
    own = [path.name for path in desk.folder.iterdir()]
    with umask(0):
        run = desk.sync("-v").summary["run"]
        ended = [
            desk.run("plan", "sheet.csv", "-m", "mapping.yaml", "-o", "deep/down/a.plan"),
            desk.run("export", "-o", "book.csv"),
            desk.run("check", "sheet.csv", "-m", "mapping.yaml"),
            desk.run("undo", run, "--yes", "--report-dir", "far/away/reports"),
        ]
        before = {path for path in desk.folder.rglob("*") if path.is_file()}

    assert [each.code for each in ended] == [0] * len(ended), [each.err for each in ended]
    assert len(before) > 10
    assert open_to_others(desk.folder, *own) == {}


# Links


@pytest.fixture
def treasure(tmp_path: Path) -> Path:
    """A file of the user's that a link leads to."""
    path = tmp_path / "treasure"
    path.write_text("mine", encoding="utf-8")
    return path


def drafts(folder: Path, name: str) -> list[Path]:
    """Every name under which a draft of this file may be written."""
    return [
        folder / f".{os.getpid()}.{name}",
        folder / f".{os.getpid()}.probe",
        folder / f".{name}.{os.getpid()}",
        folder / f".{name}.{os.getpid()}.tmp",
        folder / f".{name}.{os.getpid()}.draft",
    ]


def laid(paths: list[Path], target: Path) -> None:
    for path in dict.fromkeys(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)


def test_a_report_goes_through_no_link(tmp_path: Path, treasure: Path) -> None:
    """Reports may lie in a folder that many can write to, such as /tmp."""
    laid([*drafts(tmp_path / "r", "report.csv"), tmp_path / "r" / "report.csv"], treasure)

    check_folder(tmp_path / "r")
    path = ReportFolder(tmp_path / "r").place("report.csv", lambda draft: _write(draft, "report"))

    assert (treasure.read_text(), path.read_text(), path.is_symlink()) == ("mine", "report", False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def test_nor_does_an_export(tmp_path: Path, treasure: Path) -> None:
    laid([*drafts(tmp_path, "book.yaml"), tmp_path / "book.yaml"], treasure)

    write_text(tmp_path / "book.yaml", "exported")

    assert (treasure.read_text(), (tmp_path / "book.yaml").read_text()) == ("mine", "exported")


def test_nor_does_a_plan(tmp_path: Path, treasure: Path) -> None:
    laid(drafts(tmp_path, "a.plan"), treasure)

    a_run(tmp_path / "a.plan").close()

    RunFile.open(tmp_path / "a.plan").close()
    assert treasure.read_text() == "mine"


def test_what_a_plan_would_replace_behind_a_link_stays(tmp_path: Path, treasure: Path) -> None:
    laid([tmp_path / "a.plan"], treasure)

    with pytest.raises(UsageError) as caught:
        a_run(tmp_path / "a.plan")

    assert caught.value.code == "output_exists"
    assert treasure.read_text() == "mine"


def test_nor_do_the_notes_and_locks_of_the_state_directory(tmp_path: Path, treasure: Path) -> None:
    state = tmp_path / "s"
    names = ("accounts.json", "secret")
    laid([path for name in names for path in drafts(state, name)], treasure)
    laid([state / "accounts.lock"], treasure)

    try:
        account = StateDirectory(state).account(URL, OURS)
    except (ImsyncError, OSError):
        pass  # a lock that is a link is refused
    else:
        laid([account.folder / "lock", account.folder / "lock-owner"], treasure)
        with pytest.raises((ImsyncError, OSError)), account.lock("run"):
            pass

    assert treasure.read_text() == "mine"


def test_a_draft_that_somebody_else_has_put_there_is_not_written_into(tmp_path: Path) -> None:
    """Its owner could read along."""
    path = tmp_path / "draft"
    path.write_text("open", encoding="utf-8")
    path.chmod(0o666)
    with path.open(encoding="utf-8") as other:
        os.write(descriptor := new_draft(path), b"personal")
        os.close(descriptor)

        assert other.read() == "open"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_memory_is_private_whatever_the_umask(tmp_path: Path) -> None:
    with umask(0):
        (tmp_path / "a").mkdir(0o700)
        memory = JobMemory(tmp_path / "a", "../../../müşteriler")
        memory.hashes()

    assert memory.path.parent == tmp_path / "a" / "memory"
    assert open_to_others(tmp_path) == {}


# Names that lead elsewhere

DETOURS = [
    "../../out",
    "..",
    "/tmp/out",
    "a/../../out",
    "out\0",
    "~root",
    "C:\\out",
    "..\\..\\out",
    "-rf",
    "\x1b[2Jout",
]


@pytest.mark.parametrize("name", DETOURS)
def test_a_jobs_name_leads_nowhere(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "account"
    folder.mkdir()

    assert JobMemory(folder, name).path.parent == folder / "memory"


@pytest.mark.parametrize("name", DETOURS)
def test_a_runs_name_leads_to_no_run_that_is_none(tmp_path: Path, name: str) -> None:
    state = StateDirectory(tmp_path / "s")
    state.new_run_path("20261121T1200-abc123")
    (tmp_path / "out.run").write_text("not one of ours", encoding="utf-8")

    with pytest.raises(UsageError) as caught:
        state.find_run(name)

    assert caught.value.code == "run_unknown"


@pytest.mark.parametrize("name", [name for name in DETOURS if "\0" not in name])
def test_names_from_the_command_line_and_its_files_lead_nowhere(desk: Desk, name: str) -> None:
    """Profiles, jobs, runs: what is no name is refused, shown harmlessly, and nothing is sent or written."""
    quoted = json.dumps(name, ensure_ascii=True)
    desk.write("imsync.toml", f'[jobs.{quoted}]\nfiles = "sheet.csv"\nmapping = "mapping.yaml"\n')
    before = set(desk.folder.parent.rglob("*"))

    ended = [
        desk.run("doctor", f"--profile={name}"),
        desk.run("runs", "show", "--", name),
        desk.run("resume", "--", name),
        desk.run("run"),
    ]

    assert [each.code for each in ended] == [2] * 4, ended
    assert not [each for each in ended if "\x1b" in each.out + each.err or "Traceback" in each.err]
    assert set(desk.folder.parent.rglob("*")) - before == set()
    assert not desk.server.ledger


@pytest.mark.parametrize("name", ["../out", "..\\out", "\x1b[2J", "a/b", "=cmd()", "\u202egnp"])
def test_the_name_of_an_input_names_no_file_of_ours(desk: Desk, name: str) -> None:
    """The rejected rows go into a file that is named after the input."""
    folder = desk.folder / "in"
    folder.mkdir()
    safe = name.replace("/", "∕")
    desk.sheet([["Ad", "Soyad", "", "12", "", ""]], name=f"in/{safe}.csv")

    ended = desk.run("sync", f"in/{safe}.csv", "-m", "mapping.yaml", "--yes", "--report-dir", "reports")

    assert ended.code in (2, 3), ended.err
    assert "\x1b" not in ended.out + ended.err
    assert "\u202e" not in ended.out + ended.err
    written = {path.parent for path in desk.folder.rglob("*") if path.is_file()}
    assert written <= {desk.folder, folder, *desk.folder.glob("state/**"), desk.folder / "reports"}
    assert not list(desk.folder.parent.glob("out*"))


# What somebody has written into the state directory


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "7",
        '"a"',
        "[" * 100_000,
        '{"FINGERPRINT": "../../../out"}',
        '{"FINGERPRINT": 7}',
        '{"FINGERPRINT": ""}',
        "\xff",
    ],
)
def test_a_list_of_accounts_that_leads_elsewhere_is_refused(tmp_path: Path, content: str) -> None:
    state = StateDirectory(tmp_path / "s")
    state.account(URL, OURS)
    book = tmp_path / "s" / "accounts.json"
    (fingerprint,) = json.loads(book.read_text(encoding="utf-8"))
    book.write_text(content.replace("FINGERPRINT", fingerprint), encoding="latin-1")

    with pytest.raises(UsageError) as caught:
        state.account(URL, OURS)

    assert caught.value.code == "state_damaged"
    assert not list(tmp_path.glob("out*"))
