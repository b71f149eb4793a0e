"""The pages by task show what happens, say what there is, and lead somewhere.

`make docs` writes what commands print, and the pages of messages, again.
"""

import re
from pathlib import Path

import pytest

from sync.apply.forecast import forecast
from sync.apply.sending import ApplySettings
from sync.cli.commands.sync import sync
from sync.cli.jobs_file import read_jobs
from sync.messages import CATALOGUE
from tests.docs.messages_page import SECTIONS, TOLD, WHYS, codes, messages_page
from tests.docs.pages import DOCS, pages_with_commands, told_again
from tests.docs.steps import SETTINGS
from tests.docs.test_readme import LINK
from tests.fakes import START

PAGES = sorted(DOCS.rglob("*.md"))
HEAD = re.compile(r"^#+ (.+)$", re.MULTILINE)
ANCHORED = re.compile(r"\]\(([^)#:]*)#([^)]+)\)")
TIMES = re.compile(r"^ *\| ([\d.,]+) \| ((?:\d+ \w+ ?)+) \| ((?:\d+ \w+ ?)+) \|$", re.MULTILINE)


def named(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


def anchors(page: Path) -> set[str]:
    """The anchors of a page's heads, as GitHub makes them."""
    heads = HEAD.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", pages_with_commands(), ids=named)
def test_a_page_shows_what_its_commands_print(page: Path, tmp_path: Path) -> None:
    assert page.read_text(encoding="utf-8") == told_again(page, tmp_path), "run `make docs`"


def test_every_task_with_a_story_has_a_page_in_both_languages() -> None:
    shown = {named(page) for page in pages_with_commands()}

    assert shown == {f"{folder}{task}.md" for task in SETTINGS for folder in ("", "tr/")}


@pytest.mark.parametrize(("spoken", "page"), [("en", "messages.md"), ("tr", "tr/messages.md")])
def test_the_page_of_messages_is_that_of_the_catalogue(spoken: str, page: str) -> None:
    assert (DOCS / page).read_text(encoding="utf-8") == messages_page(spoken), "run python -m tests.docs.pages messages"


def test_every_message_is_on_the_page_or_part_of_a_story_or_report() -> None:
    found = codes()

    assert set(found) == {*SECTIONS, *TOLD}
    assert sorted(code for each in found.values() for code in each) == sorted(CATALOGUE)
    assert set(WHYS) <= {code for head in SECTIONS for code in found[head]}


def test_the_times_of_a_migration_are_those_that_a_plan_tells() -> None:
    for page in (DOCS / "migrate.md", DOCS / "tr" / "migrate.md"):
        rows = TIMES.findall(page.read_text(encoding="utf-8"))
        assert len(rows) == 3
        for changes, *times in rows:
            for rate, told in zip((10, 50), times, strict=True):
                count = int(re.sub(r"\D", "", changes))
                settings = ApplySettings(workers=8, settle_after=60, read_at=START)
                expected = forecast(adds=count, edits=0, now=START, settings=settings, rate=rate)
                hours, minutes = divmod(round(expected.seconds / 60), 60)
                assert [*([str(hours)] if hours else []), str(minutes)] == re.findall(r"\d+", told), (changes, rate)


@pytest.mark.parametrize("page", ["nightly.md", "tr/nightly.md"])
def test_the_jobs_that_a_page_shows_are_valid(page: str, tmp_path: Path) -> None:
    shown = re.findall(r"```toml\n((?s:.*?))```", (DOCS / page).read_text(encoding="utf-8"))
    path = tmp_path / "imsync.toml"
    path.write_text("".join(shown), encoding="utf-8")

    assert {"customers", "dealers"} == set(read_jobs(path, sync).jobs)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert [] == [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    for file, anchor in ANCHORED.findall(text):
        target = page.parent / file if file else page
        assert anchor in anchors(target), f"{file}#{anchor}"


@pytest.mark.parametrize("folder", [DOCS, DOCS / "tr"], ids=["en", "tr"])
def test_the_index_has_every_page(folder: Path) -> None:
    linked = set(LINK.findall((folder / "README.md").read_text(encoding="utf-8")))

    assert {page.name for page in folder.glob("*.md")} - {"README.md"} <= linked
