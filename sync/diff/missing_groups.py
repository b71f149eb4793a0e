"""Plans the groups that the sheet names and the account lacks.

What enters: the account's groups, names as rows and mapping have them. What leaves: the groups with the new ones among
them, each under a placeholder below zero until it has an id.
What never happens here: a second group where a name can be found; a group made of a number, which is an id.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sync import canonical
from sync.book import GroupNames
from sync.change import Change
from sync.contact import Group
from sync.record import NewGroup

_LEVELS = 2


def with_missing_groups(groups: Sequence[Group], names: Iterable[str]) -> tuple[tuple[Group, ...], dict[int, NewGroup]]:
    """The groups, those added that are missing, and what is known of each of these by its placeholder.

    A path is planned before a bare name, so that the name finds it; a main group before those within it.
    """
    tree = list(groups)
    new: dict[int, NewGroup] = {}

    def planned(name: str, parent: int | None) -> Group:
        group = Group(-len(new) - 1, canonical.squeezed(name), 0)
        new[group.id] = NewGroup(group.name, parent)
        return group

    found = GroupNames(tree)
    for name in sorted(dict.fromkeys(names), key=lambda name: "/" not in name):
        parts = [canonical.squeezed(part) for part in name.split("/")]
        if found.find("/".join(parts)) or not all(parts) or len(parts) > _LEVELS or name.strip().isdecimal():
            continue
        mains = [at for at, main in enumerate(tree) if canonical.label(main.name) == canonical.label(parts[0])]
        if len(mains) > 1:
            continue  # nobody can say which of them is meant
        if not mains:
            mains = [len(tree)]
            tree.append(planned(parts[0], None))
        if len(parts) == _LEVELS:
            main = tree[mains[0]]
            tree[mains[0]] = replace(main, children=(*main.children, planned(parts[1], main.id)))
        found = GroupNames(tree)
    return tuple(tree), new


class NotingGroups:
    """The changes, as they are; going through them notes in `used` which of the new groups they need."""

    def __init__(self, changes: Iterable[Change], new: Mapping[int, NewGroup], used: dict[str, NewGroup]) -> None:
        self._changes = changes
        self._new = new
        self._used = used

    def __iter__(self) -> Iterator[Change]:
        needed: set[int] = set()
        for change in self._changes:
            if self._new:
                needed.update(group for group in change.desired.groups if group < 0)
            yield change
        needed |= {parent for group in needed if (parent := self._new[group].parent) is not None and parent < 0}
        self._used.update((str(group), self._new[group]) for group in sorted(needed, reverse=True))
