"""Log lines: what is personal in them is masked, and with `--log-format json` each is an object with the run's id.

What enters: log records, and what is told to the person at the screen. What leaves: lines.
What never happens here: a whole phone number or e-mail address; a credential.
"""

import copy
import json
import logging
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from sync import messages

_MAIL = re.compile(r"[^\s@<>\"'“”:,;()\[\]=&]+(?:@|%40)[^\s@<>\"'“”,;()\[\]=&]+", re.IGNORECASE)
# A number with a plus, one as it is written in Turkey, or ten digits and more; not in a longer word.
_PHONE = re.compile(
    r"(?<![\w.])(?:"
    r"(?:\+|%2B)\d[\d ()/.-]{5,18}\d"
    r"|\(?0?\(?5\d{2}\)?[ .-]\d{3}[ .-]?\d{2}[ .-]?\d{2}"
    r"|\d{10,15}"
    r")(?!\w)",
    re.IGNORECASE,
)
_MASK = "•••"
_LEVELS = {
    logging.DEBUG: "log_debug",
    logging.INFO: "log_info",
    logging.WARNING: "log_warning",
    logging.ERROR: "log_error",
    logging.CRITICAL: "log_critical",
}
_SHORTEST_SECRET = 8  # characters; a shorter one may be a piece of any word
_SHOWN = 2  # digits that tell two numbers apart well enough to look one up in the report

_SECRETS = set[str]()


def never_show(secrets: Iterable[str]) -> None:
    """From now on these are made unreadable too, also as they stand in an address, in JSON, in XML and in base64."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            content = secret.encode(errors="surrogateescape")
            as_json = (json.dumps(secret, ensure_ascii=plain)[1:-1] for plain in (False, True))
            packed = (pack(content).decode().rstrip("=") for pack in (b64encode, urlsafe_b64encode))
            _SECRETS.update((secret, quote(content), quote_plus(content), escape(secret), *as_json, *packed))


def masked(text: str) -> str:
    """The text with credentials, phone numbers and e-mail addresses made unreadable."""
    for secret in sorted(_SECRETS, key=len, reverse=True):  # one may be a part of another
        text = text.replace(secret, _MASK)
    text = _MAIL.sub(lambda match: f"{match[0][0]}{_MASK}@{_MASK}", text)
    return _PHONE.sub(lambda match: _MASK + re.sub(r"\D", "", match[0])[-_SHOWN:], text)


class MaskedFormatter(logging.Formatter):
    """A line of text."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the standard library's name
        """The line without what it says of an exception."""
        told = copy.copy(record)
        told.levelname = messages.phrase(_LEVELS[record.levelno]) if record.levelno in _LEVELS else record.levelname
        return super().formatMessage(told)

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return masked(super().format(record))


class JsonFormatter(logging.Formatter):
    """A line that is a JSON object."""

    def __init__(self, lines: "JsonLines") -> None:
        super().__init__()
        self._lines = lines

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC)
        message = record.getMessage()
        if record.exc_info:
            message = f"{message}\n{self.formatException(record.exc_info)}"
        return self._lines.line(message, at=at, level=record.levelname.lower(), logger=record.name)


class JsonLines:
    """Makes the objects; knows the run that is under way.

    Attributes:
        run: its id, None before its plan is made.
        job: its name in imsync.toml, None where it has none.
    """

    def __init__(self, *, job: str | None = None) -> None:
        self.run: str | None = None
        self.job = job

    def line(
        self,
        message: str,
        *,
        at: datetime | None = None,
        level: str = "info",
        logger: str = "imsync",
        more: Mapping[str, Any] | None = None,
    ) -> str:
        """One object, in one line."""
        moment = (at or datetime.now(UTC)).astimezone().isoformat(timespec="milliseconds")
        said = {"at": moment, "level": level, "logger": logger, "run": self.run}
        job = {"job": self.job} if self.job else {}
        return json.dumps({**said, **job, "message": masked(message.strip()), **(more or {})}, ensure_ascii=False)
