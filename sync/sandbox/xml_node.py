"""In: the bytes of an XML request.

Out: its parts, in the shapes that the API documents for XML.
Never here: DTDs, entities, attributes, comments, other encodings than UTF-8: all of them are malformed.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from sync.sandbox.nodes import MalformedError, Node, identity_of

_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")


def xml_root(body: bytes) -> Node:
    """Returns the `request` of an XML body.

    Raises:
        MalformedError: not well-formed UTF-8 XML with `request` as its root, or with anything but plain elements.
    """
    # One for each body: a parser that threads share would make them wait for one another.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        body.decode()
        root = etree.fromstring(body, parser)
    except (UnicodeDecodeError, etree.XMLSyntaxError) as error:
        raise MalformedError("not XML in UTF-8") from error
    document: etree.DocInfo = root.getroottree().docinfo
    dtd = document.doctype  # type: ignore[attr-defined] # lxml has it, its stubs do not
    if dtd or (document.encoding or "UTF-8").upper() != "UTF-8":
        raise MalformedError("a DTD, or another encoding than UTF-8")
    if next(root.iter(etree.Comment, etree.ProcessingInstruction, etree.Entity), None) is not None:
        raise MalformedError("a comment, a processing instruction or an entity")
    if root.tag != "request":
        raise MalformedError("request is missing")
    return _node(root)


@dataclass(frozen=True, slots=True)
class XmlNode:
    """An element of an XML body, read as `Node` describes: it holds either other elements or a text."""

    tag: str
    content: str
    children: Sequence["XmlNode"]

    def members(self, allowed: Collection[str] | None = None) -> dict[str, Node]:
        """Returns the child elements; none may appear twice."""
        members: dict[str, Node] = {child.tag: child for child in self._elements()}
        if len(members) != len(self.children):
            raise MalformedError("an element appears twice")
        if allowed is not None and not members.keys() <= set(allowed):
            raise MalformedError("an element that is not documented")
        return members

    def text(self) -> str:
        """Returns the element's text; whether it was written as CDATA makes no difference in XML."""
        if self.children:
            raise MalformedError("a text was expected")
        return self.content

    def number(self) -> int:
        """Returns a whole number."""
        if not _NUMBER.fullmatch(self.text()):
            raise MalformedError("a number was expected")
        return int(self.content)

    def identity(self) -> int | None:
        """Returns an id; None for an empty element."""
        return identity_of(self.content) if self.text() else None

    def parent(self) -> int | None:
        """Returns a parent's id; an empty element and 0 say that there is none."""
        return self.identity() or None

    def custom_fields(self) -> Sequence[Node]:
        """Returns the `custom_field` elements."""
        return self._repeated("custom_field")

    def group_ids(self, *, adding: bool) -> Sequence[Node]:  # noqa: ARG002 - in XML, add and edit have one shape
        """Returns the `id` elements."""
        return self._repeated("id")

    def _elements(self) -> Sequence["XmlNode"]:
        if self.content.strip():
            raise MalformedError("elements were expected")
        return self.children

    def _repeated(self, tag: str) -> Sequence[Node]:
        if any(child.tag != tag for child in self._elements()):
            raise MalformedError("an element that is not documented")
        return self.children


def _node(element: etree._Element) -> XmlNode:
    if element.attrib:
        raise MalformedError("an attribute")
    if any((child.tail or "").strip() for child in element):
        raise MalformedError("text between elements")
    return XmlNode(element.tag, element.text or "", [_node(child) for child in element])
