"""Draws progress with tqdm on standard error, and log lines that do not break the bars.

What enters: stages and steps. What leaves: bars. What never happens here: anything on standard output.
"""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sync import messages
from sync.progress import Bar

if TYPE_CHECKING:  # whoever draws nothing does without it
    from tqdm import tqdm

# Where nobody can see a bar move, as in a pipe or a CI log, a line now and then tells how far it is.
_BETWEEN_LINES = 10.0  # seconds
_NO_LINE_BEFORE = 2.0  # seconds: a stage that is over sooner is not told
_LINE = "{desc}: {n_fmt} of {total_fmt}{unit}, {elapsed} passed, {remaining} left, {rate_fmt}{postfix}"
_LINE_WITHOUT_TOTAL = "{desc}: {n_fmt}{unit}, {elapsed} passed, {rate_fmt}{postfix}"


class _Lines:
    """Makes a line of each drawing, which would return to the beginning of its own line."""

    def __init__(self) -> None:
        self._last = ""

    def write(self, text: str) -> None:
        if (line := text.strip()) and line != self._last:
            self._last = line
            sys.stderr.write(f"{line}\n")

    def flush(self) -> None:
        sys.stderr.flush()


class _TqdmBar:
    def __init__(self, bar: "tqdm[Any]") -> None:
        self._bar = bar

    def advance(self, steps: int = 1) -> None:
        self._bar.update(steps)

    def note(self, text: str) -> None:
        self._bar.set_postfix_str(text, refresh=False)

    def grow(self, steps: int) -> None:
        if self._bar.total is not None:
            self._bar.total += steps


class TqdmProgress:
    """A bar for each stage."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown

    @contextmanager
    def stage(self, name: str, total: int | None, unit: str) -> Iterator[Bar]:
        """See `Progress.stage`."""
        from tqdm import tqdm

        units = f"{unit}s" if total != 1 else unit
        bar: tqdm[Any]
        if sys.stderr.isatty():
            bar = tqdm(total=total, desc=f"{name:<24}", unit=f" {units}", disable=not self._shown, dynamic_ncols=True)
        else:
            bar = tqdm(
                total=total,
                desc=name,
                unit=f" {units}",
                file=_Lines(),
                disable=not self._shown,
                mininterval=_BETWEEN_LINES,
                delay=_NO_LINE_BEFORE,
                bar_format=_LINE if total is not None else _LINE_WITHOUT_TOTAL,
            )
        with bar:
            yield _TqdmBar(bar)

    def tell(self, code: str, **values: Any) -> None:  # noqa: ANN401 - a template prints any value
        """See `Progress.tell`."""
        if self._shown:
            from tqdm import tqdm

            tqdm.write(messages.text(code, values), file=sys.stderr)


class _TqdmHandler(logging.StreamHandler):  # type: ignore[type-arg]  # generic in the stubs alone
    """Writes log lines above the bars."""

    def emit(self, record: logging.LogRecord) -> None:
        from tqdm import tqdm

        try:
            tqdm.write(self.format(record), file=sys.stderr)
        except Exception:  # noqa: BLE001 - as every handler of the standard library does
            self.handleError(record)


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        return json.dumps(line, ensure_ascii=False)


def set_up_logging(*, verbose: bool, quiet: bool, as_json: bool) -> None:
    """Sends the log of `sync` to standard error: warnings, with `-v` everything, with `-q` errors alone."""
    handler = _TqdmHandler()
    handler.setFormatter(_JsonFormatter() if as_json else logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("sync")
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(logging.DEBUG if verbose else logging.ERROR if quiet else logging.WARNING)
