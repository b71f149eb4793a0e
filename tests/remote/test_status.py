"""The verdict on every code of the contract for every method."""

import pytest

from sync.messages import CATALOGUE
from sync.remote.methods import METHODS
from sync.remote.status import REFUSALS, Answer, Verdict, verdict

READS = ("search-contacts", "get-contact", "get-groups", "get-group", "get-group-contacts", "get-blacklist")
WRITES = ("add-contact", "edit-contact", "delete-contact", "add-group", "edit-group", "delete-group")
LISTS = ("search-contacts", "get-group-contacts")
ALL = (*READS, *WRITES)

SAME_FOR_ALL = {
    200: Verdict.DONE,
    400: Verdict.REFUSED,
    401: Verdict.NOT_AUTHORISED,
    404: Verdict.WRONG_ADDRESS,
    422: Verdict.REFUSED,
    429: Verdict.RETRY,
    461: Verdict.REFUSED,
    462: Verdict.REFUSED,
    463: Verdict.REFUSED,
    464: Verdict.REFUSED,
    466: Verdict.REFUSED,
    471: Verdict.REFUSED,
    472: Verdict.REFUSED,
    473: Verdict.REFUSED,
    503: Verdict.RETRY,
}
UNKNOWN_CODES = (0, 1, 100, 201, 204, 301, 402, 403, 405, 408, 409, 418, 460, 470, 499, 500, 502, 504, 521, 599, 999)
UNREADABLE = {401: Verdict.NOT_AUTHORISED, 404: Verdict.WRONG_ADDRESS} | dict.fromkeys(
    (300, 301, 302, 303, 307, 308), Verdict.WRONG_ADDRESS
)


def test_the_table_names_all_twelve_methods() -> None:
    assert sorted(ALL) == sorted(METHODS)


def test_exactly_what_changes_the_book_is_a_write() -> None:
    assert {name for name, method in METHODS.items() if method.writes} == set(WRITES)


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("code", SAME_FOR_ALL)
@pytest.mark.parametrize("http_status", [200, 500])
def test_a_readable_code_decides_whatever_http_says(method: str, code: int, http_status: int) -> None:
    assert verdict(METHODS[method], Answer(http_status, code)) is SAME_FOR_ALL[code]


@pytest.mark.parametrize("method", ALL)
def test_no_contact_is_an_empty_list_or_a_contact_that_is_gone(method: str) -> None:
    expected = Verdict.EMPTY if method in LISTS else Verdict.GONE

    assert verdict(METHODS[method], Answer(465, 465)) is expected


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("code", UNKNOWN_CODES)
def test_a_code_that_nobody_knows_leaves_a_write_unsure(method: str, code: int) -> None:
    assert verdict(METHODS[method], Answer(200, code)) is Verdict.UNSURE


@pytest.mark.parametrize("method", READS)
@pytest.mark.parametrize("code", UNKNOWN_CODES)
def test_a_code_that_nobody_knows_lets_a_read_be_repeated(method: str, code: int) -> None:
    assert verdict(METHODS[method], Answer(200, code)) is Verdict.RETRY


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize(
    "http_status", [200, 204, 301, 302, 307, 400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504]
)
def test_where_the_body_cannot_be_read_http_has_to_do(method: str, http_status: int) -> None:
    trouble = Verdict.UNSURE if method in WRITES else Verdict.RETRY

    assert verdict(METHODS[method], Answer(http_status, None)) is UNREADABLE.get(http_status, trouble)


@pytest.mark.parametrize("method", WRITES)
def test_only_a_well_formed_429_or_503_proves_that_a_write_did_not_happen(method: str) -> None:
    answers = [Answer(http, code) for http in (200, 302, 429, 500, 503) for code in (None, *range(600))]

    proven = {
        (answer.code) for answer in answers if verdict(METHODS[method], answer) is Verdict.RETRY
    }  # fmt: skip

    assert proven == {429, 503}


def test_every_refusal_has_a_sentence_for_people() -> None:
    assert set(REFUSALS.values()) <= set(CATALOGUE)


@pytest.mark.parametrize("code", REFUSALS)
def test_the_sentence_of_a_refusal_names_its_code_and_what_the_api_said(code: int) -> None:
    said = CATALOGUE[REFUSALS[code]].text({"status": code, "message": "Hatalı"})

    assert str(code) in said
    assert "Hatalı" in said
