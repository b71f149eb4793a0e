"""What the person on a page has at the start, and does without a command.

What enters: a Story. What leaves: its folder and its book as that page needs them.
What never happens here: a command.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from openpyxl import load_workbook

from sync.sandbox import BookState, Faults
from sync.sandbox.outages import Outage
from tests.docs.story import SAMPLE, Story

Step = Callable[[Story], None]


def own_file(story: Story) -> None:
    """A sheet, and no mapping yet."""
    story.has("sample_data/customers.xlsx")


def with_mapping(story: Story) -> None:
    """A sheet and the mapping that reads it."""
    story.has("sample_data/customers.xlsx", "mappings/customers.yaml")


def with_an_outage(story: Story) -> None:
    """A sheet, its mapping, and an API that once is unavailable for a while."""
    with_mapping(story)
    outage = Outage(220, 230, how="unavailable", by="requests")
    story.serve(BookState.load(SAMPLE / "book.json"), Faults(outages=(outage,)))


def with_a_double(story: Story) -> None:
    """A sheet, its mapping, and a book in which one person is twice."""
    with_mapping(story)
    book = story.server.state
    book.add_contact(replace(book.contacts[1019], custom_fields={}, groups=()))


def with_jobs(story: Story) -> None:
    """The recipe's jobs, and last night's file in the inbox."""
    story.has("recipes/imsync.toml", "mappings/customers.yaml")
    (story.folder / "inbox").mkdir()
    story.has("sample_data/customers.csv")
    (story.folder / "customers.csv").rename(story.folder / "inbox" / "customers-2026-11-21.csv")


SETTINGS: dict[str, Step] = {
    "first-import": own_file,
    "migrate": with_an_outage,
    "command-line": with_a_double,
    "nightly": with_jobs,
    "reconcile": with_a_double,
    "undo": with_mapping,
}


def look_over(story: Story) -> None:
    """What the guess could not know: everybody is a customer, and of two rows with one phone the first counts."""
    path = story.folder / "customers.yaml"
    text = path.read_text(encoding="utf-8")
    for guessed, meant in (
        ("  # always: [Müşteriler] ", "  always: [Müşteriler] "),
        ("duplicates: error ", "duplicates: first "),
    ):
        assert guessed in text
        text = text.replace(guessed, meant)
    path.write_text(text, encoding="utf-8")


def correct_cells(story: Story) -> None:
    """Dates, addresses and landlines, in the sheet itself."""
    days = {(row, "Doğum Tarihi"): "28.02.1985" for row in (13, 45, 178)}
    addresses = {(row, "E-posta"): f"row{row}@example.com" for row in (66, 397)}
    phones = {(row, "Cep Telefonu"): f"0500 900 0{row // 100} {row % 100:02}" for row in (48, 248)}
    write_cells(story.folder / "customers.xlsx", {**days, **addresses, **phones})


def correct_rejected(story: Story) -> None:
    """Groups and phones in the rejected rows, and which contact a row in conflict means; four rows stay as they are."""
    path = story.folder / "reports" / story.last_run() / "rejected.xlsx"
    sheet = load_workbook(path).worksheets[0]
    place = next(cell.column for cell in sheet[1] if cell.value == "imsync: row")
    rows = {sheet.cell(row, place).value: row for row in range(2, sheet.max_row + 1)}
    groups = {(rows[row], "Grup"): "Bayiler" for row in (133, 172)}
    phones = {(rows[row], "Cep Telefonu"): f"0500 900 0{row // 100} {row % 100:02}" for row in (157, 339, 419)}
    write_cells(path, {**groups, **phones, (rows[94], "imsync: contact id"): "1271"})


def somebody_edits(story: Story) -> None:
    """In the panel one contact gets another surname, after the run has written it."""
    book = story.server.state
    book.put_contact(replace(book.contacts[1029], surname="Eroğlu Erdem"))


def half_a_file(story: Story) -> None:
    """The next night's export was cut off."""
    inbox = story.folder / "inbox"
    whole = (inbox / "customers-2026-11-21.csv").read_bytes().splitlines(keepends=True)
    (inbox / "customers-2026-11-22.csv").write_bytes(b"".join(whole[:120]))


def write_cells(path: Path, cells: Mapping[tuple[int, str], str]) -> None:
    """Types texts into cells, each by its row and its column's header."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for (row, header), text in cells.items():
        sheet.cell(row, columns[header]).value = text
    book.save(path)


STEPS: dict[str, Step] = {
    step.__name__: step for step in (look_over, correct_cells, correct_rejected, somebody_edits, half_a_file)
}
