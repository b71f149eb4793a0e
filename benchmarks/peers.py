"""The environment of those beside whom imsync is measured; nothing of them is ever installed into ours."""

import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path


def python_of_peers(folder: Path, needs: Iterable[str]) -> str:
    """The interpreter of an environment in the folder that has the packages; made where it is not there."""
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    wanted = "\n".join(sorted(set(needs)))
    listed = folder / "peers.txt"
    if not listed.exists() or listed.read_text(encoding="utf-8") != wanted:
        venv.create(folder, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted.split()]
        subprocess.run(command, check=True)
        listed.write_text(wanted, encoding="utf-8")
    return str(python)


def versions(python: str, packages: Iterable[str]) -> dict[str, str]:
    """The versions of those packages that an interpreter has."""
    code = (
        "import importlib.metadata as m, sys\n"
        "for each in sys.argv[1:]:\n"
        "    try: print(each, m.version(each))\n"
        "    except m.PackageNotFoundError: pass\n"
    )
    found = subprocess.run([python, "-c", code, *packages], stdout=subprocess.PIPE, text=True, check=True).stdout
    return dict(line.split(" ", 1) for line in found.splitlines())
