"""The frame of the table of rows, which the page's script fills.

What enters: what is told, the rows. What leaves: HTML with every label in it.
What never happens here: a row (page.js makes them).
"""

from sync import messages
from sync.report.page.markup import Html, element
from sync.report.page.rows import PageRows
from sync.report.page.story import Told, figure

_COLUMNS = (("place", "page_row"), ("key", "page_key"), ("outcome", "page_outcome"), ("details", "page_details"))


def rows_table(told: Told, rows: PageRows) -> Html:
    """The table with all that belongs to it; where not every row is in it, it points to the workbook."""
    books = (each.name for each in told.reports if each.suffix == ".xlsx" and each.stem.startswith("report"))
    workbook = next(books, "report.xlsx")
    unscripted = element("p", messages.text("page_noscript", {"file": workbook}), class_="note")
    return element(
        "section",
        element("h2", messages.label("page_table"), id="rows-heading"),
        None if rows.complete else _limited(told, rows, workbook),
        element("noscript", unscripted),
        _tools(),
        element("p", id="count", role="status"),
        _frame(),
        _pages(),
        id="rows",
        tabindex=-1,
        aria_labelledby="rows-heading",
    )


def _limited(told: Told, rows: PageRows, workbook: str) -> Html:
    values = {
        "shown": figure(len(rows.encoded)),
        "rows": messages.counted(told.summary.rows, "row"),
        "file": workbook,
    }
    return element("p", messages.text("page_limited", values), class_="note")


def _tools() -> Html:
    label = element("label", messages.label("page_search"), for_="search")
    field = element("input", type="search", id="search", autocomplete="off", spellcheck="false")
    legend = element("legend", messages.label("page_filter"))
    every = element("button", messages.label("page_all_reasons"), type="button", id="any")
    return element(
        "div",
        element("div", label, field, class_="search"),
        element("fieldset", legend, id="filter"),
        element("p", element("span", id="why"), every, id="chosen", hidden=True),
        class_="tools",
        role="search",
    )


def _frame() -> Html:
    """The roles are the elements' own; they are said because on a narrow screen the style makes blocks of the rows."""
    heads = []
    for name, code in _COLUMNS:
        title = messages.label(code)
        button = element("button", title, type="button")
        heads.append(element("th", button, scope="col", data_sort=name, data_title=title, role="columnheader"))
    return element(
        "table",
        element("caption", messages.label("page_table"), class_="unseen"),
        element("thead", element("tr", *heads, role="row"), role="rowgroup"),
        element("tbody", id="body", role="rowgroup"),
        role="table",
        class_="rows",
    )


def _pages() -> Html:
    return element(
        "nav",
        element("button", messages.label("page_back"), type="button", id="back"),
        element("span", id="page"),
        element("button", messages.label("page_on"), type="button", id="on"),
        aria_label=messages.label("page_pages"),
        class_="pages",
    )
