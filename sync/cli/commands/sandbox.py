"""`imsync sandbox`: serves the emulated API on this machine."""

import gc
import re
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from sync import language, messages
from sync.cli import printing
from sync.errors import UsageError
from sync.sandbox import DEEDS, FAULTS, WAYS, WORDS, Faults, Others, Outage, Semantics

_SHARE = click.FloatRange(0, 1)

# Semantics that are a choice of words: section → name → what it is about. The words are the sandbox's own.
_CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "What search finds": {
        "search": "What a key has to be of a field.",
        "case": "Which letters are one letter.",
        "phone_indexed": "The form of numbers that search looks at.",
        "phone_key": "Whether a full number is found in any form.",
        "order": "Of search results and group listings.",
        "empty_page": "What answers a page without contacts.",
    },
    "What becomes of values": {
        "edit": "What an edit does to what it omits.",
        "phone_stored": "The form in which Turkish numbers are stored.",
        "values": "Reformat or cut values; may be repeated.",
        "groups_on_add": "What a JSON add with several groups stores.",
        "group_counts": "Whether a main group counts its children's contacts.",
        "group_lists": "Whether a main group lists them.",
    },
    "How answers are written": {
        "ids": "In JSON.",
        "single": "A list of one, in JSON.",
        "empty": "An empty list, in JSON.",
        "http": "The HTTP status.",
    },
}

_SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "What search finds": (*_CHOICES["What search finds"], "lag_writes", "lag_seconds"),
    "What becomes of values": tuple(_CHOICES["What becomes of values"]),
    "How answers are written": tuple(_CHOICES["How answers are written"]),
    "What others do meanwhile": ("others_every", "others_do", "others_limit", "others_protect"),
    "What goes wrong, as shares of requests": tuple(fault.name for fault in FAULTS),
    "What goes wrong, and how": (
        "fault_only",
        "retry_after",
        "page_status",
        "delay",
        "latency",
        "unauthorised_from",
        "outage",
        "outage_requests",
        "seed",
    ),
}
TITLES: Final = ("Options", *_SECTIONS)

# What the sandbox says is wrong with its options or its data, piece by piece; it has English alone.
SAID: Final = (
    "fault rates are {} to {}, and together at most {}",
    "retry_after, latency and delay are seconds, from {}",
    "the statuses of pages are {} to {}, at least one",
    "requests are numbered from {}",
    "an outage begins at second {} or request {} at the earliest, and ends later than it begins",
    "connections are refused by seconds only",
    "a refused one brings no request to count",
    "every and limit are {} or more",
    "a lag is {} or more",
    "not methods of the API",
    "not a JSON file in UTF-{}",
    "line {} column {} (char {})",
    "Expecting value",
    "Expecting ',' delimiter",
    "Expecting ':' delimiter",
    "Expecting property name enclosed in double quotes",
    "Illegal trailing comma before end of object",
    "Illegal trailing comma before end of array",
    "Unterminated string starting at",
    "Invalid control character at",
    "Invalid \\escape",
    "Extra data",
    "id {} appears twice",
    "parent {} is not a main group of this book",
    "a group it is in is not in groups",
    "a custom field it has is not in custom_fields",
    "added is a date and time such as {}-{}-{} {}:{}:{}",
    "true or false was expected",
    "an object was expected",
    "a list was expected",
    "a text was expected",
    "a text that UTF-{} cannot hold",
    "a whole number from {} was expected",
    "contact {}",
    "group {}",
    "the book",
)
_NUMBER = re.compile(r"\d+")


# Where a code says more than the name of a fault, its option has the code.
_CODES: Final = {"too_many": "429", "unavailable": "503"}


def _spelled(word: str) -> str:
    """Returns the sandbox's word for a fault or an outage as the command line has it."""
    for name, code in _CODES.items():
        word = word.replace(name, code)
    return word.replace("_", "-")


def told(error: Exception) -> str:
    """What the sandbox says is wrong, in the language that is spoken."""
    pieces = [piece for piece in str(error).split(": ") if " codec " not in piece]
    return ": ".join(map(_piece, pieces)).rstrip(".")


def _piece(text: str) -> str:
    template = _NUMBER.sub("{}", text)
    return language.said(template).format(*_NUMBER.findall(text)) if template in SAID else text


class _OutageType(click.ParamType[Outage]):
    """An outage, such as `10-40`, or `10-40:hang-up`."""

    name = "from-to[:how]"

    def __init__(self, *, by_requests: bool) -> None:
        self._by_requests = by_requests
        self._ways = {_spelled(way): way for way in WAYS if not (by_requests and way == "refuse")}

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Outage:
        """Reads an outage; the first way of being out of order is the usual one."""
        if isinstance(value, Outage):
            return value
        number = "[0-9]+" if self._by_requests else r"[0-9]+(?:\.[0-9]+)?"
        read = re.fullmatch(rf"({number})-({number})(?::(.+))?", str(value), re.ASCII)
        way = self._ways.get(read[3] or next(iter(self._ways))) if read else None
        if read is None or way is None:
            ways = ", ".join(f"10-40:{each}" for each in self._ways)
            self.fail(messages.phrase("no_outage", given=value, ways=ways), param, ctx)
        try:
            if self._by_requests:  # the last one is meant, too
                return Outage(int(read[1]), int(read[2]) + 1, way, "requests")
            return Outage(float(read[1]), float(read[2]), way)
        except ValueError as error:
            self.fail(f"“{value}”: {told(error)}.", param, ctx)


class _Sectioned(click.Command):
    """A command whose help shows its options in sections; an option of no section stands first."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = {each.name: each.get_help_record(ctx) for each in self.get_params(ctx)}
        placed = {name for names in _SECTIONS.values() for name in names}
        first = tuple(name for name in records if name not in placed)
        for title, names in {TITLES[0]: first, **_SECTIONS}.items():
            rows = [record for name in names if (record := records[name])]
            with formatter.section(language.said(title)):
                formatter.write_dl(rows)


def _semantics_options(command: Callable[..., Any]) -> Callable[..., Any]:
    default = Semantics()
    for about in _CHOICES.values():
        for name, text in about.items():
            several = name == "values"
            command = click.option(
                f"--{name.replace('_', '-')}",
                type=click.Choice(WORDS[name]),
                multiple=several,
                default=getattr(default, name),
                show_default=not several,
                help=text,
            )(command)
    return command


def _fault_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for fault in FAULTS:
        option, text = f"--fault-{_spelled(fault.name)}", f"{fault.about}."
        command = click.option(option, fault.name, type=_SHARE, metavar="SHARE", default=0.0, help=text)(command)
    return command


@click.command(cls=_Sectioned)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes any free one.  [default: 0]")
@click.option(
    "--data", type=click.Path(path_type=Path), metavar="FILE", help="The book: loaded at start, saved while it runs."
)
@click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a JSON line for every request to this file.",
)
@_semantics_options
@click.option("--lag-writes", type=click.IntRange(min=0), default=0, help="Later writes until search sees one.")
@click.option("--lag-seconds", type=click.FloatRange(min=0), default=0.0, help="Seconds until search sees a write.")
@click.option("--others-every", type=click.IntRange(min=0), default=0, help="Reads between two writes; 0: none.")
@click.option("--others-do", type=click.Choice(DEEDS), multiple=True, default=Others().do, show_default=True)
@click.option("--others-limit", type=click.IntRange(min=0), help="Of their writes.")
@click.option("--others-protect", type=int, multiple=True, metavar="ID", help="A contact that they leave alone.")
@_fault_options
@click.option("--fault-only", multiple=True, metavar="METHOD", help="Only these methods meet shares, and latency.")
@click.option("--retry-after", type=click.IntRange(min=0), default=1, show_default=True, help="Seconds in a 429.")
@click.option(
    "--page-status",
    type=click.IntRange(500, 599),
    multiple=True,
    default=Faults().page_statuses,
    show_default=True,
    help="Of pages of HTML, in turn.",
)
@click.option("--delay", type=click.FloatRange(min=0), default=5.0, show_default=True, help="Seconds, see above.")
@click.option("--latency", type=click.FloatRange(min=0), default=0.0, help="Seconds before each answer.")
@click.option("--fault-401-from", "unauthorised_from", type=click.IntRange(min=1), help="401 from this request on.")
@click.option(
    "--outage",
    type=_OutageType(by_requests=False),
    multiple=True,
    metavar="FROM-TO[:HOW]",
    help=f"Seconds since the start; how: {' (usually), '.join(map(_spelled, WAYS[:2]))} or {_spelled(WAYS[2])}.",
)
@click.option(
    "--outage-requests",
    type=_OutageType(by_requests=True),
    multiple=True,
    metavar="FROM-TO[:HOW]",
    help=f"Requests, counted from 1; how: {_spelled(WAYS[1])} (usually) or {_spelled(WAYS[2])}.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the faults, and of what others do.")
def sandbox(
    port: int,
    data: Path | None,
    ledger: Path | None,
    fault_only: tuple[str, ...],
    retry_after: int,
    page_status: tuple[int, ...],
    delay: float,
    latency: float,
    unauthorised_from: int | None,
    outage: tuple[Outage, ...],
    outage_requests: tuple[Outage, ...],
    seed: int,
    others_every: int,
    others_do: tuple[Any, ...],
    others_limit: int | None,
    others_protect: tuple[int, ...],
    **more: Any,  # noqa: ANN401 - rates, words and numbers, checked by click and again by Faults and Semantics
) -> int:
    """Serve the sandbox API until stopped: all methods, both formats, no account needed.

    \b
    imsync sandbox --port 8077 --data book.json
    imsync sandbox --search token --phone-stored trunk --values upper --lag-writes 2
    imsync sandbox --fault-lost-after 0.05 --fault-cut-after 0.05 --outage 10-40:503
    """  # noqa: D301 - click's mark for lines that stay as they are
    from sync.sandbox import BookState, SandboxServer, StateError

    try:
        state = BookState.load(data) if data is not None and data.exists() else BookState()
    except StateError as error:
        raise UsageError("sandbox_data_wrong", file=data, reason=told(error)) from error
    rates = {fault.name: more.pop(fault.name) for fault in FAULTS}
    others = Others(others_every, others_do, frozenset(others_protect), others_limit, seed)
    try:
        faults = Faults(
            **rates,
            retry_after=retry_after,
            page_statuses=page_status,
            delay=delay,
            latency=latency,
            unauthorised_from=unauthorised_from,
            outages=(*outage, *outage_requests),
            seed=seed,
            only=frozenset(fault_only),
        )
        semantics = Semantics(others=others, **more)
        server = SandboxServer(state, semantics=semantics, faults=faults, port=port, data_path=data, ledger_path=ledger)
    except OSError as error:
        raise UsageError("port_taken", port=port, reason=error.strerror or str(error)) from error
    except ValueError as error:
        raise click.UsageError(f"{told(error)}.") from error
    gc.freeze()  # a large book lives as long as the process; going over it again and again would hold answers up
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(SystemExit(0)))
    book = (
        messages.phrase("sandbox_book", contacts=len(state.contacts), groups=len(state.groups))
        if data and data.exists()
        else messages.phrase("sandbox_empty")
    )
    printing.result(messages.phrase("sandbox_serves", book=book, url=server.base_url))
    printing.result(f"  export IMSYNC_BASE_URL={server.base_url}")
    printing.result(f"  export ILETIMERKEZI_API_KEY={state.credentials.key}")
    printing.result(f"  export ILETIMERKEZI_API_HASH={state.credentials.hash}")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        printing.told(messages.phrase("sandbox_stopped"))
    return 0
