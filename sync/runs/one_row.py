"""One row among all: found by its place, phone number or e-mail, and everything that the run file knows of it.

What enters: a run file, what somebody asks for. What leaves: numbers of rows, their stories.
What never happens here: a guess; two phone numbers that differ in one digit are two.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator

from sync import canonical
from sync.contact import Contact
from sync.grid import Cell
from sync.history import RowStory, Transition
from sync.runs.damage import unless_damaged
from sync.runs.run_file import ROWS, RunFile, row_columns

_DATA = 5  # the place of a change among what `row_columns` names
_LAST = 2  # digits that nobody writes apart
_BETWEEN_DIGITS = " \u00a0-()./"
_SEVERAL = re.compile(r"[;,/|\n]")  # between two numbers or addresses in one cell


@unless_damaged
def stories(run_file: RunFile, numbers: Iterable[int], *, planned: bool = False) -> Iterator[RowStory]:
    """Everything that is known of the rows with these numbers."""
    columns = row_columns("planned" if planned else "outcome")
    query = f"SELECT {columns}, stored FROM {ROWS} WHERE rows.number = ?"  # noqa: S608 - names
    entries = "SELECT at, state, detail FROM transitions WHERE change = ? ORDER BY number"
    for number in numbers:
        *found, stored = run_file.connection.execute(query, (number,)).fetchone()
        data = found[_DATA]
        yield RowStory(
            row=run_file.report_row(found),
            change=run_file.change(data) if data else None,
            stored=Contact.from_dict(json.loads(stored)) if stored else None,
            transitions=[Transition(*entry) for entry in run_file.connection.execute(entries, (number,))],
        )


@unless_damaged
def at_place(run_file: RunFile, row: int, inputs: Collection[int]) -> Iterator[int]:
    """The numbers of the rows that stand there in one of these inputs."""
    marks = ", ".join("?" * len(inputs))
    query = f"SELECT number FROM rows WHERE row = ? AND input IN ({marks}) ORDER BY number"  # noqa: S608 - marks only
    yield from (number for (number,) in run_file.connection.execute(query, (row, *inputs)))


@unless_damaged
def beside(run_file: RunFile, row: int, number: int) -> Iterator[int]:
    """The rows of this input that stand nearest to the place: before it and after it, where there are such."""
    query = """
        SELECT max(CASE WHEN row < :row THEN row END), min(CASE WHEN row > :row THEN row END)
        FROM rows WHERE input = :input"""
    found = run_file.connection.execute(query, {"row": row, "input": number}).fetchone()
    yield from (each for each in found if each is not None)


@unless_damaged
def with_key(run_file: RunFile, key: str, value: str) -> Iterator[int]:
    """The numbers of the rows that have this phone number or e-mail, canonical: as read, as meant, or as stored."""
    part, ending = value.removeprefix("+90"), value[-_LAST:]
    if key == "gsm":
        in_cells = f"instr(cells, :ending) AND instr({_joined('cells')}, :part)"
        where = f"instr(data, :part) OR instr(stored, :part) OR ({in_cells})"
    else:
        in_cells = "instr(lower(cells), :part) AND :ending <> ''"
        where = f"instr(lower(data), :part) OR instr(lower(stored), :part) OR ({in_cells})"
    query = f"SELECT rows.number, key, data, stored, cells FROM {ROWS} WHERE key = :key OR {where} ORDER BY rows.number"  # noqa: S608 - names
    wanted = {"key": value, "part": part, "ending": ending}
    for number, own, data, stored, cells in run_file.connection.execute(query, wanted):
        contacts = [json.loads(stored)] if stored else []
        texts = []
        if data:
            change = json.loads(data)
            texts.append(change["keys"].get(key, ""))
            contacts += [each for each in (change["existing"], change["desired"]) if each]
        texts += [contact[key] for contact in contacts]
        for cell in json.loads(cells) if cells else ():
            texts += _SEVERAL.split(Cell.from_json(cell).text)
        if own == value or any(canonical.of_key(key, text) == value for text in texts):
            yield number


def _joined(column: str) -> str:
    """An SQL expression: the column without what people put between the digits of a phone number."""
    for letter in _BETWEEN_DIGITS:
        column = f"replace({column}, '{letter}', '')"
    return column
