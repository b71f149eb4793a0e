"""Reads the input files through a mapping.

What enters: paths and a MappingFile. What leaves: one Sheet over all files.
What never happens here: losing a row that holds anything; stopping at a bad cell.
"""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sync import canonical, formulas, messages
from sync.errors import MappingError, Problem, UsageError
from sync.grid import Grid, Kind
from sync.mapping import ColumnSpec, Mapping
from sync.reader.clean import Cleaned, Finding, clean_column, clean_groups
from sync.reader.files import STANDARD_INPUT, Opened, found_paths, opened
from sync.reader.guess.columns import likely_header
from sync.reader.mapping_file import Location, MappingFile
from sync.reader.workbook_file import column_letters
from sync.sheet import CONTACT_ID, OURS, REASON, Input, Issue, Note, Sheet, Understood, Unused
from sync.tables import labels, text_at

_HEADER_WITHIN = 20  # rows; titles above a header are shorter than that
_SAMPLED, _SAMPLES = 1000, 3  # of so many rows so many are shown


def read_sheet(paths: Sequence[Path], mapping_file: MappingFile) -> Sheet:
    """The rows of all files, cleaned, each with its place; bad cells become issues.

    Raises:
        UsageError: a file cannot be read.
        MappingError: a column that the mapping names is not in a file; all of them at once.
    """
    inputs: list[Input] = []
    parts: list[_Part] = []
    problems: list[Problem] = []
    first_row = 0
    for path in found_paths(paths):
        for found in _inputs(opened(path), mapping_file.mapping):
            places = _Places(mapping_file, found)
            assert found.cells is not None
            part = _Part(found.cells, first_row, len(inputs))
            _clean(mapping_file.mapping, places, part)
            part.unused = places.unused()
            problems += places.problems
            inputs.append(found)
            parts.append(part)
            first_row += len(found.cells)
    if problems:
        raise MappingError(problems)
    return Sheet(
        pd.concat([part.frame for part in parts], ignore_index=True),
        tuple(inputs),
        issues=tuple(issue for part in parts for issue in part.issues),
        notes=tuple(note for part in parts for note in part.notes),
        left_out=frozenset(cell for part in parts for cell in part.left_out),
        understood=tuple(each for part in parts for each in part.understood),
        unused=tuple(part.unused for part in parts),
        partial=any(REASON in each.header for each in inputs),
    )


# Sheets and headers


def _inputs(file: Opened, mapping: Mapping) -> Iterator[Input]:
    """The sheets that are meant, each with its header found."""
    source = mapping.source
    if not file.sheets:
        yield _input(file, file.read(source), mapping)
        return
    names = [sheet.name for sheet in file.sheets]
    visible = [sheet.name for sheet in file.sheets if sheet.visible]
    if source.sheet == "*":
        yield from _all_visible(file, visible, mapping)
        return
    if source.sheet is not None:
        chosen = [name for name in names if name == source.sheet]
        chosen = chosen or [name for name in names if canonical.label(name) == canonical.label(source.sheet)]
        if len(chosen) != 1:
            raise UsageError("sheet_unknown", file=str(file.path), sheet=source.sheet, known=", ".join(names))
        grid = file.read(source, chosen[0])
    else:
        if not visible:
            raise UsageError("workbook_without_sheets", file=str(file.path))
        grid = _fitting(file, visible, mapping)
    others = [name for name in names if name != grid.sheet]
    notes = [Note("read_other_sheets", {"sheet": grid.sheet, "sheets": ", ".join(others)})] if others else []
    yield _input(file, grid, mapping, *notes)


def _all_visible(file: Opened, visible: Sequence[str], mapping: Mapping) -> Iterator[Input]:
    """The sheets that have any of the mapping's headers (all, where none has), with a note of the others."""
    grids = [grid for name in visible if len(grid := file.read(mapping.source, name))]
    if not grids:
        raise UsageError("file_empty", file=str(file.path))
    fitting = [grid for grid in grids if max(_header_scores(grid, _wanted(mapping)))] or grids
    read = [grid.sheet for grid in fitting]
    others = [sheet.name for sheet in file.sheets if sheet.name not in read]
    notes = [Note("read_other_sheets", {"sheet": ", ".join(read), "sheets": ", ".join(others)})] if others else []
    for grid in fitting:
        yield _input(file, grid, mapping, *notes)


def _fitting(file: Opened, names: Sequence[str], mapping: Mapping) -> Grid:
    """The first sheet that has all of the mapping's headers, else the one that has most of them."""
    wanted = _wanted(mapping)
    best: Grid | None = None
    most = -2  # an empty sheet has none at all, and may be the only one
    for name in names:
        grid = file.read(mapping.source, name)
        found = max(_header_scores(grid, wanted), default=-1)
        if found > most:
            best, most = grid, found
        if found == len(wanted):
            break
    assert best is not None
    return best


def _wanted(mapping: Mapping) -> set[str]:
    """The labels of all headers that the mapping names."""
    named = [header for spec in mapping.columns.values() for header in spec.headers]
    named += mapping.fields.id.headers if mapping.fields.id else ()
    identity = mapping.identity.column if mapping.identity else None
    return {canonical.label(header) for header in (*named, mapping.groups.column, identity) if header}


def _header_scores(grid: Grid, wanted: set[str]) -> list[int]:
    """How many of the wanted headers each of the first rows has."""
    return [
        len(wanted & {canonical.label(cell.text) for cell in grid.row(index)})
        for index in range(min(_HEADER_WITHIN, len(grid)))
    ]


def _input(file: Opened, grid: Grid, mapping: Mapping, *notes: Note) -> Input:
    """The grid's data rows below its header."""
    path = str(file.path)
    if not len(grid):
        raise UsageError("file_empty", file=path)
    header = _header_index(path, grid, mapping)
    cells = grid.below(header)
    skips = mapping.source.hidden_rows == "skip"
    said = [*notes, *_facts(file, cells, skips=skips)]
    cells = cells.with_merged_filled()
    cells = cells.without_hidden() if skips else cells
    return Input(
        path=path,
        name=_name(file.path),
        kind="csv" if file.kind == "csv" else "xlsx",
        sheet=grid.sheet,
        header=tuple(_headers(file, grid, header)),
        header_row=int(grid.numbers[header]),
        encoding=grid.encoding,
        delimiter=grid.delimiter,
        quote=grid.quote,
        sha256=file.sha256,
        notes=tuple(said),
        cells=cells,
    )


def _name(path: Path) -> str:
    """The file's name for people; old archives name files in bytes that are no letters."""
    return "standard input" if path == STANDARD_INPUT else path.name.encode("utf-8", "replace").decode()


def _headers(file: Opened, grid: Grid, header: int) -> Iterator[str]:
    """The header's texts; a workbook has columns without a header too."""
    cells = grid.row(header)
    yield from (cell.text for cell in cells)
    if file.sheets:
        yield from [""] * (len(grid.columns) - len(cells))


def _facts(file: Opened, cells: Grid, *, skips: bool) -> Iterator[Note]:
    """What a person should know of how the file was read."""
    if file.expected and file.expected != file.kind:
        yield Note("read_kind_differs", {"expected": file.expected, "kind": file.kind})
    if cells.unstyled:
        yield Note("read_without_formats")
    if cells.hidden_rows and skips:
        yield Note("skipped_hidden_rows", {"count": len(cells.hidden_rows)})
    elif cells.hidden_rows:
        yield Note("read_filtered_rows" if cells.filtered else "read_hidden_rows", {"count": len(cells.hidden_rows)})
    if cells.hidden_columns:
        yield Note("read_hidden_columns", {"count": len(cells.hidden_columns)})
    if cells.merged:
        yield Note("read_merged_cells", {"count": len(cells.merged)})


def _header_index(file: str, grid: Grid, mapping: Mapping) -> int:
    """Which row is the header: the one that the mapping says, else the first with the most of its headers.

    In a file that we wrote ourselves it is the first row, wherever the original had it.
    """
    if REASON in [cell.text for cell in grid.row(0)]:
        return 0
    row = mapping.source.header_row
    if row is not None:
        places = np.flatnonzero(grid.numbers == row)
        if not len(places):
            raise UsageError("header_row_missing", file=file, row=row)
        return int(places[0])
    found = _header_scores(grid, _wanted(mapping))
    return found.index(max(found)) if max(found) else likely_header(grid)[0]


class _Places:
    """Where the mapping's columns stand in one file."""

    def __init__(self, mapping_file: MappingFile, found: Input) -> None:
        self._mapping_file = mapping_file
        self._input = found
        self._file = messages.label("page_sheet_of", file=found.path, sheet=found.sheet) if found.sheet else found.path
        self._labels = [canonical.label(header) for header in found.header]
        self.problems: list[Problem] = []
        self._used: set[int] = set()

    def of(self, header: str, location: Location) -> int | None:
        """The index of the column with this header; None, and a problem, where there is not exactly one."""
        wanted = canonical.label(header)
        places = [index for index, label in enumerate(self._labels) if label == wanted]
        if len(places) == 1:
            self._used.add(places[0])
            return places[0]
        if places:
            self._problem(location, "column_doubled", header=header, places=", ".join(str(each + 1) for each in places))
            return None
        near = difflib.get_close_matches(wanted, self._labels, n=1, cutoff=0.6)
        self._problem(
            location,
            "column_unknown",
            header=header,
            near=self._input.header[self._labels.index(near[0])] if near else "",
            known=", ".join(each for each in self._input.header if each),
        )
        return None

    def of_spec(self, spec: ColumnSpec, location: Location) -> list[int]:
        """The indexes of the spec's columns; none for a constant."""
        if spec.index is not None:
            if spec.index >= len(self._input.header):
                widest = len(self._input.header)
                self._problem((*location, "position"), "column_beyond", position=spec.position, widest=widest)
                return []
            self._used.add(spec.index)
            return [spec.index]
        if spec.columns is not None:
            places = [self.of(header, (*location, "columns", number)) for number, header in enumerate(spec.columns)]
        else:
            places = [self.of(header, (*location, "column")) for header in spec.headers]
        return [place for place in places if place is not None]

    def unused(self) -> tuple[Unused, ...]:
        """The headers of the columns that the mapping does not name, each once."""
        found: dict[str, list[int]] = {}
        for place, text in enumerate(self._input.header):
            if text.strip() and place not in self._used and text not in OURS:
                found.setdefault(self._labels[place], []).append(place)
        return tuple(
            Unused(
                self._input.header[places[0]],
                tuple(map(column_letters, places)) if self._labels.count(label) > 1 else (),
            )
            for label, places in found.items()
        )

    @property
    def width(self) -> int:
        """How many columns the header has; in a file that we wrote, without ours and the blank ones before them."""
        header = self._input.header
        if REASON not in header:
            return len(header)
        own = len(header[: min(header.index(each) for each in OURS if each in header)])
        while own and not header[own - 1].strip():
            own -= 1
        return own

    @property
    def is_csv(self) -> bool:
        """Whether a delimiter can have shifted cells."""
        return self._input.kind == "csv"

    def header(self, index: int) -> str:
        """The header of the column at an index."""
        return self._input.header[index]

    def ours(self, header: str) -> int | None:
        """Where a column of `rejected.*` that is ours stands; None where there is none."""
        return self._input.header.index(header) if header in self._input.header else None

    def _problem(self, location: Location, code: str, **values: Any) -> None:  # noqa: ANN401
        self.problems.append(self._mapping_file.problem(location, code, file=self._file, **values))


# Columns


class _Part:
    """The part of the Sheet that comes from one input, growing column by column."""

    def __init__(self, cells: Grid, first_row: int, number: int) -> None:
        self.cells = cells
        self.number = number
        self.index = pd.RangeIndex(first_row, first_row + len(cells))
        self.frame = pd.DataFrame(
            {"input": number, "row": cells.numbers, "cells": np.arange(len(cells))}, index=self.index
        )
        self.issues: list[Issue] = []
        self.notes: list[Issue] = []
        self.left_out: list[tuple[str, int]] = []
        self.understood: list[Understood] = []
        self.unused: tuple[Unused, ...] = ()


@dataclass(frozen=True, slots=True)
class _Texts:
    """A field's texts before cleaning: missing where empty; the kinds of their cells; cells that cannot be read."""

    header: str
    texts: pd.Series
    kinds: Any
    bad: dict[int, Finding]


def _clean(mapping: Mapping, places: _Places, part: _Part) -> None:
    specs: dict[str, tuple[ColumnSpec, Location]] = {
        name: (spec, _location(name)) for name, spec in mapping.columns.items()
    }
    if mapping.fields.id is not None:
        specs["id"] = (mapping.fields.id, ("fields", "id"))
    for name, (spec, location) in specs.items():
        found = places.of_spec(spec, location)
        if not found:
            part.frame[name] = pd.Series(spec.value, index=part.index, dtype="str")
            continue
        texts = _joined([_texts(part, place, places.header(place), mapping, spec.empty) for place in found], spec.join)
        if spec.default is not None:
            texts = replace(texts, texts=texts.texts.fillna(spec.default))
        cleaned = clean_column(name, spec, texts.texts, texts.kinds)
        part.frame[name] = cleaned.values.where(~cleaned.values.index.isin(list(texts.bad)))
        _report(part, name, texts, cleaned, blanks=mapping.blanks(name))
    if mapping.groups.column is not None:
        place = places.of(mapping.groups.column, ("groups", "column"))
        if place is not None:
            texts = _texts(part, place, places.header(place), mapping)
            cleaned = Cleaned(clean_groups(texts.texts, mapping.groups.separator), {}, {})
            part.frame["groups"] = cleaned.values
            _report(part, "groups", texts, cleaned, blanks=False)
    if mapping.identity is not None:
        place = places.of(mapping.identity.column, ("identity", "column"))
        if place is not None:
            texts = _texts(part, place, places.header(place), mapping)
            part.frame["identity"] = canonical.text_column(texts.texts)
    chosen = places.ours(CONTACT_ID)
    if chosen is not None:
        texts = _texts(part, chosen, CONTACT_ID, mapping)
        cleaned = clean_column("id", ColumnSpec(column=CONTACT_ID), texts.texts, texts.kinds)
        part.frame["chosen"] = cleaned.values
        _report(part, "id", texts, cleaned, blanks=False)
    _refuse_ragged(part, places)


def _location(name: str) -> Location:
    kind, _, number = name.partition(":")
    return ("custom_fields", int(number)) if number else ("fields", kind)


def _texts(part: _Part, place: int, header: str, mapping: Mapping, empty: Sequence[str] = ()) -> _Texts:
    """One column's texts, missing where the cell is blank or says what the mapping calls empty."""
    column = part.cells.columns[place] if place < len(part.cells.columns) else part.cells.blank_column()
    errors = {int(part.index[row]): Finding("error_cell") for row in column.rows(Kind.ERROR)}
    errors |= {int(part.index[row]): Finding("formula_without_value") for row in column.rows(Kind.UNSOLVED)}
    texts = column.texts.set_axis(part.index)
    if mapping.source.formula_apostrophe:
        texts = formulas.restored(texts)
    if mapping.source.decimal == ",":
        shown = pd.Series(data=False, index=part.index)
        shown.iloc[column.rows(Kind.NUMBER, Kind.PERCENT)] = True
        texts = texts.where(~shown, texts.str.replace(".", ",", regex=False))
    return _Texts(header, texts.where(~_empty(texts, (*mapping.source.empty, *empty))), column.kinds, errors)


def _empty(texts: pd.Series, words: Sequence[str]) -> pd.Series:
    """Which texts are blank, or one of the words that mean so."""
    bare = texts.str.strip()
    empty = bare == ""
    if words:
        meant = {canonical.label(word) for word in words}
        short = bare[bare.str.len() <= max(map(len, words)) + 1]  # a letter more: İ in its decomposed form
        fitting = [text for text in short.unique() if canonical.label(text) in meant]
        empty |= bare.isin(fitting)
    return empty


def _joined(columns: Sequence[_Texts], between: str) -> _Texts:
    """Several columns' texts as one, without the empty ones."""
    first, *others = columns
    for other in others:
        both = first.texts.notna() & other.texts.notna()
        joined = (first.texts + between + other.texts).where(both, first.texts.fillna(other.texts))
        first = _Texts(f"{first.header} + {other.header}", joined, None, {**other.bad, **first.bad})
    return first


def _report(part: _Part, name: str, texts: _Texts, cleaned: Cleaned, *, blanks: bool) -> None:
    """Adds to the part how a column was understood, and what is wrong with cells or worth knowing."""

    def issue(row: int, finding: Finding) -> Issue:
        return Issue(finding.code, row, texts.header, text_at(texts.texts, row), finding.values)

    bad = {**cleaned.bad, **texts.bad}
    filled = int(texts.texts.notna().sum())
    samples = _samples(texts.texts.drop(list(bad)), cleaned.values)
    part.understood.append(Understood(part.number, name, texts.header, filled, len(bad), samples))
    for row, finding in sorted(bad.items()):
        if blanks:
            part.left_out.append((name, row))
            why = messages.text(finding.code, {**finding.values, "cell": text_at(texts.texts, row)})
            part.notes.append(issue(row, Finding("cell_left_out", {"why": why, "because": finding.code})))
        else:
            part.issues.append(issue(row, finding))
    part.notes += [issue(row, finding) for row, finding in sorted(cleaned.notes.items())]


def _samples(before: pd.Series, after: pd.Series) -> tuple[tuple[str, str], ...]:
    """A few different cells before and after cleaning, those first that cleaning has changed."""
    before = before.dropna().iloc[:_SAMPLED]
    pairs = pd.DataFrame({"before": before, "after": after.reindex(before.index).fillna("")}).drop_duplicates()
    shown = pd.concat([pairs[pairs["before"] != pairs["after"]], pairs]).drop_duplicates().head(_SAMPLES)
    return tuple((str(one), str(other)) for one, other in zip(shown["before"], shown["after"], strict=True))


def _refuse_ragged(part: _Part, places: _Places) -> None:
    """Rows with something beyond the last header: a delimiter inside a cell has shifted them."""
    width = places.width
    ours = {places.ours(header) for header in OURS}
    beyond = pd.Series(data=False, index=part.index)
    for place, column in enumerate(part.cells.columns):
        if place >= width and place not in ours and places.is_csv:
            beyond |= (column.texts.str.strip() != "").to_numpy(dtype=bool)
    for row in labels(part.index[beyond]):
        cells = len(part.cells.row(row - part.index.start))
        part.issues.append(Issue("row_too_long", row, "", "", {"width": width, "cells": cells}))
