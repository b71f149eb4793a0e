"""Runs as they are named on the command line: by id, by the beginning of one, by file, or `last`.

What enters: what somebody types. What leaves: a run file's path; what the shell can complete it to.
What never happens here: opening the runs for a key press.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from sync import messages
from sync.cli.options import Options
from sync.cli.state import state_directory

if TYPE_CHECKING:
    from sync.run.past import Last

LAST = "last"
_OFFERED = 30
_TAKEN = {"begun": "last_begun", "undoable": "last_undoable", "plan": "last_plan"}


class RunName(click.ParamType[str]):
    """A run; the shell offers the newest ones."""

    name = "run"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002 - click's signature
        """Files, `last`, and the newest ids."""
        found = [CompletionItem(incomplete, type="file")]
        if LAST.startswith(incomplete):
            found.append(CompletionItem(LAST, help=messages.phrase("run_last")))
        names = state_directory(Options(state_dir=ctx.params.get("state_dir"))).runs()
        return [*found, *[CompletionItem(run) for run in names if run.startswith(incomplete)][:_OFFERED]]


RUN = RunName()


def named_run(options: Options, name: str, last: "Last" = "newest") -> Path:
    """The file of the run.

    The word `last` means the newest run of the kind that the command can work on; where a newer one is left aside for
    that, it is told which run was taken.

    Raises:
        UsageError: there is no such run, or there are several.
    """
    from sync.cli.answers import telling
    from sync.run import past

    state = state_directory(options)
    found = past.find(state, name, last)
    if name == LAST and (newest := past.find(state, LAST)) != found:
        telling(options)(_TAKEN[last], run=past.id_of(found), newest=past.id_of(newest))
    return found
