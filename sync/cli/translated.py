"""What click says, in the language that is spoken, and the option that every command has for it.

What enters: a command as it was declared, in English. What leaves: a copy with `--lang`, its help translated.
What never happens here: a change of the command itself, which serves the other language too.
"""

import copy
import gettext
import inspect
import os
from collections.abc import Iterator

import click

from sync import language

_CLICKS_OWN = "messages"  # the domain where gettext looks, and so click, unless it is told otherwise
_AS_IT_STANDS = "\b"  # click's mark for paragraphs that are not folded: commands, which are the same in every language
NUMBER, A_NUMBER = "NUMBER", "number"  # in the place of click's INTEGER RANGE, and of “a valid integer range”
_NUMBERS = (click.types.IntParamType, click.types.FloatParamType)
LANG_HELP = "The language: en or tr.  [default: IMSYNC_LANG, else the system's]"


def tell_click() -> None:
    """Lets click's own texts be looked up where ours are.

    Click asks gettext, as any program does, and gettext asks the environment for the language.
    """
    if language.spoken() == language.ENGLISH:
        gettext.textdomain(_CLICKS_OWN)
        return
    gettext.bindtextdomain(language.DOMAIN, language.FOLDER)
    gettext.textdomain(language.DOMAIN)
    os.environ["LANGUAGE"] = language.spoken()


def translated(command: click.Command) -> click.Command:
    """The command with the option `--lang`, and with its help in the language that is spoken."""
    found = copy.copy(command)
    found._help_option = None  # noqa: SLF001 - click keeps it with its text in the language of the first use
    found.params = [*map(_parameter, command.params), _option()]
    found.help = _help(command.help)
    found.short_help = language.said(command.short_help or "") or None
    found.options_metavar = language.said(command.options_metavar or "") or None
    if isinstance(found, click.Group):
        found.subcommand_metavar = language.said(found.subcommand_metavar)
        found.commands = {name: translated(each) for name, each in found.commands.items()}
    return found


def _option() -> click.Option:
    """What main has looked at before; here it is only known, so that it is listed and completed."""
    return click.Option(
        [language.OPTION],
        expose_value=False,
        metavar=language.said("LANG"),
        help=language.said(LANG_HELP),
        type=click.STRING,
    )


def _parameter(parameter: click.Parameter) -> click.Parameter:
    found = copy.copy(parameter)
    if isinstance(found, click.Option) and found.help:
        found.help = language.said(found.help)
    if found.metavar:
        found.metavar = language.said(found.metavar)
    if isinstance(found.type, _NUMBERS) and language.spoken() != language.ENGLISH:
        found.metavar = found.metavar or language.said(NUMBER)
        found.type = copy.copy(found.type)
        found.type.name = language.said(A_NUMBER)
    return found


def _help(text: str | None) -> str | None:
    return text and "\n\n".join(
        each if each.startswith(_AS_IT_STANDS) else language.said(" ".join(each.split())) for each in paragraphs(text)
    )


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a command's help."""
    yield from (each for each in inspect.cleandoc(text).split("\n\n") if each.strip())


def texts(command: click.Command) -> Iterator[str]:
    """Everything in a command's help that is to be translated, with its commands' and options'."""
    for each in paragraphs(command.help or ""):
        if not each.startswith(_AS_IT_STANDS):
            yield " ".join(each.split())
    yield from filter(None, [command.short_help, command.options_metavar])
    yield from (each.metavar for each in command.params if each.metavar)
    yield from (each.help for each in command.params if isinstance(each, click.Option) and each.help)
    if isinstance(command, click.Group):
        yield command.subcommand_metavar
        for within in command.commands.values():
            yield from texts(within)
