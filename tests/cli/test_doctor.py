"""`imsync doctor`, in this process, against a sandbox."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sync.memory import recall_search
from sync.sandbox import Faults, Semantics

from .conftest import contact
from .shell import Shell, shell_with  # noqa: F401 - a fixture

GROUPS = [{"id": 7, "name": "Müşteriler", "parent": None}]
PEOPLE = [
    contact(100, "Ali", "Deneme", "ali@example.com", "+905001000100", {}, [7]),
    contact(101, "Barbaros", "Deneme", "BARBAROS@EXAMPLE.COM", "0500 100 01 01", {}, [7]),
]


@pytest.fixture
def examined(shell_with: Callable[..., Shell]) -> Callable[..., tuple[Shell, dict[str, Any]]]:  # noqa: F811
    """What the doctor says of a book, as JSON, and the shell."""

    def look(**semantics: Any) -> tuple[Shell, dict[str, Any]]:
        shell = shell_with(semantics=Semantics(**semantics), groups=GROUPS, contacts=PEOPLE)
        ended = shell("doctor", "--rate", "2000", "--json")
        return shell, {"code": ended.code, **json.loads(ended.out)}

    return look


def codes(said: dict[str, Any]) -> set[str]:
    return {check["code"] for check in said["checks"]}


@pytest.mark.parametrize(
    ("search", "phones", "addresses", "code"),
    [
        ("substring", "doctor_key_anywhere", "doctor_key_anywhere", 0),
        ("prefix", "doctor_key_starts", "doctor_key_starts", 0),
        ("phrase", "doctor_key_whole", "doctor_key_whole", 0),
        ("token", "doctor_key_blind", "doctor_key_blind", 3),
    ],
)
def test_it_says_what_search_can_do(
    examined: Callable[..., tuple[Shell, dict[str, Any]]], search: str, phones: str, addresses: str, code: int
) -> None:
    _, said = examined(search=search)

    found = [check["code"] for check in said["checks"] if check["code"].startswith("doctor_key")]
    assert (found, said["code"]) == ([phones, addresses], code)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("folded", {"doctor_no_case", "doctor_turkish"}),
        ("exact", {"doctor_case", "doctor_not_turkish"}),
        ("english", {"doctor_no_case", "doctor_not_turkish"}),
        ("turkish", {"doctor_no_case", "doctor_turkish"}),
    ],
)
def test_it_says_which_letters_are_one_letter(
    examined: Callable[..., tuple[Shell, dict[str, Any]]], case: str, expected: set[str]
) -> None:
    _, said = examined(case=case)

    names = {"doctor_case", "doctor_no_case", "doctor_turkish", "doctor_not_turkish"}
    assert codes(said) & names == expected


def test_what_it_learns_is_kept_for_later_runs(examined: Callable[..., tuple[Shell, dict[str, Any]]]) -> None:
    shell, said = examined()

    assert recall_search(shell.account_folder).forms.to_dict() == said["search"]
    assert recall_search(shell.account_folder).forms.anywhere == {"gsm", "email"}


def test_it_writes_nothing(examined: Callable[..., tuple[Shell, dict[str, Any]]]) -> None:
    shell, _ = examined()

    assert shell.server.state.revision == 0
    assert {entry.method for entry in shell.server.ledger} <= {
        "get-groups",
        "get-group-contacts",
        "get-blacklist",
        "search-contacts",
    }


def test_a_person_reads_sentences(shell_with: Callable[..., Shell]) -> None:  # noqa: F811
    ended = shell_with(groups=GROUPS, contacts=PEOPLE)("doctor", "--rate", "2000")

    assert ended.code == 0
    assert "phone number: stored such as 0500 111 22 33, +905001112233; any part of it is found" in ended.out
    assert all(line.startswith("ok ") for line in ended.out.splitlines())


def test_an_empty_account_teaches_nothing(shell_with: Callable[..., Shell]) -> None:  # noqa: F811
    ended = shell_with()("doctor", "--rate", "2000", "--json")

    assert ended.code == 0
    assert "doctor_empty" in codes(json.loads(ended.out))


def test_refused_credentials_are_told_with_all_four_causes(shell_with: Callable[..., Shell]) -> None:  # noqa: F811
    shell = shell_with(api_access=False)

    ended, as_json = shell("doctor", "--rate", "2000"), shell("doctor", "--rate", "2000", "--json")

    assert (ended.code, as_json.code) == (5, 5)
    assert [line[:4] for line in ended.out.splitlines()[1:]] == ["  1.", "  2.", "  3.", "  4."]
    assert "Üyelik bilgileri hatalı" in ended.out
    assert json.loads(as_json.out)["error"]["code"] == "api_not_authorised"


def test_an_account_that_does_not_answer_is_unreachable(
    shell_with: Callable[..., Shell],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shell = shell_with(faults=Faults(unavailable=1.0))
    monkeypatch.setattr("sync.remote.retry._FIRST_WAIT", 0.001)
    monkeypatch.setattr("sync.remote.retry._LONGEST_WAIT", 0.001)

    assert shell("doctor", "--rate", "2000").code == 6
