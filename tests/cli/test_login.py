"""Credentials: from the environment, a private file, or the system's keyring, which here is one in memory."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked

from sync.cli.commands import login as login_command
from tests.cli.conftest import HASH, KEY, Desk, Ended, people, small_book

NONE = {"ILETIMERKEZI_API_KEY": "", "ILETIMERKEZI_API_HASH": ""}
TYPED = ("sandbox-key", "sandbox-hash")


class Memory(KeyringBackend):
    """A keyring that is gone with the test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("secret-of-the-keyring")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise KeyringLocked("secret-of-the-keyring")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[Memory]:
    backend, before = Memory(), keyring.get_keyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def no_ring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)


def typed(desk: Desk, *arguments: str, answers: tuple[str, ...] = TYPED) -> Ended:
    """`imsync login` with somebody at the terminal."""
    given = iter(answers)

    def prompt(_label: str, *, hide_input: bool, **_: object) -> str:
        assert hide_input
        return next(given)

    class Terminal:
        def isatty(self) -> bool:
            return True

    with (
        patch.object(login_command.click, "prompt", prompt),
        patch.object(login_command, "sys", type("System", (), {"stdin": Terminal()})),
    ):
        return desk.run("login", *arguments, **NONE)


def test_what_was_typed_is_tried_kept_and_used_by_later_commands(desk: Desk, ring: Memory) -> None:
    ended = typed(desk)

    assert 0 == ended.code
    assert 0 == desk.calls("add-contact", "edit-contact", "delete-contact", "add-group")
    assert [("imsync", "default")] == list(ring.kept)
    desk.sheet(people(1))
    assert 0 == desk.sync(**NONE).code


def test_nothing_of_the_credentials_is_shown_or_kept_elsewhere(desk: Desk, ring: Memory) -> None:
    ended = typed(desk, "-v")

    assert ring.kept
    kept = b"".join(path.read_bytes() for path in desk.folder.rglob("*") if path.is_file())
    for secret in (KEY, HASH):
        assert secret not in ended.out + ended.err
        assert secret.encode() not in kept


def test_credentials_that_the_api_refuses_are_not_kept_and_leave_no_account(desk: Desk, ring: Memory) -> None:
    ended = typed(desk, "--json", answers=("wrong", "wronger"))

    assert 5 == ended.code
    assert {} == ring.kept
    assert not (desk.folder / "state" / "accounts.json").exists()
    assert "wrong" not in ended.out.replace("is wrong", "")


@pytest.mark.parametrize("answers", [("", "hash"), ("key", " ")])
def test_an_empty_answer_is_refused(desk: Desk, ring: Memory, answers: tuple[str, str]) -> None:
    assert 2 == typed(desk, answers=answers).code
    assert {} == ring.kept


def test_without_a_terminal_nothing_is_asked(desk: Desk, ring: Memory) -> None:
    ended = desk.run("login", **NONE)

    assert 4 == ended.code
    assert "--from-env" in ended.err
    assert {} == ring.kept


def test_those_of_the_environment_can_be_kept(desk: Desk, ring: Memory) -> None:
    ended = desk.run("login", "--from-env", "--json")

    assert 0 == ended.code
    assert {"status": "completed", "profile": "default", "account": "new", "groups": 2} == {
        name: value for name, value in ended.summary.items() if name != "message"
    }
    assert 1 == len(ring.kept)


def test_each_profile_has_its_own(desk: Desk, ring: Memory) -> None:
    assert 0 == desk.run("login", "--from-env", "--profile", "branch-2", ILETIMERKEZI_API_KEY_BRANCH_2=KEY,
                         ILETIMERKEZI_API_HASH_BRANCH_2=HASH, **NONE).code  # fmt: skip
    desk.sheet(people(1))

    assert [("imsync", "branch-2")] == list(ring.kept)
    assert 2 == desk.sync(**NONE).code
    assert 0 == desk.sync("--profile", "branch-2", **NONE).code
    assert 0 == desk.sync(IMSYNC_PROFILE="branch-2", **NONE).code


@pytest.mark.usefixtures("no_ring")
def test_a_named_profile_never_takes_the_plain_variables(desk: Desk) -> None:
    desk.sheet(people(1))

    ended = desk.sync("--profile", "branch")

    assert 2 == ended.code
    assert "ILETIMERKEZI_API_KEY_BRANCH" in ended.err
    assert "imsync login --profile branch" in ended.err


def test_a_name_of_a_profile_that_is_none_is_refused(desk: Desk) -> None:
    assert "../x" in desk.sync("--profile", "../x").err


def test_the_environment_beats_the_keyring(desk: Desk, ring: Memory) -> None:
    ring.kept["imsync", "default"] = '{"key": "old", "hash": "old"}'
    desk.sheet(people(1))

    assert 0 == desk.sync().code


def test_half_of_the_credentials_in_the_environment_is_no_case_for_the_keyring(desk: Desk, ring: Memory) -> None:
    ring.kept["imsync", "default"] = '{"key": "old", "hash": "old"}'
    desk.sheet(people(1))

    assert "not set: ILETIMERKEZI_API_HASH" in desk.sync(ILETIMERKEZI_API_HASH="").err


@pytest.mark.usefixtures("ring")
def test_a_renewed_key_of_a_known_account_goes_on_with_its_history(desk: Desk) -> None:
    desk.sheet(people(5))
    assert 0 == desk.sync().code
    accounts = desk.folder / "state" / "accounts"
    (account,) = accounts.iterdir()
    desk.server.state.credentials = type(desk.server.state.credentials)("new-key", "new-hash")

    ended = typed(desk, "--json", answers=("new-key", "new-hash"))

    assert ("bound", 0) == (ended.summary["account"], ended.code)
    assert "5 of 5 contacts" in ended.summary["message"]
    assert [account] == list(accounts.iterdir())
    assert 0 == desk.sync(**NONE).code
    assert [account] == list(accounts.iterdir())
    assert "known" == typed(desk, "--json", answers=("new-key", "new-hash")).summary["account"]


@pytest.mark.usefixtures("ring")
def test_credentials_of_another_account_are_not_bound_to_the_known_one(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with()
    desk.sheet(people(5))
    assert 0 == desk.sync().code
    other = desk_with({**small_book(), "credentials": {"key": "new-key", "hash": "new-hash"}})

    ended = typed(desk, "--json", "--base-url", desk.server.base_url, answers=TYPED)
    assert "known" == ended.summary["account"]
    for path in (desk.folder / "state" / "runs").glob("*.run"):
        _move(path, other.server.base_url)
    ended = typed(other, "--json", answers=("new-key", "new-hash"))

    assert "new" == ended.summary["account"]
    assert 2 == len(list((desk.folder / "state" / "accounts").iterdir()))


def _move(path: Path, base_url: str) -> None:
    """The run as if it had been one of another address."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = ? WHERE name = 'base_url'", (json.dumps(base_url),))


@pytest.mark.usefixtures("no_ring")
def test_where_there_is_no_keyring_it_is_said_what_to_do_instead(desk: Desk) -> None:
    ended = desk.run("login", **NONE)

    assert 2 == ended.code
    assert "no keyring" in ended.err
    assert ".env" in ended.err
    assert 2 == desk.run("logout").code


def test_a_locked_keyring_is_no_bug_and_tells_no_secret(desk: Desk, ring: Memory) -> None:
    ring.locked = True
    desk.sheet(people(1))

    ended = desk.sync("-v", **NONE)

    assert 2 == ended.code
    assert "KeyringLocked" in ended.err
    assert "secret-of-the-keyring" not in ended.err + ended.out


@pytest.mark.parametrize("kept", ["sandbox-key", "{}", '{"key": 1}', "[]"])
def test_what_the_keyring_should_not_hold_is_answered(desk: Desk, ring: Memory, kept: str) -> None:
    ring.kept["imsync", "default"] = kept
    desk.sheet(people(1))

    ended = desk.sync(**NONE)

    assert 2 == ended.code
    assert "imsync login" in ended.err
    assert "sandbox-key" not in ended.err


def test_logout_takes_them_away_and_says_so_once(desk: Desk, ring: Memory) -> None:
    typed(desk)

    assert (0, {}) == (desk.run("logout").code, ring.kept)
    assert not desk.run("logout", "--json").summary["removed"]


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_with_credentials_that_others_can_read_is_refused(desk: Desk, mode: int) -> None:
    desk.sheet(people(1))
    file = desk.write(".env", f"ILETIMERKEZI_API_KEY={KEY}\nILETIMERKEZI_API_HASH={HASH}\n")
    file.chmod(mode)

    ended = desk.sync(**NONE)

    assert 2 == ended.code
    assert "chmod 600 .env" in ended.err
    assert [] == list(desk.server.ledger)


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_a_file_without_credentials_may_be_read_by_anybody(desk: Desk) -> None:
    desk.sheet(people(1))
    desk.write(".env", "TZ=Europe/Istanbul\n").chmod(0o644)

    assert 0 == desk.sync().code


def test_a_service_is_given_its_file_by_name(desk: Desk, tmp_path: Path) -> None:
    desk.sheet(people(1))
    file = tmp_path / "credentials"
    file.write_text(f"ILETIMERKEZI_API_KEY={KEY}\nILETIMERKEZI_API_HASH={HASH}\n", encoding="utf-8")
    file.chmod(0o400)

    assert 0 == desk.sync(IMSYNC_ENV_FILE=str(file), **NONE).code
    file.chmod(0o440)  # as systemd shows a file that it lets one user read
    assert 2 == desk.sync(IMSYNC_ENV_FILE=str(file), **NONE).code
    assert 0 == desk.sync(IMSYNC_ENV_FILE=str(file), CREDENTIALS_DIRECTORY=str(tmp_path), **NONE).code
    assert "IMSYNC_ENV_FILE names" in desk.sync(IMSYNC_ENV_FILE="none", **NONE).err
