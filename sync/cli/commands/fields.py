"""`imsync fields`: the custom fields that the account's contacts have."""

from typing import TYPE_CHECKING

import click

from sync import language, messages
from sync.cli import printing
from sync.cli.options import WITHOUT_CHANGES, WITHOUT_REPORTS, Options, common_options
from sync.cli.progress import set_up_logging
from sync.cli.running import finished
from sync.cli.settings import context
from sync.report import visible

if TYPE_CHECKING:
    from sync.remote.fields import SeenFields
    from sync.run import Context


@click.command()
@click.option(
    "--pages",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    metavar="N",
    help="Look at the first page (up to 1000 contacts) of the N largest groups.",
)
@common_options(idle=(*WITHOUT_CHANGES, *WITHOUT_REPORTS))
def fields(pages: int, options: Options) -> int:
    """Show the ids of the custom fields that contacts have, with sample values: no method of the API lists them.

    \b
    imsync fields
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    here = context(options, {}, reports=False)
    seen, requests = finished(here, _looked(here, pages), drains=False)
    if options.as_json:
        printing.result_object(
            {
                "status": "completed",
                "fields": [
                    {"id": each.number, "count": each.count, "type": each.kind, "samples": list(each.samples)}
                    for each in seen.fields
                ],
                "contacts": seen.contacts,
                "groups": seen.groups,
                "groups_left": seen.groups_left,
                "requests": requests,
            }
        )
        return 0
    printing.result("\n".join(_drawn(seen)))
    if not options.quiet:
        values = {"contacts": seen.contacts, "groups": seen.groups, "left": seen.groups_left or ""}
        printing.told(messages.text("fields_looked_at", values))
    return 0


async def _looked(here: "Context", pages: int) -> tuple["SeenFields", dict[str, int]]:
    from sync.remote.fields import seen_fields

    async with here.client() as client:
        return await seen_fields(client, here.progress, most_pages=pages), dict(sorted(client.requests.items()))


def _drawn(seen: "SeenFields") -> list[str]:
    """The fields as a table: ids, contacts, type, values."""
    if not seen.fields:
        return [messages.phrase("fields_none")]
    others = (messages.phrase(f"fields_{name}") for name in ("contacts", "type", "values"))
    rows = [(messages.phrase("fields_number"), *others)]
    for each in seen.fields:
        samples = " · ".join(visible(text) for text in each.samples)
        kind = messages.phrase(f"type_{each.kind}")
        rows.append((str(each.number), language.number(each.count), kind, samples))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        f"{number:>{widths[0]}}  {count:>{widths[1]}}  {kind:<{widths[2]}}  {values}".rstrip()
        for number, count, kind, values in rows
    ]
