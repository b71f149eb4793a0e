"""`imsync fields`, in this process, against a sandbox."""

from collections.abc import Callable

from .conftest import contact, small_book
from .shell import Shell, shell_with  # noqa: F401 - a fixture


def test_the_fields_that_contacts_have_are_shown_with_values(shell_with: Callable[..., Shell]) -> None:  # noqa: F811
    ended = shell_with(**small_book())("fields")

    assert (ended.code, ended.out.splitlines()) == (
        0,
        ["id  contacts  type  values", " 1         1  date  27/09/1984", " 2         1  text  gizli"],
    )
    assert "on the first pages of groups (2): 2." in ended.err


def test_the_fields_are_one_json_object(shell_with: Callable[..., Shell]) -> None:  # noqa: F811
    ended = shell_with(**small_book())("fields", "--json", "--pages", "1")

    assert ended.code == 0
    assert ended.summary["fields"][0] == {"id": 1, "count": 1, "type": "date", "samples": ["27/09/1984"]}
    assert (ended.summary["groups"], ended.summary["groups_left"]) == (1, 1)
    assert ended.summary["requests"] == {"get-group-contacts": 1, "get-groups": 1}


def test_a_book_without_custom_fields_says_so(shell_with: Callable[..., Shell]) -> None:  # noqa: F811
    book = {**small_book(), "contacts": [contact(100, "Ayşe", "", "", "+905001000100", {}, [7])]}

    ended = shell_with(**book)("fields")

    assert (ended.code, ended.out.strip()) == (0, "No contact that was looked at has a custom field.")
