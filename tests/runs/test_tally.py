"""How many rows ended how: kept when a run ends, counted again once the journal has gone on."""

from pathlib import Path

import pytest

from sync.change import Settled
from sync.runs import RunFile, RunJournal
from tests.runs.building import a_run, journaled


@pytest.fixture
def run_file(tmp_path: Path) -> RunFile:
    return a_run(tmp_path / "a.run", 60)


def settle(run_file: RunFile, number: int = 0) -> None:
    async def work(journal: RunJournal) -> None:
        await journal.sending(number)
        await journal.settled(number, Settled("added", 77, altered={"name": ["a", "b"]}))

    journaled(run_file, work)


def forget_rows(run_file: RunFile) -> None:
    """Takes away what could be counted, so that only what was kept can be told."""
    run_file.connection.execute("UPDATE rows SET outcome = 'held', planned = 'held'")


def test_a_new_plan_knows_its_figures_without_counting(run_file: RunFile) -> None:
    counted = (run_file.row_count, run_file.outcomes(planned=True), run_file.outcomes(), run_file.altered())
    forget_rows(run_file)
    tally = run_file.tally()

    assert (tally.rows, tally.planned, tally.outcomes, tally.altered) == counted
    assert tally.removals == {}


def test_what_the_journal_has_written_since_is_counted(run_file: RunFile) -> None:
    before = run_file.tally()
    settle(run_file)
    after = run_file.tally()

    assert after.outcomes["added"] == 1
    assert after.outcomes["pending"] == before.outcomes["pending"] - 1
    assert after.altered == 1


def test_the_figures_are_kept_when_the_run_ends(run_file: RunFile) -> None:
    settle(run_file)
    run_file.meta.status = "completed"
    run_file.save_meta()
    forget_rows(run_file)
    run_file.close()
    again = RunFile.open(run_file.path, look=True)

    assert (again.tally().outcomes["added"], again.tally().altered, again.tally().rows) == (1, 1, 60)
    again.close()


def test_nothing_is_counted_while_a_run_is_under_way(run_file: RunFile) -> None:
    settle(run_file)
    run_file.meta.status = "applying"
    run_file.save_meta()

    assert run_file.meta.counts["transitions"] == 0
    assert run_file.tally().outcomes["added"] == 1


def test_a_file_that_has_kept_no_figures_is_counted(run_file: RunFile) -> None:
    run_file.meta.counts = {}

    assert run_file.tally().outcomes == run_file.outcomes()


def test_where_the_reports_are_is_noted_and_nothing_else_is_written(run_file: RunFile, tmp_path: Path) -> None:
    other = RunFile.open(run_file.path)
    other.meta.status = "completed"
    other.save_meta()
    run_file.note_reports([tmp_path / "report.html"])
    other.close()
    run_file.close()
    again = RunFile.open(run_file.path, look=True)

    assert (again.meta.status, again.meta.reports) == ("completed", [str(tmp_path / "report.html")])
    again.close()


def test_when_the_journal_was_written_last_is_known(run_file: RunFile) -> None:
    before = run_file.last_moment()
    settle(run_file)

    assert before == ""
    assert run_file.last_moment().startswith("20")
