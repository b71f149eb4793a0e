"""The JSON wire format: requests exactly as documented, answers as a tree.

What enters: neutral values, or an answer's bytes. What leaves: a request's bytes, or dicts, lists and texts.
What never happens here: deciding what an answer means.
"""

import json
from collections.abc import Mapping
from typing import Any

from sync.remote.methods import Method
from sync.settings import Credentials

CONTENT_TYPE = "application/json"
PATH_SUFFIX = "/json"


def encode(method: Method, credentials: Credentials, values: Mapping[str, Any]) -> bytes:
    """The request.

    `values` go by the method's names: `custom_fields` as {id: text}, `groups` as ids, `parent` as an id or None,
    `filter` as (start, end) or None.
    """
    request: dict[str, Any] = {"authentication": {"key": credentials.key, "hash": credentials.hash}}
    if method.section:
        spelled = {name: _spelled(method, name, values[name]) for name in method.names}
        request[method.section] = {name: value for name, value in spelled.items() if value is not None}
    return json.dumps({"request": request}, ensure_ascii=False).encode()


def _spelled(method: Method, name: str, value: Any) -> Any:  # noqa: ANN401 - a value of any name
    match name:
        case "custom_fields":
            return {"custom_field": [{"id": number, "value": text} for number, text in value.items()]}
        case "groups" if method.name == "add-contact":
            groups = [{"id": group} for group in value]
            return {"group": groups[0] if len(groups) == 1 else groups}  # one group is documented as a bare object
        case "groups":
            return {"id": list(value)}
        case "parent" if value is None:
            return [] if method.name == "add-group" else ""  # as each page shows an absent parent
        case "filter":
            return {"start": value[0], "end": value[1]} if value else None
        case _:
            return value


def decode(content: bytes) -> Any:  # noqa: ANN401 - whatever the server sent
    """The answer as dicts, lists, texts and numbers.

    Raises:
        ValueError: the bytes are not JSON in UTF-8.
    """
    try:
        return json.loads(content.decode("utf-8-sig"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
