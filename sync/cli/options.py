"""The options that several commands share.

What enters: click's decorators. What leaves: one Options object. What never happens here: reading the environment.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from sync import messages
from sync.cli.durations import DURATION

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line said; None and False where it said nothing.

    Attributes:
        resumed: the object of the run that was finished first, once that is so.
    """

    base_url: str | None = None
    rate: float | None = None
    workers: int | None = None
    timeout: float | None = None
    wire: str | None = None
    settle_after: float | None = None
    max_runtime: float | None = None
    profile: str | None = None
    resumed: Mapping[str, Any] | None = None
    report_dir: Path | None = None
    state_dir: Path | None = None
    all_rows: bool = False
    yes: bool = False
    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    log_format: str = "text"


class _MappingPath(click.Path):
    """Where none is named, it is said how one is made."""

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str | None:  # noqa: ARG002
        files = [each for each in (ctx.params.get("files") if ctx else None) or () if str(each) != "-"]
        first = files[0] if files else Path("FILE")
        words = messages.shell_word(first), messages.shell_word(Path(f"{first.stem or 'mapping'}.yaml"))
        return messages.phrase("mapping_missing", command=f"imsync init {words[0]} -o {words[1]}")


_PATH = click.Path(path_type=Path)
_SPOKEN = (
    partial(
        click.option,
        "--json",
        "as_json",
        is_flag=True,
        help="Print one JSON object and nothing else on standard output.",
    ),
    partial(click.option, "-q", "--quiet", is_flag=True, help="Say nothing but errors."),
    partial(click.option, "-v", "--verbose", is_flag=True, help="Log every retry; show the traceback of a bug."),
    partial(click.option, "--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True),
)
_STATE = (
    partial(click.option, "--state-dir", type=_PATH, metavar="DIR", help="Where runs and accounts are remembered."),
)
_REPORTS = (
    partial(
        click.option,
        "--report-dir",
        type=_PATH,
        metavar="DIR",
        help="Reports go directly into it.  [default: reports/RUN]",
    ),
    partial(click.option, "--all-rows", is_flag=True, help="Show unchanged rows in report.xlsx too."),
)
_REMOTE = (
    partial(click.option, "--base-url", metavar="URL", help="Where the API is."),
    partial(click.option, "--profile", metavar="NAME", help="Which credentials, as given to “login”."),
    partial(
        click.option,
        "--max-runtime",
        type=DURATION,
        metavar="TIME",
        help="Stop after so long, as after Ctrl-C: 90m, 2h.",
    ),
    partial(
        click.option,
        "--rate",
        type=click.FloatRange(min=0, min_open=True),
        metavar="N",
        help="At most N requests in any second.",
    ),
    partial(
        click.option, "--workers", type=click.IntRange(1, 200), metavar="N", help="So many changes under way at once."
    ),
    partial(
        click.option,
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="For one request.",
    ),
    partial(click.option, "--wire", type=click.Choice(["json", "xml"]), help="The format of the requests."),
    partial(
        click.option,
        "--settle-after",
        type=click.FloatRange(min=0),
        metavar="SECONDS",
        help="When an add whose answer was lost, and that no search shows, counts as not done.",
    ),
    *_STATE,
    *_REPORTS,
)
_YES = (partial(click.option, "-y", "--yes", is_flag=True, help="Ask nothing. It never lifts a guard."),)

# What means nothing to a command that writes no reports, and to one that changes nothing.
WITHOUT_REPORTS = ("--report-dir", "--all-rows")
WITHOUT_CHANGES = ("--workers", "--settle-after")

files_argument = click.argument("files", nargs=-1, required=True, type=_PATH, metavar="FILE…")
mapping_option = click.option(
    "-m",
    "--mapping",
    "mapping_path",
    required=True,
    type=_MappingPath(path_type=Path),
    metavar="MAPPING",
    help="The column mapping (YAML).",
)
partial_option = click.option(
    "--partial", is_flag=True, help="The file is a part of the whole: it is no measure for later runs."
)
blacklist_option = click.option(
    "--blacklist", is_flag=True, help="Read the account's blacklist, and note the rows whose number is on it."
)
limit_option = click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Try N changes; the rest stays pending for “resume”."
)
verify_option = click.option(
    "--verify", is_flag=True, help="At the end read back what was written, and prove that the book is as the plan says."
)
bring_back_option = click.option(
    "--bring-back", is_flag=True, help="Add rows again whose contacts were erased in the panel."
)
skip_same_option = click.option(
    "--skip-same-input", is_flag=True, help="Do nothing where input and mapping are those of the last full run."
)
settle_option = click.option(
    "--settle", type=DURATION, metavar="TIME", help="First wait until the files have not changed for so long: 30s."
)
resume_first_option = click.option(
    "--resume-first", is_flag=True, help="First finish an interrupted run of the same job."
)
allow_option = click.option(
    "--allow",
    "allowed",
    multiple=True,
    type=click.Choice(
        [
            "max_adds",
            "max_edits",
            "max_deletes",
            "max_removals",
            "max_moved",
            "min_rows",
            "same_columns",
            "max_bad",
            "altered",
        ]
    ),
    help="Lift this guard once.",
)


def report_options(command: Command) -> Callable[..., Any]:
    """Adds the options for reports alone, to a command that talks to no API."""
    wrapped: Callable[..., Any] = command
    for option in reversed(_REPORTS):
        wrapped = option()(wrapped)
    return wrapped


def common_options(
    *, remote: bool = True, state: bool = False, asks: bool = False, idle: Collection[str] = ()
) -> Callable[[Command], Callable[..., Any]]:
    """Adds the shared options and hands them to the command as `options`.

    Args:
        remote: the command talks to the API.
        state: the command only reads past runs.
        asks: the command asks before it writes.
        idle: options that mean nothing to the command. They are taken all the same, since a script may give every
            command the same ones; its help does not list them.
    """
    chosen = (*(_REMOTE if remote else ()), *(_STATE if state else ()), *(_YES if asks else ()), *_SPOKEN)

    def decorate(command: Command) -> Callable[..., Any]:
        @wraps(command)
        def collected(**given: Any) -> Any:  # noqa: ANN401 - click hands over whatever was declared
            own = {name: given.pop(name) for name in Options.__slots__ if name in given}
            return command(options=Options(**own), **given)

        wrapped: Callable[..., Any] = collected
        for option in reversed(chosen):
            wrapped = option(hidden=option.args[0] in idle)(wrapped)
        return wrapped

    return decorate
