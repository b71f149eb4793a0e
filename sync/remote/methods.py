"""The twelve methods of the address-book API, as a table.

What enters: nothing. What leaves: for each method, what its request holds and what its answer is.
What never happens here: spelling a request in JSON or XML (the wire files do).
"""

from dataclasses import dataclass
from typing import Literal

Result = Literal["contact", "contacts", "group", "groups", "blacklist", "nothing"]

MOST_ROWS = 1000
"""Contacts on one page, by default and at most (the API's pages on search-contacts and get-group-contacts)."""


@dataclass(frozen=True, slots=True)
class Method:
    """One method.

    Attributes:
        section: the request's part beside `authentication`; empty for get-groups, which has none.
        names: what that part holds, in the documented order and spelling.
        writes: it changes the book, so an answer that is lost leaves it unsure.
        lists: no contact (465) means an empty list, not an error.
    """

    name: str
    section: str
    names: tuple[str, ...]
    result: Result
    writes: bool = False
    lists: bool = False


_CONTACT = ("name", "surname", "email", "gsm", "custom_fields", "groups")
_PAGED = ("page", "rowCount")

METHODS = {
    method.name: method
    for method in (
        Method("search-contacts", "search", ("key", *_PAGED), "contacts", lists=True),
        Method("add-contact", "contact", _CONTACT, "contact", writes=True),
        Method("edit-contact", "contact", ("id", *_CONTACT), "contact", writes=True),
        Method("get-contact", "contact", ("id",), "contact"),
        Method("delete-contact", "contact", ("id",), "nothing", writes=True),
        Method("get-groups", "", (), "groups"),
        Method("get-group", "group", ("id",), "group"),
        Method("get-group-contacts", "group", ("id", *_PAGED), "contacts", lists=True),
        Method("add-group", "group", ("name", "parent"), "group", writes=True),
        Method("edit-group", "group", ("id", "name", "parent"), "group", writes=True),
        Method("delete-group", "group", ("id",), "nothing", writes=True),
        Method("get-blacklist", "blacklist", ("filter", *_PAGED), "blacklist"),
    )
}
