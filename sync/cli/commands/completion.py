"""`imsync completion`: the script that lets a shell complete commands and options."""

import click
from click.shell_completion import get_completion_class

from sync.cli import printing

_SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_IMSYNC_COMPLETE"  # click looks for it when the shell asks what could follow


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
def completion(shell: str) -> int:
    """Print the script that lets the shell complete commands, options and file names.

    \b
    ~/.bashrc:      eval "$(imsync completion bash)"
    ~/.zshrc:       eval "$(imsync completion zsh)"
    fish:           imsync completion fish > ~/.config/fish/completions/imsync.fish
    """  # noqa: D301 - click's mark for lines that stay as they are
    from sync.cli.program import imsync

    made = get_completion_class(shell)
    assert made is not None
    printing.plain(made(imsync, {}, "imsync", _VARIABLE).source())
    return 0
