"""Which XML requests are understood, and that every other shape is answered 400."""

from typing import Any

import pytest

AUTHENTICATION = "<authentication><key>sandbox-key</key><hash>sandbox-hash</hash></authentication>"


def test_the_documented_edit_carries_every_part(api: Any) -> None:
    response = api.xml(
        "edit-contact",
        """
<contact>
<id>1009</id>
<name><![CDATA[API]]></name>
<surname><![CDATA[Test & Deneme]]></surname>
<email><![CDATA[deneme@example.com]]></email>
<gsm>+905000000004</gsm>
<custom_fields>
<custom_field>
<id>1</id>
<value>28/09/2024</value>
</custom_field>
<custom_field>
<id>3</id>
<value>&lt;b&gt;</value>
</custom_field>
</custom_fields>
<groups>
<id>7</id>
<id>12</id>
</groups>
</contact>
""",
    )

    assert response.status_code == 200
    assert api.contact(1009) == {
        "id": 1009,
        "name": "API",
        "surname": "Test & Deneme",
        "email": "deneme@example.com",
        "gsm": "+905000000004",
        "custom_fields": [{"id": 1, "value": "28/09/2024"}, {"id": 3, "value": "<b>"}],
        "groups": [7, 12],
    }


@pytest.mark.parametrize(
    "name",
    [
        "<name><![CDATA[a]]]]><![CDATA[>b]]></name>",
        "<name>a]]&gt;b</name>",
    ],
)
def test_the_end_mark_of_cdata_arrives_intact_inside_a_name(api: Any, name: str) -> None:
    api.xml("edit-contact", f"<contact><id>1009</id>{name}</contact>")

    assert api.contact(1009)["name"] == "a]]>b"


@pytest.mark.parametrize(
    ("method", "part"),
    [
        ("search-contacts", "<search><key>örnek</key><page>1</page><rowCount>10</rowCount></search>"),
        ("search-contacts", "<search><key>örnek</key></search>"),
        ("add-contact", "<contact><gsm>05000000004</gsm></contact>"),
        ("add-contact", "<contact><name>Deniz</name><custom_fields/><groups/></contact>"),
        ("add-contact", "<contact><name>Deniz</name><groups><id>7</id><id>12</id></groups></contact>"),
        ("edit-contact", "<contact><id>1009</id><name>Işık</name><groups></groups></contact>"),
        ("get-contact", "<contact><id>1009</id></contact>"),
        ("delete-contact", "<contact><id>1009</id></contact>"),
        ("get-groups", ""),
        ("get-group", "<group><id>7</id></group>"),
        ("get-group-contacts", "<group><id>7</id><page>1</page><rowCount>1000</rowCount></group>"),
        ("add-group", "<group><name>Yeni</name><parent></parent></group>"),
        ("add-group", "<group><name>Yeni</name><parent>0</parent></group>"),
        ("add-group", "<group><name>Yeni</name><parent>7</parent></group>"),
        ("edit-group", "<group><id>7</id><name>Yeni</name><parent/></group>"),
        ("delete-group", "<group><id>7</id></group>"),
        ("get-blacklist", "<blacklist><page>1</page><rowCount>10</rowCount></blacklist>"),
        (
            "get-blacklist",
            "<blacklist><filter><start>2024-09-27 01:10:00</start><end>2024-09-28 00:00:00</end></filter></blacklist>",
        ),
    ],
)
def test_documented_shapes_are_accepted(api: Any, method: str, part: str) -> None:
    assert api.xml(method, part).status_code == 200


@pytest.mark.parametrize(
    ("method", "part"),
    [
        ("add-contact", ""),
        ("add-contact", "<contact/><contact><name>Deniz</name></contact>"),
        ("add-contact", "<contact><name>Deniz</name></contact><extra/>"),
        ("add-contact", "<contact><name>Deniz</name><phone/></contact>"),
        ("add-contact", "<contact><name>Deniz</name><name>Derya</name></contact>"),
        ("add-contact", "<contact><name><b>Deniz</b></name></contact>"),
        ("add-contact", '<contact><name lang="tr">Deniz</name></contact>'),
        ("add-contact", "<contact>Deniz<name>Deniz</name></contact>"),
        ("add-contact", "<contact><name>Deniz</name>Deniz</contact>"),
        ("add-contact", "<contact><!-- Deniz --><name>Deniz</name></contact>"),
        ("add-contact", "<contact><?php ?><name>Deniz</name></contact>"),
        ("add-contact", '<contact xmlns="http://example.com"><name>Deniz</name></contact>'),
        ("add-contact", "<contact><name>Deniz</name><groups><group><id>7</id></group></groups></contact>"),
        ("add-contact", "<contact><name>Deniz</name><groups><id/></groups></contact>"),
        ("add-contact", "<contact><name>Deniz</name><groups>7</groups></contact>"),
        ("add-contact", "<contact><name>Deniz</name><custom_fields><id>1</id></custom_fields></contact>"),
        (
            "add-contact",
            "<contact><name>Deniz</name><custom_fields><custom_field><id>1</id></custom_field></custom_fields></contact>",
        ),
        ("edit-contact", "<contact><name>Işık</name></contact>"),
        ("get-contact", "<contact><id>x</id></contact>"),
        ("get-contact", "<contact><id> 1009 </id></contact>"),
        ("get-contact", "<contact><id/></contact>"),
        ("get-groups", "<group/>"),
        ("add-group", "<group><parent/></group>"),
        ("search-contacts", "<search><key>örnek</key><page>first</page></search>"),
        ("search-contacts", "<search><key>örnek</key><page/></search>"),
        ("search-contacts", "<search><key>örnek</key><rowCount>1001</rowCount></search>"),
        ("get-blacklist", "<blacklist><filter/></blacklist>"),
    ],
)
def test_shapes_that_are_not_documented_are_400(api: Any, method: str, part: str) -> None:
    assert api.xml(method, part).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<request>",
        "<requests/>",
        "<request/>",
        f"<request>{AUTHENTICATION}{AUTHENTICATION}</request>",
        "<request><authentication><key>sandbox-key</key></authentication></request>",
        f"<request>{AUTHENTICATION}</request><request/>",
        f"<!DOCTYPE request><request>{AUTHENTICATION}</request>",
        f"<!DOCTYPE request [<!ENTITY name 'Deniz'>]><request>{AUTHENTICATION}</request>",
        f'<!DOCTYPE request SYSTEM "request.dtd"><request>{AUTHENTICATION}</request>',
        f'<?xml version="1.0" encoding="iso-8859-9"?><request>{AUTHENTICATION}</request>',
        f"<request>{AUTHENTICATION}&nbsp;</request>",
        f"<request>{AUTHENTICATION}\x01</request>",
        "<a>" * 5_000,
    ],
)
def test_a_body_without_the_documented_envelope_is_400(api: Any, body: str) -> None:
    assert api.post("/get-groups", body, "text/xml").status_code == 400


@pytest.mark.parametrize("encoding", ["windows-1254", "utf-16"])
def test_a_body_in_another_encoding_than_utf_8_is_400(api: Any, encoding: str) -> None:
    body = f"<request>{AUTHENTICATION}<contact><name>Çağla</name></contact></request>".encode(encoding)

    assert api.post("/add-contact", body, "text/xml").status_code == 400


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/xml", 200),
        ("text/xml; charset=utf-8", 200),
        ("text/xml; charset=iso-8859-9", 400),
        ("application/xml", 400),
        ("application/json", 400),
        (None, 400),
    ],
)
def test_xml_needs_its_content_type(api: Any, content_type: str | None, expected: int) -> None:
    body = f'<?xml version="1.0" encoding="UTF-8"?><request>{AUTHENTICATION}</request>'

    assert api.post("/get-groups", body, content_type).status_code == expected
