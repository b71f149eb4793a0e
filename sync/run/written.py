"""The contacts that a run has written, as they are now.

What enters: the client, changes that a run has carried out. What leaves: their contacts, as searches show them and,
where that is not enough, as they are by themselves.
What never happens here: a write; a judgement about what was found.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from sync import diff, lookup
from sync.book import Book
from sync.change import Carried
from sync.contact import Contact
from sync.errors import Gone
from sync.remote import Client, read_book
from sync.remote.paging import together
from sync.run.context import Context

_CONTROLS = 3


def keys_to_read(carried: Iterable[Carried], *, every_key: bool) -> pd.DataFrame:
    """What the contacts of these changes are looked for by, as reading the book takes it.

    Those that are there are known by their ids, and one key is enough to find them with others. A deleted one is looked
    for by its keys: that nobody has them takes fewer requests to see than to ask for each id.

    Args:
        carried: the changes.
        every_key: a deleted contact is looked for by each of its keys, so that whoever has one of them is found; else
            by one, or by its id where it has none.
    """
    columns: dict[str, list[str | None]] = {name: [] for name in ("id", *lookup.SEARCHABLE)}
    for done in carried:
        deleted = is_deleted(done)
        if not deleted and done.contact_id is None:
            continue
        keys = diff.searchable_keys(last_known(done))
        if not (deleted and every_key):
            keys = dict(list(keys.items())[:1])
        by_id = not deleted or not (keys or every_key)
        columns["id"].append(str(done.contact_id) if by_id else None)
        for name in lookup.SEARCHABLE:
            columns[name].append(keys.get(name))
    return pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in columns.items()})


async def read_written(
    context: Context, client: Client, wanted: pd.DataFrame, *, written: Sequence[Contact] = ()
) -> Book:
    """The contacts that `keys_to_read` says, as searches show them.

    The first ones are read by their ids, so that there is something to learn from what searches find: where nobody is
    in a group, each of the others would be read by its id too.

    Args:
        context: of the run.
        client: what reads them.
        wanted: what they are looked for by.
        written: see `read_book`.
    """
    controls = [int(text) for text in wanted["id"].dropna().head(_CONTROLS)]
    workers, progress = context.api.workers, context.progress
    return await read_book(client, wanted, workers=workers, progress=progress, written=written, controls=controls)


def is_deleted(done: Carried) -> bool:
    """Whether the contact is to be there no more."""
    return done.outcome == "deleted"


def last_known(done: Carried) -> Contact:
    """The contact as the run has seen it last; where it has not, as it was meant."""
    return done.stored or (done.change.existing if is_deleted(done) else None) or done.change.desired


class Current:
    """The contacts as they are now, by id: those of the book, and those that were read again since."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._places = pd.Index(book.table["id"])
        self._again: dict[int, Contact | None] = {}

    def of(self, batch: Sequence[Carried]) -> Iterator[tuple[Carried, Contact | None]]:
        """Each change with its contact."""
        ids = [done.contact_id or 0 for done in batch]
        places = self._places.get_indexer(ids)
        found = self._book.contacts(places[places >= 0].astype(np.int64))
        for done, contact_id, place in zip(batch, ids, places, strict=True):
            contact = next(found) if place >= 0 else None
            yield done, self._again.get(contact_id, contact)

    async def read_again(self, context: Context, client: Client, ids: Sequence[int]) -> None:
        """Reads these contacts once more, each by its id: what a search shows may be older than what is stored."""
        if not ids:
            return
        with context.progress.stage("Reading changed contacts", len(ids), "request") as bar:

            async def read(contact_id: int) -> None:
                try:
                    self._again[contact_id] = await client.get(contact_id)
                except Gone:
                    self._again[contact_id] = None
                bar.advance()

            await together(read, ids, context.api.workers)
