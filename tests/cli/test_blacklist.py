"""`--blacklist`, in this process, against a sandbox."""

from collections.abc import Callable
from pathlib import Path

from .conftest import MAPPING, small_book
from .shell import Shell, shell_with  # noqa: F401 - a fixture


def test_a_number_on_the_blacklist_is_noted_where_that_is_asked_for(
    shell_with: Callable[..., Shell],  # noqa: F811
    tmp_path: Path,
) -> None:
    number = {"number": "05001000100", "added": "2024-09-27 01:10:00"}
    shell = shell_with(**{**small_book(), "blacklist": [number]})
    (tmp_path / "mapping.yaml").write_text(MAPPING, "utf-8")
    (tmp_path / "sheet.csv").write_text(
        "Ad;Soyad;E-posta;Telefon;Doğum;Grup\nAyşe;Yılmaz;;0500 100 01 00;;\nCan;Ak;;0500 100 09 99;;\n", "utf-8"
    )
    words = ("sheet.csv", "-m", "mapping.yaml", "--report-dir", "reports")

    without = shell("plan", *words)
    asked = shell.calls("get-blacklist")
    shown = shell("plan", *words, "--blacklist")
    done = shell("sync", *words, "--blacklist", "--yes", "--quiet")

    assert (without.code, asked, "account's blacklist" in without.out) == (0, 0, False)
    assert (shown.code, shell.calls("get-blacklist")) == (0, 2)
    assert "the row's number is on the account's blacklist" in shown.out
    assert done.code == 0
    report = (tmp_path / "reports" / "report.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(";")[7] for line in report] == ["code", "number_blacklisted", ""]
    assert [line.split(";")[4] for line in report] == ["outcome", "unchanged", "added"]
