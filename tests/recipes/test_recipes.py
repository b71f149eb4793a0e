"""The recipes for nights that nobody watches: each is tried as far as a machine without network can.

What enters: the files in recipes/. What leaves: what their commands do in a desk.
What never happens here: a change to this machine's services, tasks or images.
"""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.cli.commands.sync import sync
from sync.cli.jobs_file import read_jobs
from tests.cli.conftest import Desk, people
from tests.cli.conftest import desk as desk  # noqa: PLC0414 - a fixture of those tests
from tests.cli.conftest import desk_with as desk_with  # noqa: PLC0414

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "recipes"
SERVICE = RECIPES / "systemd" / "imsync.service"
TIMER = RECIPES / "systemd" / "imsync.timer"
CRON = RECIPES / "cron" / "imsync"
WINDOWS = RECIPES / "windows" / "Register-ImsyncTask.ps1"
DOCKERFILE = RECIPES / "docker" / "Dockerfile"


@pytest.fixture
def night(desk: Desk) -> Iterator[Desk]:
    """A desk as the recipes expect it, with last night's file."""
    jobs = (RECIPES / "imsync.toml").read_text(encoding="utf-8")
    desk.write("imsync.toml", jobs.replace('"30s"', '"0.05s"') + "rate = 2000\n")
    shutil.copy(desk.folder / "mapping.yaml", desk.folder / "customers.yaml")
    (desk.folder / "inbox").mkdir()
    desk.sheet(people(2), "inbox/customers-1.csv")
    return desk


def settings(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def in_dockerfile(word: str) -> list[str]:
    text = DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.removeprefix(f"{word} ").strip() for line in text.splitlines() if line.startswith(f"{word} ")]


def test_the_jobs_are_valid() -> None:
    jobs = read_jobs(RECIPES / "imsync.toml", sync)

    assert 90 * 86400 == jobs.keep_runs
    assert {"--settle=30s", "--resume-first", "--max-runtime=4h"} == set(jobs.jobs["customers"].words)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="NO SYSTEMD: its units are not verified here")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    text = SERVICE.read_text(encoding="utf-8").replace("/opt/imsync/bin/imsync", shutil.which("true") or "/bin/true")
    (tmp_path / SERVICE.name).write_text(text, encoding="utf-8")
    shutil.copy(TIMER, tmp_path)

    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.iterdir())],
        check=False,
        capture_output=True,
        text=True,
    )

    assert (0, "") == (verified.returncode, verified.stderr)


def test_the_services_command_does_a_night(night: Desk) -> None:
    (command,) = settings(SERVICE)["ExecStart"]
    program, *words = shlex.split(command)

    ended = night.run(*words)

    assert Path(program).name == "imsync"
    assert (0, 2) == (ended.code, night.calls("add-contact"))


def test_the_service_keeps_its_credentials_and_its_state_to_itself() -> None:
    found = settings(SERVICE)

    assert {"IMSYNC_STATE_DIR=%S/imsync", "IMSYNC_ENV_FILE=%d/imsync.env"} == set(found["Environment"])
    assert ["imsync.env:/etc/imsync/credentials"] == found["LoadCredential"]
    assert (["0700"], ["0077"], ["3"]) == (found["StateDirectoryMode"], found["UMask"], found["SuccessExitStatus"])


@pytest.mark.skipif(sys.platform == "win32", reason="cron is no Windows program")
def test_the_cron_line_does_a_night_as_sh_runs_it(night: Desk) -> None:
    line = next(line for line in CRON.read_text(encoding="utf-8").splitlines() if re.match(r"\d", line))
    *when, user, command = line.split(None, 6)
    assert "%" not in command  # which cron takes for the end of a line
    for there, here in {
        "/srv/imsync": str(night.folder),
        "/opt/imsync/bin/imsync": f"{sys.executable} -m sync",
        "/var/log/imsync": str(night.folder),
    }.items():
        assert there in command
        command = command.replace(there, here)

    night.environment["PYTHONPATH"] = str(ROOT)
    ended = subprocess.run(
        ["/bin/sh", "-c", command], check=False, env=night.environment, capture_output=True, text=True, timeout=100
    )

    assert (5, "imsync") == (len(when), user)
    assert (0, "", "") == (ended.returncode, ended.stdout, ended.stderr)
    assert 2 == night.calls("add-contact")
    assert (night.folder / "imsync.log").is_file()


def test_the_windows_tasks_command_does_a_night(night: Desk) -> None:
    text = WINDOWS.read_text(encoding="utf-8")
    command = re.search(r'\{0\}"" (.*?) 2>>|"\{0\}" (.*?) 2>>', text)
    assert command is not None

    ended = night.run(*shlex.split(command[1] or command[2]))

    assert 0 == ended.code
    assert 2 == night.calls("add-contact")


def test_the_windows_script_is_balanced_and_uses_no_variable_that_it_has_not_set() -> None:
    text = re.sub(r"<#.*?#>|(?m:^\s*#.*$)", "", WINDOWS.read_text(encoding="utf-8"), flags=re.DOTALL)
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", text)

    assert all(bare.count(opening) == bare.count(closing) for opening, closing in ("()", "{}", "[]"))
    assert text.count("'") % 2 == 0
    set_here = re.findall(r"\[(?:string|datetime|switch)\] \$(\w+)", text) + re.findall(r"(?m)^\$(\w+) =", text)
    own = {name.lower() for name in set_here}
    used = {name.lower() for name in re.findall(r"\$(\w+)\b(?!:)", text)}
    assert used <= own | {"_", "env", "erroractionpreference", "pscmdlet", "true", "false"}


def test_the_image_is_made_of_what_is_there_and_runs_as_nobody_special() -> None:
    for line in in_dockerfile("COPY"):
        words = line.split()
        if words[0].startswith("--from"):
            continue
        assert [] == [name for name in words[:-1] if not (ROOT / name).exists()]
    assert ["10001"] == in_dockerfile("USER")
    assert ['["/state"]'] == in_dockerfile("VOLUME")
    assert "--require-hashes -r requirements.lock" in " ".join(in_dockerfile("RUN"))
    environment = " ".join(in_dockerfile("ENV"))
    assert "IMSYNC_STATE_DIR=/state" in environment
    assert "ILETIMERKEZI" not in DOCKERFILE.read_text(encoding="utf-8")


def test_the_images_command_does_a_night_and_writes_only_to_its_volumes(night: Desk, tmp_path: Path) -> None:
    state = tmp_path / "volume"
    (command,) = in_dockerfile("CMD")

    ended = night.run(*re.findall(r'"([^"]+)"', command), IMSYNC_STATE_DIR=str(state))

    assert 0 == ended.code
    assert (state / "accounts.json").is_file()
    assert {"imsync.toml", "mapping.yaml", "customers.yaml", "inbox", "reports", "volume"} == {
        each.name for each in night.folder.iterdir()
    }


def test_the_jobs_that_the_docs_show_are_valid(tmp_path: Path) -> None:
    shown = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "nightly.md").read_text(encoding="utf-8"), re.DOTALL)

    assert shown
    for text in shown:
        (tmp_path / "imsync.toml").write_text(text, encoding="utf-8")
        assert {"customers", "dealers"} == set(read_jobs(tmp_path / "imsync.toml", sync).jobs)
