"""Key and hash, looked for in everything that commands leave behind, however they end and in whatever spelling."""

import base64
import hashlib
import html
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch
from urllib.parse import quote, quote_plus

import click
import pytest

from sync.cli import log_lines
from sync.cli.log_lines import masked, never_show
from sync.cli.overview import COMMANDS
from sync.cli.program import imsync
from sync.remote.transport import HttpTransport
from sync.sandbox import Faults
from sync.sandbox.outages import Outage
from tests.cli.conftest import Desk, Ended, people, small_book

# Of letters that look different in an address, in XML, in JSON and in base64.
KEY, HASH = "k3y+of/the=test&ğ<ü>", 'h4sh "of" the\\test%+ş'
GIVEN = {"ILETIMERKEZI_API_KEY": KEY, "ILETIMERKEZI_API_HASH": HASH}
ROWS = [["Ayşe", "Yılmaz", "ayse@example.com", "0500 100 01 00", "28.09.1984", "Bayiler"], *people(6)]
IMPATIENT = "version: 1\napi: {patience: 1, timeout: 1}\n"


def spellings(secret: str) -> set[bytes]:
    """The forms in which a secret could lie in a file; the middle of base64 however it begins before it."""
    content = secret.encode()
    texts = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), html.escape(secret), content.hex()}
    texts |= {html.escape(secret, quote=False), json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    texts |= {repr(secret)[1:-1], repr(content)[2:-1], secret[::-1], secret[: len(secret) * 2 // 3]}
    for before in range(3):
        for pack in (base64.b64encode, base64.urlsafe_b64encode):
            texts.add(pack(b"x" * before + content + b"x" * 3)[4:-8].decode())
    for algorithm in ("md5", "sha1", "sha256", "sha512"):  # which whoever has a list of keys can turn round
        texts.add(hashlib.new(algorithm, content).hexdigest())
    encoded = [text.encode(code) for text in texts for code in ("utf-8", "utf-16-le", "utf-16-be")]
    return {each for each in encoded if len(each) >= 8}


SOUGHT = spellings(KEY) | spellings(HASH) | {base64.b64encode(f"{KEY}:{HASH}".encode())}


def leaks(folder: Path, *ended: Ended, besides: str = "") -> list[str]:
    """Where one of them stands."""
    shown = {f"output {number}": f"{each.out}{each.err}".encode() for number, each in enumerate(ended)}
    shown |= {"besides": besides.encode(errors="surrogateescape")}
    files = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    names = {f"name {path}": os.fsencode(path) for path in folder.rglob("*")}
    places = shown | files | names
    assert any(name.endswith("accounts.json") for name in files) or not ended, "the state directory was looked at"
    return [name for name, content in places.items() if any(each in content for each in SOUGHT)]


@pytest.fixture
def opened(desk_with: Callable[..., Desk]) -> Iterator[Callable[..., Desk]]:
    """A desk whose account has these credentials."""

    def desk(faults: Faults | None = None) -> Desk:
        found = desk_with({**small_book(), "credentials": {"key": KEY, "hash": HASH}}, faults=faults)
        found.environment.update(GIVEN)
        found.sheet(ROWS)
        return found

    yield desk
    log_lines._SECRETS.clear()


def test_each_spelling_would_be_found(tmp_path: Path) -> None:
    for number, each in enumerate(sorted(SOUGHT)):
        (tmp_path / "a").write_bytes(b"before" + each + b"after")
        assert len(leaks(tmp_path)) == 1, number


def test_commands_of_every_kind_leave_none(opened: Callable[..., Desk]) -> None:
    desk = opened()
    run = desk.sync("-v").summary["run"]
    ended = [
        desk.sync("-v", "--wire", "xml", "--log-format", "json"),
        desk.run("doctor", "-v"),
        desk.run("plan", "sheet.csv", "-m", "mapping.yaml", "-o", "a.plan", "-v"),
        desk.run("export", "-o", "book.xlsx", "-v"),
        desk.run("reconcile", "sheet.csv", "-m", "mapping.yaml", "-v"),
        desk.run("groups", "list", "--json"),
        desk.run("fields", "-v"),
        desk.run("runs", "show", run),
        desk.run("why", run, "2"),
        desk.run("report", run, "--report-dir", "again"),
        desk.run("undo", run, "--yes", "-v", "--report-dir", "undone"),
    ]

    assert [each.code for each in ended] == [0] * len(ended), [each.err for each in ended if each.code]
    assert leaks(desk.folder, *ended) == []


def test_refusals_and_outages_leave_none(opened: Callable[..., Desk]) -> None:
    desk = opened(Faults(outages=(Outage(9, 10_000, "hang_up", "requests"),)))
    desk.write(
        "mapping.yaml", (desk.folder / "mapping.yaml").read_text(encoding="utf-8").replace("version: 1\n", IMPATIENT)
    )

    ended = [desk.sync("-v"), desk.sync("-v", "--log-format", "json")]
    desk.server.state.api_access = False
    desk.environment["ILETIMERKEZI_API_KEY"] = KEY + "wrong"
    ended.append(desk.sync("-v", "--wire", "xml"))

    assert [each.code for each in ended] == [6, 6, 6]
    assert leaks(desk.folder, *ended) == []


def test_a_401_that_sends_them_back_leaves_none(opened: Callable[..., Desk]) -> None:
    desk = opened()
    desk.server.state.api_access = False

    ended = [desk.run(command, "-v") for command in ("doctor", "fields")]

    assert [each.code for each in ended] == [5, 5]
    assert leaks(desk.folder, *ended) == []


class _Shouts:
    """Fails with all that it was given in its text, as no error of ours does."""

    def __init__(self, kind: type[Exception]) -> None:
        self.kind = kind
        self.given: list[bytes] = []

    async def post(self, path: str, body: bytes, content_type: str) -> NoReturn:
        self.given.append(body)
        text = body.decode()
        raise self.kind(f"{path} {content_type} {text} {quote(KEY)} {base64.b64encode(HASH.encode()).decode()}")


@pytest.mark.fault(
    "Answers that are meant to harm",
    "a bug of ours whose text holds the credentials",
    "they are masked",
)
@pytest.mark.parametrize("words", [("-v",), ("-v", "--json"), ("--log-format", "json", "-v"), ()])
@pytest.mark.parametrize("wire", ["json", "xml"])
def test_a_bug_whose_text_holds_them_shows_none(opened: Callable[..., Desk], words: tuple[str, ...], wire: str) -> None:
    """A traceback tells what went wrong; masked are the pieces that are secret."""
    desk = opened()
    desk.run("doctor")
    loud = _Shouts(RuntimeError)

    with patch.object(HttpTransport, "post", lambda _, *given: loud.post(*given)):
        ended = desk.sync("--wire", wire, *words)

    assert ended.code == 1
    assert loud.given, "it has failed where the request was to be sent"
    assert "RuntimeError" in ended.err
    assert leaks(desk.folder, ended) == []


def test_what_all_libraries_log_holds_none(opened: Callable[..., Desk], caplog: pytest.LogCaptureFixture) -> None:
    desk = opened()
    caplog.set_level(logging.DEBUG)

    ended = desk.sync("-v")

    assert ended.code == 0
    assert "httpcore" in caplog.text
    assert leaks(desk.folder, ended, besides=caplog.text) == []


def test_short_ones_are_no_reason_to_mask_whole_sentences() -> None:
    never_show(("a", "key"))

    assert masked("a key for a key") == "a key for a key"


def test_no_command_takes_them_as_an_option() -> None:
    """Whoever lists the processes would see them, and the shell would remember them."""
    context = click.Context(imsync)
    names: set[str] = set()
    waiting: list[Any] = [imsync.get_command(context, name) for name in COMMANDS]  # type: ignore[attr-defined]
    while waiting:
        command = waiting.pop()
        names |= {name for each in command.params for name in each.opts if name.startswith("-")}
        waiting += list(getattr(command, "commands", {}).values())

    assert {"--profile", "--from-env"} <= names
    names.remove("--phone-key")  # of the sandbox: a search term
    assert [
        each for each in names if any(word in each for word in ("-key", "hash", "password", "secret", "token"))
    ] == []


# A process that ends by force


@pytest.mark.fault(
    "The process is killed, or the power fails",
    "by SIGABRT, where cores are written",
    "no core is left",
)
@pytest.mark.skipif(not hasattr(signal, "SIGABRT") or sys.platform == "win32", reason="signals and cores are POSIX's")
def test_a_killed_process_leaves_no_core_and_no_credentials(opened: Callable[..., Desk]) -> None:
    """And so no address book either: memory is not written to the disk."""
    desk = opened(Faults(latency=30.0))
    program = (
        "import os, resource, signal, threading\n"
        "hard = resource.getrlimit(resource.RLIMIT_CORE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))\n"
        "from sync.cli.main import main\n"
        "from sync.remote.transport import HttpTransport\n"
        "async def post(self, path, body, kind): os.kill(os.getpid(), signal.SIGABRT)\n"
        "HttpTransport.post = post\n"
        "main(['fields', '-v'])\n"
    )

    with subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", program],
        cwd=desk.folder,
        env=desk.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = process.stdout.read() + process.stderr.read()
        _, status = os.waitpid(process.pid, 0)
        process.returncode = -os.WTERMSIG(status)

    assert os.WTERMSIG(status) == signal.SIGABRT
    assert not os.WCOREDUMP(status)
    assert b"Fatal Python error: Aborted" in said
    assert [each.name for each in desk.folder.rglob("core*")] == []
    assert leaks(desk.folder, besides=said.decode()) == []
