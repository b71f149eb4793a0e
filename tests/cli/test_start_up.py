"""What is imported when, and what the command line says of itself."""

import subprocess
import sys

from sync import __version__

HEAVY = ("pandas", "pyarrow", "openpyxl", "httpx", "lxml", "pydantic", "phonenumbers", "asyncio")


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, encoding="utf-8")


def test_help_imports_nothing_heavy() -> None:
    code = f"""
import sys
from sync.cli.main import main
try:
    main(["--help"])
except SystemExit as end:
    assert end.code == 0
print([name for name in {HEAVY!r} if name in sys.modules])
"""

    ended = python(code)

    assert "[]" == ended.stdout.splitlines()[-1], ended.stderr
    assert "sync" in ended.stdout


def test_the_version_is_the_package_s() -> None:
    ended = python("from sync.cli.main import main; main(['--version'])")

    assert (0, f"imsync, version {__version__}\n") == (ended.returncode, ended.stdout)


def test_every_command_has_help_with_its_options() -> None:
    commands = ("demo", "check", "plan", "apply", "sync", "resume", "sandbox")
    code = f"""
from sync.cli.main import main
for command in {commands!r}:
    try:
        main([command, "--help"])
    except SystemExit as end:
        assert end.code == 0
"""

    ended = python(code)

    assert [f"Usage: imsync {command}" for command in commands] == [
        " ".join(line.split()[:3]) for line in ended.stdout.splitlines() if line.startswith("Usage:")
    ], ended.stderr
