"""The command `imsync`: runs the command that was named, turns errors into answers and exit codes.

What enters: argv. What leaves: an exit code.
What never happens here: importing what is not needed. What `--version` and `--help` answer does not need click.
"""

import io
import sys
from collections.abc import Sequence

from sync import __version__
from sync.cli import printing

_BUG = 1


def main(argv: Sequence[str] | None = None) -> None:
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
    if arguments in (["-h"], ["--help"]):
        from sync.cli.overview import overview

        printing.plain(overview())
        return 0
    if arguments == ["--version"]:
        printing.plain(f"imsync, version {__version__}\n")
        return 0
    return _ended(arguments)


def _ended(arguments: list[str]) -> int:
    import click

    from sync.cli.program import imsync

    try:
        code: object = imsync.main(arguments, prog_name="imsync", standalone_mode=False)
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
