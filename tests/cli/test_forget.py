"""`imsync forget`: one person is forgotten on this machine, and nobody else is mistaken for that person."""

from pathlib import Path

import pytest

from tests.cli.conftest import Desk, people


@pytest.fixture
def nights(desk: Desk) -> Desk:
    """Two nights: the first with Kişi0 and Kişi1, the second with Kişi2 alone."""
    desk.sheet(people(2))
    assert 0 == desk.run("sync", "sheet.csv", "-m", "mapping.yaml", "--yes", "-q", "--rate", "2000").code
    desk.sheet(people(1, first=2))
    assert 0 == desk.run("sync", "sheet.csv", "-m", "mapping.yaml", "--yes", "-q", "--rate", "2000").code
    return desk


def everything(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def runs(desk: Desk) -> list[Path]:
    return sorted((desk.folder / "state" / "runs").glob("*.run"))


@pytest.mark.parametrize("asked", ["+905002000001", "0500 200 00 01", "kisi1@example.com", "Kisi1@Example.com"])
def test_a_person_is_found_in_any_form_and_only_those_runs_go(nights: Desk, asked: str) -> None:
    first, second = sorted(runs(nights), key=lambda path: path.stat().st_mtime)

    ended = nights.run("forget", asked, "--yes", "--json")

    assert (0, "completed") == (ended.code, ended.summary["status"])
    assert [first.stem] == [each["run"] for each in ended.summary["runs"]]
    assert [second] == runs(nights)
    assert not list((nights.folder / "reports").glob(f"{first.stem}/*"))
    assert list((nights.folder / "reports").glob(f"{second.stem}/report.csv"))
    left = b"".join(path.read_bytes() for path in everything(nights.folder))
    assert b"kisi1@example.com" not in left
    assert b"500 2000001" not in left
    assert b"kisi2@example.com" in left


def test_what_jobs_remember_of_the_person_goes_too(nights: Desk) -> None:
    assert 1 == nights.run("forget", "kisi1@example.com", "--yes", "--json").summary["remembered"]


def test_a_dry_run_deletes_nothing_and_names_your_own_file(nights: Desk) -> None:
    before = everything(nights.folder)

    ended = nights.run("forget", "kisi2@example.com", "--dry-run")

    assert (0, before) == (ended.code, everything(nights.folder))
    assert "1 run" in ended.out
    assert "sheet.csv is your own file" in ended.err


def test_without_a_terminal_nothing_is_deleted_unasked(nights: Desk) -> None:
    before = everything(nights.folder)

    assert 4 == nights.run("forget", "kisi1@example.com").code
    assert before == everything(nights.folder)


def test_somebody_who_is_in_no_run_is_told_so(nights: Desk) -> None:
    ended = nights.run("forget", "isi1@example.com", "--yes")

    assert 0 == ended.code
    assert "Nothing on this machine" in ended.out
    assert 2 == len(runs(nights))


def test_a_run_that_can_be_resumed_is_kept_and_named(desk: Desk) -> None:
    desk.sheet(people(2))
    assert 6 == desk.sync("--limit", "1").code

    ended = desk.run("forget", "kisi1@example.com", "--yes")

    assert "imsync resume" in ended.err
    assert 1 == len(runs(desk))


def test_what_is_no_person_is_refused_with_an_example(desk: Desk) -> None:
    ended = desk.run("forget", "12")

    assert 2 == ended.code
    assert "imsync forget +905001112233" in ended.err


def test_what_jobs_remember_goes_even_when_no_run_tells_of_the_person_any_more(nights: Desk) -> None:
    for path in runs(nights):
        path.unlink()

    assert 1 == nights.run("forget", "0500 200 00 01", "--dry-run", "--json").summary["remembered"]
    assert 1 == nights.run("forget", "0500 200 00 01", "--yes", "--json").summary["remembered"]
    assert 0 == nights.run("forget", "kisi1@example.com", "--yes", "--json").summary["remembered"]
    assert 1 == nights.run("forget", "kisi0@example.com", "--yes", "--json").summary["remembered"]


def test_a_memory_whose_key_is_lost_cannot_say_whom_it_knows(nights: Desk) -> None:
    (key,) = (nights.folder / "state").glob("accounts/*/memory/key")
    key.unlink()

    ended = nights.run("forget", "kisi1@example.com", "--yes", "--json")

    assert (2, "memory_of_other_key") == (ended.code, ended.summary["error"]["code"])
