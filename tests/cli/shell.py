"""The command line in this process: quick, and on loopback alone.

What enters: a sandbox's book and faults. What leaves: how each command ended.
What never happens here: a subprocess (see `conftest.Desk`).
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sync.cli.main import main
from sync.runs import StateDirectory
from sync.sandbox import BookState, Faults, SandboxServer, Semantics
from sync.settings import Credentials

from .conftest import HASH, KEY, Ended, own_log


class Shell:
    """Types commands."""

    def __init__(self, server: SandboxServer, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.server = server
        self._folder = folder
        self._capture = capture

    def __call__(self, *words: str) -> Ended:
        self._capture.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = self._capture.readouterr()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, said.out, said.err)

    def calls(self, method: str) -> int:
        return sum(entry.method == method for entry in self.server.ledger)

    @property
    def tree(self) -> dict[int, tuple[str, int | None]]:
        return {number: (group.name, group.parent) for number, group in self.server.state.groups.items()}

    @property
    def account_folder(self) -> Path:
        return StateDirectory(self._folder / "state").account(self.server.base_url, Credentials(KEY, HASH)).folder


@pytest.fixture
def shell_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Shell]]:
    with ExitStack() as stack:
        stack.enter_context(own_log())

        def opened(faults: Faults | None = None, semantics: Semantics | None = None, **book: Any) -> Shell:
            data = {"credentials": {"key": KEY, "hash": HASH}, **book}
            server = stack.enter_context(SandboxServer(BookState.from_dict(data), semantics=semantics, faults=faults))
            for name in list(os.environ):
                if name.startswith(("IMSYNC_", "ILETIMERKEZI_")):
                    monkeypatch.delenv(name)
            monkeypatch.chdir(tmp_path)
            monkeypatch.setenv("IMSYNC_BASE_URL", server.base_url)
            monkeypatch.setenv("IMSYNC_STATE_DIR", str(tmp_path / "state"))
            monkeypatch.setenv("ILETIMERKEZI_API_KEY", KEY)
            monkeypatch.setenv("ILETIMERKEZI_API_HASH", HASH)
            return Shell(server, tmp_path, capsys)

        yield opened
