"""Draws progress with tqdm on standard error, and log lines that do not break the bars.

What enters: stages and steps. What leaves: bars. What never happens here: anything on standard output.
"""

import logging
import os
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sync import language, messages
from sync.cli import printing
from sync.cli.log_lines import JsonFormatter, JsonLines, MaskedFormatter
from sync.progress import Bar

if TYPE_CHECKING:  # whoever draws nothing does without it
    from tqdm import tqdm

# Where nobody can see a bar move, as in a pipe or a CI log, a line now and then tells how far it is.
_BETWEEN_LINES = 10.0  # seconds
_NO_LINE_BEFORE = 2.0  # seconds: a stage that is over sooner is not told


class _Lines:
    """Makes a line of each drawing, which would return to the beginning of its own line."""

    def __init__(self) -> None:
        self._last = ""

    def write(self, text: str) -> None:
        if (line := text.strip()) and line != self._last:
            self._last = line
            printing.told(line)

    def flush(self) -> None:
        sys.stderr.flush()


def _line(total: int | None) -> str:
    """What such a line tells, in tqdm's own names for it."""
    code = "bar_line_open" if total is None else "bar_line"
    told = messages.phrase(
        code,
        done="{n_fmt}",
        total="{total_fmt}",
        unit="{unit}",
        elapsed="{elapsed}",
        remaining="{remaining}",
        rate="{told_rate}",
    )
    return f"{{desc}}: {told}{{postfix}}"


def _bar_format(total: int | None) -> str:
    """What stands around a bar, as tqdm has it by itself, but for the rate."""
    if total is None:
        return "{desc}: {n_fmt}{unit} [{elapsed}, {told_rate}{postfix}]"
    return "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {told_rate}{postfix}]"


def _told_rate(state: Mapping[str, Any]) -> str:
    """The rate with the marks of the language, which tqdm does not know."""
    rate = state["rate"] or ((state["n"] - state["initial"]) / state["elapsed"] if state["elapsed"] else None)
    told = "?" if rate is None else language.number(rate, ".2f")
    return messages.phrase("bar_rate", rate=told, unit=state["unit"])


def _bar(**options: Any) -> "tqdm[Any]":  # noqa: ANN401 - as tqdm has them
    from tqdm import tqdm

    class Told(tqdm):  # type: ignore[type-arg]  # generic in the stubs alone
        """A bar that knows how its rate is told."""

        @property
        def format_dict(self) -> MutableMapping[str, Any]:
            state: MutableMapping[str, Any] = super().format_dict
            return {**state, "told_rate": _told_rate(state)}

    return Told(**options)


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
        name, units = messages.stage(name), messages.unit(unit, total)
        bar: tqdm[Any]
        if sys.stderr.isatty() and not printing.tells_lines():
            bar = _bar(
                total=total,
                desc=f"{name:<24}",
                unit=f" {units}",
                disable=not self._shown,
                dynamic_ncols=True,
                bar_format=_bar_format(total),
            )
        else:
            bar = _bar(
                total=total,
                desc=name,
                unit=f" {units}",
                file=_Lines(),
                disable=not self._shown,
                mininterval=_BETWEEN_LINES,
                delay=_NO_LINE_BEFORE,
                bar_format=_line(total),
            )
        with bar:
            yield _TqdmBar(bar)

    def tell(self, code: str, **values: Any) -> None:  # noqa: ANN401 - a template prints any value
        """See `Progress.tell`."""
        if self._shown and (printing.tells_lines() or not sys.stderr.isatty()):
            printing.told(messages.text(code, values))
        elif self._shown:
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


def set_up_logging(*, verbose: bool, quiet: bool, as_json: bool) -> None:
    """Sends the log of `sync` to standard error: warnings, with `-v` everything, with `-q` errors alone.

    With `as_json` whatever else is told there comes as JSON lines too.
    """
    lines = JsonLines(job=os.environ.get("IMSYNC_JOB")) if as_json else None
    printing.tell_lines(lines)
    handler = _TqdmHandler()
    text = MaskedFormatter("%(levelname)s %(name)s: %(message)s")
    handler.setFormatter(text if lines is None else JsonFormatter(lines))
    logger = logging.getLogger("sync")
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(logging.DEBUG if verbose else logging.ERROR if quiet else logging.WARNING)
