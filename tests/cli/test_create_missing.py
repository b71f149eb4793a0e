"""`groups.create_missing`, in this process, against a sandbox."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.sandbox import Faults

from .conftest import small_book
from .shell import Shell, shell_with  # noqa: F401 - a fixture

MAPPING = """\
version: 1
fields: {name: Ad, gsm: Telefon}
groups: {column: Grup, create_missing: true, always: [Hepsi]}
"""
SHEET = """\
Ad;Telefon;Grup
Can;0500 100 09 01;Bayiler/Van
Ece;0500 100 09 02;Şubeler/Kars
Ayşe;0500 100 01 00;van
Yanlış;12;Reddedilen
"""
WORDS = ("sheet.csv", "-m", "mapping.yaml", "--report-dir", "reports", "--rate", "2000")


@pytest.fixture
def opened(shell_with: Callable[..., Shell], tmp_path: Path) -> Callable[..., Shell]:  # noqa: F811
    def go(faults: Faults | None = None) -> Shell:
        (tmp_path / "mapping.yaml").write_text(MAPPING, "utf-8")
        (tmp_path / "sheet.csv").write_text(SHEET, "utf-8")
        return shell_with(faults, **small_book())

    return go


def made(shell: Shell) -> list[tuple[str, str | None]]:
    """The groups that were not in the book before, with their main groups' names."""
    tree = shell.tree
    return sorted((name, tree[above][0] if above else None) for number, (name, above) in tree.items() if number > 9)


ALL = sorted([("Van", "Bayiler"), ("Şubeler", None), ("Kars", "Şubeler"), ("Hepsi", None)], key=str)


def test_a_plan_names_the_groups_and_adds_none(opened: Callable[..., Shell]) -> None:
    shell = opened()

    ended = shell("plan", *WORDS)

    assert (ended.code, shell.calls("add-group"), made(shell)) == (3, 0, [])
    assert "4 groups that the account lacks are added first" in ended.out
    for path in ("Bayiler/Van", "Şubeler/Kars", "Hepsi (new)"):
        assert path in ended.out
    assert "Reddedilen" not in ended.out


@pytest.mark.parametrize("faults", [{}, {"lost_after": 1.0}])
def test_each_group_is_added_once_before_its_rows(opened: Callable[..., Shell], faults: dict[str, float]) -> None:
    shell = opened(Faults(**faults, only=frozenset({"add-group"})))  # type: ignore[arg-type]

    ended = shell("sync", *WORDS, "--yes", "--json")
    again = shell("sync", *WORDS, "--yes", "--json")

    assert (ended.code, ended.summary["outcomes"]["added"], ended.summary["outcomes"]["edited"]) == (3, 2, 1), ended.err
    assert (sorted(made(shell), key=str), ended.summary["requests"]["add-group"]) == (ALL, 4)
    number = {name: each for each, (name, _) in shell.tree.items()}
    stored = {contact.name: set(contact.groups) for contact in shell.server.state.contacts.values()}
    assert stored["Can"] == {number["Van"], number["Hepsi"]}
    assert stored["Ece"] == {number["Kars"], number["Hepsi"]}
    assert stored["Ayşe"] == {7, 9, number["Van"], number["Hepsi"]}
    assert (again.summary["outcomes"]["unchanged"], shell.calls("add-group")) == (3, 4)


def test_a_run_whose_groups_could_not_be_added_sends_no_row_and_can_be_resumed(opened: Callable[..., Shell]) -> None:
    seed = 160  # the first three are lost, no other
    shell = opened(Faults(lost_before=0.5, seed=seed, only=frozenset({"add-group"})))

    ended = shell("sync", *WORDS, "--yes", "--json", "--settle-after", "0")
    sent = shell.calls("add-contact") + shell.calls("edit-contact")
    resumed = shell("resume", "--json", "--rate", "2000", "--settle-after", "0", "--report-dir", "reports")

    assert (ended.code, ended.summary["status"], sent) == (6, "aborted", 0)
    assert ended.summary["requests"]["add-group"] == 3
    assert "no row was sent" in ended.err
    assert (resumed.code, resumed.summary["outcomes"]["added"], resumed.summary["outcomes"]["edited"]) == (3, 2, 1)
    assert (sorted(made(shell), key=str), resumed.summary["requests"]["add-group"]) == (ALL, 7)


def test_the_report_names_the_groups_by_their_ids(opened: Callable[..., Shell], tmp_path: Path) -> None:
    shell = opened()
    shell("sync", *WORDS, "--yes", "--json")

    rows = json.loads((tmp_path / "reports" / "report.json").read_text("utf-8"))["rows"]

    number = {name: each for each, (name, _) in shell.tree.items()}
    assert rows[0]["changes"]["groups"] == [[], sorted([number["Van"], number["Hepsi"]])]
