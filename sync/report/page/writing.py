"""Writes report.html.

What enters: a run's record, its summary, the paths of its other reports. What leaves: one file that holds everything.
What never happens here: a style or script that the page's own policy does not name by its hash.
"""

import base64
import datetime
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from sync import language, messages
from sync.outcome import OUTCOMES, TROUBLED, Summary
from sync.reconciliation import BookSide
from sync.record import RunRecord
from sync.report.page.markup import joined
from sync.report.page.rows import MOST_ROWS, PageRows, as_json, page_rows
from sync.report.page.story import Told, short_name, title
from sync.report.page.table import rows_table
from sync.report.page.top import SIGNS, outcome_word, upper_part
from sync.report.rows import is_plan

# What the script says, by the label's name without its `page_`.
_SAID = (
    "altered", "becomes", "contact", "empty", "in_reason", "no_rows", "of_pages", "of_rows", "printed",
)  # fmt: skip


def write_page(
    run: RunRecord,
    summary: Summary,
    path: Path,
    *,
    reports: Sequence[Path],
    book_side: BookSide | None = None,
    zone: datetime.tzinfo | None = None,
    most: int = MOST_ROWS,
) -> None:
    """Writes the page.

    Args:
        run: the run or plan.
        summary: its summary.
        path: of the page.
        reports: what else was written, for the page to point at.
        book_side: what a comparison in both directions found on the book's side.
        zone: of the moments shown; None for this machine's.
        most: so many rows are shown.
    """
    told = Told(run, summary, run.outcomes(planned=is_plan(run)), reports, book_side, zone)
    rows = page_rows(run, summary, most=most)
    style, script, template = (_part(name) for name in ("page.css", "page.js", "page.html"))
    page = Template(template).substitute(
        language=language.spoken(),
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none';"
        " form-action 'none'",
        title=joined([title(told), " – imsync"]),
        skip=joined([messages.label("page_skip")]),
        style=style,
        upper=upper_part(told, rows.reasons, complete=rows.complete),
        table=rows_table(told, rows),
        data=_data(told, rows),
        script=script,
    )
    # A path may hold bytes that are no letters.
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        file.write(page)


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data(told: Told, rows: PageRows) -> str:
    """What the script needs, the rows last, one on a line."""
    facts: dict[str, Any] = {
        "language": language.spoken(),
        # The script fills in what is in braces.
        "texts": {name: language.said(messages.LABELS[f"page_{name}"]) for name in _SAID},
        "outcomes": [
            {"name": name, "word": outcome_word(name, told.kind), "sign": SIGNS[name], "troubled": name in TROUBLED}
            for name in OUTCOMES
        ],
        "inputs": [short_name(each) for each in told.run.inputs()],
        "fields": rows.fields,
        "reasons": [[each.column, each.said, *each.firsts] for each in rows.reasons],
    }
    lines = ",\n".join(rows.encoded)
    return f'{as_json(facts)[:-1]},\n"rows":[\n{lines}\n]}}'
