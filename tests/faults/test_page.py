"""docs/faults.md says what the tests say."""

import ast
from pathlib import Path

import pytest

from tests.faults.page import ORDER, PAGE, ROOT, marked, page, shown
from tests.faults.words import ABOUT, MOMENTS, cells, does


def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_the_page_is_what_the_generator_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it again with `make faults`"


def test_every_test_that_the_page_names_is_there() -> None:
    assert {shown(fault) for fault in ABOUT} <= functions_of("tests/faults/test_every_cell.py")
    assert not [
        each for each in marked() if each.test not in functions_of(each.file) or not each.test.startswith("test_")
    ]


def test_every_fault_has_lines_and_every_cell_says_what_is_done() -> None:
    assert {each.fault for each in marked()} == set(ORDER)
    assert {fault for fault, _ in cells()} == ABOUT.keys()
    assert {moment for _, moment in cells()} == MOMENTS.keys()
    assert all(does(fault, moment) for fault, moment in cells())


@pytest.mark.parametrize(
    "mark",
    ['@pytest.mark.fault("Search is late", "now")', '@pytest.mark.fault("x", "y", "z")', "@pytest.mark.fault(1, 2, 3)"],
)
def test_a_mark_that_says_too_little_or_something_else_is_refused(tmp_path: Path, mark: str) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(f"{mark}\ndef test_a() -> None: ...\n", encoding="utf-8")

    with pytest.raises(ValueError, match="test_a"):
        marked(tmp_path)


def test_a_new_mark_changes_the_page(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    mark = f'@pytest.mark.fault("{ORDER[0]}", "now", "nothing")'
    (tmp_path / "tests" / "test_a.py").write_text(f"{mark}\ndef test_a() -> None: ...\n", encoding="utf-8")

    (found,) = marked(tmp_path)

    assert (found.moment, found.does, found.test) == ("now", "nothing", "test_a")
