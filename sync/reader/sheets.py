"""Reads the input files through a mapping.

What enters: paths and a MappingFile. What leaves: one Sheet over all files.
What never happens here: losing a row that holds anything; stopping at a bad cell.
"""

import difflib
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sync import canonical
from sync.errors import MappingError, Problem, UsageError
from sync.mapping import ColumnSpec, Mapping
from sync.reader.clean import Bad, Cleaned, clean_column, clean_groups
from sync.reader.csv_file import Records, read_csv
from sync.reader.mapping_file import Location, MappingFile
from sync.reader.xlsx_file import read_xlsx, text_of
from sync.sheet import ErrorCell, Input, Issue, Sheet
from sync.tables import text_at

_CSV_SUFFIXES = (".csv", ".tsv", ".txt")
_WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
_LATER_SUFFIXES = (".xls", ".xlsb", ".ods", ".gz")
_LARGEST_FILE = 2 << 30
_HEADER_WITHIN = 20  # records; titles above a header are shorter than that


def read_sheet(paths: Sequence[Path], mapping_file: MappingFile) -> Sheet:
    """The rows of all files, cleaned, each with its place; bad cells become issues.

    Raises:
        UsageError: a file cannot be read.
        MappingError: a column that the mapping names is not in a file; all of them at once.
    """
    mapping = mapping_file.mapping
    inputs: list[Input] = []
    frames: list[pd.DataFrame] = []
    issues: list[Issue] = []
    problems: list[Problem] = []
    first_row = 0
    for path in paths:
        found, records = _read_input(path, mapping)
        places = _Places(mapping_file, found)
        frame, found_issues = _cleaned(mapping, places, records, first_row, len(inputs))
        problems += places.problems
        inputs.append(found)
        frames.append(frame)
        issues += found_issues
        first_row += len(frame)
    if problems:
        raise MappingError(problems)
    return Sheet(pd.concat(frames, ignore_index=True), tuple(inputs), tuple(issues))


def _read_input(path: Path, mapping: Mapping) -> tuple[Input, Records]:
    suffix = path.suffix.lower()
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise UsageError("file_too_large", file=str(path))
        content = path.read_bytes()
    except OSError as error:
        raise UsageError("file_unreadable", file=str(path), reason=error.strerror or str(error)) from error
    source = mapping.source
    if not content:
        raise UsageError("file_empty", file=str(path))
    if suffix in _LATER_SUFFIXES:
        raise UsageError("file_kind_not_yet", file=str(path), suffix=suffix)
    if suffix in _WORKBOOK_SUFFIXES:
        records = read_xlsx(str(path), content, sheet=source.sheet)
    elif suffix in _CSV_SUFFIXES:
        if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            raise UsageError("file_is_workbook", file=str(path), suffix=suffix)
        records = read_csv(str(path), content, encoding=source.encoding, delimiter=source.delimiter)
    else:
        raise UsageError("file_kind_unknown", file=str(path), suffix=suffix)
    if not records.cells:
        raise UsageError("file_empty", file=str(path))
    header_index = _header_index(str(path), records, mapping)
    header = [text_of(cell) for cell in records.cells[header_index]]
    if suffix in _WORKBOOK_SUFFIXES:  # a workbook has columns without a header too; their cells are not stored
        header += [""] * (max(len(record) for record in records.cells) - len(header))
    found = Input(
        path=str(path),
        name=path.name.encode("utf-8", "replace").decode(),  # old archives name files in bytes that are no letters
        kind="xlsx" if suffix in _WORKBOOK_SUFFIXES else "csv",
        sheet=records.sheet,
        header=tuple(header),
        header_row=records.numbers[header_index],
        encoding=records.encoding,
        delimiter=records.delimiter,
        sha256=hashlib.sha256(content).hexdigest(),
        cells=records.cells[header_index + 1 :],
    )
    return found, Records(records.numbers[header_index + 1 :], found.cells)


def _header_index(file: str, records: Records, mapping: Mapping) -> int:
    """Which record is the header: the one that the mapping says, else the first with the most of its headers."""
    row = mapping.source.header_row
    if row is not None:
        if row not in records.numbers:
            raise UsageError("header_row_missing", file=file, row=row)
        return records.numbers.index(row)
    named = [spec.column for spec in (*mapping.columns.values(), mapping.fields.id) if spec and spec.column]
    wanted = {canonical.label(header) for header in (*named, mapping.groups.column) if header}
    first = records.cells[:_HEADER_WITHIN]
    found = [len(wanted & {canonical.label(text_of(cell)) for cell in record}) for record in first]
    return found.index(max(found))


class _Places:
    """Where the mapping's columns stand in one file."""

    def __init__(self, mapping_file: MappingFile, found: Input) -> None:
        self._mapping_file = mapping_file
        self._input = found
        self._labels = [canonical.label(header) for header in found.header]
        self.problems: list[Problem] = []

    def of(self, header: str, location: Location) -> int | None:
        """The index of the column with this header; None, and a problem, where there is not exactly one."""
        wanted = canonical.label(header)
        places = [index for index, label in enumerate(self._labels) if label == wanted]
        if len(places) == 1:
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

    def of_spec(self, spec: ColumnSpec, location: Location) -> int | None:
        """The index of the spec's column; None for a constant."""
        if spec.index is not None:
            if spec.index >= len(self._input.header):
                widest = len(self._input.header)
                self._problem((*location, "position"), "column_beyond", position=spec.position, widest=widest)
                return None
            return spec.index
        return self.of(spec.column, (*location, "column")) if spec.column is not None else None

    @property
    def width(self) -> int:
        """How many columns the header has."""
        return len(self._input.header)

    def header(self, index: int) -> str:
        """The header of the column at an index."""
        return self._input.header[index]

    def _problem(self, location: Location, code: str, **values: Any) -> None:  # noqa: ANN401
        self.problems.append(self._mapping_file.problem(location, code, file=self._input.path, **values))


def _cleaned(
    mapping: Mapping, places: _Places, records: Records, first_row: int, input_number: int
) -> tuple[pd.DataFrame, list[Issue]]:
    index = pd.RangeIndex(first_row, first_row + len(records.numbers))
    frame = pd.DataFrame(
        {"input": input_number, "row": records.numbers, "cells": range(len(records.numbers))}, index=index
    )
    issues: list[Issue] = []
    specs: dict[str, tuple[ColumnSpec, Location]] = {
        name: (spec, _location(name)) for name, spec in mapping.columns.items()
    }
    if mapping.fields.id is not None:
        specs["id"] = (mapping.fields.id, ("fields", "id"))
    for name, (spec, location) in specs.items():
        place = places.of_spec(spec, location)
        if place is None:
            frame[name] = pd.Series(spec.value, index=index, dtype="str")
            continue
        texts, errors = _texts(mapping, records, place, index)
        cleaned = clean_column(name, spec, texts)
        frame[name] = cleaned.values
        issues += _issues(places.header(place), texts, cleaned, errors)
    if mapping.groups.column is not None:
        place = places.of(mapping.groups.column, ("groups", "column"))
        if place is not None:
            texts, errors = _texts(mapping, records, place, index)
            frame["groups"] = clean_groups(texts, mapping.groups.separator)
            issues += _issues(places.header(place), texts, Cleaned(texts, {}), errors)
    issues += _ragged(records, places, index)
    return frame, issues


def _location(name: str) -> Location:
    kind, _, number = name.partition(":")
    return ("custom_fields", int(number)) if number else ("fields", kind)


def _texts(mapping: Mapping, records: Records, place: int, index: pd.Index) -> tuple[pd.Series, dict[int, Bad]]:
    """One column's texts, missing where the cell is blank or says what the mapping calls empty; and its error cells."""
    values = [record[place] if place < len(record) else None for record in records.cells]
    errors = {
        int(index[position]): Bad("error_cell" if value.text else "formula_without_value")
        for position, value in enumerate(values)
        if isinstance(value, ErrorCell)
    }
    texts = pd.Series([text_of(value) for value in values], index=index, dtype="str")
    empty = {"", *(canonical.label(text) for text in mapping.source.empty)}
    blank = [text for text in texts.unique() if canonical.label(text) in empty]
    return texts.where(~texts.isin(blank)), errors


def _issues(header: str, texts: pd.Series, cleaned: Cleaned, errors: dict[int, Bad]) -> list[Issue]:
    bad = {**cleaned.bad, **errors}
    return [Issue(each.code, row, header, text_at(texts, row), each.values) for row, each in sorted(bad.items())]


def _ragged(records: Records, places: _Places, index: pd.Index) -> list[Issue]:
    """Rows with something beyond the last header: a delimiter inside a cell has shifted them."""
    width = places.width
    return [
        Issue("row_too_long", int(index[position]), "", "", {"width": width, "cells": len(record)})
        for position, record in enumerate(records.cells)
        if any(text_of(cell).strip() for cell in record[width:])
    ]
