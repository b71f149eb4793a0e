"""Weighs the sources of settings: an option beats the environment, that beats the mapping (or plan), that the default.

What enters: options, the environment, a mapping's or a plan's settings. What leaves: a Context.
What never happens here: a credential from an option or a mapping.
"""

import os
import random
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync.cli.log_lines import never_show
from sync.cli.options import Options
from sync.cli.progress import TqdmProgress
from sync.cli.state import state_directory
from sync.settings import BASE_URL, ApiSettings, Credentials

if TYPE_CHECKING:
    from sync.run import Context

_TUNABLE = ("rate", "workers", "timeout", "wire", "settle_after", "patience")


def context(
    options: Options,
    saved: Mapping[str, Any],
    *,
    saved_url: str | None = None,
    reports: bool = True,
    given: Credentials | None = None,
) -> "Context":
    """Everything that a run works with.

    Args:
        options: from the command line.
        saved: the `api:` section of the mapping, or the settings that a plan was made with.
        saved_url: the base URL that a mapping or plan names.
        reports: whether reports will be written, so that their folder is looked at before anything is sent.
        given: credentials that are to be tried.

    Raises:
        UsageError: no credentials, a base URL that cannot be used, or a report folder that cannot be written.
    """
    import asyncio

    from sync.cli.credentials import credentials, profile_name
    from sync.clock import SystemClock
    from sync.remote import Pace, checked_base_url
    from sync.report import check_folder
    from sync.report.formats import FILES
    from sync.run import Context

    if reports:
        check_folder(options.report_dir or Path("reports"), FILES if options.report_dir else ())
    url = options.base_url or os.environ.get("IMSYNC_BASE_URL") or saved_url or BASE_URL
    chosen = {name: getattr(options, name, None) or saved.get(name) for name in _TUNABLE}
    if options.settle_after is not None:
        chosen["settle_after"] = options.settle_after  # nought is a choice
    tuned = {name: value for name, value in chosen.items() if value is not None}
    api = ApiSettings(base_url=checked_base_url(url), **tuned)
    found = given or credentials(options.profile)
    never_show((found.key, found.hash))
    clock = SystemClock()
    return Context(
        api=api,
        credentials=found,
        state=state_directory(options),
        clock=clock,
        pace=Pace(api.rate, clock),
        chance=random.Random(),  # noqa: S311 - jitter, no secret
        progress=TqdmProgress(shown=not options.quiet),
        stop=asyncio.Event(),
        profile=profile_name(options.profile),
        ends_at=None if options.max_runtime is None else clock.monotonic() + options.max_runtime,
    )
