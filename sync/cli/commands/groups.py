"""`imsync groups`: the account's groups, listed, added, renamed, removed."""

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from sync import language, messages
from sync.cli import printing
from sync.cli.asking import confirmed
from sync.cli.options import WITHOUT_CHANGES, WITHOUT_REPORTS, Options, common_options
from sync.cli.progress import set_up_logging
from sync.cli.running import finished
from sync.cli.settings import context
from sync.errors import RunRefused
from sync.report import visible

if TYPE_CHECKING:
    from sync.contact import Group
    from sync.run import Context
    from sync.run.groups import GroupPlace, GroupResult

_TROUBLE = 3
_IDLE = ("--workers", *WITHOUT_REPORTS)  # one change, and no report
_DONE = ("added", "edited", "deleted", "unchanged")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def groups() -> None:
    """List, add, rename and remove the account's groups.

    A group is given by its name, by Main group/Group, or by its id.

    \b
    imsync groups list
    imsync groups add Bayiler/Ankara
    imsync groups rename Bayiler/Ankara "Ankara ve çevresi"
    imsync groups remove 12
    """  # noqa: D301 - click's mark for lines that stay as they are


@groups.command("list")
@common_options(idle=(*WITHOUT_CHANGES, *WITHOUT_REPORTS))
def list_(options: Options) -> int:
    """Show the tree of groups, with ids and the API's own counts.

    \b
    imsync groups list
    """  # noqa: D301
    from sync.run import groups as tree

    here = _begun(options)
    found, requests = finished(here, tree.all_groups(here), drains=False)
    if options.as_json:
        count = sum(1 for main in found for _ in main.family())
        data = [main.to_dict() for main in found]
        printing.result_object({"status": "completed", "groups": data, "count": count, "requests": dict(requests)})
    else:
        printing.result("\n".join(_drawn(found)))
    return 0


@groups.command("add")
@click.argument("name", metavar="NAME")
@click.option("--parent", metavar="GROUP", help="Put it under this main group; NAME is then taken as it is.")
@click.option("--main", is_flag=True, help="NAME is a main group's, although it holds a slash.")
@common_options(idle=_IDLE)
def add(name: str, parent: str | None, options: Options, *, main: bool) -> int:
    """Add a group, unless it is there already. The main group in Main group/Group must be there.

    \b
    imsync groups add Bayiler
    imsync groups add Bayiler/Ankara
    """  # noqa: D301
    if main and parent is not None:
        raise click.UsageError(messages.phrase("main_or_parent"))
    from sync.run import groups as tree

    here = _begun(options)
    with here.lock(f"imsync groups add {name}"):
        result = finished(here, tree.add(here, name, parent=parent, main=main), drains=True)
    return _ended(result, options)


@groups.command("rename")
@click.argument("group", metavar="GROUP")
@click.argument("new_name", metavar="NEWNAME")
@common_options(idle=_IDLE)
def rename(group: str, new_name: str, options: Options) -> int:
    """Give a group another name. It stays under its main group; NEWNAME is taken as it is.

    \b
    imsync groups rename Bayiler/Ankara "Ankara ve çevresi"
    """  # noqa: D301
    from sync.run import groups as tree

    here = _begun(options)
    with here.lock(f"imsync groups rename {group}"):
        result = finished(here, tree.rename(here, group, new_name), drains=True)
    return _ended(result, options)


@groups.command("remove")
@click.argument("group", metavar="GROUP")
@click.option("--not-empty", is_flag=True, help="Remove it although it has contacts or groups within it.")
@common_options(asks=True, idle=_IDLE)
def remove(group: str, options: Options, *, not_empty: bool) -> int:
    """Remove a group. What becomes of its contacts and of groups within it is not documented by the API.

    \b
    imsync groups remove Bayiler/Ankara
    """  # noqa: D301
    from sync.run import groups as tree

    here = _begun(options)
    with here.lock(f"imsync groups remove {group}"):
        place = finished(here, tree.removable(here, group, not_empty=not_empty), drains=False)
        _confirm(place, options)
        result = finished(here, tree.remove(here, place), drains=True)
    return _ended(result, options)


def _begun(options: Options) -> "Context":
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    return context(options, {}, reports=False)


def _confirm(place: "GroupPlace", options: Options) -> None:
    """Raises RunRefused unless somebody says yes."""
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise RunRefused("group_no_terminal")
    group = place.group
    values = {"id": group.id, "contacts": _count(group.count), "groups": len(group.children)}
    if confirmed(messages.phrase("ask_group", group=visible(place.path), **values)):
        return
    raise RunRefused("group_not_confirmed")


def _ended(result: "GroupResult", options: Options) -> int:
    """Prints what became of it, and returns the exit code."""
    done = result.outcome in _DONE
    told = [messages.text(each.code, each.values) for each in result.remarks]
    trouble = result.outcome != "unchanged" and (not done or bool(result.remarks))
    if options.as_json:
        data: dict[str, Any] = {
            "status": "completed_with_errors" if trouble else "completed",
            "outcome": result.outcome,
            "group": None if result.place is None else result.place.to_dict(),
            "remarks": [{"code": each.code, "message": text} for each, text in zip(result.remarks, told, strict=True)],
            "requests": dict(sorted(result.requests.items())),
        }
        printing.result_object(data)
    elif not (options.quiet and done):
        words = messages.phrase(f"group_{result.outcome}")
        if result.place is None:
            printing.result(f"{words}.")
        else:
            path, number = visible(result.place.path), result.place.group.id
            printing.result(messages.phrase("group_done", done=words, group=path, id=number))
    for text in told:
        printing.told(f"imsync: {visible(text)}")
    return _TROUBLE if trouble else 0


def _drawn(found: Sequence["Group"]) -> Iterable[str]:
    """The tree as a table: ids, names, the API's counts."""
    rows = [
        (str(group.id), ("" if group is main else "  ") + visible(group.name), _count(group.count))
        for main in found
        for group in main.family()
    ]
    if not rows:
        return [messages.phrase("groups_none")]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [f"{number:>{widths[0]}}  {name:<{widths[1]}}  {count:>{widths[2]}}" for number, name, count in rows]
    mains, within = messages.counted(len(found), "main group"), language.number(len(rows) - len(found))
    return [*lines, "", messages.phrase("groups_counted", main=mains, within=within)]


def _count(count: int | None) -> str:
    return "?" if count is None else language.number(count)
