"""Which JSON requests are understood, and that every other shape is answered 400."""

from typing import Any

import pytest

AUTHENTICATION = '"authentication": {"key": "sandbox-key", "hash": "sandbox-hash"}'


def test_the_documented_add_carries_every_part(api: Any) -> None:
    added = api.got(
        "add-contact",
        '"contact": {"name": "Deniz", "surname": "Örnek", "email": "deniz@example.com", "gsm": "+905000000004",'
        ' "custom_fields": {"custom_field": [{"id": "1", "value": "27\\/09\\/2024"}, {"id": 2, "value": "cip"}]},'
        ' "groups": {"group": {"id": "7"}}}',
    )

    assert added == {
        "id": 1012,
        "name": "Deniz",
        "surname": "Örnek",
        "email": "deniz@example.com",
        "gsm": "+905000000004",
        "custom_fields": [{"id": 1, "value": "27/09/2024"}, {"id": 2, "value": "cip"}],
        "groups": [7],
    }


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ('{"group": {"id": 7}}', [7]),
        ('{"group": {"id": "7"}}', [7]),
        ('{"group": [{"id": 7}, {"id": "12"}]}', [7, 12]),
        ('{"group": [{"id": 7}, {"id": 7}]}', [7]),
        ('{"group": []}', []),
    ],
)
def test_groups_of_an_add_come_as_one_object_or_a_list(api: Any, groups: str, expected: list[int]) -> None:
    assert api.got("add-contact", f'"contact": {{"name": "Deniz", "groups": {groups}}}')["groups"] == expected


@pytest.mark.parametrize(("groups", "expected"), [('{"id": [7, "12"]}', [7, 12]), ('{"id": []}', [])])
def test_groups_of_an_edit_come_as_a_list_of_ids(api: Any, groups: str, expected: list[int]) -> None:
    part = f'"contact": {{"id": 1009, "name": "Işık", "groups": {groups}}}'

    assert api.got("edit-contact", part)["groups"] == expected


def test_custom_field_settings_may_accompany_a_custom_field(api: Any) -> None:
    field = '{"id": 1, "value": "cip", "custom_field_settings": ""}'

    added = api.got("add-contact", f'"contact": {{"name": "Deniz", "custom_fields": {{"custom_field": [{field}]}}}}')

    assert added["custom_fields"] == [{"id": 1, "value": "cip"}]


@pytest.mark.parametrize("part", ['"parent": []', '"parent": ""', '"parent": 0', '"parent": "0"'])
def test_a_group_is_a_main_group_when_its_parent_is_empty_or_0(api: Any, part: str) -> None:
    api.got("add-group", f'"group": {{"name": "Yeni", {part}}}')

    assert [group["name"] for group in api.got("get-groups")] == ["Müşteriler", "Bayiler", "Yeni"]


@pytest.mark.parametrize("part", ['"parent": 7', '"parent": "7"'])
def test_a_parent_is_an_id_as_a_number_or_a_text(api: Any, part: str) -> None:
    api.got("add-group", f'"group": {{"name": "Yeni", {part}}}')

    assert [child["name"] for child in api.got("get-group", '"group": {"id": 7}')["children"]] == ["İstanbul", "Yeni"]


def test_page_and_row_count_may_be_left_out(api: Any) -> None:
    assert len(api.got("search-contacts", '"search": {"key": "+905"}')) == 2


@pytest.mark.parametrize(
    ("method", "part"),
    [
        ("search-contacts", '"search": {"key": "örnek", "page": 1, "rowCount": 10}'),
        ("search-contacts", '"search": {"key": "örnek", "page": 1, "rowCount": 1000}'),
        ("add-contact", '"contact": {"gsm": "05000000004"}'),
        ("add-contact", '"contact": {"name": "Deniz", "custom_fields": {"custom_field": []}}'),
        ("edit-contact", '"contact": {"id": "1009", "name": "Işık"}'),
        ("get-contact", '"contact": {"id": "1009"}'),
        ("delete-contact", '"contact": {"id": 1009}'),
        ("get-groups", ""),
        ("get-group", '"group": {"id": 7}'),
        ("get-group-contacts", '"group": {"id": 7}'),
        ("get-group-contacts", '"group": {"id": 7, "page": 1, "rowCount": 1000}'),
        ("add-group", '"group": {"name": "Yeni"}'),
        ("edit-group", '"group": {"id": "7", "name": "Yeni"}'),
        ("edit-group", '"group": {"id": 7, "name": "Yeni", "parent": ""}'),
        ("delete-group", '"group": {"id": 7}'),
        ("get-blacklist", '"blacklist": {"page": 1, "rowCount": 1000}'),
        ("get-blacklist", '"blacklist": {"filter": {"start": "2024-09-27 01:10:00", "end": "2024-09-28 00:00:00"}}'),
    ],
)
def test_documented_shapes_are_accepted(api: Any, method: str, part: str) -> None:
    assert api.code(method, part) == 200


@pytest.mark.parametrize(
    ("method", "part"),
    [
        ("add-contact", ""),
        ("add-contact", '"contacts": {"name": "Deniz"}'),
        ("add-contact", '"contact": {"name": "Deniz"}, "extra": 1'),
        ("add-contact", '"contact": [{"name": "Deniz"}]'),
        ("add-contact", '"contact": null'),
        ("add-contact", '"contact": {"id": 5, "name": "Deniz"}'),
        ("add-contact", '"contact": {"name": "Deniz", "phone": ""}'),
        ("add-contact", '"contact": {"name": "Deniz", "name": "Derya"}'),
        ("add-contact", '"contact": {"name": null}'),
        ("add-contact", '"contact": {"name": 5}'),
        ("add-contact", '"contact": {"name": NaN}'),
        ("add-contact", '"contact": {"name": "\\ud800"}'),
        ("add-contact", '"contact": {"gsm": 905000000004}'),
        ("add-contact", '"contact": {"name": "Deniz", "groups": {"id": [7]}}'),
        ("add-contact", '"contact": {"name": "Deniz", "groups": {"group": [7]}}'),
        ("add-contact", '"contact": {"name": "Deniz", "groups": {"group": {"id": ""}}}'),
        ("add-contact", '"contact": {"name": "Deniz", "groups": {"group": {"id": [7]}}}'),
        ("add-contact", '"contact": {"name": "Deniz", "groups": {"group": {"id": 7, "name": "x"}}}'),
        ("add-contact", '"contact": {"name": "Deniz", "groups": {}}'),
        ("add-contact", '"contact": {"name": "Deniz", "groups": [7]}'),
        ("add-contact", '"contact": {"name": "Deniz", "groups": null}'),
        ("add-contact", '"contact": {"name": "Deniz", "custom_fields": []}'),
        ("add-contact", '"contact": {"name": "Deniz", "custom_fields": {"1": "cip"}}'),
        ("add-contact", '"contact": {"name": "Deniz", "custom_fields": {"custom_field": {"id": 1, "value": "cip"}}}'),
        ("add-contact", '"contact": {"name": "Deniz", "custom_fields": {"custom_field": [{"id": 1}]}}'),
        ("add-contact", '"contact": {"name": "Deniz", "custom_fields": {"custom_field": [{"id": 1, "value": 5}]}}'),
        ("add-contact", '"contact": {"name": "Deniz", "custom_fields": {"custom_field": [{"id": "x", "value": "5"}]}}'),
        ("edit-contact", '"contact": {"name": "Işık"}'),
        ("edit-contact", '"contact": {"id": 1009, "name": "Işık", "groups": {"group": {"id": 7}}}'),
        ("edit-contact", '"contact": {"id": 1009, "name": "Işık", "groups": {"id": 7}}'),
        ("edit-contact", '"contact": {"id": 1009, "name": "Işık", "groups": {"id": [7, null]}}'),
        ("get-contact", '"contact": {}'),
        ("get-contact", '"contact": {"id": ""}'),
        ("get-contact", '"contact": {"id": "1009x"}'),
        ("get-contact", '"contact": {"id": " 1009"}'),
        ("get-contact", '"contact": {"id": "١٠٠٩"}'),
        ("get-contact", '"contact": {"id": 1009.0}'),
        ("get-contact", '"contact": {"id": true}'),
        ("get-contact", '"contact": {"id": [1009]}'),
        ("get-contact", '"contact": {"id": 1009, "name": ""}'),
        ("get-groups", '"group": {"id": 7}'),
        ("get-group", '"group": {}'),
        ("get-group", '"group": {"id": 7, "page": 1}'),
        ("get-group-contacts", '"group": {"id": 7, "rowCount": 1001}'),
        ("add-group", '"group": {"parent": []}'),
        ("add-group", '"group": {"name": "Yeni", "parent": null}'),
        ("add-group", '"group": {"name": "Yeni", "parent": [7]}'),
        ("add-group", '"group": {"name": "Yeni", "parent": false}'),
        ("add-group", '"group": {"id": 7, "name": "Yeni"}'),
        ("edit-group", '"group": {"name": "Yeni"}'),
        ("edit-group", '"group": {"id": 7}'),
        ("search-contacts", '"search": {}'),
        ("search-contacts", '"search": {"key": 905}'),
        ("search-contacts", '"search": {"key": "örnek", "rowcount": 10}'),
        ("search-contacts", '"search": {"key": "örnek", "page": "1"}'),
        ("search-contacts", '"search": {"key": "örnek", "page": 1.0}'),
        ("search-contacts", '"search": {"key": "örnek", "rowCount": 1001}'),
        ("search-contacts", '"search": {"key": "örnek", "rowCount": 0}'),
        ("get-blacklist", ""),
        ("get-blacklist", '"blacklist": {"filter": {"start": "2024-09-27 01:10:00"}}'),
        ("get-blacklist", '"blacklist": {"filter": {"start": "27/09/2024", "end": "28/09/2024"}}'),
        ("get-blacklist", '"blacklist": {"filter": {"start": "2024-02-30 00:00:00", "end": "2024-03-01 00:00:00"}}'),
    ],
)
def test_shapes_that_are_not_documented_are_400(api: Any, method: str, part: str) -> None:
    assert api.code(method, part) == 400


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "request",
        "{}",
        '{"request": []}',
        '{"request": {}}',
        '{"request": {' + AUTHENTICATION + '}, "other": 1}',
        "{" + AUTHENTICATION + "}",
        '{"request": {"authentication": {"key": "sandbox-key"}}}',
        '{"request": {"authentication": {"key": "sandbox-key", "hash": "sandbox-hash", "ip": ""}}}',
        '{"request": {"authentication": {"key": "sandbox-key", "hash": 5}}}',
        '{"request": {' + AUTHENTICATION + "}} x",
        "[" * 100_000,
        '{"request": {' + AUTHENTICATION + ', "contact": {"id": ' + "9" * 5000 + "}}}",
        "\ufeff" + '{"request": {' + AUTHENTICATION + "}}",
    ],
)
def test_a_body_without_the_documented_envelope_is_400(api: Any, body: str) -> None:
    assert api.post("/get-groups/json", body, "application/json").status_code == 400


def test_a_body_in_another_encoding_than_utf_8_is_400(api: Any) -> None:
    body = '{"request": {' + AUTHENTICATION + ', "contact": {"name": "Çağla"}}}'

    assert api.post("/add-contact/json", body.encode("windows-1254"), "application/json").status_code == 400


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ('application/json; charset="UTF-8"', 200),
        ("application/json; charset=iso-8859-9", 400),
        ("application/json; indent=2", 400),
        ("text/json", 400),
        ("text/xml", 400),
        ("application/x-www-form-urlencoded", 400),
        (None, 400),
    ],
)
def test_json_needs_its_content_type(api: Any, content_type: str | None, expected: int) -> None:
    body = '{"request": {' + AUTHENTICATION + "}}"

    assert api.post("/get-groups/json", body, content_type).status_code == expected
