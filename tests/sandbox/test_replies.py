"""The exact bytes of answers."""

from collections.abc import Callable
from typing import Any

import pytest

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<response>'
SUCCESS = "<status><code>200</code><message>İşlem başarılı</message></status>"


def test_a_contact_in_json(api: Any) -> None:
    response = api.json("get-contact", '"contact": {"id": 1009}')

    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert response.content.decode() == (
        '{"response": {"status": {"code": 200, "message": "İşlem başarılı"},'
        ' "contact": {"id": 1009, "name": "Işık", "surname": "Yıldız", "email": "isik@example.com",'
        ' "gsm": "+905000000001", "custom_fields": [{"id": 1, "value": "27/09/2024"}, {"id": 2, "value": "cip"}],'
        ' "groups": [9, 12]}}}'
    )


def test_a_contact_in_xml(api: Any) -> None:
    response = api.xml("get-contact", "<contact><id>1009</id></contact>")

    assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert response.content.decode() == (
        f"{HEAD}{SUCCESS}<contact><id>1009</id><name><![CDATA[Işık]]></name><surname><![CDATA[Yıldız]]></surname>"
        "<email><![CDATA[isik@example.com]]></email><gsm>+905000000001</gsm><custom_fields>"
        "<custom_field><id>1</id><value>27/09/2024</value></custom_field>"
        "<custom_field><id>2</id><value>cip</value></custom_field></custom_fields>"
        "<groups><id>9</id><id>12</id></groups></contact></response>"
    )


@pytest.mark.parametrize(
    ("method", "part", "expected"),
    [
        (
            "search-contacts",
            "<search><key>İpek</key></search>",
            (
                "<contacts><contact><id>1011</id><name><![CDATA[İpek]]></name><surname><![CDATA[Deneme]]></surname>"
                "<email><![CDATA[]]></email><gsm>+905000000003</gsm><custom_fields></custom_fields><groups></groups>"
                "</contact></contacts>"
            ),
        ),
        (
            "get-groups",
            "",
            (
                "<groups><group><id>7</id><name>Müşteriler</name><count>1</count><children><child><id>12</id>"
                "<name>İstanbul</name><count>1</count></child></children></group>"
                "<group><id>9</id><name>Bayiler</name><count>1</count><children></children></group></groups>"
            ),
        ),
        (
            "get-group",
            "<group><id>12</id></group>",
            "<group><id>12</id><name>İstanbul</name><count>1</count><children></children></group>",
        ),
        (
            "add-group",
            "<group><name><![CDATA[A & B]]></name><parent/></group>",
            "<group><id>13</id><name>A &amp; B</name></group>",
        ),
        ("delete-contact", "<contact><id>1009</id></contact>", ""),
        (
            "get-blacklist",
            "<blacklist/>",
            "<blacklist><count>2</count><number>+905000000008</number><number>+905000000009</number></blacklist>",
        ),
    ],
)
def test_payloads_in_xml(api: Any, method: str, part: str, expected: str) -> None:
    assert api.xml(method, part).content.decode() == f"{HEAD}{SUCCESS}{expected}</response>"


def test_a_refusal_in_xml(api: Any) -> None:
    response = api.xml("get-contact", "<contact><id>99</id></contact>")

    assert response.status_code == 465
    assert response.content.decode() == (
        f"{HEAD}<status><code>465</code><message>Kişi bulunamadı.</message></status></response>"
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a]]>b", "<![CDATA[a]]]]><![CDATA[>b]]>"),
        ("]]>]]>", "<![CDATA[]]]]><![CDATA[>]]]]><![CDATA[>]]>"),
        ("<b>&amp;", "<![CDATA[<b>&amp;]]>"),
        ("a\\r\\nb", "<![CDATA[a]]>&#13;<![CDATA[\nb]]>"),
        ("a\\u0001b", "<![CDATA[a\ufffdb]]>"),
    ],
)
def test_a_name_is_split_where_cdata_cannot_hold_it(api: Any, name: str, expected: str) -> None:
    api.got("edit-contact", f'"contact": {{"id": 1009, "name": "{name}"}}')

    assert f"<name>{expected}</name>" in api.xml("get-contact", "<contact><id>1009</id></contact>").text


def test_other_texts_are_escaped_in_xml(api: Any) -> None:
    value = '{"custom_field": [{"id": 1, "value": "a]]>b & <c>\\r"}]}'
    api.got("edit-contact", f'"contact": {{"id": 1009, "name": "Işık", "custom_fields": {value}}}')

    answer = api.xml("get-contact", "<contact><id>1009</id></contact>").text

    assert "<value>a]]&gt;b &amp; &lt;c&gt;&#13;</value>" in answer


def test_letters_beyond_the_basic_plane_arrive_intact_in_both_formats(serve: Callable[..., Any]) -> None:
    api = serve(book={})

    assert api.got("add-contact", '"contact": {"name": "\\ud83c\\udf39 Gül"}')["name"] == "🌹 Gül"
    assert "<![CDATA[🌹 Gül]]>" in api.xml("get-contact", "<contact><id>1001</id></contact>").text
