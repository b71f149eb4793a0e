"""Reads the blacklist whole: the numbers that the account must not message.

What enters: the client. What leaves: canonical numbers.
What never happens here: taking a list for complete without a word where the server counts more.
"""

import logging

import pandas as pd

from sync import canonical, messages
from sync.errors import Gone
from sync.progress import Progress
from sync.remote.client import Client
from sync.remote.methods import MOST_ROWS

_log = logging.getLogger(__name__)


async def read_blacklist(client: Client, progress: Progress) -> frozenset[str]:
    """Every number on the list, in the form to compare by."""
    found: set[str] = set()
    entries, count, page = 0, None, 1
    with progress.stage("Reading blacklist", None, "request") as bar:
        while True:
            try:
                answer = await client.blacklist(page=page)
            except Gone:  # a page past the end, as listings of contacts answer it
                break
            bar.advance()
            new = set(answer.numbers) - found
            found |= new
            entries += len(answer.numbers)
            count = answer.count if answer.count is not None else count
            # The server's count ends the reading only with a page that is not full: it may count that page alone.
            ended = len(answer.numbers) < MOST_ROWS and (count is None or entries >= count)
            if ended or not new:
                break
            page += 1
    if count is not None and entries < count:
        _log.warning(messages.text("blacklist_incomplete", {"count": count, "read": entries}))
    texts = pd.Series(sorted(found), dtype="str")
    return frozenset(canonical.gsm_column(texts).dropna())
