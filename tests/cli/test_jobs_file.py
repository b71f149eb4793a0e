"""imsync.toml: what is wrong in it is told at once, each mistake with its line and the nearest valid name."""

import os
from pathlib import Path

import pytest

from sync.cli.commands.sync import sync
from sync.cli.jobs_file import KEEP_RUNS, Jobs, read_jobs
from sync.errors import JobsError
from sync.messages import problem_text


def read(folder: Path, text: str) -> Jobs:
    path = folder / "imsync.toml"
    path.write_text(text, encoding="utf-8")
    return read_jobs(path, sync)


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(JobsError) as wrong:
        read(folder, text)
    assert 2 == wrong.value.exit_code
    return [problem_text(problem).removeprefix(f"{folder}/imsync.toml:") for problem in wrong.value.problems]


WHOLE = """\
keep_runs = "30d"
state_dir = "state"

[defaults]
settle = "30s"
resume_first = true
rate = 5

[jobs.customers]
files = ["inbox/customers-*.csv", "more.csv"]
mapping = "customers.yaml"
profile = "shop"
newest = true
rate = 20
allow = ["max_adds", "max_edits"]
max_runtime = "2h"
verify = false

[jobs.dealers]
files = "dealers.xlsx"
mapping = "dealers.yaml"
"""


def test_a_whole_file_is_read_and_a_jobs_own_options_beat_the_defaults(tmp_path: Path) -> None:
    jobs = read(tmp_path, WHOLE)

    assert (30 * 86400.0, "state") == (jobs.keep_runs, jobs.state_dir)
    customers, dealers = jobs.jobs["customers"], jobs.jobs["dealers"]
    assert ("customers.yaml", "shop", True, 7200.0) == (
        customers.mapping, customers.profile, customers.newest, customers.max_runtime,
    )  # fmt: skip
    assert {
        "--profile=shop", "--rate=20", "--allow=max_adds", "--allow=max_edits", "--max-runtime=2h", "--settle=30s",
        "--resume-first",
    } == set(customers.words)  # fmt: skip
    assert ({"--settle=30s", "--resume-first", "--rate=5"}, None) == (set(dealers.words), dealers.max_runtime)


def test_runs_are_kept_for_ninety_days_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    job = '[jobs.a]\nfiles = ["a.csv"]\nmapping = "a.yaml"\n'

    assert 90 * 86400 == KEEP_RUNS == read(tmp_path, job).keep_runs
    assert read(tmp_path, f'keep_runs = "forever"\n{job}').keep_runs is None


def test_all_mistakes_are_told_at_once_each_at_its_place(tmp_path: Path) -> None:
    told = mistakes(
        tmp_path,
        """\
keep_run = "30d"
keep_runs = "soon"

[defaults]
setle = "30s"
rate = "quick"

[jobs.customers]
files = [
  1,
]
maping = "customers.yaml"
verify = "yes"
allow = ["max_everything"]
api_key = "secret"

[jobs."zwei drei"]
files = ["a.csv"]
mapping = ""
""",
    )

    assert [line.split(": ", 1)[0] for line in told] == [
        "1:1", "2:1", "5:1", "6:1", "8:1", "9:1", "12:1", "13:1", "14:1", "15:1", "17:1", "19:1",
    ]  # fmt: skip
    assert "“keep_run” is not known. Did you mean “keep_runs”?" in told[0]
    assert "“keep_runs” cannot be 'soon'" in told[1]
    assert "Did you mean “settle”?" in told[2]
    assert "“rate” cannot be 'quick'" in told[3]
    assert "the job “customers” lacks “mapping”" in told[4]
    assert "“files” must be a list" in told[5]
    assert "Did you mean “mapping”?" in told[6]
    assert "“verify” must be true or false" in told[7]
    assert "max_everything" in told[8]
    assert "secret" not in " ".join(told).replace("api_key", "").replace("secrets", "")
    assert "no name of a job" in told[10]


def test_what_is_wrong_in_the_defaults_is_told_once_for_all_jobs(tmp_path: Path) -> None:
    jobs = "".join(f'[jobs.{name}]\nfiles = ["a.csv"]\nmapping = "a.yaml"\n' for name in "abc")

    assert 1 == len(mistakes(tmp_path, f"[defaults]\nworkers = 0\n{jobs}"))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[jobs.a]\nfiles = ["a.csv"\n', "2:1: a bracket is not closed, or a comma is missing"),
        ("[jobs.a]\nfiles = yes\n", "2:9: the value cannot be read"),
        ("", "1:1: there are no jobs"),
        ("[jobs]\n", "1:1: there are no jobs"),
        ("jobs = 1\n", "1:1: “jobs” must hold names"),
        ('jobs = {a = {files = ["a.csv"], mappin = "x", mapping = "a.yaml"}}\n', "1:1: “jobs.a.mappin” is not known"),
        ('x = """\nfiles = 1\n"""\n[jobs.a]\nfiles = ["a.csv"]\nmapping = "a.yaml"\n', "1:1: “x” is not known"),
        ('[jobs.a]\nfiles = ["a.csv"]\nmapping = "a.yaml"\ndry_run = true\n', "4:1: “jobs.a.dry_run” is not known"),
        (
            '[jobs.a]\nfiles = ["a.csv"]\nmapping = "a.yaml"\n  hash = "x"\n',
            "4:3: “jobs.a.hash” looks like a credential",
        ),
    ],
)
def test_a_mistakes_place_is_right_whatever_form_the_toml_has(tmp_path: Path, text: str, place: str) -> None:
    assert place in " ".join(mistakes(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("mapping\n", "toml_statement"),
        ("= 1\n", "toml_statement"),
        ("ş = 1\n", "toml_statement"),
        ("[jobs.a\n", "toml_bracket"),
        ('files = ["x"\n', "toml_bracket"),
        ("a = {b = 1\n", "toml_bracket"),
        ('files = "x\n', "toml_quote"),
        ("files = 'x", "toml_quote"),
        ('files = """x\n', "toml_quote"),
        ("files = '''x\n", "toml_quote"),
        ('files = "x" y\n', "toml_after"),
        ('files = "x"\nfiles = "y"\n', "toml_twice"),
        ("[a]\n[a]\n", "toml_twice"),
        ("a = {b = 1, b = 2}\n", "toml_twice"),
        ('a = "C:\\dosya"\n', "toml_escape"),
        ('a = "\\uZZZZ"\n', "toml_escape"),
        ("a = 2026-02-30\n", "toml_date"),
        ('a = "x\x07"\n', "toml_character"),
        (f"a = {'[' * 5000}", "toml_deep"),
        (f"a = {'9' * 5000}\n", "toml_value"),
    ],
)
def test_what_is_no_toml_is_told_by_its_kind(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(JobsError) as wrong:
        read(tmp_path, text)

    assert [problem.code for problem in wrong.value.problems] == [code]
    assert all(problem.line for problem in wrong.value.problems)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "imsync.toml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(JobsError):
        read_jobs(path, sync)
    with pytest.raises(JobsError):
        read_jobs(tmp_path, sync)


def test_patterns_find_files_and_plain_names_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    for number, name in enumerate(["b.csv", "a.csv", "c.txt"]):
        (tmp_path / "inbox" / name).write_text("x", encoding="utf-8")
        os.utime(tmp_path / "inbox" / name, (number, number))
    inbox = tmp_path / "inbox"

    def found(files: str, more: str = "") -> list[str]:
        jobs = read(tmp_path, f'[jobs.a]\nfiles = {files}\nmapping = "a.yaml"\n{more}')
        return jobs.jobs["a"].files(tmp_path)

    assert [str(inbox / "a.csv"), str(inbox / "b.csv")] == found('["inbox/*.csv"]')
    assert ["none.csv"] == found('["none.csv"]')
    assert [] == found('["none-*.csv"]')
    assert [str(inbox / "a.csv")] == found('["inbox/*.csv"]', "newest = true\n")
    assert [str(inbox / "b.csv"), str(inbox / "a.csv")] == found(f'["{inbox}/b*", "inbox/*.csv"]')
