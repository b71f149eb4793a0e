"""Weighs the sources of settings: an option beats the environment, that beats the mapping (or plan), that the default.

What enters: options, the environment, a mapping's or a plan's settings. What leaves: a Context.
What never happens here: a credential from an option or a mapping.
"""

import asyncio
import os
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from sync.cli.options import Options
from sync.cli.progress import TqdmProgress
from sync.cli.state import state_directory
from sync.clock import SystemClock
from sync.errors import UsageError
from sync.remote import Pace, checked_base_url
from sync.report import check_folder
from sync.run import Context
from sync.settings import BASE_URL, ApiSettings, Credentials

_KEY, _HASH = "ILETIMERKEZI_API_KEY", "ILETIMERKEZI_API_HASH"
_TUNABLE = ("rate", "workers", "timeout", "wire", "settle_after", "patience")


def context(
    options: Options, saved: Mapping[str, Any], *, saved_url: str | None = None, reports: bool = True
) -> Context:
    """Everything that a run works with.

    Args:
        options: from the command line.
        saved: the `api:` section of the mapping, or the settings that a plan was made with.
        saved_url: the base URL that a mapping or plan names.
        reports: whether reports will be written, so that their folder is looked at before anything is sent.

    Raises:
        UsageError: no credentials, a base URL that cannot be used, or a report folder that cannot be written.
    """
    if reports:
        check_folder(options.report_dir or Path("reports"))
    url = options.base_url or os.environ.get("IMSYNC_BASE_URL") or saved_url or BASE_URL
    chosen = {name: getattr(options, name, None) or saved.get(name) for name in _TUNABLE}
    if options.settle_after is not None:
        chosen["settle_after"] = options.settle_after  # nought is a choice
    given = {name: value for name, value in chosen.items() if value is not None}
    api = ApiSettings(base_url=checked_base_url(url), **given)
    clock = SystemClock()
    return Context(
        api=api,
        credentials=credentials(),
        state=state_directory(options),
        clock=clock,
        pace=Pace(api.rate, clock),
        chance=random.Random(),  # noqa: S311 - jitter, no secret
        progress=TqdmProgress(shown=not options.quiet),
        stop=asyncio.Event(),
    )


def credentials() -> Credentials:
    """The key and hash from the environment, or from a `.env` file in the working directory.

    Raises:
        UsageError: one of them is not set.
    """
    try:
        file = dotenv_values(".env")
    except (OSError, ValueError) as error:
        raise UsageError("dotenv_unreadable", reason=str(error)) from error
    found = {name: (os.environ.get(name) or file.get(name) or "").strip() for name in (_KEY, _HASH)}
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise UsageError("no_credentials", missing=" and ".join(missing))
    return Credentials(found[_KEY], found[_HASH])
