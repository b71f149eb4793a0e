"""The shapes of answers that the documents leave open."""

from collections.abc import Callable
from typing import Any

import pytest

from sync.sandbox import Faults, Semantics


def payload(api: Any, method: str, part: str = "") -> dict[str, Any]:
    answer: dict[str, Any] = api.json(method, part).json()["response"]
    del answer["status"]
    return answer


def test_ids_are_texts(serve: Callable[..., Any]) -> None:
    api = serve(semantics=Semantics(ids="text"))

    contact = api.contact(1009)

    assert (contact["id"], contact["groups"]) == ("1009", ["9", "12"])
    assert [each["id"] for each in contact["custom_fields"]] == ["1", "2"]
    assert [(each["id"], [child["id"] for child in each["children"]]) for each in api.got("get-groups")] == [
        ("7", ["12"]),
        ("9", []),
    ]
    assert api.got("add-group", '"group": {"name": "Yeni"}')["id"] == "13"


def test_a_list_of_one_is_the_bare_element(serve: Callable[..., Any]) -> None:
    api = serve(semantics=Semantics(single="bare"))

    found = payload(api, "search-contacts", '"search": {"key": "Çağla"}')["contacts"]
    groups = payload(api, "get-groups")["groups"]
    page = '"blacklist": {"page": 2, "rowCount": 1}'

    assert (found["id"], found["groups"], found["custom_fields"]) == (1010, 7, [])
    assert groups[0]["children"] == {"id": 12, "name": "İstanbul", "count": 1}
    assert payload(api, "get-blacklist", page)["blacklist"] == {"count": 2, "number": "+905000000009"}
    assert api.contact(1009)["groups"] == [9, 12]


@pytest.mark.parametrize(("empty", "expected"), [("list", []), ("object", {}), ("text", ""), ("null", None)])
def test_an_empty_list_has_the_chosen_shape(serve: Callable[..., Any], empty: Any, expected: Any) -> None:
    api = serve(semantics=Semantics(empty=empty, empty_page="list"))

    contact = api.contact(1011)

    assert (contact["groups"], contact["custom_fields"]) == (expected, expected)
    assert payload(api, "search-contacts", '"search": {"key": "nobody"}') == {"contacts": expected}
    assert payload(api, "get-groups")["groups"][1]["children"] == expected
    assert payload(api, "get-blacklist", '"blacklist": {"page": 9}')["blacklist"] == {"count": 2, "number": expected}


def test_an_empty_list_can_be_absent(serve: Callable[..., Any]) -> None:
    api = serve(semantics=Semantics(empty="absent", empty_page="list"))

    assert api.contact(1011).keys() == {"id", "name", "surname", "email", "gsm"}
    assert payload(api, "search-contacts", '"search": {"key": "nobody"}') == {}
    body = api.xml("get-contact", "<contact><id>1011</id></contact>").text
    assert "<gsm>" in body
    assert "<groups>" not in body
    assert "<custom_fields>" not in body


def test_every_answer_has_the_http_status_200(serve: Callable[..., Any]) -> None:
    api = serve(semantics=Semantics(http="always_200"))
    answers = [api.json("get-contact", '"contact": {"id": 5}'), api.json("no-such-method"), api.xml("get-groups")]
    answers.append(api.client.get(api.server.base_url + "/get-groups"))

    assert [each.status_code for each in answers] == [200, 200, 200, 200]
    assert answers[0].json()["response"]["status"]["code"] == 465
    assert "<code>404</code>" in answers[3].text


def test_faults_keep_their_code_and_retry_after_under_http_200(serve: Callable[..., Any]) -> None:
    api = serve(semantics=Semantics(http="always_200"), faults=Faults(too_many=1.0, retry_after=7))

    response = api.json("get-groups")

    assert (response.status_code, response.headers["Retry-After"]) == (200, "7")
    assert response.json()["response"]["status"]["code"] == 429
