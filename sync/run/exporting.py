"""Writes all of the book that can be reached to a file, and the mapping that reads it back.

What enters: a Context, paths. What leaves: the two files, and what is to be said about them.
What never happens here: a write to the book; a cell that its mapping would read as something else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from sync import canonical, formulas, messages
from sync.book import Book, GroupNames
from sync.contact import PLAIN_FIELDS, custom_field_number
from sync.diff.fields import canonical_column
from sync.errors import UsageError
from sync.mapping import Mapping as Rules
from sync.memory import Learned, recall_search, remember_search
from sync.reader.clean import clean_column
from sync.remote import read_book
from sync.report.exported import check_place, storable, write_contacts, write_text
from sync.run.context import Context
from sync.run.planning import written_lately
from sync.sheet import OURS

_HEADERS = {"name": "Ad", "surname": "Soyad", "email": "E-posta", "gsm": "Cep Telefonu"}
_ID, _GROUPS = "id", "Gruplar"
_AS_STORED = " (kayıtlı hâli)"
_SEPARATORS = ";|,¦•§"
_OURS = (b"# imsync export:", b"# Written by imsync export")  # the second is how earlier versions began
_BATCH = 1 << 14  # contacts that are rows at once


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        book: what was read, and how far.
        path, mapping: the files.
        sheets: of a workbook.
        beside: cells of which no mapping could read the same again; each stands in a column of its own.
        replaced: cells with characters that such a file cannot hold, or too many of them.
        groups_left: memberships of groups that no name or id means for certain, and that were left out.
        requests, retries, seconds: what it took.
    """

    book: Book
    path: Path
    mapping: Path
    sheets: tuple[str, ...]
    beside: int
    replaced: int
    groups_left: int
    requests: dict[str, int]
    retries: int
    seconds: float


def check_targets(output: Path, mapping: Path, *, force: bool) -> None:
    """Raises UsageError where the files cannot be written, or would replace something unasked.

    Another person's mapping is never replaced: it may be all that knows how their own sheet is read.
    """
    if output.suffix.lower() not in (".csv", ".xlsx"):
        raise UsageError("export_suffix", file=str(output))
    if mapping == output:
        raise UsageError("export_one_name", file=str(output))
    if not force:
        for path in (output, mapping):
            if path.is_symlink() or path.exists():
                raise UsageError("export_exists", file=str(path))
    if mapping.exists() and not _is_ours(mapping):
        raise UsageError("export_mapping_foreign", file=str(mapping))
    for path in (output, mapping):
        check_place(path)


def _is_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.readline().startswith(_OURS)
    except OSError:
        return False


async def export(context: Context, output: Path, mapping: Path, *, labels: Mapping[str, str] | None = None) -> Exported:
    """Reads all of the book that can be reached, and writes both files; the account must be locked.

    Args:
        context: what every run works with.
        output: the file for the contacts; its name says which kind.
        mapping: the file for the mapping.
        labels: what people call the custom fields, by names such as `custom:3`.
    """
    started = context.clock.monotonic()
    read_at = context.clock.now()
    async with context.client() as client:
        client.forms = recall_search(context.account.folder).forms
        book = await read_book(
            client,
            pd.DataFrame(),
            workers=context.api.workers,
            progress=context.progress,
            written=written_lately(context),
            whole=True,
        )
        if len(book):
            remember_search(context.account.folder, Learned(client.forms, read_at.isoformat(timespec="seconds")))
        requests, retries = dict(sorted(client.requests.items())), client.retries
    table = _Table(book, output.suffix.lower().removeprefix("."), labels or {})
    with context.progress.stage("Writing", len(book), "contact") as bar:

        def rows() -> Iterator[Sequence[str]]:
            for batch in table.batches():
                yield from batch
                bar.advance(len(batch))

        sheets = write_contacts(output, table.headers, rows())
    write_text(mapping, _yaml_text(table.rules_data(sheets), output, mapping))
    return Exported(
        book=book,
        path=output,
        mapping=mapping,
        sheets=sheets,
        beside=table.beside,
        replaced=table.replaced,
        groups_left=table.groups_left,
        requests=requests,
        retries=retries,
        seconds=context.clock.monotonic() - started,
    )


class _Table:
    """The book's contacts as columns of texts, in the order of their ids, each as its mapping reads it back.

    Attributes:
        headers: of the columns.
        beside: how many cells stand in columns of their own, because they would be read as something else.
        replaced: how many cells the file cannot hold as they are.
        groups_left: how many memberships are left out.
    """

    def __init__(self, book: Book, kind: str, labels: Mapping[str, str]) -> None:
        self._book, self._kind = book, kind
        self._order = np.argsort(book.table["id"].to_numpy(), kind="stable")
        self._custom = [str(name) for name in book.table.columns if custom_field_number(str(name)) is not None]
        self._field_headers = {**_HEADERS, **_custom_headers(self._custom, labels)}
        self._dates = {name for name in self._custom if _all_dates(book.column(name))}
        self._group_labels, self._separator = _group_labels(book)
        rules = Rules.model_validate(self.rules_data(()))
        self.replaced = 0
        columns: dict[str, pd.Series] = {_ID: book.keys("id")}
        misread: dict[str, pd.Series] = {}
        for name, header in self._field_headers.items():
            columns[header], odd = self._field(name, rules)
            if odd is not None:
                misread[f"{header}{_AS_STORED}"] = odd
        columns[_GROUPS], self.groups_left = self._groups()
        self.beside = sum(int((texts != "").sum()) for texts in misread.values())
        self._columns = {**columns, **misread}
        self.headers = list(self._columns)

    def _field(self, name: str, rules: Rules) -> tuple[pd.Series, pd.Series | None]:
        """A field's cells; those that would be read as something else by themselves, where there are any."""
        stored = self._book.column(name).fillna("")
        texts = storable(stored, self._kind)
        self.replaced += int((texts != stored).sum())
        read = clean_column(name, rules.columns[name], texts.where(texts.str.strip() != "")).values
        found, meant = canonical_column(name, rules, read), canonical_column(name, rules, stored)
        odd = (found.notna() & (found != meant.fillna(""))).to_numpy(dtype=bool)
        if not odd.any():
            return texts, None
        return texts.mask(odd, ""), texts.where(odd, "")

    def _groups(self) -> tuple[pd.Series, int]:
        """The cells with the names of groups, and how many memberships are left out of them."""
        stored = self._book.table["groups"]
        counts = stored.value_counts()
        cells, left = {}, 0
        for ids, count in zip(counts.index, counts, strict=True):
            groups = [int(group) for group in str(ids).split()]
            named = [self._group_labels[group] for group in groups if group in self._group_labels]
            cells[ids] = f"{self._separator} ".join(named)
            left += (len(groups) - len(named)) * int(count)
        return storable(stored.map(cells).astype("str"), self._kind), left

    def batches(self) -> Iterator[list[tuple[str, ...]]]:
        """The rows, some thousands at a time."""
        for start in range(0, len(self._book), _BATCH):
            rows = self._order[start : start + _BATCH]
            columns = [texts.array.take(rows).tolist() for texts in self._columns.values()]
            yield list(zip(*columns, strict=True))

    def rules_data(self, sheets: Sequence[str]) -> dict[str, Any]:
        """The mapping that reads the table back, as YAML can hold it."""
        source: dict[str, Any] = {"header_row": 1}
        if self._kind == "csv":
            source |= {"delimiter": ";", "quote": '"', "formula_apostrophe": True}
        elif sheets:
            source["sheet"] = sheets[0] if len(sheets) == 1 else "*"
        fields: dict[str, Any] = {"id": _ID, **{name: self._field_headers[name] for name in PLAIN_FIELDS}}
        fields["gsm"] = {"column": fields["gsm"], "kind": "any"}
        custom: dict[int, Any] = {}
        for name in self._custom:
            kind = {"type": "date"} if name in self._dates else {}
            custom[custom_field_number(name) or 0] = {"column": self._field_headers[name], **kind}
        return {
            "version": 1,
            "source": source,
            "match": ["id", "gsm", "email"],
            "fields": fields,
            **({"custom_fields": custom} if custom else {}),
            "groups": {"column": _GROUPS, "separator": self._separator},
            "on_bad": "blank",
        }


def _custom_headers(names: Sequence[str], labels: Mapping[str, str]) -> dict[str, str]:
    """A header for each custom field: its label where that is one, and no other column's."""
    taken = {canonical.label(header) for header in (_ID, *_HEADERS.values(), _GROUPS, *OURS)}
    plain = {name: f"Özel alan {custom_field_number(name)}" for name in names}
    taken |= {canonical.label(header) for header in plain.values()}
    found = {}
    for name in names:
        label = canonical.squeezed(labels.get(name, ""))
        fits = label and label.isprintable() and formulas.defused(label) == label and _AS_STORED.strip() not in label
        if not fits or canonical.label(label) in taken:
            label = plain[name]
        taken.add(canonical.label(label))
        found[name] = label
    return found


def _all_dates(stored: pd.Series) -> bool:
    """Whether all texts of a custom field are dates."""
    distinct = [text for text in stored.dropna().unique() if text.strip()]
    return bool(distinct) and all(canonical.date(text) for text in distinct)


def _group_labels(book: Book) -> tuple[dict[int, str], str]:
    """What each group is called so that nothing else is meant, and what stands between several groups."""
    names = GroupNames(book.groups)
    found: dict[int, str] = {}
    for group, path in names.by_id.items():
        for label in (canonical.squeezed(canonical.visible(path)), str(group)):
            if label and names.find(label) == [group]:
                found[group] = label
                break
    letters = set("".join(found.values()))
    others = (chr(number) for number in range(0xA1, 0x3000))
    separator = next(each for each in (*_SEPARATORS, *others) if each not in letters and each.isprintable())
    return found, separator


def _yaml_text(data: dict[str, Any], output: Path, mapping: Path) -> str:
    yaml = YAML(pure=True)
    yaml.allow_unicode = True
    yaml.width = 200
    text = StringIO()
    yaml.dump(data, text)
    names = [name if name.isprintable() else "FILE" for name in (output.name, mapping.name)]
    again = f"imsync plan {names[0]} -m {names[1]}"
    return (
        f"# imsync export: {messages.phrase('made_export')}\n# {again}\n# {messages.phrase('made_export_rules')}\n"
        f"{text.getvalue()}"
    )
