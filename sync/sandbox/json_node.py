"""In: the bytes of a JSON request.

Out: its parts, in the shapes that the API documents for JSON.
Never here: leniency. Unknown keys, doubled keys, other types and other nestings are malformed.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NoReturn

from sync.sandbox.nodes import MalformedError, Node, identity_of


def json_root(body: bytes) -> Node:
    """Returns the `request` of a JSON body.

    Raises:
        MalformedError: not UTF-8, not JSON, or not wrapped in `request` alone.
    """
    try:
        value = json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedError("not JSON in UTF-8") from error
    root = JsonNode(value).members({"request"})
    if "request" not in root:
        raise MalformedError("request is missing")
    return root["request"]


@dataclass(frozen=True, slots=True)
class JsonNode:
    """A value of a JSON body, read as `Node` describes."""

    value: object

    def members(self, allowed: Collection[str] | None = None) -> dict[str, Node]:
        """Returns an object's members."""
        if not isinstance(self.value, dict):
            raise MalformedError("an object was expected")
        if allowed is not None and not self.value.keys() <= set(allowed):
            raise MalformedError("a key that is not documented")
        return {name: JsonNode(value) for name, value in self.value.items()}

    def text(self) -> str:
        """Returns a string; numbers and null are not texts."""
        if not isinstance(self.value, str):
            raise MalformedError("a string was expected")
        try:
            self.value.encode()
        except UnicodeEncodeError as error:  # half of a surrogate pair, written as an escape
            raise MalformedError("a string that UTF-8 cannot hold") from error
        return self.value

    def number(self) -> int:
        """Returns a JSON integer: page and rowCount are documented as numbers only."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise MalformedError("an integer was expected")
        return self.value

    def identity(self) -> int | None:
        """Returns an id, sent as an integer or as a numeric string (contract, Shapes that differ)."""
        if isinstance(self.value, str):
            return identity_of(self.value) if self.value else None
        return self.number()

    def parent(self) -> int | None:
        """Returns a parent's id; "", 0, "0" and [] say that there is none ([] stands in the page of add-group)."""
        return None if self.value == [] else self.identity() or None

    def custom_fields(self) -> Sequence[Node]:
        """Returns the items of `{"custom_field": [{"id", "value"}, …]}`."""
        return _items(_only(self, "custom_field"))

    def group_ids(self, *, adding: bool) -> Sequence[Node]:
        """Returns the ids of `{"group": {"id": 7}}` or a list of such (add), or of `{"id": [7, 12]}` (edit)."""
        if not adding:
            return _items(_only(self, "id"))
        group = _only(self, "group")
        groups = _items(group) if isinstance(group.value, list) else [group]
        return [_only(each, "id") for each in groups]


def _only(node: JsonNode, name: str) -> JsonNode:
    if not isinstance(node.value, dict) or node.value.keys() != {name}:
        raise MalformedError(f"an object with {name} alone was expected")
    return JsonNode(node.value[name])


def _items(node: JsonNode) -> list[JsonNode]:
    if not isinstance(node.value, list):
        raise MalformedError("a list was expected")
    return [JsonNode(value) for value in node.value]


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key appears twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
