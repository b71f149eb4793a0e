"""Opens input files, whatever they are: finds them, unpacks them, and recognises their kind by what is in them.

What enters: paths, patterns, `-` for standard input. What leaves: opened files that give grids.
What never happens here: trusting a file's name; reading more than is safe.
"""

import glob
import gzip
import hashlib
import io
import sys
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sync.errors import UsageError
from sync.grid import Grid
from sync.mapping import Source
from sync.reader.csv_file import read_csv

if TYPE_CHECKING:  # a CSV is read without what reads workbooks
    from sync.reader.workbook_file import SheetInfo, WorkbookFile

STANDARD_INPUT = Path("-")
_LARGEST_FILE = 2 << 30
_ARCHIVE, _COMPOUND, _GZIP = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b"
_OLD_EXCEL = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08")  # before compound files
_DOCUMENTS = {  # by what their parts, or their kind in an OpenDocument file, begin with
    "word/": "Word", "ppt/": "PowerPoint",
    "application/vnd.oasis.opendocument.text": "LibreOffice Writer",
    "application/vnd.oasis.opendocument.presentation": "LibreOffice Impress",
}  # fmt: skip
_NO_SHEETS = {b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"Rar!": "RAR", b"7z\xbc\xaf": "7-Zip"}
_END_OF_ARCHIVE, _TAIL = b"PK\x05\x06", 65_557  # it stands in the last bytes, before a comment of at most 65,535
_HALF = (".crdownload", ".part", ".partial", ".download", ".opdownload")  # what browsers call it until it is whole
_SUFFIXES = {
    "csv": (".csv", ".tsv", ".txt"),
    "xlsx": (".xlsx", ".xlsm"),
    "xlsb": (".xlsb",),
    "xls": (".xls",),
    "ods": (".ods",),
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose kind is known.

    Attributes:
        path: as it was named; `-` for standard input.
        kind: csv, xlsx, xls, xlsb or ods; by the content.
        expected: the kind that the file's name promises; empty where the name promises nothing.
        packed: whether it was compressed.
        sha256: of the file's bytes as they lie on the disk.
        workbook: None for a CSV.
    """

    path: Path
    kind: str
    expected: str
    packed: bool
    sha256: str
    content: bytes = field(repr=False)
    workbook: "WorkbookFile | None" = field(repr=False)

    @property
    def sheets(self) -> "tuple[SheetInfo, ...]":
        """The sheets of a workbook; none for a CSV."""
        return self.workbook.sheets if self.workbook else ()

    def read(self, source: Source, sheet: str = "") -> Grid:
        """The file's rows, or those of one of its sheets.

        Raises:
            UsageError: they cannot be read.
        """
        return self.workbook.read(sheet) if self.workbook else read_csv(str(self.path), self.content, source)


def found_paths(named: Sequence[Path]) -> list[Path]:
    """The files that are meant, each once: patterns such as `*.xlsx` are filled in where the shell has not done so.

    Raises:
        UsageError: a pattern that no file fits.
    """
    found: dict[Path, Path] = {}
    for path in named:
        if path == STANDARD_INPUT or path.exists() or not glob.has_magic(str(path)):
            fitting = [path]
        else:
            fitting = [each for each in map(Path, sorted(glob.glob(str(path), recursive=True))) if _is_input(each)]  # noqa: PTH207 - an absolute pattern too
            if not fitting:
                raise UsageError("pattern_without_files", pattern=str(path))
        for each in fitting:
            found.setdefault(each if each == STANDARD_INPUT else each.resolve(), each)
    return list(found.values())


def _is_input(path: Path) -> bool:
    """Whether a file that fits a pattern is meant: not the mark that Excel leaves beside a workbook it has open."""
    return path.is_file() and not path.name.startswith("~$")


def opened(path: Path) -> Opened:
    """The file, its kind recognised.

    Raises:
        UsageError: it cannot be read, is empty, too large, or of no kind that is read.
    """
    name = str(path)
    _refuse_by_name(path)
    content = _content(path)
    if path.name.startswith("~$"):
        raise UsageError("file_is_open", file=name)
    if not content:
        raise UsageError("file_empty", file=name)
    digest = hashlib.sha256(content).hexdigest()
    packed = content.startswith(_GZIP)
    if packed:
        content = _unpacked(name, content)
    kind = _kind(name, content)
    return Opened(
        path=path,
        kind=kind,
        expected=_expected(path),
        packed=packed,
        sha256=digest,
        content=content,
        workbook=_workbook(kind, name, content),
    )


def _workbook(kind: str, name: str, content: bytes) -> "WorkbookFile | None":
    """The workbook, read by what is for its kind alone; None for a CSV."""
    # ruff: noqa: PLC0415 - the libraries for workbooks take longer to import than most CSVs to read
    if kind == "xlsx":
        from sync.reader.xlsx_file import XlsxFile

        return XlsxFile(name, content)
    if kind == "xlsb":
        from sync.reader.xlsb_file import XlsbFile

        return XlsbFile(name, content)
    if kind == "xls":
        from sync.reader.xls_file import XlsFile

        return XlsFile(name, content)
    if kind == "ods":
        from sync.reader.ods_file import OdsFile

        return OdsFile(name, content)
    return None


def _expected(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"]:
        suffixes.pop()
    return next((kind for kind, known in _SUFFIXES.items() if suffixes and suffixes[-1] in known), "")


def _refuse_by_name(path: Path) -> None:
    """Raises UsageError for what is known by its name alone: some of these are folders, or cannot be opened."""
    suffix = path.suffix.lower()
    if suffix in _HALF and path.exists():
        raise UsageError("file_half_there", file=str(path), suffix=path.suffix)
    if suffix == ".numbers" and path.exists():
        raise UsageError("file_is_numbers", file=str(path))
    if suffix == ".gsheet" and path.exists():
        raise UsageError("file_is_link", file=str(path))


def _content(path: Path) -> bytes:
    try:
        if path == STANDARD_INPUT:
            if sys.stdin is None:  # a process can be started without
                raise UsageError("file_unreadable", file=str(path), reason="no_standard_input")
            content = sys.stdin.buffer.read(_LARGEST_FILE + 1)
        elif path.is_dir():
            raise UsageError("file_is_folder", file=str(path))
        elif path.is_char_device() or path.is_block_device():
            raise UsageError("file_is_device", file=str(path))
        elif path.stat().st_size > _LARGEST_FILE:
            raise UsageError("file_too_large", file=str(path))
        else:
            with path.open("rb") as file:
                content = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise UsageError("file_unreadable", file=str(path), reason=error.strerror or str(error)) from error
    if len(content) > _LARGEST_FILE:
        raise UsageError("file_too_large", file=str(path))
    return content


def _unpacked(name: str, content: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(_LARGEST_FILE + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError("file_damaged", file=name) from error
    if len(unpacked) > _LARGEST_FILE:
        raise UsageError("file_too_large", file=name)
    if not unpacked:
        raise UsageError("file_empty", file=name)
    return unpacked


def _kind(name: str, content: bytes) -> str:
    """The kind that the content shows."""
    if content.startswith(_ARCHIVE):
        return _archive_kind(name, content)
    if content.startswith(_COMPOUND):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise UsageError("workbook_encrypted", file=name)
        return "xls"
    if content.startswith(_OLD_EXCEL):
        return "xls"
    for mark, what in {**_NO_SHEETS, _GZIP: "gzip"}.items():
        if content.startswith(mark):
            raise UsageError("file_is_no_sheet", file=name, what=what)
    beginning = content[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if beginning.startswith(b"{") and b"docs.google.com" in beginning:
        raise UsageError("file_is_link", file=name)
    if beginning.startswith(b"<?xml") and b"urn:schemas-microsoft-com:office:spreadsheet" in beginning:
        raise UsageError("file_is_xml_table", file=name)
    if beginning.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<style", b"<div")):
        raise UsageError("file_is_web_page", file=name)
    return "csv"


def _archive_kind(name: str, content: bytes) -> str:
    if _END_OF_ARCHIVE not in content[-_TAIL:]:
        raise UsageError("file_cut_off", file=name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            mimetype = b""
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:  # noqa: PLR2004 - it is one short line
                mimetype = archive.read("mimetype")
                if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
                    return "ods"
    except Exception as error:  # the library raises whatever the file provokes
        raise UsageError("workbook_broken", file=name) from error
    if any(each.endswith(".iwa") or each == "Index.zip" for each in names):
        raise UsageError("file_is_numbers", file=name)
    if any(each.startswith("xl/") and each.endswith("workbook.bin") for each in names):
        return "xlsb"
    beginnings = (mimetype.decode("ascii", "replace"), *names)
    for beginning, what in _DOCUMENTS.items():
        if any(each.startswith(beginning) for each in beginnings) and "xl/workbook.xml" not in names:
            raise UsageError("file_is_document", file=name, what=what)
    if "[Content_Types].xml" in names:
        return "xlsx"
    raise UsageError("file_is_archive", file=name)
