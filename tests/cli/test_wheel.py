"""The package as it is installed: whatever the demo needs travels in the wheel."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sync.report.folder import RECORD

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds nothing but the unpacked wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_demo_runs_from_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "sync", "demo", "--report-dir", "reports"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed), "PYTHONUTF8": "1"},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )

    assert 0 == ended.returncode, ended.stderr
    assert "changes nothing" in ended.stdout
    assert {"report.html", "report.xlsx", "report.csv", "report.json", "rejected.xlsx", RECORD} == {
        path.name for path in (tmp_path / "reports").iterdir()
    }


def test_the_wheel_holds_the_package_and_nothing_of_the_tests(installed: Path) -> None:
    top = {path.name for path in installed.iterdir()}

    assert {"sync", "iletimerkezi_sync-0.1.0.dist-info"} == top
    assert (installed / "sync" / "py.typed").is_file()
    assert (installed / "sync" / "demo_files" / "mappings" / "customers.yaml").is_file()
