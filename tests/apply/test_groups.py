"""Groups are added once, whatever becomes of the answers; renames and removals are seen before they are believed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from sync import messages
from sync.apply.groups import GroupEnd, GroupWriter, named, placed
from sync.change import Remark
from sync.contact import Group
from sync.errors import Refused, Unsure
from tests.fakes import START, FakeClock

LOST = Unsure("api_no_answer", reason="closed")
REFUSED = Refused("api_group_unknown", status=463, message="Böyle bir grup bulunamadı.")


@dataclass
class MemoryGroups:
    """Groups in memory.

    Attributes:
        tree: id → name and parent.
        faults: for the n-th write, whether it is carried out ("after", "late"; "" is not at all), and its error.
        lands_after: seconds after which a late write is carried out.
        echoes: names that the server makes others of.
        loses_parent: an edit makes every group a main group.
        deaf: says that a write was done, and does nothing.
    """

    clock: FakeClock = field(default_factory=FakeClock)
    tree: dict[int, tuple[str, int | None]] = field(default_factory=lambda: {7: ("Bayiler", None), 8: ("Ankara", 7)})
    faults: Mapping[int, tuple[str, Exception]] = field(default_factory=dict)
    lands_after: float = 0.0
    echoes: Mapping[str, str] = field(default_factory=dict)
    loses_parent: bool = False
    deaf: bool = False
    log: list[str] = field(default_factory=list)
    late: list[tuple[float, Callable[[], object]]] = field(default_factory=list)
    writes: int = 0

    async def groups(self) -> list[Group]:
        self.log.append("groups")
        for moment, write in self.late:
            if moment <= self.clock.seconds:
                write()
        self.late = [item for item in self.late if item[0] > self.clock.seconds]
        children = {
            main: tuple(Group(each, name) for each, (name, above) in self.tree.items() if above == main)
            for main in self.tree
        }
        return [Group(main, name, 0, children[main]) for main, (name, above) in self.tree.items() if above is None]

    async def add_group(self, name: str, *, parent: int | None = None) -> Group:
        def write() -> Group:
            number = max(self.tree, default=0) + 1
            self.tree[number] = (self.echoes.get(name, name), parent)
            return Group(number, self.tree[number][0])

        return self._written(f"add {name} {parent}", write)

    async def edit_group(self, group_id: int, name: str, *, parent: int | None) -> Group:
        def write() -> Group:
            self.tree[group_id] = (self.echoes.get(name, name), None if self.loses_parent else parent)
            return Group(group_id, name)

        return self._written(f"edit {group_id} {name} {parent}", write)

    async def delete_group(self, group_id: int) -> None:
        def write() -> Group:
            return Group(group_id, self.tree.pop(group_id)[0])

        self._written(f"delete {group_id}", write)

    def _written(self, call: str, write: Callable[[], Group]) -> Group:
        self.log.append(call)
        self.writes += 1
        kind, error = self.faults.get(self.writes, ("", None))
        if kind == "after":
            write()
        if kind == "late":
            self.late.append((self.clock.seconds + self.lands_after, write))
        if error is not None:
            raise error
        return Group(0, "") if self.deaf else write()

    def calls(self, name: str) -> list[str]:
        return [call for call in self.log if call.startswith(name)]


def ended(book: MemoryGroups, work: Callable[[GroupWriter], Awaitable[GroupEnd]], *, stopped: bool = False) -> GroupEnd:
    async def go() -> GroupEnd:
        stop = asyncio.Event()
        if stopped:
            stop.set()
        return await asyncio.wait_for(_awaited(work(GroupWriter(book, 60.0, book.clock, stop))), timeout=30)

    end = asyncio.run(go())
    if end.remark is not None:  # whatever is told can be said
        assert messages.text(end.remark.code, end.remark.values)
    return end


async def _awaited(work: Awaitable[GroupEnd]) -> GroupEnd:
    return await work


def code(end: GroupEnd) -> str:
    return end.remark.code if end.remark else ""


# Adding


def test_a_group_that_is_missing_is_added_under_its_parent() -> None:
    book = MemoryGroups()

    end = ended(book, lambda writer: writer.add("İzmir", 7))

    assert (end.outcome, end.group, code(end)) == ("added", Group(9, "İzmir"), "")
    assert book.log == ["groups", "add İzmir 7"]


@pytest.mark.parametrize("name", ["Ankara", "ANKARA", "  ankara "])
def test_a_group_that_is_there_is_not_added_again(name: str) -> None:
    book = MemoryGroups()

    end = ended(book, lambda writer: writer.add(name, 7))

    assert (end.outcome, end.group) == ("unchanged", Group(8, "Ankara"))
    assert book.writes == 0


def test_a_group_of_the_same_name_under_another_parent_is_another_group() -> None:
    book = MemoryGroups()

    end = ended(book, lambda writer: writer.add("Ankara", None))

    assert (end.outcome, book.tree[9]) == ("added", ("Ankara", None))


def test_dotted_and_dotless_i_are_different_letters() -> None:
    book = MemoryGroups(tree={7: ("Isparta", None)})

    dotless = ended(book, lambda writer: writer.add("ısparta", None))
    dotted = ended(book, lambda writer: writer.add("isparta", None))

    assert (dotless.outcome, dotted.outcome) == ("unchanged", "added")


def test_an_add_whose_answer_was_lost_is_adopted_when_it_shows() -> None:
    book = MemoryGroups(faults={1: ("after", LOST)})

    end = ended(book, lambda writer: writer.add("İzmir", 7))

    assert (end.outcome, end.group) == ("added", Group(9, "İzmir"))
    assert book.calls("add") == ["add İzmir 7"]


def test_an_add_that_lands_late_is_waited_for() -> None:
    book = MemoryGroups(faults={1: ("late", LOST)}, lands_after=50.0)

    end = ended(book, lambda writer: writer.add("İzmir", 7))

    assert (end.outcome, len(book.calls("add"))) == ("added", 1)
    assert sorted(book.clock.slept) == book.clock.slept, "waits grow"


def test_an_add_that_did_not_happen_is_tried_again_after_the_horizon() -> None:
    book = MemoryGroups(faults={1: ("", LOST)})

    end = ended(book, lambda writer: writer.add("İzmir", 7))

    assert (end.outcome, len(book.calls("add")), code(end)) == ("added", 2, "")
    assert sum(book.clock.slept) >= 60
    assert [name for name, _ in book.tree.values()].count("İzmir") == 1


def test_an_add_that_lands_with_its_repetition_is_told() -> None:
    class Late(MemoryGroups):
        async def add_group(self, name: str, *, parent: int | None = None) -> Group:
            self.late = [(0.0, write) for _, write in self.late]
            return await super().add_group(name, parent=parent)

    book = Late(faults={1: ("late", LOST)}, lands_after=1e9)

    end = ended(book, lambda writer: writer.add("İzmir", 7))

    assert (end.outcome, code(end)) == ("added", "group_doubled")
    assert end.remark is not None
    assert end.remark.values["ids"] == "9, 10"


def test_an_add_that_is_lost_every_time_is_unresolved() -> None:
    book = MemoryGroups(faults=dict.fromkeys(range(1, 10), ("", LOST)))

    end = ended(book, lambda writer: writer.add("İzmir", 7))

    assert (end.outcome, end.group, code(end)) == ("unresolved", None, "group_unresolved")
    assert len(book.calls("add")) == 3


def test_several_new_groups_of_that_name_are_nobodys() -> None:
    class Doubling(MemoryGroups):
        async def add_group(self, name: str, *, parent: int | None = None) -> Group:
            self.tree |= {20: (name, parent), 21: (name, parent)}
            raise LOST

    end = ended(Doubling(), lambda writer: writer.add("İzmir", 7))

    assert (end.outcome, end.group, code(end)) == ("unresolved", None, "group_doubled")


def test_an_answer_with_an_id_that_was_known_proves_nothing() -> None:
    class Stale(MemoryGroups):
        async def add_group(self, name: str, *, parent: int | None = None) -> Group:
            await super().add_group(name, parent=parent)
            return Group(8, name)

    end = ended(Stale(), lambda writer: writer.add("İzmir", 7))

    assert (end.outcome, end.group) == ("added", Group(9, "İzmir"))


def test_a_refused_add_keeps_the_apis_words() -> None:
    book = MemoryGroups(faults={1: ("", REFUSED)})

    end = ended(book, lambda writer: writer.add("İzmir", 99))

    assert (end.outcome, code(end)) == ("failed", "api_group_unknown")
    assert end.remark is not None
    assert "Böyle bir grup bulunamadı." in messages.text(end.remark.code, end.remark.values)


def test_a_refusal_after_a_lost_answer_may_mean_that_the_first_one_landed() -> None:
    book = MemoryGroups(faults={1: ("", LOST), 2: ("after", REFUSED)})

    end = ended(book, lambda writer: writer.add("İzmir", 7))

    assert (end.outcome, end.group) == ("added", Group(9, "İzmir"))


def test_a_refusal_after_a_lost_answer_stands_where_nothing_shows() -> None:
    book = MemoryGroups(faults={1: ("", LOST), 2: ("", REFUSED)})

    end = ended(book, lambda writer: writer.add("İzmir", 7))

    assert (end.outcome, code(end), len(book.calls("add"))) == ("failed", "api_group_unknown", 2)


def test_a_name_that_the_server_changes_is_told() -> None:
    book = MemoryGroups(echoes={"İzmir": "IZMIR"})

    end = ended(book, lambda writer: writer.add("İzmir", 7))

    assert (end.outcome, code(end)) == ("added", "group_stored_otherwise")


def test_each_request_is_announced_before_it_is_sent() -> None:
    book = MemoryGroups(faults={1: ("", LOST)})
    seen: list[list[str]] = []

    ended(book, lambda writer: writer.add("İzmir", 7, announce=lambda _moment: seen.append(book.calls("add"))))

    assert seen == [[], ["add İzmir 7"]]


def test_an_add_that_was_lost_in_an_earlier_life_is_looked_for_first() -> None:
    book = MemoryGroups()
    book.tree[9] = ("İzmir", 7)

    end = ended(book, lambda writer: writer.add("İzmir", 7, lost_at=START - timedelta(seconds=5)))

    assert (end.outcome, end.group, book.writes) == ("added", Group(9, "İzmir"), 0)


def test_an_add_that_was_lost_long_ago_and_does_not_show_is_sent() -> None:
    book = MemoryGroups()

    end = ended(book, lambda writer: writer.add("İzmir", 7, lost_at=START - timedelta(hours=1)))

    assert (end.outcome, book.writes, book.clock.slept) == ("added", 1, [])


def test_an_add_that_was_lost_just_now_is_waited_for_before_it_is_sent_again() -> None:
    book = MemoryGroups()

    ended(book, lambda writer: writer.add("İzmir", 7, lost_at=START - timedelta(seconds=5)))

    assert (book.writes, sum(book.clock.slept) >= 55) == (1, True)


def test_nothing_is_sent_after_a_stop() -> None:
    book = MemoryGroups()

    end = ended(book, lambda writer: writer.add("İzmir", 7), stopped=True)

    assert (end.outcome, book.writes) == ("pending", 0)


def test_an_add_that_was_lost_stays_unresolved_after_a_stop() -> None:
    book = MemoryGroups()

    end = ended(book, lambda writer: writer.add("İzmir", 7, lost_at=START), stopped=True)

    assert (end.outcome, book.writes, book.clock.slept) == ("unresolved", 0, [])


# Renaming and removing


def test_a_rename_sends_the_parent_and_reads_the_group_back() -> None:
    book = MemoryGroups()

    end = ended(book, lambda writer: writer.rename(8, "Ankara ili", 7))

    assert (end.outcome, end.group, code(end)) == ("edited", Group(8, "Ankara ili"), "")
    assert book.log == ["edit 8 Ankara ili 7", "groups"]


@pytest.mark.parametrize("kind", ["", "after", "late"])
def test_a_rename_whose_answer_was_lost_is_repeated_unless_it_shows(kind: str) -> None:
    book = MemoryGroups(faults={1: (kind, LOST)}, lands_after=2.0)

    end = ended(book, lambda writer: writer.rename(8, "Ankara ili", 7))

    assert (end.outcome, book.tree[8]) == ("edited", ("Ankara ili", 7))
    assert len(book.calls("edit")) == (1 if kind else 2)


def test_a_rename_that_moves_the_group_is_told() -> None:
    book = MemoryGroups(loses_parent=True)

    end = ended(book, lambda writer: writer.rename(8, "Ankara ili", 7))

    assert (end.outcome, code(end)) == ("edited", "group_moved")


def test_a_rename_that_the_server_writes_otherwise_is_told() -> None:
    book = MemoryGroups(echoes={"Ankara ili": "ANKARA"})

    end = ended(book, lambda writer: writer.rename(8, "Ankara ili", 7))

    assert (end.outcome, code(end)) == ("edited", "group_stored_otherwise")


def test_a_rename_that_is_lost_every_time_is_unresolved() -> None:
    book = MemoryGroups(faults=dict.fromkeys(range(1, 10), ("", LOST)))

    end = ended(book, lambda writer: writer.rename(8, "Ankara ili", 7))

    assert (end.outcome, code(end), len(book.calls("edit"))) == ("unresolved", "group_write_unresolved", 3)


def test_a_refused_rename_is_failed() -> None:
    book = MemoryGroups(faults={1: ("", REFUSED)})

    end = ended(book, lambda writer: writer.rename(8, "Ankara ili", 7))

    assert (end.outcome, code(end)) == ("failed", "api_group_unknown")


def test_a_removal_is_seen_before_it_is_believed() -> None:
    book = MemoryGroups()

    end = ended(book, lambda writer: writer.remove(8))

    assert (end.outcome, code(end)) == ("deleted", "")
    assert book.log == ["delete 8", "groups"]


def test_a_removal_that_the_tree_does_not_show_is_unresolved() -> None:
    end = ended(MemoryGroups(deaf=True), lambda writer: writer.remove(8))

    assert (end.outcome, code(end)) == ("unresolved", "group_still_there")


def test_a_removal_whose_answer_was_lost_and_that_is_refused_then_is_done() -> None:
    book = MemoryGroups(faults={1: ("late", LOST), 2: ("", REFUSED)}, lands_after=8.0)

    end = ended(book, lambda writer: writer.remove(8))

    assert (end.outcome, len(book.calls("delete"))) == ("deleted", 2)


def test_a_refused_removal_is_failed() -> None:
    end = ended(MemoryGroups(faults={1: ("", REFUSED)}), lambda writer: writer.remove(8))

    assert (end.outcome, code(end)) == ("failed", "api_group_unknown")


# To the letter


def test_how_a_write_ended_names_the_group_and_shows_the_tree_as_it_is() -> None:
    told = Remark("api_group_unknown", {"status": 463, "message": "Böyle bir grup bulunamadı."})
    tree = [Group(7, "Bayiler", 0, (Group(8, "Ankara"),))]

    def end(work: Callable[[GroupWriter], Awaitable[GroupEnd]], **switches: Any) -> GroupEnd:
        return ended(MemoryGroups(**switches), work)

    refused = {"faults": {1: ("", REFUSED)}}
    assert end(lambda writer: writer.rename(8, "Van", 7), **refused) == GroupEnd(
        "failed", tree[0].children[0], told, tree
    )
    assert end(lambda writer: writer.remove(8), **refused) == GroupEnd("failed", tree[0].children[0], told, tree)
    assert end(lambda writer: writer.add("Van", 7), **refused) == GroupEnd("failed", None, told, tree)
    assert end(lambda writer: writer.add("ankara", 7)) == GroupEnd("unchanged", tree[0].children[0], None, tree)
    renamed = [Group(7, "Bayiler", 0, (Group(8, "Van"),))]
    assert end(lambda writer: writer.rename(8, "Van", 7)) == GroupEnd("edited", Group(8, "Van"), None, renamed)
    moved = Remark("group_moved", {"name": "Van", "parent": "–"})
    assert end(lambda writer: writer.rename(8, "Van", 7), loses_parent=True).remark == moved
    written = Remark("group_stored_otherwise", {"name": "Van", "stored": "VAN"})
    assert end(lambda writer: writer.rename(8, "Van", 7), echoes={"Van": "VAN"}).remark == written
    assert end(lambda writer: writer.remove(8)) == GroupEnd("deleted", None, None, [Group(7, "Bayiler", 0)])
    assert end(lambda writer: writer.rename(9, "Van", None), deaf=True) == GroupEnd(
        "edited", None, Remark("group_gone", {"id": 9}), tree
    )
    lost = {"faults": {1: ("after", LOST)}}
    found = end(lambda writer: writer.add("Van", 7), **lost)
    assert found == GroupEnd(
        "added", Group(9, "Van"), None, [Group(7, "Bayiler", 0, (Group(8, "Ankara"), Group(9, "Van")))]
    )
    unresolved = Remark("group_write_unresolved", {"tries": 3})
    always = {"faults": dict.fromkeys(range(1, 9), ("", LOST))}
    assert end(lambda writer: writer.remove(8), **always) == GroupEnd(
        "unresolved", tree[0].children[0], unresolved, tree
    )
    none = Remark("group_unresolved", {"name": "Van"})
    assert end(lambda writer: writer.add("Van", 7), **always) == GroupEnd("unresolved", None, none, tree)
    assert ended(MemoryGroups(), lambda writer: writer.add("Van", 7), stopped=True) == GroupEnd(
        "pending", None, None, tree
    )


def test_a_write_that_is_refused_after_a_lost_answer_and_does_not_show_has_failed() -> None:
    book = MemoryGroups(faults={1: ("", LOST), 2: ("", REFUSED)})
    there = Group(8, "Ankara")
    told = Remark("api_group_unknown", {"status": 463, "message": "Böyle bir grup bulunamadı."})

    end = ended(book, lambda writer: writer.remove(8))

    assert end == GroupEnd("failed", there, told, [Group(7, "Bayiler", 0, (there,))])


def test_several_groups_of_one_name_are_told_with_their_ids() -> None:
    book = MemoryGroups(tree={7: ("Van", None), 8: ("van", None)})
    doubled = Remark("group_doubled", {"name": "VAN", "ids": "7, 8"})
    tree = [Group(7, "Van", 0), Group(8, "van", 0)]

    assert ended(book, lambda writer: writer.add("VAN", None)) == GroupEnd("unchanged", tree[0], doubled, tree)


def test_a_write_that_does_not_show_is_looked_for_four_times_with_growing_waits() -> None:
    book = MemoryGroups(deaf=True)

    ended(book, lambda writer: writer.remove(8))

    assert (book.log, book.clock.slept) == (["delete 8", *["groups"] * 4], [1.0, 2.0, 4.0])


def test_a_lost_add_is_looked_for_with_waits_that_grow_to_a_quarter_of_a_minute() -> None:
    book = MemoryGroups(faults={1: ("", LOST)})

    ended(book, lambda writer: writer.add("Van", 7))

    assert book.clock.slept == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]
    assert len(book.calls("add")) == 2


# The tree


def test_groups_are_found_by_name_under_one_parent_alone() -> None:
    tree = [Group(1, "Ankara", None, (Group(2, "Ankara"), Group(3, "ANKARA ")))]

    assert [[group.id for group in named(tree, "ankara", parent)] for parent in (None, 1, 9)] == [[1], [2, 3], []]
    assert {number: parent for number, (_, parent) in placed(tree).items()} == {1: None, 2: 1, 3: 1}
