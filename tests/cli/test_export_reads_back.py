"""Whatever a book holds, its export is read back as what it was (a property; no requests)."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import diff
from sync.book import Book
from sync.contact import Contact, Group
from sync.coverage import Coverage
from sync.reader import read_mapping, read_sheet
from sync.report.exported import write_contacts, write_text
from sync.run.exporting import _Table, _yaml_text

HOSTILE = st.text("=+-@'\";,|\t\r\n \\_x041\x00\x07\u200b\u00a0\ufeffİIıiŞÅž¼Ã905@.aA/", max_size=14)
TEXTS = st.one_of(HOSTILE, st.text(max_size=10), st.sampled_from(["", "=1+1", "'=1", "0012", "#N/A", "1e5", "TRUE"]))
PHONES = st.one_of(
    TEXTS, st.sampled_from(["+905001000100", "0500 100 01 00", "0212 555 01 04", "0500 100 01 05 / 0500 100 01 06"])
)
EMAILS = st.one_of(TEXTS, st.sampled_from(["a@example.com", "A@Example.com", "a@example.com; b@example.com", "x@y"]))
CUSTOMS = st.one_of(TEXTS, st.sampled_from(["27/09/1984", "27.9.1984", "1984-09-27", "1 Ocak 1990"]))
NAMES = st.one_of(TEXTS, st.sampled_from(["Bayiler", "bayiler", "Bayiler/Ankara", "Ankara", "1", "2", "3"]))
CONTACTS = st.builds(
    Contact,
    id=st.integers(1, 9),
    name=TEXTS,
    surname=TEXTS,
    email=EMAILS,
    gsm=PHONES,
    custom_fields=st.dictionaries(st.integers(1, 3), CUSTOMS, max_size=3),
    groups=st.lists(st.integers(1, 5), unique=True, max_size=3).map(tuple),
)


def storable_text(contact: Contact) -> bool:
    """Arrow holds no halves of letters, and so neither does a book."""
    texts = (contact.name, contact.surname, contact.email, contact.gsm, *contact.custom_fields.values())
    return not any("\ud800" <= letter <= "\udfff" for text in texts for letter in text)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@settings(max_examples=25, deadline=None)
@given(
    contacts=st.lists(CONTACTS.filter(storable_text), min_size=1, max_size=6, unique_by=lambda contact: contact.id),
    names=st.lists(NAMES.filter(lambda name: name.isprintable()), min_size=4, max_size=4),
)
def test_an_export_changes_nothing_when_it_is_read_back(kind: str, contacts: list[Contact], names: list[str]) -> None:
    main, child, *others = names
    tree = (Group(1, main, children=(Group(2, child),)), *(Group(3 + n, name) for n, name in enumerate(others)))
    book = Book.of(contacts, tree, Coverage())
    with TemporaryDirectory() as folder:
        path, mapping_path = Path(folder) / f"book.{kind}", Path(folder) / "book.yaml"
        table = _Table(book, kind, {})
        sheets = write_contacts(path, table.headers, (row for batch in table.batches() for row in batch))
        write_text(mapping_path, _yaml_text(table.rules_data(sheets), path, mapping_path))
        mapping_file = read_mapping(mapping_path)
        sheet = read_sheet([path], mapping_file)
        plan = diff.make_plan(sheet, book, mapping_file.mapping)

        assert plan.counts() == {"unchanged": len(contacts)}, [change.to_dict() for change in plan.changes]
