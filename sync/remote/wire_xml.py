"""The XML wire format: requests exactly as documented, answers as the same kind of tree that JSON gives.

What enters: neutral values, or an answer's bytes. What leaves: a request's bytes, or dicts, lists and texts.
What never happens here: resolving an entity or a DTD; deciding what an answer means.
"""

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from sync.remote.methods import Method
from sync.settings import Credentials

CONTENT_TYPE = "text/xml; charset=utf-8"
PATH_SUFFIX = ""

_CDATA_NAMES = ("name", "surname", "email")  # of a contact; wrapped in CDATA on the API's pages
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def encode(method: Method, credentials: Credentials, values: Mapping[str, Any]) -> bytes:
    """The request; `values` as for `wire_json.encode`.

    Raises:
        ValueError: a text holds a character that XML cannot carry.
    """
    login = _element("key", _text(credentials.key)) + _element("hash", _text(credentials.hash))
    parts = [_element("authentication", login)]
    if method.section:
        spelled = "".join(_spelled(method, name, values[name]) for name in method.names)
        parts.append(_element(method.section, spelled))
    document = f'<?xml version="1.0" encoding="UTF-8"?>\n{_element("request", "".join(parts))}'
    if bad := _NOT_XML.search(document):
        raise ValueError(f"XML cannot carry this character: U+{ord(bad[0]):04X}")
    return document.encode()


def _spelled(method: Method, name: str, value: Any) -> str:  # noqa: ANN401 - a value of any name
    match name:
        case "custom_fields":
            return _element(
                name,
                "".join(
                    _element("custom_field", _element("id", str(number)) + _element("value", _text(text)))
                    for number, text in value.items()
                ),
            )
        case "groups":
            return _element(name, "".join(_element("id", str(group)) for group in value))
        case "filter":
            return _element(name, _element("start", value[0]) + _element("end", value[1])) if value else ""
        case _ if method.section == "contact" and name in _CDATA_NAMES:
            return _element(name, _cdata(value))
        case _:
            return _element(name, "" if value is None else _text(str(value)))


def _element(name: str, inner: str) -> str:
    return f"<{name}>{inner}</{name}>"


def _text(text: str) -> str:
    return escape(text, {"\r": "&#13;"})  # a bare carriage return would be read back as a line feed


def _cdata(text: str) -> str:
    """CDATA that may hold its own end mark, by ending between its characters."""
    if not text:
        return ""
    if "\r" in text:  # CDATA cannot carry a carriage return: parsers read it as a line feed
        return _text(text)
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def decode(content: bytes) -> Any:  # noqa: ANN401 - whatever the server sent
    """The answer as a tree: an element is its text, or a dict of its children; a repeated child is a list.

    Raises:
        ValueError: the bytes are not well-formed XML, or carry a DTD.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    if root.getroottree().docinfo.internalDTD is not None:  # in whatever encoding it is written
        raise ValueError("the answer carries a DTD")
    return {root.tag: _tree(root)}


def _tree(element: Any) -> Any:  # noqa: ANN401 - lxml's stubs know no better type
    children = [child for child in element if isinstance(child.tag, str)]  # neither comments nor instructions
    if not children:
        return "".join(element.itertext(with_tail=False)) if len(element) else (element.text or "")
    found: dict[str, Any] = {}
    for child in children:
        value = _tree(child)
        if child.tag not in found:
            found[child.tag] = value
        elif isinstance(found[child.tag], list):
            found[child.tag].append(value)
        else:
            found[child.tag] = [found[child.tag], value]
    return found
