"""Spans of time as people write them: 30s, 10m, 2h, 90d; a bare number is seconds.

What enters: a text. What leaves: seconds. What never happens here: guessing a unit.
"""

import re

import click

from sync import messages

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([smhdw]?)")


class Duration(click.ParamType[float]):
    """A span of time, longer than nothing."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds."""
        if isinstance(value, float):
            return value
        match = _SPAN.fullmatch(str(value).strip().lower())
        seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
        if not seconds:
            self.fail(messages.phrase("no_duration", given=value), param, ctx)
        return seconds


DURATION = Duration()
