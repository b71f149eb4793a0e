"""report.html as a browser has it: it asks nobody, runs nothing of a cell, and everybody can use it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from sync.change import Remark
from sync.record import ReportRow
from tests.report.browser import Opened, chromium, opened
from tests.report.pages import PageRun, a_tempo, page_of, people
from tests.report.records import WORKBOOK, a_row, an_input

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<!--<script>",
    "<img src=http://example.com/a.png onerror=alert(3)>",
    "\"'><svg onload=alert(4)>",
    "javascript:alert(5)",
    "{count} ${count} {{constructor.constructor('alert(6)')()}}",
]
UNSEEN = [
    ("abc\u202edcba", "abc⟨U+202E⟩dcba"),
    ("\x1b[31mred", "⟨U+001B⟩[31mred"),
    ("a\x00b", "a⟨U+0000⟩b"),
    ("a\ud800b", "a⟨U+D800⟩b"),
    ("a\u200bb", "a⟨U+200B⟩b"),
    ("a\nb\tc", "a⏎b⇥c"),
    (" Ada  ", "␣Ada␣␣"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def everything(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """A run with every outcome, open; a test that leaves it otherwise than it was opens it anew."""
    path = page_of(
        PageRun(people(240), spread=a_tempo(*((20, n % 7, n % 3) for n in range(30)))),
        tmp_path_factory.mktemp("page") / "report.html",
    )
    found = opened(browser, path)
    yield found
    found.page.close()


@pytest.fixture
def run(everything: Opened) -> Opened:
    everything.page.reload()
    return everything


def of_rows(browser: Browser, folder: Path, *rows: ReportRow, **options: Any) -> Opened:
    """A page of these rows, open."""
    return opened(browser, page_of(PageRun(rows, **options), folder / "report.html"))


# Alone


def test_the_page_asks_for_nothing_and_has_nothing_to_complain_of(run: Opened) -> None:
    run.page.get_by_label("Search").fill("yılmaz")
    run.page.get_by_role("button", name="Key").click()

    assert run.lines() != []
    assert (run.asked, run.complained) == ([], [])


def test_the_page_may_not_ask_for_anything(run: Opened) -> None:
    said = run.page.evaluate("() => fetch('http://example.com/').then(() => 'answered', () => 'refused')")

    assert said == "refused"
    assert run.asked == []  # the page's own policy refused it, before the network could
    assert any("Content Security Policy" in each for each in run.complained)
    run.complained.clear()


@pytest.mark.parametrize("added", ["<img src='http://example.com/a.png'>", "<p style='color:red'>a</p>"])
def test_what_would_be_put_into_the_page_later_is_held_back_by_its_policy(run: Opened, added: str) -> None:
    run.page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", added)
    run.page.wait_for_timeout(50)

    assert run.asked == []
    assert any("Content Security Policy" in each for each in run.complained)
    run.complained.clear()


def test_markup_in_cells_names_and_answers_is_text(browser: Browser, tmp_path: Path) -> None:
    rows = [
        a_row(
            number,
            "edited",
            key=text,
            changes={"name": [text, f"{text}."], text: ["", text], "groups": [[7], [7, 8]]},
            altered={"email": [text, f"{text}!"]},
            remarks=[Remark("api_number_invalid", {"message": text}, text)],
            cells=[f"cell {text}"],
        )
        for number, text in enumerate(HOSTILE, start=2)
    ]
    inputs = [an_input(name=HOSTILE[0], sheet=HOSTILE[1], path=HOSTILE[1])]

    found = of_rows(browser, tmp_path, *rows, found=inputs, facts={"groups": {"7": HOSTILE[0], "8": HOSTILE[1]}})

    assert (found.asked, found.complained) == ([], [])
    assert found.page.locator("script").count() == 2
    assert found.page.locator("img, body *[onload], body *[onerror]").count() == 0
    lines = found.lines()
    assert [text for text, line in zip(HOSTILE, lines, strict=True) if line.count(text) < 6] == []
    assert HOSTILE[0] in found.page.locator("h1").inner_text()


def test_what_cannot_be_seen_is_made_to_be_seen(browser: Browser, tmp_path: Path) -> None:
    rows = [
        a_row(2, "failed", key=text, changes={"name": ["", text]}, cells=[f"|{text}|"],
              remarks=[Remark("api_number_invalid", {"message": text}, text)])
        for text, _ in UNSEEN
    ]  # fmt: skip

    found = of_rows(browser, tmp_path, *rows)

    told = [each for _, each in UNSEEN]
    assert found.page.locator("#body .key").all_inner_texts() == told
    assert found.page.locator("#body dd").all_inner_texts() == told
    assert found.complained == []


def test_a_very_long_text_is_cut_around_what_differs(browser: Browser, tmp_path: Path) -> None:
    row = a_row(
        2,
        "edited",
        contact_id=7,
        changes={"name": ["x" * 5000 + "ESKİ" + "y" * 9000, "x" * 5000 + "YENİ" + "y" * 9000]},
    )

    found = of_rows(browser, tmp_path, row)

    assert found.page.locator("#body del").inner_text() == "ESK"
    assert found.page.locator("#body ins").inner_text() == "YEN"
    assert "more letters" in found.lines()[0]
    assert len(found.lines()[0]) < 1200


# The table


def test_a_difference_is_marked_where_it_is_and_groups_have_their_names(browser: Browser, tmp_path: Path) -> None:
    changes = {"name": ["Ayşe Yılmaz", "Ayşe Yıldız"], "surname": ["Arı", ""], "groups": [[7, 9], [7, 8]]}

    page = of_rows(browser, tmp_path, a_row(2, "edited", changes=changes, contact_id=7)).page

    assert page.locator("#body del").all_inner_texts() == ["ma", "Arı", "Bayiler"]
    assert page.locator("#body ins").all_inner_texts() == ["dı", "Müşteriler / İstanbul"]
    assert page.locator("#body dt").all_inner_texts() == ["Ad", "Soyad", "groups"]
    told = "Müşteriler, Bayiler→ becomes Müşteriler, Müşteriler / İstanbul"
    assert page.locator("#body dd").nth(2).text_content() == told
    assert "(empty)" in page.locator("#body dd").nth(1).inner_text()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [("", "Ada", "(empty)→ becomes [Ada]"), ("Ada", "", "(Ada)→ becomes (empty)"),
     ("Gök", "Şimşek", "(Gök)→ becomes [Şimşek]"), ("15/02/1995", "15/01/1995", "15/0(2)/1995→ becomes 15/0[1]/1995"),
     ("👍🏽", "👍🏿", "👍(🏽)→ becomes 👍[🏿]")],
)  # fmt: skip
def test_texts_with_little_in_common_are_marked_as_a_whole(
    browser: Browser, tmp_path: Path, before: str, after: str, told: str
) -> None:
    page = of_rows(browser, tmp_path, a_row(2, "edited", changes={"name": [before, after]}, contact_id=7)).page

    marked = page.locator("#body dd").inner_html()
    marked = re.sub("</?del>", lambda tag: ")" if "/" in tag[0] else "(", marked)
    marked = re.sub("</?ins>", lambda tag: "]" if "/" in tag[0] else "[", marked)
    assert re.sub("<.*?>", "", marked) == told


def test_a_group_where_there_was_none_is_marked_as_new(browser: Browser, tmp_path: Path) -> None:
    page = of_rows(browser, tmp_path, a_row(2, "edited", changes={"groups": [[], [7]]}, contact_id=7)).page

    assert page.locator("#body dd").text_content() == "(empty)→ becomes Müşteriler"
    assert page.locator("#body ins").all_inner_texts() == ["Müşteriler"]


def test_an_added_contact_shows_what_it_will_hold(browser: Browser, tmp_path: Path) -> None:
    page = of_rows(browser, tmp_path, a_row(2, changes={"name": ["", "Ada"], "groups": [[], [7]]})).page

    assert page.locator("#body dd").all_inner_texts() == ["Ada", "Müşteriler"]


def test_what_the_api_stored_otherwise_is_told_apart_from_the_change(browser: Browser, tmp_path: Path) -> None:
    row = a_row(2, changes={"name": ["", "Ada"]}, altered={"name": ["Ada", "ADA"]})
    page = of_rows(browser, tmp_path, row, a_row(3)).page

    page.get_by_role("checkbox", name="stored otherwise 1").check()

    assert page.locator("#body tr").count() == 1
    assert page.locator("#body dd").last.text_content() == "Ada→ becomes ADA"


def test_search_knows_turkish_letters_and_numbers_however_they_are_typed(browser: Browser, tmp_path: Path) -> None:
    cells = {"a": "İstanbul", "b": "Şişli", "c": "Iğdır", "d": "+905001234567", "e": "INFO@example.com"}
    rows = [a_row(2, key=key, changes={"name": ["", "Cem"], "custom:2": ["", cell]}) for key, cell in cells.items()]
    typed = {
        "a": ("ISTANBUL", "istanbul", "İSTANBUL", "Cem istan"), "b": ("sisli", "ŞİŞLİ"), "c": ("ığdır", "IGDIR"),
        "d": ("0500 123 45 67", "+90 (500) 123"), "e": ("info@example.com",),
    }  # fmt: skip
    page = of_rows(browser, tmp_path, *rows).page

    found = {}
    for text in (each for texts in typed.values() for each in texts):
        page.get_by_label("Search").fill(text)
        found[text] = page.locator("#body .key").all_inner_texts()

    assert found == {text: [key] for key, texts in typed.items() for text in texts}


def test_a_search_without_result_says_so(run: Opened) -> None:
    run.page.get_by_label("Search").fill("nobody at all")

    assert run.lines() == []
    assert run.page.get_by_role("status").inner_text() == "0 of 240 rows. No row is like this."


def test_outcomes_are_filtered_by_boxes(run: Opened) -> None:
    run.page.get_by_role("checkbox", name="rejected 24").check()
    run.page.get_by_role("checkbox", name="failed 24").check()

    assert run.page.get_by_role("status").inner_text() == "48 of 240 rows"
    assert all("rejected" in line or "failed" in line for line in run.lines())

    run.page.get_by_role("checkbox", name="rejected 24").uncheck()
    run.page.get_by_role("checkbox", name="failed 24").uncheck()
    assert run.page.get_by_role("status").inner_text() == "240 of 240 rows"


def test_a_reason_shows_its_rows_and_gives_all_back(run: Opened) -> None:
    run.page.get_by_role("row", name="there is no @").get_by_role("button").first.click()

    assert len(run.lines()) == 12
    assert all("there is no @" in line for line in run.lines())
    assert run.page.evaluate("document.activeElement.id") == "rows"

    run.page.get_by_role("button", name="All reasons again").click()
    assert run.page.get_by_role("status").inner_text() == "240 of 240 rows"


def test_rows_that_need_a_look_come_first(run: Opened) -> None:
    run.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    words = run.page.locator("#body tr td:nth-child(3)").all_inner_texts()

    assert all(word.endswith(("rejected", "in conflict", "failed")) for word in words[:72])
    assert words[72].endswith("edited")


def test_sorting_is_turkish_and_told_to_screen_readers(browser: Browser, tmp_path: Path) -> None:
    keys = ["zeytin", "çilek", "ıspanak", "incir", "ceviz", "üzüm", "hurma", "şeftali", "sarma", "uç"]
    page = of_rows(browser, tmp_path, *(a_row(at, key=key) for at, key in enumerate(keys, start=2))).page
    head, shown = page.get_by_role("columnheader", name="Key"), page.locator("#body .key")

    head.get_by_role("button").click()
    in_order = ["ceviz", "çilek", "hurma", "ıspanak", "incir", "sarma", "şeftali", "uç", "üzüm", "zeytin"]
    assert (head.get_attribute("aria-sort"), shown.all_inner_texts()) == ("ascending", in_order)

    head.get_by_role("button").click()
    assert (head.get_attribute("aria-sort"), shown.all_inner_texts()) == ("descending", in_order[::-1])

    head.get_by_role("button").click()
    assert (head.get_attribute("aria-sort"), shown.all_inner_texts()) == (None, keys)


def test_rows_sort_by_their_place_in_their_file(browser: Browser, tmp_path: Path) -> None:
    rows = [a_row(10), a_row(9), a_row(2, input=1), a_row(100)]
    page = of_rows(browser, tmp_path, *rows, found=[an_input(), WORKBOOK]).page

    page.get_by_role("columnheader", name="Row").get_by_role("button").click()

    places = page.locator("#body td:first-child").all_inner_texts()
    assert places == ["kişiler.csv:9", "kişiler.csv:10", "kişiler.csv:100", "Müşteriler:2"]


def test_the_keyboard_is_enough(run: Opened) -> None:
    run.page.keyboard.press("Tab")
    assert run.page.evaluate("document.activeElement.className") == "skip"
    run.page.keyboard.press("Enter")
    run.page.keyboard.press("Tab")
    run.page.keyboard.type("kisi23@example.com")
    assert len(run.lines()) == 1
    for _ in range(2):
        run.page.keyboard.press("Tab")
    run.page.keyboard.press("Space")

    assert run.page.get_by_role("checkbox", name="edited 72").is_checked()


def test_pages_of_the_table_are_turned(run: Opened) -> None:
    numbers = run.page.get_by_role("navigation", name="Pages of the table")
    assert (numbers.get_by_role("button", name="Previous").is_disabled(), len(run.lines())) == (True, 50)

    for _ in range(4):
        numbers.get_by_role("button", name="Next").click()

    assert len(run.lines()) == 40
    assert "201–240" in numbers.inner_text()
    assert numbers.get_by_role("button", name="Next").is_disabled()


def test_controls_that_have_nothing_to_do_are_not_shown(browser: Browser, tmp_path: Path) -> None:
    found = of_rows(browser, tmp_path, *people(3, ("rejected",)))
    found.lines()

    assert found.page.get_by_role("button", name="Next").count() == 0
    assert found.page.get_by_role("checkbox").count() == 0
    assert found.page.get_by_role("searchbox").count() == 1


def test_of_no_rows_none_is_said_to_be_missing(browser: Browser, tmp_path: Path) -> None:
    found = of_rows(browser, tmp_path)

    assert found.page.locator("#count").inner_text() == "0 of 0 rows"


def printed_pages(found: Opened) -> int:
    """How many pages of A4 it takes."""
    return len(re.findall(rb"/Type /Page\b", found.page.pdf(format="A4")))


def test_a_run_of_hundreds_of_rows_is_printed_on_few_pages(browser: Browser, tmp_path: Path) -> None:
    found = of_rows(browser, tmp_path, *people(420), spread=a_tempo(*((20, n % 7, n % 3) for n in range(30))))
    found.lines()

    assert 8 <= printed_pages(found) <= 12


def test_on_paper_a_row_is_a_line_under_heads_without_controls(run: Opened) -> None:
    run.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    run.page.emulate_media(media="print")
    try:
        shown = run.page.evaluate(
            """() => {
            const changed = document.querySelector("table.rows dl div");
            const heads = [...document.querySelectorAll("table.rows th")];
            return {
                field: getComputedStyle(changed).display,
                heads: heads.map((head) => getComputedStyle(head, "::before").content),
                controls: [...document.querySelectorAll("button, input")].filter((each) => each.offsetParent).length,
            };}"""
        )
    finally:
        run.page.emulate_media(media="screen")

    heads = ['"Row"', '"Key"', '"Outcome"', '"Changes and reasons"']
    assert shown == {"field": "inline", "heads": heads, "controls": 0}


def test_on_paper_a_new_contacts_key_is_not_said_twice(browser: Browser, tmp_path: Path) -> None:
    found = of_rows(browser, tmp_path, *people(2, ("added",)))
    found.lines()
    found.page.emulate_media(media="print")

    lines = found.page.locator("#body tr").all_inner_texts()

    assert [line.count("+90500000000") for line in lines] == [1, 1]


def test_all_rows_are_printed(run: Opened) -> None:
    run.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(run.lines()) == 240

    run.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert len(run.lines()) == 50


def test_without_a_script_the_story_is_told_and_the_workbook_is_named(browser: Browser, tmp_path: Path) -> None:
    path = page_of(PageRun(people(10)), tmp_path / "report.html")

    page = opened(browser, path, java_script_enabled=False).page

    assert "This run added 2 contacts" in page.inner_text("main")
    assert "The rows are in report.xlsx too." in page.inner_text("noscript")


# For everybody


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 380)])
@pytest.mark.parametrize("kind", ["plan", "run"])
def test_the_accessibility_checker_finds_nothing(
    browser: Browser, tmp_path: Path, kind: str, scheme: str, width: int
) -> None:
    rows = [*people(10), a_row(99, altered={"name": ["Ada", "ADA"]}), a_row(100, "unresolved")]
    breach = {"guard": "max_edits", "count": 80, "base": 90, "limit": "30%"}
    plan = {"applied_at": "", "facts": {"breaches": [breach], "partial": True}} if kind == "plan" else {}
    spread = a_tempo((20, 0, 0), (13, 9, 2))
    path = page_of(PageRun(rows, [an_input(), WORKBOOK], spread=spread, **plan), tmp_path / "report.html")

    found = opened(browser, path, color_scheme=scheme, viewport={"width": width, "height": 900})
    found.page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    results = Axe().run(found.page)

    assert [(each["id"], each["nodes"][0]["html"]) for each in results.response["violations"]] == []
    assert {"color-contrast", "label", "button-name", "html-has-lang"} <= {e["id"] for e in results.response["passes"]}
    assert found.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_ten_thousand_rows_are_there(browser: Browser, tmp_path: Path) -> None:
    path = page_of(PageRun(people(10_000)), tmp_path / "report.html")
    assert path.stat().st_size < 3_000_000

    found = opened(browser, path)
    search, count = found.page.get_by_label("Search"), found.page.get_by_role("status")
    search.fill("kisi1")
    search.fill("kisi9999@")  # the search for the text before it ends here

    assert len(found.lines()) == 1
    assert count.inner_text() == "1 of 10,000 rows"
    found.page.get_by_role("button", name="Key").click()
    search.fill("kisi")
    assert len(found.lines()) == 50
    assert count.inner_text() == "8,000 of 10,000 rows"  # unchanged rows show no e-mail
    search.fill("nobody")
    assert found.lines() == []
    assert count.inner_text() == "0 of 10,000 rows. No row is like this."
    assert found.complained == []
