"""Input files of every kind with mistakes in them: rows or a refusal of ours, never another exception."""

import gzip
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.mapping import Source
from sync.reader.files import opened
from sync.reader.guess import guess_mapping
from sync.run import check, read_mapping
from tests.fuzz.mutating import GOLDEN, mutated, mutated_archive, only_refusals, tried

_CSV = ["same-utf-8.csv", "same-windows-1254.csv", "same-utf-16-le-mark.txt", "ragged.csv", "quoted-line-breaks.csv"]
_XML = [b"<row/>", b"<c/>", b'<c r="XFD1048576"><v>1</v></c>', b'r="A0"', b't="s"', b"<v>99999999</v>", b"<!DOCTYPE a>"]
_ODF = [
    b'table:number-columns-repeated="1073741824"',
    b'table:number-rows-repeated="1048577"',
    b"<table:table-cell/>",
    b'office:value="1e400"',
    b'office:date-value="0000-00-00"',
    b"<text:s text:c='99999999'/>",
]
MAPPING = "version: 1\nmatch: [gsm]\nfields:\n  name: {position: A}\n  gsm: {position: D}\n  email: {position: C}\n"


def golden(*endings: str) -> list[bytes]:
    """Files of these kinds; the small ones, of which many cases can be tried."""
    paths = [path for path in sorted(GOLDEN.iterdir()) if path.name.endswith(endings)]
    assert paths, endings
    return [content for path in paths if len(content := path.read_bytes()) < 60_000]


def read_whole(content: bytes, name: str) -> None:
    """Everything that is done with a file before anything is sent."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        with only_refusals():
            file = opened(path)
            for sheet in [each.name for each in file.sheets] or [""]:
                with only_refusals():
                    grid = file.read(Source(), sheet)
                    if len(grid):
                        guess_mapping(grid, file_name=name, job="fuzz")
        mapping = Path(folder) / "mapping.yaml"
        mapping.write_text(MAPPING, encoding="utf-8")
        with only_refusals():
            check([path], read_mapping(mapping))


@given(
    st.sampled_from(_CSV).flatmap(lambda name: mutated((GOLDEN / name).read_bytes(), tokens=[b'"', b";", b"\t", b"\n"]))
)
@tried(0.5)
def test_a_csv_with_mistakes_is_read_or_refused(content: bytes) -> None:
    read_whole(content, "a.csv")


@given(st.binary(max_size=400) | st.text(alphabet="a1;,\t\"'\r\n |ğİ\0\ufeff", max_size=200).map(str.encode))
@tried(0.5)
def test_any_bytes_at_all_are_read_or_refused(content: bytes) -> None:
    read_whole(content, "a.csv")


@given(mutated(gzip.compress((GOLDEN / "same-utf-8.csv").read_bytes())))
@tried(0.3)
def test_what_is_packed_with_mistakes_is_read_or_refused(content: bytes) -> None:
    read_whole(content, "a.csv.gz")


@pytest.mark.parametrize(
    ("ending", "tokens"),
    [(".xlsx", _XML), (".xlsb", [b"\xff\xff\xff\x7f"]), (".ods", _ODF)],
    ids=["xlsx", "xlsb", "ods"],
)
def test_a_workbook_with_mistakes_in_its_parts_is_read_or_refused(ending: str, tokens: list[bytes]) -> None:
    @given(st.sampled_from(golden(ending)).flatmap(lambda whole: mutated_archive(whole, tokens=tokens)))
    @tried()
    def tried_out(content: bytes) -> None:
        read_whole(content, f"a{ending}")

    tried_out()


@given(st.sampled_from(golden(".xls")).flatmap(mutated))
@tried()
def test_an_old_workbook_with_mistakes_is_read_or_refused(content: bytes) -> None:
    read_whole(content, "a.xls")
