"""Notes the rows whose number the account must not message.

What enters: a Plan, the Sheet and the Book that it was made from, numbers. What leaves: the Plan with notes.
What never happens here: changing what is written.
"""

from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from sync import canonical
from sync.book import Book
from sync.change import Plan, Remark
from sync.sheet import Sheet
from sync.tables import labels, text_at


def with_blacklist(plan: Plan, sheet: Sheet, book: Book, numbers: Collection[str]) -> Plan:
    """The plan with a note at each row whose number, or whose contact's where it has none, is one of these."""
    table = sheet.table
    own = canonical.gsm_column(table["gsm"]) if "gsm" in table else pd.Series(pd.NA, index=table.index, dtype="str")
    contact_ids = plan.rows["contact_id"]
    lacking = own.isna() & contact_ids.notna()
    if lacking.any():
        stored = pd.Series(book.table["gsm"].to_numpy(), index=book.table["id"].to_numpy(), dtype="str")
        own = own.where(~lacking, canonical.gsm_column(contact_ids[lacking].map(stored).astype("str")))
    notes = {row: list(remarks) for row, remarks in plan.notes.items()}
    for row in labels(own.index[own.isin(list(numbers))]):
        notes.setdefault(row, []).append(Remark("number_blacklisted", {"number": text_at(own, row)}))
    return replace(plan, notes=notes)
