"""Asks a yes-or-no question on the terminal.

What enters: a question. What leaves: whether somebody said yes. What never happens here: yes taken from silence.
"""

import click

from sync import messages
from sync.cli import printing

# Both languages' answers are taken in both: nobody has to remember which one is spoken. Turkish capitals may have dots.
_YES = frozenset({"y", "yes", "e", "evet"})
_NO = frozenset({"n", "no", "h", "hayır", "hayir", "hayi\u0307r"})


def confirmed(question: str) -> bool:
    """Whether somebody says yes; what is neither yes nor no is asked again, Ctrl-C and no answer at all are a no."""
    while True:
        try:
            said = click.prompt(
                f"{question} [{messages.phrase('ask_no_by_default')}]",
                default="",
                show_default=False,
                prompt_suffix=": ",
                err=True,
            )
        except click.Abort:
            return False
        answer = str(said).strip().lower()
        if answer in _YES:
            return True
        if not answer or answer in _NO:
            return False
        printing.told(messages.phrase("ask_again"))
