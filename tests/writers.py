"""Writes one table as a workbook of each kind, and says how its cells should read.

A table is a list of rows of: None, str, int, float, bool, date, datetime, time, timedelta, Padded, Percent, Error.
Days must lie between 01/03/1900, before which the kinds differ, and 31/12/9999; texts must be ones that XML can hold.
"""

import datetime
import io
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import xlsxwriter

from sync.grid import Cell, Kind

with warnings.catch_warnings():  # xlwt is old, and newer versions of Python say so when they compile it
    warnings.simplefilter("ignore")
    import xlwt


@dataclass(frozen=True)
class Padded:
    """A whole number shown with leading zeros."""

    number: int
    width: int


@dataclass(frozen=True)
class Percent:
    """A share, shown as a percentage."""

    share: float


@dataclass(frozen=True)
class Error:
    """What a formula that failed shows."""

    text: str


ERRORS = {"#NULL!": 0x00, "#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#NAME?": 0x1D, "#NUM!": 0x24, "#N/A": 0x2A}
Table = Sequence[Sequence[Any]]
Sheets = Mapping[str, Table]


def expected_cell(value: Any) -> Cell:  # noqa: C901 - one case for each type
    """How a cell with this value reads, whatever the kind of workbook."""
    match value:
        case None:
            return Cell("")
        case str():
            return Cell(value)
        case bool():
            return Cell("TRUE" if value else "FALSE", Kind.TRUTH)
        case int() | float():
            return Cell(_digits(value), Kind.NUMBER)
        case Padded():
            return Cell(str(value.number).zfill(value.width), Kind.PADDED)
        case Percent():
            return Cell(_digits(value.share * 100) + "%", Kind.PERCENT)
        case Error():
            return Cell(value.text, Kind.ERROR)
        case datetime.datetime() if value.time() != datetime.time():
            return Cell(value.isoformat(sep=" "), Kind.MOMENT)
        case datetime.datetime():
            return Cell(value.date().isoformat(), Kind.DATE)
        case datetime.date():
            return Cell(value.isoformat(), Kind.DATE)
        case datetime.time():
            return Cell(value.isoformat(), Kind.TIME)
        case datetime.timedelta():
            hours, rest = divmod(round(value.total_seconds()), 3600)
            return Cell(f"{hours:02}:{rest // 60:02}:{rest % 60:02}", Kind.DURATION)
    raise TypeError(value)


def expected_rows(table: Table) -> dict[int, list[Cell]]:
    """The rows that a reader gives, by their numbers: without blank ones, and blank cells at the end."""
    found = {}
    for number, row in enumerate(table, start=1):
        cells = [expected_cell(value) for value in row]
        while cells and cells[-1] == Cell(""):
            cells.pop()
        if any(cell.kind or cell.text.strip() for cell in cells):
            found[number] = cells
    return found


def _digits(value: float) -> str:
    text = format(Decimal(f"{float(value):.15g}"), "f")
    return "0" if text == "-0" else text


def number_and_format(value: Any) -> tuple[float, str] | None:
    """What Excel stores of a value, and under which number format; None for texts, truths, errors and blanks."""
    match value:
        case bool():
            return None
        case int() | float():
            return float(value), "General"
        case Padded():
            return float(value.number), "0" * value.width
        case Percent():
            return value.share, "0.00%"
        case datetime.datetime():
            return (value - datetime.datetime(1899, 12, 30)) / datetime.timedelta(days=1), "dd\\.mm\\.yyyy\\ hh:mm:ss"  # noqa: DTZ001
        case datetime.date():
            return float((value - datetime.date(1899, 12, 30)).days), "dd/mm/yyyy"
        case datetime.time():
            return (value.hour * 3600 + value.minute * 60 + value.second) / 86400, "hh:mm:ss"
        case datetime.timedelta():
            return value / datetime.timedelta(days=1), "[h]:mm:ss"
    return None


def write_xls(sheets: Sheets, *, change: Callable[[xlwt.Workbook], None] = lambda _: None) -> bytes:
    """The .xls workbook; `change` may do something to xlwt's workbook before it is saved."""
    book = xlwt.Workbook(encoding="utf-8")
    styles: dict[str, xlwt.XFStyle] = {}
    for name, table in sheets.items():
        page = book.add_sheet(name)
        for y, row in enumerate(table):
            for x, value in enumerate(row):
                number = number_and_format(value)
                if number is not None:
                    style = styles.get(number[1])
                    if style is None:
                        style = styles[number[1]] = xlwt.XFStyle()
                        style.num_format_str = number[1]
                    page.row(y).set_cell_number(x, number[0], style)
                elif isinstance(value, Error):
                    page.row(y).set_cell_error(x, ERRORS[value.text])
                elif isinstance(value, bool):
                    page.row(y).set_cell_boolean(x, value)
                elif value is not None:
                    page.write(y, x, value)
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def write_xlsx_openpyxl(sheets: Sheets, *, change: Callable[[openpyxl.Workbook], None] = lambda _: None) -> bytes:
    """The .xlsx workbook, by openpyxl: texts in the cells themselves."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, table in sheets.items():
        page = book.create_sheet(name)
        for y, row in enumerate(table, start=1):
            for x, value in enumerate(row, start=1):
                number = number_and_format(value)
                if value is None:
                    continue
                cell = page.cell(y, x)
                if number is not None:
                    cell.value, cell.number_format = number
                elif isinstance(value, Error):
                    cell.value = value.text
                    cell.data_type = "e"
                else:
                    cell.value = value
                    if isinstance(value, str):
                        cell.data_type = "s"  # a text that begins with = is none, and #N/A none either
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def write_xlsx_xlsxwriter(sheets: Sheets, *, in_memory: bool = True) -> bytes:
    """The .xlsx workbook, by XlsxWriter; with `in_memory` false, texts stand in the cells themselves."""
    target = io.BytesIO()
    options = {"in_memory": in_memory, "constant_memory": not in_memory}
    with xlsxwriter.Workbook(target, options) as book:
        styles: dict[str, Any] = {}
        for name, table in sheets.items():
            page = book.add_worksheet(name)
            for y, row in enumerate(table):
                for x, value in enumerate(row):
                    number = number_and_format(value)
                    if number is not None:
                        style = styles.get(number[1])
                        if style is None:
                            style = styles[number[1]] = book.add_format({"num_format": number[1]})
                        page.write_number(y, x, number[0], style)
                    elif isinstance(value, Error):
                        page.write_formula(y, x, "=NA()", None, value.text)
                    elif isinstance(value, bool):
                        page.write_boolean(y, x, value)
                    elif value:
                        page.write_string(y, x, value)
    return target.getvalue()


# OpenDocument

_SPACES = {
    "office": "office:1.0",
    "table": "table:1.0",
    "text": "text:1.0",
    "style": "style:1.0",
    "number": "datastyle:1.0",
    "draw": "drawing:1.0",
}
_NAMESPACES = (
    " ".join(f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}"' for short, name in _SPACES.items())
    + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">{}</manifest:file-entry>'
    "</manifest:manifest>"
)


def write_ods(sheets: Sheets) -> bytes:
    """The .ods workbook."""
    widths = sorted({cell.width for table in sheets.values() for row in table for cell in row if _is_padded(cell)})
    styles = '<number:time-style style:name="elapsed" number:truncate-on-overflow="false"><number:hours/>'
    styles += '</number:time-style><style:style style:name="ce" style:family="table-cell" '
    styles += 'style:data-style-name="elapsed"/>'
    for width in widths:
        styles += f'<number:number-style style:name="n{width}"><number:number number:decimal-places="0" '
        styles += f'number:min-integer-digits="{width}"/></number:number-style><style:style style:name="c{width}" '
        styles += f'style:family="table-cell" style:data-style-name="n{width}"/>'
    return ods_of(
        "".join(
            f"<table:table table:name={quoteattr(name)}>"
            + "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in table)
            + "</table:table>"
            for name, table in sheets.items()
        ),
        styles,
    )


def ods_of(tables: str, styles: str = "", *, manifest: str = "", mimetype: str = "", prologue: str = "") -> bytes:
    """An .ods workbook of XML: the sheets' elements, and those of the styles."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{prologue}<office:document-content {_NAMESPACES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped(
        {
            "mimetype": (mimetype or "application/vnd.oasis.opendocument.spreadsheet").encode(),
            "META-INF/manifest.xml": _MANIFEST.format(manifest).encode(),
            "content.xml": content.encode(),
        }
    )


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """An archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


def _is_padded(cell: Any) -> bool:
    return isinstance(cell, Padded)


def _ods_cell(value: Any) -> str:  # noqa: C901 - as above
    text = escape(expected_cell(value).text)
    match value:
        case None:
            return "<table:table-cell/>"
        case str():
            return f'<table:table-cell office:value-type="string">{_ods_paragraphs(value)}</table:table-cell>'
        case bool():
            facts = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
        case int() | float():
            facts = f'office:value-type="float" office:value="{value!r}"'
        case Padded():
            facts = f'table:style-name="c{value.width}" office:value-type="float" office:value="{value.number}"'
        case Percent():
            facts = f'office:value-type="percentage" office:value="{value.share!r}"'
        case Error():
            facts = 'table:formula="of:=NA()" office:value-type="string" office:string-value="" '
            facts += 'calcext:value-type="error"'
        case datetime.date():
            facts = f'office:value-type="date" office:date-value="{value.isoformat()}"'
        case datetime.time():
            facts = f'office:value-type="time" office:time-value="{value.strftime("PT%HH%MM%SS")}"'
        case datetime.timedelta():
            hours, minutes, seconds = expected_cell(value).text.split(":")
            facts = f'table:style-name="ce" office:value-type="time" office:time-value="PT{hours}H{minutes}M{seconds}S"'
    return f"<table:table-cell {facts}><text:p>{text}</text:p></table:table-cell>"


def _ods_paragraphs(text: str) -> str:
    paragraphs = []
    for line in text.split("\n"):
        written = escape(line).replace("\t", "<text:tab/>").replace("  ", '<text:s text:c="2"/>')
        paragraphs.append(f"<text:p>{'<text:s/>' + written[1:] if written.startswith(' ') else written}</text:p>")
    return "".join(paragraphs)


# .xlsb: records of the binary format, each with its number, length and bytes

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_BINARY = "application/vnd.ms-excel"


def record(number: int, data: bytes = b"") -> bytes:
    """One record."""
    head = bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])
    length = len(data)
    while length >= 0x80:
        head += bytes([length & 0x7F | 0x80])
        length >>= 7
    return head + bytes([length]) + data


def wide(text: str) -> bytes:
    """A text with its length."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    return struct.pack("<I", len(encoded) // 2) + encoded


def row_record(y: int, *, hidden: bool = False) -> bytes:
    """The head of a row."""
    return record(0, struct.pack("<IIHBBBI", y, 0, 300, 0, 0x10 if hidden else 0, 0, 0))


def cell_record(number: int, x: int, style: int, data: bytes) -> bytes:
    """One cell."""
    return record(number, struct.pack("<II", x, style) + data)


def write_xlsb(
    sheets: Sheets,
    *,
    states: Mapping[str, int] | None = None,
    epoch_1904: bool = False,
    hidden_rows: Sequence[int] = (),
    columns: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """The .xlsb workbook.

    Args:
        sheets: the tables.
        states: 1 for hidden sheets, 2 for very hidden ones.
        epoch_1904: the date system.
        hidden_rows: numbers from 1, in every sheet.
        columns: records before the cells.
        after: records after the cells.
    """
    codes: list[str] = ["General"]
    texts: dict[str, int] = {}
    pages = []
    for table in sheets.values():
        page = [record(129), record(148, struct.pack("<4I", 0, max(len(table) - 1, 0), 0, 0)), columns, record(145)]
        for y, row in enumerate(table):
            page.append(row_record(y, hidden=y + 1 in hidden_rows))
            page += [_xlsb_cell(x, value, codes, texts) for x, value in enumerate(row)]
        pages.append(b"".join([*page, record(146), after, record(130)]))
    return xlsb_of(dict(zip(sheets, pages, strict=True)), codes, list(texts), states=states, epoch_1904=epoch_1904)


def xlsb_of(
    pages: Mapping[str, bytes],
    codes: Sequence[str] = ("General",),
    texts: Sequence[str] = (),
    *,
    states: Mapping[str, int] | None = None,
    epoch_1904: bool = False,
) -> bytes:
    """An .xlsb workbook of records: the sheets' parts, number formats, and shared texts."""
    book = record(131) + record(153, struct.pack("<III", int(epoch_1904), 0, 0)) + record(143)
    relations, kinds = "", ""
    parts: dict[str, bytes] = {}
    for index, (name, page) in enumerate(pages.items(), start=1):
        state = (states or {}).get(name, 0)
        book += record(156, struct.pack("<II", state, index) + wide(f"rId{index}") + wide(name))
        relations += _relation(f"rId{index}", "worksheet", f"worksheets/sheet{index}.bin")
        kinds += _content_type(f"xl/worksheets/sheet{index}.bin", "worksheet")
        parts[f"xl/worksheets/sheet{index}.bin"] = page
    relations += _relation("rIdStyles", "styles", "styles.bin") + _relation(
        "rIdT", "sharedStrings", "sharedStrings.bin"
    )
    kinds += _content_type("xl/styles.bin", "styles") + _content_type("xl/sharedStrings.bin", "sharedStrings")
    styles = record(278) + record(615, struct.pack("<I", len(codes)))
    styles += b"".join(record(44, struct.pack("<H", 164 + index) + wide(code)) for index, code in enumerate(codes))
    styles += record(616) + record(617, struct.pack("<I", len(codes)))
    styles += b"".join(record(47, struct.pack("<HH", 0, 164 + index) + bytes(12)) for index in range(len(codes)))
    styles += record(618) + record(279)
    shared = record(159, struct.pack("<II", len(texts), len(texts)))
    shared += b"".join(record(19, b"\0" + wide(text)) for text in texts) + record(160)
    return zipped(
        {
            "[Content_Types].xml": (
                f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
                f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/xl/workbook.bin" ContentType="{_BINARY}.sheet.binary.macroEnabled.main"/>'
                f"{kinds}</Types>"
            ).encode(),
            "_rels/.rels": _relations(_relation("rId1", "officeDocument", "xl/workbook.bin")),
            "xl/_rels/workbook.bin.rels": _relations(relations),
            "xl/workbook.bin": book + record(144) + record(132),
            "xl/styles.bin": styles,
            "xl/sharedStrings.bin": shared,
            **parts,
        }
    )


def _relation(identifier: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{identifier}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'


def _relations(relations: str) -> bytes:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'.encode()


def _content_type(part: str, kind: str) -> str:
    return f'<Override PartName="/{part}" ContentType="{_BINARY}.{kind}"/>'


def _xlsb_cell(x: int, value: Any, codes: list[str], texts: dict[str, int]) -> bytes:
    number = number_and_format(value)
    if number is not None:
        if number[1] not in codes:
            codes.append(number[1])
        style = codes.index(number[1])
        whole = int(number[0])
        if whole == number[0] and -(1 << 29) <= whole < 1 << 29:
            return cell_record(2, x, style, struct.pack("<I", (whole << 2 | 2) & 0xFFFFFFFF))
        return cell_record(5, x, style, struct.pack("<d", number[0]))
    match value:
        case None:
            return b""
        case bool():
            return cell_record(4, x, 0, bytes([value]))
        case Error():
            return cell_record(3, x, 0, bytes([ERRORS[value.text]]))
        case _:
            return cell_record(7, x, 0, struct.pack("<I", texts.setdefault(value, len(texts))))
