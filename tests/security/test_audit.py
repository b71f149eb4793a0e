"""`make audit` fails where it cannot audit, and the gate does not wait for the internet."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or shutil.which("make") is None, reason="needs make and a shell of POSIX"
)


def audit(folder: Path, code: int) -> tuple[int, str]:
    """How `make audit` ends where the tool that it calls ends so, and what that tool was told."""
    tool = folder / "uv"
    tool.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/told"\nexit {code}\n', encoding="utf-8")
    tool.chmod(0o700)
    ended = subprocess.run(["make", "audit", f"UV={tool}"], cwd=ROOT, capture_output=True, text=True, check=False)
    return ended.returncode, (folder / "told").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", [1, 2, 127])
def test_where_the_audit_fails_or_cannot_be_made_the_command_fails(tmp_path: Path, code: int) -> None:
    assert audit(tmp_path, code)[0] != 0


def test_it_looks_at_everything_that_is_locked_and_passes_nothing_over(tmp_path: Path) -> None:
    code, told = audit(tmp_path, 0)

    assert code == 0
    assert {"--strict", "--require-hashes", "-r requirements.lock", "-r requirements-dev.lock"} <= {
        word if word != "-r" else f"-r {after}"
        for word, after in zip(told.split(), [*told.split()[1:], ""], strict=True)
    }
    assert (ROOT / "requirements.lock").is_file()
    assert (ROOT / "requirements-dev.lock").is_file()


def test_the_gate_does_not_ask_the_internet_for_vulnerabilities() -> None:
    assert "audit" not in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (check,) = [
        line for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines() if line.startswith("check:")
    ]
    assert "audit" not in check
