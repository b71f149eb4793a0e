"""Progress as the worker tells it; who draws it is not known here.

What enters: stages and steps. What leaves: nothing. What never happens here: printing.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol


class Bar(Protocol):
    """One stage under way."""

    def advance(self, steps: int = 1) -> None:
        """Tells that `steps` more are done."""
        ...

    def note(self, text: str) -> None:
        """Shows a short text beside the bar, such as the number of retries."""
        ...

    def grow(self, steps: int) -> None:
        """Tells that `steps` more are to be done than was said at first."""
        ...


class Progress(Protocol):
    """Opens a bar for each stage."""

    def stage(self, name: str, total: int | None, unit: str) -> AbstractContextManager[Bar]:
        """A bar for one stage, closed when the context ends; `total` is None where it is not known."""
        ...

    def tell(self, code: str, **values: Any) -> None:  # noqa: ANN401 - a template prints any value
        """Shows a sentence of the message catalogue."""
        ...


class _Silent:
    def advance(self, steps: int = 1) -> None:
        pass

    def note(self, text: str) -> None:
        pass

    def grow(self, steps: int) -> None:
        pass


class NoProgress:
    """Draws nothing."""

    def stage(self, name: str, total: int | None, unit: str) -> AbstractContextManager[Bar]:  # noqa: ARG002
        """See `Progress.stage`."""
        return nullcontext(_Silent())

    def tell(self, code: str, **values: Any) -> None:  # noqa: ANN401
        """See `Progress.tell`."""
