"""Creates the groups that a plan needs, before the rows that need them.

What enters: the run's facts, which are made durable around every request. What leaves: the groups' ids among them.
What never happens here: a group created twice, whatever interrupts the run; a row sent.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime

from sync import messages
from sync.apply.groups import GroupEnd, GroupWriter
from sync.errors import NotDone, RunStopped
from sync.record import NewGroup, RunMeta


async def create_groups(writer: GroupWriter, meta: RunMeta, save: Callable[[], None], stop: asyncio.Event) -> None:
    """Creates each group that is still to be created, until a stop; one that is there by now is taken.

    Args:
        writer: of the account's groups.
        meta: of the run; its `created_groups` and `creating` are kept up to date.
        save: makes `meta` durable.
        stop: set to end early.

    Raises:
        RunStopped: one of them cannot be created, or nobody knows whether it was.
    """
    for placeholder, wanted, parent in _open(meta):
        if stop.is_set():
            return
        lost = meta.creating.get(placeholder)

        def announce(moment: datetime, placeholder: str = placeholder) -> None:
            meta.creating = {placeholder: moment.isoformat()}
            save()

        try:
            end = await writer.add(
                wanted.name, parent, lost_at=writer.left_by(lost) if lost else None, announce=announce
            )
        except NotDone as error:
            meta.creating = {}
            save()
            raise RunStopped("group_not_created", name=wanted.name, reason=messages.error_text(error)) from error
        if stop.is_set() and end.group is None:
            return
        _keep(meta, placeholder, wanted, parent, end)
        save()


async def settle_groups(writer: GroupWriter, meta: RunMeta) -> None:
    """Waits until a group that an interrupted run may have created shows, or can be taken for not created."""
    for placeholder, lost in meta.creating.items():
        wanted = meta.new_groups[placeholder]
        await writer.look_for(wanted.name, _parent(meta, wanted), writer.left_by(lost))


def _open(meta: RunMeta) -> Iterator[tuple[str, NewGroup, int | None]]:
    """The groups that have no id yet, each with its main group's; a main group stands before those within it."""
    for placeholder, wanted in meta.new_groups.items():
        if placeholder not in meta.created_groups:
            yield placeholder, wanted, _parent(meta, wanted)


def _parent(meta: RunMeta, wanted: NewGroup) -> int | None:
    """The id of a group's main group, which has one by the time that its own turn comes."""
    is_new = wanted.parent is not None and wanted.parent < 0
    return meta.created_groups[str(wanted.parent)] if is_new else wanted.parent


def _keep(meta: RunMeta, placeholder: str, wanted: NewGroup, parent: int | None, end: GroupEnd) -> None:
    """Takes the group's id down, or stops the run where there is none that is certain."""
    doubled = end.remark is not None and end.remark.code == "group_doubled"
    if end.group is None or doubled:
        if end.outcome == "failed":
            meta.creating = {}
        reason = messages.text(end.remark.code, end.remark.values) if end.remark else ""
        raise RunStopped("group_not_created", name=wanted.name, reason=reason)
    meta.created_groups[placeholder] = end.group.id
    if end.outcome == "added":
        meta.made_groups.append(end.group.id)
    meta.creating = {}
    above = f"{meta.groups.get(str(parent), parent)}/" if parent is not None else ""
    meta.groups[str(end.group.id)] = f"{above}{end.group.name}"
