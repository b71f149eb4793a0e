"""The desk of the command line, and the quick shell."""

from tests.cli.conftest import desk, desk_with
from tests.cli.shell import shell_with

__all__ = ["desk", "desk_with", "shell_with"]
