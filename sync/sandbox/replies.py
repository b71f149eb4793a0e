"""In: a status code, a payload, the semantics of the shapes that the documents leave open.

Out: the answer for HTTP, its bytes in the JSON or the XML shape that the API documents.
Never here: decisions. Older response shapes are not sent.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from sync.sandbox.records import StoredContact
from sync.sandbox.requests import Wire
from sync.sandbox.semantics import Semantics

# As sent by the API (contract, Status codes). 429 is not documented: its text is the sandbox's own.
MESSAGES: Final = {
    200: "İşlem başarılı",
    400: "İstek çözümlenemedi",
    401: "Üyelik bilgileri hatalı",
    404: "API istek yapılan yönteme sahip değil",
    422: "İstek içerisindeki değerler doğrulanamadı.",
    429: "Çok fazla istek gönderildi.",
    461: "Grup adını boş bırakamazsınız.",
    462: "Grup id alanını boş bırakamazsınız.",
    463: "Böyle bir grup bulunamadı.",
    464: "Page değeri 1 den başlamalı.",
    465: "Kişi bulunamadı.",
    466: "Hatalı numara.",
    471: "Arama terimi en az 3 karakter olmalıdır.",
    472: "Ad, soyad, cep telefonu, email alanlarından en az biri dolu olmalıdır.",
    473: "Özel alan bulunamadı.",
    503: "Sunucu geçici olarak servis dışı",
}

CONTENT_TYPES: Final[dict[Wire, str]] = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}

_EMPTY: Final[Mapping[str, object]] = {"list": [], "object": {}, "text": "", "null": None}

# What XML 1.0 cannot hold, not even as a reference. JSON can carry it in; XML shows that something was there.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer for HTTP.

    Attributes:
        retry_after: seconds or a date, as the header has it; None: it is not sent.
        sent: the bytes of the body that are sent before the connection is closed; None: all, and it stays open.
    """

    status: int
    content_type: str
    body: bytes
    retry_after: str | None = None
    sent: int | None = None


@dataclass(frozen=True, slots=True)
class Contacts:
    """A page of contacts."""

    contacts: Sequence[StoredContact]


@dataclass(frozen=True, slots=True)
class GroupName:
    """A group as the answers to add-group and edit-group show it."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group with the number of contacts directly in it, and its children."""

    id: int
    name: str
    count: int
    children: Sequence["GroupView"] = ()


@dataclass(frozen=True, slots=True)
class Groups:
    """The main groups."""

    groups: Sequence[GroupView]


@dataclass(frozen=True, slots=True)
class BlacklistPage:
    """A page of numbers; `count` is that of all pages."""

    count: int
    numbers: Sequence[str]


Payload = StoredContact | Contacts | GroupName | GroupView | Groups | BlacklistPage


def render(wire: Wire, code: int, payload: Payload | None, semantics: Semantics) -> bytes:
    """Returns the body of an answer: the envelope with the code, its message, and the payload of a success."""
    return _Json(semantics).answer(code, payload) if wire == "json" else _Xml(semantics).answer(code, payload)


@dataclass(frozen=True, slots=True)
class _Json:
    """Writes answers in JSON."""

    semantics: Semantics

    def answer(self, code: int, payload: Payload | None) -> bytes:
        response: dict[str, object] = {"status": {"code": code, "message": MESSAGES[code]}}
        match payload:
            case StoredContact():
                response["contact"] = self._contact(payload)
            case Contacts():
                response |= self._listed("contacts", list(map(self._contact, payload.contacts)))
            case GroupName():
                response["group"] = {"id": self._id(payload.id), "name": payload.name}
            case GroupView():
                response["group"] = self._group(payload)
            case Groups():
                response |= self._listed("groups", list(map(self._group, payload.groups)))
            case BlacklistPage():
                response["blacklist"] = {"count": payload.count} | self._listed("number", list(payload.numbers))
            case None:
                pass
        return json.dumps({"response": response}, ensure_ascii=False).encode()

    def _contact(self, contact: StoredContact) -> dict[str, object]:
        fields = [{"id": self._id(field), "value": value} for field, value in contact.custom_fields.items()]
        return {
            "id": self._id(contact.id),
            "name": contact.name,
            "surname": contact.surname,
            "email": contact.email,
            "gsm": contact.gsm,
            **self._listed("custom_fields", fields),
            **self._listed("groups", list(map(self._id, contact.groups))),
        }

    def _group(self, group: GroupView) -> dict[str, object]:
        children = [{**self._name(child), "count": child.count} for child in group.children]
        return {**self._name(group), "count": group.count, **self._listed("children", children)}

    def _name(self, group: GroupView) -> dict[str, object]:
        return {"id": self._id(group.id), "name": group.name}

    def _id(self, number: int) -> int | str:
        return str(number) if self.semantics.ids == "text" else number

    def _listed(self, name: str, items: Sequence[object]) -> dict[str, object]:
        """Returns the member that holds a list, in the shape that lists of its length have; none where it is absent."""
        if not items:
            return {} if self.semantics.empty == "absent" else {name: _EMPTY[self.semantics.empty]}
        return {name: items[0] if len(items) == 1 and self.semantics.single == "bare" else items}


@dataclass(frozen=True, slots=True)
class _Xml:
    """Writes answers in XML. A list is its elements, so a list of one has no shape of its own."""

    semantics: Semantics

    def answer(self, code: int, payload: Payload | None) -> bytes:
        content = _element("status", _element("code", str(code)), _element("message", MESSAGES[code]))
        match payload:
            case StoredContact():
                content += self._contact(payload)
            case Contacts():
                content += self._listed("contacts", map(self._contact, payload.contacts))
            case GroupName():
                content += _element("group", *_xml_name(payload))
            case GroupView():
                content += self._group(payload)
            case Groups():
                content += self._listed("groups", map(self._group, payload.groups))
            case BlacklistPage():
                numbers = (_element("number", _escaped(number)) for number in payload.numbers)
                content += _element("blacklist", _element("count", str(payload.count)), *numbers)
            case None:
                pass
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element("response", content)}'.encode()

    def _contact(self, contact: StoredContact) -> str:
        fields = (
            _element("custom_field", _element("id", str(field)), _element("value", _escaped(value)))
            for field, value in contact.custom_fields.items()
        )
        return _element(
            "contact",
            _element("id", str(contact.id)),
            _element("name", _cdata(contact.name)),
            _element("surname", _cdata(contact.surname)),
            _element("email", _cdata(contact.email)),
            _element("gsm", _escaped(contact.gsm)),
            self._listed("custom_fields", fields),
            self._listed("groups", (_element("id", str(group)) for group in contact.groups)),
        )

    def _group(self, group: GroupView) -> str:
        children = (
            _element("child", *_xml_name(child), _element("count", str(child.count))) for child in group.children
        )
        count = _element("count", str(group.count))
        return _element("group", *_xml_name(group), count, self._listed("children", children))

    def _listed(self, tag: str, items: Iterable[str]) -> str:
        content = "".join(items)
        return "" if self.semantics.empty == "absent" and not content else _element(tag, content)


def _xml_name(group: GroupName | GroupView) -> tuple[str, str]:
    return _element("id", str(group.id)), _element("name", _escaped(group.name))


def _element(tag: str, *content: str) -> str:
    return f"<{tag}>{''.join(content)}</{tag}>"


def _escaped(text: str) -> str:
    # A bare carriage return would reach the reader as a line feed (XML 1.0, 2.11).
    return escape(_NOT_XML.sub("\ufffd", text), {"\r": "&#13;"})


def _cdata(text: str) -> str:
    # The end mark cannot stand inside a section, and a carriage return would not arrive from inside one.
    safe = _NOT_XML.sub("\ufffd", text).replace("]]>", "]]]]><![CDATA[>").replace("\r", "]]>&#13;<![CDATA[")
    return f"<![CDATA[{safe}]]>"
