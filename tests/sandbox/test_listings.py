"""Which contacts listings show, in which order, and how they shift while others write."""

from collections.abc import Callable
from typing import Any

import pytest

from sync.sandbox import Others, Semantics

GROUPS = [{"id": 1, "name": "Ana"}, {"id": 2, "name": "Alt", "parent": 1}, {"id": 3, "name": "Başka Alt", "parent": 1}]


def people(*names: str, groups: tuple[int, ...] = (1,)) -> list[dict[str, Any]]:
    return [{"id": number, "name": name, "groups": list(groups)} for number, name in enumerate(names, 1)]


def listed(api: Any, group: int = 1, page: int = 1, rows: int = 1000) -> list[int]:
    part = f'"group": {{"id": {group}, "page": {page}, "rowCount": {rows}}}'
    return [each["id"] for each in api.got("get-group-contacts", part)]


@pytest.mark.parametrize(("order", "expected"), [("id", [1, 2, 3]), ("newest", [3, 2, 1]), ("name", [2, 3, 1])])
def test_listings_and_searches_stand_in_the_chosen_order(
    serve: Callable[..., Any], order: Any, expected: list[int]
) -> None:
    book = {"groups": GROUPS, "contacts": people("Kişi C", "Kişi A", "Kişi B")}
    api = serve(book=book, semantics=Semantics(order=order))

    assert listed(api) == expected
    assert [each["id"] for each in api.got("search-contacts", '"search": {"key": "kişi"}')] == expected
    assert listed(api, page=2, rows=2) == expected[2:]


@pytest.mark.parametrize("order", ["id", "newest", "name"])
def test_writes_keep_listings_in_order(serve: Callable[..., Any], order: Any) -> None:
    book = {"groups": GROUPS, "contacts": people("Kişi C", "Kişi A", "Kişi B")}
    api = serve(book=book, semantics=Semantics(order=order, edit="patch"))
    listed(api)
    api.got("add-contact", '"contact": {"name": "Kişi AA", "groups": {"group": {"id": 1}}}')
    api.got("edit-contact", '"contact": {"id": 2, "name": "Kişi Z"}')
    api.got("edit-contact", '"contact": {"id": 3, "groups": {"id": []}}')

    expected = {"id": [1, 2, 1001], "newest": [1001, 2, 1], "name": [1001, 1, 2]}[order]

    assert listed(api) == expected
    found = [each["id"] for each in api.got("search-contacts", '"search": {"key": "kişi"}')]
    assert [number for number in found if number != 3] == expected


def family(serve: Callable[..., Any], **semantics: Any) -> Any:
    """1 is in the main group, 2 in a child, 3 in both and in the other child."""
    contacts = [
        {"id": 1, "name": "A", "groups": [1]},
        {"id": 2, "name": "B", "groups": [2]},
        {"id": 3, "name": "C", "groups": [2, 1, 3]},
    ]
    return serve(book={"groups": GROUPS, "contacts": contacts}, semantics=Semantics(**semantics))


@pytest.mark.parametrize(("counts", "expected"), [("own", 2), ("with_children", 3)])
def test_a_main_group_counts_its_childrens_contacts_or_not(
    serve: Callable[..., Any], counts: Any, expected: int
) -> None:
    api = family(serve, group_counts=counts)

    (main,) = api.got("get-groups")

    assert (main["count"], [child["count"] for child in main["children"]]) == (expected, [2, 1])
    assert api.got("get-group", '"group": {"id": 1}')["count"] == expected
    assert listed(api) == [1, 3]


@pytest.mark.parametrize(("lists", "expected"), [("own", [1, 3]), ("with_children", [1, 2, 3])])
def test_a_main_group_lists_its_childrens_contacts_or_not(
    serve: Callable[..., Any], lists: Any, expected: list[int]
) -> None:
    api = family(serve, group_lists=lists)

    assert (listed(api), listed(api, 2)) == (expected, [2, 3])
    assert api.got("get-groups")[0]["count"] == 2


def test_a_listing_with_children_follows_groups_that_come_and_go(serve: Callable[..., Any]) -> None:
    api = family(serve, group_lists="with_children", group_counts="with_children")
    before = listed(api)
    api.code("delete-group", '"group": {"id": 2}')

    assert (before, listed(api), api.got("get-groups")[0]["count"]) == ([1, 2, 3], [1, 3], 2)


def test_an_empty_page_can_be_an_empty_list(serve: Callable[..., Any]) -> None:
    api = family(serve, empty_page="list")

    assert api.got("search-contacts", '"search": {"key": "nobody"}') == []
    assert listed(api, page=2) == []
    assert api.code("get-group-contacts", '"group": {"id": 1, "page": 0}') == 464


# Others


def pages(api: Any, count: int) -> list[list[int]]:
    """Pages of two from the group, the last one possibly past the end."""
    return [listed(api, page=page, rows=2) for page in range(1, count + 1)]


def sharing(serve: Callable[..., Any], order: Any = "id", **others: Any) -> Any:
    book = {"groups": GROUPS, "contacts": people("A", "C", "D", "E")}
    return serve(book=book, semantics=Semantics(order=order, empty_page="list", others=Others(**others)))


@pytest.mark.parametrize(
    ("order", "expected"),
    # "Başka" stands before C by name; the second page is asked for after the first write.
    [("id", [[1, 2], [3, 4], [1001]]), ("newest", [[4, 3], [3, 2], [1]]), ("name", [[1, 2], [2, 3], [4]])],
)
def test_an_add_by_others_shifts_pages_as_the_order_has_it(
    serve: Callable[..., Any], order: Any, expected: list[list[int]]
) -> None:
    api = sharing(serve, order, every=2, do=("add",), limit=1)

    assert pages(api, 3) == expected
    assert [(each.deed, each.contact_id) for each in api.server.others_writes] == [("add", 1001)]


def test_a_delete_by_others_lets_a_contact_slip_past(serve: Callable[..., Any]) -> None:
    api = sharing(serve, every=2, do=("delete",), protect=frozenset({2, 3, 4}), limit=1)

    assert pages(api, 2) == [[1, 2], [4]]


def test_others_rename_join_and_leave(serve: Callable[..., Any]) -> None:
    protect = frozenset({2, 3, 4})
    renamed = sharing(serve, "name", every=1, do=("rename",), protect=protect, limit=1)
    joined = sharing(serve, every=1, do=("join",), protect=protect, limit=1)
    left = sharing(serve, every=1, do=("leave",), protect=protect, limit=1)

    assert renamed.contact(1)["surname"].startswith("Yeni ")
    assert len(joined.contact(1)["groups"]) == 2
    assert left.contact(1)["groups"] == []


def test_writes_are_no_turn_of_others_and_protected_contacts_stay(serve: Callable[..., Any]) -> None:
    api = sharing(serve, every=1, do=("delete",), protect=frozenset({1, 2, 3, 4}))
    api.got("edit-contact", '"contact": {"id": 1, "name": "A", "groups": {"id": [1]}}')

    assert pages(api, 2) == [[1, 2], [3, 4]]
    assert api.server.others_writes == []


def test_the_same_seed_writes_the_same(serve: Callable[..., Any]) -> None:
    def writes(seed: int) -> list[Any]:
        api = sharing(serve, every=1, do=("add", "delete", "rename", "join", "leave"), seed=seed)
        for _ in range(12):
            listed(api)
        return list(api.server.others_writes)

    assert writes(1) == writes(1) != writes(2)


def test_a_stranger_does_not_set_others_to_work(serve: Callable[..., Any]) -> None:
    api = sharing(serve, every=1)
    api.server.state.api_access = False

    assert api.code("get-groups") == 401
    assert api.server.others_writes == []


@pytest.mark.parametrize("wrong", [{"every": -1}, {"limit": -1}, {"do": ()}, {"do": ("steal",)}])
def test_others_that_make_no_sense_are_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"0 or more|others do"):
        Others(**wrong)
