"""Groups that an undone run had created go once they are empty; the others stay, and it is told why."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from sync import messages
from sync.apply.emptied_groups import open_groups, remove_emptied_groups
from sync.apply.groups import GroupWriter
from sync.contact import Group
from sync.errors import NotDone, Refused, RunStopped
from sync.record import NewGroup, RunMeta

from .test_groups import LOST, REFUSED, MemoryGroups
from .test_new_groups import meta_of

VAN, MAIN = NewGroup("Van", 7), NewGroup("Bayiler", None)


@dataclass
class Counted(MemoryGroups):
    """Groups of which some have contacts."""

    counts: dict[int, int] = field(default_factory=dict)

    async def groups(self) -> list[Group]:
        return [Group(main.id, main.name, self.counts.get(main.id), main.children) for main in await super().groups()]


def removed(
    book: MemoryGroups, meta: RunMeta, *, inhabited: Sequence[int] = (), stop_after: int | None = None
) -> list[tuple[list[str], list[str]]]:
    """What was durable after each saving: which groups were removed by then, and which kept."""
    durable: list[tuple[list[str], list[str]]] = []

    async def go() -> None:
        stop = asyncio.Event()

        def save() -> None:
            durable.append((list(meta.removed_groups), list(meta.kept_groups)))
            if len(durable) == stop_after:
                stop.set()

        async def has_contacts(group: int) -> bool:
            if group == 8 and isinstance(book, Refusing):
                raise REFUSED
            return group in inhabited

        writer = GroupWriter(book, 60.0, book.clock, stop)
        await remove_emptied_groups(writer, meta, save, stop, has_contacts=has_contacts)

    asyncio.run(go())
    return durable


class Refusing(MemoryGroups):
    """The first page of group 8 is refused."""


def meta(**parts: Any) -> RunMeta:
    return meta_of(**{"emptied_groups": {"7": MAIN, "8": NewGroup("Ankara", 7)}, **parts})


def test_empty_groups_are_removed_those_within_a_main_group_first_and_each_is_durable() -> None:
    book, facts = MemoryGroups(), meta()

    durable = removed(book, facts)

    assert book.calls("delete") == ["delete 8", "delete 7"]
    assert facts.removed_groups == {"8": NewGroup("Ankara", 7), "7": MAIN}
    assert (facts.kept_groups, durable) == ({}, [(["8"], []), (["8", "7"], [])])


def test_a_group_that_is_gone_already_needs_no_request_and_counts_as_removed() -> None:
    book, facts = MemoryGroups(tree={7: ("Bayiler", None)}), meta(emptied_groups={"8": VAN})

    removed(book, facts)

    assert (book.writes, facts.removed_groups) == (0, {"8": VAN})


def test_what_was_looked_at_before_an_interruption_is_not_looked_at_again() -> None:
    facts = meta(removed_groups={"8": VAN}, kept_groups={"9": "…"}, emptied_groups={"7": MAIN, "8": VAN, "9": VAN})

    assert list(open_groups(facts)) == [("7", MAIN)]


def test_a_main_group_with_a_group_in_it_stays_and_so_does_the_next_one_get_its_turn() -> None:
    book, facts = MemoryGroups(), meta(emptied_groups={"7": MAIN, "9": MAIN})
    book.tree[9] = ("Van", None)

    durable = removed(book, facts)

    assert facts.kept_groups == {"7": messages.text("group_has_children", {"count": 1})}
    assert (list(facts.removed_groups), book.calls("delete")) == (["9"], ["delete 9"])
    assert durable == [([], ["7"]), (["9"], ["7"])]


def test_a_group_whose_count_says_that_it_has_contacts_stays_with_the_count() -> None:
    book, facts = Counted(tree={9: ("Van", None)}, counts={9: 4}), meta(emptied_groups={"9": MAIN})

    removed(book, facts)

    assert (facts.kept_groups, book.writes) == ({"9": "it has contacts (4)."}, 0)


def test_a_group_that_a_page_shows_contacts_of_stays_whatever_its_count_says() -> None:
    book, facts = MemoryGroups(), meta()

    removed(book, facts, inhabited=[8])

    assert facts.kept_groups["8"] == "it has contacts (some)."
    assert book.writes == 0  # so its main group has one within it, and stays as well


def test_a_group_of_which_no_page_can_be_read_stays_with_the_apis_words() -> None:
    book, facts = Refusing(), meta(emptied_groups={"8": VAN})

    removed(book, facts)

    assert "Böyle bir grup bulunamadı." in facts.kept_groups["8"]
    assert (book.writes, facts.removed_groups) == (0, {})


def test_a_refused_removal_keeps_the_group_with_the_apis_words() -> None:
    refused = Refused("api_invalid_values", status=422, message="Silinemez.")
    book, facts = MemoryGroups(faults={1: ("", refused)}), meta(emptied_groups={"8": VAN})

    durable = removed(book, facts)

    assert "Silinemez." in facts.kept_groups["8"]
    assert (facts.removed_groups, durable) == ({}, [([], ["8"])])


def test_a_group_that_does_not_go_is_told() -> None:
    book, facts = MemoryGroups(deaf=True), meta(emptied_groups={"8": VAN})

    removed(book, facts)

    assert facts.kept_groups == {"8": messages.text("group_still_there", {"id": 8})}


def test_a_removal_whose_answers_get_lost_is_told_as_unresolved() -> None:
    book = MemoryGroups(faults=dict.fromkeys(range(1, 4), ("", LOST)))
    facts = meta(emptied_groups={"8": VAN})

    removed(book, facts)

    assert facts.kept_groups == {"8": messages.text("group_write_unresolved", {"tries": 3})}


def test_a_server_that_takes_nothing_stops_and_the_group_is_still_to_be_removed() -> None:
    book = MemoryGroups(faults={1: ("", NotDone("api_not_done", reason="503"))})
    facts = meta(emptied_groups={"8": VAN})

    with pytest.raises(RunStopped) as error:
        removed(book, facts)

    told = messages.error_text(error.value)
    assert (error.value.code, "Van" in told, "503" in told) == ("group_not_removed", True, True)
    assert [key for key, _ in open_groups(facts)] == ["8"]


def test_a_stop_ends_between_two_groups() -> None:
    book, facts = MemoryGroups(), meta()

    removed(book, facts, stop_after=1)

    assert (book.calls("delete"), [key for key, _ in open_groups(facts)]) == (["delete 8"], ["7"])
