"""What the tests of the reports share."""

from pathlib import Path

import pytest


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of files that can be neither replaced, renamed nor removed, as of those that another program holds open."""
    names: set[str] = set()
    replace, rename, unlink = Path.replace, Path.rename, Path.unlink

    def refuse(path: Path) -> None:
        if Path(path).name in names:
            raise PermissionError(13, "Permission denied", str(path))

    def replacing(self: Path, target: Path) -> Path:
        refuse(self)
        refuse(target)
        return replace(self, target)

    def renaming(self: Path, target: Path) -> Path:
        refuse(self)
        return rename(self, target)

    def removing(self: Path, missing_ok: bool = False) -> None:
        refuse(self)
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "replace", replacing)
    monkeypatch.setattr(Path, "rename", renaming)
    monkeypatch.setattr(Path, "unlink", removing)
    return names
