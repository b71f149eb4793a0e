"""The command `imsync`: finds the command, runs it, turns errors into answers and exit codes.

What enters: argv. What leaves: an exit code. What never happens here: importing a command that is not run.
"""

import difflib
import importlib
import io
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from sync import __version__

_COMMANDS = {
    "demo": "Show the whole job on sample data, against a sandbox on this machine.",
    "init": "Guess a mapping from a file's headers and cells.",
    "schema": "Print the mapping's JSON Schema, for editors.",
    "check": "Read, map and validate files; nothing is sent.",
    "plan": "Show what would change, and save the plan.",
    "apply": "Carry out a saved plan.",
    "sync": "Plan and apply in one go.",
    "resume": "Finish an interrupted run.",
    "undo": "Put back what a run changed.",
    "reconcile": "Compare a sheet and the book in both directions.",
    "export": "Write all of the book that can be reached to a file.",
    "groups": "List, add, rename and remove the account's groups.",
    "fields": "Show the custom fields that the account's contacts have.",
    "doctor": "Check credentials and access; learn what searches can do.",
    "sandbox": "Serve the sandbox API until stopped.",
}
_NOT_YET = (
    "runs", "report", "why", "login",
    "run",
)  # fmt: skip
_BUG = 1


class _Commands(click.Group):
    """Loads a command when it is called, so that `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name in _COMMANDS:
            module = importlib.import_module(f"sync.cli.commands.{cmd_name}")
            command: click.Command = getattr(module, cmd_name)
            return command
        if cmd_name in _NOT_YET:
            raise click.UsageError(f"“imsync {cmd_name}” is not supported yet.")
        near = difflib.get_close_matches(cmd_name, _COMMANDS, n=1)
        hint = f" Did you mean “imsync {near[0]}”?" if near else ""
        raise click.UsageError(f"There is no command “{cmd_name}”.{hint}")


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="imsync")
def imsync() -> None:
    """Keep the İleti Merkezi address book in step with your spreadsheets.

    \b
    Try it:      imsync demo
    Your file:   imsync init customers.xlsx -o customers.yaml
                 imsync check customers.xlsx -m customers.yaml
                 imsync sync customers.xlsx -m customers.yaml
    """  # noqa: D301 - click's mark for lines that stay as they are


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and exits with its code (docs/command-line.md lists them)."""
    # A process can be started without streams; what is told then goes nowhere.
    sys.stdout = sys.stdout or io.StringIO()
    sys.stderr = sys.stderr or io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without Turkish letters shows a mark instead of failing
            stream.reconfigure(errors="replace")
    arguments = list(sys.argv[1:] if argv is None else argv)
    sys.exit(_exit_code(arguments))


def _exit_code(arguments: list[str]) -> int:
    try:
        code: Any = imsync.main(arguments, prog_name="imsync", standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _answered(None, arguments, code=6)
    except Exception as error:  # noqa: BLE001 - whatever it is, the person gets an answer and the right exit code
        return _answered(error, arguments, code=_BUG)
    return code if isinstance(code, int) else 0


def _answered(error: BaseException | None, arguments: list[str], *, code: int) -> int:
    from sync.cli.answers import answer

    return answer(error, arguments, code=code)
