"""Broken and hostile files: a precise refusal or a rejected row, never a lost one, a wrong letter or a dead process."""

import os
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sync.errors import UsageError
from sync.grid import Cell, Grid, Kind
from sync.mapping import Source
from sync.reader.files import found_paths, opened
from sync.reader.workbook_file import Archive
from sync.reader.xlsx_file import XlsxFile
from sync.run import check, read_mapping, write_rejected
from tests.writers import zipped

from .making import csv_file, issues, read, refused, texts

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAPPING = "version: 1\nfields: {name: Ad, gsm: Tel}\n"
ROW = '<row r="2"><c r="A2" t="inlineStr"><is><t>Ali</t></is></c><c r="B2"><v>5001112201</v></c></row>'
SHEET = '<sheet name="A" sheetId="1" r:id="rId1"/>'
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PACKAGE = "application/vnd.openxmlformats-package"
HEADER = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Ad</t></is></c><c r="B1" t="inlineStr"><is><t>Tel</t></is></c></row>'
)


def workbook(
    rows: str, *, after: str = "", shared: str = "", target: str = "worksheets/sheet1.xml"
) -> dict[str, bytes]:
    """The parts of a workbook with these rows in its one sheet."""

    def relation(number: int, kind: str, part: str) -> str:
        return f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{part}"/>'

    related = relation(1, "worksheet", target) + (relation(2, "sharedStrings", "sharedStrings.xml") if shared else "")
    kinds = {"workbook": "sheet.main", "worksheets/sheet1": "worksheet"}
    kinds |= {"sharedStrings": "sharedStrings"} if shared else {}
    overrides = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{TYPE}.{kinds[part]}+xml"/>' for part in kinds
    )
    top = relation(1, "officeDocument", "xl/workbook.xml")
    types = f'<Default Extension="rels" ContentType="{PACKAGE}.relationships+xml"/>{overrides}'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}">{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}">{top}</Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">{related}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{SHEET}</sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>',
    }
    if shared:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{shared}</sst>'
    return {name: text.encode() for name, text in parts.items()}


def xlsx(folder: Path, rows: str, **facts: Any) -> Path:
    path = folder / "customers.xlsx"
    path.write_bytes(zipped(workbook(rows, **facts)))
    return path


def grid(path: Path) -> Grid:
    file = opened(path)
    return file.read(Source(), file.sheets[0].name if file.sheets else "")


def refusal(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        grid(path)
    return caught.value.code


# What would end the process, or take all memory


HOSTILE = {
    "far cell": '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "second reference": '<row r="1"><c r="A1"><v>1</v></c></row><row r="3"><c r="A3" r="XFD1048576"><v>1</v></c></row>',
    "spaced reference": '<row r="1"><c r="A1"><v>1</v></c><c r="B1"\nr ="XFD1048576"><v>1</v></c></row>',
    "prefixed": '<row r="1"><c r="A1"><v>1</v></c></row><x:row r="3"><x:c r="XFD1048576"><v>1</v></x:c></x:row>',
    "no such row": '<row r="1"><c r="A1"><v>1</v></c></row><row r="4294967295"><c r="A4294967295"><v>1</v></c></row>',
}


def test_a_cell_far_away_is_refused_and_the_process_lives(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from sync.errors import UsageError\n"
        "from sync.mapping import Source; from sync.reader.files import opened\n"
        "for path in sys.argv[1:]:\n"
        "    print(Path(path).parent.name, end=': ', flush=True)\n"
        "    try: file = opened(Path(path)); file.read(Source(), 'A'); print('read')\n"
        "    except UsageError as error: print(error.code)"
    )
    paths = []
    for name, rows in HOSTILE.items():
        (tmp_path / name).mkdir()
        paths.append(xlsx(tmp_path / name, rows))

    ended = subprocess.run([sys.executable, "-c", program, *paths], capture_output=True, text=True, check=False)

    assert 0 == ended.returncode, (ended.stdout, ended.stderr)
    said = dict(line.split(": ") for line in ended.stdout.splitlines())
    assert set(HOSTILE) == set(said)
    assert {"workbook_broken", "workbook_too_sparse"} >= set(said.values()), said


def test_a_part_whose_name_is_a_detour_is_refused(tmp_path: Path) -> None:
    parts = workbook(HEADER + ROW, target="../xl/worksheets/sheet1.xml")
    parts["xl/../xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b"A2", b"XFD1048576")
    path = tmp_path / "customers.xlsx"
    path.write_bytes(zipped(parts))

    assert "workbook_broken" == refusal(path)


def test_a_long_text_that_many_cells_share_is_refused(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 40_000))

    path = xlsx(tmp_path, rows, shared=f"<si><t>{'x' * 32_767}</t></si>")

    assert "workbook_too_large" == refusal(path)


def test_a_long_text_that_one_cell_shows_is_read(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{int(n > 1)}</v></c></row>' for n in range(1, 40_000))

    found = grid(xlsx(tmp_path, rows, shared=f"<si><t>{'x' * 32_767}</t></si><si><t>y</t></si>"))

    assert (39_999, 32_767, "y") == (len(found), len(found.row(0)[0].text), found.row(39_998)[0].text)


@pytest.mark.parametrize(
    "text",
    [
        ";" * 100_000 + "\nAd;Tel\n",
        "Ad;Tel;" + ";".join(map(str, range(20_000))) + "\nAli;5\n",
        "Ad;Tel\n" + (";" * 15_000 + "\n") + "Ali;5\n" * 20_000,
    ],
    ids=["one line", "header", "sparse"],
)
def test_a_csv_with_far_too_many_cells_is_refused_with_the_line(tmp_path: Path, text: str) -> None:
    assert "csv_too_wide" == refusal(csv_file(tmp_path, text))


def test_a_cell_of_a_million_letters_is_told_as_what_it_is(tmp_path: Path) -> None:
    assert "csv_cell_too_long" == refusal(csv_file(tmp_path, f"Ad;Tel;{'x' * (1 << 20 | 1)}\nAli;5;1\n"))


@pytest.mark.skipif(sys.platform == "win32", reason="devices are files only elsewhere")
def test_a_device_is_no_file(tmp_path: Path) -> None:
    assert ("file_is_device", "file_unreadable") == (
        refused(tmp_path, MAPPING, Path("/dev/zero"))[0],
        refused(tmp_path, MAPPING, tmp_path / "missing.csv")[0],
    )


def test_an_archive_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "customers.xlsx"
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in workbook(HEADER + ROW).items():
            archive.writestr(name, content)
        archive.getinfo("xl/worksheets/sheet1.xml").file_size = 3 << 30  # the list at the end is what is believed first
    path.write_bytes(target.getvalue())

    assert "workbook_too_large" == refusal(path)


def declared(folder: Path, sizes: dict[str, int]) -> Path:
    """A workbook whose list of parts, which is believed first, says that some unpack to so many bytes."""
    path = folder / "customers.xlsx"
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in workbook(HEADER + ROW, shared="<si><t>x</t></si>").items():
            archive.writestr(name, content)
        archive.writestr("docProps/picture.bin", os.urandom(2 << 20))
        for name, size in sizes.items():
            archive.getinfo(name).file_size = size
    path.write_bytes(target.getvalue())
    return path


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_an_archive_that_is_made_to_swell_is_refused_before_it_is_unpacked(tmp_path: Path, part: str) -> None:
    code, values = refused(tmp_path, MAPPING, declared(tmp_path, {part: 150 << 20}))

    assert ("workbook_swells", part) == (code, values["part"])
    assert values["times"] > 1000


def test_parts_that_swell_count_together(tmp_path: Path) -> None:
    parts = ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml")

    assert "workbook_swells" == refusal(declared(tmp_path, dict.fromkeys(parts, 40 << 20)))


def test_a_part_that_unpacks_to_a_hundred_times_its_size_is_taken(tmp_path: Path) -> None:
    content = declared(tmp_path, {"docProps/picture.bin": 200 << 20}).read_bytes()

    assert "docprops/picture.bin" in Archive("customers.xlsx", content).names


def test_texts_that_cells_share_are_refused_where_they_are_more_than_a_sheet_may_hold(tmp_path: Path) -> None:
    path = tmp_path / "customers.xlsx"
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in workbook(HEADER + ROW).items():
            archive.writestr(name, content)
        archive.writestr("xl/sharedStrings.xml", os.urandom(6 << 20))
        archive.getinfo("xl/sharedStrings.xml").file_size = (1 << 30) + 1
    path.write_bytes(target.getvalue())

    assert "workbook_too_large" == refusal(path)


# What is no table, or not all of one


@pytest.mark.parametrize("suffix", [".crdownload", ".part", ".Download"])
def test_half_a_download_is_told_as_that_even_where_it_could_be_read(tmp_path: Path, suffix: str) -> None:
    path = csv_file(tmp_path, "Ad;Tel\nAli;5001112201\n", f"customers.csv{suffix}")

    assert ("file_half_there", {"file": str(path), "suffix": suffix}) == refused(tmp_path, MAPPING, path)


@pytest.mark.parametrize("kept", [5, 400, -1])
def test_a_workbook_that_was_cut_off_is_told_as_that(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "customers.xlsx"
    content = zipped(workbook(HEADER + ROW))
    path.write_bytes(content[: kept if kept > 0 else content.index(b"PK\x05\x06")])

    assert "file_cut_off" == refusal(path)


def test_documents_of_other_programs_are_told_with_the_way_out(tmp_path: Path) -> None:
    folder = tmp_path / "as a folder.numbers"
    folder.mkdir()
    numbers = csv_file(tmp_path, zipped({"Index/Document.iwa": b"x", "Metadata/Properties.plist": b"x"}), "liste.xlsx")
    link = csv_file(tmp_path, '{"url": "https://docs.google.com/open?id=x", "doc_id": "x"}', "liste.csv")
    named = csv_file(tmp_path, "", "liste.gsheet")

    assert ["file_is_numbers", "file_is_numbers", "file_is_link", "file_is_link", "file_unreadable"] == [
        refused(tmp_path, MAPPING, path)[0] for path in (folder, numbers, link, named, tmp_path / "missing.numbers")
    ]


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}, "Word"),
        ({"[Content_Types].xml": b"<x/>", "ppt/presentation.xml": b"<x/>"}, "PowerPoint"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}, "LibreOffice Writer"),
    ],
)
def test_a_letter_is_told_for_what_it_is_and_not_to_be_unpacked(
    tmp_path: Path, parts: dict[str, bytes], what: str
) -> None:
    letter = csv_file(tmp_path, zipped(parts), "liste.xlsx")
    archive = csv_file(tmp_path, zipped({"liste.csv": b"Ad;Cep"}), "liste.zip")

    found, values = refused(tmp_path, MAPPING, letter)

    assert ("file_is_document", what) == (found, values["what"])
    assert "file_is_archive" == refused(tmp_path, MAPPING, archive)[0]


# Lost rows, and cells that are not what they seem


def test_two_rows_of_one_number_are_refused_as_one_would_be_lost(tmp_path: Path) -> None:
    assert "workbook_broken" == refusal(xlsx(tmp_path, HEADER + ROW + ROW))


def test_rows_out_of_order_are_all_read(tmp_path: Path) -> None:
    assert [["Ad", "Tel"], ["Ali", "5001112201"]] == texts(grid(xlsx(tmp_path, ROW + HEADER)))


def test_merged_cells_are_found_behind_a_page_break(tmp_path: Path) -> None:
    after = '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells><rowBreaks count="1"><brk id="2"/></rowBreaks>'

    found = grid(xlsx(tmp_path, HEADER + ROW + '<row r="3"><c r="B3"><v>5</v></c></row>', after=after))

    assert [(2, 3, 0, 0)] == list(found.merged)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<c r="A1" t="e">\n <f>1/0</f>\n <v>#DIV/0!</v>\n</c>', Cell("#DIV/0!", Kind.ERROR)),
        ('<c r="A1"><f>1+1</f><v xml:space="preserve"></v></c>', Cell("", Kind.UNSOLVED)),
        ('<c r="A1" t="str"><f>"" </f><v></v></c><c r="B1"><v>1</v></c>', Cell("")),
        ('<c r="A1"><v>1E400</v></c>', Cell("#NUM!", Kind.ERROR)),
        ('<c r="A1" t="e"><v>#SPILL!</v></c>', Cell("#SPILL!", Kind.ERROR)),
    ],
)
def test_a_cell_without_a_value_is_not_taken_for_a_blank_or_a_text(tmp_path: Path, cell: str, expected: Cell) -> None:
    assert expected == grid(xlsx(tmp_path, f'<row r="1">{cell}</row><row r="2"><c r="B2"><v>1</v></c></row>')).row(0)[0]


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
@pytest.mark.parametrize("wide", [False, True])
def test_a_part_that_defines_entities_is_refused(tmp_path: Path, part: str, wide: bool) -> None:
    parts = workbook(
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>&e;</t></is></c></row>',
        shared="<si><t>&e;</t></si>",
    )
    declared = f"<?xml version='1.0' encoding='{'utf-16' if wide else 'utf-8'}'?><!DOCTYPE x [<!ENTITY e 'lol'>]>"
    for name in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"):
        if name != part:
            parts[name] = parts[name].replace(b"&e;", b"e")
    text = declared + parts[part].decode()
    parts[part] = text.encode("utf-16") if wide else text.encode()
    path = tmp_path / "customers.xlsx"
    path.write_bytes(zipped(parts))

    assert "workbook_broken" == refusal(path)


def test_merged_ranges_that_reach_far_cost_nothing(tmp_path: Path) -> None:
    ranges = '<mergeCell ref="A2:A1048576"/>' * 3000

    sheet = read(tmp_path, MAPPING, xlsx(tmp_path, HEADER + ROW, after=f"<mergeCells>{ranges}</mergeCells>"))

    assert ["Ali"] == sheet.table["name"].tolist()


def test_a_merged_value_counts_for_rows_below_a_hidden_one(tmp_path: Path) -> None:
    hidden = ROW.replace('<row r="2">', '<row r="2" hidden="1">')
    rows = HEADER + hidden + '<row r="3"><c r="B3"><v>5001112202</v></c></row>'
    path = xlsx(tmp_path, rows, after='<mergeCells><mergeCell ref="A2:A3"/></mergeCells>')

    sheet = read(tmp_path, MAPPING + "source: {hidden_rows: skip}\n", path)

    assert [("Ali", "+905001112202")] == list(zip(sheet.table["name"], sheet.table["gsm"], strict=True))


def test_a_sheet_without_any_of_the_headers_is_left_out_and_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Notlar"
    book.worksheets[0].append(["bir not"])
    for title in ("Ocak", "Şubat"):
        page = book.create_sheet(title)
        page.append(["Ad", "Tel"])
        page.append([title, "0500 111 22 01"])
    book.save(tmp_path / "customers.xlsx")

    sheet = read(tmp_path, MAPPING + 'source: {sheet: "*"}\n', tmp_path / "customers.xlsx")

    assert ["Ocak", "Şubat"] == [found.sheet for found in sheet.inputs]
    assert {"sheet": "Ocak, Şubat", "sheets": "Notlar"} == sheet.inputs[0].notes[0].values


# Encodings


@pytest.mark.parametrize(
    "text",
    [
        "“Ali”",
        "Ali – Veli",
        "100 €",
        "Zoë",
        "Ali’nin",
        "café",
        "Ümit",
        "İzmir",
        "Çağla Öz",
        "Özgür Doğan",
        "§ 5",
        "ŞIK",
    ],
)
def test_few_letters_of_windows_1254_are_read_as_those(tmp_path: Path, text: str) -> None:
    found = grid(csv_file(tmp_path, f"Ad;Tel\r\n{text};5\r\n".encode("windows-1254")))

    assert ("windows-1254", text) == (found.encoding, found.row(1)[0].text)


@pytest.mark.parametrize("encoding", ["cp857", "mac_turkish"])
@pytest.mark.parametrize("text", ["Ağrı, Doğum, Şükrü, Çağla, Özgür, İpek", "Gülşah Çiçek;İstanbul;Üsküdar"])
def test_the_letters_of_older_code_pages_are_read_or_refused_never_changed(
    tmp_path: Path, encoding: str, text: str
) -> None:
    path = csv_file(tmp_path, f"Ad;Tel\r\n{text};5\r\n".encode(encoding))

    try:
        shown = ";".join(cell.text for cell in grid(path).row(1))
    except UsageError as error:
        shown = f"{error.code}: {text}"

    assert text in shown


def test_letters_of_another_alphabet_are_refused_with_their_place(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "Ad;Tel\nИван;5\nНаталья Александровна;6\n".encode("windows-1251"))

    code, values = refused(tmp_path, MAPPING, path)

    assert ("encoding_unclear", 2, "0xC8") == (code, values["line"], values["byte"])


def test_one_broken_byte_in_utf8_is_told_instead_of_another_encoding(tmp_path: Path) -> None:
    content = b"Ad;Tel\n" + "Çağla Öz;5\n".encode() * 20 + b"Al\xff;5\n"

    code, values = refused(tmp_path, MAPPING, csv_file(tmp_path, content))

    assert ("encoding_damaged", 22, "0xFF") == (code, values["line"], values["byte"])


# Files and rows


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "Ad;Tel\n")
    other = path.parent / "." / path.name

    assert [path] == found_paths([path, other, path.parent / "*.csv"])


def test_a_row_that_is_too_long_is_refused_again_uncorrected(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "Ad;Tel;Not\nAli;0500 111 22 01;x;y;z\nVeli;0500 111 22 02;x\n")
    (tmp_path / "m.yaml").write_text(MAPPING, encoding="utf-8")
    mapping = read_mapping(tmp_path / "m.yaml")

    (first,) = write_rejected(check([path], mapping), tmp_path / "out")
    again = check([first], mapping)

    assert ["row_too_long"] == [issue.code for issue in again.sheet.issues]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("sep=:\r\nAd:Tel\r\nAli:123\r\n", ""),
        ("sep=^\rAd^Tel\rAli^123\r", ""),
        ("Liste\n\nAd;Tel\nAli;123\nVeli;124\n", "source: {header_row: 3}\n"),
        ("'Ad';'Tel'\r\n'Ali ''x''';'12;3'\r\n'Veli';'125'\r\n'Ece';'126'\r\n'a;b';'124'\r\n", ""),
    ],
)
def test_rejected_rows_are_read_again_however_the_file_was_written(tmp_path: Path, text: str, source: str) -> None:
    (tmp_path / "m.yaml").write_text(MAPPING + source, encoding="utf-8")
    mapping = read_mapping(tmp_path / "m.yaml")
    first = check([csv_file(tmp_path, text)], mapping)

    (path,) = write_rejected(first, tmp_path / "out")
    again = check([path], mapping)

    assert [row[:2] for row in first.sheet.cells()] == [row[:2] for row in again.sheet.cells()]
    assert issues(first.sheet) == issues(again.sheet)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have names only elsewhere")
def test_a_named_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["/bin/sh", "-c", f"printf 'Ad;Tel\\nAli;5\\n' > {pipe}"]):
        assert [["Ad", "Tel"], ["Ali", "5"]] == texts(grid(pipe))


def test_the_mark_that_excel_leaves_beside_an_open_workbook_is_no_file(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "Ad;Tel\n")
    mark = csv_file(tmp_path, bytes(165), "~$customers.csv")

    assert ([path], "file_is_open") == (found_paths([tmp_path / "*.csv"]), refusal(mark))


def test_a_workbook_whose_sheets_are_all_empty_is_told_as_empty(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("B")
    book.save(tmp_path / "empty.xlsx")

    code, _ = refused(tmp_path, MAPPING, tmp_path / "empty.xlsx")

    assert code == "file_empty"


def test_what_a_library_thinks_of_a_workbook_is_told_nobody() -> None:
    """A warning would go to the terminal as it is, with a line of a library's code; here it would be an error."""
    parts = workbook(HEADER + ROW) | {"xl/styles.xml": f'<styleSheet xmlns="{MAIN}"/>'.encode()}
    unstyled = XlsxFile("unstyled.xlsx", zipped(parts))

    assert texts(unstyled._read_carefully("A")) == [["Ad", "Tel"], ["Ali", "5001112201"]]
