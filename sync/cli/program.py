"""`imsync` as click has it: finds the command that was named, and imports that one alone.

What enters: a command's name. What leaves: the command, or an answer that names the nearest one.
What never happens here: running it.
"""

import importlib

import click
from click.shell_completion import CompletionItem

from sync import __version__, language, messages
from sync.cli.overview import COMMANDS, overview
from sync.cli.translated import LANG_HELP, translated


class _Commands(click.Group):
    """Loads a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_help(self, ctx: click.Context) -> str:  # noqa: ARG002
        return overview().rstrip("\n")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """What could follow; the names come from the table, so that no key press waits for an import."""
        names = [
            CompletionItem(name, help=language.said(about))
            for name, about in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name in COMMANDS:
            module = importlib.import_module(f"sync.cli.commands.{cmd_name}")
            command: click.Command = getattr(module, cmd_name)
            return translated(command)
        from sync.cli.nearness import near

        meant = near(cmd_name, COMMANDS)
        hint = f" {messages.phrase('near_command', command=meant[0])}" if meant else ""
        raise click.UsageError(f"{messages.phrase('no_command', command=cmd_name)}{hint}")


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="imsync")
@click.option(language.OPTION, expose_value=False, metavar="LANG", help=LANG_HELP)
def imsync() -> None:
    """Keep the İleti Merkezi address book in step with your spreadsheets."""
