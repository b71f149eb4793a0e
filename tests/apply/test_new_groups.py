"""The groups of a plan are created once, whatever interrupts it."""

import asyncio
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from sync import messages
from sync.apply.groups import GroupWriter
from sync.apply.new_groups import create_groups, settle_groups
from sync.contact import Group
from sync.errors import NotDone, RunStopped, Unsure
from sync.record import NewGroup, RunMeta

from .test_groups import LOST, REFUSED, MemoryGroups


def meta_of(**parts: Any) -> RunMeta:
    texts = ("run", "account", "created", "read_at", "base_url", "job", "mapping", "mapping_sha256")
    wanted = {"-1": NewGroup("Şubeler", None), "-2": NewGroup("Van", -1), "-3": NewGroup("İzmir", 7)}
    given: dict[str, Any] = {"new_groups": wanted, **parts}
    groups = {"7": "Bayiler", "8": "Bayiler/Ankara"}
    return RunMeta(**dict.fromkeys(texts, ""), api={}, keys=[], labels={}, forms={}, groups=groups, **given)


class Saved:
    """What was durable after each saving."""

    def __init__(self, meta: RunMeta, book: MemoryGroups) -> None:
        self.meta, self.book = meta, book
        self.states: list[RunMeta] = []
        self.sent_before: list[int] = []

    def __call__(self) -> None:
        self.states.append(deepcopy(self.meta))
        self.sent_before.append(self.book.writes)


def created(book: MemoryGroups, meta: RunMeta, *, stop_after: int | None = None) -> Saved:
    saved = Saved(meta, book)

    async def go() -> None:
        stop = asyncio.Event()

        def save() -> None:
            saved()
            if len(saved.states) == stop_after:
                stop.set()

        await create_groups(GroupWriter(book, 60.0, book.clock, stop), meta, save, stop)

    asyncio.run(go())
    return saved


def test_groups_are_created_main_groups_first_and_their_ids_are_known() -> None:
    book, meta = MemoryGroups(), meta_of()

    created(book, meta)

    assert book.calls("add") == ["add Şubeler None", "add Van 9", "add İzmir 7"]
    assert meta.created_groups == {"-1": 9, "-2": 10, "-3": 11}
    assert meta.made_groups == [9, 10, 11]
    assert {number: meta.groups[number] for number in ("9", "10", "11")} == {
        "9": "Şubeler",
        "10": "Şubeler/Van",
        "11": "Bayiler/İzmir",
    }


def test_the_intent_is_durable_before_the_request_and_the_id_after_it() -> None:
    book, meta = MemoryGroups(), meta_of(new_groups={"-1": NewGroup("Şubeler", None)})

    saved = created(book, meta)

    assert saved.sent_before == [0, 1]
    assert [list(state.creating) for state in saved.states] == [["-1"], []]
    assert [state.created_groups for state in saved.states] == [{}, {"-1": 9}]


class Killed(BaseException):
    """The process is gone."""


class Dying(MemoryGroups):
    """The process is gone with the answer to the first add."""

    async def add_group(self, name: str, *, parent: int | None = None) -> Group:
        try:
            return await super().add_group(name, parent=parent)
        except Unsure as error:
            raise Killed from error


@pytest.mark.fault("The process is killed, or the power fails", "while a group is created", "resume creates it once")
@pytest.mark.parametrize("kind", ["", "after", "late"])
def test_a_run_that_was_killed_while_it_created_a_group_creates_it_once(kind: str) -> None:
    book, meta = Dying(faults={1: (kind, LOST)}, lands_after=20.0), meta_of()
    durable: list[RunMeta] = []

    async def go() -> None:
        stop = asyncio.Event()
        writer = GroupWriter(book, 60.0, book.clock, stop)
        await create_groups(writer, meta, lambda: durable.append(deepcopy(meta)), stop)

    with pytest.raises(Killed):
        asyncio.run(go())
    again = durable[-1]
    created(book, again)

    assert [name for name, _ in book.tree.values()].count("Şubeler") == 1
    assert len(again.created_groups) == 3


@pytest.mark.fault("Somebody else is at work", "somebody creates the group meanwhile", "that one is taken")
def test_a_group_that_is_there_by_now_is_taken() -> None:
    book, meta = MemoryGroups(), meta_of()
    book.tree[20] = ("ŞUBELER", None)

    created(book, meta)

    assert book.calls("add") == ["add Van 20", "add İzmir 7"]
    assert meta.made_groups == [21, 22]  # an undo removes no group that somebody else has made


def test_groups_that_were_created_before_an_interruption_are_not_created_again() -> None:
    book, meta = MemoryGroups(), meta_of(created_groups={"-1": 9})
    book.tree[9] = ("Şubeler", None)

    created(book, meta)

    assert book.calls("add") == ["add Van 9", "add İzmir 7"]


def test_a_stop_ends_between_two_groups() -> None:
    book, meta = MemoryGroups(), meta_of()

    created(book, meta, stop_after=2)

    assert (book.calls("add"), meta.created_groups) == (["add Şubeler None"], {"-1": 9})


def test_a_refused_group_stops_the_run_with_the_apis_words() -> None:
    book, meta = MemoryGroups(faults={1: ("", REFUSED)}), meta_of()

    with pytest.raises(RunStopped) as error:
        created(book, meta)

    assert error.value.code == "group_not_created"
    assert "Böyle bir grup bulunamadı." in messages.error_text(error.value)
    assert (meta.creating, meta.created_groups) == ({}, {})


def test_a_server_that_takes_nothing_stops_the_run() -> None:
    book, meta = MemoryGroups(faults={1: ("", NotDone("api_not_done", reason="503"))}), meta_of()

    with pytest.raises(RunStopped) as error:
        created(book, meta)

    assert (error.value.code, meta.creating) == ("group_not_created", {})


@pytest.mark.fault(
    "Trouble that lasts, or comes back",
    "a new group is lost again and again",
    "the run stops before its rows; resume looks for it first",
)
def test_a_group_that_stays_unresolved_stops_the_run_and_is_looked_for_first_later() -> None:
    book, meta = MemoryGroups(faults=dict.fromkeys(range(1, 4), ("", LOST))), meta_of()

    with pytest.raises(RunStopped):
        created(book, meta)
    assert list(meta.creating) == ["-1"]
    book.tree[30] = ("Şubeler", None)  # the last one landed after all
    created(book, meta)

    assert (meta.created_groups["-1"], len(book.calls("add Şubeler"))) == (30, 3)


def test_two_groups_of_a_name_are_nobodys_choice() -> None:
    book, meta = MemoryGroups(), meta_of()
    book.tree |= {20: ("Şubeler", None), 21: ("şubeler", None)}

    with pytest.raises(RunStopped) as error:
        created(book, meta)

    assert "20, 21" in messages.error_text(error.value)


def test_a_new_run_waits_for_what_an_interrupted_one_may_have_created() -> None:
    book = MemoryGroups()
    sent_at = book.clock.now()
    meta = meta_of(creating={"-1": sent_at.isoformat()})
    book.late.append((book.clock.seconds + 20, lambda: book.tree.setdefault(9, ("Şubeler", None))))

    asyncio.run(settle_groups(GroupWriter(book, 60.0, book.clock, asyncio.Event()), meta))

    assert (book.tree[9], book.writes) == (("Şubeler", None), 0)
    assert 20 <= (book.clock.now() - sent_at).total_seconds() < 60


def test_a_run_that_was_killed_before_its_first_group_leaves_nothing_to_wait_for() -> None:
    book, meta = MemoryGroups(), meta_of()
    began = book.clock.seconds

    asyncio.run(settle_groups(GroupWriter(book, 60.0, book.clock, asyncio.Event()), meta))

    assert (book.writes, book.clock.seconds) == (0, began)


def test_a_group_that_may_have_waited_long_before_it_left_is_waited_for_from_then_on() -> None:
    book = MemoryGroups()
    began = book.clock.seconds
    meta = meta_of(creating={"-1": (book.clock.now() - timedelta(seconds=120)).isoformat()})
    writer = GroupWriter(book, 60.0, book.clock, asyncio.Event(), timedelta(seconds=100))

    asyncio.run(settle_groups(writer, meta))

    assert book.clock.seconds - began >= 40


def test_facts_read_back_from_a_file_hold_the_same_groups() -> None:
    meta = meta_of()

    again = meta_of(
        new_groups={key: {"name": each.name, "parent": each.parent} for key, each in meta.new_groups.items()}
    )

    assert again.new_groups == meta.new_groups
