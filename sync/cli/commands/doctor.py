"""`imsync doctor`: is everything as it must be, and what can the account's search do?"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from sync import language, messages, run
from sync.cli import printing
from sync.cli.options import WITHOUT_CHANGES, WITHOUT_REPORTS, Options, common_options
from sync.cli.progress import set_up_logging
from sync.cli.running import finished
from sync.cli.settings import context
from sync.cli.terminal import fitted
from sync.errors import NotAuthorised
from sync.report import visible

if TYPE_CHECKING:
    from sync import lookup

_EXAMPLES = {"gsm": "+905001112233", "email": "ada@example.com"}
_CAUSES = ("cause_credentials", "cause_access", "cause_address", "cause_methods")
_TROUBLE = 3

Line = tuple[str, dict[str, Any], bool]


@click.command()
@common_options(idle=(*WITHOUT_CHANGES, *WITHOUT_REPORTS))
def doctor(options: Options) -> int:
    """Check credentials and access, and learn what searches of the account can do.

    Reads a few pages and searches for contacts on them; writes nothing. What it learns is kept for later runs.

    \b
    imsync doctor
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    here = context(options, {}, reports=False)
    try:
        found = finished(here, run.examination(here), drains=False)
    except NotAuthorised as error:
        if options.as_json or options.quiet:
            raise
        printing.result(fitted("\n".join(_causes(here, error))))
        return error.exit_code
    lines = list(_lines(here, found))
    healthy = all(good for _, _, good in lines)
    if options.as_json:
        printing.result_object(
            {
                "status": "completed" if healthy else "completed_with_errors",
                "checks": [
                    {"code": code, "ok": good, "message": messages.text(code, values)} for code, values, good in lines
                ],
                "search": found.forms.to_dict(),
                "seconds": round(found.seconds, 3),
            }
        )
    elif not options.quiet:
        marks = {True: messages.phrase("doctor_ok"), False: messages.phrase("doctor_no")}
        for code, values, good in lines:
            printing.result(fitted(f"{marks[good]}  {messages.text(code, values)}"))
    return 0 if healthy else _TROUBLE


def _causes(here: "run.Context", error: NotAuthorised) -> Iterator[str]:
    """The causes that a 401 can have, each with what to look at."""
    yield visible(messages.text("doctor_refused", {"url": here.api.base_url, **error.values}))
    for number, code in enumerate(_CAUSES, start=1):
        yield f"  {number}. {messages.text(code, {})}"


def _lines(here: "run.Context", found: "run.Examination") -> Iterator[Line]:
    from sync import lookup
    from sync.remote import proxy_host

    yield "doctor_answers", {"url": here.api.base_url, "seconds": language.number(found.seconds, ".2f")}, True
    if (proxy := proxy_host(here.api.base_url)) is not None:
        yield "doctor_proxy", {"host": proxy}, True
    blacklisted = "?" if found.blacklisted is None else language.number(found.blacklisted)
    yield "doctor_access", {"groups": found.groups, "blacklisted": blacklisted}, True
    yield "doctor_state", {"folder": here.state.path}, True
    if not found.contacts:
        yield "doctor_empty", {}, True
        return
    yield "doctor_looked", {"contacts": found.contacts}, True
    for key in lookup.SEARCHABLE:
        yield from _search(key, found.forms)
    if found.letter_case is not None:
        yield ("doctor_case" if found.letter_case else "doctor_no_case"), {}, True
    if found.turkish is not None:
        yield ("doctor_turkish" if found.turkish else "doctor_not_turkish"), {}, True
    if found.small_pages is False:
        yield "doctor_whole_pages", {}, True


def _search(key: str, forms: "lookup.Forms") -> Iterator[Line]:
    """What searches for one key can do."""
    seen = forms.seen.get(key, frozenset())
    if not seen:
        yield "doctor_key_unseen", {"key": key}, True
        return
    stored = ", ".join(_example(key, form) for form in sorted(seen))
    if key in forms.blind:
        yield "doctor_key_blind", {"key": key, "stored": stored}, False
    elif key in forms.anywhere:
        yield "doctor_key_anywhere", {"key": key, "stored": stored}, True
    else:
        searched = ", ".join(_example(key, form) for form in forms.working.get(key, ()))
        code = "doctor_key_starts" if key in forms.starts else "doctor_key_whole"
        yield code, {"key": key, "stored": stored, "searched": searched}, True


def _example(key: str, form: str) -> str:
    """An invented value as it looks in a form."""
    from sync import lookup

    return lookup.term(key, form, _EXAMPLES[key]) or (
        "…@xn--….com" if form == "ascii" else messages.phrase("doctor_other")
    )
