"""What a command line shows of the memory between runs."""

from tests.cli.conftest import Desk, people


def test_the_same_input_is_skipped_where_that_is_asked_for(desk: Desk) -> None:
    desk.sheet(people(3))
    first = desk.sync("--skip-same-input")
    sent = len(desk.server.ledger)

    again = desk.sync("--skip-same-input")

    assert (first.code, first.summary["outcomes"]["added"]) == (0, 3)
    assert (again.code, again.summary["run"], again.summary["outcomes"]["held"]) == (0, None, 3)
    assert first.summary["run"] in again.err
    assert len(desk.server.ledger) == sent
    desk.sheet(people(4))
    assert desk.sync("--skip-same-input").summary["outcomes"]["added"] == 1


def test_half_a_file_is_refused_until_the_guard_is_lifted(desk: Desk) -> None:
    desk.sheet(people(30))
    assert desk.sync().code == 0
    desk.sheet(people(10))

    refused = desk.sync()

    assert refused.code == 4
    assert "10 rows, after 30 in the last full run (33.4%)" in refused.err
    assert desk.sync("--partial").code == 0
    assert desk.sync("--allow", "min_rows").code == 0
    assert desk.sync().code == 0  # that is the measure now


def test_who_was_erased_in_the_panel_comes_back_only_when_asked(desk: Desk) -> None:
    desk.sheet(people(3))
    desk.sync()
    (erased,) = (each.id for each in desk.server.state.contacts.values() if each.name == "Kişi1")
    desk.server.state.delete_contact(erased)

    held = desk.sync()

    assert (held.code, held.summary["outcomes"]["held"]) == (0, 1)
    assert "erased in the panel" in desk.report()[1]["message"]
    assert (
        desk.run("plan", "sheet.csv", "-m", "mapping.yaml", "--bring-back", "--json").summary["outcomes"]["added"] == 1
    )
    assert desk.sync("--bring-back").summary["outcomes"]["added"] == 1
