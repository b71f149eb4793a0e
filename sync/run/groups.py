"""The account's groups as a person sees to them: finds the group that is meant, then adds, renames or removes it.

What enters: a Context, names as somebody typed them. What leaves: how it ended.
What never happens here: guessing which group is meant; printing.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync import canonical, messages
from sync.apply.groups import GroupEnd, GroupWriter, named, placed
from sync.book import GroupNames
from sync.change import Remark
from sync.contact import Group
from sync.errors import RunRefused, UsageError
from sync.remote import Client
from sync.run.context import Context

_NEAREST = 3


@dataclass(frozen=True, slots=True)
class GroupPlace:
    """One group and where it stands: `path` has its main group's name before its own, `parent` that group's id."""

    group: Group
    path: str
    parent: int | None

    def to_dict(self) -> dict[str, Any]:
        """The group as JSON can hold it."""
        return {**self.group.to_dict(), "path": self.path, "parent": self.parent}


@dataclass(frozen=True, slots=True)
class GroupResult:
    """What became of what was asked.

    Attributes:
        outcome: added, edited, deleted, unchanged, failed, unresolved, pending.
        place: the group as it is now, or as it was before it was deleted.
        remarks: what there is to tell.
        requests: HTTP requests by method.
    """

    outcome: str
    place: GroupPlace | None
    remarks: Sequence[Remark] = ()
    requests: Mapping[str, int] = field(default_factory=dict)


async def all_groups(context: Context) -> tuple[list[Group], Mapping[str, int]]:
    """The tree, and the requests that it took."""
    async with context.client() as client:
        return await client.groups(), dict(client.requests)


async def add(context: Context, name: str, *, parent: str | None = None, main: bool = False) -> GroupResult:
    """Adds a group unless it is there; the account must be locked.

    Args:
        context: of the run.
        name: `Main group/Group` puts it under that main group, unless `parent` or `main` says where it belongs.
        parent: the main group's name or id.
        main: the name is a main group's, whatever marks it holds.

    Raises:
        UsageError: the name or the parent cannot be.
        NotDone: nothing was written.
    """
    own, above = _split(name, parent, main=main)
    async with context.client() as client:
        main_id = None
        if above is not None:
            main_id = _main_group(await client.groups(), above).group.id
        end = await _writer(context, client).add(own, main_id)
        return _result(end, None if end.group is None else end.group.id, client, parent=main_id)


async def rename(context: Context, name: str, new_name: str) -> GroupResult:
    """Gives a group another name; it stays where it is. The account must be locked.

    Raises:
        UsageError: no group or several are meant.
        RunRefused: another group has that name.
        NotDone: nothing was written.
    """
    if not new_name.strip():
        raise UsageError("group_name_wrong", name=new_name)
    async with context.client() as client:
        groups = await client.groups()
        place = find(groups, name)
        if place.group.name == new_name:
            return GroupResult("unchanged", place, requests=dict(client.requests))
        for other in named(groups, new_name, place.parent):
            if other.id != place.group.id:
                raise RunRefused("group_name_taken", name=new_name, id=other.id)
        end = await _writer(context, client).rename(place.group.id, new_name, place.parent)
        return _result(end, place.group.id, client, parent=place.parent)


async def removable(context: Context, name: str, *, not_empty: bool) -> GroupPlace:
    """The group that is to be removed.

    Raises:
        UsageError: no group or several are meant.
        RunRefused: it has contacts or children, and `not_empty` was not said.
    """
    async with context.client() as client:
        place = find(await client.groups(), name)
        group = place.group
        contacts = group.count or 0
        if not contacts:  # the count is the server's, and may be missing or late
            contacts = len(await client.group_contacts(group.id, row_count=1))
    if (contacts or group.children) and not not_empty:
        raise RunRefused(
            "group_not_empty", path=place.path, id=group.id, contacts=contacts, children=len(group.children)
        )
    return place


async def remove(context: Context, place: GroupPlace) -> GroupResult:
    """Removes a group; the account must be locked.

    Raises:
        NotDone: nothing was written.
    """
    async with context.client() as client:
        end = await _writer(context, client).remove(place.group.id)
        remarks = [] if end.remark is None else [end.remark]
        left = [child for child in place.group.children if child.id in placed(end.groups)]
        if end.outcome == "deleted" and left:
            remarks.append(
                Remark("group_children_left", {"groups": ", ".join(f"{each.name} ({each.id})" for each in left)})
            )
        return GroupResult(end.outcome, place, remarks, dict(client.requests))


def find(groups: Sequence[Group], name: str) -> GroupPlace:
    """The one group that a name, a path or an id means.

    Raises:
        UsageError: no group or several are meant.
    """
    return _only(groups, name, GroupNames(groups).find(name), GroupNames(groups).by_id)


def _main_group(groups: Sequence[Group], name: str) -> GroupPlace:
    """The one main group that a name or an id means."""
    mains = [Group(main.id, main.name, main.count) for main in groups]
    found = GroupNames(mains).find(name)
    if not found and GroupNames(groups).find(name):
        raise UsageError("group_too_deep", parent=name)
    return _only(groups, name, found, GroupNames(mains).by_id)


def _only(groups: Sequence[Group], name: str, found: Sequence[int], known: Mapping[int, str]) -> GroupPlace:
    if len(found) == 1:
        return _place(groups, found[0])
    if found:
        places = (_place(groups, each) for each in found)
        candidates = ", ".join(f"{place.path} (id {place.group.id}, {_contacts(place.group)})" for place in places)
        raise UsageError("group_ambiguous", group=name, candidates=candidates)
    by_label = {canonical.label(text): path for path in known.values() for text in (path.rpartition("/")[2], path)}
    near = difflib.get_close_matches(canonical.label(name), by_label, n=_NEAREST)
    raise UsageError(
        "group_not_found",
        group=name,
        near="”, “".join(dict.fromkeys(by_label[each] for each in near)),
        known="" if near else GroupNames(groups).some_paths(),
    )


def _contacts(group: Group) -> str:
    if group.count is None:
        return messages.phrase("group_count_unknown")
    return messages.counted(group.count, "contact")


def _place(groups: Iterable[Group], group_id: int) -> GroupPlace:
    every = placed(groups)
    group, parent = every[group_id]
    path = group.name if parent is None else f"{every[parent][0].name}/{group.name}"
    return GroupPlace(group, path, parent)


def _split(name: str, parent: str | None, *, main: bool) -> tuple[str, str | None]:
    """The group's own name, and its main group's where it is to have one."""
    above: str | None = parent
    own = name
    if parent is None and not main and "/" in name:
        above, _, own = name.partition("/")
        if "/" in own:
            raise UsageError("group_name_wrong", name=name)
    if not own.strip() or (above is not None and not above.strip()):
        raise UsageError("group_name_wrong", name=name)
    return own.strip(), above


def _writer(context: Context, client: Client) -> GroupWriter:
    return GroupWriter(client, context.api.settle_after, context.clock, context.stop)


def _result(end: GroupEnd, group_id: int | None, client: Client, *, parent: int | None) -> GroupResult:
    place = None
    if group_id is not None and group_id in placed(end.groups):
        place = _place(end.groups, group_id)
    elif end.group is not None:
        above = placed(end.groups).get(parent) if parent is not None else None
        place = GroupPlace(end.group, f"{above[0].name}/{end.group.name}" if above else end.group.name, parent)
    return GroupResult(end.outcome, place, [] if end.remark is None else [end.remark], dict(client.requests))
