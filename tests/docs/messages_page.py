"""docs/messages.md and its Turkish: every code that a person can meet, what it says, why, and what to do.

What enters: the catalogue of messages, in the order and under the heads of `sync/messages.py`, and its translation.
What leaves: the two pages. What never happens here: a text of a message that is not the catalogue's.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync import language, messages
from sync.messages import CATALOGUE, Message

CODE = re.compile(r"^    (?:# (.+)|\"(\w+)\": Message\()", re.MULTILINE)
_TEXTS: Any = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
VALUE = re.compile(r"\{\w+(?:![a-z])?(?::[^}]*)?\}")


@dataclass(frozen=True)
class Section:
    """Some messages, under one head of the page.

    Attributes:
        titles: in English and Turkish.
        whys: when a person meets them, in English and Turkish.
    """

    titles: tuple[str, ...]
    whys: tuple[str, ...]


# By the heads of the catalogue, in the order of the page: first what stands beside rows, then what ends a command.
SECTIONS: Mapping[str, Section] = {
    head: Section(tuple(texts["titles"]), tuple(texts["whys"])) for head, texts in _TEXTS["sections"].items()
}
# Why, where the message does not say it.
WHYS: Mapping[str, tuple[str, ...]] = {code: tuple(texts) for code, texts in _TEXTS["whys"].items()}
# Sentences of one command's story or of the reports, which tell and never refuse.
TOLD = ("One row's story", "The page (report.html)", "The workbooks (report.xlsx, rejected.xlsx)")

_COLUMNS = {
    "en": "| code | says | what to do |\n|---|---|---|\n",
    "tr": "| kod | ne diyor | ne yapmalı |\n|---|---|---|\n",
}


def codes() -> dict[str, list[str]]:
    """The codes of the catalogue under the heads that its source has."""
    source = Path(messages.__file__).read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    head = ""
    for comment, code in CODE.findall(source):
        if comment:
            head = comment
        elif code in CATALOGUE:
            found.setdefault(head, []).append(code)
    return found


def messages_page(spoken: str) -> str:
    """The page in a language."""
    before = language.spoken()
    language.speak(spoken)
    try:
        return _TEXTS["head"][spoken] + "\n".join(_sections(spoken, codes()))
    finally:
        language.speak(before)


def _sections(spoken: str, by_head: Mapping[str, list[str]]) -> Iterator[str]:
    place = ("en", "tr").index(spoken)
    for head, section in SECTIONS.items():
        rows = "".join(_row(code, CATALOGUE[code], place) for code in by_head[head])
        yield f"## {section.titles[place]}\n\n{section.whys[place]}\n\n{_COLUMNS[spoken]}{rows}"
        if head == "Cells":
            faults = "".join(f"- {_plain(language.said(fault))}\n" for fault in messages.FAULTS.values())
            yield f"{_TEXTS['faults'][spoken]}\n\n{faults}"


def _row(code: str, message: Message, place: int) -> str:
    what = language.counted(message.what, message.many, 2) if message.many else language.said(message.what)
    told = " ".join(_plain(part) for part in (what, *map(language.said, message.hints.values())) if part)
    if code in WHYS:
        told = f"{told} *{WHYS[code][place]}*"
    return f"| `{code}` | {told} | {_plain(language.said(message.next))} |\n"


def _plain(template: str) -> str:
    """A template as a person would read it, with `…` for what is filled in."""
    text = template.replace("{percent}", "")
    text = VALUE.sub("…", text)
    return re.sub(r"[|<*]", r"\\\g<0>", text)
