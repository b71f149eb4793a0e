"""`imsync forget`: finds and forgets one person on this machine."""

import sys
from typing import TYPE_CHECKING

import click

from sync import messages
from sync.cli import printing
from sync.cli.asking import confirmed
from sync.cli.options import Options, common_options
from sync.cli.progress import set_up_logging
from sync.cli.state import state_directory
from sync.errors import RunRefused, UsageError
from sync.report import visible

if TYPE_CHECKING:
    from sync.run.forgetting import Traces

_FEWEST_DIGITS = 7


@click.command()
@click.argument("person", metavar="PHONE|EMAIL")
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@common_options(remote=False, state=True, asks=True)
def forget(person: str, options: Options, *, dry_run: bool) -> int:
    """Forget one person on this machine: runs in which the person is, their reports, and what jobs remember.

    Nothing is sent: the contact in the address book stays, and so do your own files, which are named. What is forgotten
    can be neither undone nor told of any more, and that goes for the other rows of those runs too.

    \b
    imsync forget +905001112233 --dry-run
    imsync forget ada@example.com
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    from sync import canonical
    from sync.clock import SystemClock
    from sync.run.forgetting import forget_person, traces

    key = "email" if "@" in person else "gsm"
    if key == "gsm" and sum(letter.isdigit() for letter in person) < _FEWEST_DIGITS:
        raise UsageError("forget_unclear", asked=person)
    state = state_directory(options)
    found = traces(state, SystemClock().now(), key, canonical.of_key(key, person.strip()))
    going = [path for each in found.runs for path in each.files]
    values = {"runs": sum(1 for each in found.runs if each.files), "files": len(going), "entries": found.entries}
    entries, known = found.entries, bool(found.runs or found.entries)
    if known and not dry_run:
        if not options.yes:
            _ask(values)
        entries = forget_person(state, found)
    kept = [messages.text(each.stays, {"run": each.run}) for each in found.runs if each.stays]
    kept += [messages.text("purge_elsewhere", {"file": each.elsewhere}) for each in found.runs if each.elsewhere]
    kept += [messages.text("forget_unread", {"file": path}) for path in found.unread]
    kept += [messages.text("forget_input", {"file": path}) for path in found.inputs]
    if options.as_json:
        printing.result_object(_object(found, entries, kept, dry_run=dry_run))
    elif not options.quiet:
        for path in going:
            printing.result(visible(f"  {path}"))
        said = "forget_nothing" if not known else "forget_plan" if dry_run else "forget_done"
        printing.result(messages.text(said, {**values, "entries": entries}))
        for line in kept:
            printing.told(visible(line))
    return 0


def _ask(values: dict[str, int]) -> None:
    """Raises RunRefused unless somebody says yes."""
    if not sys.stdin.isatty():
        raise RunRefused("purge_no_terminal")
    if not confirmed(messages.text("forget_ask", values)):
        raise RunRefused("purge_not_confirmed")


def _object(found: "Traces", entries: int, kept: list[str], *, dry_run: bool) -> dict[str, object]:
    return {
        "status": "planned" if dry_run else "completed",
        "runs": [{"run": each.run, "deleted": [str(path) for path in each.files]} for each in found.runs],
        "remembered": entries,
        "kept": kept,
    }
