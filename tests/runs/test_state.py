"""The state directory: accounts, their lock, and where runs are."""

import errno
import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sync.errors import ImsyncError, RunRefused, RunStopped, UsageError
from sync.messages import error_text
from sync.runs import StateDirectory
from sync.settings import Credentials
from tests.runs.building import a_run

URL = "https://api.example.com/v1"
KEY, HASH = "sandbox-key-0123456789", "sandbox-hash-abcdefghij"
OURS = Credentials(KEY, HASH)
ROOT = Path(__file__).parents[2]


def test_the_same_credentials_open_the_same_account(tmp_path: Path) -> None:
    first = StateDirectory(tmp_path / "s").account(URL, OURS)
    again = StateDirectory(tmp_path / "s").account(URL, Credentials(KEY, HASH))

    assert first == again


@pytest.mark.parametrize(
    ("url", "credentials"),
    [
        (URL, Credentials(KEY + "x", HASH)),
        (URL, Credentials(KEY, HASH + "x")),
        (URL, Credentials(HASH, KEY)),
        ("https://other.example.com/v1", OURS),
    ],
)
def test_other_credentials_or_another_address_have_another_fingerprint(
    tmp_path: Path, url: str, credentials: Credentials
) -> None:
    state = StateDirectory(tmp_path / "s")

    assert state.account(URL, OURS).id != state.account(url, credentials).id


def test_an_accounts_id_is_random_not_derived(tmp_path: Path) -> None:
    ids = {StateDirectory(tmp_path / str(n)).account(URL, OURS).id for n in range(5)}

    assert len(ids) == 5
    assert all(re.fullmatch(r"[0-9a-f]{16,}", each) for each in ids)


def test_fingerprints_are_keyed_so_two_directories_differ(tmp_path: Path) -> None:
    for name in ("a", "b"):
        StateDirectory(tmp_path / name).account(URL, OURS)

    assert (tmp_path / "a" / "secret").read_text() != (tmp_path / "b" / "secret").read_text()


def test_no_file_holds_the_key_or_the_hash(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path / "s")
    account = state.account(URL, OURS)
    with account.lock("run 1"):
        account.record_writer("20261121T1200-abc123")
        run_file = a_run(state.new_run_path("20261121T1200-abc123"))
        run_file.save_meta()
        contents = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        run_file.close()

    assert KEY.encode() not in contents
    assert HASH.encode() not in contents


def test_everything_is_private_to_the_user_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        state = StateDirectory(tmp_path / "s")
        account = state.account(URL, OURS)
        with account.lock("run 1"):
            account.record_writer("r")
            a_run(state.new_run_path("r")).close()
            state.record_elsewhere("q", tmp_path / "q.run")
            modes = {str(path.relative_to(tmp_path)): stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    finally:
        os.umask(before)

    assert modes["s"] == 0o700
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}


def test_a_state_directory_that_cannot_be_made_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError) as caught:
        StateDirectory(tmp_path / "file" / "s").account(URL, OURS)

    assert caught.value.code == "state_unwritable"
    assert error_text(caught.value)


def test_a_state_directory_in_which_nothing_can_be_locked_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "accounts.lock").mkdir()

    with pytest.raises(UsageError) as caught:
        StateDirectory(tmp_path).account(URL, OURS)

    assert caught.value.code == "state_unwritable"


def test_an_account_is_held_as_long_as_a_run_holds_it(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    account = state.account(URL, OURS)

    with account.lock("a run"):
        assert state.is_held(account.id)
    assert not state.is_held(account.id)
    assert not state.is_held("no account")


@pytest.mark.fault(
    "Files change or are damaged",
    "the list of accounts is damaged",
    "is told (exit 2); no new account is made",
)
def test_a_damaged_list_of_accounts_is_a_usage_error_not_a_new_account(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path / "s")
    state.account(URL, OURS)
    (tmp_path / "s" / "accounts.json").write_text("{")

    with pytest.raises(UsageError) as caught:
        state.account(URL, OURS)

    assert error_text(caught.value)


@pytest.mark.parametrize("content", ["", "not hex", "zz"])
def test_a_damaged_secret_is_a_usage_error(tmp_path: Path, content: str) -> None:
    """Were it made anew, or taken as empty, the account would be another one and its lock would hold nobody."""
    state = StateDirectory(tmp_path / "s")
    first = state.account(URL, OURS)
    (tmp_path / "s" / "secret").write_text(content)

    with pytest.raises(UsageError):
        assert state.account(URL, OURS) == first


def test_the_last_writer_is_remembered(tmp_path: Path) -> None:
    account = StateDirectory(tmp_path / "s").account(URL, OURS)
    assert account.last_writer == ""

    account.record_writer("20261121T1200-abc123")

    again = StateDirectory(tmp_path / "s").account(URL, OURS)
    assert again.last_writer == "20261121T1200-abc123"


# The lock

_HOLDER = f"""
import sys, time
from pathlib import Path
from sync.runs import StateDirectory
from sync.settings import Credentials
with StateDirectory(Path(sys.argv[1])).account({URL!r}, Credentials({KEY!r}, {HASH!r})).lock("run of another process"):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(path: Path) -> "subprocess.Popen[str]":
    """Another process that holds the account."""
    process = subprocess.Popen([sys.executable, "-c", _HOLDER, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


@pytest.mark.fault(
    "Somebody else is at work",
    "a process that holds the account is killed",
    "the account is free at once",
)
def test_a_second_process_is_refused_and_a_kill_releases_the_account(tmp_path: Path) -> None:
    account = StateDirectory(tmp_path / "s").account(URL, OURS)
    with holder(tmp_path / "s") as process:
        started = time.monotonic()
        with pytest.raises(RunRefused) as caught, account.lock("ours"):
            pass
        waited = time.monotonic() - started
        process.kill()

    assert (caught.value.code, caught.value.exit_code) == ("account_locked", 4)
    assert "run of another process" in error_text(caught.value)
    assert waited < 2
    with account.lock("ours"):
        pass


def test_a_second_run_in_the_same_process_is_refused(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path / "s")

    with state.account(URL, OURS).lock("one"), pytest.raises(RunRefused), state.account(URL, OURS).lock("two"):
        pass


def test_the_lock_is_released_when_the_run_ends_in_an_error(tmp_path: Path) -> None:
    account = StateDirectory(tmp_path / "s").account(URL, OURS)

    with pytest.raises(ZeroDivisionError), account.lock("one"):
        raise ZeroDivisionError
    with account.lock("two"):
        pass


def test_another_account_is_not_held(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path / "s")

    with state.account(URL, OURS).lock("one"), state.account(URL, Credentials("other", HASH)).lock("two"):
        pass


# Where runs are


def test_a_run_is_found_by_its_id_and_by_its_path(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path / "s")
    path = state.new_run_path("20261121T1200-abc123")
    a_run(path).close()

    assert state.find_run("20261121T1200-abc123") == path
    assert state.find_run(str(path)) == path


def test_a_run_saved_elsewhere_is_found_by_its_id(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path / "s")
    path = tmp_path / "müşteri planı.run"
    a_run(path).close()
    state.record_elsewhere("20261121T1200-abc123", path)

    assert state.find_run("20261121T1200-abc123") == path
    assert state.run_paths() == [path]


@pytest.mark.parametrize("name", ["none", "", ".", "..", "../runs/a", "a/b", "/", "x" * 300, "a\0b", "ğ"])
def test_what_is_no_run_is_unknown(tmp_path: Path, name: str) -> None:
    state = StateDirectory(tmp_path / "s")
    state.new_run_path("a")

    with pytest.raises(UsageError) as caught:
        state.find_run(name)

    assert caught.value.code == "run_unknown"


def test_the_newest_run_comes_first_and_one_that_is_gone_does_not_come(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path / "s")
    for name in ("20261120T0900-a", "20261121T0900-a", "20261119T0900-a"):
        a_run(state.new_run_path(name)).close()
    state.record_elsewhere("20261122T0900-a", tmp_path / "gone.run")

    assert [path.stem for path in state.run_paths()] == ["20261121T0900-a", "20261120T0900-a", "20261119T0900-a"]


def test_without_runs_there_are_none(tmp_path: Path) -> None:
    assert StateDirectory(tmp_path / "s").run_paths() == []


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, RunStopped), (errno.EFBIG, RunStopped), (errno.EROFS, UsageError)]
)
def test_a_note_that_cannot_be_written_is_told_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[ImsyncError]
) -> None:
    account = StateDirectory(tmp_path).account("https://example.com/v1", Credentials("a", "b"))

    def full(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(kind) as error:
        account.record_writer("20261121T1200-abc123")

    assert error_text(error.value)
    assert not [path for path in account.folder.iterdir() if path.name.startswith(".")]


def test_a_note_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    account = StateDirectory(tmp_path).account("https://example.com/v1", Credentials("a", "b"))
    (account.folder / "last-writer").write_bytes(b"\xff\xfe")

    with pytest.raises(UsageError):
        _ = account.last_writer


@pytest.mark.parametrize(("note", "told"), [(b"run 1\xff", "run 1\ufffd"), (None, "?"), (b"x" * 10_000, "x" * 200)])
def test_who_holds_the_account_is_told_whatever_stands_in_the_note(
    tmp_path: Path, note: bytes | None, told: str
) -> None:
    account = StateDirectory(tmp_path / "s").account(URL, OURS)
    with account.lock("run 1"):
        path = account.folder / "lock-owner"
        path.unlink()
        if note is not None:
            path.write_bytes(note)

        with pytest.raises(RunRefused) as caught, account.lock("run 2"):
            pass

    assert caught.value.values["owner"] == told
