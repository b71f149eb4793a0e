"""Mapping, imsync.toml, `.env` and small files of ours with mistakes in them: read, or refused with their sentences."""

import json
import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st

from sync.cli.commands.sync import sync as command
from sync.cli.credentials import credentials
from sync.cli.jobs_file import read_jobs
from sync.memory import recall_search
from sync.run import read_mapping
from sync.runs import StateDirectory
from sync.settings import Credentials
from tests.fuzz.mutating import mutated, only_refusals, tried

MAPPING = (Path(__file__).parents[2] / "mappings" / "customers.yaml").read_bytes()
YAML = [
    b"&a ", b"*a", b"<<: *a", b"!!python/object/apply:os.system [ls]", b"!!binary aGk=", b"!!set {a}", b"? ", b"- ",
    b": ", b"{", b"[", b"]", b"}", b"|\n", b">\n", b"---\n", b"...\n", b"%YAML 9.9\n", b"%TAG ! x\n", b"\t", b"#",
    b'"\\x00"', b"'", b"2026-11-21", b"0o17", b".inf", b".nan", b"~", b"yes", b"1_000", b"0x1F", b"12:30:45", b"  ",
    b"\n",
]  # fmt: skip
JOBS = b"""\
keep_runs = "30d"
state_dir = "state"
[defaults]
rate = 5
profile = "branch"
[jobs.customers]
files = ["*.xlsx", "a.csv"]
mapping = "mapping.yaml"
newest = true
max_runtime = "2h"
allow = ["max_edits"]
[jobs."b c"]
files = '''
x.csv'''
mapping = "m.yaml"
"""
TOML = [
    b"[jobs.a]", b"[[jobs]]", b"[jobs]\n", b'"""', b"'''", b"= 1979-05-27T07:32:00Z", b"= {a = 1}", b"= [[], {}]",
    b"= inf", b"\\u0000", b"a.b.c = 1\n", b"= -9223372036854775809", b"\n",
]  # fmt: skip
BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(8)
)


@given(
    mutated(MAPPING, tokens=YAML) | st.binary(max_size=60) | st.lists(st.sampled_from(YAML), max_size=12).map(b"".join)
)
@example(BOMB)
@example(b"version: 1\nfields: " + BOMB.replace(b"\n", b"\n  "))
@example(b"[" * 50_000)
@example(b"{a: " * 5_000)
@example(b"- " * 5_000)
@example(b"version: " + b"9" * 5_000)
@example(b"version: 1e999999999")
@example(b"version: 0x" + b"f" * 5_000)
@tried()
def test_a_mapping_with_mistakes_is_read_or_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, only_refusals():
        path = Path(folder) / "mapping.yaml"
        path.write_bytes(content)
        read_mapping(path)


@given(mutated(JOBS, tokens=TOML) | st.binary(max_size=60) | st.lists(st.sampled_from(TOML), max_size=8).map(b"".join))
@example(b"a = " + b"[" * 50_000)
@example(b"a." * 5_000 + b"a = 1")
@example(b"a = " + b"9" * 10_000)
@example(b"a = " + b"{a = " * 5_000)
@tried()
def test_a_file_of_jobs_with_mistakes_is_read_or_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, only_refusals():
        path = Path(folder) / "imsync.toml"
        path.write_bytes(content)
        jobs = read_jobs(path, command)
        for each in jobs.jobs.values():
            each.files(Path(folder))


ENV = b"# ours\nILETIMERKEZI_API_KEY=abc\nexport ILETIMERKEZI_API_HASH='d e f'\nOTHER=${HOME}x\n"


@given(mutated(ENV, tokens=[b"${", b"}", b"=", b"'", b'"', b"\\", b"\n", b"export ", b"${ILETIMERKEZI_API_KEY}"]))
@tried()
def test_a_dotenv_file_with_mistakes_is_read_or_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ".env"
        path.write_bytes(content)
        path.chmod(0o600)
        own = {"IMSYNC_ENV_FILE": str(path), "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        with patch.dict(os.environ, own), only_refusals():
            for name in ("ILETIMERKEZI_API_KEY", "ILETIMERKEZI_API_HASH"):
                os.environ.pop(name, None)
            found = credentials()
            assert found.key
            assert found.hash


@given(st.data())
@tried()
def test_small_files_of_the_state_directory_with_mistakes_are_read_or_refused(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        state, ours = StateDirectory(Path(folder) / "s"), Credentials("one-key", "one-hash")
        account = state.account("https://api.example.com/v1", ours)
        account.record_writer("20261121T1200-abc123", "1")
        state.new_run_path("a")
        state.record_elsewhere("20261121T1200-abc123", Path(folder) / "x.run")
        (account.folder / "search.json").write_text(
            json.dumps({"forms": {"working": {"gsm": ["national"]}, "blind": []}, "at": "2026-11-21"}), encoding="utf-8"
        )
        files = sorted(path for path in state.path.rglob("*") if path.is_file() and path.suffix != ".lock")
        path = data.draw(st.sampled_from(files))
        path.write_bytes(data.draw(mutated(path.read_bytes(), tokens=[b"[", b"{", b"null", b"[" * 3000])))

        for work in (
            lambda: state.account("https://api.example.com/v1", ours),
            lambda: state.is_known("https://api.example.com/v1", ours),
            lambda: account.last_part,
            lambda: recall_search(account.folder),
            state.runs,
            lambda: state.find_run("20261121T1200-abc123"),
        ):
            with only_refusals():
                work()
