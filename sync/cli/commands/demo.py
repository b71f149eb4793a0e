"""`imsync demo`: the whole main job on the sample data, against a sandbox server on this machine."""

import random
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

import sync
from sync import run
from sync.cli import printing
from sync.cli.commands.sync import synced
from sync.cli.options import WITHOUT_CHANGES, Options, common_options
from sync.cli.progress import TqdmProgress, set_up_logging
from sync.cli.terminal import fitted
from sync.errors import UsageError
from sync.messages import phrase
from sync.settings import ApiSettings, Credentials

if TYPE_CHECKING:
    from sync.sandbox import BookState

_RATE = 200.0  # the sandbox is ours: there is nobody to be careful of
_WENT_WELL = (0, 3)  # the sample has bad rows on purpose
_WRITES = ("add-contact", "edit-contact")


@click.command()
@common_options(idle=("--base-url", "--timeout", "--state-dir", "--profile", "--max-runtime", *WITHOUT_CHANGES))
def demo(options: Options) -> int:
    """Show the whole job on sample data, against a sandbox on this machine. No account, no credentials.

    It syncs a sheet of customers, then the same sheet once more: the second time there is nothing to do but read.

    \b
    imsync demo
    imsync demo --report-dir demo-reports
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    from sync.sandbox import BookState, SandboxServer

    folder = _files()
    mapping_file = run.read_mapping(folder / "mappings" / "customers.yaml")
    sheet = folder / "sample_data" / "customers.xlsx"
    state = BookState.load(folder / "sample_data" / "book.json")
    options = replace(options, yes=True)
    with tempfile.TemporaryDirectory(prefix="imsync-demo-") as scratch, SandboxServer(state) as server:
        here = _context(server.base_url, state, options, Path(scratch))
        _say(options, f"{phrase('demo_serves', contacts=len(state.contacts), url=server.base_url)}\n")
        first = synced(here, (sheet,), mapping_file, options)
        _say(options, f"\n{phrase('demo_again', contacts=len(state.contacts))}")
        seen = len(server.ledger)
        again = replace(options, quiet=True, as_json=False, report_dir=Path(scratch) / "reports")
        second = synced(here, (sheet,), mapping_file, again)
        sent = Counter(entry.method for entry in server.ledger[seen:])
        counts = ", ".join(f"{count} {method}" for method, count in sorted(sent.items()))
        _say(options, phrase("demo_done", requests=sum(sent.values()), methods=counts))
    if any(sent[method] for method in _WRITES) or second not in _WENT_WELL:
        printing.told(f"imsync: {phrase('demo_wrong')}")
        return 1
    return 0 if first in _WENT_WELL else first


def _files() -> Path:
    """Where the sample data and mappings are: inside an installed package, or beside it in a checkout."""
    package = Path(sync.__file__).parent
    for folder in (package / "demo_files", package.parent):
        if (folder / "sample_data" / "book.json").is_file():
            return folder
    raise UsageError("file_unreadable", file="sample_data/book.json", reason=phrase("demo_missing"))


def _context(base_url: str, state: "BookState", options: Options, scratch: Path) -> "run.Context":
    import asyncio

    from sync.clock import SystemClock
    from sync.remote import Pace
    from sync.runs import StateDirectory

    api = ApiSettings(base_url=base_url, rate=options.rate or _RATE, wire=options.wire or "json")  # type: ignore[arg-type]  # click has checked the word
    clock = SystemClock()
    return run.Context(
        api=api,
        credentials=Credentials(state.credentials.key, state.credentials.hash),
        state=StateDirectory(scratch / "state"),
        clock=clock,
        pace=Pace(api.rate, clock),
        chance=random.Random(),  # noqa: S311 - jitter, no secret
        progress=TqdmProgress(shown=not options.quiet),
        stop=asyncio.Event(),
    )


def _say(options: Options, text: str) -> None:
    if not (options.quiet or options.as_json):
        printing.result(fitted(text))
