"""What the README and the docs show is what happens.

`python -m tests.docs.test_readme` writes the examples' real output into both READMEs again.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from sync.reader import read_mapping

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.tr.md")
EXAMPLE = re.compile(r"(?<=<!-- example: )(\w+) -->\n```console\n\$ (.*)\n((?s:.*?))```")
YAML = re.compile(r"```yaml\n((?s:.*?))```")
LINK = re.compile(r"\]\(((?!https?:)[^)#]+)\)")

# What differs from run to run.
VARIABLE = (
    (re.compile(r"\d{8}T\d{4}-[0-9a-f]{6}"), "20261121T2130-7f3a9c"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:40123"),
    (re.compile(r"\d+\.\d s"), "3.3 s"),
    (re.compile(r"\d+,\d sn"), "3,3 sn"),
)
LONGEST_LINE = 150


def output(command: str) -> str:
    """What the command prints, in a folder of its own, with whatever differs from run to run made equal."""
    program, *arguments = shlex.split(command)
    assert program == "imsync"
    arguments = [str(ROOT / word) if (ROOT / word).exists() else word for word in arguments]
    with tempfile.TemporaryDirectory() as folder:
        ended = subprocess.run(
            [sys.executable, "-m", "sync", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
            capture_output=True,
            check=False,
            encoding="utf-8",
        )
    assert ended.returncode in (0, 3), ended.stderr
    text = ended.stdout
    for pattern, constant in VARIABLE:
        text = pattern.sub(constant, text)
    lines = (line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…" for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines)


def examples() -> list[tuple[str, str, str]]:
    return [found for page in READMES for found in EXAMPLE.findall((ROOT / page).read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("name", "command", "shown"), examples(), ids=[command for _, command, _ in examples()])
def test_an_example_in_the_readme_prints_what_it_shows(name: str, command: str, shown: str) -> None:
    assert shown == output(command), name


def test_each_readme_has_both_examples() -> None:
    assert ["demo", "check"] * 2 == [name for name, _, _ in examples()]


@pytest.mark.parametrize("page", [*READMES, "docs/mapping.md", "docs/tr/mapping.md"])
def test_every_mapping_that_is_shown_is_valid(page: str, tmp_path: Path) -> None:
    blocks = YAML.findall((ROOT / page).read_text(encoding="utf-8"))

    assert blocks
    for block in blocks:
        path = tmp_path / "shown.yaml"
        path.write_text(block, encoding="utf-8")
        assert 1 == read_mapping(path).mapping.version


@pytest.mark.parametrize(
    "page", [*READMES, "CONTRIBUTING.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
)
def test_every_link_inside_the_project_leads_somewhere(page: str) -> None:
    here = (ROOT / page).parent

    links = LINK.findall((ROOT / page).read_text(encoding="utf-8"))

    assert [] == [link for link in links if not (here / link).exists()]


def test_the_sample_s_mapping_is_valid() -> None:
    assert ("gsm", "email") == read_mapping(ROOT / "mappings" / "customers.yaml").mapping.keys


if __name__ == "__main__":
    for page in READMES:
        (ROOT / page).write_text(
            EXAMPLE.sub(
                lambda found: f"{found[1]} -->\n```console\n$ {found[2]}\n{output(found[2])}```",
                (ROOT / page).read_text(encoding="utf-8"),
            ),
            encoding="utf-8",
        )
