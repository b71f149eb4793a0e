"""The wire files against golden files that were written from the API's documents, not from this code."""

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from sync.contact import Group
from sync.remote import shapes, wire_json, wire_xml
from sync.remote.methods import METHODS
from sync.remote.shapes import Blacklist, UnreadableShape
from sync.settings import Credentials

GOLDEN = Path(__file__).parents[1] / "wire"
CASES: list[dict[str, Any]] = json.loads((GOLDEN / "cases.json").read_text(encoding="utf-8"))
WIRES = {"json": wire_json, "xml": wire_xml}
CREDENTIALS = Credentials("KEY-FOR-TESTS", "HASH-FOR-TESTS")


def of(direction: str) -> list[Any]:
    return [pytest.param(case, id=case["file"]) for case in CASES if case["direction"] == direction]


@pytest.mark.parametrize("case", of("request"))
def test_a_request_is_written_exactly_as_documented(case: dict[str, Any]) -> None:
    golden = (GOLDEN / case["file"]).read_bytes()
    method = METHODS[case["method"]]

    written = WIRES[case["wire"]].encode(method, CREDENTIALS, spelled(case["values"]))

    if case["wire"] == "json":
        assert ordered(golden) == ordered(written)
    else:
        assert written.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
        assert elements(golden) == elements(written)


@pytest.mark.parametrize("case", of("response"))
def test_an_answer_is_read_as_the_same_nouns_in_every_shape(case: dict[str, Any]) -> None:
    content = (GOLDEN / case["file"]).read_bytes()
    wire = WIRES[case["wire"]]

    if case["code"] is None:
        with pytest.raises((ValueError, UnreadableShape)):
            shapes.envelope(wire.decode(content))
        return
    envelope = shapes.envelope(wire.decode(content))

    assert (case["code"], case["message"]) == (envelope.code, envelope.message)
    if case["result"] is not None:
        assert case["result"] == neutral(case["method"], envelope.body, case["result"])


def test_every_method_has_golden_requests_and_answers_in_both_formats() -> None:
    wanted = {(name, wire, way) for name in METHODS for wire in WIRES for way in ("request", "response")}

    assert wanted == {(case["method"], case["wire"], case["direction"]) for case in CASES}


def test_names_of_a_contact_are_wrapped_in_cdata() -> None:
    contact = {
        "id": 1,
        "name": "A&B ]]> C",
        "surname": "Işık",
        "email": "",
        "gsm": "",
        "custom_fields": {},
        "groups": (),
    }

    written = wire_xml.encode(METHODS["edit-contact"], CREDENTIALS, contact).decode()

    assert "<name><![CDATA[A&B ]]]]><![CDATA[> C]]></name><surname><![CDATA[Işık]]></surname><email></email>" in written


def test_a_character_that_xml_cannot_carry_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ValueError, match=r"U\+0007"):
        wire_xml.encode(METHODS["search-contacts"], CREDENTIALS, {"key": "a\x07b", "page": 1, "rowCount": 10})


def test_an_answer_with_a_dtd_is_not_read() -> None:
    bomb = b'<!DOCTYPE r [<!ENTITY a "x">]><response><status><code>200</code><message>&a;</message></status></response>'

    with pytest.raises(ValueError, match="DTD"):
        wire_xml.decode(bomb)


def test_a_contact_without_an_id_is_unreadable_rather_than_passed_over() -> None:
    with pytest.raises(UnreadableShape):
        shapes.contacts({"contacts": [{"name": "Ada", "custom_fields": [{"id": 1, "value": "x"}]}]})


def spelled(values: dict[str, Any]) -> dict[str, Any]:
    """The case's neutral values under the names that the encoders take."""
    if "contact" in values:
        contact = dict(values["contact"])
        if "custom_fields" in contact:
            contact["custom_fields"] = {int(number): text for number, text in contact["custom_fields"].items()}
        return contact
    ((_, inner),) = values.items() or ((None, {}),)
    renamed = {"rowCount" if name == "row_count" else name: value for name, value in inner.items()}
    if "start" in renamed:
        start, end = renamed.pop("start"), renamed.pop("end")
        renamed["filter"] = (start, end) if start else None
    return renamed


def ordered(content: bytes) -> Any:
    return json.loads(content, object_pairs_hook=lambda pairs: ("object", pairs))


def elements(content: bytes) -> Any:
    def tree(element: Any) -> Any:
        children = [tree(child) for child in element]
        return (element.tag, children or (element.text or ""))

    return tree(etree.fromstring(content))


def neutral(method: str, body: dict[str, Any], like: Any) -> Any:
    match METHODS[method].result:
        case "contact":
            return shapes.contact(body).to_dict()
        case "contacts":
            return [contact.to_dict() for contact in shapes.contacts(body)]
        case "group":
            return group_dict(shapes.group(body))
        case "groups":
            return [group_dict(group) for group in shapes.groups(body)]
        case "blacklist":
            found: Blacklist = shapes.blacklist(body)
            return {"count": found.count, "numbers": list(found.numbers)}
        case _:
            return like


def group_dict(group: Group) -> dict[str, Any]:
    children = [{"id": child.id, "name": child.name, "count": child.count} for child in group.children]
    return {"id": group.id, "name": group.name, "count": group.count, "children": children}
