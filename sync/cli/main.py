"""The command `imsync`: runs the command that was named, turns errors into answers and exit codes.

What enters: argv. What leaves: an exit code.
What never happens here: importing what is not needed. What `--version` and `--help` answer does not need click.
"""

import gc
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from sync import __version__, language
from sync.cli import printing

_BUG = 1


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command line and exits with its code (docs/command-line.md lists them)."""
    _leave_no_core()
    _collect_rarely()
    # A process can be started without streams; what is told then goes nowhere.
    sys.stdout = sys.stdout or io.StringIO()
    sys.stderr = sys.stderr or io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without Turkish letters shows a mark instead of failing
            stream.reconfigure(errors="replace")
    arguments = list(sys.argv[1:] if argv is None else argv)
    language.speak(language.ENGLISH)
    try:
        language.speak(language.chosen(arguments, os.environ))
    except language.UnknownLanguage as error:
        sys.exit(_answered(error.told(), arguments, code=_BUG))
    sys.exit(_exit_code(arguments))


def _leave_no_core() -> None:
    """Whatever ends this process, its memory is not written to the disk: credentials and address books are in it."""
    with suppress(ImportError, OSError, ValueError):  # Windows; a system that does not let us
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _collect_rarely() -> None:
    """Looks for circles of objects a hundred times less often: rows and contacts make none, and there are many."""
    gc.set_threshold(200_000, 20, 100)


def _exit_code(arguments: list[str]) -> int:
    words = language.without(arguments)
    if words in (["-h"], ["--help"]):
        from sync.cli.overview import overview

        printing.plain(overview())
        return 0
    if words == ["--version"]:
        printing.plain(f"imsync, version {__version__}\n")
        return 0
    printing.tell_lines(None)
    return ended(arguments)


def ended(arguments: list[str]) -> int:
    """Runs a command, answers its errors, and returns its exit code."""
    import click

    from sync.cli.program import imsync
    from sync.cli.translated import tell_click

    tell_click()
    try:
        code: object = imsync.main(arguments, prog_name="imsync", standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        if isinstance(error, click.NoSuchOption):
            from sync.cli.nearness import near

            options = error.ctx.command.get_params(error.ctx) if error.ctx else []
            names = [name for each in options if not getattr(each, "hidden", False) for name in each.opts]
            vars(error)["possibilities"] = near(error.option_name, names)  # click looks for what is alike, however far
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        from sync.cli.stopping import SIGNALS

        SIGNALS.seen = True
        return _answered(None, arguments, code=6)
    except Exception as error:  # noqa: BLE001 - whatever it is, the person gets an answer and the right exit code
        return _answered(error, arguments, code=_BUG)
    return code if isinstance(code, int) else 0


def _answered(error: BaseException | None, arguments: list[str], *, code: int) -> int:
    from sync.cli.answers import answer

    return answer(error, arguments, code=code)
