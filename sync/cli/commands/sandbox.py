"""`imsync sandbox`: serves the emulated API on this machine."""

import signal
from pathlib import Path

import click

from sync.cli import printing
from sync.errors import UsageError
from sync.sandbox import BookState, Faults, SandboxServer, Semantics, StateError

_SHARE = click.FloatRange(0, 1)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes any free one.  [default: 0]")
@click.option("--data", type=click.Path(path_type=Path), help="The book: loaded at start, saved while it runs.")
@click.option("--ledger", type=click.Path(path_type=Path), help="Write a JSON line for every request to this file.")
@click.option("--edit", type=click.Choice(["replace", "patch"]), default="replace", show_default=True)
@click.option("--search", type=click.Choice(["substring", "prefix"]), default="substring", show_default=True)
@click.option("--fault-429", type=_SHARE, default=0.0, help="Share of requests answered 429 with Retry-After.")
@click.option("--fault-503", type=_SHARE, default=0.0, help="Share answered 503.")
@click.option("--fault-lost-before", type=_SHARE, default=0.0, help="Share of lost connections, nothing done.")
@click.option("--fault-lost-after", type=_SHARE, default=0.0, help="Share carried out, the answer lost.")
@click.option("--fault-only", multiple=True, metavar="METHOD", help="Only these methods have faults.")
@click.option("--retry-after", type=click.IntRange(min=0), default=1, show_default=True, help="Seconds in a 429.")
@click.option("--latency", type=click.FloatRange(min=0), default=0.0, help="Seconds before each answer.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the faults.")
def sandbox(
    port: int,
    data: Path | None,
    ledger: Path | None,
    edit: str,
    search: str,
    fault_429: float,
    fault_503: float,
    fault_lost_before: float,
    fault_lost_after: float,
    fault_only: tuple[str, ...],
    retry_after: int,
    latency: float,
    seed: int,
) -> int:
    """Serve the sandbox API until stopped: all methods, both formats, no account needed.

    \b
    imsync sandbox --port 8077 --data book.json
    """  # noqa: D301 - click's mark for lines that stay as they are
    try:
        state = BookState.load(data) if data is not None and data.exists() else BookState()
    except StateError as error:
        raise UsageError("sandbox_data_wrong", file=data, reason=str(error)) from error
    faults = Faults(
        too_many=fault_429,
        unavailable=fault_503,
        lost_before=fault_lost_before,
        lost_after=fault_lost_after,
        retry_after=retry_after,
        latency=latency,
        seed=seed,
        only=frozenset(fault_only),
    )
    semantics = Semantics(edit=edit, search=search)  # type: ignore[arg-type]  # click has checked the words
    try:
        server = SandboxServer(state, semantics=semantics, faults=faults, port=port, data_path=data, ledger_path=ledger)
    except OSError as error:
        raise UsageError("port_taken", port=port, reason=error.strerror or str(error)) from error
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(SystemExit(0)))
    book = (
        f"{len(state.contacts):,} contacts in {len(state.groups):,} groups"
        if data and data.exists()
        else "an empty book"
    )
    printing.result(f"Serving {book} at {server.base_url} (stop with Ctrl-C). In another terminal:")
    printing.result(f"  export IMSYNC_BASE_URL={server.base_url}")
    printing.result(f"  export ILETIMERKEZI_API_KEY={state.credentials.key}")
    printing.result(f"  export ILETIMERKEZI_API_HASH={state.credentials.hash}")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        printing.told("Stopped.")
    return 0
