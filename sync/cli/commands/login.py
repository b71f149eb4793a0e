"""`imsync login`: keeps credentials in the system's keyring, once they have been tried."""

import contextlib
import sys

import click

from sync import messages
from sync.cli import credentials, printing
from sync.cli.options import WITHOUT_CHANGES, WITHOUT_REPORTS, Options, common_options
from sync.cli.progress import set_up_logging
from sync.cli.running import finished
from sync.cli.settings import context
from sync.errors import RunRefused, UsageError
from sync.settings import Credentials

_SAID = {"known": "login_known", "bound": "login_bound", "new": "login_new"}


@click.command()
@click.option("--from-env", is_flag=True, help="Take those of the environment or of the .env file; ask nothing.")
@common_options(idle=(*WITHOUT_CHANGES, *WITHOUT_REPORTS))
def login(options: Options, *, from_env: bool) -> int:
    """Ask for the API's key and hash, try them, and keep them in the system's keyring.

    They are tried by reading the account's groups. Nothing of them is shown. New credentials of an account that is
    known here, such as after a key was renewed, are recognised by contacts that earlier runs knew.

    \b
    imsync login
    imsync login --profile branch
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    from sync.run.signing_in import sign_in

    profile = credentials.profile_name(options.profile)
    credentials.check_keyring()
    given = credentials.credentials(profile) if from_env else _asked()
    here = context(options, {}, reports=False, given=given)
    found = finished(here, sign_in(here), drains=False)
    credentials.store(profile, given)
    said = messages.text(_SAID[found.kind], {"looked": found.looked, "found": found.found})
    if options.as_json:
        printing.result_object(
            {"status": "completed", "profile": profile, "account": found.kind, "groups": found.groups, "message": said}
        )
    elif not options.quiet:
        values = {"profile": profile, "groups": found.groups, "url": here.api.base_url}
        printing.result(f"{messages.text('login_kept', values)}\n{said}")
    return 0


def _asked() -> Credentials:
    """What somebody types, unseen.

    Raises:
        RunRefused: there is nobody to ask, or no answer.
        UsageError: an answer is empty.
    """
    if not sys.stdin.isatty():
        raise RunRefused("login_no_terminal")
    found = []
    with contextlib.suppress(click.Abort):
        for code in ("login_ask_key", "login_ask_hash"):
            label = messages.phrase(code)
            found.append(click.prompt(label, hide_input=True, default="", show_default=False, err=True).strip())
        if not all(found):
            raise UsageError("login_empty")
        return Credentials(*found)
    raise RunRefused("login_given_up")
