"""Removes the groups that an undone run had created, once the contacts are out of them.

What enters: the run's facts, which are made durable around every request. What leaves: which groups went, which stayed.
What never happens here: a group removed that has contacts or groups within it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from sync import messages
from sync.apply.groups import GroupWriter, placed
from sync.errors import NotDone, Refused, RunStopped
from sync.record import NewGroup, RunMeta


async def remove_emptied_groups(
    writer: GroupWriter,
    meta: RunMeta,
    save: Callable[[], None],
    stop: asyncio.Event,
    *,
    has_contacts: Callable[[int], Awaitable[bool]],
) -> None:
    """Removes each group that is empty, until a stop; the others are kept, with the reason.

    Args:
        writer: of the account's groups.
        meta: of the run; its `removed_groups` and `kept_groups` are kept up to date.
        save: makes `meta` durable.
        stop: set to end early.
        has_contacts: whether the API shows any contact of a group.

    Raises:
        RunStopped: one of them cannot be removed now.
    """
    for group_id, wanted in open_groups(meta):
        if stop.is_set():
            return
        groups = placed(await writer.tree())
        if int(group_id) in groups:
            group, _ = groups[int(group_id)]
            reason = await _objection(group_id, len(group.children), group.count or 0, has_contacts)
            if not reason:
                reason = await _remove(writer, int(group_id), wanted)
            if reason:
                meta.kept_groups[group_id] = reason
                save()
                continue
        meta.removed_groups[group_id] = wanted
        save()


def open_groups(meta: RunMeta) -> Iterator[tuple[str, NewGroup]]:
    """The groups that are still to be looked at; those within a main group before it."""
    found = sorted(meta.emptied_groups.items(), key=lambda each: each[1].parent is None)
    return ((key, each) for key, each in found if key not in {*meta.removed_groups, *meta.kept_groups})


async def _objection(group_id: str, children: int, count: int, has_contacts: Callable[[int], Awaitable[bool]]) -> str:
    """Why a group is kept, the empty text where it is empty."""
    if children:
        return messages.text("group_has_children", {"count": children})
    try:
        inhabited = bool(count) or await has_contacts(int(group_id))
    except Refused as error:
        return messages.error_text(error)
    return messages.text("group_has_contacts", {"count": count or messages.phrase("some")}) if inhabited else ""


async def _remove(writer: GroupWriter, group_id: int, wanted: NewGroup) -> str:
    """Removes a group; why it is still there, the empty text where it is gone."""
    try:
        end = await writer.remove(group_id)
    except NotDone as error:
        raise RunStopped("group_not_removed", name=wanted.name, reason=messages.error_text(error)) from error
    if end.outcome == "deleted":
        return ""
    return messages.text(end.remark.code, end.remark.values) if end.remark else ""
