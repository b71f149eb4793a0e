"""`imsync groups`, in this process, against a sandbox."""

from collections.abc import Callable
from typing import Any

import pytest
from filelock import FileLock

from sync.sandbox import Faults

from .conftest import Ended, contact
from .shell import Shell, shell_with  # noqa: F401 - a fixture

TREE = [
    {"id": 7, "name": "Müşteriler", "parent": None},
    {"id": 9, "name": "Bayiler", "parent": None},
    {"id": 12, "name": "Ankara", "parent": 9},
    {"id": 13, "name": "Ankara", "parent": 7},
]
CONTACTS = [contact(100, "Ayşe", "Yılmaz", "", "+905001000100", {}, [7, 12])]


class Groups:
    """`imsync groups`, typed."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self.calls = shell.calls
        self.account_folder = shell.account_folder

    def __call__(self, *words: str) -> Ended:
        return self._shell("groups", *words)

    @property
    def tree(self) -> dict[int, tuple[str, int | None]]:
        return self._shell.tree


@pytest.fixture
def groups_with(shell_with: Callable[..., Shell]) -> Callable[..., Groups]:  # noqa: F811
    def opened(faults: Faults | None = None, **book: Any) -> Groups:
        return Groups(shell_with(faults, **{"groups": TREE, "contacts": CONTACTS, **book}))

    return opened


@pytest.fixture
def groups(groups_with: Callable[..., Groups]) -> Groups:
    return groups_with()


def test_the_tree_is_listed_with_ids_and_counts(groups: Groups) -> None:
    ended = groups("list")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[:4] == [
        " 7  Müşteriler  1",
        "13    Ankara    0",
        " 9  Bayiler     0",
        "12    Ankara    1",
    ]


def test_the_tree_is_one_json_object(groups: Groups) -> None:
    ended = groups("list", "--json")

    assert (ended.code, ended.summary["count"], ended.summary["requests"]) == (0, 4, {"get-groups": 1})
    assert ended.summary["groups"][1] == {
        "id": 9,
        "name": "Bayiler",
        "count": 0,
        "children": [{"id": 12, "name": "Ankara", "count": 1, "children": []}],
    }


def test_an_account_without_groups_is_said_to_have_none(groups_with: Callable[..., Groups]) -> None:
    assert "no groups" in groups_with(groups=[], contacts=[])("list").out


@pytest.mark.parametrize(
    ("words", "name", "parent"),
    [
        (["Şubeler"], "Şubeler", None),
        (["Bayiler/İzmir"], "İzmir", 9),
        (["Bayiler/İzmir", "--wire", "xml"], "İzmir", 9),
        (["bayiler / İzmir"], "İzmir", 9),
        (["İzmir", "--parent", "9"], "İzmir", 9),
        (["Bay/Bayan", "--parent", "Bayiler"], "Bay/Bayan", 9),
        (["Bay/Bayan", "--main"], "Bay/Bayan", None),
        (["2024"], "2024", None),
    ],
)
def test_a_group_is_added_where_it_belongs(groups: Groups, words: list[str], name: str, parent: int | None) -> None:
    ended = groups("add", *words)

    assert (ended.code, groups.tree[14]) == (0, (name, parent)), ended.err
    assert "id 14" in ended.out


def test_a_group_that_is_there_is_not_added_again(groups: Groups) -> None:
    ended = groups("add", "BAYİLER/ankara", "--json")

    assert (ended.code, ended.summary["outcome"], ended.summary["group"]["id"]) == (0, "unchanged", 12)
    assert groups.calls("add-group") == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["Bayile/X"], "Did you mean “Bayiler”?"),
        (["Ankara/X"], "two levels"),
        (["A/B/C"], "two levels"),
        (["Bayiler/"], "cannot be a group's name"),
        ([" "], "cannot be a group's name"),
        (["X", "--parent", "77"], "there is no group “77”"),
        (["X", "--parent", "7", "--main"], "exclude each other"),
    ],
)
def test_a_place_that_cannot_be_is_refused_before_anything_is_sent(groups: Groups, words: list[str], told: str) -> None:
    ended = groups("add", *words)

    assert (ended.code, ended.out, groups.calls("add-group")) == (2, "", 0)
    assert told in ended.err


def test_an_add_that_was_carried_out_though_its_answer_was_lost_is_adopted(groups_with: Callable[..., Groups]) -> None:
    groups = groups_with(Faults(lost_after=1.0, only=frozenset({"add-group"})))

    ended = groups("add", "Bayiler/İzmir", "--json")

    assert (ended.code, ended.summary["outcome"], ended.summary["group"]["path"]) == (0, "added", "Bayiler/İzmir")
    assert (groups.calls("add-group"), groups.tree[14]) == (1, ("İzmir", 9))


def test_an_add_that_was_not_carried_out_is_sent_again(groups_with: Callable[..., Groups]) -> None:
    groups = groups_with(Faults(lost_before=0.5, seed=1, only=frozenset({"add-group"})))  # the first is lost, no other

    ended = groups("add", "İzmir", "--settle-after", "0", "--json")

    assert (ended.code, ended.summary["outcome"], ended.summary["requests"]["add-group"]) == (0, "added", 2)
    assert list(groups.tree.values()).count(("İzmir", None)) == 1


def test_an_add_that_never_arrives_is_told_as_unresolved(groups_with: Callable[..., Groups]) -> None:
    groups = groups_with(Faults(lost_before=1.0, only=frozenset({"add-group"})))

    ended = groups("add", "İzmir", "--settle-after", "0", "--json")

    assert (ended.code, ended.summary["status"]) == (3, "completed_with_errors")
    assert (ended.summary["outcome"], ended.summary["group"]) == ("unresolved", None)
    assert ended.summary["remarks"][0]["code"] == "group_unresolved"
    assert "no group “İzmir” has appeared" in ended.err


def test_a_group_is_renamed_and_stays_where_it_is(groups: Groups) -> None:
    ended = groups("rename", "bayiler/ankara", "Ankara ve çevresi")

    assert (ended.code, groups.tree[12]) == (0, ("Ankara ve çevresi", 9)), ended.err
    assert "Bayiler/Ankara ve çevresi (id 12)" in ended.out


def test_a_lost_rename_is_carried_out_all_the_same(groups_with: Callable[..., Groups]) -> None:
    groups = groups_with(Faults(lost_after=1.0, only=frozenset({"edit-group"})))

    assert (groups("rename", "12", "Ankara ve çevresi").code, groups.tree[12]) == (0, ("Ankara ve çevresi", 9))


def test_an_ambiguous_name_is_refused_with_its_candidates(groups: Groups) -> None:
    ended = groups("rename", "Ankara", "X")

    assert (ended.code, groups.calls("edit-group")) == (2, 0)
    assert "Müşteriler/Ankara (id 13, 0 contacts), Bayiler/Ankara (id 12, 1 contact)" in ended.err


def test_a_name_that_another_group_has_is_refused(groups: Groups) -> None:
    ended = groups("rename", "Müşteriler", "BAYİLER")

    assert (ended.code, groups.calls("edit-group")) == (4, 0)
    assert "9" in ended.err


def test_a_group_may_change_the_case_of_its_own_name(groups: Groups) -> None:
    assert (groups("rename", "9", "BAYİLER").code, groups.tree[9]) == (0, ("BAYİLER", None))


def test_a_rename_to_the_same_name_sends_nothing(groups: Groups) -> None:
    assert (groups("rename", "9", "Bayiler").code, groups.calls("edit-group")) == (0, 0)


def test_an_empty_group_is_removed_when_that_is_confirmed(groups: Groups) -> None:
    ended = groups("remove", "13", "--yes", "--json")

    assert (ended.code, ended.summary["outcome"], ended.summary["group"]["path"]) == (0, "deleted", "Müşteriler/Ankara")
    assert 13 not in groups.tree


def test_nothing_is_removed_without_a_terminal_or_a_yes(groups: Groups, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)

    ended = groups("remove", "13")

    assert (ended.code, groups.calls("delete-group")) == (4, 0)
    assert "--yes" in ended.err


@pytest.mark.parametrize(
    ("group", "told"),
    [("12", "contacts: 1, groups within it: 0"), ("9", "contacts: 0, groups within it: 1"), ("7", "contacts: 1, ")],
)
def test_a_group_with_something_in_it_needs_its_own_word(groups: Groups, group: str, told: str) -> None:
    refused = groups("remove", group, "--yes")

    assert (refused.code, groups.calls("delete-group")) == (4, 0)
    assert told in refused.err
    assert "--not-empty" in refused.err

    removed = groups("remove", group, "--yes", "--not-empty")

    assert (removed.code, int(group) in groups.tree) == (0, False)


def test_writes_need_the_account_to_themselves(groups: Groups) -> None:
    with FileLock(groups.account_folder / "lock"):
        for words in (["add", "X"], ["rename", "9", "X"], ["remove", "13", "--yes"]):
            assert groups(*words).code == 4
        listed = groups("list")

    assert (listed.code, len(groups.tree)) == (0, 4)


def test_wrong_credentials_end_the_command(groups: Groups, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ILETIMERKEZI_API_KEY", "wrong")

    ended = groups("add", "X", "--json")

    assert (ended.code, ended.summary["error"]["code"]) == (5, "api_not_authorised")


def test_an_unknown_part_of_the_command_is_a_usage_error(groups: Groups) -> None:
    assert groups("ad").code == 2
