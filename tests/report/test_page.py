"""report.html as a file: what it tells, how much of a large run it shows, and that its words are in the catalogue."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

import sync
from sync import messages
from sync.book import Book
from sync.change import Remark
from sync.contact import Contact
from sync.coverage import Coverage
from sync.outcome import OUTCOMES, Status, Summary
from sync.reconciliation import BookSide, Duplicates
from sync.report.page.rows import page_rows
from sync.report.page.shown import shown, shown_pair
from sync.report.page.top import SIGNS
from tests.report.pages import PageRun, page_of, people
from tests.report.records import TOO_SHORT, WORKBOOK, MemoryRun, a_row, an_input, rejected, reported

BREACH = {"guard": "max_edits", "count": 80, "base": 90, "limit": "30%"}


class Page(HTMLParser):
    """A page's text, what its style and script elements hold, and its attributes."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.held: dict[str, str] = {}
        self.commands: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self._inside = ""
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]
        self._inside = f"{tag}#{found}" if (found := dict(attrs).get("id")) else tag

    def handle_data(self, data: str) -> None:
        if self._inside in ("style", "script", "script#data"):
            self.held[self._inside] = self.held.get(self._inside, "") + data
        elif self._inside == "code" and data.startswith("imsync"):
            self.commands.append(data)
        else:
            self.texts.append(data)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - as the parser calls it
        self._inside = ""

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.held["script#data"])
        return found


def page(run: MemoryRun, folder: Path, **options: Any) -> Page:
    return Page(page_of(run, folder / "report.html", **options))


def summed(run: MemoryRun, altered: int = 0) -> Summary:
    return Summary("a", "completed", len(run.data), {}, altered=altered)


# The story


def test_a_plan_says_what_it_would_do_and_what_to_type(tmp_path: Path) -> None:
    kinds = ("added", "edited", "edited", "unchanged", "rejected")
    run = PageRun(people(5, kinds), applied_at="", path=Path("/tmp/my plans/friday.run"))

    found = page(run, tmp_path, reports=[Path("reports/a b/rejected.csv")])

    assert "Plan for kişiler.csv" in found.text
    told = "Nothing has been written yet. Carrying out this plan adds 1 contact and edits 2 contacts."
    assert (
        f"{told} The book already agrees with 1 row. 1 row cannot be carried out; the reasons are below." in found.text
    )
    assert "Carrying it out takes at least 3 requests: 0.3 s at 10 a second." in found.text
    corrected, mapping = map(messages.shell_word, (Path("reports/a b/rejected.csv"), Path("/tmp/müşteriler.yaml")))
    apply = f"imsync apply {messages.shell_word(run.path)}"
    assert found.commands == [apply, f"imsync sync {corrected} -m {mapping}"]


def test_a_plan_over_its_guards_says_which_and_how_they_are_lifted(tmp_path: Path) -> None:
    found = page(PageRun(people(3, ["edited"]), applied_at="", facts={"breaches": [BREACH]}), tmp_path, reports=[])

    assert "More than the guards allow" in found.text
    assert "80 edits of 90 rows with a contact (88.9%), and max_edits is 30%." in found.text
    assert found.commands == ["imsync apply /tmp/a.run --allow max_edits"]


def test_a_plan_without_changes_has_nothing_to_do(tmp_path: Path) -> None:
    found = page(PageRun(people(3, ["unchanged"]), applied_at=""), tmp_path, reports=[])

    assert "There is nothing to change. The book already agrees with 3 rows." in found.text
    assert "There is nothing left to do." in found.text
    assert found.commands == []


def test_a_refused_run_says_that_nothing_was_written(tmp_path: Path) -> None:
    found = page(PageRun(people(3, ["added"]), applied_at=""), tmp_path, reports=[], status="refused")

    assert (
        "Stopped before anything was written. Carrying out this plan adds 3 contacts and edits 0 contacts."
        in found.text
    )


def test_what_belongs_to_a_decision_is_told(tmp_path: Path) -> None:
    groups = {"-1": {"name": "Yeni üyeler", "parent": None}}
    run = PageRun(people(3, ["added"]), applied_at="", facts={"new_groups": groups, "partial": True})

    found = page(run, tmp_path)

    assert "Groups that are created first: Yeni üyeler." in found.text
    assert "The file is a part of the whole" in found.text


def test_a_run_says_what_it_did(tmp_path: Path) -> None:
    altered = a_row(9, altered={"name": ["Ada", "ADA"]}, remarks=[Remark("stored_altered", {"fields": "name"})])

    found = page(PageRun([*people(10), a_row(8, "unresolved"), altered]), tmp_path)

    told = (
        "This run added 3 contacts and edited 3 contacts. The book already agrees with 2 rows. 3 rows did not make it"
    )
    assert told in found.text
    assert "What became of 1 row could not be established. Stored by the API otherwise than sent: 1 row." in found.text
    assert "look for the contact in the panel" in found.text


def test_no_row_is_left_out_of_the_story(tmp_path: Path) -> None:
    kinds = ("added", "unchanged", "duplicate", "duplicate", "held", "rejected")

    found = page(PageRun(people(6, kinds)), tmp_path)

    assert "The same contact as another row, which counts: 2 rows. Left alone on purpose: 1 row." in found.text


def test_a_run_that_stopped_says_how_it_goes_on(tmp_path: Path) -> None:
    found = page(PageRun(people(4, ["added", "pending"])), tmp_path, status="interrupted", reports=[])

    assert "Still to be tried: 2 rows." in found.text
    assert found.commands == ["imsync resume 20261121T1200-abc123"]


def test_an_undo_names_the_run_that_it_undoes_and_what_it_deletes(tmp_path: Path) -> None:
    facts = {"undoes": "20261120T0900-aaaaaa", "mapping": ""}

    found = page(PageRun(people(5, ["deleted", "edited"]), applied_at="", facts=facts), tmp_path)

    assert "Undo of run 20261120T0900-aaaaaa" in found.text
    assert "Carrying out this plan deletes 3 contacts, adds 0 contacts and edits 2 contacts." in found.text
    assert found.commands == ["imsync apply /tmp/a.run"]


def test_a_comparison_leads_to_a_plan_and_to_what_the_book_has_alone(tmp_path: Path) -> None:
    book = Book.of([Contact(1, "Ada", "", "", "+905000000001", {}, ())], [], Coverage())
    side = BookSide(book, np.array([0]), [Duplicates("gsm", "+905000000001", (1, 2), 1)])
    reports = [Path("reports/remote-only.csv"), Path("reports/duplicates.csv")]

    found = page(PageRun(people(3, ["added"]), applied_at=""), tmp_path, book_side=side, reports=reports)

    assert "Comparison of kişiler.csv" in found.text
    assert "nothing was written, and no plan is saved" in found.text
    assert "In the book alone, with no row: 1 contact. They are listed in remote-only.csv." in found.text
    assert "Keys that several contacts of the book share: 1. They are listed in duplicates.csv." in found.text
    mapping = messages.shell_word(Path("/tmp/müşteriler.yaml"))
    assert found.commands == [f"imsync plan {messages.shell_word(Path('/tmp/kişiler.csv'))} -m {mapping}"]


def test_the_page_names_file_account_and_moments_by_the_clock_on_the_wall(tmp_path: Path) -> None:
    found = page(PageRun(people(3), [WORKBOOK]), tmp_path)

    assert "File kişiler.xlsx, sheet “Müşteriler”" in found.text
    assert "Account 0123456789abcdef at https://api.example.com/v1" in found.text
    assert "Book read 2026-11-21 14:59 (UTC+03:00)" in found.text
    assert "Carried out 2026-11-21 15:05 (UTC+03:00)" in found.text


def test_the_account_is_named_by_the_profile_that_opened_it(tmp_path: Path) -> None:
    found = page(PageRun(people(3), facts={"profile": "shop"}), tmp_path)

    assert "Account shop at https://api.example.com/v1 (0123456789abcdef)" in found.text


def test_several_files_are_named_and_many_are_counted(tmp_path: Path) -> None:
    inputs = [an_input(name=f"{letter}.csv") for letter in "abcde"]

    assert "Run of a.csv, b.csv, c.csv, 2 more" in page(PageRun([a_row(2)], inputs), tmp_path).text


def test_reasons_are_together_by_column_and_kind_the_commonest_first(tmp_path: Path) -> None:
    other = Remark("email_invalid", {"cell": "x", "reason": "there is no @."}, "E-posta")
    rows = [*(rejected(row) for row in range(2, 9)), rejected(9, remarks=[other]), a_row(10, "unchanged")]

    found = page(PageRun(rows), tmp_path)

    assert found.data["reasons"] == [
        ["Telefon", "“0500” is too short for a phone number. Correct the cell, or leave it empty."],
        ["E-posta", messages.text(other.code, other.values)],
    ]
    assert "Rows: 2, 3, 4, 5, 6 and 2 more" in found.text
    assert found.text.index("2, 3, 4, 5, 6 and 2 more") < found.text.index("Rows: 9")


def test_what_differs_from_row_to_row_is_no_part_of_the_reason_and_stands_beside_its_row(tmp_path: Path) -> None:
    other = Remark("phone_too_short", {"cell": "0500 12"}, "Telefon")
    found = page(PageRun([rejected(2), rejected(3, remarks=[other])]), tmp_path)

    assert "“…” is too short for a phone number." in found.text
    assert "Rows: 2 (“0500”), 3 (“0500 12”)" in found.text
    advice = "is too short for a phone number. Correct the cell, or leave it empty."
    assert found.data["reasons"] == [["Telefon", f"“…” {advice}", f"“0500” {advice}"]]
    assert [row[-1] for row in found.data["rows"]] == [[0], [[0, f"“0500 12” {advice}"]]]


# What is shown of many rows


def test_where_there_is_no_room_for_all_those_that_need_a_look_come_first() -> None:
    troubled = ["rejected", "conflict", "failed", "unresolved"]
    altered = a_row(50, "added", altered={"name": ["Ada", "ADA"]})
    run = PageRun([*people(40, ["unchanged", "added", "edited", *troubled, "duplicate"]), altered])

    found = page_rows(run, summed(run, altered=1), most=28)

    rows = [json.loads(each) for each in found.encoded]
    words = [OUTCOMES[row[3]] for row in rows]
    assert set(words[:20]) == set(troubled)
    assert rows[20][1] == 50
    assert words[21:] == ["edited"] * 5 + ["added"] * 2
    assert not found.complete


def test_reasons_are_counted_of_all_rows_those_without_room_included() -> None:
    run = PageRun([rejected(row) for row in range(2, 102)])

    found = page_rows(run, summed(run), most=10)

    assert (len(found.encoded), found.reasons[0].count) == (10, 100)


def test_rows_that_are_far_too_long_leave_room_for_fewer() -> None:
    run = PageRun([a_row(row, "edited", changes={"name": ["", "ğ" * 300]}) for row in range(2, 102)])

    found = page_rows(run, summed(run), letters=3_000)

    assert 5 < len(found.encoded) < 15
    assert not found.complete


def test_every_row_is_there_exactly_once_where_there_is_room() -> None:
    outcomes = [outcome for outcome in OUTCOMES for _ in range(3)]
    rows = [a_row(row, outcome) for row, outcome in enumerate(outcomes)]
    run = PageRun([*rows, a_row(99, "edited", altered={"name": ["Ada", "ADA"]})])

    found = page_rows(run, summed(run, altered=1))

    assert sorted(json.loads(each)[1] for each in found.encoded) == [*range(len(outcomes)), 99]
    assert found.complete


def test_a_page_without_all_rows_says_so_and_points_to_the_workbook(tmp_path: Path) -> None:
    found = page(PageRun(people(100)), tmp_path, most=40, reports=[Path("reports/report-2.xlsx")])

    assert "This page shows 40 of 100 rows" in found.text
    assert "The others are in report-2.xlsx." in found.text
    assert len(found.data["rows"]) == 40


def test_a_page_with_all_rows_does_not_speak_of_others(tmp_path: Path) -> None:
    assert "This page shows" not in page(PageRun(people(100)), tmp_path).text


def test_a_plans_rows_are_what_they_would_become(tmp_path: Path) -> None:
    run = PageRun(people(3), applied_at="")

    page(run, tmp_path)

    assert set(run.asked) == {True}


# Harmless


def test_only_the_pages_own_style_and_script_may_run(tmp_path: Path) -> None:
    found = page(PageRun(people(20)), tmp_path)

    def told(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    (policy,) = [
        value for tag, name, value in found.attributes if tag == "meta" and name == "content" and "src" in str(value)
    ]
    assert policy == (
        f"default-src 'none'; style-src {told(found.held['style'])}; script-src {told(found.held['script'])};"
        " base-uri 'none'; form-action 'none'"
    )


def test_the_page_has_no_address_and_no_script_in_an_attribute(tmp_path: Path) -> None:
    found = page(PageRun(people(20)), tmp_path)

    assert [value for _, name, value in found.attributes if name in ("src", "href", "action", "style")] == ["#rows"]
    assert [name for _, name, _ in found.attributes if name.startswith("on")] == []


def test_nothing_in_the_data_closes_its_element(tmp_path: Path) -> None:
    found = page(PageRun([a_row(2, key="</script><!--<script>", changes={"</SCRIPT>": ["<", ">"]})]), tmp_path)

    assert "<" not in found.held["script#data"]
    assert found.data["rows"][0][2] == "</script><!--<script>"


def test_a_path_that_is_no_text_does_not_break_the_page(tmp_path: Path) -> None:
    run = PageRun(people(3, ["added"]), applied_at="", path=Path("/tmp/a\udcff\x1b[31m.run"))

    found = page(run, tmp_path, reports=[])

    assert found.commands == ["imsync apply '/tmp/a⟨U+DCFF⟩⟨U+001B⟩[31m.run'"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Ada Ğüş 👨\u200d👩\u200d👧 👍🏽 ❤️", "Ada Ğüş 👨\u200d👩\u200d👧 👍🏽 ❤️"),
        ("a\u200db", "a⟨U+200D⟩b"),
        ("a\u00a0b", "a⟨U+00A0⟩b"),
        ("\x00\x07\x7f\x9b", "⟨U+0000⟩⟨U+0007⟩⟨U+007F⟩⟨U+009B⟩"),
        ("\u202a\u2066\u200f\ufeff", "⟨U+202A⟩⟨U+2066⟩⟨U+200F⟩⟨U+FEFF⟩"),
        ("\u2028\r\n\t", "⟨U+2028⟩⟨U+000D⟩⏎⇥"),
        ("  Ada ", "␣␣Ada␣"),
        ("", ""),
        ("x" * 401, "x" * 400 + "… (1 more letters)"),
    ],
)
def test_marks_stand_for_what_cannot_be_seen(text: str, told: str) -> None:
    assert shown(text) == told


def test_two_long_texts_are_cut_alike_so_that_their_difference_is_there() -> None:
    before, after = shown_pair("a" * 1000 + "b" + "c" * 1000, "a" * 1000 + "d")

    assert (before[:42], after) == ("…" + "a" * 40 + "b", "…" + "a" * 40 + "d")


# Words


SOURCES = {
    path.name: path.read_text(encoding="utf-8")
    for path in (Path(sync.__file__).parent / "report" / "page").iterdir()
    if path.is_file()
}


def test_every_label_is_used() -> None:
    source = "\n".join(SOURCES.values())
    made = {f"page_{when}_{outcome}" for when in ("would", "done") for outcome in (*OUTCOMES, "deleted")}
    made |= {f"page_status_{status}" for status in get_args(Status)}
    made |= {f"page_title_{kind}" for kind in ("plan", "compared", "run", "undo")}
    made |= {
        f"page_{name}" for name in re.findall(r'"(\w+)"', SOURCES["writing.py"].split("_SAID = (")[1].split(")")[0])
    }

    assert [
        code
        for code in messages.LABELS
        if code.startswith("page_") and code not in made and not re.search(rf"""['"]{code}['"]""", source)
    ] == []
    assert made - set(messages.LABELS) == set()


def test_every_label_that_is_used_is_there() -> None:
    used = {code for text in SOURCES.values() for code in re.findall(r'label\(\s*"(page_\w+)"', text)}
    used |= {
        f"page_{name}" for name in re.findall(r'texts\.(\w+)|say\("(\w+)"', SOURCES["page.js"]) for name in name if name
    }

    assert len(used) > 30
    assert used - set(messages.LABELS) == set()


def test_the_script_and_the_template_say_nothing_themselves() -> None:
    code = re.sub(r"^\s*//.*$| // .*$", "", SOURCES["page.js"], flags=re.MULTILINE)
    quoted = ["".join(pair) for pair in re.findall(r'"([^"\n]*)"|`([^`]*)`', code)]
    words = [text for text in quoted if re.search(r"[a-z]{2,} [a-z]{2,}", re.sub(r"\$\{.*?\}", "", text))]

    assert set(words) == {"use strict", "said whole"}  # the second names two styles
    assert re.findall(r">\s*([A-Za-z][^<$]*)<", SOURCES["page.html"]) == []


def test_every_outcome_has_a_sign_of_its_own() -> None:
    assert set(OUTCOMES) <= set(SIGNS)
    assert len(set(SIGNS.values())) == len(SIGNS)


# Among the reports


def test_the_page_is_written_with_the_other_reports_and_names_the_rows_to_correct(tmp_path: Path) -> None:
    paths = reported(MemoryRun([a_row(2), rejected(3, "Ada", "0500", remarks=[TOO_SHORT])]), tmp_path)

    assert paths[0] == tmp_path / "report.html"
    found = Page(paths[0])
    assert found.commands[0].startswith(f"imsync sync {messages.shell_word(tmp_path / 'rejected.csv')} -m ")


def test_an_input_of_the_same_name_is_not_replaced(tmp_path: Path) -> None:
    mine = tmp_path / "report.html"
    mine.write_text("a table of mine", encoding="utf-8")

    paths = reported(MemoryRun([a_row(2)], [an_input(path=str(mine))]), tmp_path)

    assert mine.read_text(encoding="utf-8") == "a table of mine"
    assert tmp_path / "report-2.html" in paths
