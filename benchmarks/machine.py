"""What a figure was measured on, in words."""

import datetime
import os
import platform
import re
import sqlite3
from pathlib import Path


def described(versions: dict[str, str]) -> list[str]:
    """Lines that describe the machine and the software; the load is that before the start."""
    now = datetime.datetime.now(tz=datetime.UTC)
    load = ", ".join(f"{each:.2f}" for each in os.getloadavg())
    packages = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    return [
        f"- {now:%Y-%m-%d %H:%M} UTC; load before the start: {load} (1, 5, 15 minutes)",
        f"- {_processor()}, {len(os.sched_getaffinity(0))} cores, {_memory():.0f} GiB of memory",
        f"- {platform.system()} {platform.release()} {platform.machine()}; temporary files on {_disk()}",
        f"- {platform.python_implementation()} {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        f"- {packages}",
    ]


def _processor() -> str:
    found = re.search(r"model name\s*:\s*(.+)", _text("/proc/cpuinfo"))
    return found[1].strip() if found else platform.processor() or "unknown processor"


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _disk() -> str:
    """The kind of file system that holds the temporary files."""
    import tempfile

    folder = Path(tempfile.gettempdir()).resolve()
    mounts = [line.split() for line in _text("/proc/mounts").splitlines()]
    fitting = [(where, kind) for _, where, kind, *_ in mounts if folder.is_relative_to(where)]
    return max(fitting, key=lambda each: len(each[0]))[1] if fitting else "an unknown file system"


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""
