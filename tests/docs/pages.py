"""`make docs`: writes into the pages by task what their commands print, and the pages of messages.

What enters: docs/*.md and docs/tr/*.md, in which a comment stands before each command that is run:
`<!-- ran -->`, or `<!-- ran: answer=y; show=0 2:6 -1; exit=4; stop=100 -->`, and `<!-- does: NAME -->` where the person
does something without a command (see `steps`). What leaves: the same pages, with what is on the screen.
What never happens here: a page that changes only in what differs from run to run.
"""

import os
import re
import shlex
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

from tests.docs.messages_page import messages_page
from tests.docs.steps import SETTINGS, STEPS
from tests.docs.story import ROOT, Story

DOCS = ROOT / "docs"
BLOCK = re.compile(r"<!-- (ran|does)(?:: (.*?))? -->\n(?:```console\n((?s:.*?))```)?")
LONGEST_LINE = 150
WIDTH = 110  # of a terminal, in which longer sentences go on in the next line
# What differs from run to run, apart from what a story gives the same names to.
VARIABLE = (
    (re.compile(r"\d+(?:[.,]\d+)? (s|sn)\b"), r"3 \1"),
    (re.compile(r"\d+ (min|dk) \d+ (s|sn)\b"), r"3 \2"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d[+\d:]*)?"), "2026-11-21 21:30"),
    (re.compile(r"\d\d\.\d\d\.\d{4} \d\d:\d\d"), "21.11.2026 21:30"),
    (re.compile(r"\d+ (requests|istek), \d+ "), r"300 \1, 0 "),
    (re.compile(r"\d+(?= (?:rows? (?:is|are) pending|satır bekliyor|pending|bekliyor))"), "100"),
)


@dataclass(frozen=True)
class Block:
    """A command of a page, and what the page shows of its screen; or something that the person does."""

    kind: str
    options: dict[str, str]
    shown: str

    @property
    def command(self) -> str:
        """What is typed, over several lines where they end with a backslash."""
        lines = []
        for line in self.shown.splitlines():
            lines.append(line)
            if not line.endswith("\\"):
                break
        return "\n".join(lines)


def spoken_on(page: Path) -> str:
    """The language of a page."""
    return "tr" if page.parent.name == "tr" else "en"


def pages_with_commands() -> list[Path]:
    """The pages that show what happens."""
    return [page for page in sorted(DOCS.rglob("*.md")) if re.search(r"<!-- ran\b", page.read_text(encoding="utf-8"))]


def block(kind: str, options: str, shown: str) -> Block:
    """What a comment and the block behind it say."""
    if kind == "does":
        return Block(kind, {"step": options}, "")
    named = dict(part.strip().split("=", 1) for part in options.split(";")) if options else {}
    return Block(kind, named, shown)


def screen(story: Story, here: Block) -> str:
    """What is on the screen once the command has run, as the page shows it."""
    program, *words = shlex.split(here.command.removeprefix("$ ").replace("\\\n", " "))
    assert program == "imsync", here.command
    stop = here.options.get("stop")
    code, text = story.typed(words, answer=here.options.get("answer", ""), stop_after=int(stop) if stop else None)
    expected = [int(here.options["exit"])] if "exit" in here.options else [0, 3]
    assert code in expected, f"{here.command}: exit code {code}\n{text}"
    told = parts(text.rstrip("\n").split("\n\n"), here.options.get("show", "").split())
    lines = (part for line in told.splitlines() for part in fitting(line))
    return "".join(f"{line.rstrip()}\n" for line in [here.command, *lines])


def fitting(line: str) -> list[str]:
    """The line as the page has room for it: a sentence goes on in the next one, a row of a table is cut."""
    if len(line) <= LONGEST_LINE:
        return [line]
    return [line[: LONGEST_LINE - 1] + "…"] if line.startswith(" ") else textwrap.wrap(line, WIDTH)


def parts(paragraphs: list[str], wanted: list[str]) -> str:
    """The paragraphs that are wanted, each by its number or `number:lines`; `…` stands for the others."""
    if not wanted:
        return "\n\n".join(paragraphs)
    shown: list[str] = []
    last = -1
    for word in wanted:
        number, _, most = word.partition(":")
        place = int(number) % len(paragraphs)
        assert place > last, f"{wanted}: paragraphs are named in their order, and there are {len(paragraphs)}"
        lines = paragraphs[place].strip("\n").split("\n")
        if place > last + 1:
            shown.append("…")
        if most and int(most) < len(lines):
            indent = " " * (len(lines[int(most)]) - len(lines[int(most)].lstrip()))
            lines = [*lines[: int(most)], f"{indent}…"]
        shown.append("\n".join(lines))
        last = place
    if last < len(paragraphs) - 1 and not wanted[-1].count(":"):
        shown.append("…")
    return "\n\n".join(shown)


def still(text: str) -> str:
    """A screen with whatever differs from run to run made equal."""
    for pattern, constant in VARIABLE:
        text = pattern.sub(constant, text)
    return text


def told_again(page: Path, folder: Path, *, times: float = 40) -> str:
    """The page with what its commands print now."""
    story = Story(folder, spoken_on(page), times=times)
    SETTINGS[page.stem](story)

    def again(found: re.Match[str]) -> str:
        here = block(found[1], found[2] or "", found[3] or "")
        if here.kind == "does":
            STEPS[here.options["step"]](story)
            return found[0]
        now = screen(story, here)
        same = re.compile(r"\d+").sub if "stop" in here.options else (lambda _, text: text)
        if same("1", still(now)) == same("1", still(here.shown)):
            return found[0]
        return f"{found[0].partition('```console')[0]}```console\n{now}```"

    try:
        return BLOCK.sub(again, page.read_text(encoding="utf-8"))
    finally:
        story.close()


def main(names: list[str]) -> None:
    """Writes the pages that are named, or all of them."""
    for page in pages_with_commands():
        if not names or page.stem in names:
            with tempfile.TemporaryDirectory() as folder:
                page.write_text(
                    told_again(page, Path(folder), times=float(os.environ.get("DOCS_TIMES", "4"))), encoding="utf-8"
                )
    for spoken, page in (("en", DOCS / "messages.md"), ("tr", DOCS / "tr" / "messages.md")):
        page.write_text(messages_page(spoken), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
