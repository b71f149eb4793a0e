"""Reads the shapes in which answers come, from either wire format, into the nouns.

What enters: a decoded tree. What leaves: contacts, groups, blacklist entries.
What never happens here: inventing a value; passing over an item that has no id.
"""

import re
from dataclasses import dataclass
from typing import Any

from sync.contact import Contact, Group

# What is left of a letter beyond the basic plane when a server cuts it in half; no file and no request can hold it.
_HALF_LETTER = re.compile("[\ud800-\udfff]")

_TOO_LARGE = 10**18


class UnreadableShape(ValueError):
    """The tree is well-formed, but is not what the method answers."""


@dataclass(frozen=True, slots=True)
class Blacklist:
    """One page of the numbers that the account must not message; `count` is the server's figure for all pages."""

    count: int | None
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every answer has: status code and message; `body` holds the rest."""

    code: int
    message: str
    body: dict[str, Any]


def envelope(tree: Any) -> Envelope:  # noqa: ANN401 - a decoded answer
    """The answer's envelope.

    Raises:
        UnreadableShape: there is no `response.status.code` with a number.
    """
    response = tree.get("response") if isinstance(tree, dict) else None
    status = response.get("status") if isinstance(response, dict) else None
    if not isinstance(response, dict) or not isinstance(status, dict):
        raise UnreadableShape("no status")
    return Envelope(_number(status.get("code"), "status code"), _text(status.get("message")), response)


def contacts(body: dict[str, Any]) -> list[Contact]:
    """The contacts of a search or a group page; none where the list is empty in any of its shapes."""
    return [_contact(item) for item in _items(body.get("contacts"))]


def contact(body: dict[str, Any]) -> Contact:
    """The one contact of an answer."""
    items = _items(body.get("contact"))
    if len(items) != 1:
        raise UnreadableShape("no contact")
    return _contact(items[0])


def groups(body: dict[str, Any]) -> list[Group]:
    """The main groups, children inside."""
    return [_group(item) for item in _items(body.get("groups"))]


def group(body: dict[str, Any]) -> Group:
    """The one group of an answer."""
    items = _items(body.get("group"))
    if len(items) != 1:
        raise UnreadableShape("no group")
    return _group(items[0])


def blacklist(body: dict[str, Any]) -> Blacklist:
    """One page of the blacklist."""
    node = body.get("blacklist")
    count, rest = None, node
    if isinstance(node, dict):
        count = _text(node.get("count")).strip()
        rest = [value for name, value in node.items() if name != "count"]
    numbers = tuple(text for leaf in _texts(rest) if (text := _text(leaf).strip()))
    return Blacklist(int(count) if count and re.fullmatch(r"\d{1,18}", count) else None, numbers)


def _contact(node: dict[str, Any]) -> Contact:
    return Contact(
        id=_number(node.get("id"), "contact id"),
        name=_text(node.get("name")),
        surname=_text(node.get("surname")),
        email=_text(node.get("email")),
        gsm=_text(node.get("gsm")),
        custom_fields={
            _number(item["id"], "custom field id"): _text(item.get("value"))
            for item in _items(node.get("custom_fields"))
            if not _blank(item["id"])
        },
        groups=tuple(_number(leaf, "group id") for leaf in _ids(node.get("groups"))),
    )


def _group(node: dict[str, Any]) -> Group:
    count = node.get("count")
    return Group(
        id=_number(node.get("id"), "group id"),
        name=_text(node.get("name")),
        count=None if _blank(count) else _number(count, "group count"),
        children=tuple(_group(item) for item in _items(node.get("children"))),
    )


def _items(node: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any shape of a list
    """A list's items, whatever its shape: a list, one bare item, either inside an element of any name, or nothing."""
    if isinstance(node, list):
        if all(isinstance(each, dict) and "id" in each for each in node):  # as nearly all of them come
            return node
        return [item for each in node for item in ([each] if isinstance(each, dict) and "id" in each else _items(each))]
    if _blank(node):
        return []
    if not isinstance(node, dict):
        raise UnreadableShape("a text where a list was expected")
    if "id" in node:
        return [node]
    if any(not isinstance(each, dict | list) and not _blank(each) for each in node.values()):
        raise UnreadableShape("an item without an id")
    return [item for each in node.values() for item in _items(each)]


def _ids(node: Any) -> list[Any]:  # noqa: ANN401 - any shape of a list of ids
    """The ids in any of the shapes `[7, 9]`, `{"id": [7, 9]}`, `{"group": [{"id": 7}]}`, `7`, or an empty one."""
    if isinstance(node, list) and all(type(each) is int for each in node):  # as nearly all of them come
        return node
    return [leaf for leaf in _leaves(node) if not _blank(leaf)]


def _blank(node: Any) -> bool:  # noqa: ANN401
    """Whether this is one of the shapes of nothing; between an XML element's marks, blanks are nothing too."""
    if type(node) is int:  # as nearly all of them come
        return False
    return not node.strip() if isinstance(node, str) else node in (None, [], {})


def _leaves(node: Any) -> list[Any]:  # noqa: ANN401
    if isinstance(node, list):
        return [leaf for each in node for leaf in _leaves(each)]
    if isinstance(node, dict):
        inner = [node["id"]] if "id" in node else node.values()  # beside an id, a group may have a name
        return [leaf for each in inner for leaf in _leaves(each)]
    return [] if node is None else [node]


def _texts(node: Any) -> list[Any]:  # noqa: ANN401 - any shape
    """Everything that is no list and no element, from any depth."""
    if isinstance(node, list | dict):
        inner = node.values() if isinstance(node, dict) else node
        return [leaf for each in inner for leaf in _texts(each)]
    return [node]


def _number(value: Any, what: str) -> int:  # noqa: ANN401 - ids arrive as numbers or numeric texts
    if type(value) is int and abs(value) < _TOO_LARGE:  # as nearly all of them come
        return value
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if re.fullmatch(r"-?\d{1,18}", text):  # more digits are no id, and fit into no database
        return int(text)
    raise UnreadableShape(f"{what} is not a number")


def _text(value: Any) -> str:  # noqa: ANN401 - an absent text comes as null, [], {} or not at all
    if isinstance(value, str):
        return value if value.isascii() else _HALF_LETTER.sub("\ufffd", value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""
