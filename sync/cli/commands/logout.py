"""`imsync logout`: takes credentials out of the system's keyring."""

import click

from sync import messages
from sync.cli import credentials, printing
from sync.cli.options import Options, common_options
from sync.cli.progress import set_up_logging


@click.command()
@click.option("--profile", metavar="NAME", help="Which credentials, as given to “login”.")
@common_options(remote=False)
def logout(options: Options) -> int:
    """Take the credentials out of the system's keyring. What imsync remembers of the account stays.

    \b
    imsync logout
    imsync logout --profile branch
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    name = credentials.profile_name(options.profile)
    removed = credentials.remove(name)
    if options.as_json:
        printing.result_object({"status": "completed", "profile": name, "removed": removed})
    elif not options.quiet:
        printing.result(messages.text("logout_done" if removed else "logout_nothing", {"profile": name}))
    return 0
