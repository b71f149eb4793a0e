"""The desk of the command line's own tests, for what needs no sandbox apart."""

from tests.cli.conftest import desk, desk_with

__all__ = ["desk", "desk_with"]
