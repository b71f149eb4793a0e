"""Groups that the account lacks are planned once each, main groups first."""

import pytest

from sync.contact import Group
from sync.diff import make_plan
from sync.diff.missing_groups import NotingGroups, with_missing_groups
from sync.record import NewGroup

from .making import CLIENTS, DEALERS, GROUPS, A, B, book_of, rules, sheet_of


def new(*names: str, groups: tuple[Group, ...] = GROUPS) -> list[tuple[int, str, int | None]]:
    """Placeholder, name and main group of each group that is planned."""
    return [(number, each.name, each.parent) for number, each in with_missing_groups(groups, names)[1].items()]


def test_a_group_that_is_missing_gets_a_placeholder() -> None:
    tree, planned = with_missing_groups(GROUPS, ["Yeni"])

    assert tree == (*GROUPS, Group(-1, "Yeni", 0))
    assert planned == {-1: NewGroup("Yeni", None)}


@pytest.mark.parametrize("name", ["müşteriler", "BAYİLER", "Ankara", "bayiler/ANKARA", " Bayiler / Ankara ", "10"])
def test_a_group_that_can_be_found_is_not_planned(name: str) -> None:
    assert new(name) == []


def test_a_name_is_planned_once_however_it_is_written() -> None:
    assert new("Yeni", "YENİ", " yeni ") == [(-1, "Yeni", None)]


def test_a_path_under_a_main_group_that_is_there_is_planned_under_it() -> None:
    tree, planned = with_missing_groups(GROUPS, ["bayiler/İzmir"])

    assert planned == {-1: NewGroup("İzmir", DEALERS)}
    assert [child.id for child in tree[1].children] == [21, -1]


def test_a_missing_main_group_is_planned_before_those_within_it() -> None:
    assert new("Şubeler/Van", "Şubeler/Kars") == [(-1, "Şubeler", None), (-2, "Van", -1), (-3, "Kars", -1)]


def test_a_bare_name_finds_what_a_path_plans_whatever_stands_first() -> None:
    assert new("Van", "Şubeler/Van") == [(-1, "Şubeler", None), (-2, "Van", -1)]


@pytest.mark.parametrize("name", ["4711", "A/B/C", "/Van", "Şubeler/", "", " "])
def test_ids_and_impossible_names_are_not_planned(name: str) -> None:
    assert new(name) == []


def test_a_path_under_a_name_that_two_main_groups_have_is_not_planned() -> None:
    assert new("Van/Merkez", groups=(Group(1, "Van"), Group(2, "van"))) == []


def test_rows_are_planned_into_groups_that_are_to_come() -> None:
    mapping = rules(groups={"column": "Grup", "create_missing": True})
    tree, planned = with_missing_groups(GROUPS, ["Şubeler/Van", "Kullanılmayan"])
    plan = make_plan(
        sheet_of(mapping, [{"gsm": A, "groups": "Şubeler/Van"}, {"gsm": B}]), book_of(groups=tree), mapping
    )
    used: dict[str, NewGroup] = {}

    changes = list(NotingGroups(plan.changes, planned, used))

    assert [change.desired.groups for change in changes] == [(-2,), ()]
    assert list(used.items()) == [("-1", NewGroup("Şubeler", None)), ("-2", NewGroup("Van", -1))]  # and so created
    assert CLIENTS not in changes[0].desired.groups


def test_names_that_are_not_planned_hold_up_none_of_those_after_them() -> None:
    assert new("Müşteriler", "4711", "Yeni", "Şubeler/Van") == [
        (-1, "Şubeler", None),
        (-2, "Van", -1),
        (-3, "Yeni", None),
    ]
    two = (Group(1, "Van"), Group(2, "van"))
    assert new("Van/Merkez", "Kars/Merkez", groups=two) == [(-1, "Kars", None), (-2, "Merkez", -1)]
