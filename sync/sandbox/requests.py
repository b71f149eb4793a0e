"""In: a request's wire format, Content-Type and bytes.

Out: key and hash, then the method's part as one neutral value that no longer shows the wire format.
Never here: the book, status codes. Every shape that the API does not document is a MalformedError.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from sync.sandbox.json_node import json_root
from sync.sandbox.nodes import MalformedError, Node
from sync.sandbox.records import is_moment
from sync.sandbox.xml_node import xml_root

Wire = Literal["json", "xml"]

MAX_ROWS: Final = 1000
TEXT_FIELDS: Final = ("name", "surname", "email", "gsm")

_ROOTS: Final[dict[Wire, tuple[str, Callable[[bytes], Node]]]] = {
    "json": ("application/json", json_root),
    "xml": ("text/xml", xml_root),
}


@dataclass(frozen=True, slots=True)
class Body:
    """What a request asks, beside the authentication. What its method does not have is at its default.

    Attributes:
        id: of the contact or group; 0, which nothing has, where a group's was sent empty.
        texts: those of a contact's name, surname, email and gsm that were sent.
        custom_fields: (id, value) in the order sent; None where they were not sent.
        groups: ids in the order sent; None where they were not sent.
        name: of a group.
        parent: of a group; None for a main group, sent empty, as 0 or not at all.
        key: the term to search for.
        page: as sent, from 1 (what is below is refused by the answer, not here).
        rows: contacts or numbers in a page, 1 to 1000.
        period: first and last moment of a blacklist's filter, as `2024-09-27 01:10:00`, both included.
    """

    id: int = 0
    texts: Mapping[str, str] = field(default_factory=dict)
    custom_fields: tuple[tuple[int, str], ...] | None = None
    groups: tuple[int, ...] | None = None
    name: str = ""
    parent: int | None = None
    key: str = ""
    page: int = 1
    rows: int = MAX_ROWS
    period: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose envelope could be read; the method's part is read only when it is asked for.

    The order matters: a stranger learns that the credentials are wrong, not what else would be.
    """

    key: str = field(repr=False)
    hash: str = field(repr=False)
    wire: Wire
    parts: Mapping[str, Node] = field(repr=False)

    def body_for(self, method: str) -> Body:
        """Returns the part that `method` documents.

        Raises:
            MalformedError: it is missing, has another shape, or stands beside something else.
        """
        name, read = _PARTS[method]
        if self.parts.keys() != ({name} if name else set()):
            raise MalformedError("the method's part, alone, was expected beside authentication")
        return read(self.parts[name]) if name else Body()


def request_of(wire: Wire, content_type: str, body: bytes) -> Request:
    """Returns the request that `body` holds.

    Raises:
        MalformedError: another Content-Type than the format's, not UTF-8, not the format, no `request` with an
            `authentication` of exactly `key` and `hash`.
    """
    media_type, root_of = _ROOTS[wire]
    _check_content_type(content_type, media_type)
    parts = root_of(body).members()
    if "authentication" not in parts:
        raise MalformedError("authentication is missing")
    authentication = _exactly(parts.pop("authentication"), {"key", "hash"})
    return Request(authentication["key"].text(), authentication["hash"].text(), wire, parts)


def _check_content_type(content_type: str, expected: str) -> None:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if media_type != expected or any(each.replace('"', "") != "charset=utf-8" for each in parameters):
        raise MalformedError(f"{expected} in UTF-8 was expected")


def _exactly(node: Node, names: set[str], optional: frozenset[str] = frozenset()) -> dict[str, Node]:
    members = node.members(names | optional)
    if not names <= members.keys():
        raise MalformedError("a documented part is missing")
    return members


def _search(node: Node) -> Body:
    parts = _exactly(node, {"key"}, _PAGE)
    page, rows = _page(parts)
    return Body(key=parts["key"].text(), page=page, rows=rows)


def _added_contact(node: Node) -> Body:
    return _contact(node.members(_CONTACT), adding=True)


def _edited_contact(node: Node) -> Body:
    return _contact(_exactly(node, {"id"}, _CONTACT), adding=False)


def _by_id(node: Node) -> Body:
    return Body(id=_required_id(_exactly(node, {"id"})["id"]))


def _group_page(node: Node) -> Body:
    parts = _exactly(node, {"id"}, _PAGE)
    page, rows = _page(parts)
    return Body(id=_required_id(parts["id"]), page=page, rows=rows)


def _added_group(node: Node) -> Body:
    return _group(_exactly(node, {"name"}, frozenset({"parent"})))


def _edited_group(node: Node) -> Body:
    return _group(_exactly(node, {"id", "name"}, frozenset({"parent"})))


def _blacklist(node: Node) -> Body:
    parts = node.members(_PAGE | {"filter"})
    period = None
    if "filter" in parts:
        ends = _exactly(parts["filter"], {"start", "end"})
        period = (ends["start"].text(), ends["end"].text())
        if not all(map(is_moment, period)):
            raise MalformedError("a moment such as 2024-09-27 01:10:00 was expected")
    page, rows = _page(parts)
    return Body(page=page, rows=rows, period=period)


def _contact(parts: Mapping[str, Node], *, adding: bool) -> Body:
    custom = parts.get("custom_fields")
    groups = parts.get("groups")
    return Body(
        id=0 if adding else _required_id(parts["id"]),
        texts={name: parts[name].text() for name in TEXT_FIELDS if name in parts},
        custom_fields=None if custom is None else tuple(_custom_field(each) for each in custom.custom_fields()),
        groups=None if groups is None else tuple(_required_id(each) for each in groups.group_ids(adding=adding)),
    )


def _custom_field(node: Node) -> tuple[int, str]:
    # The pages name custom_field_settings beside id and value, without saying what it does: it is read and left.
    parts = _exactly(node, {"id", "value"}, frozenset({"custom_field_settings"}))
    if "custom_field_settings" in parts:
        parts["custom_field_settings"].text()
    return _required_id(parts["id"]), parts["value"].text()


def _group(parts: Mapping[str, Node]) -> Body:
    return Body(
        # Only edit-group has a code of its own for an id that was sent empty (contract, Status codes: 462).
        id=(parts["id"].identity() or 0) if "id" in parts else 0,
        name=parts["name"].text(),
        parent=parts["parent"].parent() if "parent" in parts else None,
    )


def _required_id(node: Node) -> int:
    number = node.identity()
    if number is None:
        raise MalformedError("an id is empty")
    return number


def _page(parts: Mapping[str, Node]) -> tuple[int, int]:
    page = parts["page"].number() if "page" in parts else 1
    rows = parts["rowCount"].number() if "rowCount" in parts else MAX_ROWS
    if not 1 <= rows <= MAX_ROWS:
        raise MalformedError(f"rowCount is 1 to {MAX_ROWS}")
    return page, rows


_PAGE: Final = frozenset({"page", "rowCount"})
_CONTACT: Final = frozenset({*TEXT_FIELDS, "custom_fields", "groups"})

# Method → the name of its part in the request, and how that part is read (contract, Methods).
_PARTS: Final[dict[str, tuple[str, Callable[[Node], Body]]]] = {
    "search-contacts": ("search", _search),
    "add-contact": ("contact", _added_contact),
    "edit-contact": ("contact", _edited_contact),
    "get-contact": ("contact", _by_id),
    "delete-contact": ("contact", _by_id),
    "get-groups": ("", _by_id),
    "get-group": ("group", _by_id),
    "get-group-contacts": ("group", _group_page),
    "add-group": ("group", _added_group),
    "edit-group": ("group", _edited_group),
    "delete-group": ("group", _by_id),
    "get-blacklist": ("blacklist", _blacklist),
}
