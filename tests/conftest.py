"""The gate gives the same answer twice: properties are tried on the same cases. `make hunt` tries new ones."""

import importlib
import os
import pkgutil
from collections.abc import Iterator
from functools import cache
from unittest.mock import patch

import pytest
from hypothesis import settings

import sync
from sync.remote import transport

os.environ["LC_ALL"] = "C.UTF-8"  # whoever works in Turkish gets the same answers

settings.register_profile("gate", derandomize=True, deadline=None)
settings.register_profile("hunt", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


def pytest_configure(config: pytest.Config) -> None:
    """`docs/faults.md` is made from these marks (tests/faults/page.py)."""
    config.addinivalue_line("markers", "fault(what, when, does): shows what is done about a fault at a moment")


@pytest.fixture(scope="session", autouse=True)
def _everything_is_imported() -> None:
    """Hypothesis draws from the constants of our modules: one that a test imports first would change what it draws."""
    for found in pkgutil.walk_packages(sync.__path__, "sync."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)


@pytest.fixture(scope="session", autouse=True)
def _certificates_are_read_once() -> Iterator[None]:
    """Each client reads the machine's certificates, which takes longer than most of what the tests do with it."""
    with patch("sync.remote.transport._trust", cache(transport._trust)):
        yield
