"""What `make mutants` names is there."""

import ast

import pytest

from tests.mutants.__main__ import LEFT_OUT, MUTATED, ROOT, TESTS


@pytest.mark.parametrize("pattern", MUTATED)
def test_what_is_to_be_changed_is_there(pattern: str) -> None:
    assert list(ROOT.glob(pattern))


@pytest.mark.parametrize("named", [*TESTS, *LEFT_OUT])
def test_the_tests_that_are_named_are_there(named: str) -> None:
    path, _, test = named.partition("::")

    assert (ROOT / path).exists()
    if test:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
