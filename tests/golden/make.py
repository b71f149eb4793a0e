"""Makes the files of this folder and what a person sees in each; run by hand: `python -m tests.golden.make`.

The expected rows stand here as they were written down from what Excel shows; no reader of ours has a part in them.
Where `soffice` is on the path, files that LibreOffice writes are made too; the others stay as they are.
"""

import csv
import datetime
import gzip
import io
import json
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from tests.writers import (
    Error,
    Padded,
    Percent,
    write_ods,
    write_xls,
    write_xlsb,
    write_xlsx_openpyxl,
    write_xlsx_xlsxwriter,
    zipped,
)

HERE = Path(__file__).parent
Expected = Mapping[int, Sequence[Any]]
UNSOLVED = [10, ""]


def number(text: str) -> list[Any]:
    return [1, text]


def padded(text: str) -> list[Any]:
    return [2, text]


def percent(text: str) -> list[Any]:
    return [3, text]


def date(text: str) -> list[Any]:
    return [4, text]


def moment(text: str) -> list[Any]:
    return [5, text]


def time(text: str) -> list[Any]:
    return [6, text]


def duration(text: str) -> list[Any]:
    return [7, text]


def truth(text: str) -> list[Any]:
    return [8, text]


def error(text: str) -> list[Any]:
    return [9, text]


def keep(name: str, content: bytes, rows: Expected, **facts: Any) -> None:
    """Writes a file, and what is expected of it."""
    assert len(content) < 20_000, name
    (HERE / name).write_bytes(content)
    every = {
        "sheet": "",
        "encoding": "",
        "delimiter": "",
        "quote": "",
        "hidden_rows": [],
        "filtered": False,
        "hidden_columns": [],
        "merged": [],
        **facts,
    }
    lines = [f"    {json.dumps([number, list(cells)], ensure_ascii=False)}" for number, cells in rows.items()]
    head = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in every.items()]
    text = "\n".join(["{", *head, '  "rows": [', ",\n".join(lines), "  ]", "}", ""])
    (HERE / f"{name}.json").write_text(text, encoding="utf-8")


def text_file(name: str, content: bytes, encoding: str, delimiter: str, rows: Expected, quote: str = '"') -> None:
    keep(name, content, rows, encoding=encoding, delimiter=delimiter, quote=quote)


# One table, the same in every format

HEADER = ["Ad", "Soyad", "Cep", "E-posta", "Doğum Tarihi", "Şehir"]
PEOPLE: list[list[Any]] = [
    ["Ayşe", "Yılmaz", "05001112233", "ayse.yilmaz@example.com", "27.09.1984", "İstanbul"],
    ["Çağrı", "Öztürk", "05001112234", "cagri@example.com", "01.03.1990", "Iğdır"],
    ["Işık", "Güneş", "05001112235", "", "", 'Şişli; "Merkez"'],
    ["Ümit", "", "05001112236", "umit@example.org", "31.12.1969", "Muğla"],
]
TYPED = [HEADER] + [
    [
        *(ad, soyad or None, Padded(int(cep), 11), e_posta or None),
        datetime.datetime.strptime(day, "%d.%m.%Y").date() if day else None,  # noqa: DTZ007 - a day, no moment
        city,
    ]
    for ad, soyad, cep, e_posta, day, city in PEOPLE
]
SEEN_IN_TEXT: Expected = {1: HEADER, **dict(enumerate(PEOPLE, start=2))}
SEEN_IN_BOOK: Expected = {
    1: HEADER,
    2: ["Ayşe", "Yılmaz", padded("05001112233"), "ayse.yilmaz@example.com", date("1984-09-27"), "İstanbul"],
    3: ["Çağrı", "Öztürk", padded("05001112234"), "cagri@example.com", date("1990-03-01"), "Iğdır"],
    4: ["Işık", "Güneş", padded("05001112235"), "", "", 'Şişli; "Merkez"'],
    5: ["Ümit", "", padded("05001112236"), "umit@example.org", date("1969-12-31"), "Muğla"],
}


def people(delimiter: str, end: str = "\r\n", *, quote: str = '"') -> str:
    """The table as text."""
    target = io.StringIO(newline="")
    quoting = csv.QUOTE_MINIMAL if quote == '"' else csv.QUOTE_ALL
    writer = csv.writer(target, delimiter=delimiter, lineterminator=end, quotechar=quote, quoting=quoting)
    writer.writerows([HEADER, *PEOPLE])
    return target.getvalue()


def make_same() -> None:
    excel, unix = people(";"), people(",", "\n")
    text_file("same-windows-1254.csv", excel.encode("windows-1254"), "windows-1254", ";", SEEN_IN_TEXT)
    # The same letters stand at the same places in ISO-8859-9, and no file says which of the two it is.
    text_file("same-iso-8859-9.csv", excel.encode("iso-8859-9"), "windows-1254", ";", SEEN_IN_TEXT)
    text_file("same-cp857.csv", excel.encode("cp857"), "cp857", ";", SEEN_IN_TEXT)
    text_file("same-utf-8.csv", unix.encode(), "utf-8", ",", SEEN_IN_TEXT)
    text_file("same-utf-8-mark.csv", excel.encode("utf-8-sig"), "utf-8-sig", ";", SEEN_IN_TEXT)
    tabs = people("\t")
    text_file("same-utf-16-le-mark.txt", b"\xff\xfe" + tabs.encode("utf-16-le"), "utf-16", "\t", SEEN_IN_TEXT)
    text_file("same-utf-16-be-mark.txt", b"\xfe\xff" + tabs.encode("utf-16-be"), "utf-16", "\t", SEEN_IN_TEXT)
    text_file("same-utf-16-le.txt", tabs.encode("utf-16-le"), "utf-16-le", "\t", SEEN_IN_TEXT)
    text_file("same-utf-16-be.txt", tabs.encode("utf-16-be"), "utf-16-be", "\t", SEEN_IN_TEXT)
    text_file("same-pipe.csv", people("|").encode(), "utf-8", "|", SEEN_IN_TEXT)
    text_file("same-mac-line-ends.csv", people(";", "\r").encode(), "utf-8", ";", SEEN_IN_TEXT)
    text_file("same-single-quotes.csv", people(",", quote="'").replace('"', "”").encode(), "utf-8", ",", CURLY, "'")
    below = {row + 1: cells for row, cells in SEEN_IN_TEXT.items()}
    text_file("same-sep-line.csv", ("sep=;\r\n" + excel).encode("windows-1254"), "windows-1254", ";", below)
    packed = gzip.compress(excel.encode("utf-8-sig"), mtime=0)
    text_file("same-packed.csv.gz", packed, "utf-8-sig", ";", SEEN_IN_TEXT)
    text_file("same-csv-named.xls", tabs.encode("windows-1254"), "windows-1254", "\t", SEEN_IN_TEXT)
    sheets = {"Müşteriler": TYPED}
    facts = {"sheet": "Müşteriler", "sheets": [["Müşteriler", True]]}
    keep("same-openpyxl.xlsx", write_xlsx_openpyxl(sheets), SEEN_IN_BOOK, **facts)
    keep("same-xlsxwriter.xlsx", write_xlsx_xlsxwriter(sheets), SEEN_IN_BOOK, **facts)
    keep("same-inline.xlsx", write_xlsx_xlsxwriter(sheets, in_memory=False), SEEN_IN_BOOK, **facts)
    keep("same-xlsx-named.xls", write_xlsx_xlsxwriter(sheets), SEEN_IN_BOOK, **facts)
    keep("same.xls", write_xls(sheets), SEEN_IN_BOOK, **facts)
    keep("same.xlsb", write_xlsb(sheets), SEEN_IN_BOOK, **facts)
    keep("same.ods", write_ods(sheets), SEEN_IN_BOOK, **facts)
    macros = changed(
        write_xlsx_xlsxwriter(sheets),
        "[Content_Types].xml",
        ("spreadsheetml.sheet.main+xml", "macroEnabled.main+xml"),
        ("vnd.openxmlformats-officedocument.macro", "vnd.ms-excel.sheet.macro"),
    )
    keep("same-macros.xlsm", macros, SEEN_IN_BOOK, **facts)


CURLY = {row: [cell.replace('"', "”") for cell in cells] for row, cells in SEEN_IN_TEXT.items()}


# CSV files as people send them

AS_THEY_STAND: Expected = {
    1: ["Ad", "Cep", "Tutar"],
    2: ["  Ali ", '="05001112233"', "1.234,50 ₺"],
    3: ["'05", "5,00111E+09", "%50"],
}


def make_texts() -> None:
    banner = (
        "Müşteri Listesi;;\r\nTarih: 27.09.2024;;\r\n;;\r\n"
        "Ad;Cep;Not\r\nAli;05001112233;x\r\n\r\nVeli;05001112234;\r\n;;\r\n;;\r\n"
    )
    text_file(
        "banner-and-blank-lines.csv",
        banner.encode("windows-1254"),
        "windows-1254",
        ";",
        {
            1: ["Müşteri Listesi", "", ""],
            2: ["Tarih: 27.09.2024", "", ""],
            4: ["Ad", "Cep", "Not"],
            5: ["Ali", "05001112233", "x"],
            7: ["Veli", "05001112234", ""],
        },
    )
    breaks = 'Ad,Adres,Cep\n"Ali ""Bey""","1. Sokak\n2. Kat, Ankara",05001112233\nVeli,"a;b","""x"""\n'
    text_file(
        "quoted-line-breaks.csv",
        breaks.encode(),
        "utf-8",
        ",",
        {
            1: ["Ad", "Adres", "Cep"],
            2: ['Ali "Bey"', "1. Sokak\n2. Kat, Ankara", "05001112233"],
            4: ["Veli", "a;b", '"x"'],
        },
    )
    text_file(
        "ragged.csv",
        "Ad;Cep;Not\nAli;05001112233\nVeli;05001112234;x;y\nŞule\n".encode(),
        "utf-8",
        ";",
        {1: ["Ad", "Cep", "Not"], 2: ["Ali", "05001112233"], 3: ["Veli", "05001112234", "x", "y"], 4: ["Şule"]},
    )
    text_file(
        "cells-as-they-stand.csv",
        'Ad;Cep;Tutar\n  Ali ;="05001112233";1.234,50 ₺\n\'05;5,00111E+09;%50\n'.encode("utf-8-sig"),
        "utf-8-sig",
        ";",
        AS_THEY_STAND,
    )
    keep(
        "one-column.txt",
        b"+905001112233\r\n+905001112234\r\n\r\n+905001112235\r\n",
        {1: ["+905001112233"], 2: ["+905001112234"], 4: ["+905001112235"]},
        encoding="utf-8",
        delimiter=None,  # there is none, and whatever is said of it is right
        quote='"',
    )


# Workbooks


def changed(content: bytes, part: str, *changes: tuple[str, str]) -> bytes:
    """The workbook with texts of one part replaced; each must be there."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts[part].decode()
    for old, new in changes:
        assert old in text, (part, old)
        text = text.replace(old, new)
    return zipped({**parts, part: text.encode()})


NUMBERS: list[tuple[float, str, Any]] = [
    (5001112233, "00000000000", padded("05001112233")),
    (5001112233, '"0"0000000000', padded("05001112233")),
    (5001112233, "0000 000 00 00", padded("05001112233")),
    (5001112233, "0000\\ 000\\ 00\\ 00;@", padded("05001112233")),
    (7, "000;-000", padded("007")),
    (5001112233, "General", number("5001112233")),
    (5001112233, "#,##0", number("5001112233")),
    (1234.5, "#,##0.00", number("1234.5")),
    (1234.5, '#,##0.00\\ "₺"', number("1234.5")),
    (1234.5, "[$₺-41F]#,##0.00", number("1234.5")),
    (905001112233, "0.00E+00", number("905001112233")),
    (0.5, "0%", percent("50%")),
    (0.125, "0.00%", percent("12.5%")),
    (0.5, "%0", percent("50%")),
    (0.1 + 0.2, "General", number("0.3")),
    (1e-7, "General", number("0.0000001")),
    (-3, "0;[Red]-0", number("-3")),
    (45562, "dd/mm/yyyy", date("2024-09-27")),
    (45562, "d mmmm yyyy", date("2024-09-27")),
    (45562, "[$-41F]d mmmm yyyy dddd;@", date("2024-09-27")),
    (45562, "mmm\\-yy", date("2024-09-27")),
    (45562, "General", number("45562")),
    (45562.5625, "dd/mm/yyyy hh:mm", moment("2024-09-27 13:30:00")),
    (0.5625, "hh:mm", time("13:30:00")),
    (0.5625, "h:mm:ss AM/PM", time("13:30:00")),
    (25.05 / 24, "[h]:mm:ss", duration("25:03:00")),
    (0.5, "[h]:mm", duration("12:00:00")),
]


def by_openpyxl(fill: Any) -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = "Sayfa1"
    fill(book, page)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def by_xlsxwriter(fill: Any, **options: Any) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, **options}) as book:
        fill(book, book.add_worksheet("Sayfa1"))
    return target.getvalue()


ONE_SHEET = {"sheet": "Sayfa1", "sheets": [["Sayfa1", True]]}


def make_numbers() -> None:
    def fill_openpyxl(_: Any, page: Any) -> None:
        for place, (value, code, _) in enumerate(NUMBERS, start=1):
            page.cell(place, 1, code).data_type = "s"
            page.cell(place, 2, value).number_format = code

    def fill_xlsxwriter(book: Any, page: Any) -> None:
        for place, (value, code, _) in enumerate(NUMBERS):
            page.write_string(place, 0, code)
            page.write_number(place, 1, value, book.add_format({"num_format": code}))

    seen = {place: [code, cell] for place, (_, code, cell) in enumerate(NUMBERS, start=1)}
    keep("numbers-openpyxl.xlsx", by_openpyxl(fill_openpyxl), seen, **ONE_SHEET)
    keep("numbers-xlsxwriter.xlsx", by_xlsxwriter(fill_xlsxwriter), seen, **ONE_SHEET)

    def fill_1904(book: Any, page: Any) -> None:
        page.write_number(0, 0, 44100, book.add_format({"num_format": "dd/mm/yyyy"}))
        page.write_number(0, 1, 44100.5625, book.add_format({"num_format": "dd/mm/yyyy hh:mm"}))
        page.write_number(0, 2, 44100)

    keep(
        "days-since-1904.xlsx",
        by_xlsxwriter(fill_1904, date_1904=True),
        {1: [date("2024-09-27"), moment("2024-09-27 13:30:00"), number("44100")]},
        **ONE_SHEET,
    )


def make_formulas() -> None:
    def fill(book: Any, page: Any) -> None:
        page.write_row(0, 0, ["Ad", "Cep", "Gün", "Boş", "Hata", "Evet", "Metin"])
        page.write_formula(1, 0, '="Ay"&"şe"', None, "Ayşe")
        page.write_formula(1, 1, "=5001112233", book.add_format({"num_format": "00000000000"}), 5001112233)
        page.write_formula(1, 2, "=DATE(2024,9,27)", book.add_format({"num_format": "dd/mm/yyyy"}), 45562)
        page.write_formula(1, 3, '=""', None, "")
        page.write_formula(1, 4, "=1/0", None, "#DIV/0!")
        page.write_formula(1, 5, "=1=1", None, True)
        page.write_formula(1, 6, '="007"', None, "007")
        page.write_boolean(2, 0, False)
        page.write_formula(2, 4, "=NA()", None, "#N/A")
        page.write_array_formula(2, 6, 2, 6, "{=SUM(1,2)}", None, 3)

    header = ["Ad", "Cep", "Gün", "Boş", "Hata", "Evet", "Metin"]
    without_type = '<c r="D2"><f>""</f>'  # Excel gives an empty text the type of texts
    keep(
        "formulas-solved.xlsx",
        changed(
            by_xlsxwriter(fill), "xl/worksheets/sheet1.xml", (without_type, without_type.replace("><", ' t="str"><', 1))
        ),
        {
            1: header,
            2: ["Ayşe", padded("05001112233"), date("2024-09-27"), "", error("#DIV/0!"), truth("TRUE"), "007"],
            3: [truth("FALSE"), "", "", "", error("#N/A"), "", number("3")],
        },
        **ONE_SHEET,
    )

    def fill_unsolved(_: Any, page: Any) -> None:
        page.append(["Ad", "Cep"])
        page.append(["Ali", "=Liste!B2"])
        page.append(['="Ve"&"li"', 5001112234])

    keep(
        "formulas-unsolved.xlsx",
        by_openpyxl(fill_unsolved),
        {1: ["Ad", "Cep"], 2: ["Ali", UNSOLVED], 3: [UNSOLVED, number("5001112234")]},
        **ONE_SHEET,
    )


def make_layouts() -> None:
    def fill(_: Any, page: Any) -> None:
        page.append(["Kişi", None, "Şube"])
        page.append(["Ad", "Cep", None])
        page.append(["Ali", "05001112233", "Ankara"])
        page.append(["Veli", "05001112234", None])
        page.merge_cells("A1:B1")
        page.merge_cells("C1:C2")
        page.merge_cells("C3:C4")

    keep(
        "merged.xlsx",
        by_openpyxl(fill),
        {
            1: ["Kişi", "", "Şube"],
            2: ["Ad", "Cep"],
            3: ["Ali", "05001112233", "Ankara"],
            4: ["Veli", "05001112234"],
        },
        **ONE_SHEET,
        merged=[[1, 1, 0, 1], [1, 2, 2, 2], [3, 4, 2, 2]],
    )

    def fill_hidden(book: Any, page: Any) -> None:
        book.add_worksheet("Ayarlar").hide()
        book.add_worksheet("Gizli").very_hidden()
        for place, row in enumerate([["Ad", "Kod", "Cep"], ["Ali", "x", "1"], ["Veli", "y", "2"], ["Can", "z", "3"]]):
            page.write_row(place, 0, row)
        page.set_column(1, 1, None, None, {"hidden": True})
        page.set_row(2, None, None, {"hidden": True})

    seen: Expected = {
        1: ["Ad", "Kod", "Cep"],
        2: ["Ali", "x", "1"],
        3: ["Veli", "y", "2"],
        4: ["Can", "z", "3"],
    }
    sheets = [["Sayfa1", True], ["Ayarlar", False], ["Gizli", False]]
    keep(
        "hidden.xlsx",
        by_xlsxwriter(fill_hidden),
        seen,
        sheet="Sayfa1",
        sheets=sheets,
        hidden_rows=[3],
        hidden_columns=[1],
    )

    def fill_filtered(_: Any, page: Any) -> None:
        for place, row in enumerate([["Ad", "Kod", "Cep"], ["Ali", "x", "1"], ["Veli", "y", "2"], ["Can", "z", "3"]]):
            page.write_row(place, 0, row)
        page.autofilter(0, 0, 3, 2)
        page.filter_column("A", 'x == "Can"')
        page.set_row(1, None, None, {"hidden": True})
        page.set_row(2, None, None, {"hidden": True})

    keep("filtered.xlsx", by_xlsxwriter(fill_filtered), seen, **ONE_SHEET, filtered=True, hidden_rows=[2, 3])


def make_unusual() -> None:
    """Workbooks as programs write them that are not Excel."""
    table = {"Sayfa1": [["Ad", "Cep", "Hata"], [], ["Ayşe", Padded(5001112233, 11), Error("#N/A")]]}
    seen: Expected = {1: ["Ad", "Cep", "Hata"], 3: ["Ayşe", padded("05001112233"), error("#N/A")]}
    book = write_xlsx_xlsxwriter(table)
    sheet = "xl/worksheets/sheet1.xml"
    keep("wrong-dimension.xlsx", changed(book, sheet, ('ref="A1:C3"', 'ref="A1"')), seen, **ONE_SHEET)
    places = [(f' r="{place}"', "") for place in ("A1", "B1", "C1", "A3", "B3", "C3")]
    keep("cells-without-places.xlsx", changed(book, sheet, *places), seen, **ONE_SHEET)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        xml = archive.read(sheet).decode()
    single = changed(book, sheet, (xml, xml.replace('"', "'")))
    keep("single-quoted-attributes.xlsx", single, seen, **ONE_SHEET)
    marked = changed(book, sheet, ('<row r="3"', '<!-- <row r="2"><c r="A2"><v>1</v></c></row> --><row r="3"'))
    keep("comments.xlsx", marked, seen, **ONE_SHEET)
    prefixed = xml.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:").replace("<x:?", "<?")
    prefixed = prefixed.replace('xmlns="', 'xmlns:x="')
    keep("prefixed-names.xlsx", changed(book, sheet, (xml, prefixed)), seen, **ONE_SHEET)
    shared = changed(
        write_xlsx_xlsxwriter({"Sayfa1": [["bir", "iki", "üç", "dört"]]}),
        "xl/sharedStrings.xml",
        ("<si><t>bir</t></si>", "<si><r><t>Ay</t></r><r><rPr><b/></rPr><t>şe</t></r></si>"),
        ("<si><t>iki</t></si>", '<si><t>山田</t><rPh sb="0" eb="2"><t>ヤマダ</t></rPh><phoneticPr fontId="1"/></si>'),
        ("<si><t>üç</t></si>", "<si><t>1. Sokak_x000D_\n2. Kat</t></si>"),
        ("<si><t>dört</t></si>", "<si><t>_x005F_x000D_</t></si>"),
    )
    keep("shared-texts.xlsx", shared, {1: ["Ayşe", "山田", "1. Sokak\n2. Kat", "_x000D_"]}, **ONE_SHEET)


MIXED = [
    ["Ad", "Cep", "Oran", "Gün", "An", "Saat", "Süre", "Evet", "Hata", "Sayı"],
    [
        *("Işıl", Padded(5001112233, 11), Percent(0.125), datetime.date(2024, 9, 27)),
        datetime.datetime(2024, 9, 27, 13, 30),  # noqa: DTZ001 - a cell knows no zone
        *(datetime.time(13, 30), datetime.timedelta(hours=25, minutes=3), True, Error("#N/A"), 1234.5),
    ],
    [],
    ["007", 905001112234, "1,5", None, None, None, None, False, Error("#DIV/0!"), -3],
]
SEEN_MIXED: Expected = {
    1: ["Ad", "Cep", "Oran", "Gün", "An", "Saat", "Süre", "Evet", "Hata", "Sayı"],
    2: [
        *("Işıl", padded("05001112233"), percent("12.5%"), date("2024-09-27"), moment("2024-09-27 13:30:00")),
        *(time("13:30:00"), duration("25:03:00"), truth("TRUE"), error("#N/A"), number("1234.5")),
    ],
    4: ["007", number("905001112234"), "1,5", "", "", "", "", truth("FALSE"), error("#DIV/0!"), number("-3")],
}


def make_mixed() -> None:
    for name, write in {
        "mixed.xls": write_xls,
        "mixed.xlsb": write_xlsb,
        "mixed.ods": write_ods,
        "mixed-openpyxl.xlsx": write_xlsx_openpyxl,
    }.items():
        keep(name, write({"Sayfa1": MIXED}), SEEN_MIXED, **ONE_SHEET)


# What LibreOffice writes


def converted(content: bytes, to: str) -> bytes:
    """What LibreOffice makes of an .xlsx workbook."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "in.xlsx").write_bytes(content)
        command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", to]
        subprocess.run([*command, "--outdir", f"{folder}/out", f"{folder}/in.xlsx"], check=True, capture_output=True)
        return next((Path(folder) / "out").iterdir()).read_bytes()


def make_libreoffice() -> None:
    sheets = {"Müşteriler": TYPED}
    facts = {"sheet": "Müşteriler", "sheets": [["Müşteriler", True]]}
    same = write_xlsx_xlsxwriter(sheets)
    for kind in ("xls", "xlsx", "ods"):
        keep(f"same-libreoffice.{kind}", converted(same, kind), SEEN_IN_BOOK, **facts)
    as_shown = {
        row: [cell.replace(".", "/") if index == 4 else cell for index, cell in enumerate(cells)]
        for row, cells in SEEN_IN_TEXT.items()
    }
    text = converted(same, "csv:Text - txt - csv (StarCalc):59,34,76")
    text_file("same-libreoffice.csv", text, "utf-8", ";", as_shown)

    def fill(book: Any, page: Any) -> None:
        for place, (value, code, _) in enumerate(NUMBERS):
            page.write_string(place, 0, str(place))
            page.write_number(place, 1, value, book.add_format({"num_format": code}))
        page.write_formula(30, 0, "=1+1", None, 2)
        page.write_formula(30, 1, "=1/0", None, "#DIV/0!")
        page.write_formula(31, 0, '=""', None, "")
        page.write_formula(31, 1, "=1=1", None, True)
        page.write_string(32, 0, "İki\nsatır")
        page.merge_range(33, 0, 33, 1, "birleşik", book.add_format())
        page.write_string(34, 0, "gizli")
        page.set_row(34, None, None, {"hidden": True})
        page.write_string(35, 3, "D")
        page.set_column(2, 2, None, None, {"hidden": True})
        book.add_worksheet("Ayarlar").hide()

    seen: dict[int, Sequence[Any]] = {
        place: [str(place - 1), cell] for place, (_, _, cell) in enumerate(NUMBERS, start=1)
    }
    seen |= {31: [number("2"), error("#DIV/0!")], 32: ["", truth("TRUE")], 33: ["İki\nsatır"], 34: ["birleşik"]}
    seen |= {35: ["gizli"], 36: ["", "", "", "D"]}
    facts = {
        "sheet": "Sayfa1",
        "sheets": [["Sayfa1", True], ["Ayarlar", False]],
        "hidden_rows": [35],
        "hidden_columns": [2],
        "merged": [[34, 34, 0, 1]],
    }
    for kind in ("xls", "xlsx", "ods"):
        keep(f"everything-libreoffice.{kind}", converted(by_xlsxwriter(fill), kind), seen, **facts)


if __name__ == "__main__":
    make_same()
    make_texts()
    make_numbers()
    make_formulas()
    make_layouts()
    make_unusual()
    make_mixed()
    if shutil.which("soffice"):
        make_libreoffice()
