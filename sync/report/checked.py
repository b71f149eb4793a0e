"""What a check found, for people and for programs: how the files were read, what is good, what is wrong and where.

What enters: a sheet and what was said of its rows. What leaves: text, or data for JSON.
What never happens here: printing; a value shown that could steer a terminal.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sync import language, messages
from sync.change import Remark
from sync.messages import counted, label, phrase
from sync.record import ReportRow
from sync.report.general import place_with_example
from sync.report.reasons import Kind, Reasons, Said
from sync.report.text import visible
from sync.sheet import GROUP_SEPARATOR, Input, Sheet
from sync.tables import number_at

_LONGEST = 28  # characters of a sample, or of a header
Remarks = Mapping[int, Sequence[Remark]]


def check_text(sheet: Sheet, decided: Mapping[int, str], remarks: Remarks, notes: Remarks) -> str:
    """What a check found, as something to read.

    Args:
        sheet: as read.
        decided: the outcome of each row that is not good.
        remarks: why.
        notes: what else is worth knowing, by row.
    """
    lines = [line for number, each in enumerate(sheet.inputs) for line in _how_read(sheet, number, each)]
    if not len(sheet):
        return "\n".join([*lines, phrase("check_no_rows")])
    counts = Counter(decided.values())
    lines += [
        "",
        *_columns(sheet),
        *_unused(sheet),
        "",
        counted(len(sheet), "row"),
        f"  {language.number(len(sheet) - len(decided), '>7,')}  {phrase('check_good')}",
    ]
    lines += [
        f"  {language.number(count, '>7,')}  {label(f'page_done_{name}')}"
        for name, count in sorted(counts.items(), reverse=True)
    ]
    for title, outcome in ((phrase("past_rejected"), "rejected"), (phrase("check_duplicates"), "duplicate")):
        lines += _grouped(sheet, title, {row: each for row, each in remarks.items() if decided.get(row) == outcome})
    lines += _grouped(sheet, phrase("plan_notes"), notes)
    return "\n".join(lines)


def check_data(sheet: Sheet, remarks: Remarks, notes: Remarks) -> dict[str, Any]:
    """What a check found, for programs: `files`, `columns`, `issues`, `notes`."""
    table = sheet.table

    def said(found: Remarks) -> list[dict[str, Any]]:
        return [
            {
                "file": sheet.inputs[number_at(table["input"], row)].name,
                "sheet": sheet.inputs[number_at(table["input"], row)].sheet,
                "row": number_at(table["row"], row),
                "column": remark.column,
                "code": remark.code,
                "message": messages.text(remark.code, remark.values),
            }
            for row, each in sorted(found.items())
            for remark in each
        ]

    rows = Counter(table["input"])
    return {
        "files": [
            {
                "file": each.path,
                "sheet": each.sheet,
                "header_row": each.header_row,
                "encoding": each.encoding,
                "delimiter": each.delimiter,
                "quote": each.quote,
                "rows": rows[number],
                "unused": [one.header for one in sheet.unused[number]] if sheet.unused else [],
                "notes": [{"code": note.code, "message": messages.text(note.code, note.values)} for note in each.notes],
            }
            for number, each in enumerate(sheet.inputs)
        ],
        "columns": [
            {
                "file": sheet.inputs[each.input].path,
                "sheet": sheet.inputs[each.input].sheet,
                "column": each.header,
                "field": each.name,
                "filled": each.filled,
                "bad": each.bad,
                "samples": [list(pair) for pair in each.samples],
            }
            for each in sheet.understood
        ],
        "issues": said(remarks),
        "notes": said(notes),
    }


def rejected_rows(sheet: Sheet, outcomes: Mapping[int, str], remarks: Remarks) -> Iterator[ReportRow]:
    """The rows that would not make it, as `rejected.*` takes them."""
    places = zip(sheet.table["input"], sheet.table["row"], strict=True)
    for row, ((number, place), cells) in enumerate(zip(places, sheet.cells(), strict=True)):
        if outcomes.get(row) == "rejected":
            yield ReportRow(int(number), int(place), "", "rejected", None, {}, list(remarks.get(row, ())), {}, 0, cells)


def _how_read(sheet: Sheet, number: int, found: Input) -> Iterator[str]:
    if found.sheet:
        how = phrase("check_sheet", sheet=found.sheet)
    else:
        delimiter = phrase("check_tab") if found.delimiter == "\t" else found.delimiter
        code = "check_csv_unquoted" if found.quote == "none" else "check_csv"
        how = phrase(code, encoding=found.encoding, delimiter=delimiter, quote=found.quote)
    rows = counted(int((sheet.table["input"] == number).sum()), "row")
    yield visible(phrase("check_file", file=found.name, how=how, row=found.header_row, rows=rows))
    for note in found.notes:
        yield f"  {visible(messages.text(note.code, note.values))}"


def _columns(sheet: Sheet) -> list[str]:
    """A table of how each column was understood."""
    codes = ("check_column", "check_is", "check_filled", "check_bad", "check_example")
    rows = [tuple(phrase(code) for code in codes)]
    for each in sheet.understood:
        samples = [
            _sample(before) if before == after else f"{_sample(before)} → {_sample(after)}"
            for before, after in each.samples
        ]
        name = messages.field_words(each.name)
        rows.append(
            (_short(each.header), name, language.number(each.filled), language.number(each.bad), " · ".join(samples))
        )
    widths = [max(len(row[place]) for row in rows) for place in range(4)]
    return [
        f"  {header:<{widths[0]}}  {name:<{widths[1]}}  {filled:>{widths[2]}}  {bad:>{widths[3]}}  {samples}".rstrip()
        for header, name, filled, bad, samples in rows
    ]


def _unused(sheet: Sheet) -> list[str]:
    """The columns that the mapping leaves alone, and what only the account can tell."""
    names = dict.fromkeys(
        f"{_short(each.header)} ({', '.join(each.columns)})" if each.columns else _short(each.header)
        for unused in sheet.unused
        for each in unused
    )
    lines = ["", f"  {phrase('check_unmapped', columns=', '.join(names))}"] if names else []
    if any(each.name == "groups" for each in sheet.understood):
        lines += ["", f"  {phrase('check_groups')}"]
    return lines


def _grouped(sheet: Sheet, title: str, remarks: Remarks) -> list[str]:
    """Remarks of one kind about one column together: of how many rows, the first one's text, the first places."""
    reasons = Reasons()
    for row, each in sorted(remarks.items()):
        said = (
            Said(
                str(remark.values.get("because", remark.code)),
                remark.column,
                visible(messages.text(remark.code, remark.values)),
                remark,
            )
            for remark in each
        )
        reasons.add(title, (0, row), said)
    kinds = reasons.kinds()
    if not kinds:
        return []
    rows, told = reasons.rows(title), sum(kind.rows for kind in kinds)
    if told > rows:
        many, reasons_told = counted(rows, "row"), counted(told, "reason")
        lines = ["", phrase("check_title_several", title=title, rows=many, reasons=reasons_told)]
    else:
        lines = ["", phrase("check_title", title=title, rows=language.number(rows))]
    for kind in kinds:
        words = visible(kind.common.text()) if _names_rows(kind) else kind.said
        lines.append(
            f"  {language.number(kind.rows, '>7,')}  {f'{visible(kind.column)}: ' if kind.column else ''}{words}"
        )
        lines.append(f"           {_where(sheet, kind)}")
    return lines


def _where(sheet: Sheet, kind: Kind) -> str:
    """The first rows of a kind; where each has words of its own, whose were told, or what goes for each alone."""
    places = [_place(sheet, row) for _, row in kind.places]
    left = kind.rows - len(places)
    each_told = _names_rows(kind)
    if each_told:
        places = [
            place_with_example(place, visible(kind.common.example(values)))
            for place, values in zip(places, kind.values, strict=True)
        ]
    together = kind.alike or each_told
    shown = ", ".join(places if together else places[1:])
    if left:
        shown = phrase("and_more", shown=shown, count=language.number(left))
    if kind.rows == 1:
        return phrase("row_at", row=places[0])
    if together:
        return phrase("rows_at", rows=shown)
    code = "check_row_likewise" if kind.rows == 2 else "check_rows_likewise"  # noqa: PLR2004 - the first and one more
    return phrase(code, row=places[0], rows=shown)


def _names_rows(kind: Kind) -> bool:
    """Whether each row's words name other rows: said of the first alone, they would make a row repeat itself."""
    return not kind.alike and any({"row", "rows"} & set(values) for values in kind.values)


def _place(sheet: Sheet, row: int) -> str:
    number = number_at(sheet.table["row"], row)
    found = sheet.inputs[number_at(sheet.table["input"], row)]
    return str(number) if len(sheet.inputs) == 1 else visible(f"{found.sheet or found.name}:{number}")


def _sample(text: str) -> str:
    """A cell's text: with its blanks to be seen, several groups as a list."""
    shown = _short(text.replace(GROUP_SEPARATOR, ", "))
    return f"“{shown}”" if shown != shown.strip() else shown or "–"


def _short(text: str) -> str:
    text = visible(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
