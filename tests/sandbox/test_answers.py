"""Every method's success and every code with its reason."""

from collections.abc import Callable
from typing import Any

import pytest

MESSAGES = {
    400: "İstek çözümlenemedi",
    401: "Üyelik bilgileri hatalı",
    404: "API istek yapılan yönteme sahip değil",
    422: "İstek içerisindeki değerler doğrulanamadı.",
    461: "Grup adını boş bırakamazsınız.",
    462: "Grup id alanını boş bırakamazsınız.",
    463: "Böyle bir grup bulunamadı.",
    464: "Page değeri 1 den başlamalı.",
    465: "Kişi bulunamadı.",
    466: "Hatalı numara.",
    471: "Arama terimi en az 3 karakter olmalıdır.",
    472: "Ad, soyad, cep telefonu, email alanlarından en az biri dolu olmalıdır.",
    473: "Özel alan bulunamadı.",
}


@pytest.mark.parametrize(
    ("expected", "method", "part"),
    [
        (400, "get-contact", '"contact": {"id": "x"}'),
        (404, "list-contacts", ""),
        (422, "add-contact", '"contact": {"email": "example.com"}'),
        (422, "add-contact", '"contact": {"email": "a@b@example.com"}'),
        (422, "edit-contact", '"contact": {"id": 1009, "email": "example.com"}'),
        (
            422,
            "add-contact",
            (
                '"contact": {"name": "Deniz", "custom_fields": {"custom_field":'
                ' [{"id": 1, "value": "a"}, {"id": 1, "value": "b"}]}}'
            ),
        ),
        (461, "add-group", '"group": {"name": "", "parent": []}'),
        (461, "add-group", '"group": {"name": "  ", "parent": []}'),
        (461, "edit-group", '"group": {"id": 7, "name": "", "parent": ""}'),
        (462, "edit-group", '"group": {"id": "", "name": "Yeni", "parent": ""}'),
        (462, "edit-group", '"group": {"id": 99, "name": "Yeni", "parent": ""}'),
        (463, "add-contact", '"contact": {"name": "Deniz", "groups": {"group": {"id": 99}}}'),
        (463, "edit-contact", '"contact": {"id": 1009, "name": "Işık", "groups": {"id": [7, 99]}}'),
        (463, "add-group", '"group": {"name": "Yeni", "parent": 99}'),
        (463, "add-group", '"group": {"name": "Yeni", "parent": 12}'),
        (463, "edit-group", '"group": {"id": 9, "name": "Yeni", "parent": 99}'),
        (463, "edit-group", '"group": {"id": 9, "name": "Yeni", "parent": 12}'),
        (463, "edit-group", '"group": {"id": 9, "name": "Yeni", "parent": 9}'),
        (463, "edit-group", '"group": {"id": 7, "name": "Yeni", "parent": 9}'),
        (463, "get-group", '"group": {"id": 99}'),
        (463, "get-group-contacts", '"group": {"id": 99}'),
        (463, "delete-group", '"group": {"id": 99}'),
        (464, "search-contacts", '"search": {"key": "örnek", "page": 0}'),
        (464, "search-contacts", '"search": {"key": "örnek", "page": -1}'),
        (464, "get-group-contacts", '"group": {"id": 7, "page": 0}'),
        (464, "get-blacklist", '"blacklist": {"page": 0}'),
        (465, "search-contacts", '"search": {"key": "kimse"}'),
        (465, "search-contacts", '"search": {"key": "örnek", "page": 2}'),
        (465, "get-group-contacts", '"group": {"id": 7, "page": 2}'),
        (465, "get-contact", '"contact": {"id": 99}'),
        (465, "get-contact", '"contact": {"id": 0}'),
        (465, "edit-contact", '"contact": {"id": 99, "name": "Işık"}'),
        (465, "delete-contact", '"contact": {"id": 99}'),
        (466, "add-contact", '"contact": {"gsm": "0532"}'),
        (466, "add-contact", '"contact": {"gsm": "+90 500 000 00 04"}'),
        (466, "add-contact", '"contact": {"gsm": "+9050000000040000"}'),
        (466, "add-contact", '"contact": {"gsm": "٠٥٠٠٠٠٠٠٠٠٤"}'),
        (466, "edit-contact", '"contact": {"id": 1009, "gsm": "0532"}'),
        (471, "search-contacts", '"search": {"key": "ör"}'),
        (471, "search-contacts", '"search": {"key": ""}'),
        (472, "add-contact", '"contact": {}'),
        (472, "add-contact", '"contact": {"name": "", "surname": " ", "email": "", "gsm": ""}'),
        (472, "edit-contact", '"contact": {"id": 1009}'),
        (
            473,
            "add-contact",
            '"contact": {"name": "Deniz", "custom_fields": {"custom_field": [{"id": 99, "value": "x"}]}}',
        ),
        (
            473,
            "edit-contact",
            '"contact": {"id": 1009, "name": "Işık", "custom_fields": {"custom_field": [{"id": 99, "value": ""}]}}',
        ),
    ],
)
def test_a_refusal_is_its_code_its_message_and_nothing_else(api: Any, expected: int, method: str, part: str) -> None:
    before = api.server.state.to_dict()

    response = api.json(method, part)

    assert response.json() == {"response": {"status": {"code": expected, "message": MESSAGES[expected]}}}
    assert response.status_code == expected
    assert api.server.state.to_dict() == before


@pytest.mark.parametrize(
    ("key", "hash_"), [("wrong", "sandbox-hash"), ("sandbox-key", "wrong"), ("sandbox-hash", "sandbox-key"), ("", "")]
)
def test_wrong_credentials_are_401(api: Any, key: str, hash_: str) -> None:
    body = f'{{"request": {{"authentication": {{"key": "{key}", "hash": "{hash_}"}}}}}}'

    response = api.post("/get-groups/json", body, "application/json")

    assert response.json() == {"response": {"status": {"code": 401, "message": "Üyelik bilgileri hatalı"}}}


@pytest.mark.parametrize(("method", "part"), [("add-contact", '"wrong": []'), ("list-contacts", "")])
def test_the_credentials_are_looked_at_before_the_rest(api: Any, method: str, part: str) -> None:
    api.server.state.api_access = False

    assert api.code(method, part) == 401


def test_turning_api_access_on_again_lets_requests_in(api: Any) -> None:
    api.server.state.api_access = False
    api.server.state.api_access = True

    assert api.code("get-groups") == 200


@pytest.mark.parametrize(
    "path", ["", "/", "/json", "/get-groups/json/", "/get-groups/xml", "/v1/get-groups", "/get-groups?a=1"]
)
def test_an_address_that_names_no_method_is_404_whatever_the_body(api: Any, path: str) -> None:
    assert api.post(path, "", "text/plain").status_code == 404


def test_an_address_without_the_base_path_is_404(api: Any, client: Any) -> None:
    url = api.server.base_url.removesuffix("/v1") + "/get-groups/json"

    assert client.post(url, content=b"").status_code == 404


def test_get_contact_shows_the_stored_contact(api: Any) -> None:
    assert api.contact(1009) == {
        "id": 1009,
        "name": "Işık",
        "surname": "Yıldız",
        "email": "isik@example.com",
        "gsm": "+905000000001",
        "custom_fields": [{"id": 1, "value": "27/09/2024"}, {"id": 2, "value": "cip"}],
        "groups": [9, 12],
    }


def test_an_add_with_a_number_that_is_already_there_makes_a_second_contact(api: Any) -> None:
    assert api.got("add-contact", '"contact": {"gsm": "+905000000001"}')["id"] == 1012
    assert len(api.got("search-contacts", '"search": {"key": "+905000000001"}')) == 2


def test_a_number_is_stored_as_it_was_sent(api: Any) -> None:
    assert api.got("add-contact", '"contact": {"gsm": "05000000004"}')["gsm"] == "05000000004"


def test_a_custom_field_that_is_added_empty_is_not_stored(api: Any) -> None:
    fields = '{"custom_field": [{"id": 1, "value": ""}, {"id": 2, "value": "cip"}]}'

    added = api.got("add-contact", f'"contact": {{"name": "Deniz", "custom_fields": {fields}}}')

    assert added["custom_fields"] == [{"id": 2, "value": "cip"}]


def test_a_deleted_contact_is_gone_and_its_id_is_not_given_again(api: Any) -> None:
    deleted = api.json("delete-contact", '"contact": {"id": 1011}')

    assert deleted.json() == {"response": {"status": {"code": 200, "message": "İşlem başarılı"}}}
    assert api.code("get-contact", '"contact": {"id": 1011}') == 465
    assert api.got("add-contact", '"contact": {"name": "Deniz"}')["id"] == 1012


def test_get_groups_shows_main_groups_with_their_children_and_direct_counts(api: Any) -> None:
    assert api.got("get-groups") == [
        {"id": 7, "name": "Müşteriler", "count": 1, "children": [{"id": 12, "name": "İstanbul", "count": 1}]},
        {"id": 9, "name": "Bayiler", "count": 1, "children": []},
    ]


def test_get_groups_of_an_empty_book_is_an_empty_list(serve: Callable[..., Any]) -> None:
    assert serve(book={}).got("get-groups") == []


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (7, {"id": 7, "name": "Müşteriler", "count": 1, "children": [{"id": 12, "name": "İstanbul", "count": 1}]}),
        (12, {"id": 12, "name": "İstanbul", "count": 1, "children": []}),
    ],
)
def test_get_group_shows_one_group(api: Any, group: int, expected: dict[str, Any]) -> None:
    assert api.got("get-group", f'"group": {{"id": {group}}}') == expected


def test_get_group_contacts_lists_direct_members_only(api: Any) -> None:
    assert [each["id"] for each in api.got("get-group-contacts", '"group": {"id": 7}')] == [1010]


def test_an_empty_group_is_465(serve: Callable[..., Any]) -> None:
    api = serve(book={"groups": [{"id": 7, "name": "Müşteriler"}]})

    assert api.code("get-group-contacts", '"group": {"id": 7}') == 465


@pytest.mark.parametrize(("page", "expected"), [(1, [1001, 1002]), (2, [1003, 1004]), (3, [1005])])
def test_listings_are_paged_in_the_order_of_ids(serve: Callable[..., Any], page: int, expected: list[int]) -> None:
    contacts = [{"id": number, "name": "Deneme", "groups": [7]} for number in (1005, 1003, 1001, 1002, 1004)]
    api = serve(book={"groups": [{"id": 7, "name": "Müşteriler"}], "contacts": contacts})

    listed = api.got("get-group-contacts", f'"group": {{"id": 7, "page": {page}, "rowCount": 2}}')
    found = api.got("search-contacts", f'"search": {{"key": "deneme", "page": {page}, "rowCount": 2}}')

    assert [each["id"] for each in listed] == expected
    assert [each["id"] for each in found] == expected


def test_a_page_has_1000_contacts_when_row_count_is_left_out(serve: Callable[..., Any]) -> None:
    api = serve(book={"contacts": [{"id": number, "name": "Deneme"} for number in range(1, 1002)]})

    assert len(api.got("search-contacts", '"search": {"key": "deneme"}')) == 1000
    assert len(api.got("search-contacts", '"search": {"key": "deneme", "page": 2}')) == 1


def test_add_group_answers_with_the_new_id_and_the_name(api: Any) -> None:
    assert api.got("add-group", '"group": {"name": "Ankara", "parent": 7}') == {"id": 13, "name": "Ankara"}


def test_group_names_need_not_be_unique(api: Any) -> None:
    assert api.got("add-group", '"group": {"name": "Bayiler", "parent": []}') == {"id": 13, "name": "Bayiler"}


def test_edit_group_renames_and_moves(api: Any) -> None:
    assert api.got("edit-group", '"group": {"id": 12, "name": "Ege", "parent": 9}') == {"id": 12, "name": "Ege"}
    assert api.got("get-group", '"group": {"id": 9}')["children"] == [{"id": 12, "name": "Ege", "count": 1}]


def test_edit_group_without_a_parent_makes_a_main_group(api: Any) -> None:
    api.got("edit-group", '"group": {"id": 12, "name": "İstanbul"}')

    assert [group["id"] for group in api.got("get-groups")] == [7, 9, 12]


def test_delete_group_takes_its_children_along_and_leaves_the_contacts(api: Any) -> None:
    assert api.code("delete-group", '"group": {"id": 7}') == 200

    assert [group["id"] for group in api.got("get-groups")] == [9]
    assert api.code("get-group", '"group": {"id": 12}') == 463
    assert api.contact(1009)["groups"] == [9]
    assert api.contact(1010)["groups"] == []


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("", {"count": 2, "number": ["+905000000008", "+905000000009"]}),
        ('"page": 2, "rowCount": 1', {"count": 2, "number": ["+905000000009"]}),
        ('"page": 3, "rowCount": 1', {"count": 2, "number": []}),
        (
            '"filter": {"start": "2024-09-27 01:10:00", "end": "2024-09-27 01:10:00"}, "page": 1, "rowCount": 10',
            {"count": 1, "number": ["+905000000009"]},
        ),
        (
            '"filter": {"start": "2024-09-27 01:10:01", "end": "2024-12-31 00:00:00"}',
            {"count": 0, "number": []},
        ),
    ],
)
def test_the_blacklist_is_paged_and_filtered(api: Any, part: str, expected: dict[str, Any]) -> None:
    assert api.got("get-blacklist", f'"blacklist": {{{part}}}') == expected
